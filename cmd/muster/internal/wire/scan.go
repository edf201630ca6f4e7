package wire

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/muster-audit/muster/cmd/muster/internal/config"
	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/inventory"
)

// ScanOptions says what a scan reads.
type ScanOptions struct {
	Sources  []string // names; empty is all
	Resume   bool
	Progress collectors.Progress
	// Record is a folder that keeps the answers of every API that is asked; empty keeps none.
	Record string
}

// Scan reads the configured sources into the store. The scan that it returns is stored also when it was interrupted.
func (a *App) Scan(ctx context.Context, store inventory.Store, o ScanOptions) (inventory.Scan, collectors.Result, error) {
	tapes := &recording{dir: o.Record, started: a.Now(), tool: "muster " + a.Version, key: store.HashKey()}
	jobs, err := a.jobs(ctx, store, o.Sources, tapes)
	if err != nil {
		return inventory.Scan{}, collectors.Result{}, errors.Join(err, tapes.close())
	}
	begin := store.Begin
	if o.Resume {
		begin = store.Resume
	}
	w, err := begin(ctx, a.scanStart(o.Sources))
	if errors.Is(err, inventory.ErrNothingToResume) {
		err = fmt.Errorf("%w: start a new one without --resume", err)
	}
	if err != nil {
		return inventory.Scan{}, collectors.Result{}, errors.Join(err, tapes.close())
	}
	runner := collectors.Runner{
		Limit: a.Config.Scan.Parallel, MaxAttempts: a.Config.Scan.Attempts, Timeout: a.Config.Scan.Timeout,
		Now: a.Now, Log: a.Log, Progress: o.Progress,
	}
	result, runErr := runner.Run(ctx, jobs, w)
	scan, err := w.Finish(context.WithoutCancel(ctx), result.Interrupted || runErr != nil)
	if runErr != nil {
		err = runErr // what stopped the run stops its end too, and is told once
	}
	return scan, result, errors.Join(err, tapes.close())
}

func (a *App) scanStart(selected []string) inventory.ScanStart {
	start := inventory.ScanStart{ToolVersion: a.Version, ConfigDigest: a.Config.Digest, Selected: selected}
	for _, s := range a.Config.Sources {
		start.Sources = append(start.Sources, s.Source)
	}
	return start
}

// jobs makes the collectors of the selected sources.
func (a *App) jobs(ctx context.Context, store inventory.Store, selected []string, tapes *recording) ([]collectors.Job, error) {
	known := sync.OnceValue(func() map[scopeKey]collectors.Earlier { return a.earlier(ctx, store) })
	var jobs []collectors.Job
	var names []string
	for _, src := range a.Config.Sources {
		names = append(names, src.Name)
		if len(selected) > 0 && !slices.Contains(selected, src.Name) {
			continue
		}
		env := a.env(src, store.HashKey())
		env.Earlier = func(scope string) (collectors.Earlier, bool) {
			e, ok := known()[scopeKey{src.Name, scope}]
			return e, ok
		}
		if err := tapes.add(src, &env); err != nil {
			return nil, err
		}
		c, err := a.collector(src, env)
		if err != nil {
			return nil, err
		}
		jobs = append(jobs, collectors.Job{Source: src.Source, Collector: c})
	}
	for _, name := range selected {
		if !slices.Contains(names, name) {
			return nil, fmt.Errorf("no source is called %q: there are %s", name, strings.Join(names, ", "))
		}
	}
	if len(jobs) == 0 {
		return nil, fmt.Errorf("no sources are configured: name some in %s, or let \"muster init\" look for them", filepath.Base(a.Config.File))
	}
	return jobs, nil
}

type scopeKey struct{ source, scope string }

// earlier returns what each scope held when it was last read whole. That the store cannot tell costs only what it would spare.
func (a *App) earlier(ctx context.Context, store inventory.Store) map[scopeKey]collectors.Earlier {
	known := map[scopeKey]collectors.Earlier{}
	states, err := store.Scopes(ctx, 0)
	if err != nil {
		a.Log.Debug("no earlier scan to look at", "error", err)
	}
	for _, s := range states {
		if !s.LastOK.IsZero() {
			known[scopeKey{s.Source.Name, s.Scope.ID}] = collectors.Earlier{At: s.LastOK, Assets: s.Assets}
		}
	}
	return known
}

// PlannedScope is a scope as its collector would read it, or the error that stands in the way.
type PlannedScope struct {
	Source inventory.Source
	Scope  inventory.Scope
	Err    error // of the listing, if there is no scope
}

// Plan lists what a scan of a source would read, without reading it.
func (a *App) Plan(ctx context.Context, src config.Source) ([]PlannedScope, error) {
	c, err := a.Collector(src, make([]byte, 32)) // nothing is read, so nothing is hashed
	if err != nil {
		return nil, err
	}
	scopes, err := c.Scopes(ctx)
	if err != nil {
		return []PlannedScope{{Source: src.Source, Err: err}}, nil
	}
	planned := make([]PlannedScope, len(scopes))
	for i, s := range scopes {
		planned[i] = PlannedScope{Source: src.Source, Scope: s}
	}
	return planned, nil
}

// Examiner returns the collector of a source if its scopes are not to be read for a diagnosis, and false if they are.
func (a *App) Examiner(src config.Source) (collectors.Examiner, bool, error) {
	c, err := a.Collector(src, make([]byte, 32)) // nothing that is hashed is kept
	if err != nil {
		return nil, false, err
	}
	e, ok := c.(collectors.Examiner)
	return e, ok, nil
}

// Probe reads a planned scope and throws away what it holds: the number of assets and of skipped records, the first
// problem, and the error if it cannot be read whole.
func (a *App) Probe(ctx context.Context, p PlannedScope) Probe {
	for _, src := range a.Config.Sources {
		if src.Name != p.Source.Name {
			continue
		}
		c, err := a.Collector(src, make([]byte, 32))
		if err != nil {
			return Probe{Err: err}
		}
		var sink probeSink
		sink.probe.Err = c.Collect(ctx, p.Scope, &sink)
		return sink.probe
	}
	return Probe{Err: fmt.Errorf("no source is called %q", p.Source.Name)}
}

// Probe is what reading a scope came to.
type Probe struct {
	Assets, Skipped int
	First           inventory.Problem
	DataTime        time.Time
	Detail          string // how it was read, if the collector says
	Err             error
}

type probeSink struct{ probe Probe }

func (s *probeSink) Asset(inventory.Asset) error {
	s.probe.Assets++
	return nil
}

func (s *probeSink) Skip(p inventory.Problem) {
	if s.probe.Skipped == 0 {
		s.probe.First = p
	}
	s.probe.Skipped++
}

func (s *probeSink) Note(f collectors.Facts) {
	if !f.DataTime.IsZero() {
		s.probe.DataTime = f.DataTime
	}
	if f.Detail != "" {
		s.probe.Detail = f.Detail
	}
}
