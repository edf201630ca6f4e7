package ansible_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/agents/agentstest"
	"github.com/muster-audit/muster/collectors/ansible"
	"github.com/muster-audit/muster/collectors/collectortest"
	"github.com/muster-audit/muster/inventory"
)

func options() any {
	return &ansible.Options{
		Paths: []string{"*.ini", "**/*.yml", "*.json"}, Tags: map[string]string{"owner": "team"},
		Attributes: map[string]string{"location": "site", "api": "api", "number": "number"},
	}
}

func TestConformance(t *testing.T) {
	collectortest.Run(t, collectortest.Config{
		Spec: ansible.Spec(), Fixture: "testdata/estate", Now: agentstest.Now, Options: options,
		Detectable: func(name string, content []byte, n int) bool {
			return strings.HasSuffix(name, ".json") && n <= bytes.LastIndexByte(content, '}') // other forms may end anywhere
		},
		Generate: func(dir string, n int) error {
			return collectortest.LinesFile(dir+"/hosts.ini", "[web]\n", n, func(i int) string {
				return fmt.Sprintf("h%d.example.com team=payments ansible_password=x%d\n", i, i)
			})
		},
		BytesPerRecord: 2000, // an inventory may speak of a host anywhere: hosts are kept
		Secrets:        []string{"hunter2", "6162636465666768"},
	})
}

// read reads one inventory.
func read(t testing.TB, name, text string, fill func(*ansible.Options)) *agentstest.Result {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	o := &ansible.Options{Paths: []string{name}, Tags: map[string]string{"owner": "team"}}
	if fill != nil {
		fill(o)
	}
	return agentstest.Read(t, ansible.Spec(), dir, o)
}

// summary is what tests compare of an asset.
func summary(a inventory.Asset) string {
	owner := a.Tags.State().String()
	if tag, ok := a.Tags.Get("owner"); ok && tag.ValueUnknown {
		owner = "?"
	} else if ok {
		owner = tag.Value
	}
	return fmt.Sprintf("%s %s %s", strings.TrimPrefix(a.Key, a.Origin.File+"#"), owner, agentstest.Value(a, "groups"))
}

func summaries(r *agentstest.Result) string {
	var list []string
	for _, a := range r.Assets {
		list = append(list, summary(a))
	}
	return strings.Join(list, "\n")
}

// TestForms: what an inventory says does not depend on how it is written.
func TestForms(t *testing.T) {
	const want = `a.example.com data ["db","prod"]
b.example.com team-b ["db","prod","web"]
c.example.com platform ["prod","web"]
d.example.com unknown []`
	for name, text := range map[string]string{
		"ini": "d.example.com\n[web]\nb.example.com team=team-b\nc.example.com\n[db]\na.example.com\nb.example.com\n[db:vars]\nteam=data\n[prod:children]\nweb\ndb\n[prod:vars]\nteam=platform\n",
		"ini in another order": "[prod:vars]\nteam=platform\n[prod:children]\ndb\nweb # the front\n[db:vars]\nteam=data\n[db]\nb.example.com:22\na.example.com\n" +
			"[web]\r\nc.example.com\r\nb.example.com team=team-b\n[ungrouped]\nd.example.com\n",
		"yaml": "---\nall:\n  hosts:\n    d.example.com:\n  children:\n    prod:\n      vars: {team: platform}\n      children:\n" +
			"        web:\n          hosts:\n            b.example.com: {team: team-b}\n            c.example.com:\n        db:\n          hosts: {a.example.com: , b.example.com: }\n          vars: {team: data}\n",
		"yaml of groups": "prod:\n  vars: {team: platform}\n  children: {web: , db: }\nweb:\n  hosts: {b.example.com: {team: team-b}, c.example.com: }\ndb:\n  hosts: {a.example.com: , b.example.com: }\n  vars: {team: data}\nungrouped: {hosts: d.example.com}\n",
		"json of a script": `{"prod":{"children":["web","db"],"vars":{"team":"platform"}},"db":{"hosts":["a.example.com","b.example.com"],"vars":{"team":"data"}},` +
			`"web":{"hosts":{"b.example.com":{"team":"team-b"},"c.example.com":null}},"ungrouped":["d.example.com"]}`,
	} {
		t.Run(name, func(t *testing.T) {
			r := read(t, "inventory", text, nil)
			if have := summaries(r); have != want || r.Err != nil || len(r.Problems) > 0 {
				t.Errorf("hosts are\n%s\nwant\n%s\nproblems %v, error %v", have, want, r.Problems, r.Err)
			}
		})
	}
}

