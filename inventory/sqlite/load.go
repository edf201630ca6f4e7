package sqlite

import (
	"context"

	"golang.org/x/sync/errgroup"
)

// parallelLoad is the number of assets from which two connections read what is known of a scope.
const parallelLoad = 50_000

// load reads what is known of the scope's assets in one pass over their rows.
func (w *scopeWriter) load(ctx context.Context) error {
	w.index = newKeyIndex(int(w.last))
	if err := w.loadAssets(ctx); err != nil {
		return err
	}
	return w.scan.store.snapshot(ctx, func(c *conn) error { return w.loadMarks(ctx, c) })
}

// loadAssets fills the index. The upper half of a big scope is read at the same time as the lower one; nobody else writes
// to the scope, so both connections see the same.
func (w *scopeWriter) loadAssets(ctx context.Context) error {
	from, to := assetID(w.row.id, 0), w.row.lastAsset
	middle := to
	if w.last > parallelLoad {
		middle = from + int64(w.last)/2
	}
	var upper []knownAsset
	group, ctx := errgroup.WithContext(ctx)
	if middle < to {
		upper = make([]knownAsset, 0, to-middle)
		group.Go(func() error {
			return w.eachKnown(ctx, middle, to, func(k knownAsset) { upper = append(upper, k) })
		})
	}
	group.Go(func() error { return w.eachKnown(ctx, from, middle, w.learn) })
	if err := group.Wait(); err != nil {
		return err
	}
	for _, k := range upper {
		w.learn(k)
	}
	return nil
}

// learn puts an asset into the index.
func (w *scopeWriter) learn(k knownAsset) {
	if k.is(isLive) {
		w.alive++
	}
	in, _ := w.index.add(k.key)
	*in = k
}

// knownAssets reads keys as blobs, which the driver hands over faster than texts.
const knownAssets = "SELECT id, CAST(key AS BLOB), hash, to_scan FROM asset WHERE id > ? AND id <= ? ORDER BY id"

func (w *scopeWriter) eachKnown(ctx context.Context, from, to int64, visit func(k knownAsset)) error {
	digest := &w.scan.writer.intern.digest
	return within(ctx, w.scan.store.readers, func(c *conn) error {
		return c.each(ctx, func(r *cursor) (bool, error) {
			k := knownAsset{key: digest.bytes(r.blob(1)), hash: r.int(2), n: uint32(r.int(0))}
			if r.null(3) {
				k.flags = isLive
			}
			visit(k)
			return true, nil
		}, knownAssets, from, to)
	})
}

// loadMarks reads what the last runs could not see.
func (w *scopeWriter) loadMarks(ctx context.Context, c *conn) error {
	from, to := assetID(w.row.id, 0), w.row.lastAsset
	err := c.each(ctx, func(r *cursor) (bool, error) {
		w.marks[uint32(r.int(0))] = r.int(1)
		return true, nil
	}, "SELECT asset_id, read_hash FROM unconfirmed WHERE asset_id > ? AND asset_id <= ? AND to_scan IS NULL", from, to)
	if err != nil {
		return err
	}
	unseen := map[uint32]bool{}
	err = c.each(ctx, func(r *cursor) (bool, error) {
		unseen[uint32(r.int(0))] = true
		return true, nil
	}, "SELECT asset_id FROM unseen WHERE asset_id > ? AND asset_id <= ? AND to_scan IS NULL", from, to)
	if len(unseen) == 0 {
		return err
	}
	for k := range w.index.all() {
		if unseen[k.n] {
			k.flags |= isUnseen
		}
	}
	return err
}
