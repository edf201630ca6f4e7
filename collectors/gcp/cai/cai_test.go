package cai

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/asset/apiv1/assetpb"
	"google.golang.org/api/option"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/muster-audit/muster/collectors/gcp/gcptest"
	"github.com/muster-audit/muster/collectors/gcp/resource"
	"github.com/muster-audit/muster/collectors/gcp/session"
	"github.com/muster-audit/muster/inventory"
)

type lister func(context.Context, []option.ClientOption, string, []string, func(resource.Resource) error) error

func clients(t *testing.T, s *gcptest.Server) []option.ClientOption {
	t.Helper()
	opts, err := session.New(session.Options{Endpoint: s.URL, Attempts: 2, NoBackoff: true, CallTimeout: time.Minute}).ClientOptions(t.Context(), Service, "projects/acme-prod")
	if err != nil {
		t.Fatal(err)
	}
	return opts
}

func gather(t *testing.T, s *gcptest.Server, list lister, root string, types ...string) ([]resource.Resource, error) {
	t.Helper()
	var found []resource.Resource
	err := list(t.Context(), clients(t, s), root, types, func(r resource.Resource) error {
		found = append(found, r)
		return nil
	})
	return found, err
}

// found is made after the documented form of a ResourceSearchResult.
const found = `{"name":"//run.googleapis.com/projects/101/locations/europe-west1/services/shop","assetType":"run.googleapis.com/Service","project":"projects/101",
"displayName":"shop","location":"europe-west1","labels":{"team":"web"},"createTime":"2026-01-02T03:04:05Z","state":"ACTIVE",
"parentFullResourceName":"//cloudresourcemanager.googleapis.com/projects/acme-prod","unheardOf":{"x":1},
"tags":[{"tagKey":"1/env","tagKeyId":"tagKeys/9","tagValue":"1/env/prod","tagValueId":"tagValues/8"}],
"effectiveTags":[{"attachedResource":"//x","effectiveTags":[{"tagKey":"1/tier","tagValue":"1/tier/gold"}]},{"effectiveTags":[{"tagKey":"1/env","tagValue":"1/env/prod"}]}],
"versionedResources":[{"version":"v2","resource":{"name":"new","replicas":3,"ingress":false,"empty":{}}},{"version":"v1","resource":{"name":"old"}}]}`

func TestSearch(t *testing.T) {
	s := gcptest.New(t)
	s.On("GET cloudasset.googleapis.com/v1/organizations/1:searchAllResources", gcptest.Pages(`{"results":[`+found+`]}`, `{}`, `{"results":[{"name":"//x/y","assetType":"x.googleapis.com/Y"}]}`))
	list, err := gather(t, s, Search, "organizations/1", "run.*")
	if err != nil || len(list) != 2 {
		t.Fatalf("error %v, %+v", err, list)
	}
	r := list[0]
	if r.Type != "run.googleapis.com/Service" || r.Project != "101" || r.Location != "europe-west1" || r.Call != SearchPermission || !strings.HasSuffix(r.Name, "/services/shop") {
		t.Errorf("resource %+v", r)
	}
	if r.Data.Text("name") != "new" || r.Data["ingress"] != false || r.Data["replicas"] != 3.0 {
		t.Errorf("representation %v", r.Data)
	}
	i := r.Index
	if i.DisplayName != "shop" || i.State != "ACTIVE" || i.Labels["team"] != "web" || !i.Created.Equal(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)) || !strings.HasSuffix(i.Parent, "acme-prod") {
		t.Errorf("index %+v", i)
	}
	if !slices.Equal(i.Tags, []string{"1/env=prod"}) || !slices.Equal(i.EffectiveTags, []string{"1/env=prod", "1/tier=gold"}) {
		t.Errorf("tags %q, effective %q", i.Tags, i.EffectiveTags)
	}
	if r := list[1]; r.Data != nil || r.Index == nil || r.Index.Labels != nil || !r.Index.Created.IsZero() {
		t.Errorf("a thing without details %+v, %+v", r, r.Index)
	}
	calls := s.Calls()
	for n, c := range calls {
		mask := strings.Split(c.Query.Get("readMask"), ",")
		if c.Query.Get("pageSize") != "500" || c.Query.Get("assetTypes") != "run.*" || !slices.Contains(mask, "versionedResources") || !slices.Contains(mask, "effectiveTags") {
			t.Errorf("call %d: %v", n, c.Query)
		}
	}
	if len(calls) != 3 {
		t.Errorf("%d calls", len(calls))
	}
}

