package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/muster-audit/muster/cmd/muster/internal/present"
	"github.com/muster-audit/muster/cmd/muster/internal/wire"
)

func newPolicyExplain(g *globals) *cobra.Command {
	var files, format string
	cmd := &cobra.Command{
		Use: "explain RULE", Short: "Say what a rule asks, and how many assets of the last scan meet it",
		Long: `Say what a rule asks and where the policy says so, and how many assets of the last scan pass and
fail it, of how many it cannot be told, and to how many it does not apply, with examples. The rule is
named by its id; "tags/" may be left out.`,
		Example: "  muster policy explain tags/owner\n  muster policy explain drift/missing --format json",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if format != "text" && format != "json" {
				return fmt.Errorf("--format %q: use text or json", format)
			}
			a, err := g.app(false, gateOverride("policy", files))
			if err != nil {
				return err
			}
			r, err := a.Rule(args[0])
			if err != nil {
				return err
			}
			scanned, err := reach(cmd.Context(), a, &r)
			if err != nil {
				return err
			}
			if format == "json" {
				return reachJSON(g.sys.Stdout(), r, scanned)
			}
			reachText(g.sys.Stdout(), r, scanned)
			return nil
		},
	}
	cmd.Flags().StringVarP(&format, "format", "f", "text", "text or json")
	cmd.Flags().StringVar(&files, "policy", "", "policy files, separated by commas (default: those of the config)")
	return cmd
}

// reach asks the last scan; it is false if there is none.
func reach(ctx context.Context, a *wire.App, r *wire.RuleReach) (bool, error) {
	scanned, err := a.HasScan(ctx)
	if err != nil || !scanned {
		return false, err
	}
	store, err := a.OpenStore(ctx, true)
	if err != nil {
		return false, err
	}
	defer store.Close()
	return true, a.Reach(ctx, store, r)
}

func reachText(w io.Writer, r wire.RuleReach, scanned bool) {
	fmt.Fprintf(w, "%s (%s): %s\n", r.ID, r.Severity, r.Title)
	if r.Help != "" {
		fmt.Fprintln(w, r.Help)
	}
	if r.Place != "" {
		fmt.Fprintf(w, "Policy: %s\n", r.Place)
	}
	if r.When != "" {
		fmt.Fprintf(w, "Applies where: %s\n", r.When)
	}
	if !scanned {
		fmt.Fprintln(w, "\nNo scan yet: how many assets it meets cannot be told.")
		return
	}
	fmt.Fprintf(w, "\nOf %s in the last scan:\n", count(r.Entities, "asset"))
	for _, group := range r.Groups {
		fmt.Fprintf(w, "  %-14s %d\n", group.Outcome, group.Assets)
		if group.Outcome == "not applicable" && group.Assets == r.Entities {
			continue
		}
		for _, x := range group.Examples {
			text := present.Clean(x.Key)
			if x.Text != "" {
				text += ": " + present.Clean(x.Text)
			}
			fmt.Fprintf(w, "    %s\n", text)
		}
	}
}

type reachDocument struct {
	Rule     string       `json:"rule"`
	Severity string       `json:"severity"`
	Title    string       `json:"title"`
	Help     string       `json:"help"`
	Place    string       `json:"place,omitempty"`
	When     string       `json:"when,omitempty"`
	Assets   *int         `json:"assets"` // null without a scan
	Outcomes []reachGroup `json:"outcomes,omitempty"`
}

type reachGroup struct {
	Outcome  string         `json:"outcome"`
	Assets   int            `json:"assets"`
	Examples []reachExample `json:"examples,omitempty"`
}

type reachExample struct {
	Key  string `json:"key"`
	Text string `json:"text,omitempty"`
}

func reachJSON(w io.Writer, r wire.RuleReach, scanned bool) error {
	d := reachDocument{Rule: r.ID, Severity: r.Severity.String(), Title: r.Title, Help: r.Help, Place: r.Place, When: r.When}
	if scanned {
		d.Assets = &r.Entities
	}
	for _, group := range r.Groups {
		out := reachGroup{Outcome: group.Outcome, Assets: group.Assets}
		for _, x := range group.Examples {
			out.Examples = append(out.Examples, reachExample(x))
		}
		d.Outcomes = append(d.Outcomes, out)
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(d)
}
