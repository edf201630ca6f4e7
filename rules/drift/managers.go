package drift

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/link"
)

// ManagerIndex is the Managers of an estate: 16 bytes for each observed asset that belongs to another that is known.
type ManagerIndex struct{ pairs []managerPair } // sorted, no duplicates

type managerPair struct{ entity, above int64 }

func (p managerPair) compare(o managerPair) int {
	return cmp.Or(cmp.Compare(p.entity, o.entity), cmp.Compare(p.above, o.above))
}

// IndexManagers reads the relations of all observed assets; assets of other books are passed over. It stops at the first
// error of assets, and with ctx's error when cancelled.
func IndexManagers(ctx context.Context, links *link.Result, assets iter.Seq2[*inventory.Entry, error]) (*ManagerIndex, error) {
	x := &ManagerIndex{}
	for e, err := range assets {
		if err != nil {
			return nil, fmt.Errorf("read relations: %w", err)
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if e.Book == inventory.Observed && len(e.Relations) > 0 {
			x.add(links, e)
		}
	}
	slices.SortFunc(x.pairs, managerPair.compare)
	x.pairs = slices.Clip(slices.Compact(x.pairs))
	return x, nil
}

func (x *ManagerIndex) add(links *link.Result, e *inventory.Entry) {
	self, ok := links.EntityOf(e.ID)
	if !ok {
		return
	}
	for _, r := range e.Relations {
		if !Owns(r) || Outlives(e, r) {
			continue
		}
		if above, ok := lookUp(links, r.Key); ok && above != self {
			x.pairs = append(x.pairs, managerPair{self, above})
		}
	}
}

// Managers returns the entities to which an entity's observed assets belong, sorted.
func (x *ManagerIndex) Managers(entity int64) []int64 {
	i, _ := slices.BinarySearchFunc(x.pairs, entity, func(p managerPair, id int64) int { return cmp.Compare(p.entity, id) })
	var out []int64
	for ; i < len(x.pairs) && x.pairs[i].entity == entity; i++ {
		out = append(out, x.pairs[i].above)
	}
	return out
}
