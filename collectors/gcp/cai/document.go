package cai

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"cloud.google.com/go/asset/apiv1/assetpb"

	"github.com/muster-audit/muster/collectors/gcp/resource"
)

// newest is the representation by the newest version of the API that there is. There are several while Google moves a type from one to
// the next. A version that is finished stands before one that is not.
func newest(list []*assetpb.VersionedResource) resource.Doc {
	list = slices.DeleteFunc(slices.Clone(list), func(v *assetpb.VersionedResource) bool { return v.GetResource() == nil })
	if len(list) == 0 {
		return nil
	}
	best := slices.MaxFunc(list, func(a, b *assetpb.VersionedResource) int { return compareVersions(a.GetVersion(), b.GetVersion()) })
	return best.GetResource().AsMap()
}

// version is a name like "v1", "v2beta1", "v1p1beta2".
var version = regexp.MustCompile(`^v([0-9]+)(?:p[0-9]+)?(?:(alpha|beta)([0-9]*))?$`)

func compareVersions(a, b string) int {
	return cmp.Or(slices.Compare(rank(a), rank(b)), strings.Compare(a, b))
}

// rank orders versions: by how finished they are, then by number. What is no version comes first.
func rank(name string) []int {
	m := version.FindStringSubmatch(name)
	if m == nil {
		return nil
	}
	major, _ := strconv.Atoi(m[1]) // digits
	minor, _ := strconv.Atoi(m[3]) // digits or nothing
	return []int{map[string]int{"alpha": 1, "beta": 2, "": 3}[m[2]], major, minor}
}

// texts writes resource-manager tags as "123/env=prod": the namespaced key, and the value's own name.
func texts(tags []*assetpb.Tag) []string {
	var list []string
	for _, t := range tags {
		key, value := t.GetTagKey(), t.GetTagValue()
		value = strings.TrimPrefix(value, key+"/")
		switch {
		case key == "" && value == "":
			continue
		case key == "": // its names may not be read: its ids are left
			key, value = t.GetTagKeyId(), t.GetTagValueId()
		}
		list = append(list, key+"="+value)
	}
	slices.Sort(list)
	return slices.Compact(list)
}
