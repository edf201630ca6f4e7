package records

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
)

const week = "168h0m0s"

func agent(key string, edits ...edit) *inventory.Entry {
	return entry(inventory.Observed, "agents", key, server, edits...)
}

// checked sets when an agent last reported, before or after the scan's start, and a limit of a week.
func checked(ago time.Duration) edit {
	return func(e *inventory.Entry) {
		has(lastCheckIn, inventory.StringValue(night.Add(ago).Format(time.RFC3339)))(e)
		has(checkInLimit, inventory.StringValue(week))(e)
	}
}

func attributes(list ...inventory.Attribute) edit {
	return func(e *inventory.Entry) { e.Attributes = inventory.KnownAttributes(list...) }
}

func created(ago time.Duration) edit { return func(e *inventory.Entry) { e.Created = night.Add(ago) } }

// agents are scopes with a listing of agents that proves nothing absent.
func agents(state inventory.RunState) []inventory.ScopeState {
	return append(scopes(inventory.RunOK, inventory.RunOK), scope(inventory.Observed, "agents", state, inventory.Coverage{PresenceOnly: true}))
}

func TestSilent(t *testing.T) {
	never := attributes(inventory.Attribute{Name: lastCheckIn, Value: inventory.Null}, inventory.Attribute{Name: checkInLimit, Value: inventory.StringValue(week)})
	ok := agents(inventory.RunOK)
	run(t, "records/silent", []test{
		{
			"unknown: the listing was not read",
			[]*inventory.Entry{agent("web", checked(-30*24*time.Hour))},
			agents(inventory.RunFailed),
			[]string{"unknown web: agents s was not read whole: failed (denied)"},
		},
		{
			"unknown: the time could not be read",
			[]*inventory.Entry{agent("web", attributes(
				inventory.Attribute{Name: lastCheckIn}, inventory.Attribute{Name: checkInLimit, Value: inventory.StringValue(week)}))},
			ok,
			[]string{"unknown web: last_check_in could not be read"},
		},
		{
			"unknown: the time is not set",
			[]*inventory.Entry{agent("web", has(checkInLimit, inventory.StringValue(week)))},
			ok,
			[]string{"unknown web: last_check_in could not be read"},
		},
		{
			"unknown: the time is that of an earlier scan",
			[]*inventory.Entry{agent("web", checked(-30*24*time.Hour), func(e *inventory.Entry) { e.AttributesUnconfirmed = []string{lastCheckIn} })},
			ok,
			[]string{"unknown web: last_check_in could not be read"},
		},
		{
			"unknown: the limit could not be read",
			[]*inventory.Entry{agent("web", attributes(
				inventory.Attribute{Name: checkInLimit}, inventory.Attribute{Name: lastCheckIn, Value: inventory.StringValue(night.Format(time.RFC3339))}))},
			ok,
			[]string{"unknown web: check_in_limit could not be read"},
		},
		{
			"unknown: no time at all",
			[]*inventory.Entry{agent("web", has(lastCheckIn, inventory.StringValue("yesterday")), has(checkInLimit, inventory.StringValue(week)))},
			ok,
			[]string{`unknown web: last_check_in is "yesterday", which is no time`},
		},
		{
			"unknown: no length of time",
			[]*inventory.Entry{agent("web", has(lastCheckIn, inventory.StringValue(night.Format(time.RFC3339))), has(checkInLimit, inventory.StringValue("a week")))},
			ok,
			[]string{`unknown web: check_in_limit is "a week", which is no length of time`},
		},
		{
			"unknown: never, and nobody knows since when",
			[]*inventory.Entry{agent("web", never)},
			ok,
			[]string{"unknown web: it never reported, and nobody knows since when it is registered"},
		},
		{
			"unknown: not yet",
			[]*inventory.Entry{agent("web", never, created(-24*time.Hour))},
			ok,
			[]string{"unknown web: it has not reported yet, and is not registered for longer than 7d"},
		},
		{"reports", []*inventory.Entry{agent("web", checked(-time.Hour))}, ok, []string{"pass web"}},
		{"at the limit", []*inventory.Entry{agent("web", checked(-7*24*time.Hour))}, ok, []string{"pass web"}},
		{"its clock is ahead", []*inventory.Entry{agent("web", checked(time.Hour))}, ok, []string{"pass web"}},
		{
			"silent",
			[]*inventory.Entry{agent("web", checked(-7*24*time.Hour-time.Second))},
			ok,
			[]string{"fail web: web by agents: it last reported 2026-02-22T01:59:59Z, more than 7d before the scan"},
		},
		{
			"never",
			[]*inventory.Entry{agent("web", never, created(-8*24*time.Hour))},
			ok,
			[]string{"fail web: web by agents: it never reported, and is registered since 2026-02-21T02:00:00Z"},
		},
		{"retired in its list", []*inventory.Entry{agent("web", checked(-30*24*time.Hour), stage(inventory.LifecycleRetired))}, ok, nil},
		{"retired in the register", []*inventory.Entry{
			agent("web", id(inventory.FQDN, "web.example.com"), checked(-30*24*time.Hour)), row("SRV-1", server, id(inventory.FQDN, "web.example.com"), stage(inventory.LifecycleRetired)),
		}, ok, nil},
		{
			"retired in one of two registers",
			[]*inventory.Entry{
				agent("web", id(inventory.FQDN, "web.example.com"), checked(-30*24*time.Hour)),
				row("SRV-1", server, id(inventory.FQDN, "web.example.com"), stage(inventory.LifecycleRetired)),
				row("SRV-9", server, id(inventory.FQDN, "web.example.com"), from("assets")),
			},
			append(ok, scope(inventory.Recorded, "assets", inventory.RunOK, anything)),
			[]string{"fail web: web by agents: it last reported 2026-01-30T02:00:00Z, more than 7d before the scan"},
		},
		{"no limit", []*inventory.Entry{agent("web", has(lastCheckIn, inventory.StringValue("2020-01-01T00:00:00Z")))}, ok, nil},
		{"a limit of nothing", []*inventory.Entry{agent("web", has(lastCheckIn, inventory.StringValue("2020-01-01T00:00:00Z")), has(checkInLimit, inventory.StringValue("0s")))}, ok, nil},
		{"no agent", []*inventory.Entry{seen(arnA)}, ok, nil},
	})
}

