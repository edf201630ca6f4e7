//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/collectors/gcp/gcptest"
	"github.com/muster-audit/muster/report"
)

// cloud is a made organization of one project with two buckets and a machine. In the second night a label was taken off, a bucket is
// gone, and there is a new one.
type cloud struct {
	*gcptest.Server
	night atomic.Int32
}

func newCloud(t *testing.T) *cloud {
	c := &cloud{Server: gcptest.New(t)}
	c.On("GET cloudasset.googleapis.com/v1/organizations/1:searchAllResources", c.search)
	for _, service := range []string{"cloudfunctions", "cloudscheduler"} { // which hold nothing
		c.On("GET "+service+".googleapis.com/{list...}", gcptest.JSON(`{}`))
	}
	c.On("GET compute.googleapis.com/compute/v1/projects/acme-prod/{list...}", func(call gcptest.Call) gcptest.Answer {
		if call.Vars["list"] != "aggregated/instances" {
			return gcptest.Answer{Body: `{}`}
		}
		const zone = "https://www.googleapis.com/compute/v1/projects/acme-prod/zones/europe-west1-b"
		return gcptest.Answer{Body: `{"items":{"zones/europe-west1-b":{"instances":[{"id":"42","name":"web-1","zone":"` + zone + `","selfLink":"` + zone +
			`/instances/web-1","status":"RUNNING","labels":{"owner":"payments"},"metadata":{"items":[{"key":"startup-script","value":"planted-secret-value"}]}}]}}}`}
	})
	return c
}

func (c *cloud) search(call gcptest.Call) gcptest.Answer {
	list := []string{`{"name":"//cloudresourcemanager.googleapis.com/projects/acme-prod","assetType":"cloudresourcemanager.googleapis.com/Project",` +
		`"project":"projects/101","state":"ACTIVE","versionedResources":[{"version":"v3","resource":{"projectId":"acme-prod","name":"projects/101","labels":{"owner":"platform"}}}]}`}
	if asked := call.Query["assetTypes"]; !slices.Equal(asked, []string{"cloudresourcemanager.googleapis.com/Project"}) {
		labels := map[string]string{"logs": `{"owner":"search"}`, "old": `{"owner":"search"}`}
		if c.night.Load() > 0 {
			labels = map[string]string{"logs": `{}`, "new": `{"owner":"search"}`}
		}
		for name, l := range labels {
			list = append(list, fmt.Sprintf(`{"name":"//storage.googleapis.com/%[1]s","assetType":"storage.googleapis.com/Bucket","project":"projects/101","location":"eu",`+
				`"versionedResources":[{"version":"v1","resource":{"name":%[1]q,"location":"EU","labels":%[2]s}}]}`, name, l))
		}
		slices.Sort(list)
	}
	return gcptest.Answer{Body: `{"results":[` + strings.Join(list, ",") + `]}`}
}

const gcpPolicy = "version: 1\ntags:\n  - {id: owner, keys: [owner], required: true, severity: high}\n"

func gcpConfig(more string) string {
	return "sources:\n  - {name: gcp, collector: gcp, organization: \"1\", " + more + "}\npolicy: [policy.yaml]\nscan: {attempts: 1}\n" +
		"reports: [{format: json, output: report.json}]\n"
}

// TestGoogle audits two nights of a made organization: what changed is found and nothing else, what could not be read in the third ends
// nothing, and a recording of the first comes to the same report with neither a server nor credentials.
func TestGoogle(t *testing.T) {
	t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere.json") // an endpoint wants none
	c := newCloud(t)
	h := newHouse(t, map[string]string{"muster.yaml": gcpConfig("endpoint: " + c.URL), "policy.yaml": gcpPolicy})
	h.run(0, "audit", "--format", "none", "--record", "tape")
	first := h.read("report.json")

	c.Intrude(func(call gcptest.Call) *gcptest.Answer {
		if !strings.Contains(call.Path, "aggregated/disks") {
			return nil
		}
		a := gcptest.DeniedLegacy("compute.disks.list", "projects/acme-prod")
		return &a
	})
	if _, told := h.run(3, "audit", "--format", "none"); !strings.Contains(told, "compute.disks.list") || !strings.Contains(told, "0 ended") {
		t.Errorf("with one list refused: %s", told)
	}
	c.Intrude(nil)

	c.night.Store(1)
	_, told := h.run(1, "audit", "--format", "none")
	if !strings.Contains(told, "(1 added, 1 changed, 1 ended)") {
		t.Errorf("the second night: %s", told)
	}
	r := gcpReport(t, h.read("report.json"))
	if len(r.Findings) != 1 || r.Findings[0].Asset.Key != "//storage.googleapis.com/logs" || r.Findings[0].Rule != "tags/owner" {
		t.Errorf("findings %+v", r.Findings)
	}
	for _, call := range c.Calls() {
		if call.Method != "GET" || call.Authorized {
			t.Errorf("sent %s %s", call.Method, call.Path)
		}
	}

	c.Intrude(func(call gcptest.Call) *gcptest.Answer {
		a := gcptest.Perimeter()
		return &a
	})
	_, told = h.run(1, "audit", "--format", "none")
	if !strings.Contains(told, "0 ended") || !strings.Contains(told, "perimeter") {
		t.Errorf("the third night: %s", told)
	}

	again := newHouse(t, map[string]string{"muster.yaml": gcpConfig("replay: tape/gcp"), "policy.yaml": gcpPolicy})
	if err := os.Rename(h.path("tape"), again.path("tape")); err != nil {
		t.Fatal(err)
	}
	again.run(0, "audit", "--format", "none")
	if d := cmp.Diff(untimed(first), untimed(again.read("report.json"))); d != "" {
		t.Errorf("the replay's report is not the recorded one (-recorded +replayed):\n%s", d)
	}
	out, _ := h.run(0, "assets", "list", "--format", "json")
	if strings.Contains(out, "planted-secret-value") {
		t.Error("a secret was stored")
	}
}

func gcpReport(t *testing.T, text []byte) *report.Report {
	t.Helper()
	var r report.Report
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	return &r
}

var timely = regexp.MustCompile(`"\d{4}-\d\d-\d\dT[0-9:.]+Z"|"sha256:[0-9a-f]+"`)

// untimed is a report without times and the digest of its config.
func untimed(text []byte) string { return timely.ReplaceAllString(string(text), `"…"`) }
