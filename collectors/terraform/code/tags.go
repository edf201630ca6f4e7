package code

import (
	"maps"
	"slices"

	"github.com/zclconf/go-cty/cty"

	"github.com/muster-audit/muster/collectors/terraform/config"
	"github.com/muster-audit/muster/collectors/terraform/resource"
)

// completeTags writes what the provider makes of the tags of a resource and its own default tags: that is what ends up on the thing.
func (d *Document) completeTags(r config.Resource, in *resource.Instance) {
	row, _ := d.Catalog.Terraform(r.Type)
	for _, pair := range [][2]string{{"tags_all", "tags"}, {"terraform_labels", "labels"}} {
		all, own := pair[0], pair[1]
		if !slices.Contains(row.Tags, all) {
			continue
		}
		text, secret, err := encode(merged(r.Provider.DefaultTags, r.Attributes[own]))
		if err != nil || len(secret) > 0 {
			text = []byte(resource.Unknown)
		}
		in.Attributes.Set(all, text)
		return
	}
}

// merged lays a resource's tags over the defaults of its provider. It is unknown as a whole if either is.
func merged(defaults, own cty.Value) cty.Value {
	all := map[string]cty.Value{}
	for _, v := range []cty.Value{defaults, own} {
		if v == cty.NilVal {
			continue
		}
		plain, marked := config.Unmark(v)
		switch {
		case !plain.IsKnown() || len(marked) > 0:
			return cty.DynamicVal
		case plain.IsNull():
			continue
		case !plain.Type().IsObjectType() && !plain.Type().IsMapType():
			return cty.DynamicVal
		}
		maps.Copy(all, plain.AsValueMap())
	}
	return cty.ObjectVal(all)
}
