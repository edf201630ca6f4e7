package records

import (
	"context"
	"fmt"
	"slices"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
	"github.com/muster-audit/muster/rules/drift"
	"github.com/muster-audit/muster/rules/drift/reach"
)

var unrecordedMeta = rules.Meta{
	ID: "records/unrecorded", Severity: rules.Medium, Title: "What exists is in the register",
	Help: "It is there, the register keeps such things, and has no row of it. Record it, or find out who made it.",
}

// unrecorded judges what is observed and stands on its own: a register lists a group, and not the machines that come and
// go with it.
func (j *judge) unrecorded(ctx context.Context, e *rules.Entity) (rules.Verdict, error) {
	v, o, registers := j.unlisted(e)
	if o == nil {
		return v, nil
	}
	other, err := j.namesake(ctx, e.Observed, inventory.Recorded)
	switch {
	case err != nil:
		return rules.Verdict{}, err
	case other.mistyped() && j.absence(other.entry).outcome == rules.Fail:
		return unknown(o, fmt.Sprintf("the row %s in %s may be its, with a mistyped %s: see records/ghost", title(other.entry), other.entry.Source, other.differ)), nil
	}
	v = failure(o)
	v.Message = fmt.Sprintf("no register has a row of it, and %s keeps such things", registers[0])
	v.Fix = "record it in " + registers[0] + ", or find out who made it"
	v.Evidence = []rules.Evidence{observedEvidence(o), rules.Note("recorded: in no scope of %s", registers[0])}
	if other != nil {
		v.Message += "; " + other.text()
		v.Fix = fmt.Sprintf("record it in %s, or correct the row %s in %s if it is meant", registers[0], title(other.entry), other.entry.Source)
		v.Evidence = append(v.Evidence, other.evidence())
	}
	return v, nil
}

// unlisted returns what no register lists, and the registers that should; else the verdict.
func (j *judge) unlisted(e *rules.Entity) (verdict rules.Verdict, missing *inventory.Entry, registers []string) {
	if len(e.Observed) == 0 {
		return rules.Verdict{}, nil, nil
	}
	_, why := j.confirmed(e.Observed)
	o := e.Observed[0] // whatever of it was read, so that a finding keeps its fingerprint
	if len(e.Recorded) > 0 {
		return pass(o), nil, nil
	}
	if reason := j.notForRegisters(e.Observed, o); reason != "" {
		return notApplicable(reason), nil, nil
	}
	registers = j.registers(o)
	if len(registers) == 0 {
		return notApplicable("no register covers " + string(o.Type)), nil, nil
	}
	if why != "" {
		return unknown(o, why), nil, nil
	}
	if s := j.unreadOf(registers); s != nil {
		return unknown(o, reach.Describe(s)), nil, nil
	}
	if !drift.Recognisable(j.Catalog, o) {
		return unknown(o, "it holds no identifier by which a row could be recognised"), nil, nil
	}
	if why := j.mayBeExempt(o); why != "" {
		return unknown(o, why), nil, nil
	}
	if j.undecided(o, inventory.Recorded) {
		return unknown(o, "it shares an identifier with a row, and that identifier is not unique: muster why tells which"), nil, nil
	}
	return rules.Verdict{}, o, registers
}

// notForRegisters says why nobody expects a row of an asset; "" if one might be.
func (j *judge) notForRegisters(facets []*inventory.Entry, o *inventory.Entry) string {
	if !drift.Counts(j.Catalog, o) {
		return "a " + string(o.Type) + " can neither be tagged nor costs anything by itself"
	}
	for _, f := range facets {
		for _, r := range f.Relations {
			if drift.Owns(r) && !drift.Outlives(f, r) {
				return "it belongs to " + r.Key
			}
		}
	}
	if s, ok := j.Catalog.ProviderDefault(o); ok {
		return s.Reason
	}
	if p, ok := j.Catalog.Provenance(o.Tags); ok && !p.Declares {
		return "managed by " + p.Tool + " (tag " + p.Tag + ")"
	}
	return ""
}

// mayBeExempt says why nobody can tell whether a row of an asset is expected; "" if one can.
func (j *judge) mayBeExempt(o *inventory.Entry) string {
	if s, ok := j.Catalog.MayBeDefault(o); ok {
		return fmt.Sprintf("what was read of it does not tell whether it is %s (%s)", s.Reason, s.ID)
	}
	if o.CurrentTags().State() == inventory.Unknown && !selective(o) {
		return "its tags could not be read: a tool may have marked it as its own"
	}
	return ""
}

// registers returns the recorded sources that keep such things, sorted.
func (j *judge) registers(o *inventory.Entry) []string {
	list := slices.Clone(j.kept[kind{o.Type, o.Account}])
	for _, s := range j.reach.Scopes(inventory.Recorded) {
		if claims(s, o) {
			list = append(list, s.Source.Name)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// claims reports whether a scope says that it covers an asset. A scope of which nobody knows what it covers must have
// held the type in this very account. One that is declared to cover everything does not say so of anything.
func claims(s *inventory.ScopeState, o *inventory.Entry) bool {
	c := &s.Scope.Covers
	if c.Derived {
		return slices.Contains(s.Held, inventory.TypeAccount{Type: o.Type, Account: o.Account})
	}
	return len(c.Types) > 0 && c.Includes(o.Type, o.Account, o.Region)
}

// unreadOf returns the first scope of the registers that was not read whole: the row may be there.
func (j *judge) unreadOf(registers []string) *inventory.ScopeState {
	for _, s := range j.reach.Scopes(inventory.Recorded) {
		if slices.Contains(registers, s.Source.Name) && s.Run.State != inventory.RunOK {
			return s
		}
	}
	return nil
}
