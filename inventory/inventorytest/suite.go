package inventorytest

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/inventory"
)

// Open opens the store at path for scanning, with a clock, and closes it with the test at the latest.
type Open func(t *testing.T, path string, now func() time.Time) inventory.Store

// Run checks that a store keeps the contract of inventory.Store.
func Run(t *testing.T, open func(t *testing.T, path string, now func() time.Time) inventory.Store) {
	for _, c := range []struct {
		name  string
		check func(t *testing.T, s inventory.Store)
	}{
		{"round trip", checkRoundTrip},
		{"empty store", checkEmpty},
		{"unchanged", checkUnchanged},
		{"versions and as-of", checkVersions},
		{"diff", checkDiff},
		{"only ok ends", checkEnding},
		{"return of an asset", checkReturn},
		{"skipped records", checkSkipped},
		{"fall of an export", checkDrop},
		{"small exports", checkSmallExport},
		{"retired scopes", checkRetired},
		{"unlisted sources", checkUnlisted},
		{"unselected sources", checkUnselected},
		{"unknown tags", checkUnknownTags},
		{"unknown tag values", checkUnknownTagValues},
		{"unknown attributes", checkUnknownAttributes},
		{"unknown beside a change", checkUnknownBesideChange},
		{"unknown becomes known", checkUnknownBecomesKnown},
		{"duplicate keys", checkDuplicate},
		{"discarded attempt", checkDiscard},
		{"invisible before commit", checkInvisible},
		{"failed stores nothing", checkFailed},
		{"resume", checkResume},
		{"filters", checkFilters},
		{"find", checkFind},
		{"entries and identities", checkEntries},
		{"derived coverage", checkHeld},
		{"last seen", checkLastSeen},
		{"one scan at a time", checkLocked},
		{"concurrent scopes", checkConcurrent},
		{"findings", checkFindings},
		{"evaluation again", checkEvaluationAgain},
		{"evaluation of an earlier scan", checkEvaluationEarlier},
		{"canceled reader", checkCanceled},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.check(t, open(t, filepath.Join(t.TempDir(), "muster.db"), NewClock().Now))
		})
	}
	t.Run("reopen", func(t *testing.T) { checkReopen(t, open) })
}

