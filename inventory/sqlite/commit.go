package sqlite

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/muster-audit/muster/inventory"
)

// smallExport is the number of assets up to which an export may shrink as it likes.
const smallExport = 50

// Commit makes the attempt visible in one transaction. It does not look at its context: what was read is whole, and being
// interrupted now must not lose it.
func (w *scopeWriter) Commit(_ context.Context, run inventory.ScopeRun) (inventory.ScopeRun, error) {
	if w.over.Swap(true) {
		return run, fmt.Errorf("commit scope %q: the attempt is over", w.spec.ID)
	}
	defer w.end()
	run.Source, run.Scope = w.row.source, w.spec.ID
	run.Assets, run.Added, run.Changed, run.Ended, run.Skipped = w.assets, w.added, w.changed, 0, w.skipped
	if err := w.flush(true); err != nil {
		return run, err
	}
	err := w.scan.writer.do(func(ctx context.Context, c *conn) error {
		if err := w.judge(ctx, c, &run); err != nil {
			return err
		}
		return c.transaction(ctx, func() error { return w.apply(ctx, c, &run) })
	})
	if err != nil {
		return run, w.scan.store.explain("commit scope "+w.spec.ID+" to", err)
	}
	w.scan.committed(w.row, run, w.last)
	return run, nil
}

// judge lowers a run that cannot prove absence from ok to partial.
func (w *scopeWriter) judge(ctx context.Context, c *conn, run *inventory.ScopeRun) error {
	run.Listed = run.Listed && w.keyless <= w.spec.MaxSkipped
	if run.State != inventory.RunOK {
		return nil
	}
	if w.keyless > w.spec.MaxSkipped {
		run.State, run.Reason = inventory.RunPartial, inventory.ReasonSkippedRows
		run.Error = fmt.Sprintf("records skipped without a readable key: %d, max_skipped allows %d", w.keyless, w.spec.MaxSkipped)
		return nil
	}
	kept := w.assets - w.added
	drop := fell(w.spec.MaxDrop, w.alive, w.assets)
	exchanged := w.book == inventory.Recorded && w.spec.MaxDrop > 0 && replaced(w.alive, kept)
	if !w.spec.Export || !drop && !exchanged {
		return nil
	}
	before := -1
	_, err := c.one(ctx, func(r *cursor) {
		if inventory.RunReason(r.text(0)) == inventory.ReasonDrop {
			before = int(r.int(1))
		}
	}, lastRead, w.row.id, int64(w.scan.id))
	if err != nil || before >= 0 && near(w.spec.MaxDrop, before, w.assets) {
		return err
	}
	run.State, run.Reason = inventory.RunPartial, inventory.ReasonDrop
	run.Error = fmt.Sprintf("the export fell from %d to %d assets, more than max_drop %g allows: it is believed if the next scan shows the same",
		w.alive, w.assets, w.spec.MaxDrop)
	if !drop {
		run.Error = fmt.Sprintf("of the %d assets of the last scan the export holds %d, and %d others: look whether it lacks the column that made their keys, "+
			"or is another register; it is believed if the next scan shows the same", w.alive, kept, w.added)
	}
	return nil
}

const lastRead = `SELECT reason, assets FROM scope_run
WHERE scope_id = ? AND scan_id < ? AND state IN ('ok', 'partial') ORDER BY scan_id DESC LIMIT 1`

// fell reports whether an export shrank too much to be believed at once.
func fell(maxDrop float64, before, now int) bool {
	if maxDrop <= 0 || now >= before {
		return false
	}
	return now == 0 || before > smallExport && float64(before-now) > maxDrop*float64(before)
}

// replaced reports whether a register holds other assets than before, by the number of those that it still holds. None changes like
// that in a night, as clouds do: it lost the column with the keys, or another file has its name.
func replaced(before, kept int) bool { return before > smallExport && kept*10 < before }

