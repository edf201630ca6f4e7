// Package activity finds out who is behind a finding, from the logs in which clouds write down who called what: AWS CloudTrail and
// Google Cloud Audit Logs, as files that somebody exported.
//
// A log is read once, event by event, with the memory of one event; what is looked for stands in a hash map beforehand, so that a
// search costs as much as the logs and the findings are long. An event counts for a target only if
//
//   - it is a write that succeeded, within the target's time;
//   - it names the target by one whole identifier, in the place where an API names what it acts on. A full name (ARN, Google's full
//     resource name) stands alone; an id or a name counts only in the target's account and region and in its type's own service;
//   - it is the kind of deed that is looked for, done to a thing of the target's type: making it, deleting it, tagging it, changing it.
//
// Of the events that fit, the last one is told: of those that name an attribute that differs if there are any, else of all. The order of
// logs and events does not matter. Nothing of an event is kept but who, when, the name of the operation, and by what means.
package activity

import (
	"slices"
	"strings"
	"time"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
)

// Deed is what somebody did to an asset.
type Deed uint8

// The deeds. The zero value is none.
const (
	Changed Deed = iota + 1
	Made
	Deleted
)

// Target is an asset about which a search asks.
type Target struct {
	Deed Deed
	Type inventory.Type
	// Names are ARNs and Google's full resource names. IDs are whatever else names the asset for its provider, ids and plain names: they
	// count only in Account and, unless that is empty, in Region.
	Names, IDs      []string
	Account, Region string
	// Parts are what differs, as in rules.Finding: attributes and "tags.<key>". Empty is unknown. Used for Changed only.
	Parts []string
	// After and Before bound the time of the event, both inclusive; zero bounds nothing.
	After, Before time.Time
}

// key is an identifier; a full name has no account.
type key struct{ account, token string }

// Search looks for the events behind some targets. It is used by one goroutine.
type Search struct {
	targets []target
	// index leads from the hash of a key to the last of the links of the targets that may have it. There may be as many targets as
	// findings, so it holds no texts.
	index map[uint64]int32
	links []chain
	logs  Logs
}

// chain is a target with a key of some hash, and the place of the one before it, -1 if there is none.
type chain struct{ target, before int32 }

// Logs is what a search has read.
type Logs struct {
	Files, Events int       // files in which there was an event; events, reads and failed calls too
	First, Last   time.Time // of the events; zero without any
}

// target is a Target with what was found so far.
type target struct {
	*Target
	words  []string      // what operations call a thing of its type, lower case
	source string        // the service that operations on its type belong to
	google bool          // whose collections may have more to their names: "regionInstanceGroupManagers"
	ranks  [2]*candidate // events that fit; in [1] those that name a part; nil without any
	remade time.Time     // last making of what was deleted
}

// NewSearch prepares a search. Targets without an identifier are never found. The targets belong to the search from then on.
func NewSearch(targets []Target) *Search {
	s := &Search{targets: make([]target, len(targets)), index: make(map[uint64]int32, 2*len(targets))}
	words := map[inventory.Type][]string{}
	for i := range targets {
		t := &targets[i]
		if words[t.Type] == nil {
			words[t.Type] = wordsOf(t.Type)
		}
		s.targets[i] = target{Target: t, words: words[t.Type], source: serviceOf(t), google: strings.Contains(string(t.Type), ".googleapis.com/")}
		for _, name := range t.Names {
			s.add(key{token: name}, i)
		}
		for _, id := range t.IDs {
			if t.Account != "" {
				s.add(key{t.Account, id}, i)
			}
		}
	}
	return s
}

func (s *Search) add(k key, i int) {
	h, n := k.hash(), int32(i) //nolint:gosec // there are never so many findings
	if k.token == "" {
		return
	}
	last, ok := s.index[h]
	if !ok {
		last = -1
	}
	s.index[h] = int32(len(s.links)) //nolint:gosec // as above
	s.links = append(s.links, chain{n, last})
}

