package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/muster-audit/muster/cmd/muster/internal/present"
	"github.com/muster-audit/muster/cmd/muster/internal/wire"
	"github.com/muster-audit/muster/inventory/sqlite"
	"github.com/muster-audit/muster/report"
)

func newNotify(g *globals) *cobra.Command {
	var dryRun bool
	cmd := &cobra.Command{
		Use: "notify", Short: "Send the digest of the last scan to those whom the config names",
		Long: `Tell the targets of the config's notify section what is new and what was resolved in the
last scan. "muster audit" does that at its end; this is for trying it out, and for a
night on which a server was down. What is sent twice has the same webhook-id.
Exit code 0 if all took it or there was nothing to tell, 2 if one did not.`,
		Example: "  muster notify --dry-run   # prints what would be sent, and sends nothing\n  muster notify",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runNotify(cmd.Context(), g, dryRun)
		},
	}
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "print the bodies, a line each, and send nothing")
	return cmd
}

func runNotify(ctx context.Context, g *globals, dryRun bool) error {
	var a *wire.App
	var r *report.Report
	err := g.read(ctx, func(ctx context.Context, opened *wire.App, s *sqlite.Store) (err error) {
		a = opened
		if len(a.Config.Notify) == 0 {
			return errors.New("the config names nobody to notify: see its key notify")
		}
		r, err = a.Load(ctx, s, 0)
		return err
	})
	if err != nil {
		return err
	}
	if dryRun {
		return showNotifications(g, a, r)
	}
	list, err := a.Notify(ctx, r)
	if err != nil {
		return err
	}
	var problems []error
	for _, n := range list {
		g.tell(n, "sent")
		problems = append(problems, n.Err)
	}
	return errors.Join(problems...)
}

// showNotifications prints the bodies as they would be sent, and on standard error for whom each is.
func showNotifications(g *globals, a *wire.App, r *report.Report) error {
	list, err := a.Notifications(r)
	if err != nil {
		return err
	}
	for _, n := range list {
		g.tell(n, "would be sent")
		if n.Body != nil {
			fmt.Fprintf(g.sys.Stdout(), "%s\n", n.Body)
		}
	}
	return nil
}

// tell says on standard error what became of a target that did not fail.
func (g *globals) tell(n wire.Notification, done string) {
	switch {
	case g.quiet, n.Err != nil:
	case n.Body == nil:
		fmt.Fprintln(g.sys.Stderr(), present.Clean(n.Target+": nothing sent: "+n.Silence))
	default:
		fmt.Fprintln(g.sys.Stderr(), present.Clean(n.Target+": "+done+": "+n.Headline))
	}
}

// notify tells the targets of the end of an audit. A target that could not be told is logged, and an error only if it is required.
func (g *globals) notify(ctx context.Context, a *wire.App, r *report.Report) error {
	list, err := a.Notify(ctx, r)
	if err != nil {
		return err
	}
	var problems []error
	for _, n := range list {
		g.tell(n, "sent")
		switch {
		case n.Err == nil:
		case n.Required:
			problems = append(problems, fmt.Errorf("%w (the scan and its findings are in the store: muster notify sends it again)", n.Err))
		default:
			a.Log.Error("notification failed: muster notify sends it again", "error", present.Clean(n.Err.Error()))
		}
	}
	return errors.Join(problems...)
}
