// Package direct lists what Google's services hold in one project by each service's own REST API, for projects whose organisation has
// no Cloud Asset Inventory. Compute Engine has a package of its own.
//
// All services are read by one table and one way of calls, and not by their client libraries: those would be thirty modules for one GET
// each, and their structs drop what is false and 0, which is then no longer told from what is unset.
package direct

import (
	"cmp"
	"context"
	"slices"

	"github.com/muster-audit/muster/collectors/gcp/resource"
	"github.com/muster-audit/muster/collectors/gcp/session"
	"github.com/muster-audit/muster/inventory"
)

// API is one service's API as one scope of a project: its lists, in order.
type API struct {
	Name    string // as in a scope's id: "storage"
	Service string // "storage.googleapis.com", the service to be enabled
	Lists   []List
}

// Types are the types that List lists, sorted.
func (a API) Types() []inventory.Type {
	var types []inventory.Type
	for i := range a.Lists {
		types = append(types, a.Lists[i].types()...)
	}
	slices.Sort(types)
	return slices.Compact(types)
}

// Permissions are those that List takes, sorted: "storage.buckets.list".
func (a API) Permissions() []string {
	var list []string
	for _, l := range a.Lists {
		list = append(list, l.Permissions...)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// List hands over every resource of a project ("acme-prod") whose type is wanted, list by list and page by page, within a page in the
// order of the API. A resource that is created or deleted meanwhile may come twice. A list of which no type is wanted is called only if
// another one goes by what it lists.
//
// A list that is refused does not stop the others, nor does one parent whose children are refused stop those of other parents; a parent
// that is gone by then has none. An error of emit does stop all and is returned as it is, and so do the end of ctx, an API that is not
// enabled, a project that is not there, credentials that ended, and calls that are still throttled after all retries: the other lists
// would fare no better. Any other error is a *collectors.Error with the reason of the first refusal that names each list and parent, and
// each location that the API could not reach.
func (a API) List(ctx context.Context, s *session.Session, project string, wanted func(inventory.Type) bool, emit func(resource.Resource) error) error {
	r := &run{api: a, session: s, project: project, wanted: wanted, emit: emit}
	return r.all(ctx)
}

// Probe makes one call for one resource and says whether the API answers. Its error is that of session.Classify.
func (a API) Probe(ctx context.Context, s *session.Session, project string) error {
	r := &run{api: a, session: s, project: project}
	return r.probe(ctx)
}

// Permissions are those that the lists of all APIs take, sorted.
func Permissions() []string {
	var list []string
	for _, a := range APIs() {
		list = append(list, a.Permissions()...)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// APIs are all services that are read, sorted by name.
func APIs() []API {
	all := slices.Concat(dataAPIs(), codeAPIs(), analyticsAPIs(), operationsAPIs())
	slices.SortFunc(all, func(x, y API) int { return cmp.Compare(x.Name, y.Name) })
	return all
}
