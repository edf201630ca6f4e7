package vocabulary

import (
	"cmp"
	"maps"
	"slices"
)

// KeyUse is how a key is used with one provider: a row of "muster tags keys".
type KeyUse struct {
	Key      string `json:"key"`
	Provider string `json:"provider"`
	Assets   int    `json:"assets"`
	// Unconfirmed counts those of them that the scan did not confirm.
	Unconfirmed int `json:"unconfirmed"`
	// Values counts distinct values; -1 if there are more than are kept.
	Values int `json:"values"`
}

// KeyUses lists the keys that people set, the most used first. An error text says what was left out; it is empty if nothing was.
func (c *Census) KeyUses() (list []KeyUse, leftOut string) {
	for text, k := range c.keys {
		for _, u := range k.uses {
			if u.reserved {
				continue
			}
			list = append(list, KeyUse{
				Key: text, Provider: c.providers[u.provider], Assets: int(u.sure + u.unsure), Unconfirmed: int(u.unsure), Values: k.valuesOf(u.provider),
			})
		}
	}
	slices.SortFunc(list, func(a, b KeyUse) int {
		return cmp.Or(cmp.Compare(b.Assets, a.Assets), cmp.Compare(a.Key, b.Key), cmp.Compare(a.Provider, b.Provider))
	})
	return list, c.overflow()
}

// valuesOf counts the values with a provider.
func (w *word) valuesOf(provider uint8) int {
	if w.given {
		return -1
	}
	n := 0
	for _, v := range w.values {
		if slices.ContainsFunc(v.uses, func(u use) bool { return u.provider == provider }) {
			n++
		}
	}
	return n
}

// Unread is how many assets have tags that no scan could read.
func (c *Census) Unread() int { return c.unread }

// sortedTexts lists words in their order.
func sortedTexts(words map[string]*word) []string { return slices.Sorted(maps.Keys(words)) }
