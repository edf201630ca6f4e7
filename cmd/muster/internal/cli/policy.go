package cli

import (
	"github.com/spf13/cobra"

	"github.com/muster-audit/muster/cmd/muster/internal/present"
)

func newPolicy(g *globals) *cobra.Command {
	cmd := &cobra.Command{
		Use: "policy", Short: "Check, test and explain the policy, and exchange its rules with other tools",
		Example: "  muster policy lint\n  muster policy explain tags/owner\n  muster policy test policy-test.yaml\n  muster policy export --format tflint",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(
		newPolicyLint(g), newPolicyRules(g), newPolicyExplain(g), newPolicyTest(g), newPolicyImport(g), newPolicyExport(g),
	)
	return cmd
}

func gateOverride(key, value string) map[string]string {
	if value == "" {
		return nil
	}
	return map[string]string{key: value}
}

type ruleRow struct {
	ID       string `json:"id"`
	Severity string `json:"severity"`
	Title    string `json:"title"`
	Help     string `json:"help"`
}

func newPolicyRules(g *globals) *cobra.Command {
	var files, format string
	cmd := &cobra.Command{
		Use: "rules", Short: "List the rules that a check would apply, with their severities",
		Example: "  muster policy rules",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			a, err := g.app(false, gateOverride("policy", files))
			if err != nil {
				return err
			}
			metas, err := a.Rules()
			if err != nil {
				return err
			}
			out, err := present.NewWriter(g.sys.Stdout(), present.Format(format), "rules", []string{"rule", "severity", "asks that"})
			if err != nil {
				return err
			}
			for _, m := range metas {
				row := ruleRow{ID: m.ID, Severity: m.Severity.String(), Title: m.Title, Help: m.Help}
				if err := out.Row([]string{row.ID, row.Severity, row.Title}, row); err != nil {
					return err
				}
			}
			return out.Close()
		},
	}
	listFormat(cmd, &format)
	cmd.Flags().StringVar(&files, "policy", "", "policy files, separated by commas (default: those of the config)")
	return cmd
}
