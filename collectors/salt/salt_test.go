package salt_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/agents"
	"github.com/muster-audit/muster/collectors/agents/agentstest"
	"github.com/muster-audit/muster/collectors/collectortest"
	"github.com/muster-audit/muster/collectors/salt"
	"github.com/muster-audit/muster/inventory"
)

// The grains of testdata and of the tests are made up after the documented names of Salt's grains.

func TestConformance(t *testing.T) {
	cfg := agentstest.Config(salt.Spec(), func(o *agents.Options) {
		o.Paths = []string{"*.json"}
		o.Tags = map[string]string{"owner": "team"}
		o.Attributes = map[string]string{"api": "api"}
	})
	cfg.Secrets = []string{"hunter2"}
	cfg.Generate = func(dir string, n int) error {
		return collectortest.LinesFile(dir+"/grains.json", "", n, func(i int) string {
			return fmt.Sprintf(`{"h%d": {"fqdn": "h%d.example.com", "saltversion": "3007.1"}}`+"\n", i, i)
		})
	}
	collectortest.Run(t, cfg)
}

const grains = `{"host":"web-1","fqdn":"web-1.example.com","saltversion":"3007.1"}`

// TestShapes: minions are the same printed one by one, all in one, in a line each and with their job.
func TestShapes(t *testing.T) {
	for name, text := range map[string]string{
		"one by one": `{"a": ` + grains + "}\n{\"b\": " + grains + "}\n",
		"static":     `{"a": ` + grains + `, "b": ` + grains + `}`,
		"with job":   `{"a": {"jid":"20260301","retcode":0,"ret":` + grains + `}, "b": ` + grains + `}`,
	} {
		r := agentstest.Files(t, salt.Spec(), map[string]string{"g.json": text}, nil)
		if r.Err != nil || len(r.Problems) > 0 || len(r.Assets) != 2 {
			t.Fatalf("%s: %d assets, problems %v, error %v", name, len(r.Assets), r.Problems, r.Err)
		}
		for _, key := range []string{"salt/a", "salt/b"} {
			a := r.Find(t, key)
			if have := agentstest.Value(a, "agent_version"); have != `"3007.1"` {
				t.Errorf("%s: agent_version of %s is %s", name, key, have)
			}
			if have := agentstest.Value(a, "last_check_in"); have != "-" {
				t.Errorf("%s: grains carry no time, and last_check_in is %s", name, have)
			}
		}
	}
}

// TestContainersShareNoFirmware: the minion in a container has the uuid of its host, which must not make one thing of both.
func TestContainersShareNoFirmware(t *testing.T) {
	r := agentstest.Read(t, salt.Spec(), "testdata/estate", &agents.Options{Paths: []string{"grains.json"}})
	for _, i := range r.Find(t, "salt/3f1c2b9a7d10").Identifiers {
		if i.Kind == inventory.UUID || i.Kind == inventory.Serial {
			t.Errorf("the container has %s %s", i.Kind, i.Value)
		}
	}
}

// TestDeadMinions: what did not answer is skipped under its name, and no asset.
func TestDeadMinions(t *testing.T) {
	r := agentstest.Read(t, salt.Spec(), "testdata/estate", &agents.Options{Paths: []string{"dead.json"}})
	if len(r.Assets) != 1 || len(r.Problems) != 3 || r.Err != nil {
		t.Fatalf("%d assets, problems %v, error %v", len(r.Assets), r.Problems, r.Err)
	}
	for i, p := range r.Problems {
		if want := fmt.Sprintf("salt/dead-%d", i+1); p.Key != want || p.Line != i+1 {
			t.Errorf("problem %+v, want key %s in line %d", p, want, i+1)
		}
	}
}

func TestBadInput(t *testing.T) {
	for name, text := range map[string]string{"cut": `{"a": ` + grains[:20], "yaml": "web-1:\n    os: Debian\n"} {
		r := agentstest.Files(t, salt.Spec(), map[string]string{"g.json": text}, nil)
		var e *collectors.Error
		if !errors.As(r.Err, &e) || e.Reason != inventory.ReasonUntrusted || !strings.Contains(r.Err.Error(), "line 1") {
			t.Errorf("%s: error %v", name, r.Err)
		}
	}
}

func FuzzSalt(f *testing.F) {
	agentstest.Fuzz(f, salt.Spec(), "g.json", `{"a": `+grains+"}\n{\"b\": false}", `{"a":{"hwaddr_interfaces":{"e":"00:50:56:00:00:01"},"ip4_interfaces":{"e":[1]}}}`, `[1]`)
}
