package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/muster-audit/muster/cmd/muster/internal/present"
	"github.com/muster-audit/muster/cmd/muster/internal/wire"
	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/inventory"
)

// scanOptions are the flags of verbs that scan.
type scanOptions struct {
	sources  []string
	resume   bool
	parallel string
	record   string
	verbose  bool
	longest  time.Duration
}

func (o *scanOptions) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringSliceVar(&o.sources, "source", nil, "read only these sources; the others keep their last state")
	f.BoolVar(&o.resume, "resume", false, "go on with a scan that was interrupted or killed")
	f.StringVar(&o.parallel, "parallel", "", "scopes that are read at a time (default 8)")
	f.StringVar(&o.record, "record", "", "keep the answers of every API in this folder, secrets hashed, to audit from them again (see docs/recording.md)")
	f.DurationVar(&o.longest, "max-duration", 0, "stop reading after so long, as 4h, in good order: what was read is kept, the rest counts as not read")
	f.BoolVar(&o.verbose, "verbose", false, "show every scope that was not read whole, what was skipped in it, and the API calls by operation")
}

func (o *scanOptions) overrides() map[string]string {
	m := map[string]string{}
	if o.parallel != "" {
		m["scan.parallel"] = o.parallel
	}
	return m
}

func newScan(g *globals) *cobra.Command {
	var o scanOptions
	cmd := &cobra.Command{
		Use: "scan", Short: "Read every source into the store",
		Long: `Read every configured source into the store. A source or scope that cannot be read leaves
the others alone, and what the store knows of it stands. Exit code 0 if all was read,
3 if something was not, 2 if the scan could not run, 130 if it was interrupted.`,
		Example: "  muster scan\n  muster scan --source dc --verbose\n  muster scan --resume",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			a, err := g.app(true, o.overrides())
			if err != nil {
				return err
			}
			scan, err := runScan(cmd.Context(), g, a, o)
			if err != nil {
				return err
			}
			if n := scan.Runs[inventory.RunFailed] + scan.Runs[inventory.RunPartial]; n > 0 || scan.State != inventory.ScanFinished {
				return &codeError{code: exitIncomplete}
			}
			return nil
		},
	}
	o.flags(cmd)
	return cmd
}

// runScan scans, and prints a summary line per source on standard error.
func runScan(ctx context.Context, g *globals, a *wire.App, o scanOptions) (inventory.Scan, error) {
	if o.resume && o.record != "" {
		return inventory.Scan{}, errors.New("--resume and --record do not go together: a recording of the rest of a scan is none of the scan")
	}
	store, err := a.OpenStore(ctx, false)
	if err != nil {
		return inventory.Scan{}, err
	}
	defer store.Close()
	progress := newProgress(g)
	limited, cancel := o.limit(ctx)
	defer cancel()
	scan, result, err := a.Scan(limited, store, wire.ScanOptions{Sources: o.sources, Resume: o.resume, Progress: progress, Record: o.record})
	if err != nil {
		return scan, err
	}
	if !g.quiet {
		summarize(g, result)
	}
	if o.verbose {
		if err := explainRuns(ctx, g, store, scan.ID); err != nil {
			return scan, err
		}
	}
	if scan.State == inventory.ScanInterrupted && ctx.Err() == nil {
		fmt.Fprintf(g.sys.Stderr(), "muster: stopped reading after %s; go on with \"muster scan --resume\"\n", o.longest)
		return scan, nil
	}
	if scan.State == inventory.ScanInterrupted {
		fmt.Fprintln(g.sys.Stderr(), "muster: interrupted; go on with \"muster scan --resume\"")
		return scan, &codeError{code: exitInterrupted}
	}
	return scan, nil
}

// limit gives reading an end.
func (o *scanOptions) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	if o.longest <= 0 {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, o.longest)
}

