package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"sync"
)

const (
	rowsPerBatch       = 512   // assets that a scope hands over at once
	rowsPerTransaction = 20000 // assets; more make the log grow and win nothing
	queuedBatches      = 8     // a collector may be that far ahead of the disk
	manyNewAssets      = 5000  // from here on a load goes faster without indexes
)

var errStopped = errors.New("the scan has ended")

// assetRow is a new asset. Its slices belong to it.
type assetRow struct {
	id        int64
	key, name string
	hash      int64
	internedIDs
	refs    []byte
	created driver.Value
}

// stagedRow is a change to an asset that is there: a new content, or only a new mark.
type stagedRow struct {
	assetRow
	replace bool
	mark    *unconfirmedMark // nil: everything is confirmed
	read    int64            // hash of the content as it was read
}

// batch is what a scope hands over at once.
type batch struct {
	interned
	scan   int64
	assets []assetRow
	staged []stagedRow
}

type job struct {
	batch *batch
	run   func(ctx context.Context, c *conn) error // alone, with no transaction open
	done  chan error
}

// writer is the one goroutine that writes during a scan. Batches of all scopes share transactions, which is harmless
// since they cannot be seen; a transaction that failed therefore ends the scan.
type writer struct {
	jobs    chan job
	stopped chan struct{}
	intern  interner
	// order keeps batches in the order in which they took the interned rows that wait.
	order sync.Mutex

	mu  sync.Mutex
	err error

	// Below is the goroutine's own.
	c        *conn
	bulks    bulks
	inTx     bool
	rows     int
	inserted int64
	existing int64 // asset ids in use when the scan began
	bare     bool  // the big indexes are dropped
}

type bulks struct{ placements, tagSets, tags, attributeSets, assets, staged *bulk }

// startWriter starts the goroutine, which lives until stop.
func startWriter(ctx context.Context, db *sql.DB) (*writer, error) {
	w := &writer{jobs: make(chan job, queuedBatches), stopped: make(chan struct{})}
	ready := make(chan error, 1)
	go func() {
		defer close(w.stopped)
		err := within(never(ctx), db, func(c *conn) error { return w.serve(never(ctx), c, ready) })
		select { // not taken by serve, if the connection could not be had
		case ready <- err:
		default:
		}
	}()
	return w, <-ready
}

func (w *writer) serve(ctx context.Context, c *conn, ready chan<- error) error {
	w.c = c
	err := w.prepare(ctx)
	ready <- err
	if err != nil {
		return err
	}
	for j := range w.jobs {
		if j.run == nil && j.batch == nil {
			break
		}
		w.handle(ctx, j)
	}
	if w.inTx {
		c.rollback(ctx)
	}
	return w.bulks.close()
}

func (w *writer) prepare(ctx context.Context) error {
	if err := w.intern.load(ctx, w.c); err != nil {
		return err
	}
	var err error
	if w.existing, err = w.c.number(ctx, "SELECT sum(last_asset_id - (id << 32)) FROM scope"); err != nil {
		return err
	}
	return w.bulks.open(ctx, w.c)
}

func (b *bulks) open(ctx context.Context, c *conn) error {
	for _, t := range []struct {
		bulk    **bulk
		into    string
		columns int
	}{
		{&b.placements, "INSERT INTO placement (id, book, type, account, region, zone, lifecycle, shallow)", 8},
		{&b.tagSets, "INSERT INTO tag_set (id, state, tags)", 3},
		{&b.tags, "INSERT INTO tag (set_id, key, value)", 3},
		{&b.attributeSets, "INSERT INTO attribute_set (id, attributes, unread)", 3},
		{&b.assets, "INSERT INTO asset (id, key, name, hash, placement_id, tag_set_id, attribute_set_id, refs, created, first_scan, from_scan)", 11},
		{&b.staged, "INSERT INTO asset_staged (asset_id, name, hash, placement_id, tag_set_id, attribute_set_id, refs, created," +
			" replace, mark, tags, tag_keys, attributes, read_hash)", 14},
	} {
		var err error
		if *t.bulk, err = newBulk(ctx, c, t.into, t.columns); err != nil {
			return err
		}
	}
	return nil
}

// all lists the bulks in the order in which foreign keys want their rows.
func (b *bulks) all() []*bulk {
	return []*bulk{b.placements, b.tagSets, b.tags, b.attributeSets, b.assets, b.staged}
}

func (b *bulks) close() error {
	var errs []error
	for _, k := range b.all() {
		errs = append(errs, k.close())
	}
	return errors.Join(errs...)
}

func (b *bulks) forget() {
	for _, k := range b.all() {
		k.filled = 0
	}
}

// send hands over a batch with the interned rows that it needs.
func (w *writer) send(b *batch) error {
	if err := w.failure(); err != nil {
		return err
	}
	w.order.Lock()
	defer w.order.Unlock()
	b.interned = w.intern.take()
	return w.queue(job{batch: b})
}

func (w *writer) queue(j job) error {
	select {
	case w.jobs <- j:
		return nil
	case <-w.stopped:
		return errStopped
	}
}

// do runs f in the writer's goroutine after everything that was sent, outside of any transaction, and waits for it.
func (w *writer) do(f func(ctx context.Context, c *conn) error) error {
	j := job{run: f, done: make(chan error, 1)}
	if err := w.queue(j); err != nil {
		return err
	}
	select {
	case err := <-j.done:
		return err
	case <-w.stopped:
		return errStopped
	}
}

