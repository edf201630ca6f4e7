package catalog

import (
	"strings"
	"testing"

	"github.com/muster-audit/muster/inventory"
)

const (
	projectNumber  = "420000000001"
	defaultNetwork = `"//compute.googleapis.com/projects/acme-prod/global/networks/default"`
	ownNetwork     = `"//compute.googleapis.com/projects/acme-prod/global/networks/shop"`
)

// googleNetworkCases are those of networks.
func googleNetworkCases() []suppressionCase {
	network := func(name, auto, description string) made {
		return made{typ: "compute.googleapis.com/Network", name: name, attributes: map[string]string{
			"autoCreateSubnetworks": auto, "description": `"` + description + `"`,
		}}
	}
	subnet := func(of, cidr string) made {
		return made{typ: "compute.googleapis.com/Subnetwork", name: "default", attributes: map[string]string{"network": of, "ipCidrRange": `"` + cidr + `"`}}
	}
	firewall := func(name, of, priority, description string) made {
		return made{typ: "compute.googleapis.com/Firewall", name: name, attributes: map[string]string{
			"network": of, "priority": priority, "description": `"` + description + `"`, "targetTags": "null",
		}}
	}
	tagged := func(name, tag string) made {
		return made{typ: "compute.googleapis.com/Firewall", name: name, attributes: map[string]string{
			"network": ownNetwork, "priority": "1000", "description": "null", "targetTags": `["` + tag + `"]`,
		}}
	}
	route := func(name string, attributes map[string]string) made {
		all := map[string]string{"nextHopNetwork": "null", "nextHopPeering": "null", "nextHopGateway": "null", "description": "null"}
		for k, v := range attributes {
			all[k] = v
		}
		return made{typ: "compute.googleapis.com/Route", name: name, attributes: all}
	}
	gateway := `"//compute.googleapis.com/projects/acme-prod/global/gateways/default-internet-gateway"`
	address := func(name, purpose string) made {
		return made{typ: "compute.googleapis.com/Address", name: name, attributes: with("purpose", purpose)}
	}
	zone := func(name, description string) made {
		return made{typ: "dns.googleapis.com/ManagedZone", name: name, attributes: map[string]string{"visibility": `"private"`, "description": description}}
	}
	return []suppressionCase{
		{"gcp/default-network", network("default", "true", "Default network for the project"), network("default", "false", "Default network for the project")},
		{"gcp/default-network", network("default", "true", "Default network for the project"), network("default", "true", "ours")},
		{"gcp/default-network-subnet", subnet(defaultNetwork, "10.132.0.0/20"), subnet(ownNetwork, "10.132.0.0/20")},
		{"gcp/default-network-subnet", subnet(defaultNetwork, "10.240.0.0/20"), subnet(defaultNetwork, "10.9.0.0/24")},
		{
			"gcp/default-network-firewall",
			firewall("default-allow-ssh", defaultNetwork, "65534", "Allow SSH from anywhere"),
			firewall("default-allow-ssh", defaultNetwork, "1000", "Allow SSH from anywhere"),
		},
		{
			"gcp/default-network-firewall",
			firewall("default-allow-icmp", defaultNetwork, "65534", "Allow ICMP from anywhere"),
			firewall("default-allow-icmp", ownNetwork, "65534", "Allow ICMP from anywhere"),
		},
		{
			"gcp/default-network-firewall-internal",
			firewall("default-allow-internal", defaultNetwork, "65534", "Allow internal traffic on the default network"),
			firewall("default-allow-internal-web", defaultNetwork, "65534", "ours"),
		},
		{"gcp/kubernetes-engine-firewall", tagged("gke-apps-1a2b3c4d-ssh", "gke-apps-1a2b3c4d-node"), tagged("gke-apps-ssh", "bastion")},
		{"gcp/kubernetes-service-firewall", tagged("k8s-fw-a1b2c3", "gke-apps-1a2b3c4d-node"), tagged("k8s-fw-ours", "web")},
		{"gcp/serverless-connector-firewall", tagged("aet-europewest1-shop-sssss", "vpc-connector-europe-west1-shop"), tagged("aet-ours", "web")},
		{
			"gcp/subnet-route",
			route("default-route-r-0a1b2c3d", with("nextHopNetwork", ownNetwork)),
			route("default-route-r-0a1b2c3d", nil),
		},
		{"gcp/peering-route", route("peering-route-0a1b2c3d", with("nextHopPeering", `"to-shared"`)), route("peering-route-ours", nil)},
		{
			"gcp/default-internet-route",
			route("default-route-0a1b2c3d", map[string]string{"nextHopGateway": gateway, "description": `"Default route to the Internet."`}),
			route("default-route-0a1b2c3d", with("nextHopGateway", gateway)),
		},
		{"gcp/nat-address", address("nat-auto-ip-123-4-567", `"NAT_AUTO"`), address("nat-auto-ip-ours", "null")},
		{
			"gcp/kubernetes-engine-zone",
			zone("gke-apps-0a1b2c3d-dns", `"Private zone for GKE cluster \"apps\" with cluster suffix \"cluster.local.\""`),
			zone("gke-apps-0a1b2c3d-dns", `"zone of the shop"`),
		},
	}
}

