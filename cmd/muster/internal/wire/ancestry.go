package wire

import (
	"context"
	"iter"
	"slices"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules/drift/reach"
	"github.com/muster-audit/muster/rules/inherit"
	"github.com/muster-audit/muster/rules/owner"
	"github.com/muster-audit/muster/rules/tags"
)

// watchAncestry notes while assets stream by which of them others belong to, if a rule asks.
func (e *estate) watchAncestry(assets iter.Seq2[*inventory.Entry, error]) iter.Seq2[*inventory.Entry, error] {
	keys, vias := tags.Ancestry(e.judge.policy)
	keys, vias = owner.Ancestry(e.judge.policy, keys, vias)
	if len(vias) == 0 {
		return assets
	}
	e.ancestry = inherit.New(inherit.Inputs{
		Catalog: e.app.catalog, Links: e.links, Reach: reach.New(e.scopes, e.scan.Started), Vias: vias, Keys: keys,
	})
	return e.ancestry.Watch(assets)
}

// addAncestors reads the entities that others belong to.
func (e *estate) addAncestors(ctx context.Context) error {
	if e.ancestry == nil {
		return nil
	}
	parents := e.ancestry.Parents()
	for entity, err := range e.assembled(ctx, func(yield func([]int64) bool) {
		for members := range e.links.Entities() {
			if _, is := slices.BinarySearch(parents, members[0]); is && !yield(members) {
				return
			}
		}
	}) {
		if err != nil {
			return err
		}
		e.ancestry.Add(entity)
	}
	return nil
}
