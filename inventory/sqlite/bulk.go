package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"strings"
)

// rowsPerInsert is how many rows a statement inserts: more win nothing and make the tail longer.
const rowsPerInsert = 64

// bulk inserts rows of one table, many in a statement. The rows of an unfinished statement wait in args.
type bulk struct {
	full, single *stmt
	columns      int
	args         []driver.NamedValue
	filled       int
}

// newBulk prepares for "INSERT INTO t (columns)".
func newBulk(ctx context.Context, c *conn, into string, columns int) (*bulk, error) {
	row := "(?" + strings.Repeat(",?", columns-1) + ")"
	full, err := c.prepare(ctx, into+" VALUES "+row+strings.Repeat(","+row, rowsPerInsert-1))
	if err != nil {
		return nil, err
	}
	single, err := c.prepare(ctx, into+" VALUES "+row)
	if err != nil {
		return nil, errors.Join(err, full.close())
	}
	b := &bulk{full: full, single: single, columns: columns, args: make([]driver.NamedValue, rowsPerInsert*columns)}
	for i := range b.args {
		b.args[i].Ordinal = i + 1
	}
	return b, nil
}

// add takes one row.
func (b *bulk) add(ctx context.Context, values ...driver.Value) error {
	for _, v := range values {
		b.args[b.filled].Value = v
		b.filled++
	}
	if b.filled < len(b.args) {
		return nil
	}
	b.filled = 0
	return b.full.exec(ctx, b.args)
}

// flush inserts the rows that wait.
func (b *bulk) flush(ctx context.Context) error {
	rows := b.filled / b.columns
	b.filled = 0
	row := make([]driver.NamedValue, b.columns)
	for r := range rows {
		for i := range row {
			row[i] = driver.NamedValue{Ordinal: i + 1, Value: b.args[r*b.columns+i].Value}
		}
		if err := b.single.exec(ctx, row); err != nil {
			return err
		}
	}
	return nil
}

func (b *bulk) close() error { return errors.Join(b.full.close(), b.single.close()) }
