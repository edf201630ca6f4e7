package gcp

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/gcp/gcptest"
	"github.com/muster-audit/muster/collectors/gcp/session"
	"github.com/muster-audit/muster/inventory"
)

// refuse answers the calls whose service and path hold a text.
func (e *estate) refuse(part string, a gcptest.Answer) {
	e.Intrude(func(c gcptest.Call) *gcptest.Answer {
		if strings.Contains(c.Service+c.Path, part) {
			return &a
		}
		return nil
	})
}

// withBeside adds what is read besides the inventory in each project of a list of scopes.
func withBeside(want []string, projects ...string) []string {
	for _, p := range projects {
		want = append(want, "projects/"+p+"/cloudfunctions", "projects/"+p+"/cloudscheduler")
	}
	return slices.Sorted(slices.Values(want))
}

func TestScopes(t *testing.T) {
	e := newEstate(t)
	both := []string{"acme-dev", "acme-prod"}
	for name, tt := range map[string]struct {
		o    Options
		in   []string // projects that are read
		want []string
	}{
		"organization": {Options{Organization: "organizations/1"}, both, []string{"organizations/1/resources", "projects/acme-dev/compute", "projects/acme-old/*", "projects/acme-prod/compute"}},
		"excluded":     {Options{Organization: "1", Exclude: []string{"*-old", "*-dev"}}, both[1:], []string{"organizations/1/resources", "projects/acme-prod/compute"}},
		"folder":       {Options{Folder: "10"}, both[:1], []string{"folders/10/resources", "projects/acme-dev/compute"}},
		"list":         {Options{Organization: "1", Inventory: inventoryList}, both, []string{"organizations/1/resources", "projects/acme-dev/compute", "projects/acme-old/*", "projects/acme-prod/compute"}},
		"no compute":   {Options{Folder: "20", Compute: computeInventory}, both[:1], []string{"folders/20/resources"}},
		"compute only": {Options{Folder: "20", Types: []string{"compute.googleapis.com/Instance"}}, nil, []string{"projects/acme-dev/compute"}},
		"projects":     {Options{Projects: []string{"acme-prod"}}, both[1:], []string{"projects/acme-prod/compute", "projects/acme-prod/resources"}},
		"glob":         {Options{Projects: []string{"acme-p*", "acme-prod", "*-old"}}, both[1:], []string{"projects/acme-old/*", "projects/acme-prod/compute", "projects/acme-prod/resources"}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := ids(t, newTest(t, e, tt.o)); !slices.Equal(got, withBeside(tt.want, tt.in...)) {
				t.Errorf("scopes %q, want %q and those of %q", got, tt.want, tt.in)
			}
		})
	}
}

func TestSuspended(t *testing.T) {
	e := newEstate(t)
	for _, o := range []Options{{Organization: "1"}, {Projects: []string{"acme-old"}}, {Organization: "1", Inventory: inventoryOff}} {
		s := scopesOf(t, newTest(t, e, o))["projects/acme-old/*"]
		r := read(t.Context(), newTest(t, e, o), s)
		if r.reason() != inventory.ReasonSuspended || !strings.Contains(r.err.Error(), "DELETE_REQUESTED") || !slices.Equal(s.StandsFor, []string{s.ID}) {
			t.Errorf("%+v: %v, %+v", o, r.err, s)
		}
	}
}

// A project that cannot be entered, and a glob without any, fail for themselves and stand for all that was there.
func TestProjectRefused(t *testing.T) {
	e := newEstate(t)
	c := newTest(t, e, Options{Projects: []string{"acme-gone", "acme-prod", "other-*"}})
	scopes := scopesOf(t, c)
	for id, words := range map[string]string{"projects/acme-gone/*": "or it may not exist", "projects/other-*/*": "no project that these credentials may see"} {
		s, ok := scopes[id]
		r := read(t.Context(), c, s)
		if !ok || r.err == nil || r.reason().Skips() || !strings.Contains(r.err.Error(), words) || !slices.Equal(s.StandsFor, []string{id}) {
			t.Errorf("%s: %t %v %+v", id, ok, r.err, s)
		}
	}
	if r := read(t.Context(), c, scopes["projects/acme-prod/resources"]); r.err != nil || len(r.assets) != 4 {
		t.Errorf("the other project: %v, %q", r.err, r.keys())
	}
}

