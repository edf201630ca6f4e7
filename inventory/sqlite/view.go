package sqlite

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/muster-audit/muster/inventory"
)

// snapshot runs f with a connection that sees one state of the store, whatever is written meanwhile.
func (s *Store) snapshot(ctx context.Context, f func(c *conn) error) error {
	return within(ctx, s.readers, func(c *conn) (err error) {
		if _, err := c.exec(ctx, "BEGIN"); err != nil {
			return err
		}
		defer func() {
			_, end := c.exec(ctx, "COMMIT")
			err = errors.Join(err, end)
		}()
		return f(c)
	})
}

// view is the store as it stood at a scan.
type view struct {
	c      *conn
	at     int64
	scopes []scopeView // sorted by source and scope
	starts map[int64]time.Time
	// latest says that no earlier content can be asked for, marked that there are unconfirmed or unseen assets.
	latest, marked bool

	places     map[int64]*placement
	tags       map[int64]inventory.Tags
	attributes map[int64]inventory.Attributes
	sets       map[string]*stmt // tag and attribute sets by id
	lone       map[bool]*stmt   // for single assets: latest and past contents
}

// scopeView is a scope whose assets can be asked for.
type scopeView struct {
	id, last      int64 // of the scope, and of its last committed asset
	source, scope string
	seen          time.Time // start of the last scan that read it
}

// view runs f with a view at a scan; 0 is the last one that ended.
func (s *Store) view(ctx context.Context, at inventory.ScanID, f func(v *view) error) error {
	return s.snapshot(ctx, func(c *conn) error {
		v := &view{
			c: c, starts: map[int64]time.Time{}, places: map[int64]*placement{}, tags: map[int64]inventory.Tags{}, lone: map[bool]*stmt{},
			attributes: map[int64]inventory.Attributes{}, sets: map[string]*stmt{},
		}
		if err := v.open(ctx, at); err != nil {
			return err
		}
		err := f(v)
		for _, s := range v.lone {
			err = errors.Join(err, s.close())
		}
		for _, s := range v.sets {
			err = errors.Join(err, s.close())
		}
		return err
	})
}

func (v *view) open(ctx context.Context, at inventory.ScanID) error {
	var newest int64
	err := v.c.each(ctx, func(r *cursor) (bool, error) {
		id := r.int(0)
		v.starts[id] = r.time(1)
		newest = max(newest, id)
		if at == 0 && r.text(2) != string(inventory.ScanRunning) {
			v.at = max(v.at, id)
		}
		return true, nil
	}, "SELECT id, started, state FROM scan")
	if err != nil {
		return err
	}
	if at != 0 {
		v.at = int64(at)
	}
	if _, ok := v.starts[v.at]; !ok {
		return noScan(at)
	}
	v.latest = v.at == newest
	marks, err := v.c.number(ctx, "SELECT EXISTS (SELECT 1 FROM unconfirmed) OR EXISTS (SELECT 1 FROM unseen)")
	v.marked = marks != 0
	if err != nil {
		return err
	}
	return v.loadScopes(ctx)
}

// move makes the view one at another scan of the same snapshot.
func (v *view) move(ctx context.Context, at inventory.ScanID) error {
	v.at = 0
	return v.open(ctx, at)
}

func noScan(at inventory.ScanID) error {
	if at == 0 {
		return fmt.Errorf("find the last scan: none has ended yet: %w", inventory.ErrNotFound)
	}
	return fmt.Errorf("find scan %d: %w", at, inventory.ErrNotFound)
}

func (v *view) loadScopes(ctx context.Context) error {
	return v.c.each(ctx, func(r *cursor) (bool, error) {
		v.scopes = append(v.scopes, scopeView{id: r.int(0), last: r.int(1), source: r.text(2), scope: r.text(3), seen: r.time(4)})
		return true, nil
	}, scopesAt, v.at)
}

const scopesAt = `SELECT c.id, c.last_asset_id, s.name, c.scope,
  (SELECT n.started FROM scan n WHERE n.id = (SELECT max(r.scan_id) FROM scope_run r
    WHERE r.scope_id = c.id AND r.scan_id <= ?1 AND r.state IN ('ok', 'partial')))
FROM scope c JOIN source s ON s.id = c.source_id
ORDER BY s.name, c.scope`
