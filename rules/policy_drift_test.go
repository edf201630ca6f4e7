package rules

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/inventory"
)

func driftPolicy(t *testing.T, files ...string) (*Policy, error) {
	t.Helper()
	var list []PolicyFile
	for i, text := range files {
		list = append(list, PolicyFile{Name: string(rune('a'+i)) + ".yaml", Text: []byte("version: 1\n" + text)})
	}
	return ParsePolicies(list, PolicyEnv{})
}

func TestDriftPolicy(t *testing.T) {
	p, err := driftPolicy(t, "drift:\n  suppress: defaults\n  environment: {tags: [env, Environment], raise: ['prod.*'], lower: [dev, sandbox]}\n")
	if err != nil {
		t.Fatal(err)
	}
	if p.Drift.Suppress != SuppressDefaults {
		t.Errorf("level %q", p.Drift.Suppress)
	}
	tagged := func(book inventory.Book, pairs map[string]string) *inventory.Entry {
		return &inventory.Entry{Asset: inventory.Asset{Book: book, Tags: inventory.TagsFromMap(pairs)}}
	}
	unknown := &inventory.Entry{Asset: inventory.Asset{Book: inventory.Observed, Tags: inventory.KnownTags(inventory.Tag{Key: "env", ValueUnknown: true})}}
	tests := []struct {
		name string
		in   []*inventory.Entry
		want int
	}{
		{"production", []*inventory.Entry{tagged(inventory.Observed, map[string]string{"env": "production"})}, 1},
		{"a sandbox", []*inventory.Entry{tagged(inventory.Observed, map[string]string{"Environment": "sandbox"})}, -1},
		{"the first key decides", []*inventory.Entry{tagged(inventory.Observed, map[string]string{"env": "prod", "Environment": "dev"})}, 1},
		{"another environment", []*inventory.Entry{tagged(inventory.Observed, map[string]string{"env": "staging"})}, 0},
		{"a value that only holds the word", []*inventory.Entry{tagged(inventory.Observed, map[string]string{"env": "nonprod"})}, 0},
		{"an empty value", []*inventory.Entry{tagged(inventory.Observed, map[string]string{"env": ""})}, 0},
		{"an unknown value", []*inventory.Entry{unknown}, 0},
		{"what is declared tells where reality does not", []*inventory.Entry{unknown, tagged(inventory.Declared, map[string]string{"env": "prod"})}, 1},
		{"unknown tags", []*inventory.Entry{{Asset: inventory.Asset{Book: inventory.Observed}}}, 0},
	}
	for _, tt := range tests {
		e := &Entity{}
		for _, a := range tt.in {
			e.Add(a)
		}
		if got := p.Drift.Environment.Steps(e); got != tt.want {
			t.Errorf("%s: %d steps, want %d", tt.name, got, tt.want)
		}
	}
	var none *Environment
	if none.Steps(&Entity{}) != 0 {
		t.Error("no environments make a difference")
	}
}

func TestDriftPolicyProblems(t *testing.T) {
	_, err := driftPolicy(t,
		"drift:\n  suppress: some\n  environment: {raise: ['(']}\n",
		"drift:\n  suppress: all\n  environment: {tags: [env]}\n",
	)
	if err == nil {
		t.Fatal("no problem found")
	}
	var got []string
	for _, line := range strings.Split(err.Error(), "\n") {
		for _, want := range []string{
			`a.yaml:3:13: drift.suppress: "some" is no level: write all, defaults or off`,
			`a.yaml:4:16: drift.environment.tags: missing: the tag that tells the environment and its spellings`,
			`drift.environment.raise[0]: error parsing regexp`,
			`b.yaml:3:13: drift.suppress: it is also given at a.yaml:3: keep one`,
			`b.yaml:4:16: drift.environment: it is also given at a.yaml:4: keep one`,
		} {
			if strings.Contains(line, want) {
				got = append(got, want)
			}
		}
	}
	if len(got) != 5 {
		t.Errorf("problems:\n%s", err)
	}
	if _, err := driftPolicy(t, "drift:\n  environment: {tags: [env]}\n"); err == nil || !strings.Contains(err.Error(), "which environments matter more") {
		t.Errorf("an environment that changes nothing: %v", err)
	}
}

// TestFacetsAreApart: a facet is in no book's list, and no subject.
func TestFacetsAreApart(t *testing.T) {
	facet := &inventory.Entry{Asset: inventory.Asset{
		Book: inventory.Declared, Key: "main.tf#x", Relations: []inventory.Relation{{Kind: inventory.FacetOf, Key: "b"}},
	}}
	e := &Entity{}
	e.Add(facet)
	if diff := cmp.Diff(1, len(e.Facets)); diff != "" || len(e.Declared) != 0 || e.Subject() != nil {
		t.Errorf("facets %d, declared %d, subject %v", len(e.Facets), len(e.Declared), e.Subject())
	}
}
