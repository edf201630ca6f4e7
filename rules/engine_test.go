package rules

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules/expr"
)

var (
	firstScan  = time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC)
	secondScan = firstScan.Add(24 * time.Hour)
	thirdScan  = secondScan.Add(24 * time.Hour)
)

// scripted is a rule whose verdicts are written down by asset key; others pass.
type scripted struct {
	meta     Meta
	verdicts map[string]Verdict
}

func (s scripted) Meta() Meta { return s.meta }

func (s scripted) Check(_ context.Context, e *Entity) (Verdict, error) {
	if v, ok := s.verdicts[e.Subject().Key]; ok {
		return v, nil
	}
	return Verdict{Outcome: Pass}, nil
}

func rule(id string, verdicts map[string]Verdict) scripted {
	return scripted{meta: Meta{ID: id, Severity: High, Coverage: "tag", CoverageName: id}, verdicts: verdicts}
}

func failing(parts ...string) Verdict { return Verdict{Outcome: Fail, Message: "wrong", Parts: parts} }

func unread() Verdict { return Verdict{Outcome: Unknown, Reason: "its tags could not be read"} }

func entity(key string) *Entity {
	return &Entity{Observed: []*inventory.Entry{{
		Source: "aws-prod",
		Asset: inventory.Asset{
			Key: key, Book: inventory.Observed, Type: "AWS::EC2::Instance", Account: "111122223333",
			Tags: inventory.KnownTags(inventory.Tag{Key: "team", Value: "payments"}),
		},
	}}}
}

func entities(keys ...string) []*Entity {
	list := make([]*Entity, len(keys))
	for i, k := range keys {
		list[i] = entity(k)
	}
	return list
}

func each(list []*Entity) iter.Seq2[*Entity, error] {
	return func(yield func(*Entity, error) bool) {
		for _, e := range list {
			if !yield(e, nil) {
				return
			}
		}
	}
}

func evaluate(t *testing.T, e *Engine, list []*Entity, previous []Stored) *Evaluation {
	t.Helper()
	ev, err := e.Evaluate(t.Context(), each(list), previous)
	if err != nil {
		t.Fatal(err)
	}
	return ev
}

// stored sends an evaluation through the store's records, as the next scan finds it.
func stored(t *testing.T, ev *Evaluation) []Stored {
	t.Helper()
	records, err := Records(ev)
	if err != nil {
		t.Fatal(err)
	}
	var list []Stored
	for i, r := range records {
		if i > 0 && records[i-1].Fingerprint >= r.Fingerprint {
			t.Fatalf("records are not sorted and unique: %s, %s", records[i-1].Fingerprint, r.Fingerprint)
		}
		s, err := ParseRecord(r)
		if err != nil {
			t.Fatal(err)
		}
		if s.State != inventory.FindingResolved {
			list = append(list, s)
		}
	}
	return list
}

func at(start time.Time, list ...Rule) *Engine {
	return &Engine{Rules: list, Now: start.Add(time.Minute), ScanStart: start, Workers: 2}
}

// brief writes findings as "state rule key [parts] (unconfirmed)".
func brief(list []Finding) []string {
	var out []string
	for _, f := range list {
		text := fmt.Sprintf("%s %s %s", f.State, f.Rule, f.Asset.Key)
		for _, p := range f.Parts {
			text += " " + p.Name
		}
		if !f.Confirmed {
			text += " (unconfirmed)"
		}
		out = append(out, text)
	}
	return out
}

func TestUnknownIsNeverAFinding(t *testing.T) {
	ev := evaluate(t, at(firstScan, rule("tags/owner", map[string]Verdict{"a": unread(), "b": unread()})), entities("a", "b", "c"), nil)
	if len(ev.Findings) != 0 {
		t.Errorf("findings %v of what could not be read", brief(ev.Findings))
	}
	want := []UnknownTally{{Rule: "tags/owner", Reason: "its tags could not be read", Entities: 2, Examples: []string{"a", "b"}}}
	if diff := cmp.Diff(want, ev.Unknown); diff != "" {
		t.Error(diff)
	}
	if got := ev.Coverage[0]; got.Pass != 1 || got.Fail != 0 || got.Unknown != 2 {
		t.Errorf("coverage %+v", got)
	}
}

