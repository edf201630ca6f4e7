//go:build e2e

package main

import (
	"strings"
	"testing"
)

// testDoctor examines everything on a moto server: each type is tried, with a call or two.
func testDoctor(t *testing.T, moto string) {
	server := before(t, moto)
	s := newSite(t, server.URL, "sources:\n  - {name: aws, collector: aws, regions: [us-east-1]}\n")
	states, types := map[string]string{}, 0
	for _, row := range rows[struct{ Scope, State, Detail string }](s, "doctor") {
		states[row.Scope] = row.State + " " + row.Detail
		if strings.Contains(row.Scope, "/AWS::") {
			types++
		}
		if (row.State == "failed") != (row.Detail != "" && strings.Contains(row.Scope, "/")) {
			t.Errorf("%s is %s: %q", row.Scope, row.State, row.Detail)
		}
	}
	for scope, want := range map[string]string{
		"credentials":                            "ok arn:aws:sts::123456789012:user/moto",
		"123456789012":                           "ok regions: us-east-1",
		"123456789012/us-east-1/AWS::SQS::Queue": "ok ",
		"123456789012/global/AWS::S3::Bucket":    "ok ",
	} {
		if states[scope] != want {
			t.Errorf("%s is %q, want %q", scope, states[scope], want)
		}
	}
	if got := states["123456789012/us-east-1/AWS::EC2::PlacementGroup"]; !strings.HasPrefix(got, "failed ") {
		t.Errorf("what moto lacks is %q", got)
	}
	calls := 0
	for _, c := range server.Calls() {
		if !c.Again { // moto breaks down at what it lacks, which is tried more than once
			calls++
		}
	}
	if t.Logf("%d calls for %d types", calls, types); types < 150 || calls > 2*types {
		t.Errorf("%d calls for %d types", calls, types)
	}
}
