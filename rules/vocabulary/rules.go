package vocabulary

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
)

// The ids of the rules, which a policy turns on.
const (
	nearKeyID   = "tags/near-miss-key"
	nearValueID = "tags/near-miss-value"
	meaningID   = "tags/meaning"
)

// Inputs is what the rules need beyond the policy.
type Inputs struct {
	Census *Census
	// Entries returns the assets with these ids, sorted by id; one that is not there is left out.
	Entries func(ctx context.Context, ids []int64) ([]*inventory.Entry, error)
}

// resolve returns assets by their ids, sorted by key. Ids of 0 are none.
func (in *Inputs) resolve(ctx context.Context, ids []int64) ([]*inventory.Entry, error) {
	wanted := slices.DeleteFunc(slices.Clone(ids), func(id int64) bool { return id == 0 })
	if len(wanted) == 0 || in.Entries == nil {
		return nil, nil
	}
	slices.Sort(wanted)
	list, err := in.Entries(ctx, wanted)
	if err != nil {
		return nil, fmt.Errorf("read examples: %w", err)
	}
	list = slices.Clone(list)
	slices.SortFunc(list, byKey)
	return list, nil
}

// Wanted reports whether a policy asks for any rule of this package, so that a census is worth its while.
func Wanted(p *rules.Policy) bool {
	return slices.ContainsFunc(p.Builtin, func(b rules.Builtin) bool { return meta(b).ID != "" }) ||
		slices.ContainsFunc(p.Tags, func(t rules.TagRule) bool { return t.Unique })
}

// Prepare makes the census count what the policy's rules need. It is called before the first entity.
func (c *Census) Prepare(p *rules.Policy) {
	values := map[string]bool{}
	for _, spellings := range valueTags(p) {
		for _, k := range spellings {
			values[k] = true
		}
	}
	everything := slices.ContainsFunc(p.Builtin, func(b rules.Builtin) bool { return b.ID == meaningID })
	c.Values = func(key string) bool { return everything || values[key] }
	for i := range p.Tags {
		if p.Tags[i].Unique {
			c.unique = append(c.unique, newUniqueCount(&p.Tags[i], c.secret))
		}
	}
}

// valueTags lists the tags whose values tags/near-miss-value compares: those that the policy names for it, else all of which it speaks.
func valueTags(p *rules.Policy) [][]string {
	if !slices.ContainsFunc(p.Builtin, func(b rules.Builtin) bool { return b.ID == nearValueID }) {
		return nil
	}
	if len(p.NearMissValues) == 0 {
		return slices.DeleteFunc(NamedTags(p), func(spellings []string) bool { return p.HidesValues(spellings[0]) })
	}
	var list [][]string
	for _, key := range p.NearMissValues {
		list = append(list, p.SpellingsOf(key))
	}
	return list
}

// EstateRules returns the rules that the policy turns on. The census must be prepared.
func EstateRules(p *rules.Policy, in Inputs) []rules.EstateRule {
	var list []rules.EstateRule
	for _, b := range p.Builtin {
		m := meta(b)
		switch b.ID {
		case nearKeyID:
			list = append(list, estateRule{m, func(ctx context.Context) ([]rules.Verdict, error) { return in.nearKeys(ctx, p) }})
		case nearValueID:
			list = append(list, estateRule{m, func(ctx context.Context) ([]rules.Verdict, error) { return in.nearValues(ctx, p) }})
		case meaningID:
			list = append(list, estateRule{m, func(context.Context) ([]rules.Verdict, error) { return in.Census.meanings(), nil }})
		}
	}
	for _, u := range in.Census.unique {
		list = append(list, unique{&in, u})
	}
	return list
}

// Metas describes the rules that the policy turns on. What asks for unique values is described with its tag rule.
func Metas(p *rules.Policy) []rules.Meta {
	var list []rules.Meta
	for _, b := range p.Builtin {
		if m := meta(b); m.ID != "" {
			list = append(list, m)
		}
	}
	return list
}

// meta describes a rule of this package; it is empty for others.
func meta(b rules.Builtin) rules.Meta {
	m := rules.Meta{ID: b.ID, Severity: b.Severity}
	switch b.ID {
	case nearKeyID:
		m.Title = "A tag has one key in the whole estate"
		m.Help = "Keys that differ in case, in separators, by an abbreviation or by a mistake are different keys to every provider, bill and query. Rename them to the one that is named."
	case nearValueID:
		m.Title = "A value is written in one way in the whole estate"
		m.Help = "Values that differ in case, in separators, by an abbreviation or by a mistake split what belongs together in every bill and query. Write the one that is named."
	case meaningID:
		m.Title = "A tag key means the same on every cloud"
		m.Help = "The values that two clouds hold under one key have nothing in common, so that a report by that key mixes two things. Give one of them a key of its own."
	default:
		return rules.Meta{}
	}
	return m
}

type estateRule struct {
	meta  rules.Meta
	check func(context.Context) ([]rules.Verdict, error)
}

func (r estateRule) Meta() rules.Meta { return r.meta }

func (r estateRule) CheckEstate(ctx context.Context) ([]rules.Verdict, error) { return r.check(ctx) }

