package inventorytest

import (
	"fmt"
	"testing"

	"github.com/muster-audit/muster/inventory"
)

func checkEnding(t *testing.T, s inventory.Store) {
	Scan(t, s, Read("a", Asset("x"), Asset("y")))
	for _, state := range []inventory.RunState{inventory.RunPartial, inventory.RunFailed, inventory.RunSkipped} {
		run := Scan(t, s, Reading{Scope: Scope("a"), State: state, Assets: []inventory.Asset{Asset("x")}})["a"]
		want(t, "ended by "+string(state), run.Ended, 0)
		want(t, "kept by "+string(state), Keys(All(t, s, inventory.AssetQuery{})), []string{"x", "y"})
	}
	run := Scan(t, s, Read("a", Asset("x")))["a"]
	want(t, "ended by ok", run.Ended, 1)
	want(t, "left by ok", Keys(All(t, s, inventory.AssetQuery{})), []string{"x"})
}

// checkListed shows that a run which saw all, and could not read all about it, ends what it did not see.
func checkListed(t *testing.T, s inventory.Store) {
	Scan(t, s, Read("a", Asset("x", Tags("owner", "one")), Asset("y")))
	r := Reading{Scope: Scope("a"), State: inventory.RunPartial, Listed: true, Assets: []inventory.Asset{Asset("x", TagState(inventory.UnknownTags()))}}
	run := Scan(t, s, r)["a"]
	want(t, "state", []any{run.State, run.Listed, run.Ended}, []any{inventory.RunPartial, true, 1})
	all := All(t, s, inventory.AssetQuery{})
	want(t, "left", Keys(all), []string{"x"})
	want(t, "tags stand unconfirmed", []any{all[0].Tags.Len(), all[0].TagsUnconfirmed}, []any{1, true})
	states, err := s.Scopes(t.Context(), 0)
	want(t, "scopes", err, nil)
	want(t, "stored", states[0].Run.Listed, true)

	r.Assets, r.Skips = nil, []inventory.Problem{{Line: 1, Message: "no key"}}
	run = Scan(t, s, r)["a"]
	want(t, "not with a record lost", []any{run.Listed, run.Ended}, []any{false, 0})
}

func checkReturn(t *testing.T, s inventory.Store) {
	Scan(t, s, Read("a", Asset("x", Tags("owner", "one"))))
	id := All(t, s, inventory.AssetQuery{})[0].ID
	Scan(t, s, Read("a"))
	run := Scan(t, s, Read("a", Asset("x", TagState(inventory.UnknownTags()))))["a"]
	want(t, "added", run.Added, 1)
	e := All(t, s, inventory.AssetQuery{})[0]
	want(t, "identity", e.ID, id)
	want(t, "tags of a new life", e.Tags.State(), inventory.Unknown)
	want(t, "confirmed", e.TagsUnconfirmed, false)
	first, _ := s.Scan(t.Context(), 1)
	want(t, "first seen", e.FirstSeen, first.Started)
	history, _ := s.History(t.Context(), "x")
	want(t, "versions", len(history), 2)
	want(t, "first version", []any{history[0].From, history[0].To, history[0].EndedBy}, []any{inventory.ScanID(1), inventory.ScanID(2), inventory.ChangeEnded})
	want(t, "as of the gap", len(All(t, s, inventory.AssetQuery{At: 2})), 0)
	want(t, "diff over the gap", diffs(t, s, 1, 3), []string{})
}

func checkSkipped(t *testing.T, s inventory.Store) {
	Scan(t, s, Read("a", Asset("x"), Asset("y"), Asset("z")))
	r := Read("a", Asset("x"))
	r.Skips = []inventory.Problem{{File: "f.csv", Line: 3, Column: 2, Key: "y", Message: "bad date", Remedy: "mend it"}}
	run := Scan(t, s, r)["a"]
	want(t, "key read", []any{run.State, run.Ended, run.Skipped}, []any{inventory.RunOK, 1, 1})
	want(t, "kept by its key", Keys(All(t, s, inventory.AssetQuery{})), []string{"x", "y"})
	problems, err := s.Problems(t.Context(), 0, "aws", "a", 0)
	want(t, "problems error", err, nil)
	want(t, "problems", problems, r.Skips)

	r = Read("a", Asset("x"))
	r.Skips = []inventory.Problem{{Line: 1, Message: "no key"}, {Line: 2, Message: "no key"}}
	r.Scope.MaxSkipped = 1
	run = Scan(t, s, r)["a"]
	want(t, "too many", []any{run.State, run.Reason, run.Ended}, []any{inventory.RunPartial, inventory.ReasonSkippedRows, 0})
	problems, _ = s.Problems(t.Context(), 0, "aws", "a", 1)
	want(t, "limit", len(problems), 1)
	r.Scope.MaxSkipped = 2
	run = Scan(t, s, r)["a"]
	want(t, "allowed", []any{run.State, run.Ended}, []any{inventory.RunOK, 1})
}

func many(n int) []inventory.Asset {
	var list []inventory.Asset
	for i := range n {
		list = append(list, Asset(fmt.Sprintf("m-%04d", i)))
	}
	return list
}

