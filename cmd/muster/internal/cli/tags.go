package cli

import (
	"fmt"
	"math"
	"slices"

	"github.com/spf13/cobra"

	"github.com/muster-audit/muster/cmd/muster/internal/present"
	"github.com/muster-audit/muster/cmd/muster/internal/wire"
	"github.com/muster-audit/muster/report"
)

func newTags(g *globals) *cobra.Command {
	var format, asOf, by string
	cmd := &cobra.Command{
		Use: "tags", Short: "Show the tag coverage by key, account or type",
		Long: `Show how many entities carry the tags that the policy requires. Coverage is pass / (pass +
fail); what could not be read counts as neither and is shown beside it.`,
		Example: "  muster tags\n  muster tags --by account\n  muster tags --by type --format csv",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return g.stored(cmd.Context(), asOf, func(_ *wire.App, r *report.Report) error {
				return printTags(g, present.Format(format), r, by)
			})
		},
	}
	listFormat(cmd, &format)
	cmd.Flags().StringVar(&by, "by", "all", "all, account or type")
	cmd.Flags().StringVar(&asOf, "as-of", "", "scan number or time (default: the last scan)")
	return cmd
}

func printTags(g *globals, f present.Format, r *report.Report, by string) error {
	if !slices.Contains([]string{"all", "account", "type"}, by) {
		return fmt.Errorf("--by %q: use all, account or type", by)
	}
	group := []string{by}
	if by == "all" {
		group = nil
	}
	out, err := present.NewWriter(g.sys.Stdout(), f, "coverage", slices.Concat([]string{"tag"}, group, []string{"coverage", "pass", "fail", "unknown"}))
	if err != nil {
		return err
	}
	for _, c := range r.Coverage {
		if c.Measure != "tag" || c.Group != by {
			continue
		}
		name := c.Name
		if name == "" {
			name = "(all required)"
		}
		if group != nil {
			group = []string{c.Value}
		}
		cells := []string{percent(c.Ratio), fmt.Sprint(c.Pass), fmt.Sprint(c.Fail), fmt.Sprint(c.Unknown)}
		if err := out.Row(slices.Concat([]string{name}, group, cells), c); err != nil {
			return err
		}
	}
	return out.Close()
}

// percent cuts what it does not show, as the page does: 99.96 % is not 100.
func percent(f *float64) string {
	if f == nil {
		return "–"
	}
	return fmt.Sprintf("%.1f %%", math.Floor(*f*1000+1e-9)/10)
}
