package sqlite

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/muster-audit/muster/inventory"
)

const scanColumns = "SELECT id, state, started, finished, tool_version, config_digest, unselected FROM scan WHERE NOT pruned"

// Scans returns all scans, the newest first.
func (s *Store) Scans(ctx context.Context) ([]inventory.Scan, error) {
	var list []inventory.Scan
	err := s.snapshot(ctx, func(c *conn) error {
		if err := readScans(ctx, c, &list, scanColumns+" ORDER BY id DESC"); err != nil {
			return err
		}
		return countRuns(ctx, c, list)
	})
	return list, s.explain("read scans from", err)
}

// Scan returns one scan; 0 is the last one that ended.
func (s *Store) Scan(ctx context.Context, id inventory.ScanID) (inventory.Scan, error) {
	query, arg := scanColumns+" AND id = ?", int64(id)
	if id == 0 {
		query, arg = scanColumns+" AND id > ? AND state <> 'running' ORDER BY id DESC LIMIT 1", 0
	}
	scan, found, err := s.oneScan(ctx, query, arg)
	if err == nil && !found {
		err = s.explainMissing(ctx, id)
	}
	return scan, s.explain("read scan from", err)
}

// explainMissing tells a scan that was given up from one that never was.
func (s *Store) explainMissing(ctx context.Context, id inventory.ScanID) error {
	err := noScan(id)
	_ = s.snapshot(ctx, func(c *conn) error {
		pruned, _ := c.number(ctx, "SELECT pruned FROM scan WHERE id = ?", int64(id))
		if pruned != 0 {
			err = fmt.Errorf("%w: it was pruned", err)
		}
		return nil
	})
	return err
}

const scanBefore = scanColumns + " AND started <= ? AND state = 'finished' ORDER BY started DESC, id DESC LIMIT 1"

// ScanAt returns the last finished scan that started at or before t.
func (s *Store) ScanAt(ctx context.Context, t time.Time) (inventory.Scan, error) {
	scan, found, err := s.oneScan(ctx, scanBefore, t.UnixMicro())
	if err == nil && !found {
		err = fmt.Errorf("find a finished scan at or before %s: %w", t.UTC().Format(time.RFC3339), inventory.ErrNotFound)
	}
	return scan, s.explain("read scan from", err)
}

func (s *Store) oneScan(ctx context.Context, query string, arg int64) (scan inventory.Scan, found bool, err error) {
	var list []inventory.Scan
	err = s.snapshot(ctx, func(c *conn) error {
		if err := readScans(ctx, c, &list, query, arg); err != nil {
			return err
		}
		return countRuns(ctx, c, list)
	})
	if err != nil || len(list) == 0 {
		return inventory.Scan{}, false, err
	}
	return list[0], true, nil
}

func readScans(ctx context.Context, c *conn, list *[]inventory.Scan, query string, args ...int64) error {
	values := valuesOf(args)
	return c.each(ctx, func(r *cursor) (bool, error) {
		*list = append(*list, inventory.Scan{
			ID: inventory.ScanID(r.int(0)), State: inventory.ScanState(r.text(1)), Started: r.time(2), Finished: r.time(3),
			ToolVersion: r.text(4), ConfigDigest: r.text(5), Unselected: r.int(6) != 0, Runs: map[inventory.RunState]int{},
		})
		return true, nil
	}, query, values...)
}

const runsOfScan = "SELECT state, count(*) FROM scope_run WHERE scan_id = ? GROUP BY state"

func countRuns(ctx context.Context, c *conn, list []inventory.Scan) error {
	for i := range list {
		err := c.each(ctx, func(r *cursor) (bool, error) {
			list[i].Runs[inventory.RunState(r.text(0))] = int(r.int(1))
			return true, nil
		}, runsOfScan, int64(list[i].ID))
		if err != nil {
			return err
		}
	}
	return nil
}

// scopeStates joins what was known at a scan with its run there. A scan that did not finish has scopes without a run.
const scopeStates = `SELECT c.id, s.name, s.collector, s.book, c.scope, p.spec,
  r.state, r.reason, r.error, r.attempts, r.assets, r.added, r.changed, r.ended, r.skipped, r.started, r.finished, r.data_time, r.calls, r.caller, r.listed,
  (SELECT n.started FROM scan n WHERE n.id = (SELECT max(o.scan_id) FROM scope_run o WHERE o.scope_id = c.id AND o.scan_id <= ?1 AND o.state = 'ok'))
FROM scope c
JOIN source s ON s.id = c.source_id
LEFT JOIN scope_run r ON r.scope_id = c.id AND r.scan_id = ?1
LEFT JOIN scope_spec p ON p.id = coalesce(r.spec_id, c.spec_id)
WHERE r.scan_id IS NOT NULL
   OR c.first_scan <= ?1 AND (c.retired_scan IS NULL OR c.retired_scan > ?1) AND (SELECT state FROM scan WHERE id = ?1) <> 'finished'
ORDER BY s.name, c.scope`

