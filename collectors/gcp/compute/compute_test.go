package compute

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"google.golang.org/api/option"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/gcp/gcptest"
	"github.com/muster-audit/muster/collectors/gcp/resource"
	"github.com/muster-audit/muster/collectors/gcp/session"
	"github.com/muster-audit/muster/inventory"
)

const (
	project  = "acme-prod"
	host     = "compute.googleapis.com"
	base     = "/compute/v1/projects/" + project
	attempts = 3
)

// server starts a small Google Cloud in which every list that the test says nothing of is empty.
func server(t testing.TB) *gcptest.Server {
	s := gcptest.New(t)
	s.Otherwise = gcptest.JSON(`{}`)
	return s
}

func options(t testing.TB, s *gcptest.Server) []option.ClientOption {
	t.Helper()
	opts, err := session.New(session.Options{Endpoint: s.URL, NoBackoff: true, Attempts: attempts}).
		ClientOptions(t.Context(), host, "projects/"+project)
	if err != nil {
		t.Fatal(err)
	}
	return opts
}

// of wants types by their short names; none is all.
func of(names ...string) func(inventory.Type) bool {
	return func(t inventory.Type) bool {
		return len(names) == 0 || slices.Contains(names, strings.TrimPrefix(string(t), service))
	}
}

func list(t testing.TB, s *gcptest.Server, wanted func(inventory.Type) bool) ([]resource.Resource, error) {
	t.Helper()
	var got []resource.Resource
	err := List(t.Context(), options(t, s), project, wanted, func(r resource.Resource) error {
		got = append(got, r)
		return nil
	})
	return got, err
}

// names are the last parts of resources' names with their locations: "web@europe-west1-b".
func names(list []resource.Resource) string {
	var out []string
	for _, r := range list {
		out = append(out, r.Data.Text("name")+"@"+r.Location)
	}
	return strings.Join(out, " ")
}

func reason(t testing.TB, err error, want inventory.RunReason, parts ...string) {
	t.Helper()
	var e *collectors.Error
	if !errors.As(err, &e) || e.Reason != want {
		t.Fatalf("error %v, want the reason %q", err, want)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("the error does not say %q: %v", part, err)
		}
	}
}

// A zone that was not reached on any page is told, and nothing of the pages is lost: not of an empty page between two others either,
// over which the library's iterators go by themselves.
func TestEveryPageIsReadWhole(t *testing.T) {
	s := server(t)
	s.On("GET "+base+"/aggregated/instances", gcptest.Pages(
		`{"items": {"zones/europe-west1-b": {"instances": [{"name": "a"}, {"name": "b"}]}, "zones/asia-east1-a": {"instances": [{"name": "c"}]}}}`,
		`{"items": {"zones/europe-west1-c": {"warning": {"code": "NO_RESULTS_ON_PAGE"}}}, "unreachables": ["projects/acme-prod/zones/us-east1-d"]}`,
		`{"items": {}, "unreachables": ["zones/us-east1-b", "zones/us-east1-d"]}`,
		`{"items": {"zones/europe-west1-c": {"instances": [{"name": "d"}]}, "zones/us-west1-a": {"warning": {"code": "UNREACHABLE", "message": "x"}}}}`,
	))
	got, err := list(t, s, of("Instance"))
	if names(got) != "c@asia-east1-a a@europe-west1-b b@europe-west1-b d@europe-west1-c" {
		t.Errorf("resources %s", names(got))
	}
	reason(t, err, inventory.ReasonError, "compute.instances.aggregatedList: ", "not reached: zones/us-east1-b, zones/us-east1-d;",
		"warning UNREACHABLE: zones/us-west1-a")
	calls := s.Calls()
	if len(calls) != 4 {
		t.Fatalf("%d calls for 4 pages", len(calls))
	}
	for i, c := range calls {
		if c.Query.Get("maxResults") != "500" || (c.Query.Get("pageToken") == "") != (i == 0) {
			t.Errorf("call %d: %v", i, c.Query)
		}
		// since this version, aggregated lists answer in part where they failed before
		if v := c.Header.Get("X-Goog-Api-Version"); v < "2026-09-01" {
			t.Errorf("call %d asks for version %q of the API", i, v)
		}
	}
}

