package config

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
)

type fileOptions struct {
	Paths  []string          `yaml:"paths" jsonschema:"required"`
	Tags   map[string]string `yaml:"tags"`
	MaxAge time.Duration     `yaml:"max_age"`
}

func (o *fileOptions) Validate() []collectors.OptionError {
	if len(o.Paths) == 0 {
		return []collectors.OptionError{{Option: "paths", Message: "name at least one file"}}
	}
	return nil
}

func registry(t *testing.T) collectors.Registry {
	t.Helper()
	r, err := collectors.NewRegistry(collectors.Spec{
		Name: "files", Books: []inventory.Book{inventory.Observed, inventory.Recorded},
		NewOptions: func() any { return &fileOptions{MaxAge: time.Hour} },
		New: func(collectors.Env, inventory.Source, any) (collectors.Collector, error) {
			return nil, context.Canceled // configuration never makes a collector
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func load(t *testing.T, text string, env, flags map[string]string) (*Config, error) {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "muster.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return Load(Input{
		File: path, Registry: registry(t), Overrides: flags, Formats: []string{"json", "html"},
		Getenv: func(name string) string { return env[name] },
	})
}

const full = `
store: data/m.db
sources:
  - {name: dc, collector: files, book: recorded, paths: ["cmdb/*.csv"], tags: {Owner: "Business Owner"}}
  - {name: live, collector: files, paths: [x], max_age: 36h}
policy: [policy.yaml]
gate:
  fail_on: medium
  min_tag_coverage: 95
  accept_unread: [{source: live, scope: "*", reason: moving, owner: platform, expires: 2027-01-31}]
scan: {parallel: 4, timeout: 10m}
reports:
  - {format: html, output: out/m.html}
  - {format: json, output: "-"}
`

func TestLoad(t *testing.T) {
	c, err := load(t, full, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.Store != filepath.Join(c.Dir, "data/m.db") || c.Policy[0] != filepath.Join(c.Dir, "policy.yaml") {
		t.Errorf("store %s, policy %v are not beside the config", c.Store, c.Policy)
	}
	want := Gate{
		FailOn: Threshold{rules.Medium}, MinTagCoverage: 95, Incomplete: IncompleteFail,
		AcceptUnread: []AcceptUnread{{Source: "live", Scope: "*", Reason: "moving", Owner: "platform", Expires: Date{time.Date(2027, 1, 31, 0, 0, 0, 0, time.UTC)}}},
	}
	if d := cmp.Diff(want, c.Gate); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(Scan{Parallel: 4, Attempts: 3, Timeout: 10 * time.Minute}, c.Scan); d != "" {
		t.Error(d)
	}
	if c.Sources[0].Book != inventory.Recorded || c.Sources[1].Book != inventory.Observed {
		t.Error("books", c.Sources[0].Book, c.Sources[1].Book)
	}
	options := c.Sources[0].Options.(*fileOptions)
	if d := cmp.Diff(&fileOptions{Paths: []string{"cmdb/*.csv"}, Tags: map[string]string{"Owner": "Business Owner"}, MaxAge: time.Hour}, options); d != "" {
		t.Error(d)
	}
	if c.Reports[0].Output != filepath.Join(c.Dir, "out/m.html") || c.Reports[1].Output != "-" {
		t.Error("reports", c.Reports)
	}
}

func TestPrecedence(t *testing.T) {
	text := "gate: {fail_on: medium, new_only: false}\nscan: {parallel: 2}\n"
	env := map[string]string{"MUSTER_GATE_FAIL_ON": "low", "MUSTER_GATE_NEW_ONLY": "true", "MUSTER_POLICY": "a.yaml,b.yaml"}
	c, err := load(t, text, env, map[string]string{"gate.fail_on": "never"})
	if err != nil {
		t.Fatal(err)
	}
	if c.Gate.FailOn.Severity != 0 {
		t.Errorf("a flag does not beat a variable: %s", c.Gate.FailOn)
	}
	if !c.Gate.NewOnly {
		t.Error("a variable does not beat the file")
	}
	if c.Scan.Parallel != 2 || c.Scan.Attempts != 3 {
		t.Errorf("file and default: %+v", c.Scan)
	}
	if d := cmp.Diff([]string{"a.yaml", "b.yaml"}, c.Policy); d != "" {
		t.Error(d)
	}
}

func TestProblems(t *testing.T) {
	tests := []struct {
		name, text string
		env, flags map[string]string
		want       []string
	}{
		{
			name: "all at once",
			text: "storre: x\nsources:\n- {name: a, collector: file, paths: [x]}\n- {name: b, collector: files, path: [x]}\n- {name: b, collector: files, paths: [x], book: declared}\n- {collector: files, paths: [x]}\ngate: {fail_on: hihg, min_tag_coverage: 0.95}\nreports: [{format: pdf, output: x}, {format: json}]\n",
			want: []string{
				`1:1: storre: unknown key: did you mean "store"?`,
				`3:24: sources[0].collector: unknown collector "file": did you mean "files"?`,
				`4:3: sources[1].paths: name at least one file`,
				`4:31: sources[1].path: unknown key: did you mean "paths"?`,
				`5:10: sources[2].name: another source is called "b": names are unique`,
				`5:49: sources[2].book: "declared": a source of collector files can be observed, recorded`,
				`6:3: sources[3]: a source needs a name`,
				`7:17: gate.fail_on: severity "hihg": use one of info, low, medium, high, critical, or never`,
				`7:41: gate.min_tag_coverage: 0.95 is a percentage, not a fraction: write 95`,
				`8:20: reports[0].format: unknown format "pdf": known are json, html`,
				`8:37: reports[1]: a report needs an output: a file, a folder, or - for standard output`,
			},
		},
		{
			name: "variable", env: map[string]string{"MUSTER_GATE_FAIL_ON": "bad", "MUSTER_GATE_NEW_ONLY": "perhaps"},
			want: []string{
				`MUSTER_GATE_FAIL_ON: severity "bad": use one of info, low, medium, high, critical, or never`,
				`MUSTER_GATE_NEW_ONLY: "perhaps": use true or false`,
			},
		},
		{name: "flag", flags: map[string]string{"scan.parallel": "0"}, want: []string{`--parallel: 0: use 1 to 256`}},
		{name: "flag that is no number", flags: map[string]string{"scan.parallel": "x"}, want: []string{`--parallel: "x" is no whole number`}},
		{
			name: "flag that is no share", flags: map[string]string{"gate.min_tag_coverage": "most"},
			want: []string{`--min-tag-coverage: "most" is no number`},
		},
		{
			name: "variable that is no time", env: map[string]string{"MUSTER_SCAN_TIMEOUT": "soon"},
			want: []string{`MUSTER_SCAN_TIMEOUT: "soon" is no length of time: write 90s, 15m or 2h`},
		},
		{name: "no variable", text: "store: ${env:NO_SUCH}", want: []string{`1:8: store: environment variable NO_SUCH is not set`}},
		{name: "accept_unread", text: "gate: {accept_unread: [{source: a}]}", want: []string{`1:24: gate.accept_unread[0]: needs source, scope, reason, owner and expires`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := load(t, tt.text, tt.env, tt.flags)
			if err == nil {
				t.Fatal("no error")
			}
			lines := strings.Split(err.Error(), "\n")
			for i, line := range lines {
				if _, rest, inFile := strings.Cut(line, "muster.yaml:"); inFile {
					line = rest
				}
				lines[i] = strings.TrimPrefix(line, " ")
			}
			if d := cmp.Diff(tt.want, lines); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestMissingFile(t *testing.T) {
	in := Input{File: filepath.Join(t.TempDir(), "no.yaml"), Registry: registry(t), Getenv: func(string) string { return "" }}
	if _, err := Load(in); err == nil || !strings.Contains(err.Error(), "muster init") {
		t.Errorf("error %v does not say what to do", err)
	}
	t.Chdir(t.TempDir())
	in.File = ""
	c, err := Load(in)
	if err != nil {
		t.Fatal(err)
	}
	if c.File != "" || c.Gate.FailOn.Severity != rules.High {
		t.Errorf("without a file: %+v", c)
	}
	in.NeedFile = true
	if _, err := Load(in); err == nil {
		t.Error("a needed file is missing without an error")
	}
}

// TestSchema holds the schema against the decoder: what one refuses, the other refuses too.
func TestSchema(t *testing.T) {
	text, err := Schema(registry(t), []string{"json", "html"})
	if err != nil {
		t.Fatal(err)
	}
	schema := compile(t, text)
	tests := map[string]bool{
		full: true, "": true, "store: x": true,
		"storre: x": false, "gate: {fail_on: hihg}": false, "gate: {fail_on: never}": true,
		"scan: {timeout: soon}": false, "scan: {parallel: 0}": false,
		"reports: [{format: pdf, output: x}]":                          false,
		"sources: [{name: a, collector: nope}]":                        false,
		"sources: [{name: a, collector: files}]":                       false,
		"sources: [{name: a, collector: files, path: [x]}]":            false,
		"sources: [{name: a, collector: files, paths: [x]}]":           true,
		"sources: [{name: a, collector: files, paths: [x], book: no}]": false,
		"gate: {accept_unread: [{source: a}]}":                         false,
	}
	for text, want := range tests {
		t.Run(text, func(t *testing.T) {
			_, err := load(t, text, nil, nil)
			if (err == nil) != want {
				t.Errorf("decoder: %v, want ok %v", err, want)
			}
			var value any
			if err := yaml.Unmarshal([]byte(text), &value); err != nil {
				t.Fatal(err)
			}
			if value == nil {
				value = map[string]any{}
			}
			if err := schema.Validate(viaJSON(t, value)); (err == nil) != want {
				t.Errorf("schema: %v, want ok %v", err, want)
			}
		})
	}
}

func compile(t *testing.T, text []byte) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("config.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("config.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// viaJSON turns YAML's dates into the strings that an editor would check.
func viaJSON(t *testing.T, v any) any {
	t.Helper()
	switch v := v.(type) {
	case time.Time:
		return v.Format(time.DateOnly)
	case map[string]any:
		for k, e := range v {
			v[k] = viaJSON(t, e)
		}
		return v
	case []any:
		for i, e := range v {
			v[i] = viaJSON(t, e)
		}
		return v
	case int:
		return json.Number(fmt.Sprint(v))
	default:
		return v
	}
}

// TestDocumented: docs/config.md describes every key that the schema has outside the sources, and every variable.
func TestDocumented(t *testing.T) {
	page, err := os.ReadFile("../../../../docs/config.md")
	if err != nil {
		t.Fatal(err)
	}
	want := overridable()
	for _, key := range want {
		want = append(want, Variable(key))
	}
	for _, of := range []reflect.Type{reflect.TypeFor[document](), reflect.TypeFor[Gate](), reflect.TypeFor[Scan](), reflect.TypeFor[Report](), reflect.TypeFor[AcceptUnread]()} {
		for i := range of.NumField() {
			if name, _, _ := strings.Cut(of.Field(i).Tag.Get("yaml"), ","); name != "" {
				want = append(want, name)
			}
		}
	}
	for _, name := range want {
		if !bytes.Contains(page, []byte("`"+name+"`")) {
			t.Errorf("docs/config.md lacks %s", name)
		}
	}
}
