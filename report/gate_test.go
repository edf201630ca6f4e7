package report

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
)

var (
	lastNight = time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC)
	tonight   = lastNight.Add(24 * time.Hour)
)

func finding(s rules.Severity, state inventory.FindingState, firstSeen time.Time, parts ...rules.Part) rules.Finding {
	return rules.Finding{
		Severity: s, State: state, FirstSeen: firstSeen, LastSeen: tonight, Parts: parts, Confirmed: true,
		Asset: rules.AssetRef{Key: "arn:a", Book: inventory.Observed, Account: "111122223333"},
	}
}

// judged is a report of a finished scan with these findings.
func judged(findings ...rules.Finding) *Report {
	return &Report{Scan: Scan{Started: tonight, Finished: tonight.Add(time.Minute), Complete: true}, Findings: findings}
}

func unread(r *Report, states ...inventory.RunState) *Report {
	r.Scan.Complete = false
	for _, s := range states {
		r.Scopes = append(r.Scopes, Scope{Source: "aws-prod", Scope: "111122223333/ap-east-1/AWS::EC2::Instance", State: s})
	}
	return r
}

func covered(pass, fail, unknown int) *Report {
	r := judged()
	r.Summary.TagCoverage, r.Summary.TagMin, r.Summary.TagMax = overall([]rules.CoverageTally{
		{Measure: "tag", Group: "all", Pass: pass, Fail: fail, Unknown: unknown},
	}, "tag")
	r.Summary.IaCCoverage, r.Summary.IaCMin, r.Summary.IaCMax = r.Summary.TagCoverage, r.Summary.TagMin, r.Summary.TagMax
	return r
}

func TestJudgeFindings(t *testing.T) {
	const high, medium = rules.High, rules.Medium
	isNew, open, resolved := inventory.FindingNew, inventory.FindingOpen, inventory.FindingResolved
	newOnly := GateRules{FailOn: high, NewOnly: true, Since: lastNight}
	looks := func(looks, known bool) func(*rules.Finding) (bool, bool) {
		return func(*rules.Finding) (bool, bool) { return looks, known }
	}
	tests := []struct {
		name   string
		rules  GateRules
		report *Report
		want   Gate
	}{
		{"nothing", GateRules{FailOn: high}, judged(), Gate{true, 0, []string{"everything was read, and there is no finding of severity high or worse"}}},
		{"too mild", GateRules{FailOn: high}, judged(finding(medium, isNew, tonight)), Gate{true, 0, []string{"everything was read, and there is no finding of severity high or worse"}}},
		{"as bad", GateRules{FailOn: medium}, judged(finding(medium, open, lastNight)), Gate{false, 1, []string{"1 finding of severity medium"}}},
		{"worse, the worst first", GateRules{FailOn: medium}, judged(finding(medium, open, lastNight), finding(rules.Critical, isNew, tonight), finding(medium, open, lastNight)), Gate{false, 1, []string{
			"1 finding of severity critical", "2 findings of severity medium",
		}}},
		{"resolved", GateRules{FailOn: medium}, judged(finding(high, resolved, lastNight)), Gate{true, 0, []string{"everything was read, and there is no finding of severity medium or worse"}}},
		{"never", GateRules{}, judged(finding(rules.Critical, isNew, tonight)), Gate{true, 0, []string{"everything was read; no severity fails the gate"}}},
		{"not confirmed counts", GateRules{FailOn: high}, func() *Report {
			r := judged(finding(high, open, lastNight))
			r.Findings[0].Confirmed = false
			return r
		}(), Gate{false, 1, []string{"1 finding of severity high"}}},
		{"new", newOnly, judged(finding(high, isNew, tonight)), Gate{false, 1, []string{"1 new finding of severity high"}}},
		{"old", newOnly, judged(finding(high, open, lastNight)), Gate{true, 0, []string{"everything was read, and there is no new finding of severity high or worse"}}},
		{"open, and new since the last complete scan", newOnly, judged(finding(high, open, lastNight.Add(time.Hour))), Gate{false, 1, []string{"1 new finding of severity high"}}},
		{"a new part", newOnly, judged(finding(high, open, lastNight, rules.Part{Name: "a", FirstSeen: lastNight}, rules.Part{Name: "b", FirstSeen: lastNight.Add(time.Hour)})), Gate{false, 1, []string{"1 new finding of severity high"}}},
		{"counts again, as its exemption expired", newOnly, judged(finding(high, isNew, lastNight.Add(-time.Hour))), Gate{false, 1, []string{"1 new finding of severity high"}}},
		{"no complete scan before", GateRules{FailOn: high, NewOnly: true}, judged(finding(high, open, lastNight)), Gate{false, 1, []string{"1 new finding of severity high"}}},
		{"where says no", GateRules{FailOn: high, Where: looks(false, true)}, judged(finding(high, open, lastNight)), Gate{true, 0, []string{"everything was read, and there is no finding of severity high or worse"}}},
		{"where says yes", GateRules{FailOn: high, Where: looks(true, true)}, judged(finding(high, open, lastNight)), Gate{false, 1, []string{"1 finding of severity high"}}},
		{"where cannot tell", GateRules{FailOn: high, Where: looks(false, false)}, judged(finding(high, open, lastNight)), Gate{false, 3, []string{
			"1 finding: gate.where cannot be decided, since something that it asks for could not be read",
		}}},
		{"where cannot tell of what would not count", GateRules{FailOn: high, Where: looks(false, false)}, judged(finding(medium, open, lastNight)), Gate{true, 0, []string{
			"everything was read, and there is no finding of severity high or worse",
		}}},
		{"where cannot tell, and a warning is enough", GateRules{FailOn: high, WarnIncomplete: true, Where: looks(false, false)}, judged(finding(high, open, lastNight)), Gate{true, 0, []string{
			"1 finding: gate.where cannot be decided, since something that it asks for could not be read",
		}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if d := cmp.Diff(tt.want, Judge(tt.rules, tt.report)); d != "" {
				t.Errorf("gate (-want +got):\n%s", d)
			}
		})
	}
}

