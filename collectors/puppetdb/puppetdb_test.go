package puppetdb_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/agents"
	"github.com/muster-audit/muster/collectors/agents/agentstest"
	"github.com/muster-audit/muster/collectors/collectortest"
	"github.com/muster-audit/muster/collectors/puppetdb"
	"github.com/muster-audit/muster/inventory"
)

// The nodes of testdata and of the tests are made up after the documented form of PuppetDB's answers.

func TestConformance(t *testing.T) {
	cfg := agentstest.Config(puppetdb.Spec(), func(o *agents.Options) {
		o.Paths, o.MaxAge = []string{"*.json"}, 7*24*time.Hour
		o.Tags = map[string]string{"owner": "asset_owner", "cost-center": "trusted.extensions.pp_cost_center"}
		o.Attributes = map[string]string{"deploy": "deploy"}
	})
	cfg.Secrets = []string{"hunter2"}
	cfg.BytesPerRecord = 3000 // nodes are put together in memory
	cfg.Generate = func(dir string, n int) error {
		return collectortest.LinesFile(dir+"/nodes.json", "[\n", n, func(i int) string {
			end := ","
			if i == n-1 {
				end = "]"
			}
			return fmt.Sprintf(`{"certname": "n%d.example.com", "facts_timestamp": "2026-03-01T11:40:00Z"}%s`+"\n", i, end)
		})
	}
	collectortest.Run(t, cfg)
}

// TestLeft: a node that was deactivated or expired is none, whatever file says so and in which order they are read.
func TestLeft(t *testing.T) {
	facts := `[{"certname":"a.example.com","timestamp":"2026-03-01T11:40:00Z","facts":{"fqdn":"a.example.com"}}]`
	for _, mark := range []string{"deactivated", "expired"} {
		for _, names := range [][]string{{"1", "2"}, {"2", "1"}} {
			nodes := `[{"certname":"a.example.com","` + mark + `":"2026-02-01T00:00:00Z","facts_timestamp":"2026-03-01T11:40:00Z"}]`
			r := agentstest.Files(t, puppetdb.Spec(), map[string]string{names[0]: nodes, names[1]: facts}, nil)
			if r.Err != nil || len(r.Assets) > 0 {
				t.Errorf("%s, %v: assets %v, error %v", mark, names, r.Assets, r.Err)
			}
		}
	}
}

// TestCheckIn: the latest of all timestamps counts, null ones in the answer about nodes say that the agent never reported, and an
// answer without any says nothing.
func TestCheckIn(t *testing.T) {
	for text, want := range map[string]string{
		`[{"certname":"a","facts_timestamp":"2026-01-01T00:00:00Z","report_timestamp":"2026-01-02T00:00:00Z","catalog_timestamp":null}]`: `"2026-01-02T00:00:00Z"`,
		`[{"certname":"a","facts_timestamp":null,"report_timestamp":null,"catalog_timestamp":null}]`:                                     "null",
		`[{"certname":"a","name":"os","value":{"name":"Debian"}}]`:                                                                       "-",
		`[{"certname":"a","timestamp":"2026-01-01T00:00:00Z","facts":{}},{"certname":"a","facts_timestamp":null}]`:                       `"2026-01-01T00:00:00Z"`,
	} {
		r := agentstest.Files(t, puppetdb.Spec(), map[string]string{"a.json": text}, nil)
		if have := agentstest.Value(r.Find(t, "puppetdb/a"), "last_check_in"); have != want {
			t.Errorf("%s: last_check_in is %s, want %s", text, have, want)
		}
	}
}

