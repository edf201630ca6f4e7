package resource

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
)

// Attributes of every type that come from the asset inventory's index: resource-manager tags, which are neither labels nor
// network tags.
const (
	attrTags          = "resourceManagerTags"
	attrEffectiveTags = "effectiveTags"
)

func (t *Table) key(r Resource) (string, error) {
	service, _, _ := strings.Cut(string(r.Type), "/")
	key, ok := catalog.FullName(service, r.Name, t.Project)
	if !ok {
		return "", fmt.Errorf("%s %q: no name that the asset could be told by", r.Type, r.Name)
	}
	return key, nil
}

// projectOf is the id of a resource's project, or its number where nobody knows the id.
func (t *Table) projectOf(r Resource) string {
	if id := t.projectID(r.Project); id != "" {
		return id
	}
	service, _, _ := strings.Cut(string(r.Type), "/")
	name, _ := catalog.FullName(service, r.Name, t.Project)
	return catalog.NameParts(name).Project
}

// place sets account, region and zone.
func (t *Table) place(a *inventory.Asset, r Resource) {
	parts := catalog.NameParts(a.Key)
	a.Account = t.projectID(r.Project)
	if a.Account == "" {
		a.Account = t.projectID(parts.Project)
	}
	location := lastSegment(r.Location)
	for _, field := range []string{"zone", "region", "location", "locationId"} {
		if location == "" {
			location = lastSegment(r.Data.Text(field))
		}
	}
	if location == "" {
		location = parts.Location
	}
	a.Region, a.Zone = regionOf(strings.ToLower(location))
}

// projectID returns a project's id, of an id, a number or "projects/…"; the number where nobody knows the id.
func (t *Table) projectID(project string) string {
	project = strings.TrimPrefix(project, "projects/")
	if t.Project == nil || strings.Trim(project, "0123456789") != "" {
		return project
	}
	if id := t.Project(project); id != "" {
		return id
	}
	return project
}

