// Package cai lists what the Cloud Asset Inventory knows of a project, a folder or an organization: every resource of some hundred types,
// with labels, resource-manager tags and, where the inventory has it, the REST representation that the resource's own API would give.
//
// Its search costs one call for 500 resources, whatever their types and projects, and tells both kinds of tags. Its list costs one call
// for 1000, but of a quota a quarter as large, and tells no tags of the resource manager. Both are read page by page: the pages hold whole
// representations, of which one page at a time is kept.
package cai

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	asset "cloud.google.com/go/asset/apiv1"
	"cloud.google.com/go/asset/apiv1/assetpb"
	"github.com/googleapis/gax-go/v2/apierror"
	"google.golang.org/api/option"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/muster-audit/muster/collectors/gcp/resource"
	"github.com/muster-audit/muster/collectors/gcp/session"
	"github.com/muster-audit/muster/inventory"
)

// Service is the inventory's API.
const Service = "cloudasset.googleapis.com"

// Permissions of the two ways, on the root that is read. They are also the names of the calls.
const (
	SearchPermission = "cloudasset.assets.searchAllResources"
	ListPermission   = "cloudasset.assets.listResource"
)

// The most that the inventory gives at once.
const (
	searchPage = 500
	listPage   = 1000
)

// readMask names the fields of a search that are read. The representations come only if they are asked for.
func readMask() *fieldmaskpb.FieldMask {
	return &fieldmaskpb.FieldMask{Paths: []string{
		"name", "asset_type", "project", "display_name", "location", "labels", "create_time", "state", "parent_full_resource_name",
		"tags", "effective_tags", "versioned_resources",
	}}
}

// Search hands over every resource below a root ("projects/acme-prod", "folders/12", "organizations/34") whose type matches one of types,
// regular expressions as the inventory takes them; without any, all. Where the inventory does not take these types, it hands over all.
// A resource that changes meanwhile may come twice. opts are those of session.ClientOptions. An error of emit ends it and is returned as
// it is; any other has gone through session.Classify.
func Search(ctx context.Context, opts []option.ClientOption, root string, types []string, emit func(resource.Resource) error) error {
	client, err := asset.NewRESTClient(ctx, opts...)
	if err != nil {
		return session.Classify(fmt.Errorf("open the asset inventory: %w", err))
	}
	defer func() { _ = client.Close() }() // it only drops its connections
	return read(ctx, "search the asset inventory of "+root, types, func(types []string) fetcher {
		it := client.SearchAllResources(ctx, &assetpb.SearchAllResourcesRequest{Scope: root, AssetTypes: types, ReadMask: readMask()})
		return func(token string) (string, error) {
			found, next, err := it.InternalFetch(searchPage, token)
			if err != nil {
				return "", err
			}
			return next, hand(found, ofSearch, emit)
		}
	})
}

// List is Search by the inventory's list, which knows no tags of the resource manager.
func List(ctx context.Context, opts []option.ClientOption, root string, types []string, emit func(resource.Resource) error) error {
	client, err := asset.NewRESTClient(ctx, opts...)
	if err != nil {
		return session.Classify(fmt.Errorf("open the asset inventory: %w", err))
	}
	defer func() { _ = client.Close() }() // it only drops its connections
	return read(ctx, "list the asset inventory of "+root, types, func(types []string) fetcher {
		it := client.ListAssets(ctx, &assetpb.ListAssetsRequest{Parent: root, AssetTypes: types, ContentType: assetpb.ContentType_RESOURCE})
		return func(token string) (string, error) {
			found, next, err := it.InternalFetch(listPage, token)
			if err != nil {
				return "", err
			}
			return next, hand(found, ofList, emit)
		}
	})
}

// ProbeSearch makes one call for one resource and says whether the search answers. Its error is that of session.Classify.
func ProbeSearch(ctx context.Context, opts []option.ClientOption, root string) error {
	client, err := asset.NewRESTClient(ctx, opts...)
	if err == nil {
		defer func() { _ = client.Close() }() // it only drops its connections
		it := client.SearchAllResources(ctx, &assetpb.SearchAllResourcesRequest{Scope: root, ReadMask: &fieldmaskpb.FieldMask{Paths: []string{"name"}}})
		_, _, err = it.InternalFetch(1, "")
	}
	if err != nil {
		return session.Classify(fmt.Errorf("search the asset inventory of %s: %w", root, err))
	}
	return nil
}

