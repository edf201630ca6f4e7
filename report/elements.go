package report

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
)

// describe fills in what a report says of differences beyond their two sides. The list of differences is copied: what is stored of a
// finding has nothing of it.
func describe(f *rules.Finding) {
	if len(f.Diff) == 0 {
		return
	}
	f.Diff = slices.Clone(f.Diff)
	for i := range f.Diff {
		d := &f.Diff[i]
		d.Secret = inventory.HoldsSecret(d.Declared) || inventory.HoldsSecret(d.Actual)
		d.Elements = elements(d)
	}
}

// elements is what differs within two lists or two objects; nil for any other values.
func elements(d *rules.Difference) []rules.Element {
	if d.DeclaredAbsent || d.ActualAbsent || !isStructured(d.Declared) || !isStructured(d.Actual) {
		return nil
	}
	declared, actual := decode(d.Declared), decode(d.Actual)
	var out []rules.Element
	switch {
	case isList(declared) && isList(actual), isObject(declared) && isObject(actual):
		out = compareValues(out, "", declared, actual)
	}
	return out
}

// isStructured looks at the first sign alone: most values are short texts, which are not worth a decoder.
func isStructured(s string) bool { return s != "" && (s[0] == '[' || s[0] == '{') }

func decode(s string) any {
	d := json.NewDecoder(strings.NewReader(s))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil || d.More() {
		return nil
	}
	return v
}

func isList(v any) bool {
	_, ok := v.([]any)
	return ok
}

func isObject(v any) bool {
	_, ok := v.(map[string]any)
	return ok
}

func compareValues(out []rules.Element, path string, declared, actual any) []rules.Element {
	switch a := declared.(type) {
	case map[string]any:
		if b, ok := actual.(map[string]any); ok {
			return compareObjects(out, path, a, b)
		}
	case []any:
		if b, ok := actual.([]any); ok {
			return compareLists(out, path, a, b)
		}
	}
	if a, b := shown(declared), shown(actual); a != b {
		out = append(out, rules.Element{Path: path, Change: rules.ElementChanged, Declared: a, Actual: b})
	}
	return out
}

func compareObjects(out []rules.Element, path string, declared, actual map[string]any) []rules.Element {
	names := make([]string, 0, len(declared)+len(actual))
	for n := range declared {
		names = append(names, n)
	}
	for n := range actual {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, n := range slices.Compact(names) {
		at := strings.TrimPrefix(path+"."+n, ".")
		a, isDeclared := declared[n]
		b, isActual := actual[n]
		switch {
		case !isActual:
			out = append(out, rules.Element{Path: at, Change: rules.ElementRemoved, Declared: shown(a)})
		case !isDeclared:
			out = append(out, rules.Element{Path: at, Change: rules.ElementAdded, Actual: shown(b)})
		default:
			out = compareValues(out, at, a, b)
		}
	}
	return out
}

// compareLists tells which elements one side has and the other has not, whatever their places. Where that is one object on each side, it
// is one element that changed.
func compareLists(out []rules.Element, path string, declared, actual []any) []rules.Element {
	removed, added := without(declared, actual), without(actual, declared)
	at := path
	if path != "" {
		at += "[]"
	}
	if len(removed) == 1 && len(added) == 1 && isObject(removed[0]) && isObject(added[0]) {
		return compareValues(out, cmp.Or(at, "[]"), removed[0], added[0])
	}
	for _, v := range removed {
		out = append(out, rules.Element{Path: at, Change: rules.ElementRemoved, Declared: shown(v)})
	}
	for _, v := range added {
		out = append(out, rules.Element{Path: at, Change: rules.ElementAdded, Actual: shown(v)})
	}
	if len(removed)+len(added) == 0 && !slices.Equal(texts(declared), texts(actual)) {
		out = append(out, rules.Element{Path: at, Change: rules.ElementsReorder})
	}
	return out
}

// without returns the elements of a list that another one has not, or not as often, in their order.
func without(list, other []any) []any {
	left := map[string]int{}
	for _, t := range texts(other) {
		left[t]++
	}
	var out []any
	for i, t := range texts(list) {
		if left[t]--; left[t] < 0 {
			out = append(out, list[i])
		}
	}
	return out
}

func texts(list []any) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = shown(v)
	}
	return out
}

// shown is a value as a person reads it: a text without quotes, else JSON.
func shown(v any) string {
	value, err := inventory.ValueOf(v)
	if err != nil {
		return "" // cannot happen: all of it came from JSON
	}
	return value.String()
}
