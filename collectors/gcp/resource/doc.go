package resource

import (
	"encoding/json"
	"strings"

	"github.com/muster-audit/muster/inventory"
)

// Doc is a JSON object as an API gave it. A nil Doc holds nothing.
type Doc map[string]any

// At returns the value at a dotted path, and whether it is there. A path through a list is that of each of its members, and the
// values are a list: "networkInterfaces.network".
func (d Doc) At(path string) (any, bool) {
	if d == nil {
		return nil, false
	}
	return at(map[string]any(d), strings.Split(path, "."))
}

func at(x any, path []string) (any, bool) {
	if len(path) == 0 {
		return x, true
	}
	switch x := x.(type) {
	case map[string]any:
		v, ok := x[path[0]]
		if !ok {
			return nil, false
		}
		return at(v, path[1:])
	case []any:
		out := []any{}
		for _, item := range x {
			if v, ok := at(item, path); ok {
				out = appendFlat(out, v)
			}
		}
		return out, true
	}
	return nil, false
}

func appendFlat(list []any, v any) []any {
	if inner, ok := v.([]any); ok {
		return append(list, inner...)
	}
	return append(list, v)
}

// Text returns the text at a path; empty if there is none.
func (d Doc) Text(path string) string {
	v, _ := d.At(path)
	return textOf(v)
}

// Texts returns the texts at a path: those of a list, or the one that is there.
func (d Doc) Texts(path string) []string {
	v, _ := d.At(path)
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	var out []string
	for _, item := range list {
		if s := textOf(item); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// textOf is a text or a number as a text.
func textOf(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case float64:
		if n, err := inventory.ValueOf(v); err == nil {
			return string(n)
		}
	}
	return ""
}

// True reports whether the value at a path is true.
func (d Doc) True(path string) bool {
	v, _ := d.At(path)
	return v == true
}

// Objects returns the objects of the list at a path.
func (d Doc) Objects(path string) []Doc {
	v, _ := d.At(path)
	list, _ := v.([]any)
	var out []Doc
	for _, item := range list {
		if m, ok := item.(map[string]any); ok {
			out = append(out, Doc(m))
		}
	}
	return out
}

// Strings returns the object at a path whose values are texts, as labels are; false if there is none.
func (d Doc) Strings(path string) (map[string]string, bool) {
	v, _ := d.At(path)
	m, ok := v.(map[string]any)
	if !ok {
		return nil, false
	}
	out := make(map[string]string, len(m))
	for k, v := range m {
		if s, ok := v.(string); ok {
			out[k] = s
		}
	}
	return out, true
}
