package direct

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/muster-audit/muster/collectors/gcp/gcptest"
	"github.com/muster-audit/muster/collectors/gcp/resource"
	"github.com/muster-audit/muster/collectors/gcp/session"
	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
)

const project = "acme-prod"

// answers is what one API answers: by type or "places", by parent, the items; "details" are single resources by ID.
type answers map[string]map[string]json.RawMessage

func answersOf(t testing.TB, api API) answers {
	t.Helper()
	var a answers
	read(t, filepath.Join("answers", api.Name+".json"), &a)
	return a
}

func read(t testing.TB, name string, to any) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err == nil {
		err = json.Unmarshal(data, to)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// key is where the answers to a list are.
func key(l *List) string {
	if l.Type == "" {
		return "places"
	}
	return string(l.Type)
}

func (a answers) items(t testing.TB, l *List, parent string) []json.RawMessage {
	t.Helper()
	var list []json.RawMessage
	data, ok := a[key(l)][parent]
	if !ok {
		t.Errorf("%s: there are no answers for the parent %q", l.Call, parent)
		return nil
	}
	if err := json.Unmarshal(data, &list); err != nil {
		t.Fatal(err)
	}
	return list
}

func apiNamed(t testing.TB, name string) API {
	t.Helper()
	for _, a := range APIs() {
		if a.Name == name {
			return a
		}
	}
	t.Fatalf("there is no API %q", name)
	return API{}
}

const inPlace = "projects/" + project + "/locations/"

// pattern is that of a list's path for gcptest, of all parents.
func pattern(l *List) string {
	path := strings.ReplaceAll(l.Path, "{project}", project)
	if strings.HasSuffix(l.In, ".locations.list") {
		path = strings.ReplaceAll(path, "{parent}", inPlace+"{place}")
	}
	return "GET " + strings.ReplaceAll(path, "{parent}", "{parent...}")
}

// serve sets the answers to all lists of an API, one item a page where there are pages.
func serve(t testing.TB, server *gcptest.Server, api API) {
	t.Helper()
	a := answersOf(t, api)
	for i := range api.Lists {
		l := &api.Lists[i]
		server.On(pattern(l), func(c gcptest.Call) gcptest.Answer { return page(t, a, l, c) })
		if l.Detail != "" {
			path := strings.NewReplacer("{project}", project).Replace(l.Detail)
			server.On("GET "+path, func(c gcptest.Call) gcptest.Answer { return gcptest.Answer{Body: string(a["details"][c.Vars["id"]])} })
		}
	}
}

// page answers one page of a list. It fails the test where the call does not ask as the list wants it.
func page(t testing.TB, a answers, l *List, c gcptest.Call) gcptest.Answer {
	if l.hosted() && c.Service != strings.ReplaceAll(l.Service, "{place}", c.Vars["place"]) {
		t.Errorf("%s of %s was asked of %q", l.Call, c.Vars["place"], c.Service)
	}
	if size := c.Query.Get(l.Size); l.Size != "" && size != strconv.Itoa(l.Max) && size != "1" { // a probe asks for one
		t.Errorf("%s: %s=%s, want %d", l.Call, l.Size, c.Query.Get(l.Size), l.Max)
	}
	parent := c.Vars["parent"]
	if place := c.Vars["place"]; place != "" {
		parent = place
		if strings.Contains(l.Path, "{parent}") {
			parent = inPlace + place
		}
	}
	items := a.items(t, l, parent)
	if l.Items == "" {
		return gcptest.Answer{Body: string(items[0])}
	}
	n, _ := strconv.Atoi(c.Query.Get(or(l.Token, "pageToken")))
	doc := map[string]any{}
	paged := l.Size != "" || l.Call == "bigtableadmin.projects.instances.list"
	if paged && n < len(items) {
		doc[l.Items] = items[n : n+1]
		if n+1 < len(items) {
			put(doc, or(l.Next, "nextPageToken"), strconv.Itoa(n+1))
		}
	} else if len(items) > 0 {
		doc[l.Items] = items
	}
	body, err := json.Marshal(doc)
	if err != nil {
		t.Error(err)
	}
	return gcptest.Answer{Body: string(body)}
}

func put(doc map[string]any, path string, v any) {
	first, rest, more := strings.Cut(path, ".")
	if !more {
		doc[first] = v
		return
	}
	inner := map[string]any{}
	doc[first] = inner
	put(inner, rest, v)
}

func on(server *gcptest.Server) *session.Session {
	return session.New(session.Options{Endpoint: server.URL, NoBackoff: true, Attempts: 2})
}

func all(inventory.Type) bool { return true }

// listed lists an API with what is wanted of it.
func listed(t testing.TB, server *gcptest.Server, api API, wanted func(inventory.Type) bool) ([]resource.Resource, error) {
	t.Helper()
	var list []resource.Resource
	err := api.List(context.Background(), on(server), project, wanted, func(r resource.Resource) error {
		list = append(list, r)
		return nil
	})
	return list, err
}

func table(t testing.TB) *resource.Table {
	t.Helper()
	c, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	return resource.NewTable(c, inventory.NewSecretHash([]byte("0123456789abcdef")), func(number string) string {
		return map[string]string{"420000000001": project}[number]
	})
}

// names are the last parts of the names of resources.
func names(list []resource.Resource) string {
	var out []string
	for _, r := range list {
		out = append(out, last(r.Name))
	}
	return strings.Join(out, ",")
}

func typesOf(list []resource.Resource) []inventory.Type {
	var types []inventory.Type
	for _, r := range list {
		types = append(types, r.Type)
	}
	slices.Sort(types)
	return slices.Compact(types)
}
