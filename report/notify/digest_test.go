package notify

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/report/reporttest"
	"github.com/muster-audit/muster/rules"
)

func finding(state inventory.FindingState, severity rules.Severity, owner, key string) rules.Finding {
	return rules.Finding{State: state, Severity: severity, Owner: owner, Rule: "tags/owner", Asset: rules.AssetRef{Key: key}, Confirmed: true}
}

// night is a report with findings of every kind.
func night() *report.Report {
	unsure := finding(inventory.FindingOpen, rules.Critical, "payments", "unsure")
	unsure.Confirmed = false
	return &report.Report{
		Scan: report.Scan{ID: 7, Started: time.Unix(1, 0), Finished: time.Unix(2, 0), Complete: true},
		Findings: []rules.Finding{
			unsure,
			finding(inventory.FindingOpen, rules.Critical, "payments", "old"),
			finding(inventory.FindingResolved, rules.Critical, "search", "mended"),
			finding(inventory.FindingNew, rules.High, "payments", "a"),
			finding(inventory.FindingNew, rules.Medium, "", "nobody's"),
			finding(inventory.FindingNew, rules.Low, "search", "b"),
			finding(inventory.FindingNew, rules.Low, "payments", "c"),
		},
		Trend: make([]report.TrendPoint, 2),
	}
}

// told lists what a digest tells, in its order.
func told(d *Digest) string {
	if d == nil {
		return "nothing"
	}
	var out []string
	for _, o := range d.Owners {
		for i := range o.len() {
			f := o.at(i)
			out = append(out, o.Value+"/"+f.Asset.Key)
		}
	}
	return strings.Join(out, " ")
}

func TestOnlyWhatChangedIsTold(t *testing.T) {
	for _, tt := range []struct {
		name   string
		filter Filter
		want   string
	}{
		{"default", Filter{}, "payments/a payments/c /nobody's search/b search/mended"},
		{"new", Filter{On: []Event{New}}, "payments/a payments/c /nobody's search/b"},
		{"resolved", Filter{On: []Event{Resolved}}, "search/mended"},
		{"severity", Filter{MinSeverity: rules.Medium}, "payments/a /nobody's search/mended"},
		{"an owner", Filter{Owners: []string{"search"}}, "search/b search/mended"},
		{"a pattern is of known owners", Filter{Owners: []string{"*"}}, "payments/a payments/c search/b search/mended"},
		{"owners whom nobody knows", Filter{Owners: []string{""}}, "/nobody's"},
		{"two of them", Filter{Owners: []string{"", "pay*"}}, "payments/a payments/c /nobody's"},
		{"nobody of that name", Filter{Owners: []string{"platform"}}, "nothing"},
		{"always", Filter{Owners: []string{"platform"}, Always: true}, ""},
		{"unread, and everything was read", Filter{On: []Event{Unread}}, "nothing"},
		{"gate failed", Filter{GateFailed: true}, "payments/a payments/c /nobody's search/b search/mended"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d, why := Of(night(), tt.filter)
			if got := told(d); got != tt.want || (d == nil) != (why != "") {
				t.Errorf("told %q (silent as %q), want %q", got, why, tt.want)
			}
		})
	}
}

func TestCounts(t *testing.T) {
	d, _ := Of(night(), Filter{})
	want := [2]report.SeverityCounts{{High: 1, Medium: 1, Low: 2}, {Critical: 1}}
	if diff := cmp.Diff(want, [2]report.SeverityCounts{d.New, d.Resolved}); diff != "" {
		t.Error(diff)
	}
	if d.First {
		t.Error("it is not the first evaluation")
	}
	if got := d.Headline(); got != "gate failed, 4 new, 1 resolved" {
		t.Errorf("headline %q", got)
	}
	if got := Counts(d.New); got != "1 high, 1 medium, 2 low" {
		t.Errorf("counts %q", got)
	}
}

// TestWhatIsUnknownIsNeverTold: what could not be judged again is neither new nor resolved.
func TestWhatIsUnknownIsNeverTold(t *testing.T) {
	r := night()
	r.Findings = slices.DeleteFunc(r.Findings, func(f rules.Finding) bool { return f.Confirmed })
	if d, _ := Of(r, Filter{}); d != nil || len(r.Findings) == 0 {
		t.Errorf("told %s", told(d))
	}
}

func TestUnreadIsSaid(t *testing.T) {
	r := night()
	r.Scopes = []report.Scope{{Source: "aws", Scope: "a", State: inventory.RunFailed}, {Source: "dc", Scope: "b", State: inventory.RunSkipped}}
	d, _ := Of(r, Filter{})
	if len(d.Gaps) != 1 || !strings.HasPrefix(d.Gaps[0].Text, "source aws: ") {
		t.Errorf("gaps %v", d.Gaps)
	}
	if got := d.Headline(); got != "gate failed, 4 new, 1 resolved, 1 source not read whole" {
		t.Errorf("headline %q", got)
	}
	r.Findings = nil
	if d, _ := Of(r, Filter{}); d != nil {
		t.Error("nothing is new, and a target that did not ask for what is unread is told")
	}
	if d, _ := Of(r, Filter{On: []Event{New, Unread}}); d == nil {
		t.Error("a target that asked for what is unread is not told")
	}
}

