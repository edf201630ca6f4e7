package gcp

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/gcp/gcptest"
	"github.com/muster-audit/muster/collectors/gcp/session"
	"github.com/muster-audit/muster/inventory"
)

// estate is a made organization: three folders, projects in them, and a few things in these. Its answers have the forms that the discovery
// documents of the APIs describe.
type estate struct {
	*gcptest.Server
	projects []fakeProject
	things   []thing
	perPage  int // results on a page of the inventory at most; 0 is what is asked for
}

type fakeProject struct{ id, number, parent, state string }

// thing is what the inventory finds.
type thing struct {
	project, kind, name string // id of the project; type; full name
	labels              map[string]string
	data                string // JSON; empty for none
	more                map[string]any
}

// newEstate has a bucket, a topic by the project's number, a key without details and a machine in each project that is active.
func newEstate(t testing.TB) *estate {
	e := &estate{Server: gcptest.New(t), projects: []fakeProject{
		{"acme-dev", "102", "folders/20", "ACTIVE"},
		{"acme-old", "103", "organizations/1", "DELETE_REQUESTED"},
		{"acme-prod", "101", "organizations/1", "ACTIVE"},
	}}
	for _, p := range e.projects {
		if p.state == "ACTIVE" {
			e.furnish(p)
		}
	}
	e.serve()
	return e
}

func (e *estate) furnish(p fakeProject) {
	bucket := p.id + "-logs"
	e.things = append(e.things,
		thing{
			p.id, "storage.googleapis.com/Bucket", "//storage.googleapis.com/" + bucket,
			map[string]string{"team": "search"},
			`{"name":"` + bucket + `","location":"EU","storageClass":"STANDARD","labels":{"team":"search"},"timeCreated":"2026-01-02T03:04:05Z"}`,
			map[string]any{"location": "eu", "tags": []any{map[string]any{"tagKey": "1/env", "tagValue": "1/env/prod"}}},
		},
		thing{p.id, "pubsub.googleapis.com/Topic", "//pubsub.googleapis.com/projects/" + p.number + "/topics/events", nil, `{"name":"projects/` + p.id + `/topics/events"}`, nil},
		thing{p.id, "apikeys.googleapis.com/Key", "//apikeys.googleapis.com/projects/" + p.number + "/locations/global/keys/k1", nil, "", nil},
		thing{p.id, "compute.googleapis.com/Instance", "//compute.googleapis.com/projects/" + p.id + "/zones/europe-west1-b/instances/web-1", nil, instance(p.id), nil},
	)
}

func instance(project string) string {
	base := "https://www.googleapis.com/compute/v1/projects/" + project + "/zones/europe-west1-b"
	return `{"id":"1234567890123456789","name":"web-1","zone":"` + base + `","selfLink":"` + base + `/instances/web-1","status":"RUNNING",` +
		`"machineType":"` + base + `/machineTypes/e2-small","labels":{"owner":"payments"},"creationTimestamp":"2026-01-02T03:04:05.000-08:00"}`
}

func (e *estate) project(idOrNumber string) (fakeProject, bool) {
	for _, p := range e.projects {
		if p.id == idOrNumber || p.number == idOrNumber {
			return p, true
		}
	}
	return fakeProject{}, false
}

// below reports whether a project is below a root. Folder 20 is in folder 10, which is in organization 1.
func (p fakeProject) below(root string) bool {
	switch root {
	case "organizations/1", "projects/" + p.id, p.parent:
		return true
	}
	return root == "folders/10" && p.parent == "folders/20"
}

