package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/muster-audit/muster/cmd/muster/internal/wire"
	"github.com/muster-audit/muster/inventory/sqlite"
)

func newTagsExport(g *globals) *cobra.Command {
	var o wire.TagSheet
	var output string
	cmd := &cobra.Command{
		Use: "export --output FILE.csv", Short: "Write the tags into a CSV file to fill in",
		Long: `Write a CSV file with a row for each thing that can be tagged and a column for each tag that the
policy requires, to be filled in with any spreadsheet. Beside each tag stands the value that its
neighbours imply, where enough of them agree, and how many do. "muster tags plan" reads the
file back. What could not be read is (unknown), never empty.`,
		Example: "  muster tags export --missing --output tags.csv\n  muster tags plan tags.csv",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if output == "" {
				return errors.New("name the file to write with --output; - is standard output")
			}
			return g.read(cmd.Context(), func(ctx context.Context, a *wire.App, s *sqlite.Store) error {
				return exportTags(ctx, g, a, s, o, output)
			})
		},
	}
	f := cmd.Flags()
	f.BoolVar(&o.Missing, "missing", false, "only what lacks a required tag or has a wrong one, and is not exempt")
	f.StringVarP(&output, "output", "o", "", "file; - is standard output")
	f.BoolVar(&o.BOM, "bom", false, "put a byte order mark first, which Excel needs to see that it is UTF-8")
	return cmd
}

func exportTags(ctx context.Context, g *globals, a *wire.App, s *sqlite.Store, o wire.TagSheet, output string) error {
	if output == "-" {
		_, err := a.ExportTags(ctx, s, o, g.sys.Stdout())
		return err
	}
	rows := 0
	err := wire.WriteFile(output, func(w io.Writer) (err error) {
		rows, err = a.ExportTags(ctx, s, o, w)
		return err
	})
	if err == nil && !g.quiet {
		fmt.Fprintf(g.sys.Stderr(), "%s in %s; fill in the tag columns, then: muster tags plan %s\n", count(rows, "row"), output, output)
	}
	return err
}

func newTagsPlan(g *globals) *cobra.Command {
	var patch bool
	cmd := &cobra.Command{
		Use: "plan FILE.csv", Short: "Say how to set what was filled in",
		Long: `Read a file that "muster tags export" wrote and somebody filled in, and print how to set the new
tags: commands of AWS and Google for what no code declares, and edits of the code, with file and
line, for what some does; a command would be taken back by the next apply. Values are held
against the policy first. The output is a shell script whose notes are comments; muster runs
nothing of it. With --patch the output is the edits of Terraform's code as a unified diff.`,
		Example: "  muster tags plan tags.csv > tag.sh\n  muster tags plan tags.csv --patch | git apply",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return g.read(cmd.Context(), func(ctx context.Context, a *wire.App, s *sqlite.Store) error {
				return planTags(ctx, g, a, s, args[0], patch)
			})
		},
	}
	cmd.Flags().BoolVar(&patch, "patch", false, "print the edits of Terraform's code as a unified diff, and nothing else")
	return cmd
}

func planTags(ctx context.Context, g *globals, a *wire.App, s *sqlite.Store, path string, patch bool) error {
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("read tags: %w", err)
	}
	defer file.Close()
	plan, err := a.PlanTags(ctx, s, path, file)
	if err != nil {
		return err
	}
	text, patched, err := a.Patch(plan)
	if err != nil {
		return err
	}
	if !patch {
		return printPlan(g.sys.Stdout(), plan, path)
	}
	if left := len(plan.Steps) - patched; left > 0 && !g.quiet {
		fmt.Fprintf(g.sys.Stderr(), "%s not in the patch: see muster tags plan %s\n", count(left, "step"), path)
	}
	_, err = g.sys.Stdout().Write(text)
	return err
}
