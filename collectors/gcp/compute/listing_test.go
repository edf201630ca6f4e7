package compute

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/muster-audit/muster/collectors/gcp/gcptest"
	"github.com/muster-audit/muster/inventory"
)

// Every list is called at the path that is its own and read into the type that the place of things tells.
func TestEveryList(t *testing.T) {
	for _, l := range listings() {
		t.Run(l.collection, func(t *testing.T) {
			path, body, want := onePerPlace(&l)
			s := gcptest.New(t) // any other path fails the test
			s.On("GET "+base+path, gcptest.JSON(body))
			got, err := list(t, s, func(t inventory.Type) bool { return slices.Contains(l.types(), t) })
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range got {
				if location, ok := want[r.Name]; !ok || string(r.Type) != service+location.typ || r.Location != location.name || r.Project != project {
					t.Errorf("%s %q in %q, want one of %v", r.Type, r.Name, r.Location, want)
				}
				if r.Call != l.call() || strings.Count(r.Call, ".") != 2 {
					t.Errorf("call %q", r.Call)
				}
				delete(want, r.Name)
			}
			if len(want) > 0 {
				t.Errorf("not handed over: %v", want)
			}
			if calls := s.Calls(); len(calls) != 1 || calls[0].Query.Get("maxResults") != "500" {
				t.Errorf("calls %v", calls)
			}
		})
	}
}

type expected struct{ typ, name string }

// onePerPlace makes an answer with one resource, which is told by its name only, in each place where a list may have some.
func onePerPlace(l *listing) (path, body string, want map[string]expected) {
	want = map[string]expected{}
	if strings.HasSuffix(l.method, "list") {
		want["projects/acme-prod/global/"+l.collection+"/x"] = expected{l.global, "global"}
		return "/global/" + l.collection, `{"items": [{"name": "x"}]}`, want
	}
	var scopes []string
	for scope, typ := range map[string]string{"global": l.global, "regions/europe-west1": l.regional, "zones/europe-west1-b": l.zonal} {
		if typ == "" {
			continue
		}
		scopes = append(scopes, fmt.Sprintf(`%q: {%q: [{"name": "x"}]}`, scope, l.collection))
		want["projects/acme-prod/"+scope+"/"+l.collection+"/x"] = expected{typ, scope[strings.LastIndexByte(scope, '/')+1:]}
	}
	return "/aggregated/" + l.collection, `{"items": {` + strings.Join(scopes, ",") + `}}`, want
}

func TestTypes(t *testing.T) {
	var got []string
	for _, name := range Types() {
		got = append(got, strings.TrimPrefix(string(name), service))
	}
	want := strings.Fields(`Address Autoscaler BackendBucket BackendService Commitment Disk ExternalVpnGateway Firewall ForwardingRule
		GlobalAddress GlobalForwardingRule HealthCheck HttpHealthCheck HttpsHealthCheck Image Instance InstanceGroup InstanceGroupManager
		InstanceTemplate InstantSnapshot Interconnect InterconnectAttachment MachineImage Network NetworkAttachment NetworkEndpointGroup
		NodeGroup NodeTemplate PacketMirroring RegionBackendService RegionDisk Reservation ResourcePolicy Route Router SecurityPolicy
		ServiceAttachment Snapshot SslCertificate SslPolicy StoragePool Subnetwork TargetGrpcProxy TargetHttpProxy TargetHttpsProxy
		TargetInstance TargetPool TargetSslProxy TargetTcpProxy TargetVpnGateway UrlMap VpnGateway VpnTunnel`)
	if !slices.Equal(got, want) {
		t.Errorf("types %v", got)
	}
}

func TestPermissions(t *testing.T) {
	got := Permissions()
	if !slices.IsSorted(got) || len(slices.Compact(slices.Clone(got))) != len(got) {
		t.Errorf("not sorted, or some twice: %v", got)
	}
	for _, p := range got {
		if !strings.HasPrefix(p, "compute.") || !strings.HasSuffix(p, ".list") || strings.Count(p, ".") != 2 {
			t.Errorf("permission %q", p)
		}
	}
	for _, p := range []string{"compute.instances.list", "compute.commitments.list", "compute.globalAddresses.list", "compute.regionUrlMaps.list"} {
		if !slices.Contains(got, p) {
			t.Errorf("%s is not among %v", p, got)
		}
	}
}
