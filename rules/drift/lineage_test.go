package drift

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/inventory"
)

// stateScope is a state that was read whole, as old as given.
func stateScope(id string, written time.Time) inventory.ScopeState {
	s := scope(inventory.Declared, "terraform", "infra", id, inventory.RunOK)
	s.Run.DataTime = written
	return s
}

// held is a declaration in one of the states.
func held(key, state string, edits ...edit) *inventory.Entry {
	return declared(key, append([]edit{source("infra", state)}, edits...)...)
}

// TestCopiedState: a state and a copy of it that was forgotten claim nothing that only the copy says.
func TestCopiedState(t *testing.T) {
	old, now := night.Add(-48*time.Hour), night
	const copied = "a.bak.tfstate and a.tfstate have one lineage, and a.tfstate does not hold it: remove the one that is a copy"
	tests := []struct {
		name          string
		backup, state time.Time
		extra         []*inventory.Entry
		missing       []string
	}{
		{
			name: "only the older copy holds it", backup: old, state: now,
			extra:   []*inventory.Entry{held(arnB, "a.bak.tfstate", address("aws_instance.gone"))},
			missing: []string{"unknown " + arnB + ": " + copied},
		},
		{
			name: "only a copy of the same age holds it", backup: now, state: now,
			extra:   []*inventory.Entry{held(arnB, "a.bak.tfstate", address("aws_instance.gone"))},
			missing: []string{"unknown " + arnB + ": " + copied},
		},
		{
			name: "the newer state holds it, and the older copy not yet", backup: old, state: now,
			extra:   []*inventory.Entry{held(arnB, "a.tfstate", address("aws_instance.young"))},
			missing: []string{"fail " + arnB},
		},
		{
			name: "both hold it", backup: old, state: now,
			extra: []*inventory.Entry{
				held(arnB, "a.bak.tfstate", address("aws_instance.gone")), held(arnB, "a.tfstate", address("aws_instance.gone")),
			},
			missing: []string{"fail " + arnB},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			entries := []*inventory.Entry{seen(arnA), held(arnA, "a.bak.tfstate"), held(arnA, "a.tfstate")}
			w := estate{entries: append(entries, tt.extra...), scopes: []inventory.ScopeState{
				bothRead()[0], stateScope("a.bak.tfstate", tt.backup), stateScope("a.tfstate", tt.state),
			}}
			var got []string
			for _, v := range verdicts(t, w) {
				if v.rule == "drift/missing" && v.Asset != nil && v.Asset.Key == arnB {
					text := v.Outcome.String() + " " + v.Asset.Key
					if v.Reason != "" {
						text += ": " + v.Reason
					}
					got = append(got, text)
				}
			}
			if d := cmp.Diff(tt.missing, got); d != "" {
				t.Error(d)
			}
		})
	}
}

// TestContestedState: of two copies of one state with one age, neither makes a difference a finding.
func TestContestedState(t *testing.T) {
	for _, tt := range []struct {
		name   string
		backup time.Time
		want   string
	}{
		{"one age", night, "unknown"},
		{"the state is newer", night.Add(-time.Hour), "pass"},
		{"the copy is newer", night.Add(time.Hour), "fail"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := estate{entries: []*inventory.Entry{
				seen(arnA, has("InstanceType", "t3.large")),
				held(arnA, "a.bak.tfstate", has("InstanceType", "t3.micro")), held(arnA, "a.tfstate", has("InstanceType", "t3.large")),
			}, scopes: []inventory.ScopeState{bothRead()[0], stateScope("a.bak.tfstate", tt.backup), stateScope("a.tfstate", night)}}
			for _, v := range verdicts(t, w) {
				if v.rule == "drift/changed" && v.Outcome.String() != tt.want {
					t.Errorf("%s: %s%s, want %s", v.Outcome, v.Reason, v.Message, tt.want)
				}
			}
		})
	}
}

func address(a string) edit { return func(e *inventory.Entry) { e.Origin.Address = a } }
