package cli

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/muster-audit/muster/cmd/muster/internal/config"
	"github.com/muster-audit/muster/cmd/muster/internal/wire"
	"github.com/muster-audit/muster/inventory/sqlite"
)

// globals are the flags that every verb has.
type globals struct {
	sys       Machine
	config    string
	store     string
	logFormat string
	logLevel  string
	noColor   bool
	quiet     bool
}

func newRoot(sys Machine) *cobra.Command {
	g := &globals{sys: sys}
	root := &cobra.Command{
		Use:   "muster",
		Short: "Take the roll of every asset you own, and see what does not pass muster",
		Long: `muster reads what is really there (AWS, Google Cloud, agents, any program that lists
things), what your register says (a CMDB export, a spreadsheet) and what your code declares
(Terraform, CloudFormation, Pulumi, Ansible) into one SQLite file, and reports where the
three disagree: what nobody tagged, what nobody declared, what changed behind the code's
back, and what the books say exists but does not.

It only reads. What it could not read is unknown, never "missing" or "untagged".`,
		Example: `  muster demo                      an audit of a made-up estate, in two minutes
  muster init                      look around and write a muster.yaml
  muster audit                     the nightly job and the CI gate`,
		SilenceUsage: true, SilenceErrors: true,
		Args: noVerb,
		PersistentPreRunE: func(*cobra.Command, []string) error {
			_, err := g.logger()
			return err
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetIn(sys.Stdin())
	root.SetOut(sys.Stdout())
	root.SetErr(sys.Stderr())
	root.SuggestionsMinimumDistance = 2
	f := root.PersistentFlags()
	f.StringVar(&g.config, "config", "", "config file (default muster.yaml; variable MUSTER_CONFIG)")
	f.StringVar(&g.store, "store", "", "SQLite file that holds the scans (default muster.db beside the config)")
	f.StringVar(&g.logFormat, "log-format", "text", "format of logs on standard error: text or json")
	f.StringVar(&g.logLevel, "log-level", "warn", "least level of logs: debug, info, warn or error")
	f.BoolVar(&g.noColor, "no-color", false, "no colours (also NO_COLOR)")
	f.BoolVar(&g.quiet, "quiet", false, "no progress and no summary lines on standard error")
	root.AddCommand(
		newInit(g), newScan(g), newCheck(g), newAudit(g), newReport(g), newNotify(g), newDrift(g), newTags(g), newAssets(g), newDiff(g),
		newWhy(g), newQuery(g), newBaseline(g), newPolicy(g), newCollectors(g), newDoctor(g), newDemo(g), newVersion(g),
		newCompletion(g), newPrune(g),
	)
	root.SetHelpCommand(newHelp(root))
	return root
}

// noVerb turns an unknown verb into an error that names the nearest one.
func noVerb(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	message := fmt.Sprintf("unknown verb %q", args[0])
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		return fmt.Errorf("%s: did you mean %s?", message, strings.Join(near, " or "))
	}
	return fmt.Errorf("%s: see muster help", message)
}

// logger returns the log on standard error.
func (g *globals) logger() (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(g.logLevel)); err != nil {
		return nil, fmt.Errorf("--log-level %q: use debug, info, warn or error", g.logLevel)
	}
	options := &slog.HandlerOptions{Level: level}
	switch g.logFormat {
	case "text":
		return slog.New(slog.NewTextHandler(g.sys.Stderr(), options)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(g.sys.Stderr(), options)), nil
	}
	return nil, fmt.Errorf("--log-format %q: use text or json", g.logFormat)
}

// color reports whether standard output takes colours.
func (g *globals) color() bool {
	return !g.noColor && g.sys.Getenv("NO_COLOR") == "" && g.sys.Getenv("TERM") != "dumb" && g.sys.Terminal(g.sys.Stdout()) > 0
}

// app loads the config and puts the program together. overrides are settings by key that the verb's flags set.
func (g *globals) app(needConfig bool, overrides map[string]string) (*wire.App, error) {
	log, err := g.logger()
	if err != nil {
		return nil, err
	}
	registry, err := wire.Registry()
	if err != nil {
		return nil, err
	}
	if overrides == nil {
		overrides = map[string]string{}
	}
	if g.store != "" {
		overrides["store"] = g.store
	}
	file := g.config
	if file == "" {
		file = g.sys.Getenv("MUSTER_CONFIG")
	}
	c, err := config.Load(config.Input{
		File: file, Registry: registry, Overrides: overrides, Getenv: g.sys.Getenv, Formats: wire.Formats(), NeedFile: needConfig,
	})
	if err != nil {
		return nil, err
	}
	return &wire.App{Config: c, Registry: registry, Log: log, Now: wire.Clock(c, g.sys.Now), Getenv: g.sys.Getenv, Version: version()}, nil
}

// read opens the store for a verb that only reads, and runs it.
func (g *globals) read(ctx context.Context, run func(context.Context, *wire.App, *sqlite.Store) error) error {
	a, err := g.app(false, nil)
	if err != nil {
		return err
	}
	store, err := a.OpenStore(ctx, true)
	if err != nil {
		return err
	}
	defer store.Close()
	return run(ctx, a, store)
}

func splitLines(s string) []string { return strings.Split(strings.TrimRight(s, "\n"), "\n") }

// stamp prints a time for people.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04:05")
}
