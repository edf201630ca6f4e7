package drift

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules/neighbours"
)

// How many answers of a network, of a name's beginning and of an account a guess needs, and how many of a hundred must agree.
const (
	fewest, fewestOfAccount = 2, 5
	most, mostOfAccount     = 80, 90
)

// guessOwner says who may own an asset that bears none of the policy's owner tags. It is false if nothing tells, or if what tells does
// not agree.
func (x *Neighbours) guessOwner(o *inventory.Entry, entity int64) (guess, bool) {
	for _, k := range x.ownerKeys {
		if t, ok := o.Tags.Get(k); ok && t.Value != "" {
			return guess{}, false // it is known
		}
	}
	for _, ask := range []func(*inventory.Entry, int64) (guess, bool){x.byOwnTag, x.byRoot, x.byAttached, x.byTraits} {
		if g, ok := ask(o, entity); ok {
			return g, true
		}
	}
	return guess{}, false
}

func (x *Neighbours) byOwnTag(o *inventory.Entry, _ int64) (guess, bool) {
	if value, key, ok := wordTag(o.CurrentTags(), ownerWords); ok {
		return guess{value, "high", "its tag " + key + " says so"}, true
	}
	value, key, ok := wordTag(o.CurrentTags(), creatorWords)
	return guess{value, "medium", "its tag " + key + " says who made it"}, ok
}

// byRoot asks what the asset is attached to, a member or a part of.
func (x *Neighbours) byRoot(o *inventory.Entry, self int64) (guess, bool) {
	for _, r := range o.Relations {
		above, ok := lookUp(x.links, r.Key)
		if !ok || above == self || !Owns(r) {
			continue
		}
		i, ok := slices.BinarySearchFunc(x.owners, above, func(p entityOwner, id int64) int { return cmp.Compare(p.entity, id) })
		if ok {
			kind := strings.ReplaceAll(string(r.Kind), "-", " ")
			return guess{x.values.Value(x.owners[i].owner), "high", fmt.Sprintf("it is %s %s, which is theirs", kind, r.Key)}, true
		}
	}
	return guess{}, false
}

// byAttached asks what is attached to the asset.
func (x *Neighbours) byAttached(_ *inventory.Entry, self int64) (guess, bool) {
	owner, n, all := x.pollOwner(attachedTo(self))
	return guess{owner, "medium", "all that is attached to it and has an owner is theirs"}, n > 0 && n == all
}

func (x *Neighbours) byTraits(o *inventory.Entry, _ int64) (guess, bool) {
	for _, t := range ownerTraits(nil, o, true) {
		least, percent, confidence := fewest, most, "medium"
		if t.Trait == ownerOfAccount(o.Account) {
			least, percent, confidence = fewestOfAccount, mostOfAccount, "low"
		}
		owner, n, all := x.pollOwner(t.Trait)
		if n < least || n*100 < all*percent {
			continue
		}
		if n < all {
			confidence = "low"
		}
		return guess{owner, confidence, fmt.Sprintf("%s assets with an owner %s are theirs", neighbours.Share(n, all), t.Name)}, true
	}
	return guess{}, false
}

func (x *Neighbours) pollOwner(t neighbours.Trait) (owner string, n, all int) {
	answer, n, all := x.votes.Most(t, func(a, b uint32) int { return strings.Compare(x.values.Value(a), x.values.Value(b)) })
	if n == 0 {
		return "", 0, 0
	}
	return x.values.Value(answer), n, all
}
