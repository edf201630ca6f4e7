package vocabulary

import (
	"cmp"
	"context"
	"fmt"
	"hash/maphash"
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
	"github.com/muster-audit/muster/rules/expr"
)

// uniqueExamples is how many assets a finding about a value names.
const uniqueExamples = 10

// uniqueCount finds the values of a rule's tag that several assets bear. Of a value that one asset bears it keeps a hash and the asset's id
// alone, since an estate holds as many as assets.
type uniqueCount struct {
	rule  *rules.TagRule
	tells func(value string) bool // whether a finding may tell the value
	seed  maphash.Seed
	first map[uint64]bearer
	twice map[string]*shared
}

type bearer struct {
	id   int64
	sure bool
}

// shared is a value that several assets bear.
type shared struct {
	sure, unsure int
	ids          [uniqueExamples]int64
}

func newUniqueCount(rule *rules.TagRule, secret func(string) bool) *uniqueCount {
	return &uniqueCount{rule: rule, tells: func(value string) bool { return !secret(value) }, seed: maphash.MakeSeed(), first: map[uint64]bearer{}, twice: map[string]*shared{}}
}

// add counts the value of an asset, if the rule applies to it. What only may apply, or may still be so, is not sure.
func (u *uniqueCount) add(e *rules.Entity, asset *inventory.Entry, sure bool) error {
	tag, ok := firstValue(asset, u.rule.Keys)
	if !ok {
		return nil
	}
	truth, _, err := u.rule.When.Holds(e)
	if err != nil || truth == expr.No {
		return err
	}
	sure = sure && truth == expr.Yes && !slices.Contains(asset.TagValuesUnconfirmed, tag.Key)
	b := bearer{asset.ID, sure}
	if s := u.twice[tag.Value]; s != nil {
		s.add(b)
		return nil
	}
	h := maphash.String(u.seed, tag.Value)
	before, known := u.first[h]
	if !known {
		u.first[h] = b
		return nil
	}
	if !u.tells(tag.Value) {
		return nil
	}
	s := &shared{}
	s.add(before)
	s.add(b)
	u.twice[strings.Clone(tag.Value)] = s
	return nil
}

func (s *shared) add(b bearer) {
	if b.sure {
		s.sure++
	} else {
		s.unsure++
	}
	keepLeast(s.ids[:], b.id)
}

// firstValue is the tag under the first of the keys that has a value.
func firstValue(asset *inventory.Entry, keys []string) (inventory.Tag, bool) {
	for _, key := range keys {
		if t, ok := asset.Tags.Get(key); ok && hasValue(t) {
			return t, true
		}
	}
	return inventory.Tag{}, false
}

// unique is the part of a tag rule that speaks of the estate: no value is borne by two assets.
type unique struct {
	in    *Inputs
	count *uniqueCount
}

// Meta implements rules.EstateRule.
func (r unique) Meta() rules.Meta {
	return rules.Meta{ID: "tags/" + r.count.rule.ID, Severity: r.count.rule.Severity}
}

// CheckEstate implements rules.EstateRule.
func (r unique) CheckEstate(ctx context.Context) ([]rules.Verdict, error) {
	var list []rules.Verdict
	for value, s := range r.count.twice {
		v, err := r.judge(ctx, value, s)
		if err != nil {
			return nil, err
		}
		if v != nil {
			list = append(list, *v)
		}
	}
	slices.SortFunc(list, func(a, b rules.Verdict) int { return strings.Compare(a.Asset.Key, b.Asset.Key) })
	return list, nil
}

// judge looks at the assets again: two values with one hash are still two.
func (r unique) judge(ctx context.Context, value string, s *shared) (*rules.Verdict, error) {
	rule := r.count.rule
	assets, err := r.in.resolve(ctx, s.ids[:])
	if err != nil {
		return nil, err
	}
	bears := func(e *inventory.Entry) bool {
		t, ok := firstValue(e, rule.Keys)
		return ok && t.Value == value
	}
	collided := len(assets) - len(slices.DeleteFunc(slices.Clone(assets), func(e *inventory.Entry) bool { return !bears(e) }))
	if s.sure+s.unsure-collided < 2 {
		return nil, nil
	}
	assets = slices.DeleteFunc(assets, func(e *inventory.Entry) bool { return !bears(e) })
	v := &rules.Verdict{Asset: &rules.AssetRef{Key: "tag-value:" + rule.Keys[0] + "=" + value, Name: value}}
	if s.sure-collided < 2 {
		v.Outcome, v.Reason = rules.Unknown, "the scan does not confirm that more than one asset still bears the value"
		return v, nil
	}
	n := s.sure + s.unsure - collided
	v.Outcome = rules.Fail
	v.Message = fmt.Sprintf("%d assets bear the value %q of the tag %q, which only one may", n, value, rule.Keys[0])
	v.Fix = fmt.Sprintf("give all but one of them another value of the tag %q", rule.Keys[0])
	for _, e := range assets {
		v.Evidence = append(v.Evidence, rules.Reading(e, "%s, read from source %s, scope %s", e.Key, e.Source, e.Scope))
	}
	if more := n - len(assets); more > 0 {
		v.Evidence = append(v.Evidence, rules.Note("and %d more", more))
	}
	return v, nil
}

// byKey sorts entries so that evidence does not depend on the store's numbers.
func byKey(a, b *inventory.Entry) int {
	return cmp.Or(strings.Compare(a.Key, b.Key), strings.Compare(a.Source, b.Source))
}
