package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/muster-audit/muster/fixtures"
)

func newDemo(g *globals) *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use: "demo", Short: "Audit a made-up estate: the two-minute tour",
		Long: `Write the files of a made-up company (a cloud, a register, code) into a folder of their own
and audit them: scan, check, reports. Needs no network and no credentials. Ends with exit
code 0 whatever it finds.`,
		Example: "  muster demo\n  muster demo --dir /tmp/tour",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runDemo(cmd.Context(), g, dir) },
	}
	cmd.Flags().StringVar(&dir, "dir", "muster-demo", "folder for files, store and reports")
	return cmd
}

func runDemo(ctx context.Context, g *globals, dir string) error {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return fmt.Errorf("find folder: %w", err)
	}
	if err := fixtures.WriteDemo(dir); err != nil {
		return err
	}
	local := *g
	local.config, local.store = filepath.Join(dir, "muster.yaml"), ""
	a, err := local.app(true, nil)
	if err != nil {
		return err
	}
	local.quiet = true // the paths are printed below
	err = runAudit(ctx, &local, a, scanOptions{}, "table")
	out := g.sys.Stdout()
	var coded *codeError
	if errors.As(err, &coded) && coded.err == nil && coded.code != exitInterrupted {
		fmt.Fprintf(out, "\n\"muster audit\" would end with exit code %d here, so that a pipeline stops. This is a demo: it ends with 0.\n", coded.code)
		err = nil
	}
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "\nThe reports of this made-up estate:")
	for _, r := range a.Config.Reports {
		fmt.Fprintln(out, filepath.Clean(r.Output))
	}
	fmt.Fprintf(out, "\nLook around: its files and its muster.yaml are in\n%s\n", dir)
	return nil
}
