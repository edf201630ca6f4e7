package htmlreport

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

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
	for _, spec := range columnSpecs() {
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

func TestSparkline(t *testing.T) {
	half, full := 0.5, 1.0
	trend := []report.TrendPoint{
		{Started: reporttest.Night(), TagCoverage: &half},
		{Started: reporttest.Night().AddDate(0, 0, 1)},
		{Started: reporttest.Night().AddDate(0, 0, 2), TagCoverage: &full},
	}
	got := ratioTrend("Tag coverage", trend, func(p *report.TrendPoint) *float64 { return p.TagCoverage })
	want := &sparkline{
		Lines: []string{"5.0,43.0", "235.0,5.0"}, X: "235.0", Y: "5.0", Caption: "up from 50.0\u00a0% since 21 Nov",
		Text: "Tag coverage over 2 scans: from 50.0\u00a0% on 21 Nov 2026 to 100.0\u00a0% on 23 Nov 2026",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("a gap in the trend (-want +got):\n%s", diff)
	}
	if s := countTrend(trend[:1]); s != nil {
		t.Errorf("a line of one point: %+v", s)
	}
}

func TestVenn(t *testing.T) {
	s := reporttest.Small().Summary
	s.Overlap[6].Entities = 1_234_567
	v := newVenn(&s)
	got := []string{v.Observed, v.Recorded, v.Declared, v.ObservedRecorded, v.ObservedDeclared, v.RecordedDeclared, v.All}
	if diff := cmp.Diff([]string{"19", "11", "7", "10", "25", "7", "1.2M"}, got); diff != "" {
		t.Errorf("parts (-want +got):\n%s", diff)
	}
	for _, want := range []string{"1,234,567 in all three", "25 in observed and declared alone", "11 in recorded alone"} {
		if !strings.Contains(v.Text, want) {
			t.Errorf("no %q in %q", want, v.Text)
		}
	}
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
	got := tallies(reporttest.Small().Findings, func(f *rules.Finding) string { return f.Owner })
	want := []tally{{"payments", 5, "100.00%"}, {"", 3, "60.00%"}, {"search", 2, "40.00%"}, {"platform", 1, "20.00%"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("owners (-want +got):\n%s", diff)
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
