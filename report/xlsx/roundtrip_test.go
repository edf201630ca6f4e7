package xlsxreport

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/report"
	csvreport "github.com/muster-audit/muster/report/csv"
	"github.com/muster-audit/muster/report/reporttest"
	"github.com/muster-audit/muster/report/sheet"
	"github.com/muster-audit/muster/rules"
)

// TestSameAsCSV reads the workbook back and compares it with the CSV files, cell by cell.
func TestSameAsCSV(t *testing.T) {
	for name, build := range reporttest.Fixtures() {
		t.Run(name, func(t *testing.T) { sameAsCSV(t, build()) })
	}
	index := reporttest.Small()
	index.Division = &report.Division{By: "owner", Groups: []report.GroupCount{{Group: report.Group{Kind: report.GroupNone}, Path: "none/"}}}
	t.Run("index", func(t *testing.T) { sameAsCSV(t, index) })
}

// TestSameAsCSVWhateverStrangersWrite does the same with any strings.
func TestSameAsCSVWhateverStrangersWrite(t *testing.T) {
	text := rapid.OneOf(
		rapid.SampledFrom(reporttest.Payloads()), rapid.String(), rapid.StringMatching(`_x00[0-9A-F]{2}_|_x005F_x0041_|_x_|[=+@-]{0,2}[ \t\r\n]*[a-z&<>"']{0,9}`),
		rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }),
		rapid.Map(rapid.IntRange(0, 3), func(n int) string { return strings.Repeat("😀x", 10922+n) }),
	)
	rapid.Check(t, func(t *rapid.T) {
		r := reporttest.Small()
		r.Findings = r.Findings[:2]
		for i := range r.Findings {
			f := &r.Findings[i]
			f.Message, f.Fix, f.Owner, f.Asset.Name, f.Asset.Key = text.Draw(t, "message"), text.Draw(t, "fix"), text.Draw(t, "owner"), text.Draw(t, "name"), text.Draw(t, "key")
			f.Asset.Type = inventory.Type(text.Draw(t, "type"))
			f.Diff = []rules.Difference{{Attribute: text.Draw(t, "attribute"), Declared: text.Draw(t, "declared")}}
			f.FirstSeen = time.Unix(rapid.Int64Range(-3e9, 3e11).Draw(t, "first seen"), 0)
		}
		r.Coverage[9].Name, r.Scopes[2].Error = text.Draw(t, "tag"), text.Draw(t, "error")
		sameAsCSV(t, r)
	})
}

type tester interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
	Errorf(string, ...any)
}

func sameAsCSV(t tester, r *report.Report) {
	t.Helper()
	var b bytes.Buffer
	if err := New().Encode(&b, r); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&b, excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	files := map[string]*bytes.Buffer{}
	create := func(name string) (io.WriteCloser, error) {
		files[name] = &bytes.Buffer{}
		return unclosed{files[name]}, nil
	}
	if err := csvreport.New(csvreport.Options{}).EncodeFolder(create, r); err != nil {
		t.Fatal(err)
	}
	tables := sheet.Tables(r)
	if len(f.GetSheetList()) != len(files)+1 || len(tables) != len(files) {
		t.Errorf("%d files, sheets %q", len(files), f.GetSheetList())
	}
	for _, table := range tables {
		want, err := csv.NewReader(files[table.ID+".csv"]).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		got, err := f.GetRows(table.Title)
		if err != nil {
			t.Fatal(err)
		}
		compare(t, table, want, got)
	}
}

type unclosed struct{ io.Writer }

func (unclosed) Close() error { return nil }

func compare(t tester, table sheet.Table, want, got [][]string) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d rows, CSV has %d", table.ID, len(got), len(want))
	}
	for i, row := range want {
		for j, text := range row {
			have := ""
			if j < len(got[i]) {
				have = got[i][j] // empty cells at the end of a row are not there
			}
			kind := sheet.Text
			if i > 0 {
				kind = table.Columns[j].Kind
			}
			if back, err := asCSV(kind, have); err != nil || back != cut(text) {
				t.Errorf("%s, row %d, %s: %.80q, CSV has %.80q: %v", table.ID, i+1, table.Columns[j].Name, back, text, err)
			}
		}
	}
}

