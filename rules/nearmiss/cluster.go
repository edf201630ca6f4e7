// Package nearmiss finds words that were meant to be one: tag keys or values that differ in case, in separators, by an abbreviation or by a
// mistake in writing. It looks at distinct words and how often each is used, never at assets, and would rather miss one than accuse a word
// that is another.
//
// Case, separators and abbreviations (abbreviations.txt) make classes: equal after folding. A class that one mistake in one word turns into
// another belongs to that, if the other is the policy's or at least minUses common and more than dominance times as common.
package nearmiss

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// A misspelling is told from a word of its own by being rare beside a word that is not.
const (
	minUses   = 3
	dominance = 10
)

// Word is a distinct word.
type Word struct {
	Text string
	Uses int
	// Meant is what the policy calls it: the word itself, or that for which it is an accepted spelling. Empty if the policy does not
	// know it.
	Meant string
}

// Cluster is words that were meant to be one.
type Cluster struct {
	// Name stays while the words' uses change: the canonical word, folded.
	Name      string
	Canonical string
	// ByPolicy says that the canonical word is the policy's, and not just the most used.
	ByPolicy bool
	// Words are sorted by use, the most used first. The canonical word is among them if it is used.
	Words []Word
}

// AtFault are the words to be replaced: neither the canonical one nor accepted by the policy.
func (c *Cluster) AtFault() []Word {
	return slices.DeleteFunc(slices.Clone(c.Words), func(w Word) bool { return w.Text == c.Canonical || w.Meant != "" })
}

// class is the words with one fold.
type class struct {
	fold     string
	words    []Word
	forms    []form // one for each different list of parts
	uses     int
	byPolicy bool
	parent   *class
}

// Clusters returns the clusters in which a word is at fault, sorted by name. Words must be distinct. The result does not depend on their
// order.
func Clusters(words []Word) []Cluster {
	classes := classesOf(words)
	adopt(classes)
	members := map[*class][]*class{}
	for _, c := range classes {
		members[c.root()] = append(members[c.root()], c)
	}
	var list []Cluster
	for root, of := range members {
		c := cluster(root, of)
		if len(c.AtFault()) > 0 {
			list = append(list, c)
		}
	}
	slices.SortFunc(list, func(a, b Cluster) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// classesOf returns the classes of words, sorted by fold.
func classesOf(words []Word) []*class {
	folds := newFolder()
	byFold := map[string]*class{}
	for _, w := range words {
		f := folds.form(w.Text)
		c := byFold[f.fold]
		if c == nil {
			c = &class{fold: f.fold}
			byFold[f.fold] = c
		}
		c.words = append(c.words, w)
		c.uses += w.Uses
		c.byPolicy = c.byPolicy || w.Meant != ""
		if !f.whole && !slices.ContainsFunc(c.forms, func(o form) bool { return slices.Equal(o.parts, f.parts) }) {
			c.forms = append(c.forms, f)
		}
	}
	return slices.SortedFunc(maps.Values(byFold), func(a, b *class) int { return strings.Compare(a.fold, b.fold) })
}

func (c *class) root() *class {
	for c.parent != nil {
		c = c.parent
	}
	return c
}

// outranks reports whether c may be what was meant by a misspelt o. It never holds both ways.
func (c *class) outranks(o *class) bool {
	if c.byPolicy || o.byPolicy {
		return c.byPolicy && !o.byPolicy
	}
	return c.uses >= minUses && c.uses > dominance*o.uses
}

// compare orders classes by how likely one of them is meant, the likeliest first.
func (c *class) compare(o *class) int {
	switch {
	case c.byPolicy && !o.byPolicy:
		return -1
	case o.byPolicy && !c.byPolicy:
		return 1
	}
	return cmp.Or(cmp.Compare(o.uses, c.uses), strings.Compare(c.fold, o.fold))
}

// adopt gives each class that one mistake makes out of a better one that as its parent.
func adopt(classes []*class) {
	for _, near := range neighbourhoods(classes) {
		for i, a := range near {
			for _, b := range near[i+1:] {
				switch {
				case a.class == b.class:
				case a.class.outranks(b.class):
					b.offer(a)
				case b.class.outranks(a.class):
					a.offer(b)
				}
			}
		}
	}
}

// spelt is a form of a class.
type spelt struct {
	class *class
	parts []string
}

// offer makes the class of better the parent, if one mistake makes s out of it, and it is likelier than the parent that there is.
func (s spelt) offer(better spelt) {
	old := s.class.parent
	if (old == nil || better.class.compare(old) < 0) && oneMistake(s.parts, better.parts) {
		s.class.parent = better.class
	}
}

// hole is what forms have in common that may be one but for a mistake: all parts but one, and the first letter of that.
type hole struct {
	rest  string
	first rune
	at    int
}

// neighbourhoods are the lists of forms to be compared: each pair with at most one different part is in one of them.
func neighbourhoods(classes []*class) map[hole][]spelt {
	near := map[hole][]spelt{}
	for _, c := range classes {
		for _, f := range c.forms {
			for i, p := range f.parts {
				if !isWord(p) {
					continue
				}
				first, _ := utf8.DecodeRuneInString(p)
				h := hole{strings.Join(slices.Concat(f.parts[:i], f.parts[i+1:]), "\x00"), first, i}
				near[h] = append(near[h], spelt{c, f.parts})
			}
		}
	}
	return near
}

func cluster(root *class, of []*class) Cluster {
	c := Cluster{Name: root.fold}
	for _, m := range of {
		c.Words = append(c.Words, m.words...)
	}
	slices.SortFunc(c.Words, compareWords)
	c.Canonical, c.ByPolicy = canonical(root.words)
	return c
}

func compareWords(a, b Word) int {
	return cmp.Or(cmp.Compare(b.Uses, a.Uses), capitals(a.Text)-capitals(b.Text), strings.Compare(a.Text, b.Text))
}

// capitals is 0 for a text in lower case, which every provider takes, else 1.
func capitals(s string) int {
	if strings.ToLower(s) == s {
		return 0
	}
	return 1
}

// canonical is the policy's word, else the most used.
func canonical(words []Word) (text string, byPolicy bool) {
	sorted := slices.SortedFunc(slices.Values(words), compareWords)
	for _, own := range []func(Word) bool{
		func(w Word) bool { return w.Meant == w.Text }, func(w Word) bool { return w.Meant != "" },
	} {
		if i := slices.IndexFunc(sorted, own); i >= 0 {
			return sorted[i].Meant, true
		}
	}
	return sorted[0].Text, false
}