// bySource is a rule whose verdicts are written down by source.
type bySource map[string]Verdict

func (bySource) Meta() Meta { return Meta{ID: "tags/owner", Severity: High} }

func (r bySource) Check(_ context.Context, e *Entity) (Verdict, error) {
	return r[e.Subject().Source], nil
}

// TestOneKeyInTwoSources judges an asset that two sources hold: whatever the order, one finding comes of it, and what was
// judged goes before what could not be, what counts before what does not, the worse before the milder.
func TestOneKeyInTwoSources(t *testing.T) {
	severe := failing("owner")
	severe.Severity, severe.Message = Critical, "severe"
	suppressed := Verdict{Outcome: NotApplicable, SuppressedBy: "default-vpc"}
	tests := []struct {
		name     string
		verdicts bySource
		want     []string
		message  string
	}{
		{"failing and unreadable", bySource{"a": unread(), "b": failing("owner")}, []string{"open tags/owner x owner"}, "wrong"},
		{"unreadable in both", bySource{"a": unread(), "b": unread()}, []string{"open tags/owner x owner (unconfirmed)"}, "wrong"},
		{"failing twice", bySource{"a": failing("owner"), "b": severe}, []string{"open tags/owner x owner"}, "severe"},
		{"failing and suppressed", bySource{"a": suppressed, "b": failing("owner")}, []string{"open tags/owner x owner"}, "wrong"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			previous := stored(t, evaluate(t, at(firstScan, bySource{"a": failing("owner")}), []*Entity{inSource("a")}, nil))
			for _, list := range [][]*Entity{{inSource("a"), inSource("b")}, {inSource("b"), inSource("a")}} {
				ev := evaluate(t, at(secondScan, tt.verdicts), list, previous)
				if diff := cmp.Diff(tt.want, brief(ev.Findings)); diff != "" || ev.Findings[0].Message != tt.message {
					t.Errorf("%q: %s", ev.Findings[0].Message, diff)
				}
				stored(t, ev) // fails unless every fingerprint is there once
			}
		})
	}
}

func inSource(source string) *Entity {
	e := entity("x")
	e.Observed[0].Source = source
	return e
}

// TestManyReasonsAreLumped gives every entity a reason of its own, in two orders.
func TestManyReasonsAreLumped(t *testing.T) {
	verdicts, list := map[string]Verdict{}, []*Entity(nil)
	for i := range 200 {
		key := fmt.Sprintf("%03d", i)
		verdicts[key] = Verdict{Outcome: Unknown, Reason: "cannot read " + key}
		list = append(list, entity(key))
	}
	up := evaluate(t, at(firstScan, rule("x", verdicts)), list, nil).Unknown
	slices.Reverse(list)
	if diff := cmp.Diff(up, evaluate(t, at(firstScan, rule("x", verdicts)), list, nil).Unknown); diff != "" {
		t.Error(diff)
	}
	last := up[len(up)-1]
	want := UnknownTally{Rule: "x", Reason: "other reasons", Entities: 150, Examples: []string{"050", "051", "052", "053", "054"}}
	if diff := cmp.Diff(want, last); diff != "" || len(up) != 51 || up[0].Reason != "cannot read 000" {
		t.Errorf("%d reasons: %s", len(up), diff)
	}
}

