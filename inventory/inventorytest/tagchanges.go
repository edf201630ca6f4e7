package inventorytest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/muster-audit/muster/inventory"
)

func checkTagChanges(t *testing.T, s inventory.Store) {
	Scan(t, s, Read("a", Asset("flips", Tags("owner", "one")), Asset("steady", Tags("owner", "one")), Asset("gone", Tags("owner", "one")), Asset("lost", Tags("owner", "one"))))
	Scan(t, s, Read("a", Asset("flips", Tags("owner", "two")), Asset("steady", Tags("owner", "one"), Name("new")), Asset("gone", Tags("owner", "two")), Asset("lost")))
	Scan(t, s, Read("a", Asset("flips", TagState(inventory.UnknownTags())), Asset("steady", Tags("owner", "one")), Asset("lost")))
	Scan(t, s, Read("a", Asset("flips", Tags("owner", "one"), Name("new")), Asset("steady", TagState(inventory.UnknownTags())), Asset("lost", Tags("owner", "one")), Asset("fresh")))
	want(t, "over all scans", tagChanges(t, s, 1, 4), []string{
		"flips 1-2 one, 2-4 two, 4-0 one", "lost 1-2 one, 2-4 -, 4-0 one",
	})
	want(t, "since the second", tagChanges(t, s, 2, 4), []string{"flips 2-4 two, 4-0 one", "lost 2-4 -, 4-0 one"})
	want(t, "as of the third", tagChanges(t, s, 1, 3), []string{"flips 1-2 one, 2-4 two", "lost 1-2 one, 2-4 -"})
	want(t, "as of the second", tagChanges(t, s, 1, 2), []string{"flips 1-2 one, 2-4 two", "gone 1-2 one, 2-3 two", "lost 1-2 one, 2-4 -"})
	want(t, "within one scan", tagChanges(t, s, 4, 4), []string{})
}

// tagChanges renders histories by key, with the value of the tag owner in each version.
func tagChanges(t *testing.T, s inventory.Store, from, at inventory.ScanID) []string {
	t.Helper()
	keys := map[int64]string{}
	for _, e := range All(t, s, inventory.AssetQuery{At: at}) {
		keys[e.ID] = e.Key
	}
	list := []string{}
	for h, err := range s.TagChanges(t.Context(), from, at) {
		if err != nil {
			t.Fatalf("tag changes: %v", err)
		}
		var versions []string
		for _, v := range h.Versions {
			value := "-"
			if tag, ok := v.Tags.Get("owner"); ok {
				value = tag.Value
			}
			versions = append(versions, fmt.Sprintf("%d-%d %s", v.From, v.To, value))
		}
		list = append(list, keys[h.ID]+" "+strings.Join(versions, ", "))
	}
	slices.Sort(list)
	return list
}
