package developer

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/muster-audit/muster/inventory"
)

// wantAttributes checks that an asset has these attributes, by their JSON text, and perhaps others.
func wantAttributes(t *testing.T, a inventory.Asset, want map[string]string) {
	t.Helper()
	for name, text := range want {
		if v, ok := a.Attributes.Get(name); !ok || string(v) != text {
			t.Errorf("%s: %s is %s, want %s", a.Key, name, v, text)
		}
	}
}

// wantUnread checks that attributes are marked as not read.
func wantUnread(t *testing.T, a inventory.Asset, names ...string) {
	t.Helper()
	unread := map[string]bool{}
	for attr := range a.Attributes.All() {
		unread[attr.Name] = !attr.Value.IsRead()
	}
	for _, n := range names {
		if !unread[n] {
			t.Errorf("%s: %s is not marked as unread", a.Key, n)
		}
	}
}

func wantTag(t *testing.T, a inventory.Asset, key, value string) {
	t.Helper()
	if tag, ok := a.Tags.Get(key); !ok || tag.Value != value {
		t.Errorf("%s: tag %s is %q, want %q", a.Key, key, tag.Value, value)
	}
}

func wantRelations(t *testing.T, a inventory.Asset, want ...inventory.Relation) {
	t.Helper()
	if got := inventory.SortRelations(slices.Clone(a.Relations)); !slices.Equal(got, want) {
		t.Errorf("%s: relations %v, want %v", a.Key, got, want)
	}
}

// wantNowhere checks that a text is in no attribute, tag or name.
func wantNowhere(t *testing.T, a inventory.Asset, secret string) {
	t.Helper()
	if text := fmt.Sprintf("%+v", a); strings.Contains(text, secret) {
		t.Errorf("%s holds %q", a.Key, secret)
	}
}
