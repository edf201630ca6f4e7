package config

import "github.com/zclconf/go-cty/cty"

// mark is the type of the marks on values, so that no other package's mark is the same.
type mark string

// Sensitive marks a value that the code declares as sensitive, by the variable or output it comes from or by sensitive().
const Sensitive mark = "sensitive"

// Unmark returns v without marks, and the paths of what was marked Sensitive in it; a path that is empty means all of v.
func Unmark(v cty.Value) (cty.Value, []cty.Path) {
	plain, marks := v.UnmarkDeepWithPaths()
	var paths []cty.Path
	for _, m := range marks {
		if _, ok := m.Marks[Sensitive]; ok {
			paths = append(paths, m.Path)
		}
	}
	return plain, paths
}
