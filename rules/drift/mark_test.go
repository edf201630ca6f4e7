package drift

import (
	"testing"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
	"github.com/muster-audit/muster/rules/drift/reach"
)

// TestStacksThatAreCovered: only who reads a stack knows that it no longer holds something.
func TestStacksThatAreCovered(t *testing.T) {
	lineages := &LineageIndex{}
	lineages.note(&inventory.Identity{Book: inventory.Declared, Lineage: "pulumi:shop/prod", Source: "infra", Scope: "prod.json", Lifecycle: inventory.LifecycleActive})
	o := &inventory.Entry{Asset: inventory.Asset{
		Account: "111122223333", Region: "eu-west-1", Tags: inventory.KnownTags(inventory.Tag{Key: "pulumi:project", Value: "shop"}),
	}}
	live := inventory.ScopeState{
		Source: inventory.Source{Name: "stacks", Collector: "cloudformation", Book: inventory.Declared},
		Scope:  inventory.Scope{ID: "s", Covers: inventory.Coverage{Types: []string{"AWS::*"}, Accounts: []string{"111122223333"}, Regions: []string{"eu-west-1"}}},
		Run:    inventory.ScopeRun{State: inventory.RunOK},
	}
	elsewhere := live
	elsewhere.Scope.Covers.Accounts = []string{"444455556666"}
	templates := live
	templates.Scope.Covers.PresenceOnly = true
	for _, tt := range []struct {
		name       string
		scope      inventory.ScopeState
		provenance catalog.Provenance
		want       bool
	}{
		{"the stack's export", live, catalog.Provenance{Tool: "pulumi", Tag: "pulumi:project", Subject: "prod"}, true},
		{"another stack's export", live, catalog.Provenance{Tool: "pulumi", Tag: "pulumi:project", Subject: "dev"}, false},
		{"live stacks there", live, catalog.Provenance{Tool: "cloudformation"}, true},
		{"live stacks elsewhere", elsewhere, catalog.Provenance{Tool: "cloudformation"}, false},
		{"templates alone", templates, catalog.Provenance{Tool: "cloudformation"}, false},
	} {
		list := []inventory.ScopeState{tt.scope}
		j := &judge{Inputs: Inputs{Lineages: lineages, Scopes: list}, reach: reach.New(list, tt.scope.Run.Started)}
		if got := j.coversStacks(o, tt.provenance); got != tt.want {
			t.Errorf("%s: %t", tt.name, got)
		}
	}
}
