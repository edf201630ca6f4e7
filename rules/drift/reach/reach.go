// Package reach answers how far a scan could see: whether what it does not hold is absent, or was only not read. The
// rules that claim that something is missing, unmanaged, a ghost or unrecorded all ask it, so that none of them takes
// a scope that failed for an empty one.
package reach

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/muster-audit/muster/inventory"
)

// Map knows the scopes of one scan. It is safe for concurrent use.
type Map struct {
	started time.Time
	scopes  []inventory.ScopeState // sorted by source and scope
	places  map[place]*inventory.ScopeState
	books   map[inventory.Book]*bookScopes
	memo    sync.Map // question -> Answer
}

type place struct{ source, scope string }

// bookScopes are the scopes of one book: by type where they name types, the rest apart.
type bookScopes struct {
	all     []*inventory.ScopeState
	byType  map[inventory.Type][]*inventory.ScopeState
	general []*inventory.ScopeState
}

type question struct {
	book            inventory.Book
	typ             inventory.Type
	account, region string
}

// New indexes the scopes of all books as they stood in the scan that began at started.
func New(scopes []inventory.ScopeState, started time.Time) *Map {
	m := &Map{
		started: started, scopes: slices.Clone(scopes),
		places: make(map[place]*inventory.ScopeState, len(scopes)), books: map[inventory.Book]*bookScopes{},
	}
	slices.SortFunc(m.scopes, func(a, b inventory.ScopeState) int {
		return cmp.Or(cmp.Compare(a.Source.Name, b.Source.Name), cmp.Compare(a.Scope.ID, b.Scope.ID))
	})
	for i := range m.scopes {
		s := &m.scopes[i]
		m.places[place{s.Source.Name, s.Scope.ID}] = s
		b, ok := m.books[s.Source.Book]
		if !ok {
			b = &bookScopes{byType: map[inventory.Type][]*inventory.ScopeState{}}
			m.books[s.Source.Book] = b
		}
		b.add(s)
	}
	return m
}

func (b *bookScopes) add(s *inventory.ScopeState) {
	b.all = append(b.all, s)
	types, exact := typesOf(s)
	if !exact {
		b.general = append(b.general, s)
		return
	}
	for _, t := range types {
		b.byType[t] = append(b.byType[t], s)
	}
}

// typesOf returns the types that a scope covers, sorted, and false if they cannot be listed.
func typesOf(s *inventory.ScopeState) ([]inventory.Type, bool) {
	var types []inventory.Type
	if s.Scope.Covers.Derived {
		for _, h := range s.Held {
			types = append(types, h.Type)
		}
	} else {
		for _, t := range s.Scope.Covers.Types {
			if isPattern(t) {
				return nil, false
			}
			types = append(types, inventory.Type(t))
		}
		if len(types) == 0 {
			return nil, false
		}
	}
	slices.Sort(types)
	return slices.Compact(types), true
}

