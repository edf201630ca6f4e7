package sqlite_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/inventorytest"
	"github.com/muster-audit/muster/inventory/sqlite"
)

// growing are the tables that a scan or an evaluation of an unchanged estate must not write to.
var growing = []string{
	"asset", "asset_past", "asset_staged", "tag_set", "tag", "attribute_set", "placement", "unconfirmed", "unseen", "scope", "scope_spec",
	"scope_held", "finding",
}

// contentOf sums up the growing tables: the number of their rows and all that stands in them.
func contentOf(t *testing.T, s *sqlite.Store) string {
	t.Helper()
	var out []string
	for _, table := range growing {
		list, err := rows(t.Context(), s, "SELECT * FROM "+table)
		must(t, err)
		if table == "scope" {
			list = []string{fmt.Sprint(len(list))} // seen_scan moves on
		}
		out = append(out, fmt.Sprintf("%s: %d\n%s", table, len(list), strings.Join(list, "\n")))
	}
	return strings.Join(out, "\n")
}

// TestUnchangedEstateWritesNothing scans estates again that did not change, with and without gaps in what can be read.
func TestUnchangedEstateWritesNothing(t *testing.T) {
	known := inventorytest.Asset("x", inventorytest.Tags("v", "1"), inventorytest.Attributes(inventorytest.Attr("A", "1")))
	gap := inventorytest.Asset("x", inventorytest.TagState(inventory.UnknownTags()), inventorytest.NoAttributes())
	for name, again := range map[string]inventorytest.Reading{
		"known":     inventorytest.Read("a", known, inventorytest.Asset("y")),
		"gaps":      inventorytest.Read("a", gap, inventorytest.Asset("y")),
		"partial":   {Scope: inventorytest.Scope("a"), State: inventory.RunPartial, Assets: []inventory.Asset{known}},
		"failed":    {Scope: inventorytest.Scope("a"), State: inventory.RunFailed},
		"kept":      {Scope: inventorytest.Scope("a"), Assets: []inventory.Asset{known}, Skips: []inventory.Problem{{Key: "y"}}},
		"all ended": inventorytest.Read("a"),
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, filepath.Join(t.TempDir(), "muster.db"), inventorytest.NewClock().Now)
			inventorytest.Scan(t, s, inventorytest.Read("a", known, inventorytest.Asset("y")))
			inventorytest.Scan(t, s, again)
			before := contentOf(t, s)
			inventorytest.Scan(t, s, again)
			if after := contentOf(t, s); after != before {
				t.Errorf("before\n%s\nafter\n%s", before, after)
			}
		})
	}
}

func TestSteadyFindingsWriteNothing(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "muster.db"), inventorytest.NewClock().Now)
	var before string
	for i := range 4 {
		scan := inventorytest.Finish(t, inventorytest.Begin(t, s))
		first, err := s.Scan(t.Context(), 1)
		must(t, err)
		state := inventory.FindingOpen
		if i == 0 {
			state = inventory.FindingNew
		}
		err = s.SaveEvaluation(t.Context(), inventory.Evaluation{Scan: scan.ID, At: scan.Started}, func(yield func(inventory.FindingRecord, error) bool) {
			yield(inventory.FindingRecord{
				Fingerprint: "f", State: state, FirstSeen: first.Started, LastSeen: scan.Started, Confirmed: true, Body: []byte("{}"),
			}, nil)
		})
		must(t, err)
		now := contentOf(t, s)
		if i > 0 && now != before {
			t.Errorf("evaluation %d wrote: before\n%s\nafter\n%s", i, before, now)
		}
		before = now
	}
}

// TestBigLoad goes past the size from which indexes are dropped and built again.
func TestBigLoad(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "muster.db"), inventorytest.NewClock().Now)
	const n = 52_000
	scanRegister(t, s, n, "production")
	wantQuery(t, s, "SELECT name FROM sqlite_schema WHERE name IN ('asset_key', 'tag_key_value') ORDER BY name", "asset_key", "tag_key_value")
	wantQuery(t, s, "SELECT count(*), count(DISTINCT tag_set_id), max(to_scan) FROM asset", fmt.Sprintf("%d|100|NULL", n))
	wantQuery(t, s, "PRAGMA integrity_check", "ok")
	wantQuery(t, s, "PRAGMA foreign_key_check")
	run := scanRegister(t, s, n, "production")
	if run.Assets != n || run.Added+run.Changed+run.Ended != 0 {
		t.Errorf("scanning again: %+v", run)
	}
}

func TestViews(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "muster.db"), inventorytest.NewClock().Now)
	x := inventorytest.Asset("x", inventorytest.Tags("owner", "payments"), inventorytest.Attributes(inventorytest.Attr("A", "1")))
	inventorytest.Scan(t, s, inventorytest.Read("a", x, inventorytest.Asset("gone"), inventorytest.Asset("y", inventorytest.Tags("env", "prod"))))
	x.Tags = inventory.UnknownTags()
	inventorytest.Scan(t, s, inventorytest.Read("a", x, inventorytest.Asset("y", inventorytest.Tags("env", "test"))))
	inventorytest.Scan(t, s, inventorytest.Reading{Scope: inventorytest.Scope("a"), State: inventory.RunPartial, Assets: []inventory.Asset{x}})
	scan, err := s.Scan(t.Context(), 3)
	must(t, err)
	must(t, s.SaveEvaluation(t.Context(), inventory.Evaluation{
		Scan: 3, At: scan.Started,
		Coverage: []inventory.CoverageRow{{Measure: "tag", Name: "owner", Group: "all", Pass: 2, Fail: 1, Unknown: 4}, {Measure: "iac", Group: "all", Fail: 0}},
	}, func(yield func(inventory.FindingRecord, error) bool) {
		yield(inventory.FindingRecord{
			Fingerprint: "f", Rule: "tags/owner", Severity: "high", State: inventory.FindingNew, Key: "x", FirstSeen: scan.Started,
			LastSeen: scan.Started, Confirmed: true, Body: []byte(`{"fix":"add it"}`),
		}, nil)
	}))
	wantQuery(t, s, `SELECT source, scope, book, type, key, tags, tags_state, tags_confirmed, attributes, first_seen, changed, last_seen FROM assets_now ORDER BY key`,
		`aws|a|observed|AWS::EC2::Instance|x|{"owner":"payments"}|known|0|{"A":"1"}|2026-03-01T06:00:02Z|2026-03-01T06:00:02Z|2026-03-01T06:00:08Z`,
		`aws|a|observed|AWS::EC2::Instance|y|{"env":"test"}|known|1|{}|2026-03-01T06:00:02Z|2026-03-01T06:00:05Z|2026-03-01T06:00:05Z`)
	wantQuery(t, s, "SELECT asset_key, tag, value, confirmed FROM tags_now ORDER BY asset_key, tag", "x|owner|payments|0", "y|env|test|1")
	wantQuery(t, s, "SELECT rule, severity, state, key, confirmed, first_seen = last_seen, scan, body ->> 'fix' FROM findings_now", "tags/owner|high|new|x|1|1|3|add it")
	wantQuery(t, s, "SELECT tag, group_by, pass, fail, unknown, ratio FROM tag_coverage_now", "owner|all|2|1|4|0.6667")
	wantQuery(t, s, "SELECT group_by, pass, ratio, scan FROM iac_coverage_now", "all|0|NULL|3")
	wantQuery(t, s, "SELECT source, scope, state, assets, scan FROM scope_runs_now", "aws|a|partial|1|3")
}