// googleStorageCases are those of buckets, repositories and logs.
func googleStorageCases() []suppressionCase {
	bucket := func(name, location, uniform string) made {
		return made{typ: "storage.googleapis.com/Bucket", key: "//storage.googleapis.com/" + name, name: name, attributes: map[string]string{
			"location": location, "iamConfiguration.uniformBucketLevelAccess.enabled": uniform,
		}}
	}
	in := func(name string) made { return bucket(name, `"EUROPE-WEST1"`, "false") }
	repository := func(name, format string) made {
		return made{typ: "artifactregistry.googleapis.com/Repository", name: name, attributes: with("format", format)}
	}
	logging := func(typ inventory.Type, path string) made {
		return made{typ: typ, key: "//logging.googleapis.com/" + path}
	}
	return []suppressionCase{
		{"gcp/app-engine-bucket", in("staging.acme-prod.appspot.com"), in("staging.shop.example.com")},
		{"gcp/app-engine-bucket", in("eu.artifacts.acme-prod.appspot.com"), in("artifacts-acme-prod")},
		{"gcp/cloud-functions-sources", in("gcf-sources-" + projectNumber + "-europe-west1"), in("gcf-sources-shop")},
		{"gcp/cloud-functions-v2-sources", in("gcf-v2-sources-" + projectNumber + "-europe-west1"), in("gcf-v2-sources-shop")},
		{"gcp/cloud-functions-v2-uploads", in("gcf-v2-uploads-" + projectNumber + "-europe-west1"), in("gcf-v2-uploads-shop")},
		{"gcp/cloud-run-sources", bucket("run-sources-acme-prod-europe-west1", `"EUROPE-WEST1"`, "true"), in("run-sources-acme-prod-europe-west1")},
		{"gcp/cloud-build-bucket", bucket("acme-prod_cloudbuild", `"US"`, "false"), in("acme-prod_cloudbuild")},
		{"gcp/dataproc-staging-bucket", in("dataproc-staging-europe-west1-" + projectNumber + "-ab12cd34"), in("dataproc-staging-shop")},
		{"gcp/dataproc-temp-bucket", in("dataproc-temp-europe-west1-" + projectNumber + "-ab12cd34"), in("dataproc-temp-shop")},
		{"gcp/cloud-functions-repository", repository("gcf-artifacts", `"DOCKER"`), repository("gcf-artifacts-ours", `"DOCKER"`)},
		{"gcp/cloud-run-repository", repository("cloud-run-source-deploy", `"DOCKER"`), repository("cloud-run-source-deploy", `"NPM"`)},
		{"gcp/container-registry-repository", repository("eu.gcr.io", `"DOCKER"`), repository("gcr", `"DOCKER"`)},
		{
			"gcp/required-log-bucket",
			logging("logging.googleapis.com/LogBucket", "projects/acme-prod/locations/global/buckets/_Required"),
			logging("logging.googleapis.com/LogBucket", "projects/acme-prod/locations/global/buckets/Required"),
		},
		{
			"gcp/default-log-bucket",
			logging("logging.googleapis.com/LogBucket", "organizations/1234/locations/global/buckets/_Default"),
			logging("logging.googleapis.com/LogBucket", "projects/acme-prod/locations/global/buckets/default"),
		},
		{
			"gcp/required-sink",
			logging("logging.googleapis.com/LogSink", "folders/55/sinks/_Required"),
			logging("logging.googleapis.com/LogSink", "folders/55/sinks/our_Required"),
		},
		{
			"gcp/default-sink",
			logging("logging.googleapis.com/LogSink", "projects/acme-prod/sinks/_Default"),
			logging("logging.googleapis.com/LogSink", "projects/acme-prod/sinks/default"),
		},
	}
}