func summarize(g *globals, result collectors.Result) {
	for _, s := range result.Sources {
		fmt.Fprintln(g.sys.Stderr(), present.Clean(sourceLine(s)))
		for _, e := range s.Errors {
			fmt.Fprintln(g.sys.Stderr(), "  "+present.Clean(strings.TrimPrefix(e.Scope+": ", ": ")+string(e.State)+": "+e.Error))
		}
		if more := s.Partial + s.Failed - len(s.Errors); more > 0 {
			fmt.Fprintf(g.sys.Stderr(), "  and %d more: --verbose shows all\n", more)
		}
	}
}

func sourceLine(s collectors.SourceResult) string {
	line := fmt.Sprintf("%s: %s (%d added, %d changed, %d ended), scopes: %s", s.Source.Name, count(s.Assets, "asset"), s.Added, s.Changed, s.Ended, states(s))
	if s.SkippedRecords > 0 {
		line += fmt.Sprintf(", %s skipped", count(s.SkippedRecords, "record"))
	}
	return line + ", " + s.Elapsed.Round(time.Millisecond).String()
}

// states prints counts of scopes, the bad ones only where there are some.
func states(s collectors.SourceResult) string {
	text := fmt.Sprintf("%d ok", s.OK)
	for _, c := range []struct {
		n    int
		name string
	}{{s.Partial, "partial"}, {s.Failed, "failed"}, {s.Skipped, "skipped"}, {s.Resumed, "read before"}} {
		if c.n > 0 {
			text += fmt.Sprintf(", %d %s", c.n, c.name)
		}
	}
	return text
}

// explainRuns prints every scope that was not read whole, and the records that were skipped in it.
func explainRuns(ctx context.Context, g *globals, store inventory.AssetStore, at inventory.ScanID) error {
	scopes, err := store.Scopes(ctx, at)
	if err != nil {
		return err
	}
	calls := map[string]map[string]int{}
	for _, s := range scopes {
		if calls[s.Source.Name] == nil {
			calls[s.Source.Name] = map[string]int{}
		}
		for op, n := range s.Run.Calls {
			calls[s.Source.Name][op] += n
		}
		if s.Run.State == inventory.RunOK && s.Run.Skipped == 0 {
			continue
		}
		line := fmt.Sprintf("%s/%s: %s: %s", s.Source.Name, s.Scope.ID, s.Run.State, s.Run.Error)
		fmt.Fprintln(g.sys.Stderr(), strings.TrimSuffix(present.Clean(line), ": "))
		problems, err := store.Problems(ctx, at, s.Source.Name, s.Scope.ID, 0)
		if err != nil {
			return err
		}
		for _, p := range problems {
			fmt.Fprintln(g.sys.Stderr(), "  "+present.Clean(problemLine(p)))
		}
	}
	printCalls(g, calls)
	return nil
}

// printCalls prints how many API calls each source took, by operation, the most first.
func printCalls(g *globals, bySource map[string]map[string]int) {
	for _, source := range slices.Sorted(maps.Keys(bySource)) {
		calls, total := bySource[source], 0
		for _, n := range calls {
			total += n
		}
		if total == 0 {
			continue
		}
		fmt.Fprintf(g.sys.Stderr(), "%s: %s\n", present.Clean(source), count(total, "API call"))
		ops := slices.SortedFunc(maps.Keys(calls), func(a, b string) int { return cmp.Or(calls[b]-calls[a], strings.Compare(a, b)) })
		for _, op := range ops {
			fmt.Fprintf(g.sys.Stderr(), "%8d %s\n", calls[op], present.Clean(op))
		}
	}
}

// problemLine prints a problem as file:line:column: message; what a program printed has no file.
func problemLine(p inventory.Problem) string {
	line := p.File
	if line == "" && p.Line > 0 {
		line = "output"
	}
	if p.Line > 0 {
		line += fmt.Sprintf(":%d", p.Line)
	}
	if p.Column > 0 {
		line += fmt.Sprintf(":%d", p.Column)
	}
	line += ": " + p.Message
	if p.Remedy != "" {
		line += "; " + p.Remedy
	}
	return strings.TrimPrefix(line, ": ")
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
