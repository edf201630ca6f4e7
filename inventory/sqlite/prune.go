package sqlite

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/muster-audit/muster/inventory"
)

// Pruned is what a prune gave up.
type Pruned struct {
	Scans, Contents, Findings int64
	// Before and After are the sizes of the file in bytes.
	Before, After int64
}

// Prune gives up scans: afterwards nobody can ask how things stood at one of them. What any other scan shows stays the same, but for what
// ended before the oldest of them, which is forgotten. The scans that are left out must include the newest; unknown ones are an error. It
// takes the lock of a scan. An error after the contents were deleted wraps ErrNotShrunk: the file is whole, and as large as before.
func (s *Store) Prune(ctx context.Context, drop []inventory.ScanID) (Pruned, error) {
	var p Pruned
	lock, err := s.acquire(s.command)
	if err != nil {
		return p, s.explain("prune", err)
	}
	err = within(ctx, s.writer, func(c *conn) error {
		p.Before = fileSize(s.path)
		err := withoutReferences(ctx, c, func() error {
			return c.transaction(ctx, func() error { return (&pruner{c: c, result: &p}).run(ctx, drop) })
		})
		if err == nil && len(drop) > 0 {
			err = shrink(ctx, c)
		}
		p.After = fileSize(s.path)
		return err
	})
	return p, s.explain("prune", errors.Join(err, s.unlock(lock)))
}

// withoutReferences runs f while references are not looked at: for every set that is deleted SQLite would search all assets for one that has
// it. The pruner looks at all of them at its end.
func withoutReferences(ctx context.Context, c *conn, f func() error) error {
	if _, err := c.exec(ctx, "PRAGMA foreign_keys = OFF"); err != nil {
		return err
	}
	err := f()
	_, on := c.exec(ctx, "PRAGMA foreign_keys = ON")
	return errors.Join(err, on)
}

// ErrNotShrunk says that a store was pruned, and that its file could not be made smaller.
var ErrNotShrunk = errors.New("the file could not be made smaller")

// shrink writes the file anew without the pages that are free, which takes the room of a second one for a while.
func shrink(ctx context.Context, c *conn) error {
	for _, step := range []string{"VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"} {
		if _, err := c.exec(ctx, step); err != nil {
			return fmt.Errorf("%w: %w", ErrNotShrunk, err)
		}
	}
	return nil
}

func fileSize(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}

type pruner struct {
	c      *conn
	result *Pruned
	kept   []int64 // scans, sorted
	drop   map[int64]bool
}

