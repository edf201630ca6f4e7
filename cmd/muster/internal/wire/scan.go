package wire

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/inventory"
)

// ScanOptions says what a scan reads.
type ScanOptions struct {
	Sources  []string // names; empty is all
	Resume   bool
	Progress collectors.Progress
}

// Scan reads the configured sources into the store. The scan that it returns is stored also when it was interrupted.
func (a *App) Scan(ctx context.Context, store inventory.Store, o ScanOptions) (inventory.Scan, collectors.Result, error) {
	jobs, err := a.jobs(o.Sources, store.HashKey())
	if err != nil {
		return inventory.Scan{}, collectors.Result{}, err
	}
	begin := store.Begin
	if o.Resume {
		begin = store.Resume
	}
	w, err := begin(ctx, a.scanStart(o.Sources))
	if errors.Is(err, inventory.ErrNothingToResume) {
		return inventory.Scan{}, collectors.Result{}, fmt.Errorf("%w: start a new one without --resume", err)
	}
	if err != nil {
		return inventory.Scan{}, collectors.Result{}, err
	}
	runner := collectors.Runner{
		Limit: a.Config.Scan.Parallel, MaxAttempts: a.Config.Scan.Attempts, Timeout: a.Config.Scan.Timeout,
		Now: a.Now, Log: a.Log, Progress: o.Progress,
	}
	result, runErr := runner.Run(ctx, jobs, w)
	scan, err := w.Finish(context.WithoutCancel(ctx), result.Interrupted || runErr != nil)
	if runErr != nil {
		return scan, result, runErr // what stopped the run stops its end too, and is told once
	}
	return scan, result, err
}

func (a *App) scanStart(selected []string) inventory.ScanStart {
	start := inventory.ScanStart{ToolVersion: a.Version, ConfigDigest: a.Config.Digest, Selected: selected}
	for _, s := range a.Config.Sources {
		start.Sources = append(start.Sources, s.Source)
	}
	return start
}

// jobs makes the collectors of the selected sources.
func (a *App) jobs(selected []string, key []byte) ([]collectors.Job, error) {
	var jobs []collectors.Job
	var names []string
	for _, src := range a.Config.Sources {
		names = append(names, src.Name)
		if len(selected) > 0 && !slices.Contains(selected, src.Name) {
			continue
		}
		c, err := a.Collector(src, key)
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

// PlannedScope is a scope as its collector would read it, or the error that stands in the way.
type PlannedScope struct {
	Source inventory.Source
	Scope  inventory.Scope
	Err    error // of the listing, if there is no scope
}

// Plan lists what a scan would read, without reading it.
func (a *App) Plan(ctx context.Context) ([]PlannedScope, error) {
	var planned []PlannedScope
	for _, src := range a.Config.Sources {
		c, err := a.Collector(src, make([]byte, 32)) // nothing is read, so nothing is hashed
		if err != nil {
			return nil, err
		}
		scopes, err := c.Scopes(ctx)
		if err != nil {
			planned = append(planned, PlannedScope{Source: src.Source, Err: err})
		}
		for _, s := range scopes {
			planned = append(planned, PlannedScope{Source: src.Source, Scope: s})
		}
	}
	return planned, nil
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
}