// want fails the test if two values differ.
func want(t *testing.T, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func full() inventory.Asset {
	return Asset("arn:aws:ec2:eu-west-1:111122223333:instance/i-0abc", Tags("owner", "payments", "Ключ", "weiß \"x\"\n", "empty", ""),
		Attributes(Attr("InstanceType", "t3.micro"), inventory.Attribute{Name: "SecurityGroupIds", Value: inventory.StringsValue([]string{"sg-1", "sg,2"})},
			inventory.Attribute{Name: "KeyName", Value: inventory.Null}, inventory.Attribute{Name: "UserData"},
			inventory.Attribute{Name: "Nested", Value: `{"a":{"b":[1,2.50,"}"]},"c":true}`}),
		Identifiers(inventory.Identifier{Kind: inventory.InstanceID, Value: "i-0abc"}, inventory.Identifier{Kind: "house-number", Value: "7"}),
		Origin(inventory.Origin{File: "a.tf", Line: 12, Address: "module.web.aws_instance.app[0]", Module: "module.web", Lineage: "l-1", Call: "ec2:DescribeInstances"}),
		func(a *inventory.Asset) {
			a.Zone, a.Shallow, a.Created = "eu-west-1a", true, time.Date(2026, 1, 31, 10, 0, 0, 0, time.UTC)
			a.Relations = []inventory.Relation{{Kind: inventory.ManagedBy, Key: "arn:aws:autoscaling:x"}, {Kind: "next-to", Key: "y"}}
		})
}

func checkRoundTrip(t *testing.T, s inventory.Store) {
	assets := []inventory.Asset{
		full(), Asset("untagged"), Asset("unknown", TagState(inventory.UnknownTags()), NoAttributes()),
		Asset("not-taggable", TagState(inventory.NotTaggable())),
		Asset("computed", TagState(inventory.KnownTags(inventory.Tag{Key: "owner", ValueUnknown: true}))),
		{Key: "bare", Book: inventory.Declared, Type: "terraform/x"},
	}
	Scan(t, s, Read("a", assets...))
	got := All(t, s, inventory.AssetQuery{})
	if len(got) != len(assets) {
		t.Fatalf("stored %d assets, got %d", len(assets), len(got))
	}
	scan, err := s.Scan(t.Context(), 1)
	want(t, "scan error", err, nil)
	for i, e := range got {
		want(t, "asset", e.Asset, assets[i])
		want(t, "place", []string{e.Source, e.Scope}, []string{"aws", "a"})
		want(t, "seen", []time.Time{e.FirstSeen, e.LastSeen}, []time.Time{scan.Started, scan.Started})
		want(t, "unconfirmed", e.TagsUnconfirmed || len(e.AttributesUnconfirmed) > 0 || len(e.TagValuesUnconfirmed) > 0, false)
	}
}

func checkEmpty(t *testing.T, s inventory.Store) {
	_, err := s.Scan(t.Context(), 0)
	want(t, "no scan", errors.Is(err, inventory.ErrNotFound), true)
	_, err = s.ScanAt(t.Context(), time.Now())
	want(t, "no scan at a time", errors.Is(err, inventory.ErrNotFound), true)
	_, err = s.Resume(t.Context(), inventory.ScanStart{})
	want(t, "nothing to resume", errors.Is(err, inventory.ErrNothingToResume), true)
	scans, err := s.Scans(t.Context())
	want(t, "scans", len(scans), 0)
	want(t, "scans error", err, nil)
	want(t, "hash key", len(s.HashKey()) >= 16, true)
	n := 0
	for range s.OpenFindings(t.Context(), 1) {
		n++
	}
	want(t, "findings", n, 0)
}

func checkUnchanged(t *testing.T, s inventory.Store) {
	Scan(t, s, Read("a", full(), Asset("b")))
	moved := full()
	moved.Origin.Line += 10
	run := Scan(t, s, Read("a", Asset("b"), moved))["a"]
	want(t, "counts", []int{run.Assets, run.Added, run.Changed, run.Ended}, []int{2, 0, 0, 0})
	history, err := s.History(t.Context(), full().Key)
	want(t, "history error", err, nil)
	want(t, "versions", len(history), 1)
	want(t, "version ids", []inventory.ScanID{history[0].From, history[0].To}, []inventory.ScanID{1, 0})
	want(t, "diff", len(diffs(t, s, 1, 2)), 0)
}

func checkVersions(t *testing.T, s inventory.Store) {
	Scan(t, s, Read("a", Asset("x", Tags("owner", "one")), Asset("y")))
	Scan(t, s, Read("a", Asset("x", Tags("owner", "two")), Asset("y")))
	Scan(t, s, Read("a", Asset("x", Tags("owner", "two")), Asset("z")))
	Scan(t, s, Read("a", Asset("x", Tags("owner", "one")), Asset("z")))
	for at, wanted := range map[inventory.ScanID][]string{
		1: {"x one", "y"}, 2: {"x two", "y"}, 3: {"x two", "z"}, 4: {"x one", "z"}, 0: {"x one", "z"},
	} {
		var got []string
		for _, e := range All(t, s, inventory.AssetQuery{At: at}) {
			line := e.Key
			if tag, ok := e.Tags.Get("owner"); ok {
				line += " " + tag.Value
			}
			got = append(got, line)
		}
		want(t, fmt.Sprintf("as of %d", at), got, wanted)
	}
	history, err := s.History(t.Context(), "x")
	want(t, "history error", err, nil)
	var got []string
	for _, v := range history {
		tag, _ := v.Entry.Tags.Get("owner")
		got = append(got, fmt.Sprintf("%d-%d %s %s", v.From, v.To, tag.Value, v.EndedBy))
	}
	want(t, "history", got, []string{"1-2 one changed", "2-4 two changed", "4-0 one "})
	history, _ = s.History(t.Context(), "y")
	want(t, "ended", []any{len(history), history[0].To, history[0].EndedBy, history[0].ToTime.IsZero()}, []any{1, inventory.ScanID(3), inventory.ChangeEnded, false})
	scan, _ := s.Scan(t.Context(), 2)
	at, err := s.ScanAt(t.Context(), scan.Started.Add(time.Millisecond))
	want(t, "scan at", []any{at.ID, err}, []any{inventory.ScanID(2), nil})
	_, err = s.Scan(t.Context(), 99)
	want(t, "no such scan", errors.Is(err, inventory.ErrNotFound), true)
}

// diffs renders a diff, a line a change.
func diffs(t *testing.T, s inventory.Store, from, to inventory.ScanID) []string {
	t.Helper()
	list := []string{}
	for c, err := range s.Diff(t.Context(), from, to) {
		if err != nil {
			t.Fatalf("diff: %v", err)
		}
		e := c.After
		if e == nil {
			e = c.Before
		}
		list = append(list, string(c.Kind)+" "+e.Key)
	}
	return list
}

func checkDiff(t *testing.T, s inventory.Store) {
	Scan(t, s, Read("b", Asset("same"), Asset("changed", Tags("a", "1")), Asset("ended")), Read("a", Asset("back")))
	Scan(t, s, Read("b", Asset("same"), Asset("changed", Tags("a", "2")), Asset("added")), Read("a"))
	Scan(t, s, Read("b", Asset("same"), Asset("changed", Tags("a", "1")), Asset("added")), Read("a", Asset("back")))
	want(t, "1 to 2", diffs(t, s, 1, 2), []string{"ended back", "added added", "changed changed", "ended ended"})
	want(t, "2 to 1", diffs(t, s, 2, 1), []string{"added back", "ended added", "changed changed", "added ended"})
	want(t, "1 to 3", diffs(t, s, 1, 3), []string{"added added", "ended ended"})
	want(t, "2 to 2", diffs(t, s, 2, 2), []string{})
	want(t, "2 to last", diffs(t, s, 2, 0), []string{"added back", "changed changed"})
	for c := range s.Diff(t.Context(), 1, 2) {
		if c.Kind == inventory.ChangeChanged {
			before, _ := c.Before.Tags.Get("a")
			after, _ := c.After.Tags.Get("a")
			want(t, "values", before.Value+after.Value, "12")
		}
	}
	for range s.Diff(t.Context(), 1, 2) {
		break // leaving early must be possible
	}
}

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

// one returns the only asset of the store.
func one(t *testing.T, s inventory.Store, at inventory.ScanID) *inventory.Entry {
	t.Helper()
	list := All(t, s, inventory.AssetQuery{At: at})
	if len(list) != 1 {
		t.Fatalf("%d assets, want 1", len(list))
	}
	return list[0]
}

func versions(t *testing.T, s inventory.Store, key string) int {
	t.Helper()
	history, err := s.History(t.Context(), key)
	if err != nil {
		t.Fatalf("history: %v", err)
	}
	return len(history)
}

func checkUnknownTags(t *testing.T, s inventory.Store) {
	known, unknown := Asset("x", Tags("owner", "payments")), Asset("x", TagState(inventory.UnknownTags()))
	Scan(t, s, Read("a", known))
	for range 2 {
		run := Scan(t, s, Read("a", unknown))["a"]
		want(t, "changed", run.Changed, 0)
		e := one(t, s, 0)
		want(t, "kept", e.Tags, known.Tags)
		want(t, "unconfirmed", e.TagsUnconfirmed, true)
		want(t, "what rules see", e.CurrentTags().State(), inventory.Unknown)
	}
	Scan(t, s, Read("a", known))
	want(t, "confirmed again", one(t, s, 0).TagsUnconfirmed, false)
	want(t, "unconfirmed as of 3", one(t, s, 3).TagsUnconfirmed, true)
	want(t, "confirmed as of 1", one(t, s, 1).TagsUnconfirmed, false)
	want(t, "versions", versions(t, s, "x"), 1)
	for from := inventory.ScanID(1); from <= 4; from++ {
		want(t, "diff", diffs(t, s, from, 4), []string{})
	}
	Scan(t, s, Read("a", unknown))
	Scan(t, s, Read("a", Asset("x", Tags("owner", "search"))))
	want(t, "changed after a gap", diffs(t, s, 5, 6), []string{"changed x"})
	want(t, "tags", one(t, s, 0).Tags, inventory.KnownTags(inventory.Tag{Key: "owner", Value: "search"}))
	want(t, "confirmed", one(t, s, 0).TagsUnconfirmed, false)
}

func checkUnknownTagValues(t *testing.T, s inventory.Store) {
	gap := Asset("x", TagState(inventory.KnownTags(inventory.Tag{Key: "env", Value: "prod"}, inventory.Tag{Key: "owner", ValueUnknown: true})))
	known := Asset("x", Tags("env", "prod", "owner", "payments"))
	Scan(t, s, Read("a", known))
	want(t, "changed", Scan(t, s, Read("a", gap))["a"].Changed, 0)
	e := one(t, s, 0)
	want(t, "kept", e.Tags, known.Tags)
	want(t, "unconfirmed", []any{e.TagsUnconfirmed, e.TagValuesUnconfirmed}, []any{false, []string{"owner"}})
	want(t, "what rules see", e.CurrentTags(), gap.Tags)
	Scan(t, s, Read("a", gap))
	want(t, "changed", Scan(t, s, Read("a", known))["a"].Changed, 0)
	want(t, "confirmed", len(one(t, s, 0).TagValuesUnconfirmed), 0)
	want(t, "versions", versions(t, s, "x"), 1)
	want(t, "diff", diffs(t, s, 1, 2), []string{})
	// A tag that is known to be gone is gone.
	Scan(t, s, Read("a", Asset("x", Tags("env", "prod"))))
	want(t, "gone", one(t, s, 0).Tags.Len(), 1)
	want(t, "gone in diff", diffs(t, s, 1, 0), []string{"changed x"})
}

func checkUnknownAttributes(t *testing.T, s inventory.Store) {
	known := Asset("x", Attributes(Attr("A", "1"), Attr("B", "2")))
	Scan(t, s, Read("a", known))
	for _, c := range []struct {
		read inventory.Asset
		gaps []string
	}{
		{Asset("x", NoAttributes()), []string{"*"}},
		{Asset("x", Attributes(Attr("A", "1"), inventory.Attribute{Name: "B"})), []string{"B"}},
		{Asset("x", Attributes(Attr("A", "1"))), []string{"B"}}, // what is not named is unknown too
	} {
		want(t, "changed", Scan(t, s, Read("a", c.read))["a"].Changed, 0)
		e := one(t, s, 0)
		want(t, "kept", e.Attributes, known.Attributes)
		want(t, "unconfirmed", e.AttributesUnconfirmed, c.gaps)
		_, confirmed := e.CurrentAttribute("B")
		want(t, "what rules see", confirmed, false)
		want(t, "diff", diffs(t, s, 1, 0), []string{})
	}
	want(t, "confirming", Scan(t, s, Read("a", known))["a"].Changed, 0)
	want(t, "confirmed", len(one(t, s, 0).AttributesUnconfirmed), 0)
	want(t, "versions", versions(t, s, "x"), 1)
	null := Asset("x", Attributes(Attr("A", "1"), inventory.Attribute{Name: "B", Value: inventory.Null}))
	want(t, "null is known", Scan(t, s, Read("a", null))["a"].Changed, 1)
	want(t, "null stays", one(t, s, 0).Attributes, null.Attributes)
}

func checkUnknownBesideChange(t *testing.T, s inventory.Store) {
	Scan(t, s, Read("a", Asset("x", Tags("owner", "payments"), Attributes(Attr("A", "1")))))
	run := Scan(t, s, Read("a", Asset("x", Name("renamed"), TagState(inventory.UnknownTags()), NoAttributes())))["a"]
	want(t, "changed", run.Changed, 1)
	e := one(t, s, 0)
	tag, _ := e.Tags.Get("owner")
	want(t, "carried", []any{e.Name, tag.Value, e.TagsUnconfirmed, e.AttributesUnconfirmed}, []any{"renamed", "payments", true, []string{"*"}})
	want(t, "versions", versions(t, s, "x"), 2)
	Scan(t, s, Read("a", Asset("x", Name("renamed"), Tags("owner", "payments"), Attributes(Attr("A", "1")))))
	want(t, "confirmed in place", versions(t, s, "x"), 2)
	// Attributes of another type mean something else; tags are tags.
	Scan(t, s, Read("a", Asset("x", Type("AWS::S3::Bucket"), TagState(inventory.UnknownTags()), NoAttributes())))
	e = one(t, s, 0)
	want(t, "another type", []any{e.Attributes.IsKnown(), e.TagsUnconfirmed, len(e.AttributesUnconfirmed)}, []any{false, true, 0})
}

func checkUnknownBecomesKnown(t *testing.T, s inventory.Store) {
	Scan(t, s, Read("a", Asset("x", TagState(inventory.UnknownTags()), NoAttributes())))
	want(t, "never known", one(t, s, 0).TagsUnconfirmed, false)
	Scan(t, s, Read("a", Asset("x", Tags("owner", "payments"), Attributes(Attr("A", "1")))))
	want(t, "known", one(t, s, 0).Tags.Len(), 1)
	want(t, "no change that anybody saw", diffs(t, s, 1, 2), []string{})
}

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
	for _, a := range append(many(50_000), Asset("x", Tags("a", "2"))) {
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
	want(t, "seen after commit", len(All(t, s, inventory.AssetQuery{At: w.ID()})), 50_001)
	want(t, "the last scan stands", Keys(All(t, s, inventory.AssetQuery{})), []string{"x", "y"})
	Finish(t, w)
	want(t, "seen at the end", len(All(t, s, inventory.AssetQuery{})), 50_001)
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

func checkFilters(t *testing.T, s inventory.Store) {
	other := inventory.Source{Name: "cmdb", Collector: "cmdb", Book: inventory.Recorded}
	w := Begin(t, s, Source(), other)
	ReadInto(t, w, Source(),
		Read("a", Asset("i-1", Tags("owner", "payments", "env", "prod")), Asset("i-2", Tags("owner", "search"), Place("444455556666", "us-east-1"))),
		Read("b", Asset("arn:aws:s3:::logs", Type("AWS::S3::Bucket"), Name("LOGS")), Asset("u", TagState(inventory.UnknownTags())),
			Asset("n", TagState(inventory.NotTaggable())), Asset("c", TagState(inventory.KnownTags(inventory.Tag{Key: "owner", ValueUnknown: true})))))
	ReadInto(t, w, other, Read("f.csv", Asset("srv-1", Book(inventory.Recorded), Type("datacenter/server"), Place("", ""), Tags("owner", ""))))
	Finish(t, w)
	for _, c := range []struct {
		name string
		q    inventory.AssetQuery
		keys []string
	}{
		{"all", inventory.AssetQuery{}, []string{"i-1", "i-2", "arn:aws:s3:::logs", "u", "n", "c", "srv-1"}},
		{"book", inventory.AssetQuery{Books: []inventory.Book{inventory.Recorded}}, []string{"srv-1"}},
		{"type", inventory.AssetQuery{Types: []string{"AWS::S3::*", "datacenter/*"}}, []string{"arn:aws:s3:::logs", "srv-1"}},
		{"account", inventory.AssetQuery{Accounts: []string{"4444*"}}, []string{"i-2"}},
		{"region", inventory.AssetQuery{Regions: []string{"us-*"}}, []string{"i-2"}},
		{"no such region", inventory.AssetQuery{Regions: []string{"mars"}}, []string{}},
		{"source", inventory.AssetQuery{Sources: []string{"cmdb"}}, []string{"srv-1"}},
		{"tag value", inventory.AssetQuery{Tags: []string{"owner=payments"}}, []string{"i-1"}},
		{"empty tag value", inventory.AssetQuery{Tags: []string{"owner="}}, []string{"srv-1"}},
		{"tag key", inventory.AssetQuery{Tags: []string{"owner"}}, []string{"i-1", "i-2", "c", "srv-1"}},
		{"no tag key", inventory.AssetQuery{Tags: []string{"!owner"}}, []string{"arn:aws:s3:::logs"}},
		{"two tags", inventory.AssetQuery{Tags: []string{"owner", "env=prod"}}, []string{"i-1"}},
		{"tag and no tag", inventory.AssetQuery{Tags: []string{"owner", "!env"}}, []string{"i-2", "c", "srv-1"}},
		{"search", inventory.AssetQuery{Search: "logs"}, []string{"arn:aws:s3:::logs"}},
		{"limit", inventory.AssetQuery{Limit: 2}, []string{"i-1", "i-2"}},
		{"limit over scopes", inventory.AssetQuery{Limit: 3}, []string{"i-1", "i-2", "arn:aws:s3:::logs"}},
		{"together", inventory.AssetQuery{Types: []string{"AWS::EC2::Instance"}, Tags: []string{"owner"}, Search: "I-2"}, []string{"i-2"}},
	} {
		want(t, c.name, Keys(All(t, s, c.q)), c.keys)
	}
	// Who cannot see the tags cannot say that one is missing.
	w = Begin(t, s, Source(), other)
	ReadInto(t, w, Source(), Read("a"), Read("b", Asset("arn:aws:s3:::logs", Type("AWS::S3::Bucket"), Name("LOGS"), TagState(inventory.UnknownTags()))))
	ReadInto(t, w, other, Read("f.csv"))
	Finish(t, w)
	want(t, "no tag key unconfirmed", Keys(All(t, s, inventory.AssetQuery{Tags: []string{"!owner"}})), []string{})
}

func checkFind(t *testing.T, s inventory.Store) {
	Scan(t, s, Read("a", full(), Asset("web-1", Name("other")), Asset("k", Name("web-1")), Asset("k2", Name("db-1")), Asset("k3", Name("db-1x"))))
	for ref, keys := range map[string][]string{
		"web-1": {"web-1"}, "db-1": {"k2"}, "i-0abc": {full().Key}, "module.web.aws_instance.app[0]": {full().Key}, "i-0ab": {}, "nothing": {},
	} {
		list, err := s.Find(t.Context(), 0, ref)
		want(t, "find error", err, nil)
		want(t, "find "+ref, Keys(list), keys)
	}
	Scan(t, s, Read("a"))
	list, _ := s.Find(t.Context(), 0, "web-1")
	want(t, "gone", len(list), 0)
	list, _ = s.Find(t.Context(), 1, "web-1")
	want(t, "as of 1", Keys(list), []string{"web-1"})
}

func checkEntries(t *testing.T, s inventory.Store) {
	Scan(t, s, Read("b", full(), Asset("x", Tags("v", "1"))), Read("a", Asset("y")))
	Scan(t, s, Read("b", full(), Asset("x", Tags("v", "2"))), Read("a", Asset("y")))
	var ids []int64
	for i, err := range s.Identities(t.Context(), 1) {
		want(t, "identities error", err, nil)
		ids = append(ids, i.ID)
		if i.Key == full().Key {
			a := full()
			want(t, "identity", i, inventory.Identity{
				ID: i.ID, Book: a.Book, Type: a.Type, Key: a.Key, Name: a.Name, Account: a.Account, Region: a.Region, Source: "aws",
				Lifecycle: a.Lifecycle, Lineage: "l-1", Identifiers: a.Identifiers,
			})
		}
	}
	want(t, "number", len(ids), 3)
	want(t, "sorted", slices.IsSorted(ids), true)
	slices.Reverse(ids)
	for at, value := range map[inventory.ScanID]string{1: "1", 2: "2"} {
		list, err := s.Entries(t.Context(), at, append(ids, 999))
		want(t, "entries error", err, nil)
		var got []int64
		for _, e := range list {
			got = append(got, e.ID)
			if e.Key == "x" {
				tag, _ := e.Tags.Get("v")
				want(t, "as of", tag.Value, value)
			}
		}
		want(t, "order", got, ids)
	}
}

func checkHeld(t *testing.T, s inventory.Store) {
	r := Read("a", Asset("x"), Asset("y", Place("444455556666", "")), Asset("z", Type("AWS::S3::Bucket")))
	r.Scope.Covers.Derived = true
	Scan(t, s, r)
	r.Assets = []inventory.Asset{Asset("w", Type("AWS::SQS::Queue"))}
	Scan(t, s, r)
	states, err := s.Scopes(t.Context(), 0)
	want(t, "error", err, nil)
	want(t, "held", len(states[0].Held), 4)
	want(t, "covers what it once held", states[0].Covers("AWS::S3::Bucket", "111122223333", ""), true)
	want(t, "does not cover", states[0].Covers("AWS::S3::Bucket", "444455556666", ""), false)
	states, _ = s.Scopes(t.Context(), 1)
	want(t, "held then", len(states[0].Held), 3)
	want(t, "spec", states[0].Scope, r.Scope)
}

func checkLastSeen(t *testing.T, s inventory.Store) {
	Scan(t, s, Read("a", Asset("x"), Asset("y")))
	Scan(t, s, Reading{Scope: Scope("a"), State: inventory.RunPartial, Assets: []inventory.Asset{Asset("x")}})
	Scan(t, s, Reading{Scope: Scope("a"), State: inventory.RunPartial, Assets: []inventory.Asset{Asset("x")}})
	Scan(t, s, Reading{Scope: Scope("a"), State: inventory.RunFailed})
	Scan(t, s, Reading{Scope: Scope("a"), State: inventory.RunPartial, Assets: []inventory.Asset{Asset("y")}})
	for at, wanted := range map[inventory.ScanID][]inventory.ScanID{1: {1, 1}, 2: {2, 1}, 3: {3, 1}, 4: {3, 1}, 5: {3, 5}, 0: {3, 5}} {
		for i, e := range All(t, s, inventory.AssetQuery{At: at}) {
			scan, _ := s.Scan(t.Context(), wanted[i])
			want(t, fmt.Sprintf("last seen of %s as of %d", e.Key, at), e.LastSeen, scan.Started)
		}
	}
}
