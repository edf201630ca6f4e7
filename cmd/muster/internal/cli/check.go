package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/muster-audit/muster/cmd/muster/internal/config"
	"github.com/muster-audit/muster/cmd/muster/internal/wire"
	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/report"
)

// gateFlags are the flags of verbs that gate. Each overrides a key of the config.
type gateFlags struct {
	values  map[string]*string
	against string // a report to compare with; it implies new_only unless the command line says otherwise
}

func (g *gateFlags) flags(cmd *cobra.Command) {
	g.values = map[string]*string{}
	add := func(key, name, usage string) {
		value := new(string)
		g.values[key] = value
		cmd.Flags().StringVar(value, name, "", usage)
	}
	add("policy", "policy", "policy files, separated by commas")
	add("gate.fail_on", "fail-on", "mildest severity that fails: critical, high, medium, low, info or never (default high)")
	add("gate.new_only", "new-only", "count only findings that the last complete scan did not have")
	add("gate.baseline", "baseline", "file of accepted findings")
	add("gate.min_tag_coverage", "min-tag-coverage", "percent of entities that must pass their required tag rules")
	add("gate.min_iac_coverage", "min-iac-coverage", "percent of entities that must be declared")
	add("gate.incomplete", "incomplete", "fail (exit code 3) or warn, where something could not be read (default fail)")
	add("gate.where", "where", "CEL expression: only findings about such assets count")
	cmd.Flags().Lookup("new-only").NoOptDefVal = "true"
	cmd.Flags().StringVar(&g.against, "against", "", "report in the format json: count only what is new since then (for machines that keep no store)")
}

// compare reads the report to compare with, if there is one, before anything else is read.
func (g *gateFlags) compare(a *wire.App) error {
	if g.against == "" {
		return nil
	}
	return a.CompareWith(g.against)
}

func (g *gateFlags) overrides(into map[string]string) map[string]string {
	for key, value := range g.values {
		if *value != "" {
			into[key] = *value
		}
	}
	if g.against != "" && into["gate.new_only"] == "" {
		into["gate.new_only"] = "true"
	}
	return into
}

func newCheck(g *globals) *cobra.Command {
	var gate gateFlags
	var format string
	cmd := &cobra.Command{
		Use: "check", Short: "Judge what the store holds by the policy, and gate",
		Long: `Link the three books of the last scan, judge them by the policy, compare with the last
evaluation and decide the exit code: 0 passed, 1 the gate tripped, 3 something could not
be read, 2 it could not run. Checking the same scan again replaces its evaluation.`,
		Example: "  muster check\n  muster check --fail-on medium --new-only\n  muster check --format json > report.json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			a, err := g.app(false, gate.overrides(map[string]string{}))
			if err != nil {
				return err
			}
			if err := gate.compare(a); err != nil {
				return err
			}
			return runCheck(cmd.Context(), g, a, 0, format)
		},
	}
	gate.flags(cmd)
	stdoutFormat(cmd, &format)
	return cmd
}

func stdoutFormat(cmd *cobra.Command, format *string) {
	cmd.Flags().StringVarP(format, "format", "f", "table", "what is printed on standard output: table or json, or none")
}

func newAudit(g *globals) *cobra.Command {
	var gate gateFlags
	var scan scanOptions
	var format string
	var silent bool
	cmd := &cobra.Command{
		Use: "audit", Short: "Scan, check, write the reports, notify: the nightly job and the CI gate",
		Long: `Read every source, judge what was read by the policy, write the configured reports,
notify whom the config names and decide the exit code: 0 passed, 1 the gate tripped, 3
something could not be read, 2 it could not run, 130 interrupted. The policy is checked
before anything is read.`,
		Example: "  muster audit\n  muster audit --fail-on critical --incomplete warn\n  muster audit --against last-report.json   # a pipeline without a store\n  muster audit --quiet --format none   # cron: only the reports",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			a, err := g.app(true, gate.overrides(scan.overrides()))
			if err != nil {
				return err
			}
			if err := gate.compare(a); err != nil {
				return err
			}
			if silent {
				a.Config.Notify = nil
			}
			return runAudit(cmd.Context(), g, a, scan, format)
		},
	}
	gate.flags(cmd)
	scan.flags(cmd)
	stdoutFormat(cmd, &format)
	cmd.Flags().BoolVar(&silent, "no-notify", false, "notify nobody: for trying something out")
	return cmd
}

func runAudit(ctx context.Context, g *globals, a *wire.App, o scanOptions, format string) error {
	if err := errors.Join(a.Verify(ctx), a.VerifyNotify()); err != nil {
		return err
	}
	scan, err := runScan(ctx, g, a, o)
	if err != nil {
		return err
	}
	r, err := evaluate(ctx, g, a, scan.ID, format, a.Config.Reports)
	if r == nil {
		return err
	}
	if err := errors.Join(err, g.notify(ctx, a, r)); err != nil {
		return err
	}
	return verdict(r)
}

func runCheck(ctx context.Context, g *globals, a *wire.App, at inventory.ScanID, format string) error {
	r, err := evaluate(ctx, g, a, at, format, nil)
	if err != nil {
		return err
	}
	return verdict(r)
}

// verdict turns what the gate decided into the exit code.
func verdict(r *report.Report) error {
	if r.Gate.ExitCode != exitPassed {
		return &codeError{code: r.Gate.ExitCode}
	}
	return nil
}

// evaluate judges a scan (0: the last), prints and writes reports. The evaluation is stored before any report is written: if only that
// fails, the report comes with the error. The store is closed by then, so that its assets cannot be listed any more.
func evaluate(ctx context.Context, g *globals, a *wire.App, at inventory.ScanID, format string, outputs []config.Report) (*report.Report, error) {
	if !slices.Contains([]string{"table", "json", "none"}, format) {
		return nil, fmt.Errorf("--format %q: use table, json or none", format)
	}
	store, err := a.OpenScanned(ctx)
	if err != nil {
		return nil, err
	}
	defer store.Close()
	r, err := a.Evaluate(ctx, store, at)
	if err != nil {
		return nil, err
	}
	var problems []error
	if format != "none" {
		problems = append(problems, a.Encode(format, g.terminal(), r))
	}
	for _, o := range outputs {
		problems = append(problems, g.write(a, o, r))
	}
	return r, errors.Join(problems...)
}

// terminal describes standard output to encoders.
func (g *globals) terminal() wire.Output {
	return wire.Output{W: g.sys.Stdout(), Width: g.sys.Terminal(g.sys.Stdout()), Color: g.color()}
}

// write writes one report and says where it is.
func (g *globals) write(a *wire.App, o config.Report, r *report.Report) error {
	if o.Output == "-" {
		return a.Encode(o.Format, g.terminal(), r)
	}
	path, err := a.EncodeTo(o, r)
	if err != nil {
		return fmt.Errorf("write report: %w (the scan and its findings are in the store: muster report writes them again)", err)
	}
	if !g.quiet {
		fmt.Fprintf(g.sys.Stderr(), "%s: %s\n", o.Format, path)
	}
	return nil
}
