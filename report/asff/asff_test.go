package asffreport

import (
	"encoding/json"
	"flag"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/report/ci"
	"github.com/muster-audit/muster/report/reporttest"
	"github.com/muster-audit/muster/rules"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func read(t *testing.T, r *report.Report) []finding {
	t.Helper()
	var out []finding
	if err := json.Unmarshal(reporttest.Encode(t, New(Options{}), r), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestSuite(t *testing.T) { reporttest.Run(t, New(Options{})) }

func TestGolden(t *testing.T) {
	reporttest.Golden(t, "small.json", reporttest.Encode(t, New(Options{}), reporttest.Small()), *update)
}

// inAWS is a hostile report whose assets are in AWS all the same.
func inAWS() *report.Report {
	r := reporttest.Hostile()
	for i := range r.Findings {
		r.Findings[i].Asset.Key = "arn:aws:ec2:eu-west-1:111122223333:" + r.Findings[i].Asset.Key
		r.Findings[i].Asset.Account, r.Findings[i].Asset.Region = "111122223333", "eu-west-1"
	}
	return r
}

func TestSchema(t *testing.T) {
	wrong := reporttest.Schema(t, "asff.schema.json")
	fixtures := reporttest.Fixtures()
	fixtures["hostile, in AWS"] = inAWS
	for name, build := range fixtures {
		if err := wrong(reporttest.Encode(t, New(Options{}), build())); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := len(read(t, inAWS())); n < 10 {
		t.Errorf("%d hostile findings arrive", n)
	}
	text := string(reporttest.Encode(t, New(Options{}), reporttest.Small()))
	for _, c := range []struct{ old, with string }{
		{`"CRITICAL"`, `"DIRE"`}, {`"FAILED"`, `"PASSED"`}, {`"aws"`, `"azure"`}, {`product/111122223333/`, `product/1/`}, {`"Title":"`, `"Title":" ","x":"`},
	} {
		if changed := strings.Replace(text, c.old, c.with, 1); changed == text || wrong([]byte(changed)) == nil {
			t.Errorf("the schema accepts %s", c.with)
		}
	}
}

func TestWhatIsNotInAWSIsLeftOutAndCounted(t *testing.T) {
	r := reporttest.Small()
	left := 0
	reporttest.Encode(t, New(Options{LeftOut: func(n int) { left = n }}), r)
	want := 0
	for f := range ci.Open(r) {
		if !strings.HasPrefix(string(f.Asset.Type), "AWS::") {
			want++
		}
	}
	if left != want || want == 0 {
		t.Errorf("%d left out, want %d", left, want)
	}
	for _, f := range read(t, r) {
		if strings.Contains(f.Resources[0].ID, "googleapis") || strings.HasPrefix(f.Resources[0].ID, "SRV-") {
			t.Errorf("%s is in no account", f.Resources[0].ID)
		}
	}
	reporttest.Encode(t, New(Options{LeftOut: func(int) { t.Error("nothing is left out, and it says so") }}), reporttest.Big(5))
}

// TestNothingPasses: what is resolved or accepted is taken off the list, and what could not be judged again is no failure.
func TestNothingPasses(t *testing.T) {
	got := map[string]int{}
	for _, f := range read(t, reporttest.Small()) {
		got[f.RecordState+" "+f.Compliance.Status]++
	}
	want := map[string]int{"ACTIVE FAILED": 6, "ACTIVE WARNING": 1, "ARCHIVED NOT_AVAILABLE": 3}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("states (-want +got):\n%s", d)
	}
}

func TestIDsAreStableAndTimesGrow(t *testing.T) {
	ids := func(r *report.Report) (out []string, updated string) {
		seen := map[string]bool{}
		for _, f := range read(t, r) {
			if seen[f.ID] {
				t.Errorf("%s is not unique", f.ID)
			}
			seen[f.ID] = true
			out, updated = append(out, f.ID), f.UpdatedAt
		}
		return out, updated
	}
	r := reporttest.Big(200)
	before, then := ids(r)
	r.Scan.Started, r.Scan.Finished = r.Scan.Started.Add(24*time.Hour), r.Scan.Finished.Add(24*time.Hour)
	for i := range r.Findings {
		r.Findings[i].Message = "in other words"
	}
	after, now := ids(r)
	if d := cmp.Diff(before, after); d != "" || now <= then {
		t.Errorf("updated %s, then %s; ids:\n%s", then, now, d)
	}
}

func TestHomes(t *testing.T) {
	const account = "111122223333"
	for _, c := range []struct {
		name string
		ref  rules.AssetRef
		want string // product ARN; empty is none
	}{
		{"a region", rules.AssetRef{Key: "arn:aws:ec2:eu-west-1:111122223333:instance/i-1", Type: "AWS::EC2::Instance", Account: account, Region: "eu-west-1"}, "arn:aws:securityhub:eu-west-1:111122223333:product/111122223333/default"},
		{"declared, by address", rules.AssetRef{Key: "prod.tfstate#aws_sqs_queue.a", Type: "AWS::SQS::Queue", Account: account, Region: "eu-west-1"}, "arn:aws:securityhub:eu-west-1:111122223333:product/111122223333/default"},
		{"no region by nature", rules.AssetRef{Key: "arn:aws:iam::111122223333:role/x", Type: "AWS::IAM::Role", Account: account}, "arn:aws:securityhub:us-east-1:111122223333:product/111122223333/default"},
		{"global, in China", rules.AssetRef{Key: "arn:aws-cn:iam::111122223333:role/x", Type: "AWS::IAM::Role", Account: account, Region: "global"}, "arn:aws-cn:securityhub:cn-north-1:111122223333:product/111122223333/default"},
		{"by region in the government's", rules.AssetRef{Key: "x#y", Type: "AWS::SQS::Queue", Account: account, Region: "us-gov-east-1"}, "arn:aws-us-gov:securityhub:us-gov-east-1:111122223333:product/111122223333/default"},
		{"of any type with an ARN", rules.AssetRef{Key: "arn:aws:new:eu-west-1:111122223333:x/y", Type: "aws/unknown", Account: account, Region: "eu-west-1"}, "arn:aws:securityhub:eu-west-1:111122223333:product/111122223333/default"},
		{"region not known", rules.AssetRef{Key: "prod.tfstate#aws_sqs_queue.a", Type: "AWS::SQS::Queue", Account: account}, ""},
		{"account not known", rules.AssetRef{Key: "prod.tfstate#aws_sqs_queue.a", Type: "AWS::SQS::Queue", Region: "eu-west-1"}, ""},
		{"account that is none", rules.AssetRef{Type: "AWS::SQS::Queue", Account: "11112222333x", Region: "eu-west-1"}, ""},
		{"region that is none", rules.AssetRef{Type: "AWS::SQS::Queue", Account: account, Region: "eu-west-1\n"}, ""},
		{"Google", rules.AssetRef{Key: "//compute.googleapis.com/x", Type: "compute.googleapis.com/Instance", Account: account, Region: "europe-west1"}, ""},
		{"a register's row in an account", rules.AssetRef{Key: "SRV-1", Type: "datacenter/server", Account: account, Region: "eu-west-1"}, ""},
	} {
		h, ok := homeOf(&c.ref)
		got := ""
		if ok {
			got = h.product()
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestResourceTypes(t *testing.T) {
	r := reporttest.Big(2)
	r.Accepted = nil
	r.Findings[0].Asset.Type = "AWS::ElasticLoadBalancingV2::LoadBalancer"
	r.Findings[1].Asset.Type = "AWS::Glue::Job"
	got := map[string]bool{}
	for _, f := range read(t, r) {
		got[f.Resources[0].Type] = true
	}
	if d := cmp.Diff(map[string]bool{"AwsElbv2LoadBalancer": true, "Other": true}, got); d != "" {
		t.Error(d)
	}
	for typ, name := range resourceTypes() {
		service, _, _ := strings.Cut(strings.TrimPrefix(string(typ), "AWS::"), "::")
		if !strings.HasPrefix(name, "Aws") || !strings.EqualFold(name[3:5], service[:2]) {
			t.Errorf("%s is called %s", typ, name)
		}
	}
}

func FuzzHome(f *testing.F) {
	for _, p := range reporttest.Payloads() {
		f.Add("arn:aws:ec2:eu-west-1:"+p, p, p)
		f.Add(p, "111122223333", "eu-west-1")
	}
	f.Fuzz(func(t *testing.T, key, account, region string) {
		h, ok := homeOf(&rules.AssetRef{Key: key, Type: "AWS::EC2::Instance", Account: account, Region: region})
		if ok && (!accountID(h.account) || !regionName(h.region) || h.partition == "") {
			t.Errorf("%+v", h)
		}
	})
}
