package link

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
)

// Party is one side of a link.
type Party struct {
	ID     int64          `json:"id"`
	Book   inventory.Book `json:"book"`
	Source string         `json:"source"`
	Type   inventory.Type `json:"type"`
	Key    string         `json:"key"`
}

// Link says by what an asset came into the entity.
type Link struct {
	Asset Party  `json:"asset"`
	To    Party  `json:"to"`    // the asset itself, or a member that stands nearer to it
	By    Rule   `json:"by"`    // the strongest identifier that both hold
	Value string `json:"value"` // of that identifier, normalised
}

// Candidate is an asset that shares an identifier with the asset and was not linked to it.
type Candidate struct {
	Asset  Party  `json:"asset"`
	By     Rule   `json:"by"`
	Value  string `json:"value"`
	Reason string `json:"reason"` // why it was not linked
	// Veto is the rank of identifier that keeps the two apart; empty if none does.
	Veto Rule `json:"veto,omitempty"`
}

// Ledger is how one asset was matched.
type Ledger struct {
	Asset Party  `json:"asset"`
	Links []Link `json:"links"` // one for each other member of the entity, nearest first, then by id
	// Candidates are at most 100, those with the strongest identifier first, then by id. Host names and addresses stand here only.
	Candidates []Candidate `json:"candidates"`
}

// RunnerUp returns the candidate with the strongest shared identifier, if there is any.
func (l *Ledger) RunnerUp() (Candidate, bool) {
	if len(l.Candidates) == 0 {
		return Candidate{}, false
	}
	return l.Candidates[0], true
}

// maxCandidates bounds a ledger: thousands of machines may share a host name.
const maxCandidates = 100

// Explain links all assets as Build does, and tells how one of them was matched. ids is walked twice and must yield the same
// both times. It fails with inventory.ErrNotFound if the asset is not among them.
func Explain(ctx context.Context, ids iter.Seq2[inventory.Identity, error], asset int64) (Ledger, error) {
	var self *inventory.Identity
	x, err := readIndex(ctx, watch(ids, asset, &self))
	if err != nil {
		return Ledger{}, err
	}
	if self == nil {
		return Ledger{}, fmt.Errorf("explain asset %d: %w", asset, inventory.ErrNotFound)
	}
	m := newMatcher(x)
	if err := m.run(ctx); err != nil {
		return Ledger{}, err
	}
	e := newExplainer(m, self)
	for id, err := range ids {
		if err != nil {
			return Ledger{}, fmt.Errorf("read identities: %w", err)
		}
		if ctx.Err() != nil {
			return Ledger{}, ctx.Err()
		}
		e.see(&id)
	}
	return e.ledger(), nil
}

// watch passes the identities on and keeps a copy of one.
func watch(ids iter.Seq2[inventory.Identity, error], asset int64, found **inventory.Identity) iter.Seq2[inventory.Identity, error] {
	return func(yield func(inventory.Identity, error) bool) {
		for id, err := range ids {
			if err == nil && id.ID == asset {
				c := id
				c.Identifiers = slices.Clone(id.Identifiers)
				*found = &c
			}
			if !yield(id, err) {
				return
			}
		}
	}
}

// namedForm is a form that is kept.
type namedForm struct {
	rank rank
	text string
}

// value returns the text for people: the parts of a compound form are set apart by spaces.
func (f namedForm) value() string { return strings.ReplaceAll(f.text, "\x00", " ") }

// witness is an asset of the entity with its forms, the strongest first.
type witness struct {
	party Party
	forms []namedForm
}

// explainer gathers the members of one entity, and what shares a form with one of its assets.
type explainer struct {
	m          *matcher
	root       int32
	norm       normaliser
	seen       []namedForm // forms of the identity at hand
	self       witness
	members    []witness
	candidates []ranked
}

type ranked struct {
	Candidate
	rank rank
}

func newExplainer(m *matcher, self *inventory.Identity) *explainer {
	e := &explainer{m: m}
	e.norm.weak = true
	e.norm.yield = func(f form) { e.seen = append(e.seen, namedForm{f.rank, string(f.text)}) }
	e.root = m.root(m.find(self.ID))
	e.self = witness{partyOf(self), e.forms(self)}
	return e
}

