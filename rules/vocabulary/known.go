package vocabulary

import (
	"regexp"
	"slices"

	"github.com/muster-audit/muster/rules"
)

// KnownKeys maps the keys that a policy's tag rules name to what it calls them: the canonical key of which one is an accepted spelling.
func KnownKeys(p *rules.Policy) map[string]string {
	known := map[string]string{}
	note := func(key, of string) {
		if known[key] == "" {
			known[key] = of
		}
	}
	for i := range p.Tags {
		t := &p.Tags[i]
		for _, k := range t.Keys {
			note(k, t.Keys[0])
		}
		for _, k := range slices.Concat(t.AnyOf, t.AllOf) {
			note(k, k)
		}
		for _, k := range t.AllowedKeys {
			if regexp.QuoteMeta(k.Text) == k.Text { // a pattern names nothing
				note(k.Text, k.Text)
			}
		}
	}
	return known
}

// KnownValues maps the values that a policy's tag rules allow for a tag to themselves.
func KnownValues(p *rules.Policy, spellings []string) map[string]string {
	known := map[string]string{}
	for i := range p.Tags {
		t := &p.Tags[i]
		if !slices.ContainsFunc(t.Keys, func(k string) bool { return slices.Contains(spellings, k) }) {
			continue
		}
		for _, v := range t.Values {
			known[v] = v
		}
	}
	return known
}

// NamedTags lists the tags of which a policy speaks, each by its spellings, the canonical one first, in the order of the rules.
func NamedTags(p *rules.Policy) [][]string {
	var list [][]string
	seen := map[string]bool{}
	add := func(spellings []string) {
		if len(spellings) > 0 && !seen[spellings[0]] {
			seen[spellings[0]] = true
			list = append(list, spellings)
		}
	}
	for i := range p.Tags {
		t := &p.Tags[i]
		add(t.Keys)
		for _, k := range slices.Concat(t.AnyOf, t.AllOf) {
			add(p.SpellingsOf(k))
		}
	}
	return list
}
