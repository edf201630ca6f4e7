package records

import (
	"context"
	"errors"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
)

func from(source string) edit { return func(e *inventory.Entry) { e.Source = source } }

// twoRegisters are scopes with a second register, "assets".
func twoRegisters(dc, assets inventory.RunState) []inventory.ScopeState {
	return append(scopes(inventory.RunOK, dc), scope(inventory.Recorded, "assets", assets, anything))
}

func TestLifecycleOfSeveralRows(t *testing.T) {
	planned, retired, active := stage(inventory.LifecyclePlanned), stage(inventory.LifecycleRetired), stage(inventory.LifecycleActive)
	ok := twoRegisters(inventory.RunOK, inventory.RunOK)
	run(t, "records/lifecycle", []test{
		{
			"unknown: planned, and reality was not read",
			[]*inventory.Entry{row(arnA, ec2, planned), seen(arnA)},
			scopes(inventory.RunFailed, inventory.RunOK),
			[]string{"unknown " + arnA + ": aws s was not read whole: failed (denied)"},
		},
		{
			"unknown: one of the contradicting rows was not read",
			[]*inventory.Entry{row(arnA, ec2, active), row(arnA, ec2, retired, from("assets"))},
			twoRegisters(inventory.RunFailed, inventory.RunOK),
			[]string{"unknown " + arnA + ": dc s was not read whole: failed (denied)"},
		},
		{
			"planned and there",
			[]*inventory.Entry{row(arnA, ec2, planned), seen(arnA)},
			allRead,
			[]string{"fail " + arnA + ": dc still calls " + arnA + " planned, and it is there"},
		},
		{"planned and not there yet", []*inventory.Entry{row(arnA, ec2, planned)}, allRead, []string{"pass " + arnA}},
		{"on its way out", []*inventory.Entry{row(arnA, ec2, stage(inventory.LifecycleRetiring)), seen(arnA)}, allRead, nil},
		{
			"two registers contradict each other",
			[]*inventory.Entry{row(arnA, ec2, active), row(arnA, ec2, retired, from("assets"))},
			ok,
			[]string{"fail " + arnA + ": assets calls " + arnA + " retired, and dc calls it in use"},
		},
		{
			"and reality decides",
			[]*inventory.Entry{row(arnA, ec2, active), row(arnA, ec2, retired, from("assets")), seen(arnA)},
			ok,
			[]string{"fail " + arnA + ": assets calls " + arnA + " retired, and dc calls it in use; it is there"},
		},
		{
			"planned in one, retired in the other",
			[]*inventory.Entry{row(arnA, ec2, planned), row(arnA, ec2, retired, from("assets"))},
			ok,
			[]string{"fail " + arnA + ": assets calls " + arnA + " retired, and dc calls it planned"},
		},
		{"one register does not say", []*inventory.Entry{row(arnA, ec2), row(arnA, ec2, active, from("assets")), seen(arnA)}, ok, nil},
		{"maintenance is in use", []*inventory.Entry{row(arnA, ec2, stage(inventory.LifecycleMaintenance)), row(arnA, ec2, active, from("assets")), seen(arnA)}, ok, nil},
		{"the two rows of one register are no contradiction", []*inventory.Entry{
			row("SRV-1", vm, id(inventory.ARN, arnA), active), row("SRV-2", server, id(inventory.ARN, arnA), retired), seen(arnA),
		}, allRead, nil},
		{"retired, and only the agents' list still holds it", []*inventory.Entry{
			row("SRV-1", server, id(inventory.FQDN, "web.example.com"), retired), agent("web", id(inventory.FQDN, "web.example.com"), checked(-30*24*time.Hour)),
		}, agents(inventory.RunOK), nil},
		{"retired, and its agent reports", []*inventory.Entry{
			row("SRV-1", server, id(inventory.FQDN, "web.example.com"), retired), agent("web", id(inventory.FQDN, "web.example.com"), checked(-time.Hour)),
		}, agents(inventory.RunOK), []string{"fail SRV-1: dc calls SRV-1 retired, and it is there"}},
		{"unknown: retired, and nobody knows whether its agent reports", []*inventory.Entry{
			row("SRV-1", server, id(inventory.FQDN, "web.example.com"), retired),
			agent("web", id(inventory.FQDN, "web.example.com"), has(checkInLimit, inventory.StringValue("168h0m0s"))),
		}, agents(inventory.RunOK), []string{"unknown SRV-1: last_check_in could not be read"}},
	})
}

func TestLifecycleSeverities(t *testing.T) {
	severity := func(entries ...*inventory.Entry) rules.Severity {
		j := newJudge(inputs(t, entries, twoRegisters(inventory.RunOK, inventory.RunOK)))
		e := &rules.Entity{}
		for _, a := range entries {
			if a.Book == inventory.Observed {
				e.Observed = append(e.Observed, a)
			} else {
				e.Recorded = append(e.Recorded, a)
			}
		}
		return j.lifecycle(e).Severity
	}
	retired := stage(inventory.LifecycleRetired)
	if got := severity(row(arnA, ec2, stage(inventory.LifecyclePlanned)), seen(arnA)); got != rules.Low {
		t.Errorf("planned and there is %s", got)
	}
	if got := severity(row(arnA, ec2, retired), seen(arnA)); got != 0 {
		t.Errorf("retired and there is %s, want the rule's own", got)
	}
	if got := severity(row(arnA, ec2, retired), row(arnA, ec2, stage(inventory.LifecycleActive), from("assets"))); got != rules.Low {
		t.Errorf("a contradiction about what is not seen is %s", got)
	}
}