func TestPagesAreHandedOn(t *testing.T) {
	s := server(t)
	s.On("GET "+base+"/aggregated/disks", gcptest.Pages(
		`{"items": {"zones/a-b1-c": {"disks": [{"name": "a"}]}}}`, `{"items": {"zones/a-b1-c": {"disks": [{"name": "b"}]}}}`))
	var before []int
	asked := 0
	err := List(t.Context(), options(t, s), project, of("Disk"), func(resource.Resource) error {
		asked += len(s.Calls())
		before = append(before, asked)
		return nil
	})
	if err != nil || !slices.Equal(before, []int{1, 2}) {
		t.Errorf("calls before each resource: %v, %v", before, err)
	}
}

func TestWarnings(t *testing.T) {
	tests := []struct {
		name, path, body string
		wanted           []string
		want             string // of the error; empty is none
	}{
		{"nothing on the page", "/aggregated/disks", `{"items": {"zones/a-b1-c": {"warning": {"code": "NO_RESULTS_ON_PAGE", "message": "m"}}}}`, []string{"Disk"}, ""},
		{"nothing at all", "/aggregated/disks", `{"warning": {"code": "NO_RESULTS_ON_PAGE"}}`, []string{"Disk"}, ""},
		{"of a scope", "/aggregated/disks", `{"items": {"zones/a-b1-c": {"warning": {"code": "CLEANUP_FAILED"}, "disks": [{"name": "x"}]}}}`, []string{"Disk"}, "warning CLEANUP_FAILED: zones/a-b1-c"},
		{"of all", "/aggregated/disks", `{"warning": {"code": "UNREACHABLE"}}`, []string{"Disk"}, "compute.disks.aggregatedList: warning UNREACHABLE"},
		{
			"of all, with scopes", "/aggregated/disks",
			`{"warning": {"code": "UNREACHABLE", "data": [{"key": "scope", "value": "zones/a-b1-c"}, {"key": "other", "value": "y"}]}}`,
			[]string{"Disk"},
			"warning UNREACHABLE: zones/a-b1-c",
		},
		{"without code", "/aggregated/disks", `{"items": {"zones/a-b1-c": {"warning": {"message": "no luck"}}}}`, []string{"Disk"}, "warning without code: no luck: zones/a-b1-c"},
		{"of a list that is not aggregated", "/global/networks", `{"warning": {"code": "UNREACHABLE"}}`, []string{"Network"}, "compute.networks.list: warning UNREACHABLE"},
		{"of a list without client", "/global/httpHealthChecks", `{"warning": {"code": "UNREACHABLE"}}`, []string{"HttpHealthCheck"}, "compute.httpHealthChecks.list: warning UNREACHABLE"},
		{"a region, where zones are wanted", "/aggregated/disks", `{"unreachables": ["regions/a-b1"], "items": {"regions/a-c1": {"warning": {"code": "UNREACHABLE"}}}}`, []string{"Disk"}, ""},
		{"a region, where regions are wanted", "/aggregated/disks", `{"unreachables": ["regions/a-b1"]}`, []string{"RegionDisk"}, "not reached: regions/a-b1"},
		{"a place that nobody knows", "/aggregated/disks", `{"unreachables": ["galaxies/far"]}`, []string{"Disk"}, "not reached: galaxies/far"},
		{"a region, where no such things are", "/aggregated/instances", `{"unreachables": ["regions/a-b1"]}`, []string{"Instance"}, "not reached: regions/a-b1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := server(t)
			s.On("GET "+base+tt.path, gcptest.JSON(tt.body))
			_, err := list(t, s, of(tt.wanted...))
			if tt.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			reason(t, err, inventory.ReasonError, tt.want)
		})
	}
}

func TestDisabledAPIIsOneCall(t *testing.T) {
	s := server(t)
	s.Otherwise = gcptest.Always(gcptest.Disabled(host, project))
	got, err := list(t, s, of())
	reason(t, err, inventory.ReasonNotEnabled)
	if n := len(s.Calls()); n != 1 || len(got) > 0 || strings.Contains(err.Error(), "compute.disks") {
		t.Errorf("%d calls, %d resources: %v", n, len(got), err)
	}
	if err := Probe(t.Context(), options(t, s), project); session.ReasonOf(err) != inventory.ReasonNotEnabled {
		t.Errorf("probe: %v", err)
	}
}

func TestProjectThatIsNotThereIsOneCall(t *testing.T) {
	s := server(t)
	s.Otherwise = gcptest.Always(gcptest.NotFound("projects/" + project))
	_, err := list(t, s, of())
	reason(t, err, inventory.ReasonError, "not tried any more: ", "compute.networks.list")
	if n := len(s.Calls()); n != 1 {
		t.Errorf("%d calls", n)
	}
}

