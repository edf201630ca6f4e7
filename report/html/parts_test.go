package htmlreport

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/report/reporttest"
	"github.com/muster-audit/muster/rules"
)

func TestColumnsHoldEveryFinding(t *testing.T) {
	r := reporttest.Hostile()
	var data struct {
		Count   int
		Columns map[string]columnData
		Diffs   json.RawMessage
		Groups  map[string]string
	}
	if err := json.Unmarshal([]byte(dataElement.FindStringSubmatch(encode(t, r))[1]), &data); err != nil {
		t.Fatal(err)
	}
	if data.Count != len(r.Findings) {
		t.Fatalf("%d findings, want %d", data.Count, len(r.Findings))
	}
	cell := func(name string, i int) string { return data.Columns[name].Texts[data.Columns[name].Rows[i]] }
	for i := range r.Findings {
		f := &r.Findings[i]
		got := []string{cell("rule", i), cell("key", i), cell("owner", i), cell("severity", i), withoutHolders(f, cell("message", i)), withoutHolders(f, cell("fix", i))}
		want := []string{text(f.Rule), text(f.Asset.Key), text(f.Owner), f.Severity.String(), text(f.Message), text(f.Fix)}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("finding %d (-want +got):\n%s", i, diff)
		}
	}
	want, err := json.Marshal(diffs(r.Findings))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(data.Diffs)); diff != "" {
		t.Errorf("differences (-want +got):\n%s", diff)
	}
	if title := data.Groups[text(r.Groups[0].ID)]; title != text(r.Groups[0].Title) {
		t.Errorf("group %q is called %q", r.Groups[0].ID, title)
	}
}

func TestColumnsWriteEachTextOnce(t *testing.T) {
	r := reporttest.Big(5000)
	for _, spec := range columnSpecs(r) {
		if spec.name == "message" || spec.name == "fix" || spec.name == "rule" {
			if n := len(column(r.Findings, spec.cell).Texts); n > len(r.Rules) {
				t.Errorf("column %s has %d texts: the asset's name is not taken out", spec.name, n)
			}
		}
	}
}

func TestDifferencesInTheData(t *testing.T) {
	long := make([]rules.Element, 150)
	for i := range long {
		long[i] = rules.Element{Change: rules.ElementAdded, Actual: "x"}
	}
	hash := inventory.NewSecretHash(make([]byte, 16)).Hash("x")
	for _, tt := range []struct {
		d    rules.Difference
		want string
	}{
		{rules.Difference{Attribute: "A", Declared: "1", Actual: "2"}, `["A","1","2"]`},
		{rules.Difference{Attribute: "A", DeclaredAbsent: true, Actual: "2"}, `["A",null,"2"]`},
		{rules.Difference{Attribute: "A", Declared: hash, Actual: hash, Secret: true}, `["A","(secret)","(secret)",true]`},
		{
			rules.Difference{Attribute: "A", Declared: "[]", Actual: "[1]", Elements: []rules.Element{{Path: "p", Change: rules.ElementAdded, Actual: "1"}}},
			`["A","[]","[1]",false,[["added","p","","1"]]]`,
		},
	} {
		got, err := json.Marshal(diffOf(&tt.d))
		if err != nil || string(got) != tt.want {
			t.Errorf("%+v: %s, %v, want %s", tt.d, got, err, tt.want)
		}
	}
	row := diffOf(&rules.Difference{Elements: long})
	if last := row.elements[len(row.elements)-1]; len(row.elements) != maxElements+1 || last[1] != "50" {
		t.Errorf("%d elements, the last is %v", len(row.elements), last)
	}
}

func TestCauses(t *testing.T) {
	out := markup(encode(t, reporttest.Grouped()))
	for _, want := range []string{
		`<section id="causes"`, "40 findings", "InstanceType is t3.large, declared t3.micro", "and 30 more", `href="#?group=g-`, "changed (secret)", "<a href=\"#causes\">Causes</a>",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in the page", want)
		}
	}
	if whole := encode(t, reporttest.Grouped()); strings.Contains(whole, "hmac:") {
		t.Error("a secret's hash stands in the page")
	}
	if strings.Contains(encode(t, reporttest.Clean()), `id="causes"`) {
		t.Error("a report without groups has a section for them")
	}
}

