package wire

import (
	"context"
	"errors"
	"fmt"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/link"
	"github.com/muster-audit/muster/rules"
	"github.com/muster-audit/muster/rules/owner"
)

// Explanation is all that touched one asset: how it was linked and what every rule said of its entity.
type Explanation struct {
	Entry   *inventory.Entry
	Members []*inventory.Entry // of the entity, sorted by book
	Ledger  link.Ledger
	Owner   owner.Explanation // its zero value if no book holds the thing itself
	Rules   []rules.Explained
}

// Explain explains the assets that a person names, one explanation per entity.
func (a *App) Explain(ctx context.Context, store inventory.Store, at inventory.ScanID, ref string) ([]Explanation, error) {
	scan, err := LastScan(ctx, store, at)
	if err != nil {
		return nil, err
	}
	e, err := a.load(ctx, store, scan)
	if err != nil {
		return nil, err
	}
	named, err := store.Find(ctx, scan.ID, ref)
	if err != nil {
		return nil, err
	}
	if len(named) == 0 {
		return nil, fmt.Errorf("no asset with the key, name, identifier or address %q: see muster assets list --search", ref)
	}
	var out []Explanation
	seen := map[int64]bool{}
	for _, entry := range named {
		entity, ok := e.links.EntityOf(entry.ID)
		if !ok {
			return nil, errors.New("explain asset: it was not linked")
		}
		if seen[entity] {
			continue
		}
		seen[entity] = true
		x, err := e.explain(ctx, entry, entity)
		if err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, nil
}

func (e *estate) explain(ctx context.Context, entry *inventory.Entry, entity int64) (Explanation, error) {
	ids := membersOf(e.links, map[int64]bool{entity: true})
	members, err := read(ctx, e.store, e.scan.ID, ids)
	if err != nil {
		return Explanation{}, err
	}
	x := Explanation{Entry: entry, Members: byBook(members)}
	if x.Ledger, err = link.Explain(ctx, e.store.Identities(ctx, e.scan.ID), entry.ID); err != nil {
		return Explanation{}, fmt.Errorf("explain links: %w", err)
	}
	whole := assemble(ids, members)
	if whole.Subject() == nil {
		return x, nil // facets of something that no book holds: no rule speaks of it
	}
	x.Owner = e.chain().Explain(whole)
	if x.Rules, err = e.engine().Explain(ctx, whole); err != nil {
		return Explanation{}, err
	}
	return x, e.explainWho(ctx, x.Rules)
}
