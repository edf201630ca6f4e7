package rules

import (
	"context"
	"fmt"
)

// Explained is what one rule says of an entity, for "muster why".
type Explained struct {
	Meta     // with the policy's severity
	Verdict  Verdict
	Finding  *Finding    // what a failure would be reported as, without what the baseline accepts; nil otherwise
	Accepted *Acceptance // why the failure does not count; nil if it does
}

// Explain judges one entity by every rule, in the order of their ids, and says what would come of it. It compares with
// nothing stored before: the dates in findings are those of the scan.
func (e *Engine) Explain(ctx context.Context, entity *Entity) ([]Explained, error) {
	plan, err := e.plan(nil)
	if err != nil {
		return nil, err
	}
	who := subjectOf(entity)
	if who.asset == nil {
		return nil, fmt.Errorf("explain entity: it has no asset in any book")
	}
	var list []Explained
	for i := range plan.rules {
		rule := &plan.rules[i]
		if rule.check == nil {
			continue
		}
		x, err := e.explain(ctx, plan, rule, entity, who)
		if err != nil {
			return nil, fmt.Errorf("rule %s: judge %s: %w", rule.ID, who.asset.Key, err)
		}
		list = append(list, x)
	}
	return list, nil
}

func (e *Engine) explain(ctx context.Context, plan *evaluationPlan, rule *plannedRule, entity *Entity, who subject) (Explained, error) {
	v, err := rule.check.Check(ctx, entity)
	if err != nil {
		return Explained{}, err
	}
	x := Explained{Meta: rule.Meta, Verdict: v}
	if v.Outcome != Fail {
		if v.SuppressedBy != "" {
			x.Accepted = &Acceptance{By: v.SuppressedBy, Reason: v.Reason, suppressed: true}
		}
		return x, nil
	}
	f := e.finding(plan, rule, &v, who)
	x.Accepted, err = e.accept(&f, who, "")
	x.Finding = &f
	return x, err
}
