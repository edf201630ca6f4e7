package xlsxreport

import (
	"fmt"
	"slices"

	"github.com/xuri/excelize/v2"

	"github.com/muster-audit/muster/report/sheet"
)

// page is one sheet while it is written.
type page struct {
	book    *book
	title   string
	columns []sheet.Column
	stream  *excelize.StreamWriter
	rows    int
	size    int64
	values  []any // of the row that is written
}

// page begins a sheet that exists in the workbook: the widths, a header that stays in sight, its row.
func (b *book) page(title string, columns []sheet.Column) (*page, error) {
	stream, err := b.file.NewStreamWriter(title)
	if err != nil {
		return nil, fmt.Errorf("make sheet %q: %w", title, err)
	}
	p := &page{book: b, title: title, columns: columns, stream: stream, values: make([]any, len(columns))}
	if err := p.begin(); err != nil {
		return nil, fmt.Errorf("make sheet %q: %w", title, err)
	}
	return p, nil
}

func (p *page) begin() error {
	for i, c := range p.columns {
		at, style := i+1, p.book.styles.column(c)
		if err := p.stream.SetColWidth(at, at, width(c)); err != nil {
			return err
		}
		if err := p.stream.SetColStyle(at, at, style); err != nil {
			return err
		}
		p.values[i] = cut(sheet.Harmless(c.Name))
	}
	if err := p.stream.SetPanes(&excelize.Panes{
		Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft",
		Selection: []excelize.Selection{{SQRef: "A2", ActiveCell: "A2", Pane: "bottomLeft"}},
	}); err != nil {
		return err
	}
	return p.put(excelize.RowOpts{StyleID: p.book.styles.header})
}

// full reports whether the next row belongs on another sheet.
func (p *page) full() bool { return p.rows >= p.book.limits.rows || p.size >= p.book.limits.size }

// row writes a row.
func (p *page) row(cells []sheet.Cell) error {
	p.fill(cells)
	return p.put()
}

// fill takes the values of a row. A cell of another kind than its column brings its own style.
func (p *page) fill(cells []sheet.Cell) {
	for i, c := range cells {
		v := value(c)
		p.values[i] = v
		p.size += weight(v)
		if c.Kind != p.columns[i].Kind && v != nil {
			p.values[i] = excelize.Cell{StyleID: p.book.styles.of[c.Kind], Value: v}
		}
	}
}

func (p *page) put(o ...excelize.RowOpts) error {
	p.rows++
	at, err := excelize.CoordinatesToCellName(1, p.rows)
	if err == nil {
		err = p.stream.SetRow(at, p.values, o...)
	}
	if err != nil {
		return fmt.Errorf("write sheet %q, row %d: %w", p.title, p.rows, err)
	}
	return nil
}

// finish ends the sheet and writes it.
func (p *page) finish() error {
	last, err := excelize.CoordinatesToCellName(len(p.columns), p.rows)
	if err == nil {
		err = p.decorate("A1:" + last)
	}
	if err == nil {
		err = p.stream.Flush()
	}
	if err == nil {
		err = p.book.sheet(p.stream.SheetID)
	}
	if err != nil {
		return fmt.Errorf("write sheet %q: %w", p.title, err)
	}
	return nil
}

// decorate adds what stands behind the rows in a sheet: the filter, the colours, and that account ids are meant to be text.
func (p *page) decorate(whole string) error {
	f := p.book.file
	if err := f.AutoFilter(p.title, whole, nil); err != nil {
		return err
	}
	if err := f.AddIgnoredErrors(p.title, whole, excelize.IgnoredErrorsNumberStoredAsText); err != nil {
		return err
	}
	for i, c := range p.columns {
		if p.rows < 2 || !slices.Contains([]string{"severity", "state", "item"}, c.Name) {
			continue
		}
		name, err := excelize.ColumnNumberToName(i + 1)
		if err != nil {
			return err
		}
		if err := f.SetConditionalFormat(p.title, fmt.Sprintf("%s2:%s%d", name, name, p.rows), p.book.styles.fills); err != nil {
			return err
		}
	}
	return nil
}
