package gcp

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/gcp/cai"
	"github.com/muster-audit/muster/collectors/gcp/gcptest"
	"github.com/muster-audit/muster/inventory"
)

// counting is a sink that keeps nothing.
type counting struct {
	assets int
	most   uint64 // of the memory in use, looked at now and then
	calls  map[string]int
}

func (c *counting) Asset(inventory.Asset) error {
	if c.assets++; c.assets%5000 == 0 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		c.most = max(c.most, m.HeapAlloc)
	}
	return nil
}
func (*counting) Skip(inventory.Problem)    {}
func (c *counting) Note(f collectors.Facts) { c.calls = f.Calls }

// large answers the inventory's search of an organization with buckets that it makes page by page.
func large(e *estate, assets int) {
	e.On("GET cloudasset.googleapis.com/v1/organizations/{number}:searchAllResources", func(c gcptest.Call) gcptest.Answer {
		if slices.Equal(c.Query["assetTypes"], []string{projectType}) {
			return e.search(c)
		}
		var from, size int
		_, _ = fmt.Sscan(c.Query.Get("pageToken"), &from) // none is 0
		if _, err := fmt.Sscan(c.Query.Get("pageSize"), &size); err != nil || size > 500 {
			return gcptest.Invalid("pageSize")
		}
		var b strings.Builder
		b.WriteString(`{"results":[`)
		to := min(from+size, assets)
		for i := from; i < to; i++ {
			if i > from {
				b.WriteByte(',')
			}
			if i < len(e.projects) { // without which the inventory is not believed
				p := e.projects[i]
				fmt.Fprintf(&b, `{"name":"//cloudresourcemanager.googleapis.com/projects/%[2]s","assetType":"cloudresourcemanager.googleapis.com/Project","project":"projects/%[2]s",`+
					`"state":%[3]q,"versionedResources":[{"version":"v1","resource":{"projectId":%[1]q,"projectNumber":%[2]q,"lifecycleState":%[3]q}}]}`, p.id, p.number, p.state)
				continue
			}
			fmt.Fprintf(&b, `{"name":"//storage.googleapis.com/logs-%[1]d","assetType":"storage.googleapis.com/Bucket","project":"projects/101","location":"eu",`+
				`"versionedResources":[{"version":"v1","resource":{"name":"logs-%[1]d","location":"EU","storageClass":"STANDARD","labels":{"n":"%[1]d"}}}]}`, i)
		}
		b.WriteByte(']')
		if to < assets {
			fmt.Fprintf(&b, `,"nextPageToken":"%d"`, to)
		}
		b.WriteByte('}')
		return gcptest.Answer{Body: b.String()}
	})
}

// TestBudget scans an organization of 50,000 assets: 105 pages of the inventory at most, planning included, and no more memory at the end
// than at the beginning, but for the keys' hashes.
func TestBudget(t *testing.T) {
	const assets = 50_000
	e := newEstate(t)
	large(e, assets)
	c := newTest(t, e, Options{Organization: "1"})
	scopes := scopesOf(t, c)
	sink := &counting{}
	if err := c.Collect(t.Context(), scopes["organizations/1/resources"], sink); err != nil {
		t.Fatal(err)
	}
	pages := 0
	for _, call := range e.Calls() {
		if call.Service == cai.Service {
			pages++
		}
	}
	if sink.assets != assets || pages > 105 {
		t.Errorf("%d assets in %d pages", sink.assets, pages)
	}
	t.Logf("%d assets, %d pages, %d MiB at most", sink.assets, pages, sink.most>>20)
	if sink.most > 100<<20 {
		t.Errorf("%d MiB were in use", sink.most>>20)
	}
}

// Without the inventory, an organization costs a call for each folder's projects and folders, and one for each list of each project.
func TestBudgetOfPlanning(t *testing.T) {
	e := newEstate(t)
	scopesOf(t, newTest(t, e, Options{Organization: "1"}))
	if calls := e.Calls(); len(calls) != 1 {
		t.Errorf("planned with %v", gcptest.Paths(calls))
	}
	scopesOf(t, newTest(t, e, Options{Organization: "1", Inventory: inventoryOff}))
	if calls := e.Calls(); len(calls) != 6 {
		t.Errorf("planned with %v", gcptest.Paths(calls))
	}
	scopesOf(t, newTest(t, e, Options{Projects: []string{"acme-dev", "acme-prod"}}))
	if calls := e.Calls(); len(calls) != 3 {
		t.Errorf("planned with %v", gcptest.Paths(calls))
	}
}
