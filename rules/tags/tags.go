// Package tags makes rules of the policy's tag rules: a tag that must be there, the values that it may have, and keys
// that may not be used.
//
// The tags judged are those of the entity's subject: what is seen, else what is declared, else what is recorded (rows.go). Tags
// that could not be read make a verdict unknown, never a failure, and a type that cannot carry tags makes it not applicable.
package tags

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
	"github.com/muster-audit/muster/rules"
	"github.com/muster-audit/muster/rules/expr"
	"github.com/muster-audit/muster/rules/inherit"
	"github.com/muster-audit/muster/rules/retag"
	"github.com/muster-audit/muster/rules/suggest"
)

// Rules returns a rule for each tag rule of the policy, in its order. What known tells to be a default of its provider is left alone,
// unless a rule asks for it; known may be nil. now ends the grace of young assets. keeps may be nil.
func Rules(p *rules.Policy, known *catalog.Catalog, now time.Time, keeps Keeps) []rules.Rule {
	list := make([]rules.Rule, len(p.Tags))
	named := namedKeys(p)
	for i, t := range p.Tags {
		r := &rule{TagRule: t, meta: meta(t), catalog: known, now: now, keeps: keeps, young: fmt.Sprintf("younger than the grace of %s", hours(t.Grace))}
		r.values, r.named = newValueJudge(&r.TagRule, now), named
		if len(t.Keys) > 0 {
			r.absent = fmt.Sprintf("has no tag %q", t.Keys[0])
		}
		list[i] = r
	}
	return list
}

type rule struct {
	rules.TagRule
	meta    rules.Meta
	catalog *catalog.Catalog
	now     time.Time
	keeps   Keeps
	// young and absent are reasons that many assets share.
	young, absent string
	values        *valueJudge
	named         map[string]bool // keys that rules of the policy name
	above         *inherit.Index  // nil if nobody looked
	neighbours    *suggest.Index  // nil suggests nothing
	owners        Owners
	builtin       keysJudge // of a rule that muster brings along; nil for others
}

// Meta implements rules.Rule.
func (r *rule) Meta() rules.Meta { return r.meta }

// Check implements rules.Rule.
func (r *rule) Check(ctx context.Context, e *rules.Entity) (rules.Verdict, error) {
	asset := e.Subject()
	found := asset.CurrentTags()
	switch {
	case found.State() == inventory.NotApplicable:
		return notApplicable("its type cannot be tagged"), nil
	case asset.Book == inventory.Recorded && !slices.ContainsFunc(e.Recorded, inUse):
		return notApplicable("the register calls it retired"), nil
	case asset.Book == inventory.Declared && (asset.Lifecycle == inventory.LifecycleRetiring || asset.Lifecycle == inventory.LifecycleRetired):
		return notApplicable("it is to be destroyed"), nil
	}
	if r.Grace > 0 && !asset.Created.IsZero() && r.now.Sub(asset.Created) < r.Grace {
		return notApplicable(r.young), nil
	}
	truth, reason, err := r.When.Holds(e)
	switch {
	case err != nil:
		return rules.Verdict{}, err
	case truth == expr.No:
		return notApplicable("the rule's condition does not hold"), nil
	case truth == expr.Unknown:
		return unknown("the rule's condition cannot be told: " + reason), nil
	case asset.Book == inventory.Recorded:
		return r.checkRows(ctx, e, asset)
	case found.State() == inventory.Unknown:
		return unknown("its tags could not be read"), nil
	}
	if r.passes(found) {
		return rules.Verdict{Outcome: rules.Pass}, nil
	}
	v, err := r.judgeFamily(e, asset, found)
	if err != nil || v.Outcome != rules.Fail {
		return v.Verdict, err
	}
	failed := v // only what failed goes to the heap
	r.complete(&failed, e, asset)
	if s, ok := r.providerDefault(e, asset); ok {
		failed.Outcome, failed.SuppressedBy, failed.Reason = rules.NotApplicable, s.ID, s.Reason
	}
	return failed.Verdict, nil
}

// providerDefault returns why nobody is to be asked for an asset's tags: its provider made it, and no code declares it.
func (r *rule) providerDefault(e *rules.Entity, asset *inventory.Entry) (catalog.Suppression, bool) {
	if r.ProviderDefaults || r.catalog == nil || asset.Book != inventory.Observed || len(e.Declared) > 0 {
		return catalog.Suppression{}, false
	}
	return r.catalog.ProviderDefault(asset)
}

