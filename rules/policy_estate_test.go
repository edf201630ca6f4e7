package rules

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseEstate(t *testing.T) {
	const text = `version: 1
tags:
  - {id: asset-id, keys: [asset-id], unique: true}
near_misses: {keys: true, values: [environment, owner]}
builtin: {tags/near-miss-key: {severity: info}, tags/flapping: {scans: 5}, tags/vanished: {}, tags/meaning: {}}
coverage:
  - {by: account, min: 95}
  - {by: tag.team, min: 80.5, only: [payments, "search-*"], measure: iac}
`
	p, err := ParsePolicy("policy.yaml", []byte(text), policyEnv())
	if err != nil {
		t.Fatal(err)
	}
	var builtin []string
	for _, b := range p.Builtin {
		builtin = append(builtin, b.ID+" "+b.Severity.String())
	}
	want := []string{"tags/flapping medium", "tags/meaning low", "tags/near-miss-key info", "tags/near-miss-value low", "tags/vanished high"}
	if diff := cmp.Diff(want, builtin); diff != "" {
		t.Error(diff)
	}
	if p.Builtin[0].Scans != 5 || !p.Tags[0].Unique {
		t.Errorf("scans %d, unique %v", p.Builtin[0].Scans, p.Tags[0].Unique)
	}
	if diff := cmp.Diff(EstatePolicy{
		NearMissValues: []string{"environment", "owner"},
		Floors: []CoverageFloor{
			{By: "account", Measure: "tag", Min: 95, Place: "policy.yaml#coverage[0]"},
			{By: "tag.team", Measure: "iac", Min: 80.5, Only: []string{"payments", "search-*"}, Place: "policy.yaml#coverage[1]"},
		},
	}, p.EstatePolicy); diff != "" {
		t.Error(diff)
	}
	if f := p.Floors[1]; !f.Holds("search-eu") || f.Holds("platform") || !p.Floors[0].Holds("") {
		t.Error("a floor holds for the wrong groups")
	}
}

func TestEstateOfSeveralFiles(t *testing.T) {
	p, err := ParsePolicies([]PolicyFile{
		{Name: "a.yaml", Text: []byte("version: 1\nnear_misses: {values: [env, owner]}\ncoverage: [{by: region, min: 1}]\n")},
		{Name: "b.yaml", Text: []byte("version: 1\nnear_misses: {keys: true, values: [owner, team]}\nbuiltin: [tags/near-miss-value]\ncoverage: [{by: owner, min: 2}]\n")},
	}, policyEnv())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"env", "owner", "team"}, p.NearMissValues); diff != "" || len(p.Builtin) != 2 || len(p.Floors) != 2 {
		t.Errorf("%s %+v %+v", diff, p.Builtin, p.Floors)
	}
}

func TestEstateProblems(t *testing.T) {
	for text, want := range map[string]string{
		"tags: [{id: a, keys: [a], unique: false}]":               "policy.yaml:2:8: tags[0]: checks nothing",
		"tags: [{id: a, unique: true}]":                           "needs keys: the tag whose values must be unique",
		"tags: [{id: a, any_of: [a, b], unique: true}]":           "policy.yaml:2:40: tags[0].unique: needs keys",
		"tags: [{id: a, closed: true, unique: true}]":             "a rule with closed cannot ask this",
		"tags: [{id: a, keys: [a], secrets: true, unique: true}]": "policy.yaml:2:50: tags[0].unique: would tell the values",
		"near_misses: {}":                                                 "policy.yaml:2:14: near_misses: missing: keys: true, or values",
		"near_misses: {key: true}":                                        `did you mean "keys"?`,
		"near_misses: {values: [a, a]}":                                   `policy.yaml:2:27: near_misses.values[1]: "a" is there twice`,
		"coverage: [{min: 95}]":                                           "coverage[0].by: missing: account, region",
		"coverage: [{by: regoin, min: 95}]":                               `policy.yaml:2:17: coverage[0].by: "regoin" is no group: did you mean "region"?, or tag.KEY`,
		"coverage: [{by: tag., min: 95}]":                                 `"tag." is no group`,
		"coverage: [{by: type}]":                                          "coverage[0].min: missing: how much must be covered",
		"coverage: [{by: type, min: 0.95}]":                               "policy.yaml:2:28: coverage[0].min: 0.95 is a percentage, not a fraction: write 95",
		"coverage: [{by: type, min: 0}]":                                  "0: write a percentage above 0 and up to 100",
		"coverage: [{by: type, min: 101}]":                                "101: write a percentage above 0",
		"coverage: [{by: type, min: .nan}]":                               `".nan" is no number`,
		"coverage: [{by: type, min: 5, measure: tags}]":                   `coverage[0].measure: "tags" is not measured: did you mean "tag"?`,
		"builtin: {tags/vanished: {scans: 5}}":                            "builtin.tags/vanished.scans: means nothing for tags/vanished: only tags/flapping has it",
		"builtin: {tags/flapping: {scans: 3}}":                            "3: write over how many scans a tag must be steady, from 4 to 100",
		"builtin: {tags/meaning: {when: 'true'}}":                         "builtin.tags/meaning.when: means nothing for tags/meaning, which looks at the estate as a whole",
		"builtin: [tags/near-mis-key]":                                    `did you mean "tags/near-miss-key"?`,
		"tags: [{id: vanished, keys: [a], required: true}]":               "tags/vanished is the id of a built-in rule",
		"near_misses: {keys: true}\nexempt: [{when: 'true', rules: [x]}]": "tags/near-miss-key",
	} {
		_, err := ParsePolicy("policy.yaml", []byte("version: 1\n"+text+"\n"), policyEnv())
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\n got  %v\n want %s", text, err, want)
		}
	}
}
