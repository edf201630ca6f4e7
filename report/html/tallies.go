package htmlreport

import (
	"cmp"
	"slices"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/rules"
)

// tally counts the open findings of one owner or account.
type tally struct {
	Value  string
	Counts report.SeverityCounts
	Count  int
	New    int     // since the last complete scan; in this scan where there was none
	Bar    []level // of a bar as long as the longest
}

// tallyList is a list of tallies, the field of the findings' filter that their values fit, and the word for no value.
type tallyList struct {
	Field, None string
	Items       []tally
	More        int
}

// tallies returns the values with open findings, worst first: those with most critical ones, then with most high ones, and so on.
func tallies(r *report.Report, field, none string, value func(*rules.Finding) string) tallyList {
	counts := map[string]*tally{}
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.State == inventory.FindingResolved {
			continue
		}
		t := counts[value(f)]
		if t == nil {
			t = &tally{Value: value(f)}
			counts[t.Value] = t
		}
		t.Count++
		t.Counts.Add(f.Severity)
		if isFresh(r, f) {
			t.New++
		}
	}
	out := make([]tally, 0, len(counts))
	most := 0
	for _, t := range counts {
		out = append(out, *t)
		most = max(most, t.Count)
	}
	slices.SortFunc(out, worse)
	for i := range out {
		out[i].Bar = levelsOf(out[i].Counts, most)
	}
	return tallyList{Field: field, None: none, Items: out}
}

func worse(a, b tally) int {
	x, y := a.Counts, b.Counts
	return cmp.Or(cmp.Compare(y.Critical, x.Critical), cmp.Compare(y.High, x.High), cmp.Compare(y.Medium, x.Medium),
		cmp.Compare(y.Low, x.Low), cmp.Compare(y.Info, x.Info), cmp.Compare(a.Value, b.Value))
}

func (l tallyList) cut(n int) tallyList {
	shown := cutTo(l.Items, n)
	l.Items, l.More = shown.Items, shown.More
	return l
}

// isFresh reports whether an open finding is new since the last complete scan; where there was none, in this scan.
func isFresh(r *report.Report, f *rules.Finding) bool {
	switch {
	case f.State == inventory.FindingResolved:
		return false
	case r.Changes == nil:
		return f.State == inventory.FindingNew
	}
	return report.IsNewSince(f, r.Changes.Started)
}
