package report

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
)

func TestElements(t *testing.T) {
	type el = rules.Element
	const added, removed, changed, reordered = rules.ElementAdded, rules.ElementRemoved, rules.ElementChanged, rules.ElementsReorder
	for _, tt := range []struct {
		name, declared, actual string
		want                   []el
	}{
		{"texts", "a", "b", nil},
		{"numbers", "1", "2", nil},
		{"a list and a text", `["a"]`, "a", nil},
		{"a list and an object", `["a"]`, `{"a":1}`, nil},
		{"no JSON", "[a", "[b", nil},
		{"two values", "[1] [2]", "[1]", nil},
		{"a list", `["a","b"]`, `["b","c"]`, []el{{Change: removed, Declared: "a"}, {Change: added, Actual: "c"}}},
		{"how often", `["a","a"]`, `["a"]`, []el{{Change: removed, Declared: "a"}}},
		{"another order", `["a","b"]`, `["b","a"]`, []el{{Change: reordered}}},
		{"the empty list", `[]`, `["a"]`, []el{{Change: added, Actual: "a"}}},
		{"members", `{"a":1,"b":2}`, `{"b":3,"c":4}`, []el{
			{Path: "a", Change: removed, Declared: "1"}, {Path: "b", Change: changed, Declared: "2", Actual: "3"}, {Path: "c", Change: added, Actual: "4"},
		}},
		{"null is not absent", `{"a":null}`, `{}`, []el{{Path: "a", Change: removed, Declared: "null"}}},
		{"a statement", `{"Statement":[{"Sid":"a","Effect":"Allow"}]}`, `{"Statement":[{"Sid":"a","Effect":"Deny"}]}`, []el{
			{Path: "Statement[].Effect", Change: changed, Declared: "Allow", Actual: "Deny"},
		}},
		{"one object of a list", `[{"a":1},{"b":1}]`, `[{"a":2},{"b":1}]`, []el{{Path: "[].a", Change: changed, Declared: "1", Actual: "2"}}},
		{"a list within", `{"x":{"y":["a","b"]}}`, `{"x":{"y":["a"]}}`, []el{{Path: "x.y[]", Change: removed, Declared: "b"}}},
		{"another kind within", `{"x":[1]}`, `{"x":"1"}`, []el{{Path: "x", Change: changed, Declared: "[1]", Actual: "1"}}},
		{"big numbers stay", `[12345678901234567890]`, `[12345678901234567891]`, []el{{Change: removed, Declared: "12345678901234567890"}, {Change: added, Actual: "12345678901234567891"}}},
	} {
		d := rules.Difference{Attribute: "A", Declared: tt.declared, Actual: tt.actual}
		if diff := cmp.Diff(tt.want, elements(&d)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
		d.ActualAbsent = true
		if got := elements(&d); got != nil {
			t.Errorf("%s: %v of what is not there", tt.name, got)
		}
	}
}

// What is the same has no elements that differ, and seen from the other side what was added was removed.
func TestElementsMirror(t *testing.T) {
	leaf := rapid.OneOf(rapid.Just[any]("a"), rapid.Just[any](true), rapid.Just[any](nil), rapid.Just[any]("b"))
	inner := rapid.OneOf(leaf, rapid.Map(rapid.SliceOfN(leaf, 0, 3), func(l []any) any { return l }))
	object := rapid.Map(rapid.MapOfN(rapid.SampledFrom([]string{"x", "y", "z"}), inner, 0, 3), func(m map[string]any) any { return m })
	list := rapid.Map(rapid.SliceOfN(rapid.OneOf(inner, object), 0, 4), func(l []any) any { return l })
	text := func(t *rapid.T, name string, g *rapid.Generator[any]) string {
		v, err := inventory.ValueOf(g.Draw(t, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(v)
	}
	rapid.Check(t, func(t *rapid.T) {
		g := rapid.SampledFrom([]*rapid.Generator[any]{object, list}).Draw(t, "kind")
		a, b := text(t, "a", g), text(t, "b", g)
		forth, back := elements(&rules.Difference{Declared: a, Actual: b}), elements(&rules.Difference{Declared: b, Actual: a})
		if (len(forth) == 0) != (a == b) || len(forth) != len(back) {
			t.Fatalf("%s, %s: %v, back %v", a, b, forth, back)
		}
		count := func(list []rules.Element, c rules.Change) (n int) {
			for _, e := range list {
				if e.Change == c {
					n++
				}
			}
			return n
		}
		for c, other := range map[rules.Change]rules.Change{
			rules.ElementAdded: rules.ElementRemoved, rules.ElementChanged: rules.ElementChanged, rules.ElementsReorder: rules.ElementsReorder,
		} {
			if count(forth, c) != count(back, other) {
				t.Fatalf("%s, %s: %v, back %v", a, b, forth, back)
			}
		}
	})
}

// What a report says of differences is not stored: the evaluation's own findings stay as they are.
func TestDescribeLeavesTheGivenListAlone(t *testing.T) {
	given := []rules.Difference{{Attribute: "A", Declared: `["a"]`, Actual: `["b"]`}, {Attribute: "P", Declared: inventory.NewSecretHash(make([]byte, 16)).Hash("x")}}
	f := rules.Finding{Diff: given}
	describe(&f)
	if len(f.Diff[0].Elements) != 2 || !f.Diff[1].Secret || f.Diff[0].Secret || given[0].Elements != nil || given[1].Secret {
		t.Errorf("described %+v, given %+v", f.Diff, given)
	}
}
