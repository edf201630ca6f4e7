package junitreport

import (
	"encoding/xml"
	"flag"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/report/ci"
	"github.com/muster-audit/muster/report/reporttest"
	"github.com/muster-audit/muster/rules"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func encoder() *Encoder {
	return New(ci.Files{Root: "/repo", Dir: "/repo", Config: "/repo/muster.yaml", Policies: []string{"/repo/policy.yaml"}})
}

func TestSuite(t *testing.T) { reporttest.Run(t, encoder()) }

func TestGolden(t *testing.T) {
	reporttest.Golden(t, "small.xml", reporttest.Encode(t, encoder(), reporttest.Small()), *update)
}

// TestStructure checks the structure that Ant's schema of JUnit XML describes (elements, their order, attributes and types),
// with the file and line that GitLab and others read besides. The schema itself is in no Go library that validates.
func TestStructure(t *testing.T) {
	for name, build := range reporttest.Fixtures() {
		if err := check(reporttest.Encode(t, encoder(), build())); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	text := string(reporttest.Encode(t, encoder(), reporttest.Small()))
	for _, c := range []struct{ old, with string }{
		{`time="0"`, ``},
		{`failures="1"`, `failures="2"`},
		{`<properties>`, `<x></x><properties>`},
		{`classname="`, `class="`},
		{`type="high"`, ``},
		{`<system-out></system-out>`, ``},
		{`name="`, `name=" `},
		{`id="1"`, `id="7"`},
		{`</testcase>`, `<skipped/></testcase>`},
	} {
		if changed := strings.Replace(text, c.old, c.with, 1); changed == text || check([]byte(changed)) == nil {
			t.Errorf("%s for %s is not seen", c.with, c.old)
		}
	}
}

func read(t *testing.T, r *report.Report) map[string]*xmlSuite {
	t.Helper()
	suites, err := parse(reporttest.Encode(t, encoder(), r))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]*xmlSuite{}
	for i := range suites {
		out[suites[i].Name] = &suites[i]
	}
	return out
}

// ends says how the test cases of a suite ended.
func ends(s *xmlSuite) string {
	if s == nil {
		return "no suite"
	}
	return fmt.Sprintf("%d failures, %d errors, %d skipped, %d passed", s.Failures, s.Errors, s.Skipped, s.Tests-s.Failures-s.Errors-s.Skipped)
}

func TestUnknownAndUnreadNeverPass(t *testing.T) {
	suites := read(t, reporttest.Small())
	for name, want := range map[string]string{
		"muster.gate":             "1 failures, 0 errors, 0 skipped, 0 passed",
		"muster.scopes":           "0 failures, 3 errors, 1 skipped, 0 passed",
		"muster.drift.missing":    "1 failures, 0 errors, 1 skipped, 0 passed",
		"muster.tags.owner":       "2 failures, 0 errors, 2 skipped, 0 passed", // one accepted, one unknown
		"muster.records.mismatch": "1 failures, 0 errors, 0 skipped, 0 passed",
	} {
		if got := ends(suites[name]); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	for name, s := range read(t, reporttest.Clean()) {
		if want := "0 failures, 0 errors, 0 skipped, 1 passed"; ends(s) != want {
			t.Errorf("everything passed, and %s says %s", name, ends(s))
		}
	}
}

func TestOneRule(t *testing.T) {
	unknown := []report.UnknownCount{{Rule: "tags/a", Reason: "x", Entities: 2}}
	for _, c := range []struct {
		name string
		r    report.Report
		want string
	}{
		{"passed", report.Report{Rules: []report.RuleInfo{{ID: "tags/a", Pass: 3}}}, "0 failures, 0 errors, 0 skipped, 1 passed"},
		{"nothing to judge", report.Report{Rules: []report.RuleInfo{{ID: "tags/a"}}}, "0 failures, 0 errors, 1 skipped, 0 passed"},
		{"passed in part", report.Report{Rules: []report.RuleInfo{{ID: "tags/a", Pass: 3, Unknown: 2}}}, "0 failures, 0 errors, 1 skipped, 0 passed"},
		{"unknown, with its reason", report.Report{Rules: []report.RuleInfo{{ID: "tags/a", Pass: 3, Unknown: 2}}, Unknown: unknown}, "0 failures, 0 errors, 1 skipped, 0 passed"},
		{"unknown, of no listed rule", report.Report{Unknown: unknown}, "0 failures, 0 errors, 1 skipped, 0 passed"},
		{"resolved", report.Report{
			Rules:    []report.RuleInfo{{ID: "tags/a", Pass: 3}},
			Findings: []rules.Finding{{Rule: "tags/a", State: inventory.FindingResolved, Severity: rules.High}},
		}, "0 failures, 0 errors, 0 skipped, 1 passed"},
	} {
		if got := ends(read(t, &c.r)["muster.tags.a"]); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestGateThatIsIncompleteIsAnError(t *testing.T) {
	r := &report.Report{Gate: report.Gate{ExitCode: report.ExitIncomplete, Reasons: []string{"1 scope could not be read"}}}
	if got := ends(read(t, r)["muster.gate"]); got != "0 failures, 1 errors, 0 skipped, 0 passed" {
		t.Error(got)
	}
}

func TestFindingsStandAtTheirFile(t *testing.T) {
	got := map[string]string{}
	for _, c := range read(t, reporttest.Small())["muster.drift.changed"].Cases {
		got[c.Name] = c.File + ":" + c.Line
	}
	want := map[string]string{
		"//compute.googleapis.com/projects/acme-prod/zones/europe-west1-b/instances/ledger-2": "states/prod.tfstate:",
		"arn:aws:ec2:eu-west-1:111122223333:instance/i-0c9d8e7f6a5b4c3d2":                     "infra/payments/main.tf:48",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("places (-want +got):\n%s", d)
	}
}

// TestNamesAreUnique: GitLab counts test cases of one name once.
func TestNamesAreUnique(t *testing.T) {
	r := reporttest.Big(200)
	for i := range r.Findings {
		r.Findings[i].Rule, r.Findings[i].Asset.Key = "tags/owner", strings.Repeat("long", 500)
	}
	seen := map[string]bool{}
	for _, c := range read(t, r)["muster.tags.owner"].Cases {
		if seen[c.Name] {
			t.Errorf("two test cases are called %s", c.Name)
		}
		seen[c.Name] = true
	}
	if len(seen) < 150 {
		t.Errorf("%d test cases", len(seen))
	}
}

// TestTooMany: GitLab takes 30 MB.
func TestTooMany(t *testing.T) {
	r := reporttest.Big(60_000)
	text := reporttest.Encode(t, encoder(), r)
	if len(text) > 30_000_000 {
		t.Errorf("%d bytes", len(text))
	}
	suites, err := parse(text)
	if err != nil {
		t.Fatal(err)
	}
	listed, left := 0, 0
	for _, s := range suites {
		for _, c := range s.Cases {
			switch {
			case c.Name == "findings that are not listed":
				n := 0
				if _, err := fmt.Sscan(c.Failure[0].Message, &n); err != nil {
					t.Fatal(err)
				}
				left += n
			case strings.HasPrefix(c.Name, "arn:") && len(c.Failure) > 0:
				listed++
			}
		}
	}
	open := 0
	for range ci.Open(r) {
		open++
	}
	if listed != maxFindings || listed+left != open {
		t.Errorf("%d listed and %d left out of %d", listed, left, open)
	}
}

func FuzzEscape(f *testing.F) {
	for _, p := range reporttest.Payloads() {
		f.Add(p)
	}
	f.Fuzz(func(t *testing.T, s string) {
		text := `<a b="` + escape(s) + `">` + escape(s) + `</a>`
		var got struct {
			B       string `xml:"b,attr"`
			Content string `xml:",chardata"`
		}
		if err := xml.Unmarshal([]byte(text), &got); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		want := strings.Map(func(r rune) rune {
			if r != '\t' && r != '\n' && r != '\r' && (r < ' ' || r >= 0xd800 && r < 0xe000 || r == 0xfffe || r == 0xffff) {
				return utf8.RuneError
			}
			return r
		}, string([]rune(s)))
		if got.B != want || got.Content != want {
			t.Errorf("%q reads as %q and %q", want, got.B, got.Content)
		}
	})
}

func TestClassNames(t *testing.T) {
	for rule, want := range map[string]string{"tags/owner": "muster.tags.owner", "a": "muster.a", "": "muster.rule", "../x": "muster.x"} {
		if got := className(rule); got != want {
			t.Errorf("%q is of class %q, want %q", rule, got, want)
		}
	}
}

var token = regexp.MustCompile(`^\S+( \S+)*$`)
