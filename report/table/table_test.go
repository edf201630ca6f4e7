package tablereport

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/report/reporttest"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestGolden(t *testing.T) {
	for _, c := range []struct {
		file    string
		report  *report.Report
		options Options
	}{
		{"small.txt", reporttest.Small(), Options{}},
		{"small-wide.txt", reporttest.Small(), Options{Width: 140}},
		{"small-color.txt", reporttest.Small(), Options{Width: 80, Color: true, Limit: 3}},
		{"clean.txt", reporttest.Clean(), Options{}},
		{"empty.txt", reporttest.Empty(), Options{}},
		{"hostile.txt", reporttest.Hostile(), Options{}},
		{"grouped.txt", reporttest.Grouped(), Options{}},
		{"grouped-wide.txt", reporttest.Grouped(), Options{Width: 140}},
	} {
		got := encode(t, c.report, c.options)
		file := filepath.Join("testdata", c.file)
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s differs (-want +got):\n%s", file, diff)
		}
	}
}

func TestSameReportSameBytes(t *testing.T) {
	first, second := encode(t, reporttest.Hostile(), Options{}), encode(t, reporttest.Hostile(), Options{})
	if first != second {
		t.Error("two encodings of one report differ")
	}
}

func TestReportIsNotChanged(t *testing.T) {
	r, want := reporttest.Hostile(), reporttest.Hostile()
	encode(t, r, Options{})
	r.Assets, want.Assets = nil, nil
	if diff := cmp.Diff(want, r); diff != "" {
		t.Errorf("encoding changed the report:\n%s", diff)
	}
}

func TestNothingDangerousReachesTheTerminal(t *testing.T) {
	out := encode(t, reporttest.Hostile(), Options{Limit: -1})
	for _, r := range out {
		if r != '\n' && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) || r == unicode.ReplacementChar {
			t.Errorf("%U in the output", r)
		}
	}
	if len(out) > 20_000 {
		t.Errorf("%d bytes: long strings are not cut", len(out))
	}
}

func TestLinesFitTheTerminal(t *testing.T) {
	for _, width := range []int{60, 80, 100, 120, 200} {
		for name, r := range map[string]*report.Report{"small": reporttest.Small(), "hostile": reporttest.Hostile(), "grouped": reporttest.Grouped()} {
			for line := range strings.Lines(encode(t, r, Options{Width: width})) {
				// The fixed lines of the header and the hints are written for 100 cells.
				if n := cells(strings.TrimSuffix(line, "\n")); n > max(width, 100) {
					t.Errorf("%s at %d: %d cells in %q", name, width, n, line)
				}
			}
		}
	}
}

var escapes = regexp.MustCompile("\x1b\\[[0-9;]*m")

func TestColorChangesNothingElse(t *testing.T) {
	for _, width := range []int{80, 140} {
		plain := encode(t, reporttest.Small(), Options{Width: width})
		colored := encode(t, reporttest.Small(), Options{Width: width, Color: true})
		if strings.Contains(plain, "\x1b") || !strings.Contains(colored, "\x1b[") {
			t.Fatal("colour is on where it must be off, or off where it must be on")
		}
		if diff := cmp.Diff(plain, escapes.ReplaceAllString(colored, "")); diff != "" {
			t.Errorf("width %d: layout differs with colour:\n%s", width, diff)
		}
	}
}

func TestLimit(t *testing.T) {
	r := reporttest.Big(1234)
	r.Groups = nil // a line for each finding
	open, _ := unresolved(r)
	for _, c := range []struct {
		limit, rows int
		more        bool
	}{{0, 50, true}, {7, 7, true}, {-1, len(open), false}} {
		out := encode(t, r, Options{Limit: c.limit})
		if got := regexp.MustCompile(`(?m)^(critical|high|medium|low|info) `).FindAllString(out, -1); len(got) != c.rows {
			t.Errorf("limit %d: %d rows, want %d", c.limit, len(got), c.rows)
		}
		hint := "and " + number(len(open)-c.rows) + " more: muster report --format csv"
		if strings.Contains(out, hint) != c.more {
			t.Errorf("limit %d: hint %q there: %v, want %v", c.limit, hint, !c.more, c.more)
		}
	}
}

