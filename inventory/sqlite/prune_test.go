package sqlite_test

import (
	"context"
	"flag"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/inventorytest"
	"github.com/muster-audit/muster/inventory/sqlite"
)

// shown is all that a store shows of a scan.
type shown struct {
	Scan     inventory.Scan
	Entries  []inventory.Entry
	Scopes   []inventory.ScopeState
	Ended    []inventory.Ended
	Findings []inventory.FindingRecord
	Problems []inventory.Problem
}

func show(t testing.TB, s *sqlite.Store, at inventory.ScanID) shown {
	t.Helper()
	ctx := t.Context()
	var v shown
	var err error
	v.Scan, err = s.Scan(ctx, at)
	must(t, err)
	for e, err := range s.Assets(ctx, inventory.AssetQuery{At: at}) {
		must(t, err)
		v.Entries = append(v.Entries, *e)
	}
	v.Scopes, err = s.Scopes(ctx, at)
	must(t, err)
	for e, err := range s.Ended(ctx, at, inventory.Observed) {
		must(t, err)
		v.Ended = append(v.Ended, e)
	}
	for f, err := range s.Findings(ctx, at) {
		must(t, err)
		v.Findings = append(v.Findings, f)
	}
	v.Problems, err = s.Problems(ctx, at, "aws", "a", 0)
	must(t, err)
	return v
}

// nights fills a store with random scans of two scopes: assets come, change, are not seen, lose their tags for a while, end and come back.
func nights(t *rapid.T, tb testing.TB, s *sqlite.Store, count int) {
	states := []inventory.RunState{inventory.RunOK, inventory.RunOK, inventory.RunOK, inventory.RunPartial, inventory.RunFailed}
	for i := range count {
		var readings []inventorytest.Reading
		for _, scope := range []string{"a", "b"} {
			r := inventorytest.Reading{Scope: inventorytest.Scope(scope), State: rapid.SampledFrom(states).Draw(t, "state")}
			for n := range 5 {
				if tags := rapid.IntRange(0, 3).Draw(t, "asset"); tags == 1 {
					r.Assets = append(r.Assets, inventorytest.Asset(fmt.Sprint(scope, n), inventorytest.TagState(inventory.UnknownTags())))
				} else if tags > 0 {
					r.Assets = append(r.Assets, inventorytest.Asset(fmt.Sprint(scope, n), inventorytest.Tags("v", fmt.Sprint(rapid.IntRange(0, 2).Draw(t, "value")))))
				}
			}
			if r.State == inventory.RunPartial {
				r.Skips = []inventory.Problem{{File: "f", Line: i + 1, Message: "broken"}}
			}
			readings = append(readings, r)
		}
		inventorytest.Scan(tb, s, readings...)
		saveFindings(t, tb, s, inventory.ScanID(i+1))
	}
}

func saveFindings(t *rapid.T, tb testing.TB, s *sqlite.Store, scan inventory.ScanID) {
	must(tb, s.SaveEvaluation(tb.Context(), inventory.Evaluation{Scan: scan, At: time.Unix(1, 0), Summary: []byte(`{}`)}, func(yield func(inventory.FindingRecord, error) bool) {
		for n := range 3 {
			state := rapid.SampledFrom([]inventory.FindingState{"", inventory.FindingNew, inventory.FindingOpen, inventory.FindingResolved}).Draw(t, "finding")
			if state != "" && !yield(inventory.FindingRecord{Fingerprint: fmt.Sprint(n), Rule: "r", Severity: "high", State: state, Body: []byte(`{}`)}, nil) {
				return
			}
		}
	}))
}

// checks sets how many cases rapid draws, for one test.
func checks(t *testing.T, number string) {
	f := flag.Lookup("rapid.checks")
	before := f.Value.String()
	must(t, f.Value.Set(number))
	t.Cleanup(func() { must(t, f.Value.Set(before)) })
}

