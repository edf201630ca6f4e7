// Package collectors is the contract between muster and what it reads: Collector, the Registry that names the kinds of
// collector there are, and the Runner that drives them with limits, retries and recovery.
//
// A collector reads one source into scopes and assets. It knows nothing of the store, the policy or the other
// collectors. How to write one is in CONTRIBUTING.md.
package collectors

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/muster-audit/muster/collectors/tape"
	"github.com/muster-audit/muster/inventory"
)

// Collector reads one configured source. The Runner calls Scopes once per scan and then Collect for several scopes at a
// time, from different goroutines: both must be safe for that.
type Collector interface {
	// Scopes splits the source into parts that can be read, and can fail, on their own, in a stable order. A configured
	// path that is absent or matches nothing is a scope whose Collect fails, not an error here: an error means that
	// nobody knows what the scopes are.
	Scopes(ctx context.Context) ([]inventory.Scope, error)
	// Collect reads one scope and gives every asset to out, in a stable order and in the caller's goroutine. It stops at
	// the first error of out.Asset and returns it. A record that cannot be read goes to out.Skip, with its place, and
	// the rest goes on. Memory is bounded: only keys may be indexed per scope, never the assets. An error after some
	// assets makes the scope partial, an error before the first makes it failed; see Error for how to say why.
	Collect(ctx context.Context, s inventory.Scope, out Sink) error
}

// Examiner is what a collector is besides whose scopes are too many, or cost too much, to be read for a diagnosis.
type Examiner interface {
	// Examine tries what reading would take, with few calls, and reports what it found. An error means that nothing at all can
	// be read.
	Examine(ctx context.Context, report func(Check) error) error
}

// Check is what an Examiner found of one part of a source.
type Check struct {
	Subject string // "111122223333/eu-west-1/AWS::EC2::Instance", "account 111122223333"
	State   inventory.RunState
	Reason  inventory.RunReason
	Detail  string // one line
}

// Sink takes what Collect reads.
type Sink interface {
	// Asset hands over an asset, which then belongs to the sink. Its key must be new to this call of Collect.
	Asset(a inventory.Asset) error
	// Skip hands over a record that could not be read. Set its Key if that much was read.
	Skip(p inventory.Problem)
	// Note adds facts about the run. Later ones win; calls are added up.
	Note(f Facts)
}

// Facts are what a collector knows about a run besides its assets.
type Facts struct {
	DataTime time.Time      // age of what was read; zero if live
	Calls    map[string]int // API calls by operation
	Caller   string         // identity used, as the provider names it
	// Detail says how it was read, where that was found out: "windows-1252, semicolon, header in line 3".
	Detail string `json:",omitempty"`
}

// Error says why a scope could not be read whole. A collector wraps what it cannot handle in one; any other error counts
// as ReasonError, not retryable.
type Error struct {
	Reason inventory.RunReason
	// Retry says that the same call may go through later. The Runner tries the scope again if nothing else forbids it.
	Retry bool
	// Skip says that there was nothing to be read, as in a project where a service is not turned on: a scope without assets is then
	// skipped, whatever the reason.
	Skip bool
	// Listed says that every asset was handed over, though not all about them could be read: see inventory.ScopeRun.
	Listed bool
	Err    error
}

// Error returns the cause.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Spec describes a kind of collector.
type Spec struct {
	Name    string           // as in the config's "collector"
	Summary string           // one line for "muster collectors"
	Books   []inventory.Book // that a source of it may write; the first is the default
	// Reads says in a few lines what is read and what permission it takes.
	Reads string
	// NewOptions returns a pointer to a struct with yaml tags and default values, into which the source's keys are
	// decoded strictly. The keys name, collector and book belong to the config itself. If it has a method
	// Validate() []OptionError, every problem that it names is shown with its line.
	NewOptions func() any
	// Permissions returns the least permissions that reading takes, in the provider's own form, as an AWS policy; nil if none can
	// be given.
	Permissions func() ([]byte, error)
	// Records says that what is read are answers of an API, which a scan can keep: see Env.Record. Options with a method
	// Replays() string name the folder of a recording that is read instead.
	Records bool
	// New makes a collector. options is what NewOptions returned, filled in. It calls nobody.
	New func(env Env, src inventory.Source, options any) (Collector, error)
}

// Replayer is what the options of a collector that records are besides.
type Replayer interface {
	// Replays returns the folder of a recording, relative to the config file; empty if there is none.
	Replays() string
}

// OptionError is a problem with one option.
type OptionError struct {
	Option  string // yaml path below the source, "columns.serial"
	Message string // what is wrong and what to do
}

// Env is what every collector is given.
type Env struct {
	Dir    string // folder of the config file, absolute; configured paths are relative to it
	Now    func() time.Time
	Log    *slog.Logger
	Secret inventory.SecretHash
	// Record keeps the answers of a provider's API, if the collector asks one; nil keeps nothing. Now stands still then, as it will in
	// a replay.
	Record *tape.Recorder
	// Earlier tells what a scope of the source held when it was last read whole, and false if it never was; nil if nobody knows.
	Earlier func(scope string) (Earlier, bool)
}

// Earlier is what a scope held when it was last read whole.
type Earlier struct {
	At     time.Time // of that scan
	Assets int
}

// Registry names the kinds of collector. It is a value: there is no global one.
type Registry struct {
	specs []Spec
}

// NewRegistry returns a registry of the specs, in their order. Two of one name are an error.
func NewRegistry(specs ...Spec) (Registry, error) {
	seen := map[string]bool{}
	for _, s := range specs {
		if s.Name == "" || s.New == nil || s.NewOptions == nil || len(s.Books) == 0 {
			return Registry{}, fmt.Errorf("register collector %q: name, books, options and constructor are needed", s.Name)
		}
		if seen[s.Name] {
			return Registry{}, fmt.Errorf("register collector %q: there are two", s.Name)
		}
		seen[s.Name] = true
	}
	return Registry{specs: specs}, nil
}

// Specs lists the kinds of collector.
func (r Registry) Specs() []Spec { return r.specs }

// Get returns the kind with a name.
func (r Registry) Get(name string) (Spec, bool) {
	for _, s := range r.specs {
		if s.Name == name {
			return s, true
		}
	}
	return Spec{}, false
}
