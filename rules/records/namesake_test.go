package records

import (
	"context"
	"errors"
	"iter"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
)

// namesakes finds what bears a name among the entries, whose ids count from 1.
func namesakes(entries []*inventory.Entry) *Namesakes {
	return &Namesakes{
		Identities: past(entries).Rows,
		Entries: func(_ context.Context, ids []int64) ([]*inventory.Entry, error) {
			var list []*inventory.Entry
			for _, id := range ids {
				list = append(list, entries[id-1])
			}
			return list, nil
		},
	}
}

// TestNamesakes: what has another serial number or instance id under the name of a row is told, and a typo is one finding.
func TestNamesakes(t *testing.T) {
	fqdn := func(name string) edit { return id(inventory.FQDN, name+".example.com") }
	serial := func(s string) edit { return id(inventory.Serial, s) }
	covered := append(scopes(inventory.RunOK, inventory.RunOK), scope(inventory.Observed, "agents", inventory.RunOK, inventory.Coverage{Types: []string{"datacenter/*"}}))
	covered[1].Scope.Covers = inventory.Coverage{Types: []string{"datacenter/*"}}
	unread := append(scopes(inventory.RunOK, inventory.RunOK), scope(inventory.Observed, "agents", inventory.RunOK, inventory.Coverage{Types: []string{"datacenter/vm"}}))
	unread[1].Scope.Covers = covered[1].Scope.Covers
	for _, tt := range []struct {
		name    string
		scopes  []inventory.ScopeState
		entries []*inventory.Entry
		want    []string
	}{
		{
			"a typo is told once", covered,
			[]*inventory.Entry{row("SRV-1", server, named("web"), fqdn("web"), serial("7XK2Q03")), agent("agent/web", fqdn("WEB"), serial("7XK2Q08"))},
			[]string{
				"fail SRV-1: dc lists web with the serial 7XK2Q03, and nothing that has it is there; agent/web bears its fqdn web.example.com, with the serial 7XK2Q08 instead of 7XK2Q03, which looks like a typo" +
					" | correct the serial of the row in dc, or retire the row if the machine was replaced",
				"unknown agent/web: the row web in dc may be its, with a mistyped serial: see records/ghost",
			},
		},
		{
			"a typo, where no source covers such rows", unread,
			[]*inventory.Entry{row("SRV-1", server, named("web"), fqdn("web"), serial("7XK2Q03")), agent("agent/web", fqdn("web"), serial("7XK2Q08"))},
			[]string{
				"not applicable SRV-1: no observed source covers datacenter/server",
				"fail agent/web: no register has a row of it, and dc keeps such things; row web in dc bears its fqdn web.example.com, with the serial 7XK2Q03 instead of 7XK2Q08, which looks like a typo" +
					" | record it in dc, or correct the row web in dc if it is meant",
			},
		},
		{
			"another machine took the name", covered,
			[]*inventory.Entry{row("SRV-1", server, named("web"), fqdn("web"), serial("7XK2Q03")), agent("agent/web", fqdn("web"), serial("CZJ1234567"))},
			[]string{
				"fail SRV-1: dc lists web, and it is not there; agent/web bears its fqdn web.example.com, with the serial CZJ1234567 instead of 7XK2Q03" +
					" | retire the row in dc, or correct it if it is meant for agent/web",
				"fail agent/web: no register has a row of it, and dc keeps such things; row web in dc bears its fqdn web.example.com, with the serial 7XK2Q03 instead of CZJ1234567" +
					" | record it in dc, or correct the row web in dc if it is meant",
			},
		},
		{
			"two others have the name", covered,
			[]*inventory.Entry{
				row("SRV-1", server, named("web"), serial("7XK2Q03")), row("SRV-2", server, serial("AAAAAA1")), row("SRV-3", server, serial("BBBBBB1")),
				agent("agent/a", named("web"), serial("AAAAAA1")), agent("agent/b", named("web"), serial("BBBBBB1")),
			},
			[]string{
				"fail SRV-1: dc lists web, and it is not there | retire the row in dc, or find out where the thing went",
			},
		},
		{
			"unknown: what bears the name was not read", append(covered[:3:3], scope(inventory.Observed, "agents", inventory.RunFailed, inventory.Coverage{Types: []string{"datacenter/*"}})),
			[]*inventory.Entry{row("SRV-1", server, fqdn("web"), serial("7XK2Q03")), agent("agent/web", fqdn("web"), serial("7XK2Q08"))},
			[]string{"unknown SRV-1: agents s was not read whole: failed (denied)", "unknown agent/web: agents s was not read whole: failed (denied)"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in := inputs(t, tt.entries, tt.scopes)
			in.Namesakes = namesakes(tt.entries)
			j := newJudge(in)
			var got []string
			for _, e := range tt.entries[:len(tt.want)] {
				entity := &rules.Entity{}
				check := j.ghost
				if e.Book == inventory.Observed {
					entity.Observed, check = []*inventory.Entry{e}, j.unrecorded
				} else {
					entity.Recorded = []*inventory.Entry{e}
				}
				v, err := check(t.Context(), entity)
				if err != nil {
					t.Fatal(err)
				}
				text := v.Outcome.String()
				if v.Asset != nil {
					text = line(v)
				} else {
					text += " " + e.Key + ": " + v.Reason
				}
				if v.Outcome == rules.Fail {
					text += " | " + v.Fix
				}
				got = append(got, text)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestNamesakesTellOfAStoreThatFails(t *testing.T) {
	broken := errors.New("disk on fire")
	entries := []*inventory.Entry{row(arnA, ec2, named("web"))}
	in := inputs(t, entries, allRead)
	in.Namesakes = &Namesakes{Identities: func(context.Context) iter.Seq2[inventory.Identity, error] {
		return func(yield func(inventory.Identity, error) bool) { yield(inventory.Identity{}, broken) }
	}}
	if _, err := newJudge(in).ghost(t.Context(), &rules.Entity{Recorded: entries}); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}
