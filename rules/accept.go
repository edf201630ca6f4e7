package rules

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules/expr"
)

// Acceptance says why a finding counts for nothing.
type Acceptance struct {
	By      string // "policy.yaml#exempt[1]", "baseline", the id of a catalog entry
	Reason  string
	Owner   string
	Expires string // YYYY-MM-DD; empty is never
	// Parts are the accepted parts of a baselined finding; empty accepts a finding that is one whole.
	Parts []string
	// suppressed marks what a rule itself did not hold to be a failure; see Verdict.SuppressedBy.
	suppressed bool
}

// Baseline holds findings that are accepted for now. Package baseline implements it.
type Baseline interface {
	// Accepts returns what is accepted of the finding with a fingerprint. An entry that expired accepts nothing.
	Accepts(fingerprint string, now time.Time) (Acceptance, bool)
	// Expired lists the entries that no longer accept anything, sorted by key.
	Expired(now time.Time) []Expiry
}

// Expiry is an exemption or baseline entry whose last day is over.
type Expiry struct {
	Key     string // "policy.yaml#exempt[1]", "muster-baseline.yaml#<fingerprint>"
	What    string // "exemption of tags/*", "baseline entry of drift/missing for arn:…"
	Owner   string
	Expires Date
	Origin  inventory.Origin
}

// exemption returns the first exemption that holds for a rule's finding. earlier is who accepted the finding before, set
// only if the finding could not be judged again: then an exemption whose condition cannot be told either goes on holding.
func (e *Engine) exemption(rule string, who subject, earlier string) (Acceptance, bool, error) {
	if e.Policy == nil {
		return Acceptance{}, false, nil
	}
	for i := range e.Policy.Exempt {
		x := &e.Policy.Exempt[i]
		if x.Expires.Expired(e.Now) || !x.Covers(rule) {
			continue
		}
		truth, _, err := x.When.judge(who.asset, who.facets)
		if err != nil {
			return Acceptance{}, false, err
		}
		if truth == expr.Yes || truth == expr.Unknown && earlier == x.By {
			return x.acceptance(), true, nil
		}
	}
	return Acceptance{}, false, nil
}

// accept finds out whether a finding counts. A finding of which the baseline accepts some parts keeps the others.
func (e *Engine) accept(f *Finding, who subject, earlier string) (*Acceptance, error) {
	a, ok, err := e.exemption(f.Rule, who, earlier)
	if err != nil {
		return nil, err
	}
	if ok {
		return &a, nil
	}
	if e.Baseline == nil {
		return nil, nil
	}
	if a, ok = e.Baseline.Accepts(f.Fingerprint, e.Now); !ok {
		return nil, nil
	}
	if len(f.Parts) == 0 && len(a.Parts) == 0 {
		return &a, nil
	}
	if len(f.Parts) > 0 && !f.dropParts(a.Parts, a.By) {
		return &a, nil
	}
	return nil, nil
}

// dropParts takes the accepted parts away and reports whether any is left; if none is, the finding stays as it was.
func (f *Finding) dropParts(accepted []string, by string) bool {
	isAccepted := func(name string) bool { return slices.Contains(accepted, name) }
	left := slices.DeleteFunc(slices.Clone(f.Parts), func(p Part) bool { return isAccepted(p.Name) })
	if len(left) == 0 || len(left) == len(f.Parts) {
		return len(left) > 0
	}
	var dropped []string
	for _, p := range f.Parts {
		if isAccepted(p.Name) {
			dropped = append(dropped, p.Name)
		}
	}
	f.Parts = left
	f.Diff = slices.DeleteFunc(slices.Clone(f.Diff), func(d Difference) bool { return isAccepted(d.Attribute) })
	f.Evidence = append(slices.Clone(f.Evidence), Note("accepted by the %s: %s", by, strings.Join(dropped, ", ")))
	return true
}

// expiredRuleID is the rule that reports exemptions and baseline entries that no longer hold.
const expiredRuleID = "policy/expired-exemption"

// BuiltinRules lists the ids of the rules that the Engine itself brings.
func BuiltinRules() []string { return []string{expiredRuleID} }

// ExpiredMeta describes the rule about exemptions and baseline entries that no longer hold.
func ExpiredMeta() Meta {
	return Meta{
		ID: expiredRuleID, Severity: Medium,
		Title: "Exemptions and baseline entries are renewed or removed when they expire",
		Help:  "An expired exemption accepts nothing any more. Mend what it covered, or give it a new date and a reason.",
	}
}

func (e *Engine) expired() []Verdict {
	var list []Expiry
	if e.Policy != nil {
		for i := range e.Policy.Exempt {
			if x := &e.Policy.Exempt[i]; x.Expires.Expired(e.Now) {
				list = append(list, x.expiry())
			}
		}
	}
	if e.Baseline != nil {
		list = append(list, e.Baseline.Expired(e.Now)...)
	}
	verdicts := make([]Verdict, len(list))
	for i, x := range list {
		verdicts[i] = Verdict{
			Outcome: Fail, Asset: &AssetRef{Key: x.Key}, Origin: x.Origin,
			Message: fmt.Sprintf("the %s expired on %s (owner: %s)", x.What, x.Expires, x.Owner),
			Fix:     "mend what it covered and remove it, or give it a new date",
		}
	}
	return verdicts
}

func (x *Exemption) expiry() Expiry {
	what := "exemption of every rule"
	if len(x.Rules) > 0 {
		what = "exemption of " + strings.Join(x.Rules, ", ")
	}
	return Expiry{Key: x.By, What: what, Owner: x.Owner, Expires: x.Expires, Origin: x.Origin}
}
