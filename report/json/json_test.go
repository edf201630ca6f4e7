package jsonreport

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/report/reporttest"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestGolden(t *testing.T) {
	got := encode(t, reporttest.Small())
	file := filepath.Join("testdata", "small.json")
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", file, diff)
	}
}

func TestSameReportSameBytes(t *testing.T) {
	if !bytes.Equal(encode(t, reporttest.Hostile()), encode(t, reporttest.Hostile())) {
		t.Error("two encodings of one report differ")
	}
}

func TestReportIsNotChanged(t *testing.T) {
	for name, build := range fixtures() {
		r := build()
		encode(t, r)
		r.Assets = nil
		want := build()
		want.Assets = nil
		if diff := cmp.Diff(want, r); diff != "" {
			t.Errorf("%s: encoding changed the report:\n%s", name, diff)
		}
	}
}

func TestReadsBackAsTheReport(t *testing.T) {
	want := reporttest.Small()
	var got report.Report
	if err := json.Unmarshal(encode(t, want), &got); err != nil {
		t.Fatal(err)
	}
	want.Assets = nil
	if diff := cmp.Diff(want, &got); diff != "" {
		t.Errorf("read back (-want +got):\n%s", diff)
	}
}

func TestLooksLikeTheStandardEncoding(t *testing.T) {
	r := reporttest.Small()
	var want bytes.Buffer
	e := json.NewEncoder(&want)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(r); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want.String(), string(encode(t, r))); diff != "" {
		t.Errorf("member-wise writing differs from encoding/json:\n%s", diff)
	}
}

func TestEmptyListsAreNotNull(t *testing.T) {
	r := reporttest.Empty()
	r.Summary.Overlap = []report.Overlap{{}}
	r.Unknown = []report.UnknownCount{{}}
	got := string(encode(t, r))
	for _, want := range []string{
		`"findings": []`, `"accepted": []`, `"scopes": []`, `"reasons": []`, `"trend": []`, `"rules": []`,
		`"sources": []`, `"coverage": []`, `"books": []`, `"examples": []`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
}

func TestHostileStringsKeepTheirValue(t *testing.T) {
	for _, payload := range reporttest.Payloads() {
		r := reporttest.Small()
		r.Findings[0].Message = payload
		out := encode(t, r)
		if bytes.ContainsAny(out, "\x1b\x00\x7f\u009b\u202e\u2028\ufeff") {
			t.Errorf("payload %q: raw control characters in the output", payload)
		}
		var got report.Report
		if err := json.Unmarshal(out, &got); err != nil {
			t.Fatalf("payload %q: %v", payload, err)
		}
		if want := validUTF8(payload); got.Findings[0].Message != want {
			t.Errorf("message %q, want %q", got.Findings[0].Message, want)
		}
	}
}

func TestWriteErrorComesBack(t *testing.T) {
	if err := (Encoder{}).Encode(brokenPipe{}, reporttest.Small()); err == nil {
		t.Error("no error from a writer that fails")
	}
}

func FuzzStrings(f *testing.F) {
	for _, payload := range reporttest.Payloads() {
		f.Add(payload)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r := reporttest.Empty()
		r.Gate.Reasons = []string{s}
		out := encode(t, r)
		var got report.Report
		if err := json.Unmarshal(out, &got); err != nil {
			t.Fatal(err)
		}
		if !utf8.Valid(out) || got.Gate.Reasons[0] != validUTF8(s) {
			t.Errorf("%q became %q", s, got.Gate.Reasons[0])
		}
	})
}

// validUTF8 replaces each byte that is not UTF-8 as encoding/json does.
func validUTF8(s string) string { return string([]rune(s)) }

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, os.ErrClosed }

func fixtures() map[string]func() *report.Report {
	return map[string]func() *report.Report{
		"small": reporttest.Small, "clean": reporttest.Clean, "empty": reporttest.Empty, "hostile": reporttest.Hostile, "grouped": reporttest.Grouped,
		"big": func() *report.Report { return reporttest.Big(50) },
	}
}

func encode(t *testing.T, r *report.Report) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := (Encoder{}).Encode(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
