package interchange

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
	"github.com/muster-audit/muster/rules"
	"github.com/muster-audit/muster/rules/expr"
)

func sources(texts ...string) []Source {
	var list []Source
	for i, text := range texts {
		list = append(list, Source{Name: []string{"root.json", "ou.json", "account.json"}[i], Text: strings.NewReader(text)})
	}
	return list
}

func effective(t testing.TB, texts ...string) *TagPolicy {
	t.Helper()
	p, err := ReadTagPolicies(sources(texts...))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func parsed(t testing.TB, text string) *rules.Policy {
	t.Helper()
	p, err := rules.ParsePolicies([]rules.PolicyFile{{Name: "policy.yaml", Text: []byte(text)}}, rules.PolicyEnv{
		Expr: expr.Env{Now: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)}, Rules: []string{"drift/unmanaged"},
	})
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return p
}

func written(t testing.TB, d *Document) string {
	t.Helper()
	var b strings.Builder
	if _, err := d.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// The policies of the page "Inheritance examples" of the Organizations user guide, made shorter.
const (
	policyA = `{"tags":{"costcenter":{"tag_key":{"@@assign":"CostCenter"},"tag_value":{"@@assign":["Development","Support"]}}}}`
	policyB = `{"tags":{"costcenter":{"tag_key":{"@@assign":"CostCenter"},"tag_value":{"@@assign":["Sandbox"]},"enforced_for":{"@@assign":["redshift:*","dynamodb:table"]}}}}`
	policyC = `{"tags":{"costcenter":{"tag_value":{"@@append":["Marketing"]},"enforced_for":{"@@append":["redshift:*","dynamodb:table"]}}}}`
	policyD = `{"tags":{"costcenter":{"tag_value":{"@@remove":["Development","Marketing"]},"enforced_for":{"@@remove":["redshift:*","dynamodb:table"]}}}}`
	policyE = `{"tags":{"project":{"tag_key":{"@@operators_allowed_for_child_policies":["@@none"],"@@assign":"Project"},
		"tag_value":{"@@operators_allowed_for_child_policies":["@@append"],"@@assign":["Maintenance","Escalations"]}}}}`
	policyF = `{"tags":{"project":{"tag_key":{"@@assign":"PROJECT"},"tag_value":{"@@append":["Escalations - research"]}}}}`
)

func TestTagPoliciesMerge(t *testing.T) {
	tests := []struct {
		name    string
		files   []string
		want    []PolicyTag
		ignored string // a part of what is told
	}{
		{"one file", []string{policyA}, []PolicyTag{{Key: "CostCenter", Values: []string{"Development", "Support"}}}, ""},
		{
			"assign overwrites",
			[]string{policyA, policyB},
			[]PolicyTag{{Key: "CostCenter", Values: []string{"Sandbox"}, EnforcedFor: []string{"redshift:*", "dynamodb:table"}}},
			"",
		},
		{
			"append adds, and makes what is not there",
			[]string{policyA, policyC},
			[]PolicyTag{{Key: "CostCenter", Values: []string{"Development", "Support", "Marketing"}, EnforcedFor: []string{"redshift:*", "dynamodb:table"}}},
			"",
		},
		{
			"remove takes away, and an empty setting says nothing",
			[]string{policyA, policyC, policyD},
			[]PolicyTag{{Key: "CostCenter", Values: []string{"Support"}}},
			"",
		},
		{"remove of what is not there", []string{policyD}, nil, ""},
		{
			"a locked key stays, values may be appended",
			[]string{policyE, policyF},
			[]PolicyTag{{Key: "Project", Values: []string{"Maintenance", "Escalations", "Escalations - research"}}},
			`ou.json:1: tags.project.tag_key: a policy above does not allow @@assign to change this setting`,
		},
		{
			"a lock on values refuses assign and remove",
			[]string{policyE, `{"tags":{"project":{"tag_value":{"@@assign":["X"],"@@remove":["Maintenance"]}}}}`},
			[]PolicyTag{{Key: "Project", Values: []string{"Maintenance", "Escalations"}}},
			"does not allow @@remove",
		},
		{
			"what a parent locked no child unlocks",
			[]string{
				policyE,
				`{"tags":{"project":{"tag_value":{"@@operators_allowed_for_child_policies":["@@all"]}}}}`, `{"tags":{"project":{"tag_value":{"@@assign":["X"]}}}}`,
			},
			[]PolicyTag{{Key: "Project", Values: []string{"Maintenance", "Escalations"}}},
			"account.json:1: tags.project.tag_value",
		},
		{
			"a lock narrows further down",
			[]string{
				policyA,
				`{"tags":{"costcenter":{"tag_value":{"@@operators_allowed_for_child_policies":["@@remove"]}}}}`,
				`{"tags":{"costcenter":{"tag_value":{"@@append":["X"],"@@remove":["Support"]}}}}`,
			},
			[]PolicyTag{{Key: "CostCenter", Values: []string{"Development"}}},
			"does not allow @@append",
		},
		{
			"a lock does not hold its own file",
			[]string{`{"tags":{"a":{"tag_key":{"@@operators_allowed_for_child_policies":["@@none"],"@@assign":"A"}}}}`},
			[]PolicyTag{{Key: "A"}},
			"",
		},
		{
			"a lock over all tags adds none",
			[]string{
				`{"tags":{"@@operators_allowed_for_child_policies":["@@none"],"a":{"tag_key":{"@@assign":"A"}}}}`,
				`{"tags":{"b":{"tag_key":{"@@assign":"B"}},"a":{"tag_key":{"@@assign":"a"}}}}`,
			},
			[]PolicyTag{{Key: "a"}},
			"tags.b.tag_key: a policy above does not allow @@assign to add a tag",
		},
		{"a lock over a tag adds no settings", []string{
			`{"tags":{"a":{"@@operators_allowed_for_child_policies":["@@none"],"tag_key":{"@@assign":"A"}}}}`,
			`{"tags":{"a":{"tag_value":{"@@assign":["x"]}}}}`,
		}, []PolicyTag{{Key: "A"}}, "add a setting to this tag"},
		{
			"without a tag key it is lower case",
			[]string{`{"tags":{"CostCenter":{"tag_value":{"@@assign":["x"]}}}}`},
			[]PolicyTag{{Key: "costcenter", Values: []string{"x"}}},
			"",
		},
		{
			"the entry's name has no case",
			[]string{`{"tags":{"CostCenter":{"tag_key":{"@@assign":"CostCenter"}}}}`, `{"tags":{"costcenter":{"tag_value":{"@@assign":["x"]}}}}`},
			[]PolicyTag{{Key: "CostCenter", Values: []string{"x"}}},
			"",
		},
		{
			"operators of one file: assign, append, remove",
			[]string{`{"tags":{"a":{"tag_value":{"@@remove":["y"],"@@append":["y","z"],"@@assign":["x"]}}}}`},
			[]PolicyTag{{Key: "a", Values: []string{"x", "z"}}},
			"",
		},
		{"a lock alone says nothing", []string{`{"tags":{"a":{"tag_value":{"@@operators_allowed_for_child_policies":["@@append"]}}}}`}, nil, ""},
		{
			"an effective policy",
			[]string{`{"tags":{"costcenter":{"tag_key":"CostCenter","tag_value":["a*"],"report_required_tag_for":["ec2:instance"]}}}`},
			[]PolicyTag{{Key: "CostCenter", Values: []string{"a*"}, RequiredFor: []string{"ec2:instance"}}},
			"",
		},
		{
			"the answer of describe-policy",
			[]string{`{"Policy":{"PolicySummary":{},"Content":"{\"tags\":{\"a\":{\"tag_key\":{\"@@assign\":\"A\"}}}}"}}`},
			[]PolicyTag{{Key: "A"}},
			"",
		},
		{
			"the answer of describe-effective-policy",
			[]string{`{"EffectivePolicy":{"PolicyContent":"{\"tags\":{\"a\":{\"tag_key\":\"A\"}}}","PolicyType":"TAG_POLICY"}}`},
			[]PolicyTag{{Key: "A"}},
			"",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := effective(t, tt.files...)
			if diff := cmp.Diff(tt.want, p.Tags, cmpopts.IgnoreUnexported(PolicyTag{})); diff != "" {
				t.Errorf("tags (-want +got):\n%s", diff)
			}
			var told []string
			for _, l := range p.Ignored {
				told = append(told, l.String())
			}
			if text := strings.Join(told, "\n"); tt.ignored == "" && text != "" || !strings.Contains(text, tt.ignored) {
				t.Errorf("ignored %q, want a part %q", text, tt.ignored)
			}
		})
	}
}

