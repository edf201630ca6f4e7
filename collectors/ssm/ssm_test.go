package ssm_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/agents"
	"github.com/muster-audit/muster/collectors/agents/agentstest"
	"github.com/muster-audit/muster/collectors/collectortest"
	"github.com/muster-audit/muster/collectors/ssm"
	"github.com/muster-audit/muster/inventory"
)

// The machines of testdata and of the tests are made up after the documented form of describe-instance-information.

func TestConformance(t *testing.T) {
	cfg := agentstest.Config(ssm.Spec(), func(o *agents.Options) {
		o.Paths, o.MaxAge, o.Account, o.Region = []string{"*.json"}, 72*time.Hour, "111122223333", "eu-west-1"
	})
	cfg.Generate = func(dir string, n int) error {
		return collectortest.LinesFile(dir+"/all.json", `{"InstanceInformationList": [`+"\n", n, func(i int) string {
			end := ","
			if i == n-1 {
				end = "]}"
			}
			return fmt.Sprintf(`{"InstanceId": "mi-%017x", "LastPingDateTime": 1772366292}%s`+"\n", i, end)
		})
	}
	collectortest.Run(t, cfg)
}

// TestInstancesAreKnownByName: with account and region an instance has the ARN under which the cloud reports it, and no machine
// from outside of EC2 has an instance id.
func TestInstancesAreKnownByName(t *testing.T) {
	for _, c := range []struct {
		account, region, want string
	}{
		{"111122223333", "eu-west-1", "arn:aws:ec2:eu-west-1:111122223333:instance/i-00112233"},
		{"111122223333", "cn-north-1", "arn:aws-cn:ec2:cn-north-1:111122223333:instance/i-00112233"},
		{"111122223333", "us-gov-west-1", "arn:aws-us-gov:ec2:us-gov-west-1:111122223333:instance/i-00112233"},
		{"", "eu-west-1", ""},
		{"111122223333", "", ""},
		{"acme", "eu-west-1", ""},
	} {
		text := `{"InstanceInformationList":[{"InstanceId":"i-00112233"},{"InstanceId":"mi-0123456789abcdef0"}]}`
		r := agentstest.Files(t, ssm.Spec(), map[string]string{"i.json": text}, func(o *agents.Options) { o.Account, o.Region = c.account, c.region })
		var arn, id string
		for _, i := range r.Find(t, "ssm/i-00112233").Identifiers {
			switch i.Kind {
			case inventory.ARN:
				arn = i.Value
			case inventory.InstanceID:
				id = i.Value
			}
		}
		if arn != c.want || id != "i-00112233" {
			t.Errorf("%+v: arn %q, instance id %q", c, arn, id)
		}
		for _, i := range r.Find(t, "ssm/mi-0123456789abcdef0").Identifiers {
			if i.Kind == inventory.InstanceID || i.Kind == inventory.ARN {
				t.Errorf("the managed machine has %s %s", i.Kind, i.Value)
			}
		}
	}
}

func TestBadInput(t *testing.T) {
	for name, c := range map[string]struct{ text, err, problem string }{
		"page":     {`{"InstanceInformationList":[{"InstanceId":"i-00112233"}],"NextToken":"abc"}`, "one page of several", ""},
		"other":    {`{"Reservations":[]}`, "", "no InstanceId"},
		"cut":      {`{"InstanceInformationList":[{"InstanceId":"i-00112233"}`, "ends in the middle", ""},
		"a number": {`{"InstanceInformationList":[7]}`, "", "no InstanceId"},
	} {
		r := agentstest.Files(t, ssm.Spec(), map[string]string{"i.json": c.text}, nil)
		var e *collectors.Error
		switch {
		case c.err != "" && (!errors.As(r.Err, &e) || e.Reason != inventory.ReasonUntrusted || !strings.Contains(r.Err.Error(), c.err)):
			t.Errorf("%s: error %v, want %q", name, r.Err, c.err)
		case c.err == "" && r.Err != nil:
			t.Errorf("%s: %v", name, r.Err)
		case c.problem != "" && (len(r.Problems) != 1 || !strings.Contains(r.Problems[0].Message, c.problem)):
			t.Errorf("%s: problems %v, want %q", name, r.Problems, c.problem)
		}
	}
}

func FuzzSSM(f *testing.F) {
	agentstest.Fuzz(f, ssm.Spec(), "i.json", `{"InstanceInformationList":[{"InstanceId":"i-00112233","LastPingDateTime":"2026-03-01T11:58:12Z"}]}`, `[{"InstanceId":"mi-1","LastPingDateTime":1e300}]`)
}