// verdict is a rules.Verdict with what the suggested fix needs.
type verdict struct {
	rules.Verdict
	set    inventory.Tag   // tag to set; empty key if tags are to be removed
	more   []inventory.Tag // further tags to set
	remove []string        // with a tag to set, its old key
	advice string          // what to do if that is neither to set nor to remove a tag
	absent bool            // it fails since the tag has no value
	// ancestry is evidence of tags of what the asset belongs to.
	ancestry []rules.Evidence
}

func (r *rule) judge(e *rules.Entity, asset *inventory.Entry, found inventory.Tags) (verdict, error) {
	switch {
	case r.builtin != nil:
		return r.builtin(asset, found), nil
	case len(r.Prohibited) > 0:
		return r.judgeKeys(found), nil
	case r.Closed:
		return r.judgeClosed(asset, found), nil
	case r.Naming != nil:
		return r.judgeNaming(asset, found), nil
	case len(r.AnyOf)+len(r.AllOf) > 0:
		return r.judgeSeveral(e, asset, found)
	case len(r.Keys) == 0:
		return r.judgeAll(found), nil
	}
	tag, ok := r.choose(found)
	switch {
	case !ok && r.Required:
		return r.missing(r.Keys[0], fmt.Sprintf("tag %q is missing%s", r.Keys[0], r.spellings(found))), nil
	case !ok:
		return verdict{Verdict: notApplicable(r.absent)}, nil
	case r.Canonical && r.canonical(asset, found) != nil:
		return *r.canonical(asset, found), nil
	case tag.ValueUnknown && !r.asksValue():
		return pass(), nil
	case tag.ValueUnknown:
		return verdict{Verdict: unknown(fmt.Sprintf("the value of its tag %q is not known", tag.Key))}, nil
	case r.Required && strings.TrimSpace(tag.Value) == "":
		return r.missing(tag.Key, fmt.Sprintf("tag %q is empty", tag.Key)), nil
	}
	return r.judgeValue(e, asset, tag)
}

// choose returns the tag that the rule judges: of the accepted spellings the first with a value, else the first whose
// value is not known, else the first that is there.
func (r *rule) choose(found inventory.Tags) (best inventory.Tag, ok bool) {
	for _, key := range r.Keys {
		tag, there := found.Get(key)
		if there && (!ok || weight(tag) > weight(best)) {
			best, ok = tag, true
		}
	}
	return best, ok
}

func weight(t inventory.Tag) int {
	switch {
	case t.ValueUnknown:
		return 1
	case strings.TrimSpace(t.Value) == "":
		return 0
	}
	return 2
}

func (r *rule) judgeKeys(found inventory.Tags) verdict {
	var keys []string
	for tag := range found.All() {
		if slices.ContainsFunc(r.Prohibited, func(p rules.Pattern) bool { return p.Matches(tag.Key) }) {
			keys = append(keys, tag.Key)
		}
	}
	if len(keys) == 0 {
		return pass()
	}
	return verdict{remove: keys, Verdict: rules.Verdict{
		Outcome: rules.Fail, Parts: keys, Message: fmt.Sprintf("tag %s %s prohibited", quoteAll(keys), isOrAre(keys)),
	}}
}

func (r *rule) missing(key, message string) verdict {
	v := r.fail(key, message, "")
	v.absent = true
	return v
}

// fail says what is wrong with the tag under a key. value is what to set, empty if nobody can tell.
func (r *rule) fail(key, message, value string) verdict {
	if value == "" {
		value = placeholder(r.Values)
	}
	return verdict{
		set:     inventory.Tag{Key: key, Value: value},
		Verdict: rules.Verdict{Outcome: rules.Fail, Parts: []string{r.part(key)}, Message: message},
	}
}

// complete adds where to look and what to do.
func (r *rule) complete(v *verdict, e *rules.Entity, asset *inventory.Entry) {
	v.Created = asset.Created
	v.Origin = asset.Origin
	if d := retag.Declaration(e, asset); d != nil {
		v.Origin = d.Origin
	}
	v.Evidence = []rules.Evidence{rules.Reading(asset, "tags as read from source %s, scope %s", asset.Source, asset.Scope)}
	v.Evidence = append(v.Evidence, v.ancestry...)
	v.Evidence = append(v.Evidence, r.suggest(v, e, asset)...)
	v.Fix = fix(v, e, asset)
}

func notApplicable(reason string) rules.Verdict {
	return rules.Verdict{Outcome: rules.NotApplicable, Reason: reason}
}

func unknown(reason string) rules.Verdict {
	return rules.Verdict{Outcome: rules.Unknown, Reason: reason}
}
