package resource

import (
	"encoding/json"
	"maps"
	"reflect"
	"strings"
	"testing"

	"github.com/muster-audit/muster/inventory"
)

// assetOf makes an asset of a type, at a relative name, from a document that was made for the test.
func assetOf(t *testing.T, with *Table, typ inventory.Type, name, text string) inventory.Asset {
	t.Helper()
	a, ok, err := with.Asset(Resource{Type: typ, Name: name, Data: doc(t, text)})
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	return a
}

// values are the attributes that are set, by name.
func values(a inventory.Asset) map[string]string {
	out := map[string]string{}
	for at := range a.Attributes.All() {
		if at.Value != inventory.Null {
			out[at.Name] = string(at.Value)
		}
	}
	return out
}

// A thing has the same labels and attributes whichever version of its API told of it.
func TestForms(t *testing.T) {
	const at = "projects/acme-prod/locations/europe-west1/"
	tests := []struct {
		typ              inventory.Type
		name, old, newer string
	}{
		{
			typ: "run.googleapis.com/Service", name: at + "services/shop",
			old: `{"apiVersion": "serving.knative.dev/v1", "kind": "Service",
				"metadata": {"name": "shop", "namespace": "420000000001", "uid": "u-1", "creationTimestamp": "2026-03-01T09:30:00Z",
					"labels": {"owner": "shop", "cloud.googleapis.com/location": "europe-west1", "run.googleapis.com/satisfiesPzs": "true", "acme.example/x": "y"},
					"annotations": {"run.googleapis.com/ingress": "internal", "run.googleapis.com/invoker-iam-disabled": "true", "run.googleapis.com/launch-stage": "BETA",
						"run.googleapis.com/binary-authorization": "default", "run.googleapis.com/description": "d", "serving.knative.dev/creator": "a@acme.example",
						"serving.knative.dev/lastModifier": "b@acme.example", "client.knative.dev/user-image": "canary"}},
				"spec": {"traffic": [{"percent": 100, "latestRevision": true}], "template": {
					"metadata": {"annotations": {"autoscaling.knative.dev/maxScale": "7", "run.googleapis.com/vpc-access-egress": "all-traffic",
						"run.googleapis.com/vpc-access-connector": "projects/acme-prod/locations/europe-west1/connectors/c", "run.googleapis.com/encryption-key": "projects/p/k"}},
					"spec": {"serviceAccountName": "shop@acme-prod.iam.gserviceaccount.com", "containers": [{"image": "i:1", "env": [{"name": "P", "value": "canary"}]}, {"image": "j:1"}]}}},
				"status": {"url": "https://shop-ab-ew.a.run.app"}}`,
			newer: `{"name": "projects/acme-prod/locations/europe-west1/services/shop", "uid": "u-1", "createTime": "2026-03-01T09:30:00Z",
				"labels": {"owner": "shop", "acme.example/x": "y"}, "ingress": "INGRESS_TRAFFIC_INTERNAL_ONLY", "invokerIamDisabled": true, "launchStage": "BETA",
				"binaryAuthorization": {"useDefault": true}, "description": "d", "creator": "a@acme.example", "lastModifier": "b@acme.example",
				"traffic": [{"type": "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST", "percent": 100}], "uri": "https://shop-ab-ew.a.run.app",
				"template": {"scaling": {"maxInstanceCount": 7}, "vpcAccess": {"connector": "projects/acme-prod/locations/europe-west1/connectors/c", "egress": "ALL_TRAFFIC"},
					"encryptionKey": "projects/p/k", "serviceAccount": "shop@acme-prod.iam.gserviceaccount.com",
					"containers": [{"image": "i:1", "env": [{"name": "P", "value": "canary"}]}, {"image": "j:1"}]}}`,
		},
		{
			typ: "run.googleapis.com/Job", name: at + "jobs/nightly",
			old: `{"apiVersion": "run.googleapis.com/v1", "kind": "Job", "metadata": {"name": "nightly", "uid": "u-2", "creationTimestamp": "2026-03-01T09:30:00Z",
					"labels": {"owner": "shop", "cloud.googleapis.com/location": "europe-west1"}},
				"spec": {"template": {"metadata": {"annotations": {"run.googleapis.com/encryption-key": "projects/p/k"}},
					"spec": {"template": {"spec": {"serviceAccountName": "n@acme-prod.iam.gserviceaccount.com", "containers": [{"image": "i:1", "env": [{"name": "P", "value": "canary"}]}]}}}}},
				"status": {"executionCount": 4}}`,
			newer: `{"name": "x", "uid": "u-2", "createTime": "2026-03-01T09:30:00Z", "labels": {"owner": "shop"}, "launchStage": "GA", "executionCount": 4,
				"template": {"template": {"encryptionKey": "projects/p/k", "serviceAccount": "n@acme-prod.iam.gserviceaccount.com",
					"containers": [{"image": "i:1", "env": [{"name": "P", "value": "canary"}]}]}}}`,
		},
		{
			typ: "cloudfunctions.googleapis.com/Function", name: at + "functions/f",
			old: `{"name": "f", "status": "ACTIVE", "labels": {"owner": "shop"}, "runtime": "go124", "entryPoint": "F", "availableMemoryMb": 256, "timeout": "60s",
				"serviceAccountEmail": "f@acme-prod.iam.gserviceaccount.com", "maxInstances": 3, "ingressSettings": "ALLOW_ALL", "vpcConnector": "c", "kmsKeyName": "k",
				"httpsTrigger": {"url": "https://f"}, "environmentVariables": {"P": "canary"}, "sourceToken": "canary"}`,
			newer: `{"name": "f", "state": "ACTIVE", "labels": {"owner": "shop"}, "buildConfig": {"runtime": "go124", "entryPoint": "F", "environmentVariables": {"P": "canary"}},
				"serviceConfig": {"availableMemory": "256M", "timeoutSeconds": 60, "serviceAccountEmail": "f@acme-prod.iam.gserviceaccount.com", "maxInstanceCount": 3,
					"ingressSettings": "ALLOW_ALL", "vpcConnector": "c", "environmentVariables": {"P": "canary"}}, "kmsKeyName": "k", "url": "https://f"}`,
		},
		{
			typ: "cloudfunctions.googleapis.com/CloudFunction", name: at + "functions/f",
			old: `{"name": "f", "status": "ACTIVE", "labels": {"owner": "shop"}, "runtime": "go124", "entryPoint": "F", "availableMemoryMb": 2048,
				"serviceAccountEmail": "f@acme-prod.iam.gserviceaccount.com", "maxInstances": 3, "ingressSettings": "ALLOW_ALL", "vpcConnector": "c", "kmsKeyName": "k",
				"httpsTrigger": {"url": "https://f", "securityLevel": "SECURE_ALWAYS"}, "environmentVariables": {"P": "canary"}}`,
			newer: `{"name": "f", "state": "ACTIVE", "environment": "GEN_1", "labels": {"owner": "shop"}, "buildConfig": {"runtime": "go124", "entryPoint": "F", "sourceToken": "canary"},
				"serviceConfig": {"availableMemory": "2Gi", "serviceAccountEmail": "f@acme-prod.iam.gserviceaccount.com", "maxInstanceCount": 3, "securityLevel": "SECURE_ALWAYS",
					"ingressSettings": "ALLOW_ALL", "vpcConnector": "c"}, "kmsKeyName": "k"}`,
		},
	}
	with := table(t)
	for _, tt := range tests {
		t.Run(string(tt.typ), func(t *testing.T) {
			old, newer := assetOf(t, with, tt.typ, tt.name, tt.old), assetOf(t, with, tt.typ, tt.name, tt.newer)
			if a, b := values(old), values(newer); !maps.Equal(a, b) || len(a) < 5 {
				t.Errorf("attributes\n %v\n %v", a, b)
			}
			if !old.Tags.Equal(newer.Tags) || old.Tags.Len() == 0 {
				t.Errorf("labels %v, %v", old.Tags, newer.Tags)
			}
			if !old.Created.Equal(newer.Created) || !reflect.DeepEqual(old.Identifiers, newer.Identifiers) || old.Name != newer.Name || old.Region != "europe-west1" {
				t.Errorf("%v %v, %v %v, %q %q", old.Created, newer.Created, old.Identifiers, newer.Identifiers, old.Name, old.Region)
			}
			for _, v := range values(old) {
				if strings.Contains(v, "canary") {
					t.Errorf("a secret: %s", v)
				}
			}
		})
	}
}

