package terraform

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/collectortest"
	"github.com/muster-audit/muster/inventory"
)

func TestConformanceOfPlans(t *testing.T) {
	collectortest.Run(t, collectortest.Config{
		Spec:    Spec(),
		Fixture: "testdata/plans",
		Golden:  "testdata/plans.golden.ndjson",
		Options: options("*.json", "*.tfstate"),
		Inputs:  []string{"*.json", "*.tfstate"},
		Shuffle: shuffleKeys,
		Detectable: func(_ string, content []byte, n int) bool {
			return n <= bytes.LastIndexByte(content, '}')
		},
		Generate: generatePlan,
		Secrets:  []string{"s3cret"},
	})
}

// shuffleKeys returns the same document with the keys of every object in another order.
func shuffleKeys(_ string, content []byte, rng *rand.Rand) []byte {
	d := json.NewDecoder(bytes.NewReader(content))
	d.UseNumber()
	var x any
	if err := d.Decode(&x); err != nil {
		return content
	}
	var b bytes.Buffer
	encodeShuffled(&b, x, rng)
	return b.Bytes()
}

// generatePlan writes a plan of n queues of one block.
func generatePlan(dir string, n int) error {
	f, err := os.Create(filepath.Join(dir, "plan.json"))
	if err != nil {
		return err
	}
	defer f.Close()
	fmt.Fprint(f, `{"format_version":"1.2","resource_changes":[`)
	for i := range n {
		if i > 0 {
			fmt.Fprint(f, ",\n")
		}
		fmt.Fprintf(f, `{"address":"aws_sqs_queue.q[%d]","mode":"managed","type":"aws_sqs_queue","name":"q","index":%[1]d,"provider_name":"aws","change":{"actions":["create"],`+
			`"before":null,"after":{"name":"q%[1]d","policy":"%[2]s","tags":{"Owner":"a"}},"after_unknown":{"arn":true,"tags_all":true},"before_sensitive":false,"after_sensitive":{}}}`,
			i, strings.Repeat("x", 1000))
	}
	_, err = fmt.Fprint(f, `],"configuration":{"root_module":{"resources":[{"mode":"managed","type":"aws_sqs_queue","name":"q","provider_config_key":"aws"}]}}}`)
	return err
}

// collectAll reads all scopes of a folder's plan.json.
func collectAll(t *testing.T, content string) map[string]*sink {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "plan.json")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, noon, noon); err != nil {
		t.Fatal(err)
	}
	c := newCollector(t, dir, &Options{Paths: []string{"plan.json"}})
	list, err := c.Scopes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]*sink{}
	for _, s := range list {
		out[s.ID] = &sink{}
		if err := c.Collect(t.Context(), s, out[s.ID]); err != nil {
			t.Fatalf("%s: %v", s.ID, err)
		}
	}
	return out
}

// change is a resource_changes element about an aws_sqs_queue.
func change(name, fields string) string {
	return `{"address":"aws_sqs_queue.` + name + `","mode":"managed","type":"aws_sqs_queue","name":"` + name +
		`","provider_name":"registry.terraform.io/hashicorp/aws","change":{` + fields + `}}`
}

func planOf(changes ...string) string {
	return `{"format_version":"1.2","resource_changes":[` + strings.Join(changes, ",") + `]}`
}

func one(t *testing.T, out *sink) inventory.Asset {
	t.Helper()
	if len(out.assets) != 1 {
		t.Fatalf("got %d assets, want 1: %v", len(out.assets), out.keys())
	}
	return out.assets[0]
}