// ProbeList is ProbeSearch for the list.
func ProbeList(ctx context.Context, opts []option.ClientOption, root string) error {
	client, err := asset.NewRESTClient(ctx, opts...)
	if err == nil {
		defer func() { _ = client.Close() }() // it only drops its connections
		it := client.ListAssets(ctx, &assetpb.ListAssetsRequest{Parent: root, ContentType: assetpb.ContentType_RESOURCE})
		_, _, err = it.InternalFetch(1, "")
	}
	if err != nil {
		return session.Classify(fmt.Errorf("list the asset inventory of %s: %w", root, err))
	}
	return nil
}

// fetcher fetches a page by its token, the first one's being empty, hands over what is in it, and returns the token of the next.
type fetcher func(token string) (next string, err error)

// stop is an error of emit, which ends everything.
type stop struct{ error }

func (s stop) Unwrap() error { return s.error }

// errRepeatedPage says that the inventory handed out a page token twice, which would go on for ever.
var errRepeatedPage = errors.New("the API gave the same page token twice")

// read goes through all pages. A refusal of the types on the first page makes it ask without them.
func read(ctx context.Context, what string, types []string, open func(types []string) fetcher) error {
	n, err := pages(ctx, open(types))
	if n == 1 && len(types) > 0 && invalid(err) {
		n, err = pages(ctx, open(nil))
	}
	var end stop
	switch {
	case err == nil:
		return nil
	case errors.As(err, &end):
		return end.error
	case n > 1:
		what = fmt.Sprintf("%s, page %d", what, n)
	}
	return session.Classify(fmt.Errorf("%s: %w", what, err))
}

// pages goes through pages, and returns the number of the last one that was asked for, the first being 1.
func pages(ctx context.Context, fetch fetcher) (n int, err error) {
	token, mark := "", "" // mark is the token of the last page whose number is a power of two: a circle of any length comes by it again
	for n = 1; ; n++ {
		if err := ctx.Err(); err != nil {
			return n, err
		}
		next, err := fetch(token)
		switch {
		case err != nil:
			return n, err
		case next == "":
			return n, nil
		case next == token || next == mark:
			return n, errRepeatedPage
		}
		if n&(n-1) == 0 {
			mark = next
		}
		token = next
	}
}

// invalid reports whether the inventory did not take a request as it was.
func invalid(err error) bool {
	var api *apierror.APIError
	return errors.As(err, &api) && api.HTTPCode() == http.StatusBadRequest
}

func hand[T any](found []T, to func(T) resource.Resource, emit func(resource.Resource) error) error {
	for _, f := range found {
		if err := emit(to(f)); err != nil {
			return stop{err}
		}
	}
	return nil
}

func ofSearch(r *assetpb.ResourceSearchResult) resource.Resource {
	out := resource.Resource{
		Type: inventory.Type(r.GetAssetType()), Name: r.GetName(), Project: strings.TrimPrefix(r.GetProject(), "projects/"), Location: r.GetLocation(),
		Data: newest(r.GetVersionedResources()), Call: SearchPermission,
		Index: &resource.Index{
			DisplayName: r.GetDisplayName(), State: r.GetState(), Labels: r.GetLabels(), Tags: texts(r.GetTags()),
			Parent: r.GetParentFullResourceName(),
		},
	}
	var effective []*assetpb.Tag
	for _, e := range r.GetEffectiveTags() {
		effective = append(effective, e.GetEffectiveTags()...)
	}
	out.Index.EffectiveTags = texts(effective)
	if at := r.GetCreateTime(); at != nil {
		out.Index.Created = at.AsTime()
	}
	return out
}

func ofList(a *assetpb.Asset) resource.Resource {
	out := resource.Resource{Name: a.GetName(), Type: inventory.Type(a.GetAssetType()), Call: ListPermission}
	if r := a.GetResource(); r != nil {
		out.Location = r.GetLocation()
		if r.GetData() != nil {
			out.Data = r.GetData().AsMap()
		}
	}
	for _, ancestor := range a.GetAncestors() {
		if number, ok := strings.CutPrefix(ancestor, "projects/"); ok {
			out.Project = number
		}
	}
	return out
}
