//go:build e2e

package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestMotoReplay records an audit and does it again from the recording, where there are no credentials and no server: the report is the same but
// for ids and times, and no secret is in the recording.
func TestMotoReplay(t *testing.T) {
	t.Parallel()
	url := moto(t)
	seed(t, url, "us-east-1")
	const types = `types: ["AWS::EC2::*", "AWS::S3::*", "AWS::SQS::*", "AWS::IAM::*", "AWS::Lambda::*", "AWS::ECS::*", "AWS::CodeBuild::*", "AWS::Glue::*", "AWS::EKS::*", "AWS::RDS::*"]`
	config := func(more string) string {
		return "sources:\n  - {name: aws, collector: aws, regions: [us-east-1], " + more + types + "}\n" +
			"policy: [policy.yaml]\nreports: [{format: json, output: report.json}]\n"
	}
	const policy = "version: 1\ntags:\n  - {id: owner, keys: [owner], required: true, severity: high, grace: 1h}\n"
	live := newSite(t, url, config(""))
	live.write("policy.yaml", policy)
	tape := filepath.Join(t.TempDir(), "tape")
	live.run([]int{1, 3}, "audit", "--format", "none", "--record", tape)

	again := newSite(t, "http://127.0.0.1:1", config("replay: tape/aws, "))
	again.write("policy.yaml", policy)
	if err := os.Rename(tape, filepath.Join(again.dir, "tape")); err != nil {
		t.Fatal(err)
	}
	again.run([]int{1, 3}, "audit", "--format", "none")
	if d := cmp.Diff(withoutTimes(t, live), withoutTimes(t, again)); d != "" {
		t.Errorf("the replay's report is not the recorded one (-recorded +replayed):\n%s", d)
	}
	err := filepath.WalkDir(filepath.Join(again.dir, "tape"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if bytes.Contains(text, []byte("planted-secret-value")) {
			t.Errorf("%s holds a secret", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

var changing = regexp.MustCompile(`"\d{4}-\d\d-\d\dT[0-9:.]+Z"|"sha256:[0-9a-f]+"`)

// withoutTimes is a site's report without times and the digest of its config.
func withoutTimes(t *testing.T, s *site) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(s.dir, "report.json"))
	if err != nil {
		t.Fatal(err)
	}
	return changing.ReplaceAllString(string(text), `"…"`)
}