func partyOf(id *inventory.Identity) Party {
	return Party{ID: id.ID, Book: id.Book, Source: id.Source, Type: id.Type, Key: id.Key}
}

// find returns the node of an asset that was indexed.
func (x *index) find(asset int64) int32 {
	i, _ := slices.BinarySearchFunc(x.nodes, asset, func(n node, id int64) int { return cmp.Compare(n.id, id) })
	return int32(i)
}

func compareForms(a, b namedForm) int {
	return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.text, b.text))
}

func (e *explainer) forms(id *inventory.Identity) []namedForm {
	e.seen = nil
	e.norm.forms(id)
	slices.SortFunc(e.seen, compareForms)
	return slices.Compact(e.seen)
}

func (e *explainer) see(id *inventory.Identity) {
	if id.ID == e.self.party.ID {
		return
	}
	forms := e.forms(id)
	root := e.m.root(e.m.find(id.ID))
	if root == e.root {
		e.members = append(e.members, witness{partyOf(id), forms})
		return
	}
	for _, f := range forms {
		if _, ok := slices.BinarySearchFunc(e.self.forms, f, compareForms); ok {
			e.addCandidate(partyOf(id), f, root)
			return
		}
	}
}

func (e *explainer) addCandidate(p Party, f namedForm, root int32) {
	c := Candidate{Asset: p, By: f.rank.rule(), Value: f.value()}
	c.Reason, c.Veto = e.reason(f.rank, root)
	e.candidates = append(e.candidates, ranked{c, f.rank})
	if len(e.candidates) > 2*maxCandidates {
		e.trim()
	}
}

// trim sorts the candidates and drops the weakest.
func (e *explainer) trim() {
	slices.SortFunc(e.candidates, func(a, b ranked) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.Asset.ID, b.Asset.ID))
	})
	e.candidates = e.candidates[:min(len(e.candidates), maxCandidates)]
}

// reason says what kept the asset's entity and another apart.
func (e *explainer) reason(r rank, other int32) (string, Rule) {
	v, differing := e.m.compare(e.root, other, r)
	switch {
	case v == twoNames:
		return fmt.Sprintf("both are known by their %s, and it differs", differing.rule()), differing.rule()
	case v == twoAccounts:
		return "they are in two accounts", Rule("account")
	case r > lastLinking:
		return "host names and addresses only suggest", ""
	case v == twoTypes:
		return "both are observed, as different types", ""
	case v == oneSource:
		return "one source holds both, or a member of each", ""
	case v == unsupported:
		return "a shared MAC address needs the same host name, or all MAC addresses alike", ""
	case v == tooMany:
		return fmt.Sprintf("one of them has more than %d members", maxMatched), ""
	}
	return "several things hold this identifier, so it links nothing", ""
}

func (e *explainer) ledger() Ledger {
	e.trim()
	l := Ledger{Asset: e.self.party, Links: e.links(), Candidates: []Candidate{}}
	for _, c := range e.candidates {
		l.Candidates = append(l.Candidates, c.Candidate)
	}
	return l
}

// links walks from the asset to every other member of its entity, over shared forms.
func (e *explainer) links() []Link {
	slices.SortFunc(e.members, func(a, b witness) int { return cmp.Compare(a.party.ID, b.party.ID) })
	holders := map[namedForm][]int{}
	for i, w := range e.members {
		for _, f := range w.forms {
			holders[f] = append(holders[f], i)
		}
	}
	out := []Link{}
	linked := make([]bool, len(e.members))
	queue := []witness{e.self}
	for len(queue) > 0 {
		from := queue[0]
		queue = queue[1:]
		for _, f := range from.forms {
			if f.rank > lastLinking {
				break
			}
			for _, i := range holders[f] {
				if !linked[i] {
					linked[i] = true
					w := e.members[i]
					out = append(out, Link{Asset: w.party, To: from.party, By: f.rank.rule(), Value: f.value()})
					queue = append(queue, w)
				}
			}
			delete(holders, f) // whoever holds it is linked now
		}
	}
	return out
}
