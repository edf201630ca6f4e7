package direct

import (
	"strings"

	"github.com/muster-audit/muster/collectors/gcp/resource"
)

// dataAPIs are databases, caches and what is stored.
func dataAPIs() []API {
	return []API{
		{Name: "storage", Service: "storage.googleapis.com", Lists: []List{{
			Type: "storage.googleapis.com/Bucket", Call: "storage.buckets.list",
			Path: "/storage/v1/b", Query: "project={project}&returnPartialSuccess=true",
			Items: "items", Size: "maxResults", Max: 1000, Unreachable: "unreachable", Permissions: []string{"storage.buckets.list"},
		}}},
		{Name: "sql", Service: "sqladmin.googleapis.com", Lists: []List{{
			Type: "sqladmin.googleapis.com/Instance", Call: "sql.instances.list",
			Path:  "/v1/projects/{project}/instances",
			Items: "items", Size: "maxResults", Max: 1000, Unreachable: "warnings", Name: ownName("instances", "name"),
			Permissions: []string{"cloudsql.instances.list"},
		}}},
		spanner(), bigtable(),
		{Name: "alloydb", Service: "alloydb.googleapis.com", Lists: []List{
			{
				Type: "alloydb.googleapis.com/Cluster", Call: "alloydb.projects.locations.clusters.list",
				Path:  "/v1/projects/{project}/locations/-/clusters",
				Items: "clusters", Size: "pageSize", Max: 1000, Unreachable: "unreachable", Permissions: []string{"alloydb.clusters.list"},
			},
			{
				Type: "alloydb.googleapis.com/Instance", Call: "alloydb.projects.locations.clusters.instances.list",
				Path:  "/v1/projects/{project}/locations/-/clusters/-/instances",
				Items: "instances", Size: "pageSize", Max: 1000, Unreachable: "unreachable", Permissions: []string{"alloydb.instances.list"},
			},
		}},
		{Name: "firestore", Service: "firestore.googleapis.com", Lists: []List{{
			Type: "firestore.googleapis.com/Database", Call: "firestore.projects.databases.list",
			Path:  "/v1/projects/{project}/databases",
			Items: "databases", Unreachable: "unreachable", Permissions: []string{"datastore.databases.list"},
		}}},
		redis(),
		{Name: "memcache", Service: "memcache.googleapis.com", Lists: []List{{
			Type: "memcache.googleapis.com/Instance", Call: "memcache.projects.locations.instances.list",
			Path:  "/v1/projects/{project}/locations/-/instances",
			Items: "instances", Size: "pageSize", Max: 1000, Unreachable: "unreachable", Permissions: []string{"memcache.instances.list"},
		}}},
		{Name: "file", Service: "file.googleapis.com", Lists: []List{{
			Type: "file.googleapis.com/Instance", Call: "file.projects.locations.instances.list",
			Path:  "/v1/projects/{project}/locations/-/instances",
			Items: "instances", Size: "pageSize", Max: 1000, Unreachable: "unreachable", Permissions: []string{"file.instances.list"},
		}}},
	}
}

func spanner() API {
	return API{Name: "spanner", Service: "spanner.googleapis.com", Lists: []List{
		{
			Type: "spanner.googleapis.com/Instance", Call: "spanner.projects.instances.list",
			Path:  "/v1/projects/{project}/instances",
			Items: "instances", Size: "pageSize", Max: 1000, Unreachable: "unreachable", Place: regionOfConfig,
			Permissions: []string{"spanner.instances.list"},
		},
		{
			Type: "spanner.googleapis.com/Database", Call: "spanner.projects.instances.databases.list",
			In: "spanner.projects.instances.list", Path: "/v1/{parent}/databases",
			Items: "databases", Size: "pageSize", Max: 1000, Permissions: []string{"spanner.databases.list"},
		},
	}}
}

// regionOfConfig is the region of an instance of Spanner that is in one: its configuration is "…/regional-europe-west1".
func regionOfConfig(d resource.Doc) string {
	if region, ok := strings.CutPrefix(last(d.Text("config")), "regional-"); ok {
		return region
	}
	return ""
}

// bigtable tells of tables their names, and no more without reading the schema of each.
func bigtable() API {
	return API{Name: "bigtable", Service: "bigtableadmin.googleapis.com", Lists: []List{
		{
			Type: "bigtableadmin.googleapis.com/Instance", Call: "bigtableadmin.projects.instances.list",
			Path:  "/v2/projects/{project}/instances",
			Items: "instances", Unreachable: "failedLocations", Permissions: []string{"bigtable.instances.list"},
		},
		{
			Type: "bigtableadmin.googleapis.com/Cluster", Call: "bigtableadmin.projects.instances.clusters.list",
			Path:  "/v2/projects/{project}/instances/-/clusters",
			Items: "clusters", Unreachable: "failedLocations", Permissions: []string{"bigtable.clusters.list"},
		},
		{
			Type: "bigtableadmin.googleapis.com/Table", Call: "bigtableadmin.projects.instances.tables.list",
			In: "bigtableadmin.projects.instances.list", Path: "/v2/{parent}/tables",
			Items: "tables", Size: "pageSize", Max: 1000, Part: true, Permissions: []string{"bigtable.tables.list"},
		},
	}}
}

func redis() API {
	return API{Name: "redis", Service: "redis.googleapis.com", Lists: []List{
		{
			Type: "redis.googleapis.com/Instance", Call: "redis.projects.locations.instances.list",
			Path:  "/v1/projects/{project}/locations/-/instances",
			Items: "instances", Size: "pageSize", Max: 1000, Unreachable: "unreachable", Permissions: []string{"redis.instances.list"},
		},
		{
			Type: "redis.googleapis.com/Cluster", Call: "redis.projects.locations.clusters.list",
			Path:  "/v1/projects/{project}/locations/-/clusters",
			Items: "clusters", Size: "pageSize", Max: 1000, Unreachable: "unreachable", Permissions: []string{"redis.clusters.list"},
		},
	}}
}
