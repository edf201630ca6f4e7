// Package suggest tells which value of a tag the neighbours of an asset imply: what hangs on the same thing, belongs to the same stack or
// application, stands in the same network, is named alike, or is in the same account. A suggestion is evidence for a person, never a fact:
// nothing takes it for the tag's value.
package suggest

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/link"
	"github.com/muster-audit/muster/rules"
	"github.com/muster-audit/muster/rules/neighbours"
)

// How many neighbours with the tag a suggestion needs, and how many of a hundred must agree. An account holds all sorts of things, so that
// it takes more.
const (
	Fewest, FewestOfAccount = 3, 5
	Least, LeastOfAccount   = 80, 90
)

// Suggestion is a value that neighbours imply.
type Suggestion struct {
	Value      string
	Agree, All int    // neighbours with this value, and with any
	Among      string // what they have in common: "in SubnetId subnet-1"
	approach   approach
}

// Confidence is how many of a hundred neighbours agree, rounded down.
func (s Suggestion) Confidence() int { return s.Agree * 100 / s.All }

// Why tells what it rests on, with exact numbers: "9 of 10 assets in SubnetId subnet-1".
func (s Suggestion) Why() string { return fmt.Sprintf("%d of %d assets %s", s.Agree, s.All, s.Among) }

// Evidence tells it of a key in a finding. Numbers are rough, so that the finding stays the same while the estate grows by an asset.
func (s Suggestion) Evidence(key string) rules.Evidence {
	return rules.Note("suggested value of the tag %q: %q, which %s assets with the tag %s have", key, s.Value, neighbours.Share(s.Agree, s.All), s.Among)
}

// mostValues is how many different values a tag may have before it is taken for a name of single things, which no neighbour implies.
const mostValues = 20_000

// Index counts the values of tags by what their assets have in common. It holds 16 bytes for each trait and different value, and no asset.
type Index struct {
	links   *link.Result
	groups  [][]string // spellings of a tag, the canonical one first
	votes   neighbours.Votes
	values  neighbours.Interned[string]
	counted [2]seen // entities, of the observed and of the declared book
	scratch []common
	// distinct are the values of each group, until there are more than mostValues; then the group is nil and nothing is suggested for it.
	distinct []map[uint32]struct{}
}

// New returns an empty index of the tags that a policy has rules about.
func New(links *link.Result, p *rules.Policy) *Index {
	x := &Index{links: links, groups: Groups(p)}
	for range x.groups {
		x.distinct = append(x.distinct, map[uint32]struct{}{})
	}
	return x
}

// isName notes a value of a group and reports whether the group has so many that it names single things.
func (x *Index) isName(group int, value uint32) bool {
	if d := x.distinct[group]; d != nil {
		if d[value] = struct{}{}; len(d) > mostValues {
			x.distinct[group] = nil
		}
	}
	return x.distinct[group] == nil
}

// Groups lists the tags that a policy's rules say something about, each with its accepted spellings, the canonical one first, in the order
// of the policy.
func Groups(p *rules.Policy) [][]string {
	var groups [][]string
	add := func(keys []string) {
		if !slices.ContainsFunc(groups, func(g []string) bool { return g[0] == keys[0] }) {
			groups = append(groups, keys)
		}
	}
	for i := range p.Tags {
		if t := &p.Tags[i]; len(t.Keys) > 0 {
			add(t.Keys)
		}
	}
	for i := range p.Tags {
		for _, key := range slices.Concat(p.Tags[i].AnyOf, p.Tags[i].AllOf) {
			add([]string{key})
		}
	}
	return groups
}

// Watch passes assets on and takes note of those that are observed or declared. The index is complete when they are all read, and must not
// be asked before.
func (x *Index) Watch(assets iter.Seq2[*inventory.Entry, error]) iter.Seq2[*inventory.Entry, error] {
	return func(yield func(*inventory.Entry, error) bool) {
		for e, err := range assets {
			if err == nil {
				x.note(e)
			}
			if !yield(e, err) {
				return
			}
		}
		x.votes.Finish()
		x.counted = [2]seen{}
	}
}

