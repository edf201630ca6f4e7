package jenkinsreport

import (
	"encoding/json"
	"flag"
	"html"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/report/ci"
	"github.com/muster-audit/muster/report/reporttest"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func encoder() *Encoder {
	return New(ci.Files{Root: "/repo", Dir: "/repo", Config: "/repo/muster.yaml", Policies: []string{"/repo/policy.yaml"}})
}

func read(t *testing.T, e *Encoder, r *report.Report) []issue {
	t.Helper()
	var out struct{ Issues []issue }
	if err := json.Unmarshal(reporttest.Encode(t, e, r), &out); err != nil {
		t.Fatal(err)
	}
	return out.Issues
}

func TestSuite(t *testing.T) { reporttest.Run(t, encoder()) }

func TestGolden(t *testing.T) {
	reporttest.Golden(t, "small.json", reporttest.Encode(t, encoder(), reporttest.Small()), *update)
}

func TestSchema(t *testing.T) {
	wrong := reporttest.Schema(t, "issues.schema.json")
	for name, build := range reporttest.Fixtures() {
		for _, e := range []*Encoder{encoder(), New(ci.Files{})} {
			if err := wrong(reporttest.Encode(t, e, build())); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	text := string(reporttest.Encode(t, encoder(), reporttest.Small()))
	for _, c := range []struct{ old, with string }{
		{`"HIGH"`, `"SEVERE"`}, {`"lineStart":48`, `"lineStart":"48"`}, {`"message":"`, `"message":"<b>`}, {`"fileName":"`, `"fileName":"/`},
	} {
		if changed := strings.Replace(text, c.old, c.with, 1); changed == text || wrong([]byte(changed)) == nil {
			t.Errorf("the schema accepts %s", c.with)
		}
	}
}

func TestSeveritiesAndGaps(t *testing.T) {
	got := map[string]int{}
	for _, i := range read(t, encoder(), reporttest.Small()) {
		got[i.Category+" "+i.Severity]++
	}
	want := map[string]int{
		"critical ERROR": 1, "high HIGH": 5, "medium NORMAL": 2, "low LOW": 2, "info LOW": 1, "unread NORMAL": 3, "unknown LOW": 3,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("issues (-want +got):\n%s", d)
	}
	if got := read(t, encoder(), reporttest.Clean()); len(got) != 0 {
		t.Errorf("everything passed, and there are %+v", got)
	}
}

func FuzzDescription(f *testing.F) {
	for _, p := range reporttest.Payloads() {
		f.Add(p, "x")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		got := htmlLines([]string{a, b})
		if strings.ContainsAny(strings.ReplaceAll(got, "<br>", ""), `<>"'`) {
			t.Errorf("%q holds more than text", got)
		}
		if first, second, _ := strings.Cut(got, "<br>"); html.UnescapeString(first) != a || html.UnescapeString(second) != b {
			t.Errorf("%q and %q read as %q", a, b, got)
		}
	})
}
