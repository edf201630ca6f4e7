package lint

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
	"github.com/muster-audit/muster/rules/expr"
)

var now = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

func parsed(t *testing.T, text string) *rules.Policy {
	t.Helper()
	p, err := rules.ParsePolicy("p.yaml", []byte("version: 1\n"+text), rules.PolicyEnv{Expr: expr.Env{Now: now}})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// simple judges values, patterns and prohibited keys, which is enough to see how Conflicts asks.
type simple struct{ rules.TagRule }

func (s simple) Meta() rules.Meta { return rules.Meta{ID: "tags/" + s.ID, Severity: rules.Low} }

func (s simple) Check(_ context.Context, e *rules.Entity) (rules.Verdict, error) {
	truth, _, err := s.When.Holds(e)
	if truth != expr.Yes || err != nil {
		return rules.Verdict{}, err
	}
	for tag := range e.Subject().Tags.All() {
		for _, p := range s.Prohibited {
			if p.Matches(tag.Key) {
				return rules.Verdict{Outcome: rules.Fail, Message: "prohibited"}, nil
			}
		}
		for _, k := range s.Keys {
			if k != tag.Key {
				continue
			}
			found := len(s.Values) == 0
			for _, v := range s.Values {
				found = found || v == tag.Value
			}
			if !found || s.Pattern != nil && !s.Pattern.Matches(tag.Value) {
				return rules.Verdict{Outcome: rules.Fail, Message: "wrong"}, nil
			}
			return rules.Verdict{Outcome: rules.Pass}, nil
		}
	}
	if s.Required {
		return rules.Verdict{Outcome: rules.Fail, Message: "missing"}, nil
	}
	return rules.Verdict{}, nil
}

func made(p *rules.Policy) []rules.Rule {
	var list []rules.Rule
	for _, t := range p.Tags {
		list = append(list, simple{t})
	}
	return list
}

func TestConflicts(t *testing.T) {
	tests := []struct{ name, tags, want string }{
		{"none", "[{id: a, keys: [env], values: [prod, dev]}, {id: b, keys: [env], values: [dev, test]}]", ""},
		{"values", "[{id: a, keys: [env], values: [prod]}, {id: b, keys: [env], values: [dev]}]", `0 1 true no value of "env" satisfies both`},
		{"values and a pattern", "[{id: a, keys: [env], pattern: '[a-z]'}, {id: b, keys: [env], values: [dev]}]", `0 1 true no value of "env" satisfies both`},
		{"two patterns: nobody can tell", "[{id: a, keys: [env], pattern: a}, {id: b, keys: [env], pattern: b}]", ""},
		{"other keys", "[{id: a, keys: [env], values: [prod]}, {id: b, keys: [stage], values: [dev]}]", ""},
		{"a shared spelling: one asset can bear both", "[{id: a, keys: [env, stage], values: [prod]}, {id: b, keys: [stage], values: [dev]}]", ""},
		{"of itself", "[{id: a, keys: [env], values: [prod], pattern: '[a-z]'}]", `0 0 true none of its own values of "env" satisfies it`},
		{"a required key that is prohibited", "[{id: a, keys: [env], required: true}, {id: b, prohibited: [e.*]}]", `0 1 true tags/a asks for the tag "env", and tags/b refuses its key`},
		{"one spelling is allowed", "[{id: a, keys: [env, stage], required: true}, {id: b, prohibited: [e.*]}]", ""},
		{"all of them", "[{id: b, prohibited: [e.*]}, {id: a, all_of: [stage, env]}]", `0 1 true tags/a asks for the tag "env", and tags/b refuses its key`},
		{"any of them", "[{id: b, prohibited: [e.*]}, {id: a, any_of: [stage, env]}]", ""},
		{
			"other conditions", `[{id: a, keys: [env], values: [prod], when: 'asset.name == "x"'}, {id: b, keys: [env], values: [dev], when: 'asset.name == "y"'}]`,
			`0 1 false no value of "env" satisfies both`,
		},
		{
			"the same condition", `[{id: a, keys: [env], values: [prod], when: 'asset.name == "x"'}, {id: b, keys: [env], values: [dev], when: 'asset.name == "x"'}]`,
			`0 1 true no value of "env" satisfies both`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := parsed(t, "tags: "+tt.tags)
			list, err := Conflicts(t.Context(), p, made(Stripped(p)))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, c := range list {
				got = append(got, fmt.Sprintf("%d %d %v %s", c.First, c.Second, c.Sure, c.Why))
			}
			if text := strings.Join(got, "\n"); text != tt.want {
				t.Errorf("got %q, want %q", text, tt.want)
			}
		})
	}
}

func entity(name string, tags map[string]string) *rules.Entity {
	a := inventory.Asset{Book: inventory.Observed, Type: "lab/thing", Key: name, Name: name, Tags: inventory.TagsFromMap(tags)}
	if tags == nil {
		a.Tags = inventory.UnknownTags()
	}
	return &rules.Entity{Observed: []*inventory.Entry{{Asset: a, LastSeen: now, Source: "lab"}}}
}

func watched(t *testing.T, policy string, ignored map[string]bool, entities ...*rules.Entity) []string {
	t.Helper()
	p := parsed(t, policy)
	conflicts, err := Conflicts(t.Context(), p, made(Stripped(p)))
	if err != nil {
		t.Fatal(err)
	}
	w := NewWatch(p, conflicts)
	engine := &rules.Engine{Policy: p, Rules: made(p), Now: now, ScanStart: now}
	evaluation, err := engine.Evaluate(t.Context(), w.Entities(func(yield func(*rules.Entity, error) bool) {
		for _, e := range entities {
			if !yield(e, nil) {
				return
			}
		}
	}), nil)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, a := range w.Advice(evaluation, ignored) {
		lines = append(lines, a.String())
	}
	return lines
}