func TestTagPolicyErrors(t *testing.T) {
	tests := []struct{ name, file, want string }{
		{"empty", ``, "root.json:1: the file ends too soon"},
		{"cut off", `{"tags":{`, "root.json:1: "},
		{"not JSON", "{\n  tags: 1}", "root.json:2: not valid JSON"},
		{"more behind", `{"tags":{}} {}`, "more behind the end"},
		{"another document", `{"Version":"2012-10-17"}`, `no "tags": it is no tag policy`},
		{"beside tags", `{"tags":{},"services":{}}`, `"services" is not known in a tag policy`},
		{"tags is a list", `{"tags":[]}`, `"tags" is a list`},
		{"tag twice", "{\"tags\":{\"a\":{\"tag_key\":\"a\"},\n\"A\":{\"tag_key\":\"A\"}}}", `root.json:2: the tag "A" is there twice but for case`},
		{"same name twice", `{"tags":{"a":{"tag_key":"a"},"a":{"tag_key":"a"}}}`, "a name is there twice in one object"},
		{"no setting", `{"tags":{"a":{}}}`, `"a" says nothing: add tag_key`},
		{"unknown setting", `{"tags":{"a":{"tag_values":{"@@assign":["x"]}}}}`, `"tag_values" is no setting of a tag: did you mean "tag_value"?`},
		{"unknown operator", `{"tags":{"a":{"tag_value":{"@@asign":["x"]}}}}`, `"@@asign" is no operator: did you mean "@@assign"?`},
		{"nested by mistake", `{"tags":{"a":{"tag_value":{"enforced_for":{"@@remove":["x"]}}}}}`, `"enforced_for" is no operator`},
		{"another key", `{"tags":{"a":{"tag_key":{"@@assign":"b"}}}}`, `tag_key is "b", and its entry is called "a"`},
		{"append a key", `{"tags":{"a":{"tag_key":{"@@append":"A"}}}}`, "tag_key takes @@assign only"},
		{"key is a list", `{"tags":{"a":{"tag_key":{"@@assign":["A"]}}}}`, "tag_key is a list: a text is needed"},
		{"two wildcards", `{"tags":{"a":{"tag_value":{"@@assign":["*@*.com"]}}}}`, "more than one *"},
		{"a number", `{"tags":{"a":{"tag_value":{"@@assign":[100]}}}}`, "tag_value holds 100: write texts in quotes"},
		{"values as a text", `{"tags":{"a":{"tag_value":{"@@assign":"x"}}}}`, "a list of texts is needed"},
		{"every service", `{"tags":{"a":{"enforced_for":{"@@assign":["*:*"]}}}}`, `"*:*" in enforced_for: write a service`},
		{"no kind", `{"tags":{"a":{"report_required_tag_for":{"@@assign":["ec2"]}}}}`, `"ec2" in report_required_tag_for`},
		{"unknown lock", `{"tags":{"a":{"@@operators_allowed_for_child_policies":["@@some"]}}}`, `"@@some" is no operator`},
		{"none and more", `{"tags":{"a":{"@@operators_allowed_for_child_policies":["@@none","@@append"]}}}`, "@@none stands alone"},
		{"nested too deeply", strings.Repeat(`{"a":`, 50) + "1" + strings.Repeat("}", 50), "nested too deeply"},
		{"describe-policy of something else", `{"Policy":{"PolicySummary":{}}}`, "Policy holds no Content"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ReadTagPolicies(sources(tt.file))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want a part %q", err, tt.want)
			}
		})
	}
}

