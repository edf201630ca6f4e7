package cmdb

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
)

// maxCell is how many characters a cell of a spreadsheet holds.
const maxCell = 32_767

// pendingText stands in a cell whose formula nobody worked out, as other errors of spreadsheets do.
const pendingText = "#CALC!"

// headed is a sheet whose header is found.
type headed struct {
	sheet
	names []string
	line  int // row of the header
}

// pick finds the sheet with the assets: the one that is named, or the only one with a header that fits.
func (w *workbook) pick(ctx context.Context, o *Options) (*headed, error) {
	if o.Sheet != "" {
		s, err := w.named(o.Sheet)
		if err != nil {
			return nil, err
		}
		return w.header(ctx, s, o)
	}
	var fit []*headed
	var errs []error
	for _, s := range w.sheets {
		if s.hidden {
			continue
		}
		h, err := w.header(ctx, s, o)
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case err == nil:
			fit = append(fit, h)
		default:
			errs = append(errs, err)
		}
	}
	return w.only(fit, errs, o)
}

// only returns the only sheet that fits, or says why there is none; errs say what the others lack.
func (w *workbook) only(fit []*headed, errs []error, o *Options) (*headed, error) {
	switch {
	case len(fit) == 1:
		return fit[0], nil
	case len(fit) > 1:
		if tool := o.toolSheet(fit); tool != nil {
			return tool, nil
		}
		var names []string
		for _, h := range fit {
			names = append(names, h.name)
		}
		return nil, fmt.Errorf("several sheets may hold the assets, %s: set sheet to one of them", quoteAll(names))
	case len(errs) == 0:
		return nil, fmt.Errorf("every sheet is hidden: set sheet to one of %s", quoteAll(w.names()))
	case len(errs) == 1:
		return nil, errs[0]
	}
	const few = 3
	return nil, fmt.Errorf("no sheet has a header that fits, set sheet, columns or header_row: %w", errors.Join(errs[:min(len(errs), few)]...))
}

func (w *workbook) names() []string {
	var names []string
	for _, s := range w.sheets {
		names = append(names, s.name)
	}
	return names
}

// named returns the sheet that the option says, by name or by number.
func (w *workbook) named(name string) (sheet, error) {
	for _, s := range w.sheets {
		if strings.EqualFold(s.name, name) {
			return s, nil
		}
	}
	number, err := strconv.Atoi(name)
	for _, s := range w.sheets {
		if err == nil && s.number == number {
			return s, nil
		}
	}
	return sheet{}, fmt.Errorf("sheet: there is no sheet %q%s; the sheets are %s", name, nearest(name, w.names()), quoteAll(w.names()))
}