// nights is a trend of one scan a night; of values below 0 there was nothing to measure.
func nights(complete []bool, values ...float64) []report.TrendPoint {
	out := make([]report.TrendPoint, len(values))
	for i, v := range values {
		out[i] = report.TrendPoint{Started: reporttest.Night().AddDate(0, 0, i), Complete: complete[i], Findings: int(100 * v)}
		if v >= 0 {
			out[i].TagCoverage = &v
		}
	}
	return out
}

func tagsOf(p *report.TrendPoint) *float64 { return p.TagCoverage }

func TestTrendDrawsCompleteScans(t *testing.T) {
	trend := nights([]bool{true, false, true, true, true}, 0.5, 0.01, 0.75, -1, 1)
	trend[2].Policy, trend[1].Policy = "sha256:2", "sha256:1"
	want := &trendChart{
		Lines: []string{"6.0,56.0 135.0,31.0", "264.0,6.0"}, Dots: []spot{{"6.0", "56.0"}, {"135.0", "31.0"}}, Partial: []string{"70.5"},
		Policies: []string{"135.0"}, Last: &spot{"264.0", "6.0"}, Top: "100.0\u00a0%", Bottom: "50.0\u00a0%", Caption: "Up from 50.0\u00a0% on 21 Nov",
		Text: "Tag coverage over 3 complete scans: from 50.0\u00a0% on 21 Nov 2026 to 100.0\u00a0% on 25 Nov 2026." +
			" 1 scan in between was incomplete and left out. The policy changed on 23 Nov 2026.",
	}
	if diff := cmp.Diff(want, newTrend(trend, ratioSeries("Tag coverage", tagsOf, nil, nil))); diff != "" {
		t.Errorf("trend (-want +got):\n%s", diff)
	}
}

// TestTrendOfAnIncompleteScan: a scan that could not read everything neither ends the line nor shows as one certain number.
func TestTrendOfAnIncompleteScan(t *testing.T) {
	trend := nights([]bool{true, true, false}, 0.7, 0.8, 0.9)
	got := newTrend(trend, ratioSeries("Tag coverage", tagsOf, new(0.6), new(0.95)))
	if !got.Hollow || got.Low == "" || got.High == "" || len(got.Lines) != 1 || strings.Count(got.Lines[0], ",") != 2 {
		t.Errorf("trend %+v", got)
	}
	for _, want := range []string{"This scan is incomplete", "between 60.0\u00a0% and 95.0\u00a0%"} {
		if !strings.Contains(got.Text, want) {
			t.Errorf("no %q in %q", want, got.Text)
		}
	}
	if strings.Contains(got.Caption, "90.0") {
		t.Errorf("caption %q compares an incomplete scan with complete ones", got.Caption)
	}
}

