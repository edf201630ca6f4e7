package tags

import (
	"strings"
	"testing"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/link"
	"github.com/muster-audit/muster/rules"
	"github.com/muster-audit/muster/rules/expr"
	"github.com/muster-audit/muster/rules/suggest"
)

// suggesting are the rules of a policy with neighbours who bear tags, and an owner that the chain tells.
func suggesting(t *testing.T, policy string, neighbours inventory.Tags, owner string) []rules.Rule {
	t.Helper()
	p, err := rules.ParsePolicy("policy.yaml", []byte("version: 1\ntags:\n"+policy), rules.PolicyEnv{Expr: expr.Env{Now: now}})
	if err != nil {
		t.Fatal(err)
	}
	var entries []*inventory.Entry
	for i := range 4 {
		e := instance(neighbours)
		e.ID, e.Key, e.Name, e.Account = int64(100+i), e.Key+string(rune('a'+i)), "shop-"+string(rune('a'+i)), "111122223333"
		entries = append(entries, e)
	}
	links, err := link.Build(t.Context(), func(yield func(inventory.Identity, error) bool) {
		for _, e := range entries {
			if !yield(inventory.Identity{ID: e.ID, Book: e.Book, Type: e.Type, Key: e.Key, Name: e.Name, Account: e.Account, Source: e.Source}, nil) {
				return
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	x := suggest.New(links, p)
	for range x.Watch(func(yield func(*inventory.Entry, error) bool) { //nolint:revive // reading is all
		for _, e := range entries {
			if !yield(e, nil) {
				return
			}
		}
	}) {
	}
	list := Rules(p, mustCatalog(t), now, nil)
	Suggest(list, x, Owners{Keys: []string{"owner"}, Of: func(*rules.Entity) (string, rules.Confidence, string) {
		return owner, rules.HighConfidence, "CODEOWNERS:3 gives it to them"
	}})
	return list
}

func TestSuggestions(t *testing.T) {
	const owner = "  - {id: owner, keys: [owner, Owner], required: true, values: [web, ops, a, b, c, d]}\n"
	web := known("owner", "web")
	for _, tt := range []struct {
		name, policy string
		neighbours   inventory.Tags
		chain        string
		tags         inventory.Tags
		want         string // in the fix
		why          string // in the evidence; empty: nothing is suggested
	}{
		{"unread tags", owner, web, "web", inventory.UnknownTags(), "", ""},
		{"neighbours", owner, web, "", known(), "owner=web", `suggested value of the tag "owner": "web", which all 4 assets with the tag with names like shop-*`},
		{"the chain goes first", owner, web, "ops", known(), "owner=ops", `suggested value of the tag "owner", with high confidence: "ops", since CODEOWNERS:3 gives it to them`},
		{"a name that the rule does not accept", owner, web, "@acme/web", known(), "owner=web", `which all 4 assets`},
		{"neighbours of whom the rule accepts none", owner, known("owner", "nobody"), "", known(), "owner=<value>", ""},
		{"the nearest goes before both", owner, web, "ops", known("owner", "OPS"), "owner=ops", ""},
		{"under the spelling that is there", owner, web, "", known("Owner", "zzzzzz"), "Owner=web", `suggested value of the tag "Owner": "web"`},
		{"another tag than the owner's", "  - {id: env, keys: [env], required: true}\n", known("env", "prod"), "ops", known(), "env=prod", `suggested value of the tag "env": "prod"`},
		{"a credential", "  - {id: env, keys: [env], required: true}\n", known("env", "AKIAIOSFODNN7EXAMPLE"), "", known(), "env=<value>", ""},
		{"several", "  - {id: both, all_of: [owner, env]}\n", known("env", "prod", "owner", "web"), "ops", known(), "owner=ops", `suggested value of the tag "env": "prod"`},
	} {
		e := instance(tt.tags)
		e.Name, e.Account = "shop-q", "111122223333"
		v, err := suggesting(t, tt.policy, tt.neighbours, tt.chain)[0].Check(t.Context(), observed(e))
		if err != nil {
			t.Fatal(err)
		}
		evidence := ""
		for _, x := range v.Evidence {
			evidence += x.Text + "\n"
		}
		if !strings.Contains(v.Fix, tt.want) || tt.want == "" && v.Outcome != rules.Unknown {
			t.Errorf("%s: %v, fix %s, want %s", tt.name, v.Outcome, v.Fix, tt.want)
		}
		if suggested := strings.Contains(evidence, "suggested value"); suggested != (tt.why != "") || !strings.Contains(evidence, tt.why) {
			t.Errorf("%s: evidence %s", tt.name, evidence)
		}
	}
}

func TestPropose(t *testing.T) {
	list := suggesting(t, "  - {id: env, keys: [env], required: true, values: [prod, dev]}\n", known("env", "prod"), "")
	for want, tags := range map[string]inventory.Tags{
		"env prod 100 % 4 of 4 assets with names like shop-* in 111122223333": known(),
		"env dev  the nearest that the rule allows":                           known("env", "DEV"),
		"": known("env", "dev"),
	} {
		e := instance(tags)
		e.Name, e.Account = "shop-q", "111122223333"
		got, failed, err := Propose(t.Context(), list[0], observed(e))
		text := ""
		for _, p := range got {
			text += strings.Join([]string{p.Key, p.Value, p.Confidence, p.Why}, " ")
		}
		if err != nil || text != want || failed != (want != "") {
			t.Errorf("%q, %v, %v; want %q", text, failed, err, want)
		}
	}
}
