package collectors_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/inventory"
)

// memoryScan is a ScanWriter that keeps what was committed.
type memoryScan struct {
	mu        sync.Mutex
	done      map[string]bool // scopes of an interrupted scan
	planned   map[string][]string
	unlisted  map[string]inventory.ScopeRun
	runs      map[string]inventory.ScopeRun
	assets    map[string][]inventory.Asset
	problems  map[string][]inventory.Problem
	discarded int
	open      int
	// errors of the store, by the key of an asset, the id of a scope or the name of a source
	putErr, commitErr, scopeErr, planErr string
	onCommit                             func(ctx context.Context)
}

func newMemoryScan() *memoryScan {
	return &memoryScan{
		done: map[string]bool{}, planned: map[string][]string{}, unlisted: map[string]inventory.ScopeRun{},
		runs: map[string]inventory.ScopeRun{}, assets: map[string][]inventory.Asset{}, problems: map[string][]inventory.Problem{},
	}
}

var errStore = errors.New("disk full")

func (m *memoryScan) ID() inventory.ScanID { return 1 }

func (m *memoryScan) Done(source, scope string) bool { return m.done[source+"/"+scope] }

func (m *memoryScan) Plan(_ context.Context, src inventory.Source, scopes []inventory.Scope) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, s := range scopes {
		m.planned[src.Name] = append(m.planned[src.Name], s.ID)
	}
	if src.Name == m.planErr {
		return errStore
	}
	return nil
}

func (m *memoryScan) Unlisted(_ context.Context, src inventory.Source, run inventory.ScopeRun) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.unlisted[src.Name] = run
	return nil
}

func (m *memoryScan) Scope(_ context.Context, src inventory.Source, s inventory.Scope) (inventory.ScopeWriter, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if s.ID == m.scopeErr {
		return nil, errStore
	}
	m.open++
	return &memoryScope{scan: m, id: src.Name + "/" + s.ID}, nil
}

func (m *memoryScan) Finish(context.Context, bool) (inventory.Scan, error) {
	return inventory.Scan{}, nil
}

type memoryScope struct {
	scan     *memoryScan
	id       string
	assets   []inventory.Asset
	problems []inventory.Problem
	ended    bool
}

func (w *memoryScope) Put(a inventory.Asset) error {
	if a.Key == w.scan.putErr {
		return errStore
	}
	w.assets = append(w.assets, a)
	return nil
}

func (w *memoryScope) Skip(p inventory.Problem) { w.problems = append(w.problems, p) }

func (w *memoryScope) Commit(ctx context.Context, run inventory.ScopeRun) (inventory.ScopeRun, error) {
	if w.scan.onCommit != nil {
		w.scan.onCommit(ctx)
	}
	w.scan.mu.Lock()
	defer w.scan.mu.Unlock()
	if run.Scope == w.scan.commitErr {
		return run, errStore
	}
	w.end()
	if run.State == inventory.RunOK && len(w.problems) > 0 {
		run.State, run.Reason = inventory.RunPartial, inventory.ReasonSkippedRows
	}
	run.Added = len(w.assets)
	w.scan.runs[w.id] = run
	w.scan.problems[w.id] = w.problems
	if run.State != inventory.RunFailed {
		w.scan.assets[w.id] = w.assets
	}
	return run, nil
}

func (w *memoryScope) Discard() {
	w.scan.mu.Lock()
	defer w.scan.mu.Unlock()
	if !w.ended {
		w.scan.discarded++
		w.end()
	}
}

func (w *memoryScope) end() {
	w.ended = true
	w.scan.open--
}

// scripted is a collector whose scopes do what a test says.
type scripted struct {
	scopes  []string
	listErr func(attempt int) error
	collect func(ctx context.Context, scope string, attempt int, out collectors.Sink) error
	lists   atomic.Int32
	mu      sync.Mutex
	tries   map[string]int
}

func (c *scripted) Scopes(context.Context) ([]inventory.Scope, error) {
	n := int(c.lists.Add(1))
	if c.listErr != nil {
		if err := c.listErr(n); err != nil {
			return nil, err
		}
	}
	var list []inventory.Scope
	for _, id := range c.scopes {
		list = append(list, inventory.Scope{ID: id})
	}
	return list, nil
}

