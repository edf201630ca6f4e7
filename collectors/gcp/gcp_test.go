package gcp

import (
	"slices"
	"strings"
	"testing"

	"github.com/muster-audit/muster/collectors/gcp/compute"
	"github.com/muster-audit/muster/collectors/gcp/gcptest"
	"github.com/muster-audit/muster/inventory"
)

func TestReadsOrganization(t *testing.T) {
	e := newEstate(t)
	e.perPage = 3
	c := newTest(t, e, Options{Organization: "1"})
	scopes := scopesOf(t, c)
	r := read(t.Context(), c, scopes["organizations/1/resources"])
	want := []string{
		"//apikeys.googleapis.com/projects/acme-dev/locations/global/keys/k1", "//apikeys.googleapis.com/projects/acme-prod/locations/global/keys/k1",
		"//cloudresourcemanager.googleapis.com/projects/acme-dev", "//cloudresourcemanager.googleapis.com/projects/acme-old",
		"//cloudresourcemanager.googleapis.com/projects/acme-prod",
		"//pubsub.googleapis.com/projects/acme-dev/topics/events", "//pubsub.googleapis.com/projects/acme-prod/topics/events",
		"//storage.googleapis.com/acme-dev-logs", "//storage.googleapis.com/acme-prod-logs",
	}
	if r.err != nil || !slices.Equal(r.keys(), want) {
		t.Fatalf("error %v, keys %q", r.err, r.keys())
	}
	bucket := r.assets["//storage.googleapis.com/acme-prod-logs"]
	if team, _ := bucket.Tags.Get("team"); team.Value != "search" || bucket.Account != "acme-prod" || bucket.Region != "eu" || bucket.Shallow || bucket.Origin.Call != "cloudasset.assets.searchAllResources" {
		t.Errorf("bucket %+v", bucket)
	}
	if v, _ := bucket.Attributes.Get("resourceManagerTags"); v != inventory.StringsValue([]string{"1/env=prod"}) {
		t.Errorf("resource-manager tags %s", v)
	}
	if topic := r.assets["//pubsub.googleapis.com/projects/acme-prod/topics/events"]; topic.Account != "acme-prod" || topic.Tags.State() != inventory.Known || topic.Tags.Len() != 0 {
		t.Errorf("topic %+v", topic)
	}
	if key := r.assets["//apikeys.googleapis.com/projects/acme-prod/locations/global/keys/k1"]; !key.Shallow || key.Tags.State() == inventory.Known {
		t.Errorf("a thing without details: %+v", key)
	}
	m := read(t.Context(), c, scopes["projects/acme-prod/compute"])
	web := m.assets["//compute.googleapis.com/projects/acme-prod/zones/europe-west1-b/instances/web-1"]
	if owner, _ := web.Tags.Get("owner"); m.err != nil || len(m.assets) != 1 || owner.Value != "payments" || web.Zone != "europe-west1-b" {
		t.Errorf("error %v, machines %v", m.err, m.keys())
	}
	if r.calls["cloudasset.googleapis.com:searchAllResources"] != 4 || m.calls["compute.googleapis.com:aggregated/instances"] != 1 {
		t.Errorf("calls %v, %v", r.calls, m.calls)
	}
}

// What has a scope of its own is not in the inventory's, and the other way round, whatever the options are.
func TestEveryTypeHasOneScope(t *testing.T) {
	e := newEstate(t)
	for _, o := range []Options{{}, {Compute: computeInventory}, {Inventory: inventoryList}, {Inventory: inventoryList, Compute: computeInventory}} {
		o.Projects = []string{"acme-prod"}
		c := newTest(t, e, o)
		owner := map[string]string{}
		for id, s := range scopesOf(t, c) {
			r := read(t.Context(), c, s)
			if r.err != nil {
				t.Errorf("%s: %v", id, r.err)
			}
			for key := range r.assets {
				if owner[key] != "" {
					t.Errorf("%+v: %s is in %s and %s", o, key, owner[key], id)
				}
				owner[key] = id
			}
		}
		if len(owner) != 5 {
			t.Errorf("%+v: %v", o, owner)
		}
	}
}

func TestCoverage(t *testing.T) {
	e := newEstate(t)
	c := newTest(t, e, Options{Organization: "organizations/1"})
	scopes := scopesOf(t, c)
	all, machines := scopes["organizations/1/resources"].Covers, scopes["projects/acme-dev/compute"].Covers
	if !slices.Equal(all.Accounts, []string{"acme-dev", "acme-prod"}) || !slices.IsSorted(all.Types) || all.PresenceOnly {
		t.Errorf("the inventory covers %+v", all)
	}
	for typ, want := range map[string]bool{
		"storage.googleapis.com/Bucket": true, projectType: true, "apikeys.googleapis.com/Key": false, "compute.googleapis.com/Instance": false,
		"compute.googleapis.com/Snapshot": false, "cloudfunctions.googleapis.com/Function": false, "sqladmin.googleapis.com/Database": false,
	} {
		if got := slices.Contains(all.Types, typ); got != want {
			t.Errorf("the inventory covers %s: %t, want %t", typ, got, want)
		}
	}
	if !slices.Contains(machines.Types, "compute.googleapis.com/Instance") || slices.Contains(machines.Types, snapshotType) || len(machines.Types) != len(compute.Types())-1 {
		t.Errorf("compute covers %v", machines.Types)
	}
}

