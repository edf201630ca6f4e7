package tablereport

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/rules"
)

// maxResolved is how many resolved findings are named.
const maxResolved = 10

// wideEnough is the width from which each field has a column of its own; below, asset, place and owner share one.
const wideEnough = 120

func (p *page) findings(r *report.Report) error {
	open, resolved := unresolved(r)
	p.line("")
	if len(open) == 0 {
		p.line("%s", p.style.good("No findings: everything that was read passes."))
	}
	list := grouped(r, open)
	shown := list
	if p.limit > 0 && len(list) > p.limit {
		shown = list[:p.limit]
	}
	if err := p.findingTable(r.Scan.Started, shown); err != nil {
		return err
	}
	if more := len(open) - countOf(shown); more > 0 {
		p.line("and %s more: muster report --format csv --output FOLDER", number(more))
	}
	p.resolved(resolved)
	return nil
}

func (p *page) findingTable(now time.Time, list []item) error {
	if len(list) == 0 {
		return nil
	}
	g := grid{header: []string{"SEVERITY", "SINCE", "ASSET", "WHAT"}, widths: []int{8, 5, 30, 0}}
	if p.width >= wideEnough {
		g = grid{
			header: []string{"SEVERITY", "SINCE", "RULE", "ASSET", "WHERE", "OWNER", "WHAT"},
			widths: []int{8, 5, 18, 26, 18, 10, 0},
		}
	}
	g.fit(p.width)
	for _, i := range list {
		if i.cause != nil {
			g.rows = append(g.rows, p.groupCells(now, &i, &g))
			continue
		}
		g.rows = append(g.rows, p.cells(now, i.findings[0], &g))
	}
	return p.table(&g)
}

// cells returns a finding's row: each cell as its wrapped lines.
func (p *page) cells(now time.Time, f *rules.Finding, g *grid) []string {
	severity, since := p.style.severity(f.Severity), p.since(now, f)
	last := len(g.widths) - 1
	what := p.what(f, g.widths[last])
	if last == 3 {
		asset := []string{cut(assetName(f, g.widths[2]), g.widths[2])}
		if w := where(f); w != "" {
			asset = append(asset, wrap(w, g.widths[2])...)
		}
		if f.Owner != "" {
			asset = append(asset, cut("owner "+clean(f.Owner), g.widths[2]))
		}
		rule := wrap(clean(f.Rule), g.widths[3])
		return []string{severity, since, lines(asset), lines(append(rule, what...))}
	}
	return []string{
		severity, since, lines(wrap(clean(f.Rule), g.widths[2])), assetName(f, g.widths[3]), lines(wrap(where(f), g.widths[4])),
		cut(clean(f.Owner), g.widths[5]), lines(what),
	}
}

func lines(list []string) string { return strings.Join(list, "\n") }

func (p *page) since(now time.Time, f *rules.Finding) string {
	if f.State == inventory.FindingNew {
		return p.style.strong("new")
	}
	days := int(now.Sub(f.FirstSeen).Hours() / 24)
	switch {
	case days < 0 || f.FirstSeen.IsZero():
		return ""
	case days < 1000:
		return fmt.Sprintf("%dd", days)
	default:
		return fmt.Sprintf("%dy", days/365)
	}
}

func assetName(f *rules.Finding, width int) string {
	if name := clean(f.Asset.Name); name != "" {
		return shorten(name, width)
	}
	return shorten(clean(f.Asset.Key), width)
}

func where(f *rules.Finding) string {
	account, region := clean(f.Asset.Account), clean(f.Asset.Region)
	if account != "" && region != "" {
		return account + " " + region
	}
	return cmp.Or(account, region)
}

// maxWhatLines bounds the lines of a message: a longer one is cut.
const maxWhatLines = 4

func (p *page) what(f *rules.Finding, width int) []string {
	out := capLines(wrap(clean(f.Message), width), maxWhatLines)
	for i := range f.Diff {
		out = append(out, differenceLines(&f.Diff[i], width)...)
	}
	if at := place(f); at != "" {
		out = append(out, indented("  ", "    ", "at "+at, width)...)
	}
	if f.Who != nil {
		out = append(out, indented("  ", "    ", "by "+clean(f.Who.Actor)+" on "+f.Who.At.UTC().Format(time.DateOnly), width)...)
	}
	if !f.Confirmed {
		out = append(out, wrap("(could not be checked in this scan)", width)...)
	}
	return out
}

func capLines(list []string, n int) []string {
	if len(list) <= n {
		return list
	}
	return append(list[:n-1:n-1], "…")
}

func (p *page) resolved(list []*rules.Finding) {
	if len(list) == 0 {
		return
	}
	p.line("")
	p.line("%s", p.style.good("Resolved in this scan: "+number(len(list))))
	for _, f := range list[:min(len(list), maxResolved)] {
		p.line("  %s", cut(clean(f.Rule)+"  "+assetName(f, 40)+"  "+where(f), p.width-2))
	}
	if more := len(list) - maxResolved; more > 0 {
		p.line("  and %s more", number(more))
	}
}
