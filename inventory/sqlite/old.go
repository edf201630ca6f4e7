package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"github.com/muster-audit/muster/inventory"
)

// oldReader reads contents one by one over a connection of its own, which it takes for the first of them.
type oldReader struct {
	conn *sql.Conn
	stmt *stmt
	// read returns what complete needs of the content that the store holds of an asset.
	read func(id int64) (*inventory.Asset, error)
}

func (s *Store) oldReader(ctx context.Context) *oldReader {
	ctx = never(ctx) // it serves an attempt, whose end closes it
	o := &oldReader{}
	o.read = func(id int64) (*inventory.Asset, error) {
		if o.conn == nil {
			if err := o.open(ctx, s.readers); err != nil {
				return nil, s.explain("read", err)
			}
		}
		a := &inventory.Asset{}
		err := lend(o.conn, func(*conn) error {
			r, err := o.stmt.query(ctx, id)
			if err != nil {
				return err
			}
			return r.each(ctx, func(r *cursor) (bool, error) { return false, readComparable(r, a) })
		})
		return a, s.explain("read", err)
	}
	return o
}

func (o *oldReader) open(ctx context.Context, pool *sql.DB) error {
	sc, err := pool.Conn(ctx)
	if err != nil {
		return err
	}
	err = lend(sc, func(c *conn) error {
		o.stmt, err = c.prepare(ctx, contentByID)
		return err
	})
	if err != nil {
		return errors.Join(err, sc.Close())
	}
	o.conn = sc
	return nil
}

func (o *oldReader) close() error {
	if o.conn == nil {
		return nil
	}
	return errors.Join(lend(o.conn, func(*conn) error { return o.stmt.close() }), o.conn.Close())
}

const contentByID = `SELECT p.type, t.state, t.tags, d.attributes, d.unread
FROM asset a
JOIN placement p ON p.id = a.placement_id
JOIN tag_set t ON t.id = a.tag_set_id
LEFT JOIN attribute_set d ON d.id = a.attribute_set_id
WHERE a.id = ?`

func readComparable(r *cursor, a *inventory.Asset) error {
	a.Type = inventory.Type(r.text(0))
	var err error
	if a.Tags, err = decodeTags(r.text(1), r.text(2)); err != nil {
		return err
	}
	a.Attributes, err = decodeAttributes(!r.null(3), r.text(3), r.text(4))
	return err
}
