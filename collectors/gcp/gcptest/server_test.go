package gcptest

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/api/googleapi"
)

// fetch sends a request as a client for a service does.
func fetch(t *testing.T, s *Server, method, service, path string) (status int, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, strings.NewReader("in"))
	if err != nil {
		t.Fatal(err)
	}
	req.Host = service
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, ""
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return resp.StatusCode, "cut"
	}
	return resp.StatusCode, string(data)
}

// echo answers with what stands in the place of the names.
func echo(name string) Handler {
	return func(c Call) Answer {
		data, _ := json.Marshal(c.Vars) // texts
		return Answer{Body: name + string(data)}
	}
}

// TestOn holds which answer belongs to which call.
func TestOn(t *testing.T) {
	s := New(t)
	s.On("GET /v1/{root...}", echo("any"))
	s.On("GET /v1/projects/{project}", echo("project"))
	s.On("GET /v1/{scope...}:search", echo("search"))
	s.On("GET run.googleapis.com/v1/projects/{project}/services", echo("run"))
	s.On("POST /v1/projects/{project}", echo("post"))
	for _, c := range []struct{ method, service, path, want string }{
		{"GET", "", "/v1/projects/p", `project{"project":"p"}`},
		{"GET", "", "/v1/projects/a%2Fb", `project{"project":"a/b"}`},
		{"GET", "", "/v1/projects/p:search?query=x", `search{"scope":"projects/p"}`},
		{"GET", "run.googleapis.com", "/v1/projects/p/services", `run{"project":"p"}`},
		{"GET", "iam.googleapis.com", "/v1/projects/p/services", `any{"root":"projects/p/services"}`},
		{"POST", "", "/v1/projects/p", `post{"project":"p"}`},
	} {
		if _, body := fetch(t, s, c.method, c.service, c.path); body != c.want {
			t.Errorf("%s %s%s: %s, want %s", c.method, c.service, c.path, body, c.want)
		}
	}
	calls := s.Calls()
	if len(calls) != 6 || calls[2].Query.Get("query") != "x" || calls[3].Service != "run.googleapis.com" || calls[0].Service != "" || calls[5].Body != "in" {
		t.Errorf("calls %+v", calls)
	}
	if diff := cmp.Diff([]string{"GET /v1/projects/a%2Fb", "GET /v1/projects/p", "GET /v1/projects/p/services", "GET /v1/projects/p:search", "POST /v1/projects/p"}, Paths(calls)); diff != "" {
		t.Error(diff)
	}
	if s.Calls() != nil {
		t.Error("calls are not forgotten")
	}
}

// failing is a test that notes that it failed.
type failing struct {
	testing.TB
	failed bool
}

func (f *failing) Errorf(string, ...any) { f.failed = true }

// TestUnknown holds that a call without an answer fails its test, unless it is allowed.
func TestUnknown(t *testing.T) {
	fake := &failing{TB: t}
	s := New(fake)
	s.On("GET /v1/here", JSON("{}"))
	if status, _ := fetch(t, s, "GET", "", "/v1/here"); status != 200 || fake.failed {
		t.Error("a call with an answer failed the test")
	}
	status, body := fetch(t, s, "GET", "", "/v1/there")
	if status != 404 || !strings.Contains(body, `"status":"NOT_FOUND"`) || !fake.failed {
		t.Errorf("%d %s", status, body)
	}
	allowed := New(t)
	allowed.Otherwise = Always(NoMethod())
	if status, _ := fetch(t, allowed, "GET", "", "/v1/there"); status != 404 {
		t.Errorf("status %d", status)
	}
}

// TestPages holds that pages follow their tokens, and no others.
func TestPages(t *testing.T) {
	s := New(t)
	s.On("GET /v1/things", Pages(`{"n":1}`, `{"n":2}`))
	_, first := fetch(t, s, "GET", "", "/v1/things")
	if first != `{"n":1,"nextPageToken":"page-token-1"}` {
		t.Errorf("first page %s", first)
	}
	if _, second := fetch(t, s, "GET", "", "/v1/things?pageToken=page-token-1"); second != `{"n":2}` {
		t.Errorf("second page %s", second)
	}
	for _, token := range []string{"page-token-0", "page-token-2", "x"} {
		if status, _ := fetch(t, s, "GET", "", "/v1/things?pageToken="+token); status != 400 {
			t.Errorf("%s: status %d", token, status)
		}
	}
}

// TestIntrusions holds what stands before the answers, and answers that are none.
func TestIntrusions(t *testing.T) {
	s := New(t)
	s.On("GET /v1/things", Times(Unavailable(7), Answer{Body: `{"n":1}`, Cut: true}, Answer{Body: "{}"}))
	s.Intrude(func(c Call) *Answer {
		if c.Query.Get("first") == "" {
			return nil
		}
		a := Broken()
		return &a
	})
	if status, _ := fetch(t, s, "GET", "", "/v1/things?first=1"); status != 500 {
		t.Errorf("status %d", status)
	}
	for i, want := range []string{"cut", "{}", "{}"} { // the intruder's was the first
		if _, body := fetch(t, s, "GET", "", "/v1/things"); body != want {
			t.Errorf("%d: %s, want %s", i, body, want)
		}
	}
}

// TestFailures holds that errors have the form by which the client libraries read them.
func TestFailures(t *testing.T) {
	a := Disabled("run.googleapis.com", "p")
	err := googleapi.CheckResponse(&http.Response{StatusCode: a.Status, Body: io.NopCloser(strings.NewReader(a.Body))})
	var e *googleapi.Error
	if !errors.As(err, &e) || e.Code != 403 || len(e.Errors) != 1 || e.Errors[0].Reason != "accessNotConfigured" || len(e.Details) != 1 {
		t.Fatalf("%#v", err)
	}
	want := map[string]any{
		"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "SERVICE_DISABLED", "domain": "googleapis.com",
		"metadata": map[string]any{"service": "run.googleapis.com", "consumer": "projects/p"},
	}
	if diff := cmp.Diff(want, e.Details[0]); diff != "" {
		t.Error(diff)
	}
	if a := DisabledLegacy("run.googleapis.com", "p"); strings.Contains(a.Body, "details") || strings.Contains(a.Body, "status") {
		t.Errorf("an older API: %s", a.Body)
	}
}