// Scopes returns the scopes of a scan. One that an unfinished scan did not come to has a failed run, since nothing is
// known of it.
func (s *Store) Scopes(ctx context.Context, at inventory.ScanID) ([]inventory.ScopeState, error) {
	var list []inventory.ScopeState
	err := s.view(ctx, at, func(v *view) error {
		index := map[int64]int{}
		err := v.c.each(ctx, func(r *cursor) (bool, error) {
			st, err := readScopeState(r)
			index[r.int(0)] = len(list)
			list = append(list, st)
			return true, err
		}, scopeStates, v.at)
		if err != nil {
			return err
		}
		if err := v.count(ctx, list, index); err != nil {
			return err
		}
		return v.c.each(ctx, func(r *cursor) (bool, error) {
			if i, ok := index[r.int(0)]; ok {
				list[i].Held = append(list[i].Held, inventory.TypeAccount{Type: inventory.Type(r.text(1)), Account: r.text(2)})
			}
			return true, nil
		}, "SELECT scope_id, type, account FROM scope_held WHERE first_scan <= ? ORDER BY scope_id, type, account", v.at)
	})
	return list, s.explain("read scopes from", err)
}

// count sets how many assets each scope holds. A run that read a scope whole has counted them already.
func (v *view) count(ctx context.Context, list []inventory.ScopeState, index map[int64]int) error {
	for _, scope := range v.scopes {
		i, ok := index[scope.id]
		if !ok {
			continue
		}
		if run := &list[i].Run; run.State == inventory.RunOK && run.Skipped == 0 {
			list[i].Assets = run.Assets
			continue
		}
		n, err := v.c.number(ctx, assetsOfScope, assetID(scope.id, 0), scope.last, v.at)
		if err != nil {
			return err
		}
		list[i].Assets = int(n)
	}
	return nil
}

const assetsOfScope = `SELECT (SELECT count(*) FROM asset WHERE id > ?1 AND id <= ?2 AND from_scan <= ?3 AND (to_scan IS NULL OR to_scan > ?3))
  + (SELECT count(*) FROM asset_past WHERE asset_id > ?1 AND asset_id <= ?2 AND from_scan <= ?3 AND to_scan > ?3)`

func readScopeState(r *cursor) (inventory.ScopeState, error) {
	st := inventory.ScopeState{
		Source: inventory.Source{Name: r.text(1), Collector: r.text(2), Book: inventory.Book(r.text(3))},
		Scope:  inventory.Scope{ID: r.text(4)},
		LastOK: r.time(21),
	}
	if spec := r.text(5); spec != "" {
		if err := json.Unmarshal([]byte(spec), &st.Scope); err != nil {
			return st, fmt.Errorf("decode scope %q: %w", st.Scope.ID, err)
		}
	}
	st.Run = inventory.ScopeRun{
		Source: st.Source.Name, Scope: st.Scope.ID, State: inventory.RunState(r.text(6)), Reason: inventory.RunReason(r.text(7)),
		Error: r.text(8), Attempts: int(r.int(9)), Assets: int(r.int(10)), Added: int(r.int(11)), Changed: int(r.int(12)),
		Ended: int(r.int(13)), Skipped: int(r.int(14)), Started: r.time(15), Finished: r.time(16), DataTime: r.time(17), CallerARN: r.text(19),
		Listed: r.int(20) != 0,
	}
	if st.Run.State == "" {
		st.Run.State, st.Run.Reason = inventory.RunFailed, inventory.ReasonCanceled
		st.Run.Error = "the scan ended before it came to this scope: run `muster scan --resume`"
	}
	if calls := r.text(18); calls != "" {
		if err := json.Unmarshal([]byte(calls), &st.Run.Calls); err != nil {
			return st, fmt.Errorf("decode calls of scope %q: %w", st.Scope.ID, err)
		}
	}
	return st, nil
}

// Problems returns what a scope run could not read.
func (s *Store) Problems(ctx context.Context, at inventory.ScanID, source, scope string, limit int) ([]inventory.Problem, error) {
	if limit <= 0 {
		limit = maxProblems
	}
	var list []inventory.Problem
	err := s.view(ctx, at, func(v *view) error {
		return v.c.each(ctx, func(r *cursor) (bool, error) {
			list = append(list, inventory.Problem{
				File: r.text(0), Line: int(r.int(1)), Column: int(r.int(2)), Key: r.text(3), Message: r.text(4), Remedy: r.text(5),
			})
			return true, nil
		}, problemsOfRun, source, scope, v.at, int64(limit))
	})
	return list, s.explain("read problems from", err)
}

const problemsOfRun = `SELECT p.file, p.line, p.col, p.key, p.message, p.remedy
FROM source s JOIN scope c ON c.source_id = s.id JOIN problem p ON p.scope_id = c.id
WHERE s.name = ?1 AND c.scope = ?2 AND p.scan_id = ?3 ORDER BY p.n LIMIT ?4`