func TestTrendNeedsTwoScansToCompare(t *testing.T) {
	for name, trend := range map[string][]report.TrendPoint{
		"none": nil, "one": nights([]bool{true}, 0.5), "none complete": nights([]bool{false, false, false}, 0.5, 0.6, 0.7),
		"one complete, and nothing to measure": nights([]bool{true, true}, 0.5, -1), "the first complete": nights([]bool{false, true}, 0.5, 0.6),
	} {
		if got := newTrend(trend, ratioSeries("Tag coverage", tagsOf, nil, nil)); got != nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if got := newTrend(nights([]bool{true, false}, 0.5, 0.6), findingSeries()); got == nil || !got.Hollow || got.Caption != "Complete scans: 50 on 21 Nov, 50 on 21 Nov" {
		t.Errorf("one complete scan before an incomplete one: %+v", got)
	}
}

// TestTrendStaysInItsChart: whatever the numbers, all points lie within the picture, in order of time.
func TestTrendStaysInItsChart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 12).Draw(t, "scans")
		complete := rapid.SliceOfN(rapid.Bool(), n, n).Draw(t, "complete")
		values := rapid.SliceOfN(rapid.Float64Range(-0.2, 1), n, n).Draw(t, "values")
		trend := nights(complete, values...)
		c := newTrend(trend, ratioSeries("Tag coverage", tagsOf, nil, nil))
		if c == nil {
			return
		}
		x := -1.0
		for _, line := range c.Lines {
			for p := range strings.FieldsSeq(line) {
				var px, py float64
				if _, err := fmt.Sscanf(p, "%f,%f", &px, &py); err != nil || px <= x || px > trendWidth || py < 0 || py > trendHeight {
					t.Fatalf("point %q after x %v: %v", p, x, err)
				}
				x = px
			}
		}
	})
}

func TestBooksAreInProportion(t *testing.T) {
	b := newBooks(&reporttest.Small().Summary)
	if got := []int{b.Rows[0].Count, b.Rows[1].Count, b.Rows[2].Count}; !cmp.Equal(got, []int{73, 47, 58}) {
		t.Errorf("things in each book: %v", got)
	}
	want := []segment{{"0.00%", "19.39%", 1}, {"19.39%", "10.20%", 2}, {"29.59%", "19.39%", 3}, {"48.98%", "25.51%", 2}}
	if diff := cmp.Diff(want, b.Rows[0].Segments); diff != "" {
		t.Errorf("line of the observed book (-want +got):\n%s", diff)
	}
	if got := []int{b.Tiers[0].Count, b.Tiers[1].Count, b.Tiers[2].Count}; !cmp.Equal(got, []int{19, 42, 37}) {
		t.Errorf("in three, two and one: %v", got)
	}
	for _, want := range []string{"observed 73, recorded 47, declared 58", "19 in all three", "25 in observed and declared alone", "11 in recorded alone"} {
		if !strings.Contains(b.Text, want) {
			t.Errorf("no %q in %q", want, b.Text)
		}
	}
}

// TestBookLengthsAddUp: what a line shows of each book is in proportion to its things, whatever the numbers.
func TestBookLengthsAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s report.Summary
		total := 0
		for _, in := range bookOrder() {
			n := rapid.IntRange(0, 1000).Draw(t, "things")
			s.Overlap = append(s.Overlap, report.Overlap{Books: in, Entities: n})
			total += n
		}
		for _, row := range newBooks(&s).Rows {
			length := 0.0
			for _, g := range row.Segments {
				var part float64
				if _, err := fmt.Sscanf(g.Len, "%f%%", &part); err != nil {
					t.Fatal(err)
				}
				length += part
			}
			if total > 0 && math.Abs(length-100*float64(row.Count)/float64(total)) > 0.05 {
				t.Fatalf("%s: length %v for %d of %d", row.Name, length, row.Count, total)
			}
		}
	})
}

func TestWhatIsUnknownHasItsOwnPartOfTheBar(t *testing.T) {
	groups := coverageGroups([]report.Coverage{
		{Measure: "tag", Group: "account", Value: "read", Pass: 3, Fail: 1, Ratio: new(0.75)},
		{Measure: "tag", Group: "account", Value: "unread", Unknown: 9},
	})
	if len(groups) != 1 || len(groups[0].Rows) != 2 {
		t.Fatalf("groups %+v", groups)
	}
	read, unread := groups[0].Rows[0], groups[0].Rows[1]
	if read.Bar != (bar{"75.00%", "0.00%"}) || unread.Bar != (bar{"0.00%", "100.00%"}) || percent(unread.Ratio) != "–" {
		t.Errorf("bars %+v and %+v", read.Bar, unread.Bar)
	}
}

