package xlsxreport

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"iter"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/report/reporttest"
	"github.com/muster-audit/muster/report/sheet"
)

func open(t testing.TB, book []byte) *excelize.File {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(book), excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func TestSheets(t *testing.T) {
	f := open(t, reporttest.Encode(t, New(), reporttest.Small()))
	want := []string{"Summary", "Findings", "Assets", "Drift", "Tag coverage", "Scopes"}
	if d := cmp.Diff(want, f.GetSheetList()); d != "" {
		t.Errorf("sheets (-want +got):\n%s", d)
	}
	r := reporttest.Small()
	r.Assets = nil
	if got := open(t, reporttest.Encode(t, New(), r)).GetSheetList(); slices.Contains(got, "Assets") {
		t.Errorf("sheets %v: there is one of assets, which claims that there are none", got)
	}
}

// TestEverySheetIsMadeForPeople: a header that stays in sight, a filter over all rows, widths, and wrapped messages.
func TestEverySheetIsMadeForPeople(t *testing.T) {
	f := open(t, reporttest.Encode(t, New(), reporttest.Small()))
	for _, s := range f.GetSheetList() {
		if p, err := f.GetPanes(s); err != nil || !p.Freeze || p.YSplit != 1 || p.XSplit != 0 {
			t.Errorf("%s: panes %+v, %v", s, p, err)
		}
		if w, err := f.GetColWidth(s, "A"); err != nil || w < 10 {
			t.Errorf("%s: column A is %v wide, %v", s, w, err)
		}
		rows, err := f.GetRows(s)
		if err != nil {
			t.Fatal(err)
		}
		last, _ := excelize.CoordinatesToCellName(len(rows[0]), len(rows), true)
		if want, got := "'"+s+"'!$A$1:"+last, filterOf(f, s); got != want {
			t.Errorf("%s: filter over %q, want %q", s, got, want)
		}
		header, err := f.GetCellStyle(s, "A1")
		if err != nil {
			t.Fatal(err)
		}
		if style, err := f.GetStyle(header); err != nil || !style.Font.Bold {
			t.Errorf("%s: the header is not bold: %v", s, err)
		}
	}
	if style := styleAt(t, f, "Findings", "message", 2); style.Alignment == nil || !style.Alignment.WrapText {
		t.Error("messages are not wrapped")
	}
	if style := styleAt(t, f, "Findings", "key", 2); style.Alignment == nil || style.Alignment.WrapText {
		t.Error("keys are wrapped")
	}
}

func filterOf(f *excelize.File, sheetName string) string {
	for _, n := range f.WorkBook.DefinedNames.DefinedName {
		if n.Name == "_xlnm._FilterDatabase" && f.GetSheetName(*n.LocalSheetID) == sheetName {
			return n.Data
		}
	}
	return ""
}

// cellNamed returns the name of a cell by its column's header.
func cellNamed(t *testing.T, f *excelize.File, sheetName, column string, row int) string {
	t.Helper()
	rows, err := f.GetRows(sheetName)
	if err != nil {
		t.Fatal(err)
	}
	name, err := excelize.CoordinatesToCellName(slices.Index(rows[0], column)+1, row)
	if err != nil {
		t.Fatalf("%s has no column %s", sheetName, column)
	}
	return name
}

func styleAt(t *testing.T, f *excelize.File, sheetName, column string, row int) *excelize.Style {
	t.Helper()
	id, err := f.GetCellStyle(sheetName, cellNamed(t, f, sheetName, column, row))
	if err != nil {
		t.Fatal(err)
	}
	style, err := f.GetStyle(id)
	if err != nil {
		t.Fatal(err)
	}
	return style
}

// TestSeverityIsAWordWithAColour: the word stands in the cell, and colours it by a condition.
func TestSeverityIsAWordWithAColour(t *testing.T) {
	f := open(t, reporttest.Encode(t, New(), reporttest.Small()))
	if v, err := f.GetCellValue("Findings", "A2"); err != nil || v != "critical" {
		t.Errorf("severity %q, %v", v, err)
	}
	formats, err := f.GetConditionalFormats("Findings")
	if err != nil {
		t.Fatal(err)
	}
	words := map[string]bool{}
	for _, c := range formats["A2:A13"] {
		words[c.Value] = c.Format != nil
	}
	for _, severity := range []string{`"critical"`, `"high"`, `"medium"`, `"low"`, `"info"`} {
		if !words[severity] {
			t.Errorf("%s has no colour: %v", severity, words)
		}
	}
}

// TestKinds: times are dates in UTC, counts are numbers, ids of accounts are text.
func TestKinds(t *testing.T) {
	f := open(t, reporttest.Encode(t, New(), reporttest.Small()))
	number, text, truth := excelize.CellTypeUnset, excelize.CellTypeInlineString, excelize.CellTypeBool
	for _, c := range []struct {
		sheet, column string
		row           int
		kind          excelize.CellType
		format        int
	}{
		{"Findings", "first_seen", 2, number, 0},
		{"Findings", "differences", 2, number, 1},
		{"Findings", "confirmed", 2, truth, 0},
		{"Findings", "account", 2, text, 49},
		{"Assets", "entity", 2, number, 1},
		{"Assets", "account", 2, text, 49},
		{"Tag coverage", "ratio", 2, number, 10},
		{"Scopes", "assets", 2, number, 1},
		{"Scopes", "last_ok", 2, number, 0},
	} {
		at := cellNamed(t, f, c.sheet, c.column, c.row)
		if kind, err := f.GetCellType(c.sheet, at); err != nil || kind != c.kind {
			t.Errorf("%s %s is of kind %v, want %v: %v", c.sheet, c.column, kind, c.kind, err)
		}
		style := styleAt(t, f, c.sheet, c.column, c.row)
		isDate := style.CustomNumFmt != nil && *style.CustomNumFmt == "yyyy-mm-dd hh:mm:ss"
		if isDate != (c.column == "first_seen" || c.column == "last_ok") || !isDate && style.NumFmt != c.format {
			t.Errorf("%s %s is shown as %d, %v", c.sheet, c.column, style.NumFmt, style.CustomNumFmt)
		}
	}
	shown, err := f.GetCellValue("Findings", cellNamed(t, f, "Findings", "first_seen", 2), excelize.Options{RawCellValue: false})
	if err != nil || shown != "2026-11-21 02:00:00" {
		t.Errorf("a time is shown as %q, %v", shown, err)
	}
}

// TestWhatASpreadsheetCannotHoldIsText: it counts days from 1900 and digits to 15.
func TestWhatASpreadsheetCannotHoldIsText(t *testing.T) {
	old, first := time.Date(1900, 2, 28, 23, 59, 59, 0, time.UTC), time.Date(1900, 3, 1, 0, 0, 0, 0, time.UTC)
	far := time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		cell sheet.Cell
		want any
	}{
		{sheet.MomentCell(old), "1900-02-28T23:59:59Z"},
		{sheet.MomentCell(first), first},
		{sheet.MomentCell(far), "10000-01-01T00:00:00Z"},
		{sheet.NumberCell(999999999999999), int64(999999999999999)},
		{sheet.NumberCell(1000000000000000), "1000000000000000"},
		{sheet.Cell{}, nil},
	} {
		if got := value(c.cell); got != c.want {
			t.Errorf("%+v is written as %v (%T), want %v", c.cell, got, got, c.want)
		}
	}
}