// TestPlanNeverGuesses: what is known only when the plan is applied is unknown, and not empty or missing.
func TestPlanNeverGuesses(t *testing.T) {
	unknown := inventory.UnknownTags()
	tests := []struct {
		name, after, unknown string
		tags                 inventory.Tags
		absent               []string
	}{
		{"all tags", `{"name":"q"}`, `{"tags":true,"tags_all":true}`, unknown, nil},
		{"the effective tags", `{"name":"q","tags":{"Owner":"a"}}`, `{"tags_all":true}`, unknown, nil},
		{
			"the value of a tag", `{"name":"q","tags":{"Owner":"a"},"tags_all":{"Owner":"a"}}`, `{"tags_all":{"Build":true}}`,
			inventory.KnownTags(inventory.Tag{Key: "Owner", Value: "a"}, inventory.Tag{Key: "Build", ValueUnknown: true}), nil,
		},
		{
			"a tag that is null in a map", `{"tags_all":{"Owner":"a","Build":null}}`, `{"tags_all":{"Build":true}}`,
			inventory.KnownTags(inventory.Tag{Key: "Owner", Value: "a"}, inventory.Tag{Key: "Build", ValueUnknown: true}), nil,
		},
		{"no tags", `{"tags":null,"tags_all":{}}`, `{"arn":true}`, inventory.KnownTags(), nil},
		{"nothing marked", `{"tags_all":{"a":"b"}}`, `{"tags_all":{}}`, inventory.KnownTags(inventory.Tag{Key: "a", Value: "b"}), nil},
		{"a shape that does not fit", `{"tags_all":"text"}`, `{"tags_all":{"a":true}}`, unknown, nil},
		{"an attribute", `{"tags_all":{},"delay_seconds":null}`, `{"delay_seconds":true,"policy":true}`, inventory.KnownTags(), []string{"DelaySeconds", "Policy"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := one(t, collectAll(t, planOf(change("q", `"actions":["create"],"before":null,"after":`+tt.after+`,"after_unknown":`+tt.unknown)))["plan.json"])
			if !a.Tags.Equal(tt.tags) {
				t.Errorf("tags %v, want %v", a.Tags, tt.tags)
			}
			for _, name := range tt.absent {
				if v, ok := a.Attributes.Get(name); ok {
					t.Errorf("%s is %s, want it unread", name, v)
				}
			}
			if a.Lifecycle != inventory.LifecyclePlanned || a.Origin.Layer != inventory.LayerPlan {
				t.Errorf("lifecycle %q, layer %q", a.Lifecycle, a.Origin.Layer)
			}
		})
	}
}

// TestPlanLifecycles: what is there, what is not yet, and what is to go.
func TestPlanLifecycles(t *testing.T) {
	const was = `{"arn":"arn:aws:sqs:eu-west-1:111122223333:old","id":"u","name":"old","tags_all":{"a":"1"}}`
	tests := []struct {
		name, fields string
		want         inventory.Lifecycle
		arn, tag     string
	}{
		{"create", `"actions":["create"],"before":null,"after":{"name":"q","tags_all":{"a":"2"}},"after_unknown":{"arn":true}`, inventory.LifecyclePlanned, "", "2"},
		{"no-op", `"actions":["no-op"],"before":` + was + `,"after":` + was, inventory.LifecycleActive, "old", "1"},
		{"update", `"actions":["update"],"before":` + was + `,"after":` + strings.ReplaceAll(was, `"1"`, `"2"`), inventory.LifecycleActive, "old", "2"},
		{"delete", `"actions":["delete"],"before":` + was + `,"after":null`, inventory.LifecycleRetiring, "old", "1"},
		{"replace", `"actions":["delete","create"],"before":` + was + `,"after":{"name":"new","tags_all":{"a":"2"}},"after_unknown":{"arn":true,"id":true}`, inventory.LifecycleActive, "old", "2"},
		{"create first", `"actions":["create","delete"],"before":` + was + `,"after":{"name":"new","tags_all":{"a":"2"}},"after_unknown":{"arn":true,"id":true}`, inventory.LifecycleActive, "old", "2"},
		{"forget and create", `"actions":["create","forget"],"before":` + was + `,"after":{"name":"new","tags_all":{"a":"2"}},"after_unknown":{"arn":true,"id":true}`, inventory.LifecyclePlanned, "", "2"},
		{"import", `"actions":["no-op"],"importing":{"id":"u"},"before":` + was + `,"after":` + was, inventory.LifecycleActive, "old", "1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := one(t, collectAll(t, planOf(change("q", tt.fields)))["plan.json"])
			if a.Lifecycle != tt.want {
				t.Errorf("lifecycle %q, want %q", a.Lifecycle, tt.want)
			}
			if has := strings.HasSuffix(a.Key, ":"+tt.arn) && tt.arn != ""; has != (tt.arn != "") {
				t.Errorf("key %s, want ARN of %q", a.Key, tt.arn)
			}
			if tag, _ := a.Tags.Get("a"); tag.Value != tt.tag {
				t.Errorf("tag %v, want %s", tag, tt.tag)
			}
		})
	}
	for name, c := range map[string]string{
		"forget": change("q", `"actions":["forget"],"before":`+was+`,"after":null`),
		"data":   strings.Replace(change("q", `"actions":["read"],"before":null,"after":{}`), "managed", "data", 1),
	} {
		if out := collectAll(t, planOf(c))["plan.json"]; len(out.assets) != 0 {
			t.Errorf("%s: got %v, want nothing", name, out.keys())
		}
	}
}

