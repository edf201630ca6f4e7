package vocabulary

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"github.com/muster-audit/muster/rules/nearmiss"
)

// NearMiss is a cluster of words that were meant to be one.
type NearMiss struct {
	// Tag is the canonical key of the tag whose values are meant; empty for keys.
	Tag string
	// Name stays while counts change.
	Name      string
	Canonical string
	ByPolicy  bool // the canonical word is the policy's
	// Uses counts the assets that bear the canonical word.
	Uses  int
	Swaps []Swap // the most used first
	// Sure is false if the words are near misses only by what this scan could not confirm.
	Sure bool

	ids [examples]int64 // of the canonical word
}

// Swap is a word to be replaced.
type Swap struct {
	From, To string
	Uses     int
	// Provider is set if another word is right with this provider, which does not take the canonical one.
	Provider string

	ids [examples]int64
}

// Parts are the words to be replaced, sorted.
func (m *NearMiss) Parts() []string {
	var parts []string
	for _, s := range m.Swaps {
		parts = append(parts, s.From)
	}
	slices.Sort(parts)
	return slices.Compact(parts)
}

// nearMisses finds the clusters among words. meant says what the policy calls a word; the words that it knows count also where nobody uses
// them. What only unconfirmed uses make a near miss, or not, is not sure.
func (c *Census) nearMisses(tag string, words map[string]*word, meant map[string]string) []NearMiss {
	all := c.clusters(words, meant, true)
	sure := c.clusters(words, meant, false)
	byName := map[string]map[string]bool{}
	for _, cl := range sure {
		byName[cl.Name] = map[string]bool{}
		for _, m := range c.missOf(cl, words, false).Swaps {
			byName[cl.Name][m.From] = true
		}
	}
	var list []NearMiss
	for _, cl := range all {
		m := c.missOf(cl, words, true)
		m.Tag = tag
		if len(m.Swaps) == 0 {
			continue
		}
		certain := slices.DeleteFunc(slices.Clone(m.Swaps), func(s Swap) bool { return !byName[cl.Name][s.From] })
		if m.Sure = len(certain) > 0; m.Sure {
			m.Swaps = certain
		}
		list = append(list, m)
	}
	return list
}

func (c *Census) clusters(words map[string]*word, meant map[string]string, unsure bool) []nearmiss.Cluster {
	list := make([]nearmiss.Word, 0, len(words)+len(meant))
	for text, w := range words {
		if n := w.total(unsure); n > 0 {
			list = append(list, nearmiss.Word{Text: text, Uses: n, Meant: meant[text]})
		}
	}
	for text, of := range meant {
		if w := words[text]; w == nil || w.total(unsure) == 0 {
			list = append(list, nearmiss.Word{Text: text, Meant: of})
		}
	}
	return nearmiss.Clusters(list)
}

// missOf finds out which words of a cluster are to be replaced, and by what: a provider that does not take the canonical word needs one of
// its own, and there that is right which is most used.
func (c *Census) missOf(cl nearmiss.Cluster, words map[string]*word, unsure bool) NearMiss {
	m := NearMiss{Name: cl.Name, Canonical: cl.Canonical, ByPolicy: cl.ByPolicy}
	if w := words[cl.Canonical]; w != nil {
		m.Uses, m.ids = w.total(unsure), w.ids
	}
	for n, provider := range c.providers {
		right := cl.Canonical
		apart := c.lower(provider) && !isLower(right)
		if apart {
			right = c.mostUsed(cl.Words, words, uint8(n), unsure) //nolint:gosec // a handful
		}
		for _, w := range cl.AtFault() {
			uses := words[w.Text].usesOf(uint8(n), unsure) //nolint:gosec // a handful
			if uses == 0 || w.Text == right {
				continue
			}
			if !apart {
				m.swap(Swap{From: w.Text, To: right, Uses: uses, ids: words[w.Text].ids})
			} else {
				m.swap(Swap{From: w.Text, To: right, Uses: uses, Provider: provider, ids: words[w.Text].ids})
			}
		}
	}
	slices.SortFunc(m.Swaps, func(a, b Swap) int {
		return cmp.Or(cmp.Compare(b.Uses, a.Uses), strings.Compare(a.From, b.From), strings.Compare(a.Provider, b.Provider))
	})
	return m
}

