package markdownreport

import (
	"flag"
	"fmt"
	"html"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/report/ci"
	"github.com/muster-audit/muster/report/quote"
	"github.com/muster-audit/muster/report/reporttest"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func encoder(k Kind) *Encoder {
	return New(k, ci.Files{Root: "/repo", Dir: "/repo", Config: "/repo/muster.yaml", Policies: []string{"/repo/policy.yaml"}})
}

func kinds() []Kind { return []Kind{Comment, Summary} }

func write(t *testing.T, k Kind, r *report.Report) string {
	t.Helper()
	return string(reporttest.Encode(t, encoder(k), r))
}

func TestSuite(t *testing.T) {
	for _, k := range kinds() {
		reporttest.Run(t, encoder(k))
	}
}

func TestGolden(t *testing.T) {
	reporttest.Golden(t, "small.md", reporttest.Encode(t, encoder(Comment), reporttest.Small()), *update)
	reporttest.Golden(t, "clean.md", reporttest.Encode(t, encoder(Comment), reporttest.Clean()), *update)
}

// quoted is what code returns: no sign that Markdown, HTML or a forge gives a meaning.
var quoted = regexp.MustCompile(`<code>(&#[0-9]+;|[A-Za-z0-9 /=,%;?-]|[^\x00-\x7f])+</code>`)

// own are the lines that this package writes, with C for what strangers wrote.
func own() []*regexp.Regexp {
	var out []*regexp.Regexp
	for _, s := range []string{
		`<!-- muster:report -->`, ``, `## muster: gate [a-z: ]+`, `- C`, `\|(---\|)+`, `### (New|Open) findings: \d+`, `### Unknown`,
		`\| critical \| high \| medium \| low \| info \| new \| resolved \| accepted \| unknown \|`, `\|( \d+ \|){9}`,
		`\d+ assets? seen, \d+ in the register, \d+ in code\. Tag coverage [^<>]+, code coverage [^<>]+\. Scan \d+ of [0-9: -]+ UTC\.`,
		`\| severity \| what \| rule \| why \| where \|`, `- and \d+ more gaps?`,
		`\| (critical|high|medium|low|info) \| C?( C)? \| C? \| C?( \(could not be judged again\))?( owner C?)? \| C? \|`,
		`\*\*\d+ findings? not shown here\*\*: the text may hold \d+ characters\. The HTML and JSON reports have all\.`,
	} {
		out = append(out, regexp.MustCompile(`^`+s+`$`))
	}
	return out
}

// TestStrangersStayInCode: names and messages form no table, link, mention, heading or tag.
func TestStrangersStayInCode(t *testing.T) {
	patterns := own()
	for name, build := range reporttest.Fixtures() {
		for _, k := range kinds() {
			for line := range strings.Lines(write(t, k, build())) {
				line = quoted.ReplaceAllString(strings.TrimSuffix(line, "\n"), "C")
				if !slices.ContainsFunc(patterns, func(p *regexp.Regexp) bool { return p.MatchString(line) }) {
					t.Errorf("%s: line %q", name, line)
				}
			}
		}
	}
}

var notShown = regexp.MustCompile(`\*\*(\d+) findings? not shown here`)

// TestItFitsAndSaysWhatDoesNot: neither limit is passed, and every finding is shown or counted.
func TestItFitsAndSaysWhatDoesNot(t *testing.T) {
	for _, n := range []int{0, 1, 100, 300, 3000, 20_000} {
		r := reporttest.Big(max(n, 1))
		r.Findings = r.Findings[:n]
		open := 0
		for range ci.Open(r) {
			open++
		}
		for _, k := range kinds() {
			text := write(t, k, r)
			if limit := encoder(k).limit(); len(text) > limit || n == 20_000 && len(text) < limit*9/10 {
				t.Errorf("%d findings: %d bytes, limit %d", n, len(text), limit)
			}
			shown := strings.Count(text, "\n| critical | <") + strings.Count(text, "\n| high | <") + strings.Count(text, "\n| medium | <") +
				strings.Count(text, "\n| low | <") + strings.Count(text, "\n| info | <")
			left := 0
			if m := notShown.FindStringSubmatch(text); m != nil {
				if _, err := fmt.Sscan(m[1], &left); err != nil {
					t.Fatal(err)
				}
			}
			if shown+left != open {
				t.Errorf("%d findings, kind %d: %d shown, %d counted", open, k, shown, left)
			}
		}
	}
}

func TestHostileFits(t *testing.T) {
	r := reporttest.Hostile()
	for i := range 1000 {
		r.Gate.Reasons = append(r.Gate.Reasons, strings.Repeat("|", 1000))
		r.Unknown = append(r.Unknown, report.UnknownCount{Rule: fmt.Sprint(i, strings.Repeat("|", 1000)), Reason: strings.Repeat("*", 1000), Entities: 1})
	}
	for _, k := range kinds() {
		text := write(t, k, r)
		if limit := encoder(k).limit(); len(text) > limit {
			t.Errorf("%d bytes, limit %d", len(text), limit)
		}
		if !strings.Contains(text, "### New findings") {
			t.Error("no room was left for findings")
		}
	}
}

// TestNewFindingsComeFirst, whatever their severity.
func TestNewFindingsComeFirst(t *testing.T) {
	r := reporttest.Small()
	r.Findings[len(r.Findings)-1].State = inventory.FindingNew
	text := write(t, Comment, r)
	mild, open := strings.Index(text, "| info | "), strings.Index(text, "### Open findings")
	if mild < 0 || open < mild {
		t.Errorf("the new finding stands at %d, the open ones at %d", mild, open)
	}
	if !strings.HasPrefix(text, Marker+"\n") {
		t.Error("the marker is not the first line")
	}
	if strings.Contains(text, "acme-tmp-2024") {
		t.Error("a resolved finding is listed")
	}
}

func TestCoverageIsHonest(t *testing.T) {
	f := func(x float64) *float64 { return &x }
	for _, c := range []struct {
		known, low, high *float64
		want             string
	}{
		{nil, nil, nil, "not measured"},
		{nil, f(0), f(1), "unknown"},
		{f(0.9996), f(0.9996), f(0.9996), "99.9 %"},
		{f(0.8), f(0.7), f(0.9), "80.0 % (with what is unknown 70.0 % to 90.0 %)"},
	} {
		if got := coverage(c.known, c.low, c.high); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

func FuzzCode(f *testing.F) {
	for _, p := range reporttest.Payloads() {
		f.Add(p)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := code(s, 200)
		if got == "" && quote.Line(s, 200) == "" {
			return
		}
		if quoted.FindString(got) != got {
			t.Errorf("%q is written %q", s, got)
		}
		inside := strings.TrimSuffix(strings.TrimPrefix(got, "<code>"), "</code>")
		if back := html.UnescapeString(inside); back != quote.Line(s, 200) {
			t.Errorf("%q reads as %q", s, back)
		}
	})
}
