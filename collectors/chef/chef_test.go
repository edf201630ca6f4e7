package chef_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/agents"
	"github.com/muster-audit/muster/collectors/agents/agentstest"
	"github.com/muster-audit/muster/collectors/chef"
	"github.com/muster-audit/muster/collectors/collectortest"
	"github.com/muster-audit/muster/inventory"
)

// The nodes of testdata and of the tests are made up after the documented form of knife's output.

func TestConformance(t *testing.T) {
	cfg := agentstest.Config(chef.Spec(), func(o *agents.Options) {
		o.Paths, o.MaxAge = []string{"*.json"}, 7*24*time.Hour
		o.Tags = map[string]string{"owner": "normal.owner.team"}
		o.Attributes = map[string]string{"database": "normal.database"}
	})
	cfg.Secrets = []string{"hunter2"}
	cfg.Generate = func(dir string, n int) error {
		return collectortest.LinesFile(dir+"/nodes.json", "", n, func(i int) string {
			return strings.ReplaceAll(`{"name":"web-#","chef_environment":"prod","automatic":{"fqdn":"web-#.example.com","ohai_time":1772355600}}`+"\n", "#", string(rune('a'+i%26))+strings.Repeat("x", i%7)+time.Unix(int64(i), 0).UTC().Format("020405150106"))
		})
	}
	collectortest.Run(t, cfg)
}

const node = `{"name":"web-1","chef_environment":"prod","run_list":["role[web]","recipe[base]"],"automatic":{"fqdn":"web-1.example.com","ohai_time":1772355600.5}}`

// TestShapes: one node has the same content in every form in which it can be exported.
func TestShapes(t *testing.T) {
	for name, text := range map[string]string{
		"knife node show":   node,
		"search":            `{"results":1,"rows":[` + node + `]}`,
		"server search":     `{"total":1,"start":0,"rows":[` + node + `]}`,
		"partial search":    `{"total":1,"start":0,"rows":[{"url":"https://chef.example.com/nodes/web-1","data":` + node + `}]}`,
		"list":              `[` + node + `]`,
		"with class":        strings.Replace(node, `{"name"`, `{"json_class":"Chef::Node","chef_type":"node","name"`, 1),
		"byte order mark":   "\ufeff" + node,
		"rows before count": `{"rows":[` + node + `],"results":1}`,
	} {
		t.Run(name, func(t *testing.T) {
			r := agentstest.Files(t, chef.Spec(), map[string]string{"n.json": text}, nil)
			if r.Err != nil || len(r.Problems) > 0 || len(r.Assets) != 1 {
				t.Fatalf("%d assets, problems %v, error %v", len(r.Assets), r.Problems, r.Err)
			}
			a := r.Find(t, "chef/web-1")
			for attribute, want := range map[string]string{"environment": `"prod"`, "roles": `["web"]`, "check_in_limit": "-"} {
				if have := agentstest.Value(a, attribute); have != want {
					t.Errorf("%s is %s, want %s", attribute, have, want)
				}
			}
			if agentstest.Value(a, "last_check_in") == "-" {
				t.Error("there is no last check-in")
			}
		})
	}
}

// TestCheckIn: a node that never ran is told from one of which nobody exported whether it did.
func TestCheckIn(t *testing.T) {
	for name, c := range map[string]struct{ automatic, want string }{
		"never ran":      {`,"automatic":{}`, "null"},
		"null":           {`,"automatic":{"ohai_time":null,"fqdn":"x.example.com"}`, "null"},
		"not exported":   {``, "-"},
		"without time":   {`,"automatic":{"fqdn":"x.example.com"}`, "-"},
		"clock of 1970":  {`,"automatic":{"ohai_time":12.5}`, "-"},
		"clock of 2036":  {`,"automatic":{"ohai_time":2086000000}`, "-"},
		"no number":      {`,"automatic":{"ohai_time":"soon"}`, "-"},
		"long ago":       {`,"automatic":{"ohai_time":1735689600.5}`, `"2025-01-01T00:00:01Z"`},
		"number in text": {`,"automatic":{"ohai_time":"1735689600"}`, `"2025-01-01T00:00:00Z"`},
	} {
		t.Run(name, func(t *testing.T) {
			r := agentstest.Files(t, chef.Spec(), map[string]string{"n.json": `{"name":"x"` + c.automatic + `}`}, nil)
			if have := agentstest.Value(r.Find(t, "chef/x"), "last_check_in"); have != c.want {
				t.Errorf("last_check_in is %s, want %s", have, c.want)
			}
		})
	}
}