// TestPriorState: the state that a plan was made from is that before the refresh, and what the refresh alone tells is not declared.
func TestPriorState(t *testing.T) {
	const (
		was = `{"arn":"arn:aws:sqs:eu-west-1:111122223333:q","name":"q","delay_seconds":1,"visibility_timeout_seconds":1,"tags_all":{"a":"1"}}`
		is  = `{"arn":"arn:aws:sqs:eu-west-1:111122223333:q","name":"q","delay_seconds":2,"visibility_timeout_seconds":2,"tags_all":{"a":"2"}}`
	)
	drift := change("q", `"actions":["update"],"before":`+was+`,"after":`+is)
	gone := change("gone", `"actions":["delete"],"before":`+strings.ReplaceAll(was, `:q"`, `:gone"`)+`,"after":null`)
	prior := `"prior_state":{"values":{"root_module":{"resources":[{"address":"aws_sqs_queue.q","mode":"managed","type":"aws_sqs_queue","name":"q","values":` + is + `}]}}}`
	code := `"configuration":{"root_module":{"resources":[{"mode":"managed","type":"aws_sqs_queue","name":"q","expressions":{"delay_seconds":{}}}]}}`
	changes := `"resource_changes":[` + change("q", `"actions":["no-op"],"before":`+is+`,"after":`+is) + `,` +
		change("gone", `"actions":["create"],"before":null,"after":{"name":"gone"},"after_unknown":{"arn":true}`) + `]`
	get := func(a inventory.Asset, name string) string {
		v, _ := a.Attributes.Get(name)
		return string(v)
	}

	all := collectAll(t, `{`+strings.Join([]string{prior, `"resource_drift":[` + drift + `,` + gone + `]`, code, changes}, ",")+`}`)
	state, plan := all["plan.json#prior"], all["plan.json"]
	if state == nil || len(state.assets) != 2 || len(plan.assets) != 2 {
		t.Fatalf("got %v", all)
	}
	for _, a := range state.assets {
		if tag, _ := a.Tags.Get("a"); tag.Value != "1" || get(a, "DelaySeconds") != "1" || a.Lifecycle != inventory.LifecycleActive || a.Origin.Layer != inventory.LayerState {
			t.Errorf("state: %+v", a)
		}
		if a.Origin.File != "plan.json" {
			t.Errorf("file %q", a.Origin.File)
		}
	}
	q, lost := plan.assets[0], plan.assets[1]
	if get(q, "DelaySeconds") != "2" || get(q, "VisibilityTimeout") != "" {
		t.Errorf("the plan's queue has delay %s (written in the code), timeout %s (not written): want 2 and unread", get(q, "DelaySeconds"), get(q, "VisibilityTimeout"))
	}
	if lost.Lifecycle != inventory.LifecycleActive || !strings.HasSuffix(lost.Key, ":gone") {
		t.Errorf("what was applied and is gone is %q with key %s: want it active, by its ARN", lost.Lifecycle, lost.Key)
	}

	refresh := collectAll(t, `{`+strings.Join([]string{`"planned_values":{}`, `"resource_drift":[` + drift + `,` + gone + `]`, prior, code}, ",")+`}`)
	if len(refresh) != 1 || len(refresh["plan.json"].assets) != 2 || refresh["plan.json"].assets[0].Origin.Layer != inventory.LayerState {
		t.Errorf("a plan of a refresh says nothing of the code: got %v", refresh)
	}
	if d := cmp.Diff(state.keys(), refresh["plan.json"].keys()); d != "" {
		t.Error(d)
	}
}

// TestPartsOfPlans: a plan that does not tell all that the code wants proves presence and never absence.
func TestPartsOfPlans(t *testing.T) {
	whole := planOf(change("q", `"actions":["create"],"before":null,"after":{"name":"q"}`))
	for field, want := range map[string]string{
		`"errored":true`:   "ended with an error",
		`"complete":false`: "leaves out a part of the code",
	} {
		out, err := collect(t, strings.Replace(whole, `{`, `{`+field+`,`, 1))
		var c *collectors.Error
		if !errors.As(err, &c) || !strings.Contains(err.Error(), want) || len(out.assets) != 1 {
			t.Errorf("%s: error %v with %d assets", field, err, len(out.assets))
		}
	}
	if _, err := collect(t, strings.Replace(whole, `{`, `{"errored":false,"complete":true,"applyable":false,`, 1)); err != nil {
		t.Errorf("a whole plan: %v", err)
	}
}

