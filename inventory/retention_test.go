package inventory_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/muster-audit/muster/inventory"
)

// night is a finished scan on a day of 2026, complete unless told otherwise.
func night(id int, day string, runs map[inventory.RunState]int) inventory.Scan {
	started, err := time.Parse("2006-01-02", day)
	if err != nil {
		panic(err)
	}
	return inventory.Scan{ID: inventory.ScanID(id), State: inventory.ScanFinished, Started: started.Add(2 * time.Hour), Runs: runs}
}

func TestRetention(t *testing.T) {
	failed := map[inventory.RunState]int{inventory.RunFailed: 1}
	scans := []inventory.Scan{
		night(1, "2026-01-05", nil), night(2, "2026-01-30", nil), night(3, "2026-01-31", failed), // January: 2 is the last complete
		night(4, "2026-03-02", nil), night(5, "2026-03-04", nil), // one week
		night(6, "2026-03-09", failed), night(7, "2026-03-10", failed), // a week without a complete one
		night(8, "2026-03-17", nil), night(9, "2026-03-18", failed), night(10, "2026-03-19", failed),
	}
	now := time.Date(2026, 3, 19, 12, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		name string
		rule inventory.Retention
		want []inventory.ScanID
	}{
		{"days alone: the newest complete stays", inventory.Retention{Days: 1}, []inventory.ScanID{1, 2, 3, 4, 5, 6, 7, 9}},
		{"weeks", inventory.Retention{Days: 3, Weeks: 4}, []inventory.ScanID{1, 2, 3, 4, 6}},
		{"weeks and months", inventory.Retention{Days: 3, Weeks: 4, Months: 3}, []inventory.ScanID{1, 3, 4, 6}},
		{"all", inventory.Retention{Days: 365}, nil},
	} {
		if got := test.rule.Drop(scans, now); !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
	running := inventory.Scan{ID: 11, State: inventory.ScanRunning, Started: now.AddDate(-1, 0, 0)} // a clock that was set back
	if got := (inventory.Retention{Days: 1}).Drop(append(scans, running), now); slices.Contains(got, 11) || slices.Contains(got, 10) || slices.Contains(got, 8) {
		t.Errorf("%v holds the newest, the newest finished or the newest complete scan", got)
	}
	if got := (inventory.Retention{Days: 1}).Drop(nil, now); got != nil {
		t.Errorf("of no scans %v are given up", got)
	}
}

// TestRetentionSettles: what a rule leaves it leaves again, and a longer rule keeps no less.
func TestRetentionSettles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := time.Date(2026, 3, 19, 12, 0, 0, 0, time.UTC)
		var scans []inventory.Scan
		for i := range rapid.IntRange(0, 40).Draw(t, "scans") {
			state := rapid.SampledFrom([]inventory.ScanState{inventory.ScanFinished, inventory.ScanInterrupted}).Draw(t, "state")
			runs := map[inventory.RunState]int{inventory.RunFailed: rapid.IntRange(0, 1).Draw(t, "failed")}
			scans = append(scans, inventory.Scan{ID: inventory.ScanID(i + 1), State: state, Started: now.AddDate(0, 0, -rapid.IntRange(0, 400).Draw(t, "age")), Runs: runs})
		}
		rule := inventory.Retention{Days: rapid.IntRange(1, 60).Draw(t, "days"), Weeks: rapid.IntRange(0, 20).Draw(t, "weeks"), Months: rapid.IntRange(0, 20).Draw(t, "months")}
		drop := rule.Drop(scans, now)
		left := slices.DeleteFunc(slices.Clone(scans), func(s inventory.Scan) bool { return slices.Contains(drop, s.ID) })
		if len(scans) > 0 && len(left) == 0 {
			t.Fatal("nothing is left")
		}
		if again := rule.Drop(left, now); len(again) > 0 {
			t.Fatalf("a second time gives up %v", again)
		}
		longer := inventory.Retention{Days: rule.Days + 10, Weeks: rule.Weeks, Months: rule.Months}
		for _, id := range longer.Drop(scans, now) {
			if !slices.Contains(drop, id) {
				t.Fatalf("more days give up scan %d, which fewer keep", id)
			}
		}
	})
}
