package inventorytest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/muster-audit/muster/inventory"
)

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

func checkEnded(t *testing.T, s inventory.Store) {
	ended := func(at inventory.ScanID) []string {
		list := []string{}
		for e, err := range s.Ended(t.Context(), at, inventory.Observed) {
			if err != nil {
				t.Fatalf("ended: %v", err)
			}
			scan, err := s.ScanAt(t.Context(), e.LastSeen)
			want(t, "last seen", err, nil)
			list = append(list, fmt.Sprintf("%s last in %d", e.Key, scan.ID))
		}
		return list
	}
	Scan(t, s, Read("a", Asset("back"), Asset("gone", Tags("n", "1")), Asset("stays")))
	Scan(t, s, Read("a", Asset("gone", Tags("n", "2")), Asset("stays")))
	Scan(t, s, Reading{Scope: Scope("a"), State: inventory.RunFailed})
	Scan(t, s, Read("a", Asset("back"), Asset("stays")))
	Scan(t, s, Read("a", Asset("stays")))
	want(t, "in the first scan", ended(1), []string{})
	want(t, "in the second", ended(2), []string{"back last in 1"})
	want(t, "in the fourth", ended(4), []string{"back last in 1", "gone last in 2"})
	want(t, "in the last", ended(0), []string{"back last in 1", "back last in 4", "gone last in 2"})
	for range s.Ended(t.Context(), 0, inventory.Observed) {
		break // leaving early must be possible
	}
	for e := range s.Ended(t.Context(), 0, inventory.Recorded) {
		t.Errorf("%s is of another book", e.Key)
	}
}
