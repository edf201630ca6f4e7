package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/sqlite"
)

type pruneOptions struct {
	days, weeks, months int
	dryRun              bool
}

func newPrune(g *globals) *cobra.Command {
	var o pruneOptions
	cmd := &cobra.Command{
		Use: "prune", Short: "Give up old scans, and make the store smaller",
		Long: `Give up the scans that the retention rule does not keep: all of the last days stay, then
the last complete one of each week, then of each month. How things stood at a scan that is
kept stays as it was; what ended before the oldest of them is forgotten. The newest scan and
the newest complete one always stay. The file is written anew, which takes the room of a
second one for a while.`,
		Example: "  muster prune --dry-run\n  muster prune\n  muster prune --days 30 --weeks 26 --months 24",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runPrune(cmd.Context(), g, o, func(name string) bool { return cmd.Flags().Changed(name) })
		},
	}
	f := cmd.Flags()
	f.IntVar(&o.days, "days", 0, "every scan of so many days is kept (default: retention.days, else 90)")
	f.IntVar(&o.weeks, "weeks", 0, "of so many weeks the last scan is kept (default: retention.weeks, else 52)")
	f.IntVar(&o.months, "months", 0, "of so many months the last scan is kept (default: retention.months, else 60)")
	f.BoolVar(&o.dryRun, "dry-run", false, "only show which scans would be given up")
	return cmd
}

// rule is the config's rule with what the flags say instead.
func (o pruneOptions) rule(r inventory.Retention, given func(string) bool) (inventory.Retention, error) {
	for name, set := range map[string]struct {
		into  *int
		value int
		least int
	}{"days": {&r.Days, o.days, 1}, "weeks": {&r.Weeks, o.weeks, 0}, "months": {&r.Months, o.months, 0}} {
		if !given(name) {
			continue
		}
		if set.value < set.least {
			return r, fmt.Errorf("--%s %d: write at least %d", name, set.value, set.least)
		}
		*set.into = set.value
	}
	return r, nil
}

func runPrune(ctx context.Context, g *globals, o pruneOptions, given func(string) bool) error {
	a, err := g.app(false, nil)
	if err != nil {
		return err
	}
	rule, err := o.rule(a.Config.Retention, given)
	if err != nil {
		return err
	}
	store, err := a.OpenScanned(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	scans, err := store.Scans(ctx)
	if err != nil {
		return err
	}
	drop := rule.Drop(scans, a.Now())
	if o.dryRun {
		return g.listScans(scans, drop)
	}
	p, err := store.Prune(ctx, drop)
	if err != nil && !errors.Is(err, sqlite.ErrNotShrunk) {
		return err
	}
	fmt.Fprintf(g.sys.Stdout(), "%s given up, %d kept; %s and %s deleted; %s, was %s\n", count(int(p.Scans), "scan"), len(scans)-int(p.Scans),
		count(int(p.Contents), "earlier content"), count(int(p.Findings), "earlier finding"), size(p.After), size(p.Before))
	return err
}

// listScans prints what would be given up.
func (g *globals) listScans(scans []inventory.Scan, drop []inventory.ScanID) error {
	started := map[inventory.ScanID]string{}
	for _, s := range scans {
		started[s.ID] = stamp(s.Started)
	}
	for _, id := range drop {
		if _, err := fmt.Fprintf(g.sys.Stdout(), "scan %d of %s\n", id, started[id]); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(g.sys.Stdout(), "%s would be given up, %d kept\n", count(len(drop), "scan"), len(scans)-len(drop))
	return err
}

// size prints a number of bytes for people.
func size(bytes int64) string {
	if bytes < 1<<20 {
		return fmt.Sprintf("%d KiB", (bytes+1<<10-1)>>10)
	}
	return fmt.Sprintf("%.1f MiB", float64(bytes)/(1<<20))
}
