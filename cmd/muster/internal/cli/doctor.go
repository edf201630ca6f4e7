package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/muster-audit/muster/cmd/muster/internal/config"
	"github.com/muster-audit/muster/cmd/muster/internal/present"
	"github.com/muster-audit/muster/cmd/muster/internal/wire"
	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/inventory"
)

func newDoctor(g *globals) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use: "doctor", Short: "Show what a scan would read, and what would be refused",
		Long: `Check config, policy and baseline, say what is in the store, list every scope that a scan
would read, and try to read it. Nothing is stored.`,
		Example: "  muster doctor",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			a, err := g.app(true, nil)
			if err != nil {
				return err
			}
			return runDoctor(cmd.Context(), g, a, present.Format(format))
		},
	}
	listFormat(cmd, &format)
	return cmd
}

// note prints a line for people on standard error.
func (g *globals) note(format string, args ...any) {
	if !g.quiet {
		fmt.Fprintf(g.sys.Stderr(), format, args...)
	}
}

type doctorRow struct {
	Source  string `json:"source"`
	Scope   string `json:"scope"`
	State   string `json:"state"`
	Assets  int    `json:"assets"`
	Skipped int    `json:"skipped"`
	Age     string `json:"age"`
	Detail  string `json:"detail"`
}

func runDoctor(ctx context.Context, g *globals, a *wire.App, f present.Format) error {
	g.note("config   %s\n", a.Config.File)
	g.note("store    %s\n", storeState(ctx, a))
	if err := a.Verify(ctx); err != nil {
		return err
	}
	g.note("policy   %s, good\n", count(len(a.Config.Policy), "file"))
	if len(a.Config.Sources) == 0 {
		g.note("sources  none: name some in %s\n", a.Config.File)
	}
	out, err := present.NewWriter(g.sys.Stdout(), f, "scopes", []string{"source", "scope", "state", "assets", "skipped", "age", "detail"})
	if err != nil {
		return err
	}
	print := func(row doctorRow) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		cells := []string{row.Source, row.Scope, row.State, fmt.Sprint(row.Assets), fmt.Sprint(row.Skipped), row.Age, row.Detail}
		return out.Row(cells, row)
	}
	for _, src := range a.Config.Sources {
		if err := diagnoseSource(ctx, a, src, print); err != nil {
			return err
		}
	}
	return out.Close()
}

// diagnoseSource tries every scope of a source, or asks its collector where that would be a scan.
func diagnoseSource(ctx context.Context, a *wire.App, src config.Source, print func(doctorRow) error) error {
	examiner, ok, err := a.Examiner(src)
	if err != nil {
		return err
	}
	if ok {
		return examine(ctx, src.Name, examiner, print)
	}
	planned, err := a.Plan(ctx, src)
	if err != nil {
		return err
	}
	for _, p := range planned {
		if err := print(diagnose(ctx, a, p)); err != nil {
			return err
		}
	}
	return nil
}

func examine(ctx context.Context, source string, e collectors.Examiner, print func(doctorRow) error) error {
	var broken error
	err := e.Examine(ctx, func(c collectors.Check) error {
		broken = print(doctorRow{Source: source, Scope: c.Subject, State: string(c.State), Detail: c.Detail})
		return broken
	})
	if err == nil || broken != nil || ctx.Err() != nil {
		return errors.Join(broken, ctx.Err())
	}
	return print(doctorRow{Source: source, State: string(inventory.RunFailed), Detail: err.Error()})
}

// storeState says in a line what the store holds.
func storeState(ctx context.Context, a *wire.App) string {
	if _, err := os.Stat(a.Config.Store); errors.Is(err, os.ErrNotExist) {
		return a.Config.Store + ": not there yet; the first scan makes it"
	}
	store, err := a.OpenStore(ctx, true)
	if err != nil {
		return err.Error()
	}
	defer store.Close()
	scans, err := store.Scans(ctx)
	if err != nil {
		return err.Error()
	}
	if len(scans) == 0 {
		return a.Config.Store + ": no scan yet"
	}
	return fmt.Sprintf("%s: %s, the last one is number %d of %s, %s", a.Config.Store, count(len(scans), "scan"), scans[0].ID, stamp(scans[0].Started), scans[0].State)
}

func diagnose(ctx context.Context, a *wire.App, p wire.PlannedScope) doctorRow {
	row := doctorRow{Source: p.Source.Name, Scope: p.Scope.ID}
	if p.Err != nil {
		row.State, row.Detail = string(inventory.RunFailed), p.Err.Error()
		return row
	}
	probe := a.Probe(ctx, p)
	row.Assets, row.Skipped, row.State = probe.Assets, probe.Skipped, string(inventory.RunOK)
	if !probe.DataTime.IsZero() {
		row.Age = a.Now().Sub(probe.DataTime).Round(time.Minute).String()
	}
	switch {
	case probe.Err != nil && probe.Assets == 0:
		row.State, row.Detail = string(inventory.RunFailed), probe.Err.Error()
	case probe.Err != nil:
		row.State, row.Detail = string(inventory.RunPartial), probe.Err.Error()
	case probe.Skipped > 0:
		row.Detail = problemLine(probe.First)
	default:
		row.Detail = probe.Detail
	}
	return row
}
