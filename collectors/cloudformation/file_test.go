package cloudformation

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/muster-audit/muster/inventory"
)

// written writes files to a folder of their own.
func written(t *testing.T, all map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range all {
		full := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const bucket = "Resources: {B: {Type: AWS::S3::Bucket, Properties: {BucketName: b, Tags: [{Key: a, Value: b}]}}}\n"

func TestScopesOfFiles(t *testing.T) {
	dir := written(t, map[string]string{
		"stacks/a.yaml": bucket, "stacks/deep/b.template": bucket, "stacks/package.json": `{"name": "x"}`, "stacks/values.yaml": "a: b\n",
		"stacks/empty.yaml": "", "stacks/cdk.out/manifest.json": `{"artifacts": {}}`, "stacks/cdk.out/S.template.json": `{"Resources": {"A": {"Type": "AWS::SNS::Topic"}}}`,
		"stacks/cdk.out/inner/manifest.json": `{"artifacts": {}}`, "stacks/README.md": "Resources ::",
	})
	for pattern, want := range map[string][]string{
		"stacks":                         {"stacks/a.yaml", "stacks/cdk.out/manifest.json", "stacks/deep/b.template", "stacks/empty.yaml"},
		"stacks/cdk.out":                 {"stacks/cdk.out/manifest.json"},
		"stacks/*.yaml":                  {"stacks/a.yaml", "stacks/empty.yaml"},
		"stacks/package.json":            {"stacks/package.json"}, // who names a file wants it read
		"stacks/cdk.out/S.template.json": {"stacks/cdk.out/S.template.json"},
		"none/*.yaml":                    {"none/*.yaml"},
		"gone.yaml":                      {"gone.yaml"},
	} {
		list, err := collectorOf(t, &Options{Paths: []string{pattern}}, dir).Scopes(t.Context())
		var got []string
		for _, s := range list {
			got = append(got, s.ID)
			if !s.Covers.PresenceOnly {
				t.Errorf("%s says that what it does not hold is not there", s.ID)
			}
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %v %q, want %q", pattern, err, got, want)
		}
	}
}

func TestBadFiles(t *testing.T) {
	dir := written(t, map[string]string{
		"text.json": `{"name": "hunter2"}`, "cut.json": "{\"Resources\": {\n", "empty.yaml": "", "ring.yaml": "Resources: {A: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: ring.yaml}}}",
		"lost.yaml":            "Resources: {A: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: lost/inner.yaml}}}",
		"out/manifest.json":    `{"artifacts": {"A": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "../text.json"}}}}`,
		"cutout/manifest.json": `{"artifacts": {"A": {"type": `,
	})
	for file, want := range map[string]string{
		"text.json": `template "text.json" cannot be read: line 1: its section Resources is not there`, "cut.json": "line 2", "empty.yaml": "is empty",
		"ring.yaml": "nested in itself", "lost.yaml": `the nested stack A of "lost.yaml"`, "out/manifest.json": "names no template in it",
		"cutout/manifest.json": "cut off", "gone.yaml": "does not exist",
	} {
		_, err := read(t, collectorOf(t, &Options{Paths: []string{file}}, dir), file)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// A template of which nobody says how it is deployed: its parameters, its place and the tags of its stack are unknown.
func TestNothingTold(t *testing.T) {
	dir := written(t, map[string]string{"a.yaml": "Parameters: {P: {Type: String, Default: x}}\nResources: {Q: {Type: AWS::SQS::Queue, Properties: {QueueName: !Ref P, DelaySeconds: 5, Tags: [{Key: a, Value: b}]}}}"})
	for name, c := range map[string]struct {
		stacks map[string]Stack
		key    string
		tags   inventory.Knowledge
	}{
		"nothing":  {nil, "a.yaml#Q", inventory.Unknown},
		"defaults": {map[string]Stack{"*.yaml": {}}, "a.yaml#Q", inventory.Unknown},
		"tags":     {map[string]Stack{"a.yaml": {Tags: map[string]string{}}}, "a.yaml#Q", inventory.Known},
		"place":    {map[string]Stack{"*.yaml": {Account: "111122223333", Region: "eu-west-1"}}, "arn:aws:sqs:eu-west-1:111122223333:x", inventory.Unknown},
	} {
		h, err := read(t, collectorOf(t, &Options{Paths: []string{"a.yaml"}, Stacks: c.stacks}, dir), "a.yaml")
		if err != nil {
			t.Fatal(err)
		}
		a := h.get(t, c.key)
		queue, _ := a.Attributes.Get("QueueName")
		if a.Tags.State() != c.tags || a.Lifecycle != inventory.LifecycleUnknown || queue.IsRead() != (c.stacks != nil) {
			t.Errorf("%s: tags %v, lifecycle %q, name %s", name, a.Tags, a.Lifecycle, queue)
		}
		if delay, _ := a.Attributes.Get("DelaySeconds"); delay != "5" {
			t.Errorf("%s: %v", name, a.Attributes)
		}
		if _, ok := a.Attributes.Get("VisibilityTimeout"); ok {
			t.Errorf("%s: what the template leaves open is declared", name)
		}
	}
}

func TestParameters(t *testing.T) {
	dir := written(t, map[string]string{"a.yaml": "Parameters: {P: {Type: String, Default: x}, S: {Type: String, NoEcho: true}}\nResources: {T: {Type: AWS::SNS::Topic, Properties: {TopicName: !Ref P, DisplayName: hunter2-shown}}}"})
	for name, c := range map[string]struct {
		options Options
		want    string
	}{
		"by file":  {Options{Parameters: map[string]map[string]string{"a.yaml": {"P": "file"}}}, "file"},
		"by stack": {Options{Stacks: map[string]Stack{"a.yaml": {StackName: "s"}}, Parameters: map[string]map[string]string{"s": {"P": "stack"}}}, "stack"},
		"its own":  {Options{Stacks: map[string]Stack{"a.yaml": {StackName: "s", Parameters: map[string]string{"P": "own"}}}, Parameters: map[string]map[string]string{"s": {"P": "stack"}}}, "own"},
		"secret":   {Options{Stacks: map[string]Stack{"a.yaml": {Parameters: map[string]string{"S": "hunter2"}}}}, "x"},
	} {
		c.options.Paths = []string{"a.yaml"}
		h, err := read(t, collectorOf(t, &c.options, dir), "a.yaml")
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range h.assets {
			if a.Type == "AWS::SNS::Topic" && a.Name != c.want {
				t.Errorf("%s: %q, want %q", name, a.Name, c.want)
			}
			if text := string(inventory.EncodeAsset(&a)); name == "secret" && strings.Contains(text, "hunter2") {
				t.Errorf("%s", text)
			}
		}
	}
}

func TestMaxAge(t *testing.T) {
	dir := written(t, map[string]string{"a.yaml": bucket})
	old := time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
	if err := os.Chtimes(filepath.Join(dir, "a.yaml"), old, old); err != nil {
		t.Fatal(err)
	}
	h, err := read(t, collectorOf(t, &Options{Paths: []string{"a.yaml"}, MaxAge: time.Hour}, dir), "a.yaml")
	if err == nil || !strings.Contains(err.Error(), "max_age is 1h") || len(h.assets) != 1 {
		t.Errorf("%v, %d assets", err, len(h.assets))
	}
}

func TestOptions(t *testing.T) {
	for name, c := range map[string]struct {
		options Options
		want    string
	}{
		"nothing":       {Options{}, "paths: is missing"},
		"live":          {Options{Live: true}, ""},
		"regions":       {Options{Paths: []string{"a"}, Regions: []string{"eu-west-1"}}, "regions: it goes with live: true"},
		"wrong region":  {Options{Live: true, Regions: []string{"EU"}}, `regions[0]: "EU" is no region`},
		"account":       {Options{Paths: []string{"a"}, Stacks: map[string]Stack{"a": {Account: "1"}}}, `stacks.a.account: "1" is no account id`},
		"stack of many": {Options{Paths: []string{"a"}, Stacks: map[string]Stack{"*.yaml": {StackName: "s"}}}, "stacks.*.yaml.stack_name: several templates"},
		"glob":          {Options{Paths: []string{"a"}, Stacks: map[string]Stack{"[": {}}}, "is not a valid glob"},
		"age":           {Options{Paths: []string{"a"}, MaxAge: -1}, "max_age"},
		"fine":          {Options{Paths: []string{"a"}, Stacks: map[string]Stack{"a": {StackName: "s", Account: "111122223333", Region: "eu-west-1"}}}, ""},
	} {
		var got []string
		for _, p := range c.options.Validate() {
			got = append(got, p.Option+": "+p.Message)
		}
		if text := strings.Join(got, "\n"); (text == "") != (c.want == "") || !strings.Contains(text, c.want) {
			t.Errorf("%s: %q, want %q", name, text, c.want)
		}
	}
}
