package cmdb_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/collectors"
)

// sharedTexts are texts as Excel shares them: plain, in runs with how they are pronounced, empty, and one with a line end of Windows.
const sharedTexts = `<si><t>shared</t></si>` +
	`<si><r><rPr><b/><t/></rPr><t xml:space="preserve">a </t></r><r><t>b</t></r><rPh sb="0" eb="1"><t>no</t></rPh><phoneticPr fontId="1"/></si>` +
	`<si/><si><t>a_x000D_` + "\n" + `b _x005F_x000D_</t></si>`

// partsXML makes a workbook whose only sheet and shared texts are this XML.
func partsXML(t testing.TB, sheet, texts string) string {
	return repack(t, book(t, oneSheet([]any{"x"}), nil), func(name string, part []byte) []byte {
		switch {
		case strings.HasPrefix(name, "xl/worksheets/"):
			return []byte(sheet)
		case name == "xl/sharedStrings.xml":
			return []byte(`<?xml version="1.0"?><sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">` + texts + `</sst>`)
		}
		return part
	})
}

// withNote is a sheet whose second row has a name and this XML.
func withNote(xml string) string {
	return `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">` + text("A1", "name") + text("B1", "note") +
		`</row><row r="2">` + text("A2", "a") + xml + `</row></sheetData></worksheet>`
}

func TestCellsAsOthersWriteThem(t *testing.T) {
	tests := []struct{ name, xml, want string }{
		{"shared", `<c r="B2" t="s"><v>0</v></c>`, "shared"},
		{"shared, in runs, with space around the number", "<c r=\"B2\" t=\"s\">\n<v> 1\n</v></c>", "a b"},
		{"shared and empty", `<c r="B2" t="s"><v>2</v></c>`, ""},
		{"shared, none", `<c r="B2" t="s"/>`, ""},
		{"shared, escaped", `<c r="B2" t="s"><v>3</v></c>`, "a\r\nb _x000D_"},
		{"in the cell, in runs", `<c r="B2" t="inlineStr"><is><r><t>a</t></r><r><rPr/><t> b</t></r><rPh sb="0" eb="1"><t>no</t></rPh></is></c>`, "a b"},
		{"in the cell, as a value", `<c r="B2" t="inlineStr"><v>x</v></c>`, "x"},
		{"in pieces", `<c r="B2" t="str"><v>a<![CDATA[<b>]]>&amp;<!-- no -->&#228;</v></c>`, "a<b>&ä"},
		{"without a place", `<c><v>7</v></c>`, "7"},
		{"with a prefix", `<c r="B2" t="n"><v>7</v></c>`, "7"},
		{"in small letters", `<c r="b2"><v>7</v></c>`, "7"},
		{"with what was added later", `<c r="B2"><v>7</v><extLst><ext uri="x"><y:v xmlns:y="u">8</y:v></ext></extLst></c>`, "7"},
		{"yes", `<c r="B2" t="b"><v>1</v></c>`, "TRUE"},
		{"yes in words", `<c r="B2" t="b"><v>true</v></c>`, "TRUE"},
		{"no", `<c r="B2" t="b"><v>0</v></c>`, "FALSE"},
		{"an error", `<c r="B2" t="e"><v>#REF!</v></c>`, "?"},
		{"an error that is new", `<c r="B2" t="e"><v>#NEW!</v></c>`, "?"},
		{"a date", `<c r="B2" t="d"><v>2026-01-31</v></c>`, "2026-01-31"},
		{"a date and time", `<c r="B2" t="d"><v>2026-01-31T10:00:00Z</v></c>`, "2026-01-31 10:00:00"},
		{"a result", `<c r="B2"><f t="shared" ref="B2:B9" si="0">1+1</f><v>2</v></c>`, "2"},
		{"a result that is empty", `<c r="B2" t="str"><f>""</f><v></v></c>`, ""},
		{"no result", `<c r="B2"><f t="shared" si="0"/></c>`, "?"},
		{"no result but an empty value", `<c r="B2"><f>1+1</f><v/></c>`, "?"},
		{"a long number", `<c r="B2"><v>1234567890123456789</v></c>`, "1234567890123456789"},
		{"more digits than there are", `<c r="B2"><v>0.30000000000000004</v></c>`, "0.3"},
		{"no number", `<c r="B2"><v>0x10</v></c>`, "0x10"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out := mustCollect(t, partsXML(t, withNote(tt.xml), sharedTexts), notes)
			if have := strings.Join(out.attributes("note"), "|"); have != tt.want || len(out.problems) > 0 {
				t.Errorf("the note is %q, want %q; problems %+v", have, tt.want, out.problems)
			}
		})
	}
}