func (c *scripted) Collect(ctx context.Context, s inventory.Scope, out collectors.Sink) error {
	c.mu.Lock()
	if c.tries == nil {
		c.tries = map[string]int{}
	}
	c.tries[s.ID]++
	n := c.tries[s.ID]
	c.mu.Unlock()
	return c.collect(ctx, s.ID, n, out)
}

func (c *scripted) attempts(scope string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.tries[scope]
}

func job(name string, c collectors.Collector) collectors.Job {
	return collectors.Job{Source: inventory.Source{Name: name, Collector: "scripted", Book: inventory.Observed}, Collector: c}
}

func asset(key string) inventory.Asset { return inventory.Asset{Key: key, Type: "datacenter/server"} }

// emit gives assets a-0, a-1 … to the sink.
func emit(out collectors.Sink, n int) error {
	for i := range n {
		if err := out.Asset(asset(fmt.Sprintf("a-%d", i))); err != nil {
			return err
		}
	}
	return nil
}

// testRunner has a clock that stands still and sleeps that take no time.
func testRunner(waits *[]time.Duration) *collectors.Runner {
	var mu sync.Mutex
	return &collectors.Runner{
		Now:     func() time.Time { return time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC) },
		Backoff: func(attempt int) time.Duration { return time.Duration(attempt) * time.Second },
		Sleep: func(ctx context.Context, d time.Duration) error {
			mu.Lock()
			defer mu.Unlock()
			if waits != nil {
				*waits = append(*waits, d)
			}
			return ctx.Err()
		},
	}
}

func TestRunStates(t *testing.T) {
	denied := &collectors.Error{Reason: inventory.ReasonDenied, Err: errors.New("access\n\tdenied\x1b[31m")}
	tests := []struct {
		name    string
		collect func(ctx context.Context, out collectors.Sink) error
		state   inventory.RunState
		reason  inventory.RunReason
		text    string
		assets  int
	}{
		{"nil is ok", func(_ context.Context, out collectors.Sink) error { return emit(out, 2) }, inventory.RunOK, "", "", 2},
		{"nothing is ok too", func(context.Context, collectors.Sink) error { return nil }, inventory.RunOK, "", "", 0},
		{
			"error before the first asset", func(context.Context, collectors.Sink) error { return denied },
			inventory.RunFailed, inventory.ReasonDenied, "access denied [31m", 0,
		},
		{
			"error after some assets",
			func(_ context.Context, out collectors.Sink) error {
				return errors.Join(emit(out, 3), errors.New("cut off"))
			},
			inventory.RunPartial, inventory.ReasonError, "cut off", 3,
		},
		{
			"wrapped reason", func(context.Context, collectors.Sink) error { return fmt.Errorf("list: %w", denied) },
			inventory.RunFailed, inventory.ReasonDenied, "list: access denied [31m", 0,
		},
		{
			"a reason that is not given", func(context.Context, collectors.Sink) error { return &collectors.Error{Err: errors.New("x")} },
			inventory.RunFailed, inventory.ReasonError, "x", 0,
		},
		{
			"nothing that could be read", func(context.Context, collectors.Sink) error {
				return &collectors.Error{Reason: inventory.ReasonNotEnabled, Skip: true, Err: errors.New("off")}
			}, inventory.RunSkipped, inventory.ReasonNotEnabled, "off", 0,
		},
		{
			"nothing more that could be read", func(_ context.Context, out collectors.Sink) error {
				return errors.Join(emit(out, 1), &collectors.Error{Reason: inventory.ReasonNotEnabled, Skip: true, Err: errors.New("off")})
			}, inventory.RunPartial, inventory.ReasonNotEnabled, "off", 1,
		},
		{
			"the collector's own time limit",
			func(context.Context, collectors.Sink) error { return fmt.Errorf("call: %w", context.DeadlineExceeded) },
			inventory.RunFailed, inventory.ReasonTimeout, "call: context deadline exceeded", 0,
		},
		{
			"a skipped record", func(_ context.Context, out collectors.Sink) error {
				out.Skip(inventory.Problem{File: "f", Line: 3, Message: "no\nkey"})
				return emit(out, 1)
			}, inventory.RunPartial, inventory.ReasonSkippedRows, "", 1,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			scan := newMemoryScan()
			c := &scripted{scopes: []string{"s"}, collect: func(ctx context.Context, _ string, _ int, out collectors.Sink) error {
				return tt.collect(ctx, out)
			}}
			res, err := testRunner(nil).Run(t.Context(), []collectors.Job{job("src", c)}, scan)
			if err != nil || res.Interrupted {
				t.Fatalf("result %+v, error %v", res, err)
			}
			run := scan.runs["src/s"]
			if run.State != tt.state || run.Reason != tt.reason || run.Error != tt.text || run.Assets != tt.assets || run.Attempts != 1 {
				t.Errorf("run is %+v", run)
			}
			if scan.open != 0 {
				t.Errorf("%d scope writers were neither committed nor discarded", scan.open)
			}
		})
	}
}