// A group is one line, and stands for all its findings wherever they are counted.
func TestGroupsAreOneLine(t *testing.T) {
	r := reporttest.Grouped()
	open, _ := unresolved(r)
	list := grouped(r, open)
	if countOf(list) != len(open) || len(list) != len(open)-(40-1)-(12-1)-(3-1) {
		t.Errorf("%d lines of %d findings, want %d", len(list), countOf(list), len(open))
	}
	out := encode(t, r, Options{Limit: 2})
	if hint := "and " + number(len(open)-countOf(list[:2])) + " more: muster report"; !strings.Contains(out, hint) {
		t.Errorf("no %q", hint)
	}
	all := encode(t, r, Options{Limit: -1})
	for _, want := range []string{"40 findings with one", "and 37 more", "InstanceType is t3.large, declared t3.micro", "~ Statement[].Principal", "Password changed (secret)", "in another order"} {
		if !strings.Contains(all, want) {
			t.Errorf("no %q in the output", want)
		}
	}
	if strings.Contains(all, "hmac:") {
		t.Error("a secret's hash reaches the terminal")
	}
}

func TestUnreadScopesAreNamed(t *testing.T) {
	out := encode(t, reporttest.Small(), Options{Width: 140})
	for _, want := range []string{
		"INCOMPLETE: 3 of 8 scopes not read whole", "NOT READ WHOLE: 3 of 8 scopes. What they hold is unknown, not missing.",
		"failed   aws-prod", "partial  dc", "never", "1 scope skipped on purpose",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in the output", want)
		}
	}
	if strings.Contains(encode(t, reporttest.Clean(), Options{}), "NOT READ") {
		t.Error("a whole scan warns of unread scopes")
	}
}

func TestManyUnreadScopesAreCounted(t *testing.T) {
	r := reporttest.Small()
	r.Scopes = nil
	for range 25 {
		r.Scopes = append(r.Scopes, report.Scope{Source: "s", Scope: "x", State: inventory.RunFailed})
	}
	if out := encode(t, r, Options{}); !strings.Contains(out, "and 5 more: muster report") {
		t.Errorf("the scopes beyond the limit are not counted:\n%s", out)
	}
}

func TestGateStandsLast(t *testing.T) {
	for _, c := range []struct {
		gate report.Gate
		want string
	}{
		{report.Gate{Passed: true, Reasons: []string{"all well"}}, "PASSED (exit code 0)\n  - all well\n"},
		{report.Gate{ExitCode: 1, Reasons: []string{"a", "b"}}, "FAILED (exit code 1)\n  - a\n  - b\n"},
		{report.Gate{ExitCode: 3, Reasons: []string{"not all read"}}, "INCOMPLETE (exit code 3)\n  - not all read\n"},
	} {
		r := reporttest.Small()
		r.Gate = c.gate
		if out := encode(t, r, Options{}); !strings.HasSuffix(out, c.want) {
			t.Errorf("ends with %q, want %q", out[len(out)-60:], c.want)
		}
	}
}

func TestPercentNeverRoundsUp(t *testing.T) {
	for ratio, want := range map[float64]string{1: "100.0 %", 0.9996: "99.9 %", 0.95: "95.0 %", 0: "0.0 %", 0.7: "70.0 %"} {
		if got := percent(ratio); got != want {
			t.Errorf("percent(%v) = %s, want %s", ratio, got, want)
		}
	}
}

func TestShorten(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"short", "short"},
		{"arn:aws:ec2:eu-west-1:111122223333:instance/i-0abc", "arn:aw…stance/i-0abc"},
		{"東京東京東京東京東京東京東京", "東京東…東京東京東京"},
	} {
		if got := shorten(c.in, 20); got != c.want || cells(got) > 20 {
			t.Errorf("shorten(%q) = %q (%d cells), want %q", c.in, got, cells(got), c.want)
		}
	}
}

func TestWriteErrorComesBack(t *testing.T) {
	if err := New(Options{}).Encode(brokenPipe{}, reporttest.Small()); err == nil {
		t.Error("no error from a writer that fails")
	}
}

func FuzzCleanAndWrap(f *testing.F) {
	for _, payload := range reporttest.Payloads() {
		f.Add(payload, 10)
	}
	f.Fuzz(func(t *testing.T, s string, width int) {
		width = 2 + (width&0x7f)%60
		text := clean(s)
		if clean(text) != text && len(text) <= maxText {
			t.Errorf("clean(%q) is not clean", text)
		}
		var all strings.Builder
		for _, l := range wrap(text, width) {
			all.WriteString(strings.ReplaceAll(l, " ", ""))
			if n := cells(l); n > width {
				t.Errorf("%d cells in %q, want at most %d", n, l, width)
			}
		}
		if got, want := all.String(), strings.ReplaceAll(text, " ", ""); got != want {
			t.Errorf("wrap lost text: %q became %q", want, got)
		}
	})
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, os.ErrClosed }

func encode(t *testing.T, r *report.Report, o Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := New(o).Encode(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
