package cmdb_test

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"pgregory.net/rapid"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/cmdb"
	"github.com/muster-audit/muster/inventory"
)

// writing is a way to write a table.
type writing struct {
	format    string // "csv" or another; most of what follows is of CSV alone
	charset   string
	codec     encoding.Encoding // nil is UTF-8
	mark      bool
	delimiter string
	lineEnd   string
	titles    []string
	order     []int // of the columns
	trailing  int   // delimiters behind every row
	quoted    bool  // every cell
	footer    bool
	sep       bool
}

func drawWriting(t *rapid.T, columns int) writing {
	codecs := map[string]encoding.Encoding{
		"utf-8": nil, "windows-1252": charmap.Windows1252, "macroman": charmap.Macintosh,
		"utf-16le": unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), "utf-16be": unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM),
	}
	w := writing{format: rapid.SampledFrom([]string{"csv", "csv", "csv", "xlsx", "json", "ndjson", "xml"}).Draw(t, "format")}
	w.charset = rapid.SampledFrom([]string{"utf-8", "windows-1252", "macroman", "utf-16le", "utf-16be"}).Draw(t, "charset")
	w.codec = codecs[w.charset]
	w.mark = strings.HasPrefix(w.charset, "utf") && rapid.Bool().Draw(t, "mark")
	w.delimiter = rapid.SampledFrom([]string{",", ";", "\t", "|"}).Draw(t, "delimiter")
	w.lineEnd = rapid.SampledFrom([]string{"\n", "\r\n", "\r"}).Draw(t, "line end")
	w.titles = rapid.SliceOfN(rapid.SampledFrom([]string{"", "Register of assets", "2026-01-31", "Seite 1, von 1; alle", "Device"}), 0, 5).Draw(t, "titles")
	order := make([]int, columns)
	for i := range order {
		order[i] = i
	}
	w.order = rapid.Permutation(order).Draw(t, "order")
	w.trailing = rapid.IntRange(0, 2).Draw(t, "trailing")
	w.quoted = rapid.Bool().Draw(t, "quoted")
	w.footer = rapid.Bool().Draw(t, "footer")
	w.sep = rapid.Bool().Draw(t, "sep")
	return w
}