func TestAdvice(t *testing.T) {
	var many []*rules.Entity
	for i := range 12 {
		many = append(many, entity(fmt.Sprintf("bad-%d", i), map[string]string{}))
	}
	web := entity("web", map[string]string{"env": "prod"})
	hidden := entity("hidden", nil)
	exempt := func(when string) string {
		return "tags: [{id: env, keys: [env], required: true}]\nexempt: [{when: '" + when + "', reason: r, owner: o, expires: 2027-01-31}]"
	}
	tests := []struct {
		name, policy string
		ignored      map[string]bool
		entities     []*rules.Entity
		want         []string
	}{
		{"nothing to say", "tags: [{id: env, keys: [env], values: [prod]}]", nil, []*rules.Entity{web}, nil},
		{
			"no assets", "tags: [{id: env, keys: [env], values: [prod]}]", nil, nil,
			[]string{"the scan holds no assets: nothing can be told of what the policy meets"},
		},
		{
			"a condition that never holds", "tags: [{id: env, keys: [env], required: true, when: 'asset.name == \"nobody\"'}]", nil,
			[]*rules.Entity{web, hidden},
			[]string{"p.yaml#tags[0]: tags/env: its condition held for none of 2 assets: mend it, or remove the rule"},
		},
		{
			"a condition that may hold", "tags: [{id: env, keys: [env], required: true, when: 'asset.tags.team == \"x\"'}]", nil,
			[]*rules.Entity{web, hidden},
			[]string{"p.yaml#tags[0]: tags/env: its condition never holds, as far as can be told: for 1 asset something that it asks is unknown"},
		},
		{
			"a tag that nobody bears", "tags: [{id: a, keys: [stage], values: [x]}]", nil,
			[]*rules.Entity{web},
			[]string{"p.yaml#tags[0]: tags/a: it judged nothing: no asset to which it applies bears such a tag, or can bear tags"},
		},
		{
			"values that nobody uses", "tags: [{id: a, keys: [env], values: [prod, dev, test]}]", nil,
			[]*rules.Entity{web},
			[]string{"p.yaml#tags[0]: tags/a: no asset whose tags could be read bears: dev, test"},
		},
		{
			"no value is used", "tags: [{id: a, keys: [env], values: [dev, test]}]", nil,
			[]*rules.Entity{web},
			[]string{"p.yaml#tags[0]: tags/a: no asset whose tags could be read bears any of its values"},
		},
		{
			"rules that meet", `tags: [{id: a, keys: [env], values: [prod], when: 'asset.name == "web"'}, {id: b, keys: [env], values: [dev, prod2], when: 'asset.name != "x"'}]`,
			nil,
			[]*rules.Entity{web, entity("y", map[string]string{"env": "dev"}), entity("z", map[string]string{"env": "prod2"})},
			[]string{`p.yaml#tags[0]: tags/a: contradicts tags/b (p.yaml#tags[1]): no value of "env" satisfies both; both speak of 1 asset of the last scan`},
		},
		{
			"rules that do not meet", `tags: [{id: a, keys: [env], values: [prod], when: 'asset.name == "web"'}, {id: b, keys: [env], values: [dev], when: 'asset.name == "y"'}]`,
			nil,
			[]*rules.Entity{web, entity("y", map[string]string{"env": "dev"})},
			nil,
		},
		{
			"an exemption that never holds", exempt(`asset.name == "nobody"`), nil,
			[]*rules.Entity{web},
			[]string{"p.yaml#exempt[0]: its condition held for none of 1 asset: mend it, or remove the exemption"},
		},
		{
			"an exemption that may hold", exempt(`asset.tags.team == "x"`), nil,
			[]*rules.Entity{web, hidden},
			[]string{"p.yaml#exempt[0]: it accepts nothing: of 1 asset nobody can tell whether its condition holds"},
		},
		{
			"an exemption of what is right", exempt(`asset.name == "web"`), nil,
			[]*rules.Entity{web},
			[]string{"p.yaml#exempt[0]: it accepts no finding: nothing is wrong with the 1 asset that it covers, or an earlier exemption accepts it already"},
		},
		{
			"an exemption of everything", exempt(`asset.name != "nobody"`), nil, append(many[:2:2], web),
			[]string{"p.yaml#exempt[0]: it covers every one of 3 assets: turn the rule off, or say which assets are meant"},
		},
		{
			"an exemption of most", exempt(`asset.name.startsWith("bad-1") || asset.name < "bad-6"`), nil, append(many[:12:12], web),
			[]string{"p.yaml#exempt[0]: it accepts 8 of 12 findings of tags/env: more than half"},
		},
		{"an exemption of few", exempt(`asset.name.startsWith("bad-1")`), nil, append(many[:12:12], web), nil},
		{"most of few findings is nothing odd", exempt(`asset.name.startsWith("bad-1")`), nil, append(many[1:2:2], web), nil},
		{"ignored drift that is met", "drift: {ignore: [{attributes: [A], reason: r}]}", map[string]bool{"p.yaml#drift.ignore[0]": true}, []*rules.Entity{web}, nil},
		{
			"ignored drift that is not met", "drift: {ignore: [{attributes: [A], reason: r}]}",
			map[string]bool{},
			[]*rules.Entity{web},
			[]string{"p.yaml#drift.ignore[0]: no difference in the last scan is ignored by it: mend it, or remove it"},
		},
		{
			"nothing is declared", "drift: {ignore: [{attributes: [A], reason: r}]}", nil,
			[]*rules.Entity{web},
			[]string{"nothing is declared in the last scan: whether ignored differences are met cannot be told"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, watched(t, tt.policy, tt.ignored, tt.entities...)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
