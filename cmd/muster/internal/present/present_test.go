package present

import (
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"
)

// hostile is what a stranger may write into a tag.
const hostile = "=1+1\x1b]0;owned\x07 \u202eoh\u202c\x9b2J\x00"

func print(t *testing.T, f Format, rows ...string) string {
	t.Helper()
	var b strings.Builder
	w, err := NewWriter(&b, f, "things", []string{"name", "value"})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if err := w.Row([]string{"n", r}, map[string]string{"value": r}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestEmpty(t *testing.T) {
	for f, want := range map[Format]string{Table: "no things\n", CSV: "name,value\n", JSON: "{\"things\": []}\n", NDJSON: ""} {
		if got := print(t, f); got != want {
			t.Errorf("%s: %q, want %q", f, got, want)
		}
	}
}

func TestHostile(t *testing.T) {
	for _, f := range []Format{Table, CSV, JSON, NDJSON} {
		out := print(t, f, hostile, "second\nline")
		if strings.ContainsAny(out, "\x1b\x07\x00") {
			t.Errorf("%s lets control characters through: %q", f, out)
		}
	}
	table := print(t, Table, hostile, "second\nline")
	if lines := strings.Count(table, "\n"); lines != 3 || strings.Contains(table, "\u202e") {
		t.Errorf("table: %q", table)
	}
	rows, err := csv.NewReader(strings.NewReader(print(t, CSV, hostile, "second\nline"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if rows[1][1] != "'=1+1]0;owned oh2J" || rows[2][1] != "second\nline" {
		t.Errorf("CSV: %q", rows)
	}
	var document struct{ Things []map[string]string }
	if err := json.Unmarshal([]byte(print(t, JSON, "a<b>\x1b", "c")), &document); err != nil {
		t.Fatal(err)
	}
	if document.Things[0]["value"] != "a<b>\x1b" || len(document.Things) != 2 {
		t.Errorf("JSON: %q", document.Things)
	}
}

func TestUnknownFormat(t *testing.T) {
	if _, err := NewWriter(&strings.Builder{}, "xml", "things", nil); err == nil || !strings.Contains(err.Error(), "table, csv, json, ndjson") {
		t.Errorf("error %v does not name the formats", err)
	}
}

func TestLongCells(t *testing.T) {
	long := strings.Repeat("ä", 500)
	for f, want := range map[Format]int{Table: widest, CSV: 500, JSON: 500, NDJSON: 500} {
		var b strings.Builder
		w, err := NewWriter(&b, f, "rows", []string{"a", "b"})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Row([]string{long, "kept"}, []string{long, "kept"}); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(b.String(), "ä"); n > want || n < want-1 || !strings.Contains(b.String(), "kept") {
			t.Errorf("%s shows %d of 500 characters", f, n)
		}
	}
}
