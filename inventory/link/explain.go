package link

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"

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

// Written is what two sources wrote where they agree on an identifier.
type Written struct {
	Here  string `json:"here"`  // the asset that the ledger, or the link's To, is about
	There string `json:"there"` // the other
}

// Link says by what an asset came into the entity.
type Link struct {
	Asset   Party   `json:"asset"`
	To      Party   `json:"to"`      // the asset itself, or a member that stands nearer to it
	By      Rule    `json:"by"`      // the strongest identifier that both hold
	Value   string  `json:"value"`   // of that identifier, normalised
	Written Written `json:"written"` // the same before that; Here is To's
	// Checks are the identifiers that could have kept the two apart, the strongest first.
	Checks []Check `json:"checks"`
}

// Check holds the identifiers of one kind against each other that two assets have, each of which has only one such.
type Check struct {
	Rule  Rule       `json:"rule"`
	State CheckState `json:"state"`
	// Overruled says that they differ and that what links the two is stronger.
	Overruled bool `json:"overruled,omitempty"`
	// Typo says that they are serial numbers of which one may be the other, mistyped.
	Typo  bool     `json:"typo,omitempty"`
	Here  []string `json:"here"` // normalised
	There []string `json:"there"`
}

// CheckState is the outcome of a check.
type CheckState string

// The outcomes of a check.
const (
	CheckSame    CheckState = "same"
	CheckDiffers CheckState = "differs"
	CheckOneSide CheckState = "one-side" // only one of the two has such an identifier, which says nothing
)

// Candidate is an asset that shares an identifier with the asset and was not linked to it.
type Candidate struct {
	Asset   Party   `json:"asset"`
	By      Rule    `json:"by"`
	Value   string  `json:"value"`
	Written Written `json:"written"`
	Reason  string  `json:"reason"` // why it was not linked
	// Veto is the rank of identifier that keeps the two apart; empty if none does.
	Veto Rule `json:"veto,omitempty"`
	// Replaced says that the two have one name and certainly are two things, of which one is observed: most likely a machine
	// and the one that took its place.
	Replaced bool    `json:"replaced,omitempty"`
	Checks   []Check `json:"checks"`
}

// Ignored is a value that a member of the entity has for an identifier and that is none.
type Ignored struct {
	Asset  Party                    `json:"asset"`
	Kind   inventory.IdentifierKind `json:"kind"`
	Value  string                   `json:"value"` // as the source wrote it
	Reason string                   `json:"reason"`
}

// Ledger is how one asset was matched.
type Ledger struct {
	Asset Party  `json:"asset"`
	Links []Link `json:"links"` // one for each other member of the entity, nearest first, then by id
	// Candidates are at most 100, those with the strongest identifier first, then by id. Host names and addresses stand here only.
	Candidates []Candidate `json:"candidates"`
	Ignored    []Ignored   `json:"ignored"` // of the asset, then of the other members
	Decoded    []Decoded   `json:"decoded"` // the same
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
	n := 0
	for id, err := range ids {
		if err != nil {
			return Ledger{}, fmt.Errorf("read identities: %w", err)
		}
		if n++; n%checkEvery == 0 && ctx.Err() != nil {
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

func partyOf(id *inventory.Identity) Party {
	return Party{ID: id.ID, Book: id.Book, Source: id.Source, Type: id.Type, Key: id.Key}
}

// find returns the node of an asset that was indexed.
func (x *index) find(asset int64) int32 {
	i, _ := slices.BinarySearchFunc(x.nodes, asset, func(n node, id int64) int { return cmp.Compare(n.id, id) })
	return int32(i)
}
