package sheet

import (
	"slices"
	"strings"
	"time"

	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/rules"
)

func findingColumns() []Column {
	return slices.Concat(
		texts("severity", "state", "rule", "owner", "name", "key", "type", "account", "region", "source", "book", "message", "fix", "parts"),
		columns(Number, "differences"), texts("origin_file"), columns(Number, "origin_line"), texts("origin_address", "evidence"),
		columns(Moment, "first_seen", "last_seen"), columns(Truth, "confirmed"), texts("fingerprint"), whoColumns(), originColumns(),
	)
}

func (b *book) findings() Table {
	return table("findings", "Findings", append(findingColumns(), b.tagColumns()...), func(yield func([]Cell) bool) error {
		if err := b.readTags(); err != nil {
			return err
		}
		var row []Cell
		for i := range b.report.Findings {
			f := &b.report.Findings[i]
			row = b.appendTags(findingRow(row[:0], f), f)
			if !yield(row) {
				return nil
			}
		}
		return nil
	})
}

// readTags sees to it that the tags of the findings' assets are there, if the assets were not walked through yet.
func (b *book) readTags() error {
	if b.tags != nil || len(b.keys) == 0 || b.report.Assets == nil {
		return nil
	}
	return b.everyAsset(func(*report.Asset) bool { return true })
}

func findingRow(row []Cell, f *rules.Finding) []Cell {
	a := &f.Asset
	row = append(
		row,
		TextCell(f.Severity.String()), TextCell(f.State), TextCell(f.Rule), TextCell(f.Owner), TextCell(a.Name), TextCell(a.Key),
		TextCell(a.Type), TextCell(a.Account), TextCell(a.Region), TextCell(a.Source), TextCell(a.Book), TextCell(f.Message),
		TextCell(f.Fix), TextCell(partNames(f.Parts)), NumberCell(len(f.Diff)), TextCell(f.Origin.File), LineCell(f.Origin.Line),
		TextCell(f.Origin.Address), TextCell(evidence(f)), MomentCell(f.FirstSeen), MomentCell(f.LastSeen), TruthCell(f.Confirmed),
		TextCell(f.Fingerprint),
	)
	return appendOrigin(appendWho(row, f.Who), f)
}

// appendTags adds the required tags of the finding's asset. Those of an asset that the scan does not hold are unknown; what
// is about no asset has none.
func (b *book) appendTags(row []Cell, f *rules.Finding) []Cell {
	values := b.tags[place{f.Asset.Source, f.Asset.Key}]
	for i := range b.keys {
		switch {
		case f.Asset.Book == "":
			row = append(row, TextCell(noSuchTag))
		case values == nil:
			row = append(row, TextCell(unknownTag))
		default:
			row = append(row, TextCell(values[i]))
		}
	}
	return row
}

// originColumns stand behind those that were there before them.
func originColumns() []Column { return texts("group", "origin_module", "origin_layer") }

func appendOrigin(row []Cell, f *rules.Finding) []Cell {
	return append(row, TextCell(f.Group), TextCell(f.Origin.Module), TextCell(f.Origin.Layer))
}

func partNames(parts []rules.Part) string {
	var names []string
	for _, p := range parts {
		names = append(names, p.Name)
	}
	return strings.Join(names, "; ")
}

func driftColumns() []Column {
	return slices.Concat(
		texts("severity", "state", "rule", "owner", "name", "key", "type", "account", "region", "attribute", "declared", "actual"),
		columns(Truth, "declared_absent", "actual_absent"), texts("origin_file"), columns(Number, "origin_line"),
		texts("origin_address"), columns(Moment, "first_seen"), texts("fingerprint"), originColumns(),
	)
}

func (b *book) drift() Table {
	return table("drift", "Drift", driftColumns(), func(yield func([]Cell) bool) error {
		var row []Cell
		for i := range b.report.Findings {
			f := &b.report.Findings[i]
			for j := range f.Diff {
				if row = driftRow(row[:0], f, &f.Diff[j]); !yield(row) {
					return nil
				}
			}
		}
		return nil
	})
}

func driftRow(row []Cell, f *rules.Finding, d *rules.Difference) []Cell {
	a := &f.Asset
	row = append(
		row,
		TextCell(f.Severity.String()), TextCell(f.State), TextCell(f.Rule), TextCell(f.Owner), TextCell(a.Name), TextCell(a.Key),
		TextCell(a.Type), TextCell(a.Account), TextCell(a.Region), TextCell(d.Attribute), TextCell(d.Declared), TextCell(d.Actual),
		TruthCell(d.DeclaredAbsent), TruthCell(d.ActualAbsent), TextCell(f.Origin.File), LineCell(f.Origin.Line),
		TextCell(f.Origin.Address), MomentCell(differsSince(f, d.Attribute)), TextCell(f.Fingerprint),
	)
	return appendOrigin(row, f)
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
