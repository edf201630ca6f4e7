package terraform

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/inventory"
)

func TestScopes(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{
		"states/prod/net.tfstate", "states/prod/net.tfstate.backup", "states/prod/.terraform/terraform.tfstate",
		"states/prod/net.tflock", "states/prod/.terraform.tfstate.lock.info", "states/prod/.net.tfstate.lock.info",
		"states/dev/net.tfstate", "old/a.tfstate.backup",
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("{}"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct {
		name  string
		paths []string
		want  []string
	}{
		{"a glob leaves out what is no state", []string{"states/**"}, []string{"states/dev/net.tfstate", "states/prod/net.tfstate"}},
		{"what is named is read", []string{"old/a.tfstate.backup"}, []string{"old/a.tfstate.backup"}},
		{"two globs, each file once", []string{"states/*/*.tfstate", "states/dev/net.tfstate"}, []string{"states/dev/net.tfstate", "states/prod/net.tfstate"}},
		{"a file that is not there is a scope", []string{"gone.tfstate"}, []string{"gone.tfstate"}},
		{"a glob without a match is a scope", []string{"none/*.tfstate"}, []string{"none/*.tfstate"}},
		{"a glob that matches backups only is a scope", []string{"old/*"}, []string{"old/*"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			list, err := newCollector(t, dir, &Options{Paths: tt.paths}).Scopes(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var ids []string
			for _, s := range list {
				ids = append(ids, s.ID)
				if !s.Covers.Derived {
					t.Errorf("%s: coverage %+v claims to know what a state cannot", s.ID, s.Covers)
				}
			}
			if d := cmp.Diff(tt.want, ids); d != "" {
				t.Errorf("scopes (-want +got):\n%s", d)
			}
		})
	}
}

func TestScopesThatFail(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "old"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "old", "a.tfstate.backup"), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"gone.tfstate":   `file "gone.tfstate" does not exist`,
		"none/*.tfstate": `no file matches "none/*.tfstate"`,
		"old/*":          `glob "old/*" matches backups, locks or pointers only`,
		"old":            `folder "old" holds no Terraform code`,
	} {
		c := newCollector(t, dir, &Options{Paths: []string{path}})
		list, err := c.Scopes(t.Context())
		if err != nil || len(list) != 1 {
			t.Fatalf("%s: got %d scopes, %v", path, len(list), err)
		}
		out := &sink{}
		if err := c.Collect(t.Context(), list[0], out); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got error %v, want %q", path, err, want)
		}
		if len(out.assets) > 0 {
			t.Errorf("%s: got %d assets of nothing", path, len(out.assets))
		}
	}
}

func TestValidate(t *testing.T) {
	tests := []struct {
		name    string
		options Options
		want    []string
	}{
		{"whole", Options{Paths: []string{"a.tfstate"}}, nil},
		{"no paths", Options{}, []string{"paths"}},
		{"negative age", Options{Paths: []string{"a"}, MaxAge: -1}, []string{"max_age"}},
		{"broken glob", Options{Paths: []string{"a", "["}}, []string{"paths[1]"}},
	}
	for _, tt := range tests {
		var got []string
		for _, e := range tt.options.Validate() {
			got = append(got, e.Option)
			if e.Message == "" {
				t.Errorf("%s: %s has no message", tt.name, e.Option)
			}
		}
		if d := cmp.Diff(tt.want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, d)
		}
	}
}

func TestSpecRefusesOtherOptions(t *testing.T) {
	c := newCollector(t, t.TempDir(), &Options{})
	if _, err := Spec().New(c.env, inventory.Source{}, "x"); err == nil {
		t.Error("options of another kind were taken")
	}
}