func TestLifeOfAFinding(t *testing.T) {
	open := map[string]Verdict{"a": failing("owner")}
	tests := []struct {
		name   string
		second map[string]Verdict
		keys   []string
		rules  bool // whether the second scan still has the rule
		want   []string
		again  []string // after a third scan that fails again
	}{
		{"still failing", open, []string{"a"}, true, []string{"open tags/owner a owner"}, []string{"open tags/owner a owner"}},
		{"passes", nil, []string{"a"}, true, []string{"resolved tags/owner a owner"}, []string{"new tags/owner a owner"}},
		{
			"does not apply any more",
			map[string]Verdict{"a": {Outcome: NotApplicable}},
			[]string{"a"},
			true,
			[]string{"resolved tags/owner a owner"},
			[]string{"new tags/owner a owner"},
		},
		{"asset gone", nil, nil, true, []string{"resolved tags/owner a owner"}, []string{"new tags/owner a owner"}},
		{"rule gone: nobody asks any more, and nothing was mended", nil, []string{"a"}, false, nil, []string{"new tags/owner a owner"}},
		{
			"cannot be read",
			map[string]Verdict{"a": unread()},
			[]string{"a"},
			true,
			[]string{"open tags/owner a owner (unconfirmed)"},
			[]string{"open tags/owner a owner"},
		},
		{
			"a further part",
			map[string]Verdict{"a": failing("owner", "env")},
			[]string{"a"},
			true,
			[]string{"new tags/owner a env owner"},
			[]string{"open tags/owner a owner"},
		},
		{
			"another part",
			map[string]Verdict{"a": failing("env")},
			[]string{"a"},
			true,
			[]string{"new tags/owner a env"},
			[]string{"new tags/owner a owner"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			first := evaluate(t, at(firstScan, rule("tags/owner", open)), entities("a"), nil)
			if got := brief(first.Findings); !slices.Equal(got, []string{"new tags/owner a owner"}) {
				t.Fatalf("first scan: %v", got)
			}
			engine := at(secondScan)
			if tt.rules {
				engine.Rules = []Rule{rule("tags/owner", tt.second)}
			}
			second := evaluate(t, engine, entities(tt.keys...), stored(t, first))
			if diff := cmp.Diff(tt.want, brief(second.Findings)); diff != "" {
				t.Errorf("second scan: %s", diff)
			}
			third := evaluate(t, at(thirdScan, rule("tags/owner", open)), entities("a"), stored(t, second))
			if diff := cmp.Diff(tt.again, brief(third.Findings)); diff != "" {
				t.Errorf("third scan: %s", diff)
			}
		})
	}
}

func TestDatesOfAFinding(t *testing.T) {
	first := evaluate(t, at(firstScan, rule("drift/changed", map[string]Verdict{"a": failing("InstanceType")})), entities("a"), nil)
	second := evaluate(t, at(secondScan, rule("drift/changed", map[string]Verdict{"a": failing("InstanceType", "EbsOptimized")})),
		entities("a"), stored(t, first))
	third := evaluate(t, at(thirdScan, rule("drift/changed", map[string]Verdict{"a": unread()})), entities("a"), stored(t, second))
	got := third.Findings[0]
	if got.FirstSeen != firstScan || got.LastSeen != secondScan || got.Confirmed || got.Message != "wrong" {
		t.Errorf("unconfirmed finding: %+v", got)
	}
	want := []Part{{"EbsOptimized", secondScan}, {"InstanceType", firstScan}}
	if diff := cmp.Diff(want, got.Parts); diff != "" {
		t.Error(diff)
	}
}

func TestResolvedOnlyOnce(t *testing.T) {
	first := evaluate(t, at(firstScan, rule("tags/owner", map[string]Verdict{"a": failing()})), entities("a"), nil)
	second := evaluate(t, at(secondScan, rule("tags/owner", nil)), entities("a"), stored(t, first))
	third := evaluate(t, at(thirdScan, rule("tags/owner", nil)), entities("a"), stored(t, second))
	if len(second.Findings) != 1 || len(third.Findings) != 0 {
		t.Errorf("second %v, third %v", brief(second.Findings), brief(third.Findings))
	}
}

func exempting(t *testing.T, when string, expires Date, ruleIDs ...string) *Policy {
	t.Helper()
	c, err := NewCondition(when, "policy.yaml:3:9", expr.Env{})
	if err != nil {
		t.Fatal(err)
	}
	return &Policy{Exempt: []Exemption{{
		By: "policy.yaml#exempt[0]", When: c, Rules: ruleIDs, Reason: "sandbox", Owner: "platform", Expires: expires,
	}}}
}