// stop ends the goroutine. What no transaction has committed is gone.
func (w *writer) stop() {
	if w.queue(job{}) == nil {
		<-w.stopped
	}
}

// failure is the error that ended the scan, if one did.
func (w *writer) failure() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}

func (w *writer) fail(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil {
		w.err = err
	}
}

func (w *writer) handle(ctx context.Context, j job) {
	err := w.failure()
	switch {
	case j.batch == nil:
		if err == nil {
			err = w.settle(ctx)
		}
		if err == nil {
			err = j.run(ctx, w.c)
		}
	case err == nil:
		err = w.write(ctx, j.batch)
	}
	if err != nil {
		w.fail(err)
		if w.inTx {
			w.c.rollback(ctx)
			w.inTx = false
		}
		w.bulks.forget()
	}
	if j.done != nil {
		j.done <- err
	}
}

// settle commits the batches that were written.
func (w *writer) settle(ctx context.Context) error {
	for _, b := range w.bulks.all() {
		if err := b.flush(ctx); err != nil {
			return err
		}
	}
	if !w.inTx {
		return nil
	}
	w.rows, w.inTx = 0, false
	_, err := w.c.exec(ctx, "COMMIT")
	if err != nil {
		w.c.rollback(ctx)
	}
	return err
}

func (w *writer) write(ctx context.Context, b *batch) error {
	if !w.inTx {
		if _, err := w.c.exec(ctx, "BEGIN IMMEDIATE"); err != nil {
			return err
		}
		w.inTx = true
	}
	if err := w.writeInterned(ctx, &b.interned); err != nil {
		return err
	}
	if err := w.writeAssets(ctx, b); err != nil {
		return err
	}
	if w.rows += len(b.assets) + len(b.staged); w.rows < rowsPerTransaction {
		return nil
	}
	return w.settle(ctx)
}

// writeInterned leaves nothing waiting, since the assets that follow refer to these rows.
func (w *writer) writeInterned(ctx context.Context, in *interned) error {
	for _, p := range in.placements {
		if err := w.bulks.placements.add(ctx, p.id, string(p.book), string(p.kind), p.account, p.region, p.zone,
			string(p.lifecycle), flag(p.shallow)); err != nil {
			return err
		}
	}
	for _, t := range in.tagSets {
		if err := w.bulks.tagSets.add(ctx, t.id, "known", t.tags); err != nil {
			return err
		}
	}
	for _, a := range in.attributeSets {
		if err := w.bulks.attributeSets.add(ctx, a.id, a.attributes, orNull(a.unread)); err != nil {
			return err
		}
	}
	for _, b := range []*bulk{w.bulks.placements, w.bulks.tagSets, w.bulks.attributeSets} {
		if err := b.flush(ctx); err != nil {
			return err
		}
	}
	for _, t := range in.tags {
		if err := w.bulks.tags.add(ctx, t.set, t.Key, tagValue(t.Tag.Value, t.ValueUnknown)); err != nil {
			return err
		}
	}
	return nil
}

func tagValue(value string, unknown bool) driver.Value {
	if unknown {
		return nil
	}
	return value
}

func (w *writer) writeAssets(ctx context.Context, b *batch) error {
	if w.inserted += int64(len(b.assets)); w.inserted > max(manyNewAssets, w.existing) {
		if err := w.dropIndexes(ctx); err != nil {
			return err
		}
	}
	for i := range b.assets {
		a := &b.assets[i]
		if err := w.bulks.assets.add(ctx, a.id, a.key, a.name, a.hash, a.placement, a.tagSet, a.attributeSet, a.refs, a.created,
			b.scan, b.scan); err != nil {
			return err
		}
	}
	for i := range b.staged {
		if err := w.writeStaged(ctx, &b.staged[i]); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) writeStaged(ctx context.Context, s *stagedRow) error {
	var tags, keys, attributes driver.Value
	if s.mark != nil {
		tags, keys, attributes = flag(s.mark.tags), namesText(s.mark.tagKeys), namesText(s.mark.attributes)
	}
	refs := driver.Value(s.refs)
	if !s.replace {
		refs = nil
	}
	return w.bulks.staged.add(ctx, s.id, s.name, s.hash, s.placement, s.tagSet, s.attributeSet, refs, s.created,
		flag(s.replace), flag(s.mark != nil), tags, keys, attributes, s.read)
}

// dropIndexes takes the big indexes away for the rest of a load; finishing the scan builds them again in one go.
func (w *writer) dropIndexes(ctx context.Context) error {
	if w.bare {
		return nil
	}
	w.bare = true
	for _, q := range []string{"DROP INDEX IF EXISTS asset_key", "DROP INDEX IF EXISTS tag_key_value"} {
		if _, err := w.c.exec(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

// buildIndexes makes the big indexes if a load dropped them, in this scan or in one that was killed.
func buildIndexes(ctx context.Context, c *conn) error {
	for _, q := range []string{
		"CREATE INDEX IF NOT EXISTS asset_key ON asset(key)",
		"CREATE INDEX IF NOT EXISTS tag_key_value ON tag(key, value)",
	} {
		if _, err := c.exec(ctx, q); err != nil {
			return err
		}
	}
	return nil
}
