package cmdb

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"
)

// libraryFormats makes the library show the cells of a workbook as muster does.
func libraryFormats(f *excelize.File) {
	s := f.Styles
	codes := map[int]string{}
	if s.NumFmts != nil {
		for _, n := range s.NumFmts.NumFmt {
			codes[n.NumFmtID] = n.FormatCode
		}
	}
	const plain, own = 9999, 9000 // a format that there is not, and those above it
	list := []string{"yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss", "hh:mm:ss"}
	for i := range s.CellXfs.Xf {
		id := 0
		if p := s.CellXfs.Xf[i].NumFmtID; p != nil {
			id = *p
		}
		show, digits := formatOf(id, codes)
		to := plain
		switch show {
		case shownDate, shownDateTime, shownTime:
			to = own + int(show-shownDate)
		case shownPadded:
			to = own + len(list)
			list = append(list, strings.Repeat("0", digits))
		}
		s.CellXfs.Xf[i].NumFmtID = &to
	}
	made(&s.NumFmts)
	s.NumFmts.NumFmt = s.NumFmts.NumFmt[:0]
	for i, code := range list {
		s.NumFmts.NumFmt = grown(s.NumFmts.NumFmt)
		n := s.NumFmts.NumFmt[i]
		n.NumFmtID, n.FormatCode = own+i, code
	}
}

// made and grown make values of types that have no name here.
func made[T any](p **T) {
	if *p == nil {
		*p = new(T)
	}
}

func grown[T any](list []*T) []*T { return append(list, new(T)) }

