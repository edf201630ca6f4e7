// Package lint finds what is valid in a policy and cannot be meant: rules that no tag can satisfy together, and, with a scan at hand,
// rules, values, exemptions and ignored differences that nothing meets.
package lint

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
)

// Advice is one thing that an author should look at.
type Advice struct {
	Place string // "policy.yaml#tags[2]"
	Rule  string // "tags/owner"; empty if it belongs to no rule
	Text  string // what is wrong, and what to do
}

// String is "place: rule: text", without what is empty.
func (a Advice) String() string {
	parts := slices.DeleteFunc([]string{a.Place, a.Rule, a.Text}, func(s string) bool { return s == "" })
	return strings.Join(parts, ": ")
}

// Stripped returns a policy whose tag rules, in the same order, ask only what a tag alone can answer: without conditions, without what is
// computed of the asset, and without regard to where a tag is inherited from. Contradictions judges by rules made of it.
func Stripped(p *rules.Policy) *rules.Policy {
	out := &rules.Policy{Records: p.Records}
	for _, t := range p.Tags {
		k := t.TagKinds
		k.Equals, k.Check = nil, nil
		out.Tags = append(out.Tags, rules.TagRule{
			ID: t.ID, Keys: t.Keys, Required: t.Required, Values: t.Values, Pattern: t.Pattern, Prohibited: t.Prohibited, Severity: t.Severity,
			ProviderDefaults: true, By: t.By, TagKinds: k,
		})
	}
	return out
}

// Conflict is two tag rules that no tag satisfies together. First and Second are their places in the policy's list; they are the same for
// a rule that contradicts itself.
type Conflict struct {
	First, Second int
	Why           string
	// Sure says that both speak of the same assets: their conditions are equal, or one has none. Else only a scan tells whether they meet.
	Sure bool
}

// Conflicts finds rules that contradict each other. made are the rules of Stripped, in its order.
func Conflicts(ctx context.Context, p *rules.Policy, made []rules.Rule) ([]Conflict, error) {
	c := &conflicts{ctx: ctx, policy: p, made: made}
	for i := range p.Tags {
		for j := i; j < len(p.Tags); j++ {
			if err := c.pair(i, j); err != nil {
				return nil, err
			}
		}
	}
	return c.list, nil
}

type conflicts struct {
	ctx    context.Context
	policy *rules.Policy
	made   []rules.Rule
	list   []Conflict
}

func (c *conflicts) pair(i, j int) error {
	a, b := &c.policy.Tags[i], &c.policy.Tags[j]
	why, err := c.values(i, j)
	if err == nil && why == "" && i != j {
		if why, err = c.keys(i, j); err == nil && why == "" {
			why, err = c.keys(j, i)
		}
	}
	if err != nil || why == "" {
		return err
	}
	first, second := a.When.Source(), b.When.Source()
	c.list = append(c.list, Conflict{First: i, Second: j, Why: why, Sure: first == second || first == "" || second == ""})
	return nil
}

// values looks for two lists of allowed values that have none in common. One of them has to be a list: of patterns nobody can tell.
func (c *conflicts) values(i, j int) (string, error) {
	a, b := &c.policy.Tags[i], &c.policy.Tags[j]
	if len(a.Keys) == 0 || len(b.Keys) == 0 || a.Keys[0] != b.Keys[0] {
		return "", nil // with another spelling one asset can bear a value for each
	}
	key := a.Keys[0]
	for _, at := range [][2]int{{i, j}, {j, i}} {
		list := &c.policy.Tags[at[0]]
		if len(list.Values) == 0 || len(list.Globs) > 0 {
			continue
		}
		for _, v := range list.Values {
			for _, judge := range at {
				outcome, err := c.judge(judge, inventory.Tag{Key: key, Value: v})
				if err != nil {
					return "", err
				}
				if outcome == rules.Fail {
					break
				}
				if judge == at[1] {
					return "", nil // this value satisfies both, or nobody can tell
				}
			}
		}
		if i == j {
			return fmt.Sprintf("none of its own values of %q satisfies it", key), nil
		}
		return fmt.Sprintf("no value of %q satisfies both", key), nil
	}
	return "", nil
}

// keys looks for a tag that one rule requires and whose keys another one does not allow.
func (c *conflicts) keys(i, j int) (string, error) {
	a, b := &c.policy.Tags[i], &c.policy.Tags[j]
	if len(b.Prohibited) == 0 && b.Naming == nil && !b.Closed {
		return "", nil
	}
	var groups [][]string // of each, one key has to be there
	switch {
	case a.Required && len(a.Keys) > 0:
		groups = append(groups, a.Keys)
	case len(a.AnyOf) > 0:
		groups = append(groups, a.AnyOf)
	}
	for _, k := range a.AllOf {
		groups = append(groups, []string{k})
	}
	for _, keys := range groups {
		refused := 0
		for _, key := range keys {
			outcome, err := c.judge(j, inventory.Tag{Key: key, Value: "x"})
			if err != nil {
				return "", err
			}
			if outcome == rules.Fail {
				refused++
			}
		}
		if refused == len(keys) {
			return fmt.Sprintf("tags/%s asks for the tag %q, and tags/%s refuses its key", a.ID, keys[0], b.ID), nil
		}
	}
	return "", nil
}

func (c *conflicts) judge(i int, tag inventory.Tag) (rules.Outcome, error) {
	asset := &inventory.Entry{Asset: inventory.Asset{Book: inventory.Observed, Key: "lint", Type: "lint/asset", Tags: inventory.KnownTags(tag)}}
	v, err := c.made[i].Check(c.ctx, &rules.Entity{Observed: []*inventory.Entry{asset}})
	if err != nil {
		return rules.Unknown, fmt.Errorf("rule tags/%s: %w", c.policy.Tags[i].ID, err)
	}
	return v.Outcome, nil
}
