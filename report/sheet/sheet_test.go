package sheet

import (
	"errors"
	"iter"
	"math"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/report/reporttest"
)

func TestHarmless(t *testing.T) {
	for in, want := range map[string]string{
		"":                   "",
		"payments":           "payments",
		"=1+1":               "'=1+1",
		"+1":                 "'+1",
		"-1":                 "'-1",
		"@x":                 "'@x",
		"\tx":                "'\tx",
		"\rx":                "'\nx",
		"\nx":                "'\nx",
		"  =1":               "'  =1",
		"\u00a0=1":           "'\u00a0=1",
		"\u200b\ufeff=1":     "'\u200b\ufeff=1",
		"＝1":                 "'＝1",
		"\x00=1":             "'\ufffd=1",
		"a=1":                "a=1",
		"a\r\nb\rc":          "a\nb\nc",
		"\x1b[31mred":        "\ufffd[31mred",
		"bad\xff":            "bad\ufffd",
		"no\uffffcharacter":  "no\ufffdcharacter",
		"'quoted":            "'quoted",
		"i-0abc":             "i-0abc",
		"//compute/projects": "//compute/projects",
	} {
		if got := Harmless(in); got != want {
			t.Errorf("Harmless(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzHarmless(f *testing.F) {
	for _, payload := range reporttest.Payloads() {
		f.Add(payload)
	}
	f.Fuzz(func(t *testing.T, in string) {
		got := Harmless(in)
		if startsFormula(got) || !utf8.ValidString(got) {
			t.Errorf("Harmless(%q) = %q", in, got)
		}
		if Harmless(got) != got {
			t.Errorf("Harmless(%q) is not stable", in)
		}
		for _, r := range got {
			if unicode.IsControl(r) && r != '\n' && r != '\t' || r == '\ufffe' || r == '\uffff' {
				t.Errorf("Harmless(%q) holds %U", in, r)
			}
		}
	})
}

func TestCells(t *testing.T) {
	third, none := 1.0/3, (*float64)(nil)
	at := time.Date(2026, 1, 31, 11, 0, 0, 999, time.FixedZone("", 3600))
	for want, cell := range map[string]Cell{
		"'=x":                  TextCell("=x"),
		"-7":                   NumberCell(-7),
		"9223372036854775807":  NumberCell(int64(math.MaxInt64)),
		"12":                   LineCell(12),
		"0.3333":               FractionCell(&third),
		"2026-01-31T10:00:00Z": MomentCell(at),
		"true":                 TruthCell(true),
	} {
		if got := cell.String(); got != want {
			t.Errorf("cell reads %q, want %q", got, want)
		}
	}
	for _, c := range []Cell{TextCell(""), LineCell(0), FractionCell(none), MomentCell(time.Time{}), {}} {
		if c != (Cell{}) || c.String() != "" {
			t.Errorf("%+v is not blank", c)
		}
	}
}

// TestRowsFitTheirColumns: as many cells as columns, and each of its column's kind or blank.
func TestRowsFitTheirColumns(t *testing.T) {
	for name, build := range reporttest.Fixtures() {
		for _, table := range Tables(build()) {
			for row, err := range table.Rows {
				if err != nil {
					t.Fatal(err)
				}
				if len(row) != len(table.Columns) {
					t.Fatalf("%s, %s: %d cells in %d columns", name, table.ID, len(row), len(table.Columns))
				}
				for i, c := range row {
					if c.Kind != Blank && c.Kind != table.Columns[i].Kind {
						t.Errorf("%s, %s: column %s holds %+v", name, table.ID, table.Columns[i].Name, c)
					}
				}
			}
		}
	}
}

// TestTagsDoNotDependOnTheOrder: the findings show the same tags whether the assets were written before or not, and the
// assets are read once if they were.
func TestTagsDoNotDependOnTheOrder(t *testing.T) {
	passes := 0
	r := reporttest.Small()
	list := r.Assets
	r.Assets = func() iter.Seq2[report.Asset, error] { passes++; return list() }
	inOrder := map[string][][]Cell{}
	for _, table := range Tables(r) {
		inOrder[table.ID] = all(t, table)
	}
	if passes != 1 {
		t.Errorf("the assets are read %d times", passes)
	}
	for _, table := range Tables(r) {
		if table.ID == "findings" {
			if d := cmp.Diff(inOrder["findings"], all(t, table)); d != "" {
				t.Errorf("findings alone (-after the assets +alone):\n%s", d)
			}
		}
	}
	for _, table := range Tables(r) { // a walk that is broken off has not seen all tags
		for range table.Rows {
			break
		}
		if table.ID == "findings" {
			if d := cmp.Diff(inOrder["findings"], all(t, table)); d != "" {
				t.Errorf("findings after some assets (-after all +after some):\n%s", d)
			}
		}
	}
}

func TestErrorsOfTheAssetsComeBack(t *testing.T) {
	gone := errors.New("store is gone")
	r := reporttest.Small()
	r.Assets = func() iter.Seq2[report.Asset, error] {
		return func(yield func(report.Asset, error) bool) { yield(report.Asset{}, gone) }
	}
	for _, table := range Tables(r)[:2] {
		var got error
		for _, err := range table.Rows {
			got = err
		}
		if !errors.Is(got, gone) {
			t.Errorf("%s: error %v", table.ID, got)
		}
	}
}

func all(t *testing.T, table Table) [][]Cell {
	t.Helper()
	var out [][]Cell
	for row, err := range table.Rows {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, append([]Cell{}, row...))
	}
	return out
}
