package cmdb

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"
)

// scanned writes down what a sheet of XML holds, and checks what every row must be like.
func scanned(t *testing.T, sheet, texts []byte, slowly func(io.Reader) io.Reader) (string, error) {
	w := &workbook{}
	defer w.texts.Close()
	if err := w.texts.read(slowly(bytes.NewReader(texts))); err != nil {
		return "", err
	}
	w.formats.styles = []cellFormat{{}, {shown: shownDateTime}, {shown: shownPadded, digits: 7}}
	var b strings.Builder
	row := 0
	merges, err := w.scanSheet(slowly(bytes.NewReader(sheet)), func(r *sheetRow) error {
		if r.number <= row || len(r.cells) == 0 {
			t.Fatalf("row %d follows row %d and has %d cells", r.number, row, len(r.cells))
		}
		row = r.number
		column := 0
		for _, c := range r.cells {
			text := r.text[c.from:c.to]
			if c.column <= column || c.pending && len(text) > 0 || !utf8.Valid(text) {
				t.Fatalf("row %d: cell %+v with %q follows column %d", row, c, text, column)
			}
			column = c.column
			fmt.Fprintf(&b, "%d,%d: %q %v\n", row, column, text, c.pending)
		}
		return nil
	})
	for _, m := range merges {
		if m.from.row < 1 || m.from.column < 1 || m.to.row < m.from.row || m.to.column < m.from.column {
			t.Fatalf("merged are %+v", m)
		}
	}
	return fmt.Sprint(b.String(), merges), err
}

// FuzzSheetScan reads anything as a sheet and its texts. How much is read at once changes nothing.
func FuzzSheetScan(f *testing.F) {
	f.Add([]byte(`<worksheet xmlns="u"><cols/><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c t="s" s="2"><v>1</v></c></row><row><c s="1"><v>46053.5</v></c><c r="C2" t="b"><f>A1</f><v>1</v></c>`+
		`<c r="B2" t="inlineStr"><is><r><t>a</t></r><r><t xml:space="preserve"> b</t></r></is></c></row><row r="9"><c t="e"><v>#REF!</v></c><c><f/></c></row></sheetData><mergeCells><mergeCell ref="A2:B3"/></mergeCells></worksheet>`),
		[]byte(`<sst><si><t>serial</t></si><si><r><t>a_x000D_</t></r><rPh><t>b</t></rPh></si></sst>`))
	f.Add([]byte(`<x:worksheet xmlns:x="u"><x:sheetData><x:row><x:c t="str"><x:v>a&amp;<![CDATA[b]]></x:v></x:c><x:c s="2"><x:v>-4.2E1</x:v></x:c><x:c t="d" s="1"><x:v>2026-01-31T10:00:00Z</x:v></x:c></x:row></x:sheetData></x:worksheet>`),
		[]byte(`<sst/>`))
	f.Fuzz(func(t *testing.T, sheet, texts []byte) {
		have, err := scanned(t, sheet, texts, func(r io.Reader) io.Reader { return r })
		again, errAgain := scanned(t, sheet, texts, iotest.OneByteReader)
		if (err == nil) != (errAgain == nil) || err == nil && have != again {
			t.Fatalf("whole: %s, %v\nby byte: %s, %v", have, err, again, errAgain)
		}
	})
}
