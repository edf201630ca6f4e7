package ci

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/report/reporttest"
)

func TestGaps(t *testing.T) {
	var got []string
	for _, g := range Gaps(reporttest.Small()) {
		got = append(got, g.ID+" = "+g.Text)
	}
	want := []string{
		"unread/aws-prod = source aws-prod: 1 of 4 scopes could not be read, so that what is not seen there is unknown, not absent; first: " +
			"111122223333/us-east-1/AWS::EC2::Instance: failed, denied: UnauthorizedOperation: ec2:DescribeInstances is denied by a service control policy",
		"unread/dc = source dc: 1 of 1 scope could be read in part only, so that what is not seen there is unknown, not absent; first: " +
			"cmdb/servers.csv: partial, skipped-rows: 2 rows have no key: lines 17 and 203",
		"unread/infra = source infra: 1 of 2 scopes could not be read, so that what is not seen there is unknown, not absent; first: " +
			"states/network.tfstate: failed, error: parse state \"states/network.tfstate\": line 880: unexpected end of file: run terraform state pull again",
		"unknown/drift/missing = drift/missing could not judge 4 assets: scope not read: aws-prod 111122223333/us-east-1/AWS::EC2::Instance",
		"unknown/records/ghost = records/ghost could not judge 1 asset: scope not read: aws-prod 111122223333/us-east-1/AWS::EC2::Instance",
		"unknown/tags/owner = tags/owner could not judge 6 assets: tags could not be read",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("gaps (-want +got):\n%s", d)
	}
	if got := Gaps(reporttest.Clean()); got != nil {
		t.Errorf("everything was read, and the gaps are %v", got)
	}
}

func TestUnknownForSeveralReasons(t *testing.T) {
	r := &report.Report{Unknown: []report.UnknownCount{{Rule: "tags/a", Reason: "x", Entities: 2}, {Rule: "tags/a", Reason: "y", Entities: 3}, {Rule: "tags/a", Reason: "z", Entities: 1}}}
	got := Gaps(r)
	if len(got) != 1 || got[0].Text != "tags/a could not judge 6 assets: x; and for other reasons" {
		t.Errorf("%+v", got)
	}
}

func TestAnInterruptedScanIsAGap(t *testing.T) {
	r := &report.Report{Scan: report.Scan{Started: time.Unix(1, 0)}}
	if got := Gaps(r); len(got) != 1 || !got[0].Unread {
		t.Errorf("%+v", got)
	}
}

// TestGapsLeaveRoomForFindings: however much is unknown, it takes two annotations.
func TestGapsLeaveRoomForFindings(t *testing.T) {
	r := reporttest.Small()
	for i := range 100 {
		r.Scopes = append(r.Scopes, report.Scope{Source: fmt.Sprint("source", i), State: inventory.RunFailed})
		r.Unknown = append(r.Unknown, report.UnknownCount{Rule: fmt.Sprint("tags/", i), Entities: 1})
	}
	got := Annotations(r, files(), func(l Level) Level { return l })
	gaps := 0
	for _, a := range got {
		if a.Code == UnreadRule || a.Code == unknownRule {
			gaps++
			if n := strings.Count(a.Text, "\n"); n != perLevel || !strings.HasSuffix(a.Text, "\nand 93 more") {
				t.Errorf("%d lines: %s", n, a.Text)
			}
		}
	}
	if gaps != 2 || len(got) != 1+2+11 {
		t.Errorf("%d annotations, %d of gaps", len(got), gaps)
	}
}

func TestOpenLeavesOutTheResolved(t *testing.T) {
	n := 0
	r := reporttest.Small()
	for f := range Open(r) {
		n++
		if f.State == inventory.FindingResolved {
			t.Errorf("%s is resolved", f.Asset.Key)
		}
	}
	if n != len(r.Findings)-r.Summary.Resolved {
		t.Errorf("%d findings", n)
	}
}

func TestDetail(t *testing.T) {
	for f := range Open(reporttest.Small()) {
		if f.Rule != "drift/changed" || f.Asset.Name != "payments-api-1" {
			continue
		}
		got := strings.Join(Detail(f), "\n")
		for _, want := range []string{
			"asset: arn:aws:ec2:eu-west-1:111122223333:instance/i-0c9d8e7f6a5b4c3d2", "source: observed, aws-prod", "owner: payments",
			`differs: InstanceType is "t3.large", declared "t3.micro"`, `differs: tags.env is not there, declared "prod"`, "fix: terraform apply",
		} {
			if !strings.Contains(got, want) {
				t.Errorf("no %q in\n%s", want, got)
			}
		}
		if got := Message(f); got != "payments-api-1 (AWS::EC2::Instance in 111122223333, eu-west-1): 3 attributes differ from the code" {
			t.Errorf("message %q", got)
		}
	}
}

func TestUnconfirmedIsSaid(t *testing.T) {
	said := 0
	for f := range Open(reporttest.Small()) {
		if strings.Contains(strings.Join(Detail(f), "\n"), "unconfirmed: ") != !f.Confirmed {
			t.Errorf("%s: confirmed %v", f.Asset.Key, f.Confirmed)
		}
		if !f.Confirmed {
			said++
		}
	}
	if said == 0 {
		t.Error("no unconfirmed finding in the fixture")
	}
}
