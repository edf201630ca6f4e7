package resource

import (
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
)

// ignores translates the paths that the code leaves to others into what is compared: the canonical attributes that are made of
// them, and tags.
func (v *view) ignores() string {
	var names []string
	for _, path := range v.in.Ignores {
		names = append(names, v.ignored(path)...)
	}
	return inventory.Ignoring(names...)
}

func (v *view) ignored(path string) []string {
	if path == "*" || path == "all" {
		return []string{"*"}
	}
	top, rest := cutPath(path)
	if slices.Contains([]string{"tags", "tags_all", "labels"}, top) || slices.Contains(v.tagAttributes(), top) {
		if key := stringOf([]byte(strings.TrimSuffix(strings.TrimPrefix(rest, "["), "]"))); key != "" {
			return []string{"tags." + key}
		}
		return []string{"tags"}
	}
	var names []string
	for _, m := range v.row.Attributes {
		if slices.ContainsFunc(m.From, func(from string) bool { return from == top || strings.HasPrefix(from, top+".") }) {
			names = append(names, m.Name)
		}
	}
	return names
}

// cutPath takes the name of the attribute off a path: "tags" and ["owner"] of tags["owner"].
func cutPath(path string) (top, rest string) {
	i := strings.IndexAny(path, ".[")
	if i < 0 {
		return path, ""
	}
	return path[:i], path[i:]
}