func export(n int) Reading {
	return Reading{Scope: inventory.Scope{ID: "a", Export: true, MaxDrop: 0.2}, Assets: many(n)}
}

func checkDrop(t *testing.T, s inventory.Store) {
	for i, step := range []struct {
		assets int
		state  inventory.RunState
		left   int
	}{
		{100, inventory.RunOK, 100},
		{80, inventory.RunOK, 80},       // a fall of just max_drop
		{60, inventory.RunPartial, 80},  // more
		{61, inventory.RunOK, 61},       // the same again
		{0, inventory.RunPartial, 61},   // to none
		{30, inventory.RunPartial, 61},  // another fall than before
		{90, inventory.RunOK, 90},       // back
		{10, inventory.RunPartial, 90},  // first
		{90, inventory.RunOK, 90},       // not the same
		{10, inventory.RunPartial, 90},  // first again
		{10, inventory.RunOK, 10},       // second
		{0, inventory.RunPartial, 10},   // to none, however small
		{0, inventory.RunOK, 0},         // twice
		{100, inventory.RunOK, 100},     // growth is fine
		{100, inventory.RunOK, 100},     // and so is staying
		{70, inventory.RunPartial, 100}, // less
		{40, inventory.RunPartial, 100}, // much less than that
		{39, inventory.RunOK, 39},
	} {
		run := Scan(t, s, export(step.assets))["a"]
		if run.State != step.state || (step.state == inventory.RunPartial) != (run.Reason == inventory.ReasonDrop) {
			t.Errorf("step %d: %d assets: %s %s, want %s", i, step.assets, run.State, run.Reason, step.state)
		}
		want(t, fmt.Sprintf("left after step %d", i), len(All(t, s, inventory.AssetQuery{})), step.left)
	}
}

func checkSmallExport(t *testing.T, s inventory.Store) {
	Scan(t, s, export(50))
	want(t, "small", Scan(t, s, export(5))["a"].State, inventory.RunOK)
	r := export(90)
	Scan(t, s, r)
	r = export(0)
	r.Scope.MaxDrop = 0
	want(t, "check off", Scan(t, s, r)["a"].State, inventory.RunOK)
	Scan(t, s, export(90))
	r = export(0)
	r.Scope.Export = false
	want(t, "no export", Scan(t, s, r)["a"].State, inventory.RunOK)
}

// checkReplaced shows that an export with other assets than before, as after the loss of the column with their keys, ends nothing at
// once.
func checkReplaced(t *testing.T, s inventory.Store) {
	register := inventory.Source{Name: "cmdb", Collector: "cmdb", Book: inventory.Recorded}
	scan := func(r Reading) inventory.ScopeRun {
		w := Begin(t, s, register)
		defer Finish(t, w)
		return ReadInto(t, w, register, r)["a"]
	}
	other := func(n, same int) Reading {
		r := export(n)
		for i := same; i < n; i++ {
			r.Assets[i].Key = fmt.Sprintf("other-%04d", i)
		}
		return r
	}
	for i, step := range []struct {
		reading Reading
		state   inventory.RunState
		left    int
	}{
		{export(100), inventory.RunOK, 100},
		{other(100, 9), inventory.RunPartial, 191}, // of a hundred nine are left
		{export(100), inventory.RunOK, 100},        // back
		{other(100, 9), inventory.RunPartial, 191},
		{other(100, 9), inventory.RunOK, 100},        // the same again
		{other(100, 19), inventory.RunOK, 100},       // most are as before
		{other(200, 0), inventory.RunOK, 200},        // growth
		{export(50), inventory.RunPartial, 200 + 50}, // less, and others
	} {
		run := scan(step.reading)
		if run.State != step.state || (step.state == inventory.RunPartial) != (run.Reason == inventory.ReasonDrop) {
			t.Errorf("step %d: %s %s, want %s", i, run.State, run.Reason, step.state)
		}
		want(t, fmt.Sprintf("left after step %d", i), len(All(t, s, inventory.AssetQuery{})), step.left)
	}
	scan(export(100))
	r := other(100, 0)
	r.Scope.MaxDrop = 0
	want(t, "check off", scan(r).State, inventory.RunOK)
	Scan(t, s, export(100))
	want(t, "no register", Scan(t, s, other(100, 0))["a"].State, inventory.RunOK)
}

