package catalog_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/muster-audit/muster/inventory/catalog"
)

// projects knows two made projects by their numbers.
func projects(number string) string {
	return map[string]string{"420000000001": "acme-prod", "420000000002": "example.com:acme-data"}[number]
}

// fullNames are spellings as the APIs, gcloud, Terraform and the asset inventory write them, with made names.
var fullNames = []struct{ service, text, want string }{
	// Compute Engine
	{"", "https://www.googleapis.com/compute/v1/projects/acme-prod/zones/europe-west1-b/instances/web-1", "//compute.googleapis.com/projects/acme-prod/zones/europe-west1-b/instances/web-1"},
	{"", "https://compute.googleapis.com/compute/v1/projects/acme-prod/zones/europe-west1-b/instances/web-1", "//compute.googleapis.com/projects/acme-prod/zones/europe-west1-b/instances/web-1"},
	{"", "https://compute.googleapis.com/compute/beta/projects/acme-prod/zones/europe-west1-b/instances/web-1/", "//compute.googleapis.com/projects/acme-prod/zones/europe-west1-b/instances/web-1"},
	{"", "https://compute.googleapis.com/beta/projects/acme-prod/zones/europe-west1-b/disks/web-1?alt=json", "//compute.googleapis.com/projects/acme-prod/zones/europe-west1-b/disks/web-1"},
	{"", "https://compute.mtls.googleapis.com/compute/v1/projects/acme-prod/global/networks/default", "//compute.googleapis.com/projects/acme-prod/global/networks/default"},
	{"", "http://www.googleapis.com/compute/alpha/projects/acme-prod/global/networks/default", "//compute.googleapis.com/projects/acme-prod/global/networks/default"},
	{"", "//compute.googleapis.com/projects/420000000001/zones/europe-west1-b/disks/web-1", "//compute.googleapis.com/projects/acme-prod/zones/europe-west1-b/disks/web-1"},
	{"", "https://www.googleapis.com/compute/v1/projects/example.com:acme-data/regions/europe-west1/subnetworks/app", "//compute.googleapis.com/projects/example.com:acme-data/regions/europe-west1/subnetworks/app"},
	{"", "https://www.googleapis.com/compute/v1/projects/example.com%3Aacme-data/regions/europe-west1/addresses/nat", "//compute.googleapis.com/projects/example.com:acme-data/regions/europe-west1/addresses/nat"},
	{"compute.googleapis.com", "projects/420000000002/global/images/base-2024", "//compute.googleapis.com/projects/example.com:acme-data/global/images/base-2024"},
	{"compute.googleapis.com/Instance", "projects/acme-prod/zones/us-central1-ai1a/instances/gpu-1", "//compute.googleapis.com/projects/acme-prod/zones/us-central1-ai1a/instances/gpu-1"},
	{"compute.googleapis.com", "compute/v1/projects/acme-prod/global/firewalls/allow-ssh", "//compute.googleapis.com/projects/acme-prod/global/firewalls/allow-ssh"},
	{"compute.googleapis.com", "locations/global/firewallPolicies/123456", "//compute.googleapis.com/locations/global/firewallPolicies/123456"},
	{"", "https://www.googleapis.com/compute/v1/locations/global/firewallPolicies/123456", "//compute.googleapis.com/locations/global/firewallPolicies/123456"},
	{"", "https://www.googleapis.com/compute/v1/projects/acme-prod", "//compute.googleapis.com/projects/acme-prod"},
	{"", "https://www.googleapis.com/compute/v1/projects/unknown-one/global/networks/Main", "//compute.googleapis.com/projects/unknown-one/global/networks/Main"},
	{"", "//compute.googleapis.com/projects/999999999999/global/networks/default", "//compute.googleapis.com/projects/999999999999/global/networks/default"},
	{"", "//COMPUTE.googleapis.com/projects/acme-prod/global/networks/default", "//compute.googleapis.com/projects/acme-prod/global/networks/default"},
	// Cloud Storage
	{"", "https://www.googleapis.com/storage/v1/b/acme-logs", "//storage.googleapis.com/acme-logs"},
	{"", "https://storage.googleapis.com/storage/v1/b/acme-logs", "//storage.googleapis.com/acme-logs"},
	{"", "https://storage.googleapis.com/acme-logs", "//storage.googleapis.com/acme-logs"},
	{"", "//storage.googleapis.com/acme-logs", "//storage.googleapis.com/acme-logs"},
	{"", "//storage.googleapis.com/projects/_/buckets/acme-logs", "//storage.googleapis.com/acme-logs"},
	{"", "gs://acme-logs/", "//storage.googleapis.com/acme-logs"},
	{"storage.googleapis.com", "acme-logs", "//storage.googleapis.com/acme-logs"},
	{"storage.googleapis.com", "b/logs.example.com", "//storage.googleapis.com/logs.example.com"},
	{"storage.googleapis.com/Bucket", "projects/_/buckets/acme_logs", "//storage.googleapis.com/acme_logs"},
	// Cloud SQL
	{"", "https://sqladmin.googleapis.com/sql/v1beta4/projects/acme-prod/instances/orders", "//cloudsql.googleapis.com/projects/acme-prod/instances/orders"},
	{"", "https://www.googleapis.com/sql/v1beta4/projects/acme-prod/instances/orders", "//cloudsql.googleapis.com/projects/acme-prod/instances/orders"},
	{"", "https://sqladmin.googleapis.com/v1/projects/acme-prod/instances/orders", "//cloudsql.googleapis.com/projects/acme-prod/instances/orders"},
	{"", "//cloudsql.googleapis.com/projects/acme-prod/instances/orders", "//cloudsql.googleapis.com/projects/acme-prod/instances/orders"},
	{"", "//sqladmin.googleapis.com/projects/acme-prod/instances/orders", "//cloudsql.googleapis.com/projects/acme-prod/instances/orders"},
	{"sqladmin.googleapis.com", "projects/acme-prod/instances/orders", "//cloudsql.googleapis.com/projects/acme-prod/instances/orders"},
	{"sqladmin.googleapis.com", "acme-prod:orders", "//cloudsql.googleapis.com/projects/acme-prod/instances/orders"},
	{"sqladmin.googleapis.com", "acme-prod:europe-west1:orders", "//cloudsql.googleapis.com/projects/acme-prod/instances/orders"},
	{"sqladmin.googleapis.com", "example.com:acme-data:orders", "//cloudsql.googleapis.com/projects/example.com:acme-data/instances/orders"},
	{"sqladmin.googleapis.com", "example.com:acme-data:europe-west1:orders", "//cloudsql.googleapis.com/projects/example.com:acme-data/instances/orders"},
	// Kubernetes Engine
	{"", "https://container.googleapis.com/v1/projects/acme-prod/zones/europe-west1-b/clusters/apps", "//container.googleapis.com/projects/acme-prod/zones/europe-west1-b/clusters/apps"},
	{"", "https://container.googleapis.com/v1beta1/projects/acme-prod/locations/europe-west1/clusters/apps", "//container.googleapis.com/projects/acme-prod/locations/europe-west1/clusters/apps"},
	{"container.googleapis.com", "projects/acme-prod/locations/europe-west1-b/clusters/apps", "//container.googleapis.com/projects/acme-prod/zones/europe-west1-b/clusters/apps"},
	{"container.googleapis.com", "projects/acme-prod/locations/europe-west1-b/clusters/apps/nodePools/default-pool", "//container.googleapis.com/projects/acme-prod/zones/europe-west1-b/clusters/apps/nodePools/default-pool"},
	{"", "//container.googleapis.com/projects/420000000001/zones/europe-west1/clusters/apps", "//container.googleapis.com/projects/acme-prod/locations/europe-west1/clusters/apps"},
	// BigQuery
	{"", "https://bigquery.googleapis.com/bigquery/v2/projects/acme-prod/datasets/Sales_2024", "//bigquery.googleapis.com/projects/acme-prod/datasets/Sales_2024"},
	{"", "https://www.googleapis.com/bigquery/v2/projects/acme-prod/datasets/Sales_2024/tables/Orders", "//bigquery.googleapis.com/projects/acme-prod/datasets/Sales_2024/tables/Orders"},
	{"bigquery.googleapis.com", "acme-prod:Sales_2024", "//bigquery.googleapis.com/projects/acme-prod/datasets/Sales_2024"},
	{"bigquery.googleapis.com", "acme-prod:Sales_2024.Orders", "//bigquery.googleapis.com/projects/acme-prod/datasets/Sales_2024/tables/Orders"},
	{"bigquery.googleapis.com", "example.com:acme-data:sales.orders", "//bigquery.googleapis.com/projects/example.com:acme-data/datasets/sales/tables/orders"},
	{"bigquery.googleapis.com", "example.com:acme-data.sales.orders", "//bigquery.googleapis.com/projects/example.com:acme-data/datasets/sales/tables/orders"},
	{"bigquery.googleapis.com", "acme-prod.sales.orders", "//bigquery.googleapis.com/projects/acme-prod/datasets/sales/tables/orders"},
	// Secret Manager, Cloud KMS
	{"secretmanager.googleapis.com", "projects/420000000001/secrets/db-password", "//secretmanager.googleapis.com/projects/acme-prod/secrets/db-password"},
	{"", "//secretmanager.googleapis.com/projects/420000000001/secrets/db-password/versions/3", "//secretmanager.googleapis.com/projects/acme-prod/secrets/db-password/versions/3"},
	{"", "https://secretmanager.europe-west3.rep.googleapis.com/v1/projects/acme-prod/locations/europe-west3/secrets/api", "//secretmanager.googleapis.com/projects/acme-prod/locations/europe-west3/secrets/api"},
	{"cloudkms.googleapis.com", "projects/acme-prod/locations/global/keyRings/main/cryptoKeys/disks", "//cloudkms.googleapis.com/projects/acme-prod/locations/global/keyRings/main/cryptoKeys/disks"},
	// IAM
	{"", "//iam.googleapis.com/projects/acme-prod/serviceAccounts/web@acme-prod.iam.gserviceaccount.com", "//iam.googleapis.com/projects/acme-prod/serviceAccounts/web@acme-prod.iam.gserviceaccount.com"},
	{"iam.googleapis.com", "projects/-/serviceAccounts/web@acme-prod.iam.gserviceaccount.com", "//iam.googleapis.com/projects/acme-prod/serviceAccounts/web@acme-prod.iam.gserviceaccount.com"},
	{"", "https://iam.googleapis.com/v1/projects/-/serviceAccounts/web%40acme-prod.iam.gserviceaccount.com", "//iam.googleapis.com/projects/acme-prod/serviceAccounts/web@acme-prod.iam.gserviceaccount.com"},
	{"iam.googleapis.com", "web@acme-data.example.com.iam.gserviceaccount.com", "//iam.googleapis.com/projects/example.com:acme-data/serviceAccounts/web@acme-data.example.com.iam.gserviceaccount.com"},
	{"iam.googleapis.com", "projects/-/serviceAccounts/420000000001-compute@developer.gserviceaccount.com", "//iam.googleapis.com/projects/acme-prod/serviceAccounts/420000000001-compute@developer.gserviceaccount.com"},
	{"iam.googleapis.com", "acme-prod@appspot.gserviceaccount.com", "//iam.googleapis.com/projects/acme-prod/serviceAccounts/acme-prod@appspot.gserviceaccount.com"},
	{"iam.googleapis.com", "projects/-/serviceAccounts/103456789012345678901", "//iam.googleapis.com/projects/-/serviceAccounts/103456789012345678901"},
	{"", "//iam.googleapis.com/projects/acme-prod/serviceAccounts/103456789012345678901", "//iam.googleapis.com/projects/acme-prod/serviceAccounts/103456789012345678901"},
	{"iam.googleapis.com", "projects/-/serviceAccounts/420000000001@cloudservices.gserviceaccount.com", "//iam.googleapis.com/projects/-/serviceAccounts/420000000001@cloudservices.gserviceaccount.com"},
	{"iam.googleapis.com", "organizations/1234/roles/auditor", "//iam.googleapis.com/organizations/1234/roles/auditor"},
	{"", "//iam.googleapis.com/policies/cloudresourcemanager.googleapis.com%2Fprojects%2F420000000001/denypolicies/no-keys", "//iam.googleapis.com/policies/cloudresourcemanager.googleapis.com%2Fprojects%2F420000000001/denypolicies/no-keys"},
	// Cloud DNS
	{"", "https://dns.googleapis.com/dns/v1/projects/acme-prod/managedZones/example-com", "//dns.googleapis.com/projects/acme-prod/managedZones/example-com"},
	{"", "//dns.googleapis.com/projects/acme-prod/managedZones/8812345678901234567", "//dns.googleapis.com/projects/acme-prod/managedZones/8812345678901234567"},
	// the resource hierarchy
	{"", "//cloudresourcemanager.googleapis.com/projects/420000000001", "//cloudresourcemanager.googleapis.com/projects/acme-prod"},
	{"cloudresourcemanager.googleapis.com", "projects/acme-prod", "//cloudresourcemanager.googleapis.com/projects/acme-prod"},
	{"", "https://cloudresourcemanager.googleapis.com/v3/projects/420000000002", "//cloudresourcemanager.googleapis.com/projects/example.com:acme-data"},
	{"cloudresourcemanager.googleapis.com", "folders/5550001", "//cloudresourcemanager.googleapis.com/folders/5550001"},
	{"cloudresourcemanager.googleapis.com", "organizations/1234", "//cloudresourcemanager.googleapis.com/organizations/1234"},
	{"cloudresourcemanager.googleapis.com", "tagValues/281400000001", "//cloudresourcemanager.googleapis.com/tagValues/281400000001"},
	// serverless and others
	{"", "https://run.googleapis.com/v2/projects/acme-prod/locations/europe-west1/services/api", "//run.googleapis.com/projects/acme-prod/locations/europe-west1/services/api"},
	{"", "https://europe-west1-run.googleapis.com/apis/serving.knative.dev/v1/namespaces/420000000001/services/api", "//run.googleapis.com/projects/acme-prod/locations/europe-west1/services/api"},
	{"run.googleapis.com", "locations/europe-west1/namespaces/acme-prod/services/api", "//run.googleapis.com/projects/acme-prod/locations/europe-west1/services/api"},
	{"", "https://cloudfunctions.googleapis.com/v2/projects/acme-prod/locations/europe-west1/functions/resize", "//cloudfunctions.googleapis.com/projects/acme-prod/locations/europe-west1/functions/resize"},
	{"pubsub.googleapis.com", "projects/acme-prod/topics/Orders.v2", "//pubsub.googleapis.com/projects/acme-prod/topics/Orders.v2"},
	{"pubsub.googleapis.com", "_deleted-topic_", "//pubsub.googleapis.com/_deleted-topic_"},
	{"bigtableadmin.googleapis.com", "projects/acme-prod/instances/events", "//bigtable.googleapis.com/projects/acme-prod/instances/events"},
	{"", "https://bigtableadmin.googleapis.com/v2/projects/acme-prod/instances/events", "//bigtable.googleapis.com/projects/acme-prod/instances/events"},
	{"", "https://europe-west4-aiplatform.googleapis.com/v1/projects/420000000001/locations/europe-west4/endpoints/77", "//aiplatform.googleapis.com/projects/acme-prod/locations/europe-west4/endpoints/77"},
	{"dataproc.googleapis.com", "/projects/acme-prod/regions/europe-west1/clusters/etl", "//dataproc.googleapis.com/projects/acme-prod/regions/europe-west1/clusters/etl"},
	{"monitoring.googleapis.com", "projects/420000000001/alertPolicies/123", "//monitoring.googleapis.com/projects/acme-prod/alertPolicies/123"},
	{"appengine.googleapis.com", "apps/acme-prod/services/default", "//appengine.googleapis.com/apps/acme-prod/services/default"},
	{"logging.googleapis.com", "billingAccounts/0X0X0X-0X0X0X-0X0X0X/sinks/all", "//logging.googleapis.com/billingAccounts/0X0X0X-0X0X0X-0X0X0X/sinks/all"},
}

