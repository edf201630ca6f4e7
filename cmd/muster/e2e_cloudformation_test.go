//go:build e2e

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// cloudformationConfig audits the types of the template against the stacks that are deployed.
const cloudformationConfig = `
store: m.db
sources:
  - name: aws
    collector: aws
    regions: [us-east-1]
    sweep: false
    types: ["AWS::EC2::Instance", "AWS::EC2::VPC", "AWS::EC2::Subnet", "AWS::EC2::SecurityGroup", "AWS::EC2::Volume", "AWS::S3::Bucket", "AWS::SQS::Queue",
      "AWS::SNS::Topic", "AWS::DynamoDB::Table", "AWS::IAM::Role", "AWS::Lambda::Function", "AWS::Logs::LogGroup", "AWS::RDS::DBInstance", "AWS::CloudFormation::Stack"]
  - name: cfn
    collector: cloudformation
    live: true
    regions: [us-east-1]
    paths: [lab.yaml]
    stacks: {lab.yaml: {stack_name: lab, account: "123456789012", region: us-east-1}}
gate: {fail_on: never}
`

// cloudformationFinding is a finding as the report in JSON has it.
type cloudformationFinding struct {
	Rule  string `json:"rule"`
	State string `json:"state"`
	Asset struct {
		Type string `json:"type"`
	} `json:"asset"`
	Diff []struct {
		Attribute string `json:"attribute"`
	} `json:"diff"`
}

// stackFindings audits and returns "rule type attribute…" of every open finding, sorted.
func stackFindings(s *site) []string {
	s.t.Helper()
	out, _ := s.streams([]int{0, 3}, "audit", "--format", "json")
	var r struct {
		Findings []cloudformationFinding `json:"findings"`
	}
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		s.t.Fatal(err)
	}
	list := []string{}
	for _, f := range r.Findings {
		if f.State == "resolved" {
			continue
		}
		text := f.Rule + " " + f.Asset.Type
		for _, d := range f.Diff {
			text += " " + d.Attribute
		}
		list = append(list, text)
	}
	slices.Sort(list)
	return list
}

// TestMotoCloudFormation deploys a template: nothing differs. Then a queue and a tag are changed, and a log group is deleted by the API: just that
// is found. At last the stack is deleted, and the queue that it retains is an orphan.
func TestMotoCloudFormation(t *testing.T) {
	t.Parallel()
	url := moto(t)
	s := newSite(t, url, cloudformationConfig)
	text, err := os.ReadFile(filepath.Join("..", "..", "fixtures", "moto", "stack.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	s.write("lab.yaml", string(text))
	step := func(name string, want ...string) {
		t.Helper()
		python(t, url, "cloudformation.py", "us-east-1", name, filepath.Join(s.dir, "lab.yaml"))
		if got := stackFindings(s); !slices.Equal(got, append([]string{}, want...)) {
			t.Errorf("%s: findings %q, want %q", name, got, want)
		}
	}
	step("deploy")
	step("change", "drift/changed AWS::EC2::VPC tags.Owner", "drift/changed AWS::SQS::Queue VisibilityTimeout", "drift/missing AWS::Logs::LogGroup")
	step("restore")
	s.write("lab.yaml", "Resources: {Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: later}}}\n")
	step("delete", "drift/orphan AWS::SQS::Queue", "drift/unapplied AWS::CloudFormation::Stack", "drift/unapplied AWS::SNS::Topic")
}
