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
)

// Rules returns a rule for each tag rule of the policy, in its order. What known tells to be a default of its provider is left alone,
// unless a rule asks for it; known may be nil. now ends the grace of young assets. keeps may be nil.
func Rules(p *rules.Policy, known *catalog.Catalog, now time.Time, keeps Keeps) []rules.Rule {
	list := make([]rules.Rule, len(p.Tags))
	for i, t := range p.Tags {
		r := &rule{TagRule: t, meta: meta(t), catalog: known, now: now, keeps: keeps, young: fmt.Sprintf("younger than the grace of %s", hours(t.Grace))}
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
	v := r.judge(found)
	if v.Outcome != rules.Fail {
		return v.Verdict, nil
	}
	r.complete(&v, e, asset)
	if s, ok := r.providerDefault(e, asset); ok {
		v.Outcome, v.SuppressedBy, v.Reason = rules.NotApplicable, s.ID, s.Reason
	}
	return v.Verdict, nil
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
	set    inventory.Tag // tag to set; empty key if tags are to be removed
	remove []string
	absent bool // it fails since the tag has no value
}

func (r *rule) judge(found inventory.Tags) verdict {
	if len(r.Prohibited) > 0 {
		return r.judgeKeys(found)
	}
	tag, ok := r.choose(found)
	switch {
	case !ok && r.Required:
		return r.missing(r.Keys[0], fmt.Sprintf("tag %q is missing%s", r.Keys[0], r.spellings(found)))
	case !ok:
		return verdict{Verdict: notApplicable(r.absent)}
	case tag.ValueUnknown:
		return verdict{Verdict: unknown(fmt.Sprintf("the value of its tag %q is not known", tag.Key))}
	case r.Required && strings.TrimSpace(tag.Value) == "":
		return r.missing(tag.Key, fmt.Sprintf("tag %q is empty", tag.Key))
	}
	return r.judgeValue(tag)
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

func (r *rule) judgeValue(tag inventory.Tag) verdict {
	if len(r.Values) > 0 && !slices.Contains(r.Values, tag.Value) {
		near := inventory.Nearest(tag.Value, r.Values)
		message := fmt.Sprintf("tag %q has the value %q: allowed %s", tag.Key, tag.Value, allowed(r.Values))
		if near != "" {
			message += fmt.Sprintf("; nearest is %q", near)
		}
		return r.fail(tag.Key, message, near)
	}
	if r.Pattern != nil && !r.Pattern.Matches(tag.Value) {
		return r.fail(tag.Key, fmt.Sprintf("tag %q has the value %q: the whole of it must match %s", tag.Key, tag.Value, r.Pattern.Text), "")
	}
	return verdict{Verdict: rules.Verdict{Outcome: rules.Pass}}
}

func (r *rule) judgeKeys(found inventory.Tags) verdict {
	var keys []string
	for tag := range found.All() {
		if slices.ContainsFunc(r.Prohibited, func(p rules.Pattern) bool { return p.Matches(tag.Key) }) {
			keys = append(keys, tag.Key)
		}
	}
	if len(keys) == 0 {
		return verdict{Verdict: rules.Verdict{Outcome: rules.Pass}}
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
		Verdict: rules.Verdict{Outcome: rules.Fail, Parts: []string{r.Keys[0]}, Message: message},
	}
}

// complete adds where to look and what to do.
func (r *rule) complete(v *verdict, e *rules.Entity, asset *inventory.Entry) {
	v.Created = asset.Created
	v.Origin = asset.Origin
	if d := declaration(e, asset); d != nil {
		v.Origin = d.Origin
	}
	v.Evidence = []rules.Evidence{rules.Reading(asset, "tags as read from source %s, scope %s", asset.Source, asset.Scope)}
	v.Fix = fix(v, e, asset)
}

func notApplicable(reason string) rules.Verdict {
	return rules.Verdict{Outcome: rules.NotApplicable, Reason: reason}
}

func unknown(reason string) rules.Verdict {
	return rules.Verdict{Outcome: rules.Unknown, Reason: reason}
}
