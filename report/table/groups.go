package tablereport

import (
	"fmt"
	"time"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/rules"
)

// maxMembers is how many findings of a group are named.
const maxMembers = 3

// item is a line of the list: a finding, or a group of them.
type item struct {
	cause    *report.Cause // nil if it is one finding
	findings []*rules.Finding
}

// grouped puts each group in the place of its first finding.
func grouped(r *report.Report, open []*rules.Finding) []item {
	causes := make(map[string]*report.Cause, len(r.Groups))
	for i := range r.Groups {
		causes[r.Groups[i].ID] = &r.Groups[i]
	}
	at := make(map[string]int, len(causes))
	var list []item
	for _, f := range open {
		cause := causes[f.Group]
		if i, ok := at[f.Group]; ok && cause != nil {
			list[i].findings = append(list[i].findings, f)
			continue
		}
		if cause != nil {
			at[f.Group] = len(list)
		}
		list = append(list, item{cause, []*rules.Finding{f}})
	}
	return list
}

// countOf counts the findings of a list.
func countOf(list []item) int {
	n := 0
	for _, i := range list {
		n += len(i.findings)
	}
	return n
}

// groupCells returns a group's row: what its findings have in common, how many there are, and the names of the first.
func (p *page) groupCells(now time.Time, i *item, g *grid) []string {
	last := len(g.widths) - 1
	names, what := 2, wrap(clean(i.cause.Title), g.widths[last])
	if last > 3 {
		names = 3
	}
	width := g.widths[names]
	assets := wrap(p.style.strong(number(len(i.findings))+" findings")+" with one cause", width)
	for n, f := range i.findings {
		if n == maxMembers {
			assets = append(assets, cut(fmt.Sprintf("  and %s more", number(len(i.findings)-maxMembers)), width))
			break
		}
		assets = append(assets, "  "+assetName(f, width-2))
	}
	what = append(capLines(what, maxWhatLines), indented("  ", "    ", "group "+clean(i.cause.ID)+" in the other formats", g.widths[last])...)
	first := i.findings[0]
	if at := place(first); at != "" {
		what = append(what, indented("  ", "    ", "first at "+at, g.widths[last])...)
	}
	severity, since, rule := p.style.severity(i.cause.Severity), p.since(now, oldest(i.findings)), clean(i.cause.Rule)
	if last == 3 {
		return []string{severity, since, lines(assets), lines(append(wrap(rule, g.widths[3]), what...))}
	}
	return []string{
		severity, since, lines(wrap(rule, g.widths[2])), lines(assets), lines(wrap(shared(i.findings, where), g.widths[4])),
		cut(shared(i.findings, func(f *rules.Finding) string { return clean(f.Owner) }), g.widths[5]), lines(what),
	}
}

// oldest returns the finding that stood first; a new one only if all are new.
func oldest(list []*rules.Finding) *rules.Finding {
	best := list[0]
	for _, f := range list[1:] {
		if isNew, bestIsNew := f.State == inventory.FindingNew, best.State == inventory.FindingNew; isNew != bestIsNew && bestIsNew ||
			isNew == bestIsNew && f.FirstSeen.Before(best.FirstSeen) {
			best = f
		}
	}
	return best
}

// shared is what a text of all findings is; empty if they differ.
func shared(list []*rules.Finding, text func(*rules.Finding) string) string {
	first := text(list[0])
	for _, f := range list[1:] {
		if text(f) != first {
			return ""
		}
	}
	return first
}
