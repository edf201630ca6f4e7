package rules

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/rules/expr"
	"github.com/muster-audit/muster/rules/strictyaml"
)

const wholePolicy = `version: 1
tags:
  - id: owner
    keys: [owner, Owner, team]
    required: true
    values: [payments, search, platform]
    severity: high
    when: 'asset.class in ["compute", "database"]'
    grace: 24h
  - id: cost-center
    keys: [cost-center]
    required: true
    pattern: '^cc-[0-9]{4}$'
  - id: no-secrets
    prohibited: ['(?i).*password.*']
drift:
  ignore:
    - {when: 'asset.type == "AWS::AutoScaling::AutoScalingGroup"', attributes: [DesiredCapacity], reason: "scaled by load"}
severity:
  drift/unmanaged: medium
  tags/*: low
exempt:
  - when: 'asset.account == "444455556666"'
    rules: [tags/*]
    reason: sandbox
    owner: platform
    expires: 2027-01-31
`

func policyEnv() PolicyEnv {
	return PolicyEnv{Expr: expr.Env{Now: firstScan}, Rules: []string{"drift/unmanaged", "drift/missing", "policy/expired-exemption"}}
}

func TestParsePolicy(t *testing.T) {
	p, err := ParsePolicy("policy.yaml", []byte(wholePolicy), policyEnv())
	if err != nil {
		t.Fatal(err)
	}
	owner := p.Tags[0]
	if owner.ID != "owner" || !slices.Equal(owner.Keys, []string{"owner", "Owner", "team"}) || !owner.Required ||
		owner.Severity != High || owner.Grace != 24*time.Hour || owner.When.Source() == "" || owner.By != "policy.yaml#tags[0]" {
		t.Errorf("owner: %+v", owner)
	}
	center := p.Tags[1]
	if center.Severity != Medium || center.When != nil || !center.Pattern.Matches("cc-1234") || center.Pattern.Matches("xcc-12345") {
		t.Errorf("cost-center: %+v", center)
	}
	if !p.Tags[2].Prohibited[0].Matches("db_PASSWORD_old") {
		t.Errorf("no-secrets: %+v", p.Tags[2])
	}
	if i := p.Drift.Ignore[0]; i.By != "policy.yaml#drift.ignore[0]" || i.Reason != "scaled by load" || i.Attributes[0] != "DesiredCapacity" {
		t.Errorf("ignore: %+v", i)
	}
	x := p.Exempt[0]
	if x.By != "policy.yaml#exempt[0]" || x.Origin.Line != 23 || x.Expires != "2027-01-31" || !x.Covers("tags/owner") || x.Covers("drift/missing") {
		t.Errorf("exempt: %+v", x)
	}
	if p.SeverityOf("tags/owner", High) != Low || p.SeverityOf("drift/unmanaged", High) != Medium || p.SeverityOf("drift/missing", High) != High {
		t.Errorf("severities: %+v", p.Severity)
	}
}

