package direct

import (
	"strings"

	"github.com/muster-audit/muster/collectors/gcp/resource"
	"github.com/muster-audit/muster/inventory"
)

func kindOf(service, kind string) inventory.Type {
	return inventory.Type(service + ".googleapis.com/" + kind)
}

// locations is the list of the places of a service.
func locations(call, version, permission string) List {
	return List{Call: call, Path: "/" + version + "/projects/{project}/locations", Items: "locations", Permissions: []string{permission}}
}

// isRegion reports whether a place is one region, and not several: "europe-west1" and not "global", "us", "eur4".
func isRegion(place string) bool {
	name, number := strings.TrimRight(place, "0123456789"), strings.ContainsAny(place, "0123456789")
	return number && strings.Contains(name, "-")
}

// placed is a service whose things are listed place by place.
func placed(name, version, collection, kind string, most int, permissions ...string) API {
	prefix := name + ".projects.locations."
	return API{Name: name, Service: name + ".googleapis.com", Lists: []List{
		locations(prefix+"list", version, name+".locations.list"),
		{
			Type: kindOf(name, kind), Call: prefix + collection + ".list", In: prefix + "list", Path: "/" + version + "/{parent}/" + collection,
			Items: collection, Size: "pageSize", Max: most, Permissions: permissions,
		},
	}}
}

// codeAPIs run programs and keep them.
func codeAPIs() []API {
	return []API{
		{Name: "container", Service: "container.googleapis.com", Lists: []List{{
			Type: "container.googleapis.com/Cluster", Call: "container.projects.locations.clusters.list",
			Path:  "/v1/projects/{project}/locations/-/clusters",
			Items: "clusters", Unreachable: "missingZones", Name: clusterName,
			Inner:       []Inner{{Type: "container.googleapis.com/NodePool", Field: "nodePools"}},
			Permissions: []string{"container.clusters.list"},
		}}},
		cloudRun(),
		{Name: "cloudfunctions", Service: "cloudfunctions.googleapis.com", Lists: []List{
			{
				Type: "cloudfunctions.googleapis.com/Function", Call: "cloudfunctions.projects.locations.functions.list",
				Path:  "/v2/projects/{project}/locations/-/functions",
				Items: "functions", Size: "pageSize", Max: 1000, Unreachable: "unreachable",
				Keep:        func(d resource.Doc) bool { return d.Text("environment") != "GEN_1" }, // the other list has those
				Permissions: []string{"cloudfunctions.functions.list"},
			},
			{
				Type: "cloudfunctions.googleapis.com/CloudFunction", Call: "cloudfunctions.projects.locations.functions.list",
				Path:  "/v1/projects/{project}/locations/-/functions",
				Items: "functions", Size: "pageSize", Max: 1000, Unreachable: "unreachable", Permissions: []string{"cloudfunctions.functions.list"},
			},
		}},
		placed("artifactregistry", "v1", "repositories", "Repository", 1000, "artifactregistry.repositories.list"),
		placed("cloudscheduler", "v1", "jobs", "Job", 500, "cloudscheduler.jobs.list"),
		placed("cloudtasks", "v2", "queues", "Queue", 1000, "cloudtasks.queues.list"),
		placed("vpcaccess", "v1", "connectors", "Connector", 1000, "vpcaccess.connectors.list"),
	}
}

func clusterName(a at, d resource.Doc) string {
	if d.Text("location") == "" || d.Text("name") == "" {
		return ""
	}
	return "projects/" + a.project + "/locations/" + d.Text("location") + "/clusters/" + d.Text("name")
}

// cloudRun lists by version 1 of the API: only that answers for all regions at once. It has the shape of Knative, as the asset inventory has.
func cloudRun() API {
	list := func(call, path, collection, kind, permission string) List {
		return List{
			Type: kindOf("run", kind), Call: call, Path: path,
			Items: "items", Size: "limit", Max: 500, Token: "continue", Next: "metadata.continue", Unreachable: "unreachable",
			Name: func(a at, d resource.Doc) string {
				labels, _ := d.Strings("metadata.labels")
				place, name := labels["cloud.googleapis.com/location"], d.Text("metadata.name")
				if place == "" || name == "" {
					return ""
				}
				return "projects/" + a.project + "/locations/" + place + "/" + collection + "/" + name
			},
			Permissions: []string{permission},
		}
	}
	return API{Name: "run", Service: "run.googleapis.com", Lists: []List{
		list("run.namespaces.services.list", "/apis/serving.knative.dev/v1/namespaces/{project}/services", "services", "Service", "run.services.list"),
		list("run.namespaces.jobs.list", "/apis/run.googleapis.com/v1/namespaces/{project}/jobs", "jobs", "Job", "run.jobs.list"),
	}}
}

