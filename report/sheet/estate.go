package sheet

import (
	"slices"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/report"
)

func coverageColumns() []Column {
	return slices.Concat(texts("tag", "group", "value"), columns(Number, "pass", "fail", "unknown"), columns(Fraction, "ratio"))
}

func (b *book) tagCoverage() Table {
	return table("tag-coverage", "Tag coverage", coverageColumns(), func(yield func([]Cell) bool) error {
		for i := range b.report.Coverage {
			c := &b.report.Coverage[i]
			if c.Measure != "tag" {
				continue
			}
			if !yield([]Cell{
				TextCell(c.Name), TextCell(c.Group), TextCell(c.Value), NumberCell(c.Pass), NumberCell(c.Fail),
				NumberCell(c.Unknown), FractionCell(c.Ratio),
			}) {
				return nil
			}
		}
		return nil
	})
}

func scopeColumns() []Column {
	return slices.Concat(
		texts("state", "source", "scope", "reason", "error"), columns(Number, "assets", "skipped"), columns(Moment, "last_ok"),
		texts("collector", "book", "caller"),
	)
}

func (b *book) scopes() Table {
	return table("scopes", "Scopes", scopeColumns(), func(yield func([]Cell) bool) error {
		sources := map[string]report.Source{}
		for _, src := range b.report.Sources {
			sources[src.Name] = src
		}
		for i := range b.report.Scopes {
			c := &b.report.Scopes[i]
			if !yield(scopeRow(c, sources[c.Source])) {
				return nil
			}
		}
		return nil
	})
}

func scopeRow(c *report.Scope, src report.Source) []Cell {
	var lastOK Cell
	if c.LastOK != nil {
		lastOK = MomentCell(*c.LastOK)
	}
	assets := NumberCell(c.Assets)
	if c.State == inventory.RunFailed || c.State == inventory.RunSkipped {
		assets = Cell{} // nobody counted: 0 would say that there are none
	}
	return []Cell{
		TextCell(c.State), TextCell(c.Source), TextCell(c.Scope), TextCell(c.Reason), TextCell(c.Error), assets,
		NumberCell(c.Skipped), lastOK, TextCell(src.Collector), TextCell(src.Book), TextCell(src.Caller),
	}
}

func groupColumns() []Column {
	return slices.Concat(
		texts("by", "kind", "group", "path"), columns(Number, "findings", "critical", "high", "medium", "low", "info"),
		columns(Number, "new", "resolved", "differences", "observed", "recorded", "declared"),
	)
}

func (b *book) groups() Table {
	d := b.report.Division
	return table("index", "Groups", groupColumns(), func(yield func([]Cell) bool) error {
		for i := range d.Groups {
			if !yield(groupRow(d.By, &d.Groups[i])) {
				return nil
			}
		}
		return nil
	})
}

func groupRow(by string, g *report.GroupCount) []Cell {
	n, s := &g.Findings, &g.Assets
	row := []Cell{TextCell(by), TextCell(g.Kind), TextCell(g.Value), TextCell(g.Path)}
	for _, count := range []int{
		n.Critical + n.High + n.Medium + n.Low + n.Info, n.Critical, n.High, n.Medium, n.Low, n.Info,
		g.New, g.Resolved, g.Differences, s.Observed, s.Recorded, s.Declared,
	} {
		row = append(row, NumberCell(count))
	}
	return row
}
