//go:build e2e

package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// mirror returns a folder that holds the AWS provider for use without a network: the one that MUSTER_TF_MIRROR names, else one where
// optional software usually is; "" if there is none.
func mirror() string {
	const provider = "registry.terraform.io/hashicorp/aws"
	for _, pattern := range []string{os.Getenv("MUSTER_TF_MIRROR"), "/opt/*", "/usr/share/*/*", "/usr/local/share/*/*"} {
		found, err := filepath.Glob(filepath.Join(pattern, provider))
		if pattern != "" && err == nil && len(found) > 0 {
			return strings.TrimSuffix(found[0], provider)
		}
	}
	return ""
}

// terraform runs commands of the real Terraform with the real AWS provider against a moto server.
type terraform struct {
	t        *testing.T
	dir, url string
	env      []string
}

func newTerraform(t *testing.T, url string) *terraform {
	t.Helper()
	if _, err := exec.LookPath("terraform"); err != nil {
		t.Fatalf("terraform is needed on PATH: %v", err)
	}
	tf := &terraform{t: t, dir: t.TempDir(), url: url, env: awsEnv(url)}
	if dir := mirror(); dir != "" { // else Terraform asks its registry
		rc := filepath.Join(tf.dir, "terraformrc")
		writeRC(t, rc, dir)
		tf.env = append(tf.env, "TF_CLI_CONFIG_FILE="+rc)
	}
	stack, err := os.ReadFile(filepath.Join("..", "..", "fixtures", "moto", "stack", "main.tf"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(tf.dir, "main.tf"), stack, 0o600); err != nil {
		t.Fatal(err)
	}
	tf.run("init", "-no-color", "-input=false")
	return tf
}

func writeRC(t *testing.T, path, mirror string) {
	t.Helper()
	text := "provider_installation {\n  filesystem_mirror {\n    path    = \"" + mirror + "\"\n    include = [\"registry.terraform.io/*/*\"]\n  }\n}\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (tf *terraform) run(args ...string) {
	tf.t.Helper()
	cmd := exec.Command("terraform", args...)
	cmd.Dir, cmd.Env = tf.dir, tf.env
	if out, err := cmd.CombinedOutput(); err != nil {
		tf.t.Fatalf("terraform %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// reported is what this test needs of a report.
type reported struct {
	Summary struct {
		Assets map[string]int `json:"assets"`
	} `json:"summary"`
	Findings []struct {
		Rule  string `json:"rule"`
		State string `json:"state"`
		Asset struct {
			Key  string `json:"key"`
			Type string `json:"type"`
		} `json:"asset"`
		Message string `json:"message"`
		Diff    []struct {
			Attribute string `json:"attribute"`
		} `json:"diff"`
	} `json:"findings"`
}

func (s *site) audit(codes ...int) reported {
	s.t.Helper()
	s.run(codes, "audit", "--quiet", "--format", "none")
	var r reported
	text, err := os.ReadFile(filepath.Join(s.dir, "report.json"))
	if err == nil {
		err = json.Unmarshal(text, &r)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return r
}

// lines tells findings in words, sorted.
func (r *reported) lines() []string {
	var list []string
	for _, f := range r.Findings {
		if f.State == "resolved" {
			continue
		}
		line := f.Rule + " " + f.Asset.Key
		for _, d := range f.Diff {
			line += " " + d.Attribute
		}
		list = append(list, line)
	}
	slices.Sort(list)
	return list
}

// TestTerraformOnMoto applies a stack of more than thirty resource types with the real AWS provider and audits it: nothing is found. Then a tag
// is changed, a queue deleted and a topic added by hand: just these three are.
func TestTerraformOnMoto(t *testing.T) {
	t.Parallel()
	url := moto(t)
	tf := newTerraform(t, url)
	tf.run("apply", "-auto-approve", "-no-color", "-input=false")
	s := newSite(t, url, `sources:
  - {name: aws, collector: aws, regions: [us-east-1]}
  - {name: infra, collector: terraform, paths: [terraform.tfstate]}
policy: [policy.yaml]
gate: {fail_on: never, incomplete: warn}
reports: [{format: json, output: report.json}]
`)
	s.write("policy.yaml", "version: 1\ntags:\n  - {id: owner, keys: [owner], required: true, severity: high, when: 'asset.type != \"AWS::EC2::NetworkInterface\"'}\n")
	state, err := os.ReadFile(filepath.Join(tf.dir, "terraform.tfstate"))
	if err != nil {
		t.Fatal(err)
	}
	s.write("terraform.tfstate", string(state))
	clean := s.audit(0)
	if clean.Summary.Assets["declared"] < 35 || clean.Summary.Assets["observed"] < 50 {
		t.Fatalf("assets %v", clean.Summary.Assets)
	}
	if found := clean.lines(); len(found) > 0 {
		t.Errorf("right after the apply there is nothing to find, and yet:\n%s", strings.Join(found, "\n"))
	}

	byHand(t, url, `
import boto3, sys
c = lambda n: boto3.client(n, region_name="us-east-1", endpoint_url=sys.argv[1], aws_access_key_id="test", aws_secret_access_key="test")
sqs = c("sqs")
sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName="orders")["QueueUrl"])
sns = c("sns")
sns.tag_resource(ResourceArn="arn:aws:sns:us-east-1:`+motoAccount+`:alerts", Tags=[{"Key": "owner", "Value": "search"}])
sns.create_topic(Name="by-hand", Tags=[{"Key": "owner", "Value": "payments"}])
`)
	want := []string{
		"drift/changed arn:aws:sns:us-east-1:" + motoAccount + ":alerts tags.owner",
		"drift/missing arn:aws:sqs:us-east-1:" + motoAccount + ":orders",
		"drift/unmanaged arn:aws:sns:us-east-1:" + motoAccount + ":by-hand",
	}
	drifted := s.audit(0)
	if got := drifted.lines(); !slices.Equal(got, want) {
		t.Errorf("found\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// byHand runs Python with boto3 against a server.
func byHand(t *testing.T, url, script string) {
	t.Helper()
	cmd := exec.Command("python3", "-c", script, url)
	cmd.Env = awsEnv(url)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("change by hand: %v\n%s", err, out)
	}
}