// library returns the cells of the sheets that the library reads, by sheet and place, without the empty ones. A whole number of more
// digits than the library trusts is taken as it is stored.
func library(content []byte) (map[string]string, error) {
	f, err := excelize.OpenReader(bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	libraryFormats(f)
	long := regexp.MustCompile(`^-?\d{16,}$`)
	cells := map[string]string{}
	for _, name := range f.GetSheetList() {
		shown, err := f.GetRows(name)
		if err != nil {
			return nil, err
		}
		stored, err := f.GetRows(name, excelize.Options{RawCellValue: true})
		if err != nil {
			return nil, err
		}
		for row := range shown {
			for column, text := range shown[row] {
				place, _ := excelize.CoordinatesToCellName(column+1, row+1)
				if long.MatchString(stored[row][column]) {
					text = stored[row][column]
				}
				if text != "" {
					cells[name+"!"+place] = text
				}
			}
		}
	}
	return cells, nil
}

// own returns the same as library, as muster reads it. Formulas that nobody worked out are pending.
func own(t testing.TB, content []byte) (cells map[string]string, pending map[string]bool, err error) {
	o := newOptions()
	w, err := newWorkbook(t.Context(), bytes.NewReader(content), o)
	if err != nil {
		return nil, nil, err
	}
	defer w.Close()
	cells, pending = map[string]string{}, map[string]bool{}
	for _, s := range w.sheets {
		_, err := w.scan(t.Context(), s, func(r *sheetRow) error {
			for _, c := range r.cells {
				place, _ := excelize.CoordinatesToCellName(c.column, r.number)
				if text := r.text[c.from:c.to]; len(text) > 0 {
					cells[s.name+"!"+place] = string(text)
				}
				if c.pending {
					pending[s.name+"!"+place] = true
				}
			}
			return nil
		})
		if err != nil {
			return nil, nil, err
		}
	}
	return cells, pending, nil
}

// drawnBook is a workbook that is drawn.
type drawnBook struct {
	f        *excelize.File
	date1904 bool
	formulas map[string]bool // without a result
}

// formats lists number formats that differ in what they show.
func drawnFormats() []string {
	return []string{
		"0", "00000", "0.00", "#,##0.00 €", "0%", "0.00E+00", "@", "# ?/?", "General", "[Red]-0;0", `0 "days"`, "000-000",
		"yyyy-mm-dd", "d.m.yy h:mm", `[$-407]d. mmmm yyyy`, "h:mm AM/PM", "mm:ss", "[h]:mm:ss", `"Q"m/yy`, "dd/mm/yyyy hh:mm:ss",
	}
}

func (b *drawnBook) style(t *rapid.T) (id int, show shown) {
	s := excelize.Style{}
	codes := map[int]string{}
	if rapid.Bool().Draw(t, "builtin") {
		s.NumFmt = rapid.SampledFrom([]int{0, 1, 2, 3, 4, 9, 10, 11, 12, 14, 15, 16, 17, 18, 20, 21, 22, 37, 44, 45, 47, 49}).Draw(t, "id")
	} else {
		code := rapid.SampledFrom(drawnFormats()).Draw(t, "code")
		s.CustomNumFmt, s.NumFmt, codes[-1] = &code, -1, code
	}
	id, err := b.f.NewStyle(&s)
	if err != nil {
		t.Fatal(err)
	}
	show, _ = formatOf(s.NumFmt, codes)
	return id, show
}

// number draws one that the library shows right as a date, if the style shows it as one.
func (b *drawnBook) number(t *rapid.T, show shown) any {
	switch show {
	case shownTime:
		return rapid.Float64Range(0, 1).Draw(t, "time")
	case shownDate, shownDateTime:
		return rapid.Float64Range(61, 2_900_000).Draw(t, "day")
	}
	switch rapid.IntRange(0, 3).Draw(t, "number") {
	case 0:
		return rapid.Int().Draw(t, "int")
	case 1:
		return rapid.IntRange(-100_000, 100_000).Draw(t, "small")
	case 2:
		return rapid.Float64().Draw(t, "float")
	}
	return rapid.Float64Range(-1000, 1000).Draw(t, "decimal")
}

func (b *drawnBook) text(t *rapid.T) string {
	words := []string{"web-1", " x ", "a\nb\tc", `<&>"'`, "München", "日本語 😀", "_x000D_", "_x005F_", "_x", "00012", "1E5", "TRUE", "#N/A", "\r\n", "]]>", "=1", "é\u00a0"}
	if rapid.Bool().Draw(t, "word") {
		return rapid.SampledFrom(words).Draw(t, "text")
	}
	return rapid.StringMatching(`[ -~äß€\n_x0-9]{0,40}`).Draw(t, "text")
}

// set draws a cell.
func (b *drawnBook) set(t *rapid.T, sheet, place string) {
	var err error
	switch rapid.IntRange(0, 7).Draw(t, "kind") {
	case 0: // a gap
	case 1:
		err = b.f.SetCellValue(sheet, place, rapid.Bool().Draw(t, "bool"))
	case 2:
		when := time.Unix(rapid.Int64Range(0, 4_000_000_000).Draw(t, "when"), 0).UTC()
		err = b.f.SetCellValue(sheet, place, when)
	case 3:
		err = b.f.SetCellFormula(sheet, place, "A1&1")
		b.formulas[sheet+"!"+place] = true
	case 4:
		err = b.f.SetCellRichText(sheet, place, []excelize.RichTextRun{{Text: b.text(t)}, {Text: b.text(t), Font: &excelize.Font{Bold: true}}})
	case 5:
		id, show := b.style(t)
		err = b.f.SetCellValue(sheet, place, b.number(t, show))
		if err == nil {
			err = b.f.SetCellStyle(sheet, place, place, id)
		}
	case 6:
		err = b.f.SetCellValue(sheet, place, b.number(t, shownPlain))
	default:
		err = b.f.SetCellValue(sheet, place, b.text(t))
	}
	if err != nil {
		t.Fatal(err)
	}
}

// stream draws a sheet whose texts are in its cells.
func (b *drawnBook) stream(t *rapid.T, sheet string) {
	w, err := b.f.NewStreamWriter(sheet)
	if err != nil {
		t.Fatal(err)
	}
	for row := range rapid.IntRange(0, 6).Draw(t, "rows") {
		var cells []any
		for range rapid.IntRange(0, 5).Draw(t, "cells") {
			id, show := b.style(t)
			cells = append(cells, rapid.SampledFrom([]any{nil, b.text(t), true, excelize.Cell{StyleID: id, Value: b.number(t, show)}, 7.25}).Draw(t, "cell"))
		}
		if err := w.SetRow(fmt.Sprintf("B%d", 2*row+1), cells); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
}

func (b *drawnBook) draw(t *rapid.T) []byte {
	b.f, b.formulas = excelize.NewFile(), map[string]bool{}
	defer b.f.Close()
	if b.date1904 = rapid.Bool().Draw(t, "date1904"); b.date1904 {
		if err := b.f.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &b.date1904}); err != nil {
			t.Fatal(err)
		}
	}
	for _, place := range rapid.SliceOfNDistinct(rapid.IntRange(0, 107), 0, 30, rapid.ID).Draw(t, "places") { // a style outlives a value
		name, _ := excelize.CoordinatesToCellName(place%9+1, place/9+1)
		b.set(t, "Sheet1", name)
	}
	if _, err := b.f.NewSheet("Streamed"); err != nil {
		t.Fatal(err)
	}
	b.stream(t, "Streamed")
	var out bytes.Buffer
	if err := b.f.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestCellsAreThoseOfTheLibrary draws workbooks and reads every cell in two ways.
func TestCellsAreThoseOfTheLibrary(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		b := drawnBook{}
		content := b.draw(rt)
		want, err := library(content)
		if err != nil {
			rt.Fatal(err)
		}
		have, pending, err := own(t, content)
		if err != nil {
			rt.Fatal(err)
		}
		if d := cmp.Diff(want, have); d != "" {
			rt.Fatalf("cells (-library +own):\n%s", d)
		}
		for place := range b.formulas {
			if have[place] == "" && !pending[place] {
				rt.Fatalf("the formula in %s is not pending", place)
			}
		}
	})
}
