package sqlite

import (
	"cmp"
	"context"
	"iter"
	"slices"

	"github.com/muster-audit/muster/inventory"
)

// stretch is for how long a content of an asset held.
type stretch struct {
	asset, from, to int64 // to is 0 while it holds
	endedBy         inventory.ChangeKind
}

const stretchesByKey = `SELECT v.asset_id, v.from_scan, v.to_scan, v.ended_by
FROM asset a JOIN scope c ON c.id = a.id >> 32 JOIN asset_past v ON v.asset_id = a.id
WHERE a.key = ?1 AND a.id <= c.last_asset_id
UNION ALL
SELECT a.id, a.from_scan, a.to_scan, a.ended_by
FROM asset a JOIN scope c ON c.id = a.id >> 32
WHERE a.key = ?1 AND a.id <= c.last_asset_id AND (a.to_scan IS NULL OR a.to_scan > a.from_scan)`

// History returns the versions of the assets with a key.
func (s *Store) History(ctx context.Context, key string) ([]inventory.Version, error) {
	var list []inventory.Version
	stretches, newest, err := s.stretches(ctx, key)
	for _, st := range stretches {
		if err != nil {
			break
		}
		var v inventory.Version
		if v, err = s.version(ctx, st, newest); v.Entry != nil {
			list = append(list, v)
		}
	}
	return list, s.explain("read history from", err)
}

// stretches returns when contents of a key held, oldest first, and the newest scan.
func (s *Store) stretches(ctx context.Context, key string) (list []stretch, newest int64, err error) {
	err = s.snapshot(ctx, func(c *conn) error {
		if newest, err = c.number(ctx, "SELECT max(id) FROM scan"); err != nil {
			return err
		}
		return c.each(ctx, func(r *cursor) (bool, error) {
			list = append(list, stretch{r.int(0), r.int(1), r.int(2), inventory.ChangeKind(r.text(3))})
			return true, nil
		}, stretchesByKey, key)
	})
	slices.SortFunc(list, func(a, b stretch) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.asset, b.asset)) })
	return list, newest, err
}

// version reads a content as it stood in the last scan of its stretch.
func (s *Store) version(ctx context.Context, st stretch, newest int64) (inventory.Version, error) {
	at := newest
	if st.to != 0 {
		at = st.to - 1
	}
	v := inventory.Version{From: inventory.ScanID(st.from), To: inventory.ScanID(st.to), EndedBy: st.endedBy}
	err := s.view(ctx, inventory.ScanID(at), func(w *view) error {
		v.FromTime, v.ToTime = w.starts[st.from], w.starts[st.to]
		var err error
		v.Entry, err = w.content(ctx, st.asset)
		return err
	})
	return v, err
}

// Diff yields what changed between two scans. What only one of them could read is no change.
func (s *Store) Diff(ctx context.Context, from, to inventory.ScanID) iter.Seq2[inventory.Change, error] {
	return deliver(func(yield func(inventory.Change) bool) error {
		err := s.view(ctx, from, func(before *view) error {
			after := *before
			after.scopes, after.lone = nil, map[bool]*stmt{}
			if err := after.move(ctx, to); err != nil {
				return err
			}
			err := (&diff{before: before, after: &after}).run(ctx, yield)
			for _, s := range after.lone {
				err = cmp.Or(err, s.close())
			}
			return err
		})
		return s.explain("compare scans in", err)
	})
}

// diff compares two views of one snapshot.
type diff struct{ before, after *view }

// Of the assets of a scope, those that changed after a scan, by key. There may be more than changed up to the other one.
const touchedAfter = "SELECT id FROM asset WHERE id > ?1 AND id <= ?2 AND (from_scan > ?3 OR to_scan > ?3) ORDER BY key"

func (d *diff) run(ctx context.Context, yield func(inventory.Change) bool) error {
	more := true
	for i := range d.after.scopes {
		scope := &d.after.scopes[i]
		err := d.after.c.each(ctx, func(r *cursor) (bool, error) {
			c, err := d.change(ctx, r.int(0))
			if err != nil || c == nil {
				return true, err
			}
			more = yield(*c)
			return more, nil
		}, touchedAfter, assetID(scope.id, 0), scope.last, min(d.before.at, d.after.at))
		if err != nil || !more {
			return err
		}
	}
	return nil
}

// change says what happened to one asset; nil if nothing did.
func (d *diff) change(ctx context.Context, id int64) (*inventory.Change, error) {
	before, err := d.before.content(ctx, id)
	if err != nil {
		return nil, err
	}
	after, err := d.after.content(ctx, id)
	if err != nil {
		return nil, err
	}
	switch {
	case before == nil && after == nil:
		return nil, nil
	case before == nil:
		return &inventory.Change{Kind: inventory.ChangeAdded, After: after}, nil
	case after == nil:
		kind, err := d.ending(ctx, id)
		return &inventory.Change{Kind: kind, Before: before}, err
	case sameAsKnown(&before.Asset, &after.Asset):
		return nil, nil
	}
	return &inventory.Change{Kind: inventory.ChangeChanged, Before: before, After: after}, nil
}

// ending says how an asset ended that is not there in the later scan: by the last stretch before that.
func (d *diff) ending(ctx context.Context, id int64) (inventory.ChangeKind, error) {
	kind := inventory.ChangeEnded
	_, err := d.after.c.one(ctx, func(r *cursor) {
		if r.text(0) == string(inventory.ChangeRetired) {
			kind = inventory.ChangeRetired
		}
	}, lastEnding, id, d.after.at)
	return kind, err
}

const lastEnding = `SELECT ended_by, to_scan FROM asset WHERE id = ?1 AND to_scan <= ?2
UNION ALL
SELECT ended_by, to_scan FROM asset_past WHERE asset_id = ?1 AND to_scan <= ?2
ORDER BY 2 DESC LIMIT 1`

// sameAsKnown reports whether two contents agree in everything that both know. The line of the origin does not count:
// it moves whenever something is written above it.
func sameAsKnown(a, b *inventory.Asset) bool {
	ao, bo := a.Origin, b.Origin
	ao.Line, bo.Line = 0, 0
	return a.Type == b.Type && a.Book == b.Book && a.Name == b.Name && a.Account == b.Account && a.Region == b.Region && a.Zone == b.Zone &&
		(a.Lifecycle == b.Lifecycle || a.Lifecycle == inventory.LifecycleUnknown || b.Lifecycle == inventory.LifecycleUnknown) &&
		(a.Created.Equal(b.Created) || a.Created.IsZero() || b.Created.IsZero()) &&
		ao == bo && slices.Equal(a.Identifiers, b.Identifiers) && slices.Equal(a.Relations, b.Relations) &&
		sameTags(a.Tags, b.Tags) && sameAttributes(a.Attributes, b.Attributes)
}

func sameTags(a, b inventory.Tags) bool {
	if a.State() == inventory.Unknown || b.State() == inventory.Unknown {
		return true
	}
	if a.State() != b.State() || a.Len() != b.Len() {
		return false
	}
	for t := range a.All() {
		o, ok := b.Get(t.Key)
		if !ok || t.Value != o.Value && !t.ValueUnknown && !o.ValueUnknown {
			return false
		}
	}
	return true
}

func sameAttributes(a, b inventory.Attributes) bool {
	for x := range a.All() {
		if y, ok := b.Get(x.Name); ok && x.Value.IsRead() && x.Value != y {
			return false
		}
	}
	return true
}