func TestFullName(t *testing.T) {
	for _, c := range fullNames {
		got, ok := catalog.FullName(c.service, c.text, projects)
		if !ok || got != c.want {
			t.Errorf("FullName(%q, %q) = %q, %t, want %q", c.service, c.text, got, ok, c.want)
		}
		again, ok := catalog.FullName("", got, projects)
		if !ok || again != got {
			t.Errorf("FullName(%q) = %q, %t: not the same again", got, again, ok)
		}
	}
}

func TestFullNameWithoutProjects(t *testing.T) {
	got, ok := catalog.FullName("secretmanager.googleapis.com", "projects/420000000001/secrets/db", nil)
	if want := "//secretmanager.googleapis.com/projects/420000000001/secrets/db"; !ok || got != want {
		t.Errorf("got %q, %t, want %q", got, ok, want)
	}
}

func TestFullNameOfNone(t *testing.T) {
	for _, c := range []struct{ service, text string }{
		{"compute.googleapis.com", ""},
		{"compute.googleapis.com", "web-1"},
		{"compute.googleapis.com", "default"},
		{"compute.googleapis.com", "zones/europe-west1-b/machineTypes/e2-small"}, // whose project nobody says
		{"compute.googleapis.com", "projects"},
		{"compute.googleapis.com", "projects//zones/z/instances/i"},
		{"compute.googleapis.com", "projects/p/../q"},
		{"compute.googleapis.com", "projects/p/global/networks/a b"},
		{"", "projects/p/topics/t"}, // of which service?
		{"example.com", "projects/p/topics/t"},
		{"", "https://example.com/compute/v1/projects/p/global/networks/n"},
		{"", "https://www.googleapis.com.example.com/compute/v1/projects/p"},
		{"", "https://www.googleapis.com/compute"},
		{"", "ftp://compute.googleapis.com/projects/p"},
		{"", "//googleapis.com/projects/p"},
		{"", "//compute.googleapis.com"},
		{"", "//compute.googleapis.com/"},
		{"", "arn:aws:s3:::acme-logs"},
		{"storage.googleapis.com", "Acme Logs"},
		{"storage.googleapis.com", "b/acme-logs/o/key"}, // an object is no asset
		{"storage.googleapis.com", "https://storage.googleapis.com/acme-logs/key"},
		{"bigquery.googleapis.com", "sales.orders"},
		{"bigquery.googleapis.com", "example.com:acme-data"}, // a project
		{"bigquery.googleapis.com", "acme-prod:"},
		{"sqladmin.googleapis.com", "orders"},
		{"sqladmin.googleapis.com", "acme-prod:."},
		{"sqladmin.googleapis.com", "example.com:orders"},
		{"iam.googleapis.com", "103456789012345678901"},
		{"iam.googleapis.com", "serviceAccount:web@acme-prod.iam.gserviceaccount.com"},
	} {
		if got, ok := catalog.FullName(c.service, c.text, projects); ok || got != "" {
			t.Errorf("FullName(%q, %q) = %q, %t, want none", c.service, c.text, got, ok)
		}
	}
}

