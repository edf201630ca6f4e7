package resource

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// deepestFlat bounds how deep the names of flat attributes nest.
const deepestFlat = 32

// SetFlat makes the members of the flat attributes that Terraform wrote up to 0.11: "tags.%" is the number of a map's entries and
// "tags.Name" one of them, "ports.#" is the number of a list's and "ports.0" or, in a set, "ports.2541437006" one of them. Every
// scalar is a text.
func (m *Members) SetFlat(flat map[string]string) {
	m.Reset()
	m.Present = true
	f := flatMap{flat, slices.Sorted(maps.Keys(flat))}
	for _, name := range f.below("") {
		raw, err := json.Marshal(f.value(name, 0))
		if err == nil {
			m.Set(name, raw)
		}
	}
}

// flatMap is flat attributes with their names in order.
type flatMap struct {
	values map[string]string
	names  []string
}

// below lists the first steps of the names that begin with a prefix, without it.
func (f flatMap) below(prefix string) []string {
	var steps []string
	seen := map[string]bool{}
	from, _ := slices.BinarySearch(f.names, prefix)
	for _, name := range f.names[from:] {
		rest, ok := strings.CutPrefix(name, prefix)
		if !ok {
			break
		}
		step, _, _ := strings.Cut(rest, ".")
		if step != "" && step != "#" && step != "%" && !seen[step] {
			seen[step] = true
			steps = append(steps, step)
		}
	}
	return steps
}

func (f flatMap) value(name string, depth int) any {
	if _, isMap := f.values[name+".%"]; isMap {
		return f.mapOf(name + ".")
	}
	_, isList := f.values[name+".#"]
	steps := f.below(name + ".")
	switch text, isText := f.values[name]; {
	case isText && !isList && len(steps) == 0:
		return text
	case depth > deepestFlat:
		return nil
	case isList:
		list := []any{}
		for _, s := range steps {
			list = append(list, f.value(name+"."+s, depth+1))
		}
		return list
	}
	object := map[string]any{}
	for _, s := range steps {
		object[s] = f.value(name+"."+s, depth+1)
	}
	return object
}

// mapOf returns the map whose entries' names begin with a prefix. A key may hold dots.
func (f flatMap) mapOf(prefix string) map[string]any {
	out := map[string]any{}
	from, _ := slices.BinarySearch(f.names, prefix)
	for _, name := range f.names[from:] {
		key, ok := strings.CutPrefix(name, prefix)
		if !ok {
			break
		}
		if key != "%" {
			out[key] = f.values[name]
		}
	}
	return out
}
