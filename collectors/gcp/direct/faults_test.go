package direct

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/gcp/gcptest"
	"github.com/muster-audit/muster/collectors/gcp/resource"
	"github.com/muster-audit/muster/collectors/gcp/session"
	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
)

// below reports whether a list goes by another one, if over several.
func (a *API) below(l, above *List) bool {
	for p := a.parent(l); p != nil; p = a.parent(p) {
		if p.Call == above.Call {
			return true
		}
	}
	return false
}

// A list that is refused says so, and takes with it what goes by it and nothing else.
func TestRefused(t *testing.T) {
	for _, api := range APIs() {
		for i := range api.Lists {
			l := &api.Lists[i]
			t.Run(api.Name+" "+l.Call, func(t *testing.T) {
				server := gcptest.New(t)
				serve(t, server, api)
				server.On(pattern(l), gcptest.Always(gcptest.Denied(l.Permissions[0], "projects/acme-prod")))
				list, err := listed(t, server, api, all)
				var e *collectors.Error
				if !errors.As(err, &e) || e.Reason != inventory.ReasonDenied || !strings.Contains(err.Error(), l.Call) || !strings.Contains(err.Error(), l.Permissions[0]) {
					t.Errorf("error %v", err)
				}
				kept := map[inventory.Type]bool{}
				for j := range api.Lists {
					for _, typ := range api.Lists[j].types() {
						kept[typ] = kept[typ] || j != i && !api.below(&api.Lists[j], l)
					}
				}
				for typ, want := range kept {
					if has := hasType(list, typ); has != want {
						t.Errorf("%s: listed %v, want %v", typ, has, want)
					}
				}
			})
		}
	}
}

func hasType(list []resource.Resource, typ inventory.Type) bool {
	for _, r := range list {
		if r.Type == typ {
			return true
		}
	}
	return false
}

// An API that is not enabled is said to be so, after one call of its own.
func TestDisabled(t *testing.T) {
	for _, api := range APIs() {
		t.Run(api.Name, func(t *testing.T) {
			server := gcptest.New(t)
			serve(t, server, api)
			server.Intrude(func(c gcptest.Call) *gcptest.Answer {
				if c.Service == "compute.googleapis.com" {
					return nil
				}
				a := gcptest.Disabled(api.Service, project)
				return &a
			})
			list, err := listed(t, server, api, all)
			if session.ReasonOf(err) != inventory.ReasonNotEnabled || len(list) > 0 || !strings.Contains(err.Error(), api.Service) {
				t.Errorf("%d resources: %v", len(list), err)
			}
			own := 0
			for _, c := range server.Calls() {
				if c.Service != "compute.googleapis.com" {
					own++
				}
			}
			if own != 1 {
				t.Errorf("%d calls", own)
			}
			if err := api.Probe(context.Background(), on(server), project); session.ReasonOf(err) != inventory.ReasonNotEnabled {
				t.Errorf("probe: %v", err)
			}
		})
	}
}

// That the service is not enabled which names the places says nothing of the service that is read.
func TestPlacesDisabled(t *testing.T) {
	for _, name := range []string{"dataproc", "composer"} {
		server, api := gcptest.New(t), apiNamed(t, name)
		serve(t, server, api)
		server.On("GET /compute/v1/projects/acme-prod/regions", gcptest.Always(gcptest.Disabled("compute.googleapis.com", project)))
		list, err := listed(t, server, api, all)
		if session.ReasonOf(err) != inventory.ReasonError || len(list) > 0 || !strings.Contains(err.Error(), "compute.googleapis.com") {
			t.Errorf("%s: %d resources: %v", name, len(list), err)
		}
		if err := api.Probe(context.Background(), on(server), project); session.ReasonOf(err) != inventory.ReasonError {
			t.Errorf("%s: probe: %v", name, err)
		}
	}
}