func isPattern(s string) bool { return strings.ContainsAny(s, `*?[\`) }

// Has reports whether a book has any source at all.
func (m *Map) Has(book inventory.Book) bool { return m.books[book] != nil }

// Scopes returns the scopes of a book, sorted by source and scope. They must not be changed.
func (m *Map) Scopes(book inventory.Book) []*inventory.ScopeState {
	if b := m.books[book]; b != nil {
		return b.all
	}
	return nil
}

// ScopeOf returns the scope that an entry was read from; nil if it is not among those of the scan.
func (m *Map) ScopeOf(e *inventory.Entry) *inventory.ScopeState {
	return m.places[place{e.Source, e.Scope}]
}

// Answer says what a book can tell of a kind of asset.
type Answer struct {
	Covering int                   // scopes that would hold such an asset
	Unread   *inventory.ScopeState // the first of them that was not read whole; nil if all were
	// Elsewhere is the first of them whose source leaves out regions in which the asset may be, since its own is not known.
	Elsewhere *inventory.ScopeState
}

// Complete reports whether at least one scope covers the asset, all that do were read whole, and it can be nowhere else:
// what they do not hold is not there.
func (a Answer) Complete() bool { return a.Covering > 0 && a.Unread == nil && a.Elsewhere == nil }

// Ask returns what a book can tell of assets with this type, account and region. An empty account or region is unknown,
// and stands for every one.
func (m *Map) Ask(book inventory.Book, t inventory.Type, account, region string) Answer {
	q := question{book, t, account, region}
	if a, ok := m.memo.Load(q); ok {
		return a.(Answer)
	}
	a := m.ask(q)
	m.memo.Store(q, a)
	return a
}

func (m *Map) ask(q question) Answer {
	b := m.books[q.book]
	if b == nil {
		return Answer{}
	}
	var a Answer
	for _, list := range [][]*inventory.ScopeState{b.byType[q.typ], b.general} {
		for _, s := range list {
			if !covers(s, q) {
				continue
			}
			a.Covering++
			if !s.Run.ProvesAbsence() && a.Unread == nil {
				a.Unread = s
			}
			if q.region == "" && s.Scope.Covers.OtherRegions && a.Elsewhere == nil {
				a.Elsewhere = s
			}
		}
	}
	return a
}

// covers is ScopeState.Covers, where an empty account or region stands for any.
func covers(s *inventory.ScopeState, q question) bool {
	c := &s.Scope.Covers
	if c.Derived {
		return s.Covers(q.typ, q.account, q.region)
	}
	if c.PresenceOnly {
		return false
	}
	return matchAny(c.Types, string(q.typ)) && (q.account == "" || matchAny(c.Accounts, q.account)) &&
		(q.region == "" || matchAny(c.Regions, q.region))
}

func matchAny(patterns []string, s string) bool {
	if len(patterns) == 0 {
		return true
	}
	for _, p := range patterns {
		if p == s || isPattern(p) && inventory.MatchGlob(p, s) {
			return true
		}
	}
	return false
}

// Why says why an answer is not complete, in one line.
func (a Answer) Why(book inventory.Book, t inventory.Type, account, region string) string {
	if a.Covering == 0 {
		return fmt.Sprintf("no %s source covers %s in %s/%s", book, t, orAny(account, "any account"), orAny(region, "any region"))
	}
	return a.Doubt()
}

// Doubt says why the scopes that cover the asset do not prove that it is not there, in one line; empty if they do.
func (a Answer) Doubt() string {
	switch {
	case a.Unread != nil:
		return Describe(a.Unread)
	case a.Elsewhere != nil:
		return "its region is not known, and " + a.Elsewhere.Source.Name + " reads some regions only"
	}
	return ""
}

func orAny(s, any string) string {
	if s == "" {
		return any
	}
	return s
}

// Describe says in one line that a scope was not read whole, and why.
func Describe(s *inventory.ScopeState) string {
	text := fmt.Sprintf("%s %s was not read whole: %s", s.Source.Name, s.Scope.ID, cmp.Or(string(s.Run.State), "no run"))
	if s.Run.Reason != inventory.ReasonNone {
		text += " (" + string(s.Run.Reason) + ")"
	}
	return text
}

// Unconfirmed says why the scan does not prove that an entry still stands as it does, or returns "" if it does: its scope
// was read, and if only in part, this entry was among what was read and the export is neither too old nor a damaged register,
// whose cells may be cut off.
func (m *Map) Unconfirmed(e *inventory.Entry) string {
	s := m.ScopeOf(e)
	if s == nil {
		return fmt.Sprintf("%s %s is not a scope of this scan", e.Source, e.Scope)
	}
	switch s.Run.State {
	case inventory.RunOK:
		return ""
	case inventory.RunPartial:
		if !e.LastSeen.Before(m.started) && !distrusted(s) {
			return ""
		}
	}
	return Describe(s)
}

// distrusted reports whether what was read of a scope may not be what its source would say now.
func distrusted(s *inventory.ScopeState) bool {
	switch s.Run.Reason {
	case inventory.ReasonStale:
		return true
	case inventory.ReasonDrop, inventory.ReasonUntrusted:
		return s.Source.Book == inventory.Recorded
	}
	return false
}

// NeverRead returns the first scope of a book that no scan up to this one has read whole; nil if there is none.
func (m *Map) NeverRead(book inventory.Book) *inventory.ScopeState {
	for _, s := range m.Scopes(book) {
		if s.LastOK.IsZero() && s.Run.State != inventory.RunOK {
			return s
		}
	}
	return nil
}

// Collector returns whether a book has sources of a collector, and the first of their scopes that this scan did not read whole.
func (m *Map) Collector(book inventory.Book, collector string) (found bool, unread *inventory.ScopeState) {
	for _, s := range m.Scopes(book) {
		if s.Source.Collector != collector {
			continue
		}
		found = true
		if s.Run.State != inventory.RunOK {
			return true, s
		}
	}
	return found, nil
}
