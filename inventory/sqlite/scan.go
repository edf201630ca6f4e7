package sqlite

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/gofrs/flock"

	"github.com/muster-audit/muster/inventory"
)

// scanWriter is a scan that goes on.
type scanWriter struct {
	store  *Store
	id     inventory.ScanID
	start  inventory.ScanStart
	lock   *flock.Flock
	writer *writer

	mu      sync.Mutex
	sources map[string]*sourceRow
	ended   bool
}

// sourceRow is a source as the store knows it.
type sourceRow struct {
	id      int64
	name    string
	scopes  map[string]*scopeRow
	planned bool // its scopes were listed in this scan
	// standsFor are patterns of scopes that others stand in for: see inventory.Scope.
	standsFor []string
}

// scopeRow is a scope as the store knows it.
type scopeRow struct {
	id        int64
	source    string
	scope     string
	specID    int64
	spec      string
	lastAsset int64
	retired   bool
	planned   bool               // listed in this scan
	busy      bool               // an attempt goes on
	state     inventory.RunState // of its run in this scan; empty if there is none
}

func (r *scopeRow) specValue() driver.Value {
	if r.specID == 0 {
		return nil
	}
	return r.specID
}

// Begin starts a scan.
func (s *Store) Begin(ctx context.Context, start inventory.ScanStart) (inventory.ScanWriter, error) {
	w, err := s.enter(ctx, start, func(w *scanWriter, c *conn) error { return w.create(ctx, c) })
	if err != nil {
		return nil, s.explain("begin scan in", err)
	}
	return w, nil
}

// Resume goes on with a scan that did not finish.
func (s *Store) Resume(ctx context.Context, start inventory.ScanStart) (inventory.ScanWriter, error) {
	w, err := s.enter(ctx, start, func(w *scanWriter, c *conn) error { return w.reopen(ctx, c) })
	if err != nil {
		return nil, s.explain("resume scan in", err)
	}
	return w, nil
}

