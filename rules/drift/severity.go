package drift

import (
	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
	"github.com/muster-audit/muster/rules"
)

// loss tells how bad a changed attribute is, by what was lost and else by the attribute; 0 leaves it to the rule.
func (j *judge) loss(v *triple) (catalog.Loss, rules.Severity) {
	l, ok := j.Catalog.Loss(v.typ, *v.attr, v.declared, v.actual)
	name := v.attr.Severity
	if ok {
		name = l.Severity
	}
	var own rules.Severity
	if name == "" || own.UnmarshalText([]byte(name)) != nil {
		return l, 0
	}
	return l, own
}

// severityOf is the worst of any of the differences, where one without a severity of its own has that of the rule; 0 leaves it to the
// rule.
func severityOf(diff []difference) rules.Severity {
	worst := rules.Severity(0)
	for _, d := range diff {
		own := d.severity
		if own == 0 {
			own = changedMeta.Severity
		}
		worst = max(worst, own)
	}
	if worst == changedMeta.Severity {
		return 0
	}
	return worst
}

// shift makes a finding worse or milder by the environment of its asset. What is only for information stays that.
func (j *judge) shift(e *rules.Entity, own rules.Severity, v *rules.Verdict) {
	if v.Outcome != rules.Fail || j.Shift == nil || own <= rules.Info {
		return
	}
	steps := j.Shift(e)
	if steps == 0 {
		return
	}
	if v.Severity != 0 {
		own = v.Severity
	}
	v.Severity = min(max(rules.Severity(int(own)+steps), rules.Low), rules.Critical)
}

// suppresses reports whether what the provider made counts for nothing, at the level that the policy chose.
func (j *judge) suppresses(s catalog.Suppression) bool {
	return j.Suppress == rules.SuppressAll || j.Suppress == "" || j.Suppress == rules.SuppressDefaults && !s.Service
}

// providerDefault returns why an asset that nobody declared is as it should be.
func (j *judge) providerDefault(o *inventory.Entry) (catalog.Suppression, bool) {
	s, ok := j.Catalog.ProviderDefault(o)
	return s, ok && j.suppresses(s)
}

// mayBeDefault returns why an asset may yet be as it should be, if what was not read of it were known.
func (j *judge) mayBeDefault(o *inventory.Entry) (catalog.Suppression, bool) {
	s, ok := j.Catalog.MayBeDefault(o)
	return s, ok && j.suppresses(s)
}

// heedsMarks reports whether the tags of tools that nobody here can read make what bears them no one's omission.
func (j *judge) heedsMarks() bool { return j.Suppress == rules.SuppressAll || j.Suppress == "" }