// near reports whether a second fall confirms the first.
func near(maxDrop float64, before, now int) bool {
	return float64(max(before, now)-min(before, now)) <= maxDrop*float64(max(before, now))
}

// apply writes everything that makes the attempt visible, inside one transaction.
func (w *scopeWriter) apply(ctx context.Context, c *conn, run *inventory.ScopeRun) error {
	if run.State == inventory.RunFailed || run.State == inventory.RunSkipped {
		run.Assets, run.Added, run.Changed = 0, 0, 0
		if err := dropAttempt(ctx, c, w.row); err != nil {
			return err
		}
	} else if err := w.publish(ctx, c, run); err != nil {
		return err
	}
	if err := w.scan.storeRun(ctx, c, w.row, run); err != nil {
		return err
	}
	return w.storeProblems(ctx, c)
}

func (w *scopeWriter) publish(ctx context.Context, c *conn, run *inventory.ScopeRun) error {
	if err := w.publishStaged(ctx, c); err != nil {
		return err
	}
	if err := w.settleAbsent(ctx, c, run); err != nil {
		return err
	}
	if err := w.storeHeld(ctx, c); err != nil {
		return err
	}
	_, err := c.exec(ctx, "UPDATE scope SET last_asset_id = ?, seen_scan = ?, retired_scan = NULL WHERE id = ?",
		assetID(w.row.id, w.last), int64(w.scan.id), w.row.id)
	return err
}

// publishStaged moves the contents that changed into the past and puts the new ones in their place. A content that was
// true in no scan, since this very scan wrote it, leaves no trace.
func (w *scopeWriter) publishStaged(ctx context.Context, c *conn) error {
	scan, from, to := int64(w.scan.id), assetID(w.row.id, 0), assetID(w.row.id+1, 0)
	for _, q := range []string{stagedToPast, stagedToAsset, stagedCloseMarks, stagedDropMarks, stagedToMarks, stagedForget} {
		if _, err := c.exec(ctx, q, scan, from, to); err != nil {
			return err
		}
	}
	return nil
}

// Of these statements ?1 is the scan, and the ids of the scope's assets are those between ?2 and ?3.
const (
	stagedToPast = `INSERT INTO asset_past (asset_id, from_scan, to_scan, ended_by, name, hash, placement_id, tag_set_id, attribute_set_id, refs, created)
SELECT a.id, a.from_scan, coalesce(a.to_scan, ?1), coalesce(a.ended_by, 'changed'), a.name, a.hash, a.placement_id, a.tag_set_id, a.attribute_set_id, a.refs, a.created
FROM asset_staged s CROSS JOIN asset a ON a.id = s.asset_id
WHERE s.asset_id > ?2 AND s.asset_id < ?3 AND s.replace AND a.from_scan < coalesce(a.to_scan, ?1)`
	stagedToAsset = `UPDATE asset SET (name, hash, placement_id, tag_set_id, attribute_set_id, refs, created) =
  (SELECT s.name, s.hash, s.placement_id, s.tag_set_id, s.attribute_set_id, s.refs, s.created FROM asset_staged s WHERE s.asset_id = asset.id),
  from_scan = ?1, to_scan = NULL, ended_by = NULL
WHERE id IN (SELECT asset_id FROM asset_staged WHERE asset_id > ?2 AND asset_id < ?3 AND replace)`
	stagedCloseMarks = `UPDATE unconfirmed SET to_scan = ?1
WHERE to_scan IS NULL AND asset_id IN (SELECT asset_id FROM asset_staged WHERE asset_id > ?2 AND asset_id < ?3)`
	stagedDropMarks = `DELETE FROM unconfirmed WHERE from_scan = ?1 AND to_scan = ?1
AND asset_id IN (SELECT asset_id FROM asset_staged WHERE asset_id > ?2 AND asset_id < ?3)`
	stagedToMarks = `INSERT INTO unconfirmed (asset_id, from_scan, tags, tag_keys, attributes, read_hash)
SELECT asset_id, ?1, tags, tag_keys, attributes, read_hash FROM asset_staged WHERE asset_id > ?2 AND asset_id < ?3 AND mark`
	stagedForget = `DELETE FROM asset_staged WHERE asset_id > ?2 AND asset_id < ?3`
)

