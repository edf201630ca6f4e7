package rules

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/muster-audit/muster/inventory"
)

func TestRecordsPolicy(t *testing.T) {
	text := `version: 1
records:
  stale_after: 45d
  authority:
    default: declared
    attributes: {owner: recorded, "tags.*": recorded, "tags.env*": declared, InstanceType: observed}
`
	p, err := ParsePolicy("policy.yaml", []byte(text), policyEnv())
	if err != nil {
		t.Fatal(err)
	}
	if p.Records.StaleAfter != 45*24*time.Hour {
		t.Errorf("stale after %s", p.Records.StaleAfter)
	}
	for names, want := range map[string]inventory.Book{
		"owner": inventory.Recorded, "tags.owner": inventory.Recorded, "tags.environment": inventory.Declared, "Owner": inventory.Declared,
		"instance_type,InstanceType": inventory.Observed, "os": inventory.Declared,
	} {
		if got := p.AuthorityOf(strings.Split(names, ",")...); got != want {
			t.Errorf("%s: the authority is %s, want %s", names, got, want)
		}
	}
}

func TestRecordsPolicyDefaults(t *testing.T) {
	p, err := ParsePolicy("policy.yaml", []byte("version: 1\n"), policyEnv())
	if err != nil {
		t.Fatal(err)
	}
	if p.Records.StaleAfter != 30*24*time.Hour || p.AuthorityOf("os") != inventory.Observed {
		t.Errorf("%+v", p.Records)
	}
	var none *Policy
	if none.AuthorityOf("os") != inventory.Observed || none.SpellingsOf("owner")[0] != "owner" {
		t.Error("without a policy another book than the observed one is right")
	}
	off, err := ParsePolicy("policy.yaml", []byte("version: 1\nrecords: {stale_after: 0s}\n"), policyEnv())
	if err != nil || off.Records.StaleAfter != 0 {
		t.Errorf("0s does not turn it off: %+v, %v", off, err)
	}
}

func TestSpellings(t *testing.T) {
	p, err := ParsePolicy("policy.yaml", []byte("version: 1\ntags: [{id: owner, keys: [owner, Owner, team], required: true}]\n"), policyEnv())
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{"team": "owner Owner team", "owner": "owner Owner team", "OWNER": "OWNER", "env": "env"} {
		if got := strings.Join(p.SpellingsOf(key), " "); got != want {
			t.Errorf("%s: %s", key, got)
		}
	}
}

func TestRecordsPolicyProblems(t *testing.T) {
	text := `version: 1
records:
  stale_after: a month
  authority:
    default: observd
    attributes:
      owner: register
      tags.env:
      " ": recorded
      os: observed
  stale: 3d
`
	want := []string{
		`policy.yaml:3:16: records.stale_after: "a month" is no length of time: write 30d or 36h`,
		`policy.yaml:5:14: records.authority.default: "observd": no such book: did you mean "observed"?`,
		`policy.yaml:7:7: records.authority.attributes: an attribute's name is empty: write one, such as owner, or tags.owner for a tag`,
		`policy.yaml:7:14: records.authority.attributes.owner: "register": no such book: write observed, recorded or declared`,
		`policy.yaml:8:16: records.authority.attributes.tags.env: missing: write observed, recorded or declared`,
		`policy.yaml:11:3: records.stale: unknown key: known are authority, stale_after`,
	}
	_, err := ParsePolicy("policy.yaml", []byte(text), policyEnv())
	if err == nil || err.Error() != strings.Join(want, "\n") {
		t.Errorf("got\n%v\nwant\n%s", err, strings.Join(want, "\n"))
	}
}

func TestRecordsAreGivenOnce(t *testing.T) {
	_, err := ParsePolicies([]PolicyFile{
		{"a.yaml", []byte("version: 1\nrecords: {stale_after: 10d, authority: {default: declared, attributes: {os: recorded}}}\n")},
		{"b.yaml", []byte("version: 1\nrecords:\n  stale_after: 20d\n  authority: {default: recorded, attributes: {os: observed, cpus: observed}}\n")},
	}, policyEnv())
	for _, want := range []string{
		"b.yaml:3:16: records.stale_after: it is also given at a.yaml:2: keep one",
		"b.yaml:4:24: records.authority.default: it is also given at a.yaml:2: keep one",
		"b.yaml:4:51: records.authority.attributes.os: it is also given at a.yaml:2: keep one",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v\ndoes not say %s", err, want)
		}
	}
}

func TestAge(t *testing.T) {
	for text, want := range map[string]time.Duration{"30d": 720 * time.Hour, "0d": 0, "36h": 36 * time.Hour, "1h30m": 90 * time.Minute} {
		var a Age
		if err := a.UnmarshalText([]byte(text)); err != nil || time.Duration(a) != want {
			t.Errorf("%s: %s, %v", text, time.Duration(a), err)
		}
	}
	for _, text := range []string{"", "d", "-3d", "1.5d", "-1h", "3", "99999999999d", "30 d"} {
		if err := new(Age).UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is taken for a length of time", text)
		}
	}
}

// wholeEstate is a rule about the estate with one verdict.
type wholeEstate struct {
	id      string
	verdict Verdict
}

func (w wholeEstate) Meta() Meta { return Meta{ID: w.id, Severity: Medium} }

func (w wholeEstate) CheckEstate(context.Context) ([]Verdict, error) {
	return []Verdict{w.verdict}, nil
}

// TestOneRuleOfTwoParts: a rule about single things and one about the estate may have one id, two of a kind may not.
func TestOneRuleOfTwoParts(t *testing.T) {
	source := wholeEstate{"records/stale", Verdict{Outcome: Fail, Message: "old", Asset: &AssetRef{Key: "dc/*"}}}
	engine := at(firstScan, rule("records/stale", map[string]Verdict{"a": failing()}))
	engine.Estate = []EstateRule{source}
	ev := evaluate(t, engine, entities("a", "b"), nil)
	var keys []string
	for _, f := range ev.Findings {
		keys = append(keys, f.Rule+" "+f.Asset.Key)
	}
	if got := strings.Join(keys, ", "); got != "records/stale a, records/stale dc/*" || len(ev.Tallies) != 2 {
		t.Errorf("findings %s; %d tallies", got, len(ev.Tallies))
	}
	engine.Estate = append(engine.Estate, source)
	if _, err := engine.Evaluate(t.Context(), each(entities("a")), nil); err == nil {
		t.Error("two rules about the estate with one id are accepted")
	}
}