// TestTagsAreUnknownWithoutFacts: what was not exported is not taken for untagged.
func TestTagsAreUnknownWithoutFacts(t *testing.T) {
	for text, want := range map[string]inventory.Knowledge{
		`{"name":"x","run_list":[]}`:                                              inventory.Unknown,
		`{"name":"x","automatic":{}}`:                                             inventory.Unknown,
		`{"name":"x","automatic":{"fqdn":"x.example.com"}}`:                       inventory.Known,
		`{"name":"x","automatic":{"owner":"payments","fqdn":"x.example.com"}}`:    inventory.Known,
		`{"name":"x","automatic":{"owner":null,"fqdn":"x.example.com"}}`:          inventory.Known,
		`{"name":"x","automatic":{"owner":["a","b"],"fqdn":"x.example.com"}}`:     inventory.Known,
		`{"name":"x","normal":{"unused":1},"automatic":{"fqdn":"x.example.com"}}`: inventory.Known,
	} {
		r := agentstest.Files(t, chef.Spec(), map[string]string{"n.json": text}, func(o *agents.Options) {
			o.Tags = map[string]string{"owner": "automatic.owner"}
		})
		a := r.Find(t, "chef/x")
		if a.Tags.State() != want {
			t.Errorf("%s: tags are %s, want %s", text, a.Tags.State(), want)
		}
		if _, ok := a.Tags.Get("owner"); ok != strings.Contains(text, "payments") {
			t.Errorf("%s: tag owner is there: %t", text, ok)
		}
	}
}

func TestBadInput(t *testing.T) {
	for name, c := range map[string]struct {
		text, problem, err string
		reason             inventory.RunReason
	}{
		"page":         {`{"total":2300,"start":0,"rows":[` + node + `]}`, "", "it holds 1 of 2300 nodes", inventory.ReasonUntrusted},
		"cut":          {"[" + node + ",\n" + node[:60], "", "line 2: the file ends in the middle", inventory.ReasonUntrusted},
		"text":         {"1 items found\n\nNode Name:   web-1\n", "", "line 1:", inventory.ReasonUntrusted},
		"names only":   {`["web-1","web-2"]`, "it is no node: it has no name", "", ""},
		"partial rows": {`{"results":1,"rows":[` + "\n" + `{"web-1":{"fqdn":"web-1.example.com"}}]}`, "it is no node: it has no name", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := agentstest.Files(t, chef.Spec(), map[string]string{"n.json": c.text}, nil)
			var e *collectors.Error
			switch {
			case c.err == "" && r.Err != nil:
				t.Fatal(r.Err)
			case c.err != "" && (!errors.As(r.Err, &e) || e.Reason != c.reason || !strings.Contains(r.Err.Error(), c.err)):
				t.Fatalf("error %v, want %q", r.Err, c.err)
			case c.problem != "" && (len(r.Problems) == 0 || !strings.Contains(r.Problems[0].Message, c.problem) || r.Problems[0].Line != 1+strings.Count(c.text, "\n")):
				t.Fatalf("problems %+v, want %q", r.Problems, c.problem)
			}
		})
	}
}

func FuzzChef(f *testing.F) {
	agentstest.Fuzz(f, chef.Spec(), "n.json", node, `{"results":2,"rows":[`+node+`]}`, `[{"name":"a","automatic":{"dmi":{"system":{"all_records":[{}]}}}}]`)
}