func checkRetired(t *testing.T, s inventory.Store) {
	other := inventory.Source{Name: "cmdb", Collector: "cmdb", Book: inventory.Recorded}
	w := Begin(t, s, Source(), other)
	ReadInto(t, w, Source(), Read("a", Asset("x")), Read("b", Asset("y")))
	ReadInto(t, w, other, Read("f.csv", Asset("z")))
	Finish(t, w)
	w = Begin(t, s, Source())
	ReadInto(t, w, Source(), Read("a", Asset("x")))
	scan := Finish(t, w)
	want(t, "complete", scan.Complete(), true)
	want(t, "left", Keys(All(t, s, inventory.AssetQuery{})), []string{"x"})
	want(t, "diff", diffs(t, s, 1, 2), []string{"retired y", "retired z"})
	want(t, "scopes", scopeStates(t, s, 0), []string{"aws a ok "})
	want(t, "scopes before", scopeStates(t, s, 1), []string{"aws a ok ", "aws b ok ", "cmdb f.csv ok "})
	history, _ := s.History(t.Context(), "y")
	want(t, "history", history[0].EndedBy, inventory.ChangeRetired)
	Scan(t, s, Read("a", Asset("x")), Read("b", Asset("y")))
	want(t, "back", Keys(All(t, s, inventory.AssetQuery{})), []string{"x", "y"})
	want(t, "gone meanwhile", Keys(All(t, s, inventory.AssetQuery{At: 2})), []string{"x"})
	want(t, "scopes as of 2", scopeStates(t, s, 2), []string{"aws a ok "})
}

func scopeStates(t *testing.T, s inventory.Store, at inventory.ScanID) []string {
	t.Helper()
	states, err := s.Scopes(t.Context(), at)
	if err != nil {
		t.Fatalf("scopes: %v", err)
	}
	list := []string{}
	for _, st := range states {
		list = append(list, fmt.Sprintf("%s %s %s %s", st.Source.Name, st.Scope.ID, st.Run.State, st.Run.Reason))
	}
	return list
}

func checkUnlisted(t *testing.T, s inventory.Store) {
	w := Begin(t, s, Source())
	want(t, "unlisted", w.Unlisted(t.Context(), Source(), inventory.ScopeRun{Error: "no network"}), nil)
	Finish(t, w)
	want(t, "nothing known", scopeStates(t, s, 0), []string{"aws * failed listing"})
	Scan(t, s, Read("a", Asset("x")), Read("b", Asset("y")))
	want(t, "listed", scopeStates(t, s, 0), []string{"aws a ok ", "aws b ok "})
	w = Begin(t, s, Source())
	want(t, "unlisted again", w.Unlisted(t.Context(), Source(), inventory.ScopeRun{Error: "no network"}), nil)
	scan := Finish(t, w)
	want(t, "complete", scan.Complete(), false)
	want(t, "scopes", scopeStates(t, s, 0), []string{"aws a failed listing", "aws b failed listing"})
	want(t, "kept", Keys(All(t, s, inventory.AssetQuery{})), []string{"x", "y"})
	states, _ := s.Scopes(t.Context(), 0)
	ok, _ := s.Scan(t.Context(), 2)
	want(t, "last ok", states[0].LastOK, ok.Started)
	want(t, "error", states[0].Run.Error, "no network")
}

// checkStandIn: a pattern that matches nothing proves nothing about what it matched before.
func checkStandIn(t *testing.T, s inventory.Store) {
	Scan(t, s, Read("in/a.csv", Asset("x")), Read("in/b.csv", Asset("y")), Read("c.csv", Asset("z")))
	empty := Reading{Scope: Scope("in/*.csv"), State: inventory.RunFailed}
	empty.Scope.StandsFor = []string{"in/*.csv"}
	Scan(t, s, empty)
	want(t, "scopes", scopeStates(t, s, 0), []string{"aws in/*.csv failed ", "aws in/a.csv failed listing", "aws in/b.csv failed listing"})
	want(t, "kept", Keys(All(t, s, inventory.AssetQuery{})), []string{"x", "y"})
	want(t, "retired", diffs(t, s, 1, 2), []string{"retired z"})
	Scan(t, s, Read("in/a.csv", Asset("x")))
	want(t, "matched again", scopeStates(t, s, 0), []string{"aws in/a.csv ok "})
	want(t, "left", Keys(All(t, s, inventory.AssetQuery{})), []string{"x"})
}

func checkUnselected(t *testing.T, s inventory.Store) {
	other := inventory.Source{Name: "cmdb", Collector: "cmdb", Book: inventory.Recorded}
	w := Begin(t, s, Source(), other)
	ReadInto(t, w, Source(), Read("a", Asset("x")))
	ReadInto(t, w, other, Read("f.csv", Asset("z")))
	Finish(t, w)
	w, err := s.Begin(t.Context(), inventory.ScanStart{Sources: []inventory.Source{Source(), other}, Selected: []string{"aws"}})
	want(t, "begin", err, nil)
	ReadInto(t, w, Source(), Read("a"))
	scan := Finish(t, w)
	want(t, "unselected", []bool{scan.Unselected, scan.Complete()}, []bool{true, false})
	want(t, "kept", Keys(All(t, s, inventory.AssetQuery{})), []string{"z"})
	want(t, "scopes", scopeStates(t, s, 0), []string{"aws a ok ", "cmdb f.csv skipped not-selected"})
	// a planned scope that nobody read, and a source that nobody listed
	w = Begin(t, s, Source(), other)
	want(t, "plan", w.Plan(t.Context(), Source(), []inventory.Scope{Scope("a")}), nil)
	Finish(t, w)
	want(t, "scopes not read", scopeStates(t, s, 0), []string{"aws a failed error", "cmdb f.csv failed listing"})
	want(t, "still kept", Keys(All(t, s, inventory.AssetQuery{})), []string{"z"})
}