func (e *estate) serve() {
	for _, a := range directAPIs() { // what is below says more
		e.On("GET "+a.service+"/{path...}", gcptest.JSON(`{}`))
	}
	e.On("GET cloudasset.googleapis.com/v1/{root...}:searchAllResources", e.search)
	e.On("GET cloudasset.googleapis.com/v1/{root...}/assets", e.list)
	e.On("GET cloudresourcemanager.googleapis.com/v3/projects/{project}", func(c gcptest.Call) gcptest.Answer {
		p, ok := e.project(c.Vars["project"])
		if !ok {
			return gcptest.Denied(permGet, "//cloudresourcemanager.googleapis.com/projects/"+c.Vars["project"])
		}
		return gcptest.Answer{Body: p.v3()}
	})
	e.On("GET cloudresourcemanager.googleapis.com/v3/projects:search", func(gcptest.Call) gcptest.Answer {
		return gcptest.Answer{Body: e.v3(func(fakeProject) bool { return true })}
	})
	e.On("GET cloudresourcemanager.googleapis.com/v3/projects", func(c gcptest.Call) gcptest.Answer {
		return gcptest.Answer{Body: e.v3(func(p fakeProject) bool { return p.parent == c.Query.Get("parent") })}
	})
	e.On("GET cloudresourcemanager.googleapis.com/v3/folders", func(c gcptest.Call) gcptest.Answer {
		below := map[string]string{"organizations/1": "folders/10", "folders/10": "folders/20"}[c.Query.Get("parent")]
		if below == "" {
			return gcptest.Answer{Body: `{}`}
		}
		return gcptest.Answer{Body: `{"folders":[{"name":"` + below + `","state":"ACTIVE"}]}`}
	})
	e.On("POST cloudresourcemanager.googleapis.com/v3/{root...}:testIamPermissions", func(c gcptest.Call) gcptest.Answer { return gcptest.Answer{Body: c.Body} })
	e.On("GET serviceusage.googleapis.com/v1/projects/{project}/services", gcptest.JSON(`{"services":[{"name":"projects/101/services/compute.googleapis.com","state":"ENABLED"}]}`))
	e.On("GET compute.googleapis.com/compute/v1/projects/{project}/{list...}", func(c gcptest.Call) gcptest.Answer {
		if c.Vars["list"] == "aggregated/instances" {
			return gcptest.Answer{Body: `{"items":{"zones/europe-west1-b":{"instances":[` + instance(c.Vars["project"]) + `]}}}`}
		}
		return gcptest.Answer{Body: `{}`}
	})
}

func (p fakeProject) v3() string {
	return fmt.Sprintf(`{"name":"projects/%s","projectId":%q,"parent":%q,"state":%q,"displayName":%q}`, p.number, p.id, p.parent, p.state, p.id)
}

func (e *estate) v3(in func(fakeProject) bool) string {
	var list []string
	for _, p := range e.projects {
		if in(p) {
			list = append(list, p.v3())
		}
	}
	return `{"projects":[` + strings.Join(list, ",") + `]}`
}

// found are the things below a root, its projects too, of the types that a call names.
func (e *estate) found(c gcptest.Call) []thing {
	var list []thing
	root := strings.TrimSuffix(c.Vars["root"], "/")
	for _, p := range e.projects {
		if !p.below(root) {
			continue
		}
		all := append(slices.Clone(e.ofProject(p.id)), thing{
			project: p.id, kind: projectType, name: "//cloudresourcemanager.googleapis.com/projects/" + p.id,
			data: fmt.Sprintf(`{"projectId":%q,"projectNumber":%q,"lifecycleState":%q,"name":%q}`, p.id, p.number, p.state, p.id),
			more: map[string]any{"state": p.state},
		})
		for _, th := range all {
			if matchesAny(c.Query["assetTypes"], th.kind) {
				list = append(list, th)
			}
		}
	}
	return list
}

func (e *estate) ofProject(id string) []thing {
	var list []thing
	for _, th := range e.things {
		if th.project == id {
			list = append(list, th)
		}
	}
	return list
}

func matchesAny(expressions []string, kind string) bool {
	return len(expressions) == 0 || slices.ContainsFunc(expressions, func(x string) bool { return regexp.MustCompile("^(?:" + x + ")$").MatchString(kind) })
}

func (e *estate) search(c gcptest.Call) gcptest.Answer {
	return e.page(c, 500, "results", func(th thing, number string) map[string]any {
		r := map[string]any{"name": th.name, "assetType": th.kind, "project": "projects/" + number}
		if th.labels != nil {
			r["labels"] = th.labels
		}
		if th.data != "" {
			r["versionedResources"] = []any{map[string]any{"version": "v1", "resource": json.RawMessage(th.data)}}
		}
		maps.Copy(r, th.more)
		return r
	})
}

