package compute

import (
	"encoding/json"
	"strconv"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

// nameIn returns the tag Name, which is what people call a thing that has no name of its own, or else its id.
func nameIn(tags inventory.Tags, id *string) string {
	if name, ok := tags.Get("Name"); ok && name.Value != "" {
		return name.Value
	}
	return lister.Str(id)
}

// object is a nested value. It has no members for what the service left out.
type object map[string]any

func (o object) string(name string, s *string) object { return o.text(name, lister.Str(s)) }

func (o object) text(name, s string) object {
	if s != "" {
		o[name] = s
	}
	return o
}

func (o object) bool(name string, b *bool) object {
	if b != nil {
		o[name] = *b
	}
	return o
}

func (o object) int(name string, n *int32) object {
	if n != nil {
		o[name] = json.Number(strconv.Itoa(int(*n)))
	}
	return o
}

func (o object) texts(name string, list []string) object {
	all := make([]any, len(list))
	for i, s := range list {
		all[i] = s
	}
	return o.list(name, all)
}

func (o object) list(name string, list []any) object {
	if len(list) > 0 {
		o[name] = list
	}
	return o
}

// in puts the object into a larger one, unless it is empty.
func (o object) in(outer object, name string) object {
	if len(o) > 0 {
		outer[name] = map[string]any(o)
	}
	return outer
}

// objects makes a list of nested values.
func objects[T any](list []T, convert func(*T) object) []any {
	out := make([]any, len(list))
	for i := range list {
		out[i] = map[string]any(convert(&list[i]))
	}
	return out
}