// TestTagPolicyMeans holds the rules made of tag policies against what AWS says of single resources.
func TestTagPolicyMeans(t *testing.T) {
	policy := `{"tags":{"costcenter":{"tag_key":{"@@assign":"CostCenter"},"tag_value":{"@@assign":["100","2*","a?c"]},
		"enforced_for":{"@@assign":["dynamodb:table"]},"report_required_tag_for":{"@@assign":["ec2:instance","secretsmanager:ALL_SUPPORTED"]}},
		"note":{"tag_key":{"@@assign":"note"}}}}`
	d, err := ImportTagPolicies(sources(policy))
	if err != nil {
		t.Fatal(err)
	}
	p := parsed(t, written(t, d))
	tests := []struct {
		name  string
		typ   string
		tags  map[string]string
		wrong string // ids
	}{
		{"untagged and not required", "AWS::S3::Bucket", nil, ""},
		{"untagged and required", "AWS::EC2::Instance", nil, "costcenter-required"},
		{"required of a whole service", "AWS::SecretsManager::Secret", nil, "costcenter-required"},
		{"an allowed value", "AWS::EC2::Instance", map[string]string{"CostCenter": "100"}, ""},
		{"a wildcard", "AWS::S3::Bucket", map[string]string{"CostCenter": "2"}, ""},
		{"a wildcard with a slash", "AWS::S3::Bucket", map[string]string{"CostCenter": "20/1"}, ""},
		{"? is no wildcard", "AWS::S3::Bucket", map[string]string{"CostCenter": "abc"}, "costcenter"},
		{"? is itself", "AWS::S3::Bucket", map[string]string{"CostCenter": "a?c"}, ""},
		{"a wrong value", "AWS::S3::Bucket", map[string]string{"CostCenter": "300"}, "costcenter"},
		{"a value in another case", "AWS::S3::Bucket", map[string]string{"CostCenter": "A?C"}, "costcenter"},
		{"an empty value", "AWS::S3::Bucket", map[string]string{"CostCenter": ""}, "costcenter"},
		{"a key in another case", "AWS::S3::Bucket", map[string]string{"costcenter": "100"}, "costcenter-case"},
		{"a key in an odd case", "AWS::S3::Bucket", map[string]string{"cOsTcEnTeR": "100"}, "costcenter-case"},
		{"both cases", "AWS::S3::Bucket", map[string]string{"CostCenter": "100", "COSTCENTER": "100"}, "costcenter-case"},
		{"a longer key is another tag", "AWS::S3::Bucket", map[string]string{"costcenters": "x"}, ""},
		{"a required key in another case is missing", "AWS::EC2::Instance", map[string]string{"Costcenter": "100"}, "costcenter-case costcenter-required"},
		{"enforced", "AWS::DynamoDB::Table", map[string]string{"CostCenter": "300"}, "costcenter-enforced"},
		{"enforced case", "AWS::DynamoDB::Table", map[string]string{"costcenter": "300"}, "costcenter-case-enforced"},
		{"no values: any is right", "AWS::S3::Bucket", map[string]string{"note": ""}, ""},
		{"no values: the case still counts", "AWS::S3::Bucket", map[string]string{"Note": "x"}, "note-case"},
		{"not on AWS", "compute.googleapis.com/Instance", map[string]string{"costcenter": "x"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			asset := &inventory.Entry{Asset: inventory.Asset{Book: inventory.Observed, Key: "k", Type: inventory.Type(tt.typ), Tags: inventory.TagsFromMap(tt.tags)}}
			if got := strings.Join(wrong(t, p, asset), " "); got != tt.wrong {
				t.Errorf("wrong by %q, want %q", got, tt.wrong)
			}
		})
	}
}

