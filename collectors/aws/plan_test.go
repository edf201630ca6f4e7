package aws

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/aws/awstest"
	"github.com/muster-audit/muster/collectors/aws/session"
	"github.com/muster-audit/muster/inventory"
)

func ids(t *testing.T, c *collector) []string {
	t.Helper()
	var list []string
	for id := range scopesOf(t, c) {
		list = append(list, id)
	}
	slices.Sort(list)
	return list
}

func onlyQueues(o Options) Options {
	o.Types = []string{"AWS::SQS::Queue"}
	return o
}

func TestScopesOfAccounts(t *testing.T) {
	s := awstest.New(t)
	queues(s)
	c := newTest(t, s, onlyQueues(Options{Regions: []string{"eu-west-1"}, Accounts: []Account{
		{ID: "111122223333"},
		{ID: "222222222222", Role: "arn:aws:iam::222222222222:role/Reader"},
		{ID: "333333333333", Role: "arn:aws:iam::333333333333:role/Refused"},
		{ID: "444444444444"},
	}}))
	want := []string{
		"111122223333/eu-west-1/AWS::SQS::Queue", "222222222222/eu-west-1/AWS::SQS::Queue", "333333333333/*", "444444444444/*",
	}
	if got := ids(t, c); !slices.Equal(got, want) {
		t.Fatalf("scopes %v, want %v", got, want)
	}
	scopes := scopesOf(t, c)
	if r := read(t.Context(), c, scopes["111122223333/eu-west-1/AWS::SQS::Queue"]); r.err != nil || len(r.assets) != 6 {
		t.Errorf("own account: %v, %d assets", r.err, len(r.assets))
	}
	s.Calls()
	read(t.Context(), c, scopes["222222222222/eu-west-1/AWS::SQS::Queue"])
	for _, call := range s.Calls() {
		if call.Account != "222222222222" && call.Operation != "AssumeRole" {
			t.Errorf("%s was called in account %s", call.Operation, call.Account)
		}
	}
	for id, words := range map[string]string{"333333333333/*": "role/Refused", "444444444444/*": "give accounts[].role"} {
		sc := scopes[id]
		r := read(t.Context(), c, sc)
		if r.reason() != inventory.ReasonDenied || !strings.Contains(r.err.Error(), words) {
			t.Errorf("%s: %v", id, r.err)
		}
		if !slices.Equal(sc.StandsFor, []string{id}) || !slices.Equal(sc.Covers.Accounts, []string{sc.Params[paramAccount]}) {
			t.Errorf("%s: %+v", id, sc)
		}
	}
}

func TestScopesOfOrganization(t *testing.T) {
	s := awstest.New(t)
	queues(s)
	s.On("organizations:ListAccounts", awstest.Pages(
		`{"Accounts":[{"Id":"111122223333","State":"ACTIVE"},{"Id":"555555555555","Status":"SUSPENDED"}],"NextToken":"`+awstest.PageToken(1)+`"}`,
		`{"Accounts":[{"Id":"222222222222","Status":"ACTIVE"},{"Id":"666666666666","State":"ACTIVE"}]}`,
	))
	c := newTest(t, s, onlyQueues(Options{Regions: []string{"eu-west-1"}, Organization: &Organization{RoleName: "Reader", Exclude: []string{"666666666666"}}}))
	want := []string{"111122223333/eu-west-1/AWS::SQS::Queue", "222222222222/eu-west-1/AWS::SQS::Queue", "555555555555/*"}
	if got := ids(t, c); !slices.Equal(got, want) {
		t.Fatalf("scopes %v, want %v", got, want)
	}
	scopes := scopesOf(t, c)
	if got := scopes["222222222222/eu-west-1/AWS::SQS::Queue"].Params[paramRole]; got != "arn:aws:iam::222222222222:role/Reader" {
		t.Errorf("role %q", got)
	}
	if got := scopes["111122223333/eu-west-1/AWS::SQS::Queue"].Params[paramRole]; got != "" {
		t.Errorf("the caller's own account is entered by role %q", got)
	}
	if r := read(t.Context(), c, scopes["555555555555/*"]); r.reason() != inventory.ReasonSuspended || !r.reason().Skips() {
		t.Errorf("suspended account: %v", r.err)
	}
}

func TestRegions(t *testing.T) {
	s := awstest.New(t)
	c := newTest(t, s, onlyQueues(Options{Regions: []string{"eu-west-1", "eu-wset-1", "ap-east-1"}}))
	scopes := scopesOf(t, c)
	if _, ok := scopes["111122223333/eu-west-1/AWS::SQS::Queue"]; !ok || len(scopes) != 3 {
		t.Fatalf("scopes %v", scopes)
	}
	wrong := read(t.Context(), c, scopes["111122223333/eu-wset-1/*"])
	if wrong.err == nil || !strings.Contains(wrong.err.Error(), `did you mean "eu-west-1"`) {
		t.Errorf("wrong name: %v", wrong.err)
	}
	if off := read(t.Context(), c, scopes["111122223333/ap-east-1/*"]); off.reason() != inventory.ReasonNotEnabled {
		t.Errorf("region that is not enabled: %v", off.err)
	}
}

