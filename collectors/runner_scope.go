package collectors

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"runtime/debug"
	"strings"
	"unicode"

	"github.com/muster-audit/muster/inventory"
)

// scope reads one scope, in as many attempts as it takes, and commits the last one.
func (s *session) scope(ctx context.Context, slots chan struct{}, job Job, sc inventory.Scope, t *tally) error {
	if !s.enter(ctx, slots) {
		return nil
	}
	defer leave(slots)
	s.progress.ScopeStarted(job.Source, sc.ID)
	bounded, cancel := s.bounded(ctx)
	defer cancel()
	run := inventory.ScopeRun{Source: job.Source.Name, Scope: sc.ID, Started: s.Now().UTC(), Calls: map[string]int{}}
	for {
		run.Attempts++
		again, err := s.attempt(ctx, bounded, job, sc, &run)
		if err != nil {
			return err
		}
		if !again {
			break
		}
	}
	if run.State == "" {
		s.interrupted.Store(true)
		return nil
	}
	t.add(run)
	s.progress.ScopeDone(job.Source, run)
	return nil
}

// attempt reads the scope once. It commits what was read, or discards it, because another attempt shall follow or because
// the scan was interrupted, in which case run.State stays empty. The error is one of the store.
func (s *session) attempt(
	ctx, bounded context.Context, job Job, sc inventory.Scope, run *inventory.ScopeRun,
) (again bool, err error) {
	out, err := s.w.Scope(context.WithoutCancel(ctx), job.Source, sc)
	if err != nil {
		return false, fmt.Errorf("begin scope %q of source %q: %w", sc.ID, job.Source.Name, err)
	}
	defer out.Discard()
	k := &sink{alive: bounded.Err, out: out, source: job.Source, progress: s.progress, run: run, seen: NewKeySet()}
	cause := guard(func() error { return job.Collector.Collect(bounded, sc, k) })
	k.flush()
	if k.storeErr != nil {
		return false, fmt.Errorf("store scope %q of source %q: %w", sc.ID, job.Source.Name, k.storeErr)
	}
	s.logPanic(cause, job.Source.Name, sc.ID)
	if cause == nil {
		cause = k.refused // a collector that swallows what the sink returned has not read the scope whole
	}
	if ctx.Err() == nil && !s.again(bounded, cause, run.Attempts) {
		return false, s.commit(ctx, bounded, out, k, run, cause)
	}
	s.progress.Assets(job.Source, -k.assets)
	return ctx.Err() == nil, nil
}

// again reports whether another attempt shall follow, and waits for its time.
func (s *session) again(ctx context.Context, err error, attempts int) bool {
	var e *Error
	if !errors.As(err, &e) || !e.Retry || attempts >= s.MaxAttempts || ctx.Err() != nil {
		return false
	}
	wait := s.Backoff(attempts)
	s.Log.Info("attempt failed, trying again", "attempt", attempts, "wait", wait, "error", err)
	return s.Sleep(ctx, wait) == nil
}

func (s *session) commit(
	ctx, bounded context.Context, out inventory.ScopeWriter, k *sink, run *inventory.ScopeRun, cause error,
) error {
	run.Assets, run.Skipped = k.assets, k.skipped
	run.DataTime, run.CallerARN = k.facts.DataTime, k.facts.Caller
	run.Finished = s.Now().UTC()
	run.State, run.Reason = judge(bounded, cause, k.assets)
	run.Listed = run.State == inventory.RunPartial && listed(cause) && bounded.Err() == nil && k.refused == nil
	run.Error = s.describe(cause, run.Reason)
	if len(run.Calls) == 0 {
		run.Calls = nil
	}
	stored, err := out.Commit(context.WithoutCancel(ctx), *run)
	if err != nil {
		return fmt.Errorf("commit scope %q of source %q: %w", run.Scope, run.Source, err)
	}
	*run = stored
	return nil
}

// describe is the error text of a run.
func (s *session) describe(cause error, reason inventory.RunReason) string {
	switch {
	case cause == nil:
		return ""
	case reason == inventory.ReasonTimeout && s.Timeout > 0:
		return oneLine(fmt.Sprintf("not read within %s: %v", s.Timeout, cause))
	}
	return oneLine(cause.Error())
}