func TestSheetsAsOthersWriteThem(t *testing.T) {
	const strict = `<worksheet xmlns="http://purl.oclc.org/ooxml/spreadsheetml/main">%s</worksheet>`
	tests := []struct{ name, sheet string }{
		{"no places", `<worksheet xmlns="u"><sheetData><row><c t="inlineStr"><is><t>name</t></is></c></row><row/><row><c t="inlineStr"><is><t>a</t></is></c></row></sheetData></worksheet>`},
		{"strict", fmt.Sprintf(strict, `<sheetData><row r="1">`+text("A1", "name")+`</row><row r="3">`+text("A3", "a")+`</row></sheetData>`)},
		{
			"with prefixes", `<x:worksheet xmlns:x="u" xmlns:y="v" y:z="1"><x:sheetPr/><x:sheetData><x:row r="1" y:r="9"><x:c y:t="e" r="A1" t="inlineStr"><x:is><x:t>name</x:t></x:is></x:c></x:row>` +
				`<x:row r="3"><x:c r="A3" t="inlineStr"><x:is><x:t>a</x:t></x:is></x:c></x:row></x:sheetData><x:extLst><x:ext><sheetData/></x:ext></x:extLst></x:worksheet>`,
		},
		{"columns in disorder", fmt.Sprintf(strict, `<sheetData><row r="1">`+text("A1", "name")+`</row><row r="3"><c r="C3"/><c r="B3"/>`+text("A3", "a")+`</row></sheetData>`)},
		{
			"with everything around", fmt.Sprintf(strict, "\n<sheetPr/><dimension ref=\"A1\"/><cols><col min=\"1\" max=\"2\"/></cols>\n<sheetData>\n<row r=\"1\">\n"+text("A1", "name")+
				"\n</row><row r=\"3\" spans=\"1:1\" hidden='1'>"+text("A3", "a")+"<extLst/></row></sheetData><mergeCells/><pageMargins left=\"1\"/>"),
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out := mustCollect(t, partsXML(t, tt.sheet, ""), nil)
			if d := cmp.Diff([]string{"a"}, out.keys()); d != "" || len(out.problems) > 0 || out.assets[0].Origin.Line != 3 {
				t.Errorf("keys (-want +have):\n%s\nproblems %+v, line %d", d, out.problems, out.assets[0].Origin.Line)
			}
		})
	}
}

// TestWhatASheetShouldNotHoldIsNotOverlooked: what is not known might be cells.
func TestWhatASheetShouldNotHoldIsNotOverlooked(t *testing.T) {
	const open, shut = `<worksheet xmlns="u">`, `</worksheet>`
	first := `<row r="1">` + text("A1", "name") + `</row>`
	tests := []struct{ name, sheet, texts, want string }{
		{"two cells in one place", withNote(`<c r="B2"><v>1</v></c><c r="C2"/><c r="B2"><v>2</v></c>`), "", "row 2: the sheet has two cells in column B"},
		{"a type that is not known", withNote(`<c r="B2" t="x"><v>1</v></c>`), "", `the cell B2 is of a type "x"`},
		{"a style that is none", withNote(`<c r="B2" s="x"><v>1</v></c>`), "", `the cell B2 has a style "x"`},
		{"two values", withNote(`<c r="B2"><v>1</v><v>2</v></c>`), "", `row 2: an element "v" stands where it has no meaning`},
		{"a text in a number", withNote(`<c r="B2"><is><t>1</t></is></c>`), "", `an element "is" stands`},
		{"an element in a row", withNote(`<d r="B2"/>`), "", `an element "d" stands`},
		{"a cell of another namespace", withNote(`<y:c r="B2"><v>1</v></y:c>`), "", `an element "y:c" stands`},
		{"a value of another namespace", withNote(`<c r="B2"><v xmlns="v">1</v></c>`), "", `an element "v" stands`},
		{"an element in a text", withNote(`<c r="B2" t="str"><v>1<w/></v></c>`), "", `an element "w" stands`},
		{"an element beside a text", withNote(`<c r="B2" t="inlineStr"><is><w/></is></c>`), "", `an element "w" stands`},
		{"text in a cell", withNote(`<c r="B2">1</c>`), "", `a text "1" stands`},
		{"a cell of another row", withNote(`<c r="B3"/>`), "", `row 2: a cell of another place, "B3"`},
		{"a place that is none", withNote(`<c r="2"/>`), "", `row 2: a cell of another place, "2"`},
		{"a column beyond the last", withNote(`<c r="XFE2"/>`), "", "row 2: the sheet has more than 16384 columns"},
		{"a text that is none", withNote(`<c r="B2" t="s"><v>x</v></c>`), sharedTexts, `the cell B2 refers to text "x", and there are 4`},
		{"a text below the first", withNote(`<c r="B2" t="s"><v>-1</v></c>`), sharedTexts, `the cell B2 refers to text "-1"`},
		{"an entity", withNote(`<c r="B2" t="str"><v>&x;</v></c>`), "", `row 2: the XML has a reference "&x;" that is not known: the file is cut or damaged`},
		{"a row without a number", open + `<sheetData>` + first + `<row r="x"/></sheetData>` + shut, "", `a row with the number "x" follows`},
		{"an element between the rows", open + `<sheetData>` + first + `<y:row/></sheetData>` + shut, "", `row 1: an element "y:row" stands`},
		{"two sheets in one", open + `<sheetData>` + first + `</sheetData><sheetData/>` + shut, "", `an element "sheetData" stands`},
		{"a sheet of another namespace", open + `<y:sheetData>` + first + `</y:sheetData>` + shut, "", `an element "y:sheetData" stands`},
		{"no sheet", open + shut, "", "the sheet has no sheetData"},
		{"another root", `<chartsheet/>`, "", `the root of the XML is "chartsheet"`},
		{"merged cells that are none", open + `<sheetData>` + first + `</sheetData><mergeCells><mergeCell ref="B2:A1"/></mergeCells>` + shut, "", `"B2:A1" are no cells that can be merged`},
		{"texts that are cut", withNote(""), `<si><t>a</t></si><si>`, `text 2: `},
		{"an element between the texts", withNote(""), `<si/><x/>`, `an element "x" stands`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out, err := collect(t, partsXML(t, tt.sheet, tt.texts), nil)
			if e := (*collectors.Error)(nil); !errors.As(err, &e) || !strings.Contains(err.Error(), tt.want) || len(out.assets) > 0 {
				t.Errorf("error is %v with assets %v, want %q", err, out.keys(), tt.want)
			}
		})
	}
}

