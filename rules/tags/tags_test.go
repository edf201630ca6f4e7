package tags

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
	"github.com/muster-audit/muster/rules"
	"github.com/muster-audit/muster/rules/expr"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

const policyText = `version: 1
tags:
  - {id: owner, keys: [owner, Owner, team], required: true, severity: high}
  - {id: env, keys: [env], required: true, values: [dev, staging, production], when: 'asset.type == "AWS::EC2::Instance"'}
  - {id: cost-center, keys: [cost-center], pattern: 'cc-[0-9]{4}'}
  - {id: no-secrets, prohibited: ['(?i).*password.*', 'token']}
  - {id: young, keys: [reviewed], required: true, grace: 24h}
  - {id: conditional, keys: [reviewed], required: true, when: 'asset.tags.env == "production"'}
  - {id: both, keys: [sla], values: [gold, s1], pattern: '[a-z]+'}
`

// ruleByID compiles the policy above and returns one of its rules.
func ruleByID(t testing.TB, id string) rules.Rule {
	t.Helper()
	for _, r := range Rules(mustParse(t, policyText), mustCatalog(t), now, nil) {
		if r.Meta().ID == "tags/"+id {
			return r
		}
	}
	t.Fatalf("the policy has no rule %s", id)
	return nil
}

func mustParse(t testing.TB, text string) *rules.Policy {
	t.Helper()
	p, err := rules.ParsePolicy("policy.yaml", []byte(text), rules.PolicyEnv{Expr: expr.Env{Now: now}})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func instance(tags inventory.Tags) *inventory.Entry {
	return &inventory.Entry{
		Source: "aws-prod", Scope: "111122223333/eu-west-1/AWS::EC2::Instance",
		Asset: inventory.Asset{
			Key: "arn:aws:ec2:eu-west-1:111122223333:instance/i-0abc", Book: inventory.Observed, Type: "AWS::EC2::Instance",
			Name: "web-1", Account: "111122223333", Region: "eu-west-1", Tags: tags, Created: now.Add(-48 * time.Hour),
		},
	}
}

func known(pairs ...string) inventory.Tags {
	var list []inventory.Tag
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, inventory.Tag{Key: pairs[i], Value: pairs[i+1]})
	}
	return inventory.KnownTags(list...)
}

func withUnknownValue(key string, pairs ...string) inventory.Tags {
	list := []inventory.Tag{{Key: key, ValueUnknown: true}}
	for t := range known(pairs...).All() {
		list = append(list, t)
	}
	return inventory.KnownTags(list...)
}

