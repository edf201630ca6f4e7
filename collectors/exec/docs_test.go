package exec_test

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/muster-audit/muster/collectors/exec"
	"github.com/muster-audit/muster/inventory"
)

// TestDocumentationHolds reads the examples of docs/exec.md, and looks for every field and option in it.
func TestDocumentationHolds(t *testing.T) {
	page, err := os.ReadFile("../../docs/exec.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "```json\n")
	examples, _, found := strings.Cut(rest, "```")
	if !found {
		t.Fatal("there is no example")
	}
	for line := range strings.Lines(examples) {
		if _, err := inventory.DecodeAsset([]byte(line)); err != nil {
			t.Errorf("example %s: %v", line, err)
		}
	}
	names := inventory.AssetFields()
	for _, k := range inventory.IdentifierKinds() {
		names = append(names, string(k))
	}
	for f := range reflect.TypeFor[exec.Options]().Fields() {
		names = append(names, f.Tag.Get("yaml"))
	}
	for _, name := range names {
		if !strings.Contains(string(page), "`"+name+"`") {
			t.Errorf("the page does not name %q", name)
		}
	}
}
