package aws

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/aws/smithy-go"

	"github.com/muster-audit/muster/collectors/aws/awstest"
)

// A refusal names who was refused. That the role's name holds the word AssumeRole does not make it one of the role.
func TestRegionsRefusedToRoleOfSuchAName(t *testing.T) {
	s := awstest.New(t)
	s.On("ec2:DescribeRegions", func(awstest.Call) awstest.Answer {
		return awstest.Answer{Status: 403, Body: `<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>User: ` +
			`arn:aws:sts::222222222222:assumed-role/AssumeRoleReader/muster is not authorized to perform: ec2:DescribeRegions</Message></Error></Errors></Response>`}
	})
	c := newTest(t, s, onlyQueues(Options{Regions: []string{"eu-west-1"}, Accounts: []Account{
		{ID: "222222222222", Role: "arn:aws:iam::222222222222:role/AssumeRoleReader"},
	}}))
	if got := ids(t, c); !slices.Equal(got, []string{"222222222222/eu-west-1/AWS::SQS::Queue"}) {
		t.Errorf("scopes %v", got)
	}
}

func TestRoleRefused(t *testing.T) {
	failed := func(operation string, err error) error {
		return fmt.Errorf("list the regions of the account: %w", &smithy.OperationError{ServiceID: "any", OperationName: operation, Err: err})
	}
	denied := &smithy.GenericAPIError{Code: "AccessDenied", Message: "not authorized to perform: sts:AssumeRole"}
	for _, c := range []struct {
		name string
		err  error
		want bool
	}{
		{"the call", failed("DescribeRegions", denied), false},
		{"the role", failed("DescribeRegions", fmt.Errorf("get credentials: %w", failed("AssumeRole", denied))), true},
		{"the role that a token gives", failed("DescribeRegions", failed("AssumeRoleWithWebIdentity", denied)), true},
		{"no call", errors.New("AssumeRole"), false},
	} {
		if got := roleRefused(c.err); got != c.want {
			t.Errorf("%s: %t", c.name, got)
		}
	}
}
