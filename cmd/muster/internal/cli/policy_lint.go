package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/muster-audit/muster/cmd/muster/internal/present"
	"github.com/muster-audit/muster/cmd/muster/internal/wire"
	"github.com/muster-audit/muster/rules/lint"
)

func newPolicyLint(g *globals) *cobra.Command {
	var files string
	var strict bool
	cmd := &cobra.Command{
		Use: "lint", Short: "Check policy and baseline files without reading any source",
		Long: `Check the policy and baseline files: unknown keys, expressions and patterns that do not
compile, rules that no one has. Every problem is shown with its place.

What is valid and cannot be meant is told as advice: rules that contradict each other, and, if the
store holds a scan, rules and values that no asset meets, exemptions that accept nothing or most of
what a rule finds, and ignored differences that do not exist. With --strict advice ends with exit code 2.`,
		Example: "  muster policy lint\n  muster policy lint --policy policy.yaml --strict",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			a, err := g.app(false, gateOverride("policy", files))
			if err != nil {
				return err
			}
			return lintPolicy(cmd.Context(), g, a, strict)
		},
	}
	cmd.Flags().StringVar(&files, "policy", "", "policy files, separated by commas (default: those of the config)")
	cmd.Flags().BoolVar(&strict, "strict", false, "end with exit code 2 if there is any advice")
	return cmd
}

func lintPolicy(ctx context.Context, g *globals, a *wire.App, strict bool) error {
	if err := a.Verify(ctx); err != nil {
		return err
	}
	advice, note, err := advise(ctx, a)
	if err != nil {
		return err
	}
	out := g.sys.Stdout()
	for _, x := range advice {
		fmt.Fprintf(out, "advice: %s\n", present.Clean(x.String()))
	}
	if note != "" {
		fmt.Fprintln(out, note)
	}
	fmt.Fprintf(out, "%s, no problem\n", count(len(a.Config.Policy), "policy file"))
	if strict && len(advice) > 0 {
		return fmt.Errorf("there are %d lines of advice, and --strict allows none", len(advice))
	}
	return nil
}

// advise asks the last scan, if there is one.
func advise(ctx context.Context, a *wire.App) (list []lint.Advice, note string, err error) {
	scanned, err := a.HasScan(ctx)
	if err != nil {
		return nil, "", err
	}
	if !scanned {
		list, err = a.LintRules(ctx)
		return list, "no scan yet: which rules, values, exemptions and ignored differences meet nothing was not looked at", err
	}
	store, err := a.OpenStore(ctx, true)
	if err != nil {
		return nil, "", err
	}
	defer store.Close()
	list, err = a.Lint(ctx, store)
	return list, "", err
}
