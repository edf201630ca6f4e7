package direct

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/muster-audit/muster/collectors/gcp/gcptest"
	"github.com/muster-audit/muster/collectors/gcp/resource"
	"github.com/muster-audit/muster/inventory"
)

var update = flag.Bool("update", false, "write what was made as what is wanted")

// Every API is read whole, over several pages, and what its resources say becomes assets.
func TestAnswers(t *testing.T) {
	with := table(t)
	for _, api := range APIs() {
		t.Run(api.Name, func(t *testing.T) {
			server := gcptest.New(t)
			serve(t, server, api)
			list, err := listed(t, server, api, all)
			if err != nil {
				t.Fatal(err)
			}
			if got := typesOf(list); !slices.Equal(got, api.Types()) {
				t.Errorf("types %v, want %v", got, api.Types())
			}
			golden(t, api.Name, described(t, with, list))
		})
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "assets", name+".txt")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the assets are not those of %s (-update writes it):\n%s", path, got)
	}
	if strings.Contains(got, "canary") {
		t.Error("the assets hold a secret")
	}
}

// described writes what the assets of resources hold, one after the other.
func described(t *testing.T, with *resource.Table, list []resource.Resource) string {
	t.Helper()
	var b bytes.Buffer
	for _, r := range list {
		a, ok, err := with.Asset(r)
		if err != nil {
			t.Error(err)
		}
		if ok {
			describe(&b, a)
		}
	}
	return b.String()
}

func describe(b *bytes.Buffer, a inventory.Asset) {
	fmt.Fprintf(b, "%s\n  %s %q of %s in %q %q, %s", a.Key, a.Type, a.Name, a.Account, a.Region, a.Zone, a.Lifecycle)
	if !a.Created.IsZero() {
		fmt.Fprintf(b, ", created %s", a.Created.Format("2006-01-02T15:04:05Z"))
	}
	if a.Shallow {
		b.WriteString(", shallow")
	}
	fmt.Fprintf(b, ", by %s\n  labels %s\n", a.Origin.Call, a.Tags.State())
	for tag := range a.Tags.All() {
		fmt.Fprintf(b, "  label %s: %s\n", tag.Key, tag.Value)
	}
	for _, i := range a.Identifiers {
		fmt.Fprintf(b, "  is %s %s\n", i.Kind, i.Value)
	}
	for _, r := range a.Relations {
		fmt.Fprintf(b, "  %s %s\n", r.Kind, r.Key)
	}
	for at := range a.Attributes.All() {
		fmt.Fprintf(b, "  %s = %s\n", at.Name, at.Value)
	}
}

// There is a secret in the answers of every service that has any, so that the test above would find it.
func TestAnswersHoldSecrets(t *testing.T) {
	for _, name := range []string{
		"sql", "run", "cloudfunctions", "container", "monitoring", "pubsub", "cloudscheduler", "cloudtasks", "composer", "dataproc", "alloydb", "aiplatform",
		"artifactregistry", "dataflow", "notebooks", "secretmanager",
	} {
		data, err := os.ReadFile(filepath.Join("testdata", "answers", name+".json"))
		if err != nil || !bytes.Contains(data, []byte("canary-")) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What is not wanted is not asked for, unless it says where to look for what is.
func TestWanted(t *testing.T) {
	tests := []struct {
		api    string
		wanted inventory.Type
		calls  []string
		names  string
	}{
		{"pubsub", "pubsub.googleapis.com/Snapshot", []string{"GET /v1/projects/acme-prod/snapshots"}, "before,bare"},
		{"container", "container.googleapis.com/NodePool", []string{"GET /v1/projects/acme-prod/locations/-/clusters"}, "default,bare"},
		{"container", "container.googleapis.com/Cluster", []string{"GET /v1/projects/acme-prod/locations/-/clusters"}, "main,edge"},
		{
			"bigquery", "bigquery.googleapis.com/Dataset",
			[]string{
				"GET /bigquery/v2/projects/acme-prod/datasets", "GET /bigquery/v2/projects/acme-prod/datasets/sales",
				"GET /bigquery/v2/projects/acme-prod/datasets/scratch",
			},
			"sales,scratch",
		},
		{
			"bigquery", "bigquery.googleapis.com/Table",
			[]string{
				"GET /bigquery/v2/projects/acme-prod/datasets", "GET /bigquery/v2/projects/acme-prod/datasets/sales/tables",
				"GET /bigquery/v2/projects/acme-prod/datasets/scratch/tables",
			},
			"orders,view",
		},
		{
			"cloudkms", "cloudkms.googleapis.com/KeyRing",
			[]string{
				"GET /v1/projects/acme-prod/locations", "GET /v1/projects/acme-prod/locations/europe-west1/keyRings",
				"GET /v1/projects/acme-prod/locations/global/keyRings",
			},
			"main,shared",
		},
		{"storage", "compute.googleapis.com/Disk", nil, ""},
	}
	for _, tt := range tests {
		t.Run(string(tt.wanted), func(t *testing.T) {
			server, api := gcptest.New(t), apiNamed(t, tt.api)
			serve(t, server, api)
			list, err := listed(t, server, api, func(typ inventory.Type) bool { return typ == tt.wanted })
			if err != nil || names(list) != tt.names {
				t.Errorf("%s: %v", names(list), err)
			}
			if calls := gcptest.Paths(server.Calls()); !slices.Equal(calls, tt.calls) {
				t.Errorf("calls %q", calls)
			}
		})
	}
}
