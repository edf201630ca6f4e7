package gcp

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/muster-audit/muster/collectors/gcp/direct"
	"github.com/muster-audit/muster/collectors/gcp/gcptest"
)

// role is a custom role as gcloud reads it from a file. Reference: "REST Resource: projects.roles".
type role struct {
	Title, Description, Stage string
	IncludedPermissions       []string `yaml:"includedPermissions"`
}

func printed(t *testing.T) role {
	t.Helper()
	text, err := Permissions()
	if err != nil {
		t.Fatal(err)
	}
	var r role
	if err := yaml.Unmarshal(text, &r); err != nil {
		t.Fatalf("the role is no YAML: %v\n%s", err, text)
	}
	return r
}

func TestRole(t *testing.T) {
	r := printed(t)
	if r.Title == "" || r.Description == "" || len(r.Description) > 256 || r.Stage != "GA" {
		t.Errorf("role %+v", r)
	}
	sorted := slices.Sorted(slices.Values(r.IncludedPermissions))
	if len(slices.Compact(slices.Clone(sorted))) != len(sorted) {
		t.Error("a permission is there twice")
	}
	reads := regexp.MustCompile(`^[a-z]+\.[a-zA-Z]+\.(list|get|searchAllResources|listResource|use)$`)
	for _, p := range sorted {
		if !reads.MatchString(p) || strings.HasSuffix(p, ".use") && p != permUse {
			t.Errorf("permission %s does not sound like a read", p)
		}
	}
	for _, p := range direct.Permissions() {
		if !slices.Contains(sorted, p) {
			t.Errorf("permission %s of the services' own APIs is missing", p)
		}
	}
	for _, g := range grants() {
		if !slices.IsSorted(g.permissions) {
			t.Errorf("%s: not sorted", g.why)
		}
	}
}

// neededFor says which permission a call takes, as Google's reference of each method does.
func neededFor(t *testing.T, c gcptest.Call) string {
	path := strings.Trim(c.Path, "/")
	last := lastSegment(path)
	switch {
	case c.Service == computeService && strings.Contains(path, "/regions/"), c.Service == computeService:
		return "compute." + last + ".list"
	case strings.HasSuffix(path, ":searchAllResources"):
		return "cloudasset.assets.searchAllResources"
	case c.Service == inventoryService:
		return "cloudasset.assets.listResource"
	case path == "v3/projects":
		return permList
	case path == "v3/folders":
		return permFolders
	case path == "v3/projects:search", strings.HasPrefix(path, "v3/projects/"):
		return permGet
	case c.Service == serviceUsage:
		return permServices
	}
	t.Fatalf("nobody knows what %s %s takes", c.Service, path)
	return ""
}

// TestRoleIsEnough scans and examines in every way, and looks for a permission for every call in the role. Those of the services' own APIs are
// held against their table by TestRole, and the table against Google's by the tests of package direct.
func TestRoleIsEnough(t *testing.T) {
	e := newEstate(t)
	has := printed(t).IncludedPermissions
	own := map[string]bool{}
	for _, a := range directAPIs() {
		own[a.service] = a.service != resourceManager
	}
	for _, o := range []Options{{Organization: "1"}, {Organization: "1", Inventory: inventoryOff}, {Projects: []string{"acme-prod", "acme-*"}, Inventory: inventoryList}} {
		c := newTest(t, e, o)
		for _, s := range scopesOf(t, c) {
			read(t.Context(), c, s)
		}
		if _, err := examined(t, c); err != nil {
			t.Fatal(err)
		}
	}
	calls := 0
	for _, c := range e.Calls() {
		if own[c.Service] || c.Method == "POST" {
			continue
		}
		calls++
		if p := neededFor(t, c); !slices.Contains(has, p) {
			t.Errorf("%s %s takes %s, which the role lacks", c.Service, c.Path, p)
		}
	}
	if calls < 100 {
		t.Errorf("%d calls: this is no full scan", calls)
	}
}

func TestDocumentedPermissions(t *testing.T) {
	text, err := os.ReadFile(guide)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{permGet, permUse, permServices, permList, permFolders, "cloudasset.assets.searchAllResources", "cloudasset.assets.listResource"} {
		if !strings.Contains(string(text), "`"+p+"`") {
			t.Errorf("%s does not name %s", guide, p)
		}
	}
}
