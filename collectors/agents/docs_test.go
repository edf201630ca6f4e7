package agents_test

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/muster-audit/muster/collectors/agents"
	"github.com/muster-audit/muster/inventory"
)

// TestDocumentationNamesEverything looks for every option, identifier and attribute in docs/agents.md.
func TestDocumentationNamesEverything(t *testing.T) {
	page, err := os.ReadFile("../../docs/agents.md")
	if err != nil {
		t.Fatal(err)
	}
	names := []string{"last_check_in", "check_in_limit", "os", "kernel", "manufacturer", "model", "cpus", "memory_mb", "agent_version", "agent_state", "environment", "roles"}
	for f := range reflect.TypeFor[agents.Options]().Fields() {
		names = append(names, f.Tag.Get("yaml"))
	}
	for _, k := range []inventory.IdentifierKind{
		inventory.ARN, inventory.InstanceID, inventory.UUID, inventory.Serial, inventory.AssetTag, inventory.MAC, inventory.FQDN, inventory.Hostname,
		inventory.PrivateIP, inventory.PublicIP,
	} {
		names = append(names, string(k))
	}
	for _, name := range names {
		if !strings.Contains(string(page), "`"+name+"`") {
			t.Errorf("the page does not name %q", name)
		}
	}
}
