package aws

import (
	"slices"
	"testing"

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
