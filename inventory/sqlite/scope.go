package sqlite

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/muster-audit/muster/inventory"
)

// maxProblems is how many problems of a run are kept; all are counted.
const maxProblems = 1000

// scopeShift makes asset ids of a scope and a number in it.
const scopeShift = 32

func assetID(scope int64, n uint32) int64 { return scope<<scopeShift | int64(n) }

// scopeWriter is one attempt at a scope. Put hashes, encodes and compares in the collector's goroutine, so that reading
// the source and writing the store overlap.
type scopeWriter struct {
	scan *scanWriter
	row  *scopeRow
	spec inventory.Scope
	book inventory.Book
	enc  encoder

	index *keyIndex
	marks map[uint32]int64 // by asset number: hash of the content as it was read last, with its gaps
	alive int              // assets that had not ended when the attempt began
	last  uint32           // highest asset number in use
	batch *batch
	held  map[inventory.TypeAccount]bool
	old   *oldReader

	assets, added, changed int
	keyless, skipped       int
	problems               []inventory.Problem
	over                   atomic.Bool
}

// Scope begins an attempt.
func (w *scanWriter) Scope(ctx context.Context, src inventory.Source, s inventory.Scope) (inventory.ScopeWriter, error) {
	row, err := w.claim(src.Name, s.ID)
	if err != nil {
		return nil, err
	}
	sw := &scopeWriter{
		scan: w, row: row, spec: s, book: src.Book, enc: encoder{key: w.store.hashKey}, last: uint32(row.lastAsset), batch: w.newBatch(),
		marks: map[uint32]int64{}, held: map[inventory.TypeAccount]bool{},
		old: w.store.oldReader(ctx),
	}
	if err := sw.load(ctx); err != nil {
		w.release(row)
		return nil, w.store.explain("read scope "+s.ID+" of", err)
	}
	return sw, nil
}

func (w *scanWriter) newBatch() *batch {
	return &batch{scan: int64(w.id), assets: make([]assetRow, 0, rowsPerBatch)}
}

// Put takes an asset.
func (w *scopeWriter) Put(a inventory.Asset) error {
	if w.over.Load() {
		return fmt.Errorf("put asset %q: the attempt at scope %q is over", a.Key, w.spec.ID)
	}
	if a.Key == "" {
		return fmt.Errorf("put asset %q into scope %q of source %q: it has no key", a.Name, w.spec.ID, w.row.source)
	}
	c, err := w.enc.encode(&a)
	if err != nil {
		return fmt.Errorf("put asset %q into scope %q of source %q: %w", a.Key, w.spec.ID, w.row.source, err)
	}
	k, isNew := w.index.add(w.scan.writer.intern.digest.text(a.Key))
	if k.is(isHeld) {
		return fmt.Errorf("put asset %q into scope %q of source %q: this attempt holds the key already", a.Key, w.spec.ID, w.row.source)
	}
	k.flags |= isHeld
	w.assets++
	if isNew {
		w.last++
		k.n = w.last
		w.added++
		w.batch.assets = append(w.batch.assets, w.newRow(&a, &c, k.n))
		return w.flush(false)
	}
	return w.update(a, &c, k)
}

// newRow copies a content into a row of its own.
func (w *scopeWriter) newRow(a *inventory.Asset, c *content, n uint32) assetRow {
	w.held[inventory.TypeAccount{Type: a.Type, Account: a.Account}] = true
	r := assetRow{
		id: assetID(w.row.id, n), key: a.Key, name: c.name, hash: c.hash,
		internedIDs: w.scan.writer.intern.ids(c, a.Tags), refs: append([]byte(nil), c.refs...),
	}
	if c.dated {
		r.created = c.created
	}
	return r
}

// update compares an asset with what the store holds of it, and stages what differs.
func (w *scopeWriter) update(a inventory.Asset, c *content, k *knownAsset) error {
	readBefore, marked := w.marks[k.n]
	switch {
	case !k.is(isLive):
		w.added++
		return w.stage(stagedRow{assetRow: w.newRow(&a, c, k.n), replace: true})
	case c.hash == k.hash && !marked, marked && c.hash == readBefore:
		return nil
	case c.hash == k.hash:
		return w.stage(stagedRow{assetRow: assetRow{id: assetID(w.row.id, k.n)}})
	}
	before, err := w.old.read(assetID(w.row.id, k.n))
	if err != nil {
		return err
	}
	read, hash := c.hash, k.hash
	full, mark := complete(a, before)
	if mark != nil {
		if *c, err = w.enc.encode(&full); err != nil {
			return err
		}
	}
	if c.hash == hash {
		return w.stage(stagedRow{assetRow: assetRow{id: assetID(w.row.id, k.n)}, mark: mark, read: read})
	}
	w.changed++
	return w.stage(stagedRow{assetRow: w.newRow(&full, c, k.n), replace: true, mark: mark, read: read})
}

func (w *scopeWriter) stage(s stagedRow) error {
	w.batch.staged = append(w.batch.staged, s)
	return w.flush(false)
}

// flush hands the batch over if it is full, or if all is true.
func (w *scopeWriter) flush(all bool) error {
	if n := len(w.batch.assets) + len(w.batch.staged); n < rowsPerBatch && !all {
		return nil
	}
	b := w.batch
	w.batch = w.scan.newBatch()
	return w.scan.store.explain("write scope "+w.spec.ID+" to", w.scan.writer.send(b))
}

// Skip counts a record that could not be read and remembers the key that it would have had.
func (w *scopeWriter) Skip(p inventory.Problem) {
	w.skipped++
	if len(w.problems) < maxProblems {
		w.problems = append(w.problems, p)
	}
	if p.Key == "" {
		w.keyless++
		return
	}
	if k := w.index.find(w.scan.writer.intern.digest.text(p.Key)); k != nil {
		k.flags |= isKept
	}
}

// Discard forgets the attempt. What it wrote cannot be seen, and goes with the next attempt or the next sweep at the
// latest.
func (w *scopeWriter) Discard() {
	if w.over.Swap(true) {
		return
	}
	defer w.end()
	err := w.scan.writer.do(func(ctx context.Context, c *conn) error {
		return c.transaction(ctx, func() error { return dropAttempt(ctx, c, w.row) })
	})
	if err != nil && !errors.Is(err, errStopped) {
		w.scan.store.log.Error("forget an attempt", "scope", w.spec.ID, "error", err)
	}
}

// end lets the next attempt at the scope begin.
func (w *scopeWriter) end() {
	if err := w.old.close(); err != nil {
		w.scan.store.log.Error("close a reader", "scope", w.spec.ID, "error", err)
	}
	w.index, w.marks, w.batch = nil, nil, nil
	w.scan.release(w.row)
}

// dropAttempt deletes what an attempt that is not committed wrote.
func dropAttempt(ctx context.Context, c *conn, row *scopeRow) error {
	top := assetID(row.id+1, 0)
	if _, err := c.exec(ctx, "DELETE FROM asset WHERE id > ? AND id < ?", row.lastAsset, top); err != nil {
		return err
	}
	_, err := c.exec(ctx, "DELETE FROM asset_staged WHERE asset_id > ? AND asset_id < ?", assetID(row.id, 0), top)
	return err
}