// settleAbsent ends what an ok run does not hold, and marks what no run can end as not seen.
func (w *scopeWriter) settleAbsent(ctx context.Context, c *conn, run *inventory.ScopeRun) error {
	ending, err := c.prepare(ctx, "UPDATE asset SET to_scan = ?, ended_by = 'ended' WHERE id = ?")
	if err != nil {
		return err
	}
	missing, err := c.prepare(ctx, "INSERT OR REPLACE INTO unseen (from_scan, asset_id) VALUES (?, ?)")
	if err != nil {
		return errors.Join(err, ending.close())
	}
	back, err := c.prepare(ctx, "UPDATE unseen SET to_scan = ? WHERE asset_id = ? AND to_scan IS NULL")
	if err != nil {
		return errors.Join(err, ending.close(), missing.close())
	}
	for k := range w.index.all() {
		var s *stmt
		switch {
		case k.is(isHeld) && k.is(isUnseen):
			s = back
		case k.is(isHeld) || !k.is(isLive):
			continue
		case run.ProvesAbsence() && !k.is(isKept):
			s = ending
			run.Ended++
		case !k.is(isUnseen):
			s = missing
		default:
			continue
		}
		if err := s.exec(ctx, named2(int64(w.scan.id), assetID(w.row.id, k.n))); err != nil {
			return errors.Join(err, ending.close(), missing.close(), back.close())
		}
	}
	return errors.Join(ending.close(), missing.close(), back.close())
}

func (w *scopeWriter) storeHeld(ctx context.Context, c *conn) error {
	for p := range w.held {
		if _, err := c.exec(ctx, "INSERT OR IGNORE INTO scope_held (scope_id, type, account, first_scan) VALUES (?, ?, ?, ?)",
			w.row.id, string(p.Type), p.Account, int64(w.scan.id)); err != nil {
			return err
		}
	}
	return nil
}

func (w *scopeWriter) storeProblems(ctx context.Context, c *conn) error {
	if _, err := c.exec(ctx, "DELETE FROM problem WHERE scan_id = ? AND scope_id = ?", int64(w.scan.id), w.row.id); err != nil {
		return err
	}
	for i, p := range w.problems {
		if _, err := c.exec(ctx, "INSERT INTO problem (scan_id, scope_id, n, file, line, col, key, message, remedy) VALUES (?,?,?,?,?,?,?,?,?)",
			int64(w.scan.id), w.row.id, int64(i), p.File, int64(p.Line), int64(p.Column), p.Key, p.Message, p.Remedy); err != nil {
			return err
		}
	}
	return nil
}

// storeRun writes the run of a scope in this scan in place of an earlier one.
func (w *scanWriter) storeRun(ctx context.Context, c *conn, row *scopeRow, run *inventory.ScopeRun) error {
	var calls []byte
	if len(run.Calls) > 0 {
		var err error
		if calls, err = json.Marshal(run.Calls); err != nil {
			return err
		}
	}
	_, err := c.exec(ctx, `INSERT OR REPLACE INTO scope_run (scope_id, scan_id, spec_id, state, reason, error, attempts, assets,
  added, changed, ended, skipped, started, finished, data_time, calls, caller, listed) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`,
		row.id, int64(w.id), row.specValue(), string(run.State), string(run.Reason), run.Error, int64(run.Attempts), int64(run.Assets),
		int64(run.Added), int64(run.Changed), int64(run.Ended), int64(run.Skipped), micros(run.Started), micros(run.Finished),
		micros(run.DataTime), orNull(string(calls)), run.CallerARN, flag(run.Listed))
	return err
}