// write returns the file of a table whose first row is its header.
func (w writing) write(t *rapid.T, table [][]string) string {
	if w.format != "csv" {
		return w.writeOther(t, table)
	}
	var b strings.Builder
	if w.mark {
		b.WriteString("\ufeff")
	}
	if w.sep {
		b.WriteString("sep=" + w.delimiter + w.lineEnd)
	}
	for _, title := range w.titles {
		w.row(&b, []string{title})
	}
	for _, row := range table {
		cells := make([]string, len(row))
		for i, c := range w.order {
			cells[i] = row[c]
		}
		w.row(&b, cells)
	}
	if w.footer {
		w.row(&b, []string{"Total: " + fmt.Sprint(len(table)-1)})
	}
	if w.codec == nil {
		return b.String()
	}
	s, err := w.codec.NewEncoder().String(b.String())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (w writing) row(b *strings.Builder, cells []string) {
	for i, c := range cells {
		if i > 0 {
			b.WriteString(w.delimiter)
		}
		if w.quoted || strings.ContainsAny(c, "\"\r\n"+w.delimiter) {
			c = `"` + strings.ReplaceAll(c, `"`, `""`) + `"`
		}
		b.WriteString(c)
	}
	b.WriteString(strings.Repeat(w.delimiter, w.trailing) + w.lineEnd)
}

// writeOther writes a table as a workbook, JSON or XML.
func (w writing) writeOther(t *rapid.T, table [][]string) string {
	switch w.format {
	case "xlsx":
		return w.writeWorkbook(t, table)
	case "xml":
		return w.writeXML(table)
	}
	var records []string
	for _, row := range table[1:] {
		var members []string
		for _, c := range w.order {
			name, _ := json.Marshal(table[0][c])
			value, _ := json.Marshal(row[c])
			if row[c] == "" && w.quoted {
				value = []byte("null")
			}
			members = append(members, string(name)+":"+string(value))
		}
		records = append(records, "{"+strings.Join(members, ",")+"}")
	}
	if w.format == "ndjson" {
		return strings.Join(records, "\n") + "\n"
	}
	list := "[" + strings.Join(records, ",\n") + "]"
	if w.sep {
		return fmt.Sprintf(`{"count":%d,"result":%s}`, len(records), list)
	}
	return list
}

func (w writing) writeXML(table [][]string) string {
	var b strings.Builder
	b.WriteString("<register>")
	for _, row := range table[1:] {
		b.WriteString("<asset>")
		for _, c := range w.order {
			b.WriteString("<" + table[0][c] + ">")
			xml.EscapeText(&b, []byte(row[c]))
			b.WriteString("</" + table[0][c] + ">")
		}
		b.WriteString("</asset>")
	}
	return b.String() + "</register>"
}

func (w writing) writeWorkbook(t *rapid.T, table [][]string) string {
	f := excelize.NewFile()
	defer f.Close()
	line := 0
	row := func(cells []string) {
		line++
		if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", line), &cells); err != nil {
			t.Fatal(err)
		}
	}
	for _, title := range w.titles {
		row([]string{title})
	}
	for _, r := range table {
		cells := make([]string, len(r))
		for i, c := range w.order {
			cells[i] = r[c]
		}
		row(cells)
	}
	if w.footer {
		row([]string{"Total: " + fmt.Sprint(len(table)-1)})
	}
	var b strings.Builder
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// drawTable draws a table with accents in it, of which MacRoman and Windows-1252 can write all and confuse none.
func drawTable(t *rapid.T) [][]string {
	words := []string{"München", "Orléans", "Málaga", "Würzburg", "hall 1", "a \"b\"", "1, 2; 3|4\t5", "two\nlines", "", "N/A"}
	table := [][]string{{"Name", "Serial", "Status", "Ort", "Notiz"}}
	for i := range rapid.IntRange(1, 12).Draw(t, "rows") {
		table = append(table, []string{
			fmt.Sprintf("host-%d", rapid.IntRange(0, 20).Draw(t, "name")), fmt.Sprintf("SN%04dAB", i),
			rapid.SampledFrom([]string{"In Use", "Retired", ""}).Draw(t, "status"),
			rapid.SampledFrom(words).Draw(t, "place"), rapid.SampledFrom(words).Draw(t, "note"),
		})
	}
	table[1][3] = "Orléans und München"
	return table
}

// TestHowATableIsWrittenChangesNothing writes one table in two ways and reads the same assets.
func TestHowATableIsWrittenChangesNothing(t *testing.T) {
	dir := t.TempDir()
	o := cmdb.Spec().NewOptions().(*cmdb.Options)
	o.Columns = cmdb.Columns{Name: "Name", Serial: "Serial", Status: "Status"}
	o.Attributes = map[string]string{"place": "Ort", "note": "Notiz"}
	c, err := cmdb.Spec().New(collectors.Env{Dir: dir, Now: clock}, inventory.Source{Name: "dc", Book: inventory.Recorded}, o)
	if err != nil {
		t.Fatal(err)
	}
	read := func(t *rapid.T, content string) *kept {
		if err := os.WriteFile(filepath.Join(dir, "x.csv"), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		out := &kept{}
		if err := c.Collect(t.Context(), inventory.Scope{ID: "x.csv"}, out); err != nil {
			t.Fatalf("%v in %q", err, content)
		}
		for i := range out.assets {
			out.assets[i].Origin.Line = 0
		}
		return out
	}
	plain := writing{format: "csv", charset: "utf-8", delimiter: ",", lineEnd: "\n", order: []int{0, 1, 2, 3, 4}}
	rapid.Check(t, func(t *rapid.T) {
		table := drawTable(t)
		w := drawWriting(t, len(table[0]))
		want, have := read(t, plain.write(t, table)), read(t, w.write(t, table))
		if d := cmp.Diff(want.assets, have.assets); d != "" || len(have.problems) > 0 {
			t.Fatalf("assets (-plain +as written):\n%s\nproblems %+v", d, have.problems)
		}
		how := w.format
		switch {
		case w.format == "csv":
			how = w.charset
		case w.format == "ndjson" && len(table) == 2:
			how = "json" // of one line nobody can tell
		}
		if detail, _, _ := strings.Cut(have.facts.Detail, ","); detail != how {
			t.Fatalf("%s is taken for %s", how, have.facts.Detail)
		}
	})
}