// regionOf splits a location. What is global has no region.
func regionOf(location string) (region, zone string) {
	if location == "global" || location == "-" {
		return "", ""
	}
	if n := len(location); n > 3 && location[n-2] == '-' && isDigit(location[n-3]) && location[n-1] >= 'a' && location[n-1] <= 'z' {
		return location[:n-2], location
	}
	return location, ""
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func lastSegment(s string) string { return s[strings.LastIndexByte(s, '/')+1:] }

// displayName is what people call a resource.
func displayName(r Resource, key string) string {
	if name := r.Data.Text("displayName"); name != "" {
		return name
	}
	if r.Index != nil && r.Index.DisplayName != "" {
		return r.Index.DisplayName
	}
	return lastSegment(key)
}

// labels reads the labels from where the type keeps them. They are unknown where neither the representation was given nor the index
// holds any, and where nobody knows whether the type can carry them.
func labels(row catalog.Row, known bool, r Resource) inventory.Tags {
	if known && row.Taggable == inventory.NotApplicable {
		return inventory.NotTaggable()
	}
	path := row.TagProperty
	if path == "" {
		path = "labels"
	}
	if found, ok := r.Data.Strings(path); ok {
		return inventory.TagsFromMap(found)
	}
	if r.Index != nil && len(r.Index.Labels) > 0 { // another version of the API may keep them elsewhere
		return inventory.TagsFromMap(r.Index.Labels)
	}
	if r.Data != nil && !r.Part && row.Taggable == inventory.Known {
		return inventory.KnownTags()
	}
	return inventory.UnknownTags()
}

// attributes are those that the catalog names for the type. What a whole representation leaves out is known to be unset.
func (t *Table) attributes(row catalog.Row, kind *Kind, r Resource) inventory.Attributes {
	if r.Data == nil && r.Index == nil {
		return inventory.Attributes{}
	}
	list := make([]inventory.Attribute, 0, len(row.Attributes)+len(row.Evidence)+2)
	for _, name := range namesIn(row, r) {
		list = append(list, inventory.Attribute{Name: name, Value: t.value(kind, r.Data, name)})
	}
	if r.Index != nil {
		list = append(list,
			inventory.Attribute{Name: attrTags, Value: inventory.StringsValue(r.Index.Tags)},
			inventory.Attribute{Name: attrEffectiveTags, Value: inventory.StringsValue(r.Index.EffectiveTags)})
	}
	return catalog.NewConcealer(t.Secret).Attributes(inventory.KnownAttributes(list...))
}

// namesIn are those of the attributes of which the representation tells something, if only that they are unset.
func namesIn(row catalog.Row, r Resource) []string {
	if r.Data == nil {
		return nil
	}
	names := make([]string, 0, len(row.Attributes)+len(row.Evidence))
	for _, a := range row.Attributes {
		names = append(names, a.Name)
	}
	names = append(names, row.Evidence...)
	if !r.Part {
		return names
	}
	return slices.DeleteFunc(names, func(name string) bool {
		_, ok := r.Data.At(name)
		return !ok
	})
}

func (t *Table) value(kind *Kind, d Doc, path string) inventory.Value {
	x, ok := d.At(path)
	if !ok {
		return inventory.Null
	}
	v, err := inventory.ValueOf(t.plain(x, kind.short(path)))
	if err != nil {
		return inventory.Unread
	}
	return v
}

// short reports whether people write the references in an attribute as bare names.
func (k *Kind) short(attribute string) bool {
	if k == nil {
		return false
	}
	for _, name := range k.Last {
		if name == attribute {
			return true
		}
	}
	return false
}

// plain writes references to other resources as full names, or as bare names.
func (t *Table) plain(x any, short bool) any {
	switch x := x.(type) {
	case string:
		if short {
			return lastSegment(x)
		}
		if !isReference(x) {
			return t.withID(x)
		}
		if name, ok := catalog.FullName("", x, t.Project); ok {
			return name
		}
	case []any:
		out := make([]any, len(x))
		for i, item := range x {
			out[i] = t.plain(item, short)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(x))
		for name, item := range x {
			out[name] = t.plain(item, short)
		}
		return out
	}
	return x
}

// withID writes the id of the project in place of its number in a relative name, "projects/123456789012/topics/dead"; any other text stays.
func (t *Table) withID(s string) string {
	rest, ok := strings.CutPrefix(s, "projects/")
	number, path, more := strings.Cut(rest, "/")
	if !ok || !more || number == "" || strings.Trim(number, "0123456789") != "" {
		return s
	}
	return "projects/" + t.projectID(number) + "/" + path
}

// isReference reports whether a text is a self link or a full resource name. Other URLs stay as they are.
func isReference(s string) bool {
	if rest, ok := strings.CutPrefix(s, "//"); ok {
		host, _, _ := strings.Cut(rest, "/")
		return strings.HasSuffix(host, ".googleapis.com")
	}
	return strings.HasPrefix(s, "https://www.googleapis.com/") || strings.HasPrefix(s, "https://compute.googleapis.com/")
}

// created returns the time of creation in UTC; zero if the API does not tell.
func created(kind *Kind, r Resource) time.Time {
	fields := []string{"creationTimestamp", "createTime", "timeCreated", "creationTime"}
	if kind != nil && kind.Created != "" {
		fields = []string{kind.Created}
	}
	for _, f := range fields {
		if at := parseTime(r.Data.Text(f)); !at.IsZero() {
			return at
		}
	}
	if r.Index != nil {
		return r.Index.Created.UTC()
	}
	return time.Time{}
}

// parseTime reads RFC 3339, or milliseconds since 1970 as BigQuery writes them.
func parseTime(s string) time.Time {
	if at, err := time.Parse(time.RFC3339Nano, s); err == nil {
		return at.UTC()
	}
	if ms, err := strconv.ParseInt(s, 10, 64); err == nil && ms > 0 {
		return time.UnixMilli(ms).UTC()
	}
	return time.Time{}
}
