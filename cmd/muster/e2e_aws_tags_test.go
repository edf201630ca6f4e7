//go:build e2e

package main

import (
	"encoding/csv"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// hostileTag is a value that a shell, the AWS CLI and JSON would each take for something else.
const hostileTag = `it's $(reboot) "a,b"={x} \n file://y`

// TestMotoTagPlan runs the commands that muster prints for a filled-in sheet with the AWS CLI, and scans what they did.
func TestMotoTagPlan(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("aws"); err != nil {
		t.Skip("there is no AWS CLI here")
	}
	url := moto(t)
	makeUntagged(t, url)
	s := newSite(t, url, "sources:\n  - {name: aws, collector: aws, regions: [us-east-1], types: [\"AWS::Logs::LogGroup\", \"AWS::IAM::Role\"]}\npolicy: [policy.yaml]\n")
	s.write("policy.yaml", "version: 1\ntags:\n  - {id: owner, keys: [owner], required: true}\n  - {id: note, keys: [note], required: true}\n")
	s.run([]int{0}, "scan")
	s.run([]int{0}, "tags", "export", "--missing", "--output", "tags.csv")
	fillSheet(t, filepath.Join(s.dir, "tags.csv"))
	script, _ := s.streams([]int{0}, "tags", "plan", "tags.csv")
	if n := strings.Count(script, "\naws resourcegroupstaggingapi tag-resources "); n != 2 {
		t.Errorf("%d commands for 25 groups, want 2\n%s", n, script)
	}
	cmd := exec.Command("sh", "-e")
	cmd.Env, cmd.Stdin = append(awsEnv(url), "AWS_PAGER="), strings.NewReader(script)
	out, err := cmd.CombinedOutput()
	if err != nil || strings.Contains(string(out), "ErrorCode") {
		t.Fatalf("%v\n%s\n%s", err, out, script)
	}
	s.run([]int{0}, "scan")
	tagged := 0
	for key, a := range s.assets() {
		if a.Type != "AWS::Logs::LogGroup" && a.Name != "deploy" {
			continue
		}
		if tagged++; a.Tags["owner"] != "web" || a.Tags["note"] != hostileTag {
			t.Errorf("%s has the tags %q", key, a.Tags)
		}
	}
	if tagged != 26 {
		t.Errorf("%d assets", tagged)
	}
	left, _ := s.streams([]int{0}, "tags", "plan", "tags.csv")
	if !strings.Contains(left, "nothing to set") {
		t.Errorf("what was done is planned again:\n%s", left)
	}
}

// makeUntagged makes 25 groups of logs and a role.
func makeUntagged(t *testing.T, url string) {
	t.Helper()
	program := `
import boto3
logs, iam = boto3.client("logs"), boto3.client("iam")
for i in range(25):
    logs.create_log_group(logGroupName=f"app-{i}")
iam.create_role(RoleName="deploy", AssumeRolePolicyDocument='{"Version": "2012-10-17", "Statement": []}')
`
	cmd := exec.Command("python3", "-c", program)
	cmd.Env = append(awsEnv(url), "AWS_DEFAULT_REGION=us-east-1")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// fillSheet writes the same tags for the groups and the role into a sheet.
func fillSheet(t *testing.T, path string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(string(text))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	at := func(column string) int { return slices.Index(rows[0], column) }
	for _, row := range rows[1:] {
		if row[at("type")] == "AWS::Logs::LogGroup" || row[at("name")] == "deploy" {
			row[at("tag.owner")], row[at("tag.note")] = "web", hostileTag
		}
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := csv.NewWriter(f)
	w.Comma = ';'
	if err := w.WriteAll(rows); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(fmt.Errorf("write %s: %w", path, err))
	}
}
