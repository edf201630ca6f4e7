package drift

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
)

// outcomes returns which of the rules that compare fail, of an estate.
func outcomes(t testing.TB, w estate) map[string]bool {
	failed := map[string]bool{}
	for _, v := range verdicts(t, w) {
		if v.Outcome == rules.Fail {
			failed[v.rule] = true
		}
	}
	return failed
}

// TestOneStory holds for any three values: code, state and reality make one of the stories true, and never two.
func TestOneStory(t *testing.T) {
	value := rapid.SampledFrom([]string{"a", "b", "c"})
	rapid.Check(t, func(rt *rapid.T) {
		w, s, a := value.Draw(rt, "code"), value.Draw(rt, "state"), value.Draw(rt, "reality")
		asTag := rapid.Bool().Draw(rt, "tag")
		set := size
		if asTag {
			set = func(v string) edit { return tagged("size", v) }
		}
		got := outcomes(t, estate{entries: []*inventory.Entry{inCode(set(w)), inState(set(s)), seen(arnA, set(a))}, scopes: bothRead()})
		want := map[string]bool{
			"drift/changed":     w != a && s != a,
			"drift/unapplied":   w != a && s == a,
			"drift/stale-state": w == a && s != a,
		}
		for rule, fails := range want {
			if got[rule] != fails {
				rt.Fatalf("code %s, state %s, reality %s: %s fails: %t", w, s, a, rule, got[rule])
			}
		}
	})
}

// TestOrderDoesNotMatter: what is said does not hang on the order in which declarations and facets come.
func TestOrderDoesNotMatter(t *testing.T) {
	value := rapid.SampledFrom([]string{"Enabled", "Suspended"})
	layers := rapid.SampledFrom([]inventory.Layer{inventory.LayerCode, inventory.LayerPlan, inventory.LayerState})
	stages := rapid.SampledFrom([]inventory.Lifecycle{inventory.LifecycleActive, inventory.LifecyclePlanned, inventory.LifecycleUnknown, inventory.LifecycleRetiring})
	rapid.Check(t, func(rt *rapid.T) {
		list := []*inventory.Entry{bucketIn(versions(value.Draw(rt, "own"))), bucketSeen(versions(value.Draw(rt, "reality")))}
		for i := range rapid.IntRange(0, 4).Draw(rt, "facets") {
			address := "aws_s3_bucket_versioning." + string(rune('a'+i))
			list = append(list, facet(address, layers.Draw(rt, "layer"), stages.Draw(rt, "stage"), versions(value.Draw(rt, "facet"))))
		}
		w := estate{entries: list, scopes: bothRead()}
		before := audit(t, w)
		slices.Reverse(w.entries)
		after := audit(t, w)
		slices.Sort(before)
		slices.Sort(after)
		if !slices.Equal(before, after) {
			rt.Fatalf("before %q\nafter %q", before, after)
		}
	})
}