func (e *estate) list(c gcptest.Call) gcptest.Answer {
	return e.page(c, 1000, "assets", func(th thing, number string) map[string]any {
		r := map[string]any{"name": th.name, "assetType": th.kind, "ancestors": []string{"projects/" + number, "organizations/1"}}
		if th.data != "" {
			r["resource"] = map[string]any{"version": "v1", "data": json.RawMessage(th.data)}
		}
		return r
	})
}

// page answers with a page of what is found.
func (e *estate) page(c gcptest.Call, most int, items string, of func(th thing, number string) map[string]any) gcptest.Answer {
	size, _ := strconv.Atoi(c.Query.Get("pageSize"))
	if size = min(size, most); e.perPage > 0 {
		size = min(size, e.perPage)
	}
	all := e.found(c)
	from, _ := strconv.Atoi(c.Query.Get("pageToken"))
	to := min(from+size, len(all))
	doc, list := map[string]any{}, []any{}
	for _, th := range all[from:to] {
		p, _ := e.project(th.project)
		list = append(list, of(th, p.number))
	}
	doc[items] = list
	if to < len(all) {
		doc["nextPageToken"] = strconv.Itoa(to)
	}
	body, err := json.Marshal(doc)
	if err != nil {
		panic(err)
	}
	return gcptest.Answer{Body: string(body)}
}

// options are those of a source that reads the server, with the defaults of the config.
func options(o Options) Options {
	if o.Inventory == "" {
		o.Inventory = inventorySearch
	}
	if o.Compute == "" {
		o.Compute = computeAPI
	}
	return o
}

// newTest returns a collector that reads the estate without waiting between attempts.
func newTest(t testing.TB, e *estate, o Options) *collector {
	t.Helper()
	o = options(o)
	o.Endpoint = e.URL
	if problems := o.Validate(); len(problems) > 0 {
		t.Fatalf("options: %v", problems)
	}
	env := collectors.Env{Now: time.Now, Secret: inventory.NewSecretHash([]byte("0123456789abcdef"))}
	c, err := newCollector(env, inventory.Source{Name: "gcp", Book: inventory.Observed}, o)
	if err != nil {
		t.Fatal(err)
	}
	c.session = session.New(session.Options{
		Endpoint: e.URL, QuotaProject: o.QuotaProject, Attempts: 2, NoBackoff: true, CallTimeout: time.Minute,
	})
	return c
}

// reading is what a scope came to.
type reading struct {
	assets  map[string]inventory.Asset
	skipped int
	err     error
	calls   map[string]int
}

func (r *reading) Asset(a inventory.Asset) error {
	if _, twice := r.assets[a.Key]; twice {
		return fmt.Errorf("key %s came twice", a.Key)
	}
	r.assets[a.Key] = a
	return nil
}
func (r *reading) Skip(inventory.Problem) { r.skipped++ }
func (r *reading) Note(f collectors.Facts) {
	for op, n := range f.Calls {
		r.calls[op] += n
	}
}

func (r *reading) reason() inventory.RunReason { return session.ReasonOf(r.err) }

func (r *reading) keys() []string { return slices.Sorted(maps.Keys(r.assets)) }

func read(ctx context.Context, c *collector, s inventory.Scope) *reading {
	r := &reading{assets: map[string]inventory.Asset{}, calls: map[string]int{}}
	r.err = c.Collect(ctx, s, r)
	return r
}

func scopesOf(t testing.TB, c *collector) map[string]inventory.Scope {
	t.Helper()
	list, err := c.Scopes(t.Context())
	if err != nil {
		t.Fatalf("scopes: %v", err)
	}
	byID := map[string]inventory.Scope{}
	for _, s := range list {
		byID[s.ID] = s
	}
	return byID
}

func ids(t testing.TB, c *collector) []string { return slices.Sorted(maps.Keys(scopesOf(t, c))) }
