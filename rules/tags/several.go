package tags

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
)

// judgeSeveral judges a rule of which one tag, or all, must be there, on one asset.
func (r *rule) judgeSeveral(e *rules.Entity, asset *inventory.Entry, found inventory.Tags) (verdict, error) {
	g := group{rule: r}
	if err := g.read(e, asset, found); err != nil {
		return verdict{}, err
	}
	return g.verdict(r.wanted()), nil
}

// checkSeveralRows is checkRows for such a rule: a tag is missing if no row has it, and a register that keeps it has a row.
func (r *rule) checkSeveralRows(ctx context.Context, e *rules.Entity, subject *inventory.Entry, rows []*inventory.Entry) (rules.Verdict, error) {
	g := group{rule: r}
	for _, row := range rows {
		found := row.CurrentTags()
		if found.State() != inventory.Known {
			return unknown("its tags could not be read"), nil
		}
		if err := g.read(e, row, found); err != nil {
			return rules.Verdict{}, err
		}
	}
	kept, err := g.keepers(ctx, rows)
	if err != nil {
		return rules.Verdict{}, err
	}
	v := g.verdict(kept)
	if v.Outcome != rules.Fail {
		return v.Verdict, nil
	}
	at := g.wrongAt
	if v.absent {
		at = g.keeper
	}
	return r.failRow(e, subject, rowVerdict{at, v}), nil
}

// wanted are the keys of which one, or all, must be there.
func (r *rule) wanted() []string {
	if len(r.AnyOf) > 0 {
		return r.AnyOf
	}
	return r.AllOf
}

// group gathers what is known of the tags of a rule about several.
type group struct {
	rule    *rule
	there   map[string]bool // keys whose tags are there and not blank
	all     []inventory.Tags
	wrong   *verdict // the first wrong value
	wrongAt *inventory.Entry
	unknown string           // why a value cannot be judged
	keeper  *inventory.Entry // a row whose register keeps a tag that is missing
}

// read takes in the tags of one asset. A tag whose value is not known is there.
func (g *group) read(e *rules.Entity, asset *inventory.Entry, found inventory.Tags) error {
	if g.there == nil {
		g.there = map[string]bool{}
	}
	g.all = append(g.all, found)
	for _, key := range g.rule.wanted() {
		tag, ok := found.Get(key)
		if !ok || weight(tag) == 0 {
			continue
		}
		g.there[key] = true
		if err := g.value(e, asset, tag); err != nil {
			return err
		}
	}
	return nil
}

func (g *group) value(e *rules.Entity, asset *inventory.Entry, tag inventory.Tag) error {
	if tag.ValueUnknown {
		if g.rule.asksValue() {
			g.unknown = fmt.Sprintf("the value of its tag %q is not known", tag.Key)
		}
		return nil
	}
	v, err := g.rule.judgeValue(e, asset, tag)
	switch {
	case err != nil:
		return err
	case v.Outcome == rules.Fail && g.wrong == nil:
		failed := v
		g.wrong, g.wrongAt = &failed, asset
	case v.Outcome == rules.Unknown:
		g.unknown = v.Reason
	}
	return nil
}

// keepers returns the keys that some row's register keeps, or that are there.
func (g *group) keepers(ctx context.Context, rows []*inventory.Entry) ([]string, error) {
	var kept []string
	for _, key := range g.rule.wanted() {
		if !g.there[key] {
			row, err := g.keeperOf(ctx, rows, key)
			if err != nil {
				return nil, err
			}
			if row == nil {
				continue
			}
			g.keeper = cmp.Or(g.keeper, row)
		}
		kept = append(kept, key)
	}
	return kept, nil
}

func (g *group) keeperOf(ctx context.Context, rows []*inventory.Entry, key string) (*inventory.Entry, error) {
	for _, row := range rows {
		if g.rule.keeps == nil {
			return row, nil
		}
		ok, err := g.rule.keeps(ctx, row, []string{key})
		if ok || err != nil {
			return row, err
		}
	}
	return nil, nil
}

// verdict judges what was read. kept are the keys that would be there if anybody had set them; of the others nothing is known.
func (g *group) verdict(kept []string) verdict {
	var missing []string
	for _, key := range kept {
		if !g.there[key] {
			missing = append(missing, key)
		}
	}
	anyOf := len(g.rule.AnyOf) > 0
	switch {
	case anyOf && len(g.there) > 0:
		missing = nil
	case anyOf && len(missing) > 0:
		missing = g.rule.AnyOf
	}
	switch {
	case len(missing) > 0:
		return g.missing(missing)
	case g.wrong != nil:
		return *g.wrong
	case g.unknown != "":
		return verdict{Verdict: unknown(g.unknown)}
	case len(kept) < len(g.rule.wanted()) && !(anyOf && len(g.there) > 0):
		return verdict{Verdict: unknown("no row bears some of the tags: the register seems not to keep them")}
	}
	return pass()
}

// keys are all that are there, for a hint.
func (g *group) keys() []string {
	var keys []string
	for _, found := range g.all {
		for tag := range found.All() {
			keys = append(keys, tag.Key)
		}
	}
	return keys
}

// hints names keys that look as if one of those that are missing was meant.
func (g *group) hints(missing []string) string {
	text, keys := "", g.keys()
	for _, key := range missing {
		if near := misspelt(key, keys); near != "" && !g.there[near] && !slices.Contains(missing, near) {
			text += fmt.Sprintf("; there is %q", near)
		}
	}
	return text
}

// missing says which tags are not there, and what is wrong with one that is.
func (g *group) missing(keys []string) verdict {
	v := verdict{absent: true, Verdict: rules.Verdict{Outcome: rules.Fail, Parts: keys}}
	switch {
	case len(g.rule.AnyOf) > 0:
		v.Message = fmt.Sprintf("none of the tags %s is there", quoteAll(keys))
		v.Message += g.hints(keys)
		v.set = inventory.Tag{Key: keys[0], Value: placeholder(g.rule.Values)}
		return v
	case len(keys) == 1:
		v.Message = fmt.Sprintf("tag %s is missing", quoteAll(keys))
	default:
		v.Message = fmt.Sprintf("tags %s are missing", quoteAll(keys))
	}
	for i, key := range keys {
		tag := inventory.Tag{Key: key, Value: placeholder(g.rule.Values)}
		if i == 0 {
			v.set = tag
		} else {
			v.more = append(v.more, tag)
		}
	}
	v.Message += g.hints(keys)
	if g.wrong == nil {
		return v
	}
	v.Message += "; " + g.wrong.Message
	v.Parts = append(append([]string{}, keys...), g.wrong.Parts...)
	if len(g.wrong.remove) == 0 {
		v.more = append(v.more, g.wrong.set)
	}
	return v
}
