package sqlite

import (
	"bytes"
	"cmp"
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	"github.com/muster-audit/muster/inventory"
)

// findingRow is a stretch of evaluations in which a finding did not change.
type findingRow struct {
	id       int64
	from, to int64 // to is 0 while it holds
	inventory.FindingRecord
	newScan int64 // the scan in which it is new; 0 if in none of the stretch
	steady  bool  // seen last in whatever scan is asked for
}

const findingColumns = `SELECT id, fingerprint, from_scan, to_scan, rule, severity, state, new_scan, source, book, type, key, name, account,
  region, message, first_seen, last_seen, confirmed, body FROM finding`

func readFinding(r *cursor) findingRow {
	f := findingRow{id: r.int(0), from: r.int(2), to: r.int(3), newScan: r.int(7), steady: r.null(17)}
	f.FindingRecord = inventory.FindingRecord{
		Fingerprint: r.text(1), Rule: r.text(4), Severity: r.text(5), State: inventory.FindingState(r.text(6)), Source: r.text(8),
		Book: inventory.Book(r.text(9)), Type: inventory.Type(r.text(10)), Key: r.text(11), Name: r.text(12), Account: r.text(13),
		Region: r.text(14), Message: r.text(15), FirstSeen: r.time(16), LastSeen: r.time(17), Confirmed: r.int(18) != 0, Body: r.blob(19),
	}
	return f
}

// as gives the record as an evaluation of a scan that started then held it.
func (f *findingRow) as(scan int64, started time.Time) inventory.FindingRecord {
	r := f.FindingRecord
	if r.State == inventory.FindingOpen && f.newScan == scan {
		r.State = inventory.FindingNew
	}
	if f.steady {
		r.LastSeen = started
	}
	return r
}

// rowOf is the inverse of as.
func rowOf(r inventory.FindingRecord, scan int64, started time.Time) findingRow {
	f := findingRow{FindingRecord: r, from: scan, steady: r.LastSeen.Equal(started)}
	f.FirstSeen, f.LastSeen = r.FirstSeen.UTC().Truncate(time.Microsecond), r.LastSeen.UTC().Truncate(time.Microsecond)
	if f.steady {
		f.LastSeen = time.Time{}
	}
	if r.State == inventory.FindingNew {
		f.State, f.newScan = inventory.FindingOpen, scan
	}
	return f
}

// same reports whether two rows say the same of a scan.
func (f *findingRow) same(o *findingRow, scan int64) bool {
	a, b := f.FindingRecord, o.FindingRecord
	if !bytes.Equal(a.Body, b.Body) || !a.FirstSeen.Equal(b.FirstSeen) || !a.LastSeen.Equal(b.LastSeen) {
		return false
	}
	a.FirstSeen, a.LastSeen = b.FirstSeen, b.LastSeen
	return f.steady == o.steady && (f.newScan == scan) == (o.newScan == scan) && key(&a) == key(&b)
}

// comparable fields of a finding.
type findingKey struct {
	fingerprint, rule, severity, source, key, name, account, region, message string
	state                                                                    inventory.FindingState
	book                                                                     inventory.Book
	kind                                                                     inventory.Type
	confirmed                                                                bool
}

func key(r *inventory.FindingRecord) findingKey {
	return findingKey{
		r.Fingerprint, r.Rule, r.Severity, r.Source, r.Key, r.Name, r.Account, r.Region, r.Message, r.State, r.Book, r.Type, r.Confirmed,
	}
}

const evaluationBefore = "SELECT max(scan_id) FROM evaluation WHERE scan_id < ?"

// OpenFindings yields what the last evaluation of an earlier scan left open.
func (s *Store) OpenFindings(ctx context.Context, before inventory.ScanID) iter.Seq2[inventory.FindingRecord, error] {
	return deliver(func(yield func(inventory.FindingRecord) bool) error {
		err := s.snapshot(ctx, func(c *conn) error {
			at, err := c.number(ctx, evaluationBefore, int64(before))
			if err != nil || at == 0 {
				return err
			}
			return eachFinding(ctx, c, at, func(r inventory.FindingRecord) bool {
				return r.State == inventory.FindingResolved || yield(r)
			})
		})
		return s.explain("read findings from", err)
	})
}

// Findings yields the findings of a scan's evaluation.
func (s *Store) Findings(ctx context.Context, at inventory.ScanID) iter.Seq2[inventory.FindingRecord, error] {
	return deliver(func(yield func(inventory.FindingRecord) bool) error {
		err := s.snapshot(ctx, func(c *conn) error {
			e, err := readEvaluation(ctx, c, at)
			if err != nil {
				return err
			}
			return eachFinding(ctx, c, int64(e.Scan), yield)
		})
		return s.explain("read findings from", err)
	})
}

const findingsAt = findingColumns + " WHERE from_scan <= ?1 AND (to_scan IS NULL OR to_scan > ?1) ORDER BY fingerprint"

