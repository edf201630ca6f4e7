package vocabulary

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
	"github.com/muster-audit/muster/rules"
	"github.com/muster-audit/muster/rules/expr"
)

var now = time.Date(2026, 3, 1, 6, 0, 0, 0, time.UTC)

const (
	queue  = "AWS::SQS::Queue"
	bucket = "storage.googleapis.com/Bucket"
)

var load = sync.OnceValues(catalog.Load)

func loaded(t testing.TB) *catalog.Catalog {
	t.Helper()
	c, err := load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func parse(t testing.TB, text string) *rules.Policy {
	t.Helper()
	p, err := rules.ParsePolicy("policy.yaml", []byte("version: 1\n"+text), rules.PolicyEnv{Expr: expr.Env{Now: now, Class: func(inventory.Type) string { return "" }}})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// estate makes entities with ids of their own.
type estate []*rules.Entity

// add adds n observed assets of a type with tags from keys and values in turn.
func (s *estate) add(n int, typ inventory.Type, keysAndValues ...string) *estate {
	for range n {
		s.entry(typ, tagged(keysAndValues...))
	}
	return s
}

func (s *estate) entry(typ inventory.Type, tags inventory.Tags) *inventory.Entry {
	id := len(*s) + 1
	e := &inventory.Entry{ID: int64(id), Source: "live", Scope: "all", Asset: inventory.Asset{Key: fmt.Sprintf("asset-%03d", id), Book: inventory.Observed, Type: typ, Tags: tags}}
	*s = append(*s, &rules.Entity{Observed: []*inventory.Entry{e}})
	return e
}

func tagged(keysAndValues ...string) inventory.Tags {
	var list []inventory.Tag
	for i := 0; i < len(keysAndValues); i += 2 {
		list = append(list, inventory.Tag{Key: keysAndValues[i], Value: keysAndValues[i+1], ValueUnknown: keysAndValues[i+1] == "?"})
	}
	return inventory.KnownTags(list...)
}

// unsure are the assets that the scan does not confirm: those of the scope "unread".
func unsure(e *inventory.Entry) string {
	if e.Scope == "unread" {
		return "live unread could not be read"
	}
	return ""
}

// judge runs the rules that a policy turns on, and returns what they say by rule and key: "fail: message [parts]" or "unknown: reason".
func judge(t testing.TB, p *rules.Policy, list estate) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, r := range estateRules(t, p, list) {
		verdicts, err := r.CheckEstate(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range verdicts {
			text := v.Outcome.String() + ": " + v.Message + v.Reason
			if len(v.Parts) > 0 {
				text += fmt.Sprintf(" %q", v.Parts)
			}
			out[r.Meta().ID+" "+v.Asset.Key] = text
		}
	}
	return out
}

func estateRules(t testing.TB, p *rules.Policy, list estate) []rules.EstateRule {
	t.Helper()
	c := &Census{Catalog: loaded(t), Unconfirmed: unsure, Secret: func(v string) bool { return strings.HasPrefix(v, "AKIA") }}
	c.Prepare(p)
	in := Inputs{Census: c, Entries: list.entries}
	made := EstateRules(p, in)
	for _, err := range c.Watch(list.all()) {
		if err != nil {
			t.Fatal(err)
		}
	}
	return made
}

func (s estate) entries(_ context.Context, ids []int64) ([]*inventory.Entry, error) {
	var found []*inventory.Entry
	for _, id := range ids {
		found = append(found, s[id-1].Subject())
	}
	return found, nil
}

func (s estate) all() iter.Seq2[*rules.Entity, error] {
	return func(yield func(*rules.Entity, error) bool) {
		for _, e := range s {
			if !yield(e, nil) {
				return
			}
		}
	}
}

func check(t *testing.T, got, want map[string]string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestNearMissKeys(t *testing.T) {
	var s estate
	s.add(40, queue, "environment", "prod").add(2, queue, "enviroment", "prod").add(1, queue, "Environment", "prod").add(3, queue, "aws:createdBy", "x", "AWS:createdby", "y")
	check(t, judge(t, parse(t, "near_misses: {keys: true}\n"), s), map[string]string{
		"tags/near-miss-key tag-key:environment": `fail: tag key "environment" (40) is also written "enviroment" (2), "Environment" (1) ["Environment" "enviroment"]`,
	})
	check(t, judge(t, parse(t, "near_misses: {keys: true}\ntags: [{id: env, keys: [Environment, environment], required: true}]\n"), s), map[string]string{
		"tags/near-miss-key tag-key:environment": `fail: tag key "Environment" (1) is also written "enviroment" (2) ["enviroment"]`,
	})
	check(t, judge(t, parse(t, "near_misses: {values: [environment]}\n"), s), map[string]string{})
}

func TestNearMissEvidence(t *testing.T) {
	var s estate
	s.add(4, queue, "owner", "a").add(5, queue, "Owner", "a").entry(queue, inventory.UnknownTags())
	made := estateRules(t, parse(t, "near_misses: {keys: true}\n"), s)
	verdicts, err := made[0].CheckEstate(t.Context())
	if err != nil || len(verdicts) != 1 {
		t.Fatal(verdicts, err)
	}
	var got []string
	for _, e := range verdicts[0].Evidence {
		got = append(got, e.Text)
	}
	want := []string{
		`"Owner": 5 assets, such as asset-005, asset-006, asset-007`, `"owner": 4 assets, such as asset-001, asset-002, asset-003`,
		"not counted: 1 asset whose tags could not be read",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if want := `write "Owner" instead of "owner": most assets have it`; verdicts[0].Fix != want {
		t.Errorf("fix %s", verdicts[0].Fix)
	}
}

func TestNearMissValues(t *testing.T) {
	var s estate
	s.add(40, queue, "environment", "prod").add(3, queue, "Env", "Prod").add(9, queue, "environment", "production").add(4, queue, "environment", "prd").
		add(30, queue, "owner", "payments").add(2, queue, "owner", "paymnets").add(1, queue, "owner", "?").add(1, queue, "owner", "  ")
	for i := range 200 {
		s.add(1, queue, "Name", fmt.Sprintf("Web-%d", i)).add(1, queue, "Name", fmt.Sprintf("web-%d", i))
	}
	policy := "tags:\n  - {id: env, keys: [environment, Env], required: true}\n  - {id: owner, keys: [owner], required: true}\n  - {id: name, keys: [Name], required: true}\n"
	values := `fail: value "prod" of the tag "environment" (40) is also written "production" (9), "prd" (4), "Prod" (3) ["Prod" "prd" "production"]`
	owner := `fail: value "payments" of the tag "owner" (30) is also written "paymnets" (2) ["paymnets"]`
	check(t, judge(t, parse(t, policy+"near_misses: {values: [Env]}\n"), s), map[string]string{"tags/near-miss-value tag-value:environment=production": values})
	check(t, judge(t, parse(t, policy+"builtin: [tags/near-miss-value]\n"), s), map[string]string{ // and not the names
		"tags/near-miss-value tag-value:environment=production": values, "tags/near-miss-value tag-value:owner=payments": owner,
	})
	allowed := strings.Replace(policy, "Env], required: true", "Env], values: [prod, production]", 1)
	check(t, judge(t, parse(t, allowed+"near_misses: {values: [environment]}\n"), s), map[string]string{
		"tags/near-miss-value tag-value:environment=production": `fail: value "prod" of the tag "environment" (40) is also written "prd" (4), "Prod" (3) ["Prod" "prd"]`,
	})
	secret := strings.Replace(policy, "keys: [owner], required", "keys: [owner], secrets", 1)
	check(t, judge(t, parse(t, secret+"builtin: [tags/near-miss-value]\n"), s), map[string]string{"tags/near-miss-value tag-value:environment=production": values})
}

// TestProviderSpellings: Google takes lower case alone, so that a key cannot be spelled as on AWS there.
func TestProviderSpellings(t *testing.T) {
	policy := parse(t, "near_misses: {keys: true}\n")
	var s estate
	s.add(40, queue, "CostCenter", "1").add(10, bucket, "cost-center", "1")
	check(t, judge(t, policy, s), map[string]string{})
	s.add(3, bucket, "cost_center", "1").add(2, queue, "cost-center", "1")
	check(t, judge(t, policy, s), map[string]string{
		"tags/near-miss-key tag-key:costcenter": `fail: tag key "CostCenter" (40) is also written "cost_center" (3), "cost-center" (2) ["cost-center" "cost_center"]`,
	})
	var lower estate
	lower.add(40, queue, "cost-center", "1").add(10, bucket, "cost_center", "1")
	check(t, judge(t, policy, lower), map[string]string{
		"tags/near-miss-key tag-key:costcenter": `fail: tag key "cost-center" (40) is also written "cost_center" (10) ["cost_center"]`,
	})
}

// TestNearMissUnknown: what the scan could not confirm makes nothing a finding, and resolves none.
func TestNearMissUnknown(t *testing.T) {
	policy := parse(t, "near_misses: {keys: true}\n")
	const key = "tags/near-miss-key tag-key:owner"
	unknown := map[string]string{key: "unknown: the scan does not confirm all assets that bear the words"}
	var s estate
	s.add(40, queue, "owner", "a")
	s.entry(queue, tagged("onwer", "a")).Scope = "unread"
	check(t, judge(t, policy, s), unknown)
	var tags estate
	tags.add(40, queue, "owner", "a")
	tags.entry(queue, tagged("onwer", "a")).TagsUnconfirmed = true
	check(t, judge(t, policy, tags), unknown)
	var never estate
	never.add(40, queue, "owner", "a").entry(queue, inventory.UnknownTags())
	check(t, judge(t, policy, never), map[string]string{})
	var common estate // with what is unconfirmed the word is too common to be a mistake
	common.add(40, queue, "owner", "a").add(2, queue, "onwer", "a")
	for range 10 {
		common.entry(queue, tagged("onwer", "a")).Scope = "unread"
	}
	check(t, judge(t, policy, common), map[string]string{})
}

func TestWhatIsNotCounted(t *testing.T) {
	policy := parse(t, "near_misses: {keys: true}\n")
	var s estate
	s.add(40, queue, "owner", "a")
	for _, change := range []func(*inventory.Entry){
		func(e *inventory.Entry) { e.Tags = inventory.NotTaggable() },
		func(e *inventory.Entry) { e.Type = "datacenter/server" },
		func(e *inventory.Entry) { e.Book = inventory.Recorded },
		func(e *inventory.Entry) { e.Book, e.Lifecycle = inventory.Declared, inventory.LifecycleRetiring },
	} {
		e := s.entry(queue, tagged("Owner", "a"))
		change(e)
		var moved rules.Entity
		moved.Add(e)
		s[len(s)-1] = &moved
	}
	check(t, judge(t, policy, s), map[string]string{})
}

func TestUnique(t *testing.T) {
	policy := parse(t, "tags: [{id: asset-id, keys: [asset-id, AssetId], unique: true, when: 'asset.name != \"shadow\"'}]\n")
	var s estate
	s.add(1, queue, "asset-id", "a1").add(1, queue, "AssetId", "a1").add(1, queue, "asset-id", "a2").add(2, queue, "asset-id", "").add(2, queue, "asset-id", "?")
	s.entry(queue, tagged("asset-id", "a2")).Name = "shadow"
	const one = "tags/asset-id tag-value:asset-id=a1"
	check(t, judge(t, policy, s), map[string]string{one: `fail: 2 assets bear the value "a1" of the tag "asset-id", which only one may`})

	s.entry(queue, tagged("asset-id", "a2")).Scope = "unread"
	s.entry(queue, tagged("asset-id", "a3")).TagValuesUnconfirmed = []string{"asset-id"}
	s.add(1, queue, "asset-id", "a3")
	unknown := "unknown: the scan does not confirm that more than one asset still bears the value"
	check(t, judge(t, policy, s), map[string]string{
		one:                                   `fail: 2 assets bear the value "a1" of the tag "asset-id", which only one may`,
		"tags/asset-id tag-value:asset-id=a2": unknown, "tags/asset-id tag-value:asset-id=a3": unknown,
	})

	var many estate
	many.add(25, queue, "asset-id", "a1")
	verdicts, err := estateRules(t, policy, many)[0].CheckEstate(t.Context())
	if err != nil || len(verdicts) != 1 || len(verdicts[0].Evidence) != uniqueExamples+1 {
		t.Fatalf("%v %+v", err, verdicts)
	}
	if got := verdicts[0].Evidence[uniqueExamples].Text; got != "and 15 more" {
		t.Error(got)
	}
}

// TestCredentials: what looks like a credential is told by no rule.
func TestCredentials(t *testing.T) {
	var s estate
	s.add(9, queue, "token", "AKIAEXAMPLE").add(2, queue, "token", "AkiaExample").add(1, queue, "token", "akiaexample")
	got := judge(t, parse(t, "tags: [{id: token, keys: [token], unique: true}]\nbuiltin: [tags/near-miss-value, tags/meaning]\n"), s)
	if len(got) != 2 || strings.Contains(fmt.Sprint(got), "AKIA") {
		t.Error(got)
	}
}

func TestMeaning(t *testing.T) {
	policy := parse(t, "builtin: [tags/meaning]\n")
	both := func(aws, gcp []string) estate {
		var s estate
		for _, v := range aws {
			s.add(20, queue, "Stage", v)
		}
		for _, v := range gcp {
			s.add(20, bucket, "stage", v)
		}
		return s
	}
	finding := func(a, b string) map[string]string {
		return map[string]string{"tags/meaning tag-key:staging": fmt.Sprintf(`fail: tag key "Stage", "stage" means something else on aws than on gcp: %s, but %s`, a, b)}
	}
	check(t, judge(t, policy, both([]string{"prod", "dev"}, []string{"1", "2"})), finding(`"dev", "prod"`, `"1", "2"`))
	check(t, judge(t, policy, both([]string{"true", "false"}, []string{"cc-100", "cc-200"})), finding(`"false", "true"`, `"cc-100", "cc-200"`))
	for name, s := range map[string]estate{
		"one shape":           both([]string{"prod", "dev"}, []string{"payments", "search"}),
		"a value in common":   both([]string{"prod", "dev"}, []string{"production", "2"}),
		"more than one shape": both([]string{"prod", "dev", "7"}, []string{"1", "2"}),
		"a single value":      both([]string{"prod"}, []string{"1", "2"}),
		"one cloud":           both([]string{"prod", "dev"}, nil),
	} {
		if got := judge(t, policy, s); len(got) != 0 {
			t.Errorf("%s: %v", name, got)
		}
	}
	var few estate
	check(t, judge(t, policy, *few.add(9, queue, "Stage", "prod").add(9, queue, "Stage", "dev").add(20, bucket, "stage", "1").add(20, bucket, "stage", "2")), map[string]string{})
	s := both([]string{"prod", "dev"}, []string{"1", "2"})
	for _, e := range s[40:] {
		e.Subject().Scope = "unread"
	}
	check(t, judge(t, policy, s), map[string]string{"tags/meaning tag-key:staging": "unknown: the scan does not confirm enough of its values"})
}

func TestCaps(t *testing.T) {
	var s estate
	for i := range maxValues + 1 {
		s.add(1, queue, "Name", fmt.Sprintf("n%d", i))
	}
	check(t, judge(t, parse(t, "near_misses: {values: [Name]}\n"), s), map[string]string{
		"tags/near-miss-value tag-value:Name=*": `unknown: the tag "Name" has more than 2000 distinct values, which are not compared`,
	})
	var keys estate
	for i := range maxKeys + 1 {
		keys.add(1, queue, fmt.Sprintf("k%d", i), "")
	}
	check(t, judge(t, parse(t, "near_misses: {keys: true}\n"), keys), map[string]string{
		"tags/near-miss-key tag-key:*": "unknown: the estate has more than 20000 distinct tag keys, which are not compared",
	})
}

func TestKeyUses(t *testing.T) {
	var s estate
	s.add(3, queue, "owner", "a", "aws:x", "b").add(2, bucket, "owner", "b").entry(bucket, tagged("owner", "c")).Scope = "unread"
	c := &Census{Catalog: loaded(t), Unconfirmed: unsure}
	c.SurveyAll()
	for range c.Watch(s.all()) {
		continue
	}
	got, leftOut := c.KeyUses()
	want := []KeyUse{{"owner", "aws", 3, 0, 1}, {"owner", "gcp", 3, 1, 2}}
	if diff := cmp.Diff(want, got); diff != "" || leftOut != "" {
		t.Error(diff, leftOut)
	}
}

// TestOrderMeansNothing: neither the order of the entities matters, nor one more asset with a tag like no other.
func TestOrderMeansNothing(t *testing.T) {
	const policy = "tags: [{id: owner, keys: [owner, Owner], unique: true}]\nnear_misses: {keys: true, values: [owner, env]}\nbuiltin: [tags/meaning]\n"
	p := parse(t, policy)
	rapid.Check(t, func(r *rapid.T) {
		var s estate
		for range rapid.IntRange(1, 60).Draw(r, "n") {
			typ := rapid.SampledFrom([]inventory.Type{queue, bucket}).Draw(r, "type")
			key := rapid.SampledFrom([]string{"owner", "Owner", "onwer", "env", "Env", "environment"}).Draw(r, "key")
			value := rapid.SampledFrom([]string{"prod", "Prod", "production", "prodution", "payments", "1", "?"}).Draw(r, "value")
			e := s.entry(typ, tagged(key, value))
			e.Scope = rapid.SampledFrom([]string{"all", "all", "all", "unread"}).Draw(r, "scope")
		}
		before := judgeAll(t, p, s, s)
		shuffled := estate(rapid.Permutation(slices.Clone(s)).Draw(r, "shuffled"))
		if diff := cmp.Diff(before, judgeAll(t, p, shuffled, s)); diff != "" {
			r.Fatal(diff)
		}
		s.add(1, queue, "zzyzx", "zzyzx")
		if diff := cmp.Diff(before, judgeAll(t, p, s, s)); diff != "" {
			r.Fatal(diff)
		}
	})
}

// judgeAll returns all verdicts whole; byID finds the examples.
func judgeAll(t *testing.T, p *rules.Policy, list, byID estate) (all []rules.Verdict) {
	c := &Census{Catalog: loaded(t), Unconfirmed: unsure}
	c.Prepare(p)
	made := EstateRules(p, Inputs{Census: c, Entries: byID.entries})
	for range c.Watch(list.all()) {
		continue
	}
	for _, r := range made {
		verdicts, err := r.CheckEstate(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, verdicts...)
	}
	return all
}

func BenchmarkCensus(b *testing.B) {
	var s estate
	for i := range 10_000 {
		s.add(1, queue, "Name", fmt.Sprintf("web-%d", i), "owner", fmt.Sprintf("team-%d", i%40), "environment", "prod", "cost-center", "cc-1", "project", "shop")
	}
	p := parse(b, "tags: [{id: owner, keys: [owner], required: true}]\nbuiltin: [tags/near-miss-key, tags/near-miss-value, tags/meaning]\n")
	for b.Loop() {
		c := &Census{Catalog: loaded(b)}
		c.Prepare(p)
		for range c.Watch(s.all()) {
			continue
		}
	}
}
