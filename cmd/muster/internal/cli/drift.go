package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/muster-audit/muster/cmd/muster/internal/present"
	"github.com/muster-audit/muster/cmd/muster/internal/wire"
	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/rules"
)

func newDrift(g *globals) *cobra.Command {
	var format, asOf string
	cmd := &cobra.Command{
		Use: "drift", Short: "Show where the code disagrees with the rest, attribute by attribute",
		Example: "  muster drift\n  muster drift --format csv > drift.csv",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return g.stored(cmd.Context(), asOf, func(_ *wire.App, r *report.Report) error {
				return printDrift(g, present.Format(format), r)
			})
		},
	}
	listFormat(cmd, &format)
	cmd.Flags().StringVar(&asOf, "as-of", "", "scan number or time (default: the last scan)")
	return cmd
}

func printDrift(g *globals, f present.Format, r *report.Report) error {
	out, err := present.NewWriter(g.sys.Stdout(), f, "findings",
		[]string{"severity", "state", "rule", "asset", "attribute", "declared", "actual", "declared at"})
	if err != nil {
		return err
	}
	for _, finding := range r.Findings {
		if !strings.HasPrefix(finding.Rule, "drift/") {
			continue
		}
		for i, cells := range driftRows(&finding) {
			if i > 0 && (f == present.JSON || f == present.NDJSON) {
				break
			}
			if err := out.Row(cells, finding); err != nil {
				return err
			}
		}
	}
	return out.Close()
}

// driftRows returns a row per difference, or one row for a finding without any.
func driftRows(f *rules.Finding) [][]string {
	name := f.Asset.Name
	if name == "" {
		name = f.Asset.Key
	}
	row := func(attribute, declared, actual string) []string {
		return []string{f.Severity.String(), string(f.State), f.Rule, name, attribute, declared, actual, place(f.Origin)}
	}
	if len(f.Diff) == 0 {
		return [][]string{row("", "", "")}
	}
	var rows [][]string
	for _, d := range f.Diff {
		rows = append(rows, row(d.Attribute, side(d.Declared, d.DeclaredAbsent), side(d.Actual, d.ActualAbsent)))
	}
	return rows
}

func side(value string, absent bool) string {
	if absent {
		return "(none)"
	}
	return value
}
