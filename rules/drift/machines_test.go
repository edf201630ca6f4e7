package drift

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/inventory"
)

// An inventory of hosts declares no more of a machine than that it is there: however new, it does not stand in the way of the code
// that makes the machine, and any number of inventories may list it.
func TestListsOfMachines(t *testing.T) {
	id := func(e *inventory.Entry) {
		e.Identifiers = []inventory.Identifier{{Kind: inventory.ARN, Value: arnA}}
	}
	host := func(key string) *inventory.Entry {
		e := declared(key, typed("datacenter/server"), id, origin(inventory.Origin{File: key}))
		e.LastSeen = e.LastSeen.AddDate(1, 0, 0)
		return e
	}
	tests := []struct {
		name    string
		entries []*inventory.Entry
		want    []string
	}{
		{"unread is unknown, not clean", []*inventory.Entry{seen(arnA), host("hosts.ini#web")}, nil},
		{"beside a state that differs", []*inventory.Entry{
			seen(arnA, id, has("InstanceType", `"t3.large"`)), declared(arnA, id, has("InstanceType", `"t3.micro"`)), host("hosts.ini#web"),
		}, []string{"drift/changed " + arnA + ": InstanceType is t3.large, declared t3.micro"}},
		{"in two inventories", []*inventory.Entry{seen(arnA, id), host("a.ini#web"), host("b.ini#web")}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, failures(t, estate{entries: tt.entries, scopes: bothRead()})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// A machine that an agent reports has no tags of its own by which a tool could have marked it; a cloud's instance has.
func TestMachinesWithoutTags(t *testing.T) {
	noTags := func(e *inventory.Entry) { e.Tags = inventory.UnknownTags() }
	host := declared("hosts.ini#db", typed("datacenter/server"), func(e *inventory.Entry) {
		e.Identifiers = []inventory.Identifier{{Kind: inventory.FQDN, Value: "db.example.com"}}
	})
	machine := seen("chef/web", typed("datacenter/server"), noTags, func(e *inventory.Entry) {
		e.Identifiers = []inventory.Identifier{{Kind: inventory.FQDN, Value: "web.example.com"}}
	})
	scopes := bothRead()
	scopes[1].Held = []inventory.TypeAccount{{Type: "datacenter/server"}}
	got := failures(t, estate{entries: []*inventory.Entry{machine, seen(arnA, noTags), host}, scopes: scopes})
	if diff := cmp.Diff([]string{"drift/unmanaged chef/web: not declared in any code"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