// A scope that covers nothing for certain must not say that it covers all, which empty lists would.
func TestCoverageOfNothing(t *testing.T) {
	e := newEstate(t)
	for id, o := range map[string]Options{
		"projects/acme-prod/compute":   {Projects: []string{"acme-prod"}, Types: []string{snapshotType}},
		"projects/acme-prod/resources": {Projects: []string{"acme-prod"}, Types: []string{"apikeys.googleapis.com/Key"}},
		"organizations/1/resources":    {Organization: "1", Exclude: []string{"acme-*"}},
	} {
		s, ok := scopesOf(t, newTest(t, e, o))[id]
		if !ok || !s.Covers.PresenceOnly || s.Covers.Includes("compute.googleapis.com/Instance", "acme-prod", "") {
			t.Errorf("%s: %t %+v", id, ok, s.Covers)
		}
	}
}

func TestTypesLimitWhatIsAsked(t *testing.T) {
	e := newEstate(t)
	c := newTest(t, e, Options{Projects: []string{"acme-prod"}, Types: []string{"storage.googleapis.com/*", "pubsub.googleapis.com/Topic"}})
	scopes := scopesOf(t, c)
	if len(scopes) != 1 {
		t.Fatalf("scopes %v", scopes)
	}
	e.Calls()
	r := read(t.Context(), c, scopes["projects/acme-prod/resources"])
	if got := r.keys(); r.err != nil || !slices.Equal(got, []string{"//pubsub.googleapis.com/projects/acme-prod/topics/events", "//storage.googleapis.com/acme-prod-logs"}) {
		t.Errorf("error %v, keys %q", r.err, got)
	}
	if asked := e.Calls()[0].Query["assetTypes"]; !slices.Equal(asked, []string{projectType, `storage\.googleapis\.com/.*`, "pubsub.googleapis.com/Topic"}) {
		t.Errorf("asked for %q", asked)
	}
	if got := ids(t, newTest(t, e, Options{Projects: []string{"acme-prod"}, Types: []string{"apps.k8s.io/Deployment"}})); !slices.Equal(got, []string{"projects/acme-prod/resources"}) {
		t.Errorf("a type that only the inventory knows: scopes %q", got)
	}
	e.Intrude(func(c gcptest.Call) *gcptest.Answer {
		if len(c.Query["assetTypes"]) > 0 {
			a := gcptest.Invalid("asset type is not supported")
			return &a
		}
		return nil
	})
	if again := read(t.Context(), c, scopes["projects/acme-prod/resources"]); again.err != nil || !slices.Equal(again.keys(), r.keys()) {
		t.Errorf("types that the inventory does not take: error %v, keys %q", again.err, again.keys())
	}
}

// The same thing may come twice in a listing that goes on for pages, under the project's number and its id.
func TestTwoSpellings(t *testing.T) {
	e := newEstate(t)
	e.things = append(e.things, thing{project: "acme-prod", kind: "pubsub.googleapis.com/Topic", name: "//pubsub.googleapis.com/projects/acme-prod/topics/events", data: `{}`})
	c := newTest(t, e, Options{Projects: []string{"acme-prod"}})
	r := read(t.Context(), c, scopesOf(t, c)["projects/acme-prod/resources"])
	if r.err != nil || len(r.assets) != 4 || r.skipped != 0 {
		t.Errorf("error %v, %d skipped, keys %q", r.err, r.skipped, r.keys())
	}
}

// A project that planning did not find is looked up by its number. If it cannot be, its things would be others under the number, so they are
// left out, and the scope is partial.
func TestProjectOfWhichOnlyTheNumberIsKnown(t *testing.T) {
	e := newEstate(t)
	c := newTest(t, e, Options{Organization: "1"})
	scope := scopesOf(t, c)["organizations/1/resources"]
	late := fakeProject{"acme-new", "104", "organizations/1", "ACTIVE"}
	e.projects = append(e.projects, late)
	e.furnish(late)
	r := read(t.Context(), c, scope)
	if _, ok := r.assets["//pubsub.googleapis.com/projects/acme-new/topics/events"]; r.err != nil || !ok {
		t.Errorf("error %v, keys %q", r.err, r.keys())
	}
	c = newTest(t, e, Options{Organization: "1"})
	c.projects.add(project{id: "acme-prod", number: "101"})
	e.Intrude(func(c gcptest.Call) *gcptest.Answer {
		if c.Path == "/v3/projects/104" {
			a := gcptest.Denied(permGet, "projects/104")
			return &a
		}
		return nil
	})
	r = read(t.Context(), c, scope)
	if r.reason() != inventory.ReasonDenied || !strings.Contains(r.err.Error(), "projects whose id is not known") || strings.Contains(strings.Join(r.keys(), " "), "104") {
		t.Errorf("error %v, keys %q", r.err, r.keys())
	}
	if len(r.assets) == 0 {
		t.Error("the others are lost")
	}
}

// A whole scan sends GET and nothing else, and of the inventory its search or its list alone.
func TestOnlyReads(t *testing.T) {
	e := newEstate(t)
	for _, o := range []Options{{Organization: "1"}, {Projects: []string{"acme-*"}, Inventory: inventoryList}, {Folder: "10", Inventory: inventoryOff}} {
		c := newTest(t, e, o)
		for _, s := range scopesOf(t, c) {
			read(t.Context(), c, s)
		}
		for _, call := range e.Calls() {
			if call.Method != "GET" || call.Authorized || call.Body != "" {
				t.Errorf("sent %s %s %s", call.Method, call.Path, call.Body)
			}
			if call.Service == inventoryService && !strings.HasSuffix(call.Path, ":searchAllResources") && !strings.HasSuffix(call.Path, "/assets") {
				t.Errorf("asked the inventory for %s", call.Path)
			}
		}
	}
}
