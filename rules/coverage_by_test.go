package rules

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/muster-audit/muster/inventory"
)

// member is an entity with tags.
func member(key string, tags inventory.Tags) *Entity {
	e := entity(key)
	e.Observed[0].Tags = tags
	return e
}

func team(value string) inventory.Tags {
	return inventory.KnownTags(inventory.Tag{Key: "team", Value: value})
}

// grouped evaluates entities of which some fail, by the tag team, and returns the lines of that group for one tag.
func grouped(t testing.TB, list []*Entity, workers int) []string {
	t.Helper()
	by, err := GroupCoverage("tag.team", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	engine := at(firstScan, rule("tags/owner", map[string]Verdict{"bad": failing("owner"), "dark": unread()}))
	engine.CoverageBy, engine.Workers = []CoverageGroup{by}, workers
	ev, err := engine.Evaluate(t.Context(), each(list), nil)
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for _, c := range ev.Coverage {
		if c.Group == "tag.team" && c.Name == "" {
			rows = append(rows, fmt.Sprintf("%q %d %d %d", c.Value, c.Pass, c.Fail, c.Unknown))
		}
	}
	return rows
}

func TestCoverageByTag(t *testing.T) {
	list := []*Entity{
		member("a", team("payments")), member("bad", team("payments")), member("b", team("search")), member("c", team("")), member("d", inventory.KnownTags()),
		member("e", inventory.KnownTags(inventory.Tag{Key: "team", ValueUnknown: true})), member("dark", inventory.UnknownTags()),
		member("f", inventory.NotTaggable()), member("g", team(UnknownGroup)),
	}
	want := []string{`"" 3 0 0`, `"(unknown)" 2 0 1`, `"payments" 1 1 0`, `"search" 1 0 0`}
	if diff := cmp.Diff(want, grouped(t, list, 2)); diff != "" {
		t.Error(diff)
	}
	// What another book knows of the group decides where this one could not be read.
	both := member("a", inventory.UnknownTags())
	both.Declared = []*inventory.Entry{{Asset: inventory.Asset{Key: "x", Book: inventory.Declared, Tags: team("payments")}}}
	if diff := cmp.Diff([]string{`"payments" 1 0 0`}, grouped(t, []*Entity{both}, 1)); diff != "" {
		t.Error(diff)
	}
}

func TestCoverageByTooMany(t *testing.T) {
	var list []*Entity
	for i := range maxCoverageGroups + 1 {
		list = append(list, member(fmt.Sprint(i), team(fmt.Sprint(i))))
	}
	for _, workers := range []int{1, 2} {
		if diff := cmp.Diff([]string{fmt.Sprintf(`"(unknown)" %d 0 0`, len(list))}, grouped(t, list, workers)); diff != "" {
			t.Error(diff)
		}
	}
	if got := grouped(t, list[1:], 2); len(got) != maxCoverageGroups {
		t.Errorf("%d groups", len(got))
	}
}

func TestCoverageByOrder(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		var list []*Entity
		for i := range rapid.IntRange(1, 300).Draw(r, "n") {
			value := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(r, "team")
			list = append(list, member(rapid.SampledFrom([]string{"bad", "dark", fmt.Sprint(i)}).Draw(r, "key"), team(value)))
		}
		shuffled := rapid.Permutation(slices.Clone(list)).Draw(r, "shuffled")
		if diff := cmp.Diff(grouped(t, list, 1), grouped(t, shuffled, 2)); diff != "" {
			r.Error(diff)
		}
	})
}

func TestGroupCoverage(t *testing.T) {
	owner := func(*Entity) Owner { return Owner{Unknown: "not read"} }
	by, err := GroupCoverage("owner", nil, owner)
	if err != nil {
		t.Fatal(err)
	}
	if value, known := by.Of(entity("a")); value != "" || known {
		t.Errorf("%q %v", value, known)
	}
	for _, name := range []string{"", "tag.", "account", "teams"} { // account is always counted
		if _, err := GroupCoverage(name, nil, owner); err == nil {
			t.Errorf("%q is a group", name)
		}
	}
}
