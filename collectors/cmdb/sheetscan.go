package cmdb

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/xuri/excelize/v2"
)

// Why the library does not read the rows: it takes XML that is damaged for the end of the sheet, a text that is not there for an
// empty one, and a formula that nobody worked out for an empty cell, so that one would have to read the sheet twice.

// Bounds of a sheet. Rows and columns are those of the format.
const (
	maxCells   = 50_000_000
	maxRowText = 16 << 20 // bytes of a row's texts
)

// errEnough ends a reading of which the rest does not matter.
var errEnough = errors.New("enough")

// sheetRow is a row of a sheet, valid until the next. Cells that the sheet does not have are empty.
type sheetRow struct {
	number int // 1-based
	text   []byte
	cells  []sheetCell // by column
}

// sheetCell is one cell of a row.
type sheetCell struct {
	column   int   // 1-based
	from, to int32 // in the row's text
	pending  bool  // it is a formula that nobody worked out
}

// of returns what a cell shows, without the white space around it.
func (r *sheetRow) of(c sheetCell) []byte { return trim(r.text[c.from:c.to]) }

// sheetScan reads a sheet from top to bottom.
type sheetScan struct {
	*xmlScanner
	texts   *sharedTexts
	formats *cellFormats
	do      func(*sheetRow) error // gets the rows that have cells; errEnough ends the reading
	merges  []cellRange           // known once the sheet is read
	row     sheetRow
	column  int // of the last cell
	rising  bool
	cells   int
	value   []byte
}

// scanSheet reads a sheet and returns which of its cells are merged.
func (w *workbook) scanSheet(r io.Reader, do func(*sheetRow) error) ([]cellRange, error) {
	p := &sheetScan{xmlScanner: newXMLScanner(r), texts: &w.texts, formats: &w.formats, do: do}
	err := p.sheet()
	if d := (*damage)(nil); errors.As(err, &d) {
		return nil, damagedBook(p.located(err))
	}
	if errors.Is(err, errEnough) {
		err = nil
	}
	return p.merges, err
}

// located says in which row something is wrong.
func (p *sheetScan) located(err error) error {
	if p.row.number == 0 {
		return err
	}
	return fmt.Errorf("row %d: %w", p.row.number, err)
}

func (p *sheetScan) sheet() error {
	if err := p.root("worksheet"); err != nil {
		return err
	}
	for read := false; ; {
		ok, err := p.child()
		switch {
		case err != nil:
			return err
		case !ok && !read:
			return damaged("the sheet has no sheetData")
		case !ok:
			return p.rest()
		}
		switch name := string(p.name); {
		case name == "sheetData" && !p.foreign && !read:
			read = true
			if err = p.sheetData(); err == nil {
				p.row.number = 0
			}
		case name == "mergeCells" && !p.foreign:
			err = p.mergeCells()
		case name == "sheetData", name == "mergeCells":
			err = p.unread()
		default:
			err = p.skip()
		}
		if err != nil {
			return err
		}
	}
}

func (p *sheetScan) sheetData() error {
	for {
		ok, err := p.child()
		switch {
		case err != nil || !ok:
			return err
		case p.foreign || string(p.name) != "row":
			return p.located(p.unread())
		}
		if err := p.readRow(); err != nil {
			return err
		}
	}
}

func (p *sheetScan) readRow() error {
	if err := p.beginRow(); err != nil {
		return err
	}
	for {
		ok, err := p.child()
		switch {
		case err != nil:
			return err
		case !ok:
			return p.endRow()
		case !p.foreign && string(p.name) == "c":
			err = p.readCell()
		case !p.foreign && string(p.name) == "extLst":
			err = p.skip()
		default:
			return p.located(p.unread())
		}
		if errors.Is(err, errLong) {
			return fmt.Errorf("row %d: the texts of the row are longer than %d MiB: look at what stands there, or save the workbook again", p.row.number, maxRowText>>20)
		}
		if err != nil {
			return err
		}
	}
}

func (p *sheetScan) beginRow() error {
	next := p.row.number + 1
	if r := p.attr("r"); r != nil {
		n, err := strconv.Atoi(string(r))
		if err != nil {
			return p.located(damaged("a row with the number %q follows", begin(r)))
		}
		next = n
	}
	if next <= p.row.number || next > excelize.TotalRows {
		return fmt.Errorf("row %d follows row %d: the workbook is damaged or made to do harm, save it again with Excel or LibreOffice", next, p.row.number)
	}
	p.row.number, p.row.text, p.row.cells = next, p.row.text[:0], p.row.cells[:0]
	p.column, p.rising = 0, true
	return nil
}

// endRow puts the cells in order, which a sheet need not do, and hands them on.
func (p *sheetScan) endRow() error {
	cells := p.row.cells
	if !p.rising {
		slices.SortFunc(cells, func(a, b sheetCell) int { return a.column - b.column })
		for i := range cells[1:] {
			if cells[i].column == cells[i+1].column {
				return fmt.Errorf("row %d: the sheet has two cells in column %s: save the workbook again with Excel or LibreOffice",
					p.row.number, columnName(cells[i].column))
			}
		}
	}
	if len(cells) == 0 {
		return nil
	}
	return p.do(&p.row)
}

// place finds out in which column a cell is.
func (p *sheetScan) place() error {
	column := p.column + 1
	if ref := p.attr("r"); ref != nil {
		var row int
		if column, row = coordinates(ref); row != p.row.number {
			return fmt.Errorf("row %d: a cell of another place, %q, stands there: save the workbook again with Excel or LibreOffice", p.row.number, begin(ref))
		}
	}
	if p.cells++; column > excelize.MaxColumns || p.cells > maxCells {
		return fmt.Errorf("row %d: the sheet has more than %d columns or %d cells: export CSV", p.row.number, excelize.MaxColumns, maxCells)
	}
	p.rising = p.rising && column > p.column
	p.column = column
	return nil
}

// coordinates reads the place of a cell, such as "B7". The row is 0 if it is none.
func coordinates(ref []byte) (column, row int) {
	i := 0
	for ; i < len(ref) && i < 4 && ref[i]|0x20 >= 'a' && ref[i]|0x20 <= 'z'; i++ {
		column = column*26 + int(ref[i]|0x20-'a') + 1
	}
	row, err := strconv.Atoi(string(ref[i:]))
	if i == 0 || err != nil || ref[i] < '0' || ref[i] > '9' || row > excelize.TotalRows {
		return 0, 0
	}
	return column, row
}

// mergeCells reads which cells are merged. A sheet says so behind its rows.
func (p *sheetScan) mergeCells() error {
	for {
		ok, err := p.child()
		switch {
		case err != nil || !ok:
			return err
		case p.foreign || string(p.name) != "mergeCell":
			return p.unread()
		case len(p.merges) == maxMerges:
			return fmt.Errorf("more than %d cells are merged: export CSV", maxMerges)
		}
		r, err := parseRange(p.attr("ref"))
		if err != nil {
			return err
		}
		p.merges = append(p.merges, r)
		if err := p.skip(); err != nil {
			return err
		}
	}
}