func TestRefusedListDoesNotStopTheOthers(t *testing.T) {
	s := server(t)
	s.On("GET "+base+"/aggregated/instances", gcptest.Always(gcptest.Denied("compute.instances.list", "projects/"+project)))
	s.On("GET "+base+"/global/routes", gcptest.Always(gcptest.Invalid("no")))
	s.On("GET "+base+"/aggregated/disks", gcptest.JSON(`{"items": {"zones/a-b1-c": {"disks": [{"name": "d"}]}}, "unreachables": ["zones/a-b1-d"]}`))
	s.On("GET "+base+"/global/networks", gcptest.JSON(`{"items": [{"name": "n"}]}`))
	got, err := list(t, s, of())
	if names(got) != "d@a-b1-c n@global" {
		t.Errorf("resources %s", names(got))
	}
	reason(t, err, inventory.ReasonDenied, "compute.instances.aggregatedList: ", "compute.routes.list: ",
		"compute.disks.aggregatedList: not reached: zones/a-b1-d")
	if strings.Contains(err.Error(), "not tried") || strings.Contains(err.Error(), "compute.images") || strings.Contains(err.Error(), "\n") {
		t.Errorf("error %v", err)
	}
	if n := len(s.Calls()); n != len(listings()) {
		t.Errorf("%d calls for %d lists", n, len(listings()))
	}
}

// What was read before a page was refused stays read.
func TestRefusedPage(t *testing.T) {
	s := server(t)
	s.On("GET "+base+"/global/networks", func(c gcptest.Call) gcptest.Answer {
		if c.Query.Get("pageToken") != "" {
			return gcptest.Denied("compute.networks.list", "projects/"+project)
		}
		return gcptest.Answer{Body: `{"items": [{"name": "n"}], "nextPageToken": "x"}`}
	})
	got, err := list(t, s, of("Network"))
	if names(got) != "n@global" {
		t.Errorf("resources %s", names(got))
	}
	reason(t, err, inventory.ReasonDenied, "compute.networks.list: ")
}

func TestThrottledForLong(t *testing.T) {
	s := server(t)
	s.Otherwise = gcptest.Always(gcptest.RateLimited(host, project))
	s.On("GET "+base+"/aggregated/instances", gcptest.JSON(`{"items": {"zones/a-b1-c": {"instances": [{"name": "i"}]}}}`))
	got, err := list(t, s, of("Instance", "Disk", "Network"))
	reason(t, err, inventory.ReasonThrottled, "compute.disks.aggregatedList: ", "not tried any more: compute.networks.list")
	if n := len(s.Calls()); n != 1+attempts || names(got) != "i@a-b1-c" {
		t.Errorf("%d calls, resources %s", n, names(got))
	}
}

// The library does not try again what the session gave up.
func TestServerThatFails(t *testing.T) {
	s := server(t)
	s.On("GET "+base+"/global/networks", gcptest.Always(gcptest.Unavailable(0)))
	_, err := list(t, s, of("Network"))
	reason(t, err, inventory.ReasonError, "compute.networks.list: ")
	if n := len(s.Calls()); n != attempts {
		t.Errorf("%d calls", n)
	}
}

func TestThrottledForAMoment(t *testing.T) {
	s := server(t)
	s.On("GET "+base+"/global/networks", gcptest.Times(gcptest.RateLimited(host, project), gcptest.Answer{Body: `{"items": [{"name": "n"}]}`}))
	if got, err := list(t, s, of("Network")); err != nil || names(got) != "n@global" {
		t.Errorf("%s %v", names(got), err)
	}
}

func TestEmptyProject(t *testing.T) {
	s := server(t)
	got, err := list(t, s, of())
	if n := len(s.Calls()); err != nil || len(got) > 0 || n != len(listings()) {
		t.Errorf("%d resources with %d calls for %d lists: %v", len(got), n, len(listings()), err)
	}
	if _, err := list(t, s, of("None")); err != nil || len(s.Calls()) > 0 {
		t.Errorf("calls though nothing is wanted: %v", err)
	}
}

