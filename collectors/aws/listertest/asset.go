package listertest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/muster-audit/muster/inventory"
)

// Attributes checks that an asset has these attributes, by their JSON texts, and perhaps others.
func Attributes(t testing.TB, a inventory.Asset, want map[string]string) {
	t.Helper()
	for name, text := range want {
		if v, ok := a.Attributes.Get(name); !ok || string(v) != text {
			t.Errorf("%s: %s is %s, want %s", a.Key, name, string(v), text)
		}
	}
}

// Texts checks attributes by what Text makes of them.
func Texts(t testing.TB, a inventory.Asset, want map[string]string) {
	t.Helper()
	for name, text := range want {
		if got := Text(a, name); got != text {
			t.Errorf("%s: %s is %s, want %s", a.Key, name, got, text)
		}
	}
}

// Text returns an attribute's text, that of a string without its quotes; "-" if it was not read.
func Text(a inventory.Asset, name string) string {
	v, ok := a.Attributes.Get(name)
	if !ok {
		return "-"
	}
	return v.String()
}

// Unread checks that an asset has these attributes and that they are marked as not read.
func Unread(t testing.TB, a inventory.Asset, names ...string) {
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

// Tag checks that an asset has a tag, and perhaps others.
func Tag(t testing.TB, a inventory.Asset, key, value string) {
	t.Helper()
	if tag, ok := a.Tags.Get(key); !ok || tag.Value != value {
		t.Errorf("%s: tag %s is %q (%t), want %q", a.Key, key, tag.Value, ok, value)
	}
}

// Tags checks that an asset's tags are known, and that they are these and no others.
func Tags(t testing.TB, a inventory.Asset, want map[string]string) {
	t.Helper()
	if a.Tags.State() != inventory.Known || a.Tags.Len() != len(want) {
		t.Errorf("%s: tags %v (%s), want %v", a.Key, a.Tags, a.Tags.State(), want)
	}
	for key, value := range want {
		Tag(t, a, key, value)
	}
}

// Untagged checks that an asset is known to have no tags.
func Untagged(t testing.TB, a inventory.Asset) {
	t.Helper()
	Tags(t, a, nil)
}

// UnknownTags checks that an asset's tags pass for what nobody could read.
func UnknownTags(t testing.TB, a inventory.Asset) {
	t.Helper()
	if a.Tags.State() != inventory.Unknown {
		t.Errorf("%s: tags are %s, though nobody could read them", a.Key, a.Tags.State())
	}
}

// Relations checks that an asset has these relations, in the order of inventory.SortRelations, and no others.
func Relations(t testing.TB, a inventory.Asset, want ...inventory.Relation) {
	t.Helper()
	if got := inventory.SortRelations(slices.Clone(a.Relations)); !slices.Equal(got, want) {
		t.Errorf("%s: relations %v, want %v", a.Key, got, want)
	}
}

// Nowhere checks that a text is in nothing that an asset holds.
func Nowhere(t testing.TB, a inventory.Asset, secret string) {
	t.Helper()
	if text := fmt.Sprintf("%+v", a); strings.Contains(text, secret) {
		t.Errorf("%s holds %q", a.Key, secret)
	}
}
