package sqlite

import (
	"context"
	"iter"
	"time"

	"github.com/muster-audit/muster/inventory"
)

// Ended yields what is not there any more.
func (s *Store) Ended(ctx context.Context, at inventory.ScanID, book inventory.Book) iter.Seq2[inventory.Ended, error] {
	return deliver(func(yield func(inventory.Ended) bool) error {
		err := s.view(ctx, at, func(v *view) error {
			for i := range v.scopes {
				if more, err := v.ended(ctx, &v.scopes[i], book, yield); err != nil || !more {
					return err
				}
			}
			return nil
		})
		return s.explain("read ended assets from", err)
	})
}

// Of the assets of a scope, those that were not there any more at a scan: the latest content, and earlier ones after which
// the asset was away. The last column is the scan from which on nobody saw it, if that is an earlier one.
const endedOfScope = `SELECT a.id, a.key, a.name, a.placement_id, a.refs, a.to_scan, m.from_scan
FROM asset a LEFT JOIN unseen m ON m.asset_id = a.id AND m.from_scan < a.to_scan AND (m.to_scan IS NULL OR m.to_scan >= a.to_scan)
WHERE a.id > ?1 AND a.id <= ?2 AND a.to_scan <= ?3
UNION ALL
SELECT a.id, a.key, v.name, v.placement_id, v.refs, v.to_scan, m.from_scan
FROM asset_past v CROSS JOIN asset a ON a.id = v.asset_id
LEFT JOIN unseen m ON m.asset_id = a.id AND m.from_scan < v.to_scan AND (m.to_scan IS NULL OR m.to_scan >= v.to_scan)
WHERE v.asset_id > ?1 AND v.asset_id <= ?2 AND v.to_scan <= ?3 AND v.ended_by <> 'changed'
ORDER BY 1, 6`

func (v *view) ended(ctx context.Context, scope *scopeView, book inventory.Book, yield func(inventory.Ended) bool) (more bool, err error) {
	last := map[int64]time.Time{} // scan in which something was away -> when the scope was read before
	more = true
	err = v.c.each(ctx, func(r *cursor) (bool, error) {
		p, err := v.placement(ctx, r.int(3))
		if err != nil || p.book != book {
			return true, err
		}
		var a inventory.Asset
		if err := unpackRefs(r.text(4), &a); err != nil {
			return false, err
		}
		away := r.int(5)
		if !r.null(6) {
			away = r.int(6)
		}
		e := inventory.Ended{Identity: inventory.Identity{
			ID: r.int(0), Book: p.book, Type: p.kind, Key: r.text(1), Name: r.text(2), Account: p.account, Region: p.region,
			Source: scope.source, Scope: scope.scope, Lifecycle: p.lifecycle, Identifiers: a.Identifiers,
		}}
		seen, ok := last[away]
		if !ok {
			if seen, err = v.seenBefore(ctx, scope.id, away); err != nil {
				return false, err
			}
			last[away] = seen
		}
		e.LastSeen = seen
		more = yield(e)
		return more, nil
	}, endedOfScope, assetID(scope.id, 0), scope.last, v.at)
	return more, err
}