func TestRunFillsAssetsAndFacts(t *testing.T) {
	scan := newMemoryScan()
	data := time.Date(2026, 2, 1, 1, 0, 0, 0, time.FixedZone("", 3600))
	c := &scripted{scopes: []string{"s"}, collect: func(_ context.Context, _ string, attempt int, out collectors.Sink) error {
		out.Note(collectors.Facts{Calls: map[string]int{"List": 2}, Caller: "first"})
		out.Note(collectors.Facts{Calls: map[string]int{"List": 1, "Get": 1}, DataTime: data})
		if attempt == 1 {
			return &collectors.Error{Reason: inventory.ReasonThrottled, Retry: true, Err: errors.New("slow down")}
		}
		return emit(out, 1)
	}}
	if _, err := testRunner(nil).Run(t.Context(), []collectors.Job{job("src", c)}, scan); err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	want := inventory.ScopeRun{
		Source: "src", Scope: "s", State: inventory.RunOK, Attempts: 2, Assets: 1, Added: 1, Started: now, Finished: now,
		DataTime: data.UTC(), Calls: map[string]int{"List": 6, "Get": 2}, CallerARN: "first",
	}
	if d := cmp.Diff(want, scan.runs["src/s"]); d != "" {
		t.Errorf("run (-want +have):\n%s", d)
	}
	if a := scan.assets["src/s"]; len(a) != 1 || a[0].Book != inventory.Observed {
		t.Errorf("assets are %+v", a)
	}
}

func TestRunSkipsDuplicateKeys(t *testing.T) {
	scan := newMemoryScan()
	c := &scripted{scopes: []string{"s"}, collect: func(_ context.Context, _ string, _ int, out collectors.Sink) error {
		first, second := asset("twin"), asset("twin")
		first.Name = "kept"
		second.Origin = inventory.Origin{File: "x.csv", Line: 9}
		return errors.Join(out.Asset(first), out.Asset(second), out.Asset(asset("other")), out.Asset(inventory.Asset{Key: "typeless"}))
	}}
	if _, err := testRunner(nil).Run(t.Context(), []collectors.Job{job("src", c)}, scan); err != nil {
		t.Fatal(err)
	}
	if a := scan.assets["src/s"]; len(a) != 2 || a[0].Name != "kept" || a[1].Key != "other" {
		t.Errorf("assets are %+v", a)
	}
	p := scan.problems["src/s"]
	if len(p) != 2 || p[0].Key != "twin" || p[0].File != "x.csv" || p[0].Line != 9 || p[1].Key != "typeless" {
		t.Errorf("problems are %+v", p)
	}
	if run := scan.runs["src/s"]; run.Assets != 2 || run.Skipped != 2 {
		t.Errorf("run is %+v", run)
	}
}

func TestRunRetries(t *testing.T) {
	flaky := &collectors.Error{Reason: inventory.ReasonThrottled, Retry: true, Err: errors.New("throttled")}
	tests := []struct {
		name     string
		failures int
		err      error
		attempts int
		state    inventory.RunState
		waits    []time.Duration
	}{
		{"goes through at the third", 2, flaky, 3, inventory.RunOK, []time.Duration{time.Second, 2 * time.Second}},
		{"never goes through", 99, flaky, 4, inventory.RunPartial, []time.Duration{time.Second, 2 * time.Second, 3 * time.Second}},
		{"must not be tried again", 99, errors.New("denied"), 1, inventory.RunPartial, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var waits []time.Duration
			scan := newMemoryScan()
			c := &scripted{scopes: []string{"s"}, collect: func(_ context.Context, _ string, attempt int, out collectors.Sink) error {
				if err := emit(out, 2); err != nil || attempt > tt.failures {
					return err
				}
				return tt.err
			}}
			if _, err := testRunner(&waits).Run(t.Context(), []collectors.Job{job("src", c)}, scan); err != nil {
				t.Fatal(err)
			}
			run := scan.runs["src/s"]
			if run.Attempts != tt.attempts || run.State != tt.state || len(scan.assets["src/s"]) != 2 {
				t.Errorf("run is %+v", run)
			}
			if d := cmp.Diff(tt.waits, waits); d != "" {
				t.Errorf("waits (-want +have):\n%s", d)
			}
			if scan.discarded != tt.attempts-1 {
				t.Errorf("%d attempts were discarded, want %d", scan.discarded, tt.attempts-1)
			}
		})
	}
}

