package terraform

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/inventory"
)

// sink keeps what a collector gives.
type sink struct {
	assets   []inventory.Asset
	problems []inventory.Problem
	facts    []collectors.Facts
	refuse   error
}

func (s *sink) Asset(a inventory.Asset) error {
	s.assets = append(s.assets, a)
	return s.refuse
}
func (s *sink) Skip(p inventory.Problem) { s.problems = append(s.problems, p) }
func (s *sink) Note(f collectors.Facts)  { s.facts = append(s.facts, f) }
func (s *sink) keys() (keys []string) {
	for _, a := range s.assets {
		keys = append(keys, a.Key)
	}
	return keys
}

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func newCollector(t testing.TB, dir string, o *Options) *collector {
	t.Helper()
	env := collectors.Env{
		Dir: dir, Now: func() time.Time { return noon }, Log: slog.New(slog.DiscardHandler),
		Secret: inventory.NewSecretHash([]byte("0123456789abcdef")),
	}
	c, err := Spec().New(env, inventory.Source{Name: "infra", Collector: "terraform", Book: inventory.Declared}, o)
	if err != nil {
		t.Fatal(err)
	}
	return c.(*collector)
}

// collect reads one file with the content.
func collect(t testing.TB, content string) (*sink, error) {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "a.tfstate")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, noon, noon); err != nil {
		t.Fatal(err)
	}
	out := &sink{}
	err := newCollector(t, dir, &Options{Paths: []string{"a.tfstate"}}).Collect(t.Context(), inventory.Scope{ID: "a.tfstate"}, out)
	return out, err
}

const oneQueue = `{"version":4,"lineage":"l","resources":[
{"mode":"managed","type":"aws_sqs_queue","name":"a","instances":[{"attributes":{"arn":"arn:aws:sqs:eu-west-1:111122223333:a","name":"a"}}]},
`

func TestUnreadableFiles(t *testing.T) {
	tests := []struct {
		name, content, want string
		assets              int
		reason              inventory.RunReason
	}{
		{"empty", "", `"a.tfstate" is empty`, 0, inventory.ReasonError},
		{"white space", "  \n ", `state "a.tfstate" ends in the middle`, 0, inventory.ReasonUntrusted},
		{"no JSON", "resource \"aws_instance\" \"a\" {}\n", `state "a.tfstate" is damaged at line 1`, 0, inventory.ReasonUntrusted},
		{"a list", "[1,2]", "holds no JSON object", 0, inventory.ReasonError},
		{"a text", `"x"`, "holds no JSON object", 0, inventory.ReasonError},
		{"other JSON", `{"a":1}`, "it has no version", 0, inventory.ReasonError},
		{"version in a string", `{"version":"4"}`, "it has no version", 0, inventory.ReasonError},
		{"version 3 without modules", `{"version":3,"serial":1}`, "has version 3: run terraform 0.12 or later", 0, inventory.ReasonError},
		{"version 2", `{"version":2,"serial":1,"modules":[{"path":["root"]}]}`, "has version 2: run terraform 0.12 or later", 0, inventory.ReasonError},
		{"version 1", `{"version":1,"serial":1,"modules":[]}`, "has version 1: run terraform 0.12 or later", 0, inventory.ReasonError},
		{"no resources", `{"version":4}`, "has no list of resources", 0, inventory.ReasonError},
		{"resources null", `{"version":4,"resources":null}`, "has no list of resources", 0, inventory.ReasonError},
		{"version 5", `{"version":5,"resources":[]}`, "use a newer muster", 0, inventory.ReasonError},
		{"pointer", `{"version":3,"serial":1,"lineage":"x","backend":{"type":"s3","config":{"bucket":"b"},"hash":1}}`, "only points to a state", 0, inventory.ReasonError},
		{"encrypted", `{"serial":1,"lineage":"x","meta":{"key_provider.pbkdf2.k":"eyJ9"},"encrypted_data":"FeP0","encryption_version":"v0"}`, "tofu state pull", 0, inventory.ReasonError},
		{"nothing shown", `{"format_version":"1.0"}`, "shows an empty state", 0, inventory.ReasonError},
		{"stream of a plan", `{"@level":"info","@message":"Terraform 1.11.4","type":"version"}` + "\n" + `{"@level":"info"}`, "write terraform show -json FILE > plan.json", 0, inventory.ReasonError},
		{"binary plan", "PK\x03\x04\x14\x00\x08\x00", "write it as JSON with terraform show -json", 0, inventory.ReasonError},
		{"truncated plan", `{"format_version":"1.2","planned_values":{},` + "\n" + `"resource_changes":[{"addr`, `plan "a.tfstate" ends in the middle at line 2`, 0, inventory.ReasonUntrusted},
		{"damaged plan", `{"format_version":"1.2","planned_values":{},"resource_changes":[nonsense]}`, `plan "a.tfstate" is damaged at line 1`, 0, inventory.ReasonUntrusted},
		{"two plans", `{"planned_values":{}}{}`, `plan "a.tfstate" goes on after its end`, 0, inventory.ReasonUntrusted},
		{"truncated show", `{"format_version":"1.0","values":{"root_module":{"resources":[`, `state "a.tfstate" ends in the middle`, 0, inventory.ReasonUntrusted},
		{"truncated", oneQueue + `{"mode":"managed","type":"aws_sqs_queue","na`, `state "a.tfstate" ends in the middle at line 3`, 1, inventory.ReasonUntrusted},
		{"damaged", oneQueue + "\n\n" + `{"mode":nonsense}]}`, `state "a.tfstate" is damaged at line 5`, 1, inventory.ReasonUntrusted},
		{"two documents", `{"version":4,"resources":[]}{"version":4}`, "goes on after its end", 0, inventory.ReasonUntrusted},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out, err := collect(t, tt.content)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("got error %v, want %q", err, tt.want)
			}
			var c *collectors.Error
			if !errors.As(err, &c) || c.Reason != tt.reason || c.Retry {
				t.Errorf("got %#v, want reason %q and no retry", err, tt.reason)
			}
			if len(out.assets) != tt.assets {
				t.Errorf("got %d assets, want %d", len(out.assets), tt.assets)
			}
		})
	}
}

