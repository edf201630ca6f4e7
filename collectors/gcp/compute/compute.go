// Package compute lists what Compute Engine holds in one project: instances, disks, networks, load balancers. It calls the API by
// Google's REST clients, one aggregated list for all zones and regions where there is one, and hands over the REST representation of
// each resource.
//
// The API answers also when it could not reach a zone: the answer then names the zone and is a success all the same. Such an answer
// makes the listing partial here, since what is in that zone is unknown and not gone.
//
// Since version 2026-09-01 of the API, which the clients ask for in a header, every aggregated list answers in that way; before, it
// took a parameter and failed else. The iterators of the clients drop which zones were not reached, so that each page is fetched by
// itself here, and read whole.
package compute

import (
	"context"
	"fmt"
	"slices"

	"google.golang.org/api/option"

	"github.com/muster-audit/muster/collectors/gcp/resource"
	"github.com/muster-audit/muster/collectors/gcp/session"
	"github.com/muster-audit/muster/inventory"
)

// Types are the types that List lists, sorted.
func Types() []inventory.Type {
	var list []inventory.Type
	for _, l := range listings() {
		list = append(list, l.types()...)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// Permissions are those that List takes, sorted. All of them are in the role roles/compute.viewer. Some lists go over things that have
// permissions of their own where they are global or regional.
func Permissions() []string {
	var list []string
	for _, l := range listings() {
		for _, collection := range append([]string{l.collection}, l.also...) {
			list = append(list, "compute."+collection+".list")
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// List hands over every resource of a project ("acme-prod") whose type is wanted, list by list and page by page, within a page in the
// order of zones and of the API. A resource that is created or deleted meanwhile may come twice. A list of which no type is wanted is
// not called. opts are those of session.ClientOptions.
//
// A list that is refused does not stop the others. An error of emit does and is returned as it is, and so do the end of ctx, an API
// that is not enabled, a project that is not there, credentials that ended, and calls that are still throttled after all retries: the
// other lists would fare no better. Any other error is a *collectors.Error with the reason of the first refusal that names each list,
// and of those that were answered in part each zone and region of wanted types that was not reached.
//
// Snapshots that belong to a region are not listed: the API lists those of one region at a time only.
func List(ctx context.Context, opts []option.ClientOption, project string, wanted func(inventory.Type) bool, emit func(resource.Resource) error) error {
	r := &run{opts: opts, project: project, wanted: wanted, emit: emit}
	for _, l := range listings() {
		if !slices.ContainsFunc(l.types(), wanted) {
			continue
		}
		if r.stopped {
			r.uncalled = append(r.uncalled, l.call())
			continue
		}
		if err := r.list(ctx, l); err != nil {
			return err
		}
	}
	return r.err()
}

// Probe makes one call for one resource and says whether the API answers. Its error is that of session.Classify.
func Probe(ctx context.Context, opts []option.ClientOption, project string) error {
	next, closes, err := probe()(ctx, opts, project)
	if err != nil {
		return session.Classify(fmt.Errorf("ask for one network: %w", err))
	}
	defer closes()
	if _, err := next(""); err != nil {
		return session.Classify(fmt.Errorf("ask for one network: %w", err))
	}
	return nil
}