func (in *Inputs) nearKeys(ctx context.Context, p *rules.Policy) ([]rules.Verdict, error) {
	if why := in.Census.overflow(); why != "" {
		return []rules.Verdict{{Outcome: rules.Unknown, Asset: &rules.AssetRef{Key: "tag-key:*"}, Reason: why}}, nil
	}
	return in.verdicts(ctx, in.Census.NearKeys(KnownKeys(p)))
}

func (in *Inputs) nearValues(ctx context.Context, p *rules.Policy) ([]rules.Verdict, error) {
	var all []rules.Verdict
	named := len(p.NearMissValues) > 0
	for _, spellings := range valueTags(p) {
		if !named && in.Census.manyValues(spellings) {
			continue
		}
		list, ok := in.Census.NearValues(spellings, KnownValues(p, spellings))
		if !ok {
			all = append(all, rules.Verdict{
				Outcome: rules.Unknown, Asset: &rules.AssetRef{Key: "tag-value:" + spellings[0] + "=*"}, Reason: tooManyValues(in.Census, spellings[0]),
			})
			continue
		}
		verdicts, err := in.verdicts(ctx, list)
		if err != nil {
			return nil, err
		}
		all = append(all, verdicts...)
	}
	return all, nil
}

func tooManyValues(c *Census, key string) string {
	if why := c.overflow(); why != "" {
		return why
	}
	return fmt.Sprintf("the tag %q has more than %d distinct values, which are not compared", key, maxValues)
}

func (in *Inputs) verdicts(ctx context.Context, list []NearMiss) ([]rules.Verdict, error) {
	out := make([]rules.Verdict, len(list))
	for i := range list {
		v, err := in.verdict(ctx, &list[i])
		if err != nil {
			return nil, err
		}
		out[i] = v
	}
	return out, nil
}

func (in *Inputs) verdict(ctx context.Context, m *NearMiss) (rules.Verdict, error) {
	v := rules.Verdict{Outcome: rules.Unknown, Asset: &rules.AssetRef{Key: m.key(), Name: m.Canonical}}
	if !m.Sure {
		v.Reason = "the scan does not confirm all assets that bear the words"
		return v, nil
	}
	v.Outcome, v.Parts, v.Message, v.Fix = rules.Fail, m.Parts(), m.message(), m.fix()
	note := func(text string, uses int, ids []int64) error {
		assets, err := in.resolve(ctx, ids)
		v.Evidence = append(v.Evidence, rules.Note("%q: %s%s", text, assetCount(uses), suchAs(assets)))
		return err
	}
	if m.Uses > 0 {
		if err := note(m.Canonical, m.Uses, m.ids[:]); err != nil {
			return v, err
		}
	}
	for i := range m.Swaps {
		s := &m.Swaps[i]
		if err := note(s.From, s.Uses, s.ids[:]); err != nil {
			return v, err
		}
	}
	if in.Census.unread > 0 {
		v.Evidence = append(v.Evidence, rules.Note("not counted: %s whose tags could not be read", assetCount(in.Census.unread)))
	}
	return v, nil
}

// key names the cluster in findings.
func (m *NearMiss) key() string {
	if m.Tag == "" {
		return "tag-key:" + m.Name
	}
	return "tag-value:" + m.Tag + "=" + m.Name
}

func (m *NearMiss) message() string {
	what := fmt.Sprintf("tag key %q", m.Canonical)
	if m.Tag != "" {
		what = fmt.Sprintf("value %q of the tag %q", m.Canonical, m.Tag)
	}
	ways := make([]string, len(m.Swaps))
	for i, s := range m.Swaps {
		ways[i] = fmt.Sprintf("%q (%d)", s.From, s.Uses)
	}
	uses := fmt.Sprintf("%d", m.Uses)
	if m.Uses == 0 {
		uses = "no asset"
	}
	return fmt.Sprintf("%s (%s) is also written %s", what, uses, strings.Join(ways, ", "))
}

func (m *NearMiss) fix() string {
	why := "most assets have it"
	if m.ByPolicy {
		why = "the policy names it"
	}
	var steps []string
	for _, to := range m.targets() {
		var from []string
		for _, s := range m.Swaps {
			if s.To == to.To && s.Provider == to.Provider {
				from = append(from, s.From)
			}
		}
		step := fmt.Sprintf("write %q instead of %s", to.To, quoted(from))
		if to.Provider != "" {
			step += fmt.Sprintf(" on %s, which does not take %q", to.Provider, m.Canonical)
		} else {
			step += ": " + why
		}
		steps = append(steps, step)
	}
	return strings.Join(steps, "; ")
}

// targets lists what is to be written, in the order of the swaps.
func (m *NearMiss) targets() []Swap {
	var list []Swap
	for _, s := range m.Swaps {
		if !slices.ContainsFunc(list, func(o Swap) bool { return o.To == s.To && o.Provider == s.Provider }) {
			list = append(list, Swap{To: s.To, Provider: s.Provider})
		}
	}
	return list
}

func assetCount(n int) string {
	if n == 1 {
		return "1 asset"
	}
	return fmt.Sprintf("%d assets", n)
}

func suchAs(assets []*inventory.Entry) string {
	keys := make([]string, len(assets))
	for i, e := range assets {
		keys[i] = e.Key
	}
	if len(keys) == 0 {
		return ""
	}
	return ", such as " + strings.Join(keys, ", ")
}
