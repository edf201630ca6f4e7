package cmdb

import (
	"context"
	"errors"
	"fmt"
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
	switch {
	case len(fit) == 1:
		return fit[0], nil
	case len(fit) > 1:
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
	if _, err := w.inspect(ctx, s, last+1); err != nil {
		return nil, fmt.Errorf("sheet %q: %w", s.name, err)
	}
	var rows []headRow
	_, err := w.each(ctx, s, func(number int, cells []string) error {
		r := row{}
		r.set(cells)
		h := headRow{line: number, all: len(cells)}
		if h.cells, h.filled = r.names(); h.filled > 0 {
			rows = append(rows, h)
		}
		if len(rows) == sampleRows || number >= last {
			return errEnough
		}
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return nil, fmt.Errorf("sheet %q: %w", s.name, err)
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

// set makes a row of cells.
func (r *row) set(cells []string) {
	r.text, r.cells = r.text[:0], r.cells[:0]
	for _, c := range cells {
		from := len(r.text)
		r.text = append(r.text, c...)
		r.cells = append(r.cells, span{int32(from), int32(len(r.text))})
	}
}

// each calls do for the rows of a sheet with what their cells show, and returns the number of the last row.
func (w *workbook) each(ctx context.Context, s sheet, do func(number int, cells []string) error) (last int, err error) {
	rows, err := w.book.Rows(s.name)
	if err != nil {
		return 0, damagedBook(err)
	}
	defer rows.Close()
	for rows.Next() {
		if last++; last%256 == 0 && ctx.Err() != nil {
			return last, ctx.Err()
		}
		cells, err := rows.Columns()
		if err != nil {
			return last, damagedBook(err)
		}
		if len(cells) == 0 {
			continue
		}
		if err := do(last, cells); err != nil {
			return last, err
		}
	}
	if err := rows.Error(); err != nil {
		return last, damagedBook(err)
	}
	return last, nil
}

// table reads the rows of a sheet below its header into a spool.
func (w *workbook) table(ctx context.Context, h *headed, s *spool) (*spooled, error) {
	marks, err := w.inspect(ctx, h.sheet, 0)
	if err != nil {
		return nil, fmt.Errorf("sheet %q: %w", h.name, err)
	}
	in := &sheetReader{headed: h, spool: s, marks: marks}
	last, err := w.each(ctx, h.sheet, in.row)
	if err != nil {
		return nil, fmt.Errorf("sheet %q: %w", h.name, err)
	}
	if last != marks.last {
		return nil, fmt.Errorf("sheet %q, row %d: %w", h.name, last+1, damagedBook(errors.New("the row cannot be read")))
	}
	t := &spooled{
		spool: s, header: h.names, place: fmt.Sprintf("sheet %q, row", h.name), blank: true, sums: true,
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
	spool *spool
	marks *sheetMarks
	r     row
}

func (in *sheetReader) row(number int, cells []string) error {
	if number <= in.line {
		return nil
	}
	if in.r.set(cells); in.r.blank() || in.divides(number) {
		return nil
	}
	if bad := in.check(number, cells); bad != nil {
		return in.spool.bad(0, number, bad)
	}
	in.spool.begin(0, number, number)
	for i := range in.names {
		switch {
		case in.marks.pending(number, i+1):
			in.spool.cell(i, []byte(pendingText))
		case in.marks.covered(number, i+1):
			in.spool.unknown(i)
		case i < len(cells) && cells[i] != "":
			in.spool.cell(i, []byte(cells[i]))
		}
	}
	return in.spool.end(0)
}

// divides reports whether a row is one cell, merged over half of the columns or more, which is a title between the rows.
func (in *sheetReader) divides(number int) bool {
	_, filled := in.r.names()
	return filled == 1 && 2*in.marks.merged(number) >= len(in.names) && in.marks.merged(number) > 1
}

// check returns why a row is skipped; nil if it is not.
func (in *sheetReader) check(number int, cells []string) *rowError {
	for i, c := range cells {
		text := strings.TrimFunc(c, isBlank)
		column, _ := excelize.ColumnNumberToName(i + 1)
		switch {
		case i >= len(in.names) && text != "":
			return &rowError{
				line: number, message: fmt.Sprintf("column %s holds something, the header ends in column %s", column, lastColumn(len(in.names))),
				remedy: "give the column a header, or empty the cell",
			}
		case len(c) > maxCell && utf8.RuneCountInString(c) > maxCell:
			return &rowError{line: number, message: fmt.Sprintf("the cell in column %s is longer than 32,767 characters", column), remedy: "shorten it"}
		case strings.IndexByte(c, 0) >= 0:
			return &rowError{line: number, message: fmt.Sprintf("the cell in column %s holds a zero byte", column), remedy: "take it out"}
		case !utf8.ValidString(c):
			return &rowError{line: number, message: fmt.Sprintf("the cell in column %s is not valid UTF-8", column), remedy: "write it again"}
		}
	}
	return nil
}

func lastColumn(n int) string {
	name, err := excelize.ColumnNumberToName(n)
	if err != nil {
		return strconv.Itoa(n)
	}
	return name
}
