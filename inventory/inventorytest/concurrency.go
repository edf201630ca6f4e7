package inventorytest

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/muster-audit/muster/inventory"
)

func contains(err error, text string) bool { return strings.Contains(err.Error(), text) }

func checkLocked(t *testing.T, s inventory.Store) {
	w := Begin(t, s, Source())
	var locked *inventory.LockedError
	_, err := s.Begin(t.Context(), inventory.ScanStart{})
	want(t, "second scan", errors.As(err, &locked), true)
	want(t, "holder", locked.Command, "muster scan")
	_, err = s.Resume(t.Context(), inventory.ScanStart{})
	want(t, "resume", errors.As(err, &locked), true)
	err = s.SaveEvaluation(t.Context(), inventory.Evaluation{Scan: w.ID()}, sequence(nil))
	want(t, "evaluation", errors.As(err, &locked), true)
	Finish(t, w)
	Finish(t, Begin(t, s, Source()))
}

func checkConcurrent(t *testing.T, s inventory.Store) {
	const scopes, each = 8, 1500
	for round := range 2 {
		w := Begin(t, s, Source())
		var list []inventory.Scope
		for i := range scopes {
			list = append(list, Scope(fmt.Sprintf("s-%d", i)))
		}
		want(t, "plan", w.Plan(t.Context(), Source(), list), nil)
		var wg sync.WaitGroup
		for i, scope := range list {
			wg.Go(func() { readConcurrently(t, w, scope, i, each, round) })
		}
		wg.Wait()
		Finish(t, w)
	}
	got := All(t, s, inventory.AssetQuery{Tags: []string{"round=1"}})
	want(t, "assets", len(got), scopes*each)
	for _, e := range got {
		if tag, _ := e.Tags.Get("scope"); tag.Value != e.Scope {
			t.Fatalf("asset %s of scope %s has the tags of scope %s", e.Key, e.Scope, tag.Value)
		}
	}
	want(t, "before", len(All(t, s, inventory.AssetQuery{At: 1, Tags: []string{"round=0"}})), scopes*each)
}

func readConcurrently(t *testing.T, w inventory.ScanWriter, scope inventory.Scope, n, each, round int) {
	sw, err := w.Scope(t.Context(), Source(), scope)
	if err != nil {
		t.Errorf("scope: %v", err)
		return
	}
	for i := range each {
		a := Asset(fmt.Sprintf("%s/%d", scope.ID, i), Tags("scope", scope.ID, "n", fmt.Sprint(i%97), "round", fmt.Sprint(round)),
			Place(fmt.Sprint(i%5), fmt.Sprint(n)), Attributes(Attr("n", fmt.Sprint(i))))
		if err := sw.Put(a); err != nil {
			t.Errorf("put: %v", err)
			return
		}
	}
	if _, err := sw.Commit(t.Context(), inventory.ScopeRun{State: inventory.RunOK}); err != nil {
		t.Errorf("commit: %v", err)
	}
}

func checkCanceled(t *testing.T, s inventory.Store) {
	Scan(t, s, Read("a", many(1000)...))
	ctx, cancel := context.WithCancel(t.Context())
	n := 0
	var last error
	for _, err := range s.Assets(ctx, inventory.AssetQuery{}) {
		if last = err; err != nil {
			break
		}
		n++
		cancel()
	}
	want(t, "canceled", errors.Is(last, context.Canceled), true)
	want(t, "stopped soon", n < 1000, true)
	_, err := s.Begin(ctx, inventory.ScanStart{})
	want(t, "begin", errors.Is(err, context.Canceled), true)

	// A scan whose context ended is still finished in good order.
	ctx, cancel = context.WithCancel(t.Context())
	w, err := s.Begin(ctx, inventory.ScanStart{Sources: []inventory.Source{Source()}})
	want(t, "begin", err, nil)
	want(t, "plan", w.Plan(ctx, Source(), []inventory.Scope{Scope("a")}), nil)
	sw, err := w.Scope(ctx, Source(), Scope("a"))
	want(t, "scope", err, nil)
	want(t, "put", sw.Put(Asset("m-0001")), nil)
	cancel()
	sw.Discard()
	scan, err := w.Finish(ctx, true)
	want(t, "finish", []any{scan.State, err}, []any{inventory.ScanInterrupted, nil})
	want(t, "nothing lost", len(All(t, s, inventory.AssetQuery{})), 1000)
}

func checkReopen(t *testing.T, open Open) {
	path := filepath.Join(t.TempDir(), "muster.db")
	clock := NewClock()
	s := open(t, path, clock.Now)
	Scan(t, s, Read("a", full(), Asset("x", TagState(inventory.UnknownTags()))))
	key := string(s.HashKey())
	w := Begin(t, s, Source())
	ReadInto(t, w, Source(), Read("a", full(), Asset("y")))
	if err := s.Close(); err != nil {
		t.Fatalf("close during a scan: %v", err)
	}
	s = open(t, path, clock.Now)
	want(t, "hash key", string(s.HashKey()), key)
	want(t, "last finished", Keys(All(t, s, inventory.AssetQuery{})), []string{full().Key, "x"})
	w, err := s.Resume(t.Context(), inventory.ScanStart{Sources: []inventory.Source{Source()}})
	want(t, "resume", err, nil)
	want(t, "done", w.Done("aws", "a"), true)
	want(t, "plan", w.Plan(t.Context(), Source(), []inventory.Scope{Scope("a")}), nil)
	scan := Finish(t, w)
	want(t, "complete", scan.Complete(), true)
	want(t, "now", Keys(All(t, s, inventory.AssetQuery{})), []string{full().Key, "y"})
	if err := s.Close(); err != nil {
		t.Fatalf("close: %v", err)
	}
}
