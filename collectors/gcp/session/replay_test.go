package session

import (
	"bytes"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/collectors/gcp/gcptest"
	"github.com/muster-audit/muster/collectors/tape"
	"github.com/muster-audit/muster/inventory"
)

// recorded records what a function asks of a server, and returns the folder.
func recorded(t *testing.T, server *gcptest.Server, ask func(*Session)) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "tape")
	recorder, err := tape.Create(dir, tape.Header{
		Recorded: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), HashKey: bytes.Repeat([]byte("k"), 32), Tool: "muster test", Collector: "gcp",
	})
	if err != nil {
		t.Fatal(err)
	}
	ask(New(Options{Endpoint: server.URL, NoBackoff: true, Record: recorder, CallTimeout: 300 * time.Millisecond}))
	if err := recorder.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

// replaying returns a session that is answered from a folder, and has no network and no endpoint.
func replaying(t *testing.T, dir string) *Session {
	t.Helper()
	player, err := tape.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = player.Close() })
	s := New(Options{Play: player})
	s.network = tripper(func(r *http.Request) (*http.Response, error) {
		t.Errorf("a replay asked the network for %s", r.URL)
		return nil, errors.New("no network")
	})
	return s
}

// saidBy is what came of a way of calling.
type saidBy struct {
	Names []string
	Error string
	Calls map[string]int
}

func ask(t *testing.T, s *Session, call way) saidBy {
	var calls Counter
	names, err := call.call(Count(t.Context(), &calls), s)
	said := saidBy{Names: names, Calls: calls.Calls()}
	if err != nil {
		err = Classify(err)
		said.Error = string(ReasonOf(err)) + ": " + err.Error()
	}
	return said
}

// TestReplay holds that a replay comes to what was recorded: pages, errors, attempts and counts, without the endpoint, credentials and
// the network.
func TestReplay(t *testing.T) {
	t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", filepath.Join(t.TempDir(), "none.json"))
	server := gcptest.New(t)
	page := func(name string) string {
		return `{"items":{"zones/europe-west1-b":{"instances":[{"name":"` + name + `","metadata":{"items":[{"key":"startup-script","value":"export P=pl4nt3d"}]}}]}}}`
	}
	server.On(instancesPath, gcptest.Pages(page("web-1"), page("web-2"), `{"items":{}}`))
	server.On(searchPath, gcptest.Times(gcptest.Unavailable(1), gcptest.RateLimited("s", "p"), gcptest.Answer{Body: `{"results":[{"name":"//x"}]}`}))
	for name, answer := range map[string]gcptest.Answer{
		"denied": gcptest.Denied("dns.managedZones.list", root), "page": gcptest.Page(502, "Bad Gateway"), "down": gcptest.Unavailable(0),
		"cut": {Body: `{"managedZones":[`, Cut: true}, "hang": {Hang: true}, "late": gcptest.Unavailable(3600), "login": gcptest.Page(200, "Welcome"),
	} {
		server.On("GET /v1/projects/p/"+name, gcptest.Always(answer))
	}
	list := ways()[:2]
	for _, name := range []string{"denied", "page", "down", "cut", "hang", "late", "login"} {
		list = append(list, way{name: name, call: getting("/v1/projects/p/" + name)})
	}
	live := map[string]saidBy{}
	dir := recorded(t, server, func(s *Session) {
		for _, w := range list {
			live[w.name] = ask(t, s, w)
		}
		if c := s.Caller(t.Context()); c != "no credentials" {
			t.Errorf("caller %q", c)
		}
	})
	again, s := map[string]saidBy{}, replaying(t, dir)
	for _, w := range list {
		again[w.name] = ask(t, s, w)
	}
	if diff := cmp.Diff(live, again); diff != "" {
		t.Error(diff)
	}
	if c := s.Caller(t.Context()); c != "no credentials" {
		t.Errorf("caller in the replay %q", c)
	}
	checkAsked(t, live)
	checkFiles(t, dir)
}