// hash is that of a key. Another key may have the same.
func (k key) hash() uint64 {
	const offset, prime = 14695981039346656037, 1099511628211 // FNV-1a
	h := uint64(offset)
	for _, part := range [2]string{k.account, k.token} {
		for i := range len(part) {
			h = (h ^ uint64(part[i])) * prime
		}
		h *= prime // an end
	}
	return h
}

// Logs says what was read.
func (s *Search) Logs() Logs { return s.logs }

// Found returns the write behind the target with this index, if one was read.
func (s *Search) Found(i int) (rules.Who, bool) {
	t := &s.targets[i]
	best := t.ranks[1]
	if best == nil {
		best = t.ranks[0]
	}
	if best == nil || t.Deed == Deleted && t.remade.After(best.who.At) {
		return rules.Who{}, false // what was made again after its deletion is not gone by it
	}
	who := best.who
	who.Others = best.n - 1
	return who, true
}

// see holds an event against the targets that it names.
func (s *Search) see(e *event) {
	s.logs.Events++
	if s.logs.First.IsZero() || e.at.Before(s.logs.First) {
		s.logs.First = e.at
	}
	if e.at.After(s.logs.Last) {
		s.logs.Last = e.at
	}
	if !e.write {
		return
	}
	e.names(func(n naming) {
		s.match(e, &n, key{token: n.token})
		if e.account != "" {
			s.match(e, &n, key{e.account, n.token})
		}
	})
}

func (s *Search) match(e *event, n *naming, k key) {
	last, ok := s.index[k.hash()]
	for i := last; ok && i >= 0; i = s.links[i].before {
		if t := &s.targets[s.links[i].target]; t.has(k) && t.within(e) {
			t.note(e, e.deedTo(t, n, k.account == ""))
		}
	}
}

// has reports whether a key is one of a target's.
func (t *target) has(k key) bool {
	if k.account == "" {
		return slices.Contains(t.Names, k.token)
	}
	return t.Account == k.account && slices.Contains(t.IDs, k.token)
}

func (t *target) within(e *event) bool {
	return (t.After.IsZero() || !e.at.Before(t.After)) && (t.Before.IsZero() || !e.at.After(t.Before))
}

// note books an event that does something to the target, if it is what is looked for.
func (t *target) note(e *event, done act) {
	switch {
	case t.Deed == Deleted && (done == makes || done == puts) && e.at.After(t.remade):
		t.remade = e.at
	case t.Deed == Deleted && done == deletes, t.Deed == Made && (done == makes || done == puts):
		t.add(0, e)
	case t.Deed == Changed && (done == updates || done == tags && t.tagsDiffer() || (done == changes || done == puts) && t.othersDiffer()):
		if e.mentions(t.Parts) {
			t.add(1, e)
		} else {
			t.add(0, e)
		}
	}
}

func (t *target) add(rank int, e *event) {
	if t.ranks[rank] == nil {
		t.ranks[rank] = &candidate{}
	}
	t.ranks[rank].add(e)
}

func (t *target) tagsDiffer() bool {
	return len(t.Parts) == 0 || slices.ContainsFunc(t.Parts, isTag)
}

func (t *target) othersDiffer() bool {
	return len(t.Parts) == 0 || slices.ContainsFunc(t.Parts, func(p string) bool { return !isTag(p) })
}

// candidate is the last of some events, and how many they are.
type candidate struct {
	who rules.Who
	id  uint64
	ids [rules.MostOthers + 1]uint64 // of different events; one may stand in several logs
	n   int
}

func (c *candidate) add(e *event) {
	if c.n == 0 || later(e, c) {
		c.who = rules.Who{Actor: e.actor, At: e.at, Action: e.action, Via: e.via}
		c.id = e.id
	}
	if c.n < len(c.ids) && !slices.Contains(c.ids[:c.n], e.id) {
		c.ids[c.n] = e.id
		c.n++
	}
}

// later orders events by time, and those of one moment in a way that does not depend on where they stand.
func later(e *event, c *candidate) bool {
	if d := e.at.Compare(c.who.At); d != 0 {
		return d > 0
	}
	if e.id != c.id {
		return e.id > c.id
	}
	return e.actor+"\n"+e.action+"\n"+e.via > c.who.Actor+"\n"+c.who.Action+"\n"+c.who.Via
}
