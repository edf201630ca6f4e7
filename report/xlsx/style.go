package xlsxreport

import (
	"github.com/xuri/excelize/v2"

	"github.com/muster-audit/muster/report/sheet"
)

// styles are the numbers under which the workbook knows its styles.
type styles struct {
	header, wrapped, link int
	of                    map[sheet.Kind]int
	fills                 []excelize.ConditionalFormatOptions
}

func newStyles(f *excelize.File) (styles, error) {
	s := styles{of: map[sheet.Kind]int{}}
	var err error
	add := func(style excelize.Style) int {
		if style.Alignment == nil {
			style.Alignment = &excelize.Alignment{Vertical: "top"}
		}
		id, e := f.NewStyle(&style)
		if err == nil {
			err = e
		}
		return id
	}
	date, text := "yyyy-mm-dd hh:mm:ss", 49 // the text format "@": what is edited in place stays text
	s.header = add(excelize.Style{
		NumFmt: text, Font: &excelize.Font{Bold: true, Color: "FFFFFF"},
		Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"1F3A5F"}},
	})
	s.wrapped = add(excelize.Style{NumFmt: text, Alignment: &excelize.Alignment{Vertical: "top", WrapText: true}})
	s.link = add(excelize.Style{NumFmt: text, Font: &excelize.Font{Color: "0B57D0", Underline: "single"}})
	s.of[sheet.Text] = add(excelize.Style{NumFmt: text})
	s.of[sheet.Number] = add(excelize.Style{NumFmt: 1})
	s.of[sheet.Fraction] = add(excelize.Style{NumFmt: 10})
	s.of[sheet.Moment] = add(excelize.Style{CustomNumFmt: &date})
	s.of[sheet.Truth] = add(excelize.Style{})
	if err != nil {
		return s, err
	}
	s.fills, err = newFills(f)
	return s, err
}

// newFills are the colours of words. Each is dark on light, at more than seven to one, and the word itself stands in the cell:
// nobody has to see colours.
func newFills(f *excelize.File) ([]excelize.ConditionalFormatOptions, error) {
	var out []excelize.ConditionalFormatOptions
	for _, c := range []struct{ word, ink, paper string }{
		{"critical", "6B0012", "F8C9CC"},
		{"high", "662600", "FFDDC2"},
		{"medium", "4D3900", "FFF1BF"},
		{"low", "0B2F63", "DCEBFF"},
		{"info", "333333", "EDEDED"},
		{"failed", "6B0012", "F8C9CC"},
		{"partial", "4D3900", "FFF1BF"},
	} {
		id, err := f.NewConditionalStyle(&excelize.Style{
			Font: &excelize.Font{Color: c.ink, Bold: true},
			Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{c.paper}},
		})
		if err != nil {
			return nil, err
		}
		out = append(out, excelize.ConditionalFormatOptions{Type: "cell", Criteria: "==", Value: `"` + c.word + `"`, Format: &id})
	}
	return out, nil
}

// column is the style of a column's cells.
func (s *styles) column(c sheet.Column) int {
	switch c.Name {
	case "message", "fix", "error", "note":
		return s.wrapped
	}
	return s.of[c.Kind]
}

// width is that of a column, in characters.
func width(c sheet.Column) float64 {
	switch c.Name {
	case "message", "fix", "error", "evidence", "note":
		return 60
	case "key", "scope", "identifiers", "tags", "origin_address", "caller":
		return 45
	case "name", "type", "origin_file", "declared", "actual", "attribute", "parts", "rule", "value", "item", "path", "group":
		return 28
	}
	switch c.Kind {
	case sheet.Moment:
		return 20
	case sheet.Number, sheet.Fraction, sheet.Truth:
		return 12
	}
	return 16
}
