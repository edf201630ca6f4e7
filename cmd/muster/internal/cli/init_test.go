package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const aState = `{"version":4,"terraform_version":"1.11.4","serial":3,"lineage":"6a1f0f9e-1111-2222-3333-444455556666","outputs":{},"resources":[]}`

// TestInit: whatever lies about, the config that init writes loads, and doctor and audit run on it.
func TestInit(t *testing.T) {
	for _, tt := range []struct {
		name  string
		files map[string]string
		found string
		audit int // exit code
	}{
		{"nothing", nil, "found 0 Terraform states, 0 register exports, 0 asset lists", exitCannotRun},
		{"states", map[string]string{"a.tfstate": aState, "deep/er/b.tfstate": aState}, "found 2 Terraform states, 0", exitPassed},
		{"register", map[string]string{"cmdb/servers.csv": "Name,IP Address\nweb-1,10.0.0.1\n"}, "1 register export,", exitPassed},
		{"list", map[string]string{"seen.ndjson": `{"key":"a","type":"AWS::SQS::Queue","tags":{}}`}, "1 asset list\n", exitPassed},
		{"other CSV", map[string]string{"prices.csv": "description,zip\nmachine,1\n"}, "0 register exports", exitCannotRun},
		{"hostile names", map[string]string{`a "b": {c}/it's #1.tfstate`: aState, "x: y.ndjson": `{"key":"a","type":"AWS::SQS::Queue"}`}, "found 1 Terraform state,", exitPassed},
		{"passed over", map[string]string{".terraform/terraform.tfstate": aState, "node_modules/x.ndjson": "", "out/y.ndjson": ""}, "found 0 Terraform states, 0 register exports, 0 asset lists", exitCannotRun},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			for name, text := range tt.files {
				writeHere(t, name, text)
			}
			if out := runHere(t, exitPassed, "init"); !strings.Contains(out, tt.found) {
				t.Errorf("lacks %q: %s", tt.found, out)
			}
			runHere(t, exitPassed, "doctor")
			runHere(t, exitPassed, "policy", "lint")
			out := runHere(t, tt.audit, "audit", "--format", "none")
			if tt.audit == exitCannotRun && !strings.Contains(out, "no sources are configured") {
				t.Error(out)
			}
			if out := runHere(t, exitCannotRun, "init"); !strings.Contains(out, "muster.yaml is there already: keep it, or overwrite it with --force") {
				t.Error(out)
			}
			runHere(t, exitPassed, "init", "--force")
		})
	}
}

func writeHere(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// runHere runs a command line in the current folder and returns all that it printed.
func runHere(t *testing.T, code int, args ...string) string {
	t.Helper()
	s := &stage{}
	if got := Main(args, s); got != code {
		t.Fatalf("%v: exit code %d, want %d\n%s%s", args, got, code, &s.out, &s.err)
	}
	return s.out.String() + s.err.String()
}
