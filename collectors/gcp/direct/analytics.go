package direct

import "github.com/muster-audit/muster/collectors/gcp/resource"

// analyticsAPIs are warehouses, pipelines, models and what brings data to them.
func analyticsAPIs() []API {
	return []API{
		bigquery(), dataproc(), composer(), aiplatform(),
		{Name: "dataflow", Service: "dataflow.googleapis.com", Lists: []List{{
			Type: "dataflow.googleapis.com/Job", Call: "dataflow.projects.jobs.aggregated",
			Path: "/v1b3/projects/{project}/jobs:aggregated", Query: "filter=ACTIVE",
			Items: "jobs", Size: "pageSize", Max: 1000, Unreachable: "failedLocation.name", Part: true, Name: jobName,
			Permissions: []string{"dataflow.jobs.list"},
		}}},
		{Name: "notebooks", Service: "notebooks.googleapis.com", Lists: []List{{
			Type: "notebooks.googleapis.com/Instance", Call: "notebooks.projects.locations.instances.list",
			Path:  "/v2/projects/{project}/locations/-/instances",
			Items: "instances", Size: "pageSize", Max: 1000, Unreachable: "unreachable", Permissions: []string{"notebooks.instances.list"},
		}}},
		{Name: "pubsub", Service: "pubsub.googleapis.com", Lists: []List{
			{
				Type: "pubsub.googleapis.com/Topic", Call: "pubsub.projects.topics.list", Path: "/v1/projects/{project}/topics",
				Items: "topics", Size: "pageSize", Max: 1000, Permissions: []string{"pubsub.topics.list"},
			},
			{
				Type: "pubsub.googleapis.com/Subscription", Call: "pubsub.projects.subscriptions.list", Path: "/v1/projects/{project}/subscriptions",
				Items: "subscriptions", Size: "pageSize", Max: 1000, Permissions: []string{"pubsub.subscriptions.list"},
			},
			{
				Type: "pubsub.googleapis.com/Snapshot", Call: "pubsub.projects.snapshots.list", Path: "/v1/projects/{project}/snapshots",
				Items: "snapshots", Size: "pageSize", Max: 1000, Permissions: []string{"pubsub.snapshots.list"},
			},
		}},
	}
}

// bigquery lists a part of each dataset and reads the rest one by one; of tables, of which there may be very many, a part is all.
func bigquery() API {
	return API{Name: "bigquery", Service: "bigquery.googleapis.com", Lists: []List{
		{
			Type: "bigquery.googleapis.com/Dataset", Call: "bigquery.datasets.list",
			Path: "/bigquery/v2/projects/{project}/datasets", ID: "datasetReference.datasetId",
			Items: "datasets", Size: "maxResults", Max: 1000, Unreachable: "unreachable", Name: ownName("datasets", "datasetReference.datasetId"),
			Detail: "/bigquery/v2/projects/{project}/datasets/{id}", Labels: true, Permissions: []string{"bigquery.datasets.get"},
		},
		{
			Type: "bigquery.googleapis.com/Table", Call: "bigquery.tables.list", In: "bigquery.datasets.list",
			Path:  "/bigquery/v2/projects/{project}/datasets/{parent}/tables",
			Items: "tables", Size: "maxResults", Max: 1000, Part: true, Labels: true,
			Name: func(a at, d resource.Doc) string {
				return ownName("datasets/"+a.parent.id+"/tables", "tableReference.tableId")(a, d)
			},
			Permissions: []string{"bigquery.tables.list"},
		},
	}}
}

// dataproc has no list of its places, which are the regions of Compute Engine and, for clusters of old, "global".
func dataproc() API {
	return API{Name: "dataproc", Service: "dataproc.googleapis.com", Lists: []List{regions(), {
		Type: "dataproc.googleapis.com/Cluster", Call: "dataproc.projects.regions.clusters.list", In: regionsCall,
		Path: "/v1/projects/{project}/regions/{place}/clusters", Also: []string{"global"},
		Items: "clusters", Size: "pageSize", Max: 1000,
		Name: func(a at, d resource.Doc) string {
			return ownName("regions/"+a.place()+"/clusters", "clusterName")(a, d)
		},
		Permissions: []string{"dataproc.clusters.list"},
	}}}
}

// composer has no list of its places either.
func composer() API {
	return API{Name: "composer", Service: "composer.googleapis.com", Lists: []List{regions(), {
		Type: "composer.googleapis.com/Environment", Call: "composer.projects.locations.environments.list", In: regionsCall,
		Path:  "/v1/projects/{project}/locations/{place}/environments",
		Items: "environments", Size: "pageSize", Max: 1000, Permissions: []string{"composer.environments.list"},
	}}}
}

const regionsCall = "compute.regions.list"

// regions lists the regions that the project has.
func regions() List {
	return List{
		Call: regionsCall, Service: "compute.googleapis.com", Path: "/compute/v1/projects/{project}/regions",
		Items: "items", Size: "maxResults", Max: 500, Permissions: []string{"compute.regions.list"},
	}
}

// aiplatform has a host for each region. Those for several regions at once hold no endpoints and models of a project.
func aiplatform() API {
	const models, endpoints = "aiplatform.projects.locations.models.list", "aiplatform.projects.locations.endpoints.list"
	places := locations("aiplatform.projects.locations.list", "v1", "aiplatform.locations.list")
	places.Keep = func(d resource.Doc) bool { return isRegion(last(d.Text("name"))) }
	list := func(call, collection, kind string) List {
		return List{
			Type: kindOf("aiplatform", kind), Call: call, Service: "{place}-aiplatform.googleapis.com", In: places.Call,
			Path: "/v1/{parent}/" + collection, Items: collection, Size: "pageSize", Max: 100,
			Permissions: []string{"aiplatform." + collection + ".list"},
		}
	}
	return API{Name: "aiplatform", Service: "aiplatform.googleapis.com", Lists: []List{
		places, list(endpoints, "endpoints", "Endpoint"), list(models, "models", "Model"),
	}}
}

func jobName(a at, d resource.Doc) string {
	if d.Text("location") == "" || d.Text("id") == "" {
		return ""
	}
	return "projects/" + a.project + "/locations/" + d.Text("location") + "/jobs/" + d.Text("id")
}