func TestRunSurvivesPanics(t *testing.T) {
	var text bytes.Buffer
	r := testRunner(nil)
	r.Log = slog.New(slog.NewTextHandler(&text, nil))
	scan := newMemoryScan()
	bad := &scripted{scopes: []string{"a", "b"}, collect: func(_ context.Context, scope string, _ int, out collectors.Sink) error {
		if err := emit(out, 5); err != nil || scope == "b" {
			return err
		}
		panic("index out of range")
	}}
	worse := &scripted{listErr: func(int) error { panic(errors.New("nil map")) }}
	res, err := r.Run(t.Context(), []collectors.Job{job("bad", bad), job("worse", worse)}, scan)
	if err != nil {
		t.Fatal(err)
	}
	run := scan.runs["bad/a"]
	if run.State != inventory.RunFailed || run.Reason != inventory.ReasonPanic || !strings.Contains(run.Error, "index out of range") {
		t.Errorf("run of the scope that panicked: %+v", run)
	}
	if len(scan.assets["bad/a"]) != 0 || scan.runs["bad/b"].State != inventory.RunOK {
		t.Errorf("assets %v, run of the other scope %+v", scan.assets["bad/a"], scan.runs["bad/b"])
	}
	if u := scan.unlisted["worse"]; u.Reason != inventory.ReasonListing || !strings.Contains(u.Error, "nil map") {
		t.Errorf("run of the listing that panicked: %+v", u)
	}
	if !strings.Contains(text.String(), "runner_test.go") {
		t.Error("the log holds no stack")
	}
	if res.Sources[0].Failed != 1 || res.Sources[0].OK != 1 || !res.Sources[1].Unlisted {
		t.Errorf("result is %+v", res)
	}
}

func TestRunGoesOnWhenAListingFails(t *testing.T) {
	scan := newMemoryScan()
	bad := &scripted{listErr: func(int) error { return errors.New("no route to host") }}
	flaky := &scripted{scopes: []string{"s"}, listErr: func(n int) error {
		if n < 3 {
			return &collectors.Error{Retry: true, Err: errors.New("busy")}
		}
		return nil
	}, collect: func(_ context.Context, _ string, _ int, out collectors.Sink) error { return emit(out, 1) }}
	twins := &scripted{scopes: []string{"s", "s"}}
	res, err := testRunner(nil).Run(t.Context(), []collectors.Job{job("bad", bad), job("flaky", flaky), job("twins", twins)}, scan)
	if err != nil {
		t.Fatal(err)
	}
	u := scan.unlisted["bad"]
	if u.State != inventory.RunFailed || u.Reason != inventory.ReasonListing || u.Error != "no route to host" || u.Attempts != 1 {
		t.Errorf("failed listing: %+v", u)
	}
	if scan.runs["flaky/s"].State != inventory.RunOK || flaky.lists.Load() != 3 {
		t.Errorf("runs are %+v after %d listings", scan.runs, flaky.lists.Load())
	}
	if !strings.Contains(scan.unlisted["twins"].Error, "given twice") {
		t.Errorf("two scopes of one id: %+v", scan.unlisted["twins"])
	}
	want := []collectors.ScopeError{{State: inventory.RunFailed, Reason: inventory.ReasonListing, Error: "no route to host"}}
	if d := cmp.Diff(want, res.Sources[0].Errors); d != "" {
		t.Errorf("errors of the source (-want +have):\n%s", d)
	}
}

