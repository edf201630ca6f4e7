package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/muster-audit/muster/cmd/muster/internal/present"
	"github.com/muster-audit/muster/cmd/muster/internal/wire"
	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/sqlite"
)

func newDiff(g *globals) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use: "diff [A [B]]", Short: "Show what changed between two scans",
		Long: `Show which assets were added, changed, ended or retired between two scans, each named by
number or time. Without B it is the last scan; without A the one before it. A retired
asset's scope is no longer read: that says nothing of the asset itself.`,
		Example: "  muster diff\n  muster diff 12 17\n  muster diff 2026-01-31 --format ndjson",
		Args:    cobra.MaximumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return g.read(cmd.Context(), func(ctx context.Context, _ *wire.App, s *sqlite.Store) error {
				return runDiff(ctx, g, s, present.Format(format), args)
			})
		},
	}
	listFormat(cmd, &format)
	return cmd
}

type diffRow struct {
	Change  inventory.ChangeKind `json:"change"`
	Changes []string             `json:"changes"`
	Before  *inventory.Entry     `json:"before,omitempty"`
	After   *inventory.Entry     `json:"after,omitempty"`
}

func runDiff(ctx context.Context, g *globals, s *sqlite.Store, f present.Format, args []string) error {
	from, to, err := scanPair(ctx, s, args)
	if err != nil {
		return err
	}
	out, err := present.NewWriter(g.sys.Stdout(), f, "changes", []string{"change", "book", "type", "name", "account", "what changed", "key"})
	if err != nil {
		return err
	}
	for c, err := range s.Diff(ctx, from, to) {
		if err != nil {
			return err
		}
		row := diffRow{Change: c.Kind, Before: c.Before, After: c.After}
		e := c.After
		if e == nil {
			e = c.Before
		} else if c.Before != nil {
			row.Changes = changed(c.Before, c.After)
		}
		cells := []string{string(c.Kind), string(e.Book), string(e.Type), e.Name, e.Account, strings.Join(row.Changes, ", "), e.Key}
		if err := out.Row(cells, row); err != nil {
			return err
		}
	}
	return out.Close()
}

// scanPair returns the scans that the arguments name.
func scanPair(ctx context.Context, s inventory.AssetStore, args []string) (from, to inventory.ScanID, err error) {
	if len(args) == 0 {
		scans, err := s.Scans(ctx)
		if err != nil {
			return 0, 0, err
		}
		scans = slices.DeleteFunc(scans, func(s inventory.Scan) bool { return s.State == inventory.ScanRunning })
		if len(scans) < 2 {
			return 0, 0, fmt.Errorf("the store holds %s: a difference needs two", count(len(scans), "scan"))
		}
		return scans[1].ID, scans[0].ID, nil
	}
	if from, err = scanNamed(ctx, s, args[0]); err != nil {
		return 0, 0, err
	}
	if len(args) == 2 {
		to, err = scanNamed(ctx, s, args[1])
	}
	return from, to, err
}