func TestExemptions(t *testing.T) {
	tests := []struct {
		name, when string
		expires    Date
		rule       string
		tags       inventory.Tags
		accepted   bool
		expired    bool
	}{
		{"holds", `asset.tags.team == "payments"`, "2026-03-01", "tags/*", inventory.KnownTags(inventory.Tag{Key: "team", Value: "payments"}), true, false},
		{"other asset", `asset.tags.team == "payments"`, "2027-01-31", "tags/*", inventory.KnownTags(), false, false},
		{"cannot be told", `asset.tags.team == "payments"`, "2027-01-31", "tags/*", inventory.UnknownTags(), false, false},
		{"other rule", `asset.account == "111122223333"`, "2027-01-31", "drift/*", inventory.KnownTags(), false, false},
		{"expired", `asset.account == "111122223333"`, "2026-02-28", "tags/*", inventory.KnownTags(), false, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			engine := at(firstScan, rule("tags/owner", map[string]Verdict{"a": failing()}))
			engine.Policy = exempting(t, tt.when, tt.expires, tt.rule)
			e := entity("a")
			e.Observed[0].Tags = tt.tags
			ev := evaluate(t, engine, []*Entity{e}, nil)
			if got := len(ev.Accepted) == 1 && ev.Accepted[0].By == "policy.yaml#exempt[0]" && ev.Accepted[0].Owner == "platform"; got != tt.accepted {
				t.Errorf("accepted %v: %+v", got, ev.Accepted)
			}
			var want []string
			if !tt.accepted {
				want = append(want, "new tags/owner a")
			}
			if tt.expired {
				want = append(want, "new policy/expired-exemption policy.yaml#exempt[0]")
			}
			if diff := cmp.Diff(want, brief(ev.Findings)); diff != "" {
				t.Error(diff)
			}
			if tt.accepted && (len(ev.Coverage) != 0 || tallyOf(ev, "tags/owner").Fail != 0 || tallyOf(ev, "tags/owner").Accepted != 1) {
				t.Errorf("an accepted finding counts: %+v, %+v", ev.Coverage, ev.Tallies)
			}
		})
	}
}

func tallyOf(ev *Evaluation, id string) Tally {
	i := slices.IndexFunc(ev.Tallies, func(t Tally) bool { return t.ID == id })
	return ev.Tallies[i]
}

func TestAcceptedOverTime(t *testing.T) {
	fails, cannot := map[string]Verdict{"a": failing()}, map[string]Verdict{"a": unread()}
	blind := entity("a")
	blind.Observed[0].TagsUnconfirmed = true
	suppressed := map[string]Verdict{"a": {Outcome: NotApplicable, SuppressedBy: "default-vpc", Reason: "made by the provider"}}
	tests := []struct {
		name     string
		first    map[string]Verdict
		policy   *Policy // of the second scan
		second   map[string]Verdict
		subject  *Entity
		findings []string
		accepted int
	}{
		{"goes on", fails, exempting(t, `asset.tags.team == "payments"`, "2027-01-31"), fails, entity("a"), nil, 1},
		{"mended", fails, exempting(t, `asset.tags.team == "payments"`, "2027-01-31"), nil, entity("a"), nil, 0},
		{"exemption removed", fails, nil, fails, entity("a"), []string{"new tags/owner a"}, 0},
		{"exemption removed and unreadable", fails, nil, cannot, blind, []string{"new tags/owner a (unconfirmed)"}, 0},
		{"neither rule nor exemption can be told", fails, exempting(t, `asset.tags.team == "payments"`, "2027-01-31"), cannot, blind, nil, 1},
		{"suppressed and unreadable", suppressed, nil, cannot, blind, nil, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before := at(firstScan, rule("tags/owner", tt.first))
			before.Policy = exempting(t, `asset.tags.team == "payments"`, "2027-01-31")
			first := evaluate(t, before, entities("a"), nil)
			if len(first.Accepted) != 1 || len(first.Findings) != 0 {
				t.Fatalf("first scan: %v, %v", first.Accepted, first.Findings)
			}
			engine := at(secondScan, rule("tags/owner", tt.second))
			engine.Policy = tt.policy
			second := evaluate(t, engine, []*Entity{tt.subject}, stored(t, first))
			if diff := cmp.Diff(tt.findings, brief(second.Findings)); diff != "" || len(second.Accepted) != tt.accepted {
				t.Errorf("%d accepted, findings %s", len(second.Accepted), diff)
			}
			for _, a := range second.Accepted {
				if a.Finding.FirstSeen != firstScan || a.Finding.State != inventory.FindingAccepted {
					t.Errorf("accepted finding %+v", a.Finding)
				}
			}
		})
	}
}

