// Package cmdb reads a register of assets, the export of a CMDB or a spreadsheet, from CSV files with a header. Which column
// means what is configured or, for plain headers, known. How a file is written, its characters, delimiter and line ends and
// where its header is, is found out; what cannot be decided is an error that names the option which does.
//
// A file is read three times: once for its bytes, which tell how its characters are written, once for the keys of its rows,
// of which a 64-bit hash each is kept, and once for the assets; in between once more if several rows share a key. Rows of one key are told apart by what they hold and never by where they
// stand, so that a sorted or grown export does not change the identity of anything.
package cmdb

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/files"
	"github.com/muster-audit/muster/inventory"
)

// Spec describes the collector.
func Spec() collectors.Spec {
	return collectors.Spec{
		Name:    "cmdb",
		Summary: "a register of assets as CSV: the export of a CMDB, a spreadsheet",
		Books:   []inventory.Book{inventory.Recorded},
		Reads:   "Reads the configured CSV files. It needs the right to read them, and nothing else.",
		NewOptions: func() any {
			return newOptions()
		},
		New: func(env collectors.Env, src inventory.Source, options any) (collectors.Collector, error) {
			o, ok := options.(*Options)
			if !ok {
				return nil, fmt.Errorf("make collector cmdb: options are %T", options)
			}
			return &collector{env: env, source: src, options: *o}, nil
		},
	}
}

type collector struct {
	env     collectors.Env
	source  inventory.Source
	options Options
}

func (c *collector) files() files.Set {
	return files.Set{Dir: c.env.Dir, Patterns: c.options.Paths, Inside: []string{".csv", ".tsv", ".tab", ".txt"}}
}

// Scopes is one scope per file.
func (c *collector) Scopes(ctx context.Context) ([]inventory.Scope, error) {
	return c.files().Scopes(ctx, inventory.Scope{
		Covers: c.options.Covers.Coverage(), Export: true, MaxDrop: c.options.MaxDrop, MaxSkipped: c.options.MaxSkipped,
	})
}

// Collect reads one file.
func (c *collector) Collect(ctx context.Context, s inventory.Scope, out collectors.Sink) error {
	r, err := c.files().OpenRaw(s, c.options.limits())
	if err != nil {
		return err
	}
	defer r.Close()
	out.Note(collectors.Facts{DataTime: r.ModTime})
	f := &file{id: s.ID, options: &c.options, book: c.source.Book, secret: c.env.Secret}
	if err := f.read(ctx, r, out); err != nil {
		return err
	}
	return cmp.Or(r.Unchanged(), c.checkAge(s.ID, r.ModTime))
}

func (c *collector) checkAge(id string, modified time.Time) error {
	if c.options.MaxAge == 0 {
		return nil
	}
	age := c.env.Now().Sub(modified)
	if age <= c.options.MaxAge {
		return nil
	}
	return &collectors.Error{Reason: inventory.ReasonStale, Err: fmt.Errorf(
		"%q is %s old, max_age is %s: check whether the export still runs", id, age.Round(time.Minute), c.options.MaxAge)}
}

// file is the reading of one file.
type file struct {
	id      string
	options *Options
	book    inventory.Book
	secret  inventory.SecretHash
}

func (f *file) read(ctx context.Context, r *files.Raw, out collectors.Sink) error {
	t, err := openText(ctx, r, f.options)
	if err != nil {
		return f.failed(err)
	}
	rows, l, err := f.open(t)
	if err != nil {
		return f.failed(err)
	}
	out.Note(collectors.Facts{DataTime: r.ModTime, Detail: t.String()})
	rows.valid = t.valid // the assets are made of what is tried again
	k := newKeys()
	if err := f.each(ctx, rows, l, nil, func(r *row) error { k.note(r.cell(l.keyColumn(r))); return nil }); err != nil {
		return err
	}
	k.settle()
	if len(k.hashes) > 0 {
		if rows, l, err = f.again(t); err != nil {
			return err
		}
		var buf []byte
		if err := f.each(ctx, rows, l, nil, func(r *row) error { buf = k.compare(l, r, buf); return nil }); err != nil {
			return err
		}
	}
	if rows, l, err = f.again(t); err != nil {
		return err
	}
	b := newBuilder(f, l, k)
	if err := f.each(ctx, rows, l, out, func(r *row) error { return b.emit(r, out) }); err != nil {
		return err
	}
	return f.end(rows, t, out)
}

// end tells what the last row was, if no asset.
func (f *file) end(rows *rows, t *text, out collectors.Sink) error {
	if rows.footers > 0 {
		out.Note(collectors.Facts{DataTime: t.raw.ModTime, Detail: t.String() + ", last row a sum"})
	}
	if rows.stopped {
		return &collectors.Error{Reason: inventory.ReasonUntrusted, Err: fmt.Errorf(
			"%q ends with a row that says it is not all: export it in parts, or in a format without a limit", f.id)}
	}
	return nil
}

// again goes back to the first row.
func (f *file) again(t *text) (*rows, *layout, error) {
	if err := t.rewind(); err != nil {
		return nil, nil, f.failed(err)
	}
	rows, l, err := f.open(t)
	if err != nil {
		return nil, nil, f.failed(err)
	}
	return rows, l, nil
}

// open reads the header.
func (f *file) open(t *text) (*rows, *layout, error) {
	rows, err := openRows(t)
	if err != nil {
		return nil, nil, err
	}
	l, err := newLayout(rows.header, f.options)
	return rows, l, err
}

func (f *file) failed(err error) error {
	if told := (*collectors.Error)(nil); errors.As(err, &told) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return &collectors.Error{Reason: inventory.ReasonError, Err: fmt.Errorf("read %q: %w", f.id, err)}
}

// each calls do for every row that can be read and is not blank. The others go to out, unless it is nil, and so do the
// rows that do refuses with a *rowError.
func (f *file) each(ctx context.Context, rows *rows, l *layout, out collectors.Sink, do func(*row) error) error {
	for n := 0; ; n++ {
		if n%256 == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		err := rows.next(l.width)
		if errors.Is(err, io.EOF) {
			return nil
		}
		bad := (*rowError)(nil)
		if err != nil && !errors.As(err, &bad) {
			return f.failed(err)
		}
		if err == nil {
			if err = do(&rows.row); err != nil && !errors.As(err, &bad) {
				return err
			}
		}
		if bad != nil && out != nil {
			out.Skip(inventory.Problem{File: f.id, Line: bad.line, Key: bad.key, Message: bad.message, Remedy: bad.remedy})
		}
	}
}
