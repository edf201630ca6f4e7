package cli

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"github.com/muster-audit/muster/cmd/muster/internal/config"
	"github.com/muster-audit/muster/cmd/muster/internal/wire"
	"github.com/muster-audit/muster/inventory/sqlite"
	"github.com/muster-audit/muster/report"
)

func newReport(g *globals) *cobra.Command {
	var formats []string
	var output, asOf string
	cmd := &cobra.Command{
		Use: "report", Short: "Encode the findings of a scan",
		Long: "Encode the stored findings of a scan, without judging anew. Formats: " + strings.Join(wire.Formats(), ", ") + `.
With one format, --output names the file (for csv the folder); with several it names a
folder that takes them all.`,
		Example: "  muster report --format html --output muster.html\n  muster report --format csv --output out/csv\n  muster report --format json --as-of 2026-01-31",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return g.stored(cmd.Context(), asOf, func(a *wire.App, r *report.Report) error {
				return runReport(g, a, r, formats, output)
			})
		},
	}
	f := cmd.Flags()
	f.StringSliceVarP(&formats, "format", "f", []string{"table"}, "report formats")
	f.StringVarP(&output, "output", "o", "-", "file or folder; - is standard output")
	f.StringVar(&asOf, "as-of", "", "scan number or time (default: the last scan)")
	return cmd
}

func runReport(g *globals, a *wire.App, r *report.Report, formats []string, output string) error {
	for _, format := range formats {
		path := output
		if len(formats) > 1 {
			if output == "-" {
				return errors.New("several formats need --output with a folder for them")
			}
			path = wire.FileIn(output, format)
		}
		if err := g.write(a, config.Report{Format: format, Output: path}, r); err != nil {
			return err
		}
	}
	return nil
}

// stored runs something on the stored report of a scan.
func (g *globals) stored(ctx context.Context, asOf string, run func(*wire.App, *report.Report) error) error {
	return g.read(ctx, func(ctx context.Context, a *wire.App, s *sqlite.Store) error {
		at, err := scanNamed(ctx, s, asOf)
		if err != nil {
			return err
		}
		r, err := a.Load(ctx, s, at)
		if err != nil {
			return err
		}
		return run(a, r)
	})
}
