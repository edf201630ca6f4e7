package analytics

import (
	"testing"

	"github.com/muster-audit/muster/inventory"
)

// value returns an attribute's text, "-" if it was not read.
func value(a inventory.Asset, name string) string {
	v, ok := a.Attributes.Get(name)
	if !ok {
		return "-"
	}
	return v.String()
}

// check compares attributes with what they should be.
func check(t *testing.T, a inventory.Asset, want map[string]string) {
	t.Helper()
	for name, w := range want {
		if got := value(a, name); got != w {
			t.Errorf("%s: %s is %s, not %s", a.Name, name, got, w)
		}
	}
}

// checkTag makes sure that the tags are known and hold one.
func checkTag(t *testing.T, a inventory.Asset, key, want string) {
	t.Helper()
	if tag, ok := a.Tags.Get(key); !ok || tag.Value != want {
		t.Errorf("%s: tag %s is %q (%t), not %q", a.Name, key, tag.Value, ok, want)
	}
}

// checkUntagged makes sure that the tags are known to be none.
func checkUntagged(t *testing.T, a inventory.Asset) {
	t.Helper()
	if a.Tags.State() != inventory.Known || a.Tags.Len() != 0 {
		t.Errorf("%s: tags are %s, %d of them", a.Name, a.Tags.State(), a.Tags.Len())
	}
}
