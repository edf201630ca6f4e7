package builtin_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/muster-audit/muster/collectors/builtin"
)

// TestEveryCollectorIsListed looks for packages beside this one that have a Spec.
func TestEveryCollectorIsListed(t *testing.T) {
	reg, err := builtin.Registry()
	if err != nil {
		t.Fatal(err)
	}
	sources, err := filepath.Glob("../*/*.go")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{} // by the name of the package, which has no hyphen
	for _, s := range reg.Specs() {
		listed[strings.ReplaceAll(s.Name, "-", "")] = true
	}
	found := 0
	for _, path := range sources {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(text), "\nfunc Spec() collectors.Spec {") {
			continue
		}
		found++
		name := filepath.Base(filepath.Dir(path))
		if !listed[name] {
			t.Errorf("collector %s is not in the list", name)
		}
	}
	if found != len(reg.Specs()) {
		t.Errorf("%d packages have a Spec, the list names %d", found, len(reg.Specs()))
	}
}

func TestSpecsAreComplete(t *testing.T) {
	reg, err := builtin.Registry()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range reg.Specs() {
		if s.Summary == "" || s.Reads == "" || strings.Contains(s.Summary, "\n") {
			t.Errorf("spec %s lacks its summary of one line, or what it reads", s.Name)
		}
		for _, b := range s.Books {
			if !b.Valid() {
				t.Errorf("spec %s: book %q is not one", s.Name, b)
			}
		}
	}
}
