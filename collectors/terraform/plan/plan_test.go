package plan

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/muster-audit/muster/collectors/terraform/resource"
)

func TestSniff(t *testing.T) {
	for content, want := range map[string]Outline{
		`{"version":4,"resources":`:                {},
		`{"resources":[],"planned_values":`:        {},
		`{"a":1}`:                                  {},
		`[1]`:                                      {},
		`{"format_version":"1.0"}`:                 {State: true, Empty: true},
		`{"format_version":"1.0","values":`:        {State: true},
		`{"@level":"info"}` + "\n" + `{`:           {Stream: true},
		`{"planned_values":{}}`:                    {Plan: true},
		`{"resource_changes":[],"prior_state":{}}`: {Plan: true, Changes: true, Prior: true},

		`{"planned_values":{},"prior_state":{},"timestamp":""}`: {Plan: true, Prior: true},
	} {
		have, err := Sniff(strings.NewReader(content))
		if err != nil || have != want {
			t.Errorf("%s: got %+v, %v", content, have, err)
		}
	}
	if o, err := Sniff(strings.NewReader(`{"planned_values":{},"pri`)); err == nil || !o.Plan {
		t.Errorf("a plan that ends in the middle: got %+v, %v", o, err)
	}
	if o := (Outline{Plan: true, Prior: true}); !o.RefreshOnly() {
		t.Error("a plan without changes, with a state, is one of a refresh")
	}
}

// TestAddresses: the module and the block of any address are found, whatever the keys hold.
func TestAddresses(t *testing.T) {
	name := rapid.StringMatching(`[a-z][a-z0-9_-]{0,5}`)
	key := rapid.OneOf(
		rapid.Just(""), rapid.Map(rapid.IntRange(0, 99), func(i int) string { return fmt.Sprintf("[%d]", i) }),
		rapid.Map(rapid.StringMatching(`[a-z."\\\[\] $\{]{0,6}`), func(s string) string {
			quoted, err := json.Marshal(s)
			if err != nil {
				panic(err)
			}
			return "[" + string(quoted) + "]"
		}),
	)
	rapid.Check(t, func(t *rapid.T) {
		var module, bare []string
		for range rapid.IntRange(0, 3).Draw(t, "depth") {
			n := name.Draw(t, "module")
			module = append(module, "module."+n+key.Draw(t, "key"))
			bare = append(bare, "module."+n)
		}
		typ, res := "aws_"+name.Draw(t, "type"), name.Draw(t, "name")
		address := strings.Join(append(module, typ+"."+res+key.Draw(t, "index")), ".")
		if have, want := cutModule(address), strings.Join(module, "."); have != want {
			t.Fatalf("%s: module %q, want %q", address, have, want)
		}
		want := strings.Join(append(bare, typ+"."+res), ".")
		if have := blockAddress(cutModule(address), typ, res); have != want {
			t.Fatalf("%s: block %q, want %q", address, have, want)
		}
	})
	for _, odd := range []string{"", "module.", "module.a", `module.a["`, "x.y", "module.a[0]"} {
		if cutModule(odd) != "" {
			t.Errorf("%q has the module %q", odd, cutModule(odd))
		}
	}
}

// TestMerge: a value that is marked as unknown is unknown, one that is not is as it was.
func TestMerge(t *testing.T) {
	const u = `"\u0000unknown"`
	tests := []struct{ known, unknown, want string }{
		{`{"a":1,"b":"x"}`, `{"a":true}`, `{"a":` + u + `,"b":"x"}`},
		{`{"a":1}`, `{"b":true}`, `{"a":1,"b":` + u + `}`},
		{`null`, `{"b":true}`, `{"b":` + u + `}`},
		{`[{"a":1},{"a":null}]`, `[{},{"a":true}]`, `[{"a":1},{"a":` + u + `}]`},
		{`[{"a":1}]`, `[{},{"a":true}]`, u},
		{`[null]`, `[true]`, `[` + u + `]`},
		{`"x"`, `{"a":true}`, u},
		{`{"a":[1]}`, `{"a":[false],"b":{"c":false}}`, `{"a":[1]}`},
		{`{"n":12345678901234567890}`, `{"m":true}`, `{"m":` + u + `,"n":12345678901234567890}`},
	}
	for _, tt := range tests {
		if have := string(merge([]byte(tt.known), []byte(tt.unknown))); have != tt.want {
			t.Errorf("%s with %s: got %s, want %s", tt.known, tt.unknown, have, tt.want)
		}
	}
}

