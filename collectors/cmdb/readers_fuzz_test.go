package cmdb_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/muster-audit/muster/collectors/cmdb"
	"github.com/muster-audit/muster/inventory"
)

// sameTwice reads a file twice, whatever it holds: both times the same comes out, no key twice, and every asset can be written.
func sameTwice(t *testing.T, content, format string) {
	t.Helper()
	t.Setenv("TMPDIR", t.TempDir())
	change := func(o *cmdb.Options) { o.Format = format }
	first, err := collect(t, content, change)
	again, errAgain := collect(t, content, change)
	if (err == nil) != (errAgain == nil) || !slices.Equal(first.keys(), again.keys()) || len(first.problems) != len(again.problems) {
		t.Fatalf("first %v, %v; second %v, %v", first.keys(), err, again.keys(), errAgain)
	}
	if err != nil && err.Error() == "" {
		t.Fatal("an error says nothing")
	}
	keys := slices.Sorted(slices.Values(first.keys()))
	if len(slices.Compact(keys)) != len(first.assets) {
		t.Fatalf("keys are not unique: %q", first.keys())
	}
	for _, a := range first.assets {
		if _, err := inventory.DecodeAsset(inventory.EncodeAsset(&a)); err != nil {
			t.Fatalf("asset %+v cannot be written: %v", a, err)
		}
	}
}

func FuzzJSON(f *testing.F) {
	for _, seed := range []string{
		`[{"name":"a","tags":[{"name":"x"},{"key":"k","value":"v"}],"site":{"name":null}},{"name":"a","site":""}]`,
		`{"count":2,"next":"x","results":[{"name":{"value":"1","display_value":"a"},"serial":1e10}]}`,
		`{"data":{"Data":[{"name":"a"}]},"result":{"name":"b"}}`, "{\"name\":\"a\"}\n{\"name\":\n7\n", `{"a":[{"name":"x"}],"b":[[{}],{}]}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, content string) { sameTwice(t, content, "json") })
}

func FuzzLines(f *testing.F) {
	f.Add("{\"name\":\"a\",\"x\":{\"y\":[1,{\"z\":2}]}}\n{\"name\":\"b\"")
	f.Add("{\"name\":\"\\u0000\"}\r\n\r\n{\"name\":\"a\"}{\"name\":\"b\"}")
	f.Fuzz(func(t *testing.T, content string) { sameTwice(t, content, "ndjson") })
}

func FuzzXML(f *testing.F) {
	for _, seed := range []string{
		unload, `<r><host name="a"><ip>1</ip><ip>2</ip><os><v xsi:nil="true"/></os></host><host>x</host></r>`,
		`<?xml version="1.0" encoding="windows-1252"?><a><b><name>` + "\xe4" + `</name></b><c><name>b</name></c></a>`, `<!DOCTYPE x><x/>`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, content string) { sameTwice(t, content, "xml") })
}

// FuzzSheet puts any XML into a workbook as its sheet, and any as its texts, since bytes that are no zip archive get nowhere.
func FuzzSheet(f *testing.F) {
	f.Add(`<sheetData><row r="1">`+text("A1", "name")+`<c r="B1" t="s"><v>0</v></c></row><row><c t="b"><v>1</v></c><c s="1"><f>A1</f></c></row></sheetData>`+
		`<mergeCells><mergeCell ref="A2:B3"/></mergeCells>`, `<si><t>serial</t></si><si><r><t>a</t></r></si>`)
	f.Add(`<sheetData><row r="3"><c r="C3" t="e"><v>#REF!</v></c></row><row r="2"/></sheetData>`, `<si/>`)
	plain := book(f, oneSheet([]any{"x", 1.5}), nil)
	f.Fuzz(func(t *testing.T, sheet, texts string) {
		const open, spread = `<?xml version="1.0"?>`, ` xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">`
		sameTwice(t, repack(t, plain, func(name string, part []byte) []byte {
			switch {
			case strings.HasPrefix(name, "xl/worksheets/"):
				return []byte(open + "<worksheet" + spread + sheet + "</worksheet>")
			case name == "xl/sharedStrings.xml":
				return []byte(open + "<sst" + spread + texts + "</sst>")
			}
			return part
		}), "xlsx")
	})
}

// FuzzWorkbook reads any bytes as a workbook.
func FuzzWorkbook(f *testing.F) {
	f.Add(book(f, oneSheet([]any{"name", "serial"}, []any{"a", 1}), nil))
	f.Add(archive(f, "xl/workbook.xml", "<workbook/>", "xl/_rels/workbook.xml.rels", "<Relationships/>"))
	f.Fuzz(func(t *testing.T, content string) { sameTwice(t, content, "xlsx") })
}