// googleServiceCases are those of accounts, topics and machines.
func googleServiceCases() []suppressionCase {
	account := func(email string) made {
		return made{typ: "iam.googleapis.com/ServiceAccount", attributes: with("email", `"`+email+`"`)}
	}
	key := func(kind string) made {
		return made{typ: "iam.googleapis.com/ServiceAccountKey", attributes: with("keyType", kind)}
	}
	pubsub := func(typ inventory.Type, path string) made {
		return made{typ: typ, key: "//pubsub.googleapis.com/projects/acme-prod/" + path}
	}
	labelled := func(typ inventory.Type, labels ...string) made {
		tags := map[string]string{}
		for _, l := range labels {
			tags[l] = "etl"
		}
		return made{typ: typ, tags: tags}
	}
	pool := func(name, auto string) made {
		return made{typ: "container.googleapis.com/NodePool", name: name, attributes: with("autoscaling.autoprovisioned", auto)}
	}
	ours := "acme-prod.iam.gserviceaccount.com"
	agent := "service-" + projectNumber + "@"
	return []suppressionCase{
		{"gcp/service-agent", account(agent + "gcp-sa-pubsub.iam.gserviceaccount.com"), account(agent + ours)},
		{"gcp/compute-engine-agent", account(agent + "compute-system.iam.gserviceaccount.com"), account("compute-system@" + ours)},
		{"gcp/kubernetes-engine-agent", account(agent + "container-engine-robot.iam.gserviceaccount.com"), account("robot@" + ours)},
		{"gcp/cloud-functions-agent", account(agent + "gcf-admin-robot.iam.gserviceaccount.com"), account("gcf-admin-robot@" + ours)},
		{"gcp/cloud-run-agent", account(agent + "serverless-robot-prod.iam.gserviceaccount.com"), account("serverless@" + ours)},
		{"gcp/dataproc-agent", account(agent + "dataproc-accounts.iam.gserviceaccount.com"), account("dataproc@" + ours)},
		{"gcp/api-service-agent", account(projectNumber + "@cloudservices.gserviceaccount.com"), account("cloudservices@" + ours)},
		{"gcp/default-compute-account", account(projectNumber + "-compute@developer.gserviceaccount.com"), account("a" + projectNumber + "-compute@" + ours)},
		{"gcp/default-app-engine-account", account("acme-prod@appspot.gserviceaccount.com"), account("appspot@" + ours)},
		{"gcp/cloud-build-account", account(projectNumber + "@cloudbuild.gserviceaccount.com"), account("cloudbuild@" + ours)},
		{"gcp/firebase-admin-account", account("firebase-adminsdk-a1b2c@" + ours), account("firebase-adminsdk@" + ours)},
		{"gcp/default-node-pool", pool("default-pool", "null"), pool("main", "null")},
		{"gcp/auto-provisioned-node-pool", pool("nap-e2-standard-2-a1b2c3d4", "true"), pool("nap-ours", "null")},
		{"gcp/system-managed-key", key(`"SYSTEM_MANAGED"`), key(`"USER_MANAGED"`)},
		{"gcp/build-topic", pubsub("pubsub.googleapis.com/Topic", "topics/cloud-builds"), pubsub("pubsub.googleapis.com/Topic", "topics/our-cloud-builds")},
		{
			"gcp/artifact-analysis-topic",
			pubsub("pubsub.googleapis.com/Topic", "topics/container-analysis-occurrences-v1beta1"),
			pubsub("pubsub.googleapis.com/Topic", "topics/container-analysis"),
		},
		{
			"gcp/trigger-topic-subscription",
			pubsub("pubsub.googleapis.com/Subscription", "subscriptions/eventarc-europe-west1-uploads-sub-123"),
			pubsub("pubsub.googleapis.com/Subscription", "subscriptions/eventarc-uploads"),
		},
		{
			"gcp/dataproc-machine",
			labelled("compute.googleapis.com/Instance", "goog-dataproc-cluster-name", "goog-dataproc-cluster-uuid"),
			labelled("compute.googleapis.com/Instance", "dataproc-cluster-name"),
		},
		{
			"gcp/dataproc-disk",
			labelled("compute.googleapis.com/Disk", "goog-dataproc-cluster-name", "goog-dataproc-cluster-uuid"),
			labelled("dataproc.googleapis.com/Cluster", "goog-dataproc-cluster-name", "goog-dataproc-cluster-uuid"),
		},
	}
}