// parts is a baseline that accepts parts of whatever finding, until a day.
type partsBaseline struct {
	parts   []string
	expires Date
}

func (b partsBaseline) Accepts(_ string, now time.Time) (Acceptance, bool) {
	return Acceptance{By: "baseline", Parts: b.parts}, !b.expires.Expired(now)
}

func (b partsBaseline) Expired(now time.Time) []Expiry {
	if !b.expires.Expired(now) {
		return nil
	}
	return []Expiry{{Key: "muster-baseline.yaml#0123", What: "baseline entry", Expires: b.expires}}
}

func TestBaselineAcceptsItsParts(t *testing.T) {
	tests := []struct {
		name     string
		baseline []string
		parts    []string
		want     []string
		accepted int
	}{
		{"all", []string{"env", "owner"}, []string{"owner", "env"}, nil, 1},
		{"more than there are", []string{"env", "owner", "team"}, []string{"owner"}, nil, 1},
		{"some", []string{"env"}, []string{"owner", "env"}, []string{"new tags/owner a owner"}, 0},
		{"none", []string{"team"}, []string{"owner"}, []string{"new tags/owner a owner"}, 0},
		{"whole", nil, nil, nil, 1},
		{"whole for a finding with parts", nil, []string{"owner"}, []string{"new tags/owner a owner"}, 0},
		{"parts for a whole finding", []string{"owner"}, nil, []string{"new tags/owner a"}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v := failing(tt.parts...)
			for _, p := range tt.parts {
				v.Diff = append(v.Diff, Difference{Attribute: p})
			}
			engine := at(firstScan, rule("tags/owner", map[string]Verdict{"a": v}))
			engine.Baseline = partsBaseline{tt.baseline, "2027-01-31"}
			ev := evaluate(t, engine, entities("a"), nil)
			if diff := cmp.Diff(tt.want, brief(ev.Findings)); diff != "" || len(ev.Accepted) != tt.accepted {
				t.Errorf("%d accepted, findings %s", len(ev.Accepted), diff)
			}
			for _, f := range ev.Findings {
				if len(f.Diff) != len(f.Parts) {
					t.Errorf("differences %v of the parts %v", f.Diff, f.Parts)
				}
			}
			engine.Baseline = partsBaseline{tt.baseline, "2026-02-28"}
			later := evaluate(t, engine, entities("a"), stored(t, ev))
			if got := len(later.Findings); got != 2 || len(later.Accepted) != 0 {
				t.Errorf("expired baseline: %v, %d accepted", brief(later.Findings), len(later.Accepted))
			}
		})
	}
}