// TestMergedVariables: only in what ansible-inventory prints a variable that is absent is known to be.
func TestMergedVariables(t *testing.T) {
	for text, want := range map[string]string{
		`{"_meta":{"hostvars":{}},"all":{"hosts":["a"]}}`:                           "a known []",
		`{"all":{"hosts":["a"]}}`:                                                   "a unknown []",
		`{"all":{"hosts":["a"]},"_meta":{"hostvars":{"a":{"team":null}}}}`:          "a known []",
		`{"_meta":{"hostvars":{"a":{"team":"x"},"b":{}}},"all":{"children":["g"]}}`: "a x []\nb known []",
		"a\n":            "a unknown []",
		"a team=None\n":  "a known []",
		"a team='{{x}}'": "a ? []",
	} {
		if have := summaries(read(t, "inventory", text, nil)); have != want {
			t.Errorf("%s: %q, want %q", text, have, want)
		}
	}
}

// TestPrecedence: of a host's groups the deepest decides, then the one of higher priority, then the later name.
func TestPrecedence(t *testing.T) {
	for text, want := range map[string]string{
		"[a]\nh\n[b]\nh\n[a:vars]\nteam=a\n[b:vars]\nteam=b\n":                                       "b",
		"[a]\nh\n[b]\nh\n[a:vars]\nteam=a\nansible_group_priority=5\n[b:vars]\nteam=b\n":             "a",
		"[a]\nh\n[b]\nh\n[c:children]\na\n[a:vars]\nteam=a\n[b:vars]\nteam=b\n":                      "a",
		"[a]\nh\n[all:vars]\nteam=all\n":                                                             "all",
		"[a]\nh\n[b:children]\na\n[a:children]\nb\n[b:vars]\nteam=b\n":                               "b", // a circle
		"[a]\nh team=h\n[a:vars]\nteam=a\n":                                                          "h",
		"[a]\nh\n[a:vars]\nteam=a\nansible_group_priority=high\n[b:children]\na\n[b:vars]\nteam=b\n": "a",
	} {
		r := read(t, "inventory", text, nil)
		tag, _ := r.Assets[0].Tags.Get("owner")
		if tag.Value != want {
			t.Errorf("%q: owner is %q, want %q", text, tag.Value, want)
		}
	}
}

// TestIdentifiers: an address that several hosts have, and what is Ansible's own machine, identify nothing.
func TestIdentifiers(t *testing.T) {
	r := read(t, "inventory", "web-1.example.com ansible_host=10.0.0.1\nalias ansible_host=real.example.com\nweb-3 ansible_ssh_host=203.0.113.7\n"+
		"10.0.0.9\np1 ansible_host=jump.example.com ansible_port=1\np2 ansible_host=JUMP.example.com ansible_port=2\nn1 ansible_host=172.16.9.3\nn2 ansible_host=172.16.9.3\n"+
		"t ansible_host={{ip}}\ne ec2_id=i-0abc0abc0abc0abc0\nv instance_id=srv-77\n[fe]\nfd00::7\nlocalhost\n127.0.0.1\n", nil)
	want := map[string]string{
		"web-1.example.com": "fqdn web-1.example.com, private-ip 10.0.0.1", "alias": "fqdn real.example.com, hostname alias", "web-3": "hostname web-3, public-ip 203.0.113.7",
		"10.0.0.9": "private-ip 10.0.0.9", "p1": "hostname p1", "p2": "hostname p2", "n1": "hostname n1", "n2": "hostname n2", "t": "hostname t",
		"e": "hostname e, instance-id i-0abc0abc0abc0abc0", "v": "hostname v", "fd00::7": "private-ip fd00::7",
	}
	if len(r.Assets) != len(want) || r.Err != nil || len(r.Problems) > 0 {
		t.Errorf("%d hosts, want %d; problems %v, error %v", len(r.Assets), len(want), r.Problems, r.Err)
	}
	for _, a := range r.Assets {
		var list []string
		for _, i := range a.Identifiers {
			list = append(list, string(i.Kind)+" "+i.Value)
		}
		if have := strings.Join(list, ", "); have != want[a.Name] {
			t.Errorf("%s: %q, want %q", a.Name, have, want[a.Name])
		}
	}
}

