package resource

import (
	"fmt"
	"strings"
	"testing"

	"github.com/muster-audit/muster/inventory"
)

// made makes an asset of a type from a document, which was made for the test, at a relative name.
func made(t *testing.T, with *Table, kind, name, text string) inventory.Asset {
	t.Helper()
	a, ok, err := with.Asset(Resource{Type: inventory.Type("compute.googleapis.com/" + kind), Name: "projects/acme-prod/" + name, Data: doc(t, text)})
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	return a
}

// told are the identifiers and relations of an asset in one line, without its own name and the common part of others.
func told(a inventory.Asset) string {
	var out []string
	for _, i := range a.Identifiers {
		if i.Kind != inventory.SelfLink {
			out = append(out, fmt.Sprintf("%s=%s", i.Kind, i.Value))
		}
	}
	for _, r := range a.Relations {
		out = append(out, fmt.Sprintf("%s %s", r.Kind, strings.TrimPrefix(r.Key, "//compute.googleapis.com/projects/acme-prod/")))
	}
	return strings.Join(out, ", ")
}

func TestComputeIdentifiersAndRelations(t *testing.T) {
	const (
		zone     = "https://www.googleapis.com/compute/v1/projects/acme-prod/zones/europe-west1-b/"
		global   = "https://www.googleapis.com/compute/v1/projects/acme-prod/global/"
		managed  = "This instance group is controlled by Instance Group Manager 'web-mgr'. To modify instances in this group, use the API"
		regional = "This instance group is controlled by Regional Instance Group Manager 'web-mgr'. To modify instances in this group, use the API"
	)
	tests := []struct{ name, kind, at, doc, want string }{
		{"an instance by its name", "Instance", "zones/europe-west1-b/instances/web", `{"id": "7", "name": "web"}`, "instance-id=7"},
		{"an instance by its host name", "Instance", "zones/europe-west1-b/instances/web", `{"id": "7", "name": "web", "hostname": "web.acme.example"}`, "fqdn=web.acme.example, instance-id=7"},
		{
			"addresses of an instance", "Instance", "zones/europe-west1-b/instances/web",
			`{"networkInterfaces": [{"networkIP": "10.0.0.4", "ipv6Address": "fd20::1", "accessConfigs": [{"natIP": "203.0.113.7"}, {"name": "none"}]},
				{"networkIP": "10.0.1.4", "ipv6AccessConfigs": [{"externalIpv6": "2600:1900::1"}], "ipv6Address": "2600:1901::1"}]}`,
			"private-ip=10.0.0.4, private-ip=10.0.1.4, private-ip=fd20::1, public-ip=203.0.113.7, public-ip=2600:1900::1, public-ip=2600:1901::1",
		},
		{
			"an instance of a group", "Instance", "zones/europe-west1-b/instances/web",
			`{"metadata": {"items": [{"key": "created-by", "value": "projects/123456789012/zones/europe-west1-b/instanceGroupManagers/web"}]}}`,
			"member-of zones/europe-west1-b/instanceGroupManagers/web",
		},
		{
			"an instance made by something else", "Instance", "zones/europe-west1-b/instances/web",
			`{"metadata": {"items": [{"key": "created-by", "value": "projects/acme-prod/people/jo"}, {"key": "other", "value": "a/instanceGroupManagers/b"}]}}`, "",
		},
		{
			"a disk", "Disk", "zones/europe-west1-b/disks/d", `{"id": "8", "users": ["` + zone + `instances/web", "` + zone + `instances/api", "` + zone + `others/x"]}`,
			"instance-id=8, attached-to zones/europe-west1-b/instances/api, attached-to zones/europe-west1-b/instances/web",
		},
		{"a disk that nobody uses", "RegionDisk", "regions/europe-west1/disks/d", `{"id": "8"}`, "instance-id=8"},
		{
			"a snapshot by schedule", "Snapshot", "global/snapshots/s",
			`{"sourceDisk": "` + zone + `disks/d", "autoCreated": true, "sourceSnapshotSchedulePolicy": "https://www.googleapis.com/compute/v1/projects/acme-prod/regions/europe-west1/resourcePolicies/daily"}`,
			"managed-by regions/europe-west1/resourcePolicies/daily, snapshot-of zones/europe-west1-b/disks/d",
		},
		{"a snapshot by hand", "Snapshot", "global/snapshots/s", `{"sourceDisk": "` + zone + `disks/d"}`, "snapshot-of zones/europe-west1-b/disks/d"},
		{"an image of a machine", "MachineImage", "global/machineImages/m", `{"sourceInstance": "` + zone + `instances/web"}`, "snapshot-of zones/europe-west1-b/instances/web"},
		{"a managed group", "InstanceGroup", "zones/europe-west1-b/instanceGroups/web", `{"description": "` + managed + `"}`, "managed-by zones/europe-west1-b/instanceGroupManagers/web-mgr"},
		{"a regional managed group", "InstanceGroup", "regions/europe-west1/instanceGroups/web", `{"description": "` + regional + `"}`, "managed-by regions/europe-west1/instanceGroupManagers/web-mgr"},
		{"a group of people's", "InstanceGroup", "zones/europe-west1-b/instanceGroups/web", `{"description": "controlled by Instance Group Manager 'x'"}`, ""},
		{"an autoscaler", "Autoscaler", "zones/europe-west1-b/autoscalers/a", `{"target": "` + zone + `instanceGroupManagers/web"}`, "part-of zones/europe-west1-b/instanceGroupManagers/web"},
		{"a subnet of auto mode", "Subnetwork", "regions/europe-west1/subnetworks/main", `{"name": "main", "network": "` + global + `networks/main", "ipCidrRange": "10.132.0.0/20"}`, "managed-by global/networks/main"},
		{"a subnet with the network's name", "Subnetwork", "regions/europe-west1/subnetworks/main", `{"name": "main", "network": "` + global + `networks/main", "ipCidrRange": "10.12.0.0/20"}`, ""},
		{"a subnet", "Subnetwork", "regions/europe-west1/subnetworks/a", `{"name": "a", "network": "` + global + `networks/main", "ipCidrRange": "10.132.0.0/20"}`, ""},
		{"an address", "Address", "regions/europe-west1/addresses/a", `{"address": "203.0.113.7", "addressType": "EXTERNAL", "users": ["` + zone + `instances/web"]}`, "public-ip=203.0.113.7, used-by zones/europe-west1-b/instances/web"},
		{"an internal address", "Address", "regions/europe-west1/addresses/a", `{"address": "10.0.0.9", "addressType": "INTERNAL"}`, "private-ip=10.0.0.9"},
		{"a range", "GlobalAddress", "global/addresses/a", `{"address": "10.96.0.0", "addressType": "INTERNAL", "prefixLength": 16}`, ""},
		{"a rule", "ForwardingRule", "regions/europe-west1/forwardingRules/r", `{"IPAddress": "203.0.113.7", "loadBalancingScheme": "EXTERNAL_MANAGED", "target": "` + global + `targetHttpProxies/p"}`, "public-ip=203.0.113.7"},
		{"an internal rule", "ForwardingRule", "regions/europe-west1/forwardingRules/r", `{"IPAddress": "10.0.0.9", "loadBalancingScheme": "INTERNAL"}`, "private-ip=10.0.0.9"},
		{"a rule of a whole range", "GlobalForwardingRule", "global/forwardingRules/r", `{"IPAddress": "2600:1900::/96", "loadBalancingScheme": "EXTERNAL"}`, ""},
	}
	with := table(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := told(made(t, with, tt.kind, tt.at, tt.doc)); got != tt.want {
				t.Errorf("\n got %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestComputeStages(t *testing.T) {
	tests := []struct {
		kind, doc string
		want      inventory.Lifecycle
	}{
		{"Instance", `{"status": "TERMINATED"}`, inventory.LifecycleActive},
		{"Disk", `{"status": "DELETING"}`, inventory.LifecycleRetiring},
		{"Image", `{"deprecated": {"state": "DEPRECATED"}}`, inventory.LifecycleActive},
		{"Image", `{"deprecated": {"state": "OBSOLETE"}}`, inventory.LifecycleRetiring},
		{"Commitment", `{"status": "EXPIRED"}`, inventory.LifecycleRetired},
		{"Commitment", `{"status": "NOT_YET_ACTIVE"}`, inventory.LifecyclePlanned},
		{"Commitment", `{"status": "ACTIVE"}`, inventory.LifecycleActive},
	}
	with := table(t)
	for _, tt := range tests {
		if a := made(t, with, tt.kind, "global/things/x", tt.doc); a.Lifecycle != tt.want {
			t.Errorf("%s %s: %q", tt.kind, tt.doc, a.Lifecycle)
		}
	}
}

// People write the names of types and places, not their addresses.
func TestComputeBareNames(t *testing.T) {
	with := table(t)
	const link = "https://www.googleapis.com/compute/v1/projects/acme-prod/"
	a := made(t, with, "Disk", "zones/europe-west1-b/disks/d", `{"type": "`+link+`zones/europe-west1-b/diskTypes/pd-ssd", "sourceSnapshot": "`+link+`global/snapshots/s"}`)
	if v, _ := a.Attributes.Get("type"); v != `"pd-ssd"` {
		t.Errorf("type %s", v)
	}
	if v, _ := a.Attributes.Get("sourceSnapshot"); v != `"//compute.googleapis.com/projects/acme-prod/global/snapshots/s"` {
		t.Errorf("source snapshot %s", v)
	}
	a = made(t, with, "RegionDisk", "regions/europe-west1/disks/d", `{"replicaZones": ["`+link+`zones/europe-west1-b", "`+link+`zones/europe-west1-c"]}`)
	if v, _ := a.Attributes.Get("replicaZones"); v != `["europe-west1-b","europe-west1-c"]` {
		t.Errorf("zones %s", v)
	}
}

// Kinds name attributes of the catalog or the places of things, and none is there twice.
func TestComputeKinds(t *testing.T) {
	catalog := table(t).Catalog
	seen := map[inventory.Type]bool{}
	for _, k := range computeKinds() {
		if seen[k.Type] {
			t.Errorf("%s is there twice", k.Type)
		}
		seen[k.Type] = true
		if _, ok := catalog.Type(k.Type); !ok {
			t.Errorf("the catalog does not know %s", k.Type)
		}
	}
}

// Whatever a machine's metadata holds, none of it is an attribute, an identifier or a name.
func TestMetadataIsNotKept(t *testing.T) {
	a := made(t, table(t), "Instance", "zones/europe-west1-b/instances/web", `{"name": "web", "metadata": {"items": [
		{"key": "ssh-keys", "value": "jo:canary"}, {"key": "startup-script", "value": "canary"}, {"key": "created-by", "value": "canary"}]}}`)
	if text := fmt.Sprintf("%+v", a) + told(a); strings.Contains(text, "canary") {
		t.Error(text)
	}
	for at := range a.Attributes.All() {
		if strings.Contains(at.Name, "metadata") || strings.Contains(string(at.Value), "canary") {
			t.Errorf("%s %s", at.Name, at.Value)
		}
	}
}
