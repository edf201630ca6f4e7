package resource

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
)

func doc(t testing.TB, text string) Doc {
	t.Helper()
	var d Doc
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		t.Fatal(err)
	}
	return d
}

func table(t testing.TB) *Table {
	t.Helper()
	c, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	return NewTable(c, inventory.NewSecretHash([]byte("0123456789abcdef")), func(number string) string {
		return map[string]string{"123456789012": "acme-prod"}[number]
	})
}

// What was not told is unknown, never empty.
func TestLabelsAreKnownOnlyWhereTold(t *testing.T) {
	const bucket, subnet, strange = "storage.googleapis.com/Bucket", "compute.googleapis.com/Subnetwork", "example.googleapis.com/Thing"
	tests := []struct {
		name string
		r    Resource
		want inventory.Tags
	}{
		{"nothing told", Resource{Type: bucket, Name: "//storage.googleapis.com/acme-logs"}, inventory.UnknownTags()},
		{"the index holds none", Resource{Type: bucket, Name: "//storage.googleapis.com/acme-logs", Index: &Index{}}, inventory.UnknownTags()},
		{"the index holds some", Resource{Type: bucket, Name: "//storage.googleapis.com/acme-logs", Index: &Index{Labels: map[string]string{"a": "b"}}}, inventory.TagsFromMap(map[string]string{"a": "b"})},
		{"a representation without labels", Resource{Type: bucket, Name: "//storage.googleapis.com/acme-logs", Data: Doc{"name": "b"}}, inventory.KnownTags()},
		{"a type that cannot have any", Resource{Type: subnet, Name: "//compute.googleapis.com/projects/p/regions/r/subnetworks/s", Data: Doc{}}, inventory.NotTaggable()},
		{"a type that nobody knows", Resource{Type: strange, Name: "//example.googleapis.com/projects/p/things/t", Data: Doc{"name": "t"}}, inventory.UnknownTags()},
		{"a type that nobody knows, with labels", Resource{
			Type: strange, Name: "//example.googleapis.com/projects/p/things/t", Data: Doc{"labels": map[string]any{"a": "b"}},
		}, inventory.TagsFromMap(map[string]string{"a": "b"})},
		{"labels of an SQL instance", Resource{
			Type: "sqladmin.googleapis.com/Instance", Name: "//cloudsql.googleapis.com/projects/p/instances/i",
			Data: Doc{"settings": map[string]any{"userLabels": map[string]any{"a": "b"}}, "labels": map[string]any{"not": "these"}},
		}, inventory.TagsFromMap(map[string]string{"a": "b"})},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a, ok, err := table(t).Asset(tt.r)
			if err != nil || !ok || !a.Tags.Equal(tt.want) {
				t.Errorf("%v %v: tags %v, want %v", ok, err, a.Tags, tt.want)
			}
		})
	}
}

func TestAttributesAreKnownOnlyWhereTold(t *testing.T) {
	name := "//compute.googleapis.com/projects/acme-prod/zones/europe-west1-b/instances/web"
	a, _, _ := table(t).Asset(Resource{Type: "compute.googleapis.com/Instance", Name: name})
	if a.Attributes.IsKnown() {
		t.Errorf("nothing told: %v", a.Attributes)
	}
	a, _, _ = table(t).Asset(Resource{Type: "compute.googleapis.com/Instance", Name: name, Index: &Index{Tags: []string{"1/env=prod"}}})
	if v, ok := a.Attributes.Get("machineType"); ok {
		t.Errorf("only the index told: machine type %q", v)
	}
	if v, _ := a.Attributes.Get(attrTags); v != `["1/env=prod"]` {
		t.Errorf("resource-manager tags %q", v)
	}
	a, _, _ = table(t).Asset(Resource{Type: "compute.googleapis.com/Instance", Name: name, Data: Doc{}})
	if v, ok := a.Attributes.Get("machineType"); !ok || v != inventory.Null {
		t.Errorf("a representation without a machine type: %q %v", v, ok)
	}
	if _, ok := a.Attributes.Get(attrTags); ok {
		t.Error("resource-manager tags without an index")
	}
}

