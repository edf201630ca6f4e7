package aws

import (
	"context"
	"slices"
	"testing"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
)

// TestKnownTagsAreNotAsked lets assets with and without tags through the tagger: only those without are asked, and all come out in
// their order.
func TestKnownTagsAreNotAsked(t *testing.T) {
	asked := make(chan string, 10)
	l := &lister.Lister{ReadTags: func(_ context.Context, _ *lister.Target, a *inventory.Asset) (inventory.Tags, error) {
		asked <- a.Key
		return inventory.TagsFromMap(map[string]string{"read": "yes"}), nil
	}}
	var got []inventory.Asset
	tags := tagger{
		out: &out{ctx: t.Context(), lister: l}, coverage: catalog.TaggingNone,
		next: func(a inventory.Asset) error {
			got = append(got, a)
			return nil
		},
	}
	for _, a := range []inventory.Asset{
		{Key: "inline", Tags: inventory.TagsFromMap(map[string]string{"owner": "payments"})},
		{Key: "unknown"},
		{Key: "empty", Tags: inventory.KnownTags()},
		{Key: "not taggable", Tags: inventory.NotTaggable()},
	} {
		if err := tags.add(a); err != nil {
			t.Fatal(err)
		}
	}
	if err := tags.flush(); err != nil {
		t.Fatal(err)
	}
	if len(asked) != 1 || <-asked != "unknown" {
		t.Errorf("asked about others than the one whose tags are not known")
	}
	var keys []string
	for _, a := range got {
		keys = append(keys, a.Key)
	}
	if !slices.Equal(keys, []string{"inline", "unknown", "empty", "not taggable"}) {
		t.Fatalf("passed on %v", keys)
	}
	if tag, _ := got[0].Tags.Get("owner"); tag.Value != "payments" {
		t.Errorf("known tags were changed: %v", got[0].Tags)
	}
	if tag, _ := got[1].Tags.Get("read"); tag.Value != "yes" {
		t.Errorf("unknown tags were not read: %v", got[1].Tags)
	}
	if got[2].Tags.State() != inventory.Known || got[2].Tags.Len() != 0 || got[3].Tags.State() != inventory.NotApplicable {
		t.Errorf("tags are %v and %v", got[2].Tags, got[3].Tags)
	}
}

// TestBatchOfKnownTags makes no batch call for assets whose tags are known.
func TestBatchOfKnownTags(t *testing.T) {
	l := &lister.Lister{Batch: 1, BatchTags: func(context.Context, *lister.Target, []*inventory.Asset) (map[string]inventory.Tags, error) {
		t.Error("the batch call was made")
		return nil, nil
	}}
	passed := 0
	tags := tagger{out: &out{ctx: t.Context(), lister: l}, next: func(inventory.Asset) error {
		passed++
		return nil
	}}
	if err := tags.add(inventory.Asset{Key: "a", Tags: inventory.KnownTags()}); err != nil || passed != 1 {
		t.Errorf("passed on %d, error %v", passed, err)
	}
}
