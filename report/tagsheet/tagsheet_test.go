package tagsheet

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/report/sheet"
)

var keys = []string{"owner", "env"}

// sample is a sheet of three assets, one of them with names that would be formulas.
func sample(t testing.TB) string {
	var b bytes.Buffer
	w, err := NewWriter(&b, keys, false)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []struct {
		a     Asset
		cells []Cell
	}{
		{Asset{Key: "arn:aws:sqs:eu-west-1:1:a", Source: "live", Book: inventory.Observed, Type: "AWS::SQS::Queue", Name: "a", Account: "111122223333"}, []Cell{{Value: "web"}, {Suggested: "prod", Confidence: "87 %", Why: "7 of 8 assets in x"}}},
		{Asset{Key: "=cmd|calc", Source: "-x", Type: "t", Name: "@n"}, []Cell{{Value: "=1+1"}, {Value: "two\nlines; and, all \"that\""}}},
		{Asset{Key: "c", Source: "live", Type: "t", Name: "0300"}, []Cell{{Unknown: true}, {Value: "0300"}}},
	} {
		if err := w.Row(&r.a, r.cells); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil || w.Rows() != 3 {
		t.Fatal(w.Rows(), err)
	}
	return b.String()
}

func read(text string) (string, int) {
	edits, rows, err := Read(strings.NewReader(text), "t.csv", keys)
	if err != nil {
		return err.Error(), rows
	}
	return fmt.Sprint(edits), rows
}

func TestUnchangedFilePlansNothing(t *testing.T) {
	for name, change := range saves() {
		if got, rows := read(change(t, sample(t))); got != "[]" || rows != 3 {
			t.Errorf("%s: %d rows, %s", name, rows, got)
		}
	}
}

// saves are what programs make of a file by saving it.
func saves() map[string]func(testing.TB, string) string {
	written := func(comma rune, crlf bool, quoteAll bool, cell func(string) string) func(testing.TB, string) string {
		return func(t testing.TB, text string) string {
			rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			var b strings.Builder
			end := "\n"
			if crlf {
				end = "\r\n"
			}
			for _, row := range rows {
				for i, c := range row {
					if c = cell(c); quoteAll || strings.ContainsAny(c, "\"\n"+string(comma)) {
						c = `"` + strings.ReplaceAll(c, `"`, `""`) + `"`
					}
					if row[i] = c; i > 0 {
						b.WriteRune(comma)
					}
					b.WriteString(c)
				}
				b.WriteString(end)
			}
			return b.String()
		}
	}
	same := func(s string) string { return s }
	return map[string]func(testing.TB, string) string{
		"nothing":         func(_ testing.TB, s string) string { return s },
		"byte order mark": func(_ testing.TB, s string) string { return "\ufeff" + s },
		"semicolons":      written(';', true, false, same),
		"tabs":            written('\t', false, false, same),
		"sep line":        func(t testing.TB, s string) string { return "sep=;\r\n" + written(';', true, false, same)(t, s) },
		"LF and quotes":   written(',', false, true, same),
		"no apostrophes":  written(',', true, false, func(c string) string { return sheet.Unguarded(c) }),
		"CRLF in cells":   written(';', true, true, func(c string) string { return strings.ReplaceAll(c, "\n", "\r\n") }),
		"blank rows":      func(_ testing.TB, s string) string { return s + ",,,\r\n\r\n" },
		"no line end":     func(_ testing.TB, s string) string { return strings.TrimSuffix(s, "\r\n") },
	}
}

// edit sets cells of the sample: "row column" to a text.
func edit(t *testing.T, cells map[string]string) string {
	rows, err := csv.NewReader(strings.NewReader(sample(t))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for at, text := range cells {
		var row int
		var name string
		if _, err := fmt.Sscan(at, &row, &name); err != nil {
			t.Fatal(err)
		}
		for i, c := range rows[0] {
			if c == name {
				rows[row][i] = text
			}
		}
	}
	var b strings.Builder
	w := csv.NewWriter(&b)
	_ = w.WriteAll(rows)
	return b.String()
}

func TestEdits(t *testing.T) {
	for _, tt := range []struct {
		name  string
		cells map[string]string
		want  string
	}{
		{"one", map[string]string{"1 tag.env": "prod"}, "[{2 arn:aws:sqs:eu-west-1:1:a live [{env prod false}]}]"},
		{"white space around it", map[string]string{"1 tag.env": " prod\t"}, "[{2 arn:aws:sqs:eu-west-1:1:a live [{env prod false}]}]"},
		{"what was unknown", map[string]string{"3 tag.owner": "web"}, "[{5 c live [{owner web false}]}]"},
		{"a formula's guard", map[string]string{"1 tag.env": "'=x"}, "[{2 arn:aws:sqs:eu-west-1:1:a live [{env =x false}]}]"},
		{"columns that are only told", map[string]string{"1 suggested.env": "x", "1 owner": "y", "1 account": "1.11122E+11", "1 name": "z"}, "[]"},
		{"emptied", map[string]string{"1 tag.owner": ""}, `t.csv:2: tag "owner" was emptied: muster plans no removals; write a value, or leave the cell as it was`},
		{"the sign for unknown", map[string]string{"1 tag.owner": "(unknown)"}, `t.csv:2: tag "owner" was set to (unknown), which stands for what could not be read: write a value, or leave the cell as it was`},
		{"two lines", map[string]string{"1 tag.owner": "a\nb"}, `t.csv:2: tag "owner" holds a line end or another control character: write it on one line`},
		{"NUL", map[string]string{"1 tag.owner": "a\x00b"}, `t.csv:2: tag "owner" holds a line end or another control character: write it on one line`},
		{"U+FFFD", map[string]string{"1 tag.owner": "a\ufffdb"}, `t.csv:2: tag "owner" holds U+FFFD, which stands for a character that could not be written: write the value anew`},
		{"another key", map[string]string{"1 key": "arn:other"}, `t.csv:2: the columns key, source and type are not those of this row: they were changed, sorted without the others, or rewritten by the spreadsheet as a number; export it anew, with all columns as text`},
		{"no check", map[string]string{"1 check": ""}, `t.csv:2: the column "check" is not as it was written: muster cannot tell what was changed in this row; export it anew`},
		{"another encoding", map[string]string{"1 tag.env": "Z\xfcrich"}, "t.csv:2: the file is not UTF-8: save it as CSV UTF-8"},
	} {
		if got, _ := read(edit(t, tt.cells)); got != tt.want {
			t.Errorf("%s: %s\nwant %s", tt.name, got, tt.want)
		}
	}
}

func TestFilesThatAreNoSheet(t *testing.T) {
	good := sample(t)
	header, rest, _ := strings.Cut(good, "\r\n")
	for name, tt := range map[string]struct{ text, want string }{
		"empty":          {"", `t.csv: the file is empty: this is no sheet`},
		"another file":   {"a,b\n1,2\n", `t.csv:1: there is no column "key": this is no sheet`},
		"UTF-16":         {"\xff\xfek\x00", "t.csv: it is UTF-16: save it as CSV UTF-8"},
		"workbook":       {"PK\x03\x04", "t.csv: it is a workbook: save it as CSV UTF-8"},
		"unknown tag":    {strings.Replace(header, "tag.env", "tag.evn", 1) + "\r\n" + rest, `t.csv:1: the column "tag.evn" is of a tag that no rule of the policy is about: did you mean`},
		"twice":          {strings.Replace(header, "tag.env", "tag.owner", 1) + "\r\n" + rest, `t.csv:1: the column "tag.owner" is there twice: keep one`},
		"open quote":     {header + "\r\n\"a,b,c\r\n", "t.csv:2: "},
		"a cell too few": {header + "\r\na,b\r\n", "t.csv:2: the row has 2 cells, the header has 17"},
		"a cell more":    {header + "\r\n" + strings.Repeat(",", 17) + "x\r\n", "t.csv:2: the row has 18 cells, the header has 17"},
		"endless row":    {header + "\r\n\"" + strings.Repeat("x", 3<<20), "a row is longer than a megabyte: a quote may not be closed"},
		"same row twice": {strings.ReplaceAll(edit(t, map[string]string{"1 tag.env": "prod"}), "\n", "\n") + strings.Split(edit(t, map[string]string{"1 tag.env": "dev"}), "\n")[1] + "\n", "t.csv:6: line 2 changes the same asset: keep one of the two"},
	} {
		if got, _ := read(tt.text); !strings.Contains(got, tt.want) {
			t.Errorf("%s: %s\nwant %s", name, got, tt.want)
		}
	}
}

// TestManyProblemsEnd: a file of another export is not told row by row.
func TestManyProblemsEnd(t *testing.T) {
	header, _, _ := strings.Cut(sample(t), "\r\n")
	got, _ := read(header + "\r\n" + strings.Repeat("a,b,c,d,e,f,g,h,,,,,,,,,x\r\n", 5000))
	if n := strings.Count(got, "\n"); n != maxProblems {
		t.Errorf("%d lines", n)
	}
}

// TestWhatIsWrittenIsRead: for any names and values, and whatever a program does to the file.
func TestWhatIsWrittenIsRead(t *testing.T) {
	text := rapid.OneOf(rapid.String(), rapid.StringOf(rapid.RuneFrom([]rune("=+-@'\"\t\r\n ;,a0\u200b\ufeff＝"))))
	rapid.Check(t, func(t *rapid.T) {
		var b bytes.Buffer
		w, err := NewWriter(&b, keys, rapid.Bool().Draw(t, "bom"))
		if err != nil {
			t.Fatal(err)
		}
		a := Asset{Key: "k" + text.Draw(t, "key"), Source: text.Draw(t, "source"), Type: "t", Name: text.Draw(t, "name")}
		if err := w.Row(&a, []Cell{{Value: text.Draw(t, "owner")}, {Value: text.Draw(t, "env"), Suggested: text.Draw(t, "suggested")}}); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		edits, rows, err := Read(&b, "t.csv", keys)
		if err != nil || rows != 1 || len(edits) != 0 {
			t.Fatalf("%d rows, %v, %v", rows, edits, err)
		}
	})
}

func TestID(t *testing.T) {
	e := Edit{Key: "'=a", Source: "-b"}
	if !e.Named("=a", "-b") || e.Named("=a", "b") {
		t.Error(e.ID(), ID("=a", "-b"))
	}
}

// FuzzRead: no file makes it fail otherwise than by an error, and what it plans can stand on a line.
func FuzzRead(f *testing.F) {
	for _, change := range saves() {
		f.Add([]byte(change(f, sample(f))))
	}
	f.Add([]byte("sep=;\nkey;source;type;check;tag.owner\na;b;c;m1_0_0;x\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		edits, _, err := Read(bytes.NewReader(text), "t.csv", keys)
		if err != nil && edits != nil {
			t.Error("edits in spite of an error")
		}
		for _, e := range edits {
			if e.Line < 2 || len(e.Set) == 0 {
				t.Errorf("%+v", e)
			}
			for _, tag := range e.Set {
				if tag.Value == "" || strings.ContainsAny(tag.Value, "\n\r\x00") {
					t.Errorf("%q", tag.Value)
				}
			}
		}
	})
}

// BenchmarkRead tells what an unchanged row costs.
func BenchmarkRead(b *testing.B) {
	pr, pw := io.Pipe()
	go func() {
		w, _ := NewWriter(pw, keys, false)
		for i := range b.N {
			_ = w.Row(&Asset{Key: fmt.Sprint("arn:aws:sqs:eu-west-1:1:", i), Source: "live", Type: "t"}, []Cell{{Value: "web"}, {Value: "prod"}})
		}
		_ = w.Close()
		pw.Close()
	}()
	b.ReportAllocs()
	if _, rows, err := Read(pr, "t.csv", keys); err != nil || rows != b.N {
		b.Fatal(rows, err)
	}
}
