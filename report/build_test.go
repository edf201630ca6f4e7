package report

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
)

func state(source string, book inventory.Book, scope string, run inventory.RunState, assets int) inventory.ScopeState {
	return inventory.ScopeState{
		Source: inventory.Source{Name: source, Collector: "exec", Book: book}, Scope: inventory.Scope{ID: scope},
		Run: inventory.ScopeRun{State: run, CallerARN: "arn:" + source}, Assets: assets, LastOK: lastNight,
	}
}

func input() Input {
	return Input{
		Version: "1.2.3", Digests: Digests{Policy: "sha256:2"},
		Scan: inventory.Scan{
			ID: 7, State: inventory.ScanFinished, Started: tonight, Finished: tonight.Add(time.Minute),
			Runs: map[inventory.RunState]int{inventory.RunOK: 3, inventory.RunFailed: 1},
		},
		Scopes: []inventory.ScopeState{
			state("aws", inventory.Observed, "a", inventory.RunOK, 10), state("aws", inventory.Observed, "b", inventory.RunFailed, 5),
			state("dc", inventory.Recorded, "c.csv", inventory.RunOK, 3), state("infra", inventory.Declared, "d.tfstate", inventory.RunOK, 2),
		},
		Evaluation: &rules.Evaluation{
			Findings: []rules.Finding{
				finding(rules.High, inventory.FindingNew, tonight), finding(rules.High, inventory.FindingOpen, lastNight),
				finding(rules.Medium, inventory.FindingResolved, lastNight),
			},
			Accepted: []rules.Accepted{{By: "baseline", Finding: finding(rules.Critical, inventory.FindingAccepted, lastNight)}},
			Unknown:  []rules.UnknownTally{{Rule: "drift/missing", Reason: "x", Entities: 2}, {Rule: "tags/owner", Reason: "y", Entities: 3, Examples: []string{"k"}}},
			Tallies:  []rules.Tally{{Meta: rules.Meta{ID: "tags/owner", Severity: rules.High}, Pass: 6, Fail: 2, Unknown: 3}},
			Coverage: []rules.CoverageTally{
				{Measure: "tag", Name: "owner", Group: "all", Pass: 6, Fail: 2, Unknown: 2},
				{Measure: "tag", Group: "account", Value: "111122223333", Pass: 1, Unknown: 1},
				{Measure: "tag", Group: "all", Pass: 6, Fail: 2, Unknown: 2},
				{Measure: "iac", Group: "all", Unknown: 4},
			},
			Entities: 12,
			Overlap:  map[string]int{"observed": 7, "declared+observed": 2, "declared+observed+recorded": 3},
		},
		Trend: []TrendPoint{{Scan: 6, Started: lastNight, Findings: 9}},
		Gate:  GateRules{FailOn: rules.Critical},
	}
}

func number(f float64) *float64 { return &f }

func TestBuildSummary(t *testing.T) {
	got := Build(input()).Summary
	want := Summary{
		Assets: BookCounts{Observed: 15, Recorded: 3, Declared: 2}, Entities: 12,
		Overlap: []Overlap{
			{Books: inventory.Books(), Entities: 3},
			{Books: []inventory.Book{inventory.Observed, inventory.Declared}, Entities: 2},
			{Books: []inventory.Book{inventory.Observed}, Entities: 7},
		},
		TagCoverage: number(0.75), TagMin: number(0.6), TagMax: number(0.8),
		IaCMin: number(0), IaCMax: number(1),
		Findings: SeverityCounts{High: 2}, New: 1, Resolved: 1, Unknown: 5, Accepted: 1,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("summary (-want +got):\n%s", d)
	}
}

func TestBuild(t *testing.T) {
	r := Build(input())
	if want := (Scan{ID: 7, Started: tonight, Finished: tonight.Add(time.Minute), Scopes: ScopeCounts{OK: 3, Failed: 1}}); r.Scan != want {
		t.Errorf("scan %+v, want %+v", r.Scan, want)
	}
	wantSources := []Source{
		{Name: "aws", Collector: "exec", Caller: "arn:aws", Book: inventory.Observed, Assets: 15},
		{Name: "dc", Collector: "exec", Caller: "arn:dc", Book: inventory.Recorded, Assets: 3},
		{Name: "infra", Collector: "exec", Caller: "arn:infra", Book: inventory.Declared, Assets: 2},
	}
	if d := cmp.Diff(wantSources, r.Sources); d != "" {
		t.Errorf("sources (-want +got):\n%s", d)
	}
	var lines []string
	for _, c := range r.Coverage {
		lines = append(lines, strings.Join([]string{c.Measure, c.Name, c.Group, c.Value}, "/"))
	}
	if d := cmp.Diff([]string{"iac//all/", "tag//account/111122223333", "tag//all/", "tag/owner/all/"}, lines); d != "" {
		t.Errorf("coverage (-want +got):\n%s", d)
	}
	if c := r.Coverage[0]; c.Ratio != nil {
		t.Errorf("the ratio of nothing but unknowns is %v", *c.Ratio)
	}
	wantTrend := []TrendPoint{
		{Scan: 6, Started: lastNight, Findings: 9},
		{Scan: 7, Started: tonight, Assets: 20, TagCoverage: number(0.75), Findings: 2, Policy: "sha256:2"},
	}
	if d := cmp.Diff(wantTrend, r.Trend); d != "" {
		t.Errorf("trend (-want +got):\n%s", d)
	}
	if want := (Gate{false, ExitIncomplete, []string{"1 scope could not be read"}}); !cmp.Equal(want, r.Gate) {
		t.Errorf("gate %+v, want %+v", r.Gate, want)
	}
}

// TestBuildOfNothing: the contract has no null lists, and no numbers where there is nothing to measure.
func TestBuildOfNothing(t *testing.T) {
	r := Build(Input{Scan: inventory.Scan{State: inventory.ScanFinished, Started: tonight, Finished: tonight}, Evaluation: &rules.Evaluation{}})
	if !r.Scan.Complete || !r.Gate.Passed {
		t.Errorf("scan %+v, gate %+v", r.Scan, r.Gate)
	}
	r.Assets = nil
	text, err := json.Marshal(r.Summary)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(string(text), "null"); got != 6 {
		t.Errorf("%d nulls, want the six coverages: %s", got, text)
	}
	for name, list := range map[string]bool{
		"findings": r.Findings == nil, "accepted": r.Accepted == nil, "sources": r.Sources == nil, "scopes": r.Scopes == nil,
		"unknown": r.Unknown == nil, "coverage": r.Coverage == nil, "rules": r.Rules == nil, "overlap": r.Summary.Overlap == nil,
		"reasons": r.Gate.Reasons == nil,
	} {
		if list {
			t.Errorf("%s is null", name)
		}
	}
}
