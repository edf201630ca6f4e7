package gitlabreport

import (
	"encoding/json"
	"errors"
	"flag"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/report/ci"
	"github.com/muster-audit/muster/report/reporttest"
	"github.com/muster-audit/muster/rules"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func encoder() *Encoder {
	return New(ci.Files{Root: "/repo", Dir: "/repo", Config: "/repo/muster.yaml", Policies: []string{"/repo/policy.yaml"}})
}

func read(t *testing.T, r *report.Report) []issue {
	t.Helper()
	var out []issue
	if err := json.Unmarshal(reporttest.Encode(t, encoder(), r), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestSuite(t *testing.T) { reporttest.Run(t, encoder()) }

func TestGolden(t *testing.T) {
	reporttest.Golden(t, "small.json", reporttest.Encode(t, encoder(), reporttest.Small()), *update)
}

func TestSchema(t *testing.T) {
	wrong := reporttest.Schema(t, "codequality.schema.json")
	for name, build := range reporttest.Fixtures() {
		if err := wrong(reporttest.Encode(t, encoder(), build())); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	text := string(reporttest.Encode(t, encoder(), reporttest.Small()))
	for _, c := range []struct{ old, with string }{
		{`"blocker"`, `"fatal"`}, {`"begin":48`, `"begin":0`}, {`"path":"`, `"path":"/`}, {`"check_name":`, `"check":`},
	} {
		if changed := strings.Replace(text, c.old, c.with, 1); changed == text || wrong([]byte(changed)) == nil {
			t.Errorf("the schema accepts %s", c.with)
		}
	}
}

func TestSeverities(t *testing.T) {
	got := map[string]int{}
	for _, i := range read(t, reporttest.Small()) {
		got[i.Severity]++
	}
	want := map[string]int{"blocker": 1, "critical": 5, "major": 2, "minor": 2 + 3, "info": 1 + 3} // and 3 unread sources, 3 rules that could not judge
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("severities (-want +got):\n%s", d)
	}
	if got := read(t, reporttest.Clean()); len(got) != 0 {
		t.Errorf("everything passed, and there are %+v", got)
	}
}

// TestFingerprintsAreUnique: GitLab collapses issues of one fingerprint; and it compares them between branches.
func TestFingerprintsAreUnique(t *testing.T) {
	prints := func(r *report.Report) map[string]bool {
		out := map[string]bool{}
		for _, i := range read(t, r) {
			if out[i.Fingerprint] {
				t.Errorf("%s is not unique", i.Fingerprint)
			}
			out[i.Fingerprint] = true
		}
		return out
	}
	before := prints(reporttest.Big(500))
	moved := reporttest.Big(500)
	for i := range moved.Findings {
		moved.Findings[i].Origin.Line += 7
	}
	if d := cmp.Diff(before, prints(moved)); d != "" {
		t.Errorf("a line changes fingerprints:\n%s", d)
	}
}

func TestNoFileIsAnError(t *testing.T) {
	r := &report.Report{Findings: []rules.Finding{{Rule: "tags/owner"}}}
	if err := New(ci.Files{}).Encode(io.Discard, r); !errors.Is(err, errNoFile) {
		t.Errorf("error %v", err)
	}
}