func TestTypes(t *testing.T) {
	for vars, want := range map[string]inventory.Type{
		"": "datacenter/server", "ansible_network_os=ios": "datacenter/network", "ansible_connection=network_cli": "datacenter/network",
		"ansible_connection=community.docker.docker": "datacenter/other", "ansible_connection=ssh": "datacenter/server",
		"ansible_ec2_instance_id=i-0abc0abc": "datacenter/vm", "instance_id=4711": "datacenter/server",
	} {
		if a := read(t, "i", "h "+vars, nil).Assets[0]; a.Type != want || a.Lifecycle != inventory.LifecycleUnknown || a.Book != inventory.Declared {
			t.Errorf("%s: %s %s %s, want %s", vars, a.Book, a.Type, a.Lifecycle, want)
		}
	}
}

// TestBadInput: what cannot be read is named with its line, and is never taken for hosts.
func TestBadInput(t *testing.T) {
	for name, c := range map[string]struct {
		text  string
		err   string // the file fails
		line  int    // or a record is skipped
		says  string
		hosts int
	}{
		"program":            {text: "#!/usr/bin/env python\nprint()\n", err: "it is a program"},
		"encrypted":          {text: "$ANSIBLE_VAULT;1.1;AES256\n6162\n", err: "encrypted by ansible-vault"},
		"playbook":           {text: "---\n- hosts: all\n  tasks: []\n", err: "line 2 holds a list, as a playbook does"},
		"plugin":             {text: "plugin: amazon.aws.aws_ec2\nregions: [eu-west-1]\n", err: "configures the inventory plugin \"amazon.aws.aws_ec2\""},
		"group_vars":         {text: "team: payments\nport: 80\n", err: "\"team\" is no group"},
		"terraform state":    {text: `{"version": 4, "resources": []}`, err: "\"version\" is no group"},
		"cut json":           {text: "{\"web\": {\"hosts\": [\"a\",\n\"b\"", err: "line 2: the file ends in the middle"},
		"no json":            {text: `{web: {hosts: }`, err: "byte"},
		"yaml":               {text: "all:\n  hosts: {a: \n", err: "parse YAML"},
		"list of lists":      {text: "hosts:\n  - web:\n      - 1\n", err: "line 3: want one provider"},
		"two in one":         {text: "hosts:\n  - {web: [], db: []}\n", err: "line 2: want one group, and there are 2 names"},
		"hosts as numbers":   {text: `{"web":{"hosts":[1]}}`, err: "hosts of group \"web\""},
		"unknown section":    {text: "a\n[web:hots]\nb\n", line: 2, says: "none of hosts, vars and children", hosts: 1},
		"spaces in section":  {text: "a\n[web front]\nb\n", line: 2, says: "no section", hosts: 1},
		"no assignment":      {text: "a x=1\nb c\n", line: 2, says: "name=value", hosts: 2},
		"open quote":         {text: "a\nb x='1\n", line: 2, says: "a quote is not closed", hosts: 1},
		"yaml in ini":        {text: "a\nb:\n", line: 2, says: "ends with a colon", hosts: 1},
		"csv":                {text: "a\nname,ip\n", line: 2, says: "is no name of a host", hosts: 1},
		"huge range":         {text: "a\nb[1:9999999]\n", line: 2, says: "more than 65536 hosts", hosts: 1},
		"huge product":       {text: "a\nb[1:999]x[1:999]\n", line: 2, says: "more than 65536 hosts", hosts: 1},
		"open range":         {text: "a\nb[1:2\n", line: 2, says: "is not closed", hosts: 1},
		"different digits":   {text: "a\nb[01:100]\n", line: 2, says: "different numbers of digits", hosts: 1},
		"yaml key":           {text: "web:\n  hots:\n    a:\n", line: 2, says: "\"hots\" in group web is none of", hosts: 0},
		"yaml list of hosts": {text: "web:\n  hosts:\n    - a\n", line: 3, says: "where a mapping belongs", hosts: 0},
		"yaml twice":         {text: "web:\n  hosts: {a: }\nweb:\n  hosts: {b: }\n", line: 1, says: "Ansible takes the one in line 3 alone", hosts: 1},
		"not utf-8":          {text: "a\nb\xff\n", line: 2, says: "not UTF-8", hosts: 1},
	} {
		t.Run(name, func(t *testing.T) {
			r := read(t, "i", c.text, nil)
			var e *collectors.Error
			switch {
			case c.err != "" && (!errors.As(r.Err, &e) || !strings.Contains(r.Err.Error(), c.err) || len(r.Assets) > 0):
				t.Errorf("%d hosts, error %v, want %q", len(r.Assets), r.Err, c.err)
			case c.err == "" && (r.Err != nil || len(r.Assets) != c.hosts || len(r.Problems) != 1 || r.Problems[0].Line != c.line || !strings.Contains(r.Problems[0].Message, c.says)):
				t.Errorf("%d hosts, problems %+v, error %v", len(r.Assets), r.Problems, r.Err)
			}
		})
	}
}

