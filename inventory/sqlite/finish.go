package sqlite

import (
	"context"
	"errors"
	"slices"

	"github.com/muster-audit/muster/inventory"
)

// Finish ends the scan, makes the store one file that is quick to query, and gives the lock back.
func (w *scanWriter) Finish(ctx context.Context, interrupted bool) (inventory.Scan, error) {
	ctx = context.WithoutCancel(ctx) // an interrupted scan must still end in good order
	err := w.writer.failure()
	if err == nil {
		err = w.change(func(ctx context.Context, c *conn) error { return w.finish(ctx, c, interrupted) })
	}
	if err == nil {
		err = w.writer.do(tidy)
	}
	err = errors.Join(err, w.abandon())
	if err != nil {
		return inventory.Scan{}, w.store.explain("finish scan in", err)
	}
	return w.store.Scan(ctx, w.id)
}

func (w *scanWriter) finish(ctx context.Context, c *conn, interrupted bool) error {
	state := inventory.ScanInterrupted
	if !interrupted {
		state = inventory.ScanFinished
		if err := w.settleScopes(ctx, c); err != nil {
			return err
		}
	}
	_, err := c.exec(ctx, "UPDATE scan SET state = ?, finished = ? WHERE id = ?", string(state), micros(w.store.now()), int64(w.id))
	return err
}

// settleScopes gives every known scope a run in this scan, or retires it.
func (w *scanWriter) settleScopes(ctx context.Context, c *conn) error {
	for _, src := range w.sortedSources() {
		for _, row := range src.known() {
			if row.state != "" {
				continue
			}
			run, retire := w.fate(src, row)
			var err error
			if retire {
				err = w.retire(ctx, c, row)
			} else {
				err = w.storeVerdict(ctx, c, row, run)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *scanWriter) sortedSources() []*sourceRow {
	var list []*sourceRow
	for _, s := range w.sources {
		list = append(list, s)
	}
	slices.SortFunc(list, func(a, b *sourceRow) int { return int(a.id - b.id) })
	return list
}

// fate says what becomes of a scope that has no run in this scan.
func (w *scanWriter) fate(src *sourceRow, row *scopeRow) (run inventory.ScopeRun, retire bool) {
	switch {
	case !w.configured(src.name):
		return run, true
	case !w.selected(src.name):
		return inventory.ScopeRun{
			State: inventory.RunSkipped, Reason: inventory.ReasonNotSelected,
			Error: "the source was not selected for this scan",
		}, false
	case src.planned && !row.planned && src.standIn(row.scope):
		return inventory.ScopeRun{
			State: inventory.RunFailed, Reason: inventory.ReasonListing,
			Error: "a pattern that matched it before matches nothing now",
		}, false
	case src.planned && !row.planned:
		return run, true
	case src.planned:
		return inventory.ScopeRun{
			State: inventory.RunFailed, Reason: inventory.ReasonError,
			Error: "the scope was planned and never read",
		}, false
	}
	return inventory.ScopeRun{
		State: inventory.RunFailed, Reason: inventory.ReasonListing,
		Error: "the scopes of the source were never listed",
	}, false
}

// standIn reports whether a planned scope stands in for this one.
func (r *sourceRow) standIn(scope string) bool {
	return slices.ContainsFunc(r.standsFor, func(pattern string) bool { return inventory.MatchGlob(pattern, scope) })
}

// retire ends the assets of a scope that is no longer read. That says nothing of the assets.
func (w *scanWriter) retire(ctx context.Context, c *conn, row *scopeRow) error {
	row.retired = true
	if _, err := c.exec(ctx, "UPDATE asset SET to_scan = ?, ended_by = 'retired' WHERE id > ? AND id <= ? AND to_scan IS NULL",
		int64(w.id), assetID(row.id, 0), row.lastAsset); err != nil {
		return err
	}
	_, err := c.exec(ctx, "UPDATE scope SET retired_scan = ? WHERE id = ?", int64(w.id), row.id)
	return err
}

// tidy builds what a load left out, lets SQLite learn about the data, and empties the log, so that the store is one file
// to copy. A reader that keeps the log busy only puts the last off.
func tidy(ctx context.Context, c *conn) error {
	if err := c.transaction(ctx, func() error { return buildIndexes(ctx, c) }); err != nil {
		return err
	}
	if _, err := c.exec(ctx, "PRAGMA optimize"); err != nil {
		return err
	}
	_, err := c.exec(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	return err
}

// committed notes the run of a scope, and how far its assets go.
func (w *scanWriter) committed(row *scopeRow, run inventory.ScopeRun, last uint32) {
	w.mu.Lock()
	defer w.mu.Unlock()
	row.state = run.State
	if run.State == inventory.RunOK || run.State == inventory.RunPartial {
		row.lastAsset = assetID(row.id, last)
	}
}

// abandon stops writing and gives the lock back, wherever the scan stands.
func (w *scanWriter) abandon() error {
	w.mu.Lock()
	ended := w.ended
	w.ended = true
	w.mu.Unlock()
	if ended {
		return nil
	}
	w.writer.stop()
	w.store.mu.Lock()
	defer w.store.mu.Unlock()
	if w.store.active == w {
		w.store.active = nil
	}
	return w.store.unlock(w.lock)
}
