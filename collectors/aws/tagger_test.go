package aws

import (
	"context"
	"errors"
	"maps"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"

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

// TestBatchThatFails asks for each asset alone where the batch is at fault, not where the service is down.
func TestBatchThatFails(t *testing.T) {
	gone := &smithy.GenericAPIError{Code: "LoadBalancerNotFound"}
	for name, test := range map[string]struct {
		err   error
		calls int
	}{
		"one is gone": {gone, 4},
		"denied":      {&smithy.GenericAPIError{Code: "AccessDenied"}, 1},
		"down":        {&retry.MaxAttemptsError{Attempt: 5, Err: errors.New("HTTP status 500")}, 1},
	} {
		calls := 0
		l := &lister.Lister{Batch: 3, BatchTags: func(_ context.Context, _ *lister.Target, assets []*inventory.Asset) (map[string]inventory.Tags, error) {
			calls++
			if len(assets) > 1 || assets[0].Key == "gone" {
				return nil, test.err
			}
			return map[string]inventory.Tags{assets[0].Key: inventory.KnownTags()}, nil
		}}
		o := &out{ctx: t.Context(), lister: l}
		states := map[string]inventory.Knowledge{}
		tags := tagger{out: o, next: func(a inventory.Asset) error {
			states[a.Key] = a.Tags.State()
			return nil
		}}
		for _, key := range []string{"a", "gone", "b"} {
			if err := tags.add(inventory.Asset{Key: key}); err != nil {
				t.Fatal(err)
			}
		}
		want := map[string]inventory.Knowledge{"a": inventory.Unknown, "gone": inventory.Unknown, "b": inventory.Unknown}
		if calls > 1 {
			want["a"], want["b"] = inventory.Known, inventory.Known
		}
		if calls != test.calls || !maps.Equal(states, want) || o.unread != 1 {
			t.Errorf("%s: %d calls, want %d; tags are %v; %d unread", name, calls, test.calls, states, o.unread)
		}
	}
}
