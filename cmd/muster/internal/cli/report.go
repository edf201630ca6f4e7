package cli

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/muster-audit/muster/cmd/muster/internal/config"
	"github.com/muster-audit/muster/cmd/muster/internal/wire"
	"github.com/muster-audit/muster/inventory/sqlite"
	"github.com/muster-audit/muster/report"
)

func newReport(g *globals) *cobra.Command {
	var o reportOptions
	var asOf string
	cmd := &cobra.Command{
		Use: "report", Short: "Encode the findings of a scan",
		Long: "Encode the stored findings of a scan, without judging anew. Formats:\n" + wrapped(wire.Formats(), 80) + `.
With one format, --output names the file (for csv the folder); with several it names a
folder that takes them all. --group-by writes a file (xlsx) or folder (csv) for each owner,
account or value of a tag, and an index of them, into the folder that --output names.`,
		Example: "  muster report --format html --output muster.html\n  muster report --format csv --output out/csv\n  muster report --format xlsx --group-by owner --output out/teams\n  muster report --format json --as-of 2026-01-31\n  muster report --format github-summary >> \"$GITHUB_STEP_SUMMARY\"",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return g.stored(cmd.Context(), asOf, func(a *wire.App, r *report.Report) error {
				return runReport(g, a, r, &o)
			})
		},
	}
	f := cmd.Flags()
	f.StringSliceVarP(&o.formats, "format", "f", []string{"table"}, "report formats")
	f.StringVarP(&o.output, "output", "o", "-", "file or folder; - is standard output")
	f.StringVar(&o.groupBy, "group-by", "", "divide csv and xlsx by owner, account or tag.KEY")
	f.BoolVar(&o.bom, "bom", false, "put a byte order mark before csv, which Excel needs to see that it is UTF-8")
	f.StringVar(&asOf, "as-of", "", "scan number or time (default: the last scan)")
	return cmd
}

// wrapped lists words in lines of at most so many characters.
func wrapped(words []string, width int) string {
	var b strings.Builder
	used := 0
	for i, w := range words {
		if i < len(words)-1 {
			w += ","
		}
		switch {
		case i == 0:
		case used+1+len(w) > width:
			b.WriteByte('\n')
			used = 0
		default:
			b.WriteByte(' ')
			used++
		}
		b.WriteString(w)
		used += len(w)
	}
	return b.String()
}

// reportOptions say what muster report writes.
type reportOptions struct {
	formats         []string
	output, groupBy string
	bom             bool
}

// reports are what the options come to. All are checked before the first is written.
func (o *reportOptions) reports() ([]config.Report, error) {
	if o.bom && !slices.Contains(o.formats, "csv") {
		return nil, errors.New("--bom is for csv")
	}
	if len(o.formats) > 1 && o.output == "-" {
		return nil, errors.New("several formats need --output with a folder for them")
	}
	var out []config.Report
	for _, format := range o.formats {
		one := config.Report{Format: format, Output: o.output, GroupBy: o.groupBy, BOM: o.bom && format == "csv"}
		switch {
		case len(o.formats) == 1:
		case o.groupBy != "":
			one.Output = filepath.Join(o.output, format)
		default:
			one.Output = wire.FileIn(o.output, format)
		}
		if err := one.Check(); err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}

func runReport(g *globals, a *wire.App, r *report.Report, o *reportOptions) error {
	list, err := o.reports()
	if err != nil {
		return err
	}
	for _, one := range list {
		if err := g.write(a, one, r); err != nil {
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
