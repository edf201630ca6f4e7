package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/muster-audit/muster/cmd/muster/internal/wire"
	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/link"
	"github.com/muster-audit/muster/inventory/sqlite"
	"github.com/muster-audit/muster/rules"
	"github.com/muster-audit/muster/rules/owner"
)

func newWhy(g *globals) *cobra.Command {
	var format, asOf string
	cmd := &cobra.Command{
		Use: "why KEY", Short: "Show how an asset was matched, and what every rule said of it",
		Long: `Show how an asset, named by key, name, identifier or declared address, was linked to those of
the other books (by which identifier, what was held against it, what was vetoed or only
suggested, and which values were ignored or decoded), and what every rule, suppression,
exemption and baseline entry made of it.`,
		Example: "  muster why web-1\n  muster why arn:aws:s3:::acme-logs\n  muster why 'module.web.aws_instance.app[0]' --format json",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return g.read(cmd.Context(), func(ctx context.Context, a *wire.App, s *sqlite.Store) error {
				at, err := scanNamed(ctx, s, asOf)
				if err != nil {
					return err
				}
				list, err := a.Explain(ctx, s, at, args[0])
				if err != nil {
					return err
				}
				return printWhy(g, format, list)
			})
		},
	}
	cmd.Flags().StringVarP(&format, "format", "f", "text", "text or json")
	cmd.Flags().StringVar(&asOf, "as-of", "", "scan number or time (default: the last scan)")
	return cmd
}

func printWhy(g *globals, format string, list []wire.Explanation) error {
	switch format {
	case "text":
		for i, x := range list {
			if i > 0 {
				fmt.Fprintln(g.sys.Stdout())
			}
			explain(g.sys.Stdout(), g.sys.Terminal(g.sys.Stdout()), x)
		}
		return nil
	case "json":
		return whyJSON(g.sys.Stdout(), list)
	}
	return fmt.Errorf("--format %q: use text or json", format)
}

// explainRules lists what the rules said, first what somebody may want to act on.
func explainRules(p *ledgerPrinter, list []rules.Explained) {
	rank := map[rules.Outcome]int{rules.Fail: 0, rules.Unknown: 1, rules.Pass: 2}
	weight := func(r rules.Explained) int {
		if n, ok := rank[r.Verdict.Outcome]; ok {
			return n
		}
		return len(rank)
	}
	width := 0
	for _, r := range list {
		width = max(width, len(r.ID))
	}
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b rules.Explained) int { return weight(a) - weight(b) })
	fmt.Fprintln(p.w, "\nRules:")
	for _, r := range list {
		p.line("  %-*s  %s", width, r.ID, verdictText(r))
		if r.Finding != nil {
			for _, e := range r.Finding.Evidence {
				p.line("  %-*s    %s", width, "", e.String())
			}
			p.fix(width, r.Finding.Fix)
		}
	}
}

// fix says what to do. A block of code in it keeps its lines.
func (p *ledgerPrinter) fix(width int, text string) {
	for line := range strings.Lines(text) {
		if line = strings.TrimRight(line, "\n"); line != "" {
			p.line("  %-*s    %s", width, "", line)
		}
	}
}

// verdictText says in a line what a rule made of an asset, and why.
func verdictText(r rules.Explained) string {
	v := r.Verdict
	switch {
	case v.Outcome == rules.Fail && r.Accepted != nil:
		return fmt.Sprintf("accepted by %s (%s, until %s): %s", r.Accepted.By, r.Accepted.Reason, orNone(r.Accepted.Expires), v.Message)
	case v.Outcome == rules.Fail:
		return fmt.Sprintf("FAIL (%s): %s", r.Finding.Severity, v.Message)
	case v.SuppressedBy != "":
		return fmt.Sprintf("suppressed by %s: %s", v.SuppressedBy, v.Reason)
	}
	return strings.TrimSuffix(v.Outcome.String()+": "+v.Reason, ": ")
}

type whyDocument struct {
	Asset   *inventory.Entry   `json:"asset"`
	Members []*inventory.Entry `json:"members"`
	Ledger  link.Ledger        `json:"ledger"`
	// RunnerUp is the candidate of the ledger that came nearest to being linked; null if there is none.
	RunnerUp *link.Candidate `json:"runner_up"`
	// Owner is null for facets of something that no book holds.
	Owner *owner.Explanation `json:"owner"`
	Rules []whyRule          `json:"rules"`
}

type whyRule struct {
	Rule         string         `json:"rule"`
	Outcome      string         `json:"outcome"`
	Reason       string         `json:"reason"`
	SuppressedBy string         `json:"suppressed_by,omitempty"`
	AcceptedBy   string         `json:"accepted_by,omitempty"`
	Finding      *rules.Finding `json:"finding,omitempty"`
}

func whyJSON(w io.Writer, list []wire.Explanation) error {
	documents := make([]whyDocument, 0, len(list))
	for _, x := range list {
		d := whyDocument{Asset: x.Entry, Members: x.Members, Ledger: x.Ledger, Rules: []whyRule{}}
		d.Owner = told(&x.Owner)
		if c, ok := x.Ledger.RunnerUp(); ok {
			d.RunnerUp = &c
		}
		for _, r := range x.Rules {
			rule := whyRule{Rule: r.ID, Outcome: r.Verdict.Outcome.String(), Reason: r.Verdict.Reason, SuppressedBy: r.Verdict.SuppressedBy, Finding: r.Finding}
			if r.Accepted != nil {
				rule.AcceptedBy = r.Accepted.By
			}
			d.Rules = append(d.Rules, rule)
		}
		documents = append(documents, d)
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(struct {
		Assets []whyDocument `json:"assets"`
	}{documents})
}