func TestRunTimesOut(t *testing.T) {
	for _, swallows := range []bool{false, true} {
		t.Run(fmt.Sprintf("swallows=%v", swallows), func(t *testing.T) {
			scan := newMemoryScan()
			r := testRunner(nil)
			r.Timeout = time.Millisecond
			c := &scripted{scopes: []string{"s"}, collect: func(ctx context.Context, _ string, _ int, out collectors.Sink) error {
				err := emit(out, 1)
				<-ctx.Done()
				if swallows { // a faulty collector that takes the refusal for the end
					_ = out.Asset(asset("late"))
					return nil
				}
				return errors.Join(err, &collectors.Error{Retry: true, Err: ctx.Err()})
			}}
			res, err := r.Run(t.Context(), []collectors.Job{job("src", c)}, scan)
			if err != nil || res.Interrupted {
				t.Fatalf("result %+v, error %v", res, err)
			}
			run := scan.runs["src/s"]
			if run.Reason != inventory.ReasonTimeout || run.State == inventory.RunOK || run.Attempts != 1 || !strings.Contains(run.Error, "1ms") {
				t.Errorf("run is %+v", run)
			}
		})
	}
}

func TestListingTimesOut(t *testing.T) {
	scan := newMemoryScan()
	r := testRunner(nil)
	r.Timeout = time.Millisecond
	res, err := r.Run(t.Context(), []collectors.Job{job("src", endless{})}, scan)
	if err != nil || res.Interrupted || !res.Sources[0].Unlisted {
		t.Fatalf("result %+v, error %v", res, err)
	}
	if u := scan.unlisted["src"]; u.Reason != inventory.ReasonListing || !strings.Contains(u.Error, "not listed within 1ms") {
		t.Errorf("failed listing: %+v", u)
	}
}

func TestInterruptedListingIsNoFailure(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	scan := newMemoryScan()
	res, err := testRunner(nil).Run(ctx, []collectors.Job{job("src", endless{})}, scan)
	if err != nil || !res.Interrupted || len(scan.unlisted) != 0 || len(scan.planned) != 0 {
		t.Errorf("result %+v, error %v, unlisted %+v", res, err, scan.unlisted)
	}
}

// endless is a collector whose listing ends with its context.
type endless struct{}

func (endless) Scopes(ctx context.Context) ([]inventory.Scope, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func (endless) Collect(context.Context, inventory.Scope, collectors.Sink) error { return nil }

func TestRunInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	scan := newMemoryScan()
	r := testRunner(nil)
	r.Limit = 1
	c := &scripted{scopes: []string{"a", "b", "c"}, collect: func(ctx context.Context, scope string, _ int, out collectors.Sink) error {
		if err := emit(out, 2); err != nil || scope == "a" {
			return err
		}
		cancel()
		return out.Asset(asset("more"))
	}}
	first := &scripted{scopes: []string{"a"}, collect: c.collect}
	if _, err := r.Run(ctx, []collectors.Job{job("one", first)}, scan); err != nil {
		t.Fatal(err)
	}
	res, err := r.Run(ctx, []collectors.Job{job("two", &scripted{scopes: []string{"b", "c"}, collect: c.collect})}, scan)
	if err != nil || !res.Interrupted {
		t.Fatalf("result %+v, error %v", res, err)
	}
	if len(scan.runs) != 1 || scan.runs["one/a"].State != inventory.RunOK {
		t.Errorf("committed runs are %+v", scan.runs)
	}
	if scan.open != 0 || scan.discarded != 1 {
		t.Errorf("%d writers are open, %d discarded", scan.open, scan.discarded)
	}
	if res.Sources[0].Assets != 0 {
		t.Errorf("discarded assets are counted: %+v", res.Sources[0])
	}
}

func TestRunCommitsWhatWasReadEvenIfInterruptedMeanwhile(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	scan := newMemoryScan()
	scan.onCommit = func(c context.Context) {
		cancel()
		if c.Err() != nil {
			t.Error("the commit's context ends with the scan's")
		}
	}
	c := &scripted{scopes: []string{"s"}, collect: func(_ context.Context, _ string, _ int, out collectors.Sink) error { return emit(out, 1) }}
	res, err := testRunner(nil).Run(ctx, []collectors.Job{job("src", c)}, scan)
	if err != nil || res.Interrupted || scan.runs["src/s"].State != inventory.RunOK {
		t.Errorf("result %+v, error %v, runs %+v", res, err, scan.runs)
	}
}

