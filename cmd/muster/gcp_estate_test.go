//go:build unix

package main

import (
	"encoding/json"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/muster-audit/muster/collectors/gcp/gcptest"
)

// item is a thing of testdata/google/estate.json, which is made by us after the forms that Google documents: as the asset inventory tells
// it, and as its own API does.
type item struct {
	Type     string            `json:"type"` // empty: it is not in the inventory
	Name     string            `json:"name"` // the inventory's, with the number of the project where that has it
	Location string            `json:"location"`
	State    string            `json:"state"`
	Parent   string            `json:"parent"`
	Version  string            `json:"version"`
	Labels   map[string]string `json:"labels"` // of the index, where there are no data
	Data     map[string]any    `json:"data"`
	Direct   map[string]any    `json:"direct"` // as its own API tells it; nil: as the inventory does
	API      string            `json:"api"`    // the list that it is in
	In       []string          `json:"in"`     // where in the answer; empty: it is the answer
	Detail   string            `json:"detail"` // where all of it is told
	Of       string            `json:"of"`     // the cluster that holds it
}

// googleEstate serves the things of a project. A test changes them between two readings.
type googleEstate struct {
	*gcptest.Server
	t     *testing.T
	items []*item
}

func newGoogleEstate(t *testing.T, file []byte) *googleEstate {
	t.Helper()
	e := &googleEstate{Server: gcptest.New(t), t: t}
	if err := json.Unmarshal(file, &e.items); err != nil {
		t.Fatal(err)
	}
	e.On("GET cloudasset.googleapis.com/v1/{root...}:searchAllResources", e.search)
	e.Otherwise = e.direct
	return e
}

// find returns the one thing whose name, or whose answer's, ends so.
func (e *googleEstate) find(suffix string) *item {
	e.t.Helper()
	var found []*item
	for _, i := range e.items {
		name, _ := i.Data["name"].(string)
		if strings.HasSuffix(i.Name, suffix) || i.Name == "" && strings.HasSuffix(name, suffix) {
			found = append(found, i)
		}
	}
	if len(found) != 1 {
		e.t.Fatalf("%d things are called %s", len(found), suffix)
	}
	return found[0]
}

// set changes a value at a path of a thing; nil takes it away.
func (e *googleEstate) set(suffix, path string, value any) {
	e.t.Helper()
	at := e.find(suffix).Data
	steps := strings.Split(path, ".")
	for _, s := range steps[:len(steps)-1] {
		inner, ok := at[s].(map[string]any)
		if !ok {
			inner = map[string]any{}
			at[s] = inner
		}
		at = inner
	}
	if at[steps[len(steps)-1]] = value; value == nil {
		delete(at, steps[len(steps)-1])
	}
}

// remove takes a thing away.
func (e *googleEstate) remove(suffix string) {
	e.t.Helper()
	gone := e.find(suffix)
	e.items = slices.DeleteFunc(e.items, func(i *item) bool { return i == gone })
}

// copied makes a thing of another one, with its name changed everywhere.
func (e *googleEstate) copied(suffix, from, to string, labels map[string]any) {
	e.t.Helper()
	text, err := json.Marshal(e.find(suffix))
	if err != nil {
		e.t.Fatal(err)
	}
	var made item
	if err := json.Unmarshal([]byte(strings.ReplaceAll(string(text), from, to)), &made); err != nil {
		e.t.Fatal(err)
	}
	made.Data["labels"] = labels
	delete(made.Data, "id")
	e.items = append(e.items, &made)
}

// whole is a thing with what it holds.
func (e *googleEstate) whole(i *item, data map[string]any) map[string]any {
	for _, part := range e.items {
		if part.Of != "" && part.Of == i.Name {
			data = maps.Clone(data)
			list, _ := data["nodePools"].([]any)
			data["nodePools"] = append(slices.Clone(list), part.Data)
		}
	}
	return data
}

func (e *googleEstate) search(c gcptest.Call) gcptest.Answer {
	var list []any
	for _, i := range e.items {
		if i.Type == "" || !asked(c.Query["assetTypes"], i.Type) {
			continue
		}
		r := map[string]any{"name": i.Name, "assetType": i.Type, "project": "projects/420000000001"}
		for field, text := range map[string]string{"location": i.Location, "state": i.State, "parentFullResourceName": i.Parent} {
			if text != "" {
				r[field] = text
			}
		}
		if i.Labels != nil {
			r["labels"] = i.Labels
		}
		if i.Data != nil {
			version := i.Version
			if version == "" {
				version = "v1"
			}
			r["versionedResources"] = []any{map[string]any{"version": version, "resource": e.whole(i, i.Data)}}
		}
		list = append(list, r)
	}
	return e.json(map[string]any{"results": list})
}

func asked(expressions []string, kind string) bool {
	return len(expressions) == 0 || slices.ContainsFunc(expressions, func(x string) bool { return regexp.MustCompile("^(?:" + x + ")$").MatchString(kind) })
}

// direct answers for all other APIs: with the things that name the path, and with nothing where none does.
func (e *googleEstate) direct(c gcptest.Call) gcptest.Answer {
	if c.Method != http.MethodGet {
		e.t.Errorf("sent %s %s", c.Method, c.Path)
	}
	answer := map[string]any{}
	for _, i := range e.items {
		data := i.Direct
		if data == nil {
			data = i.Data
		}
		switch where := c.Service + c.Path; {
		case i.Detail != "" && where == i.Detail, where == i.API && len(i.In) == 0:
			return e.json(data)
		case where == i.API:
			add(answer, i.In, e.whole(i, data))
		}
	}
	return e.json(answer)
}

// add appends to the list at a path.
func add(doc map[string]any, path []string, data any) {
	for _, s := range path[:len(path)-1] {
		inner, ok := doc[s].(map[string]any)
		if !ok {
			inner = map[string]any{}
			doc[s] = inner
		}
		doc = inner
	}
	list, _ := doc[path[len(path)-1]].([]any)
	doc[path[len(path)-1]] = append(list, data)
}

func (e *googleEstate) json(v any) gcptest.Answer {
	text, err := json.Marshal(v)
	if err != nil {
		e.t.Error(err)
	}
	return gcptest.Answer{Body: string(text)}
}
