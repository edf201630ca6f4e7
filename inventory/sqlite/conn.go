package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"time"
)

// conn is one connection below database/sql, whose conversions of every argument and column cost more than SQLite's own
// work on them. Statements run to their end: callers check their context between batches, since a context that can be
// cancelled costs a goroutine per statement in this driver.
type conn struct {
	raw interface {
		driver.ConnPrepareContext
		driver.ExecerContext
		driver.QueryerContext
	}
}

// within lends a connection of the pool to f.
func within(ctx context.Context, db *sql.DB, f func(c *conn) error) error {
	sc, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	err = lend(sc, f)
	return errors.Join(err, sc.Close())
}

// lend gives f what is below sc. An error of f never makes database/sql drop the connection.
func lend(sc *sql.Conn, f func(c *conn) error) error {
	var result error
	err := sc.Raw(func(dc any) error {
		c := &conn{}
		var ok bool
		if c.raw, ok = dc.(interface {
			driver.ConnPrepareContext
			driver.ExecerContext
			driver.QueryerContext
		}); !ok {
			return fmt.Errorf("use SQL driver connection %T: it lacks needed methods", dc)
		}
		result = f(c)
		return nil
	})
	return errors.Join(err, result)
}

// never is a context without an end, for single statements.
func never(ctx context.Context) context.Context { return context.WithoutCancel(ctx) }

func (c *conn) exec(ctx context.Context, query string, args ...driver.Value) (int64, error) {
	r, err := c.raw.ExecContext(never(ctx), query, named(args))
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

func (c *conn) prepare(ctx context.Context, query string) (*stmt, error) {
	s, err := c.raw.PrepareContext(never(ctx), query)
	if err != nil {
		return nil, err
	}
	return &stmt{raw: s}, nil
}

func (c *conn) query(ctx context.Context, query string, args ...driver.Value) (*cursor, error) {
	rows, err := c.raw.QueryContext(never(ctx), query, named(args))
	if err != nil {
		return nil, err
	}
	return newCursor(rows), nil
}

// each calls visit for every row of a query until it returns false.
func (c *conn) each(ctx context.Context, visit func(r *cursor) (bool, error), query string, args ...driver.Value) error {
	r, err := c.query(ctx, query, args...)
	if err != nil {
		return err
	}
	return r.each(ctx, visit)
}

// one reads the first row of a query and reports whether there is one.
func (c *conn) one(ctx context.Context, read func(r *cursor), query string, args ...driver.Value) (bool, error) {
	found := false
	err := c.each(ctx, func(r *cursor) (bool, error) {
		found = true
		read(r)
		return false, nil
	}, query, args...)
	return found, err
}

// number returns the first column of the first row, 0 if there is none.
func (c *conn) number(ctx context.Context, query string, args ...driver.Value) (int64, error) {
	var n int64
	_, err := c.one(ctx, func(r *cursor) { n = r.int(0) }, query, args...)
	return n, err
}

// transaction runs f between BEGIN and COMMIT, or ROLLBACK if it fails.
func (c *conn) transaction(ctx context.Context, f func() error) error {
	if _, err := c.exec(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	err := f()
	if err == nil {
		_, err = c.exec(ctx, "COMMIT")
	}
	if err != nil {
		c.rollback(ctx)
	}
	return err
}

// rollback ends a transaction that failed. SQLite has often done so itself by then, and says so with an error that
// means nothing.
func (c *conn) rollback(ctx context.Context) { _, _ = c.exec(ctx, "ROLLBACK") }

func named(args []driver.Value) []driver.NamedValue {
	list := make([]driver.NamedValue, len(args))
	for i, a := range args {
		list[i] = driver.NamedValue{Ordinal: i + 1, Value: a}
	}
	return list
}

// stmt is a prepared statement.
type stmt struct{ raw driver.Stmt }

func (s *stmt) exec(ctx context.Context, args []driver.NamedValue) error {
	e, ok := s.raw.(driver.StmtExecContext)
	if !ok {
		return fmt.Errorf("use SQL driver statement %T: it lacks needed methods", s.raw)
	}
	_, err := e.ExecContext(never(ctx), args)
	return err
}

func (s *stmt) query(ctx context.Context, args ...driver.Value) (*cursor, error) {
	q, ok := s.raw.(driver.StmtQueryContext)
	if !ok {
		return nil, fmt.Errorf("use SQL driver statement %T: it lacks needed methods", s.raw)
	}
	rows, err := q.QueryContext(never(ctx), named(args))
	if err != nil {
		return nil, err
	}
	return newCursor(rows), nil
}

func (s *stmt) close() error { return s.raw.Close() }

// cursor walks over the rows of a query. Its columns are read by position.
type cursor struct {
	rows driver.Rows
	row  []driver.Value
	seen int
}

func newCursor(rows driver.Rows) *cursor {
	return &cursor{rows: rows, row: make([]driver.Value, len(rows.Columns()))}
}

// contextEvery is after how many rows a context is looked at.
const contextEvery = 256

// next reads a row; io.EOF says that there is none.
func (r *cursor) next(ctx context.Context) error {
	if r.seen%contextEvery == 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	r.seen++
	return r.rows.Next(r.row)
}

// each visits the rows that are left and closes the cursor.
func (r *cursor) each(ctx context.Context, visit func(r *cursor) (bool, error)) (err error) {
	defer func() { err = errors.Join(err, r.rows.Close()) }()
	for {
		if err := r.next(ctx); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if more, err := visit(r); err != nil || !more {
			return err
		}
	}
}

func (r *cursor) null(i int) bool { return r.row[i] == nil }

func (r *cursor) int(i int) int64 {
	n, _ := r.row[i].(int64)
	return n
}

func (r *cursor) text(i int) string {
	switch v := r.row[i].(type) {
	case string:
		return v
	case []byte:
		return string(v)
	}
	return ""
}

func (r *cursor) blob(i int) []byte {
	switch v := r.row[i].(type) {
	case []byte:
		return v
	case string:
		return []byte(v)
	}
	return nil
}

func (r *cursor) time(i int) time.Time {
	if r.null(i) {
		return time.Time{}
	}
	return time.UnixMicro(r.int(i)).UTC()
}

// micros is the stored form of a time.
func micros(t time.Time) driver.Value {
	if t.IsZero() {
		return nil
	}
	return t.UnixMicro()
}

func flag(b bool) driver.Value {
	if b {
		return int64(1)
	}
	return int64(0)
}

// orNull stores an empty text as NULL.
func orNull(s string) driver.Value {
	if s == "" {
		return nil
	}
	return s
}

// named2 are the arguments of a statement that takes two numbers.
func named2(a, b int64) []driver.NamedValue {
	return []driver.NamedValue{{Ordinal: 1, Value: a}, {Ordinal: 2, Value: b}}
}

func valuesOf(numbers []int64) []driver.Value {
	list := make([]driver.Value, len(numbers))
	for i, n := range numbers {
		list[i] = n
	}
	return list
}
