package inventorytest

import (
	"testing"

	"github.com/muster-audit/muster/inventory"
)

// one returns the only asset of the store.
func one(t *testing.T, s inventory.Store, at inventory.ScanID) *inventory.Entry {
	t.Helper()
	list := All(t, s, inventory.AssetQuery{At: at})
	if len(list) != 1 {
		t.Fatalf("%d assets, want 1", len(list))
	}
	return list[0]
}

func versions(t *testing.T, s inventory.Store, key string) int {
	t.Helper()
	history, err := s.History(t.Context(), key)
	if err != nil {
		t.Fatalf("history: %v", err)
	}
	return len(history)
}

func checkUnknownTags(t *testing.T, s inventory.Store) {
	known, unknown := Asset("x", Tags("owner", "payments")), Asset("x", TagState(inventory.UnknownTags()))
	Scan(t, s, Read("a", known))
	for range 2 {
		run := Scan(t, s, Read("a", unknown))["a"]
		want(t, "changed", run.Changed, 0)
		e := one(t, s, 0)
		want(t, "kept", e.Tags, known.Tags)
		want(t, "unconfirmed", e.TagsUnconfirmed, true)
		want(t, "what rules see", e.CurrentTags().State(), inventory.Unknown)
	}
	Scan(t, s, Read("a", known))
	want(t, "confirmed again", one(t, s, 0).TagsUnconfirmed, false)
	want(t, "unconfirmed as of 3", one(t, s, 3).TagsUnconfirmed, true)
	want(t, "confirmed as of 1", one(t, s, 1).TagsUnconfirmed, false)
	want(t, "versions", versions(t, s, "x"), 1)
	for from := inventory.ScanID(1); from <= 4; from++ {
		want(t, "diff", diffs(t, s, from, 4), []string{})
	}
	Scan(t, s, Read("a", unknown))
	Scan(t, s, Read("a", Asset("x", Tags("owner", "search"))))
	want(t, "changed after a gap", diffs(t, s, 5, 6), []string{"changed x"})
	want(t, "tags", one(t, s, 0).Tags, inventory.KnownTags(inventory.Tag{Key: "owner", Value: "search"}))
	want(t, "confirmed", one(t, s, 0).TagsUnconfirmed, false)
}

func checkUnknownTagValues(t *testing.T, s inventory.Store) {
	gap := Asset("x", TagState(inventory.KnownTags(inventory.Tag{Key: "env", Value: "prod"}, inventory.Tag{Key: "owner", ValueUnknown: true})))
	known := Asset("x", Tags("env", "prod", "owner", "payments"))
	Scan(t, s, Read("a", known))
	want(t, "changed", Scan(t, s, Read("a", gap))["a"].Changed, 0)
	e := one(t, s, 0)
	want(t, "kept", e.Tags, known.Tags)
	want(t, "unconfirmed", []any{e.TagsUnconfirmed, e.TagValuesUnconfirmed}, []any{false, []string{"owner"}})
	want(t, "what rules see", e.CurrentTags(), gap.Tags)
	Scan(t, s, Read("a", gap))
	want(t, "changed", Scan(t, s, Read("a", known))["a"].Changed, 0)
	want(t, "confirmed", len(one(t, s, 0).TagValuesUnconfirmed), 0)
	want(t, "versions", versions(t, s, "x"), 1)
	want(t, "diff", diffs(t, s, 1, 2), []string{})
	// A tag that is known to be gone is gone.
	Scan(t, s, Read("a", Asset("x", Tags("env", "prod"))))
	want(t, "gone", one(t, s, 0).Tags.Len(), 1)
	want(t, "gone in diff", diffs(t, s, 1, 0), []string{"changed x"})
}

func checkUnknownAttributes(t *testing.T, s inventory.Store) {
	known := Asset("x", Attributes(Attr("A", "1"), Attr("B", "2")))
	Scan(t, s, Read("a", known))
	for _, c := range []struct {
		read inventory.Asset
		gaps []string
	}{
		{Asset("x", NoAttributes()), []string{"*"}},
		{Asset("x", Attributes(Attr("A", "1"), inventory.Attribute{Name: "B"})), []string{"B"}},
		{Asset("x", Attributes(Attr("A", "1"))), []string{"B"}}, // what is not named is unknown too
	} {
		want(t, "changed", Scan(t, s, Read("a", c.read))["a"].Changed, 0)
		e := one(t, s, 0)
		want(t, "kept", e.Attributes, known.Attributes)
		want(t, "unconfirmed", e.AttributesUnconfirmed, c.gaps)
		_, confirmed := e.CurrentAttribute("B")
		want(t, "what rules see", confirmed, false)
		want(t, "diff", diffs(t, s, 1, 0), []string{})
	}
	want(t, "confirming", Scan(t, s, Read("a", known))["a"].Changed, 0)
	want(t, "confirmed", len(one(t, s, 0).AttributesUnconfirmed), 0)
	want(t, "versions", versions(t, s, "x"), 1)
	null := Asset("x", Attributes(Attr("A", "1"), inventory.Attribute{Name: "B", Value: inventory.Null}))
	want(t, "null is known", Scan(t, s, Read("a", null))["a"].Changed, 1)
	want(t, "null stays", one(t, s, 0).Attributes, null.Attributes)
}

func checkUnknownBesideChange(t *testing.T, s inventory.Store) {
	Scan(t, s, Read("a", Asset("x", Tags("owner", "payments"), Attributes(Attr("A", "1")))))
	run := Scan(t, s, Read("a", Asset("x", Name("renamed"), TagState(inventory.UnknownTags()), NoAttributes())))["a"]
	want(t, "changed", run.Changed, 1)
	e := one(t, s, 0)
	tag, _ := e.Tags.Get("owner")
	want(t, "carried", []any{e.Name, tag.Value, e.TagsUnconfirmed, e.AttributesUnconfirmed}, []any{"renamed", "payments", true, []string{"*"}})
	want(t, "versions", versions(t, s, "x"), 2)
	Scan(t, s, Read("a", Asset("x", Name("renamed"), Tags("owner", "payments"), Attributes(Attr("A", "1")))))
	want(t, "confirmed in place", versions(t, s, "x"), 2)
	// Attributes of another type mean something else; tags are tags.
	Scan(t, s, Read("a", Asset("x", Type("AWS::S3::Bucket"), TagState(inventory.UnknownTags()), NoAttributes())))
	e = one(t, s, 0)
	want(t, "another type", []any{e.Attributes.IsKnown(), e.TagsUnconfirmed, len(e.AttributesUnconfirmed)}, []any{false, true, 0})
}

func checkUnknownBecomesKnown(t *testing.T, s inventory.Store) {
	Scan(t, s, Read("a", Asset("x", TagState(inventory.UnknownTags()), NoAttributes())))
	want(t, "never known", one(t, s, 0).TagsUnconfirmed, false)
	Scan(t, s, Read("a", Asset("x", Tags("owner", "payments"), Attributes(Attr("A", "1")))))
	want(t, "known", one(t, s, 0).Tags.Len(), 1)
	want(t, "no change that anybody saw", diffs(t, s, 1, 2), []string{})
}
