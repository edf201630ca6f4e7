package csvreport

import (
	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/report"
)

var tagCoverageColumns = []string{"tag", "group", "value", "pass", "fail", "unknown", "ratio"}

func writeTagCoverage(s *sheet, r *report.Report) error {
	if err := s.write(tagCoverageColumns...); err != nil {
		return err
	}
	for i := range r.Coverage {
		c := &r.Coverage[i]
		if c.Measure != "tag" {
			continue
		}
		if err := s.write(c.Name, c.Group, c.Value, number(c.Pass), number(c.Fail), number(c.Unknown), fraction(c.Ratio)); err != nil {
			return err
		}
	}
	return nil
}

var scopeColumns = []string{
	"state", "source", "scope", "reason", "error", "assets", "skipped", "last_ok", "collector", "book", "caller",
}

func writeScopes(s *sheet, r *report.Report) error {
	if err := s.write(scopeColumns...); err != nil {
		return err
	}
	sources := map[string]report.Source{}
	for _, src := range r.Sources {
		sources[src.Name] = src
	}
	for i := range r.Scopes {
		if err := s.write(scopeRow(&r.Scopes[i], sources[r.Scopes[i].Source])...); err != nil {
			return err
		}
	}
	return nil
}

func scopeRow(c *report.Scope, src report.Source) []string {
	lastOK := ""
	if c.LastOK != nil {
		lastOK = instant(*c.LastOK)
	}
	assets := number(c.Assets)
	if c.State == inventory.RunFailed || c.State == inventory.RunSkipped {
		assets = "" // nobody counted: 0 would say that there are none
	}
	return []string{
		string(c.State), c.Source, c.Scope, string(c.Reason), c.Error, assets, number(c.Skipped), lastOK, src.Collector,
		string(src.Book), src.Caller,
	}
}
