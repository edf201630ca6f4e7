// Package cmdb reads a register of assets, the export of a CMDB or a spreadsheet: delimited text with a header, a workbook, JSON
// or XML. Which column means what is configured or, for plain headers, known. What a file is and how it is written, its
// characters, delimiter and line ends and where its header is, is found out; what cannot be decided is an error that names the
// option which does.
//
// A table is read twice: once for the keys of its rows, of which a 64-bit hash each is kept, and once for the assets; in between
// once more if several rows share a key. Delimited text is read before that for its bytes, which tell how its characters are
// written. The other formats are slow to read, and only their end tells which columns there are, so they are read once, into a
// temporary file of rows. Rows of one key are told apart by what they hold and never by where they stand, so that a sorted or
// grown export does not change the identity of anything.
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
		Summary: "a register of assets as CSV, XLSX, JSON or XML: the export of a CMDB, a spreadsheet",
		Books:   []inventory.Book{inventory.Recorded},
		Reads:   "Reads the configured CSV, XLSX, JSON and XML files. It needs the right to read them, and room for temporary files.",
		NewOptions: func() any {
			return newOptions()
		},
		New: func(env collectors.Env, src inventory.Source, options any) (collectors.Collector, error) {
			o, ok := options.(*Options)
			if !ok {
				return nil, fmt.Errorf("make collector cmdb: options are %T", options)
			}
			c := &collector{env: env, source: src, options: *o}
			return c, c.options.loadPreset(env.Dir)
		},
	}
}

type collector struct {
	env     collectors.Env
	source  inventory.Source
	options Options
	tags    tagTables
}

func (c *collector) files() files.Set {
	return files.Set{Dir: c.env.Dir, Patterns: c.options.Paths, Inside: []string{
		".csv", ".tsv", ".tab", ".txt", ".xlsx", ".json", ".ndjson", ".jsonl", ".xml",
	}}
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
	if f.tags, err = c.tags.get(ctx, c); err != nil {
		return err
	}
	if err := f.read(ctx, r, out); err != nil {
		return err
	}
	return cmp.Or(r.Unchanged(), c.checkAge(s.ID, r.ModTime), f.tags.problem(s.ID))
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
	detail  string // how it is written
	table   table
	tags    *tagIndex // of the tables of tags; nil if there are none
	rows    int       // that were read, those that were skipped among them
}

func (f *file) read(ctx context.Context, r *files.Raw, out collectors.Sink) error {
	t, err := openTable(ctx, r, f.options)
	if err != nil {
		return f.failed(err)
	}
	defer t.Close()
	l, err := newLayout(t.head(), f.options)
	if err != nil {
		return f.failed(err)
	}
	f.table, f.detail = t, l.detail(t)
	out.Note(collectors.Facts{DataTime: r.ModTime, Detail: f.detail})
	k, err := f.keys(ctx, t, l)
	if err != nil {
		return err
	}
	if err := t.rewind(); err != nil {
		return f.failed(err)
	}
	f.tags.check(l, k)
	b := newBuilder(f, l, k)
	if err := f.each(ctx, t, l, out, func(r *row) error { return b.emit(r, out) }); err != nil {
		return err
	}
	if more := b.remarked(); more != "" {
		f.detail += more
		out.Note(collectors.Facts{DataTime: r.ModTime, Detail: f.detail})
	}
	return f.end(t, r, out)
}

// keys reads the keys of all rows, and, if several share one, once more what these hold.
func (f *file) keys(ctx context.Context, t table, l *layout) (*keys, error) {
	k := newKeys()
	if err := f.each(ctx, t, l, nil, func(r *row) error { k.noteRow(l, r, f.tags); return nil }); err != nil {
		return nil, err
	}
	k.settle()
	if len(k.hashes) == 0 {
		return k, nil
	}
	if err := t.rewind(); err != nil {
		return nil, f.failed(err)
	}
	var buf []byte
	return k, f.each(ctx, t, l, nil, func(r *row) error { buf = k.compare(l, r, buf); return nil })
}

func (f *file) failed(err error) error {
	if told := (*collectors.Error)(nil); errors.As(err, &told) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return &collectors.Error{Reason: inventory.ReasonError, Err: fmt.Errorf("read %q: %w", f.id, err)}
}

// errChanged is what is said of a file whose header is another when it is read again.
func errChanged() error {
	return &collectors.Error{Reason: inventory.ReasonUntrusted, Err: errors.New(
		"the file was written to while it was read: read it again when the export has ended")}
}

// each calls do for every row that can be read and is not blank. The others go to out, unless it is nil, and so do the
// rows that do refuses with a *rowError.
func (f *file) each(ctx context.Context, t table, l *layout, out collectors.Sink, do func(*row) error) error {
	for f.rows = 0; ; f.rows++ {
		if f.rows%256 == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		err := t.next(l.width)
		if errors.Is(err, io.EOF) {
			return nil
		}
		bad := (*rowError)(nil)
		if err != nil && !errors.As(err, &bad) {
			return f.failed(err)
		}
		if err == nil {
			if err = do(t.current()); err != nil && !errors.As(err, &bad) {
				return err
			}
		}
		if bad != nil && out != nil {
			out.Skip(f.problem(t, bad))
		}
	}
}

// problem says where a row is that is skipped, and why it is.
func (f *file) problem(t table, bad *rowError) inventory.Problem {
	p := inventory.Problem{File: f.id, Line: bad.line, Key: bad.key, Message: bad.message, Remedy: bad.remedy}
	if at := t.where(); at != "" {
		p.Message = at + ": " + p.Message
	}
	return p
}
