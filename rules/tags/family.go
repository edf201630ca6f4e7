package tags

import (
	"fmt"
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
	"github.com/muster-audit/muster/rules/expr"
	"github.com/muster-audit/muster/rules/inherit"
)

// Inherit lets rules see what assets belong to, of which a rule with "inherit" or "agree_with" judges nothing without. Others than those
// of Rules are left alone.
func Inherit(list []rules.Rule, x *inherit.Index) {
	for _, one := range list {
		if r, ok := one.(*rule); ok {
			r.above = x
		}
	}
}

// Ancestry is what an inherit.Index must know for the rules of a policy: the keys of tags, and the ways to what assets belong to. It is
// empty if no rule asks.
func Ancestry(p *rules.Policy) (keys []string, vias []rules.Via) {
	for _, t := range p.Tags {
		if len(t.Inherit)+len(t.AgreeWith) == 0 {
			continue
		}
		keys = slices.Concat(keys, t.Keys, t.AnyOf, t.AllOf)
		vias = slices.Concat(vias, t.Inherit, t.AgreeWith)
	}
	return keys, vias
}

// judgeFamily judges the tags of an asset together with those that it inherits, and compares them with those of what it belongs to. What
// registers alone hold belongs to nothing.
func (r *rule) judgeFamily(e *rules.Entity, asset *inventory.Entry, own inventory.Tags) (verdict, error) {
	switch {
	case len(r.Inherit)+len(r.AgreeWith) == 0:
		return r.judge(e, asset, own) // most rules: nothing is copied
	case len(r.Inherit) == 0:
		v, err := r.judge(e, asset, own)
		return r.agree(asset, own, v), err
	}
	h := r.heritage(asset, own)
	v, err := r.judge(e, asset, h.tags)
	if err != nil {
		return v, err
	}
	switch {
	case v.Outcome == rules.Fail:
		r.blame(&v, h)
	case h.doubt != "":
		return verdict{Verdict: unknown(h.doubt)}, nil
	case v.Outcome == rules.Unknown && h.vague != "":
		v.Reason = h.vague
	case v.Outcome == rules.Pass && len(h.found) > 0:
		v.Reason = h.reason()
	}
	return r.agree(asset, own, v), nil
}

// heritage is what an asset has of the tags of a rule, and inherits.
type heritage struct {
	tags  inventory.Tags // its own and those that it inherits; one of which that cannot be told counts as there, with an unknown value
	found []inherit.Found
	doubt string // why it cannot be told whether a tag is inherited
	vague string // why the value of an inherited tag is not known
}

func (r *rule) heritage(asset *inventory.Entry, own inventory.Tags) heritage {
	h := heritage{tags: own}
	list := slices.Collect(own.All())
	for _, keys := range r.groups() {
		if slices.ContainsFunc(keys, func(k string) bool { t, ok := own.Get(k); return ok && weight(t) > 0 }) {
			continue
		}
		f := inherit.Found{Why: "nobody looked at what it belongs to"}
		if r.above != nil {
			f = r.above.Find(asset, r.Inherit, keys)
		}
		switch f.State {
		case expr.Yes:
			list = append(list, inventory.Tag{Key: r.ownKey(asset, f.Tag.Key, keys), Value: f.Tag.Value, ValueUnknown: f.Tag.ValueUnknown})
			h.found = append(h.found, f)
			if f.Why != "" {
				h.vague = fmt.Sprintf("the value of the tag %q that it inherits is not known: %s", f.Tag.Key, f.Why)
			}
		case expr.Unknown:
			list = append(list, inventory.Tag{Key: keys[0], ValueUnknown: true})
			if h.doubt == "" {
				h.doubt = fmt.Sprintf("it has no tag %q itself, and whether it inherits one cannot be told: %s", keys[0], f.Why)
			}
		}
	}
	if len(list) > own.Len() {
		h.tags = inventory.KnownTags(list...)
	}
	return h
}

// groups are the keys of the tags that the rule speaks of, those of one tag together; of a rule of which one is enough, all.
func (r *rule) groups() [][]string {
	switch {
	case len(r.Keys) > 0:
		return [][]string{r.Keys}
	case len(r.AnyOf) > 0:
		return [][]string{r.AnyOf}
	}
	list := make([][]string, len(r.AllOf))
	for i := range r.AllOf {
		list[i] = r.AllOf[i : i+1]
	}
	return list
}

// ownKey is the key under which an inherited tag is judged: how the parent spells it is no fault of the asset.
func (r *rule) ownKey(asset *inventory.Entry, key string, keys []string) string {
	if len(r.Keys) == 0 {
		return key
	}
	limits := r.limits(asset)
	if i := slices.IndexFunc(keys, func(k string) bool { return unlawful(limits, k, true) == "" }); i >= 0 {
		return keys[i]
	}
	return key
}

