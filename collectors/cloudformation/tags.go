package cloudformation

import (
	"strings"

	"github.com/muster-audit/muster/collectors/cloudformation/template"
	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
)

// tagsOf are the tags that a resource will have: its own over those of the stack. They are unknown where nobody knows the stack's, or whether one
// of its own will be there.
func (u *unit) tagsOf(row catalog.Row, known bool, r template.Resource) inventory.Tags {
	if known && row.Taggable == inventory.NotApplicable {
		return inventory.NotTaggable()
	}
	property := row.TagProperty
	if property == "" && r.Properties.Get("Tags") != nil {
		property = "Tags"
	}
	if u.unsure(r) || !u.tagged || property == "" || strings.Contains(property, "/") {
		return inventory.UnknownTags()
	}
	own, ok := ownTags(u.values.Value(r.Properties.Get(property)))
	if !ok {
		return inventory.UnknownTags()
	}
	all := map[string]any{}
	for _, m := range []map[string]any{u.tags, texts(r.Extra()), own} {
		for k, v := range m {
			all[k] = v
		}
	}
	return u.tagList(all)
}

// passedOn names the tags that a resource has of its stack alone. Which types CloudFormation passes them on to, nobody has written down: that one is not
// there is no drift.
func (u *unit) passedOn(tags inventory.Tags, row catalog.Row, r template.Resource) string {
	if tags.State() != inventory.Known || len(u.tags) == 0 {
		return ""
	}
	property := row.TagProperty
	if property == "" {
		property = "Tags"
	}
	own, _ := ownTags(u.values.Value(r.Properties.Get(property)))
	var names []string
	for k := range u.tags {
		if _, set := own[k]; !set {
			names = append(names, "tags."+u.scrubText(k))
		}
	}
	return inventory.Ignoring(names...)
}

func texts(m map[string]string) map[string]any {
	out := make(map[string]any, len(m))
	for k, v := range m {
		out[k] = v
	}
	return out
}

// tagList makes tags of values that may be unknown.
func (u *unit) tagList(m map[string]any) inventory.Tags {
	list := make([]inventory.Tag, 0, len(m))
	for k, v := range m {
		text, ok := template.ScalarText(v)
		t := inventory.Tag{Key: u.scrubText(k), Value: u.scrubText(text), ValueUnknown: !ok}
		if v == nil { // an empty value
			t.ValueUnknown = false
		}
		list = append(list, t)
	}
	return inventory.KnownTags(list...)
}

// ownTags reads the tags of a property: a list of keys and values, or a map. It is false if nobody knows which keys there are.
func ownTags(x any) (map[string]any, bool) {
	switch x := x.(type) {
	case template.Absent, nil:
		return nil, true
	case map[string]any:
		for _, v := range x {
			if e, ok := v.(template.Either); ok && (absent(e.A) || absent(e.B)) {
				return nil, false
			}
		}
		return x, true
	case []any:
		return tagEntries(x)
	case template.Either:
		a, okA := ownTags(x.A)
		b, okB := ownTags(x.B)
		if okA && okB && sameKeys(a, b) {
			return merged(a, b), true
		}
	}
	return nil, false
}

func absent(x any) bool {
	_, ok := x.(template.Absent)
	return ok
}

func tagEntries(list []any) (map[string]any, bool) {
	out := make(map[string]any, len(list))
	for _, item := range list {
		if e, ok := item.(template.Either); ok {
			a, okA := tagEntries([]any{e.A})
			b, okB := tagEntries([]any{e.B})
			if !okA || !okB || !sameKeys(a, b) {
				return nil, false
			}
			for k := range a {
				out[k] = template.Unknown{}
			}
			continue
		}
		entry, ok := item.(map[string]any)
		key, isText := template.ScalarText(first(entry, "Key", "key", "TagKey"))
		if !ok || !isText {
			return nil, false
		}
		out[key] = first(entry, "Value", "value", "TagValue")
	}
	return out, true
}

// first returns the first member that is there; nil if none is.
func first(m map[string]any, names ...string) any {
	for _, n := range names {
		if v, ok := m[n]; ok {
			return v
		}
	}
	return nil
}

func sameKeys(a, b map[string]any) bool {
	if len(a) != len(b) {
		return false
	}
	for k := range a {
		if _, ok := b[k]; !ok {
			return false
		}
	}
	return true
}

// merged takes values that both sides agree on; others are unknown.
func merged(a, b map[string]any) map[string]any {
	out := make(map[string]any, len(a))
	for k, v := range a {
		x, isText := template.ScalarText(v)
		y, both := template.ScalarText(b[k])
		if isText && both && x == y {
			out[k] = v
		} else {
			out[k] = template.Unknown{}
		}
	}
	return out
}