func eachFinding(ctx context.Context, c *conn, at int64, visit func(r inventory.FindingRecord) bool) error {
	started, err := startOf(ctx, c, at)
	if err != nil {
		return err
	}
	return c.each(ctx, func(r *cursor) (bool, error) {
		f := readFinding(r)
		return visit(f.as(at, started)), nil
	}, findingsAt, at)
}

func startOf(ctx context.Context, c *conn, scan int64) (started time.Time, err error) {
	found, err := c.one(ctx, func(r *cursor) { started = r.time(0) }, "SELECT started FROM scan WHERE id = ?", scan)
	if err == nil && !found {
		err = noScan(inventory.ScanID(scan))
	}
	return started, err
}

// Evaluation returns a scan's evaluation; 0 is the last scan that ended.
func (s *Store) Evaluation(ctx context.Context, at inventory.ScanID) (e inventory.Evaluation, err error) {
	err = s.snapshot(ctx, func(c *conn) error {
		e, err = readEvaluation(ctx, c, at)
		return err
	})
	return e, s.explain("read evaluation from", err)
}

func readEvaluation(ctx context.Context, c *conn, at inventory.ScanID) (e inventory.Evaluation, err error) {
	if at == 0 {
		last, err := c.number(ctx, "SELECT max(id) FROM scan WHERE state <> 'running'")
		if err != nil {
			return e, err
		}
		at = inventory.ScanID(last)
	}
	found, err := c.one(ctx, func(r *cursor) {
		e = inventory.Evaluation{Scan: at, At: r.time(0), PolicyDigest: r.text(1), Complete: r.int(2) != 0, Summary: r.blob(3)}
	}, "SELECT evaluated, policy_digest, complete, summary FROM evaluation WHERE scan_id = ?", int64(at))
	if err != nil {
		return e, err
	}
	if !found {
		return e, fmt.Errorf("find an evaluation of scan %d: %w", at, inventory.ErrNotFound)
	}
	err = c.each(ctx, func(r *cursor) (bool, error) {
		e.Coverage = append(e.Coverage, inventory.CoverageRow{
			Measure: r.text(0), Name: r.text(1), Group: r.text(2), Value: r.text(3), Pass: int(r.int(4)), Fail: int(r.int(5)), Unknown: int(r.int(6)),
		})
		return true, nil
	}, "SELECT measure, name, group_by, value, pass, fail, unknown FROM coverage WHERE scan_id = ? ORDER BY n", int64(at))
	return e, err
}

// SaveEvaluation replaces the scan's evaluation in one transaction.
func (s *Store) SaveEvaluation(ctx context.Context, e inventory.Evaluation, findings iter.Seq2[inventory.FindingRecord, error]) error {
	lock, err := s.acquire("")
	if err != nil {
		return s.explain("save evaluation in", err)
	}
	err = s.snapshot(ctx, func(before *conn) error {
		return within(ctx, s.writer, func(c *conn) error {
			return c.transaction(ctx, func() error { return saveEvaluation(ctx, before, c, e, findings) })
		})
	})
	return s.explain("save evaluation in", errors.Join(err, s.unlock(lock)))
}

func saveEvaluation(ctx context.Context, before, c *conn, e inventory.Evaluation, findings iter.Seq2[inventory.FindingRecord, error]) error {
	started, err := startOf(ctx, c, int64(e.Scan))
	if err != nil {
		return err
	}
	m, err := newFindingMerge(ctx, before, c, int64(e.Scan), started)
	if err != nil {
		return err
	}
	if err = errors.Join(m.run(ctx, findings), m.old.rows.Close()); err != nil {
		return err
	}
	if _, err := c.exec(ctx, "INSERT OR REPLACE INTO evaluation (scan_id, evaluated, policy_digest, complete, summary) VALUES (?, ?, ?, ?, ?)",
		int64(e.Scan), e.At.UnixMicro(), e.PolicyDigest, flag(e.Complete), append([]byte{}, e.Summary...)); err != nil {
		return err
	}
	return saveCoverage(ctx, c, e)
}

func saveCoverage(ctx context.Context, c *conn, e inventory.Evaluation) error {
	if _, err := c.exec(ctx, "DELETE FROM coverage WHERE scan_id = ?", int64(e.Scan)); err != nil {
		return err
	}
	for i, r := range e.Coverage {
		if _, err := c.exec(ctx, "INSERT INTO coverage (scan_id, n, measure, name, group_by, value, pass, fail, unknown) VALUES (?,?,?,?,?,?,?,?,?)",
			int64(e.Scan), int64(i), r.Measure, r.Name, r.Group, r.Value, int64(r.Pass), int64(r.Fail), int64(r.Unknown)); err != nil {
			return err
		}
	}
	return nil
}

// findingMerge replaces the findings of one scan by walking over the old and the new ones side by side, both sorted by
// fingerprint. Evaluations of other scans keep what they held: a stretch that spans the scan is cut around it.
type findingMerge struct {
	c       *conn
	scan    int64
	next    int64 // the first later scan that was evaluated; 0 if there is none
	started time.Time
	old     *cursor
	ahead   *findingRow // the next old row; nil at the end
}

