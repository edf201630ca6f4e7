//go:build e2e

package main

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/muster-audit/muster/collectors/aws/awstest"
)

const (
	otherAccount   = "222222222222"
	refusedAccount = "333333333333"
)

const accountsConfig = `sources:
  - name: aws
    collector: aws
    regions: [us-east-1]
    sweep: false
    types: ["AWS::SQS::Queue", "AWS::S3::Bucket", "AWS::DynamoDB::Table", "AWS::IAM::Role"]
    accounts:
      - {id: "123456789012"}
      - {id: "222222222222", role: "arn:aws:iam::222222222222:role/Reader", external_id: shared}
      - {id: "333333333333", role: "arn:aws:iam::333333333333:role/Refused"}
`

// roleRefused answers for a role that must not be assumed.
func roleRefused(names ...string) func(awstest.Call) *awstest.Answer {
	return func(c awstest.Call) *awstest.Answer {
		form, _ := url.ParseQuery(c.Body)
		if c.Operation != "AssumeRole" || !slices.ContainsFunc(names, func(n string) bool { return strings.HasSuffix(form.Get("RoleArn"), n) }) {
			return nil
		}
		return &awstest.Answer{Status: http.StatusForbidden, Code: "AccessDenied"}
	}
}

// TestMotoAccounts reads an account with the credentials as they are, one by a role, and one whose role is refused.
func TestMotoAccounts(t *testing.T) {
	t.Parallel()
	moto := moto(t)
	made := map[string]string{} // account by key
	for line := range strings.Lines(python(t, moto, "accounts.py", motoAccount, otherAccount)) {
		account, key, _ := strings.Cut(strings.TrimSpace(line), " ")
		made[key] = account
	}
	server := before(t, moto)
	server.Intrude(roleRefused("/Refused"))
	s := newSite(t, server.URL, accountsConfig)
	out := s.run([]int{3}, "scan")
	got := s.assets()
	for key, account := range made {
		if got[key].Account != account {
			t.Errorf("%s is of account %q, want %q", key, got[key].Account, account)
		}
	}
	for key, a := range got {
		if made[key] == "" {
			t.Errorf("%s of account %s was found, and nobody made it", key, a.Account)
		}
	}
	checkScopes(s, "ok")
	for _, want := range []string{"333333333333/*: failed: ", "arn:aws:iam::333333333333:role/Refused", "trust policy"} {
		if !strings.Contains(out, want) {
			t.Errorf("the refused account: %q is missing in\n%s", want, out)
		}
	}

	// The next night the other account's role is refused too: what it held stands.
	server.Intrude(roleRefused("/Refused", "/Reader"))
	s.run([]int{3}, "scan")
	if all := s.differences("1", "2"); len(all) > 0 {
		t.Errorf("after the role was refused: %v", all)
	}
	if again := s.assets(); len(again) != len(got) {
		t.Errorf("%d assets, want %d", len(again), len(got))
	}
	checkScopes(s, "failed", "failed") // and the one that stands for all
}

// checkScopes holds the scopes of the three accounts: those of the own one are read, those of the other one are in the state, and one
// stands for the refused one.
func checkScopes(s *site, other string, more ...string) {
	s.t.Helper()
	states := map[string][]string{}
	for _, r := range rows[struct{ Scope, State string }](s, "query", "SELECT scope, state FROM scope_runs_now ORDER BY scope") {
		account, _, _ := strings.Cut(r.Scope, "/")
		states[account] = append(states[account], r.State)
	}
	for account, want := range map[string][]string{
		motoAccount: {"ok", "ok", "ok", "ok"}, otherAccount: append([]string{other, other, other, other}, more...), refusedAccount: {"failed"},
	} {
		if got := states[account]; !slices.Equal(got, want) {
			s.t.Errorf("scopes of account %s are %v, want %v", account, got, want)
		}
	}
}

// testRegion names a region that there is not.
func testRegion(t *testing.T, moto string) {
	s := newSite(t, moto, "sources:\n  - {name: aws, collector: aws, sweep: false, regions: [us-east-1, eu-wets-1], types: [\"AWS::SQS::Queue\"]}\n")
	if out := s.run([]int{3}, "scan"); !strings.Contains(out, `/eu-wets-1/*: failed: there is no region "eu-wets-1": did you mean "eu-west-1"?`) {
		t.Error(out)
	}
	if all := s.assets(); len(all) != 2 {
		t.Errorf("%d queues of the other region", len(all))
	}
}
