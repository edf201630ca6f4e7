package collectors

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/muster-audit/muster/inventory"
)

// Job is one source to read and what reads it.
type Job struct {
	Source    inventory.Source
	Collector Collector
	// Limit is how many scopes of this source are read at a time; 0 leaves it to the Runner's limit.
	Limit int
}

// Runner reads the scopes of many sources into a scan, several at a time.
//
// What goes wrong in a source stays in it: a listing that fails, a scope that fails or a collector that panics is a
// failed run with its reason, and the rest goes on. An error of the store ends everything. The zero value works.
type Runner struct {
	// Limit is how many scopes are read at a time over all sources; 0 means DefaultLimit. Those of Remote collectors are counted
	// apart: remoteFactor times as many of them are read at a time, unless Limit is 1.
	Limit int
	// MaxAttempts bounds the attempts at one scope, the first one counted; 0 means DefaultMaxAttempts.
	MaxAttempts int
	// Timeout bounds the reading of one scope and the listing of one source, all attempts together; 0 means no bound.
	Timeout time.Duration
	// Backoff is how long to wait after a failed attempt, the first being 1; nil means DefaultBackoff.
	Backoff func(attempt int) time.Duration
	// Sleep waits or returns the context's error; nil means a timer.
	Sleep func(ctx context.Context, d time.Duration) error
	// Now is the clock of the runs; nil means time.Now.
	Now func() time.Time
	// Log takes retries and the stacks of panics; nil means no log.
	Log *slog.Logger
	// Progress is told how the scan goes on; may be nil.
	Progress Progress
}

// Defaults of a Runner.
const (
	DefaultLimit       = 8
	DefaultMaxAttempts = 4
)

// Progress is told how a scan goes on. Its methods are called from several goroutines.
type Progress interface {
	// Planned tells how many scopes a source has. It is not called for a source whose listing failed.
	Planned(src inventory.Source, scopes int)
	// ScopeStarted tells that the first attempt at a scope begins.
	ScopeStarted(src inventory.Source, scope string)
	// Assets tells that n more assets were read, in steps of some hundred. It is negative when an attempt was given up
	// and its assets with it.
	Assets(src inventory.Source, n int)
	// ScopeDone tells how a scope ended, once for each planned scope unless the scan is interrupted.
	ScopeDone(src inventory.Source, run inventory.ScopeRun)
	// Close tells that nothing more will come.
	Close()
}

// DefaultBackoff waits about 1 s, 2 s, 4 s … 30 s, of which the last half is random, so that many scopes that failed
// together do not come back together.
func DefaultBackoff(attempt int) time.Duration {
	const first, most = time.Second, 30 * time.Second
	d := most
	if attempt < 6 {
		d = min(most, first<<max(0, attempt-1))
	}
	return d/2 + rand.N(d/2+1)
}

// Run reads every scope of every job into w. It neither begins nor finishes the scan; give Result.Interrupted to
// w.Finish. When ctx ends, scopes in flight are discarded, the others are not begun, and the result says that it was
// interrupted, without an error. The error is one of the store; what was committed before it stays.
func (r *Runner) Run(ctx context.Context, jobs []Job, w inventory.ScanWriter) (Result, error) {
	s := newSession(r, w)
	defer s.progress.Close()
	tallies := make([]*tally, len(jobs))
	g, gctx := errgroup.WithContext(ctx)
	for i, job := range jobs {
		tallies[i] = &tally{result: SourceResult{Source: job.Source}}
		g.Go(func() error { return s.source(gctx, job, tallies[i]) })
	}
	err := g.Wait()
	res := Result{Interrupted: s.interrupted.Load() && err == nil}
	for _, t := range tallies {
		res.Sources = append(res.Sources, t.result)
	}
	return res, err
}

// session is one call of Run.
type session struct {
	Runner
	w           inventory.ScanWriter
	slots       chan struct{} // one token per scope that may be read now
	remote      chan struct{} // the same for the scopes of Remote collectors
	progress    Progress
	interrupted atomic.Bool
}

func newSession(r *Runner, w inventory.ScanWriter) *session {
	s := &session{Runner: *r, w: w, progress: r.Progress}
	if s.Limit <= 0 {
		s.Limit = DefaultLimit
	}
	if s.MaxAttempts <= 0 {
		s.MaxAttempts = DefaultMaxAttempts
	}
	if s.Backoff == nil {
		s.Backoff = DefaultBackoff
	}
	if s.Sleep == nil {
		s.Sleep = sleep
	}
	if s.Now == nil {
		s.Now = time.Now
	}
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	if s.progress == nil {
		s.progress = noProgress{}
	}
	s.slots = make(chan struct{}, s.Limit)
	s.remote = s.slots
	if s.Limit > 1 {
		s.remote = make(chan struct{}, remoteFactor*s.Limit)
	}
	return s
}