// findingsAround selects what holds at a scan, and what ended there and may go on.
const findingsAround = findingColumns + " WHERE from_scan <= ?1 AND (to_scan IS NULL OR to_scan >= ?1) ORDER BY fingerprint, from_scan"

func newFindingMerge(ctx context.Context, before, c *conn, scan int64, started time.Time) (*findingMerge, error) {
	m := &findingMerge{c: c, scan: scan, started: started}
	var err error
	if m.next, err = c.number(ctx, "SELECT min(scan_id) FROM evaluation WHERE scan_id > ?", scan); err != nil {
		return nil, err
	}
	if m.old, err = before.query(ctx, findingsAround, scan); err != nil {
		return nil, err
	}
	if err := m.advance(ctx); err != nil {
		return nil, errors.Join(err, m.old.rows.Close())
	}
	return m, nil
}

func (m *findingMerge) advance(ctx context.Context) error {
	m.ahead = nil
	err := m.old.next(ctx)
	if err == io.EOF {
		return nil
	}
	if err == nil {
		f := readFinding(m.old)
		m.ahead = &f
	}
	return err
}

func (m *findingMerge) run(ctx context.Context, findings iter.Seq2[inventory.FindingRecord, error]) error {
	last := ""
	for r, err := range findings {
		if err != nil {
			return err
		}
		if last != "" && r.Fingerprint <= last {
			return fmt.Errorf("save finding %q: findings must be sorted by fingerprint and unique", r.Fingerprint)
		}
		last = r.Fingerprint
		if err := m.passOver(ctx, r.Fingerprint); err != nil {
			return err
		}
		if err := m.replace(ctx, rowOf(r, m.scan, m.started)); err != nil {
			return err
		}
	}
	return m.passOver(ctx, "")
}

// passOver takes old findings out of the scan up to a fingerprint; the empty one is behind all.
func (m *findingMerge) passOver(ctx context.Context, fingerprint string) error {
	for m.ahead != nil && (fingerprint == "" || cmp.Less(m.ahead.Fingerprint, fingerprint)) {
		if m.ahead.to != m.scan {
			if err := m.cut(ctx, m.ahead); err != nil {
				return err
			}
		}
		if err := m.advance(ctx); err != nil {
			return err
		}
	}
	return nil
}

// replace puts a finding into the scan. It writes nothing if the scan holds the same already, and lets a stretch that
// ends at the scan go on if it was the same.
func (m *findingMerge) replace(ctx context.Context, f findingRow) error {
	var ended, holds *findingRow
	for m.ahead != nil && m.ahead.Fingerprint == f.Fingerprint {
		if m.ahead.to == m.scan {
			ended = m.ahead
		} else {
			holds = m.ahead
		}
		if err := m.advance(ctx); err != nil {
			return err
		}
	}
	if holds != nil {
		if holds.same(&f, m.scan) && (holds.from != m.scan || ended == nil || !ended.same(&f, m.scan)) {
			return nil
		}
		if err := m.cut(ctx, holds); err != nil {
			return err
		}
	}
	f.to = m.next
	if f.State == inventory.FindingResolved {
		f.to = m.scan + 1
	}
	if ended != nil && ended.same(&f, m.scan) && f.State != inventory.FindingResolved {
		_, err := m.c.exec(ctx, "UPDATE finding SET to_scan = ? WHERE id = ?", scanOrNull(f.to), ended.id)
		return err
	}
	return m.insert(ctx, &f)
}

// cut takes the scan out of a stretch.
func (m *findingMerge) cut(ctx context.Context, f *findingRow) error {
	var err error
	if f.from < m.scan {
		_, err = m.c.exec(ctx, "UPDATE finding SET to_scan = ? WHERE id = ?", m.scan, f.id)
	} else {
		_, err = m.c.exec(ctx, "DELETE FROM finding WHERE id = ?", f.id)
	}
	if err != nil || m.next == 0 || f.to != 0 && f.to <= m.next {
		return err
	}
	rest := *f
	rest.from = m.next
	return m.insert(ctx, &rest)
}

func (m *findingMerge) insert(ctx context.Context, f *findingRow) error {
	lastSeen := micros(f.LastSeen)
	if f.steady {
		lastSeen = nil
	}
	_, err := m.c.exec(ctx, `INSERT INTO finding (fingerprint, from_scan, to_scan, rule, severity, state, new_scan, source, book, type, key,
  name, account, region, message, first_seen, last_seen, confirmed, body) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`,
		f.Fingerprint, f.from, scanOrNull(f.to), f.Rule, f.Severity, string(f.State), scanOrNull(f.newScan), f.Source, string(f.Book),
		string(f.Type), f.Key, f.Name, f.Account, f.Region, f.Message, micros(f.FirstSeen), lastSeen, flag(f.Confirmed),
		append([]byte{}, f.Body...))
	return err
}

func scanOrNull(scan int64) driver.Value {
	if scan == 0 {
		return nil
	}
	return scan
}