func TestJudgeFloors(t *testing.T) {
	tests := []struct {
		name                string
		pass, fail, unknown int
		floor               float64
		exit                int
		reason              string
	}{
		{"above", 96, 4, 0, 95, 0, ""},
		{"exactly", 95, 5, 0, 95, 0, ""},
		{"exactly, and no binary fraction", 9, 991, 0, 0.9, 0, ""},
		{"exactly, and no binary fraction either", 173, 827, 0, 17.3, 0, ""},
		{"all of it", 7, 0, 0, 100, 0, ""},
		{"below", 94, 6, 0, 95, 1, "tag coverage is at most 94.0 %, the floor is 95 %"},
		{"a hair below does not read as the floor", 94999, 5001, 0, 95, 1, "tag coverage is at most 94.9 %, the floor is 95 %"},
		{"unknown as passed is below", 90, 6, 4, 95, 1, "tag coverage is at most 94.0 %, the floor is 95 %"},
		{"unknown decides", 93, 3, 4, 95, 3, "tag coverage is between 93.0 % and 97.0 %, the floor is 95 %: too much is unknown"},
		{"unknown as passed is exactly the floor", 93, 5, 2, 95, 3, "tag coverage is between 93.0 % and 95.0 %, the floor is 95 %: too much is unknown"},
		{"unknown as failed is exactly the floor", 95, 1, 4, 95, 0, ""},
		{"all unknown", 0, 0, 3, 50, 3, "tag coverage is between 0.0 % and 100.0 %, the floor is 50 %: too much is unknown"},
		{"nothing to measure", 0, 0, 0, 95, 0, ""},
		{"no floor", 0, 9, 0, 0, 0, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := Judge(GateRules{MinTag: tt.floor}, covered(tt.pass, tt.fail, tt.unknown))
			want := Gate{tt.exit == 0, tt.exit, []string{tt.reason}}
			if tt.reason == "" {
				want.Reasons = []string{"everything was read; no severity fails the gate"}
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("gate (-want +got):\n%s", d)
			}
			if code := Judge(GateRules{MinIaC: tt.floor}, covered(tt.pass, tt.fail, tt.unknown)).ExitCode; code != tt.exit {
				t.Errorf("code coverage: exit code %d, want %d", code, tt.exit)
			}
		})
	}
	both := Judge(GateRules{FailOn: rules.High, MinTag: 95}, func() *Report {
		r := covered(93, 3, 4)
		r.Findings = []rules.Finding{finding(rules.High, inventory.FindingOpen, lastNight)}
		return r
	}())
	if both.ExitCode != ExitTripped || len(both.Reasons) != 2 {
		t.Errorf("a finding and a doubtful floor: %+v", both)
	}
}

func TestJudgeScopes(t *testing.T) {
	accept := func(source, scope string, expires time.Time) []AcceptUnread {
		return []AcceptUnread{{Source: source, Scope: scope, Expires: expires}}
	}
	day := func(d int) time.Time { return time.Date(2026, 3, d, 0, 0, 0, 0, time.UTC) }
	tests := []struct {
		name   string
		rules  GateRules
		report *Report
		exit   int
		reason string
	}{
		{"failed", GateRules{}, unread(judged(), inventory.RunFailed), 3, "1 scope could not be read"},
		{"partial", GateRules{}, unread(judged(), inventory.RunPartial, inventory.RunPartial), 3, "2 scopes could be read in part only"},
		{"skipped with a reason", GateRules{}, unread(judged(), inventory.RunSkipped), 0, "everything was read but 1 scope that may stay unread; no severity fails the gate"},
		{"a warning is enough", GateRules{WarnIncomplete: true}, unread(judged(), inventory.RunFailed), 0, "1 scope could not be read"},
		{"a finding goes first", GateRules{FailOn: rules.High}, unread(judged(finding(rules.High, inventory.FindingOpen, lastNight)), inventory.RunFailed), 1, "1 finding of severity high"},
		{"accepted", GateRules{Accept: accept("aws-*", "*/ap-east-1/*", day(2))}, unread(judged(), inventory.RunFailed), 0, "everything was read but 1 scope that may stay unread; no severity fails the gate"},
		{"accepted to the end of its last day", GateRules{Accept: accept("*", "*", day(2)), Now: day(3).Add(-time.Second)}, unread(judged(), inventory.RunFailed), 0, "everything was read but 1 scope that may stay unread; no severity fails the gate"},
		{"accepted until yesterday", GateRules{Accept: accept("*", "*", day(1)), Now: day(2)}, unread(judged(), inventory.RunFailed), 3, "1 scope could not be read"},
		{"another source is accepted", GateRules{Accept: accept("gcp-*", "*", day(9)), Now: day(2)}, unread(judged(), inventory.RunFailed), 3, "1 scope could not be read"},
		{"never finished", GateRules{}, &Report{Scan: Scan{Started: tonight}}, 3, "the scan was interrupted: go on with \"muster scan --resume\""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := Judge(tt.rules, tt.report)
			if got.ExitCode != tt.exit || got.Passed != (tt.exit == 0) || got.Reasons[0] != tt.reason {
				t.Errorf("got %+v", got)
			}
		})
	}
}
