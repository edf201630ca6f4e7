package gcp

import (
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/collectortest"
	"github.com/muster-audit/muster/collectors/gcp/gcptest"
	"github.com/muster-audit/muster/collectors/gcp/session"
	"github.com/muster-audit/muster/collectors/tape"
	"github.com/muster-audit/muster/inventory"
)

var record = flag.Bool("record", false, "write the recording of the conformance test instead of comparing with it")

// transcript tells everything that a scan of a collector comes to, in words.
func transcript(t *testing.T, c *collector) string {
	t.Helper()
	var b strings.Builder
	scopes := scopesOf(t, c)
	for _, id := range slices.Sorted(maps.Keys(scopes)) {
		r := read(t.Context(), c, scopes[id])
		fmt.Fprintf(&b, "%s: %v %s %d skipped\n", id, r.err, r.reason(), r.skipped)
		for _, key := range slices.Sorted(maps.Keys(r.assets)) {
			a := r.assets[key]
			fmt.Fprintf(&b, "  %s\n", inventory.EncodeAsset(&a))
		}
	}
	return b.String()
}

var recorded = time.Date(2026, 3, 1, 6, 0, 0, 0, time.UTC)

// recording scans an estate into a folder and returns what came of it.
func recording(t *testing.T, e *estate, dir string, o Options) string {
	t.Helper()
	recorder, err := tape.Create(dir, tape.Header{Recorded: recorded, HashKey: []byte("0123456789abcdef"), Tool: "muster test", Source: "gcp", Collector: "gcp"})
	if err != nil {
		t.Fatal(err)
	}
	live := newTest(t, e, o)
	live.env.Now = func() time.Time { return recorded }
	live.session = session.New(session.Options{Endpoint: e.URL, Attempts: 3, NoBackoff: true, Record: recorder})
	text := transcript(t, live)
	if err := recorder.Close(); err != nil {
		t.Fatal(err)
	}
	return text
}

// TestReplay records scans with refusals, a throttled call, a project that is not there and an API that is not enabled, and plays them back
// where there is neither a server nor a credential: the same comes out, to the letter.
func TestReplay(t *testing.T) {
	for name, o := range map[string]Options{
		"organization": {Organization: "1"},
		"projects":     {Projects: []string{"acme-prod", "acme-gone", "acme-o*"}, Inventory: inventoryList},
		"default":      {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("GOOGLE_CLOUD_PROJECT", "acme-prod")
			e := newEstate(t)
			e.perPage = 3
			e.Intrude(func(c gcptest.Call) *gcptest.Answer {
				var a gcptest.Answer
				switch {
				case c.Service == computeService && strings.Contains(c.Path, "/acme-dev/"):
					a = gcptest.Disabled(computeService, "102")
				case c.Service == computeService && strings.HasSuffix(c.Path, "/aggregated/disks"):
					a = gcptest.DeniedLegacy("compute.disks.list", "projects/acme-prod")
				case strings.HasSuffix(c.Path, "/aggregated/routers") && c.N < 1:
					a = gcptest.RateLimited(computeService, "101")
				case c.Query.Get("pageToken") == "6":
					a = gcptest.Broken()
				default:
					return nil
				}
				return &a
			})
			dir := filepath.Join(t.TempDir(), "recording")
			want := recording(t, e, dir, o)
			if !strings.Contains(want, "compute.disks.list") || !strings.Contains(want, "instances/web-1") {
				t.Fatalf("the recorded scan is not what this test is about:\n%s", want)
			}
			e.Intrude(func(c gcptest.Call) *gcptest.Answer {
				t.Errorf("a replay asked the network for %s", c.Path)
				return nil
			})
			t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere")
			t.Setenv("GOOGLE_CLOUD_PROJECT", "another-one")
			o.Replay = filepath.Base(dir)
			env := collectors.Env{Dir: filepath.Dir(dir), Now: time.Now, Secret: inventory.NewSecretHash([]byte("another key 1234"))}
			played, err := newCollector(env, inventory.Source{Name: "elsewhere", Book: inventory.Observed}, options(o))
			if err != nil {
				t.Fatal(err)
			}
			play, err := tape.Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			played.session = session.New(session.Options{Attempts: 3, Play: play})
			if got := transcript(t, played); got != want {
				t.Errorf("played back:\n%s\nrecorded:\n%s", got, want)
			}
		})
	}
}

func TestReplayOfNothing(t *testing.T) {
	env := collectors.Env{Dir: t.TempDir(), Now: time.Now}
	_, err := newCollector(env, inventory.Source{Name: "gcp"}, options(Options{Replay: "nowhere"}))
	if err == nil || !strings.Contains(err.Error(), "nowhere") {
		t.Errorf("error %v", err)
	}
}

const conformance = "testdata/conformance/recording"

// TestConformanceRecording holds the recording of the conformance test against a scan of the made estate, of which it is one.
func TestConformanceRecording(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "recording")
	e := newEstate(t)
	e.perPage = 3
	recording(t, e, dir, conformanceOptions())
	if *record {
		if err := os.RemoveAll(conformance); err != nil {
			t.Fatal(err)
		}
		if err := os.CopyFS(conformance, os.DirFS(dir)); err != nil {
			t.Fatal(err)
		}
	}
	if have, want := filesOf(t, dir), filesOf(t, conformance); !slices.Equal(have, want) {
		t.Errorf("the recording is of another scan: go test -run ConformanceRecording -record writes it\nhave %q\nwant %q", have, want)
	}
}

func filesOf(t *testing.T, dir string) []string {
	t.Helper()
	var list []string
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			list = append(list, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func conformanceOptions() Options {
	return Options{Organization: "1", Types: []string{
		"storage.googleapis.com/*", "pubsub.googleapis.com/Topic", "compute.googleapis.com/Instance", "apikeys.googleapis.com/Key", projectType,
	}}
}

// TestConformance reads a recorded scan of the made estate.
func TestConformance(t *testing.T) {
	collectortest.Run(t, collectortest.Config{
		Spec:    Spec(),
		Fixture: "testdata/conformance",
		Options: func() any {
			o := options(conformanceOptions())
			o.Replay = "recording"
			return &o
		},
		Inputs: []string{
			"recording/organizations/1/cloudasset.googleapis.com/searchAllResources-7*.json", // the first page
			"recording/projects/acme-prod/compute.googleapis.com/aggregated/instances-*.json",
		},
		Detectable: func(string, []byte, int) bool { return true },
	})
}