func TestSilentNeedsNoRegister(t *testing.T) {
	s := agents(inventory.RunOK)
	got := audit(t, "records/silent", []*inventory.Entry{agent("web", checked(-30*24*time.Hour))}, []inventory.ScopeState{s[0], s[3]})
	if len(got) != 1 {
		t.Errorf("without a register: %v", got)
	}
}

// TestSilentTellsWhatTheCloudKnows: whether the machine is there at all decides what to do about its agent.
func TestSilentTellsWhatTheCloudKnows(t *testing.T) {
	instance := id(inventory.InstanceID, "i-0aaaaaaaaaaaaaaaa")
	state := func(name string, v inventory.Value) edit { return has(name, v) }
	for _, tt := range []struct {
		name   string
		cloud  []*inventory.Entry
		scopes []inventory.ScopeState
		want   string
	}{
		{"stopped", []*inventory.Entry{seen(arnA, instance, state("State.Name", inventory.StringValue("stopped")))}, agents(inventory.RunOK), "aws says that it is stopped"},
		{"running, as an object", []*inventory.Entry{seen(arnA, instance, state("State", `{"Name":"running"}`))}, agents(inventory.RunOK), "aws says that it is running"},
		{"there", []*inventory.Entry{seen(arnA, instance)}, agents(inventory.RunOK), "aws says that it is there"},
		{"absent", nil, agents(inventory.RunOK), "absent: no source that covers AWS::EC2::Instance holds it"},
		{
			"not read",
			[]*inventory.Entry{seen(arnA, instance)},
			append(scopes(inventory.RunFailed, inventory.RunOK), agents(inventory.RunOK)[3]),
			"whether aws still has it is not known: aws s was not read whole: failed (denied)",
		},
		{"not read, and not known before", nil, append(scopes(inventory.RunFailed, inventory.RunOK), agents(inventory.RunOK)[3]), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := agent("web", instance, checked(-30*24*time.Hour))
			entries := append([]*inventory.Entry{a}, tt.cloud...)
			v := newJudge(inputs(t, entries, tt.scopes)).silent(&rules.Entity{Observed: entries})
			got := ""
			for _, e := range v.Evidence[1:] {
				got += e.Text
			}
			if diff := cmp.Diff(tt.want, got); diff != "" || v.Outcome != rules.Fail {
				t.Errorf("%s (-want +got):\n%s", v.Outcome, diff)
			}
		})
	}
}