func TestGhostOfAnARN(t *testing.T) {
	elsewhere := "arn:aws:ec2:ap-south-1:111122223333:instance/i-0cccccccccccccccc"
	someRegions := scopes(inventory.RunOK, inventory.RunOK)
	someRegions[0].Scope.Covers = inventory.Coverage{Types: []string{"AWS::*"}, Accounts: []string{account}, Regions: []string{"eu-west-1"}, OtherRegions: true}
	run(t, "records/ghost", []test{
		{"its key names a region that is not read", []*inventory.Entry{row(elsewhere, ec2)}, someRegions, nil},
		{"its identifier does", []*inventory.Entry{row("SRV-1", vm, id(inventory.ARN, elsewhere))}, someRegions, nil},
		{"of a key that comes twice, too", []*inventory.Entry{row(elsewhere+"#row-0011aabb", ec2)}, someRegions, nil},
		{"its ARN names an account that is not read", []*inventory.Entry{row("arn:aws:ec2:eu-west-1:444455556666:instance/i-0cccccccccccccccc", ec2)}, allRead, nil},
		{"its region is read", []*inventory.Entry{row(arnA, ec2)}, someRegions, []string{"fail " + arnA + ": dc lists " + arnA + ", and it is not there"}},
		{
			"the row's own region goes before",
			[]*inventory.Entry{row(elsewhere, ec2, in(account, "eu-west-1"))},
			someRegions,
			[]string{"fail " + elsewhere + ": dc lists " + elsewhere + ", and it is not there"},
		},
		{
			"unknown: two ARNs disagree about the region",
			[]*inventory.Entry{row("SRV-1", vm, id(inventory.ARN, elsewhere), id(inventory.ARN, arnA))},
			someRegions,
			[]string{"unknown SRV-1: its region is not known, and aws reads some regions only"},
		},
	})
}

// TestGhostNeedsAWholeRegister: what an export that is cut off, shrunken or too old lists is no ghost.
func TestGhostNeedsAWholeRegister(t *testing.T) {
	for _, reason := range []inventory.RunReason{inventory.ReasonUntrusted, inventory.ReasonDrop, inventory.ReasonStale} {
		s := scopes(inventory.RunOK, inventory.RunPartial)
		s[1].Run.Reason = reason
		run(t, "records/ghost", []test{{
			string(reason),
			[]*inventory.Entry{row(arnA, ec2)},
			s,
			[]string{"unknown " + arnA + ": dc s was not read whole: partial (" + string(reason) + ")"},
		}})
	}
	listing := scopes(inventory.RunOK, inventory.RunOK)
	listing[0].Scope.Covers = inventory.Coverage{Types: []string{"AWS::*"}, PresenceOnly: true}
	run(t, "records/ghost", []test{{"a listing of what bears a tag proves nothing", []*inventory.Entry{row(arnA, ec2)}, listing, nil}})
}

// past yields what ended, each at a time.
func past(rows []*inventory.Entry, ended ...inventory.Ended) *Past {
	return &Past{
		Rows: func(context.Context) iter.Seq2[inventory.Identity, error] {
			return func(yield func(inventory.Identity, error) bool) {
				for _, e := range rows {
					if !yield(inventory.Identity{ID: e.ID, Book: e.Book, Type: e.Type, Key: e.Key, Name: e.Name, Source: e.Source, Identifiers: e.Identifiers}, nil) {
						return
					}
				}
			}
		},
		Ended: func(context.Context) iter.Seq2[inventory.Ended, error] {
			return func(yield func(inventory.Ended, error) bool) {
				for _, e := range ended {
					if !yield(e, nil) {
						return
					}
				}
			}
		},
	}
}

func endedAt(id int64, source string, at time.Time, ids ...inventory.Identifier) inventory.Ended {
	return inventory.Ended{LastSeen: at, Identity: inventory.Identity{ID: id, Book: inventory.Observed, Type: server, Key: source + string(rune('a'+id)), Source: source, Identifiers: ids}}
}

