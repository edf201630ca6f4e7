package ansiblefacts_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/agents"
	"github.com/muster-audit/muster/collectors/agents/agentstest"
	"github.com/muster-audit/muster/collectors/ansiblefacts"
	"github.com/muster-audit/muster/collectors/collectortest"
	"github.com/muster-audit/muster/inventory"
)

// The facts of testdata and of the tests are made up after the documented names of Ansible's facts.

func TestConformance(t *testing.T) {
	cfg := agentstest.Config(ansiblefacts.Spec(), func(o *agents.Options) {
		o.Paths, o.MaxAge = []string{"cache", "*.txt"}, 7*24*time.Hour
		o.Tags = map[string]string{"owner": "ansible_local.asset.owner"}
		o.Attributes = map[string]string{"asset": "ansible_local.asset"}
	})
	cfg.Secrets = []string{"hunter2"}
	cfg.Inputs = []string{"cache/*"}
	cfg.Generate = func(dir string, n int) error {
		return collectortest.LinesFile(dir+"/all.txt", "", n, func(i int) string {
			return fmt.Sprintf(`h%d | SUCCESS => {"ansible_facts": {"ansible_fqdn": "h%d.example.com"}}`+"\n", i, i)
		})
	}
	collectortest.Run(t, cfg)
}

const facts = `{"ansible_fqdn":"web-1.example.com","ansible_hostname":"web-1"}`

// TestShapes: one host has the same content in every form in which its facts are found.
func TestShapes(t *testing.T) {
	pretty := "{\n    \"ansible_facts\": {\n        \"ansible_fqdn\": \"web-1.example.com\",\n        \"ansible_hostname\": \"web-1\"\n    },\n    \"changed\": false\n}\n"
	for name, files := range map[string]map[string]string{
		"cache":           {"cache/web-1": facts},
		"cache with end":  {"cache/web-1.json": facts},
		"newer cache":     {"cache/s1_web-1": `{"__payload__":"` + strings.ReplaceAll(facts, `"`, `\"`) + `"}`},
		"tree":            {"tree/web-1": `{"ansible_facts":` + facts + `,"changed":false}`},
		"printed":         {"setup.txt": "web-1 | SUCCESS => " + pretty},
		"printed in line": {"setup.txt": `web-1 | SUCCESS => {"ansible_facts": ` + facts + `, "changed": false}`},
		"with rc":         {"setup.txt": `web-1 | CHANGED | rc=0 => {"ansible_facts": ` + facts + `}` + "\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			r := agentstest.Files(t, ansiblefacts.Spec(), files, nil)
			if r.Err != nil || len(r.Problems) > 0 || len(r.Assets) != 1 {
				t.Fatalf("%d assets, problems %v, error %v", len(r.Assets), r.Problems, r.Err)
			}
			a := r.Find(t, "ansible-facts/web-1")
			if have := agentstest.Value(a, "last_check_in"); have != `"2026-02-23T00:00:00Z"` {
				t.Errorf("last_check_in is %s, want that of the file", have)
			}
			if len(a.Identifiers) != 2 {
				t.Errorf("identifiers are %v", a.Identifiers)
			}
		})
	}
}

// TestUnreadHosts: what could not be gathered is skipped under its name, so that nothing takes it for gone.
func TestUnreadHosts(t *testing.T) {
	for name, c := range map[string]struct {
		files   map[string]string
		problem string
	}{
		"unreachable": {map[string]string{"o.txt": `web-2 | UNREACHABLE! => {"changed": false, "msg": "timed out", "unreachable": true}`}, "could not be reached"},
		"failed":      {map[string]string{"o.txt": `web-2 | FAILED! => {"failed": true, "msg": "no python"}`}, "could not be gathered"},
		"empty":       {map[string]string{"cache/web-2": "", "cache/web-1": facts}, "empty"},
		"cut":         {map[string]string{"cache/web-2": facts[:30], "cache/web-1": facts}, "ends in the middle"},
		"no facts":    {map[string]string{"cache/web-2": `{"changed":false}`, "cache/web-1": facts}, "holds no facts"},
		"bad payload": {map[string]string{"cache/s1_web-2": `{"__payload__":"{"}`, "cache/web-1": facts}, "payload is not JSON"},
	} {
		t.Run(name, func(t *testing.T) {
			r := agentstest.Files(t, ansiblefacts.Spec(), c.files, func(o *agents.Options) {
				if len(c.files) > 1 {
					o.Paths = []string{"cache"}
				}
			})
			if r.Err != nil || len(r.Problems) != 1 || r.Problems[0].Key != "ansible-facts/web-2" || !strings.Contains(r.Problems[0].Message, c.problem) {
				t.Fatalf("problems %+v, error %v; want %q", r.Problems, r.Err, c.problem)
			}
		})
	}
}

func TestDamagedOutput(t *testing.T) {
	for name, text := range map[string]string{
		"cut":      "web-1 | SUCCESS => {\n    \"ansible_facts\": {\n",
		"preamble": "[WARNING]: no inventory\nweb-1 | SUCCESS => " + facts,
		"blank":    " \n",
	} {
		t.Run(name, func(t *testing.T) {
			r := agentstest.Files(t, ansiblefacts.Spec(), map[string]string{"o.txt": text}, nil)
			var e *collectors.Error
			if !errors.As(r.Err, &e) || len(r.Assets) > 0 {
				t.Errorf("%d assets, error %v", len(r.Assets), r.Err)
			}
		})
	}
}

// TestClockAhead: a host's clock that is ahead of the file is not believed.
func TestClockAhead(t *testing.T) {
	for stamp, want := range map[string]string{
		"2026-03-01T13:00:00Z": `"2026-02-23T00:00:00Z"`, // the file's time
		"2026-01-05T03:04:05Z": `"2026-01-05T03:04:05Z"`,
		"2026-03-01T11:00:00Z": `"2026-02-23T00:00:00Z"`,
	} {
		text := `{"ansible_hostname":"a","ansible_date_time":{"iso8601":"` + stamp + `"}}`
		r := agentstest.Files(t, ansiblefacts.Spec(), map[string]string{"cache/a": text}, nil)
		if have := agentstest.Value(r.Find(t, "ansible-facts/a"), "last_check_in"); have != want {
			t.Errorf("%s is written down as %s, want %s", stamp, have, want)
		}
	}
}

// TestSubsets: of facts of which only some were gathered nobody knows whether the host's own are not there.
func TestSubsets(t *testing.T) {
	for text, want := range map[string]inventory.Knowledge{
		facts: inventory.Unknown,
		`{"ansible_hostname":"a","ansible_local":{}}`: inventory.Known,
	} {
		r := agentstest.Files(t, ansiblefacts.Spec(), map[string]string{"cache/a": text}, func(o *agents.Options) {
			o.Tags = map[string]string{"owner": "ansible_local.asset.owner"}
		})
		if have := r.Find(t, "ansible-facts/a").Tags.State(); have != want {
			t.Errorf("%s: tags are %s, want %s", text, have, want)
		}
	}
}

func FuzzFacts(f *testing.F) {
	agentstest.Fuzz(f, ansiblefacts.Spec(), "web-1", facts, `{"ansible_facts":`+facts+`}`, "a | SUCCESS => {\n\"ansible_facts\": "+facts+"\n}\nb | FAILED! => {}\n",
		`{"__payload__":"{\"ansible_fqdn\":1}"}`)
}