func skips(err error) bool {
	var e *collectors.Error
	return errors.As(err, &e) && e.Skip
}

// absences are the ways in which the inventory is none that could be read.
func absences() map[string]gcptest.Answer {
	return map[string]gcptest.Answer{
		"not enabled": gcptest.Disabled(inventoryService, "101"), "narrow scope": gcptest.NarrowScope(inventoryService),
	}
}

// Where the inventory is not enabled, that is told, and each service is read by its own API.
func TestInventoryNotEnabled(t *testing.T) {
	for name, answer := range absences() {
		for _, o := range []Options{{Organization: "1"}, {Projects: []string{"acme-dev", "acme-prod"}}, {Organization: "1", Compute: computeInventory}} {
			t.Run(name, func(t *testing.T) {
				e := newEstate(t)
				e.refuse(inventoryService, answer)
				c := newTest(t, e, o)
				scopes := scopesOf(t, c)
				for _, project := range []string{"acme-dev", "acme-prod"} {
					for _, a := range allAPIs() {
						if _, ok := scopes["projects/"+project+"/"+a.name]; !ok {
							t.Errorf("%s of %s is no scope", a.name, project)
						}
					}
				}
				found := 0
				for id, s := range scopes {
					if strings.HasSuffix(id, "/resources") {
						found++
						r := read(t.Context(), c, s)
						if !skips(r.err) || !strings.Contains(r.err.Error(), "each service is read by its own API") || !s.Covers.PresenceOnly {
							t.Errorf("%s: %v", id, r.err)
						}
					}
				}
				if want := max(1, len(o.Projects)); found != want {
					t.Errorf("%d scopes of the inventory, want %d", found, want)
				}
			})
		}
	}
}

// Where the inventory is refused, its scope fails and nothing takes its place: what to do is told.
func TestInventoryDenied(t *testing.T) {
	e := newEstate(t)
	e.refuse(inventoryService, gcptest.Denied("cloudasset.assets.searchAllResources", "organizations/1"))
	for root, o := range map[string]Options{"organizations/1": {Organization: "1"}, "projects/acme-prod": {Projects: []string{"acme-prod"}}} {
		c := newTest(t, e, o)
		scopes := scopesOf(t, c)
		for id := range scopes {
			if !strings.HasSuffix(id, "/compute") && !beside(lastSegment(id)) && !strings.HasSuffix(id, "/*") && id != root+"/resources" {
				t.Errorf("%s took the inventory's place", id)
			}
		}
		r := read(t.Context(), c, scopes[root+"/resources"])
		if r.reason() != inventory.ReasonDenied || skips(r.err) || !strings.Contains(r.err.Error(), "muster collectors --iam gcp") {
			t.Errorf("%s: %v", root, r.err)
		}
		if m := read(t.Context(), c, scopes["projects/acme-prod/compute"]); m.err != nil || len(m.assets) != 1 {
			t.Errorf("compute: %v, %q", m.err, m.keys())
		}
	}
}

