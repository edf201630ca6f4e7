package session

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	compute "cloud.google.com/go/compute/apiv1"
	"cloud.google.com/go/compute/apiv1/computepb"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"github.com/muster-audit/muster/collectors/gcp/gcptest"
)

// TestOnlyReads holds that what does anything but read is refused, and never reaches the server.
func TestOnlyReads(t *testing.T) {
	const storage = "storage.googleapis.com"
	for _, c := range []struct {
		name, method, service, path, body string
		header                            string
	}{
		{name: "post", method: "POST", path: "/compute/v1/projects/p/zones/z/instances", body: "{}"},
		{name: "delete", method: "DELETE", path: "/compute/v1/projects/p/zones/z/instances/web-1"},
		{name: "put", method: "PUT", path: "/compute/v1/projects/p", body: "{}"},
		{name: "patch", method: "PATCH", path: "/compute/v1/projects/p", body: "{}"},
		{name: "head", method: "HEAD", path: "/compute/v1/projects/p"},
		{name: "permissions, outside of their own method", method: "POST", path: "/v3/projects/p:testIamPermissions", body: "{}"},
		{name: "under cover", method: "GET", path: "/compute/v1/projects/p/zones/z/instances/web-1", header: "X-HTTP-Method-Override"},
		{name: "with a body", method: "GET", path: "/compute/v1/projects/p", body: "{}"},
		{name: "a secret", method: "GET", path: "/v1/projects/p/secrets/s/versions/latest:access"},
		{name: "a key", method: "GET", path: "/v2/projects/p/locations/global/keys/k/keyString"},
		{name: "a console", method: "GET", path: "/compute/v1/projects/p/zones/z/instances/web-1/serialPort?port=1"},
		{name: "rows", method: "GET", path: "/bigquery/v2/projects/p/datasets/d/tables/t/data"},
		{name: "results", method: "GET", path: "/bigquery/v2/projects/p/queries/job-1"},
		{name: "documents", method: "GET", path: "/v1/projects/p/databases/(default)/documents/people/1"},
		{name: "an object", method: "GET", service: storage, path: "/storage/v1/b/x/o/y?alt=media"},
		{name: "an object, by the other API", method: "GET", service: storage, path: "/x/y"},
	} {
		if c.service == "" {
			c.service = computeService
		}
		server := gcptest.New(t)
		client, err := on(server).HTTP(t.Context(), c.service, root)
		if err != nil {
			t.Fatal(err)
		}
		req, err := http.NewRequestWithContext(t.Context(), c.method, server.URL+c.path, strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		if c.header != "" {
			req.Header.Set(c.header, "DELETE")
		}
		resp, err := client.Do(req)
		if err == nil {
			_ = resp.Body.Close()
		}
		if !errors.Is(err, ErrRefused) {
			t.Errorf("%s: %v", c.name, err)
		}
		if calls := server.Calls(); len(calls) != 0 {
			t.Errorf("%s reached the server: %v", c.name, gcptest.Paths(calls))
		}
	}
}

// TestReadsDescriptions holds that the guard lets through what only looks like contents.
func TestReadsDescriptions(t *testing.T) {
	for _, path := range []string{
		"/v1/projects/p/secrets/s/versions/1", "/v2/projects/p/locations/global/keys/k", "/bigquery/v2/projects/p/datasets/queries/tables/data",
		"/storage/v1/b/x/o", "/v1/projects/p/databases/documents", "/compute/v1/projects/p/zones/z/instances/serialport",
	} {
		server := gcptest.New(t)
		server.On("GET "+path, gcptest.JSON(`{"ok":true}`))
		if doc, err := on(server).Get(t.Context(), root, "storage.googleapis.com", path, nil); path[1] == 's' && (err != nil || doc["ok"] != true) {
			t.Errorf("%s: %v, %v", path, doc, err)
		}
		if doc, err := on(server).Get(t.Context(), root, "other.googleapis.com", path, nil); err != nil || doc["ok"] != true {
			t.Errorf("%s: %v, %v", path, doc, err)
		}
	}
}

// TestWriteThroughLibrary holds that the guard stands below the client libraries too, also in a replay.
func TestWriteThroughLibrary(t *testing.T) {
	server := gcptest.New(t)
	remove := func(s *Session) error {
		options, err := s.ClientOptions(t.Context(), computeService, root)
		if err != nil {
			return err
		}
		c, err := compute.NewInstancesRESTClient(t.Context(), options...)
		if err != nil {
			return err
		}
		_, err = c.Delete(t.Context(), &computepb.DeleteInstanceRequest{Project: "acme-prod", Zone: "z", Instance: "web-1"})
		if err != nil {
			return err
		}
		_, err = c.SetLabels(t.Context(), &computepb.SetLabelsInstanceRequest{
			Project: "acme-prod", Zone: "z", Instance: "web-1",
			InstancesSetLabelsRequestResource: &computepb.InstancesSetLabelsRequest{LabelFingerprint: proto.String("x")},
		})
		return err
	}
	if err := remove(on(server)); !errors.Is(err, ErrRefused) {
		t.Errorf("live: %v", err)
	}
	dir := recorded(t, server, func(*Session) {})
	if err := remove(replaying(t, dir)); !errors.Is(err, ErrRefused) {
		t.Errorf("in a replay: %v", err)
	}
	if calls := server.Calls(); len(calls) != 0 {
		t.Errorf("it reached the server: %v", gcptest.Paths(calls))
	}
}

// TestHosts holds that calls go to the service and nowhere else, also when an answer names another address.
func TestHosts(t *testing.T) {
	other := gcptest.New(t)
	server := gcptest.New(t)
	server.On("GET /v1/moved", gcptest.Always(gcptest.Answer{Status: 302, Header: map[string]string{"Location": other.URL + "/v1/here"}}))
	server.On("GET /v1/round", gcptest.Always(gcptest.Answer{Status: 302, Header: map[string]string{"Location": "/v1/round"}}))
	s := on(server)
	for path, want := range map[string]int{"/v1/moved": 1, "/v1/round": 3} {
		if _, err := s.Get(t.Context(), root, "run.googleapis.com", path, nil); !errors.Is(err, ErrRefused) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", path, err)
		}
		if n := len(server.Calls()); n != want {
			t.Errorf("%s: %d calls, want %d", path, n, want)
		}
	}
	for _, c := range []struct {
		service, address string
		want             bool
	}{
		{"run.googleapis.com", "https://run.googleapis.com/v1/x", true},
		{"run.googleapis.com", "http://run.googleapis.com/v1/x", false},
		{"run.googleapis.com", "https://storage.googleapis.com/storage/v1/b", false},
		{"run.googleapis.com", "https://run.googleapis.com.example.com/v1/x", false},
		{"run.googleapis.com", "https://run.googleapis.com:444/v1/x", false},
		{"example.com", "https://example.com/v1/x", false},
		{"run.googleapis.com", other.URL + "/v1/x", false},
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.address, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := New(Options{}).admit(req, c.service); (err == nil) != c.want {
			t.Errorf("%s for %s: %v", c.address, c.service, err)
		}
	}
	for _, address := range []string{"https://run.googleapis.com/v1/x", other.URL + "/v1/x"} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.admit(req, "run.googleapis.com"); err == nil {
			t.Errorf("with an endpoint, %s was let through", address)
		}
	}
	if calls := other.Calls(); len(calls) != 0 {
		t.Errorf("the other server was called: %v", gcptest.Paths(calls))
	}
}