// The environment of containers does not even get into the form.
func TestFormsWithoutEnvironment(t *testing.T) {
	d := doc(t, `{"metadata": {"name": "a"}, "spec": {"template": {"spec": {"containers": [{"image": "i", "env": [{"name": "P", "value": "canary"}]}],
		"template": {"spec": {"containers": [{"image": "i", "args": ["canary"]}]}}}}}}`)
	for _, form := range []func(Doc) Doc{formService, formJob} {
		text, err := json.Marshal(form(d))
		if err != nil || strings.Contains(string(text), "canary") || !strings.Contains(string(text), `"image":"i"`) {
			t.Errorf("%s %v", text, err)
		}
	}
}

func TestFormOfWords(t *testing.T) {
	for annotation, want := range map[string]string{
		"": "INGRESS_TRAFFIC_ALL", "all": "INGRESS_TRAFFIC_ALL", "internal": "INGRESS_TRAFFIC_INTERNAL_ONLY",
		"internal-and-cloud-load-balancing": "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER", "none": "INGRESS_TRAFFIC_NONE", "new": "new",
	} {
		if got := ingress(annotation); got != want {
			t.Errorf("%q: %q", annotation, got)
		}
	}
	for text, want := range map[string]any{"256M": json.Number("256"), "1G": json.Number("1024"), "4Gi": json.Number("4096"), "512Mi": json.Number("512"), "x": "x", "": "", "1.5Gi": "1.5Gi"} {
		if got := megabytes(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

// What a form is made of stays as it was, since whoever handed it over may still use it.
func TestFormsChangeNothing(t *testing.T) {
	with := table(t)
	const text = `{"metadata": {"name": "a", "labels": {"x": "y"}, "annotations": {"run.googleapis.com/description": "d"}}, "spec": {"template": {}}}`
	d := doc(t, text)
	for _, typ := range []inventory.Type{"run.googleapis.com/Service", "run.googleapis.com/Job"} {
		if _, _, err := with.Asset(Resource{Type: typ, Name: "projects/p/locations/l/services/a", Data: d}); err != nil {
			t.Error(err)
		}
	}
	if !reflect.DeepEqual(d, doc(t, text)) {
		t.Errorf("changed to %v", d)
	}
}

func TestIdentifiersAndRelations(t *testing.T) {
	const p = "projects/acme-prod/"
	tests := []struct {
		name      string
		typ       inventory.Type
		at, doc   string
		want      string
		lifecycle inventory.Lifecycle
	}{
		{
			"an SQL server", "sqladmin.googleapis.com/Instance", p + "instances/a", `{"connectionName": "acme-prod:eu:a", "state": "MAINTENANCE", "dnsName": "a.sql.goog.",
			"ipAddresses": [{"type": "PRIMARY", "ipAddress": "203.0.113.1"}, {"type": "OUTGOING", "ipAddress": "203.0.113.2"}, {"type": "PRIVATE", "ipAddress": "10.0.0.1"}]}`,
			"fqdn=a.sql.goog, private-ip=10.0.0.1, public-ip=203.0.113.1, resource-id=acme-prod:eu:a", inventory.LifecycleMaintenance,
		},
		{"a database", "sqladmin.googleapis.com/Database", p + "instances/a/databases/d", `{}`, "part-of //cloudsql.googleapis.com/projects/acme-prod/instances/a", ""},
		{"a table", "bigquery.googleapis.com/Table", p + "datasets/d/tables/t", `{}`, "part-of //bigquery.googleapis.com/projects/acme-prod/datasets/d", ""},
		{"a key", "cloudkms.googleapis.com/CryptoKey", p + "locations/l/keyRings/r/cryptoKeys/k", `{}`, "part-of //cloudkms.googleapis.com/projects/acme-prod/locations/l/keyRings/r", ""},
		{
			"a version of a key", "cloudkms.googleapis.com/CryptoKeyVersion", p + "locations/l/keyRings/r/cryptoKeys/k/cryptoKeyVersions/1", `{"state": "DESTROY_SCHEDULED"}`,
			"managed-by //cloudkms.googleapis.com/projects/acme-prod/locations/l/keyRings/r/cryptoKeys/k", inventory.LifecycleRetiring,
		},
		{
			"a pool of a zonal cluster", "container.googleapis.com/NodePool", p + "locations/europe-west1-b/clusters/c/nodePools/n", `{}`,
			"part-of //container.googleapis.com/projects/acme-prod/zones/europe-west1-b/clusters/c", "",
		},
		{"a private cluster", "container.googleapis.com/Cluster", p + "locations/l/clusters/c", `{"endpoint": "172.16.0.2", "status": "STOPPING"}`, "private-ip=172.16.0.2", inventory.LifecycleRetiring},
		{"a subscription", "pubsub.googleapis.com/Subscription", p + "subscriptions/s", `{"topic": "projects/acme-prod/topics/t", "pushConfig": {"pushEndpoint": "https://x.example/?t=canary"}}`, "", ""},
		{"a cache with a name", "redis.googleapis.com/Instance", p + "locations/l/instances/a", `{"host": "a.cache.example", "readEndpoint": "10.0.0.2"}`, "fqdn=a.cache.example, private-ip=10.0.0.2", ""},
		{
			"a memcache", "memcache.googleapis.com/Instance", p + "locations/l/instances/a", `{"discoveryEndpoint": "10.0.0.2:11211", "memcacheNodes": [{"host": "fd20::3"}, {"host": ""}]}`,
			"private-ip=10.0.0.2, private-ip=fd20::3", "",
		},
		{"a service account", "iam.googleapis.com/ServiceAccount", p + "serviceAccounts/103", `{"uniqueId": "103", "email": "a@acme-prod.iam.gserviceaccount.com"}`, "resource-id=103", ""},
		{"a key of an account", "iam.googleapis.com/ServiceAccountKey", p + "serviceAccounts/103/keys/k", `{}`, "part-of //iam.googleapis.com/projects/acme-prod/serviceAccounts/103", ""},
		{"a project that goes", "cloudresourcemanager.googleapis.com/Project", "projects/acme-prod", `{"name": "projects/123456789012", "state": "DELETE_REQUESTED"}`, "resource-id=123456789012", inventory.LifecycleRetiring},
		{"a project as of old", "cloudresourcemanager.googleapis.com/Project", "projects/acme-prod", `{"name": "Acme", "projectNumber": "123456789012", "lifecycleState": "ACTIVE"}`, "resource-id=123456789012", ""},
		{"a function that goes", "cloudfunctions.googleapis.com/CloudFunction", p + "locations/l/functions/f", `{"status": "DELETE_IN_PROGRESS"}`, "", inventory.LifecycleRetiring},
		{"a cluster of machines", "dataproc.googleapis.com/Cluster", p + "regions/r/clusters/c", `{"clusterUuid": "u", "status": {"state": "DELETING"}}`, "resource-id=u", inventory.LifecycleRetiring},
	}
	with := table(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := assetOf(t, with, tt.typ, tt.at, tt.doc)
			if tt.lifecycle == "" {
				tt.lifecycle = inventory.LifecycleActive
			}
			if got := told(a); got != tt.want || a.Lifecycle != tt.lifecycle {
				t.Errorf("\n got %s, %s\nwant %s, %s", got, a.Lifecycle, tt.want, tt.lifecycle)
			}
		})
	}
}

// What lingers after its deletion is left out.
func TestGone(t *testing.T) {
	with := table(t)
	for typ, text := range map[inventory.Type]string{
		"iam.googleapis.com/Role":                    `{"deleted": true}`,
		"firestore.googleapis.com/Database":          `{"deleteTime": "2026-03-01T09:30:00Z"}`,
		"dataflow.googleapis.com/Job":                `{"currentState": "JOB_STATE_DONE"}`,
		"secretmanager.googleapis.com/SecretVersion": `{"state": "DESTROYED"}`,
	} {
		r := Resource{Type: typ, Name: "projects/acme-prod/things/a", Data: doc(t, text)}
		if _, ok, err := with.Asset(r); ok || err != nil {
			t.Errorf("%s: %v %v", typ, ok, err)
		}
		r.Data = Doc{}
		if _, ok, err := with.Asset(r); !ok || err != nil {
			t.Errorf("%s that is there: %v %v", typ, ok, err)
		}
	}
}

// Of a part of a representation, what is left out is unknown.
func TestPart(t *testing.T) {
	r := Resource{Type: "bigquery.googleapis.com/Table", Name: "projects/acme-prod/datasets/d/tables/t", Part: true, Data: doc(t, `{"type": "TABLE", "expirationTime": null}`)}
	a, _, err := table(t).Asset(r)
	if err != nil || a.Tags.State() != inventory.Unknown {
		t.Errorf("labels %s: %v", a.Tags.State(), err)
	}
	if v, ok := a.Attributes.Get("type"); !ok || v != `"TABLE"` {
		t.Errorf("type %s %v", v, ok)
	}
	if v, ok := a.Attributes.Get("description"); ok {
		t.Errorf("the description is known: %s", v)
	}
}

// No document makes a kind panic, or tells of attributes that the catalog does not name.
func FuzzKinds(f *testing.F) {
	f.Add(`{"metadata": {"name": "a", "labels": {"x/y": "z"}, "annotations": {"autoscaling.knative.dev/maxScale": "x"}}, "spec": {"template": {"spec": {"containers": [{"image": "i"}, 3]}}}}`)
	f.Add(`{"buildConfig": {}, "serviceConfig": {"availableMemory": "Gi"}}`)
	f.Add(`{"runtime": "x", "timeout": 3, "availableMemoryMb": {}}`)
	f.Add(`{"ipAddresses": [{"type": "PRIMARY", "ipAddress": "x"}], "host": ":", "endpoint": "::", "status": {"state": 1}, "config": "regional-", "proxyUri": "http://[::1"}`)
	with := table(f)
	f.Fuzz(func(t *testing.T, text string) {
		var d Doc
		if json.Unmarshal([]byte(text), &d) != nil {
			t.Skip()
		}
		for typ := range with.kinds {
			a, ok, err := with.Asset(Resource{Type: typ, Name: "projects/acme-prod/locations/l/things/a", Data: d})
			if err != nil {
				t.Fatal(typ, err)
			}
			row, _ := with.Catalog.Type(typ)
			if ok && a.Attributes.Len() != len(row.Attributes)+len(row.Evidence) {
				t.Errorf("%s: %d attributes", typ, a.Attributes.Len())
			}
		}
	})
}