func (p *pruner) run(ctx context.Context, drop []inventory.ScanID) error {
	if err := p.read(ctx, drop); err != nil || len(drop) == 0 {
		return err
	}
	p.result.Scans = int64(len(p.drop))
	for _, step := range []func(context.Context) error{p.mark, p.contents, p.findings, p.runs, p.sets, p.check} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// read finds the scans that are kept.
func (p *pruner) read(ctx context.Context, drop []inventory.ScanID) error {
	p.drop = map[int64]bool{}
	for _, id := range drop {
		p.drop[int64(id)] = true
	}
	known := 0
	err := p.c.each(ctx, func(r *cursor) (bool, error) {
		if id := r.int(0); !p.drop[id] {
			p.kept = append(p.kept, id)
		} else {
			known++
		}
		return true, nil
	}, "SELECT id FROM scan WHERE NOT pruned ORDER BY id")
	switch {
	case err != nil || len(drop) == 0:
		return err
	case known != len(p.drop):
		return fmt.Errorf("of %d scans to give up the store holds %d", len(p.drop), known)
	case len(p.kept) == 0 || slices.Max(drop) > inventory.ScanID(p.kept[len(p.kept)-1]):
		return errors.New("the newest scan cannot be given up: the next one goes on from it")
	}
	return nil
}

// mark notes which scans are given up, in a table of its own for the statements that follow.
func (p *pruner) mark(ctx context.Context) error {
	if _, err := p.c.exec(ctx, "CREATE TEMP TABLE kept (id INTEGER PRIMARY KEY)"); err != nil {
		return err
	}
	for _, id := range p.kept {
		if _, err := p.c.exec(ctx, "INSERT INTO temp.kept VALUES (?)", id); err != nil {
			return err
		}
	}
	_, err := p.c.exec(ctx, "UPDATE scan SET pruned = 1 WHERE id NOT IN (SELECT id FROM temp.kept)")
	return err
}

// unasked is true of a stretch of scans that holds none of those that are kept. Both ends are columns of the table at hand.
const unasked = "to_scan IS NOT NULL AND NOT EXISTS (SELECT 1 FROM temp.kept k WHERE k.id >= from_scan AND k.id < to_scan)"

// contents deletes what no kept scan shows. What ended is still told as such by every scan after its end: it goes when the oldest kept scan
// comes after it.
func (p *pruner) contents(ctx context.Context) error {
	const gone = "(SELECT id FROM asset WHERE to_scan <= ?1)"
	for _, d := range []struct {
		query    string
		contents bool
	}{
		{"DELETE FROM asset_past WHERE (" + unasked + " AND ended_by = 'changed') OR to_scan <= ?1", true},
		{"DELETE FROM asset_past WHERE asset_id IN " + gone, true},
		{"DELETE FROM unconfirmed WHERE (" + unasked + ") OR asset_id IN " + gone, false},
		{"DELETE FROM unseen WHERE to_scan <= ?1 OR asset_id IN " + gone, false},
		{"DELETE FROM asset WHERE to_scan <= ?1", true},
	} {
		n, err := p.c.exec(ctx, d.query, p.kept[0])
		if err != nil {
			return err
		}
		if d.contents {
			p.result.Contents += n
		}
	}
	return nil
}

func (p *pruner) findings(ctx context.Context) error {
	n, err := p.c.exec(ctx, "DELETE FROM finding WHERE "+unasked)
	p.result.Findings = n
	if err != nil {
		return err
	}
	for _, table := range []string{"evaluation", "coverage", "problem"} {
		if _, err := p.c.exec(ctx, "DELETE FROM "+table+" WHERE scan_id NOT IN (SELECT id FROM temp.kept)"); err != nil {
			return err
		}
	}
	return nil
}

// scopeRun is a run, as far as it matters for what later scans tell.
type scopeRun struct {
	scan     int64
	ok, read bool // read whole; read whole or in part
}

// runs deletes the runs of scans that are given up, but for those that tell a kept scan when a scope, or something in it, was read last.
func (p *pruner) runs(ctx context.Context) error {
	questions, err := p.questions(ctx)
	if err != nil {
		return err
	}
	runs := map[int64][]scopeRun{}
	err = p.c.each(ctx, func(r *cursor) (bool, error) {
		state := inventory.RunState(r.text(2))
		runs[r.int(0)] = append(runs[r.int(0)], scopeRun{r.int(1), state == inventory.RunOK, state == inventory.RunOK || state == inventory.RunPartial})
		return true, nil
	}, "SELECT scope_id, scan_id, state FROM scope_run ORDER BY scope_id, scan_id")
	if err != nil {
		return err
	}
	for scope, list := range runs {
		needed := answers(list, slices.Concat(p.kept, questions[scope]))
		for _, run := range list {
			if !p.drop[run.scan] && !p.isPruned(run.scan) || needed[run.scan] {
				continue
			}
			if _, err := p.c.exec(ctx, "DELETE FROM scope_run WHERE scope_id = ? AND scan_id = ?", scope, run.scan); err != nil {
				return err
			}
		}
	}
	return nil
}

// isPruned reports whether a scan was given up by an earlier prune.
func (p *pruner) isPruned(scan int64) bool {
	_, kept := slices.BinarySearch(p.kept, scan)
	return !kept
}

// questions are, for each scope, the scans up to which somebody asks when it was read last: those before something ended, or was not seen
// any more.
func (p *pruner) questions(ctx context.Context) (map[int64][]int64, error) {
	asked := map[int64][]int64{}
	err := p.c.each(ctx, func(r *cursor) (bool, error) {
		asked[r.int(0)] = append(asked[r.int(0)], r.int(1)-1)
		return true, nil
	}, `SELECT id >> 32, to_scan FROM asset WHERE to_scan IS NOT NULL
UNION SELECT asset_id >> 32, to_scan FROM asset_past WHERE ended_by <> 'changed'
UNION SELECT asset_id >> 32, from_scan FROM unseen`)
	return asked, err
}

// answers returns the scans of the last runs, whole and in part, up to each of some scans. Runs are sorted by scan.
func answers(runs []scopeRun, upTo []int64) map[int64]bool {
	needed := map[int64]bool{}
	for _, scan := range upTo {
		end, _ := slices.BinarySearchFunc(runs, scan+1, func(r scopeRun, id int64) int { return cmp.Compare(r.scan, id) })
		for _, matters := range []func(scopeRun) bool{
			func(r scopeRun) bool { return r.ok },
			func(r scopeRun) bool { return r.read },
		} {
			for i := end - 1; i >= 0; i-- {
				if matters(runs[i]) {
					needed[runs[i].scan] = true
					break
				}
			}
		}
	}
	return needed
}

// sets deletes what only deleted contents shared.
func (p *pruner) sets(ctx context.Context) error {
	for _, d := range []string{
		"DELETE FROM attribute_set WHERE id NOT IN (" + used("attribute_set_id") + ")",
		"DELETE FROM tag WHERE set_id NOT IN (" + used("tag_set_id") + ")",
		"DELETE FROM tag_set WHERE id > 1 AND id NOT IN (" + used("tag_set_id") + ")",
		"DELETE FROM placement WHERE id NOT IN (" + used("placement_id") + ")",
		"DROP TABLE temp.kept",
	} {
		if _, err := p.c.exec(ctx, d); err != nil {
			return err
		}
	}
	return nil
}

// check finds a row that refers to one that was deleted: then nothing is.
func (p *pruner) check(ctx context.Context) error {
	dangling, err := p.c.one(ctx, func(*cursor) {}, "PRAGMA foreign_key_check")
	if err == nil && dangling {
		err = errors.New("something that is still needed would be deleted: nothing was")
	}
	return err
}

// used is a query for the ids in a column of every table that has contents.
func used(column string) string {
	const of = "SELECT %[1]s FROM %[2]s WHERE %[1]s IS NOT NULL"
	return fmt.Sprintf(of+" UNION ", column, "asset") + fmt.Sprintf(of+" UNION ", column, "asset_past") + fmt.Sprintf(of, column, "asset_staged")
}
