package reporttest

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/report"
)

func TestFixturesAreConsistent(t *testing.T) {
	for name, r := range map[string]*report.Report{"small": Small(), "grouped": Grouped(), "big": Big(1000)} {
		var got report.Summary
		for i := range r.Findings {
			count(&got, &r.Findings[i])
		}
		if got.Findings != r.Summary.Findings || got.New != r.Summary.New || got.Resolved != r.Summary.Resolved {
			t.Errorf("%s: summary %+v does not count its findings: %+v", name, r.Summary, got)
		}
		if !slices.IsSortedFunc(r.Findings, order) {
			t.Errorf("%s: findings are not sorted by severity, rule and key", name)
		}
	}
}

func TestSmallAddsUp(t *testing.T) {
	r := Small()
	entities := 0
	for _, o := range r.Summary.Overlap {
		entities += o.Entities
	}
	if entities != r.Summary.Entities {
		t.Errorf("overlap holds %d entities, summary says %d", entities, r.Summary.Entities)
	}
	if last := r.Trend[len(r.Trend)-1]; last.Scan != r.Scan.ID || last.Findings != len(r.Findings)-r.Summary.Resolved {
		t.Errorf("last point of the trend %+v is not this scan", last)
	}
}

func TestFixturesAreMadeAnew(t *testing.T) {
	first := Small()
	first.Findings[1].Diff[0].Attribute = "changed by a test"
	if diff := cmp.Diff("deletionProtection", Small().Findings[1].Diff[0].Attribute); diff != "" {
		t.Errorf("a change of one fixture shows in the next:\n%s", diff)
	}
}