func TestSeverities(t *testing.T) {
	worse := failing()
	worse.Severity = Critical
	engine := at(firstScan, rule("tags/owner", map[string]Verdict{"a": failing(), "b": worse}),
		rule("drift/missing", map[string]Verdict{"a": worse}), rule("drift/orphan", map[string]Verdict{"a": failing()}))
	engine.Policy = &Policy{Severity: []SeverityOverride{{"*", Info}, {"drift/*", Low}, {"drift/missing", Medium}, {"tags/o", Low}}}
	ev := evaluate(t, engine, entities("a", "b"), nil)
	var got []string
	for _, f := range ev.Findings {
		got = append(got, fmt.Sprintf("%s %s %s", f.Severity, f.Rule, f.Asset.Key))
	}
	want := []string{"medium drift/missing a", "low drift/orphan a", "info tags/owner a", "info tags/owner b"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	engine.Policy = nil
	if f := evaluate(t, engine, entities("b"), nil).Findings[0]; f.Severity != Critical {
		t.Errorf("the verdict's own severity is lost: %s", f.Severity)
	}
}

func TestCoverage(t *testing.T) {
	na := Verdict{Outcome: NotApplicable}
	owner := rule("owner", map[string]Verdict{"b": failing(), "c": unread(), "d": na, "e": na})
	env := rule("env", map[string]Verdict{"a": unread(), "b": unread(), "d": na})
	iac := scripted{meta: Meta{ID: "drift/unmanaged", Severity: Medium, Coverage: "iac"}, verdicts: map[string]Verdict{"a": failing()}}
	list := entities("a", "b", "c", "d", "e")
	list[1].Observed[0].Account = "444455556666"
	list[4].Recorded = []*inventory.Entry{{Asset: inventory.Asset{Key: "row"}}}
	ev := evaluate(t, at(firstScan, owner, env, iac), list, nil)
	var got []string
	for _, c := range ev.Coverage {
		if c.Group != "type" {
			got = append(got, fmt.Sprintf("%s %s %s %s %d/%d/%d", c.Measure, c.Name, c.Group, c.Value, c.Pass, c.Fail, c.Unknown))
		}
	}
	want := []string{
		"iac  all  4/1/0", "iac  account 111122223333 3/1/0", "iac  account 444455556666 1/0/0",
		"tag  all  1/1/2", "tag  account 111122223333 1/0/2", "tag  account 444455556666 0/1/0",
		"tag env all  2/0/2", "tag env account 111122223333 2/0/1", "tag env account 444455556666 0/0/1",
		"tag owner all  1/1/1", "tag owner account 111122223333 1/0/1", "tag owner account 444455556666 0/1/0",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]int{"observed": 4, "observed+recorded": 1}, ev.Overlap); diff != "" || ev.Entities != 5 {
		t.Error(diff)
	}
}

type estate struct {
	meta     Meta
	verdicts []Verdict
}

func (e estate) Meta() Meta                                     { return e.meta }
func (e estate) CheckEstate(context.Context) ([]Verdict, error) { return e.verdicts, nil }

