package interchange

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"

	"github.com/muster-audit/muster/rules"
)

func exported(t testing.TB, format Format, policy string) (text string, told string) {
	t.Helper()
	var b strings.Builder
	losses, err := Export(&b, format, parsed(t, policy))
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, l := range losses {
		lines = append(lines, l.String())
	}
	return b.String(), strings.Join(lines, "\n")
}

// same compares tag rules but for where they stand.
func same(a, b *rules.Policy) string {
	return cmp.Diff(a.Tags, b.Tags, cmpopts.IgnoreFields(rules.TagRule{}, "By"), cmp.Transformer("when", func(c *rules.Condition) string { return c.Source() }),
		cmp.Transformer("pattern", func(p rules.Pattern) string { return p.Text }))
}

// TestTagPolicyRoundTrip: what is imported, exported and imported again is equal, and nothing is lost.
func TestTagPolicyRoundTrip(t *testing.T) {
	kinds := sorted(func() map[string]bool {
		set := map[string]bool{"s3:ALL_SUPPORTED": true, "ec2:ALL_SUPPORTED": true}
		for name := range names().types {
			if !strings.HasPrefix(name, "ec2:") && !strings.HasPrefix(name, "s3:") {
				set[name] = true
			}
		}
		return set
	}())
	rapid.Check(t, func(t *rapid.T) {
		tags := map[string]any{}
		for _, key := range rapid.SliceOfNDistinct(rapid.StringMatching(`[A-Za-z][A-Za-z0-9:_ -]{0,10}[A-Za-z0-9]`), 0, 4, strings.ToLower).Draw(t, "keys") {
			entry := map[string]any{tagKey: map[string]any{opAssign: key}}
			list := func(name string, from *rapid.Generator[string]) {
				if v := rapid.SliceOfNDistinct(from, 0, 4, rapid.ID[string]).Draw(t, name); len(v) > 0 {
					entry[name] = map[string]any{opAssign: v}
				}
			}
			list(tagValue, rapid.StringMatching(`[A-Za-z0-9'?\[\]\\:{}#-][A-Za-z0-9'?\[\]\\ :{}#-]{0,5}\*?[a-z/@"]{0,3}`))
			list(enforcedFor, rapid.SampledFrom(kinds))
			list(requiredFor, rapid.SampledFrom(kinds))
			tags[key] = entry
		}
		text, err := json.Marshal(map[string]any{"tags": tags})
		if err != nil {
			t.Fatal(err)
		}
		first := importedTagPolicy(t, string(text))
		var b strings.Builder
		losses, err := Export(&b, FormatTagPolicy, first)
		if err != nil || len(losses) > 0 {
			t.Fatalf("%v, %v", err, losses)
		}
		second := importedTagPolicy(t, b.String())
		byID := func(p *rules.Policy) {
			slices.SortFunc(p.Tags, func(a, b rules.TagRule) int { return strings.Compare(a.ID, b.ID) })
		}
		byID(first)
		byID(second)
		if diff := same(first, second); diff != "" {
			t.Fatalf("%s\n%s\n%s", diff, text, b.String())
		}
	})
}

func importedTagPolicy(t rapid.TB, text string) *rules.Policy {
	t.Helper()
	d, err := ImportTagPolicies([]Source{{"p.json", strings.NewReader(text)}})
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Left) > 0 {
		t.Fatalf("left: %v", d.Left)
	}
	var b strings.Builder
	if _, err := d.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	p, err := rules.ParsePolicies([]rules.PolicyFile{{Name: "p.yaml", Text: []byte(b.String())}}, rules.PolicyEnv{})
	if err != nil {
		t.Fatalf("%v\n%s", err, b.String())
	}
	return p
}

const rich = `
version: 1
tags:
  - {id: owner, keys: [Owner, owner], required: true, grace: 24h}
  - {id: env, keys: [env], required: true, values: [prod, dev], when: 'asset.type in ["AWS::EC2::Instance"]'}
  - {id: cost, keys: [cost], globs: ["cc-*"], when: 'asset.provider == "aws"'}
  - {id: odd, keys: [odd], values: ["a*b"]}
  - {id: narrow, keys: [narrow], globs: ["a?"]}
  - {id: form, keys: [form], pattern: '[a-z]+', length: {max: 5}}
  - {id: free, keys: [free], required: true, when: 'asset.name == "x"'}
  - {id: no-secrets, prohibited: ['(?i).*password.*']}
  - {id: contact, any_of: [mail, phone]}
  - {id: some, keys: [some], values: [x], when: 'asset.type.startsWith("AWS::S3::")'}
severity: {tags/owner: high}
`

