package gcp

import (
	"slices"
	"strings"
	"testing"

	"github.com/muster-audit/muster/collectors/gcp/gcptest"
	"github.com/muster-audit/muster/inventory"
)

// forgets makes the inventory forget a project with all that is in it, though the resource manager knows it.
func (e *estate) forgets(id string) {
	e.Intrude(func(c gcptest.Call) *gcptest.Answer {
		if c.Service != inventoryService {
			return nil
		}
		kept := *e
		kept.projects = slices.DeleteFunc(slices.Clone(e.projects), func(p fakeProject) bool { return id == "" || p.id == id })
		c.Vars["root"], _, _ = strings.Cut(strings.TrimPrefix(c.Path, "/v1/"), ":")
		c.Vars["root"] = strings.TrimSuffix(c.Vars["root"], "/assets")
		answer := kept.search
		if strings.HasSuffix(c.Path, "/assets") {
			answer = kept.list
		}
		a := answer(c)
		return &a
	})
}

// An inventory that is empty, as it is for a while after it was enabled, ends nothing: its projects are known to be there.
func TestEmptyInventory(t *testing.T) {
	for root, o := range map[string]Options{
		"organizations/1": {Organization: "1"}, "projects/acme-prod": {Projects: []string{"acme-prod"}},
		"folders/10": {Folder: "10", Inventory: inventoryList, Types: []string{"storage.googleapis.com/Bucket"}},
	} {
		e := newEstate(t)
		e.forgets("")
		c := newTest(t, e, o)
		scopes := scopesOf(t, c)
		r := read(t.Context(), c, scopes[root+"/resources"])
		if r.err == nil || r.reason() != inventory.ReasonError || skips(r.err) || !strings.Contains(r.err.Error(), "not complete for a while") || len(r.assets) > 0 {
			t.Errorf("%s: %v, %q", root, r.err, r.keys())
		}
		if root == "organizations/1" {
			if _, ok := scopes["projects/acme-prod/compute"]; !ok {
				t.Errorf("the projects were forgotten with the inventory: %v", ids(t, c))
			}
		}
	}
}

// If nobody can tell whether a folder is empty, nothing is planned, and nothing is retired.
func TestEmptyInventoryAndNoResourceManager(t *testing.T) {
	e := newEstate(t)
	e.Intrude(func(c gcptest.Call) *gcptest.Answer {
		a := gcptest.Denied(permList, "organizations/1")
		if c.Service == inventoryService {
			a = gcptest.Answer{Body: `{}`}
		}
		return &a
	})
	_, err := newTest(t, e, Options{Organization: "1"}).Scopes(t.Context())
	if err == nil || !strings.Contains(err.Error(), "tells of no project below organizations/1") || !strings.Contains(err.Error(), permList) {
		t.Errorf("error %v", err)
	}
}

// A project that is too new for the inventory makes its scope partial: what it tells of others is there.
func TestInventoryBehind(t *testing.T) {
	e := newEstate(t)
	c := newTest(t, e, Options{Organization: "1"})
	scope := scopesOf(t, c)["organizations/1/resources"]
	e.forgets("acme-dev")
	r := read(t.Context(), c, scope)
	if r.err == nil || !strings.Contains(r.err.Error(), "does not tell of acme-dev, though") || len(r.assets) != 5 {
		t.Errorf("%v, %q", r.err, r.keys())
	}
}

// What is in clusters is not read unless it is asked for by name.
func TestClustersAreNotOpened(t *testing.T) {
	e := newEstate(t)
	const pod = "//container.googleapis.com/projects/acme-prod/locations/europe-west1/clusters/apps/k8s/namespaces/shop/pods/cart"
	e.things = append(e.things, thing{"acme-prod", "k8s.io/Pod", pod, map[string]string{"app": "cart"}, "", nil})
	for name, tt := range map[string]struct {
		types []string
		want  bool
	}{"all": {nil, false}, "Google's": {[]string{"*.googleapis.com/*"}, false}, "pods": {[]string{"k8s.io/Pod"}, true}} {
		c := newTest(t, e, Options{Projects: []string{"acme-prod"}, Types: tt.types})
		r := read(t.Context(), c, scopesOf(t, c)["projects/acme-prod/resources"])
		if _, found := r.assets[pod]; r.err != nil || found != tt.want {
			t.Errorf("%s: found %t, %v %q", name, found, r.err, r.keys())
		}
	}
}
