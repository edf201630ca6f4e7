package cmdb

import (
	"bytes"
	"cmp"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

// Bounds of a sheet. Rows and columns are those of the format.
const (
	maxCells         = 50_000_000
	maxSharedStrings = 5_000_000
	maxUnknown       = 1_000_000
	maxMerges        = 100_000
	// maxText bounds the text of a cell, in bytes, with every character escaped, and maxRowText those of a row: the library holds a
	// row as a whole, with a copy of every text that it shares with others.
	maxText    = 8 * maxCell
	maxRowText = 16 << 20
)

// sheetMarks are what the rows of a sheet do not tell, since a reader of rows takes what it cannot read for empty: formulas that
// nobody worked out, and cells that are merged into another. They also tell where the sheet ends, so that one that is damaged
// is not taken for a shorter one.
type sheetMarks struct {
	last     int    // row
	formulas []cell // without a result, in order
	merges   []cellRange
	// While a sheet is read from top to bottom:
	row    int
	ahead  int // of merges: those before it have begun
	active []cellRange
}

type cell struct{ row, column int }

// cellRange is a range of cells, its ends included.
type cellRange struct{ from, to cell }

// covered reports whether a cell is merged into another, so that what it shows is not its own. Rows must not fall.
func (m *sheetMarks) covered(row, column int) bool {
	m.advance(row)
	for _, r := range m.active {
		if column >= r.from.column && column <= r.to.column && (cell{row, column}) != r.from {
			return true
		}
	}
	return false
}

// pending reports whether a cell is a formula that nobody worked out.
func (m *sheetMarks) pending(row, column int) bool {
	_, found := slices.BinarySearchFunc(m.formulas, cell{row, column}, compareCells)
	return found
}

// merged is over how many columns a row's cells are merged, at most.
func (m *sheetMarks) merged(row int) int {
	m.advance(row)
	most := 0
	for _, r := range m.active {
		if r.from.row == row {
			most = max(most, r.to.column-r.from.column+1)
		}
	}
	return most
}

// advance keeps the ranges that a row is in.
func (m *sheetMarks) advance(row int) {
	if row == m.row {
		return
	}
	m.row = row
	for ; m.ahead < len(m.merges) && m.merges[m.ahead].from.row <= row; m.ahead++ {
		m.active = append(m.active, m.merges[m.ahead])
	}
	m.active = slices.DeleteFunc(m.active, func(r cellRange) bool { return r.to.row < row })
}

func compareCells(a, b cell) int {
	if a.row != b.row {
		return a.row - b.row
	}
	return a.column - b.column
}

// inspect reads a sheet for its marks, up to a row, or to its end if that is 0. What a sheet may hold that does harm is an error, so
// that it comes before the library reads the sheet.
func (w *workbook) inspect(ctx context.Context, s sheet, until int) (*sheetMarks, error) {
	in := &inspector{texts: w.texts, until: until, marks: &sheetMarks{}}
	if err := w.tokens(ctx, s.part, in.token); err != nil && !errors.Is(err, errEnough) {
		return nil, err
	}
	slices.SortFunc(in.marks.merges, func(a, b cellRange) int { return compareCells(a.from, b.from) })
	return in.marks, nil
}

// errEnough ends a reading of which the rest does not matter.
var errEnough = errors.New("enough")

// tokens reads a part of a workbook to its end.
func (w *workbook) tokens(ctx context.Context, part string, do func(xml.Token) error) error {
	r, err := w.part(part)
	if err != nil {
		return err
	}
	defer r.Close()
	src := &metered{r: r}
	d := xml.NewDecoder(src)
	for n := 0; ; n++ {
		if n%4096 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		src.left = maxXMLToken
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return damagedBook(err)
		}
		if _, ok := t.(xml.Directive); ok {
			return errors.New("the workbook holds a document type (DTD), which is not read: save it again with Excel or LibreOffice")
		}
		if err := do(t); err != nil {
			return err
		}
	}
}

// sharedTexts returns the lengths, in bytes, of the texts that the sheets share.
func (w *workbook) sharedTexts(ctx context.Context) ([]uint32, error) {
	const part = "xl/sharedstrings.xml"
	if !w.hasPart(part) {
		return nil, nil
	}
	var sizes []uint32
	err := w.tokens(ctx, part, func(t xml.Token) error {
		switch t := t.(type) {
		case xml.StartElement:
			if t.Name.Local == "si" {
				sizes = append(sizes, 0)
			}
		case xml.CharData:
			if n := len(sizes); n > 0 {
				sizes[n-1] += uint32(len(t))
			}
		}
		n := len(sizes)
		switch {
		case n > maxSharedStrings:
			return fmt.Errorf("the workbook has more than %d texts: export CSV", maxSharedStrings)
		case n > 0 && sizes[n-1] > maxText:
			return errors.New("a text of the workbook is longer than the 32,767 characters of a cell: save it again with Excel or LibreOffice")
		}
		return nil
	})
	return sizes, err
}

// inspector finds the marks of a sheet.
type inspector struct {
	marks  *sheetMarks
	texts  []uint32 // lengths of those that are shared
	until  int      // the last row that matters; 0 is all
	size   int      // of the texts of the row
	data   bool
	row    int
	column int
	cells  int
	c      inspected
}