func TestExportTagPolicy(t *testing.T) {
	text, told := exported(t, FormatTagPolicy, rich)
	want := map[string]any{"tags": map[string]any{
		"owner":  map[string]any{"tag_key": map[string]any{"@@assign": "Owner"}},
		"env":    map[string]any{"tag_key": map[string]any{"@@assign": "env"}, "tag_value": map[string]any{"@@assign": []any{"prod", "dev"}}, "report_required_tag_for": map[string]any{"@@assign": []any{"ec2:instance"}}},
		"cost":   map[string]any{"tag_key": map[string]any{"@@assign": "cost"}, "tag_value": map[string]any{"@@assign": []any{"cc-*"}}},
		"odd":    map[string]any{"tag_key": map[string]any{"@@assign": "odd"}},
		"narrow": map[string]any{"tag_key": map[string]any{"@@assign": "narrow"}},
		"form":   map[string]any{"tag_key": map[string]any{"@@assign": "form"}},
		"some":   map[string]any{"tag_key": map[string]any{"@@assign": "some"}, "tag_value": map[string]any{"@@assign": []any{"x"}}},
	}}
	var got any
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(any(want), got); diff != "" {
		t.Errorf("tag policy (-want +got):\n%s", diff)
	}
	wantTold(t, told,
		"the section severity is muster's alone",
		"policy.yaml#tags[0]: tags/owner: a tag policy cannot express grace",
		`tags/owner: a tag policy has one spelling of a key: it does not know "owner"`,
		"tags/owner: a tag policy requires a tag of named types only",
		"tags/env: a tag policy looks at all types, and this rule at some",
		`tags/odd: its values cannot be expressed: "a*b" asks for a *`,
		`tags/narrow: its values cannot be expressed: "a?": AWS has only *`,
		"tags/form: a tag policy cannot express length, pattern",
		`tags/free: its condition "asset.name == \"x\"" cannot be expressed`,
		"tags/no-secrets: a tag policy cannot express prohibited: the rule is left out",
		"tags/contact: a tag policy cannot express any_of: the rule is left out",
		"tags/some: a tag policy looks at all types, and this rule at some",
		`tag "env": AWS also holds other cases of this key to be wrong`,
	)
}

func wantTold(t *testing.T, told string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(told, part) {
			t.Errorf("nothing tells %q in\n%s", part, told)
		}
	}
}

// TestEveryRuleIsTold: a rule is in the export as it is, or told of.
func TestEveryRuleIsTold(t *testing.T) {
	for _, format := range Formats() {
		_, told := exported(t, format, rich)
		p := parsed(t, rich)
		for i := range p.Tags {
			r := &p.Tags[i]
			whole := format == FormatJSONSchema && slices.Contains([]string{"odd", "narrow", "contact", "form"}, r.ID) ||
				format == FormatTagPolicy && r.ID == "cost" || format == FormatConfig && r.ID == "env"
			if whole == strings.Contains(told, "tags/"+r.ID+":") {
				t.Errorf("%s, tags/%s: told %v\n%s", format, r.ID, !whole, told)
			}
		}
	}
	if _, err := Export(&strings.Builder{}, "opa", parsed(t, rich)); err == nil || !strings.Contains(err.Error(), "use one of aws-tag-policy, aws-config, tflint, json-schema") {
		t.Error(err)
	}
}

func TestExportTFLint(t *testing.T) {
	text, told := exported(t, FormatTFLint, "version: 1\ntags:\n"+
		"  - {id: owner, keys: [Owner], required: true}\n  - {id: b, keys: ['a\"${x} %{y}'], required: true, values: [x]}\n"+
		"  - {id: c, keys: [c], values: [x]}\n  - {id: d, keys: [d], required: true, when: 'asset.type == \"AWS::S3::Bucket\"'}\n")
	file, diags := hclsyntax.ParseConfig([]byte(text), ".tflint.hcl", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatalf("%v\n%s", diags, text)
	}
	rule := file.Body.(*hclsyntax.Body).Blocks[0]
	value, diags := rule.Body.Attributes["tags"].Expr.Value(nil)
	if diags.HasErrors() || rule.Labels[0] != "aws_resource_missing_tags" {
		t.Fatal(diags, rule.Labels)
	}
	var keys []string
	for _, v := range value.AsValueSlice() {
		keys = append(keys, v.AsString())
	}
	if want := []string{"Owner", `a"${x} %{y}`}; !slices.Equal(keys, want) {
		t.Errorf("keys %q, want %q", keys, want)
	}
	wantTold(t, told, "tags/b: TFLint's rule cannot express values", "tags/c: TFLint's rule asks for required keys only", "tags/d: TFLint's rule asks every type")
}

