package aws

import (
	"slices"
	"testing"
)

// TestOptions holds what is said about options that cannot be meant.
func TestOptions(t *testing.T) {
	const id, role = "111122223333", "arn:aws:iam::111122223333:role/Reader"
	for _, c := range []struct {
		name string
		o    Options
		want []string
	}{
		{"good", Options{Regions: []string{"eu-west-1"}, Types: []string{"AWS::EC2::*"}, Accounts: []Account{{ID: id, Role: role, ExternalID: "x"}}}, nil},
		{"region", Options{Regions: []string{"eu-west"}}, []string{`regions[0]: "eu-west" is no region: write it as eu-west-1`}},
		{"region twice", Options{Regions: []string{"eu-west-1", "eu-west-1"}}, []string{"regions[1]: region eu-west-1 is there twice"}},
		{"type", Options{Types: []string{"AWS::EC2::Instnce"}}, []string{`types[0]: "AWS::EC2::Instnce" matches no AWS type: did you mean "AWS::EC2::Instance"?`}},
		{"glob", Options{Types: []string{"AWS::EC2::*", "AWS::SQSS::*"}}, []string{`types[1]: "AWS::SQSS::*" matches no AWS type: did you mean "AWS::SQS::*"?`}},
		{"short glob", Options{Types: []string{"EC2::*"}}, []string{`types[0]: "EC2::*" matches no AWS type: did you mean "AWS::EC2::*"?`}},
		{"no glob", Options{Types: []string{"queues"}}, []string{`types[0]: "queues" matches no AWS type: write a type or a glob, as AWS::EC2::*`}},
		{"id", Options{Accounts: []Account{{ID: "1234", Role: role}}}, []string{`accounts[0].id: "1234" is no account id: write twelve digits in quotes`}},
		{"id twice", Options{Accounts: []Account{{ID: id}, {ID: id}}}, []string{"accounts[1].id: account 111122223333 is there twice"}},
		{"role", Options{Accounts: []Account{{ID: id, Role: "Reader"}}}, []string{`accounts[0].role: "Reader" is no ARN of a role: write it as arn:aws:iam::111122223333:role/MusterReadOnly`}},
		{"role of another", Options{Accounts: []Account{{ID: "222222222222", Role: role}}}, []string{
			"accounts[0].role: the role is not of account 222222222222: give the id of the role's own account",
		}},
		{"external id", Options{Accounts: []Account{{ID: id, ExternalID: "x"}}}, []string{"accounts[0].external_id: it goes with a role: name one"}},
		{"both", Options{Accounts: []Account{{ID: id}}, Organization: &Organization{RoleName: "Reader"}}, []string{"organization: give accounts or organization, not both"}},
		{"organization", Options{Organization: &Organization{RoleName: "a b", Exclude: []string{"x"}}}, []string{
			`organization.role_name: "a b" is no name of a role: write it as MusterReadOnly`,
			`organization.exclude[0]: "x" is no account id: write twelve digits in quotes`,
		}},
		{"times", Options{RecheckEmpty: -1, CallTimeout: -1}, []string{
			"recheck_empty: -1ns: want more than 0, as 168h", "call_timeout: -1ns: want more than 0, as 60s",
		}},
	} {
		var got []string
		for _, p := range c.o.Validate() {
			got = append(got, p.Option+": "+p.Message)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
