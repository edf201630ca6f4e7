package cmdb

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"slices"
)

// shape is where a text's cells and its header are.
type shape struct {
	delimiter byte
	line      int // in which the header begins, 1-based
}

// Bounds of the search for the header.
const (
	maxTitles  = 20  // rows above the header
	sampleRows = 100 // rows that are compared with a header
	sampleSize = 64 << 10
)

// delimiters lists those that are looked for; of equally good ones the first counts.
func delimiters() []byte { return []byte{',', ';', '\t', '|'} }

func delimiterName(d byte) string {
	switch d {
	case ',':
		return "comma"
	case ';':
		return "semicolon"
	case '\t':
		return "tab"
	case '|':
		return "pipe"
	}
	return fmt.Sprintf("delimiter %q", d)
}

// findShape finds delimiter and header in the beginning of a text. The header is the row in which the layout finds its
// columns, and above it are only titles: rows with half of its cells or fewer. Whatever else there is above is an error,
// since it might be the real header, or assets.
func findShape(sample []byte, whole bool, o *Options) (shape, error) {
	list := delimiters()
	if d := o.delimiter(); d != 0 {
		list = []byte{d}
	}
	begin := 1
	if d, ok := separatorLine(sample); ok {
		list, begin = []byte{d}, 2
	}
	var best *candidate
	for _, d := range list {
		c := newCandidate(sample, whole, shape{d, begin}, o)
		if best == nil || c.better(best) {
			best = c
		}
	}
	return best.shape, best.err
}

// separatorLine returns the delimiter that a first line "sep=;" names, as spreadsheets write it.
func separatorLine(sample []byte) (byte, bool) {
	line, _, _ := bytes.Cut(sample, []byte("\n"))
	line = bytes.TrimRight(line, "\r")
	if len(line) != len("sep=;") || !bytes.EqualFold(line[:4], []byte("sep=")) {
		return 0, false
	}
	return line[4], true
}

// candidate is a shape that a text may have.
type candidate struct {
	shape
	rows  []headRow
	width int // of the header
	fits  int // per mille of the rows below the header that are as wide
	err   error
}

// headRow is a row at the beginning of a text that is not blank. One that cannot be read has no cells.
type headRow struct {
	line   int
	cells  []string // without the empty ones at the end
	filled int
	all    int // cells with the empty ones
}

func newCandidate(sample []byte, whole bool, s shape, o *Options) *candidate {
	return judge(s, headRows(sample, whole, s), o)
}

// judge finds the header in the first rows of a text, or of a sheet, which has no delimiter.
func judge(s shape, rows []headRow, o *Options) *candidate {
	c := &candidate{shape: s, rows: rows}
	header := 0
	if o.HeaderRow > 0 {
		header, c.err = c.given(o.HeaderRow)
	} else {
		header, c.err = c.header(o)
	}
	if header < 0 {
		return c
	}
	row := c.rows[header]
	c.line, c.width = row.line, len(row.cells)
	if c.err == nil {
		_, c.err = newLayout(row.cells, o)
	}
	if err := c.undivided(row); err != nil {
		c.err = err
	}
	c.fits = fitting(c.rows[header+1:], c.width)
	return c
}

// better reports whether c is to be preferred to what was found before.
func (c *candidate) better(than *candidate) bool {
	switch {
	case (c.err == nil) != (than.err == nil):
		return c.err == nil
	case c.err == nil && c.fits != than.fits:
		return c.fits > than.fits
	}
	return c.width > than.width
}

// given returns the row that begins in a line.
func (c *candidate) given(line int) (int, error) {
	for i, r := range c.rows {
		if r.line == line && len(r.cells) > 0 {
			return i, nil
		}
	}
	return -1, fmt.Errorf("header_row: no row that can be read begins in %s, or it is blank", c.place(line))
}

