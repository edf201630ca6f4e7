package tags

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
	"github.com/muster-audit/muster/rules/suggest"
)

// Owners tells who answers for an entity by other means than the tags that say so, as the CODEOWNERS of the code that declares it.
type Owners struct {
	Keys []string // of the tags that name an owner
	// Of is the owner's name, how sure that is, and what says so; the name is empty if nothing does. Several goroutines use it.
	Of func(*rules.Entity) (name string, confidence rules.Confidence, why string)
}

// Suggest makes rules tell in their findings which value an owner's chain or the neighbours of an asset imply. Others than those of Rules are
// left alone; x may be nil, and the zero value of o tells nothing.
func Suggest(list []rules.Rule, x *suggest.Index, o Owners) {
	for _, one := range list {
		if r, ok := one.(*rule); ok {
			r.neighbours, r.owners = x, o
		}
	}
}

// suggest puts values that something implies in the place of those that a person would have to choose.
func (r *rule) suggest(v *verdict, e *rules.Entity, asset *inventory.Entry) []rules.Evidence {
	var evidence []rules.Evidence
	for _, t := range slices.Concat([]*inventory.Tag{&v.set}, pointers(v.more)) {
		if t.Key == "" || !isPlaceholder(t.Value) {
			continue
		}
		if name, confidence, why := r.owner(e, asset, t.Key); name != "" {
			t.Value = name
			evidence = append(evidence, rules.Note("suggested value of the tag %q, with %s confidence: %q, since %s", t.Key, confidence, name, why))
		} else if s, ok := r.likely(e, asset, t.Key); ok {
			t.Value = s.Value
			evidence = append(evidence, s.Evidence(t.Key))
		}
	}
	return evidence
}

// owner is who answers for the entity, if the tag is to name that and the rule accepts the name.
func (r *rule) owner(e *rules.Entity, asset *inventory.Entry, key string) (name string, confidence rules.Confidence, why string) {
	if r.owners.Of == nil || !slices.Contains(r.owners.Keys, r.canonicalOf(key)) && !slices.Contains(r.owners.Keys, key) {
		return "", "", ""
	}
	name, confidence, why = r.owners.Of(e)
	if name == "" || !r.accepts(e, asset, key, name) {
		return "", "", ""
	}
	return name, confidence, why
}

// likely is a value that neighbours imply and that the rule accepts.
func (r *rule) likely(e *rules.Entity, asset *inventory.Entry, key string) (suggest.Suggestion, bool) {
	if r.neighbours == nil {
		return suggest.Suggestion{}, false
	}
	return r.neighbours.Likely(asset, r.canonicalOf(key), func(value string) bool { return r.accepts(e, asset, key, value) })
}

func (r *rule) canonicalOf(key string) string {
	if slices.Contains(r.Keys, key) {
		return r.Keys[0]
	}
	return key
}

// accepts reports whether the rule is content with a value, and it can be shown.
func (r *rule) accepts(e *rules.Entity, asset *inventory.Entry, key, value string) bool {
	v, err := r.judgeValue(e, asset, inventory.Tag{Key: key, Value: value})
	return err == nil && v.Outcome == rules.Pass && credential(value) == ""
}

func pointers(list []inventory.Tag) []*inventory.Tag {
	out := make([]*inventory.Tag, len(list))
	for i := range list {
		out[i] = &list[i]
	}
	return out
}

// isPlaceholder reports whether a value stands for one that a person has to choose.
func isPlaceholder(value string) bool {
	return strings.HasPrefix(value, "<") && strings.HasSuffix(value, ">")
}

// Proposal is a value for a tag that a rule finds missing or wrong.
type Proposal struct {
	Key, Value string
	Confidence string // "87 %" of the neighbours have the value, or "high", "medium", "low"; empty if nothing was weighed
	Why        string // what the value rests on
}

// Propose returns what to set on an entity that fails one of Rules, as far as anybody can tell; failed says whether it does.
func Propose(ctx context.Context, one rules.Rule, e *rules.Entity) (list []Proposal, failed bool, err error) {
	r, ok := one.(*rule)
	if !ok {
		return nil, false, nil
	}
	verdict, err := r.Check(ctx, e)
	if err != nil || verdict.Outcome != rules.Fail {
		return nil, false, err
	}
	asset := e.Subject()
	v, err := r.judge(e, asset, asset.CurrentTags())
	if err != nil || v.set.Key == "" {
		return nil, true, err
	}
	for _, t := range append([]inventory.Tag{v.set}, v.more...) {
		if p, ok := r.propose(e, asset, t); ok {
			list = append(list, p)
		}
	}
	return list, true, nil
}

func (r *rule) propose(e *rules.Entity, asset *inventory.Entry, t inventory.Tag) (Proposal, bool) {
	if !isPlaceholder(t.Value) {
		return Proposal{Key: t.Key, Value: t.Value, Why: "the nearest that the rule allows"}, true
	}
	if name, confidence, why := r.owner(e, asset, t.Key); name != "" {
		return Proposal{Key: t.Key, Value: name, Confidence: string(confidence), Why: why}, true
	}
	s, ok := r.likely(e, asset, t.Key)
	if !ok {
		return Proposal{}, false
	}
	return Proposal{Key: t.Key, Value: s.Value, Confidence: fmt.Sprintf("%d %%", s.Confidence()), Why: s.Why()}, true
}
