package session

import (
	"context"
	"errors"
	"net/http"
	"strings"

	asset "cloud.google.com/go/asset/apiv1"
	"cloud.google.com/go/asset/apiv1/assetpb"
	compute "cloud.google.com/go/compute/apiv1"
	"cloud.google.com/go/compute/apiv1/computepb"
	"google.golang.org/api/iterator"

	"github.com/muster-audit/muster/collectors/gcp/gcptest"
)

// Names of the calls that tests make. All documents in these tests are made for them, after Google's discovery documents.
const (
	root           = "projects/acme-prod"
	computeService = "compute.googleapis.com"
	instancesPath  = "GET /compute/v1/projects/{project}/aggregated/instances"
	searchPath     = "GET /v1/{scope...}:searchAllResources"
)

// on returns a session that calls a server, at once.
func on(server *gcptest.Server) *Session {
	return New(Options{Endpoint: server.URL, NoBackoff: true})
}

// instances lists the names of a project's instances through the client library.
func instances(ctx context.Context, s *Session) (names []string, err error) {
	options, err := s.ClientOptions(ctx, computeService, root)
	if err != nil {
		return nil, err
	}
	c, err := compute.NewInstancesRESTClient(ctx, options...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	it := c.AggregatedList(ctx, &computepb.AggregatedListInstancesRequest{Project: "acme-prod"})
	for {
		pair, err := it.Next()
		if errors.Is(err, iterator.Done) {
			return names, nil
		}
		if err != nil {
			return names, err
		}
		for _, i := range pair.Value.GetInstances() {
			names = append(names, i.GetName())
		}
	}
}

// found lists the names that the inventory finds, through the client library.
func found(ctx context.Context, s *Session) (names []string, err error) {
	options, err := s.ClientOptions(ctx, assetInventory, root)
	if err != nil {
		return nil, err
	}
	c, err := asset.NewRESTClient(ctx, options...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	it := c.SearchAllResources(ctx, &assetpb.SearchAllResourcesRequest{Scope: root})
	for {
		r, err := it.Next()
		if errors.Is(err, iterator.Done) {
			return names, nil
		}
		if err != nil {
			return names, err
		}
		names = append(names, r.GetName())
	}
}

// got reads a REST path without a client library.
func got(ctx context.Context, s *Session) ([]string, error) {
	doc, err := s.Get(ctx, root, "dns.googleapis.com", "/dns/v1/projects/acme-prod/managedZones", nil)
	if err != nil {
		return nil, err
	}
	var names []string
	list, _ := doc["managedZones"].([]any)
	for _, z := range list {
		zone, _ := z.(map[string]any)
		name, _ := zone["name"].(string)
		names = append(names, name)
	}
	return names, nil
}

const zonesPath = "GET /dns/v1/projects/{project}/managedZones"

// way is a way to call Google.
type way struct {
	name, path string
	call       func(context.Context, *Session) ([]string, error)
}

func ways() []way {
	return []way{{"compute", instancesPath, instances}, {"asset", searchPath, found}, {"get", zonesPath, got}}
}

// alike compares a text with one in which "…" stands for anything.
func alike(text, pattern string) bool {
	first, rest, more := strings.Cut(pattern, "…")
	if !more {
		return text == pattern
	}
	text, ok := strings.CutPrefix(text, first)
	for ok && more {
		var part string
		part, rest, more = strings.Cut(rest, "…")
		if !more {
			return strings.HasSuffix(text, part)
		}
		_, text, ok = strings.Cut(text, part)
	}
	return ok
}

// tripper is a round tripper that is a function.
type tripper func(*http.Request) (*http.Response, error)

func (f tripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
