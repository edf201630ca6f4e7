package terraform

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/inventory"
)

// The states below are made after the documented schemas of Terraform's Google provider.

func googleState(typ, attributes string) string {
	return `{"version":4,"resources":[{"mode":"managed","type":"` + typ + `","name":"a",
		"provider":"provider[\"registry.terraform.io/hashicorp/google\"]","instances":[{"attributes":` + attributes + `}]}]}`
}

const machine = `{"id":"projects/acme-prod/zones/europe-west1-b/instances/web-1","name":"web-1","project":"acme-prod","zone":"europe-west1-b",
	"self_link":"https://www.googleapis.com/compute/v1/projects/acme-prod/zones/europe-west1-b/instances/web-1",
	"instance_id":"8812345678901234567","machine_type":"e2-small","tags":["web","ssh"],"can_ip_forward":false,"deletion_protection":true,
	"labels":{"owner":"payments"},"terraform_labels":{"goog-terraform-provisioned":"true","owner":"payments","env":"prod"},
	"effective_labels":{"goog-terraform-provisioned":"true","owner":"payments","env":"prod","goog-gke-node":""},
	"metadata":{"db":"a-secret-of-the-shop"},"metadata_startup_script":null,
	"service_account":[{"email":"web@acme-prod.iam.gserviceaccount.com","scopes":["https://www.googleapis.com/auth/cloud-platform"]}],
	"scheduling":[{"preemptible":false,"provisioning_model":"STANDARD","automatic_restart":true,"on_host_maintenance":"MIGRATE"}],
	"network_interface":[{"network":"https://www.googleapis.com/compute/v1/projects/acme-prod/global/networks/shop","network_ip":"10.1.0.2",
		"subnetwork":"https://www.googleapis.com/compute/v1/projects/acme-prod/regions/europe-west1/subnetworks/shop","access_config":[]}],
	"boot_disk":[{"source":"https://www.googleapis.com/compute/v1/projects/acme-prod/zones/europe-west1-b/disks/web-1","kms_key_self_link":"",
		"disk_encryption_key_raw":"a-key-of-the-shop","initialize_params":[{"size":20,"type":"pd-balanced","image":"debian","labels":{"x":"y"}}]}]}`

