package cli

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/muster-audit/muster/cmd/muster/internal/present"
	"github.com/muster-audit/muster/cmd/muster/internal/wire"
	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/sqlite"
	"github.com/muster-audit/muster/report"
)

func newTags(g *globals) *cobra.Command {
	var format, asOf, by string
	cmd := &cobra.Command{
		Use: "tags", Short: "Show the tag coverage by key, account, type, region, owner or another tag",
		Long: `Show how many entities carry the tags that the policy requires. Coverage is pass / (pass +
fail); what could not be read counts as neither and is shown beside it. By region, owner or
tag.KEY the scan is judged anew by the policy as it is now; nothing is stored.`,
		Example: "  muster tags\n  muster tags --by account\n  muster tags --by tag.team --format csv\n  muster tags keys\n  muster tags near-misses",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runTags(cmd.Context(), g, present.Format(format), asOf, by)
		},
	}
	cmd.AddCommand(newTagsExport(g), newTagsPlan(g), newTagsKeys(g), newTagsNearMisses(g))
	listFormat(cmd, &format)
	cmd.Flags().StringVar(&by, "by", "all", "all, account, type, region, owner or tag.KEY")
	cmd.Flags().StringVar(&asOf, "as-of", "", "scan number or time (default: the last scan)")
	return cmd
}

// runTags prints what the stored evaluation holds, or measures what it may not hold.
func runTags(ctx context.Context, g *globals, f present.Format, asOf, by string) error {
	if slices.Contains([]string{"all", "account", "type"}, by) {
		return g.stored(ctx, asOf, func(_ *wire.App, r *report.Report) error { return printTags(g, f, r.Coverage, by) })
	}
	if key, tag := strings.CutPrefix(by, "tag."); by != "owner" && by != "region" && (!tag || strings.TrimSpace(key) == "") {
		return fmt.Errorf("--by %q: use all, account, type, region, owner or tag.KEY", by)
	}
	return g.surveyed(ctx, asOf, func(ctx context.Context, a *wire.App, s *sqlite.Store, at inventory.ScanID) error {
		rows, err := a.TagCoverage(ctx, s, at, by)
		if err != nil {
			return err
		}
		return printTags(g, f, rows, by)
	})
}

func printTags(g *globals, f present.Format, rows []report.Coverage, by string) error {
	group := []string{by}
	if by == "all" {
		group = nil
	}
	out, err := present.NewWriter(g.sys.Stdout(), f, "coverage", slices.Concat([]string{"tag"}, group, []string{"coverage", "pass", "fail", "unknown"}))
	if err != nil {
		return err
	}
	for _, c := range rows {
		if c.Measure != "tag" || c.Group != by {
			continue
		}
		name := c.Name
		if name == "" {
			name = "(all required)"
		}
		if group != nil {
			group = []string{groupName(c.Value, by)}
		}
		cells := []string{percent(c.Ratio), fmt.Sprint(c.Pass), fmt.Sprint(c.Fail), fmt.Sprint(c.Unknown)}
		if err := out.Row(slices.Concat([]string{name}, group, cells), c); err != nil {
			return err
		}
	}
	return out.Close()
}

// groupName is what people read of a group: some things have no owner, no region or no such tag.
func groupName(value, by string) string {
	if value == "" && by != "account" && by != "type" {
		return "(none)"
	}
	return value
}

// percent cuts what it does not show, as the page does: 99.96 % is not 100.
func percent(f *float64) string {
	if f == nil {
		return "–"
	}
	return fmt.Sprintf("%.1f %%", math.Floor(*f*1000+1e-9)/10)
}