// wrong lists the ids of the rules that an asset breaks, as far as these rules go: keys, required, values, globs, prohibited.
func wrong(t *testing.T, p *rules.Policy, asset *inventory.Entry) []string {
	t.Helper()
	var ids []string
	for i := range p.Tags {
		r := &p.Tags[i]
		truth, _, err := r.When.Holds(&rules.Entity{Observed: []*inventory.Entry{asset}})
		if err != nil {
			t.Fatal(err)
		}
		if truth == expr.Yes && breaks(r, asset.Tags) {
			ids = append(ids, r.ID)
		}
	}
	slices.Sort(ids)
	return ids
}

func breaks(r *rules.TagRule, tags inventory.Tags) bool {
	for tag := range tags.All() {
		if slices.ContainsFunc(r.Prohibited, func(p rules.Pattern) bool { return p.Matches(tag.Key) }) {
			return true
		}
	}
	if len(r.Keys) == 0 {
		return false
	}
	tag, ok := tags.Get(r.Keys[0])
	allowed := slices.Contains(r.Values, tag.Value) || slices.ContainsFunc(r.Globs, func(g string) bool { return inventory.MatchGlob(g, tag.Value) })
	return !ok && r.Required || ok && len(r.Values)+len(r.Globs) > 0 && !allowed
}

