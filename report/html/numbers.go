package htmlreport

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/rules"
)

// level is one severity with its count and its part of the bar over all of them.
type level struct {
	Name   string
	Count  int
	X, Len string // percent of the bar's length, with sign
}

func levels(n report.SeverityCounts) []level {
	return levelsOf(n, n.Critical+n.High+n.Medium+n.Low+n.Info)
}

// levelsOf are the parts of a bar whose whole length stands for total.
func levelsOf(n report.SeverityCounts, total int) []level {
	counts := map[rules.Severity]int{
		rules.Critical: n.Critical, rules.High: n.High, rules.Medium: n.Medium, rules.Low: n.Low, rules.Info: n.Info,
	}
	var out []level
	before := 0
	for _, s := range rules.Severities() {
		out = append(out, level{Name: s.String(), Count: counts[s], X: share(before, total), Len: share(counts[s], total)})
		before += counts[s]
	}
	return out
}

// share is part of total as a length in SVG.
func share(part, total int) string {
	if total == 0 {
		return "0%"
	}
	return length(float64(part) / float64(total))
}

func length(ratio float64) string { return fmt.Sprintf("%.2f%%", 100*min(max(ratio, 0), 1)) }

// measure is a coverage as the first screen shows it.
type measure struct {
	ID, Title string
	What      string // what it measures, in words
	None      string // why there is nothing to measure
	Ratio     *float64
	Low       *float64
	High      *float64
	Uncertain bool
	Bar       bar
	Trend     *trendChart
}

// bar is a stretch that passes, one that is unknown, and the rest that fails.
type bar struct{ Pass, Unknown string }

func tagMeasure(r *report.Report) measure {
	m := newMeasure("card-tags", "Tag coverage", r.Summary.TagCoverage, r.Summary.TagMin, r.Summary.TagMax)
	m.What, m.None = "of what needs tags has all of them", "Nothing to measure: no rule requires a tag."
	m.Trend = newTrend(r.Trend, tagSeries(r))
	return m
}

func codeMeasure(r *report.Report) measure {
	m := newMeasure("card-code", "Code coverage", r.Summary.IaCCoverage, r.Summary.IaCMin, r.Summary.IaCMax)
	m.What, m.None = "of what exists is declared in code", "Nothing to measure: nothing is declared."
	m.Trend = newTrend(r.Trend, codeSeries(r))
	return m
}

func newMeasure(id, title string, ratio, low, high *float64) measure {
	m := measure{ID: id, Title: title, Ratio: ratio, Low: low, High: high}
	if ratio == nil {
		return m
	}
	from, to := *ratio, *ratio
	if low != nil && high != nil {
		from, to = *low, *high
		m.Uncertain = to > from
	}
	m.Bar = bar{Pass: length(from), Unknown: length(to - from)}
	return m
}

// coverageGroup is one table of coverages, worst first.
type coverageGroup struct {
	ID    string
	Title string
	Head  string // heading of the first column
	Query string // field of the findings' filter that a row's value fits; empty for none
	Rows  []coverageRow
	More  int
}

type coverageRow struct {
	report.Coverage
	Label string
	Bar   bar
}

func coverageGroups(all []report.Coverage) []coverageGroup {
	var out []coverageGroup
	for _, g := range []struct {
		group coverageGroup
		keep  func(*report.Coverage) bool
		label func(*report.Coverage) string
	}{
		{
			coverageGroup{ID: "by-tag", Title: "Tag coverage by tag", Head: "Tag"},
			func(c *report.Coverage) bool { return c.Measure == "tag" && c.Group == "all" && c.Name != "" }, nameOf,
		},
		{coverageGroup{ID: "tags-by-account", Title: "Tag coverage by account", Head: "Account", Query: "account"}, kept("tag", "account"), valueOf},
		{coverageGroup{ID: "code-by-account", Title: "Code coverage by account", Head: "Account", Query: "account"}, kept("iac", "account"), valueOf},
		{coverageGroup{ID: "tags-by-type", Title: "Tag coverage by type", Head: "Type", Query: "type"}, kept("tag", "type"), valueOf},
		{coverageGroup{ID: "code-by-type", Title: "Code coverage by type", Head: "Type", Query: "type"}, kept("iac", "type"), valueOf},
	} {
		rows := coverageRows(all, g.keep, g.label)
		cut := cutTo(rows, staticRows)
		g.group.Rows, g.group.More = cut.Items, cut.More
		if len(rows) > 0 {
			out = append(out, g.group)
		}
	}
	return out
}

func kept(measure, group string) func(*report.Coverage) bool {
	return func(c *report.Coverage) bool { return c.Measure == measure && c.Group == group && c.Name == "" }
}

func nameOf(c *report.Coverage) string  { return c.Name }
func valueOf(c *report.Coverage) string { return c.Value }

func coverageRows(all []report.Coverage, keep func(*report.Coverage) bool, label func(*report.Coverage) string) []coverageRow {
	var rows []coverageRow
	for i := range all {
		if c := &all[i]; keep(c) {
			total := c.Pass + c.Fail + c.Unknown
			rows = append(rows, coverageRow{Coverage: *c, Label: label(c), Bar: bar{share(c.Pass, total), share(c.Unknown, total)}})
		}
	}
	slices.SortStableFunc(rows, func(a, b coverageRow) int {
		return cmp.Or(cmp.Compare(rank(a.Ratio), rank(b.Ratio)), cmp.Compare(a.Label, b.Label))
	})
	return rows
}

// rank puts what could not be measured last.
func rank(ratio *float64) float64 {
	if ratio == nil {
		return 2
	}
	return *ratio
}
