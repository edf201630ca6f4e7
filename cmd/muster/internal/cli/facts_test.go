package cli

import (
	"slices"
	"testing"
	"time"

	"github.com/muster-audit/muster/inventory"
)

// TestChangedTellsAll holds that no change of an asset is told without what changed.
func TestChangedTellsAll(t *testing.T) {
	then := time.Date(2026, 1, 31, 2, 0, 0, 5000, time.UTC)
	for _, c := range []struct {
		name   string
		change func(*inventory.Asset)
		want   string
	}{
		{"created", func(a *inventory.Asset) { a.Created = then }, "created: (none) → 2026-01-31T02:00:00.000005Z"},
		{"tags read", func(a *inventory.Asset) { a.Tags = inventory.KnownTags() }, "tags: unknown → known"},
		{"not taggable", func(a *inventory.Asset) { a.Tags = inventory.NotTaggable() }, "tags: unknown → not-applicable"},
		{"shallow", func(a *inventory.Asset) { a.Shallow = true }, "shallow: false → true"},
		{"relation", func(a *inventory.Asset) {
			a.Relations = []inventory.Relation{{Kind: inventory.PartOf, Key: "vpc-1"}}
		}, "relations: (none) → part-of vpc-1"},
		{"call", func(a *inventory.Asset) { a.Origin.Call = "sqs:ListQueues" }, "found in: (none) → sqs:ListQueues"},
	} {
		before, after := inventory.Entry{}, inventory.Entry{}
		c.change(&after.Asset)
		if got := changed(&before, &after); !slices.Equal(got, []string{c.want}) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		if got := changed(&after, &after); len(got) > 0 {
			t.Errorf("%s: %q, and nothing changed", c.name, got)
		}
	}
}