func TestEstateRules(t *testing.T) {
	near := &AssetRef{Key: "tag-key:ownr"}
	engine := at(firstScan)
	engine.Estate = []EstateRule{estate{Meta{ID: "records/untrusted", Severity: Medium}, []Verdict{{Outcome: Fail, Asset: near, Message: "m"}}}}
	first := evaluate(t, engine, nil, nil)
	engine.Estate = []EstateRule{estate{Meta{ID: "records/untrusted", Severity: Medium}, []Verdict{{Outcome: Unknown, Asset: near, Reason: "r"}}}}
	second := evaluate(t, engine, nil, stored(t, first))
	engine.Estate = []EstateRule{estate{Meta{ID: "records/untrusted", Severity: Medium}, nil}}
	third := evaluate(t, engine, nil, stored(t, second))
	got := slices.Concat(brief(first.Findings), brief(second.Findings), brief(third.Findings))
	want := []string{
		"new records/untrusted tag-key:ownr", "open records/untrusted tag-key:ownr (unconfirmed)", "resolved records/untrusted tag-key:ownr",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	engine.Policy = exempting(t, `asset.key == "tag-key:ownr" && !entity.observed`, "2027-01-31")
	engine.Estate = []EstateRule{estate{Meta{ID: "records/untrusted", Severity: Medium}, []Verdict{{Outcome: Fail, Asset: near}}}}
	if ev := evaluate(t, engine, nil, nil); len(ev.Accepted) != 0 {
		t.Error("an exemption that asks for an entity accepts a finding that has none")
	}
}

type broken struct{ scripted }

func (broken) Check(context.Context, *Entity) (Verdict, error) {
	return Verdict{}, errors.New("catalog is damaged")
}

func TestEvaluateErrors(t *testing.T) {
	b := broken{rule("tags/owner", nil)}
	noAsset := []*Entity{{}}
	nameless := at(firstScan)
	nameless.Estate = []EstateRule{estate{Meta{ID: "records/x"}, []Verdict{{Outcome: Fail}}}}
	tests := []struct {
		name   string
		engine *Engine
		list   iter.Seq2[*Entity, error]
		want   string
	}{
		{"rule", at(firstScan, b), each(entities("a")), "rule tags/owner: judge a: catalog is damaged"},
		{"entities", at(firstScan), func(yield func(*Entity, error) bool) { yield(nil, errors.New("disk")) }, "read entities: disk"},
		{"no asset", at(firstScan), each(noAsset), "it has no asset in any book"},
		{"two of one id", at(firstScan, rule("x", nil), rule("x", nil)), each(nil), `two rules have the id "x"`},
		{"verdict about nothing", nameless, each(nil), "a verdict names no asset"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := tt.engine.Evaluate(t.Context(), tt.list, nil)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

func TestEvaluateStopsWhenCanceled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	list := func(yield func(*Entity, error) bool) {
		for i := 0; yield(entity(fmt.Sprint(i)), nil); i++ {
			if i == 10_000 {
				cancel()
			}
		}
	}
	if _, err := at(firstScan, rule("x", nil)).Evaluate(ctx, list, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestExplain(t *testing.T) {
	engine := at(firstScan, rule("a", map[string]Verdict{"x": failing()}), rule("b", map[string]Verdict{"x": unread()}), rule("c", nil),
		rule("d", map[string]Verdict{"x": {Outcome: NotApplicable, SuppressedBy: "default-vpc", Reason: "made by the provider"}}))
	engine.Policy = exempting(t, `asset.tags.team == "payments"`, "2027-01-31", "a")
	list, err := engine.Explain(t.Context(), entity("x"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, x := range list {
		text := fmt.Sprintf("%s %s %s", x.ID, x.Verdict.Outcome, x.Verdict.Reason)
		if x.Accepted != nil {
			text += "by " + x.Accepted.By
		}
		got = append(got, strings.TrimSpace(text))
	}
	want := []string{
		"a fail by policy.yaml#exempt[0]", "b unknown its tags could not be read", "c pass",
		"d not applicable made by the providerby default-vpc",
	}
	if diff := cmp.Diff(want, got); diff != "" || list[0].Finding.Fingerprint != Fingerprint("a", "x") {
		t.Error(diff)
	}
}

func TestSteadyFindingKeepsItsBytes(t *testing.T) {
	r := rule("tags/owner", map[string]Verdict{"a": failing("owner")})
	first := evaluate(t, at(firstScan, r), entities("a"), nil)
	second := evaluate(t, at(secondScan, r), entities("a"), stored(t, first))
	before, err := Records(first)
	if err != nil {
		t.Fatal(err)
	}
	after, err := Records(second)
	if err != nil {
		t.Fatal(err)
	}
	if string(before[0].Body) != string(after[0].Body) {
		t.Errorf("body changed:\n%s\n%s", before[0].Body, after[0].Body)
	}
}

func TestRecordsRoundTrip(t *testing.T) {
	engine := at(firstScan, rule("tags/owner", map[string]Verdict{"a": failing("x"), "b": failing("y")}))
	engine.Policy = exempting(t, `asset.key == "b"`, "2027-01-31")
	engine.Owner = func(*Entity) Owner { return Owner{Name: "payments", Confidence: LowConfidence} }
	ev := evaluate(t, engine, entities("a", "b"), nil)
	records, err := Records(ev)
	if err != nil {
		t.Fatal(err)
	}
	findings, accepted, err := ParseRecords(records)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(ev.Findings, findings); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(ev.Accepted, accepted); diff != "" {
		t.Error(diff)
	}
	if _, err := ParseRecord(inventory.FindingRecord{Fingerprint: "f", Body: []byte("{")}); err == nil {
		t.Error("a damaged body is accepted")
	}
}

// TestOrderDoesNotMatter draws estates and verdicts and compares evaluations of permuted entities with other workers.
func TestOrderDoesNotMatter(t *testing.T) {
	outcomes := []Verdict{{Outcome: Pass}, {Outcome: NotApplicable}, failing("p"), failing("p", "q"), failing(), unread()}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 300).Draw(t, "entities")
		list := make([]*Entity, n)
		first, second := map[string]Verdict{}, map[string]Verdict{}
		for i := range list {
			// Few keys, so that some are there twice, as when two sources hold one asset.
			key := fmt.Sprint(rapid.IntRange(0, n).Draw(t, "key"))
			list[i] = entity(key)
			first[key], second[key] = rapid.SampledFrom(outcomes).Draw(t, "first"), rapid.SampledFrom(outcomes).Draw(t, "second")
		}
		shuffled := rapid.Permutation(list).Draw(t, "shuffled")
		workers := rapid.IntRange(1, 4).Draw(t, "workers")
		run := func(list []*Entity, workers int) (*Evaluation, []Stored) {
			one := at(firstScan, rule("a", first), rule("b", second))
			one.Workers = workers
			ev, err := one.Evaluate(context.Background(), each(list), nil)
			if err != nil {
				t.Fatal(err)
			}
			return ev, restore(t, ev)
		}
		_, before := run(list, 1)
		_, beforeShuffled := run(shuffled, workers)
		if diff := cmp.Diff(before, beforeShuffled, cmp.AllowUnexported(Acceptance{})); diff != "" {
			t.Fatalf("first: %s", diff)
		}
		next := func(list []*Entity, workers int) *Evaluation {
			two := at(secondScan, rule("a", second), rule("b", second))
			two.Workers = workers
			ev, err := two.Evaluate(context.Background(), each(list), before)
			if err != nil {
				t.Fatal(err)
			}
			return ev
		}
		ev := next(list, 1)
		if diff := cmp.Diff(ev, next(shuffled, workers)); diff != "" {
			t.Fatalf("second: %s", diff)
		}
		for _, f := range next(list, 2).Findings {
			if before := slices.IndexFunc(before, func(s Stored) bool { return s.Fingerprint == f.Fingerprint }); before < 0 && f.State != inventory.FindingNew {
				t.Fatalf("%s is %s and was not there", f.Fingerprint, f.State)
			}
		}
	})
}

// TestTwiceGivesNothingNew evaluates the same estate twice.
func TestTwiceGivesNothingNew(t *testing.T) {
	outcomes := []Verdict{{Outcome: Pass}, failing("p"), failing("p", "q"), failing(), unread()}
	rapid.Check(t, func(t *rapid.T) {
		verdicts := map[string]Verdict{}
		var list []*Entity
		for i := range rapid.IntRange(0, 50).Draw(t, "entities") {
			key := fmt.Sprint(i)
			verdicts[key] = rapid.SampledFrom(outcomes).Draw(t, "verdict")
			list = append(list, entity(key))
		}
		first, err := at(firstScan, rule("a", verdicts)).Evaluate(context.Background(), each(list), nil)
		if err != nil {
			t.Fatal(err)
		}
		second, err := at(secondScan, rule("a", verdicts)).Evaluate(context.Background(), each(list), restore(t, first))
		if err != nil {
			t.Fatal(err)
		}
		if len(second.Findings) != len(first.Findings) {
			t.Fatalf("%d findings, then %d", len(first.Findings), len(second.Findings))
		}
		for _, f := range second.Findings {
			if f.State != inventory.FindingOpen || f.FirstSeen != firstScan || f.LastSeen != secondScan {
				t.Fatalf("%+v", f)
			}
		}
	})
}

func restore(t *rapid.T, ev *Evaluation) []Stored {
	records, err := Records(ev)
	if err != nil {
		t.Fatal(err)
	}
	list := make([]Stored, len(records))
	for i, r := range records {
		if list[i], err = ParseRecord(r); err != nil {
			t.Fatal(err)
		}
	}
	return list
}

// withLongList is an entity with an attribute that is a list of some hundred strings.
func withLongList(key string) *Entity {
	e := entity(key)
	e.Observed[0].Attributes = inventory.KnownAttributes(
		inventory.Attribute{Name: "L", Value: inventory.StringsValue(slices.Repeat([]string{strings.Repeat("a", 30)}, 400))})
	return e
}

func TestResolvedFindingsDoNotComeBackOpen(t *testing.T) {
	r := rule("tags/owner", map[string]Verdict{"a": failing()})
	previous := stored(t, evaluate(t, at(firstScan, r), entities("a"), nil))
	previous[0].State = inventory.FindingResolved
	got := evaluate(t, at(secondScan, r), entities("a"), previous).Findings
	if len(got) != 1 || got[0].State != inventory.FindingNew || got[0].FirstSeen != secondScan {
		t.Errorf("%+v", got)
	}
}