// reason says of a pass where the tags come from.
func (h *heritage) reason() string {
	texts := make([]string, len(h.found))
	for i, f := range h.found {
		value := "a value that is not known"
		if !f.Tag.ValueUnknown {
			value = shown(f.Tag.Value)
		}
		texts[i] = fmt.Sprintf("inherits the tag %q with %s, %s", f.Tag.Key, value, f.Path())
	}
	return strings.Join(texts, "; ")
}

func words(list []rules.Via) string {
	texts := make([]string, len(list))
	for i, v := range list {
		texts[i] = string(v)
	}
	return strings.Join(texts, ", ")
}

// blame adds to a failure where a wrong value comes from, since there it is to be corrected, or where a missing one was looked for.
func (r *rule) blame(v *verdict, h heritage) {
	if v.absent {
		v.Message += fmt.Sprintf("; nothing that it belongs to (%s) has it", words(r.TagFamily.Inherit))
	}
	for _, f := range h.found {
		if !slices.Contains(v.Parts, r.part(f.Tag.Key)) {
			continue // another of the tags is wrong
		}
		v.Message += "; it is inherited, " + f.Path()
		v.ancestry = append(v.ancestry, f.Evidence()...)
		top := f.Chain[len(f.Chain)-1]
		v.advice = fmt.Sprintf("correct the tag %q of %s, or set it on the asset itself", f.Tag.Key, top.Key)
	}
}

// agree compares the tag with that of what the asset belongs to. A failure stands as it is, and what cannot be told stays unknown unless
// the tag is wrong in any case.
func (r *rule) agree(asset *inventory.Entry, own inventory.Tags, v verdict) verdict {
	if len(r.AgreeWith) == 0 || v.Outcome == rules.Fail {
		return v
	}
	tag, ok := r.choose(own)
	if !ok || weight(tag) == 0 {
		return v
	}
	a := r.compare(asset, tag)
	switch {
	case a.Outcome == rules.Fail, a.Outcome == rules.Unknown && v.Outcome != rules.Unknown:
		return a
	case a.Outcome == rules.NotApplicable && v.Outcome == rules.Pass && !r.asksValue() && !r.Canonical:
		return a
	}
	return v
}

// compare judges whether the values agree, way by way: where an asset belongs to several things in one way, one that agrees is enough.
func (r *rule) compare(asset *inventory.Entry, tag inventory.Tag) verdict {
	if r.above == nil {
		return verdict{Verdict: unknown("nobody looked at what it belongs to")}
	}
	parents := r.above.Above(asset, r.AgreeWith, r.Keys)
	best := verdict{Verdict: notApplicable("nothing that it belongs to has the tag")}
	for _, via := range r.AgreeWith {
		v := r.compareBy(via, parents, tag)
		if v.Outcome == rules.Fail {
			return v
		}
		if v.Outcome == rules.Unknown || v.Outcome == rules.Pass && best.Outcome == rules.NotApplicable {
			best = v
		}
	}
	return best
}

func (r *rule) compareBy(via rules.Via, parents []inherit.Parent, tag inventory.Tag) verdict {
	var other []inherit.Parent
	doubt := ""
	for _, p := range parents {
		switch {
		case p.Via != via || p.State == expr.No:
		case p.State == expr.Unknown:
			doubt = fmt.Sprintf("%s: %s", p.Step, p.Why)
		case p.Tag.ValueUnknown:
			doubt = fmt.Sprintf("the value of the tag %q of %s is not known", p.Tag.Key, p.Key)
		case !tag.ValueUnknown && p.Tag.Value == tag.Value:
			return pass()
		default:
			other = append(other, p)
		}
	}
	switch {
	case doubt != "":
		return verdict{Verdict: unknown(doubt)}
	case len(other) == 0:
		return verdict{Verdict: notApplicable("nothing that it belongs to has the tag")}
	case tag.ValueUnknown:
		return verdict{Verdict: unknown(fmt.Sprintf("the value of its tag %q is not known", tag.Key))}
	}
	return r.disagreement(tag, other)
}

// disagreement says both values, and to set that of the parent if all parents have one.
func (r *rule) disagreement(tag inventory.Tag, parents []inherit.Parent) verdict {
	texts := make([]string, len(parents))
	v := verdict{set: inventory.Tag{Key: tag.Key, Value: parents[0].Tag.Value}}
	for i, p := range parents {
		texts[i] = fmt.Sprintf("%s has %s", p.Step, shown(p.Tag.Value))
		if p.Tag.Value != parents[0].Tag.Value || credential(p.Tag.Value) != "" {
			v.advice = fmt.Sprintf("set the tag %q to the same value on both", tag.Key)
		}
		v.ancestry = append(v.ancestry, rules.Note("tag %q of %s, %s: %s", p.Tag.Key, p.Key, p.Type, shown(p.Tag.Value)))
	}
	v.Verdict = rules.Verdict{
		Outcome: rules.Fail, Parts: []string{r.part(tag.Key)},
		Message: fmt.Sprintf("tag %q has %s, and %s", tag.Key, shown(tag.Value), strings.Join(texts, ", and ")),
	}
	return v
}
