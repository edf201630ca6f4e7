package gcp

import (
	"context"

	"github.com/muster-audit/muster/collectors/gcp/compute"
	"github.com/muster-audit/muster/collectors/gcp/resource"
	"github.com/muster-audit/muster/collectors/gcp/session"
	"github.com/muster-audit/muster/inventory"
)

// computeName is the API that is a scope of each project even where the inventory answers, unless the config says otherwise.
const computeName = "compute"

// beside reports whether an API is a scope of each project even where the inventory answers: it does not have jobs of the scheduler, and is
// behind by up to half a day for functions. Source: "Asset types" of Cloud Asset Inventory.
func beside(name string) bool { return name == "cloudfunctions" || name == "cloudscheduler" }

// api is a service that is read by its own API, project by project.
type api struct {
	name    string // as in a scope's id
	service string // "compute.googleapis.com"
	types   []inventory.Type
	// unproven are those of types of which not all are listed.
	unproven    []inventory.Type
	permissions []string
	list        func(ctx context.Context, s *session.Session, project string, wanted func(inventory.Type) bool, emit func(resource.Resource) error) error
	probe       func(ctx context.Context, s *session.Session, project string) error
}

// snapshotType is a type of which nobody knows whether all are listed: those that belong to a region are in no list of a project.
const snapshotType = "compute.googleapis.com/Snapshot"

// allAPIs lists them, compute first.
func allAPIs() []api {
	return append([]api{computeAPIs()}, directAPIs()...)
}

const computeService = "compute.googleapis.com"

func computeAPIs() api {
	return api{
		name: computeName, service: computeService, types: compute.Types(), permissions: computePermissions(),
		unproven: []inventory.Type{snapshotType},
		list: func(ctx context.Context, s *session.Session, project string, wanted func(inventory.Type) bool, emit func(resource.Resource) error) error {
			opts, err := s.ClientOptions(ctx, computeService, "projects/"+project)
			if err != nil {
				return session.Classify(err)
			}
			return compute.List(ctx, opts, project, wanted, emit)
		},
		probe: func(ctx context.Context, s *session.Session, project string) error {
			opts, err := s.ClientOptions(ctx, computeService, "projects/"+project)
			if err != nil {
				return session.Classify(err)
			}
			return compute.Probe(ctx, opts, project)
		},
	}
}
