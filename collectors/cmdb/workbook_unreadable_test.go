package cmdb_test

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/cmdb"
)

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