// slotsOf returns the slots that the scopes of a job take.
func (s *session) slotsOf(job Job) chan struct{} {
	if _, ok := job.Collector.(Remote); ok {
		return s.remote
	}
	return s.slots
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// enter waits for a free slot; false means that the scan was interrupted first.
func (s *session) enter(ctx context.Context, slots chan struct{}) bool {
	if ctx.Err() == nil {
		select {
		case slots <- struct{}{}:
			return true
		case <-ctx.Done():
		}
	}
	s.interrupted.Store(true)
	return false
}

func leave(slots chan struct{}) { <-slots }

// source lists and reads one source.
func (s *session) source(ctx context.Context, job Job, t *tally) error {
	began := s.Now()
	defer func() { t.result.Elapsed = s.Now().Sub(began) }()
	scopes, ok, err := s.plan(ctx, job, t)
	if err != nil || !ok {
		return err
	}
	var left []inventory.Scope
	for _, sc := range scopes {
		if s.w.Done(job.Source.Name, sc.ID) {
			t.resumed()
			continue
		}
		left = append(left, sc)
	}
	return s.readAll(ctx, job, left, t)
}

// readAll reads scopes, as many at a time as the source may.
func (s *session) readAll(ctx context.Context, job Job, scopes []inventory.Scope, t *tally) error {
	slots := s.slotsOf(job)
	limit := cap(slots)
	if job.Limit > 0 {
		limit = min(limit, job.Limit)
	}
	q := newQueue(job, scopes, limit)
	g, gctx := errgroup.WithContext(ctx)
	for range min(limit, len(scopes)) {
		g.Go(func() error {
			for {
				sc, ok := q.next()
				if !ok {
					return nil
				}
				err := s.scope(gctx, slots, job, sc, t)
				q.done(sc)
				if err != nil {
					return err
				}
			}
		})
	}
	return g.Wait()
}

// plan lists the scopes of a source and tells the store; ok is false if there is nothing to read.
func (s *session) plan(ctx context.Context, job Job, t *tally) (scopes []inventory.Scope, ok bool, err error) {
	slots := s.slotsOf(job)
	if !s.enter(ctx, slots) {
		return nil, false, nil
	}
	defer leave(slots)
	run := inventory.ScopeRun{Source: job.Source.Name, State: inventory.RunFailed, Reason: inventory.ReasonListing, Started: s.Now().UTC()}
	scopes, run.Attempts, err = s.list(ctx, job)
	if ctx.Err() != nil {
		s.interrupted.Store(true)
		return nil, false, nil
	}
	run.Finished = s.Now().UTC()
	settled := context.WithoutCancel(ctx)
	if err != nil {
		run.Error = oneLine(err.Error())
		t.unlisted(run)
		return nil, false, wrap(s.w.Unlisted(settled, job.Source, run), "record failed listing of source %q", job.Source.Name)
	}
	if err := s.w.Plan(settled, job.Source, scopes); err != nil {
		return nil, false, fmt.Errorf("plan scopes of source %q: %w", job.Source.Name, err)
	}
	s.progress.Planned(job.Source, len(scopes))
	return scopes, true, nil
}

// list calls Scopes until it succeeds or fails for good.
func (s *session) list(ctx context.Context, job Job) (scopes []inventory.Scope, attempts int, err error) {
	ctx, cancel := s.bounded(ctx)
	defer cancel()
	for attempts = 1; ; attempts++ {
		err = guard(func() (err error) { scopes, err = job.Collector.Scopes(ctx); return err })
		if err == nil {
			return scopes, attempts, unique(scopes)
		}
		s.logPanic(err, job.Source.Name, "")
		if !s.again(ctx, err, attempts) {
			return nil, attempts, s.late(ctx, err)
		}
	}
}

// late says so if it is the time limit that ended a listing.
func (s *session) late(ctx context.Context, err error) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return fmt.Errorf("not listed within %s: %w", s.Timeout, err)
	}
	return err
}

// unique rejects a listing in which two scopes share an id: one would overwrite what the other read.
func unique(scopes []inventory.Scope) error {
	seen := make(map[string]bool, len(scopes))
	for _, sc := range scopes {
		if sc.ID == "" || seen[sc.ID] {
			return fmt.Errorf("list scopes: id %q is empty or given twice; this is a fault of the collector", sc.ID)
		}
		seen[sc.ID] = true
	}
	return nil
}

func (s *session) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	if s.Timeout <= 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, s.Timeout)
}

func wrap(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf(format+": %w", append(args, err)...)
}

// noProgress is the Progress of a Runner without one.
type noProgress struct{}

func (noProgress) Planned(inventory.Source, int)                  {}
func (noProgress) ScopeStarted(inventory.Source, string)          {}
func (noProgress) Assets(inventory.Source, int)                   {}
func (noProgress) ScopeDone(inventory.Source, inventory.ScopeRun) {}
func (noProgress) Close()                                         {}

// tally adds up the runs of one source.
type tally struct {
	mu     sync.Mutex
	result SourceResult
}