// A scope that nobody knows holds things all the same.
func TestScopeThatNobodyKnows(t *testing.T) {
	s := server(t)
	s.On("GET "+base+"/aggregated/instances", gcptest.JSON(
		`{"items": {"zones/mars-north1-a": {"instances": [{"name": "a"}]}, "galaxies/far": {"instances": [{"name": "b"}]}}}`))
	got, err := list(t, s, of())
	if err != nil || len(got) != 2 {
		t.Fatal(got, err)
	}
	for i, want := range []string{"galaxies/far/instances/b", "zones/mars-north1-a/instances/a"} {
		if got[i].Name != "projects/acme-prod/"+want || got[i].Type != "compute.googleapis.com/Instance" {
			t.Errorf("%s %q", got[i].Type, got[i].Name)
		}
	}
}

func TestErrorOfTheSink(t *testing.T) {
	s := server(t)
	s.On("GET "+base+"/aggregated/instances", gcptest.JSON(`{"items": {"zones/a-b1-c": {"instances": [{"name": "a"}, {"name": "b"}]}}}`))
	full := errors.New("full")
	n := 0
	err := List(t.Context(), options(t, s), project, of(), func(resource.Resource) error {
		n++
		return full
	})
	if err != full || n != 1 || len(s.Calls()) != 1 {
		t.Errorf("%v after %d resources", err, n)
	}
}

func TestCancelled(t *testing.T) {
	s := server(t)
	s.On("GET "+base+"/aggregated/instances", gcptest.Pages(`{"items": {"zones/a-b1-c": {"instances": [{"name": "a"}]}}}`, `{}`))
	ctx, cancel := context.WithCancel(t.Context())
	err := List(ctx, options(t, s), project, of(), func(resource.Resource) error {
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) || len(s.Calls()) != 1 {
		t.Errorf("%v", err)
	}
}

func TestRepeatedPageToken(t *testing.T) {
	for _, circle := range []int{1, 2, 5} {
		s := server(t)
		s.On("GET "+base+"/global/networks", func(c gcptest.Call) gcptest.Answer {
			return gcptest.Answer{Body: fmt.Sprintf(`{"nextPageToken": "t%d"}`, c.N%circle)}
		})
		if _, err := list(t, s, of("Network")); !errors.Is(err, errRepeatedPage) || len(s.Calls()) > 20 {
			t.Errorf("a circle of %d pages: %v", circle, err)
		}
	}
}

// An estate costs what its pages cost: each list once for every 500 resources, and once if there are none.
func TestBudget(t *testing.T) {
	s := server(t)
	sizes := map[string]int{"instances": 1201, "disks": 500, "addresses": 501, "networks": 1000, "httpHealthChecks": 501}
	s.Otherwise = func(c gcptest.Call) gcptest.Answer {
		collection := c.Path[strings.LastIndexByte(c.Path, '/')+1:]
		from, _ := strconv.Atoi(c.Query.Get("pageToken"))
		most, _ := strconv.Atoi(c.Query.Get("maxResults"))
		to := min(sizes[collection], from+most)
		var items []map[string]any
		for i := from; i < to; i++ {
			items = append(items, map[string]any{"name": fmt.Sprintf("%s-%04d", collection, i)})
		}
		page := map[string]any{"items": items}
		if strings.Contains(c.Path, "/aggregated/") {
			page["items"] = map[string]any{"zones/a-b1-c": map[string]any{collection: items}}
		}
		if to < sizes[collection] {
			page["nextPageToken"] = strconv.Itoa(to)
		}
		body, _ := json.Marshal(page)
		return gcptest.Answer{Body: string(body)}
	}
	got, err := list(t, s, of())
	total := 0
	floor := len(listings())
	for n := range maps.Values(sizes) {
		total += n
		floor += (n+largest-1)/largest - 1
	}
	if n := len(s.Calls()); err != nil || len(got) != total || n != floor {
		t.Errorf("%d resources of %d with %d calls, want %d: %v", len(got), total, n, floor, err)
	}
}

func TestProbe(t *testing.T) {
	s := server(t)
	if err := Probe(t.Context(), options(t, s), project); err != nil {
		t.Error(err)
	}
	calls := s.Calls()
	if len(calls) != 1 || calls[0].Query.Get("maxResults") != "1" || calls[0].Path != base+"/global/networks" {
		t.Errorf("calls %v", calls)
	}
	s.Otherwise = gcptest.Always(gcptest.Denied("compute.networks.list", "projects/"+project))
	reason(t, Probe(t.Context(), options(t, s), project), inventory.ReasonDenied)
}
