package htmlreport

import (
	"slices"

	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/rules"
)

// How many groups the page shows above the list of findings, and how many findings of each it names. The list can show all.
const (
	shownCauses  = 100
	shownMembers = 10
)

// cause is a group of findings with the first of them.
type cause struct {
	report.Cause
	Members []*rules.Finding
	More    int
}

func causes(r *report.Report) cutList[cause] {
	shown := cutTo(r.Groups, shownCauses)
	out := cutList[cause]{More: shown.More, Items: make([]cause, len(shown.Items))}
	at := make(map[string]int, len(shown.Items))
	for i, g := range shown.Items {
		out.Items[i] = cause{Cause: g, More: g.Count}
		at[g.ID] = i
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		n, ok := at[f.Group]
		if !ok || f.Group == "" || len(out.Items[n].Members) == shownMembers {
			continue
		}
		out.Items[n].Members = append(out.Items[n].Members, f)
		out.Items[n].More--
	}
	return out
}

// titles are what the groups of the findings that the page holds are called, by id.
func titles(r *report.Report) map[string]string {
	out := make(map[string]string, len(r.Groups))
	for _, g := range r.Groups {
		out[text(g.ID)] = text(g.Title)
	}
	return out
}

// diffRow is a difference as the page's script takes it: attribute, declared, actual (a side that lacks it is null), whether it is a
// secret, and what differs within lists and objects, each as change, path, declared, actual.
type diffRow struct {
	attribute        string
	declared, actual *string
	secret           bool
	elements         [][4]string
}

// MarshalJSON leaves out what is not there, since most differences are three short texts.
func (d diffRow) MarshalJSON() ([]byte, error) {
	row := []any{d.attribute, d.declared, d.actual}
	if d.secret || len(d.elements) > 0 {
		row = append(row, d.secret)
	}
	if len(d.elements) > 0 {
		row = append(row, d.elements)
	}
	return marshal(row)
}

func diffOf(d *rules.Difference) diffRow {
	row := diffRow{attribute: text(d.Attribute), declared: side(d.Declared, d.DeclaredAbsent), actual: side(d.Actual, d.ActualAbsent), secret: d.Secret}
	for _, e := range d.Elements[:min(len(d.Elements), maxElements)] {
		row.elements = append(row.elements, [4]string{string(e.Change), text(e.Path), text(e.Declared), text(e.Actual)})
	}
	if more := len(d.Elements) - maxElements; more > 0 {
		row.elements = append(row.elements, [4]string{"more", number(more), "", ""})
	}
	return row
}

// maxElements is how many elements of one list or object the page tells; the JSON report holds all.
const maxElements = 100

// few cuts the elements that the page shows without its script.
func few(list []rules.Element) cutList[rules.Element] { return cutTo(slices.Clip(list), 10) }