// asCSV returns what was read from a cell of a kind as CSV writes it.
func asCSV(kind sheet.Kind, raw string) (string, error) {
	number, err := strconv.ParseFloat(raw, 64)
	switch {
	case raw == "":
		return "", nil
	case kind == sheet.Truth:
		return map[string]string{"1": "true", "0": "false", "TRUE": "true", "FALSE": "false"}[raw], nil
	case kind == sheet.Fraction:
		return strconv.FormatFloat(number, 'f', 4, 64), err
	case kind == sheet.Moment && err == nil:
		at, err := excelize.ExcelDateToTime(number, false)
		return at.Round(time.Second).Format(time.RFC3339), err
	}
	return raw, nil
}

func TestCut(t *testing.T) {
	const most = excelize.TotalCellChars
	for in, want := range map[string]string{
		"":                                "",
		strings.Repeat("a", most):         strings.Repeat("a", most),
		strings.Repeat("é", most):         strings.Repeat("é", most),
		strings.Repeat("a", most+1):       strings.Repeat("a", most-32) + "… [cut: 32768 characters in all]",
		strings.Repeat("😀", most/2+1):     strings.Repeat("😀", (most-32)/2) + "… [cut: 32768 characters in all]",
		strings.Repeat("😀", most/2) + "a": strings.Repeat("😀", most/2) + "a",
	} {
		if got := cut(in); got != want {
			t.Errorf("%d bytes are cut to %d: …%q, want %d", len(in), len(got), got[max(0, len(got)-50):], len(want))
		}
	}
}

// FuzzCell: what a cell holds is what CSV holds, or its beginning and a mark, and XML gives it back as it is.
func FuzzCell(f *testing.F) {
	for _, payload := range reporttest.Payloads() {
		f.Add(payload, 1)
		f.Add(payload, 40_000/len(payload))
	}
	f.Fuzz(func(t *testing.T, text string, times int) {
		if times < 0 || times > 50_000 || len(text)*times > 200_000 {
			t.Skip("too long")
		}
		cell := sheet.TextCell(strings.Repeat(text, times))
		got, _ := value(cell).(string)
		whole, units := len(utf16.Encode([]rune(cell.Text))), len(utf16.Encode([]rune(got)))
		if units > excelize.TotalCellChars || !utf8.ValidString(got) || strings.ContainsRune(got, '\r') {
			t.Fatalf("%d characters: %.60q", units, got)
		}
		if whole <= excelize.TotalCellChars && got != cell.Text {
			t.Errorf("changed to %.60q", got)
		}
		if mark := fmt.Sprintf("… [cut: %d characters in all]", whole); whole > excelize.TotalCellChars && !strings.HasSuffix(got, mark) {
			t.Errorf("cut without a mark: %q", got[len(got)-60:])
		}
		var escaped bytes.Buffer
		if err := xml.EscapeText(&escaped, []byte(got)); err != nil {
			t.Fatal(err)
		}
		var back string
		if err := xml.Unmarshal([]byte("<t>"+escaped.String()+"</t>"), &back); err != nil || back != got {
			t.Errorf("%.60q is read as %.60q: %v", got, back, err)
		}
	})
}

// TestCellsComeBackWhole: also what looks like the escapes of the format itself.
func TestCellsComeBackWhole(t *testing.T) {
	for _, text := range append(reporttest.Payloads(), "_x0041_", "_x005F_", "_x005F_x0041_", " space ", "\ttab\t", "a\n", strings.Repeat("_x0041_", 4600)) {
		cell := sheet.TextCell(text)
		if back := throughABook(t, cell); back != cell.Text {
			t.Errorf("%.60q is read as %.60q", cell.Text, back)
		}
	}
}

// throughABook writes one cell into a workbook and reads it.
func throughABook(t *testing.T, cell sheet.Cell) string {
	t.Helper()
	var out bytes.Buffer
	b, err := newBook(&out, reporttest.Empty(), New().limits)
	if err != nil {
		t.Fatal(err)
	}
	column := []sheet.Column{{Name: "text", Kind: sheet.Text}}
	table := sheet.Table{Title: summaryTitle, Columns: column, Rows: func(yield func([]sheet.Cell, error) bool) {
		yield([]sheet.Cell{cell}, nil)
	}}
	if _, err := b.table(&table); err != nil {
		t.Fatal(err)
	}
	if err := b.finish(); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&out)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if kind, err := f.GetCellType(summaryTitle, "A2"); cell.Text != "" && (err != nil || kind != excelize.CellTypeInlineString) {
		t.Errorf("a text of kind %v, %v", kind, err)
	}
	back, err := f.GetCellValue(summaryTitle, "A2")
	if err != nil {
		t.Fatal(err)
	}
	return back
}
