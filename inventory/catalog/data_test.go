package catalog

import (
	"io/fs"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/muster-audit/muster/inventory"
)

// TestPatternsMatch finds patterns that match no type, which are slips of the pen.
func TestPatternsMatch(t *testing.T) {
	c := mustLoad(t)
	all := c.types().keys()
	for written := range c.rows {
		all = append(all, string(written))
	}
	for _, tf := range c.tfTypes().keys() {
		all = append(all, terraformPrefix+tf)
	}
	for written := range c.terraform {
		all = append(all, terraformPrefix+written)
	}
	for _, f := range dataSpecs(t) {
		for class, list := range f.Classes {
			if !slices.Contains(Classes(), class) {
				t.Errorf("class %q does not exist", class)
			}
			checkPatterns(t, all, list)
		}
		checkPatterns(t, all, f.Global)
		checkPatterns(t, all, f.Billable)
		checkPatterns(t, all, f.Virtual)
		for _, s := range f.Suppress {
			checkPatterns(t, all, s.Types)
		}
	}
}

// withoutTypes are utility providers of whose resources the catalog lists none.
var withoutTypes = []string{"terraform/archive_file", "terraform/template_dir", "terraform/external_*", "terraform/http_*", "terraform/cloudinit_config"}

func checkPatterns(t *testing.T, types, patterns []string) {
	t.Helper()
	for _, p := range patterns {
		if slices.Contains(withoutTypes, p) {
			continue
		}
		if !slices.ContainsFunc(types, func(name string) bool { return inventory.MatchGlob(p, name) }) {
			t.Errorf("pattern %q matches no type", p)
		}
	}
}

// TestSuppressionsAskForWhatIsKept makes sure that what a suppression needs is something that collectors are told to keep.
func TestSuppressionsAskForWhatIsKept(t *testing.T) {
	c := mustLoad(t)
	for _, f := range dataSpecs(t) {
		for _, s := range f.Suppress {
			if !strings.HasPrefix(s.Source, "https://docs.aws.amazon.com/") && !strings.HasPrefix(s.Source, "https://cloud.google.com/") {
				t.Errorf("%s: source %q is not the provider's documentation", s.ID, s.Source)
			}
			for name := range s.Attributes {
				checkKept(t, c, s, name)
			}
		}
	}
}

func checkKept(t *testing.T, c *Catalog, s Suppression, name string) {
	t.Helper()
	for _, typ := range s.Types {
		r, ok := c.Type(inventory.Type(typ))
		_, compared := r.Attribute(name)
		if !ok || !compared && !slices.Contains(r.Evidence, name) {
			t.Errorf("%s: nobody is told to keep %s of %s: add it to the type's evidence or attributes", s.ID, name, typ)
		}
	}
}

// dataSpecs reads every data file by itself.
func dataSpecs(t *testing.T) []fileSpec {
	t.Helper()
	var list []fileSpec
	err := fs.WalkDir(dataFiles, "data", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(dataFiles, path)
		if err != nil {
			return err
		}
		var f fileSpec
		if err := yaml.Unmarshal(text, &f); err != nil {
			return err
		}
		list = append(list, f)
		return nil
	})
	if err != nil || len(list) == 0 {
		t.Fatalf("read %d data files: %v", len(list), err)
	}
	return list
}