// TestPruneKeepsWhatIsLeft: a scan that is kept shows what it showed before, but for what ended before the oldest of them; and the next scan
// goes on as it would have.
func TestPruneKeepsWhatIsLeft(t *testing.T) {
	checks(t, "25") // each makes several scans of a file
	rapid.Check(t, func(r *rapid.T) {
		count := rapid.IntRange(1, 8).Draw(r, "scans")
		clock := inventorytest.NewClock()
		s := open(t, filepath.Join(t.TempDir(), "muster.db"), clock.Now)
		nights(r, t, s, count)
		var drop, kept []inventory.ScanID
		for id := inventory.ScanID(1); id <= inventory.ScanID(count); id++ {
			if id < inventory.ScanID(count) && rapid.Bool().Draw(r, "drop") {
				drop = append(drop, id)
			} else {
				kept = append(kept, id)
			}
		}
		before := map[inventory.ScanID]shown{}
		for _, id := range kept {
			before[id] = show(t, s, id)
		}
		if rapid.Bool().Draw(r, "twice") && len(drop) > 1 {
			_, err := s.Prune(t.Context(), drop[:1])
			must(t, err)
			drop = drop[1:]
		}
		_, err := s.Prune(t.Context(), drop)
		must(t, err)
		for _, id := range kept {
			want, got := before[id], show(t, s, id)
			want.Ended = slices.DeleteFunc(want.Ended, func(e inventory.Ended) bool {
				return !slices.ContainsFunc(got.Ended, func(g inventory.Ended) bool { return g.Key == e.Key && g.LastSeen.Equal(e.LastSeen) }) &&
					e.LastSeen.Before(before[kept[0]].Scan.Started)
			})
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmp.AllowUnexported(inventory.Tags{}, inventory.Attributes{})); diff != "" {
				r.Fatalf("scan %d after giving up %v (-before +after):\n%s", id, drop, diff)
			}
		}
		wantQuery(t, s, "PRAGMA integrity_check", "ok")
		wantQuery(t, s, "PRAGMA foreign_key_check")
	})
}

func TestPruneForgets(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "muster.db"), inventorytest.NewClock().Now)
	asset := inventorytest.Asset
	inventorytest.Scan(t, s, inventorytest.Read("a", asset("gone", inventorytest.Tags("only", "here")), asset("changed", inventorytest.Tags("v", "1"))))
	inventorytest.Scan(t, s, inventorytest.Read("a", asset("changed", inventorytest.Tags("v", "2"))))
	inventorytest.Scan(t, s, inventorytest.Read("a", asset("changed", inventorytest.Tags("v", "3"))))

	for _, drop := range [][]inventory.ScanID{{3}, {1, 2, 3}, {7}} {
		if _, err := s.Prune(t.Context(), drop); err == nil {
			t.Errorf("no error for giving up %v", drop)
		}
	}
	p, err := s.Prune(t.Context(), []inventory.ScanID{1, 2})
	must(t, err)
	if p.Scans != 2 || p.Contents != 3 || p.Before == 0 || p.After == 0 {
		t.Errorf("pruned %+v, want 2 scans and 3 contents", p)
	}
	wantQuery(t, s, "SELECT count(*) FROM tag WHERE key = 'only'", "0")
	wantQuery(t, s, "SELECT count(*) FROM asset_past", "0")
	list, err := s.Scans(t.Context())
	must(t, err)
	if len(list) != 1 || list[0].ID != 3 {
		t.Errorf("scans %v, want the third", list)
	}
	if _, err := s.Scan(t.Context(), 1); err == nil || !strings.Contains(err.Error(), "pruned") {
		t.Errorf("scan 1: %v", err)
	}
	if _, err := s.Scan(t.Context(), 9); err == nil || strings.Contains(err.Error(), "pruned") {
		t.Errorf("scan 9: %v", err)
	}
	inventorytest.Scan(t, s, inventorytest.Read("a", asset("changed", inventorytest.Tags("v", "4")), asset("gone")))
	wantQuery(t, s, "SELECT key FROM assets_now ORDER BY key", "changed", "gone")
}

// TestPruneWaitsForNobody: a scan holds the lock.
func TestPruneWaitsForNobody(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "muster.db"), inventorytest.NewClock().Now)
	inventorytest.Scan(t, s, inventorytest.Read("a"))
	w := inventorytest.Begin(t, s, inventorytest.Source())
	if _, err := s.Prune(context.Background(), nil); err == nil {
		t.Error("no error while a scan goes on")
	}
	inventorytest.Finish(t, w)
}
