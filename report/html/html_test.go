package htmlreport

import (
	"bytes"
	"flag"
	"io"
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

var (
	styleElement  = regexp.MustCompile(`(?s)<style>(.*?)</style>`)
	scriptElement = regexp.MustCompile(`(?s)<script>(.*?)</script>`)
	dataElement   = regexp.MustCompile(`(?s)<script type="application/json" id="data">(.*?)</script>`)
	policyMeta    = regexp.MustCompile(`Content-Security-Policy" content="([^"]*)"`)
)

// TestGolden leaves the style and the script out, which are files of their own, and the hashes that follow from them.
func TestGolden(t *testing.T) {
	for name, r := range map[string]*report.Report{"small": reporttest.Small(), "clean": reporttest.Clean(), "empty": reporttest.Empty(), "grouped": reporttest.Grouped()} {
		got := encode(t, r)
		got = styleElement.ReplaceAllString(got, "<style></style>")
		got = scriptElement.ReplaceAllString(got, "<script></script>")
		got = policyMeta.ReplaceAllString(got, `Content-Security-Policy" content=""`)
		file := filepath.Join("testdata", name+".html")
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

func TestPolicyNamesTheVeryBytes(t *testing.T) {
	out := encode(t, reporttest.Small())
	policy := policyMeta.FindStringSubmatch(out)[1]
	for _, want := range []string{
		"default-src 'none'; ", "style-src " + hash(styleElement.FindStringSubmatch(out)[1]) + ";",
		"script-src " + hash(scriptElement.FindStringSubmatch(out)[1]) + ";", "base-uri 'none'", "form-action 'none'",
	} {
		if !strings.Contains(policy, want) {
			t.Errorf("policy %q lacks %q", policy, want)
		}
	}
	if strings.Contains(policy, "unsafe") || strings.Contains(policy, "*") {
		t.Errorf("policy %q lets more in than the page's own", policy)
	}
}

// TestPageAsksForNothing looks at the markup alone; the browser test watches what is asked for.
func TestPageAsksForNothing(t *testing.T) {
	out := markup(encode(t, reporttest.Small()))
	if found := regexp.MustCompile(`<(?:link|img|iframe|object|embed|base|form)[ >][^>]*`).FindAllString(out, -1); len(found) != 1 {
		t.Errorf("elements that can ask for something: %q, want the empty icon alone", found)
	}
	for _, m := range regexp.MustCompile(`(?:href|src)="([^"]*)"`).FindAllStringSubmatch(out, -1) {
		if !strings.HasPrefix(m[1], "#") && m[1] != "data:," {
			t.Errorf("%s leads out of the page", m[0])
		}
	}
	if found := regexp.MustCompile(`<[^>]* (?:style|on\w+)="`).FindString(out); found != "" {
		t.Errorf("%q: the policy forbids inline styles and handlers", found)
	}
}

func TestHostileStringsStayText(t *testing.T) {
	out := encode(t, reporttest.Hostile())
	for tag, want := range map[string]int{"<script": 2, "</script": 2, "<style": 1, "</style": 1, "<img": 0, "<!--": 0, "onerror=\"": 0} {
		if got := strings.Count(out, tag); got != want {
			t.Errorf("%d times %q, want %d", got, tag, want)
		}
	}
	for _, r := range out {
		if unicode.IsControl(r) && r != '\n' && r != '\t' || turns(r) {
			t.Errorf("%U in the page", r)
		}
	}
	if len(out) > 300_000 {
		t.Errorf("%d bytes: long strings are not cut", len(out))
	}
}

func TestSameReportSameBytes(t *testing.T) {
	first, second := encode(t, reporttest.Hostile()), encode(t, reporttest.Hostile())
	if first != second {
		t.Error("two encodings of one report differ")
	}
}

func TestReportIsNotChanged(t *testing.T) {
	r, want := reporttest.Hostile(), reporttest.Hostile()
	encode(t, r)
	r.Assets, want.Assets = nil, nil
	if diff := cmp.Diff(want, r); diff != "" {
		t.Errorf("encoding changed the report:\n%s", diff)
	}
}

func TestUnreadScopesAreABanner(t *testing.T) {
	out := markup(encode(t, reporttest.Small()))
	banner, findings := strings.Index(out, "3 of 8 scopes were not read whole"), strings.Index(out, `id="card-findings"`)
	if banner < 0 || banner > findings {
		t.Errorf("the scopes that were not read stand at %d, the numbers at %d", banner, findings)
	}
	if !strings.Contains(out, "Never read whole") {
		t.Error("the page does not say that a scope was never read")
	}
	if strings.Contains(markup(encode(t, reporttest.Clean())), "not read whole") {
		t.Error("a whole scan warns of unread scopes")
	}
}

func TestVerdicts(t *testing.T) {
	for _, c := range []struct {
		gate  report.Gate
		title string
	}{
		{report.Gate{Passed: true}, "Passed"},
		{report.Gate{ExitCode: 1}, "Did not pass"},
		{report.Gate{ExitCode: 3}, "Incomplete"},
	} {
		r := reporttest.Small()
		r.Gate = c.gate
		out := encode(t, r)
		if !strings.Contains(out, "<title>"+c.title+": muster audit, scan 42</title>") || !strings.Contains(out, `<h1 id="verdict">`+c.title+"</h1>") {
			t.Errorf("gate %+v: no %q in title and heading", c.gate, c.title)
		}
	}
}

func TestEmptyStates(t *testing.T) {
	out := encode(t, reporttest.Clean())
	for _, want := range []string{
		"No open finding: everything passes.", "Nothing is accepted.", "Every rule could judge everything that it speaks of.",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in a clean report", want)
		}
	}
	r := reporttest.Small()
	r.Findings = r.Findings[7:8] // the resolved one
	if out := encode(t, r); !strings.Contains(out, "No open finding in what was read. 3 scopes were not read whole.") {
		t.Error("a report of resolved findings alone does not say that nothing is open in what was read")
	}
}

// TestNothingReadIsNotWell: where no scope was read, the page claims neither that anything is wrong nor that all is well.
func TestNothingReadIsNotWell(t *testing.T) {
	r := reporttest.Clean()
	for i := range r.Scopes {
		r.Scopes[i].State = inventory.RunFailed
	}
	s := &r.Summary
	s.TagCoverage, s.TagMin, s.TagMax, s.IaCCoverage, s.IaCMin, s.IaCMax, s.Overlap = nil, nil, nil, nil, new(0.0), new(1.0), nil
	out := markup(encode(t, r))
	for _, want := range []string{`id="unread-title">Nothing was read<`, `<p class="figure">unknown</p>`, "neither that anything is wrong nor that all is well", "None of it could be judged."} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in the page", want)
		}
	}
	if strings.Contains(out, "everything passes") {
		t.Error("the page says that everything passes")
	}
}