func TestErrorsTellNoSecret(t *testing.T) {
	for _, content := range []string{
		`{"version":4,"outputs":{"pw":{"value":"s3cret-value`,
		`{"version":4,"outputs":{"pw":{"value":s3cret-value}}}`,
		`{"version":4,"resources":[{"mode":"managed","type":"t","name":"n","instances":[{"attributes":{"s3cret-value":{"s3cret-value" 1}}}]}]}`,
	} {
		_, err := collect(t, content)
		if err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: got error %v", content, err)
		}
	}
}

// TestOddStates reads states that are whole and strange: nothing in them is fatal.
func TestOddStates(t *testing.T) {
	instance := func(fields string) string {
		return `{"version":4,"resources":[{"mode":"managed","type":"aws_sqs_queue","name":"a","instances":[` + fields + `]}]}`
	}
	tests := []struct {
		name, content string
		keys          []string
		problems      []string
	}{
		{"nothing declared", `{"version":4,"resources":[]}`, nil, nil},
		{"outputs null", `{"version":4,"resources":[],"outputs":null}`, nil, nil},
		{"version last", `{"resources":[],"version":4}`, nil, nil},
		{"unknown fields", `{"version":4,"new":{"resources":[1]},"resources":[{"mode":"managed","type":"x","name":"y","newer":[{}],"instances":[{"newest":1,"attributes":{}}]}]}`, []string{"a.tfstate#x.y"}, nil},
		{"only read", `{"version":4,"resources":[{"mode":"data","type":"aws_ami","name":"y","instances":[{"attributes":{"arn":"arn:aws:ec2:eu-west-1::image/ami-1"}}]}]}`, nil, nil},
		{"ephemeral", `{"version":4,"resources":[{"mode":"ephemeral","type":"x","name":"y","instances":[{}]}]}`, nil, nil},
		{"no attributes", instance(`{"schema_version":0}`), []string{"a.tfstate#aws_sqs_queue.a"}, nil},
		{"attributes null", instance(`{"attributes":null}`), []string{"a.tfstate#aws_sqs_queue.a"}, nil},
		{"attributes a text", instance(`{"attributes":"x"}`), []string{"a.tfstate#aws_sqs_queue.a"}, nil},
		{"arn of another kind", instance(`{"attributes":{"arn":7}}`), []string{"a.tfstate#aws_sqs_queue.a"}, nil},
		{"arn that is none", instance(`{"attributes":{"arn":"arn:aws"}}`), []string{"a.tfstate#aws_sqs_queue.a"}, nil},
		{"arn marked as secret", instance(`{"attributes":{"arn":"arn:aws:sqs:eu-west-1:111122223333:a"},"sensitive_attributes":[[{"type":"get_attr","value":"arn"}]]}`), []string{"a.tfstate#aws_sqs_queue.a"}, nil},
		{"index keys", instance(`{"index_key":9},{"index_key":10},{"index_key":null},{"index_key":"9"}`), []string{
			"a.tfstate#aws_sqs_queue.a[9]", "a.tfstate#aws_sqs_queue.a[10]", "a.tfstate#aws_sqs_queue.a", `a.tfstate#aws_sqs_queue.a["9"]`,
		}, nil},
		{"the same twice", instance(`{"index_key":1},{"index_key":1}`), []string{"a.tfstate#aws_sqs_queue.a[1]"}, []string{"aws_sqs_queue.a[1] is in the file twice"}},
		{"instances of other kinds", instance(`7,null,{"attributes":{}}`), []string{"a.tfstate#aws_sqs_queue.a"}, []string{
			"a resource instance has no mode, type or name", "a resource instance has no mode, type or name",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out, err := collect(t, tt.content)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tt.keys, out.keys()); d != "" {
				t.Errorf("keys (-want +got):\n%s", d)
			}
			var problems []string
			for _, p := range out.problems {
				problems = append(problems, p.Message)
				if p.File != "a.tfstate" || p.Line != 1 || p.Remedy == "" {
					t.Errorf("problem %+v has no place or remedy", p)
				}
			}
			if d := cmp.Diff(tt.problems, problems); d != "" {
				t.Errorf("problems (-want +got):\n%s", d)
			}
		})
	}
}

