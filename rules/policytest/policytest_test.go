package policytest

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
)

var known = []string{"drift/missing", "tags/cost", "tags/owner"}

func TestParse(t *testing.T) {
	suite, err := Parse("cases.yaml", []byte(`version: 1
now: 2026-03-01
cases:
  - name: short
    asset: {type: AWS::EC2::Instance, account: 012345678901, tags: {cost: 100, flag: true, empty: "", later: null}}
    findings: [owner, {rule: tags/cost, message: "100"}]
  - name: as printed
    asset: {"key":"arn:aws:s3:::logs","type":"AWS::S3::Bucket","book":"declared","attributes":{"Size":3,"On":true},"unread":["Policy"]}
    others: [{tags: {}}, {taggable: false}]
    pass: [tags/owner]
    unknown: [cost]
    findings: []
`), known)
	if err != nil {
		t.Fatal(err)
	}
	if want := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC); !suite.Now.Equal(want) {
		t.Errorf("now %v, want %v", suite.Now, want)
	}
	first, second := suite.Cases[0], suite.Cases[1]
	want := inventory.KnownTags(inventory.Tag{Key: "cost", Value: "100"}, inventory.Tag{Key: "empty"}, inventory.Tag{Key: "flag", Value: "true"}, inventory.Tag{Key: "later", ValueUnknown: true})
	if a := first.Assets[0]; !a.Tags.Equal(want) || a.Account != "012345678901" || a.Book != inventory.Observed || a.Key != "asset" {
		t.Errorf("asset %+v", a)
	}
	if diff := cmp.Diff([]Expected{{Rule: "tags/owner"}, {Rule: "tags/cost", Message: "100"}}, first.Findings); diff != "" {
		t.Error(diff)
	}
	if first.Place != "cases.yaml:4" || !second.AsksFindings || len(second.Findings) > 0 || second.Unknown[0] != "tags/cost" {
		t.Errorf("%+v\n%+v", first, second)
	}
	if a := second.Assets[0]; a.Tags.State() != inventory.Unknown || a.Book != inventory.Declared {
		t.Errorf("asset %+v", a)
	}
	if second.Assets[1].Tags.State() != inventory.Known || second.Assets[2].Tags.State() != inventory.NotApplicable {
		t.Errorf("others %+v", second.Assets[1:])
	}
}

func TestParseErrors(t *testing.T) {
	tests := []struct{ name, file, want string }{
		{"no version", "cases: [{name: a, asset: {}, pass: [owner]}]", "version 0: write version: 1"},
		{"no cases", "version: 1", "cases: missing"},
		{"unknown key", "version: 1\ncases:\n  - {name: a, asset: {}, passs: [owner]}", `cases.yaml:3:26: cases[0].passs: unknown key: did you mean "pass"?`},
		{"no name", "version: 1\ncases: [{asset: {}, pass: [owner]}]", "cases[0].name: missing"},
		{"no asset", "version: 1\ncases: [{name: a, pass: [owner]}]", "cases[0].asset: missing"},
		{"expects nothing", "version: 1\ncases: [{name: a, asset: {}}]", "expects nothing"},
		{"no such rule", "version: 1\ncases: [{name: a, asset: {}, pass: [tags/ownr]}]", `no rule has the id "tags/ownr": did you mean "tags/owner"?`},
		{"an empty case", "version: 1\ncases:\n-", "cases[0].name: missing"},
		{"an empty asset", "version: 1\ncases: [{name: a, asset: , others: [null], pass: [owner]}]", "cases[0].asset: an asset is a mapping"},
		{"wrong field", "version: 1\ncases: [{name: a, asset: {tagz: {}}, pass: [owner]}]", `did you mean "tags"`},
		{"wrong value", "version: 1\ncases:\n  - name: a\n    asset: {tags: {a: [1]}}\n    pass: [owner]", `cases.yaml:4:12: cases[0].asset: tags: the value of "a" is no text`},
		{"wrong time", "version: 1\nnow: tomorrow\ncases: [{name: a, asset: {}, pass: [owner]}]", `"tomorrow" is no time`},
		{"same key", "version: 1\ncases: [{name: a, asset: {key: k}, others: [{key: k}], pass: [owner]}]", `the key "k" is there twice`},
		{"not YAML", "version: [", "not valid YAML"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := Parse("cases.yaml", []byte(tt.file), known); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want a part %q", err, tt.want)
			}
		})
	}
}

func TestCompare(t *testing.T) {
	got := map[string]Outcome{
		"fails": {Outcome: rules.Fail, Text: "tag is missing"}, "passes": {Outcome: rules.Pass}, "unknown": {Outcome: rules.Unknown, Text: "unread"},
		"accepted": {Outcome: rules.Fail, Accepted: true, Text: "wrong"}, "none": {Outcome: rules.NotApplicable, Text: "no such tag"},
	}
	tests := []struct {
		name string
		c    Case
		want []string
	}{
		{"as expected", Case{
			AsksFindings: true, Findings: []Expected{{"fails", "missing"}}, Pass: []string{"passes"}, Unknown: []string{"unknown"},
			NotApplicable: []string{"none"}, Accepted: []string{"accepted"},
		}, nil},
		{"a finding too many", Case{AsksFindings: true}, []string{"+ fails: not expected: tag is missing"}},
		{"findings not asked", Case{Pass: []string{"passes"}}, nil},
		{
			"a finding that is not there",
			Case{AsksFindings: true, Findings: []Expected{{"fails", ""}, {"passes", ""}, {"other", ""}}},
			[]string{"- passes: want a finding, got pass", "- other: want a finding, got the rule said nothing"},
		},
		{"another message", Case{Findings: []Expected{{"fails", "empty"}}}, []string{`- fails: want a message with "empty", got "tag is missing"`}},
		{"unknown is not pass", Case{Pass: []string{"unknown"}}, []string{"- unknown: want pass, got unknown: unread"}},
		{"accepted is no finding", Case{Findings: []Expected{{"accepted", ""}}}, []string{"- accepted: want a finding, got accepted: wrong"}},
		{
			"pass is not unknown",
			Case{Unknown: []string{"passes"}, NotApplicable: []string{"passes"}, Accepted: []string{"passes"}},
			[]string{"- passes: want unknown, got pass", "- passes: want not applicable, got pass", "- passes: want accepted, got pass"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, tt.c.Compare(got)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add("version: 1\ncases: [{name: a, asset: {tags: {a: b}}, pass: [owner]}]")
	f.Add("version: 1\ncases: [{name: a, asset: &x {others: *x}, findings: []}]")
	f.Add("version: 1\ncases:\n- name: a\n  asset: {<<: {a: b}}\n  pass: [owner]")
	f.Fuzz(func(t *testing.T, text string) {
		suite, err := Parse("c.yaml", []byte(text), known)
		if err == nil && (len(suite.Cases) == 0 || len(suite.Cases[0].Assets) == 0) {
			t.Error("no cases and no error")
		}
	})
}