func TestRunDoesNotRepeatWhatIsDone(t *testing.T) {
	scan := newMemoryScan()
	scan.done["src/a"] = true
	c := &scripted{scopes: []string{"a", "b"}, collect: func(_ context.Context, _ string, _ int, out collectors.Sink) error { return emit(out, 1) }}
	res, err := testRunner(nil).Run(t.Context(), []collectors.Job{job("src", c)}, scan)
	if err != nil {
		t.Fatal(err)
	}
	if c.attempts("a") != 0 || c.attempts("b") != 1 || res.Sources[0].Resumed != 1 || res.Sources[0].OK != 1 {
		t.Errorf("attempts at a: %d, at b: %d; result %+v", c.attempts("a"), c.attempts("b"), res.Sources[0])
	}
	if d := cmp.Diff([]string{"a", "b"}, scan.planned["src"]); d != "" {
		t.Errorf("planned scopes (-want +have):\n%s", d)
	}
}

func TestRunEndsWithTheStoresError(t *testing.T) {
	tests := []struct {
		name   string
		damage func(*memoryScan)
		text   string
	}{
		{"begin", func(m *memoryScan) { m.scopeErr = "s" }, `begin scope "s" of source "src"`},
		{"put", func(m *memoryScan) { m.putErr = "a-1" }, `store scope "s" of source "src"`},
		{"commit", func(m *memoryScan) { m.commitErr = "s" }, `commit scope "s" of source "src"`},
		{"plan", func(m *memoryScan) { m.planErr = "src" }, `plan scopes of source "src"`},
	}
	for _, tt := range tests {
		for _, swallows := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s swallows=%v", tt.name, swallows), func(t *testing.T) {
				scan := newMemoryScan()
				tt.damage(scan)
				c := &scripted{scopes: []string{"s"}, collect: func(_ context.Context, _ string, _ int, out collectors.Sink) error {
					err := emit(out, 3)
					if swallows {
						return nil
					}
					return fmt.Errorf("emit: %w", err)
				}}
				slow := &scripted{scopes: []string{"t"}, collect: func(ctx context.Context, _ string, _ int, _ collectors.Sink) error {
					<-ctx.Done() // the store's error ends the others too
					return ctx.Err()
				}}
				res, err := testRunner(nil).Run(t.Context(), []collectors.Job{job("src", c), job("slow", slow)}, scan)
				if !errors.Is(err, errStore) || !strings.Contains(err.Error(), tt.text) || res.Interrupted {
					t.Errorf("result %+v, error %v", res, err)
				}
				if len(scan.runs) != 0 || scan.open != 0 {
					t.Errorf("runs %+v, %d writers open", scan.runs, scan.open)
				}
			})
		}
	}
}