// TestProblemsHoldNoValues: a line that cannot be read may hold a password.
func TestProblemsHoldNoValues(t *testing.T) {
	for _, text := range []string{"a ansible_password='hunter2\n", "a ansible_password=x hunter2\n", "[g]\na\n[g:vars]\nansible_password hunter2\n", "[g:children]\na hunter2\n"} {
		r := read(t, "i", text, nil)
		if len(r.Problems) == 0 || strings.Contains(fmt.Sprint(r.Problems, r.Err), "hunter2") {
			t.Errorf("%q: problems %v, error %v", text, r.Problems, r.Err)
		}
	}
}

// TestBombs: aliases that stand for each other cost neither time nor memory.
func TestBombs(t *testing.T) {
	var b strings.Builder
	b.WriteString("x: &a0 {vars: {team: [y, y, y, y, y, y, y, y, y]}}\n")
	for i := range 12 {
		fmt.Fprintf(&b, "x%d: &a%d {children: {%s}}\n", i, i+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("g%d-N: *a%d, ", i, i), 9), ", "))
	}
	text := b.String()
	for i := 0; strings.Contains(text, "-N:"); i++ {
		text = strings.Replace(text, "-N:", fmt.Sprintf("-%d:", i), 1)
	}
	for name, text := range map[string]string{
		"aliases": text,
		"itself":  "a: &a\n  children: {b: *a}\n",
		"deep":    "a: {vars: {team: " + strings.Repeat("[", 200) + strings.Repeat("]", 200) + "}}\n",
	} {
		if r := read(t, "i", text, nil); r.Err == nil || len(r.Assets) > 0 {
			t.Errorf("%s: %d hosts, error %v", name, len(r.Assets), r.Err)
		}
	}
}

func TestOldFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "i")
	if err := os.WriteFile(path, []byte("a\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	old := agentstest.Now().Add(-48 * time.Hour)
	if err := os.Chtimes(path, old, old); err != nil {
		t.Fatal(err)
	}
	r := agentstest.Read(t, ansible.Spec(), dir, &ansible.Options{Paths: []string{"i"}, MaxAge: 36 * time.Hour})
	var e *collectors.Error
	if !errors.As(r.Err, &e) || e.Reason != inventory.ReasonStale || len(r.Assets) != 1 {
		t.Errorf("%d hosts, error %v", len(r.Assets), r.Err)
	}
}

func TestOptionsAreChecked(t *testing.T) {
	for option, o := range map[string]*ansible.Options{
		"paths": {}, "paths[0]": {Paths: []string{""}}, "max_age": {Paths: []string{"i"}, MaxAge: -1},
		"attributes.groups": {Paths: []string{"i"}, Attributes: map[string]string{"groups": "x"}}, "tags.a": {Paths: []string{"i"}, Tags: map[string]string{"a": ""}},
	} {
		if list := o.Validate(); len(list) != 1 || list[0].Option != option {
			t.Errorf("%s: problems are %v", option, list)
		}
	}
}
