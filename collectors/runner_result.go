package collectors

import (
	"cmp"
	"slices"
	"time"

	"github.com/muster-audit/muster/inventory"
)

// Result is what a call of Run came to.
type Result struct {
	Sources []SourceResult // in the order of the jobs
	// Interrupted says that the context ended before every scope was read.
	Interrupted bool
}

// SourceResult adds up the runs of one source.
type SourceResult struct {
	Source inventory.Source
	// OK, Partial, Failed and Skipped count the scopes read now, by state.
	OK, Partial, Failed, Skipped int
	// Resumed counts the scopes that were read before the scan was interrupted, and not again.
	Resumed int
	// Unlisted says that the scopes could not be listed; Failed is then 1.
	Unlisted bool

	Assets, Added, Changed, Ended int
	SkippedRecords                int
	Elapsed                       time.Duration
	// Errors are those of the first scopes that are not ok, at most MaxErrors, sorted by scope.
	Errors []ScopeError
}

// ScopeError says why a scope is not ok.
type ScopeError struct {
	Scope  string // empty if it is the listing that failed
	State  inventory.RunState
	Reason inventory.RunReason
	Error  string // one line; may be empty
}

// MaxErrors is how many errors a SourceResult keeps.
const MaxErrors = 3

func (t *tally) resumed() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.result.Resumed++
}

func (t *tally) unlisted(run inventory.ScopeRun) {
	t.result.Unlisted = true
	t.add(run)
}

func (t *tally) add(run inventory.ScopeRun) {
	t.mu.Lock()
	defer t.mu.Unlock()
	r := &t.result
	r.Assets += run.Assets
	r.Added += run.Added
	r.Changed += run.Changed
	r.Ended += run.Ended
	r.SkippedRecords += run.Skipped
	switch run.State {
	case inventory.RunOK:
		r.OK++
		return
	case inventory.RunPartial:
		r.Partial++
	case inventory.RunSkipped:
		r.Skipped++
	default:
		r.Failed++
	}
	t.keep(ScopeError{Scope: run.Scope, State: run.State, Reason: run.Reason, Error: run.Error})
}

// keep holds on to the first errors by scope, whatever order the scopes end in.
func (t *tally) keep(e ScopeError) {
	list := append(t.result.Errors, e)
	slices.SortFunc(list, func(a, b ScopeError) int { return cmp.Compare(a.Scope, b.Scope) })
	t.result.Errors = list[:min(len(list), MaxErrors)]
}