func TestGhostTellsWhenItWasObserved(t *testing.T) {
	fqdn := inventory.Identifier{Kind: inventory.FQDN, Value: "Web.example.com."}
	covered := append(scopes(inventory.RunOK, inventory.RunOK), scope(inventory.Observed, "agents", inventory.RunOK, inventory.Coverage{Types: []string{"datacenter/*"}}))
	ghost := row("SRV-1", server, id(inventory.FQDN, "web.example.com"))
	for _, tt := range []struct {
		name string
		past func(rows []*inventory.Entry) *Past
		want string
	}{
		{"nobody knows", func([]*inventory.Entry) *Past { return nil }, "dc lists SRV-1, and it is not there"},
		{"nothing ever ended", func(rows []*inventory.Entry) *Past { return past(rows) }, "dc lists SRV-1, and it is not there; no scan ever observed it"},
		{"something else ended", func(rows []*inventory.Entry) *Past {
			return past(rows, endedAt(900, "agents", night.Add(-48*time.Hour), inventory.Identifier{Kind: inventory.FQDN, Value: "db.example.com"}))
		}, "dc lists SRV-1, and it is not there; no scan ever observed it"},
		{"it ended twice", func(rows []*inventory.Entry) *Past {
			return past(rows, endedAt(900, "agents", night.Add(-24*time.Hour), fqdn), endedAt(900, "agents", night.Add(-72*time.Hour), fqdn))
		}, "dc lists SRV-1, and it is not there; it was last observed 2026-02-28T02:00:00Z"},
		{"two that ended had its name", func(rows []*inventory.Entry) *Past {
			return past(rows, endedAt(900, "agents", night.Add(-24*time.Hour), fqdn), endedAt(901, "agents", night.Add(-72*time.Hour), fqdn))
		}, "dc lists SRV-1, and it is not there; whether it ever was cannot be told, since others shared its identifier"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			entries := []*inventory.Entry{ghost}
			in := inputs(t, entries, covered)
			in.Past = tt.past(entries)
			v, err := newJudge(in).ghost(t.Context(), &rules.Entity{Recorded: entries})
			if err != nil || v.Message != tt.want {
				t.Errorf("%s: %q, %v", v.Outcome, v.Message, err)
			}
		})
	}
}

func TestGhostTellsOfAStoreThatFails(t *testing.T) {
	entries := []*inventory.Entry{row(arnA, ec2)}
	in := inputs(t, entries, allRead)
	broken := errors.New("disk on fire")
	in.Past = &Past{Ended: func(context.Context) iter.Seq2[inventory.Ended, error] {
		return func(yield func(inventory.Ended, error) bool) { yield(inventory.Ended{}, broken) }
	}}
	if _, err := newJudge(in).ghost(t.Context(), &rules.Entity{Recorded: entries}); !errors.Is(err, broken) || !strings.Contains(err.Error(), "read what was observed") {
		t.Errorf("got %v", err)
	}
}

// TestAgentsAndUnrecorded: what a list of agents holds is there, and a register that proves only presence covers nothing.
func TestAgentsAndUnrecorded(t *testing.T) {
	web := agent("web", id(inventory.FQDN, "web.example.com"), checked(-time.Hour))
	keeps := agents(inventory.RunOK)
	keeps[1].Scope.Covers = inventory.Coverage{Types: []string{"datacenter/*"}}
	listing := agents(inventory.RunOK)
	listing[1].Scope.Covers = inventory.Coverage{Types: []string{"datacenter/*"}, PresenceOnly: true}
	run(t, "records/unrecorded", []test{
		{"unknown: the list was not read", []*inventory.Entry{web}, append(agents(inventory.RunFailed)[:1:1], keeps[1], agents(inventory.RunFailed)[3]), []string{"unknown web: agents s was not read whole: failed (denied)"}},
		{"an agent without a row", []*inventory.Entry{web}, keeps, []string{"fail web: no register has a row of it, and dc keeps such things"}},
		{"a register that proves presence only", []*inventory.Entry{web}, listing, nil},
	})
}

// TestStrangeStage: a row whose stage nobody understands is no ghost, and what another register says of the thing counts.
func TestStrangeStage(t *testing.T) {
	says := func(name, text string) edit { return has(name, inventory.StringValue(text)) }
	run(t, "records/ghost", []test{
		{
			"unknown: a word that nobody mapped",
			[]*inventory.Entry{row(arnA, ec2, says("status", "In Stock"), says("operational_status", "Non-Operational"))},
			allRead,
			[]string{"unknown " + arnA + `: dc says status "In Stock", operational_status "Non-Operational", and nobody told which stage that is, so that it may not be in use: a status_map tells`},
		},
		{"a register without such a column", []*inventory.Entry{row(arnA, ec2)}, allRead, []string{"fail " + arnA + ": dc lists " + arnA + ", and it is not there"}},
		{"an empty cell", []*inventory.Entry{row(arnA, ec2, says("status", "-"))}, allRead, []string{"fail " + arnA + ": dc lists " + arnA + ", and it is not there"}},
		{"understood", []*inventory.Entry{row(arnA, ec2, says("status", "Live"), stage(inventory.LifecycleActive))}, allRead, []string{"fail " + arnA + ": dc lists " + arnA + ", and it is not there"}},
		{
			"another register calls it planned",
			[]*inventory.Entry{row(arnA, ec2, says("status", "Lent")), row(arnA, ec2, stage(inventory.LifecyclePlanned), from("assets"))},
			allRead, nil,
		},
	})
}