func TestStaleState(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.tfstate")
	if err := os.WriteFile(path, []byte(oneQueue[:len(oneQueue)-2]+"]}"), 0o600); err != nil {
		t.Fatal(err)
	}
	old := noon.Add(-48 * time.Hour)
	if err := os.Chtimes(path, old, old); err != nil {
		t.Fatal(err)
	}
	out := &sink{}
	o := &Options{Paths: []string{"a.tfstate"}, MaxAge: 36 * time.Hour}
	err := newCollector(t, dir, o).Collect(t.Context(), inventory.Scope{ID: "a.tfstate"}, out)
	var c *collectors.Error
	if !errors.As(err, &c) || c.Reason != inventory.ReasonStale || !strings.Contains(err.Error(), "48h0m0s ago, max_age is 36h0m0s") {
		t.Errorf("got error %v", err)
	}
	if len(out.assets) != 1 || !out.facts[0].DataTime.Equal(old) {
		t.Errorf("got %d assets and facts %v: an old state still proves presence", len(out.assets), out.facts)
	}
	o.MaxAge = 49 * time.Hour
	if err := newCollector(t, dir, o).Collect(t.Context(), inventory.Scope{ID: "a.tfstate"}, &sink{}); err != nil {
		t.Errorf("a state younger than max_age: %v", err)
	}
}

// TestReplacedBetweenWalks makes sure that what was learned of one file is never used for another.
func TestReplacedBetweenWalks(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.tfstate")
	write := func(content string, at time.Time) {
		t.Helper()
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	write(oneQueue[:len(oneQueue)-2]+"]}", noon)
	out := &replacingSink{replace: func() { write(`{"version":4}`, noon.Add(time.Second)) }}
	err := newCollector(t, dir, &Options{}).Collect(t.Context(), inventory.Scope{ID: "a.tfstate"}, out)
	var c *collectors.Error
	if !errors.As(err, &c) || !c.Retry || !strings.Contains(err.Error(), "was written while it was read") {
		t.Errorf("got error %v, want one to retry", err)
	}
	if len(out.assets) != 0 {
		t.Errorf("got %d assets of a file that nobody surveyed", len(out.assets))
	}
}

// replacingSink replaces the file when the collector, after opening it, notes its age.
type replacingSink struct {
	sink
	replace func()
}

func (s *replacingSink) Note(f collectors.Facts) {
	s.replace()
	s.sink.Note(f)
}
