// Package inventorytest has what tests of stores, and tests with stores, need: builders of assets, short ways to run a
// scan, and the conformance suite that every inventory.Store passes.
package inventorytest

import (
	"sync"
	"testing"
	"time"

	"github.com/muster-audit/muster/inventory"
)

// Option sets part of a built asset.
type Option func(a *inventory.Asset)

// Asset builds an observed virtual machine with a key, known to be without tags and attributes. Options change that.
func Asset(key string, options ...Option) inventory.Asset {
	a := inventory.Asset{
		Key: key, Book: inventory.Observed, Type: "AWS::EC2::Instance", Name: "name of " + key, Account: "111122223333", Region: "eu-west-1",
		Lifecycle: inventory.LifecycleActive, Tags: inventory.KnownTags(), Attributes: inventory.KnownAttributes(),
	}
	for _, o := range options {
		o(&a)
	}
	return a
}

// Tags gives an asset known tags, from keys and values in turn.
func Tags(keysAndValues ...string) Option {
	return func(a *inventory.Asset) {
		var list []inventory.Tag
		for i := 0; i+1 < len(keysAndValues); i += 2 {
			list = append(list, inventory.Tag{Key: keysAndValues[i], Value: keysAndValues[i+1]})
		}
		a.Tags = inventory.KnownTags(list...)
	}
}

// TagState gives an asset tags that are not known.
func TagState(t inventory.Tags) Option { return func(a *inventory.Asset) { a.Tags = t } }

// Attributes gives an asset known attributes. An empty value is one that could not be read.
func Attributes(list ...inventory.Attribute) Option {
	return func(a *inventory.Asset) { a.Attributes = inventory.KnownAttributes(list...) }
}

// NoAttributes makes an asset's attributes unknown.
func NoAttributes() Option {
	return func(a *inventory.Asset) { a.Attributes = inventory.Attributes{} }
}

// Attr is an attribute with a string value.
func Attr(name, value string) inventory.Attribute {
	return inventory.Attribute{Name: name, Value: inventory.StringValue(value)}
}

// Type sets the type.
func Type(t inventory.Type) Option { return func(a *inventory.Asset) { a.Type = t } }

// Book sets the book.
func Book(b inventory.Book) Option { return func(a *inventory.Asset) { a.Book = b } }

// Name sets the name.
func Name(name string) Option { return func(a *inventory.Asset) { a.Name = name } }

// Place sets account and region.
func Place(account, region string) Option {
	return func(a *inventory.Asset) { a.Account, a.Region = account, region }
}

// Identifiers adds identifiers.
func Identifiers(list ...inventory.Identifier) Option {
	return func(a *inventory.Asset) {
		a.Identifiers = inventory.SortIdentifiers(append(a.Identifiers, list...))
	}
}

// Origin sets the origin.
func Origin(o inventory.Origin) Option { return func(a *inventory.Asset) { a.Origin = o } }

// Clock is a clock that each reading moves on by a second. It is safe for concurrent use.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock returns a clock that starts on a fixed morning.
func NewClock() *Clock { return &Clock{now: time.Date(2026, 3, 1, 6, 0, 0, 0, time.UTC)} }

// Now reads the clock.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(time.Second)
	return c.now
}

// Source is the source that the short ways to scan use.
func Source() inventory.Source {
	return inventory.Source{Name: "aws", Collector: "aws", Book: inventory.Observed}
}

// Scope is a scope of a source that covers everything of it.
func Scope(id string) inventory.Scope { return inventory.Scope{ID: id} }

// Reading is what one attempt at a scope reads.
type Reading struct {
	Scope  inventory.Scope
	State  inventory.RunState // empty is ok
	Listed bool
	Assets []inventory.Asset
	Skips  []inventory.Problem
}

// Read is an ok reading of a scope.
func Read(scope string, assets ...inventory.Asset) Reading {
	return Reading{Scope: Scope(scope), Assets: assets}
}

// Scan scans one source to its end and returns the runs by scope.
func Scan(t testing.TB, s inventory.Store, readings ...Reading) map[string]inventory.ScopeRun {
	t.Helper()
	w := Begin(t, s, Source())
	runs := ReadInto(t, w, Source(), readings...)
	Finish(t, w)
	return runs
}

// Begin starts a scan of sources.
func Begin(t testing.TB, s inventory.Store, sources ...inventory.Source) inventory.ScanWriter {
	t.Helper()
	w, err := s.Begin(t.Context(), inventory.ScanStart{Sources: sources, ToolVersion: "test", CommandLine: "muster scan"})
	if err != nil {
		t.Fatalf("begin scan: %v", err)
	}
	return w
}

// ReadInto plans the scopes of the readings and commits each.
func ReadInto(t testing.TB, w inventory.ScanWriter, src inventory.Source, readings ...Reading) map[string]inventory.ScopeRun {
	t.Helper()
	var scopes []inventory.Scope
	for _, r := range readings {
		scopes = append(scopes, r.Scope)
	}
	if err := w.Plan(t.Context(), src, scopes); err != nil {
		t.Fatalf("plan: %v", err)
	}
	runs := map[string]inventory.ScopeRun{}
	for _, r := range readings {
		runs[r.Scope.ID] = Commit(t, w, src, r)
	}
	return runs
}

// Commit reads one planned scope.
func Commit(t testing.TB, w inventory.ScanWriter, src inventory.Source, r Reading) inventory.ScopeRun {
	t.Helper()
	sw, err := w.Scope(t.Context(), src, r.Scope)
	if err != nil {
		t.Fatalf("begin scope %s: %v", r.Scope.ID, err)
	}
	for _, a := range r.Assets {
		if err := sw.Put(a); err != nil {
			t.Fatalf("put: %v", err)
		}
	}
	for _, p := range r.Skips {
		sw.Skip(p)
	}
	state := r.State
	if state == "" {
		state = inventory.RunOK
	}
	run, err := sw.Commit(t.Context(), inventory.ScopeRun{State: state, Listed: r.Listed, Attempts: 1})
	if err != nil {
		t.Fatalf("commit scope %s: %v", r.Scope.ID, err)
	}
	return run
}

// Finish ends a scan in good order.
func Finish(t testing.TB, w inventory.ScanWriter) inventory.Scan {
	t.Helper()
	scan, err := w.Finish(t.Context(), false)
	if err != nil {
		t.Fatalf("finish scan: %v", err)
	}
	return scan
}

// All reads every asset of a query, or fails the test.
func All(t testing.TB, s inventory.Store, q inventory.AssetQuery) []*inventory.Entry {
	t.Helper()
	var list []*inventory.Entry
	for e, err := range s.Assets(t.Context(), q) {
		if err != nil {
			t.Fatalf("read assets: %v", err)
		}
		list = append(list, e)
	}
	return list
}

// Keys returns the keys of entries.
func Keys(list []*inventory.Entry) []string {
	keys := []string{}
	for _, e := range list {
		keys = append(keys, e.Key)
	}
	return keys
}