// checkAsked holds that what is replayed is what was meant to be.
func checkAsked(t *testing.T, live map[string]saidBy) {
	t.Helper()
	want := saidBy{Names: []string{"web-1", "web-2"}, Calls: map[string]int{"compute.googleapis.com:aggregated/instances": 3}}
	if diff := cmp.Diff(want, live["compute"]); diff != "" {
		t.Error(diff)
	}
	want = saidBy{Names: []string{"//x"}, Calls: map[string]int{"cloudasset.googleapis.com:searchAllResources": 3}}
	if diff := cmp.Diff(want, live["asset"]); diff != "" {
		t.Error(diff)
	}
	for name, text := range map[string]string{
		"hang": "timeout: …(tried 5 times)", "late": "error: …", "cut": "error: …(tried 5 times)", "denied": "denied: …", "down": "error: …(tried 5 times)",
	} {
		if !alike(live[name].Error, text) {
			t.Errorf("%s: %q", name, live[name].Error)
		}
	}
	if n := live["late"].Calls["dns.googleapis.com:late"]; n != 1 {
		t.Errorf("a server that asks to wait for an hour was called %d times", n)
	}
}

func checkFiles(t *testing.T, dir string) {
	t.Helper()
	var names []string
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if bytes.Contains(data, []byte("pl4nt3d")) {
			t.Errorf("%s holds the secret", path)
		}
		names = append(names, path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{
		"/projects/acme-prod/compute.googleapis.com/aggregated_instances-", "/projects/acme-prod/cloudasset.googleapis.com/searchAllResources-",
		"/projects/acme-prod/dns.googleapis.com/denied-",
	} {
		if !strings.Contains(strings.Join(names, "\n"), part) {
			t.Errorf("no file %s… among %v", part, names)
		}
	}
}

// TestReplayTellsServicesApart holds that two services with one path keep their answers.
func TestReplayTellsServicesApart(t *testing.T) {
	server := gcptest.New(t)
	server.On("GET run.googleapis.com/v1/projects/p/services", gcptest.JSON(`{"of":"run"}`))
	server.On("GET servicemanagement.googleapis.com/v1/projects/p/services", gcptest.JSON(`{"of":"management"}`))
	check := func(s *Session) {
		for service, want := range map[string]string{"run.googleapis.com": "run", "servicemanagement.googleapis.com": "management"} {
			doc, err := s.Get(t.Context(), "projects/p", service, "/v1/projects/p/services", nil)
			if err != nil || doc["of"] != want {
				t.Errorf("%s: %v, %v", service, doc, err)
			}
		}
	}
	check(replaying(t, recorded(t, server, check)))
}

// TestReplayOfOthers holds that what was not recorded is an error at once, and no answer.
func TestReplayOfOthers(t *testing.T) {
	s := replaying(t, recorded(t, gcptest.New(t), func(*Session) {}))
	for _, w := range ways() {
		var calls Counter
		if names, err := w.call(Count(t.Context(), &calls), s); !errors.Is(err, tape.ErrNotRecorded) || names != nil {
			t.Errorf("%s: %v, %v", w.name, names, err)
		}
		for op, n := range calls.Calls() {
			if n != 1 {
				t.Errorf("%s was asked for %d times", op, n)
			}
		}
	}
}

// TestDamagedRecording holds that a file that cannot be read is told once, and is no answer.
func TestDamagedRecording(t *testing.T) {
	server := gcptest.New(t)
	server.On(zonesPath, gcptest.JSON(`{}`))
	dir := recorded(t, server, func(s *Session) {
		if _, err := got(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	})
	files, err := filepath.Glob(filepath.Join(dir, "projects/acme-prod/dns.googleapis.com/*.json"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%v, %v", files, err)
	}
	if err := os.Truncate(files[0], 20); err != nil {
		t.Fatal(err)
	}
	var calls Counter
	_, err = got(Count(t.Context(), &calls), replaying(t, dir))
	if ReasonOf(err) != inventory.ReasonError || !strings.Contains(err.Error(), "the file is damaged") || calls.Calls()["dns.googleapis.com:managedZones"] != 1 {
		t.Error(err)
	}
}