// TestGoogleNames: what Terraform declares has the name that the asset inventory gives it, with the project's id.
func TestGoogleNames(t *testing.T) {
	tests := []struct {
		typ, attributes string
		want            inventory.Asset // key, type, name and place
	}{
		{"google_compute_instance", machine, inventory.Asset{
			Key:  "//compute.googleapis.com/projects/acme-prod/zones/europe-west1-b/instances/web-1",
			Type: "compute.googleapis.com/Instance", Name: "web-1", Account: "acme-prod", Region: "europe-west1", Zone: "europe-west1-b",
		}},
		{
			"google_storage_bucket",
			`{"id":"acme-logs","name":"acme-logs","project":"acme-prod","location":"EUROPE-WEST1","self_link":"https://www.googleapis.com/storage/v1/b/acme-logs"}`,
			inventory.Asset{
				Key: "//storage.googleapis.com/acme-logs", Type: "storage.googleapis.com/Bucket", Name: "acme-logs", Account: "acme-prod", Region: "europe-west1",
			},
		},
		{
			"google_sql_database_instance",
			`{"id":"orders","name":"orders","project":"acme-prod","region":"europe-west1","connection_name":"acme-prod:europe-west1:orders",
				"self_link":"https://sqladmin.googleapis.com/sql/v1beta4/projects/acme-prod/instances/orders","root_password":"hunter2hunter2","settings":[]}`,
			inventory.Asset{
				Key: "//cloudsql.googleapis.com/projects/acme-prod/instances/orders", Type: "sqladmin.googleapis.com/Instance", Name: "orders",
				Account: "acme-prod", Region: "europe-west1",
			},
		},
		{
			"google_pubsub_topic", `{"id":"projects/acme-prod/topics/orders","name":"orders","project":"acme-prod"}`,
			inventory.Asset{
				Key: "//pubsub.googleapis.com/projects/acme-prod/topics/orders", Type: "pubsub.googleapis.com/Topic", Name: "orders", Account: "acme-prod",
			},
		},
		{
			"google_container_cluster",
			`{"id":"projects/acme-prod/locations/europe-west1-b/clusters/apps","name":"apps","project":"acme-prod","location":"europe-west1-b",
				"self_link":"https://container.googleapis.com/v1/projects/acme-prod/locations/europe-west1-b/clusters/apps"}`,
			inventory.Asset{
				Key:  "//container.googleapis.com/projects/acme-prod/zones/europe-west1-b/clusters/apps",
				Type: "container.googleapis.com/Cluster", Name: "apps", Account: "acme-prod", Region: "europe-west1", Zone: "europe-west1-b",
			},
		},
		{
			"google_container_cluster", // of a provider that writes no self link
			`{"id":"projects/acme-prod/locations/europe-west1/clusters/apps","name":"apps","project":"acme-prod","location":"europe-west1"}`,
			inventory.Asset{
				Key:  "//container.googleapis.com/projects/acme-prod/locations/europe-west1/clusters/apps",
				Type: "container.googleapis.com/Cluster", Name: "apps", Account: "acme-prod", Region: "europe-west1",
			},
		},
		{
			"google_container_node_pool",
			`{"id":"projects/acme-prod/locations/europe-west1-b/clusters/apps/nodePools/main","name":"main","project":"acme-prod","location":"europe-west1-b","cluster":"apps"}`,
			inventory.Asset{
				Key:  "//container.googleapis.com/projects/acme-prod/zones/europe-west1-b/clusters/apps/nodePools/main",
				Type: "container.googleapis.com/NodePool", Name: "main", Account: "acme-prod", Region: "europe-west1", Zone: "europe-west1-b",
			},
		},
		{
			"google_project", `{"id":"projects/acme-prod","name":"Acme production","project_id":"acme-prod","number":"420000000001"}`,
			inventory.Asset{
				Key:  "//cloudresourcemanager.googleapis.com/projects/acme-prod",
				Type: "cloudresourcemanager.googleapis.com/Project", Name: "Acme production", Account: "acme-prod",
			},
		},
		{
			"google_service_account",
			`{"id":"projects/acme-prod/serviceAccounts/web@acme-prod.iam.gserviceaccount.com","project":"acme-prod",
				"name":"projects/acme-prod/serviceAccounts/web@acme-prod.iam.gserviceaccount.com","email":"web@acme-prod.iam.gserviceaccount.com",
				"unique_id":"103456789012345678901","disabled":false}`,
			inventory.Asset{
				Key:  "//iam.googleapis.com/projects/acme-prod/serviceAccounts/web@acme-prod.iam.gserviceaccount.com",
				Type: "iam.googleapis.com/ServiceAccount", Name: "web@acme-prod.iam.gserviceaccount.com", Account: "acme-prod",
			},
		},
		{
			"google_secret_manager_secret",
			`{"id":"projects/acme-prod/secrets/db-login","name":"projects/420000000001/secrets/db-login","project":"acme-prod","secret_id":"db-login"}`,
			inventory.Asset{
				Key:  "//secretmanager.googleapis.com/projects/acme-prod/secrets/db-login",
				Type: "secretmanager.googleapis.com/Secret", Name: "db-login", Account: "acme-prod",
			},
		},
		{
			"google_bigquery_dataset",
			`{"id":"projects/acme-prod/datasets/Sales","dataset_id":"Sales","project":"acme-prod","location":"EU",
				"self_link":"https://bigquery.googleapis.com/bigquery/v2/projects/acme-prod/datasets/Sales"}`,
			inventory.Asset{
				Key: "//bigquery.googleapis.com/projects/acme-prod/datasets/Sales", Type: "bigquery.googleapis.com/Dataset", Name: "Sales",
				Account: "acme-prod", Region: "eu",
			},
		},
		{
			"google_compute_region_backend_service", `{"id":"projects/acme-prod/regions/europe-west1/backendServices/api","name":"api","project":"acme-prod","region":"europe-west1"}`,
			inventory.Asset{
				Key:  "//compute.googleapis.com/projects/acme-prod/regions/europe-west1/backendServices/api",
				Type: "compute.googleapis.com/RegionBackendService", Name: "api", Account: "acme-prod", Region: "europe-west1",
			},
		},
		{
			"google_kms_crypto_key",
			`{"id":"projects/acme-prod/locations/global/keyRings/main/cryptoKeys/disks","name":"disks","key_ring":"projects/acme-prod/locations/global/keyRings/main"}`,
			inventory.Asset{
				Key:  "//cloudkms.googleapis.com/projects/acme-prod/locations/global/keyRings/main/cryptoKeys/disks",
				Type: "cloudkms.googleapis.com/CryptoKey", Name: "disks", Account: "acme-prod",
			},
		},
		{
			"google_spanner_instance", `{"id":"acme-prod/main","name":"main","project":"acme-prod"}`,
			inventory.Asset{
				Key: "//spanner.googleapis.com/projects/acme-prod/instances/main", Type: "spanner.googleapis.com/Instance", Name: "main", Account: "acme-prod",
			},
		},
		{
			"google_logging_project_bucket_config",
			`{"id":"projects/acme-prod/locations/global/buckets/_Default","name":"projects/acme-prod/locations/global/buckets/_Default","project":"projects/acme-prod","location":"global","retention_days":30}`,
			inventory.Asset{
				Key:  "//logging.googleapis.com/projects/acme-prod/locations/global/buckets/_Default",
				Type: "logging.googleapis.com/LogBucket", Name: "_Default", Account: "acme-prod",
			},
		},
		{
			"google_compute_packet_mirroring", // of which the catalog knows nothing
			`{"id":"projects/acme-prod/regions/europe-west1/packetMirrorings/tap","name":"tap","project":"acme-prod","region":"europe-west1",
				"self_link":"https://www.googleapis.com/compute/v1/projects/acme-prod/regions/europe-west1/packetMirrorings/tap"}`,
			inventory.Asset{
				Key:  "//compute.googleapis.com/projects/acme-prod/regions/europe-west1/packetMirrorings/tap",
				Type: "terraform/google_compute_packet_mirroring", Name: "tap", Account: "acme-prod", Region: "europe-west1",
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.typ, func(t *testing.T) {
			out, err := collect(t, googleState(tt.typ, tt.attributes))
			if err != nil {
				t.Fatal(err)
			}
			a := out.assets[0]
			got := inventory.Asset{Key: a.Key, Type: a.Type, Name: a.Name, Account: a.Account, Region: a.Region, Zone: a.Zone}
			for _, field := range [][3]string{
				{"key", tt.want.Key, got.Key},
				{"type", string(tt.want.Type), string(got.Type)},
				{"name", tt.want.Name, got.Name},
				{"account", tt.want.Account, got.Account},
				{"region", tt.want.Region, got.Region},
				{"zone", tt.want.Zone, got.Zone},
			} {
				if field[1] != field[2] {
					t.Errorf("%s: got %q, want %q", field[0], field[2], field[1])
				}
			}
			link := inventory.Identifier{Kind: inventory.SelfLink, Value: tt.want.Key}
			if len(a.Identifiers) == 0 || a.Identifiers[len(a.Identifiers)-1] != link {
				t.Errorf("identifiers %v lack %v", a.Identifiers, link)
			}
		})
	}
}

// TestGoogleFacets: what sets one side of another resource does not take that one's name.
func TestGoogleFacets(t *testing.T) {
	for typ, attributes := range map[string]string{
		"google_compute_router_nat": `{"id":"acme-prod/europe-west1/edge/nat","name":"nat","project":"acme-prod","region":"europe-west1","router":"edge"}`,
		"google_project_iam_member": `{"id":"acme-prod/roles/viewer/user:ada@example.com","project":"acme-prod","role":"roles/viewer","member":"user:ada@example.com"}`,
	} {
		out, err := collect(t, googleState(typ, attributes))
		if err != nil {
			t.Fatal(err)
		}
		if a := out.assets[0]; a.Key != "a.tfstate#"+typ+".a" || a.Tags.State() != inventory.NotApplicable {
			t.Errorf("%s: key %q, tags %s", typ, a.Key, a.Tags.State())
		}
	}
}

// TestGoogleInstance reads the attributes, labels and boot disk of a machine.
func TestGoogleInstance(t *testing.T) {
	out, err := collect(t, googleState("google_compute_instance", machine))
	if err != nil {
		t.Fatal(err)
	}
	if len(out.assets) != 2 {
		t.Fatalf("%d assets, want the machine and its boot disk", len(out.assets))
	}
	a, disk := out.assets[0], out.assets[1]
	// What others labelled is not declared: effective_labels are not looked at.
	want := inventory.TagsFromMap(map[string]string{"owner": "payments", "env": "prod", "goog-terraform-provisioned": "true"})
	if !a.Tags.Equal(want) {
		t.Errorf("tags %v, want %v", a.Tags, want)
	}
	for name, want := range map[string]inventory.Value{
		"machineType":                 `"e2-small"`,
		"tags.items":                  `["web","ssh"]`,
		"canIpForward":                `false`,
		"serviceAccounts.email":       `["web@acme-prod.iam.gserviceaccount.com"]`,
		"serviceAccounts.scopes":      `["https://www.googleapis.com/auth/cloud-platform"]`,
		"networkInterfaces.network":   `["https://www.googleapis.com/compute/v1/projects/acme-prod/global/networks/shop"]`,
		"scheduling.automaticRestart": `true`,
	} {
		if got, ok := a.Attributes.Get(name); !ok || got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
	if d := cmp.Diff([]string{
		"//compute.googleapis.com/projects/acme-prod/zones/europe-west1-b/disks/web-1", "compute.googleapis.com/Disk", "web-1", "acme-prod",
		"europe-west1-b", "unknown", "20", `"pd-balanced"`, a.Key,
	}, []string{
		disk.Key, string(disk.Type), disk.Name, disk.Account, disk.Zone, disk.Tags.State().String(), attribute(disk, "sizeGb"), attribute(disk, "type"),
		disk.Relations[0].Key,
	}); d != "" {
		t.Errorf("boot disk (-want +got):\n%s", d)
	}
}

// TestGoogleSecrets: passwords, keys, variables and metadata of states are not kept. What a provider marks as secret is hidden
// wherever it stands; free settings are not kept, but hide nothing: they are full of words that stand elsewhere too.
func TestGoogleSecrets(t *testing.T) {
	for typ, attributes := range map[string]string{
		"google_compute_instance":                machine,
		"google_sql_database_instance":           `{"name":"orders","root_password":"hunter2hunter2","settings":[{"tier":"hunter2hunter2"}]}`,
		"google_compute_vpn_tunnel":              `{"name":"hq","shared_secret":"hunter2hunter2","peer_ip":"hunter2hunter2"}`,
		"google_compute_ssl_certificate":         `{"name":"web","private_key":"hunter2hunter2","description":"hunter2hunter2"}`,
		"google_redis_instance":                  `{"name":"cache","auth_string":"hunter2hunter2","tier":"hunter2hunter2"}`,
		"google_alloydb_cluster":                 `{"cluster_id":"main","initial_user":[{"user":"postgres","password":"hunter2hunter2"}],"database_version":"hunter2hunter2"}`,
		"google_cloudfunctions2_function":        `{"name":"f","service_config":[{"environment_variables":{"TOKEN":"hunter2hunter2"}}]}`,
		"google_cloud_run_v2_service":            `{"name":"s","template":[{"containers":[{"image":"i","env":[{"name":"TOKEN","value":"hunter2hunter2"}]}]}]}`,
		"google_monitoring_notification_channel": `{"display_name":"hunter2hunter2","sensitive_labels":[{"auth_token":"hunter2hunter2"}],"labels":{"channel_name":"#hunter2"}}`,
		"google_pubsub_subscription":             `{"name":"s","push_config":[{"push_endpoint":"https://example.com/?t=hunter2hunter2"}]}`,
		"google_cloud_scheduler_job":             `{"name":"j","http_target":[{"uri":"https://example.com/?t=hunter2hunter2","headers":{"Authorization":"hunter2"}}]}`,
		"google_dataflow_job":                    `{"name":"j","parameters":{"password":"hunter2hunter2"}}`,
	} {
		out, err := collect(t, googleState(typ, attributes))
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range out.assets {
			text := string(inventory.EncodeAsset(&a))
			for _, secret := range []string{"hunter2", "a-secret-of-the-shop", "a-key-of-the-shop"} {
				if strings.Contains(text, secret) {
					t.Errorf("%s: %q is in %s", typ, secret, text)
				}
			}
		}
	}
}

// TestGoogleMetadataHidesNothing: the project's id in a machine's metadata or a program's variables stays readable elsewhere.
func TestGoogleMetadataHidesNothing(t *testing.T) {
	for typ, attributes := range map[string]string{
		"google_compute_instance":         `{"name":"web-1","project":"acme-prod","zone":"europe-west1-b","metadata":{"project":"acme-prod"}}`,
		"google_cloudfunctions2_function": `{"name":"f","project":"acme-prod","location":"europe-west1","service_config":[{"environment_variables":{"PROJECT":"acme-prod"}}]}`,
	} {
		out, err := collect(t, googleState(typ, attributes))
		if err != nil {
			t.Fatal(err)
		}
		if a := out.assets[0]; a.Account != "acme-prod" || !strings.HasPrefix(a.Key, "//") {
			t.Errorf("%s: account %q, key %q", typ, a.Account, a.Key)
		}
	}
}

func attribute(a inventory.Asset, name string) string {
	v, _ := a.Attributes.Get(name)
	return string(v)
}

// TestGoogleLabels reads labels where each type has them.
func TestGoogleLabels(t *testing.T) {
	owner := inventory.KnownTags(inventory.Tag{Key: "owner", Value: "payments"})
	tests := []struct {
		name, typ, attributes string
		want                  inventory.Tags
	}{
		{"of provider 5", "google_pubsub_topic", `{"labels":{"owner":"x"},"terraform_labels":{"owner":"payments"},"effective_labels":{"owner":"payments","a":"b"}}`, owner},
		{"of provider 4", "google_pubsub_topic", `{"labels":{"owner":"payments"}}`, owner},
		{"upgraded and not refreshed", "google_pubsub_topic", `{"labels":{"owner":"payments"},"terraform_labels":null}`, owner},
		{"none", "google_pubsub_topic", `{"labels":{},"terraform_labels":{}}`, inventory.KnownTags()},
		{"nobody says", "google_pubsub_topic", `{"name":"x"}`, inventory.UnknownTags()},
		{"of a database", "google_sql_database_instance", `{"settings":[{"user_labels":{"owner":"payments"}}]}`, owner},
		{"of a database without any", "google_sql_database_instance", `{"settings":[{"user_labels":null}]}`, inventory.KnownTags()},
		{"of a cluster", "google_container_cluster", `{"resource_labels":{"owner":"payments"}}`, owner},
		{"of a node pool, not those of Kubernetes", "google_container_node_pool", `{"node_config":[{"labels":{"a":"b"},"resource_labels":{"owner":"payments"}}]}`, owner},
		{"of Cloud Run's first API", "google_cloud_run_service", `{"metadata":[{"labels":{"owner":"x"},"terraform_labels":{"owner":"payments"}}]}`, owner},
		{"of an alert", "google_monitoring_alert_policy", `{"user_labels":{"owner":"payments"}}`, owner},
		{"of a channel, not its address", "google_monitoring_notification_channel", `{"labels":{"email_address":"ops@example.com"},"user_labels":{"owner":"payments"}}`, owner},
		{"network tags are none", "google_compute_firewall", `{"target_tags":["web"],"labels":{"a":"b"}}`, inventory.NotTaggable()},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out, err := collect(t, googleState(tt.typ, tt.attributes))
			if err != nil {
				t.Fatal(err)
			}
			if got := out.assets[0].Tags; !got.Equal(tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}