// FuzzHCLText: whatever the key, HCL reads it back.
func FuzzHCLText(f *testing.F) {
	for _, s := range []string{"owner", `a"b\c`, "${x}", "%{x}", "$${", "\n", "\u202e", "\U000e0001", "é"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if strings.ToValidUTF8(s, "") != s {
			return
		}
		e, diags := hclsyntax.ParseExpression([]byte(hclText(s)), "x.hcl", hcl.InitialPos)
		if diags.HasErrors() {
			t.Fatalf("%q as %s: %v", s, hclText(s), diags)
		}
		v, diags := e.Value(nil)
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		if got := v.AsString(); got != s && !strings.ContainsFunc(s, func(r rune) bool { return r > 0x7f }) { // HCL normalises to NFC
			t.Errorf("%q is read as %q", s, got)
		}
	})
}

// FuzzTagPolicy: whatever the file, it is refused with its place, or makes a policy that is valid.
func FuzzTagPolicy(f *testing.F) {
	for _, s := range []string{policyA, policyB, policyC, policyD, policyE, policyF, `{"tags":{"a\u202e":{"tag_value":{"@@assign":["\u0000","'","*"]}}}}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := ImportTagPolicies([]Source{{"p.json", strings.NewReader(text)}})
		if err != nil {
			if !strings.Contains(err.Error(), "p.json") {
				t.Errorf("%v does not name the file", err)
			}
			return
		}
		parsed(t, written(t, d))
	})
}

func FuzzConfig(f *testing.F) {
	f.Add(`{"tag1Key":"a","tag1Value":"x,y"}`)
	f.Add(`{"ConfigRules":[{"ConfigRuleName":"r","Scope":{"ComplianceResourceTypes":["AWS::S3::Bucket"],"TagKey":"k\"","TagValue":"v"},"Source":{"SourceIdentifier":"REQUIRED_TAGS"},"InputParameters":"{\"tag1Key\":\"a\"}"}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		d, err := ImportConfig(Source{"c.json", strings.NewReader(text)})
		if err != nil {
			if !strings.Contains(err.Error(), "c.json") {
				t.Errorf("%v does not name the file", err)
			}
			return
		}
		parsed(t, written(t, d))
	})
}

func imported(t testing.TB, text string) (*Document, error) {
	t.Helper()
	return ImportConfig(Source{"config.json", strings.NewReader(text)})
}

func TestImportConfig(t *testing.T) {
	all := 30
	tests := []struct {
		name, file string
		want       []MadeRule // without conditions
		types      int
		when       string // a part
		told       string
	}{
		{
			"parameters", `{"tag1Key":"Owner","tag2Key":"Env","tag2Value":"prod, dev,,dev"}`,
			[]MadeRule{{ID: "owner", Keys: []string{"Owner"}}, {ID: "env", Keys: []string{"Env"}, Values: []string{"prod", "dev"}}},
			all, "AWS::CertificateManager::Certificate", "",
		},
		{
			"a rule", `{"ConfigRuleName":"r","Scope":{"ComplianceResourceTypes":["AWS::S3::Bucket","AWS::ACM::Certificate"]},"Source":{"Owner":"AWS","SourceIdentifier":"REQUIRED_TAGS"},"InputParameters":"{\"tag1Key\":\"Owner\"}"}`,
			[]MadeRule{{ID: "owner", Keys: []string{"Owner"}}},
			2, `asset.type in ["AWS::S3::Bucket", "AWS::CertificateManager::Certificate"]`, "",
		},
		{
			"properties of CloudFormation", `{"Type":"AWS::Config::ConfigRule","Properties":{"InputParameters":{"tag3Key":"Owner"},"Source":{"SourceIdentifier":"REQUIRED_TAGS"}}}`,
			[]MadeRule{{ID: "owner", Keys: []string{"Owner"}}},
			all, "", "",
		},
		{
			"several rules", `{"ConfigRules":[{"ConfigRuleName":"one","Source":{"SourceIdentifier":"REQUIRED_TAGS"},"InputParameters":"{\"tag1Key\":\"a\"}"},
			{"ConfigRuleName":"two","Source":{"SourceIdentifier":"S3_BUCKET_VERSIONING_ENABLED"},"InputParameters":"{}"},
			{"ConfigRuleName":"three","Source":{"SourceIdentifier":"REQUIRED_TAGS"},"InputParameters":"{\"tag1Key\":\"a\"}"}]}`,
			[]MadeRule{{ID: "one-a", Keys: []string{"a"}}, {ID: "three-a", Keys: []string{"a"}}},
			all, "", "two-wants something other",
		},
		{
			"scope by tag", `{"Scope":{"TagKey":"env","TagValue":"prod"},"Source":{"SourceIdentifier":"REQUIRED_TAGS"},"InputParameters":"{\"tag1Key\":\"a\"}"}`,
			[]MadeRule{{ID: "a", Keys: []string{"a"}}},
			all, `] && asset.tags["env"] == "prod"`, "",
		},
		{
			"one resource", `{"Scope":{"ComplianceResourceTypes":["AWS::S3::Bucket"],"ComplianceResourceId":"logs"},"Source":{"SourceIdentifier":"REQUIRED_TAGS"},"InputParameters":"{\"tag1Key\":\"a\"}"}`,
			[]MadeRule{{ID: "a", Keys: []string{"a"}}},
			1, "", `the one resource "logs"`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d, err := imported(t, tt.file)
			if err != nil {
				t.Fatal(err)
			}
			parsed(t, written(t, d))
			for i, r := range d.Rules {
				if !r.Required || strings.Count(r.When, "::")/2 != tt.types || !strings.Contains(r.When, tt.when) {
					t.Errorf("rule %d: %+v", i, r)
				}
			}
			if diff := cmp.Diff(tt.want, d.Rules, cmpopts.IgnoreFields(MadeRule{}, "When", "Severity", "Required")); diff != "" {
				t.Error(diff)
			}
			if told := fmt.Sprint(d.Left); len(d.Left) > 0 && tt.told == "" || !strings.Contains(told, tt.told) {
				t.Errorf("left %s, want a part %q", told, tt.told)
			}
		})
	}
}

