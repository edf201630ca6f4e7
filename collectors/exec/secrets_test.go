package exec_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/muster-audit/muster/collectors/exec"
	"github.com/muster-audit/muster/inventory"
)

// TestSecretsAreHashed: what is secret by its name does not leave the collector, whoever printed it.
func TestSecretsAreHashed(t *testing.T) {
	dir := t.TempDir()
	line := `{"key":"a","type":"AWS::EC2::Instance","attributes":{"InstanceType":"t3.micro","UserData":"s3cret",` +
		`"LaunchTemplateData":{"UserData":"s3cret"},"Environment":{"Variables":{"DSN":"s3cret"}},"MasterUserPassword":"s3cret"}}` + "\n"
	if err := os.WriteFile(filepath.Join(dir, "x"), []byte(line), 0o600); err != nil {
		t.Fatal(err)
	}
	out := &kept{}
	c := collector(t, dir, options(func(o *exec.Options) { o.Paths = []string{"x"} }))
	if err := c.Collect(t.Context(), inventory.Scope{ID: "x"}, out); err != nil {
		t.Fatal(err)
	}
	attributes := out.assets[0].Attributes
	if attributes.Len() != 5 {
		t.Errorf("%d attributes, want 5", attributes.Len())
	}
	for a := range attributes.All() {
		if strings.Contains(string(a.Value), "s3cret") {
			t.Errorf("%s holds the secret: %s", a.Name, a.Value)
		}
	}
	if v, _ := attributes.Get("InstanceType"); v != `"t3.micro"` {
		t.Errorf("InstanceType became %s", v)
	}
}
