package resource

import (
	"strings"

	"github.com/muster-audit/muster/inventory"
)

// platformKinds are clusters, pipelines, warehouses, models and what runs them.
func platformKinds() []Kind {
	return []Kind{
		{Type: "container.googleapis.com/Cluster", Describe: describeCluster},
		{Type: "container.googleapis.com/NodePool", Describe: describeNodePool},
		{Type: "bigquery.googleapis.com/Table", Describe: partOfHolder},
		{Type: "dataproc.googleapis.com/Cluster", Describe: describeDataproc},
		{Type: "dataflow.googleapis.com/Job", Gone: jobEnded},
		{Type: "composer.googleapis.com/Environment", Describe: func(s *Subject) { s.identifyURL(s.Data.Text("config.airflowUri")) }},
		{Type: "aiplatform.googleapis.com/Endpoint", Describe: func(s *Subject) { s.identifyHost(s.Data.Text("dedicatedEndpointDns")) }},
		{Type: "notebooks.googleapis.com/Instance", Last: []string{"gceSetup.machineType"}, Describe: describeNotebook},
	}
}

// describeCluster reads the addresses of the control plane, and whether the cluster is being deleted, which Kubernetes Engine calls
// stopping.
func describeCluster(s *Subject) {
	s.Identify(inventory.ResourceID, s.Data.Text("id"))
	for _, path := range []string{"endpoint", "privateClusterConfig.privateEndpoint", "privateClusterConfig.publicEndpoint"} {
		s.identifyByRange(s.Data.Text(path))
	}
	s.identifyHost(s.Data.Text("controlPlaneEndpointsConfig.dnsEndpointConfig.endpoint"))
	stopping(s)
}

func describeNodePool(s *Subject) {
	partOfHolder(s)
	stopping(s)
}

func stopping(s *Subject) {
	if s.Data.Text("status") == "STOPPING" {
		s.Stage(inventory.LifecycleRetiring)
	}
}

// describeDataproc reads the state and the time of creation, which are those of the states that the cluster was in.
func describeDataproc(s *Subject) {
	s.Identify(inventory.ResourceID, s.Data.Text("clusterUuid"))
	s.Stage(stage(s.Data.Text("status.state")))
	states := append(s.Data.Texts("statusHistory.stateStartTime"), s.Data.Texts("status.stateStartTime")...)
	for _, text := range states {
		if at := parseTime(text); !at.IsZero() && (s.Asset.Created.IsZero() || at.Before(s.Asset.Created)) {
			s.Asset.Created = at
		}
	}
}

// jobEnded reports whether a job has come to its end, and is kept only as a record.
func jobEnded(d Doc) bool {
	switch d.Text("currentState") {
	case "JOB_STATE_DONE", "JOB_STATE_FAILED", "JOB_STATE_CANCELLED", "JOB_STATE_UPDATED", "JOB_STATE_DRAINED":
		return true
	}
	return false
}

func describeNotebook(s *Subject) {
	if uri := s.Data.Text("proxyUri"); strings.Contains(uri, "://") {
		s.identifyURL(uri)
	} else {
		s.identifyHost(uri)
	}
}
