package inventorytest

import (
	"errors"
	"testing"

	"github.com/muster-audit/muster/inventory"
)

func checkDuplicate(t *testing.T, s inventory.Store) {
	w := Begin(t, s, Source())
	want(t, "plan", w.Plan(t.Context(), Source(), []inventory.Scope{Scope("scope-1")}), nil)
	sw, err := w.Scope(t.Context(), Source(), Scope("scope-1"))
	want(t, "scope", err, nil)
	want(t, "first", sw.Put(Asset("key-1")), nil)
	err = sw.Put(Asset("key-1", Name("again")))
	if err == nil || !contains(err, "key-1") || !contains(err, "scope-1") {
		t.Errorf("putting a key twice: %v", err)
	}
	run, err := sw.Commit(t.Context(), inventory.ScopeRun{State: inventory.RunPartial})
	want(t, "commit", []any{run.Assets, err}, []any{1, nil})
	want(t, "put after commit", sw.Put(Asset("late")) != nil, true)
	_, err = w.Scope(t.Context(), Source(), Scope("unplanned"))
	want(t, "unplanned scope", err != nil, true)
	Finish(t, w)
	want(t, "stored", one(t, s, 0).Name, "name of key-1")
}

func checkDiscard(t *testing.T, s inventory.Store) {
	Scan(t, s, Read("a", Asset("x", Tags("a", "1"))))
	w := Begin(t, s, Source())
	want(t, "plan", w.Plan(t.Context(), Source(), []inventory.Scope{Scope("a")}), nil)
	sw, err := w.Scope(t.Context(), Source(), Scope("a"))
	want(t, "scope", err, nil)
	for _, a := range append(many(2000), Asset("x", Tags("a", "2"))) {
		want(t, "put", sw.Put(a), nil)
	}
	_, err = w.Scope(t.Context(), Source(), Scope("a"))
	want(t, "two attempts at once", err != nil, true)
	sw.Discard()
	sw.Discard()
	Commit(t, w, Source(), Read("a", Asset("x", Tags("a", "3")), Asset("m-0001")))
	Finish(t, w)
	list := All(t, s, inventory.AssetQuery{})
	want(t, "left", Keys(list), []string{"x", "m-0001"})
	tag, _ := list[0].Tags.Get("a")
	want(t, "tag", tag.Value, "3")
	want(t, "versions", versions(t, s, "x"), 2)
}

func checkInvisible(t *testing.T, s inventory.Store) {
	Scan(t, s, Read("a", Asset("x", Tags("a", "1")), Asset("y")))
	w := Begin(t, s, Source())
	want(t, "plan", w.Plan(t.Context(), Source(), []inventory.Scope{Scope("a")}), nil)
	sw, err := w.Scope(t.Context(), Source(), Scope("a"))
	want(t, "scope", err, nil)
	for _, a := range append(many(25_000), Asset("x", Tags("a", "2"))) {
		want(t, "put", sw.Put(a), nil)
	}
	for _, at := range []inventory.ScanID{0, 1, w.ID()} {
		list := All(t, s, inventory.AssetQuery{At: at})
		want(t, "seen before commit", Keys(list), []string{"x", "y"})
		tag, _ := list[0].Tags.Get("a")
		want(t, "tag before commit", tag.Value, "1")
	}
	found, err := s.Find(t.Context(), w.ID(), "m-0007")
	want(t, "found before commit", []any{len(found), err}, []any{0, nil})
	_, err = sw.Commit(t.Context(), inventory.ScopeRun{State: inventory.RunOK})
	want(t, "commit", err, nil)
	want(t, "seen after commit", len(All(t, s, inventory.AssetQuery{At: w.ID()})), 25_001)
	want(t, "the last scan stands", Keys(All(t, s, inventory.AssetQuery{})), []string{"x", "y"})
	Finish(t, w)
	want(t, "seen at the end", len(All(t, s, inventory.AssetQuery{})), 25_001)
	want(t, "as of 1", Keys(All(t, s, inventory.AssetQuery{At: 1})), []string{"x", "y"})
}

func checkFailed(t *testing.T, s inventory.Store) {
	run := Scan(t, s, Reading{Scope: Scope("a"), State: inventory.RunFailed, Assets: many(700)})["a"]
	want(t, "counts", []int{run.Assets, run.Added}, []int{0, 0})
	want(t, "assets", len(All(t, s, inventory.AssetQuery{})), 0)
	states, _ := s.Scopes(t.Context(), 0)
	want(t, "never ok", states[0].LastOK.IsZero(), true)
	Scan(t, s, Read("a", many(2)...))
	want(t, "then", len(All(t, s, inventory.AssetQuery{})), 2)
}

func checkResume(t *testing.T, s inventory.Store) {
	w := Begin(t, s, Source())
	scopes := []inventory.Scope{Scope("a"), Scope("b"), Scope("c")}
	want(t, "plan", w.Plan(t.Context(), Source(), scopes), nil)
	Commit(t, w, Source(), Read("a", Asset("x")))
	Commit(t, w, Source(), Reading{Scope: Scope("b"), State: inventory.RunPartial, Assets: []inventory.Asset{Asset("y"), Asset("other")}})
	scan, err := w.Finish(t.Context(), true)
	want(t, "interrupted", []any{scan.State, scan.Complete(), err}, []any{inventory.ScanInterrupted, false, nil})
	want(t, "as far as it came", Keys(All(t, s, inventory.AssetQuery{})), []string{"x", "y", "other"})
	want(t, "scopes", scopeStates(t, s, 0), []string{"aws a ok ", "aws b partial ", "aws c failed canceled"})

	w, err = s.Resume(t.Context(), inventory.ScanStart{Sources: []inventory.Source{Source()}})
	want(t, "resume", []any{err, w.ID()}, []any{nil, inventory.ScanID(1)})
	want(t, "plan again", w.Plan(t.Context(), Source(), scopes), nil)
	want(t, "done", []bool{w.Done("aws", "a"), w.Done("aws", "b"), w.Done("aws", "c"), w.Done("x", "y")}, []bool{true, false, false, false})
	Commit(t, w, Source(), Read("b", Asset("y", Tags("a", "1"))))
	Commit(t, w, Source(), Read("c", Asset("z")))
	scan = Finish(t, w)
	want(t, "complete", []any{scan.ID, scan.Complete(), scan.Runs[inventory.RunOK]}, []any{inventory.ScanID(1), true, 3})
	want(t, "assets", Keys(All(t, s, inventory.AssetQuery{})), []string{"x", "y", "z"})
	want(t, "one version", versions(t, s, "y"), 1)
	want(t, "never true in a whole scan", versions(t, s, "other"), 0)
	_, err = s.Resume(t.Context(), inventory.ScanStart{})
	want(t, "nothing to resume", errors.Is(err, inventory.ErrNothingToResume), true)
}