// operationsAPIs are projects, who may do what, keys, secrets, names, logs and alerts.
func operationsAPIs() []API {
	return []API{
		{Name: "cloudresourcemanager", Service: "cloudresourcemanager.googleapis.com", Lists: []List{{
			Type: "cloudresourcemanager.googleapis.com/Project", Call: "cloudresourcemanager.projects.get", Path: "/v3/projects/{project}",
			Name: func(a at, _ resource.Doc) string { return "projects/" + a.project }, Permissions: []string{"resourcemanager.projects.get"},
		}}},
		iam(), cloudkms(), dns(), logging(),
		secretmanager(),
		{Name: "monitoring", Service: "monitoring.googleapis.com", Lists: []List{
			{
				Type: "monitoring.googleapis.com/AlertPolicy", Call: "monitoring.projects.alertPolicies.list", Path: "/v3/projects/{project}/alertPolicies",
				Items: "alertPolicies", Size: "pageSize", Max: 1000, Permissions: []string{"monitoring.alertPolicies.list"},
			},
			{
				Type: "monitoring.googleapis.com/NotificationChannel", Call: "monitoring.projects.notificationChannels.list",
				Path:  "/v3/projects/{project}/notificationChannels",
				Items: "notificationChannels", Size: "pageSize", Max: 1000, Permissions: []string{"monitoring.notificationChannels.list"},
			},
		}},
	}
}

// secretmanager has a host for each region, which alone tells of the secrets that are kept in that region only.
func secretmanager() API {
	places := locations("secretmanager.projects.locations.list", "v1", "secretmanager.locations.list")
	places.Keep = func(d resource.Doc) bool { return isRegion(last(d.Text("name"))) }
	return API{Name: "secretmanager", Service: "secretmanager.googleapis.com", Lists: []List{
		{
			Type: "secretmanager.googleapis.com/Secret", Call: "secretmanager.projects.secrets.list", Path: "/v1/projects/{project}/secrets",
			Items: "secrets", Size: "pageSize", Max: 5000, Permissions: []string{"secretmanager.secrets.list"},
		},
		places,
		{
			Type: "secretmanager.googleapis.com/Secret", Call: "secretmanager.projects.locations.secrets.list", In: places.Call,
			Service: "secretmanager.{place}.rep.googleapis.com", Path: "/v1/{parent}/secrets",
			Items: "secrets", Size: "pageSize", Max: 5000, Permissions: []string{"secretmanager.secrets.list"},
		},
	}}
}

// iam names service accounts by their unique ids, as the asset inventory does.
func iam() API {
	return API{Name: "iam", Service: "iam.googleapis.com", Lists: []List{
		{
			Type: "iam.googleapis.com/ServiceAccount", Call: "iam.projects.serviceAccounts.list", Path: "/v1/projects/{project}/serviceAccounts",
			Items: "accounts", Size: "pageSize", Max: 100, Name: ownName("serviceAccounts", "uniqueId"), Permissions: []string{"iam.serviceAccounts.list"},
		},
		{
			Type: "iam.googleapis.com/Role", Call: "iam.projects.roles.list", Path: "/v1/projects/{project}/roles", Query: "view=FULL",
			Items: "roles", Size: "pageSize", Max: 1000, Permissions: []string{"iam.roles.list", "iam.roles.get"},
		},
	}}
}

func cloudkms() API {
	const rings = "cloudkms.projects.locations.keyRings.list"
	places := locations("cloudkms.projects.locations.list", "v1", "cloudkms.locations.list")
	return API{Name: "cloudkms", Service: "cloudkms.googleapis.com", Lists: []List{
		places,
		{
			Type: "cloudkms.googleapis.com/KeyRing", Call: rings, In: places.Call, Path: "/v1/{parent}/keyRings",
			Items: "keyRings", Size: "pageSize", Max: 1000, Permissions: []string{"cloudkms.keyRings.list"},
		},
		{
			Type: "cloudkms.googleapis.com/CryptoKey", Call: "cloudkms.projects.locations.keyRings.cryptoKeys.list", In: rings,
			Path:  "/v1/{parent}/cryptoKeys",
			Items: "cryptoKeys", Size: "pageSize", Max: 1000, Permissions: []string{"cloudkms.cryptoKeys.list"},
		},
	}}
}

// dns names zones by their numbers, as the asset inventory does.
func dns() API {
	return API{Name: "dns", Service: "dns.googleapis.com", Lists: []List{{
		Type: "dns.googleapis.com/ManagedZone", Call: "dns.managedZones.list", Path: "/dns/v1/projects/{project}/managedZones",
		Items: "managedZones", Size: "maxResults", Max: 1000, Name: ownName("managedZones", "id"), Permissions: []string{"dns.managedZones.list"},
	}, {
		Type: "dns.googleapis.com/Policy", Call: "dns.policies.list", Path: "/dns/v1/projects/{project}/policies",
		Items: "policies", Size: "maxResults", Max: 1000, Name: ownName("policies", "id"), Permissions: []string{"dns.policies.list"},
	}}}
}

func logging() API {
	return API{Name: "logging", Service: "logging.googleapis.com", Lists: []List{
		{
			Type: "logging.googleapis.com/LogBucket", Call: "logging.projects.locations.buckets.list", Path: "/v2/projects/{project}/locations/-/buckets",
			Items: "buckets", Size: "pageSize", Max: 1000, Permissions: []string{"logging.buckets.list"},
		},
		{
			Type: "logging.googleapis.com/LogSink", Call: "logging.projects.sinks.list", Path: "/v2/projects/{project}/sinks",
			Items: "sinks", Size: "pageSize", Max: 1000, Name: ownName("sinks", "name"), Permissions: []string{"logging.sinks.list"},
		},
		{
			Type: "logging.googleapis.com/LogMetric", Call: "logging.projects.metrics.list", Path: "/v2/projects/{project}/metrics",
			Items: "metrics", Size: "pageSize", Max: 1000, Name: ownName("metrics", "name"), Permissions: []string{"logging.logMetrics.list"},
		},
	}}
}
