package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/muster-audit/muster/cmd/muster/internal/present"
	"github.com/muster-audit/muster/cmd/muster/internal/wire"
)

func newPolicyTest(g *globals) *cobra.Command {
	var files string
	var verbose bool
	cmd := &cobra.Command{
		Use: "test FILE...", Short: "Test the policy with cases: assets, and what must come out",
		Long: `Judge the assets of cases by the policy, and compare what comes out with what the cases expect. A case
is a little estate of its own: neither the store nor the baseline has a part in it. If a case fails the exit
code is 2. docs/policy.md shows how cases are written.`,
		Example: "  muster policy test policy-test.yaml\n  muster policy test --verbose tests/*.yaml",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			a, err := g.app(false, gateOverride("policy", files))
			if err != nil {
				return err
			}
			return testPolicy(cmd.Context(), g.sys.Stdout(), a, args, verbose)
		},
	}
	cmd.Flags().StringVar(&files, "policy", "", "policy files, separated by commas (default: those of the config)")
	cmd.Flags().BoolVar(&verbose, "verbose", false, "list the cases that passed as well")
	return cmd
}

func testPolicy(ctx context.Context, w io.Writer, a *wire.App, paths []string, verbose bool) error {
	cases, failed := 0, 0
	for _, path := range paths {
		suite, err := a.Cases(path)
		if err != nil {
			return err
		}
		results, err := a.RunCases(ctx, suite)
		if err != nil {
			return err
		}
		for _, r := range results {
			cases++
			if len(r.Wrong) > 0 {
				failed++
			}
			printCase(w, r, verbose)
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d of %s failed", failed, count(cases, "case"))
	}
	fmt.Fprintf(w, "%s passed\n", count(cases, "case"))
	return nil
}

func printCase(w io.Writer, r wire.CaseResult, verbose bool) {
	switch {
	case len(r.Wrong) > 0:
		fmt.Fprintf(w, "FAIL %s: %s\n", r.Place, present.Clean(r.Name))
		for _, line := range r.Wrong {
			fmt.Fprintf(w, "  %s\n", present.Clean(line))
		}
	case verbose:
		fmt.Fprintf(w, "ok   %s: %s\n", r.Place, present.Clean(r.Name))
	}
}