func TestImportConfigErrors(t *testing.T) {
	for file, want := range map[string]string{
		`[]`:                                "it is a list",
		`{}`:                                "no tag1Key",
		`{"tag1Value":"x"}`:                 "tag1Value without tag1Key",
		`{"tag7Key":"x"}`:                   `"tag7Key" is no parameter of required-tags: did you mean "tag1Key"?`,
		`{"tag1Key":7}`:                     "tag1Key is 7",
		`{"tag1Key":"a","tag1Value":["x"]}`: "values with commas between them are needed",
		`{"InputParameters":7}`:             "InputParameters is 7",
		"{\n\"InputParameters\":\"{\"}":     "config.json:2: ",
		`{"Scope":{"ComplianceResourceTypes":"AWS::S3::Bucket"},"InputParameters":{"tag1Key":"a"}}`: "a list of texts is needed",
	} {
		if _, err := imported(t, file); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want a part %q", file, err, want)
		}
	}
}

func TestConfigRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var b strings.Builder
		b.WriteString("version: 1\ntags:\n")
		for i, key := range rapid.SliceOfNDistinct(rapid.StringMatching(`[A-Za-z][a-z0-9]{0,6}`), 1, 9, strings.ToLower).Draw(t, "keys") {
			types := unique(rapid.SliceOfN(rapid.SampledFrom(configTypes()), 1, 3).Draw(t, "types"))
			for j := range types {
				types[j] = fromConfigType(types[j])
			}
			values := rapid.SliceOfNDistinct(rapid.StringMatching(`[A-Za-z0-9:'#-]{1,4}`), 0, 3, rapid.ID[string]).Draw(t, "values")
			fmt.Fprintf(&b, "  - {id: r%d, keys: [%s], required: true, when: %s", i, scalar(key), scalar(scope{Types: types}.when()))
			for j := range values {
				values[j] = scalar(values[j])
			}
			fmt.Fprintf(&b, ", values: [%s]}\n", strings.Join(values, ", "))
		}
		first, err := rules.ParsePolicies([]rules.PolicyFile{{Name: "p.yaml", Text: []byte(b.String())}}, rules.PolicyEnv{})
		if err != nil {
			t.Fatalf("%v\n%s", err, b.String())
		}
		var out strings.Builder
		losses, err := Export(&out, FormatConfig, first)
		if err != nil || len(losses) > 0 {
			t.Fatal(err, losses)
		}
		d, err := ImportConfig(Source{"c.json", strings.NewReader(out.String())})
		if err != nil {
			t.Fatal(err)
		}
		if len(d.Rules) != len(first.Tags) {
			t.Fatalf("%d rules, want %d", len(d.Rules), len(first.Tags))
		}
		for _, r := range first.Tags {
			found := slices.ContainsFunc(d.Rules, func(m MadeRule) bool {
				return slices.Equal(m.Keys, r.Keys) && slices.Equal(m.Values, r.Values) && m.Required && m.When == r.When.Source()
			})
			if !found {
				t.Fatalf("%s is not there again in\n%s", r.ID, out.String())
			}
		}
	})
}