// inspected is the cell that is being read.
type inspected struct {
	inside, shared, formula, value bool
	result                         bool // of a formula, a text that may be empty
	text                           bool // what follows is its value
	index                          []byte
}

func (in *inspector) token(t xml.Token) error {
	switch t := t.(type) {
	case xml.StartElement:
		return in.start(t)
	case xml.EndElement:
		return in.end(t.Name.Local)
	case xml.CharData:
		if in.size += len(t); in.size > maxRowText {
			return in.tooLong()
		}
		if in.c.text && len(t) > 0 {
			in.c.value = true
			if in.c.shared && len(in.c.index) < 16 {
				in.c.index = append(in.c.index, t...)
			}
		}
	}
	return nil
}

func (in *inspector) start(t xml.StartElement) error {
	switch name := t.Name.Local; {
	case name == "sheetData":
		in.data = true
	case name == "mergeCell":
		return in.merge(xmlAttr(t, "ref"))
	case !in.data:
	case name == "row":
		return in.startRow(xmlAttr(t, "r"))
	case name == "c":
		return in.startCell(t)
	case name == "f" && in.c.inside:
		in.c.formula = true
	case in.c.inside && (name == "v" || name == "t"):
		in.c.text = true
		in.c.value = in.c.value || in.c.result
	}
	return nil
}

func xmlAttr(t xml.StartElement, name string) string {
	for _, a := range t.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func (in *inspector) startRow(r string) error {
	next := in.row + 1
	if n, err := strconv.Atoi(r); r != "" && err == nil {
		next = n
	}
	if next <= in.row || next > excelize.TotalRows {
		return fmt.Errorf("row %d follows row %d: the workbook is damaged or made to do harm, save it again with Excel or LibreOffice", next, in.row)
	}
	if in.until > 0 && next > in.until {
		return errEnough
	}
	in.row, in.column, in.marks.last, in.size = next, 0, next, 0
	return nil
}

func (in *inspector) startCell(t xml.StartElement) error {
	next := in.column + 1
	if ref := xmlAttr(t, "r"); ref != "" {
		column, row, err := excelize.CellNameToCoordinates(ref)
		if err != nil || row != in.row || column < next {
			return fmt.Errorf("row %d: a cell of another place, %q, stands there: save the workbook again with Excel or LibreOffice", in.row, ref)
		}
		next = column
	}
	if in.cells++; next > excelize.MaxColumns || in.cells > maxCells {
		return fmt.Errorf("row %d: the sheet has more than %d columns or %d cells: export CSV", in.row, excelize.MaxColumns, maxCells)
	}
	in.column = next
	kind := xmlAttr(t, "t")
	in.c = inspected{inside: true, shared: kind == "s", result: kind == "str", index: in.c.index[:0]}
	return nil
}

func (in *inspector) end(name string) error {
	switch name {
	case "sheetData":
		in.data = false
	case "v", "t":
		in.c.text = false
	case "c":
		if in.c.inside {
			in.c.inside = false
			return in.endCell()
		}
	}
	return nil
}

func (in *inspector) endCell() error {
	m := in.marks
	if in.c.shared && in.c.value {
		if err := in.sharedText(); err != nil {
			return err
		}
	}
	if !in.c.formula || in.c.value {
		return nil
	}
	if len(m.formulas) == maxUnknown {
		return fmt.Errorf("more than %d formulas have no result: open the workbook in Excel or LibreOffice and save it", maxUnknown)
	}
	m.formulas = append(m.formulas, cell{in.row, in.column})
	return nil
}

// sharedText looks at the text that a cell refers to.
func (in *inspector) sharedText() error {
	n, err := strconv.Atoi(string(bytes.TrimSpace(in.c.index)))
	if err != nil || n < 0 || n >= len(in.texts) {
		column, _ := excelize.ColumnNumberToName(in.column)
		return damagedBook(fmt.Errorf("the cell %s%d refers to text %q, and there are %d", column, in.row, in.c.index, len(in.texts)))
	}
	if in.size += int(in.texts[n]); in.size > maxRowText {
		return in.tooLong()
	}
	return nil
}

func (in *inspector) tooLong() error {
	return fmt.Errorf("row %d: the texts of the row are longer than %d MiB: look at what stands there, or save the workbook again", in.row, maxRowText>>20)
}

func (in *inspector) merge(ref string) error {
	if len(in.marks.merges) == maxMerges {
		return fmt.Errorf("more than %d cells are merged: export CSV", maxMerges)
	}
	first, second, _ := strings.Cut(ref, ":")
	var r cellRange
	var errs [2]error
	r.from.column, r.from.row, errs[0] = excelize.CellNameToCoordinates(first)
	r.to.column, r.to.row, errs[1] = excelize.CellNameToCoordinates(cmp.Or(second, first))
	if err := errors.Join(errs[:]...); err != nil || r.to.row < r.from.row || r.to.column < r.from.column {
		return damagedBook(fmt.Errorf("%q are no cells that can be merged", ref))
	}
	in.marks.merges = append(in.marks.merges, r)
	return nil
}
