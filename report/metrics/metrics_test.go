package metricsreport

import (
	"flag"
	"fmt"
	"math"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/report/ci"
	"github.com/muster-audit/muster/report/quote"
	"github.com/muster-audit/muster/report/reporttest"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestSuite(t *testing.T) { reporttest.Run(t, Encoder{}) }

func TestGolden(t *testing.T) {
	reporttest.Golden(t, "small.prom", reporttest.Encode(t, Encoder{}, reporttest.Small()), *update)
}

var (
	help   = regexp.MustCompile(`^# HELP ([a-z_]+) [^\\]+$`)
	typ    = regexp.MustCompile(`^# TYPE ([a-z_]+) gauge$`)
	sample = regexp.MustCompile(`^([a-z_]+)(\{[a-z]+="(?:[^"\\]|\\["\\n])*"(?:,[a-z]+="(?:[^"\\]|\\["\\n])*")*\})? (-?[0-9]+(?:\.[0-9]+)?)$`)
)

// parse reads the text format strictly: HELP and TYPE once, before the samples of the metric, which stand together; no series
// twice; no time stamp.
func parse(text string) (map[string]float64, error) {
	out := map[string]float64{}
	seen := map[string]bool{}
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for i := 0; i < len(lines); {
		h, m := help.FindStringSubmatch(lines[i]), []string(nil)
		if i+1 < len(lines) {
			m = typ.FindStringSubmatch(lines[i+1])
		}
		if h == nil || m == nil || h[1] != m[1] || seen[h[1]] {
			return nil, fmt.Errorf("line %d begins no metric: %q", i+1, lines[i])
		}
		seen[h[1]] = true
		first := i + 2
		for i = first; i < len(lines) && !strings.HasPrefix(lines[i], "#"); i++ {
			s := sample.FindStringSubmatch(lines[i])
			if s == nil || s[1] != h[1] {
				return nil, fmt.Errorf("line %d is no sample of %s: %q", i+1, h[1], lines[i])
			}
			if _, twice := out[s[1]+s[2]]; twice {
				return nil, fmt.Errorf("series %s twice", s[1]+s[2])
			}
			v, err := strconv.ParseFloat(s[3], 64)
			if err != nil {
				return nil, err
			}
			out[s[1]+s[2]] = v
		}
		if i == first {
			return nil, fmt.Errorf("metric %s has no sample", h[1])
		}
	}
	return out, nil
}

func read(t *testing.T, r *report.Report) map[string]float64 {
	t.Helper()
	out, err := parse(string(reporttest.Encode(t, Encoder{}, r)))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestFormat(t *testing.T) {
	for _, build := range reporttest.Fixtures() {
		read(t, build())
	}
	text := string(reporttest.Encode(t, Encoder{}, reporttest.Small()))
	for _, c := range []struct{ old, with string }{
		{"muster_scan_complete 0", "muster_scan_complete 0 1700000000"},
		{"muster_gate_passed 0", "muster_gate_passed 0\nmuster_gate_passed 0"},
		{`severity="high"`, `severity="hi"gh"`},
		{"# TYPE muster_assets gauge\n", ""},
	} {
		changed := strings.Replace(text, c.old, c.with, 1)
		if _, err := parse(changed); err == nil || changed == text {
			t.Errorf("%q is read", c.with)
		}
	}
}

func TestSmall(t *testing.T) {
	got := read(t, reporttest.Small())
	for series, want := range map[string]float64{
		`muster_scan_started_timestamp_seconds`:                                     float64(reporttest.Night().Unix()),
		`muster_scan_complete`:                                                      0,
		`muster_gate_exit_code`:                                                     1,
		`muster_assets{source="dc",book="recorded"}`:                                47,
		`muster_scopes{source="aws-prod",state="failed"}`:                           1,
		`muster_scopes{source="aws-prod",state="ok"}`:                               2,
		`muster_findings{severity="high"}`:                                          5,
		`muster_rule_findings{source="aws-prod",rule="tags/owner",severity="high"}`: 1,
		`muster_team_findings{team="payments",severity="high"}`:                     2,
		`muster_team_findings{team="unknown",severity="high"}`:                      2,
		`muster_findings_accepted`:                                                  2,
		`muster_rule_entities{rule="tags/owner",verdict="pass"}`:                    66,
		`muster_rule_entities{rule="tags/owner",verdict="unknown"}`:                 6,
		`muster_coverage_ratio{measure="tag",bound="least"}`:                        0.775,
	} {
		if v, ok := got[series]; !ok || math.Abs(v-want) > 1e-9 {
			t.Errorf("%s is %v (there: %v), want %v", series, v, ok, want)
		}
	}
}

// TestNothingToMeasureHasNoSeries: a coverage of 0 would be a claim.
func TestNothingToMeasureHasNoSeries(t *testing.T) {
	for series := range read(t, reporttest.Empty()) {
		if strings.Contains(series, "ratio") || strings.Contains(series, "timestamp") {
			t.Errorf("%s", series)
		}
	}
}

// TestSeriesAreBounded, and no finding is lost.
func TestSeriesAreBounded(t *testing.T) {
	r := reporttest.Big(20_000)
	open := 0
	for i := range r.Findings {
		f := &r.Findings[i]
		f.Owner, f.Asset.Source, f.Rule = fmt.Sprint("team", i), fmt.Sprint("source", i), fmt.Sprint("rule", i%5000)
	}
	for range ci.Open(r) {
		open++
	}
	sums, series := map[string]float64{}, map[string]int{}
	for name, v := range read(t, r) {
		name, _, _ = strings.Cut(name, "{")
		sums[name] += v
		series[name]++
	}
	for name, most := range map[string]int{"muster_findings": 5, "muster_team_findings": (maxTeams + 1) * 5, "muster_rule_findings": 3000} {
		if int(sums[name]) != open || series[name] > most {
			t.Errorf("%s: %v findings of %d in %d series", name, sums[name], open, series[name])
		}
	}
}

func TestLabelsThatBecomeTheSameAreAdded(t *testing.T) {
	g := newGauge("a", "b", "c")
	g.add(1, strings.Repeat("x", 200)+"1")
	g.add(1, strings.Repeat("x", 200)+"2")
	if d := cmp.Diff(map[string]float64{`{c="` + strings.Repeat("x", maxLabel-3) + `…"}`: 2}, g.series); d != "" {
		t.Error(d)
	}
}

// TestMetricsAreDocumented: the table in docs/reports.md names each metric and its labels, in this order.
func TestMetricsAreDocumented(t *testing.T) {
	doc, err := os.ReadFile("../../docs/reports.md")
	if err != nil {
		t.Fatal(err)
	}
	var documented, written []string
	for _, m := range regexp.MustCompile("(?m)^\\| `(muster_[a-z_]+)` \\| ([^|]*)\\|").FindAllStringSubmatch(string(doc), -1) {
		documented = append(documented, m[1]+" "+strings.ReplaceAll(strings.ReplaceAll(strings.TrimSpace(m[2]), "`", ""), " ", ""))
	}
	label := regexp.MustCompile(`([a-z]+)="`)
	r := reporttest.Small()
	now := reporttest.Night()
	for i := range r.Scopes {
		r.Scopes[i].AsOf = &now
	}
	for line := range strings.Lines(string(reporttest.Encode(t, Encoder{}, r))) {
		name, _, _ := strings.Cut(line, "{")
		name, _, _ = strings.Cut(name, " ")
		var labels []string
		for _, m := range label.FindAllStringSubmatch(line, -1) {
			labels = append(labels, m[1])
		}
		if entry := name + " " + strings.Join(labels, ","); name != "#" && !slices.Contains(written, entry) {
			written = append(written, entry)
		}
	}
	if d := cmp.Diff(written, documented); d != "" {
		t.Errorf("metrics (-written +documented):\n%s", d)
	}
}

func FuzzLabel(f *testing.F) {
	for _, p := range reporttest.Payloads() {
		f.Add(p)
	}
	undo := regexp.MustCompile(`\\(.)`)
	f.Fuzz(func(t *testing.T, s string) {
		g := newGauge("a", "b", "c")
		g.add(1, s)
		for key := range g.series {
			if !sample.MatchString("a" + key + " 1") {
				t.Errorf("%q is written %q", s, key)
			}
			inside := strings.TrimSuffix(strings.TrimPrefix(key, `{c="`), `"}`)
			back := undo.ReplaceAllStringFunc(inside, func(m string) string { return strings.Replace(m[1:], "n", "\n", 1) })
			if back != quote.Line(s, maxLabel) {
				t.Errorf("%q reads as %q", s, back)
			}
		}
	})
}