// swap adds a word, or more uses of one that is there.
func (m *NearMiss) swap(s Swap) {
	for i := range m.Swaps {
		if o := &m.Swaps[i]; o.From == s.From && o.To == s.To && o.Provider == s.Provider {
			o.Uses += s.Uses
			return
		}
	}
	m.Swaps = append(m.Swaps, s)
}

// mostUsed is the word that a provider's assets bear most; the policy's go before others.
func (c *Census) mostUsed(list []nearmiss.Word, words map[string]*word, provider uint8, unsure bool) string {
	sorted := slices.Clone(list)
	slices.SortStableFunc(sorted, func(a, b nearmiss.Word) int {
		byPolicy := func(w nearmiss.Word) int {
			if w.Meant != "" && isLower(w.Text) {
				return 0
			}
			return 1
		}
		return cmp.Or(byPolicy(a)-byPolicy(b), cmp.Compare(words[b.Text].usesOf(provider, unsure), words[a.Text].usesOf(provider, unsure)))
	})
	return sorted[0].Text
}

// usesOf is how often a word is used with a provider; nil is a word that nobody uses.
func (w *word) usesOf(provider uint8, unsure bool) int {
	if w == nil {
		return 0
	}
	for _, u := range w.uses {
		switch {
		case u.provider != provider || u.reserved:
		case unsure:
			return int(u.sure + u.unsure)
		default:
			return int(u.sure)
		}
	}
	return 0
}

// lower reports whether a provider takes lower case alone.
func (c *Census) lower(provider string) bool {
	return c.Catalog != nil && c.Catalog.TagLimits(provider).Lower
}

// isLower reports whether such a provider takes a word.
func isLower(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool {
		return unicode.IsUpper(r) || !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' && r != '-'
	})
}

// NearKeys finds the keys that were meant to be one.
func (c *Census) NearKeys(meant map[string]string) []NearMiss {
	if c.overflow() != "" {
		return nil
	}
	return c.nearMisses("", c.keys, meant)
}

// NearValues finds the values of a tag that were meant to be one. spellings are its keys, the canonical one first. It is false if there are
// too many values.
func (c *Census) NearValues(spellings []string, meant map[string]string) ([]NearMiss, bool) {
	values, ok := c.valuesOf(spellings)
	if !ok || c.overflow() != "" {
		return nil, false
	}
	return c.nearMisses(spellings[0], values, meant), true
}

// valuesOf puts the values of several keys together; it is false if there are too many.
func (c *Census) valuesOf(keys []string) (map[string]*word, bool) {
	all := map[string]*word{}
	for _, key := range keys {
		k := c.keys[key]
		switch {
		case k == nil:
			continue
		case k.given:
			return nil, false
		}
		for text, v := range k.values {
			if all[text] == nil {
				all[text] = &word{}
			}
			all[text].add(v)
		}
	}
	return all, len(all) <= maxValues
}

func (w *word) add(o *word) {
	for _, u := range o.uses {
		into := w.of(u.provider)
		into.sure, into.unsure = into.sure+u.sure, into.unsure+u.unsure
	}
	for _, id := range o.ids {
		if id != 0 {
			w.example(id)
		}
	}
}

// manyValues reports whether nearly every asset has a value of its own, as with names.
func (c *Census) manyValues(spellings []string) bool {
	values, ok := c.valuesOf(spellings)
	uses := 0
	for _, v := range values {
		uses += v.total(true)
	}
	return !ok || len(values) > 50 && 2*len(values) > uses
}