// judge says what an attempt came to: an error before the first asset is a failure, one after it leaves a part. What a
// collector read before it panicked is not believed.
func judge(bounded context.Context, cause error, assets int) (inventory.RunState, inventory.RunReason) {
	if cause == nil {
		return inventory.RunOK, inventory.ReasonNone
	}
	state, reason := inventory.RunPartial, inventory.ReasonError
	var e *Error
	var p *panicError
	switch {
	case errors.As(cause, &p):
		return inventory.RunFailed, inventory.ReasonPanic
	case errors.Is(bounded.Err(), context.DeadlineExceeded):
		reason = inventory.ReasonTimeout
	case errors.As(cause, &e) && e.Reason != inventory.ReasonNone:
		reason = e.Reason
	case errors.Is(cause, context.DeadlineExceeded):
		reason = inventory.ReasonTimeout
	}
	switch {
	case assets == 0 && (reason.Skips() || e != nil && e.Skip && reason == e.Reason):
		state = inventory.RunSkipped
	case assets == 0:
		state = inventory.RunFailed
	}
	return state, reason
}

// listed reports whether an error says that nothing is missing in the listing.
func listed(cause error) bool {
	var e *Error
	return errors.As(cause, &e) && e.Listed
}

// sink is what a collector writes to during one attempt.
type sink struct {
	alive    func() error // an error once the attempt's time is over
	out      inventory.ScopeWriter
	source   inventory.Source
	progress Progress
	run      *inventory.ScopeRun
	seen     *KeySet
	facts    Facts
	assets   int
	unsaid   int // assets that progress was not told of yet
	skipped  int
	storeErr error
	refused  error // why assets are no longer taken
}

const progressStep = 256

// Asset stores the asset unless its key was there before in this scope.
func (k *sink) Asset(a inventory.Asset) error {
	if k.refused != nil {
		return k.refused
	}
	if err := k.alive(); err != nil {
		k.refused = err
		return err
	}
	if a.Key == "" || a.Type == "" {
		k.Skip(problem(&a, "an asset without a key or type", "this is a fault of the collector: report it"))
		return nil
	}
	if !k.seen.Add(a.Key) {
		k.Skip(problem(&a, "the key was there before: the first one is kept", "make the keys unique"))
		return nil
	}
	if a.Book == "" {
		a.Book = k.source.Book
	}
	if err := k.out.Put(a); err != nil {
		k.storeErr, k.refused = err, err
		return err
	}
	k.assets++
	if k.unsaid++; k.unsaid == progressStep {
		k.flush()
	}
	return nil
}

func problem(a *inventory.Asset, message, remedy string) inventory.Problem {
	return inventory.Problem{File: a.Origin.File, Line: a.Origin.Line, Key: a.Key, Message: message, Remedy: remedy}
}

func (k *sink) flush() {
	if k.unsaid > 0 {
		k.progress.Assets(k.source, k.unsaid)
		k.unsaid = 0
	}
}

// Skip records what could not be read.
func (k *sink) Skip(p inventory.Problem) {
	k.skipped++
	p.Message = oneLine(p.Message)
	k.out.Skip(p)
}

// Note adds facts. Calls of attempts that were given up were made all the same, so they count for the run.
func (k *sink) Note(f Facts) {
	if !f.DataTime.IsZero() {
		k.facts.DataTime = f.DataTime.UTC()
	}
	if f.Caller != "" {
		k.facts.Caller = f.Caller
	}
	for op, n := range maps.All(f.Calls) {
		k.run.Calls[op] += n
	}
}

// panicError is a panic of a collector.
type panicError struct {
	value any
	stack []byte
}

func (e *panicError) Error() string {
	return fmt.Sprintf("the collector panicked: %v: this is a fault of muster, please report it with the log", e.value)
}

// guard calls f and turns a panic into a *panicError.
func guard(f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &panicError{value: v, stack: debug.Stack()}
		}
	}()
	return f()
}

func (s *session) logPanic(err error, source, scope string) {
	var p *panicError
	if errors.As(err, &p) {
		s.Log.Error("collector panicked", "source", source, "scope", scope, "panic", slog.AnyValue(p.value), "stack", string(p.stack))
	}
}

// oneLine makes one line of printable text of at most some hundred characters out of any error text.
func oneLine(s string) string {
	const most = 600
	s = strings.ToValidUTF8(s, "\ufffd")
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if runes := []rune(s); len(runes) > most {
		s = string(runes[:most]) + "…"
	}
	return s
}
