package cli

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/muster-audit/muster/inventory/catalog"
	"github.com/muster-audit/muster/rules/drift/driftignore"
)

func newPolicyImport(g *globals) *cobra.Command {
	cmd := &cobra.Command{
		Use: "import", Short: "Make a policy of what another tool asks or ignores",
		Example: "  muster policy import aws-tag-policy root.json ou.json > policy-tags.yaml\n  muster policy import driftignore .driftignore > policy-ignored.yaml",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newImportTagPolicy(g), newImportConfig(g), newImportDriftignore(g))
	return cmd
}

func newImportDriftignore(g *globals) *cobra.Command {
	return &cobra.Command{
		Use: "driftignore FILE", Short: "Make a policy of a .driftignore file",
		Long: `Print the policy that a .driftignore file amounts to. Each line becomes an exemption from the
drift rules, or an ignored difference. Who answers for an exemption and until when it holds is
for you to fill in: "muster policy lint" asks for it. What a policy cannot express is told in a
comment with its line, and the exit code is 2.`,
		Example: "  muster policy import driftignore .driftignore > policy-ignored.yaml",
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return importDriftignore(g, args[0])
		},
	}
}

func importDriftignore(g *globals, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("read ignores: %w", err)
	}
	defer file.Close()
	known, err := catalog.Load()
	if err != nil {
		return err
	}
	made, err := driftignore.Read(file, path, known)
	if err != nil {
		return err
	}
	if _, err := made.WriteTo(g.sys.Stdout()); err != nil {
		return fmt.Errorf("write policy: %w", err)
	}
	if n := len(made.Left); n > 0 {
		return fmt.Errorf("%s of %s could not be expressed: the comments in the policy say which and why", count(n, "line"), path)
	}
	return nil
}