func TestUnknownKindsAreTold(t *testing.T) {
	d, err := ImportTagPolicies(sources("{\"tags\":{\n\"a\":{\"report_required_tag_for\":{\"@@assign\":[\"ec2:instance\",\"frauddetector:rule\"]}}}}"))
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Left) != 1 || d.Left[0].String() != `root.json:2: tag "a", report_required_tag_for: no type is known for "frauddetector:rule": add its type to the rule's condition` {
		t.Errorf("left %v", d.Left)
	}
	if text := written(t, d); !strings.Contains(text, `# Not expressed: root.json:2: tag "a"`) || !strings.Contains(text, "AWS::EC2::Instance") {
		t.Error(text)
	}
}

// TestTypesAreKnown holds the table against the catalog.
func TestTypesAreKnown(t *testing.T) {
	known, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	for typ := range names().names {
		if _, ok := known.Type(inventory.Type(typ)); !ok {
			t.Errorf("the catalog does not know %s", typ)
		}
	}
	for _, typ := range configTypes() {
		if _, ok := known.Type(inventory.Type(fromConfigType(typ))); !ok && typ != "AWS::Redshift::ClusterSnapshot" { // Config's own
			t.Errorf("the catalog does not know %s", typ)
		}
	}
}

func TestCaseVariants(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.StringMatching(`[A-Za-z0-9 _.:/=+@(|)-]{0,8}[A-Za-zÄßıK][A-Za-z0-9.|()\\]{0,8}`).Draw(t, "key")
		pattern := caseVariants(key)
		if pattern == "" {
			return // letters whose other case does not lead back
		}
		p, err := rules.NewPattern(pattern)
		if err != nil {
			t.Fatal(err)
		}
		if p.Matches(key) {
			t.Errorf("%s matches %q itself", pattern, key)
		}
		letters := []rune(key)
		for i, r := range letters {
			letters[i] = otherCase(r)
			if other := string(letters); other != key && !p.Matches(other) {
				t.Errorf("%s does not match %q", pattern, other)
			}
		}
		if got, ok := keyOfVariants(pattern); !ok || got != key {
			t.Errorf("key of %s: %q, %v, want %q", pattern, got, ok, key)
		}
	})
	for _, other := range []string{"", "a", "(?i).*password.*", "x|y", "a(?i:b)|c", "(?i:a)", `\`} {
		if key, ok := keyOfVariants(other); ok && caseVariants(key) != other {
			t.Errorf("%q is taken for the variants of %q", other, key)
		}
	}
}
