package cmdb_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/cmdb"
	"github.com/muster-audit/muster/inventory"
)

// book makes a workbook of sheets, each a name and rows; fill may add to it.
func book(t testing.TB, sheets map[string][][]any, fill func(*excelize.File)) string {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	for _, name := range slices.Sorted(maps.Keys(sheets)) {
		rows := sheets[name]
		if _, err := f.NewSheet(name); err != nil {
			t.Fatal(err)
		}
		for i, row := range rows {
			if err := f.SetSheetRow(name, fmt.Sprintf("A%d", i+1), &row); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, ok := sheets["Sheet1"]; !ok {
		if err := f.DeleteSheet("Sheet1"); err != nil {
			t.Fatal(err)
		}
	}
	if fill != nil {
		fill(f)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func oneSheet(rows ...[]any) map[string][][]any { return map[string][][]any{"Servers": rows} }

// repack writes a workbook again, with its parts changed; a part that becomes nil is left out.
func repack(t testing.TB, content string, change func(name string, part []byte) []byte) string {
	t.Helper()
	z, err := zip.NewReader(strings.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	out := zip.NewWriter(&b)
	for _, p := range z.File {
		r, err := p.Open()
		if err != nil {
			t.Fatal(err)
		}
		part, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if part = change(p.Name, part); part == nil {
			continue
		}
		w, err := out.Create(p.Name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(part); err != nil {
			t.Fatal(err)
		}
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// sheetXML makes a workbook whose only sheet is this XML.
func sheetXML(t testing.TB, xml string) string {
	return repack(t, book(t, oneSheet([]any{"x"}), nil), func(name string, part []byte) []byte {
		if strings.HasPrefix(name, "xl/worksheets/") {
			return []byte(`<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">` + xml + `</worksheet>`)
		}
		return part
	})
}

// text is a cell of XML with a text.
func text(place, s string) string {
	return fmt.Sprintf(`<c r="%s" t="inlineStr"><is><t>%s</t></is></c>`, place, s)
}

func notes(o *cmdb.Options) {
	o.Columns = cmdb.Columns{Name: "name"}
	o.Attributes = map[string]string{"note": "note"}
}

// attributes lists one attribute of all assets; "?" stands for one that is not known.
func (k *kept) attributes(name string) []string {
	var list []string
	for _, a := range k.assets {
		v, ok := a.Attributes.Get(name)
		switch {
		case !ok:
			list = append(list, "?")
		case v == inventory.Null:
			list = append(list, "")
		default:
			list = append(list, v.String())
		}
	}
	return list
}

func TestWorkbook(t *testing.T) {
	tests := []struct {
		name   string
		sheets map[string][][]any
		fill   func(*excelize.File)
		change func(*cmdb.Options)
		detail string
		names  []string
	}{
		{"plain", oneSheet([]any{"name", "serial"}, []any{"a", "SN-1"}, []any{"b", "SN-2"}), nil, nil, `xlsx, sheet "Servers", header in row 1`, []string{"a", "b"}},
		{
			"titles, a gap, a total", oneSheet(
				[]any{"Register of assets"}, []any{}, []any{"name", "serial", "status", "cost"},
				[]any{"a", "SN-1", "", 3}, []any{}, []any{"b", "SN-2", "", 4}, []any{"Total", nil, nil, 7}),
			func(f *excelize.File) { f.MergeCell("Servers", "A1", "D1") }, nil, `xlsx, sheet "Servers", header in row 3, last row a sum`,
			[]string{"a", "b"},
		},
		{
			"a title between the rows", oneSheet([]any{"name", "serial", "status"}, []any{"Berlin"}, []any{"a", "SN-1"}, []any{"Munich"}),
			func(f *excelize.File) { f.MergeCell("Servers", "A2", "C2") }, nil, `xlsx, sheet "Servers", header in row 1`,
			[]string{"a", "Munich"},
		},
		{"header_row", oneSheet([]any{"x", "y"}, []any{"name", "serial"}, []any{"a", "SN-1"}), nil, func(o *cmdb.Options) { o.HeaderRow = 2 }, `xlsx, sheet "Servers", header in row 2`, []string{"a"}},
		{
			"the only sheet that fits",
			map[string][][]any{"Legend": {{"Colour", "Meaning"}, {"red", "old"}}, "List": {{"name", "serial"}, {"a", "SN-1"}}, "Empty": nil},
			nil, nil, `xlsx, sheet "List", header in row 1`,
			[]string{"a"},
		},
		{
			"a hidden sheet is not taken",
			map[string][][]any{"Old": {{"name", "serial"}, {"z", "SN-9"}}, "List": {{"name", "serial"}, {"a", "SN-1"}}},
			func(f *excelize.File) { f.SetSheetVisible("Old", false) }, nil, `xlsx, sheet "List", header in row 1`,
			[]string{"a"},
		},
		{
			"unless it is named",
			map[string][][]any{"Old": {{"name", "serial"}, {"z", "SN-9"}}, "List": {{"name", "serial"}, {"a", "SN-1"}}},
			func(f *excelize.File) { f.SetSheetVisible("Old", false) }, func(o *cmdb.Options) { o.Sheet = "old" }, `xlsx, sheet "Old", header in row 1`,
			[]string{"z"},
		},
		{"by number", map[string][][]any{"Sheet1": {{"name"}, {"a"}}, "Sheet2": {{"name"}, {"b"}}}, nil, func(o *cmdb.Options) { o.Sheet = "2" }, `xlsx, sheet "Sheet2", header in row 1`, []string{"b"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out := mustCollect(t, book(t, tt.sheets, tt.fill), tt.change)
			if d := cmp.Diff(tt.names, out.names()); d != "" || len(out.problems) > 0 {
				t.Errorf("names (-want +have):\n%s\nproblems %+v", d, out.problems)
			}
			if out.facts.Detail != tt.detail {
				t.Errorf("detail is %q, want %q", out.facts.Detail, tt.detail)
			}
		})
	}
}

func TestWorkbooksThatCannotBeRead(t *testing.T) {
	plain := book(t, oneSheet([]any{"name", "serial"}, []any{"a", "SN-1"}), nil)
	two := map[string][][]any{"East": {{"name"}, {"a"}}, "West": {{"name"}, {"b"}}}
	encrypted := func() string {
		f := excelize.NewFile()
		defer f.Close()
		var b bytes.Buffer
		if err := f.Write(&b, excelize.Options{Password: "secret"}); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}()
	option := func(change func(*cmdb.Options)) func(*cmdb.Options) { return change }
	tests := []struct {
		name, content string
		change        func(*cmdb.Options)
		text          string
	}{
		{"several sheets", book(t, two, nil), nil, `several sheets may hold the assets, "East", "West": set sheet`},
		{"none that fits", book(t, map[string][][]any{"A": {{"colour", "size"}, {"red", "1"}}, "B": {{"x", "y"}, {"1", "2"}}}, nil), nil, "no sheet has a header that fits"},
		{"a sheet that is not there", plain, option(func(o *cmdb.Options) { o.Sheet = "Server" }), `no sheet "Server", did you mean "Servers"?; the sheets are "Servers"`},
		{"a sheet without rows", book(t, map[string][][]any{"Empty": nil}, nil), nil, `sheet "Empty": there is no header`},
		{"a column that is not there", plain, option(func(o *cmdb.Options) { o.Columns.Name = "Nmae" }), `there is no column "Nmae"`},
		{"encrypted", encrypted, nil, "protected by a password"},
		{"Excel 97", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 600), nil, "Excel 97 to 2003 (.xls)"},
		{"cut", plain[:len(plain)-40], nil, "cut or damaged"},
		{"another format is configured", plain, option(func(o *cmdb.Options) { o.Format = "csv" }), "format is csv, but the file is a workbook"},
		{"text, but xlsx is configured", "name\na\n", option(func(o *cmdb.Options) { o.Format = "xlsx" }), "the file is no workbook"},
		{"another archive", archive(t, "a.csv", "name\na\n"), nil, "a zip archive and no workbook"},
		{"OpenDocument", archive(t, "mimetype", "x", "content.xml", "<x/>"), nil, "OpenDocument"},
		{"binary", archive(t, "xl/workbook.bin", "x"), nil, ".xlsb"},
		{"XML that ends early", sheetXML(t, `<sheetData><row r="1">`+text("A1", "name")+`</row><row r="2">`+text("A2", "a")+`</row><row r="3">`), nil, "cut or damaged"},
		{"a text that is not there", sheetXML(t, `<sheetData><row r="1">`+text("A1", "name")+`</row><row r="2"><c r="A2" t="s"><v>99</v></c></row></sheetData>`), nil, `the cell A2 refers to text "99"`},
		{"rows in disorder", sheetXML(t, `<sheetData><row r="1">`+text("A1", "name")+`</row><row r="5">`+text("A5", "a")+`</row><row r="3">`+text("A3", "b")+`</row></sheetData>`), nil, "row 3 follows row 5"},
		{"a row beyond the last", sheetXML(t, `<sheetData><row r="1">`+text("A1", "name")+`</row><row r="1048577">`+text("A1048577", "a")+`</row></sheetData>`), nil, "row 1048577 follows"},
		{"a document type", sheetXML(t, `<sheetData><row r="1">`+text("A1", "name")+`</row></sheetData><!DOCTYPE x>`), nil, "(DTD)"},
		{"a bomb", repack(t, plain, func(name string, part []byte) []byte {
			if name == "xl/sharedStrings.xml" {
				return append(bytes.Repeat([]byte(" "), 80<<20), part...)
			}
			return part
		}), nil, "200 times its size: if it is no bomb"},
		{"one text in all columns of a row", repack(t, plain, func(name string, part []byte) []byte {
			switch {
			case name == "xl/sharedStrings.xml":
				return bytes.Replace(part, []byte("SN-1"), bytes.Repeat([]byte("x"), 200_000), 1)
			case strings.HasPrefix(name, "xl/worksheets/"):
				return bytes.Replace(part, []byte("</sheetData>"), []byte(`<row r="3">`+strings.Repeat(`<c t="s"><v>3</v></c>`, 16384)+"</row></sheetData>"), 1)
			}
			return part
		}), nil, "row 3: the texts of the row are longer than 16 MiB"},
		{"more columns than there are", sheetXML(t, `<sheetData><row r="1">`+strings.Repeat("<c/>", 16385)+`</row></sheetData>`), nil, "more than 16384 columns"},
		{"a long list of parts", repack(t, plain, func(name string, part []byte) []byte {
			if name == "xl/_rels/workbook.xml.rels" {
				return append(part, bytes.Repeat([]byte("<!-- x -->"), 200_000)...)
			}
			return part
		}), nil, "larger than 1 MiB"},
		{"a text that no cell can hold", repack(t, plain, func(name string, part []byte) []byte {
			return bytes.Replace(part, []byte("SN-1"), bytes.Repeat([]byte("x"), 500_000), 1)
		}), nil, "longer than the 32,767 characters"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("TMPDIR", t.TempDir())
			out, err := collect(t, tt.content, tt.change)
			var e *collectors.Error
			if !errors.As(err, &e) || !strings.Contains(err.Error(), tt.text) || len(out.assets) > 0 {
				t.Errorf("error is %v with assets %v, want %q", err, out.keys(), tt.text)
			}
			left, _ := os.ReadDir(os.Getenv("TMPDIR"))
			if len(left) > 0 {
				t.Errorf("%v is left", left)
			}
		})
	}
}

// archive packs files, each a name and a content.
func archive(t testing.TB, files ...string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		w, err := z.Create(files[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, files[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestCellsOfAWorkbook(t *testing.T) {
	date := time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC)
	shown := func(format string) func(*excelize.File) {
		return func(f *excelize.File) {
			id, err := f.NewStyle(&excelize.Style{CustomNumFmt: &format})
			if err != nil {
				t.Fatal(err)
			}
			f.SetCellStyle("Servers", "B2", "B2", id)
		}
	}
	tests := []struct {
		name string
		cell any
		fill func(*excelize.File)
		want string
	}{
		{"text with zeros", "00012", nil, "00012"},
		{"text like a number", "1E5", nil, "1E5"},
		{"number", 12345678901, nil, "12345678901"},
		{"number with cents", 1234.5, nil, "1234.5"},
		{"number with separators", 1234567.891, shown("#,##0.00 €"), "1234567.891"},
		{"percent", 0.25, shown("0%"), "0.25"},
		{"number with zeros in front", 42, shown("00000"), "00042"},
		{"date", date, nil, "2026-01-31"},
		{"date by a format of its own", 46053, shown(`dd/mm/yyyy`), "2026-01-31"},
		{"date in German", 46053, shown(`[$-407]d. mmmm yyyy`), "2026-01-31"},
		{"date and time", 46053.75, shown(`d.m.yy h:mm`), "2026-01-31 18:00:00"},
		{"time that rounds", 46053.999999999, shown(`yyyy-mm-dd hh:mm:ss`), "2026-02-01 00:00:00"},
		{"red number", 46053, shown(`[Red]0`), "46053"},
		{"quoted day", 12, shown(`0 "days"`), "12"},
		{"yes", true, nil, "TRUE"},
		{"no", false, nil, "FALSE"},
		{"error", "#REF!", nil, "?"},
		{"not there", "#N/A", nil, "?"},
		{"not ready", "Loading...", nil, "?"},
		{"empty", nil, nil, ""},
		{"formula that nobody worked out", nil, func(f *excelize.File) { f.SetCellFormula("Servers", "B2", "1+1") }, "?"},
		{"rich text", nil, func(f *excelize.File) {
			f.SetCellRichText("Servers", "B2", []excelize.RichTextRun{{Text: "a "}, {Text: "b", Font: &excelize.Font{Bold: true}}})
		}, "a b"},
		{"several lines", "10.0.0.1\n10.0.0.2", nil, "10.0.0.1\n10.0.0.2"},
		{"date of a Mac", 44591, func(f *excelize.File) {
			yes := true
			if err := f.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &yes}); err != nil {
				t.Fatal(err)
			}
			shown("yyyy-mm-dd")(f)
		}, "2026-01-31"},
		{"merged over two rows", "hall 1", func(f *excelize.File) {
			f.SetSheetRow("Servers", "A3", &[]any{"b"})
			f.MergeCell("Servers", "B2", "B3")
		}, "hall 1|?"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out := mustCollect(t, book(t, oneSheet([]any{"name", "note"}, []any{"a", tt.cell}), tt.fill), notes)
			if have := strings.Join(out.attributes("note"), "|"); have != tt.want || len(out.problems) > 0 {
				t.Errorf("the note is %q, want %q; problems %+v", have, tt.want, out.problems)
			}
		})
	}
}

// TestNumbersAsOthersWriteThem: Java writes a serial number with an exponent.
func TestNumbersAsOthersWriteThem(t *testing.T) {
	const rows = `<sheetData><row r="1">%s%s</row><row r="2">%s<c r="B2"><v>1.2345678901E10</v></c></row>` +
		`<row r="3">%s<c r="B3" t="str"><f>""</f><v></v></c></row><row r="4">%s<c r="B4" t="e"><v>#DIV/0!</v></c></row>` +
		`<row r="5">%s<c r="B5"><v>1.2345678901234567E+19</v></c></row></sheetData>`
	content := sheetXML(t, fmt.Sprintf(rows, text("A1", "name"), text("B1", "note"), text("A2", "a"), text("A3", "b"), text("A4", "c"), text("A5", "d")))
	if d := cmp.Diff([]string{"12345678901", "", "?", "1.23456789012346E+19"}, mustCollect(t, content, notes).attributes("note")); d != "" {
		t.Errorf("notes (-want +have):\n%s", d)
	}
}

func TestRowsOfAWorkbookThatAreSkipped(t *testing.T) {
	tests := []struct {
		name string
		row  []any
		fill func(*excelize.File)
		want inventory.Problem
	}{
		{"beyond the header", []any{"x", "1", nil, "more"}, nil, inventory.Problem{
			Message: `sheet "Servers", row 3: column D holds something, the header ends in column B`, Remedy: "give the column a header, or empty the cell",
		}},
		{"no key", []any{nil, "1"}, nil, inventory.Problem{
			Message: `sheet "Servers", row 3: the row has nothing that could be its key`, Remedy: "fill one of the columns key, UUID, serial, asset tag, FQDN or name",
		}},
		{"a key that is an error", []any{"#VALUE!", "1"}, nil, inventory.Problem{
			Message: `sheet "Servers", row 3: the name, which would be the row's key or come before it, is "#VALUE!"`,
			Remedy:  "mend the formula in the spreadsheet, and export it when everything is worked out",
		}},
		{"a key that nobody worked out", []any{nil, "1"}, func(f *excelize.File) { f.SetCellFormula("Servers", "A3", "B3&1") }, inventory.Problem{
			Message: `sheet "Servers", row 3: the name, which would be the row's key or come before it, is "#CALC!"`,
			Remedy:  "mend the formula in the spreadsheet, and export it when everything is worked out",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out := mustCollect(t, book(t, oneSheet([]any{"name", "note"}, []any{"a"}, tt.row, []any{"b"}), tt.fill), notes)
			tt.want.File, tt.want.Line = "x.csv", 3
			if d := cmp.Diff([]inventory.Problem{tt.want}, out.problems); d != "" {
				t.Errorf("problems (-want +have):\n%s", d)
			}
			if d := cmp.Diff([]string{"a", "b"}, out.keys()); d != "" {
				t.Errorf("keys (-want +have):\n%s", d)
			}
		})
	}
}

// TestAStrayCellIsTold is about one in the last column of the last row, for which nothing is kept of what is before it.
func TestAStrayCellIsTold(t *testing.T) {
	const rows = `<sheetData><row r="1">%s</row><row r="2">%s</row><row r="1048576">%s</row></sheetData>`
	for cell, problems := range map[string]int{"x": 1, " ": 0} {
		content := sheetXML(t, fmt.Sprintf(rows, text("A1", "name"), text("A2", "a"), text("XFD1048576", cell)))
		out := mustCollect(t, content, nil)
		if len(out.assets) != 1 || len(out.problems) != problems {
			t.Fatalf("assets %v, problems %+v", out.keys(), out.problems)
		}
		if problems > 0 && (out.problems[0].Line != 1048576 || !strings.Contains(out.problems[0].Message, "column XFD")) {
			t.Errorf("problems are %+v", out.problems)
		}
	}
}

// TestAnOversizedDimensionIsIgnored: a sheet may say that it is as large as a sheet can be.
func TestAnOversizedDimensionIsIgnored(t *testing.T) {
	out := mustCollect(t, sheetXML(t, `<dimension ref="A1:XFD1048576"/><sheetData><row r="1">`+text("A1", "name")+`</row><row r="2">`+text("A2", "a")+`</row></sheetData>`), nil)
	if d := cmp.Diff([]string{"a"}, out.keys()); d != "" {
		t.Errorf("keys (-want +have):\n%s", d)
	}
}

func TestWorkbooksInArchives(t *testing.T) {
	dir := t.TempDir()
	plain := book(t, oneSheet([]any{"name"}, []any{"a"}), nil)
	for name, content := range map[string]string{"servers.xlsx": plain, "two.zip": archive(t, "in.xlsx", plain, "in.json", `[{"name":"b"}]`), "z.json.gz": gzipped(t, `[{"name":"c"}]`)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	o := cmdb.Spec().NewOptions().(*cmdb.Options)
	o.Paths = []string{"."}
	c, err := cmdb.Spec().New(collectors.Env{Dir: dir, Now: clock}, inventory.Source{Book: inventory.Recorded}, o)
	if err != nil {
		t.Fatal(err)
	}
	scopes, err := c.Scopes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	have := map[string]string{}
	for _, s := range scopes {
		out := &kept{}
		if err := c.Collect(t.Context(), s, out); err != nil {
			t.Error(err)
		}
		have[s.ID] = strings.Join(out.keys(), ",") + " " + out.facts.Detail
	}
	want := map[string]string{
		"servers.xlsx": `a xlsx, sheet "Servers", header in row 1`, "two.zip!in.xlsx": `a zip, xlsx, sheet "Servers", header in row 1`,
		"two.zip!in.json": "b zip, json", "z.json.gz": "c gzip, json",
	}
	if d := cmp.Diff(want, have); d != "" {
		t.Errorf("scopes (-want +have):\n%s", d)
	}
}

// TestACutWorkbookIsNeverWhole: wherever a workbook ends early, nothing is read of it.
func TestACutWorkbookIsNeverWhole(t *testing.T) {
	whole := book(t, oneSheet([]any{"name", "serial"}, []any{"a", "SN-1"}, []any{"b", "SN-2"}), nil)
	for n := 1; n < len(whole); n += 97 {
		if out, err := collect(t, whole[:n], nil); err == nil || len(out.assets) > 0 {
			t.Errorf("cut after %d of %d bytes: assets %v, error %v", n, len(whole), out.keys(), err)
		}
	}
}