// A root that cannot be listed is an error: then nobody knows what the scopes are, and none of before is retired.
func TestRootUnlisted(t *testing.T) {
	e := newEstate(t)
	for name, tt := range map[string]struct {
		o      Options
		part   string
		answer gcptest.Answer
		reason inventory.RunReason
	}{
		"broken":        {Options{Organization: "1"}, inventoryService, gcptest.Broken(), inventory.ReasonError},
		"throttled":     {Options{Organization: "1"}, inventoryService, gcptest.RateLimited(inventoryService, "101"), inventory.ReasonThrottled},
		"wrong number":  {Options{Organization: "1"}, inventoryService, gcptest.Invalid("Invalid scope."), inventory.ReasonError},
		"expired":       {Options{Organization: "1"}, inventoryService, gcptest.Unauthenticated(), inventory.ReasonExpired},
		"both denied":   {Options{Organization: "1"}, "", gcptest.Denied(permList, "organizations/1"), inventory.ReasonDenied},
		"folder denied": {Options{Organization: "1", Inventory: inventoryOff}, "/v3/folders", gcptest.Denied(permFolders, "folders/10"), inventory.ReasonDenied},
		"search":        {Options{Projects: []string{"acme-*"}}, "projects:search", gcptest.Unavailable(0), inventory.ReasonError},
	} {
		e.refuse(tt.part, tt.answer)
		if _, err := newTest(t, e, tt.o).Scopes(t.Context()); err == nil || session.ReasonOf(err) != tt.reason {
			t.Errorf("%s: error %v, want reason %s", name, err, tt.reason)
		}
	}
}

// Without the inventory, folders in folders are gone through.
func TestDescend(t *testing.T) {
	e := newEstate(t)
	c := newTest(t, e, Options{Organization: "1", Inventory: inventoryOff})
	scopes := scopesOf(t, c)
	for _, id := range []string{"projects/acme-dev/compute", "projects/acme-prod/compute", "projects/acme-old/*"} {
		if _, ok := scopes[id]; !ok {
			t.Errorf("%s is no scope", id)
		}
	}
	if _, ok := scopes["organizations/1/resources"]; ok {
		t.Error("the inventory is off")
	}
	for _, call := range e.Calls() {
		if call.Service == inventoryService {
			t.Errorf("asked the inventory for %s", call.Path)
		}
	}
}

// An API that is not enabled in a project is skipped: there is nothing of it there. If it is the project of the quota where it is not
// enabled, nobody knows what there is.
func TestAPINotEnabled(t *testing.T) {
	e := newEstate(t)
	for name, tt := range map[string]struct {
		answer gcptest.Answer
		skips  bool
	}{
		"in the project":      {gcptest.Disabled(computeService, "101"), true},
		"by its id":           {gcptest.DisabledLegacy(computeService, "acme-prod"), true},
		"where the quota is":  {gcptest.Disabled(computeService, "102"), false},
		"in an unknown one":   {gcptest.Disabled(computeService, "999"), false},
		"nobody says where":   {gcptest.Failure{Code: 403, Status: "PERMISSION_DENIED", Reason: "SERVICE_DISABLED", Message: "off"}.Answer(), false},
		"no quota project":    {gcptest.NoQuotaProject(computeService), false},
		"billing is disabled": {gcptest.Unbilled("acme-prod"), false},
	} {
		c := newTest(t, e, Options{Projects: []string{"acme-prod"}, QuotaProject: "acme-dev"})
		scope := scopesOf(t, c)["projects/acme-prod/compute"]
		e.refuse(computeService, tt.answer)
		r := read(t.Context(), c, scope)
		if r.err == nil || skips(r.err) != tt.skips || tt.skips && r.reason() != inventory.ReasonNotEnabled {
			t.Errorf("%s: %v, skips %t", name, r.err, skips(r.err))
		}
		e.Intrude(nil)
	}
}

func TestDefaultProject(t *testing.T) {
	e := newEstate(t)
	t.Setenv("GOOGLE_CLOUD_PROJECT", "acme-dev")
	if got := ids(t, newTest(t, e, Options{})); !slices.Equal(got, withBeside([]string{"projects/acme-dev/compute", "projects/acme-dev/resources"}, "acme-dev")) {
		t.Errorf("scopes %q", got)
	}
	t.Setenv("GOOGLE_CLOUD_PROJECT", "")
	if _, err := newTest(t, e, Options{}).Scopes(t.Context()); err == nil || !strings.Contains(err.Error(), "give projects, folder or organization") {
		t.Errorf("error %v", err)
	}
}

func TestPlanCancelled(t *testing.T) {
	e := newEstate(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, o := range []Options{{Organization: "1"}, {Projects: []string{"acme-prod"}}} {
		if _, err := newTest(t, e, o).Scopes(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
	}
}