func TestExportConfigTells(t *testing.T) {
	_, told := exported(t, FormatConfig, rich)
	wantTold(t, told, "tags/owner: AWS Config's required-tags looks at 30 types only, and this rule at all",
		"tags/free: its condition", "tags/cost: AWS Config's required-tags asks for required tags only")
	text, told := exported(t, FormatConfig, "version: 1\ntags: [{id: a, keys: [a], required: true, values: ['x,y'], when: 'asset.type in [\"AWS::Lambda::Function\", \"AWS::S3::Bucket\"]'}]\n")
	wantTold(t, told, "does not look at AWS::Lambda::Function", `"x,y" has one`)
	if !strings.Contains(text, `"InputParameters": "{\"tag1Key\":\"a\"}"`) {
		t.Error(text)
	}
}

func TestExportJSONSchema(t *testing.T) {
	text, told := exported(t, FormatJSONSchema, `
version: 1
tags:
  - {id: owner, keys: [owner, Owner], required: true, length: {min: 2}}
  - {id: env, keys: [env], required: true, values: [prod, dev]}
  - {id: cost, keys: [cost], values: ["a.b"], globs: ["cc-*"]}
  - {id: mail, keys: [mail], type: email}
  - {id: form, keys: [form], pattern: '[a-z]+|x'}
  - {id: flags, keys: [flags], pattern: '(?i)x'}
  - {id: none, prohibited: [tmp, '(?i)x']}
  - {id: contact, any_of: [mail, phone]}
`)
	var got map[string]any
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{
		`"$schema": "https://json-schema.org/draft/2020-12/schema"`, `"pattern": "^cc-[\\s\\S]*$"`, `"format": "email"`, `"pattern": "^(?:[a-z]+|x)$"`, `"minLength": 2`,
	} {
		if !strings.Contains(text, part) {
			t.Errorf("no %s in\n%s", part, text)
		}
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("tags.json", got); err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile("tags.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		tags string
		ok   bool
	}{
		{`{"owner":"ab","env":"prod","mail":"x"}`, true},
		{`{"Owner":"ab","env":"dev","phone":"1","cost":"cc-1","form":"abc"}`, true},
		{`{"owner":"ab","env":"prod","phone":"1","cost":"a.b"}`, true},
		{`{"owner":"ab","env":"prod","phone":"1","cost":"aXb"}`, false},
		{`{"owner":"ab","env":"prod","phone":"1","form":"abc1"}`, false},
		{`{"owner":"a","env":"prod","mail":"x"}`, false},
		{`{"owner":"  ","env":"prod","mail":"x"}`, false},
		{`{"env":"prod","mail":"x"}`, false},
		{`{"owner":"ab","env":"qa","mail":"x"}`, false},
		{`{"owner":"ab","mail":"x"}`, false},
		{`{"owner":"ab","env":"prod"}`, false},
		{`{"owner":"ab","env":"prod","mail":"x","tmp":"1"}`, false},
		{`{"owner":"ab","env":"prod","mail":"x","tmp2":"1"}`, true},
	} {
		instance, err := jsonschema.UnmarshalJSON(strings.NewReader(tt.tags))
		if err != nil {
			t.Fatal(err)
		}
		if err := compiled.Validate(instance); (err == nil) != tt.ok {
			t.Errorf("%s: %v", tt.tags, err)
		}
	}
	if diff := cmp.Diff([]any{"env"}, got["required"]); diff != "" {
		t.Error(diff)
	}
	wantTold(t, told, "tags/flags: the JSON Schema cannot express pattern", "tags/none: the JSON Schema cannot express the pattern (?i)x")
	if strings.Contains(told, "tags/owner") || strings.Contains(told, "tags/cost") {
		t.Error(told)
	}
}
