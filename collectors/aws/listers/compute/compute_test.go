package compute

import (
	"slices"
	"testing"

	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

// run runs the lister of a type.
func run(t *testing.T, typ inventory.Type, answers listertest.Answers) *listertest.Outcome {
	t.Helper()
	return listertest.Run(t, listertest.Find(t, Listers(), typ), answers)
}

// want checks that a run came to so many assets and things unread, without an error of the listing.
func want(t *testing.T, o *listertest.Outcome, assets, unread int) {
	t.Helper()
	if o.Err != nil || len(o.Assets) != assets || len(o.Unread) != unread {
		t.Fatalf("error %v, %d assets, unread %q", o.Err, len(o.Assets), o.Unread)
	}
}

// attributes checks attributes by their JSON texts; "" is one that could not be read, and "-" one that is not set.
func attributes(t *testing.T, a inventory.Asset, texts map[string]string) {
	t.Helper()
	got := map[string]string{}
	for at := range a.Attributes.All() {
		got[at.Name] = string(at.Value)
	}
	for name, text := range texts {
		v, set := got[name]
		if text == "-" && !set || set && v == text {
			continue
		}
		t.Errorf("%s: %s is %q (set: %t), not %q", a.Key, name, v, set, text)
	}
}

func tagged(t *testing.T, a inventory.Asset, key, value string) {
	t.Helper()
	if tag, ok := a.Tags.Get(key); !ok || tag.Value != value {
		t.Errorf("%s: tag %s is %q (%s)", a.Key, key, tag.Value, a.Tags.State())
	}
}

func tags(t *testing.T, a inventory.Asset, state inventory.Knowledge, n int) {
	t.Helper()
	if a.Tags.State() != state || a.Tags.Len() != n {
		t.Errorf("%s: %d tags, %s", a.Key, a.Tags.Len(), a.Tags.State())
	}
}

func related(t *testing.T, a inventory.Asset, list ...inventory.Relation) {
	t.Helper()
	if got := inventory.SortRelations(slices.Clone(a.Relations)); !slices.Equal(got, inventory.SortRelations(list)) {
		t.Errorf("%s: relations %v, not %v", a.Key, got, list)
	}
}

func identified(t *testing.T, a inventory.Asset, list ...inventory.Identifier) {
	t.Helper()
	for _, id := range list {
		if !slices.Contains(a.Identifiers, id) {
			t.Errorf("%s: %v is not among %v", a.Key, id, a.Identifiers)
		}
	}
}

// TestListingRefused checks that a listing that is refused is an error, and no empty list.
func TestListingRefused(t *testing.T) {
	for _, l := range Listers() {
		answers := listertest.Answers{}
		for _, op := range l.Operations {
			answers[op.Name] = listertest.Refuse("AccessDenied")
		}
		if o := listertest.Run(t, &l, answers); o.Err == nil || len(o.Assets) != 0 {
			t.Errorf("%s: error %v, %d assets", l.Type, o.Err, len(o.Assets))
		}
	}
}
