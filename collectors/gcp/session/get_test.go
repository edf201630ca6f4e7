package session

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/collectors/gcp/gcptest"
	"github.com/muster-audit/muster/inventory"
)

func testTime() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }

// TestGet holds what a document is made of.
func TestGet(t *testing.T) {
	server := gcptest.New(t)
	server.On("GET /dns/v1/projects/{project}/managedZones", func(c gcptest.Call) gcptest.Answer {
		return gcptest.Answer{Body: fmt.Sprintf(`{"of":%q,"token":%q,"id":"9007199254740993","ttl":300,"on":true,"none":null,"list":[1]}`,
			c.Vars["project"], c.Query.Get("pageToken"))}
	})
	doc, err := on(server).Get(t.Context(), root, "dns.googleapis.com", "/dns/v1/projects/acme-prod/managedZones", url.Values{"pageToken": {"a b&c"}})
	want := map[string]any{
		"of": "acme-prod", "token": "a b&c", "id": "9007199254740993", "ttl": 300.0, "on": true, "none": nil, "list": []any{1.0},
	}
	if diff := cmp.Diff(want, doc); err != nil || diff != "" {
		t.Errorf("%v, %s", err, diff)
	}
}

// TestGetNoDocument holds that an answer that is no object is an error, and not an empty one.
func TestGetNoDocument(t *testing.T) {
	for _, body := range []string{"", "null", "[]", `"x"`, `{"a":`, "{}{}", "<html>"} {
		server := gcptest.New(t)
		server.On(zonesPath, gcptest.JSON(body))
		_, err := got(t.Context(), on(server))
		if ReasonOf(err) != inventory.ReasonError || !alike(err.Error(), "read the answer to dns.googleapis.com managedZones: …") {
			t.Errorf("%q: %v", body, err)
		}
	}
}

// TestTestPermissions holds that permissions are asked about, a hundred at once, and only there.
func TestTestPermissions(t *testing.T) {
	var asked []string
	for i := range 150 {
		asked = append(asked, fmt.Sprintf("a.b.%03d", i))
	}
	server := gcptest.New(t)
	var sizes []int
	server.On("POST cloudresourcemanager.googleapis.com/v3/{kind}/{id}:testIamPermissions", func(c gcptest.Call) gcptest.Answer {
		if c.N == 0 {
			return gcptest.Unavailable(0) // its body is sent again
		}
		var in struct{ Permissions []string }
		if err := json.Unmarshal([]byte(c.Body), &in); err != nil {
			t.Error(err)
		}
		sizes = append(sizes, len(in.Permissions))
		slices.Reverse(in.Permissions)
		data, err := json.Marshal(map[string]any{"permissions": in.Permissions[:len(in.Permissions)/2]})
		if err != nil {
			t.Error(err)
		}
		return gcptest.Answer{Body: string(data)}
	})
	s := on(server)
	held, err := s.TestPermissions(t.Context(), root, asked)
	if want := slices.Concat(asked[50:100], asked[125:150]); err != nil || !slices.Equal(held, want) || !slices.Equal(sizes, []int{100, 50}) {
		t.Errorf("%v, asked for %v, error %v", held, sizes, err)
	}
	for _, resource := range []string{"acme-prod", "projects/", "projects/a/b", "buckets/x", "projects"} {
		if _, err := s.TestPermissions(t.Context(), resource, asked); err == nil {
			t.Errorf("%s: no error", resource)
		}
	}
}

// TestTestPermissionsFails holds that what was not answered is not held, nor not held.
func TestTestPermissionsFails(t *testing.T) {
	server := gcptest.New(t)
	server.On("POST /v3/folders/{id}:testIamPermissions", gcptest.Always(gcptest.NarrowScope(resourceManager)))
	held, err := on(server).TestPermissions(t.Context(), "folders/7", []string{"a.b.c"})
	if held != nil || !errors.Is(err, ErrScope) || ReasonOf(err) != inventory.ReasonDenied {
		t.Errorf("%v, %v", held, err)
	}
	server.On("POST /v3/projects/{id}:testIamPermissions", gcptest.JSON(`{}`)) // Google's way to say: none
	held, err = on(server).TestPermissions(t.Context(), root, []string{"a.b.c"})
	if held != nil || err != nil {
		t.Errorf("%v, %v", held, err)
	}
}

// TestOperations holds that calls are named without the names of things.
func TestOperations(t *testing.T) {
	for path, want := range map[string]string{
		"/compute/v1/projects/acme/aggregated/instances":        "aggregated/instances",
		"/compute/v1/projects/acme/zones/z/instances/web-1":     "zones/-/instances/-",
		"/compute/v1/projects/acme/global/networks/n":           "global/networks/-",
		"/compute/v1/projects/acme":                             "projects/-",
		"/v1/projects/acme:searchAllResources":                  "searchAllResources",
		"/v1/organizations/1/assets":                            "assets",
		"/v1p1beta1/folders/1/assets":                           "assets",
		"/v3/projects:search":                                   "projects:search",
		"/v3/projects/acme:testIamPermissions":                  "testIamPermissions",
		"/storage/v1/b":                                         "b",
		"/storage/v1/b/bucket/iam":                              "b/-/iam",
		"/v1/projects/acme/locations/-/keyRings/k:getIamPolicy": "locations/-/keyRings/-:getIamPolicy",
		"/sql/v1beta4/projects/acme/instances":                  "instances",
		"/bigquery/v2/projects/acme/datasets/v2/tables":         "datasets/-/tables",
		"/v1/projects/p/locations/l/functions/a%2Fb":            "locations/-/functions/-",
		"/v1/billingAccounts/A-1/projects":                      "projects",
		"/v2/projects/acme/serviceAccounts/a@b.c/keys":          "serviceAccounts/-/keys",
		"/batch": "batch", "/": "", "": "",
	} {
		if got := operationOf(path); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}
