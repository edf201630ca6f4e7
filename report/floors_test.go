package report

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/rules"
)

func line(group, value string, pass, fail, unknown int) Coverage {
	return Coverage{Measure: "tag", Group: group, Value: value, Pass: pass, Fail: fail, Unknown: unknown}
}

func floor(by string, only ...string) rules.CoverageFloor {
	return rules.CoverageFloor{By: by, Measure: "tag", Min: 90, Only: only, Place: "policy.yaml#coverage[0]"}
}

func TestFloors(t *testing.T) {
	const place = " (policy.yaml#coverage[0])"
	read := "everything was read; no severity fails the gate"
	for _, c := range []struct {
		name  string
		floor rules.CoverageFloor
		rows  []Coverage
		want  Gate
	}{
		{"above", floor("account"), []Coverage{line("account", "1", 9, 1, 0)}, Gate{true, 0, []string{read}}},
		{"below", floor("account"), []Coverage{line("account", "1", 8, 1, 0), line("account", "2", 99, 1, 0)}, Gate{
			false, 1, []string{`tag coverage of account "1" is at most 88.8 %, the floor is 90 %` + place},
		}},
		{"below at best", floor("account"), []Coverage{line("account", "1", 7, 2, 1)}, Gate{false, 1, []string{`tag coverage of account "1" is at most 80.0 %, the floor is 90 %` + place}}},
		{"perhaps below", floor("account"), []Coverage{line("account", "1", 9, 0, 2)}, Gate{
			false, 3, []string{`tag coverage of account "1" is between 81.8 % and 100.0 %, the floor is 90 %: too much is unknown` + place},
		}},
		{"others only", floor("account", "2*"), []Coverage{line("account", "1", 0, 9, 0), line("account", "22", 9, 0, 0)}, Gate{true, 0, []string{read}}},
		{"another measure, name or group", floor("account"), []Coverage{
			{Measure: "iac", Group: "account", Value: "1", Fail: 9}, {Measure: "tag", Name: "owner", Group: "account", Value: "1", Fail: 9}, line("type", "1", 0, 9, 0),
		}, Gate{true, 0, []string{read}}},
		{"failures that may be elsewhere", floor("tag.team"), []Coverage{line("tag.team", "a", 9, 0, 0), line("tag.team", rules.UnknownGroup, 0, 5, 0)}, Gate{
			false, 3, []string{`tag coverage of tag.team "a" is between 64.2 % and 100.0 %, the floor is 90 %: too much is unknown` + place},
		}},
		{"too few passes that may belong to it", floor("tag.team"), []Coverage{line("tag.team", "a", 1, 9, 0), line("tag.team", rules.UnknownGroup, 5, 0, 0)}, Gate{
			false, 1, []string{`tag coverage of tag.team "a" is at most 40.0 %, the floor is 90 %` + place},
		}},
		{"an account that nobody knows", floor("account"), []Coverage{line("account", "1", 9, 0, 0), line("account", "", 0, 0, 1)}, Gate{true, 0, []string{read}}},
		{"the same with more", floor("account"), []Coverage{line("account", "1", 9, 0, 0), line("account", "", 0, 2, 0)}, Gate{
			false, 3, []string{`tag coverage of account "1" is between 81.8 % and 100.0 %, the floor is 90 %: too much is unknown` + place},
		}},
		{"no group is known", floor("tag.team"), []Coverage{line("tag.team", rules.UnknownGroup, 9, 0, 0)}, Gate{
			false, 3, []string{"tag coverage by tag.team: of no asset is it known to which group it belongs, or there are too many groups" + place},
		}},
		{"those without a team", floor("tag.team"), []Coverage{line("tag.team", "", 1, 9, 0)}, Gate{false, 1, []string{"tag coverage of tag.team (none) is at most 10.0 %, the floor is 90 %" + place}}},
		{"nothing to measure", floor("account"), nil, Gate{true, 0, []string{read}}},
		{"a group that is not there", floor("account", "3"), []Coverage{line("account", "1", 9, 0, 0)}, Gate{
			true, 0, []string{read, "nothing to measure: tag coverage by account, only 3" + place},
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := judged()
			r.Coverage = c.rows
			if diff := cmp.Diff(c.want, Judge(GateRules{Floors: []rules.CoverageFloor{c.floor}}, r)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestFloorsTellTheWorst: a gate names some groups and counts the rest.
func TestFloorsTellTheWorst(t *testing.T) {
	r := judged()
	for i := range toldGroups + 3 {
		r.Coverage = append(r.Coverage, line("account", fmt.Sprint(100+i), i, 50, 0))
	}
	g := Judge(GateRules{Floors: []rules.CoverageFloor{floor("account")}}, r)
	if len(g.Reasons) != toldGroups+1 || g.ExitCode != ExitTripped {
		t.Fatalf("%d: %q", g.ExitCode, g.Reasons)
	}
	want := []string{
		`tag coverage of account "100" is at most 0.0 %, the floor is 90 % (policy.yaml#coverage[0])`,
		"tag coverage of 3 more groups by account is below the floor of 90 % (policy.yaml#coverage[0])",
	}
	if diff := cmp.Diff(want, []string{g.Reasons[0], g.Reasons[toldGroups]}); diff != "" {
		t.Error(diff)
	}
}
