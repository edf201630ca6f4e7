package resource

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
)

// asset makes the asset of an instance, all but its key. address tells it from all others in the file.
func (v *view) asset(origin inventory.Origin) inventory.Asset {
	a := inventory.Asset{
		Book: inventory.Declared, Type: v.row.CloudType,
		Account: v.place.account, Region: v.place.region, Zone: v.place.zone,
		Lifecycle: v.in.Lifecycle, Origin: origin,
	}
	if v.in.Deposed != "" {
		a.Lifecycle = inventory.LifecycleRetiring
	}
	a.Tags = tags(v.get, v.tagAttributes(), v.taggable(), v.in.Attributes.Present)
	a.Name = v.name(a.Tags)
	a.Attributes = v.attributes()
	a.Identifiers = v.identifiers()
	return a
}

// name is what people call the asset.
func (v *view) name(t inventory.Tags) string {
	if s := v.text("name"); s != "" {
		if v.row.Provider == "gcp" {
			return lastPart(s)
		}
		return s
	}
	if t, ok := t.Get("Name"); ok && t.Value != "" {
		return t.Value
	}
	for _, m := range v.row.Identifiers {
		if s := v.text(m.Path); m.Kind == inventory.ResourceID && s != "" {
			return s
		}
	}
	if s := v.text(v.row.ID); s != "" && v.row.Provider != "" && !strings.HasPrefix(s, "arn:") {
		return lastPart(s)
	}
	return v.in.Block.Name
}

func (v *view) attributes() inventory.Attributes {
	if !v.in.Attributes.Present || v.in.Legacy || len(v.row.Attributes) == 0 {
		return inventory.Attributes{}
	}
	list := v.mapped(v.row.Attributes, v.get)
	if v.code {
		list = v.plain(list)
	}
	return inventory.KnownAttributes(list...)
}

// plain keeps what can be compared as people write it. A provider puts lists and blocks into an order and a form of its own, and adds
// what was left out: of these the state tells.
func (v *view) plain(list []inventory.Attribute) []inventory.Attribute {
	return slices.DeleteFunc(list, func(a inventory.Attribute) bool {
		return strings.HasPrefix(string(a.Value), "{") || strings.HasPrefix(string(a.Value), "[") || a.Value == inventory.Null
	})
}

// mapped makes canonical attributes. Secrets are looked for once more where a
// transform may have opened a JSON text.
func (v *view) mapped(mappings []catalog.Mapping, get catalog.Lookup) []inventory.Attribute {
	list := make([]inventory.Attribute, 0, len(mappings))
	for _, m := range mappings {
		value, ok := m.Value(get)
		if !ok {
			continue
		}
		if m.As != "" {
			value = v.secrets.value(value)
		}
		list = append(list, inventory.Attribute{Name: m.Name, Value: value})
	}
	return list
}

func (v *view) identifiers() []inventory.Identifier {
	var list []inventory.Identifier
	add := func(kind inventory.IdentifierKind, value string) {
		list = append(list, inventory.Identifier{Kind: kind, Value: value})
	}
	name := v.globalName()
	switch {
	case v.row.Provider == "gcp":
		add(inventory.SelfLink, name)
	default:
		add(inventory.ARN, name)
	}
	ownID := v.row.FacetOf == "" && v.row.Provider == "aws"
	for _, m := range v.row.Identifiers {
		add(m.Kind, v.text(m.Path))
		ownID = ownID && m.Path != v.row.ID
	}
	if id := v.text(v.row.ID); ownID {
		if _, isARN := catalog.ParseARN(id); !isARN {
			add(inventory.ResourceID, id)
		}
	}
	return readable(list)
}

// readable sorts identifiers and drops the hashes of secrets, which identify nothing and look as if they did.
func readable(list []inventory.Identifier) []inventory.Identifier {
	return inventory.SortIdentifiers(slices.DeleteFunc(list, func(i inventory.Identifier) bool { return inventory.IsSecretHash(i.Value) }))
}

func (v *view) taggable() inventory.Knowledge {
	if v.known {
		return v.row.Taggable
	}
	return inventory.Unknown
}

// tagAttributes are the attributes that may hold the tags. For a type that nobody knows the usual ones are tried.
func (v *view) tagAttributes() []string {
	if v.known && (len(v.row.Tags) > 0 || v.row.Provider != "") {
		return v.row.Tags
	}
	return []string{"tags_all", "tags", "effective_tags", "terraform_labels", "labels"}
}

// tags reads the first of the attributes that holds tags. Null is known to be none if no other attribute says more: a state
// that a newer provider upgraded and did not refresh yet has tags, and null for the tags_all that it did not know before.
// read says that there were attributes at all; without, nothing is known.
func tags(get catalog.Lookup, attributes []string, taggable inventory.Knowledge, read bool) inventory.Tags {
	if taggable == inventory.NotApplicable {
		return inventory.NotTaggable()
	}
	if !read {
		return inventory.UnknownTags()
	}
	found := inventory.UnknownTags()
	for _, name := range attributes {
		x, ok := catalog.At(get, name)
		if !ok {
			continue
		}
		if _, unknown := x.(catalog.Unknown); unknown {
			return inventory.UnknownTags()
		}
		if t, ok := tagsOf(x); ok {
			if found = t; x != nil {
				break
			}
		}
	}
	return found
}

// tagsOf reads tags from a map, or from a list of blocks with key and value. It is false for other lists, which some
// providers call tags too.
func tagsOf(x any) (inventory.Tags, bool) {
	switch x := x.(type) {
	case nil:
		return inventory.KnownTags(), true
	case map[string]any:
		list := make([]inventory.Tag, 0, len(x))
		for k, v := range x {
			if t, ok := tag(k, v); ok {
				list = append(list, t)
			}
		}
		return inventory.KnownTags(list...), true
	case []any:
		return tagBlocks(x)
	}
	return inventory.Tags{}, false
}

func tagBlocks(blocks []any) (inventory.Tags, bool) {
	list := make([]inventory.Tag, 0, len(blocks))
	for _, b := range blocks {
		object, _ := b.(map[string]any)
		key, ok := object["key"].(string)
		if !ok {
			return inventory.Tags{}, false
		}
		if t, ok := tag(key, object["value"]); ok {
			list = append(list, t)
		}
	}
	return inventory.KnownTags(list...), true
}

// tag makes a tag; a null value is no tag: providers do not send it.
func tag(key string, value any) (inventory.Tag, bool) {
	switch value.(type) {
	case string, json.Number, bool:
		return inventory.Tag{Key: key, Value: scalarText(value)}, true
	case catalog.Unknown:
		return inventory.Tag{Key: key, ValueUnknown: true}, true
	}
	return inventory.Tag{}, false
}