func TestChangesSinceTheLastCompleteScan(t *testing.T) {
	r := reporttest.Small()
	out := markup(encode(t, r))
	for _, want := range []string{`<b class="figure">4</b> new`, `<b class="figure good">2</b> resolved`, "Scan 40 of 19 Nov 2026, 02:00 UTC.", "1 scan in between was incomplete. This scan itself: 3 new, 1 resolved.", `href="#?age=since"`} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in the page", want)
		}
	}
	r.Changes = nil
	if out := markup(encode(t, r)); !strings.Contains(out, "No earlier scan was complete") || strings.Contains(out, "Since the last complete scan") {
		t.Error("without an earlier complete scan the page compares with one")
	}
}

// TestPartOfADividedReport: what was counted for the whole estate does not stand on the page of one group.
func TestPartOfADividedReport(t *testing.T) {
	r := reporttest.Small()
	r.Division = &report.Division{By: "owner", Group: &report.Group{Kind: report.GroupNamed, Value: "payments"}}
	r.Trend, r.Changes = nil, nil
	r.Summary = report.Summary{Findings: report.SeverityCounts{High: 1}}
	out := markup(encode(t, r))
	for _, want := range []string{"<bdi>owner payments</bdi>", "Counted for the whole estate alone.", "Nobody counted coverage for this part."} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in the page", want)
		}
	}
	if strings.Contains(out, `class="trend"`) || strings.Contains(out, `class="strip"`) {
		t.Error("a chart of the whole estate stands on the page of a group")
	}
}

func TestStaticPartIsBounded(t *testing.T) {
	out := markup(encode(t, reporttest.Big(1000)))
	if got := strings.Count(out, `<tr role="row" class="static">`); got != staticFindings {
		t.Errorf("%d static rows, want %d", got, staticFindings)
	}
	if !strings.Contains(out, "The first 200 of 800 open findings.") {
		t.Error("the page does not say how many findings the static part leaves out")
	}
}

func TestPageSaysWhatItLeavesOut(t *testing.T) {
	e := encoder(t)
	e.limit = 10
	var b bytes.Buffer
	if err := e.Encode(&b, reporttest.Small()); err != nil {
		t.Fatal(err)
	}
	if out := b.String(); !strings.Contains(out, "This page holds the worst 10 of 12 findings; the CSV report holds all.") ||
		!strings.Contains(dataElement.FindString(out), `{"count":10,`) {
		t.Error("the page does not say that two findings are left out, or holds them all the same")
	}
}

func TestWriteErrorComesBack(t *testing.T) {
	for _, r := range []*report.Report{reporttest.Small(), reporttest.Big(5000)} {
		if err := encoder(t).Encode(brokenPipe{}, r); err == nil {
			t.Error("no error from a writer that fails")
		}
	}
}

func TestSizeGrowsByWhatIsNew(t *testing.T) {
	// 30 MB for 100,000 findings are 300 bytes for each.
	small, big := len(encode(t, reporttest.Big(1000))), len(encode(t, reporttest.Big(11000)))
	if perFinding := (big - small) / 10000; perFinding > 270 {
		t.Errorf("%d bytes a finding", perFinding)
	}
}

// markup is the page without its script, its style and its data.
func markup(out string) string {
	for _, e := range []*regexp.Regexp{styleElement, scriptElement, dataElement} {
		out = e.ReplaceAllString(out, "")
	}
	return out
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func encoder(t *testing.T) *Encoder {
	t.Helper()
	e, err := New()
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func encode(t *testing.T, r *report.Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := encoder(t).Encode(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