func TestSensitivePaths(t *testing.T) {
	have := string(sensitivePaths([]byte(`{"a":true,"b":{},"c":[false]}`), []byte(`{"c":[{"d":true}]}`), []byte("false"), []byte(`{`)))
	want := `[[{"type":"get_attr","value":"a"}],[{"type":"get_attr","value":"c"},{"type":"index","value":{"value":0,"type":"number"}},{"type":"get_attr","value":"d"}]]`
	if have != want {
		t.Errorf("got %s", have)
	}
	if have := string(sensitivePaths([]byte("true"))); have != "[[]]" {
		t.Errorf("all of it: got %s", have)
	}
	if sensitivePaths([]byte("{}"), nil) != nil {
		t.Error("nothing is secret")
	}
}

// TestSources finds blocks in every kind of file, and in the modules beside them.
func TestSources(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{
		"main.tf":                         "resource \"a_b\" \"c\" {\n}\n\nmodule \"m\" {\n  source = \"./mod\"\n}\nmodule \"far\" {\n  source = \"example/far/aws\"\n}\nmodule \"loop\" {\n  source = \"./\"\n}\n",
		"json.tf.json":                    `{"resource":{"a_b":{"j":{"x":1}}}}`,
		"old.tf":                          "resource \"a_b\" \"old\" {}\n",
		"old.tofu":                        "\nresource \"a_b\" \"new\" {}\n",
		"z_override.tf":                   "\n\n\nresource \"a_b\" \"c\" {}\n",
		"broken.tf":                       "resource \"a_b\" \"whole\" {}\nresource {{{",
		"mod/x.tf":                        "\nresource \"a_b\" \"in\" {}\n",
		"fetched/far.tf":                  "resource \"a_b\" \"far\" {}\n",
		".terraform/modules/modules.json": `{"Modules":[{"Key":"","Source":"","Dir":"."},{"Key":"far","Source":"x","Dir":"fetched"}]}`,
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	found := FindSources(dir, func(p string) string { return filepath.ToSlash(strings.TrimPrefix(p, dir+string(filepath.Separator))) })
	for address, want := range map[string]Position{
		"a_b.c": {"main.tf", 1}, "a_b.j": {"json.tf.json", 1}, "a_b.new": {"old.tofu", 2}, "a_b.old": {}, "a_b.whole": {"broken.tf", 1},
		"module.m.a_b.in": {"mod/x.tf", 2}, "module.far.a_b.far": {"fetched/far.tf", 1},
	} {
		if d := cmp.Diff(want, found[address]); d != "" {
			t.Errorf("%s: %s", address, d)
		}
	}
	if len(FindSources(t.TempDir(), filepath.Base)) != 0 {
		t.Error("a folder without code has positions")
	}
}

func TestLineage(t *testing.T) {
	state := `{"version":4,"serial":1,"lineage":"here","resources":[]}`
	for _, tt := range []struct {
		name, want string
		files      map[string]string
	}{
		{"beside the code", "here", map[string]string{"main.tf": "", "terraform.tfstate": state}},
		{"no code", "", map[string]string{"terraform.tfstate": state}},
		{"no state", "", map[string]string{"main.tf": ""}},
		{"empty state", "", map[string]string{"main.tf": "", "terraform.tfstate": ""}},
		{"kept elsewhere", "", map[string]string{"main.tf": "", "terraform.tfstate": state, ".terraform/terraform.tfstate": `{"backend":{"type":"s3","config":{"key":"k"}}}`}},
		{"another path", "here", map[string]string{"main.tf": "", "st/a.tfstate": state, ".terraform/terraform.tfstate": `{"backend":{"type":"local","config":{"path":"st/a.tfstate","workspace_dir":null}}}`}},
		{"workspace", "here", map[string]string{"main.tf": "", "terraform.tfstate.d/dev/terraform.tfstate": state, ".terraform/environment": "dev"}},
		{"a broken pointer", "", map[string]string{"main.tf": "", "terraform.tfstate": state, ".terraform/terraform.tfstate": `{`}},
	} {
		dir := t.TempDir()
		for name, content := range tt.files {
			path := filepath.Join(dir, name)
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if have := Lineage(dir); have != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, have, tt.want)
		}
	}
}

// FuzzMerge: whatever stands in a plan, what comes out is JSON.
func FuzzMerge(f *testing.F) {
	f.Add(`{"a":[1,{"b":null}]}`, `{"a":[false,{"b":true}]}`)
	f.Add(`"x"`, `true`)
	f.Fuzz(func(t *testing.T, known, unknown string) {
		if !json.Valid(merge([]byte(known), []byte(unknown))) {
			t.Fatal("no JSON")
		}
		if paths := sensitivePaths([]byte(unknown)); paths != nil && !json.Valid(paths) {
			t.Fatal("no JSON of paths")
		}
		var m, u resource.Members
		m.Set("a", []byte(`1`))
		addUnknown(&m, &u)
		if text, ok := m.Raw("a"); !ok || string(text) != "1" {
			t.Fatal("what is known changed")
		}
	})
}