// What the API could not reach is named, and what it did reach is handed over.
func TestUnreachable(t *testing.T) {
	tested := 0
	for _, api := range APIs() {
		for i := range api.Lists {
			l := &api.Lists[i]
			if l.Unreachable == "" {
				continue
			}
			tested++
			t.Run(api.Name+" "+l.Call, func(t *testing.T) {
				server := gcptest.New(t)
				serve(t, server, api)
				a := answersOf(t, api)
				server.On(pattern(l), func(c gcptest.Call) gcptest.Answer {
					return gcptest.Answer{Body: missing(page(t, a, l, c).Body, l.Unreachable)}
				})
				list, err := listed(t, server, api, all)
				if session.ReasonOf(err) != inventory.ReasonError || !strings.Contains(err.Error(), l.Call) || strings.Count(err.Error(), "asia-east1") != 1 {
					t.Errorf("error %v", err)
				}
				for _, typ := range api.Types() {
					if !hasType(list, typ) {
						t.Errorf("no %s", typ)
					}
				}
			})
		}
	}
	if tested < 15 {
		t.Errorf("%d lists", tested)
	}
}

// missing adds to an answer that a place was not reached.
func missing(body, field string) string {
	name, inner, nested := strings.Cut(field, ".")
	value := `["projects/acme-prod/locations/asia-east1"]`
	switch {
	case field == "warnings":
		value = `[{"code": "REGION_UNREACHABLE", "region": "asia-east1"}]`
	case nested:
		value = `[{"` + inner + `": "asia-east1"}]`
	}
	body = strings.TrimSuffix(body, "}")
	if body != "{" {
		body += ","
	}
	return body + `"` + name + `": ` + value + "}"
}

// One parent whose children are refused does not stop those of others, and one that is gone by then has none.
func TestParents(t *testing.T) {
	const path = "GET /v1/projects/acme-prod/instances/ledger/databases"
	api := apiNamed(t, "spanner")
	two := func(t *testing.T) *gcptest.Server {
		server := gcptest.New(t)
		serve(t, server, api)
		server.On("GET /v1/projects/acme-prod/instances/wide/databases", gcptest.JSON(`{"databases": [{"name": "projects/acme-prod/instances/wide/databases/w"}]}`))
		return server
	}
	t.Run("refused", func(t *testing.T) {
		server := two(t)
		server.On(path, gcptest.Always(gcptest.Denied("spanner.databases.list", "projects/acme-prod/instances/ledger")))
		list, err := listed(t, server, api, all)
		if names(list) != "ledger,wide,w" || session.ReasonOf(err) != inventory.ReasonDenied || !strings.Contains(err.Error(), "ledger: ") {
			t.Errorf("%s: %v", names(list), err)
		}
	})
	t.Run("gone", func(t *testing.T) {
		server := two(t)
		server.On(path, gcptest.Always(gcptest.NotFound("projects/acme-prod/instances/ledger")))
		if list, err := listed(t, server, api, all); names(list) != "ledger,wide,w" || err != nil {
			t.Errorf("%s: %v", names(list), err)
		}
	})
	t.Run("no such method", func(t *testing.T) {
		server := two(t)
		server.On(path, gcptest.Always(gcptest.NoMethod()))
		if list, err := listed(t, server, api, all); names(list) != "ledger,wide,w" || session.ReasonOf(err) != inventory.ReasonError {
			t.Errorf("%s: %v", names(list), err)
		}
	})
	t.Run("throttled", func(t *testing.T) {
		server := two(t)
		server.On(path, gcptest.Always(gcptest.RateLimited("spanner.googleapis.com", project)))
		list, err := listed(t, server, api, all)
		if names(list) != "ledger,wide" || session.ReasonOf(err) != inventory.ReasonThrottled || !strings.Contains(err.Error(), "not tried for 1 more") {
			t.Errorf("%s: %v", names(list), err)
		}
	})
	t.Run("some not reached", func(t *testing.T) {
		server := two(t)
		server.On("GET /v1/projects/acme-prod/instances", gcptest.JSON(`{"instances": [{"name": "projects/acme-prod/instances/wide"}], "unreachable": ["projects/acme-prod/instances/ledger"]}`))
		list, err := listed(t, server, api, all)
		if names(list) != "wide,w" || session.ReasonOf(err) != inventory.ReasonError || !strings.Contains(err.Error(), "did not reach ledger") {
			t.Errorf("%s: %v", names(list), err)
		}
	})
}

