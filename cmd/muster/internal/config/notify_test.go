package config

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"github.com/muster-audit/muster/report/notify"
	"github.com/muster-audit/muster/rules"
)

// targets is a config with each key of a target.
const targets = `notify:
  - {type: slack, url_env: SLACK_URL}
  - type: webhook
    url: https://hooks.example.com/muster
    secret_env: HOOK_SECRET
    on: [new, resolved, unread]
    min_severity: medium
    owners: [payments, "search-*", ""]
    only_when: gate_failed
    always: true
    required: true
    link: ${env:CI_URL}/muster.html?a=b&c=d
`

func loadNotify(t *testing.T, text string) (*Config, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "muster.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return Load(Input{File: path, Registry: registry(t), Formats: []string{"json"}, Getenv: func(name string) string {
		return map[string]string{"CI_URL": "https://ci.example.com"}[name]
	}})
}

func TestNotify(t *testing.T) {
	c, err := loadNotify(t, targets)
	if err != nil {
		t.Fatal(err)
	}
	want := []Notify{
		{Type: "slack", URLEnv: "SLACK_URL"},
		{
			Type: "webhook", URL: "https://hooks.example.com/muster", SecretEnv: "HOOK_SECRET", On: []string{"new", "resolved", "unread"},
			MinSeverity: rules.Medium, Owners: []string{"payments", "search-*", ""}, OnlyWhen: "gate_failed", Always: true, Required: true,
			Link: "https://ci.example.com/muster.html?a=b&c=d",
		},
	}
	if d := cmp.Diff(want, c.Notify); d != "" {
		t.Error(d)
	}
	filter := notify.Filter{
		On: notify.Events(), MinSeverity: rules.Medium, Owners: want[1].Owners, GateFailed: true, Always: true,
	}
	if d := cmp.Diff([]notify.Filter{{}, filter}, []notify.Filter{c.Notify[0].Filter(), c.Notify[1].Filter()}); d != "" {
		t.Error(d)
	}
}

func TestNotifyLinks(t *testing.T) {
	for _, link := range []string{"javascript:x", "https://h/a|b", "https://h/<b>", "https://h/a b", "https://h/" + strings.Repeat("x", notify.MaxLink)} {
		if _, err := loadNotify(t, "notify:\n  - {type: slack, url_env: X, link: '"+link+"'}\n"); err == nil || !strings.Contains(err.Error(), "notify[0].link: must begin with") {
			t.Errorf("%.40s: error %v", link, err)
		}
	}
}

// TestNotifySchema: the schema takes what the program takes, and refuses some of what it refuses.
func TestNotifySchema(t *testing.T) {
	text, err := Schema(registry(t), []string{"json"})
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("config.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("config.json")
	if err != nil {
		t.Fatal(err)
	}
	for text, ok := range map[string]bool{
		targets:                     true,
		"notify: [{type: email}]\n": false, "notify: [{url_env: X}]\n": false, "notify: [{type: slack, url_env: 'https://h/'}]\n": false,
		"notify: [{type: slack, on: [open]}]\n": false, "notify: [{type: slack, min_severity: worst}]\n": false, "notify: [{type: slack, only_when: x}]\n": false,
	} {
		if err := schema.Validate(asJSON(t, text)); (err == nil) != ok {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// asJSON reads YAML as a schema's validator wants it.
func asJSON(t *testing.T, text string) any {
	t.Helper()
	var v any
	if err := yaml.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	encoded, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	out, err := jsonschema.UnmarshalJSON(strings.NewReader(string(encoded)))
	if err != nil {
		t.Fatal(err)
	}
	return out
}