func (x *Index) note(e *inventory.Entry) {
	book, ok := bookOf(e)
	if !ok || len(x.groups) == 0 {
		return
	}
	tags := e.CurrentTags()
	entity, linked := x.links.EntityOf(e.ID)
	if tags.Len() == 0 || !linked || x.counted[book].before(entity) {
		return
	}
	x.scratch = x.traits(x.scratch[:0], e, tags, false)
	for i, keys := range x.groups {
		value, ok := valueOf(tags, keys)
		if !ok || x.distinct[i] == nil {
			continue
		}
		x.counted[book].add(entity)
		n := x.values.Number(value)
		if x.isName(i, n) {
			continue
		}
		for _, t := range x.scratch {
			if t.of != keys[0] {
				x.votes.Add(t.Trait.About(i), n)
			}
		}
	}
}

func bookOf(e *inventory.Entry) (int, bool) {
	switch {
	case e.Book == inventory.Observed:
		return 0, true
	case e.Book == inventory.Declared && e.FacetOf() == "":
		return 1, true
	}
	return 0, false
}

// valueOf is the value of the first spelling that has one.
func valueOf(tags inventory.Tags, keys []string) (string, bool) {
	for _, k := range keys {
		if t, ok := tags.Get(k); ok && neighbours.Tells(t) {
			return t.Value, true
		}
	}
	return "", false
}

// Likely is the value of a tag that an asset's neighbours imply, if enough of them agree. key is the canonical one. What the asset itself
// bears does not count. fits says whether the value would do; one that would not is none.
func (x *Index) Likely(asset *inventory.Entry, key string, fits func(value string) bool) (Suggestion, bool) {
	group := slices.IndexFunc(x.groups, func(g []string) bool { return g[0] == key })
	if _, ok := bookOf(asset); !ok || group < 0 || x.distinct[group] == nil {
		return Suggestion{}, false
	}
	tags := asset.CurrentTags()
	own, counted := valueOf(tags, x.groups[group])
	for _, t := range x.traits(nil, asset, tags, true) {
		if t.of == key {
			continue
		}
		s := x.poll(t, group)
		if counted && s.All > 0 {
			s = x.without(s, t, group, own)
		}
		if s.enough() && fits(s.Value) {
			return s, true
		}
	}
	return Suggestion{}, false
}

func (s Suggestion) enough() bool {
	fewest, least := Fewest, Least
	if s.approach == byAccount {
		fewest, least = FewestOfAccount, LeastOfAccount
	}
	return s.All >= fewest && s.Agree*100 >= s.All*least
}

func (x *Index) poll(t common, group int) Suggestion {
	answer, n, all := x.votes.Most(t.Trait.About(group), func(a, b uint32) int { return strings.Compare(x.values.Value(a), x.values.Value(b)) })
	s := Suggestion{Agree: n, All: all, Among: t.Name, approach: t.approach}
	if n > 0 {
		s.Value = x.values.Value(answer)
	}
	return s
}

// without takes out what the asset itself said. Where it stands against the others it was one of them; where it agrees with most, there is
// nothing to suggest to it.
func (x *Index) without(s Suggestion, t common, group int, own string) Suggestion {
	n, ok := x.values.Find(own)
	if !ok {
		return s
	}
	for answer := range x.votes.Answers(t.Trait.About(group)) {
		if answer == n {
			s.All--
			if s.Value == own {
				s.Agree--
			}
			break
		}
	}
	return s
}

// seen is a set of entities: a bit for each number that a store gave. Numbers begin anew, far apart, with each scope (their upper half), so
// that each scope has bits of its own.
type seen map[int64][]uint64

func (s seen) before(id int64) bool {
	bits, low := s[id>>32], uint32(id)
	return int(low/64) < len(bits) && bits[low/64]&(1<<(low%64)) != 0
}

func (s *seen) add(id int64) {
	if *s == nil {
		*s = seen{}
	}
	bits, low := (*s)[id>>32], uint32(id)
	for int(low/64) >= len(bits) {
		bits = append(bits, 0)
	}
	bits[low/64] |= 1 << (low % 64)
	(*s)[id>>32] = bits
}
