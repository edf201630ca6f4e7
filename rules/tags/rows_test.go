package tags

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
)

// registerRow makes a row of a register; its id is that of its place in the tests.
func registerRow(id int64, source string, tags inventory.Tags) *inventory.Entry {
	return &inventory.Entry{ID: id, Source: source, Scope: source + ".csv", Asset: inventory.Asset{
		Key: source + "-1", Book: inventory.Recorded, Type: "datacenter/server", Tags: tags, Origin: inventory.Origin{File: source + ".csv", Line: 7},
	}}
}

// keepsOnly tells that registers keep the tags listed as "source key", and no other.
func keepsOnly(list ...string) Keeps {
	return func(_ context.Context, row *inventory.Entry, keys []string) (bool, error) {
		return slices.ContainsFunc(keys, func(k string) bool { return slices.Contains(list, row.Source+" "+k) }), nil
	}
}

// TestRegisters: what is only recorded is untagged if a register that keeps the tag has no value, and no other has one.
func TestRegisters(t *testing.T) {
	retired := func(e *inventory.Entry) *inventory.Entry { e.Lifecycle = inventory.LifecycleRetired; return e }
	unread := func(e *inventory.Entry) *inventory.Entry { e.TagsUnconfirmed = true; return e }
	unmapped := keepsOnly()
	for _, tt := range []struct {
		name, id string
		keeps    Keeps
		rows     []*inventory.Entry
		want     string
	}{
		{"unknown: the register has no such tag", "owner", unmapped, []*inventory.Entry{registerRow(1, "netbox", known("rack", "R1"))}, `unknown: no row of netbox bears the tag "owner": the register seems not to keep it`},
		{"unknown: its tags were not read", "owner", nil, []*inventory.Entry{unread(registerRow(1, "netbox", known()))}, "unknown: its tags could not be read"},
		{"unknown: no register keeps tags", "owner", nil, []*inventory.Entry{registerRow(1, "netbox", inventory.UnknownTags())}, "unknown: its tags could not be read"},
		{"missing", "owner", keepsOnly("netbox owner"), []*inventory.Entry{registerRow(1, "netbox", known("rack", "R1"))}, `fail netbox-1: tag "owner" is missing (also accepted: Owner, team)`},
		{"missing, by another spelling", "owner", keepsOnly("netbox team"), []*inventory.Entry{registerRow(1, "netbox", known())}, `fail netbox-1: tag "owner" is missing (also accepted: Owner, team)`},
		{"in the other register", "owner", nil, []*inventory.Entry{registerRow(1, "netbox", known()), registerRow(2, "snow", known("owner", "payments"))}, "pass"},
		{"missing in the one that keeps it", "owner", keepsOnly("snow owner"), []*inventory.Entry{registerRow(1, "netbox", known()), registerRow(2, "snow", known())}, `fail snow-1: tag "owner" is missing (also accepted: Owner, team)`},
		{"the other knows of no tags", "owner", nil, []*inventory.Entry{registerRow(1, "netbox", inventory.UnknownTags()), registerRow(2, "snow", known("owner", "payments"))}, "pass"},
		{"a wrong value in one of two", "cost-center", nil, []*inventory.Entry{registerRow(1, "netbox", known("cost-center", "cc-1010")), registerRow(2, "snow", known("cost-center", "x"))}, `fail snow-1: tag "cost-center" has the value "x": the whole of it must match cc-[0-9]{4}`},
		{"prohibited in one of two", "no-secrets", nil, []*inventory.Entry{registerRow(1, "netbox", known()), registerRow(2, "snow", known("token", "x"))}, `fail snow-1: tag "token" is prohibited`},
		{"retired", "owner", nil, []*inventory.Entry{retired(registerRow(1, "netbox", known()))}, "not applicable: the register calls it retired"},
		{"retired in one of two", "owner", nil, []*inventory.Entry{retired(registerRow(1, "netbox", known())), registerRow(2, "snow", known("owner", "payments"))}, "pass"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v := checkRegister(t, tt.id, tt.keeps, tt.rows)
			got := v.Outcome.String()
			if v.Outcome == rules.Fail {
				key := tt.rows[0].Key
				if v.Asset != nil {
					key = v.Asset.Key
				}
				got += " " + key
			}
			if text := v.Reason + v.Message; text != "" {
				got += ": " + text
			}
			if got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func checkRegister(t *testing.T, id string, keeps Keeps, rows []*inventory.Entry) rules.Verdict {
	t.Helper()
	for _, r := range Rules(mustParse(t, policyText), mustCatalog(t), now, keeps) {
		if r.Meta().ID == "tags/"+id {
			v, err := r.Check(t.Context(), &rules.Entity{Recorded: rows})
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
	}
	t.Fatalf("the policy has no rule %s", id)
	return rules.Verdict{}
}

func TestRegisterThatCannotBeAsked(t *testing.T) {
	broken := errors.New("disk on fire")
	for _, r := range Rules(mustParse(t, policyText), mustCatalog(t), now, func(context.Context, *inventory.Entry, []string) (bool, error) { return false, broken }) {
		if r.Meta().ID != "tags/owner" {
			continue
		}
		if _, err := r.Check(t.Context(), &rules.Entity{Recorded: []*inventory.Entry{registerRow(1, "netbox", known())}}); !errors.Is(err, broken) {
			t.Errorf("got %v", err)
		}
	}
}

// TestHostsAreNoCode: a list of the hosts to be configured is not where the tags of a cloud's instance are set.
func TestHostsAreNoCode(t *testing.T) {
	host := &inventory.Entry{Asset: inventory.Asset{Book: inventory.Declared, Type: "datacenter/vm", Key: "hosts.ini#web", Tags: inventory.UnknownTags(), Origin: inventory.Origin{File: "hosts.ini", Line: 3}}}
	e := &rules.Entity{Observed: []*inventory.Entry{instance(known())}, Declared: []*inventory.Entry{host}}
	v := check(t, "owner", e)
	if v.Origin == host.Origin || v.Fix != check(t, "owner", observed(instance(known()))).Fix {
		t.Errorf("%v: %s", v.Origin, v.Fix)
	}
}