func TestNameParts(t *testing.T) {
	for name, want := range map[string]catalog.Name{
		"//compute.googleapis.com/projects/p/zones/europe-west1-b/instances/web-1":              {"p", "europe-west1-b", "instances", "web-1"},
		"//compute.googleapis.com/projects/p/regions/europe-west1/addresses/a":                  {"p", "europe-west1", "addresses", "a"},
		"//compute.googleapis.com/projects/p/global/networks/global":                            {"p", "global", "networks", "global"},
		"//compute.googleapis.com/projects/global/global/networks/n":                            {"global", "global", "networks", "n"},
		"//compute.googleapis.com/projects/p":                                                   {"p", "", "projects", "p"},
		"//compute.googleapis.com/locations/global/firewallPolicies/1":                          {"", "global", "firewallPolicies", "1"},
		"//storage.googleapis.com/acme-logs":                                                    {"", "", "buckets", "acme-logs"},
		"//cloudsql.googleapis.com/projects/example.com:p/instances/orders":                     {"example.com:p", "", "instances", "orders"},
		"//cloudkms.googleapis.com/projects/p/locations/global/keyRings/r/cryptoKeys/k":         {"p", "global", "cryptoKeys", "k"},
		"//container.googleapis.com/projects/p/zones/z-a1-b/clusters/c/k8s/namespaces/n/pods/x": {"p", "z-a1-b", "pods", "x"},
		"//logging.googleapis.com/projects/p/settings":                                          {"p", "", "settings", "settings"},
		"//cloudresourcemanager.googleapis.com/folders/55":                                      {"", "", "folders", "55"},
		"//appengine.googleapis.com/apps/p/services/default":                                    {"p", "", "services", "default"},
		"//iam.googleapis.com/projects/-/serviceAccounts/1":                                     {"-", "", "serviceAccounts", "1"},
		"//compute.googleapis.com/projects/p/aggregated/k8s":                                    {"p", "", "aggregated", "k8s"},
		"//compute.googleapis.com/global":                                                       {Collection: "global", Last: "global"},
		"":                                                                                      {},
	} {
		if got := catalog.NameParts(name); got != want {
			t.Errorf("NameParts(%q) = %q, want %q", name, got, want)
		}
	}
}

