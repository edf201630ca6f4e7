package cmdb

import (
	"context"
	"slices"

	"github.com/muster-audit/muster/collectors/files"
)

// table is what a file holds, whatever its format: a header and rows of cells.
type table interface {
	// head returns the names of the columns.
	head() []string
	// rewind goes back to before the first row.
	rewind() error
	// next reads the next row that is not blank, of a header of so many columns, into current. Its error is io.EOF at the
	// end, a *rowError for a row to skip, and else that of a file that cannot be read on.
	next(width int) error
	// current is the row that was read last. Its cells are valid until the next.
	current() *row
	// where names the place of the current row where its line does not: `sheet "Servers", row 3`, "record 7".
	where() string
	// ending says what the last rows were, once next has returned io.EOF.
	ending() ending
	// String says how the file is written.
	String() string
	// Close frees what the table holds besides the file.
	Close() error
}

// ending is what is known of a table at its end.
type ending struct {
	footers int    // last rows that are sums and no assets
	stopped bool   // the last row says that there should be more
	partial string // how the file says that it is one part of several; empty if it does not
	full    int    // how many rows a format holds that splits what is more; 0 if it holds any number
	classed bool   // the column sys_class_name is not the file's own
}

// format is what a file is, as the option format names it.
type format string

const (
	formatCSV    format = "csv"
	formatXLSX   format = "xlsx"
	formatJSON   format = "json"
	formatNDJSON format = "ndjson"
	formatXML    format = "xml"
)

func formats() []format {
	return []format{automatic, formatCSV, formatXLSX, formatJSON, formatNDJSON, formatXML}
}

// openTable finds out what a file is and reads its header.
func openTable(ctx context.Context, raw *files.Raw, o *Options) (table, error) {
	f, err := detectFormat(raw, o)
	if err != nil {
		return nil, err
	}
	switch f {
	case formatXLSX:
		return openWorkbook(ctx, raw, o)
	case formatJSON, formatNDJSON:
		return openJSON(ctx, raw, o, f)
	case formatXML:
		return openXML(ctx, raw, o)
	}
	return openTextTable(ctx, raw, o)
}

// textTable is a table of delimited text.
type textTable struct {
	*text
	rows *rows
}

func openTextTable(ctx context.Context, raw *files.Raw, o *Options) (*textTable, error) {
	t, err := openText(ctx, raw, o)
	if err != nil {
		return nil, err
	}
	rows, err := openRows(t)
	if err != nil {
		return nil, err
	}
	rows.valid = t.valid // the assets are made of what is tried again
	return &textTable{t, rows}, nil
}

func (t *textTable) head() []string       { return t.rows.header }
func (t *textTable) next(width int) error { return t.rows.next(width) }
func (t *textTable) current() *row        { return &t.rows.row }
func (t *textTable) where() string        { return "" }
func (t *textTable) Close() error         { return nil }

func (t *textTable) ending() ending { return ending{footers: t.rows.footers, stopped: t.rows.stopped} }

func (t *textTable) rewind() error {
	before := t.rows.header
	if err := t.text.rewind(); err != nil {
		return err
	}
	rows, err := openRows(t.text)
	if err != nil {
		return err
	}
	if !slices.Equal(before, rows.header) {
		return errChanged()
	}
	t.rows = rows
	return nil
}