// TestNothingRunsAndNothingLeadsOut looks into the parts themselves: no formula in a cell, no link but to a sheet.
func TestNothingRunsAndNothingLeadsOut(t *testing.T) {
	for name, build := range reporttest.Fixtures() {
		for part, text := range parts(t, reporttest.Encode(t, New(), build())) {
			if bytes.Contains(text, []byte("<f>")) || bytes.Contains(text, []byte("<f ")) {
				t.Errorf("%s, %s: a cell holds a formula", name, part)
			}
			if bytes.Contains(text, []byte("TargetMode")) || bytes.Contains(text, []byte("externalLink")) {
				t.Errorf("%s, %s: something leads out of the workbook", name, part)
			}
			for _, link := range regexp.MustCompile(`<hyperlink [^>]*>`).FindAll(text, -1) {
				if !regexp.MustCompile(`^<hyperlink ref="B\d+" location="'[A-Z][a-z ]+'!A1"( display="[^"]*")?>$`).Match(bytes.ReplaceAll(link, []byte("&#39;"), []byte("'"))) {
					t.Errorf("%s, %s: link %s", name, part, link)
				}
			}
			wellFormed(t, name+", "+part, text)
		}
	}
}

func wellFormed(t *testing.T, name string, text []byte) {
	t.Helper()
	for d := xml.NewDecoder(bytes.NewReader(text)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
}

func parts(t *testing.T, book []byte) map[string][]byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(book), int64(len(book)))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for _, f := range z.File {
		if !f.Modified.Equal(epoch()) {
			t.Errorf("%s is dated %v", f.Name, f.Modified)
		}
		if out[f.Name] != nil {
			t.Errorf("%s is there twice", f.Name)
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if out[f.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// TestSameReportSameBytes: also where the library goes through a map.
func TestSameReportSameBytes(t *testing.T) {
	for name, build := range reporttest.Fixtures() {
		r, want := build(), build()
		first := reporttest.Encode(t, New(), r)
		for range 4 {
			if !bytes.Equal(first, reporttest.Encode(t, New(), build())) {
				t.Fatalf("%s: two encodings of one report differ", name)
			}
		}
		r.Assets, want.Assets = nil, nil
		if d := cmp.Diff(want, r); d != "" {
			t.Errorf("%s: encoding changed the report:\n%s", name, d)
		}
	}
}

// TestTimesAreThoseOfTheScan: the workbook does not say when it was written.
func TestTimesAreThoseOfTheScan(t *testing.T) {
	p, err := open(t, reporttest.Encode(t, New(), reporttest.Small())).GetDocProps()
	if err != nil || p.Created != "2026-11-21T02:04:12Z" || p.Modified != p.Created {
		t.Errorf("made %q, changed %q, %v", p.Created, p.Modified, err)
	}
}

func TestLongTablesGoOnOnAnotherSheet(t *testing.T) {
	r := reporttest.Big(7)
	want := map[string]int{"Findings": 2, "Findings (2)": 2, "Findings (3)": 2, "Findings (4)": 1, "Assets": 2, "Assets (4)": 1}
	for name, e := range map[string]Encoder{
		"rows": {limits{rows: 3, size: 1 << 40}},
		"size": {limits{rows: excelize.TotalRows, size: 26 * 64}}, // two rows weigh more, one less
	} {
		f := open(t, reporttest.Encode(t, e, r))
		var keys []string
		for _, s := range f.GetSheetList() {
			rows, err := f.GetRows(s)
			if err != nil {
				t.Fatal(err)
			}
			if name == "rows" && want[s] != 0 && len(rows) != want[s]+1 {
				t.Errorf("%s: %s has %d rows and a header, want %d", name, s, len(rows)-1, want[s])
			}
			if strings.HasPrefix(s, "Findings") {
				key := slices.Index(rows[0], "key")
				for _, row := range rows[1:] {
					keys = append(keys, row[key])
				}
			}
		}
		if len(keys) != 7 || keys[0] != r.Findings[0].Asset.Key || keys[6] != r.Findings[6].Asset.Key {
			t.Errorf("%s: findings of %q", name, keys)
		}
		links := 0
		for _, part := range parts(t, reporttest.Encode(t, e, r)) {
			links += bytes.Count(part, []byte("<hyperlink "))
		}
		if links != len(f.GetSheetList())-1 {
			t.Errorf("%s: %d links to %d sheets", name, links, len(f.GetSheetList())-1)
		}
	}
}

// TestErrorsComeBack: of a full disk, and of the store in the middle of the assets. Temporary files are gone after each.
func TestErrorsComeBack(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	size := len(reporttest.Encode(t, New(), reporttest.Small()))
	for _, left := range []int{0, size / 2, size - 1} {
		if err := New().Encode(&fullDisk{left}, reporttest.Small()); !errors.Is(err, io.ErrShortWrite) {
			t.Errorf("a disk that is full after %d of %d bytes: error %v", left, size, err)
		}
	}
	gone := errors.New("store is gone")
	r, list := reporttest.Small(), reporttest.Big(25_000).Assets // more than fits into memory at a time
	r.Assets = func() iter.Seq2[report.Asset, error] {
		return func(yield func(report.Asset, error) bool) {
			for a := range list() {
				if !yield(a, nil) {
					return
				}
			}
			if left, err := os.ReadDir(dir); err != nil || len(left) == 0 {
				t.Errorf("a long sheet is not in a temporary file: %v", err)
			}
			yield(report.Asset{}, gone)
		}
	}
	if err := New().Encode(io.Discard, r); !errors.Is(err, gone) || !strings.Contains(err.Error(), `"Assets"`) {
		t.Errorf("error %v, want that of the store and its sheet", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left over: %v, %v", left, err)
	}
}

type fullDisk struct{ left int }

func (f *fullDisk) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, io.ErrShortWrite
	}
	return len(p), nil
}

// TestMemoryIsBounded looks at what is alive while assets are written: three times as many take no more, but for what
// the buffer of one sheet has room for.
func TestMemoryIsBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("writes 80,000 assets")
	}
	few, many := alive(t, 20_000), alive(t, 60_000)
	if grown := int64(many) - int64(few); grown > 20<<20 {
		t.Errorf("%d MiB are alive at 20,000 assets, %d MiB at 60,000", few>>20, many>>20)
	}
}

// alive is the most that is reachable while n assets are written.
func alive(t *testing.T, n int) uint64 {
	t.Helper()
	r := reporttest.Small()
	list := reporttest.Big(n).Assets
	most := uint64(0)
	r.Assets = func() iter.Seq2[report.Asset, error] {
		return func(yield func(report.Asset, error) bool) {
			i := 0
			for a := range list() {
				if i++; i%(n/8) == 0 {
					runtime.GC()
					var m runtime.MemStats
					runtime.ReadMemStats(&m)
					most = max(most, m.HeapAlloc)
				}
				if !yield(a, nil) {
					return
				}
			}
		}
	}
	if err := New().Encode(io.Discard, r); err != nil {
		t.Fatal(err)
	}
	return most
}