func check(t *testing.T, id string, e *rules.Entity) rules.Verdict {
	t.Helper()
	v, err := ruleByID(t, id).Check(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func observed(e *inventory.Entry) *rules.Entity {
	return &rules.Entity{Observed: []*inventory.Entry{e}}
}

func TestThreeValues(t *testing.T) {
	unconfirmed := instance(known("Name", "web-1"))
	unconfirmed.TagsUnconfirmed = true
	tests := []struct {
		name, rule string
		asset      *inventory.Entry
		want       rules.Outcome
		reason     string
	}{
		{"required", "owner", instance(inventory.UnknownTags()), rules.Unknown, "its tags could not be read"},
		{"required, of an earlier scan", "owner", unconfirmed, rules.Unknown, "its tags could not be read"},
		{"values", "env", instance(inventory.UnknownTags()), rules.Unknown, "its tags could not be read"},
		{"pattern", "cost-center", instance(inventory.UnknownTags()), rules.Unknown, "its tags could not be read"},
		{"prohibited", "no-secrets", instance(inventory.UnknownTags()), rules.Unknown, "its tags could not be read"},
		{
			"condition", "conditional", instance(inventory.UnknownTags()), rules.Unknown,
			"the rule's condition cannot be told: asset.tags is not known",
		},
		{"value not known", "owner", instance(withUnknownValue("owner")), rules.Unknown, `the value of its tag "owner" is not known`},
		{"value not known in an alias", "owner", instance(withUnknownValue("team", "owner", " ")), rules.Unknown, `the value of its tag "team" is not known`},
		{"value not known, but an alias decides", "owner", instance(withUnknownValue("owner", "team", "x")), rules.Pass, ""},
		{"value not known of a prohibited key", "no-secrets", instance(withUnknownValue("password")), rules.Fail, ""},
		{"not taggable", "owner", instance(inventory.NotTaggable()), rules.NotApplicable, "its type cannot be tagged"},
		{"not taggable and condition on tags", "conditional", instance(inventory.NotTaggable()), rules.NotApplicable, "its type cannot be tagged"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v := check(t, tt.rule, observed(tt.asset))
			if v.Outcome != tt.want || v.Reason != tt.reason {
				t.Errorf("got %s (%s), want %s (%s)", v.Outcome, v.Reason, tt.want, tt.reason)
			}
		})
	}
}

func TestKnownTags(t *testing.T) {
	tests := []struct {
		name, rule string
		tags       inventory.Tags
		want       rules.Outcome
		message    string
		parts      string
	}{
		{"there", "owner", known("owner", "payments"), rules.Pass, "", ""},
		{"in another spelling", "owner", known("team", "payments"), rules.Pass, "", ""},
		{"empty, but another spelling is not", "owner", known("owner", "", "Owner", "payments"), rules.Pass, "", ""},
		{"missing", "owner", known(), rules.Fail, `tag "owner" is missing (also accepted: Owner, team)`, "owner"},
		{"misspelt", "owner", known("ownr", "x", "env", "y"), rules.Fail, `tag "owner" is missing (also accepted: Owner, team)`, "owner"},
		{"misspelt at length", "young", known("rewieved", "x"), rules.Fail, `tag "reviewed" is missing; there is "rewieved"`, "reviewed"},
		{"empty", "owner", known("owner", ""), rules.Fail, `tag "owner" is empty`, "owner"},
		{"blank in another spelling", "owner", known("team", " \t"), rules.Fail, `tag "team" is empty`, "owner"},
		{"allowed", "env", known("env", "dev"), rules.Pass, "", ""},
		{
			"near an allowed one", "env", known("env", "Prodution"), rules.Fail,
			`tag "env" has the value "Prodution": allowed are dev, staging, production; nearest is "production"`, "env",
		},
		{
			"near none", "env", known("env", "xxxxxxxxxx"), rules.Fail,
			`tag "env" has the value "xxxxxxxxxx": allowed are dev, staging, production`, "env",
		},
		{"matches", "cost-center", known("cost-center", "cc-1234"), rules.Pass, "", ""},
		{"not there and not required", "cost-center", known(), rules.NotApplicable, "", ""},
		{
			"matches in part only", "cost-center", known("cost-center", "xcc-12345"), rules.Fail,
			`tag "cost-center" has the value "xcc-12345": the whole of it must match cc-[0-9]{4}`, "cost-center",
		},
		{"allowed but does not match", "both", known("sla", "s1"), rules.Fail, `tag "sla" has the value "s1": the whole of it must match [a-z]+`, "sla"},
		{"clean", "no-secrets", known("owner", "x", "tokens", "y"), rules.Pass, "", ""},
		{"prohibited", "no-secrets", known("token", "a"), rules.Fail, `tag "token" is prohibited`, "token"},
		{
			"several prohibited", "no-secrets", known("token", "a", "DB_Password", "b"), rules.Fail,
			`tag "DB_Password", "token" are prohibited`, "DB_Password token",
		},
		{"condition does not hold", "conditional", known("env", "dev"), rules.NotApplicable, "", ""},
		{"condition holds", "conditional", known("env", "production"), rules.Fail, `tag "reviewed" is missing`, "reviewed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v := check(t, tt.rule, observed(instance(tt.tags)))
			if v.Outcome != tt.want || v.Message != tt.message || strings.Join(v.Parts, " ") != tt.parts {
				t.Errorf("got %s %q %v", v.Outcome, v.Message, v.Parts)
			}
			if v.Outcome == rules.Fail && (v.Fix == "" || len(v.Evidence) == 0) {
				t.Errorf("failure without fix or evidence: %+v", v)
			}
			if v.Outcome == rules.NotApplicable && v.Reason == "" {
				t.Error("no reason")
			}
		})
	}
}

func TestGrace(t *testing.T) {
	tests := []struct {
		name    string
		created time.Time
		want    rules.Outcome
	}{
		{"young", now.Add(-23 * time.Hour), rules.NotApplicable},
		{"old enough", now.Add(-24 * time.Hour), rules.Fail},
		{"of unknown age", time.Time{}, rules.Fail},
	}
	for _, tt := range tests {
		e := instance(known())
		e.Created = tt.created
		v := check(t, "young", observed(e))
		if v.Outcome != tt.want || tt.want == rules.NotApplicable && v.Reason != "younger than the grace of 24h" {
			t.Errorf("%s: %s (%s)", tt.name, v.Outcome, v.Reason)
		}
	}
}

func TestSubjectIsJudged(t *testing.T) {
	bad, good := instance(known()), instance(known("owner", "payments"))
	tests := []struct {
		name   string
		entity *rules.Entity
		want   rules.Outcome
	}{
		{"observed before declared", &rules.Entity{Observed: []*inventory.Entry{bad}, Declared: []*inventory.Entry{good}}, rules.Fail},
		{"declared before recorded", &rules.Entity{Declared: []*inventory.Entry{good}, Recorded: []*inventory.Entry{bad}}, rules.Pass},
		{"recorded", &rules.Entity{Recorded: []*inventory.Entry{bad}}, rules.Fail},
	}
	for _, tt := range tests {
		if v := check(t, "owner", tt.entity); v.Outcome != tt.want {
			t.Errorf("%s: %s", tt.name, v.Outcome)
		}
	}
}

