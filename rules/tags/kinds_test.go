package tags

import (
	"fmt"
	"math/rand/v2"
	"slices"
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

// one compiles a policy of one tag rule, written as the inside of a flow mapping.
func one(t testing.TB, rule string) rules.Rule {
	t.Helper()
	return Rules(mustParse(t, "version: 1\ntags:\n  - {id: it, "+rule+"}\n"), mustCatalog(t), now, nil)[0]
}

func judgeBy(t testing.TB, r rules.Rule, e *rules.Entity) rules.Verdict {
	t.Helper()
	v, err := r.Check(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// kindCase is one kind of rule with tags that pass and tags that fail.
type kindCase struct {
	name, rule string
	good       []string // pairs of keys and values
	bad        []string
	message    string
	fix        string // of the bad one, a part of it
	key        string // whose value, if it is not known, makes the verdict unknown; empty for rules about keys
}

func kindCases() []kindCase {
	return []kindCase{
		{
			"any of", `any_of: [owner, team]`,
			[]string{"team", "x"},
			[]string{"owner", " ", "Team", "y"},
			`none of the tags "owner", "team" is there; there is "Team"`, "owner=<value>", "",
		},
		{
			"any of, with values", `any_of: [owner, team], values: [a, b]`,
			[]string{"team", "a"},
			[]string{"team", "c"},
			`tag "team" has the value "c": allowed are a, b; nearest is "a"`, "team=a", "team",
		},
		{
			"all of", `all_of: [owner, environment, cost-center]`,
			[]string{"owner", "x", "environment", "y", "cost-center", "z"},
			[]string{"owner", "x", "enviroment", "y"},
			`tags "environment", "cost-center" are missing; there is "enviroment"`, "environment=<value>,cost-center=<value>", "",
		},
		{
			"all of, with a wrong value", `all_of: [a, b], values: [x]`,
			[]string{"a", "x", "b", "x"},
			[]string{"b", "yyy"},
			`tag "a" is missing; tag "b" has the value "yyy": allowed is x`, "a=x,b=x", "b",
		},
		{
			"placeholder", `keys: [owner], placeholders: true`,
			[]string{"owner", "payments"},
			[]string{"owner", " ToDo "},
			`tag "owner" has the value " ToDo ", which stands for a value that somebody was to fill in`, "owner=<value>", "owner",
		},
		{
			"own placeholders", `keys: [owner], placeholders: [nobody], values: [a, nobody]`,
			[]string{"owner", "a"},
			[]string{"owner", "Nobody"},
			`tag "owner" has the value "Nobody", which stands for a value that somebody was to fill in: allowed are a, nobody`, "<a|nobody>", "owner",
		},
		{
			"globs", `keys: [cc], values: [none], globs: ["300*", "*@example.com"]`,
			[]string{"cc", "a/b@example.com"},
			[]string{"cc", "x300"},
			`tag "cc" has the value "x300": allowed are none, 300*, *@example.com`, "", "cc",
		},
		{
			"date", `keys: [expires], type: date`,
			[]string{"expires", "2027-01-31"},
			[]string{"expires", "31.01.2027"},
			`tag "expires" has the value "31.01.2027": it must be a date as 2027-01-31; nearest is "2027-01-31"`, "expires=2027-01-31", "expires",
		},
		{
			"datetime", `keys: [expires], type: datetime`,
			[]string{"expires", "2027-01-31T18:00:00+01:00"},
			[]string{"expires", "2027-01-31"},
			`tag "expires" has the value "2027-01-31": it must be a time as 2027-01-31T18:00:00Z`, "", "expires",
		},
		{
			"email", `keys: [contact], type: email`,
			[]string{"contact", "team@example.com"},
			[]string{"contact", "mailto:team@example.com"},
			`tag "contact" has the value "mailto:team@example.com": it must be an e-mail address as team@example.com; nearest is "team@example.com"`, "", "contact",
		},
		{
			"url", `keys: [wiki], type: url`,
			[]string{"wiki", "https://example.com/x"},
			[]string{"wiki", "example.com/x"},
			`tag "wiki" has the value "example.com/x": it must be an address as https://example.com/x`, "", "wiki",
		},
		{
			"arn", `keys: [role], type: arn`,
			[]string{"role", "arn:aws:iam::111122223333:role/app"},
			[]string{"role", "role/app"},
			`tag "role" has the value "role/app": it must be an ARN as arn:aws:iam::111122223333:role/app`, "", "role",
		},
		{
			"cidr", `keys: [net], type: cidr`,
			[]string{"net", "10.0.0.0/16"},
			[]string{"net", "10.0.1.2/16"},
			`tag "net" has the value "10.0.1.2/16": it must be a network as 10.0.0.0/16; nearest is "10.0.0.0/16"`, "net=10.0.0.0/16", "net",
		},
		{
			"ip", `keys: [ip], type: ip`,
			[]string{"ip", "2001:db8::1"},
			[]string{"ip", "10.0.0"},
			`tag "ip" has the value "10.0.0": it must be an IP address as 10.0.0.4`, "", "ip",
		},
		{
			"integer", `keys: [ttl], type: integer, min: 1, max: 30`,
			[]string{"ttl", "30"},
			[]string{"ttl", "31"},
			`tag "ttl" has the value "31": it must be at most 30`, "", "ttl",
		},
		{
			"number", `keys: [share], type: number, min: 0.5`,
			[]string{"share", "0.50"},
			[]string{"share", "0.49999"},
			`tag "share" has the value "0.49999": it must be at least 0.5`, "", "share",
		},
		{
			"no number", `keys: [share], type: number`,
			[]string{"share", "-1"},
			[]string{"share", "1e9"},
			`tag "share" has the value "1e9": it must be a number as 0.5`, "", "share",
		},
		{
			"boolean", `keys: [backup], type: boolean`,
			[]string{"backup", "false"},
			[]string{"backup", "Yes"},
			`tag "backup" has the value "Yes": it must be true or false; nearest is "true"`, "backup=true", "backup",
		},
		{
			"uuid", `keys: [id], type: uuid`,
			[]string{"id", "123e4567-e89b-12d3-a456-426614174000"},
			[]string{"id", "123e4567"},
			`tag "id" has the value "123e4567": it must be a UUID as 123e4567-e89b-12d3-a456-426614174000`, "", "id",
		},
		{
			"date within bounds", `keys: [expires], type: date, max: 2026-12-31`,
			[]string{"expires", "2026-12-31"},
			[]string{"expires", "2027-01-01"},
			`tag "expires" has the value "2027-01-01": it must be at most 2026-12-31`, "", "expires",
		},
		{
			"not past", `keys: [expires], type: date, not_past: true`,
			[]string{"expires", "2026-03-01"},
			[]string{"expires", "2026-02-28"},
			`tag "expires" has the value "2026-02-28", which is over: renew it, or remove what has run its time`, "", "expires",
		},
		{
			"time not past", `keys: [until], type: datetime, not_past: true`,
			[]string{"until", "2026-03-01T12:00:00Z"},
			[]string{"until", "2026-03-01T12:59:59+01:00"},
			`tag "until" has the value "2026-03-01T12:59:59+01:00", which is over: renew it, or remove what has run its time`, "", "until",
		},
		{
			"case", `keys: [env], case: lower`,
			[]string{"env", "prod"},
			[]string{"env", "Prod"},
			`tag "env" has the value "Prod": it must be written in small letters; nearest is "prod"`, "env=prod", "env",
		},
		{
			"kebab", `keys: [app], case: kebab`,
			[]string{"app", "web-shop2"},
			[]string{"app", "WebShop_api"},
			`tag "app" has the value "WebShop_api": it must be written in kebab case, such as cost-center; nearest is "web-shop-api"`, "app=web-shop-api", "app",
		},
		{
			"length", `keys: [team], length: {min: 2, max: 4}`,
			[]string{"team", "öööö"},
			[]string{"team", "x"},
			`tag "team" has the value "x" of 1 character: it must have 2 to 4 characters`, "", "team",
		},
		{
			"equals", `keys: [account], equals: asset.account`,
			[]string{"account", "111122223333"},
			[]string{"account", "1"},
			`tag "account" has the value "1": it must be "111122223333", which is asset.account`, "account=111122223333", "account",
		},
		{
			"check", `keys: [name], check: 'value.startsWith(asset.tags.team + "-")'`,
			[]string{"name", "a-web", "team", "a"},
			[]string{"name", "b-web", "team", "a"},
			`tag "name" has the value "b-web": it must satisfy value.startsWith(asset.tags.team + "-")`, "", "name",
		},
		{
			"secrets", `keys: [note], secrets: true`,
			[]string{"note", "see the wiki"},
			[]string{"note", "key " + made("AKIA", "ABCDEFGHIJKLMNOP")},
			`tag "note" holds what looks like an access key of AWS: make it invalid, and keep its successor in a store for secrets`, "untag-resources", "note",
		},
		{
			"secrets in any tag", `secrets: true`,
			[]string{"note", "see the wiki", "sha", "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
			[]string{"a", "b", "note", made("gh", "p_", letters(36))},
			`tag "note" holds what looks like a token of GitHub: make it invalid, and keep its successor in a store for secrets`, "note", "note",
		},
		{
			"spelling", `keys: [owner, Owner, team], spelling: canonical`,
			[]string{"owner", "x", "Team", "y"},
			[]string{"Owner", "x"},
			`tag "owner" is spelled "Owner": write "owner"`, "--tags owner=x && aws resourcegroupstaggingapi untag-resources", "",
		},
		{
			"both spellings", `keys: [owner, Owner], spelling: canonical`,
			[]string{"owner", "x"},
			[]string{"owner", "x", "Owner", "x"},
			`tag "owner" is there as "Owner" too: write it once, as "owner"`, "--tag-keys Owner", "",
		},
		{
			"two spellings that differ", `keys: [owner, Owner], spelling: canonical`,
			[]string{"owner", "x"},
			[]string{"owner", "", "Owner", "x"},
			`tag "owner" is there as "Owner" too: write it once, as "owner"`, `choose the value of the tag "owner", and remove "Owner"`, "",
		},
		{
			"closed", `closed: true, allowed_keys: [Name, 'k8s-.*']`,
			[]string{"Name", "x", "k8s-a", "y", "aws:autoscaling:groupName", "z"},
			[]string{"Nam", "x"},
			`tag "Nam" is not allowed: allowed are Name, k8s-.*`, "--tag-keys Nam", "",
		},
		{
			"naming", `naming: kebab, allowed_keys: ['kubernetes\.io/.*']`,
			[]string{"cost-center", "x", "Name", "web-1", "aws:cloudformation:stack-name", "x", "kubernetes.io/cluster/a", "owned"},
			[]string{"CostCenter", "x"},
			`tag "CostCenter": a key must be written in kebab case, such as cost-center; nearest is "cost-center" for "CostCenter"`, `"cost-center" for "CostCenter"`, "",
		},
		{
			"naming by pattern", `naming: 'acme:[a-z]+'`,
			[]string{"acme:owner", "x"},
			[]string{"acme:Owner", "x"},
			`tag "acme:Owner": a key must match acme:[a-z]+`, `rename the tag "acme:Owner"`, "",
		},
	}
}

// made puts together what looks like a credential, so that no scanner takes this file for one.
func made(parts ...string) string { return strings.Join(parts, "") }

func TestEveryKind(t *testing.T) {
	for _, c := range kindCases() {
		t.Run(c.name, func(t *testing.T) {
			r := one(t, c.rule)
			if v := judgeBy(t, r, observed(instance(known(c.good...)))); v.Outcome != rules.Pass {
				t.Errorf("good: %s (%s%s)", v.Outcome, v.Reason, v.Message)
			}
			v := judgeBy(t, r, observed(instance(known(c.bad...))))
			if v.Outcome != rules.Fail || v.Message != c.message {
				t.Errorf("bad: %s (%s)\n got %s\nwant %s", v.Outcome, v.Reason, v.Message, c.message)
			}
			if !strings.Contains(v.Fix, c.fix) {
				t.Errorf("fix %q does not hold %q", v.Fix, c.fix)
			}
			if len(v.Parts) == 0 {
				t.Error("no part is at fault")
			}
			if v := judgeBy(t, r, observed(instance(inventory.UnknownTags()))); v.Outcome != rules.Unknown {
				t.Errorf("unknown tags: %s", v.Outcome)
			}
			if v := judgeBy(t, r, observed(instance(inventory.NotTaggable()))); v.Outcome != rules.NotApplicable {
				t.Errorf("not taggable: %s", v.Outcome)
			}
			if c.key != "" {
				if v := judgeBy(t, r, observed(instance(blurred(c.good, c.key)))); v.Outcome != rules.Unknown {
					t.Errorf("unknown value: %s (%s%s)", v.Outcome, v.Reason, v.Message)
				}
			}
		})
	}
}

// blurred are tags of which a value is not known.
func blurred(pairs []string, key string) inventory.Tags {
	var list []inventory.Tag
	for tag := range known(pairs...).All() {
		if tag.Key == key {
			tag = inventory.Tag{Key: key, ValueUnknown: true}
		}
		list = append(list, tag)
	}
	return inventory.KnownTags(list...)
}

func TestEveryKindOfWhatIsOnlyRecorded(t *testing.T) {
	for _, c := range kindCases() {
		t.Run(c.name, func(t *testing.T) {
			r := one(t, c.rule)
			row := func(tags inventory.Tags) *rules.Entity {
				e := instance(tags)
				e.Book, e.Source, e.Origin = inventory.Recorded, "cmdb", inventory.Origin{File: "servers.csv", Line: 7}
				return &rules.Entity{Recorded: []*inventory.Entry{e}}
			}
			if v := judgeBy(t, r, row(known(c.good...))); v.Outcome != rules.Pass {
				t.Errorf("good: %s (%s%s)", v.Outcome, v.Reason, v.Message)
			}
			if v := judgeBy(t, r, row(known(c.bad...))); v.Outcome != rules.Fail || v.Message != c.message || !strings.Contains(v.Fix, "servers.csv:7") {
				t.Errorf("bad: %s: %s; %s", v.Outcome, v.Message, v.Fix)
			}
			if v := judgeBy(t, r, row(inventory.UnknownTags())); v.Outcome != rules.Unknown {
				t.Errorf("unknown tags: %s", v.Outcome)
			}
			retired := row(known(c.bad...))
			retired.Recorded[0].Lifecycle = inventory.LifecycleRetired
			if v := judgeBy(t, r, retired); v.Outcome != rules.NotApplicable {
				t.Errorf("retired: %s", v.Outcome)
			}
		})
	}
}

func TestWhatIsNotKnownFailsNobody(t *testing.T) {
	bare := instance(known("account", "x", "name", "a-b"))
	bare.Account = ""
	tests := []struct {
		name, rule string
		asset      *inventory.Entry
		want       rules.Outcome
		reason     string
	}{
		{"any of, the value not known", `any_of: [owner, team]`, instance(withUnknownValue("team")), rules.Pass, ""},
		{"all of, a value not known", `all_of: [owner, team]`, instance(withUnknownValue("team", "owner", "x")), rules.Pass, ""},
		{"all of, one missing and one not known", `all_of: [owner, team], case: lower`, instance(withUnknownValue("team")), rules.Fail, ""},
		{"all of, one wrong and one not known", `all_of: [owner, team], case: lower`, instance(withUnknownValue("team", "owner", "X")), rules.Fail, ""},
		{"any of, one right and one not known", `any_of: [owner, team], case: lower`, instance(withUnknownValue("team", "owner", "x")), rules.Unknown, `the value of its tag "team" is not known`},
		{"spelling with a value not known", `keys: [owner, Owner], spelling: canonical`, instance(withUnknownValue("owner")), rules.Pass, ""},
		{"wrong spelling with a value not known", `keys: [owner, Owner], spelling: canonical`, instance(withUnknownValue("Owner")), rules.Fail, ""},
		{"equals what is not known", `keys: [name], equals: asset.tags.team`, instance(withUnknownValue("team", "name", "x")), rules.Unknown, "what the value must be cannot be told: asset.tags.team is not known"},
		{"equals an attribute that was not read", `keys: [name], equals: asset.attributes.InstanceType`, instance(known("name", "x")), rules.Unknown, "what the value must be cannot be told: asset.attributes.InstanceType is not known"},
		{"equals what is empty", `keys: [account], equals: asset.account`, bare, rules.NotApplicable, "what the value must be is empty"},
		{"equals what is empty, with a check", `keys: [account], equals: asset.account, check: 'value == "x"'`, bare, rules.Pass, ""},
		{"check of what is not known", `keys: [name], check: 'value == asset.tags.team'`, instance(withUnknownValue("team", "name", "x")), rules.Unknown, "the rule's check cannot be told: asset.tags.team is not known"},
		{"check decided without it", `keys: [name], check: 'value == "x" || value == asset.tags.team'`, instance(withUnknownValue("team", "name", "x")), rules.Pass, ""},
		{"wrong whatever the rest", `keys: [name], case: lower, equals: asset.tags.team`, instance(withUnknownValue("team", "name", "X")), rules.Fail, ""},
		{"a hash is no value", `keys: [name], case: upper`, instance(known("name", "hmac:0123456789abcdef0123456789abcdef")), rules.Unknown, `the value of its tag "name" is not known`},
		{"a hash is no key", `naming: kebab`, instance(known("hmac:0123456789abcdef0123456789abcdef", "x")), rules.Pass, ""},
		{"no tag to judge", `keys: [expires], type: date`, instance(known()), rules.NotApplicable, `has no tag "expires"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v := judgeBy(t, one(t, tt.rule), observed(tt.asset))
			if v.Outcome != tt.want || v.Reason != tt.reason {
				t.Errorf("got %s (%s%s), want %s (%s)", v.Outcome, v.Reason, v.Message, tt.want, tt.reason)
			}
		})
	}
}

func TestAHostileCheckEndsWithAnError(t *testing.T) {
	r := one(t, `keys: [name], check: 'asset.attributes.L.all(a, asset.attributes.L.all(b, value.size() + a.size() + b.size() >= 0))'`)
	e := instance(known("name", strings.Repeat("x", 200)))
	e.Attributes = inventory.KnownAttributes(
		inventory.Attribute{Name: "L", Value: inventory.StringsValue(slices.Repeat([]string{strings.Repeat("a", 30)}, 400))})
	start := time.Now()
	_, err := r.Check(t.Context(), observed(e))
	if err == nil || !strings.Contains(err.Error(), "policy.yaml:3:") {
		t.Errorf("got %v", err)
	}
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("the limit let it run for %s", took)
	}
}

func TestRowsShareTheirTags(t *testing.T) {
	row := func(source string, pairs ...string) *inventory.Entry {
		return registerRow(int64(len(source)), source, known(pairs...))
	}
	tests := []struct {
		name, rule string
		keeps      Keeps
		rows       []*inventory.Entry
		want       rules.Outcome
		text       string
	}{
		{"each has one", `all_of: [owner, env]`, keepsOnly("a owner"), []*inventory.Entry{row("a", "owner", "x"), row("bb", "env", "y")}, rules.Pass, ""},
		{"one keeps it, and has none", `all_of: [owner, env]`, keepsOnly("bb env"), []*inventory.Entry{row("a", "owner", "x"), row("bb")}, rules.Fail, `tag "env" is missing`},
		{"none keeps it", `all_of: [owner, env]`, keepsOnly("a owner"), []*inventory.Entry{row("a", "owner", "x"), row("bb")}, rules.Unknown, "no row bears some of the tags: the register seems not to keep them"},
		{"none of any", `any_of: [owner, env]`, keepsOnly("a owner"), []*inventory.Entry{row("a"), row("bb")}, rules.Fail, `none of the tags "owner", "env" is there`},
		{"none of any kept", `any_of: [owner, env]`, keepsOnly(), []*inventory.Entry{row("a"), row("bb")}, rules.Unknown, "no row bears some of the tags: the register seems not to keep them"},
		{"one of any", `any_of: [owner, env]`, keepsOnly("a owner"), []*inventory.Entry{row("a"), row("bb", "env", "y")}, rules.Pass, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := mustParse(t, "version: 1\ntags:\n  - {id: it, "+tt.rule+"}\n")
			v := judgeBy(t, Rules(p, mustCatalog(t), now, tt.keeps)[0], &rules.Entity{Recorded: tt.rows})
			if v.Outcome != tt.want || v.Message+v.Reason != tt.text {
				t.Errorf("got %s (%s%s)", v.Outcome, v.Reason, v.Message)
			}
		})
	}
}

func TestGraceHoldsForEveryKind(t *testing.T) {
	e := instance(known("expires", "2026-01-01"))
	e.Created = now.Add(-time.Hour)
	if v := judgeBy(t, one(t, `keys: [expires], type: date, not_past: true, grace: 2h`), observed(e)); v.Outcome != rules.NotApplicable {
		t.Errorf("young: %s", v.Outcome)
	}
}

func TestCanonicalIsWhatTheProviderTakes(t *testing.T) {
	disk := instance(known("owner", "x"))
	disk.Type, disk.Key = "compute.googleapis.com/Disk", "//compute.googleapis.com/projects/p/zones/z/disks/d"
	if v := judgeBy(t, one(t, `keys: [Owner, owner], spelling: canonical`), observed(disk)); v.Outcome != rules.Pass {
		t.Errorf("Google has no capital letters: %s (%s)", v.Outcome, v.Message)
	}
}

func TestClosedKnowsTheKeysOfOtherRules(t *testing.T) {
	p := mustParse(t, `version: 1
tags:
  - {id: owner, keys: [owner, Owner], required: true}
  - {id: group, any_of: [team, squad]}
  - {id: both, all_of: [env]}
  - {id: only, closed: true}
`)
	r := Rules(p, mustCatalog(t), now, nil)[3]
	if v := judgeBy(t, r, observed(instance(known("Owner", "x", "squad", "y", "env", "z")))); v.Outcome != rules.Pass {
		t.Errorf("named: %s (%s)", v.Outcome, v.Message)
	}
	v := judgeBy(t, r, observed(instance(known("squadd", "y", "zzz", "1"))))
	want := `tag "squadd", "zzz" are not allowed: allowed are Owner, env, owner, squad, team; nearest is "squad" for "squadd"`
	if v.Message != want {
		t.Errorf("got %s\nwant %s", v.Message, want)
	}
}

func TestManyValuesAreLookedUp(t *testing.T) {
	values := make([]string, 5000)
	for i := range values {
		values[i] = fmt.Sprintf("Team-%d", i)
	}
	r := one(t, "keys: [team], values: ["+strings.Join(values, ", ")+"]")
	if v := judgeBy(t, r, observed(instance(known("team", "Team-4999")))); v.Outcome != rules.Pass {
		t.Errorf("known: %s", v.Message)
	}
	v := judgeBy(t, r, observed(instance(known("team", "team-4999 "))))
	if !strings.HasSuffix(v.Message, `and 4990 more; nearest is "Team-4999"`) {
		t.Errorf("message %q", v.Message)
	}
}

func TestOrderChangesNothing(t *testing.T) {
	cases, known := kindCases(), mustCatalog(t)
	rapid.Check(t, func(t *rapid.T) {
		var pairs []string
		for _, c := range rapid.SliceOfN(rapid.SampledFrom(cases), 1, 4).Draw(t, "tags") {
			pairs = append(pairs, rapid.SampledFrom([][]string{c.good, c.bad}).Draw(t, "of")...)
		}
		byKey := map[string]string{}
		for i := 0; i < len(pairs); i += 2 {
			byKey[pairs[i]] = pairs[i+1]
		}
		order := rapid.Permutation(indices(len(cases))).Draw(t, "order")
		straight, shuffled := verdicts(t, known, cases, indices(len(cases)), byKey), verdicts(t, known, cases, order, byKey)
		if d := cmp.Diff(straight, shuffled); d != "" {
			t.Fatal(d)
		}
	})
}

func indices(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	return list
}

// verdicts judges tags, put together in any order, by rules in an order, and returns what each rule says.
func verdicts(t *rapid.T, known *catalog.Catalog, cases []kindCase, order []int, byKey map[string]string) map[string]rules.Verdict {
	var b strings.Builder
	b.WriteString("version: 1\ntags:\n")
	for _, i := range order {
		fmt.Fprintf(&b, "  - {id: r%d, %s}\n", i, cases[i].rule)
	}
	b.WriteString("builtin: [tags/duplicate-case, tags/whitespace, tags/look-alike, tags/reserved-prefix, tags/portable, tags/limits]\n")
	p, err := rules.ParsePolicy("policy.yaml", []byte(b.String()), rules.PolicyEnv{Expr: expr.Env{Now: now}})
	if err != nil {
		t.Fatal(err)
	}
	var list []inventory.Tag
	for key, value := range byKey { // Go yields them in any order
		list = append(list, inventory.Tag{Key: key, Value: value})
	}
	rand.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	out := map[string]rules.Verdict{}
	all := slices.Concat(Rules(p, known, now, nil), BuiltinRules(p, known, now, nil, []string{"aws", "gcp"}))
	for _, r := range all {
		v, err := r.Check(t.Context(), observed(instance(inventory.KnownTags(list...))))
		if err != nil {
			t.Fatal(err)
		}
		out[r.Meta().ID] = v
	}
	return out
}