// header finds the header, or, with an error, what is most like one; -1 if there is no row at all.
func (c *candidate) header(o *Options) (int, error) {
	found, above := -1, 0
	for i, r := range c.top() {
		if i == 0 || 2*above <= len(r.cells) && 5*r.filled >= 4*len(r.cells) {
			// A title may be one word that is also a usual header.
			title := found >= 0 && c.rows[found].filled == 1 && len(r.cells) > 2
			if (found < 0 || title) && c.fitting(r, o) && (i == 0 || sure(r, o)) {
				found = i
			}
		}
		above = max(above, r.filled)
	}
	if found >= 0 {
		return found, nil
	}
	likely := slices.IndexFunc(c.top(), func(r headRow) bool { return r.filled > 0 && 2*r.filled > above })
	switch likely {
	case -1:
		return -1, errors.New("there is no header: check whether the export ran to its end")
	case 0:
		return 0, c.misplaced(o) // or its layout tells what is wrong with it
	}
	return likely, c.unclear(o, c.rows[likely])
}

// top is the rows of which one should be the header.
func (c *candidate) top() []headRow { return c.rows[:min(len(c.rows), maxTitles+1)] }

func (c *candidate) fitting(r headRow, o *Options) bool {
	if len(r.cells) == 0 || c.undivided(r) != nil {
		return false
	}
	_, err := newLayout(r.cells, o)
	return err == nil
}

// misplaced is an error if the configured columns are in a row below others that might be assets.
func (c *candidate) misplaced(o *Options) error {
	if o.Columns == (Columns{}) {
		return nil
	}
	for _, r := range c.top() {
		if c.fitting(r, o) {
			return fmt.Errorf("the columns are in %s, but what is above does not look like titles: set header_row: %d if that is the header",
				c.place(r.line), r.line)
		}
	}
	return nil
}

// sure reports whether a row below others is the header beyond doubt: it has the configured columns, or two usual headers,
// since one may be the value of a cell too.
func sure(r headRow, o *Options) bool {
	if o.Columns != (Columns{}) {
		return true
	}
	known := 0
	h := headers{names: r.cells}
	for _, column := range h.recognise() {
		if column >= 0 {
			known++
		}
	}
	return known > 1
}

// unclear says why none of the rows is taken for the header.
func (c *candidate) unclear(o *Options, likely headRow) error {
	if err := c.misplaced(o); err != nil {
		return err
	}
	_, err := newLayout(likely.cells, o)
	if err == nil {
		err = c.undivided(likely)
	}
	if err == nil {
		return fmt.Errorf("%s may be the header, or hold assets: set header_row: %d if it is the header", c.place(likely.line), likely.line)
	}
	return fmt.Errorf("no header is found; taking %s for it, %w; header_row says which is the header", c.place(likely.line), err)
}

// place names a line of a text, or a row of a sheet.
func (c *candidate) place(line int) string {
	if c.delimiter == 0 {
		return fmt.Sprintf("row %d", line)
	}
	return fmt.Sprintf("line %d", line)
}

// undivided is an error if a header is one column that holds a usual delimiter.
func (c *candidate) undivided(r headRow) error {
	if len(r.cells) != 1 || c.delimiter == 0 {
		return nil
	}
	for _, d := range delimiters() {
		if d == c.delimiter || bytes.IndexByte([]byte(r.cells[0]), d) < 0 {
			continue
		}
		name := string(d)
		if d == '\t' {
			name = "tab"
		}
		return fmt.Errorf("the header is one column, %q: set delimiter: %q", r.cells[0], name)
	}
	return nil
}

// fitting is how many per mille of the rows have the cells of a header.
func fitting(rows []headRow, width int) int {
	good := 0
	for _, r := range rows {
		if len(r.cells) <= width && r.all >= width {
			good++
		}
	}
	return 1000 * (good + 1) / (len(rows) + 1)
}

// headRows takes the beginning of a text apart. Its last row is left out if it may go on.
func headRows(sample []byte, whole bool, s shape) []headRow {
	if len(sample) > sampleSize {
		sample, whole = sample[:sampleSize], false
	}
	rs := &rows{r: bufio.NewReaderSize(bytes.NewReader(sample), len(sample)+1), delimiter: s.delimiter}
	var list []headRow
	for len(list) < sampleRows {
		err := rs.record()
		bad := (*rowError)(nil)
		if err != nil && !errors.As(err, &bad) {
			break // io.EOF
		}
		if !whole && rs.r.Buffered() == 0 && len(list) > 0 {
			break
		}
		if rs.row.line < s.line || err == nil && rs.row.blank() {
			continue
		}
		r := headRow{line: rs.row.line}
		if err == nil {
			r.cells, r.filled = rs.row.names()
			r.all = len(rs.row.cells)
		}
		list = append(list, r)
	}
	return list
}