func TestTallies(t *testing.T) {
	got := tallies(reporttest.Small(), "owner", "no owner", func(f *rules.Finding) string { return f.Owner })
	var lines []string
	for _, l := range got.Items {
		lines = append(lines, fmt.Sprintf("%s %d of %d new, longest part %s", l.Value, l.New, l.Count, slices.MaxFunc(l.Bar, func(a, b level) int { return a.Count - b.Count }).Len))
	}
	want := []string{"payments 3 of 5 new, longest part 40.00%", " 1 of 3 new, longest part 40.00%", "search 0 of 2 new, longest part 20.00%", "platform 0 of 1 new, longest part 20.00%"}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("owners (-want +got):\n%s", diff)
	}
	if c := got.cut(3); len(c.Items) != 3 || c.More != 1 || len(got.Items) != 4 {
		t.Errorf("cut to 3: %d and %d more of %d", len(c.Items), c.More, len(got.Items))
	}
}

// TestWorstFirst: one critical finding outweighs any number of milder ones.
func TestWorstFirst(t *testing.T) {
	r := reporttest.Empty()
	for i := range 5 {
		r.Findings = append(r.Findings, rules.Finding{Owner: "many", Severity: rules.High, Fingerprint: fmt.Sprint(i)})
	}
	r.Findings = append(r.Findings, rules.Finding{Owner: "one", Severity: rules.Critical})
	if got := tallies(r, "owner", "", func(f *rules.Finding) string { return f.Owner }); got.Items[0].Value != "one" {
		t.Errorf("worst is %q", got.Items[0].Value)
	}
}

func TestFreshIsWhatTheReportCounts(t *testing.T) {
	r := reporttest.Small()
	count := func() (n int) {
		for i := range r.Findings {
			if isFresh(r, &r.Findings[i]) {
				n++
			}
		}
		return n
	}
	if got := count(); got != r.Changes.New {
		t.Errorf("%d fresh, the report counts %d", got, r.Changes.New)
	}
	r.Changes = nil
	if got := count(); got != r.Summary.New {
		t.Errorf("%d fresh without a complete scan, want those new in this scan: %d", got, r.Summary.New)
	}
}

func TestText(t *testing.T) {
	for in, want := range map[string]string{
		"plain":              "plain",
		"a\nb\tc":            "a\nb\tc",
		"\x1b[31m":           "\ufffd[31m",
		"\u202egnp":          "\ufffdgnp",
		"bad\xff":            "bad\ufffd",
		"👩\u200d👧":           "👩\u200d👧",
		"line\u2028separate": "line\ufffdseparate",
	} {
		if got := text(in); got != want {
			t.Errorf("text(%q) = %q, want %q", in, got, want)
		}
	}
	long := text(strings.Repeat("é", maxText))
	if !strings.HasSuffix(long, "é … (4,000 more bytes: see the JSON report)") {
		t.Errorf("a long text ends with %q", long[len(long)-60:])
	}
}

func FuzzText(f *testing.F) {
	for _, payload := range reporttest.Payloads() {
		f.Add(payload, "i-0abc", "web")
	}
	f.Fuzz(func(t *testing.T, s, key, name string) {
		shown := text(s)
		if !utf8.ValidString(shown) || strings.ContainsAny(shown, "\x00\x01\x02\x03\x1b\u202e\u2028") {
			t.Errorf("text(%q) = %q", s, shown)
		}
		finding := &rules.Finding{Asset: rules.AssetRef{Key: key, Name: name}}
		if got := withoutHolders(finding, withHolders(finding, shown)); got != shown {
			t.Errorf("holders of %q and %q turn %q into %q", key, name, shown, got)
		}
	})
}

// withoutHolders does what the page's script does.
func withoutHolders(f *rules.Finding, s string) string {
	key := text(f.Asset.Key)
	return strings.NewReplacer(
		nameHolder, text(f.Asset.Name), keyHolder, key, tailHolder, key[strings.LastIndexAny(key, "/:#")+1:],
	).Replace(s)
}