func TestRunKeepsItsLimits(t *testing.T) {
	var now, most, nowOne, mostOne atomic.Int32
	var names []string
	for i := range 40 {
		names = append(names, fmt.Sprintf("s%02d", i))
	}
	count := func(now, most *atomic.Int32) func() {
		n := now.Add(1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		return func() { now.Add(-1) }
	}
	full := make(chan struct{})
	var once sync.Once
	wide := &scripted{scopes: names, collect: func(_ context.Context, _ string, _ int, out collectors.Sink) error {
		defer count(&now, &most)()
		if now.Load() == 4 {
			once.Do(func() { close(full) })
		}
		<-full // nobody goes on before four are at work
		return emit(out, 1)
	}}
	narrow := &scripted{scopes: names, collect: func(_ context.Context, _ string, _ int, out collectors.Sink) error {
		defer count(&nowOne, &mostOne)()
		return emit(out, 1)
	}}
	r := testRunner(nil)
	r.Limit = 4
	one := job("narrow", narrow)
	one.Limit = 1
	if _, err := r.Run(t.Context(), []collectors.Job{job("wide", wide)}, newMemoryScan()); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Run(t.Context(), []collectors.Job{one}, newMemoryScan()); err != nil {
		t.Fatal(err)
	}
	if most.Load() != 4 || mostOne.Load() != 1 {
		t.Errorf("at a time: %d scopes with a limit of 4, %d with a limit of 1", most.Load(), mostOne.Load())
	}
}

func TestResultDoesNotDependOnScheduling(t *testing.T) {
	names := []string{"e", "d", "c", "b", "a"}
	c := &scripted{scopes: names, collect: func(_ context.Context, scope string, _ int, out collectors.Sink) error {
		return errors.Join(emit(out, 2), errors.New("broken "+scope))
	}}
	for range 20 {
		res, err := testRunner(nil).Run(t.Context(), []collectors.Job{job("src", c)}, newMemoryScan())
		if err != nil {
			t.Fatal(err)
		}
		src := res.Sources[0]
		if src.Partial != 5 || src.Assets != 10 || src.Added != 10 {
			t.Fatalf("result is %+v", src)
		}
		var have []string
		for _, e := range src.Errors {
			have = append(have, e.Scope+": "+e.Error)
		}
		if d := cmp.Diff([]string{"a: broken a", "b: broken b", "c: broken c"}, have); d != "" {
			t.Fatalf("first errors (-want +have):\n%s", d)
		}
	}
}

// progressLog adds up what it is told.
type progressLog struct {
	mu     sync.Mutex
	events []string
	assets int
}

func (p *progressLog) say(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.events = append(p.events, fmt.Sprintf(format, args...))
}

func (p *progressLog) Planned(src inventory.Source, n int) { p.say("%s planned %d", src.Name, n) }
func (p *progressLog) ScopeStarted(src inventory.Source, scope string) {
	p.say("%s/%s started", src.Name, scope)
}

func (p *progressLog) ScopeDone(src inventory.Source, run inventory.ScopeRun) {
	p.say("%s/%s %s", src.Name, run.Scope, run.State)
}
func (p *progressLog) Close() { p.say("closed") }

func (p *progressLog) Assets(_ inventory.Source, n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.assets += n
}

func TestRunTellsItsProgress(t *testing.T) {
	p := &progressLog{}
	r := testRunner(nil)
	r.Progress = p
	c := &scripted{scopes: []string{"s"}, collect: func(_ context.Context, _ string, attempt int, out collectors.Sink) error {
		if err := emit(out, 1000); err != nil || attempt == 2 {
			return err
		}
		return &collectors.Error{Retry: true, Err: errors.New("again")}
	}}
	if _, err := r.Run(t.Context(), []collectors.Job{job("src", c)}, newMemoryScan()); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"src planned 1", "src/s started", "src/s ok", "closed"}, p.events); d != "" {
		t.Errorf("events (-want +have):\n%s", d)
	}
	if p.assets != 1000 {
		t.Errorf("progress counts %d assets, want 1000", p.assets)
	}
}

func TestDefaultBackoffGrowsAndIsBounded(t *testing.T) {
	for attempt := 1; attempt < 100; attempt++ {
		full := min(30*time.Second, time.Second<<min(attempt-1, 10))
		for range 50 {
			if d := collectors.DefaultBackoff(attempt); d < full/2 || d > full {
				t.Fatalf("attempt %d: waits %s, want between %s and %s", attempt, d, full/2, full)
			}
		}
	}
}

func TestSize(t *testing.T) {
	tests := []struct {
		text string
		want collectors.Size
		back string
	}{
		{"8MiB", 8 << 20, "8MiB"},
		{"4 gib", 4 << 30, "4GiB"},
		{"500kB", 500_000, "500000B"},
		{"12", 12, "12B"},
		{"0", 0, "0B"},
		{"10 B", 10, "10B"},
	}
	for _, tt := range tests {
		var s collectors.Size
		if err := s.UnmarshalText([]byte(tt.text)); err != nil || s != tt.want || s.String() != tt.back {
			t.Errorf("%q: have %d (%s), %v; want %d (%s)", tt.text, s, s, err, tt.want, tt.back)
		}
	}
	for _, text := range []string{"", "MiB", "-1", "1.5GiB", "9999999999TiB", "8 MiBs"} {
		var s collectors.Size
		if err := s.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is accepted as %d", text, s)
		}
	}
}

func TestRegistryRefusesTwoOfOneName(t *testing.T) {
	spec := collectors.Spec{
		Name: "a", Books: inventory.Books(), NewOptions: func() any { return &struct{}{} },
		New: func(collectors.Env, inventory.Source, any) (collectors.Collector, error) { return &scripted{}, nil },
	}
	if _, err := collectors.NewRegistry(spec, spec); err == nil {
		t.Error("two specs of one name are accepted")
	}
	reg, err := collectors.NewRegistry(spec)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := reg.Get("a"); !ok || slices.ContainsFunc(reg.Specs(), func(s collectors.Spec) bool { return s.Name != "a" }) {
		t.Error("the spec is not found")
	}
	if _, ok := reg.Get("b"); ok {
		t.Error("an unknown name is found")
	}
}