// TestScopesOfPlans: a file of which nobody can tell what it is keeps what it told before.
func TestScopesOfPlans(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("a.tfstate", `{"version":4,"resources":[]}`)
	write("b.json", `{"resource_changes":[],"prior_state":{}}`)
	write("c.json", `{"resource_changes":[],"prior_st`)
	write("d.json", `{"resource_changes":[]}`)
	list, err := newCollector(t, dir, &Options{Paths: []string{"*.json", "*.tfstate", "e.json"}}).Scopes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var have []string
	for _, s := range list {
		have = append(have, s.ID+" "+strings.Join(s.StandsFor, " "))
	}
	want := []string{"a.tfstate ", "b.json ", "b.json#prior ", "c.json c.json#prior", "d.json ", "e.json e.json#prior"}
	if d := cmp.Diff(want, have); d != "" {
		t.Error(d)
	}
}

// TestLegacyState reads what Terraform 0.11 wrote.
func TestLegacyState(t *testing.T) {
	content, err := os.ReadFile("testdata/plans/legacy.tfstate")
	if err != nil {
		t.Fatal(err)
	}
	out, err := collect(t, string(content))
	if err != nil || len(out.problems) != 0 {
		t.Fatal(err, out.problems)
	}
	have := map[string]string{}
	for _, a := range out.assets {
		have[a.Origin.Address] = fmt.Sprint(a.Lifecycle, a.Tags)
		if a.Attributes.Len() > 0 {
			t.Errorf("%s has attributes of a format that does not tell numbers from texts", a.Key)
		}
	}
	if len(have) != 6 || !strings.Contains(have["aws_instance.web[0]"], "dotted") || have["module.net.module.inner.aws_vpc.main"] == "" {
		t.Errorf("got %v", have)
	}
	if f := out.facts[len(out.facts)-1]; !strings.Contains(f.Detail, "legacy") {
		t.Errorf("facts %+v do not say that the state is old", f)
	}
	_, err = collect(t, `{"version":3,"modules":[{"path":["root"],"resources":{"aws_vpc.a.b.c":{"primary":{"id":"x"}},"aws_vpc.b":7}}]}`)
	if err != nil {
		t.Errorf("odd resources: %v", err)
	}
}

// TestInstanceProviders: a provider of OpenTofu with for_each stands at the instance.
func TestInstanceProviders(t *testing.T) {
	instance := func(key, attributes string) string {
		return `{"index_key":"` + key + `","provider":"provider[\"registry.opentofu.org/hashicorp/aws\"].by_region[\"` + key + `\"]","attributes":` + attributes + `}`
	}
	out, err := collect(t, `{"version":4,"resources":[
		{"mode":"managed","type":"aws_sqs_queue","name":"q","instances":[`+
		instance("eu-west-1", `{"arn":"arn:aws:sqs:eu-west-1:111122223333:q"}`)+`,`+instance("us-east-1", `{"arn":"arn:aws:sqs:us-east-1:111122223333:q"}`)+`]},
		{"mode":"managed","type":"aws_eip","name":"e","instances":[`+instance("eu-west-1", `{"id":"eipalloc-1"}`)+`,`+instance("us-east-1", `{"id":"eipalloc-2"}`)+`]}]}`)
	if err != nil || len(out.assets) != 4 {
		t.Fatal(err, out.keys())
	}
	if a, b := out.assets[2], out.assets[3]; a.Region != "eu-west-1" || b.Region != "us-east-1" || a.Account != "111122223333" {
		t.Errorf("regions %q and %q, account %q", a.Region, b.Region, a.Account)
	}
}

// FuzzPlan reads any bytes as a plan and as the state that it was made from.
func FuzzPlan(f *testing.F) {
	for _, name := range []string{"plan.json", "show.json"} {
		content, err := os.ReadFile(filepath.Join("testdata/plans", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(content)
	}
	f.Add([]byte(planOf(change("q", `"actions":["create"],"after":{"tags":{"a":1}},"after_unknown":{"tags":{"b":true}},"after_sensitive":true`))))
	dir := f.TempDir()
	path := filepath.Join(dir, "a.json")
	c := newCollector(f, dir, &Options{Paths: []string{"a.json"}})
	f.Fuzz(func(t *testing.T, content []byte) {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, noon, noon); err != nil {
			t.Fatal(err)
		}
		list, err := c.Scopes(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range list {
			first, second := &sink{}, &sink{}
			err, again := c.Collect(t.Context(), s, first), c.Collect(t.Context(), s, second)
			if (err == nil) != (again == nil) || len(first.assets) != len(second.assets) {
				t.Fatalf("read twice: %v and %v, %d and %d assets", err, again, len(first.assets), len(second.assets))
			}
			checkAssets(t, first.assets)
		}
	})
}