func TestInstance(t *testing.T) {
	a, ok, err := table(t).Asset(Resource{
		Type: "compute.googleapis.com/Instance", Call: "compute.instances.aggregatedList",
		Name: "https://www.googleapis.com/compute/v1/projects/123456789012/zones/europe-west1-b/instances/web",
		Data: doc(t, `{
			"id": "5190034851", "name": "web", "creationTimestamp": "2026-01-31T02:00:00.000-08:00", "status": "RUNNING",
			"machineType": "https://www.googleapis.com/compute/v1/projects/acme-prod/zones/europe-west1-b/machineTypes/e2-small",
			"zone": "https://www.googleapis.com/compute/v1/projects/acme-prod/zones/europe-west1-b",
			"labels": {"owner": "payments"}, "tags": {"items": ["http-server"]}, "canIpForward": false,
			"networkInterfaces": [{"network": "https://www.googleapis.com/compute/v1/projects/acme-prod/global/networks/main",
				"networkIP": "10.0.0.4", "accessConfigs": [{"natIP": "203.0.113.7"}]}],
			"metadata": {"items": [{"key": "created-by", "value": "projects/123456789012/regions/europe-west1/instanceGroupManagers/web"},
				{"key": "startup-script", "value": "export PASSWORD=canary"}]}}`),
	})
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	if a.Key != "//compute.googleapis.com/projects/acme-prod/zones/europe-west1-b/instances/web" || a.Account != "acme-prod" ||
		a.Region != "europe-west1" || a.Zone != "europe-west1-b" || a.Name != "web" || a.Shallow {
		t.Errorf("place: %+v", a)
	}
	if want := time.Date(2026, 1, 31, 10, 0, 0, 0, time.UTC); !a.Created.Equal(want) || a.Created.Location() != time.UTC {
		t.Errorf("created %v, want %v", a.Created, want)
	}
	if v, _ := a.Attributes.Get("machineType"); v != `"e2-small"` {
		t.Errorf("machine type %s", v)
	}
	if v, _ := a.Attributes.Get("canIpForward"); v != "false" {
		t.Errorf("canIpForward %s", v)
	}
	if tag, _ := a.Tags.Get("http-server"); tag.Key != "" || a.Tags.Len() != 1 {
		t.Errorf("network tags are no labels: %v", a.Tags)
	}
	wantIDs := map[inventory.IdentifierKind]string{
		inventory.InstanceID: "5190034851", inventory.PrivateIP: "10.0.0.4", inventory.PublicIP: "203.0.113.7", inventory.SelfLink: a.Key,
	}
	for _, i := range a.Identifiers {
		if wantIDs[i.Kind] != i.Value {
			t.Errorf("identifier %v", i)
		}
		delete(wantIDs, i.Kind)
	}
	if len(wantIDs) > 0 {
		t.Errorf("identifiers missing: %v", wantIDs)
	}
	group := inventory.Relation{Kind: inventory.MemberOf, Key: "//compute.googleapis.com/projects/acme-prod/regions/europe-west1/instanceGroupManagers/web"}
	if len(a.Relations) != 1 || a.Relations[0] != group {
		t.Errorf("relations %v", a.Relations)
	}
	for at := range a.Attributes.All() {
		if strings.Contains(string(at.Value), "canary") {
			t.Errorf("%s holds a secret of the metadata", at.Name)
		}
	}
}

func TestPlace(t *testing.T) {
	tests := []struct{ location, region, zone string }{
		{"global", "", ""},
		{"EUROPE-WEST1", "europe-west1", ""},
		{"europe-west1-b", "europe-west1", "europe-west1-b"},
		{"US", "us", ""},
		{"nam4", "nam4", ""},
		{"https://www.googleapis.com/compute/v1/projects/p/zones/us-central1-f", "us-central1", "us-central1-f"},
		{"", "", ""},
	}
	for _, tt := range tests {
		a, _, err := table(t).Asset(Resource{Type: "storage.googleapis.com/Bucket", Name: "//storage.googleapis.com/acme-logs", Project: "projects/123456789012", Location: tt.location})
		if err != nil || a.Region != tt.region || a.Zone != tt.zone || a.Account != "acme-prod" {
			t.Errorf("%q: %q %q %q %v", tt.location, a.Account, a.Region, a.Zone, err)
		}
	}
}

func TestNoName(t *testing.T) {
	if _, _, err := table(t).Asset(Resource{Type: "compute.googleapis.com/Disk", Name: "a disk"}); err == nil || !strings.Contains(err.Error(), `"a disk"`) {
		t.Errorf("error %v", err)
	}
}

func TestStage(t *testing.T) {
	for state, want := range map[string]inventory.Lifecycle{
		"DELETE_REQUESTED": inventory.LifecycleRetiring, "RUNNING": inventory.LifecycleActive, "TERMINATED": inventory.LifecycleActive, "": inventory.LifecycleActive,
	} {
		a, _, err := table(t).Asset(Resource{Type: "cloudresourcemanager.googleapis.com/Project", Name: "//cloudresourcemanager.googleapis.com/projects/p", Data: Doc{"state": state}})
		if err != nil || a.Lifecycle != want {
			t.Errorf("%s: %q %v", state, a.Lifecycle, err)
		}
	}
}

func TestDoc(t *testing.T) {
	d := doc(t, `{"a": {"b": [{"c": "1"}, {"c": ["2", "3"]}, {"d": 4}]}, "n": 5, "yes": true}`)
	if got := strings.Join(d.Texts("a.b.c"), ","); got != "1,2,3" {
		t.Errorf("texts %q", got)
	}
	if d.Text("n") != "5" || !d.True("yes") || d.True("n") || len(d.Objects("a.b")) != 3 {
		t.Errorf("%v", d)
	}
	if _, ok := d.At("a.x"); ok {
		t.Error("a.x is there")
	}
	if _, ok := Doc(nil).At("a"); ok {
		t.Error("nothing holds something")
	}
}