func TestEmptyPolicyNeedsAVersion(t *testing.T) {
	if _, err := ParsePolicy("policy.yaml", []byte("version: 1\n"), policyEnv()); err != nil {
		t.Error(err)
	}
	for _, text := range []string{"", "# nothing yet\n", "tags: []\n"} {
		_, err := ParsePolicy("policy.yaml", []byte(text), policyEnv())
		if err == nil || !strings.Contains(err.Error(), "version: 1") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestExpiryIsInclusive(t *testing.T) {
	tests := []struct {
		now  string
		want bool
	}{{"2027-01-30T00:00:00Z", false}, {"2027-01-31T23:59:59Z", false}, {"2027-02-01T00:00:00Z", true}, {"2027-02-01T00:30:00+01:00", false}}
	for _, tt := range tests {
		now, err := time.Parse(time.RFC3339, tt.now)
		if err != nil {
			t.Fatal(err)
		}
		if got := Date("2027-01-31").Expired(now); got != tt.want {
			t.Errorf("%s: expired %v", tt.now, got)
		}
	}
	if Date("").Expired(firstScan) {
		t.Error("no date expired")
	}
}

// TestPolicyProblems checks that one file full of mistakes yields them all, each with its place.
func TestPolicyProblems(t *testing.T) {
	text := `version: 2
tags:
  - id: owner
    keys: [owner, owner]
    required: true
    vaules: [a]
  - id: owner
    keys: [env]
    pattern: '('
  - keys: [a]
    values: [x, x, ""]
    severity: urgent
  - id: nothing
    keys: [b]
  - id: "no spaces"
    required: true
  - id: both
    keys: [c]
    prohibited: [d]
  - id: typo
    keys: [e]
    required: true
    when: 'asset.typ == "x"'
  - id: block
    keys: [f]
    required: true
    when: |
      asset.type == "x" &&
        asset.nam == "y"
  - id: late
    keys: [g]
    required: true
    grace: soon
drift:
  ignore:
    - {when: 'asset.name'}
severity:
  drift/unmanagd: low
  nothing/*: low
  drift/missing:
exempt:
  - rules: [tags/ownr]
    expires: 31.1.2027
`
	want := []string{
		`1:10: version: version 2: write version: 1`,
		`4:19: tags[0].keys[1]: "owner" is there twice: keep one`,
		`6:5: tags[0].vaules: unknown key: did you mean "values"?`,
		`7:9: tags[1].id: "owner" is also the id at policy.yaml:3: ids are unique over all policy files`,
		`9:14: tags[1].pattern: error parsing regexp: missing closing ): ` + "`(`" + `: use RE2 syntax, see https://github.com/google/re2/wiki/Syntax`,
		`10:5: tags[2].id: missing: a name for the rule, such as owner`,
		`11:17: tags[2].values[1]: "x" is there twice: keep one`,
		`11:20: tags[2].values[2]: missing: it is empty: remove it or fill it in`,
		`12:15: tags[2].severity: severity "urgent": use one of info, low, medium, high, critical`,
		`13:5: tags[3]: checks nothing: add required: true, values, pattern or another check`,
		`15:5: tags[4].keys: missing: the tag's key and its accepted spellings, such as [owner, Owner]; or prohibited`,
		`15:9: tags[4].id: "no spaces": use letters, digits, dots, dashes and underscores`,
		`19:17: tags[5].prohibited: a rule that prohibits keys cannot also judge a tag: make it a rule of its own`,
		`23:17: tags[6].when: undefined field 'typ': did you mean "type"?`,
		`29:14: tags[7].when: undefined field 'nam': did you mean "name"?`,
		`33:12: tags[8].grace: "soon" is no duration: write 90s, 30m or 24h`,
		`36:7: drift.ignore[0].attributes: missing: the attributes to ignore, such as [DesiredCapacity], or ["*"]`,
		`36:7: drift.ignore[0].reason: missing: why these differences do not count`,
		`36:15: drift.ignore[0].when: the result is a string: write a condition that is true or false, such as asset.account == "111122223333"`,
		`38:19: severity.drift/unmanagd: "drift/unmanagd": no rule has this id: did you mean "drift/unmanaged"?`,
		`39:14: severity.nothing/*: "nothing/*": no rule has this id: known are drift/missing, drift/unmanaged, policy/expired-exemption, tags/block, tags/both, tags/late, tags/nothing, tags/owner, tags/typo`,
		`40:17: severity.drift/missing: missing: one of critical, high, medium, low, info`,
		`42:5: exempt[0].when: missing: a condition, such as asset.account == "444455556666"`,
		`42:5: exempt[0].reason: missing: why these findings do not count`,
		`42:5: exempt[0].owner: missing: who answers for it`,
		`42:13: exempt[0].rules[0]: "tags/ownr": no rule has this id: did you mean "tags/owner"?`,
		`43:14: exempt[0].expires: "31.1.2027" is no date: write YYYY-MM-DD, such as 2027-01-31`,
	}
	_, err := ParsePolicy("policy.yaml", []byte(text), policyEnv())
	var problems strictyaml.Problems
	if !errors.As(err, &problems) {
		t.Fatalf("got %v", err)
	}
	got := strings.Split(strings.ReplaceAll(err.Error(), "policy.yaml:", "\x00"), "\n")
	for i := range got {
		got[i] = strings.ReplaceAll(strings.TrimPrefix(got[i], "\x00"), "\x00", "policy.yaml:")
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestSeveralPolicyFiles(t *testing.T) {
	files := []PolicyFile{
		{"a.yaml", []byte("version: 1\ntags: [{id: owner, keys: [owner], required: true}]\n")},
		{"b.yaml", []byte("version: 1\nseverity: {tags/owner: low, drift/missing: info}\n")},
	}
	p, err := ParsePolicies(files, policyEnv())
	if err != nil || len(p.Tags) != 1 || p.SeverityOf("tags/owner", High) != Low {
		t.Fatalf("%+v, %v", p, err)
	}
	twoWays := []PolicyFile{
		{"a.yaml", []byte("version: 1\nseverity: {'tags/own??': low}\ntags: [{id: owner, keys: [owner], required: true}]\n")},
		{"b.yaml", []byte("version: 1\nseverity: {'t*gs/own*r': info}\n")},
	}
	forward, err := ParsePolicies(twoWays, policyEnv())
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(twoWays)
	backward, err := ParsePolicies(twoWays, policyEnv())
	if err != nil || forward.SeverityOf("tags/owner", High) != backward.SeverityOf("tags/owner", High) {
		t.Errorf("the order of the files decides between patterns of one length: %v", err)
	}
	one, err := ParsePolicies(files[:1], policyEnv())
	if err != nil || one.Digest() == p.Digest() || !strings.HasPrefix(p.Digest(), "sha256:") {
		t.Errorf("digests %s, %v", p.Digest(), err)
	}
	files[1].Text = files[0].Text
	_, err = ParsePolicies(files, policyEnv())
	if err == nil || !strings.Contains(err.Error(), `b.yaml:2:13: tags[0].id: "owner" is also the id at a.yaml:2`) {
		t.Errorf("got %v", err)
	}
}

func TestPatternMatchesTheWhole(t *testing.T) {
	for _, text := range []string{"dev", "^dev$", "dev|devel"} {
		p, err := NewPattern(text)
		if err != nil || !p.Matches("dev") || p.Matches("api-dev") || p.Matches("development") || p.Matches("dev\n") {
			t.Errorf("%s: %v", text, err)
		}
	}
	if _, err := NewPattern("a)|(b"); err == nil {
		t.Error("unbalanced parentheses are accepted")
	}
}

func TestLimitNamesThePlace(t *testing.T) {
	c, err := NewCondition(`asset.attributes.L.all(a, asset.attributes.L.all(b, a.size() + b.size() >= 0))`, "policy.yaml:7:11", expr.Env{})
	if err != nil {
		t.Fatal(err)
	}
	engine := at(firstScan, rule("tags/owner", map[string]Verdict{"a": failing()}))
	engine.Policy = &Policy{Exempt: []Exemption{{When: c}}}
	_, err = engine.Evaluate(t.Context(), each([]*Entity{withLongList("a")}), nil)
	if err == nil || !strings.Contains(err.Error(), "policy.yaml:7:11: evaluate") {
		t.Errorf("got %v", err)
	}
}

func TestGuideNamesEveryKey(t *testing.T) {
	guide, err := os.ReadFile("../docs/policy.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range policyKeys() {
		if !strings.Contains(string(guide), "`"+key+"`") {
			t.Errorf("docs/policy.md does not name the key %s", key)
		}
	}
}

func TestGuideExampleParses(t *testing.T) {
	guide, err := os.ReadFile("../docs/policy.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(guide), "```yaml\n")
	example, _, closed := strings.Cut(rest, "```")
	if !found || !closed {
		t.Fatal("docs/policy.md has no example")
	}
	if _, err := ParsePolicy("docs/policy.md", []byte(example), PolicyEnv{}); err != nil {
		t.Error(err)
	}
}

func FuzzParsePolicy(f *testing.F) {
	for _, seed := range []string{wholePolicy, "", "version: 1\ntags: [{id: a, keys: [b], when: '\"'}]\n", "- 1\n", "version: 1\nexempt: [{when: 'true'}]\n"} {
		f.Add(seed)
	}
	for _, seed := range kindSeeds() {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ParsePolicy("policy.yaml", []byte(text), policyEnv())
		if err != nil {
			var problems strictyaml.Problems
			if p != nil || !errors.As(err, &problems) || len(problems) == 0 {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		for _, r := range p.Tags {
			if r.ID == "" || r.Severity == 0 || len(r.Keys) == 0 && len(r.Prohibited) == 0 && len(r.AnyOf)+len(r.AllOf) == 0 && !r.Closed && r.Naming == nil && !r.Secrets {
				t.Fatalf("%q: rule %+v", text, r)
			}
		}
		for _, x := range p.Exempt {
			if x.When == nil || x.Reason == "" || x.Owner == "" || x.Expires == "" {
				t.Fatalf("%q: exemption %+v", text, x)
			}
		}
	})
}
