// Package xlsxreport encodes a report as one workbook for Excel 2007 and later, LibreOffice and Google Sheets. It holds the
// tables of package sheet, the same as the CSV files cell by cell, behind a first sheet that says whether the gate passed
// and what was not read. Times are dates, counts are numbers, and every text is a typed string: no cell is a formula, and no
// link leads out of the workbook.
//
// One sheet is written at a time, row by row, and what does not fit into 16 MiB waits in a temporary file: memory is bounded
// however long the report is. The same report gives the same bytes: the only times inside are those of the scan.
package xlsxreport

import (
	"errors"
	"fmt"
	"io"

	"github.com/xuri/excelize/v2"

	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/report/sheet"
)

// limits are what a sheet can hold; tests use smaller ones.
type limits struct {
	rows int // with the header
	// size bounds the weight of the cells: a sheet beyond 4 GiB of XML would need a form of archive that Excel refuses.
	size int64
}

// Encoder writes workbooks.
type Encoder struct{ limits limits }

var _ report.Encoder = Encoder{}

// New returns an encoder.
func New() Encoder { return Encoder{limits{rows: excelize.TotalRows, size: 3 << 30}} }

// Format returns the id "xlsx".
func (Encoder) Format() report.Format {
	return report.Format{
		ID: "xlsx", Extension: ".xlsx", MediaType: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	}
}

// Encode writes the workbook.
func (e Encoder) Encode(w io.Writer, r *report.Report) error {
	tables := sheet.Tables(r)
	b, err := newBook(w, r, e.limits)
	if err != nil {
		return fmt.Errorf("make workbook: %w", err)
	}
	if err := b.write(tables, r); err != nil {
		return errors.Join(err, b.file.Close())
	}
	return b.finish()
}

// order is that of the sheets for people, behind the summary. They are written in another one, as the tables come.
func order(tables []sheet.Table) []string {
	titles := map[string]string{}
	for _, t := range tables {
		titles[t.ID] = t.Title
	}
	var out []string
	for _, id := range []string{"index", "findings", "assets", "drift", "tag-coverage", "scopes"} {
		if title, ok := titles[id]; ok {
			out = append(out, title)
		}
	}
	return out
}

func (b *book) write(tables []sheet.Table, r *report.Report) error {
	for _, title := range order(tables) {
		if _, err := b.file.NewSheet(title); err != nil {
			return fmt.Errorf("make sheet %q: %w", title, err)
		}
	}
	var parts []part
	for _, t := range tables {
		done, err := b.table(&t)
		if err != nil {
			return err
		}
		parts = append(parts, done...)
	}
	return b.summary(r, parts)
}

// part is a sheet that was written: a table, or as much of it as fits.
type part struct {
	table string // title of the table
	title string
	rows  int // without the header
}

// table writes a table, on as many sheets as it takes.
func (b *book) table(t *sheet.Table) ([]part, error) {
	p, err := b.page(t.Title, t.Columns)
	if err != nil {
		return nil, err
	}
	var parts []part
	for row, err := range t.Rows {
		if err != nil {
			return nil, fmt.Errorf("write sheet %q: %w", p.title, err)
		}
		if p.full() {
			parts = append(parts, part{t.Title, p.title, p.rows - 1})
			if p, err = b.nextPage(p, t, len(parts)+1); err != nil {
				return nil, err
			}
		}
		if err := p.row(row); err != nil {
			return nil, err
		}
	}
	return append(parts, part{t.Title, p.title, p.rows - 1}), p.finish()
}

// nextPage goes on with a table on another sheet, the last one of the workbook.
func (b *book) nextPage(full *page, t *sheet.Table, number int) (*page, error) {
	if err := full.finish(); err != nil {
		return nil, err
	}
	title := fmt.Sprintf("%s (%d)", t.Title, number)
	if _, err := b.file.NewSheet(title); err != nil {
		return nil, fmt.Errorf("make sheet %q: %w", title, err)
	}
	return b.page(title, t.Columns)
}