// TestOnlyGetPasses holds that no request but a plain GET passes, whatever its method, path and headers.
func TestOnlyGetPasses(t *testing.T) {
	s := New(Options{})
	rapid.Check(t, func(t *rapid.T) {
		method := rapid.StringMatching(`GET|get|POST|PUT|DELETE|PATCH|OPTIONS|[A-Z]{1,8}`).Draw(t, "method")
		path := rapid.StringMatching(`/(v1|compute/v1)/[a-z:/]{0,20}(:testIamPermissions)?`).Draw(t, "path")
		req, err := http.NewRequestWithContext(context.Background(), method, "https://run.googleapis.com"+path, nil)
		if err != nil {
			t.Skip("no request")
		}
		if s.admit(req, "run.googleapis.com") == nil && method != http.MethodGet {
			t.Fatalf("%s %s passed", method, path)
		}
	})
}

// TestCheckEndpoint holds that only this machine can stand for Google.
func TestCheckEndpoint(t *testing.T) {
	for endpoint, want := range map[string]bool{
		"": true, "http://127.0.0.1:8080": true, "http://127.0.0.1:8080/": true, "http://localhost:1": true, "http://[::1]:1": true, "https://127.8.8.8": true,
		"127.0.0.1:8080": false, "http://10.0.0.1": false, "http://example.com": false, "http://127.0.0.1.example.com": false, "ftp://127.0.0.1": false,
		"http://127.0.0.1/google": false, "http://u:p@127.0.0.1": false, "http://": false, "%": false,
	} {
		if err := CheckEndpoint(endpoint); (err == nil) != want {
			t.Errorf("%q: %v", endpoint, err)
		}
		if _, err := New(Options{Endpoint: endpoint}).HTTP(t.Context(), "run.googleapis.com", root); endpoint != "" && (err == nil) != want {
			t.Errorf("a client for %q: %v", endpoint, err)
		}
	}
}