// TestSilentKeepsItsFingerprint: of two agents the verdict speaks of the same one, whichever is silent.
func TestSilentKeepsItsFingerprint(t *testing.T) {
	a, b := agent("a"), agent("b", from("other"))
	for _, ago := range [][2]time.Duration{{-time.Hour, -time.Hour}, {-999 * time.Hour, -time.Hour}, {-time.Hour, -999 * time.Hour}, {-999 * time.Hour, -999 * time.Hour}} {
		a.Attributes, b.Attributes = inventory.KnownAttributes(), inventory.KnownAttributes()
		checked(ago[0])(a)
		checked(ago[1])(b)
		s := append(agents(inventory.RunOK), scope(inventory.Observed, "other", inventory.RunOK, inventory.Coverage{PresenceOnly: true}))
		v := newJudge(inputs(t, []*inventory.Entry{a, b}, s)).silent(&rules.Entity{Observed: []*inventory.Entry{a, b}})
		if v.Asset.Key != "a" {
			t.Errorf("%v: the verdict speaks of %s", ago, v.Asset.Key)
		}
	}
}

func TestStaleRows(t *testing.T) {
	at := func(ago time.Duration) edit {
		return has(lastSeen, inventory.StringValue(night.Add(ago).Format(time.RFC3339)))
	}
	const day = 24 * time.Hour
	old := ": dc itself last saw SRV-1 at 2026-01-20T02:00:00Z, more than 30d before the scan"
	run(t, "records/stale", []test{
		{
			"unknown: the row was not read",
			[]*inventory.Entry{row("SRV-1", server, at(-40*day))},
			scopes(inventory.RunOK, inventory.RunFailed),
			[]string{"unknown SRV-1: dc s was not read whole: failed (denied)"},
		},
		{
			"unknown: reality was not read",
			[]*inventory.Entry{row(arnA, ec2, at(-40*day)), seen(arnA)},
			scopes(inventory.RunFailed, inventory.RunOK),
			[]string{"unknown " + arnA + ": aws s was not read whole: failed (denied)"},
		},
		{
			"unknown: no time",
			[]*inventory.Entry{row("SRV-1", server, has(lastSeen, inventory.StringValue("31.1.2026")))},
			allRead,
			[]string{"unknown SRV-1: last_seen of the row is no time as RFC 3339 writes it, or could not be read"},
		},
		{
			"unknown: could not be read",
			[]*inventory.Entry{row("SRV-1", server, attributes(inventory.Attribute{Name: lastSeen}))},
			allRead,
			[]string{"unknown SRV-1: last_seen of the row is no time as RFC 3339 writes it, or could not be read"},
		},
		{"stale", []*inventory.Entry{row("SRV-1", server, at(-40*day))}, allRead, []string{"fail SRV-1" + old}},
		{"fresh", []*inventory.Entry{row("SRV-1", server, at(-29*day))}, allRead, []string{"pass SRV-1"}},
		{"observed now", []*inventory.Entry{row(arnA, ec2, at(-400*day)), seen(arnA)}, allRead, []string{"pass " + arnA}},
		{"only a silent agent's list holds it", []*inventory.Entry{
			row("SRV-1", server, at(-40*day), id(inventory.FQDN, "web.example.com")), agent("web", id(inventory.FQDN, "web.example.com"), checked(-40*day)),
		}, agents(inventory.RunOK), []string{"fail SRV-1" + old}},
		{"another register saw it", []*inventory.Entry{
			row("SRV-1", vm, at(-40*day), id(inventory.ARN, arnA)), row("A-1", vm, at(-day), id(inventory.ARN, arnA), from("assets")),
		}, twoRegisters(inventory.RunOK, inventory.RunOK), []string{"pass SRV-1"}},
		{"does not say", []*inventory.Entry{row("SRV-1", server)}, allRead, nil},
		{"an empty cell", []*inventory.Entry{row("SRV-1", server, has(lastSeen, inventory.Null))}, allRead, nil},
		{"retired", []*inventory.Entry{row("SRV-1", server, at(-400*day), stage(inventory.LifecycleRetired))}, allRead, nil},
		{"planned", []*inventory.Entry{row("SRV-1", server, at(-400*day), stage(inventory.LifecyclePlanned))}, allRead, nil},
	})
	entries := []*inventory.Entry{row("SRV-1", server, at(-40*day))}
	for limit, want := range map[time.Duration]rules.Outcome{0: rules.NotApplicable, 41 * day: rules.Pass, day: rules.Fail} {
		in := inputs(t, entries, allRead)
		in.Policy = &rules.Policy{Records: rules.RecordsPolicy{StaleAfter: limit}}
		if v := newJudge(in).staleRow(&rules.Entity{Recorded: entries}); v.Outcome != want {
			t.Errorf("after %s: %s, want %s", limit, v.Outcome, want)
		}
	}
}