// A dataset whose own answer is refused is there, and what its list leaves out is unknown.
func TestDetail(t *testing.T) {
	const path = "GET /bigquery/v2/projects/acme-prod/datasets/sales"
	api := apiNamed(t, "bigquery")
	datasets := func(typ inventory.Type) bool { return typ == "bigquery.googleapis.com/Dataset" }
	server := gcptest.New(t)
	serve(t, server, api)
	server.On(path, gcptest.Always(gcptest.Denied("bigquery.datasets.get", "projects/acme-prod/datasets/sales")))
	list, err := listed(t, server, api, datasets)
	if names(list) != "sales,scratch" || session.ReasonOf(err) != inventory.ReasonDenied || !strings.Contains(err.Error(), "sales") {
		t.Fatalf("%s: %v", names(list), err)
	}
	a, _, err := table(t).Asset(list[0])
	if err != nil {
		t.Fatal(err)
	}
	if v, ok := a.Attributes.Get("location"); !ok || v != `"EU"` {
		t.Errorf("location %s %v", v, ok)
	}
	if v, ok := a.Attributes.Get("defaultEncryptionConfiguration.kmsKeyName"); ok {
		t.Errorf("the key is known: %s", v)
	}
	server.On(path, gcptest.Always(gcptest.NotFound("acme-prod:sales")))
	if list, err := listed(t, server, api, datasets); names(list) != "scratch" || err != nil {
		t.Errorf("deleted meanwhile: %s: %v", names(list), err)
	}
}

// A list that tells only a part knows the labels only where it would tell them.
func TestPart(t *testing.T) {
	with, c := table(t), must(t)
	for _, api := range APIs() {
		server := gcptest.New(t)
		serve(t, server, api)
		list, err := listed(t, server, api, all)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range list {
			a, ok, err := with.Asset(r)
			if err != nil || !ok {
				t.Error(ok, err)
			}
			row, _ := c.Type(r.Type)
			want := row.Taggable
			if strings.HasSuffix(r.Name, "/jobs/2026-03-01_01_30_00-2") { // Dataflow need not tell labels in a list
				want = inventory.Unknown
			}
			if a.Tags.State() != want {
				t.Errorf("%s: labels %s, want %s", r.Name, a.Tags.State(), want)
			}
		}
	}
}

func must(t *testing.T) *catalog.Catalog {
	t.Helper()
	c, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A service need not be offered in each of the regions that another service names, but a call that all refuse is wrong.
func TestPlacesOfOthers(t *testing.T) {
	api := apiNamed(t, "composer")
	one, every := "GET /v1/projects/acme-prod/locations/us-central1/environments", "GET /v1/projects/acme-prod/locations/{place}/environments"
	refusals := map[string]gcptest.Answer{"invalid": gcptest.Invalid("Unexpected location: us-central1"), "not found": gcptest.NotFound("us-central1")}
	for name, a := range refusals {
		server := gcptest.New(t)
		serve(t, server, api)
		server.On(one, gcptest.Always(a))
		if list, err := listed(t, server, api, all); names(list) != "flows,bare" || err != nil {
			t.Errorf("%s: %s: %v", name, names(list), err)
		}
		server.On(every, gcptest.Always(a))
		list, err := listed(t, server, api, all)
		if len(list) > 0 || session.ReasonOf(err) != inventory.ReasonError || !strings.Contains(err.Error(), "also refused for us-central1") {
			t.Errorf("%s: %s: %v", name, names(list), err)
		}
	}
	server := gcptest.New(t)
	serve(t, server, api)
	server.On(one, gcptest.Always(gcptest.Failure{Code: 400, Status: "FAILED_PRECONDITION", Message: "Not now."}.Answer()))
	if list, err := listed(t, server, api, all); names(list) != "flows,bare" || session.ReasonOf(err) != inventory.ReasonError {
		t.Errorf("not for the place: %s: %v", names(list), err)
	}
	own := apiNamed(t, "cloudtasks")
	serve(t, server, own)
	server.On("GET /v2/projects/acme-prod/locations/us-central1/queues", gcptest.Always(gcptest.NotFound("us-central1")))
	if list, err := listed(t, server, own, all); names(list) != "mail,bare" || err == nil {
		t.Errorf("a place of its own that is not found: %s: %v", names(list), err)
	}
}
