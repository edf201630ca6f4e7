package wire

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
	"github.com/muster-audit/muster/rules/drift/reach"
	"github.com/muster-audit/muster/rules/owner"
)

// chain tells who answers for what.
func (e *estate) chain() *owner.Chain {
	return owner.New(owner.Inputs{
		Policy: e.judge.policy, Inherit: e.ancestry, Reach: reach.New(e.scopes, e.scan.Started), Dir: filepath.ToSlash(e.app.Config.Dir),
	})
}

// addOwners adds the rules about owners to an engine.
func (e *estate) addOwners(engine *rules.Engine) {
	single, estate := owner.Rules(e.chain(), engine.Unconfirmed)
	engine.Rules = append(engine.Rules, single...)
	engine.Estate = append(engine.Estate, estate...)
}

// ownersOf makes the function by which a stored report tells owners. Nothing is read before it is called.
func (a *App) ownersOf(ctx context.Context, store inventory.Store, scan inventory.Scan) func() (func(int64) (rules.Owner, bool), error) {
	return func() (func(int64) (rules.Owner, bool), error) {
		j, err := a.judge()
		if err != nil || j.policy.Owner == nil {
			return nil, err
		}
		e, err := a.load(ctx, store, scan)
		if err != nil {
			return nil, err
		}
		return e.owners(ctx)
	}
}

// ownerOf is who answers for an entity, as an index in a list.
type ownerOf struct {
	entity int64
	owner  int32
}

// owners finds out who answers for each entity: 16 bytes for each, and each owner once. Without a chain in the policy there is no result.
func (e *estate) owners(ctx context.Context) (func(int64) (rules.Owner, bool), error) {
	if e.judge.policy.Owner == nil {
		return nil, nil
	}
	chain := e.chain()
	var known []ownerOf
	var list []rules.Owner
	index := map[rules.Owner]int32{}
	for entity, err := range e.entities(ctx) {
		if err != nil {
			return nil, err
		}
		id, ok := e.links.EntityOf(entity.Subject().ID)
		if !ok {
			continue
		}
		o := chain.Owner(entity)
		n, ok := index[o]
		if !ok {
			n = int32(len(list)) //nolint:gosec // fewer than there are entities
			index[o], list = n, append(list, o)
		}
		known = append(known, ownerOf{id, n})
	}
	slices.SortFunc(known, func(a, b ownerOf) int { return cmp.Compare(a.entity, b.entity) })
	return func(entity int64) (rules.Owner, bool) {
		i, ok := slices.BinarySearchFunc(known, entity, func(o ownerOf, id int64) int { return cmp.Compare(o.entity, id) })
		if !ok {
			return rules.Owner{}, false
		}
		return list[known[i].owner], true
	}, nil
}

// OwnerOf tells who answers for a thing, and how that was found.
func (a *App) OwnerOf(ctx context.Context, store inventory.Store, at inventory.ScanID, thing Entity) (owner.Explanation, error) {
	entity := &rules.Entity{}
	for _, entry := range thing.Entries {
		entity.Add(entry)
	}
	if entity.Subject() == nil {
		return owner.Explanation{}, nil // facets of something that no book holds
	}
	for _, list := range [][]*inventory.Entry{entity.Observed, entity.Declared, entity.Recorded} {
		slices.SortFunc(list, byTelling)
	}
	e, err := a.owning(ctx, store, at)
	if err != nil {
		return owner.Explanation{}, err
	}
	return e.chain().Explain(entity), nil
}

// owning puts together as much of a scan as the chain of owners needs.
func (a *App) owning(ctx context.Context, store inventory.Store, at inventory.ScanID) (*estate, error) {
	scan, err := LastScan(ctx, store, at)
	if err != nil {
		return nil, err
	}
	e := &estate{app: a, store: store, scan: scan}
	if e.judge, err = a.judge(); err != nil {
		return nil, err
	}
	if o := e.judge.policy.Owner; o != nil && len(o.Inherit) > 0 {
		return a.load(ctx, store, scan)
	}
	if e.scopes, err = store.Scopes(ctx, scan.ID); err != nil {
		return nil, fmt.Errorf("read scopes: %w", err)
	}
	return e, nil
}