func TestFix(t *testing.T) {
	region := func(e *inventory.Entry, r string) *inventory.Entry { e.Region = r; return e }
	declared := &inventory.Entry{Asset: inventory.Asset{
		Book: inventory.Declared, Key: "main.tf#aws_instance.app", Tags: known(),
		Origin: inventory.Origin{File: "main.tf", Line: 12, Address: "module.web.aws_instance.app[0]"},
	}}
	row := &inventory.Entry{Asset: inventory.Asset{
		Book: inventory.Recorded, Key: "srv-1", Tags: known(), Origin: inventory.Origin{File: "cmdb/servers.csv", Line: 7},
	}}
	google := func(typ inventory.Type, key, zone string, tags inventory.Tags) *inventory.Entry {
		return &inventory.Entry{Asset: inventory.Asset{Book: inventory.Observed, Type: typ, Key: key, Account: "acme-prod", Zone: zone, Tags: tags}}
	}
	vm := "//compute.googleapis.com/projects/acme-prod/zones/europe-west1-b/instances/"
	hostile := instance(known())
	hostile.Key = "arn:aws:s3:::x'; rm -rf ~; '"
	newline := instance(known())
	newline.Key = "arn:aws:s3:::x\nrm -rf"
	tests := []struct {
		name, rule string
		entity     *rules.Entity
		want       string
	}{
		{
			"aws", "owner", observed(instance(known())),
			"aws resourcegroupstaggingapi tag-resources --resource-arn-list arn:aws:ec2:eu-west-1:111122223333:instance/i-0abc --region eu-west-1 --tags 'owner=<value>'",
		},
		{
			"aws, nearest value", "env", observed(instance(known("env", "prodution"))),
			"aws resourcegroupstaggingapi tag-resources --resource-arn-list arn:aws:ec2:eu-west-1:111122223333:instance/i-0abc --region eu-west-1 --tags env=production",
		},
		{
			"aws, several values", "env", observed(region(instance(known()), "global")),
			"aws resourcegroupstaggingapi tag-resources --resource-arn-list arn:aws:ec2:eu-west-1:111122223333:instance/i-0abc --region us-east-1 --tags 'env=<dev|staging|production>'",
		},
		{
			"aws, remove", "no-secrets", observed(region(instance(known("token", "", "my password", "")), "")),
			"aws resourcegroupstaggingapi untag-resources --resource-arn-list arn:aws:ec2:eu-west-1:111122223333:instance/i-0abc --tag-keys 'my password' token",
		},
		{"aws, a key that would be a flag", "no-secrets", observed(instance(known("--password", ""))), `remove the tag "--password"`},
		{
			"hostile name", "owner", observed(region(hostile, "")),
			`aws resourcegroupstaggingapi tag-resources --resource-arn-list 'arn:aws:s3:::x'\''; rm -rf ~; '\''' --tags 'owner=<value>'`,
		},
		{"a line break in the name", "owner", observed(newline), `set the tag "owner" to "<value>"`},
		{
			"gcloud", "owner", observed(google("compute.googleapis.com/Instance", vm+"web-1", "europe-west1-b", known())),
			"gcloud compute instances add-labels web-1 --zone=europe-west1-b --project=acme-prod '--labels=owner=<value>'",
		},
		{
			"gcloud, remove", "no-secrets", observed(google("compute.googleapis.com/Instance", vm+"web-1", "europe-west1-b", known("token", "x"))),
			"gcloud compute instances remove-labels web-1 --zone=europe-west1-b --project=acme-prod --labels=token",
		},
		{
			"gcloud, bucket", "owner", observed(google("storage.googleapis.com/Bucket", "//storage.googleapis.com/acme-logs", "", known())),
			"gcloud storage buckets update gs://acme-logs --project=acme-prod '--update-labels=owner=<value>'",
		},
		{"gcloud, a name that would be a flag", "owner", observed(google("compute.googleapis.com/Instance", vm+"--x", "", known())), `set the tag "owner" to "<value>"`},
		{"another provider", "owner", observed(google("datacenter/vm", "vm-1", "", known())), `set the tag "owner" to "<value>"`},
		{"declared", "owner", &rules.Entity{Declared: []*inventory.Entry{declared}}, `set the tag "owner" to "<value>" in main.tf:12 (module.web.aws_instance.app[0])`},
		{
			"seen and declared", "no-secrets", &rules.Entity{Observed: []*inventory.Entry{instance(known("token", "x"))}, Declared: []*inventory.Entry{declared}},
			`remove the tag "token" in main.tf:12 (module.web.aws_instance.app[0])`,
		},
		{"recorded", "owner", &rules.Entity{Recorded: []*inventory.Entry{row}}, `fill the column of the tag "owner" with "<value>" in cmdb/servers.csv:7`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, check(t, tt.rule, tt.entity).Fix); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestMeta(t *testing.T) {
	owner := ruleByID(t, "owner").Meta()
	if owner.Coverage != "tag" || owner.CoverageName != "owner" || owner.Severity != rules.High || owner.Title != `Tag "owner" is there and not empty` {
		t.Errorf("%+v", owner)
	}
	center := ruleByID(t, "cost-center").Meta()
	if center.Coverage != "" || center.Severity != rules.Medium || !strings.Contains(center.Help, "cc-[0-9]{4}") {
		t.Errorf("%+v", center)
	}
	young := ruleByID(t, "young").Meta()
	if !strings.Contains(young.Help, "younger than 24h") {
		t.Errorf("%+v", young)
	}
}

func TestOriginIsTheCode(t *testing.T) {
	declared := &inventory.Entry{Asset: inventory.Asset{Origin: inventory.Origin{File: "main.tf", Line: 3}}}
	seen := instance(known())
	seen.Origin = inventory.Origin{Call: "ec2:DescribeInstances"}
	v := check(t, "owner", &rules.Entity{Observed: []*inventory.Entry{seen}, Declared: []*inventory.Entry{declared}})
	if v.Origin.File != "main.tf" {
		t.Errorf("origin %+v", v.Origin)
	}
}

// TestUnknownNeverFails draws assets whose tags were not read and judges them by every rule.
func TestUnknownNeverFails(t *testing.T) {
	list := Rules(mustParse(t, policyText), mustCatalog(t), now, nil)
	rapid.Check(t, func(t *rapid.T) {
		e := instance(inventory.UnknownTags())
		if rapid.Bool().Draw(t, "unconfirmed") {
			e.Tags, e.TagsUnconfirmed = known(rapid.String().Draw(t, "key"), rapid.String().Draw(t, "value")), true
		}
		e.Type = inventory.Type(rapid.SampledFrom([]string{"AWS::EC2::Instance", "AWS::S3::Bucket"}).Draw(t, "type"))
		v, err := rapid.SampledFrom(list).Draw(t, "rule").Check(t.Context(), observed(e))
		if err != nil || v.Outcome == rules.Fail || v.Outcome == rules.Pass {
			t.Fatalf("%+v, %v", v, err)
		}
	})
}

func mustCatalog(t testing.TB) *catalog.Catalog {
	t.Helper()
	c, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// What the provider made by itself owes nobody a tag, unless the policy says so or code declares it.
func TestProviderDefaults(t *testing.T) {
	vpc := func(isDefault bool) *inventory.Entry {
		e := &inventory.Entry{Asset: inventory.Asset{Book: inventory.Observed, Type: "AWS::EC2::VPC", Key: "arn:aws:ec2:eu-west-1:1:vpc/vpc-1", Tags: inventory.KnownTags()}}
		e.Attributes = inventory.KnownAttributes(inventory.Attribute{Name: "IsDefault", Value: inventory.BoolValue(isDefault)})
		return e
	}
	declared := &inventory.Entry{Asset: inventory.Asset{Book: inventory.Declared, Type: "AWS::EC2::VPC", Key: "main.tf#aws_default_vpc.it"}}
	for _, tt := range []struct {
		name   string
		policy string
		entity *rules.Entity
		want   rules.Outcome
	}{
		{"default", "", &rules.Entity{Observed: []*inventory.Entry{vpc(true)}}, rules.NotApplicable},
		{"made by a person", "", &rules.Entity{Observed: []*inventory.Entry{vpc(false)}}, rules.Fail},
		{"declared default", "", &rules.Entity{Observed: []*inventory.Entry{vpc(true)}, Declared: []*inventory.Entry{declared}}, rules.Fail},
		{"asked for", ", provider_defaults: true", &rules.Entity{Observed: []*inventory.Entry{vpc(true)}}, rules.Fail},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := mustParse(t, "version: 1\ntags:\n  - {id: owner, keys: [owner], required: true"+tt.policy+"}\n")
			v, err := Rules(p, mustCatalog(t), now, nil)[0].Check(t.Context(), tt.entity)
			if err != nil || v.Outcome != tt.want || (v.SuppressedBy == "aws/default-vpc") != (tt.want == rules.NotApplicable) {
				t.Errorf("%v, outcome %v by %q", err, v.Outcome, v.SuppressedBy)
			}
		})
	}
}