func TestList(t *testing.T) {
	s := gcptest.New(t)
	s.On("GET cloudasset.googleapis.com/v1/projects/acme-prod/assets", gcptest.Pages(
		`{"readTime":"2026-01-02T03:04:05Z","assets":[{"name":"//storage.googleapis.com/logs","assetType":"storage.googleapis.com/Bucket","ancestors":["projects/101","folders/7","organizations/1"],
		"resource":{"version":"v1","discoveryName":"Bucket","location":"eu","data":{"name":"logs","labels":{"a":"b"}}}}]}`, `{"assets":[{"name":"//x/y","assetType":"x.googleapis.com/Y"}]}`))
	list, err := gather(t, s, List, "projects/acme-prod")
	if err != nil || len(list) != 2 {
		t.Fatalf("error %v, %+v", err, list)
	}
	if r := list[0]; r.Type != "storage.googleapis.com/Bucket" || r.Project != "101" || r.Location != "eu" || r.Data.Text("labels.a") != "b" || r.Index != nil || r.Call != ListPermission {
		t.Errorf("resource %+v", r)
	}
	if r := list[1]; r.Data != nil || r.Project != "" {
		t.Errorf("a thing without details %+v", r)
	}
	if q := s.Calls()[0].Query; q.Get("pageSize") != "1000" || q.Get("contentType") != "RESOURCE" || q.Has("assetTypes") {
		t.Errorf("query %v", q)
	}
}

func TestErrors(t *testing.T) {
	for name, tt := range map[string]struct {
		answer gcptest.Handler
		want   inventory.RunReason
		words  string
		handed int
	}{
		"denied":         {gcptest.Always(gcptest.Denied(SearchPermission, "projects/acme-prod")), inventory.ReasonDenied, "muster collectors --iam gcp", 0},
		"not enabled":    {gcptest.Always(gcptest.Disabled(Service, "101")), inventory.ReasonNotEnabled, "gcloud services enable", 0},
		"invalid":        {gcptest.Always(gcptest.Invalid("bad")), inventory.ReasonError, "bad", 0},
		"second page":    {gcptest.Times(gcptest.Answer{Body: `{"results":[` + found + `],"nextPageToken":"a"}`}, gcptest.Broken()), inventory.ReasonError, "page 2", 1},
		"same token":     {gcptest.JSON(`{"results":[` + found + `],"nextPageToken":"a"}`), inventory.ReasonError, "same page token", 2},
		"tokens go on":   {rings(3), inventory.ReasonError, "same page token", 7},
		"garbage":        {gcptest.JSON(`{"results":[`), inventory.ReasonError, "search the asset inventory of projects/acme-prod", 0},
		"no JSON object": {gcptest.JSON(`[]`), inventory.ReasonError, "search the asset inventory of projects/acme-prod", 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := gcptest.New(t)
			s.On("GET cloudasset.googleapis.com/v1/projects/acme-prod:searchAllResources", tt.answer)
			list, err := gather(t, s, Search, "projects/acme-prod")
			if session.ReasonOf(err) != tt.want || !strings.Contains(fmt.Sprint(err), tt.words) || len(list) != tt.handed {
				t.Errorf("%d handed over, error %v", len(list), err)
			}
		})
	}
}

