package cmdb_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/muster-audit/muster/inventory"
)

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