// header finds the header of a sheet in its first rows.
func (w *workbook) header(ctx context.Context, s sheet, o *Options) (*headed, error) {
	const last = maxTitles + 10*sampleRows
	var rows []headRow
	_, err := w.scan(ctx, s, func(r *sheetRow) error {
		if h := r.head(); h.filled > 0 {
			rows = append(rows, h)
		}
		if len(rows) == sampleRows || r.number >= last {
			return errEnough
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	c := judge(shape{line: 1}, rows, o)
	if c.err != nil {
		return nil, fmt.Errorf("sheet %q: %w", s.name, c.err)
	}
	for _, r := range rows {
		if r.line == c.line {
			return &headed{s, r.cells, r.line}, nil
		}
	}
	return nil, fmt.Errorf("sheet %q: there is no header: check whether the export ran to its end", s.name)
}

// scan reads a sheet.
func (w *workbook) scan(ctx context.Context, s sheet, do func(*sheetRow) error) ([]cellRange, error) {
	r, err := w.part(ctx, s.part)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	merges, err := w.scanSheet(r, do)
	if err != nil {
		return nil, fmt.Errorf("sheet %q: %w", s.name, err)
	}
	return merges, nil
}

// head is the row as one that may be the header.
func (r *sheetRow) head() headRow {
	h := headRow{line: r.number}
	for _, c := range r.cells {
		text := r.of(c)
		if c.pending || c.to > c.from {
			h.all = c.column
		}
		if len(text) > 0 {
			h.cells = append(h.cells, make([]string, c.column-1-len(h.cells))...)
			h.cells = append(h.cells, string(text))
			h.filled++
		}
	}
	return h
}

// table reads the rows of a sheet below its header into a spool.
func (w *workbook) table(ctx context.Context, h *headed, o *Options) (*spooled, error) {
	s, err := newSpool(o)
	if err != nil {
		return nil, err
	}
	in := &sheetReader{headed: h, spool: s}
	merges, err := w.scan(ctx, h.sheet, in.row)
	if err == nil {
		err = in.merge(merges, o)
	}
	if err != nil {
		in.spool.Close()
		return nil, err
	}
	t := &spooled{
		spool: in.spool, header: h.names, place: fmt.Sprintf("sheet %q, row", h.name), blank: true, sums: true,
		detail: fmt.Sprintf(", sheet %q, header in row %d", h.name, h.line), last: ending{full: sheetLimit},
	}
	for i := range h.names {
		t.columns = append(t.columns, i)
	}
	return t, nil
}

// sheetReader puts the rows of a sheet into a spool.
type sheetReader struct {
	*headed
	spool  *spool
	single []int32 // rows in which one cell holds something
}

func (in *sheetReader) row(r *sheetRow) error {
	if r.number <= in.line {
		return nil
	}
	filled, pending := 0, false
	for _, c := range r.cells {
		pending = pending || c.pending && c.column <= len(in.names)
		if c.to > c.from && len(r.of(c)) > 0 {
			filled++
		}
	}
	switch {
	case filled == 0 && !pending:
		return nil
	case filled == 1:
		in.single = append(in.single, int32(r.number))
	}
	if bad := in.check(r); bad != nil {
		return in.spool.bad(0, r.number, bad)
	}
	in.spool.begin(0, r.number, r.number)
	for _, c := range r.cells {
		switch {
		case c.column > len(in.names):
		case c.pending:
			in.spool.cell(c.column-1, []byte(pendingText))
		case c.to > c.from:
			in.spool.cell(c.column-1, r.text[c.from:c.to])
		}
	}
	return in.spool.end(0)
}

// merge takes what is merged into account, if that is below the header. Only then are the rows written once more, since a sheet
// says what is merged when all its rows are over.
func (in *sheetReader) merge(merges []cellRange, o *Options) error {
	merges = slices.DeleteFunc(merges, func(r cellRange) bool { return r.to.row <= in.line })
	if len(merges) == 0 {
		return nil
	}
	before := in.spool
	after, err := newSpool(o)
	if err != nil {
		return err
	}
	in.spool = after
	return errors.Join(newMergeSweep(merges, len(in.names)).merge(before, after, in.single), before.Close())
}

// check returns why a row is skipped; nil if it is not.
func (in *sheetReader) check(r *sheetRow) *rowError {
	for _, c := range r.cells {
		text := r.text[c.from:c.to]
		switch {
		case c.column > len(in.names) && len(trim(text)) > 0:
			return &rowError{
				line: r.number, message: fmt.Sprintf("column %s holds something, the header ends in column %s", columnName(c.column), columnName(len(in.names))),
				remedy: "give the column a header, or empty the cell",
			}
		case len(text) > maxCell && utf8.RuneCount(text) > maxCell:
			return &rowError{line: r.number, message: fmt.Sprintf("the cell in column %s is longer than 32,767 characters", columnName(c.column)), remedy: "shorten it"}
		case bytes.IndexByte(text, 0) >= 0:
			return &rowError{line: r.number, message: fmt.Sprintf("the cell in column %s holds a zero byte", columnName(c.column)), remedy: "take it out"}
		}
	}
	return nil
}

func columnName(n int) string {
	name, err := excelize.ColumnNumberToName(n)
	if err != nil {
		return strconv.Itoa(n)
	}
	return name
}
