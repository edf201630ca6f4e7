package plan

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/muster-audit/muster/collectors/terraform/resource"
)

// addUnknown writes into attributes what nobody knows before the plan is applied. unknown has the shape of the attributes, with
// true where a value is not known; the attributes leave such values out.
func addUnknown(attributes, unknown *resource.Members) {
	for name, raw := range unknown.All() {
		switch {
		case string(raw) == "true":
			attributes.Set(name, []byte(resource.Unknown))
		case bytes.Contains(raw, []byte("true")):
			known, _ := attributes.Raw(name)
			attributes.Set(name, merge(known, raw))
		}
	}
}

// unknownText is the string whose JSON text is resource.Unknown.
const unknownText = "\x00unknown"

func merge(known, unknown []byte) []byte {
	merged, err := json.Marshal(mergeValues(decode(known), decode(unknown)))
	if err != nil { // cannot happen: both were decoded
		return []byte(resource.Unknown)
	}
	return merged
}

func decode(raw []byte) any {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var x any
	if d.Decode(&x) != nil {
		return nil
	}
	return x
}

// mergeValues returns known with every place unknown where the other is true. Where the two have not the same shape, nobody can
// tell which place is meant, and all of it is unknown.
func mergeValues(known, unknown any) any {
	switch u := unknown.(type) {
	case bool:
		if u {
			return unknownText
		}
	case map[string]any:
		return mergeObjects(known, u)
	case []any:
		return mergeLists(known, u)
	}
	return known
}

func mergeObjects(known any, unknown map[string]any) any {
	object, ok := known.(map[string]any)
	switch {
	case !marksAny(unknown):
		return known
	case known == nil:
		object = map[string]any{}
	case !ok:
		return unknownText
	}
	for name, u := range unknown {
		if marksAny(u) {
			object[name] = mergeValues(object[name], u)
		}
	}
	return object
}

func mergeLists(known any, unknown []any) any {
	list, ok := known.([]any)
	switch {
	case !marksAny(unknown):
		return known
	case !ok || len(list) != len(unknown):
		return unknownText
	}
	for i, u := range unknown {
		list[i] = mergeValues(list[i], u)
	}
	return list
}

// marksAny reports whether anything in a shape is true.
func marksAny(shape any) bool {
	switch s := shape.(type) {
	case bool:
		return s
	case map[string]any:
		for _, v := range s {
			if marksAny(v) {
				return true
			}
		}
	case []any:
		for _, v := range s {
			if marksAny(v) {
				return true
			}
		}
	}
	return false
}

// sensitivePaths turns shapes, which are true where a value is secret, into paths as a state writes them in sensitive_attributes.
func sensitivePaths(shapes ...[]byte) []byte {
	var paths []string
	for _, raw := range shapes {
		if bytes.Contains(raw, []byte("true")) {
			paths = appendPaths(paths, nil, decode(raw))
		}
	}
	if len(paths) == 0 {
		return nil
	}
	return []byte("[" + strings.Join(paths, ",") + "]")
}

func appendPaths(paths, trail []string, shape any) []string {
	switch s := shape.(type) {
	case bool:
		if s {
			paths = append(paths, "["+strings.Join(trail, ",")+"]")
		}
	case map[string]any:
		for name, v := range s {
			quoted, _ := json.Marshal(name) // a string always has a text
			paths = appendPaths(paths, append(trail, `{"type":"get_attr","value":`+string(quoted)+`}`), v)
		}
	case []any:
		for i, v := range s {
			paths = appendPaths(paths, append(trail, `{"type":"index","value":{"value":`+strconv.Itoa(i)+`,"type":"number"}}`), v)
		}
	}
	return paths
}