// TestBrokenFiles: where something of the files could not be read, a node without what the other file tells of it would pass for another
// machine. It is not told, so that what is known of it stands.
func TestBrokenFiles(t *testing.T) {
	const serial = "7XK2Q03"
	nodes := `[{"certname":"a","deactivated":null,"expired":null,"facts_timestamp":"2026-03-01T11:40:00Z"},` + "\n" + `{"certname":"b","deactivated":null,"expired":null,"facts_timestamp":"2026-03-01T11:40:00Z"}]`
	facts := `[{"certname":"a","timestamp":"2026-03-01T11:40:00Z","facts":{"serialnumber":"` + serial + `"}},` + "\n" + `{"certname":"b","timestamp":"2026-03-01T11:40:00Z","facts":{"serialnumber":"BXK2Q03"}}]`
	rows := `[{"certname":"a","name":"fqdn","value":"a.example.com"},` + "\n" + `{"certname":"a","name":"serialnumber","value":"` + serial + `"}]`
	cut := func(s string) string { return s[:len(s)-40] }
	for _, tt := range []struct {
		name  string
		files map[string]string
		want  []string
	}{
		{"whole", map[string]string{"nodes.json": nodes, "facts.json": facts}, []string{"puppetdb/a", "puppetdb/b"}},
		{"no facts", map[string]string{"nodes.json": nodes, "facts.json": ""}, nil},
		{"no nodes, which may be deactivated", map[string]string{"nodes.json": "", "facts.json": facts}, nil},
		{"facts cut", map[string]string{"nodes.json": nodes, "facts.json": cut(facts)}, []string{"puppetdb/a"}},
		{"nodes cut", map[string]string{"nodes.json": cut(nodes), "facts.json": facts}, []string{"puppetdb/a"}},
		{"facts alone, cut", map[string]string{"facts.json": cut(facts)}, []string{"puppetdb/a"}},
		{"nodes alone, cut", map[string]string{"nodes.json": cut(nodes)}, []string{"puppetdb/a"}},
		{"rows of facts, cut within a node", map[string]string{"facts.json": cut(rows)}, nil},
		{"a row without a name", map[string]string{"nodes.json": nodes, "facts.json": strings.Replace(facts, `"certname":"b"`, `"name":"b"`, 1)}, []string{"puppetdb/a"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			o := agents.NewOptions()
			for name, text := range tt.files {
				o.Paths = append(o.Paths, name)
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			r := agentstest.Read(t, puppetdb.Spec(), dir, o)
			var got []string
			for _, a := range r.Assets {
				got = append(got, a.Key)
			}
			if !slices.Equal(got, tt.want) || (r.Err != nil || len(r.Problems) > 0) == (tt.name == "whole") {
				t.Errorf("got %v, want %v; problems %v, error %v", got, tt.want, r.Problems, r.Err)
			}
		})
	}
}

// TestMissingFile: where one of the files is absent the error names it, and the scope is not whole.
func TestMissingFile(t *testing.T) {
	o := agents.NewOptions()
	o.Paths = []string{"nodes.json", "absent.json"}
	r := agentstest.Read(t, puppetdb.Spec(), "testdata/estate", o)
	var e *collectors.Error
	if !errors.As(r.Err, &e) || !strings.Contains(r.Err.Error(), "absent.json") || len(r.Assets) != 0 {
		t.Errorf("%d assets, error %v", len(r.Assets), r.Err)
	}
}

// TestFactsAreNotAll: rows of facts may be those that somebody asked for, so that a fact which is not among them is unknown.
func TestFactsAreNotAll(t *testing.T) {
	for text, want := range map[string]inventory.Knowledge{
		`[{"certname":"a","name":"kernel","value":"Linux"}]`:                 inventory.Unknown,
		`[{"certname":"a","timestamp":null,"facts":{"kernel":"Linux"}}]`:     inventory.Known,
		`[{"certname":"a","facts_timestamp":"2026-01-01T00:00:00Z"}]`:        inventory.Unknown,
		`[{"certname":"a","name":"asset_owner","value":"payments"}]`:         inventory.Known,
		`[{"certname":"a","timestamp":null,"facts":{"asset_owner":"team"}}]`: inventory.Known,
	} {
		r := agentstest.Files(t, puppetdb.Spec(), map[string]string{"a.json": text}, func(o *agents.Options) { o.Tags = map[string]string{"owner": "asset_owner"} })
		if have := r.Find(t, "puppetdb/a").Tags.State(); have != want {
			t.Errorf("%s: tags are %s, want %s", text, have, want)
		}
	}
}

func FuzzPuppetDB(f *testing.F) {
	agentstest.Fuzz(f, puppetdb.Spec(), "n.json", `[{"certname":"a","facts_timestamp":null},{"certname":"a","name":"os","value":{"name":1}}]`,
		`[{"certname":"b","facts":{"networking":{"interfaces":{"e":{"mac":"x"}}}},"trusted":{"extensions":{"pp_role":"r"}}}]`)
}