// TestRowsOfFormulasAreNotBlank: a row of which nobody worked out anything is there, whatever it says.
func TestRowsOfFormulasAreNotBlank(t *testing.T) {
	sheet := strings.Replace(withNote(""), "</sheetData>", `<row r="3"><c r="A3"><f>1</f></c><c r="B3"><f>2</f></c></row><row r="4"><c r="C4"><f>3</f></c></row></sheetData>`, 1)
	out := mustCollect(t, partsXML(t, sheet, ""), notes)
	if len(out.problems) != 1 || out.problems[0].Line != 3 || !strings.Contains(out.problems[0].Message, `is "#CALC!"`) {
		t.Errorf("problems are %+v", out.problems)
	}
	if d := cmp.Diff([]string{"a"}, out.keys()); d != "" {
		t.Errorf("keys (-want +have):\n%s", d)
	}
}

// TestMergedRows: titles between the rows are left out, whatever else is wrong with them, and of cells that are merged only the first
// says what it holds.
func TestMergedRows(t *testing.T) {
	rows := `<row r="3">` + text("A3", "b") + text("B3", "hall 1") + text("C3", "x") + `</row><row r="4">` + text("A4", "c") + text("B4", "hall 2") + `</row>` +
		`<row r="5">` + text("A5", "Berlin") + `</row><row r="6">` + text("C6", "Munich") + `</row><row r="7">` + text("A7", "d") + text("B7", "hall 3") + `</row>` +
		`<row r="8">` + text("A8", "e") + `<c r="B8"><f>1</f></c></row><row r="9">` + text("A9", "f") + `<c r="B9"><v>5</v></c></row>`
	sheet := strings.Replace(withNote(text("B2", "hall 0")), "</sheetData>", rows+`</sheetData><mergeCells><mergeCell ref="A1"/><mergeCell ref="B3:B4"/><mergeCell ref="A5:B5"/>`+
		`<mergeCell ref="C6:D6"/><mergeCell ref="B7:B8"/><mergeCell ref="XFC9:XFD1048576"/></mergeCells>`, 1)
	sheet = strings.Replace(sheet, text("C3", "x"), "", 1)
	out := mustCollect(t, partsXML(t, sheet, ""), notes)
	if d := cmp.Diff([]string{"hall 0", "hall 1", "?", "hall 3", "?", "5"}, out.attributes("note")); d != "" || len(out.problems) > 0 {
		t.Errorf("notes (-want +have):\n%s\nproblems %+v", d, out.problems)
	}
}