// TestNobodyIsNotNobodyKnows: what is known to belong to nobody stands apart from what nobody can tell the owner of.
func TestNobodyIsNotNobodyKnows(t *testing.T) {
	unknown := finding(inventory.FindingNew, rules.Low, "", "x")
	unknown.OwnerUnknown = "the tags could not be read"
	r := &report.Report{Findings: []rules.Finding{unknown, finding(inventory.FindingNew, rules.Low, "", "y"), finding(inventory.FindingNew, rules.Low, "a", "z")}}
	d, _ := Of(r, Filter{})
	var got []report.Group
	for _, o := range d.Owners {
		got = append(got, o.Group)
	}
	want := []report.Group{{Kind: report.GroupNamed, Value: "a"}, {Kind: report.GroupNone}, {Kind: report.GroupUnknown}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if d, _ := Of(r, Filter{Owners: []string{""}}); told(d) != "/y /x" {
		t.Errorf("told %s", told(d))
	}
}

func TestGatePassed(t *testing.T) {
	r := night()
	r.Gate.Passed = true
	for _, always := range []bool{false, true} {
		if d, why := Of(r, Filter{GateFailed: true, Always: always}); d != nil || why != "the gate passed" {
			t.Errorf("told %s, %s", told(d), why)
		}
	}
}

// TestSince: the numbers since the last complete scan are told where they are others than those of this scan.
func TestSince(t *testing.T) {
	r := night()
	r.Summary.New, r.Summary.Resolved = 4, 1
	r.Changes = &report.Changes{Scan: 5, New: 4, Resolved: 1}
	if d, _ := Of(r, Filter{MinSeverity: rules.High}); d.Since != nil {
		t.Error("tells the same numbers twice")
	}
	r.Changes.New = 9
	if d, _ := Of(r, Filter{}); d.Since == nil || d.Since.New != 9 {
		t.Error("does not tell of the scans between")
	}
}

func TestFirst(t *testing.T) {
	r := night()
	r.Trend = r.Trend[:1]
	if d, _ := Of(r, Filter{}); !d.First {
		t.Error("does not say that there was no evaluation before")
	}
}

func TestTheReportStaysAsItIs(t *testing.T) {
	r, want := reporttest.Small(), reporttest.Small()
	d, _ := Of(r, Filter{})
	d.Fit(Room{1000, 1000, 10, 10}, flat(1))
	r.Assets, want.Assets = nil, nil
	if diff := cmp.Diff(want, r); diff != "" {
		t.Error(diff)
	}
}

func flat(n int) Cost {
	return Cost{Owner: func(*Owner) int { return n }, Finding: func(*rules.Finding) int { return n }}
}

func TestFitIsFair(t *testing.T) {
	r := &report.Report{}
	for i := range 1000 {
		r.Findings = append(r.Findings, finding(inventory.FindingNew, rules.High, "loud", fmt.Sprint(i)))
	}
	r.Findings = append(r.Findings, finding(inventory.FindingNew, rules.Low, "quiet", "q"))
	d, _ := Of(r, Filter{})
	list, left := d.Fit(Room{Total: 20, PerOwner: 20, Owners: 10, Findings: 50}, flat(1))
	if len(list) != 2 || len(list[0].Findings) != 17 || len(list[1].Findings) != 1 || left != (Left{Findings: 983}) {
		t.Errorf("%d owners, left %+v", len(list), left)
	}
	if got := left.String(); got != "983 more findings" {
		t.Errorf("left %q", got)
	}
	if _, left := d.Fit(Room{Total: 20, PerOwner: 20, Owners: 1, Findings: 1}, flat(1)); left.String() != "1000 more findings and 1 more owner" {
		t.Errorf("left %q", left)
	}
}

// TestFit: whatever there is, nothing is counted twice or lost, and nothing takes more room than there is.
func TestFit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := &report.Report{}
		for i := range rapid.IntRange(0, 60).Draw(t, "findings") {
			state := rapid.SampledFrom([]inventory.FindingState{inventory.FindingNew, inventory.FindingResolved, inventory.FindingOpen}).Draw(t, "state")
			owner := rapid.SampledFrom([]string{"", "a", "b", "c", "d"}).Draw(t, "owner")
			r.Findings = append(r.Findings, finding(state, rules.High, owner, strings.Repeat("x", i)))
		}
		d, _ := Of(r, Filter{Always: true})
		small := rapid.IntRange(0, 40)
		room := Room{small.Draw(t, "total"), small.Draw(t, "each"), small.Draw(t, "owners"), small.Draw(t, "list")}
		cost := Cost{Owner: func(o *Owner) int { return 1 + len(o.Value) }, Finding: func(f *rules.Finding) int { return 1 + len(f.Asset.Key)%7 }}
		list, left := d.Fit(room, cost)
		used, shown := 0, 0
		for _, s := range list {
			own := cost.Owner(s.Owner)
			for i, f := range s.Findings {
				own += cost.Finding(f)
				if f != s.at(i) {
					t.Error("a finding was left out in the middle")
				}
			}
			if own > room.PerOwner || len(s.Findings) > room.Findings {
				t.Errorf("owner %q takes %d of %+v", s.Value, own, room)
			}
			used += own
			shown += len(s.Findings)
		}
		if used > room.Total || len(list) > room.Owners {
			t.Errorf("%d used of %+v", used, room)
		}
		if shown+left.Findings != Total(d.New)+Total(d.Resolved) || len(list)+left.Owners != len(d.Owners) {
			t.Errorf("%d shown, left %+v of %d", shown, left, len(d.Owners))
		}
	})
}