// TestSuppressionsOfGoogle shows for every suppression what it is for, and that something alike which a person made stays in sight.
func TestSuppressionsOfGoogle(t *testing.T) {
	c := mustLoad(t)
	shown := map[string]bool{}
	for _, list := range [][]suppressionCase{googleNetworkCases(), googleStorageCases(), googleServiceCases()} {
		for _, tt := range list {
			shown[tt.id] = true
			if got, _ := c.ProviderDefault(tt.match.entry()); got.ID != tt.id {
				t.Errorf("%s: its own asset matches %q", tt.id, got.ID)
			}
			if got, ok := c.ProviderDefault(tt.like.entry()); ok {
				t.Errorf("%s: what a person made matches %s", tt.id, got.ID)
			}
		}
	}
	for id := range c.suppress.ids {
		if strings.HasPrefix(id, "gcp/") && !shown[id] {
			t.Errorf("%s: add an asset that it matches, and one that it must not, to this test", id)
		}
	}
}

// TestUnreadOfGoogleProvesNothing takes away the attributes that suppressions ask for.
func TestUnreadOfGoogleProvesNothing(t *testing.T) {
	c := mustLoad(t)
	asks := map[string]bool{}
	for _, f := range dataSpecs(t) {
		for _, s := range f.Suppress {
			asks[s.ID] = len(s.Attributes) > 0
		}
	}
	for _, list := range [][]suppressionCase{googleNetworkCases(), googleStorageCases(), googleServiceCases()} {
		for _, tt := range list {
			if !asks[tt.id] {
				continue
			}
			e := tt.match.entry()
			e.Attributes = inventory.Attributes{}
			if got, ok := c.ProviderDefault(e); ok {
				t.Errorf("%s: without attributes it matches %s", tt.id, got.ID)
			}
			if got, ok := c.MayBeDefault(e); !ok || !strings.HasPrefix(got.ID, "gcp/") {
				t.Errorf("%s: without attributes nothing says that it may be a default", tt.id)
			}
		}
	}
}

func TestProvenanceOfGoogle(t *testing.T) {
	c := mustLoad(t)
	tests := []struct {
		labels        map[string]string
		tool, subject string
	}{
		{map[string]string{"goog-gke-node": "", "goog-k8s-cluster-name": "apps"}, "gke", "apps"},
		{map[string]string{"goog-gke-volume": "", "goog-k8s-cluster-name": "apps", "goog-terraform-provisioned": "true"}, "gke", "apps"},
		{map[string]string{"goog-k8s-cluster-name": "apps"}, "gke", "apps"},
		{map[string]string{"goog-composer-environment": "etl", "goog-k8s-cluster-name": "x"}, "composer", "etl"},
		{map[string]string{"goog-dataflow-job-name": "load", "goog-dataflow-job-id": "1"}, "dataflow", "load"},
		{map[string]string{"goog-dataflow-job-id": "1"}, "dataflow", "1"},
		{map[string]string{"notebooks-product": "workbench-instances"}, "notebooks", "workbench-instances"},
		{map[string]string{"goog-managed-by": "cloudfunctions"}, "cloudfunctions", "cloudfunctions"},
		{map[string]string{"goog-managed-by": "something-new"}, "google", "something-new"},
		{map[string]string{"managed-by-cnrm": "true"}, "config-connector", "true"},
		{map[string]string{"goog-terraform-provisioned": "true"}, "terraform", "true"},
	}
	for _, tt := range tests {
		got, ok := c.Provenance(inventory.TagsFromMap(tt.labels))
		if !ok || got.Tool != tt.tool || got.Subject != tt.subject || got.Declares != (tt.tool == "terraform") {
			t.Errorf("%v: got %+v, want %s %s", tt.labels, got, tt.tool, tt.subject)
		}
	}
	for _, labels := range []map[string]string{
		{"managed-by-cnrm": "false"},
		{"goog-terraform-provisioned": "false"},
		{"notebooks-product": "paper"},
		{"owner": "goog-gke-node"},
		{"goog-dataproc-cluster-name": "etl"}, // the cluster itself bears it
	} {
		if got, ok := c.Provenance(inventory.TagsFromMap(labels)); ok {
			t.Errorf("%v: got %+v, want nobody", labels, got)
		}
	}
}