// Where the regions cannot be listed, those of the config are read all the same; without any, the account is one scope that fails.
func TestRegionsRefused(t *testing.T) {
	s := awstest.New(t)
	s.On("ec2:DescribeRegions", func(awstest.Call) awstest.Answer { return awstest.Answer{Status: 403, Code: "UnauthorizedOperation"} })
	if got := ids(t, newTest(t, s, onlyQueues(Options{Regions: []string{"eu-west-1"}}))); !slices.Equal(got, []string{"111122223333/eu-west-1/AWS::SQS::Queue"}) {
		t.Errorf("scopes %v", got)
	}
	c := newTest(t, s, onlyQueues(Options{}))
	if got := ids(t, c); !slices.Equal(got, []string{"111122223333/*"}) {
		t.Errorf("scopes %v", got)
	}
}

// A scope tells whether its source leaves regions out: what may be anywhere may then be there.
func TestOtherRegions(t *testing.T) {
	s := awstest.New(t)
	for _, tt := range []struct {
		regions []string
		want    bool
	}{{nil, false}, {[]string{"eu-west-1"}, true}} {
		c := newTest(t, s, Options{Regions: tt.regions, Types: []string{"AWS::SQS::Queue", "AWS::IAM::Role"}})
		scopes := scopesOf(t, c)
		if got := scopes["111122223333/eu-west-1/AWS::SQS::Queue"].Covers.OtherRegions; got != tt.want {
			t.Errorf("regions %v: queues may be elsewhere: %t, want %t", tt.regions, got, tt.want)
		}
		if scopes["111122223333/global/AWS::IAM::Role"].Covers.OtherRegions {
			t.Errorf("regions %v: roles, which have no region, may be elsewhere", tt.regions)
		}
	}
}

func TestNoCredentials(t *testing.T) {
	s := awstest.New(t)
	c := newTest(t, s, onlyQueues(Options{}))
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	_, err := c.Scopes(t.Context())
	if session.ReasonOf(err) != inventory.ReasonDenied || !strings.Contains(err.Error(), "aws sso login") {
		t.Errorf("error %v", err)
	}
}

// Nothing but what listers declare is sent: a write is refused before anything leaves the machine, whoever makes it.
func TestWritesAreRefused(t *testing.T) {
	s := awstest.New(t)
	c := newTest(t, s, Options{})
	for _, role := range []session.Role{{}, {ARN: "arn:aws:iam::222222222222:role/Reader"}} {
		cfg, err := c.session.Config(t.Context(), "111122223333", role, "eu-west-1")
		if err != nil {
			t.Fatal(err)
		}
		s.Calls()
		_, err = sqs.NewFromConfig(cfg).DeleteQueue(t.Context(), &sqs.DeleteQueueInput{QueueUrl: aws.String("http://x/1/q")})
		refused(t, err)
		_, err = ec2.NewFromConfig(cfg).TerminateInstances(t.Context(), &ec2.TerminateInstancesInput{InstanceIds: []string{"i-1"}})
		refused(t, err)
		if calls := s.Calls(); len(calls) > 0 {
			t.Errorf("sent %v", calls)
		}
	}
}

func refused(t *testing.T, err error) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), session.ErrRefused.Error()) {
		t.Errorf("error %v", err)
	}
}

// Every operation that may be sent reads by its name.
func TestOperationsRead(t *testing.T) {
	s := awstest.New(t)
	c := newTest(t, s, Options{})
	for _, op := range c.allowed {
		reads := []string{"Describe", "List", "Get", "BatchGet", "Search"}
		if !slices.ContainsFunc(reads, func(p string) bool { return strings.HasPrefix(op.Name, p) }) && op.Name != "AssumeRole" {
			t.Errorf("%s %s does not sound like a read", op.Service, op.Name)
		}
	}
}

func TestEmptyBefore(t *testing.T) {
	s := awstest.New(t)
	now := time.Date(2026, 3, 10, 2, 0, 0, 0, time.UTC)
	scope := "111122223333/eu-west-1/AWS::SQS::Queue"
	for _, test := range []struct {
		name    string
		earlier *collectors.Earlier
		rests   bool
	}{
		{"never read", nil, false},
		{"held something", &collectors.Earlier{At: now.Add(-time.Hour), Assets: 1}, false},
		{"was empty yesterday", &collectors.Earlier{At: now.Add(-24 * time.Hour)}, true},
		{"was empty long ago", &collectors.Earlier{At: now.Add(-8 * 24 * time.Hour)}, false},
	} {
		c := newTest(t, s, onlyQueues(Options{Regions: []string{"eu-west-1"}, RecheckEmpty: 7 * 24 * time.Hour}))
		c.env.Now = func() time.Time { return now }
		c.env.Earlier = func(id string) (collectors.Earlier, bool) {
			if test.earlier == nil || id != scope {
				return collectors.Earlier{}, false
			}
			return *test.earlier, true
		}
		r := read(t.Context(), c, scopesOf(t, c)[scope])
		if got := r.reason() == inventory.ReasonEmptyBefore; got != test.rests {
			t.Errorf("%s: %v", test.name, r.err)
		}
	}
}
