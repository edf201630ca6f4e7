package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/muster-audit/muster/cmd/muster/internal/present"
	"github.com/muster-audit/muster/cmd/muster/internal/wire"
	"github.com/muster-audit/muster/inventory/sqlite"
	"github.com/muster-audit/muster/rules"
	"github.com/muster-audit/muster/rules/baseline"
)

// baselineFile is where a baseline is written if the config names none.
const baselineFile = "muster-baseline.yaml"

func newBaseline(g *globals) *cobra.Command {
	cmd := &cobra.Command{
		Use: "baseline", Short: "Accept the findings of today, so that the gate speaks of what is new",
		Long: `A baseline accepts findings for now, each with its parts, a reason, an owner and a last day.
Accepted findings are listed apart and count for nothing; a new part of one counts again.
The config names the file as gate.baseline.`,
		Example: "  muster baseline write --reason \"before the clean-up\" --owner platform --expires 2027-03-31\n  muster baseline show\n  muster baseline prune",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newBaselineWrite(g), newBaselineShow(g), newBaselinePrune(g))
	return cmd
}

type baselineOptions struct{ file, reason, owner, expires string }

func newBaselineWrite(g *globals) *cobra.Command {
	var o baselineOptions
	cmd := &cobra.Command{
		Use: "write", Short: "Accept every finding that is open in the last evaluation",
		Example: "  muster baseline write --reason \"known before muster\" --owner platform --expires 2027-03-31",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runBaselineWrite(cmd.Context(), g, o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.file, "file", "", "baseline file (default: gate.baseline, else "+baselineFile+" beside the config)")
	f.StringVar(&o.reason, "reason", "", "why they are accepted (needed)")
	f.StringVar(&o.owner, "owner", "", "who answers for that (needed)")
	f.StringVar(&o.expires, "expires", "", "last day, YYYY-MM-DD (needed)")
	return cmd
}

// note returns what goes with every accepted finding; now tells whether that is over already.
func (o baselineOptions) note(now time.Time) (baseline.Note, error) {
	n := baseline.Note{Reason: o.reason, Owner: o.owner}
	if o.reason == "" || o.owner == "" || o.expires == "" {
		return n, errors.New("accepting findings needs --reason, --owner and --expires")
	}
	if err := n.Expires.UnmarshalText([]byte(o.expires)); err != nil {
		return n, fmt.Errorf("--expires: %w", err)
	}
	if n.Expires.Expired(now) {
		return n, fmt.Errorf("--expires %s: that day is over, so nothing would be accepted: name a later one", o.expires)
	}
	return n, nil
}

func runBaselineWrite(ctx context.Context, g *globals, o baselineOptions) error {
	note, err := o.note(g.sys.Now())
	if err != nil {
		return err
	}
	return changeBaseline(ctx, g, o.file, func(a *wire.App, b *baseline.Baseline, ev *rules.Evaluation) (*baseline.Baseline, string) {
		after := b.Accept(ev.Findings, note, a.Now())
		return after, fmt.Sprintf("%s accepted, %d of them newly", count(len(after.Entries()), "finding"), len(after.Entries())-len(b.Entries()))
	})
}

func newBaselinePrune(g *globals) *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use: "prune", Short: "Remove entries that expired or accept nothing that is still found",
		Example: "  muster baseline prune", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return changeBaseline(cmd.Context(), g, file, func(a *wire.App, b *baseline.Baseline, ev *rules.Evaluation) (*baseline.Baseline, string) {
				kept, dropped := b.Prune(ev, a.Now())
				return kept, fmt.Sprintf("entries: %d kept, %d removed", len(kept.Entries()), len(dropped))
			})
		},
	}
	cmd.Flags().StringVar(&file, "file", "", "baseline file (default: gate.baseline)")
	return cmd
}

// changeBaseline reads the baseline and the last evaluation, lets change make a new baseline of them, and writes it.
func changeBaseline(ctx context.Context, g *globals, file string, change func(*wire.App, *baseline.Baseline, *rules.Evaluation) (*baseline.Baseline, string)) error {
	return g.read(ctx, func(ctx context.Context, a *wire.App, s *sqlite.Store) error {
		path := baselinePath(a, file)
		b, err := a.BaselineAt(path)
		if err != nil {
			return err
		}
		r, err := a.Load(ctx, s, 0)
		if err != nil {
			return err
		}
		after, message := change(a, b, &rules.Evaluation{Findings: r.Findings, Accepted: r.Accepted})
		if err := wire.WriteFile(path, after.Encode); err != nil {
			return err
		}
		fmt.Fprintf(g.sys.Stdout(), "%s: %s\n", path, message)
		if a.Config.Gate.Baseline == "" {
			fmt.Fprintf(g.sys.Stdout(), "Name it in the config, so that checks use it:\n\n  gate:\n    baseline: %s\n", filepath.Base(path))
		}
		return nil
	})
}

func baselinePath(a *wire.App, file string) string {
	switch {
	case file != "":
		return file
	case a.Config.Gate.Baseline != "":
		return a.Config.Gate.Baseline
	}
	return filepath.Join(a.Config.Dir, baselineFile)
}

func newBaselineShow(g *globals) *cobra.Command {
	var file, format string
	cmd := &cobra.Command{
		Use: "show", Short: "List what the baseline accepts, and until when",
		Example: "  muster baseline show", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			a, err := g.app(false, nil)
			if err != nil {
				return err
			}
			b, err := a.BaselineAt(baselinePath(a, file))
			if err != nil {
				return err
			}
			return showBaseline(g, a, present.Format(format), b)
		},
	}
	listFormat(cmd, &format)
	cmd.Flags().StringVar(&file, "file", "", "baseline file (default: gate.baseline)")
	return cmd
}

type baselineRow struct {
	Rule        string   `json:"rule"`
	Key         string   `json:"key"`
	Parts       []string `json:"parts"`
	Reason      string   `json:"reason"`
	Owner       string   `json:"owner"`
	Expires     string   `json:"expires"`
	Expired     bool     `json:"expired"`
	Fingerprint string   `json:"fingerprint"`
}

func showBaseline(g *globals, a *wire.App, f present.Format, b *baseline.Baseline) error {
	out, err := present.NewWriter(g.sys.Stdout(), f, "accepted", []string{"rule", "asset", "parts", "reason", "owner", "expires", ""})
	if err != nil {
		return err
	}
	for _, e := range b.Entries() {
		row := baselineRow{
			Rule: e.Rule, Key: e.Key, Parts: e.Parts, Reason: e.Reason, Owner: e.Owner, Expires: string(e.Expires),
			Expired: e.Expires.Expired(a.Now()), Fingerprint: e.Fingerprint,
		}
		mark := ""
		if row.Expired {
			mark = "expired"
		}
		if err := out.Row([]string{row.Rule, row.Key, strings.Join(row.Parts, ", "), row.Reason, row.Owner, row.Expires, mark}, row); err != nil {
			return err
		}
	}
	return out.Close()
}