// enter takes the lock, sweeps, and starts the writer of a scan that first makes.
func (s *Store) enter(ctx context.Context, start inventory.ScanStart, first func(w *scanWriter, c *conn) error) (*scanWriter, error) {
	lock, err := s.acquire(start.CommandLine)
	if err != nil {
		return nil, err
	}
	w := &scanWriter{store: s, start: start, lock: lock, sources: map[string]*sourceRow{}}
	err = within(ctx, s.writer, func(c *conn) error {
		return c.transaction(ctx, func() error {
			if err := w.loadScopes(ctx, c); err != nil {
				return err
			}
			if err := w.sweep(ctx, c); err != nil {
				return err
			}
			return first(w, c)
		})
	})
	if err == nil {
		w.writer, err = startWriter(ctx, s.writer)
	}
	if err != nil {
		return nil, errors.Join(err, s.unlock(lock))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.active = w
	return w, nil
}

func (w *scanWriter) loadScopes(ctx context.Context, c *conn) error {
	err := c.each(ctx, func(r *cursor) (bool, error) {
		w.sources[r.text(1)] = &sourceRow{id: r.int(0), name: r.text(1), scopes: map[string]*scopeRow{}}
		return true, nil
	}, "SELECT id, name FROM source")
	if err != nil {
		return err
	}
	return c.each(ctx, func(r *cursor) (bool, error) {
		row := &scopeRow{
			id: r.int(0), source: r.text(1), scope: r.text(2), specID: r.int(3), spec: r.text(4), lastAsset: r.int(5), retired: !r.null(6),
		}
		w.sources[row.source].scopes[row.scope] = row
		return true, nil
	}, `SELECT c.id, s.name, c.scope, c.spec_id, p.spec, c.last_asset_id, c.retired_scan
FROM scope c JOIN source s ON s.id = c.source_id LEFT JOIN scope_spec p ON p.id = c.spec_id`)
}

// sweep deletes what attempts of a killed scan left behind.
func (w *scanWriter) sweep(ctx context.Context, c *conn) error {
	for _, src := range w.sources {
		for _, row := range src.scopes {
			n, err := c.exec(ctx, "DELETE FROM asset WHERE id > ? AND id < ?", row.lastAsset, assetID(row.id+1, 0))
			if err != nil {
				return err
			}
			if n > 0 {
				w.store.log.Info("swept what an unfinished attempt left", "source", row.source, "scope", row.scope, "assets", n)
			}
		}
	}
	_, err := c.exec(ctx, "DELETE FROM asset_staged")
	return err
}

// create adds a scan. An earlier one that was killed becomes interrupted.
func (w *scanWriter) create(ctx context.Context, c *conn) error {
	if _, err := c.exec(ctx, "UPDATE scan SET state = 'interrupted' WHERE state = 'running'"); err != nil {
		return err
	}
	last, err := c.number(ctx, "SELECT max(id) FROM scan")
	if err != nil {
		return err
	}
	w.id = inventory.ScanID(last + 1)
	_, err = c.exec(ctx, "INSERT INTO scan (id, state, started, tool_version, config_digest, unselected) VALUES (?, 'running', ?, ?, ?, ?)",
		int64(w.id), micros(w.store.now()), w.start.ToolVersion, w.start.ConfigDigest, flag(w.leavesOut()))
	return err
}

// leavesOut reports whether a configured source is not to be read.
func (w *scanWriter) leavesOut() bool {
	return slices.ContainsFunc(w.start.Sources, func(s inventory.Source) bool { return !w.selected(s.Name) })
}

func (w *scanWriter) selected(source string) bool {
	return w.start.Selected == nil || slices.Contains(w.start.Selected, source)
}

func (w *scanWriter) configured(source string) bool {
	return slices.ContainsFunc(w.start.Sources, func(s inventory.Source) bool { return s.Name == source })
}

// reopen takes the last scan up again, if it did not finish.
func (w *scanWriter) reopen(ctx context.Context, c *conn) error {
	state := ""
	if _, err := c.one(ctx, func(r *cursor) { w.id, state = inventory.ScanID(r.int(0)), r.text(1) },
		"SELECT id, state FROM scan ORDER BY id DESC LIMIT 1"); err != nil {
		return err
	}
	if state == "" || state == string(inventory.ScanFinished) {
		return inventory.ErrNothingToResume
	}
	if _, err := c.exec(ctx, "UPDATE scan SET state = 'running', finished = NULL, unselected = ? WHERE id = ?",
		flag(w.leavesOut()), int64(w.id)); err != nil {
		return err
	}
	return c.each(ctx, func(r *cursor) (bool, error) {
		w.sources[r.text(0)].scopes[r.text(1)].state = inventory.RunState(r.text(2))
		return true, nil
	}, `SELECT s.name, c.scope, r.state FROM scope_run r JOIN scope c ON c.id = r.scope_id JOIN source s ON s.id = c.source_id
WHERE r.scan_id = ?`, int64(w.id))
}

// ID is the number of the scan.
func (w *scanWriter) ID() inventory.ScanID { return w.id }

// Done reports whether the scan holds an ok run of the scope.
func (w *scanWriter) Done(source, scope string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	row := w.find(source, scope)
	return row != nil && row.state == inventory.RunOK
}

func (w *scanWriter) find(source, scope string) *scopeRow {
	if src := w.sources[source]; src != nil {
		return src.scopes[scope]
	}
	return nil
}

// Plan makes the scopes known.
func (w *scanWriter) Plan(ctx context.Context, src inventory.Source, scopes []inventory.Scope) error {
	err := w.change(func(ctx context.Context, c *conn) error {
		row, err := w.storeSource(ctx, c, src)
		if err != nil {
			return err
		}
		row.standsFor = nil
		for i := range scopes {
			if err := w.planScope(ctx, c, row, &scopes[i]); err != nil {
				return err
			}
			row.standsFor = append(row.standsFor, scopes[i].StandsFor...)
		}
		row.planned = true
		return nil
	})
	return w.store.explain("plan source "+src.Name+" in", err)
}

// change runs f in a transaction of the writer, with the rows of sources and scopes in hand.
func (w *scanWriter) change(f func(ctx context.Context, c *conn) error) error {
	return w.writer.do(func(ctx context.Context, c *conn) error {
		return c.transaction(ctx, func() error {
			w.mu.Lock()
			defer w.mu.Unlock()
			return f(ctx, c)
		})
	})
}

func (w *scanWriter) storeSource(ctx context.Context, c *conn, src inventory.Source) (*sourceRow, error) {
	if _, err := c.exec(ctx, `INSERT INTO source (name, collector, book) VALUES (?, ?, ?)
ON CONFLICT (name) DO UPDATE SET collector = excluded.collector, book = excluded.book`, src.Name, src.Collector, string(src.Book)); err != nil {
		return nil, err
	}
	row := w.sources[src.Name]
	if row == nil {
		row = &sourceRow{name: src.Name, scopes: map[string]*scopeRow{}}
		w.sources[src.Name] = row
	}
	var err error
	row.id, err = c.number(ctx, "SELECT id FROM source WHERE name = ?", src.Name)
	return row, err
}

func (w *scanWriter) planScope(ctx context.Context, c *conn, src *sourceRow, s *inventory.Scope) error {
	row := src.scopes[s.ID]
	if row == nil {
		id, err := c.number(ctx, "SELECT max(id) + 1 FROM scope")
		if err != nil {
			return err
		}
		id = max(id, 1)
		if _, err := c.exec(ctx, "INSERT INTO scope (id, source_id, scope, first_scan, last_asset_id) VALUES (?, ?, ?, ?, ?)",
			id, src.id, s.ID, int64(w.id), assetID(id, 0)); err != nil {
			return err
		}
		row = &scopeRow{id: id, source: src.name, scope: s.ID, lastAsset: assetID(id, 0)}
		src.scopes[s.ID] = row
	}
	if row.retired {
		if _, err := c.exec(ctx, "UPDATE scope SET retired_scan = NULL WHERE id = ?", row.id); err != nil {
			return err
		}
	}
	row.planned, row.retired = true, false
	return storeSpec(ctx, c, row, s)
}

// storeSpec adds a row if the scope's plan changed.
func storeSpec(ctx context.Context, c *conn, row *scopeRow, s *inventory.Scope) error {
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	if string(text) == row.spec {
		return nil
	}
	id, err := c.number(ctx, "SELECT max(id) + 1 FROM scope_spec")
	if err != nil {
		return err
	}
	row.specID, row.spec = max(id, 1), string(text)
	if _, err := c.exec(ctx, "INSERT INTO scope_spec (id, scope_id, spec) VALUES (?, ?, ?)", row.specID, row.id, row.spec); err != nil {
		return err
	}
	_, err = c.exec(ctx, "UPDATE scope SET spec_id = ? WHERE id = ?", row.specID, row.id)
	return err
}

// Unlisted gives every known scope of the source a failed run.
func (w *scanWriter) Unlisted(ctx context.Context, src inventory.Source, run inventory.ScopeRun) error {
	run.State, run.Reason = inventory.RunFailed, inventory.ReasonListing
	run.Assets, run.Added, run.Changed, run.Ended = 0, 0, 0, 0
	err := w.change(func(ctx context.Context, c *conn) error {
		row, err := w.storeSource(ctx, c, src)
		if err != nil {
			return err
		}
		row.planned = true
		known := row.known()
		if len(known) == 0 {
			if err := w.planScope(ctx, c, row, &inventory.Scope{ID: "*"}); err != nil {
				return err
			}
			known = row.known()
		}
		for _, scope := range known {
			if err := w.storeVerdict(ctx, c, scope, run); err != nil {
				return err
			}
		}
		return nil
	})
	return w.store.explain("note unlisted source "+src.Name+" in", err)
}

// known are the scopes that are not retired, sorted.
func (r *sourceRow) known() []*scopeRow {
	var list []*scopeRow
	for _, s := range r.scopes {
		if !s.retired {
			list = append(list, s)
		}
	}
	slices.SortFunc(list, func(a, b *scopeRow) int { return int(a.id - b.id) })
	return list
}

// storeVerdict stores a run without assets, unless the scope was read in this scan already.
func (w *scanWriter) storeVerdict(ctx context.Context, c *conn, row *scopeRow, run inventory.ScopeRun) error {
	row.planned = true
	if row.state == inventory.RunOK || row.state == inventory.RunPartial {
		return nil
	}
	row.state = run.State
	return w.storeRun(ctx, c, row, &run)
}

// claim reserves a planned scope for one attempt.
func (w *scanWriter) claim(source, scope string) (*scopeRow, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	row := w.find(source, scope)
	switch {
	case w.ended:
		return nil, fmt.Errorf("begin scope %q of source %q: %w", scope, source, errStopped)
	case row == nil || !row.planned:
		return nil, fmt.Errorf("begin scope %q of source %q: it was not planned", scope, source)
	case row.busy:
		return nil, fmt.Errorf("begin scope %q of source %q: another attempt at it goes on", scope, source)
	}
	row.busy = true
	return row, nil
}

func (w *scanWriter) release(row *scopeRow) {
	w.mu.Lock()
	defer w.mu.Unlock()
	row.busy = false
}
