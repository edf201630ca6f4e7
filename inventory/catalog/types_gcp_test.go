package catalog

import (
	"testing"

	"github.com/muster-audit/muster/inventory"
)

// googleLabels says of the types that most estates hold where their labels are; empty for those that can carry none.
// Reference: the REST references of the services, and "Labels overview" of the resource manager's documentation.
func googleLabels() map[inventory.Type]string {
	return map[inventory.Type]string{
		"compute.googleapis.com/Instance":               "labels",
		"compute.googleapis.com/Disk":                   "labels",
		"compute.googleapis.com/RegionDisk":             "labels",
		"compute.googleapis.com/Snapshot":               "labels",
		"compute.googleapis.com/Image":                  "labels",
		"compute.googleapis.com/InstanceTemplate":       "properties.labels",
		"compute.googleapis.com/InstanceGroupManager":   "",
		"compute.googleapis.com/ForwardingRule":         "labels",
		"compute.googleapis.com/GlobalForwardingRule":   "labels",
		"compute.googleapis.com/Address":                "labels",
		"compute.googleapis.com/GlobalAddress":          "labels",
		"compute.googleapis.com/VpnTunnel":              "labels",
		"compute.googleapis.com/VpnGateway":             "labels",
		"compute.googleapis.com/SecurityPolicy":         "labels",
		"compute.googleapis.com/Network":                "",
		"compute.googleapis.com/Subnetwork":             "",
		"compute.googleapis.com/Firewall":               "",
		"compute.googleapis.com/Route":                  "",
		"compute.googleapis.com/Router":                 "",
		"compute.googleapis.com/BackendService":         "",
		"compute.googleapis.com/UrlMap":                 "",
		"compute.googleapis.com/HealthCheck":            "",
		"compute.googleapis.com/TargetHttpsProxy":       "",
		"compute.googleapis.com/SslCertificate":         "",
		"storage.googleapis.com/Bucket":                 "labels",
		"sqladmin.googleapis.com/Instance":              "settings.userLabels",
		"container.googleapis.com/Cluster":              "resourceLabels",
		"container.googleapis.com/NodePool":             "config.resourceLabels",
		"run.googleapis.com/Service":                    "labels",
		"run.googleapis.com/Job":                        "labels",
		"cloudfunctions.googleapis.com/Function":        "labels",
		"cloudfunctions.googleapis.com/CloudFunction":   "labels",
		"pubsub.googleapis.com/Topic":                   "labels",
		"pubsub.googleapis.com/Subscription":            "labels",
		"pubsub.googleapis.com/Snapshot":                "labels",
		"bigquery.googleapis.com/Dataset":               "labels",
		"bigquery.googleapis.com/Table":                 "labels",
		"artifactregistry.googleapis.com/Repository":    "labels",
		"secretmanager.googleapis.com/Secret":           "labels",
		"cloudkms.googleapis.com/CryptoKey":             "labels",
		"cloudkms.googleapis.com/KeyRing":               "",
		"redis.googleapis.com/Instance":                 "labels",
		"memcache.googleapis.com/Instance":              "labels",
		"dns.googleapis.com/ManagedZone":                "labels",
		"cloudresourcemanager.googleapis.com/Project":   "labels",
		"cloudresourcemanager.googleapis.com/Folder":    "",
		"dataproc.googleapis.com/Cluster":               "labels",
		"dataflow.googleapis.com/Job":                   "labels",
		"spanner.googleapis.com/Instance":               "labels",
		"bigtableadmin.googleapis.com/Instance":         "labels",
		"alloydb.googleapis.com/Cluster":                "labels",
		"alloydb.googleapis.com/Instance":               "labels",
		"aiplatform.googleapis.com/Endpoint":            "labels",
		"aiplatform.googleapis.com/Model":               "labels",
		"notebooks.googleapis.com/Instance":             "labels",
		"file.googleapis.com/Instance":                  "labels",
		"composer.googleapis.com/Environment":           "labels",
		"monitoring.googleapis.com/AlertPolicy":         "userLabels",
		"monitoring.googleapis.com/NotificationChannel": "userLabels",
		"iam.googleapis.com/ServiceAccount":             "",
		"iam.googleapis.com/Role":                       "",
		"logging.googleapis.com/LogBucket":              "",
		"logging.googleapis.com/LogSink":                "",
		"cloudscheduler.googleapis.com/Job":             "",
		"cloudtasks.googleapis.com/Queue":               "",
		"vpcaccess.googleapis.com/Connector":            "",
		"serviceusage.googleapis.com/Service":           "",
	}
}

func TestLabelsOfGoogle(t *testing.T) {
	c := mustLoad(t)
	for typ, path := range googleLabels() {
		r, ok := c.Type(typ)
		want := inventory.Known
		if path == "" {
			want = inventory.NotApplicable
		}
		if !ok || r.Taggable != want || r.TagProperty != path {
			t.Errorf("%s: taggable %s in %q, want %s in %q", typ, r.Taggable, r.TagProperty, want, path)
		}
		if r.Class == Other {
			t.Errorf("%s: has no class", typ)
		}
	}
}

// TestLabelsNobodyKnows: where only Google writes labels, or a schema holds them in a shape of its own, the type is neither
// taggable nor not.
func TestLabelsNobodyKnows(t *testing.T) {
	c := mustLoad(t)
	for _, typ := range []inventory.Type{
		"run.googleapis.com/Revision", "run.googleapis.com/Execution", "deploymentmanager.googleapis.com/Deployment", "dns.googleapis.com/ResponsePolicy",
	} {
		if r, ok := c.Type(typ); !ok || r.Taggable != inventory.Unknown {
			t.Errorf("%s: taggable %s, want unknown", typ, r.Taggable)
		}
	}
	if r, ok := c.Type("lustre.googleapis.com/Instance"); ok {
		t.Errorf("a type without a discovery document: %+v", r)
	}
}

// TestTerraformLabelsOfGoogle: what Terraform declares can carry labels if its cloud type can, and nothing else.
func TestTerraformLabelsOfGoogle(t *testing.T) {
	c := mustLoad(t)
	seen := 0
	names := c.tfTypes().keys()
	for name := range c.terraform {
		names = append(names, name)
	}
	for _, name := range names {
		tf, _ := c.Terraform(name)
		if tf.Provider != "gcp" || !tf.Mapped() {
			continue
		}
		seen++
		if r, _ := c.Type(tf.CloudType); tf.Taggable != inventory.Unknown && tf.Taggable != r.Taggable {
			t.Errorf("%s: taggable %s, and %s is %s", name, tf.Taggable, tf.CloudType, r.Taggable)
		}
		if (tf.Taggable == inventory.Known) != (len(tf.Tags) > 0) {
			t.Errorf("%s: taggable %s by %q", name, tf.Taggable, tf.Tags)
		}
	}
	if seen < 100 {
		t.Errorf("%d types", seen)
	}
}

func TestTagLimitsOfGoogle(t *testing.T) {
	r, _ := mustLoad(t).Type("compute.googleapis.com/Instance")
	if want := (TagLimits{Max: 64, KeyLength: 63, ValueLength: 63, Lower: true, Bytes: 128}); r.TagLimits != want {
		t.Errorf("got %+v, want %+v", r.TagLimits, want)
	}
}