// TestFullNameStable: the canonical name of a canonical name is itself, whatever it was made of.
func TestFullNameStable(t *testing.T) {
	pieces := []string{
		"projects", "acme-prod", "420000000001", "-", "example.com:p", "example.com%3Ap", "zones", "regions", "locations",
		"europe-west1", "europe-west1-b", "global", "instances", "web-1", "clusters", "serviceAccounts", "a@p.iam.gserviceaccount.com",
		"a%2540b%40c", "b", "buckets", "_", "v1", "beta", "compute", "storage", "sql", "https:", "", "x?y=z", "x%2Fy", "x%3Fy", "\u00a0", "é",
	}
	hosts := []string{
		"", "https://www.googleapis.com/", "https://compute.googleapis.com/", "//storage.googleapis.com/", "https://sqladmin.googleapis.com/",
		"//container.googleapis.com/", "gs://", "https://iam.googleapis.com/v1/", "https://europe-west1-run.googleapis.com/apis/",
	}
	services := []string{"compute.googleapis.com", "container.googleapis.com", "storage.googleapis.com", "bigquery.googleapis.com", "iam.googleapis.com", ""}
	rapid.Check(t, func(r *rapid.T) {
		path := rapid.SliceOfN(rapid.SampledFrom(pieces), 1, 8).Draw(r, "path")
		text := rapid.SampledFrom(hosts).Draw(r, "host") + strings.Join(path, "/")
		stable(r, rapid.SampledFrom(services).Draw(r, "service"), text)
	})
}

type failer interface{ Fatalf(string, ...any) }

func stable(t failer, service, text string) {
	name, ok := catalog.FullName(service, text, projects)
	if !ok {
		if name != "" {
			t.Fatalf("FullName(%q, %q) = %q with false", service, text, name)
		}
		return
	}
	for _, s := range []string{service, "", "dns.googleapis.com"} {
		if again, ok := catalog.FullName(s, name, projects); !ok || again != name {
			t.Fatalf("FullName(%q, %q) = %q, of which FullName makes %q, %t", service, text, name, again, ok)
		}
	}
	host, path, _ := strings.Cut(strings.TrimPrefix(name, "//"), "/")
	if !strings.HasSuffix(host, ".googleapis.com") || slices.Contains(strings.Split(path, "/"), "") {
		t.Fatalf("FullName(%q, %q) = %q", service, text, name)
	}
	if n := catalog.NameParts(name); n.Collection == "" || n.Last == "" {
		t.Fatalf("NameParts(%q) = %q", name, n)
	}
}

func FuzzFullName(f *testing.F) {
	for _, c := range fullNames {
		f.Add(c.service, c.text)
	}
	f.Fuzz(func(t *testing.T, service, text string) { stable(t, service, text) })
}
