package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/muster-audit/muster/rules/interchange"
)

func newImportTagPolicy(g *globals) *cobra.Command {
	return &cobra.Command{
		Use: "aws-tag-policy FILE...", Short: "Make a policy of tag policies of AWS Organizations",
		Long: `Print the policy that tag policies of AWS Organizations amount to. The first file is the policy
that is attached highest in the tree, each of the others is attached below the one before;
inheritance operators take effect as with AWS. What "aws organizations describe-policy" and
"describe-effective-policy" print is read as well. What a policy cannot express is told in a
comment, and the exit code is 2.`,
		Example: "  muster policy import aws-tag-policy root.json ou.json account.json > policy-tags.yaml",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			var files []interchange.Source
			for _, path := range args {
				file, err := os.Open(path)
				if err != nil {
					return fmt.Errorf("read tag policy: %w", err)
				}
				defer file.Close()
				files = append(files, interchange.Source{Name: path, Text: file})
			}
			made, err := interchange.ImportTagPolicies(files)
			return printImported(g, made, err)
		},
	}
}

func newImportConfig(g *globals) *cobra.Command {
	return &cobra.Command{
		Use: "aws-config FILE", Short: "Make a policy of rules required-tags of AWS Config",
		Long: `Print the policy that rules required-tags of AWS Config amount to. The file is what
"aws configservice describe-config-rules" prints, one rule, or its parameters alone (tag1Key,
tag1Value …). What a policy cannot express is told in a comment, and the exit code is 2.`,
		Example: "  aws configservice describe-config-rules > rules.json\n  muster policy import aws-config rules.json > policy-tags.yaml",
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			file, err := os.Open(args[0])
			if err != nil {
				return fmt.Errorf("read rules of AWS Config: %w", err)
			}
			defer file.Close()
			made, err := interchange.ImportConfig(interchange.Source{Name: args[0], Text: file})
			return printImported(g, made, err)
		},
	}
}

func printImported(g *globals, made *interchange.Document, err error) error {
	if err != nil {
		return err
	}
	if _, err := made.WriteTo(g.sys.Stdout()); err != nil {
		return fmt.Errorf("write policy: %w", err)
	}
	if len(made.Left) == 0 {
		return nil
	}
	lines := make([]string, len(made.Left))
	for i, l := range made.Left {
		lines[i] = l.String()
	}
	return fmt.Errorf("%s could not be expressed, as the comments in the policy say:\n%s", count(len(made.Left), "thing"), strings.Join(lines, "\n"))
}

func newPolicyExport(g *globals) *cobra.Command {
	var files, format, output string
	names := make([]string, len(interchange.Formats()))
	for i, f := range interchange.Formats() {
		names[i] = string(f)
	}
	cmd := &cobra.Command{
		Use: "export", Short: "Write the tag rules in the form of another tool",
		Long: `Write what another tool can take of the policy's tag rules: a tag policy of AWS Organizations, rules
required-tags of AWS Config, the block of a rule of TFLint, or a JSON Schema of tags for editors. What
the form cannot express is told on standard error, rule by rule.`,
		Example: "  muster policy export --format aws-tag-policy > tag-policy.json\n  muster policy export --format tflint >> .tflint.hcl",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			a, err := g.app(false, gateOverride("policy", files))
			if err != nil {
				return err
			}
			policy, err := a.Policy()
			if err != nil {
				return err
			}
			var text strings.Builder
			losses, err := interchange.Export(&text, interchange.Format(format), policy)
			if err != nil {
				return err
			}
			for _, l := range losses {
				fmt.Fprintf(g.sys.Stderr(), "not expressed: %s\n", l)
			}
			return writeOutput(g, output, text.String())
		},
	}
	cmd.Flags().StringVarP(&format, "format", "f", "", strings.Join(names, ", "))
	cmd.Flags().StringVarP(&output, "output", "o", "", "file to write (default: standard output)")
	cmd.Flags().StringVar(&files, "policy", "", "policy files, separated by commas (default: those of the config)")
	_ = cmd.MarkFlagRequired("format")
	return cmd
}

func writeOutput(g *globals, path, text string) error {
	if path == "" {
		_, err := io.WriteString(g.sys.Stdout(), text)
		return err
	}
	file, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("write export: %w", err)
	}
	_, err = io.WriteString(file, text)
	return errors.Join(err, file.Close())
}
