package csvreport

import (
	"strconv"
	"strings"
	"time"

	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/rules"
)

var findingColumns = []string{
	"severity", "state", "rule", "owner", "name", "key", "type", "account", "region", "source", "book", "message", "fix", "parts",
	"differences", "origin_file", "origin_line", "origin_address", "evidence", "first_seen", "last_seen", "confirmed", "fingerprint",
}

func writeFindings(s *sheet, r *report.Report) error {
	if err := s.write(findingColumns...); err != nil {
		return err
	}
	for i := range r.Findings {
		if err := s.write(findingRow(&r.Findings[i])...); err != nil {
			return err
		}
	}
	return nil
}

func findingRow(f *rules.Finding) []string {
	a := &f.Asset
	return []string{
		f.Severity.String(), string(f.State), f.Rule, f.Owner, a.Name, a.Key, string(a.Type), a.Account, a.Region, a.Source,
		string(a.Book), f.Message, f.Fix, partNames(f.Parts), number(len(f.Diff)), f.Origin.File, line(f.Origin.Line),
		f.Origin.Address, evidence(f), instant(f.FirstSeen), instant(f.LastSeen),
		strconv.FormatBool(f.Confirmed), f.Fingerprint,
	}
}

func partNames(parts []rules.Part) string {
	var names []string
	for _, p := range parts {
		names = append(names, p.Name)
	}
	return strings.Join(names, "; ")
}

var driftColumns = []string{
	"severity", "state", "rule", "owner", "name", "key", "type", "account", "region", "attribute", "declared", "actual",
	"declared_absent", "actual_absent", "origin_file", "origin_line", "origin_address", "first_seen", "fingerprint",
}

func writeDrift(s *sheet, r *report.Report) error {
	if err := s.write(driftColumns...); err != nil {
		return err
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		for j := range f.Diff {
			if err := s.write(driftRow(f, &f.Diff[j])...); err != nil {
				return err
			}
		}
	}
	return nil
}

func driftRow(f *rules.Finding, d *rules.Difference) []string {
	a := &f.Asset
	return []string{
		f.Severity.String(), string(f.State), f.Rule, f.Owner, a.Name, a.Key, string(a.Type), a.Account, a.Region, d.Attribute,
		d.Declared, d.Actual, strconv.FormatBool(d.DeclaredAbsent), strconv.FormatBool(d.ActualAbsent), f.Origin.File,
		line(f.Origin.Line), f.Origin.Address, instant(differsSince(f, d.Attribute)), f.Fingerprint,
	}
}

// differsSince is when this attribute was first seen to differ: a finding may be older than each of its parts.
func differsSince(f *rules.Finding, attribute string) time.Time {
	for _, p := range f.Parts {
		if p.Name == attribute {
			return p.FirstSeen
		}
	}
	return f.FirstSeen
}

func evidence(f *rules.Finding) string {
	lines := make([]string, len(f.Evidence))
	for i, e := range f.Evidence {
		lines[i] = e.String()
	}
	return strings.Join(lines, "; ")
}