// rings gives tokens that come again after n.
func rings(n int) gcptest.Handler {
	return func(c gcptest.Call) gcptest.Answer {
		return gcptest.Answer{Body: fmt.Sprintf(`{"results":[%s],"nextPageToken":"t%d"}`, found, c.N%n)}
	}
}

// Types that the inventory does not take are left to the caller, who knows what is wanted.
func TestTypesNotTaken(t *testing.T) {
	s := gcptest.New(t)
	s.On("GET cloudasset.googleapis.com/v1/projects/acme-prod/assets", func(c gcptest.Call) gcptest.Answer {
		if c.Query.Has("assetTypes") {
			return gcptest.Invalid("No supported asset type matches.")
		}
		return gcptest.Answer{Body: `{"assets":[{"name":"//x/y","assetType":"x.googleapis.com/Y"}]}`}
	})
	if list, err := gather(t, s, List, "projects/acme-prod", "nothing.googleapis.com/.*"); err != nil || len(list) != 1 {
		t.Errorf("error %v, %v", err, list)
	}
}

func TestEmitEndsIt(t *testing.T) {
	s := gcptest.New(t)
	s.On("GET cloudasset.googleapis.com/v1/projects/acme-prod:searchAllResources", gcptest.Pages(`{"results":[`+found+`]}`, `{"results":[]}`))
	enough := errors.New("enough")
	err := Search(t.Context(), clients(t, s), "projects/acme-prod", nil, func(resource.Resource) error { return enough })
	if err != enough || len(s.Calls()) != 1 { //nolint:errorlint // it comes back as it is
		t.Errorf("error %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	err = Search(ctx, clients(t, s), "projects/acme-prod", nil, func(resource.Resource) error {
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) || len(s.Calls()) != 1 {
		t.Errorf("cancelled: %v", err)
	}
}

func TestProbe(t *testing.T) {
	s := gcptest.New(t)
	s.On("GET cloudasset.googleapis.com/v1/projects/acme-prod:searchAllResources", gcptest.JSON(`{"results":[{"name":"//x"}],"nextPageToken":"more"}`))
	s.On("GET cloudasset.googleapis.com/v1/projects/acme-prod/assets", gcptest.Always(gcptest.NarrowScope(Service)))
	if err := ProbeSearch(t.Context(), clients(t, s), "projects/acme-prod"); err != nil {
		t.Error(err)
	}
	if err := ProbeList(t.Context(), clients(t, s), "projects/acme-prod"); !errors.Is(err, session.ErrScope) {
		t.Errorf("error %v", err)
	}
	for _, c := range s.Calls() {
		if c.Query.Get("pageSize") != "1" {
			t.Errorf("%s asks for %s", c.Path, c.Query.Get("pageSize"))
		}
	}
}

func TestNewest(t *testing.T) {
	for _, tt := range []struct {
		versions []string
		want     string
	}{
		{[]string{"v1"}, "v1"},
		{[]string{"v1", "v2"}, "v2"},
		{[]string{"v10", "v9"}, "v10"},
		{[]string{"v2beta1", "v1"}, "v1"},
		{[]string{"v1beta1", "v1alpha3"}, "v1beta1"},
		{[]string{"v1beta4", "v1beta10"}, "v1beta10"},
		{[]string{"", "v1"}, "v1"},
		{[]string{"v2", "none"}, "v2"},
	} {
		var list []*assetpb.VersionedResource
		for _, v := range tt.versions {
			doc, err := structpb.NewStruct(map[string]any{"is": v})
			if err != nil {
				t.Fatal(err)
			}
			if v == "none" {
				doc, v = nil, "v3"
			}
			list = append(list, &assetpb.VersionedResource{Version: v, Resource: doc})
		}
		if got := newest(list).Text("is"); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.versions, got, tt.want)
		}
	}
	if newest(nil) != nil {
		t.Error("there is a representation of nothing")
	}
}
