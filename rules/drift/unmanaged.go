package drift

import (
	"fmt"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
	"github.com/muster-audit/muster/rules"
	"github.com/muster-audit/muster/rules/drift/reach"
)

var unmanagedMeta = rules.Meta{
	ID: "drift/unmanaged", Severity: rules.Medium, Title: "What is there is declared", Coverage: measure,
	Help: "No code declares it and nothing declared manages it: it was made by hand or by something unknown. Import it, or delete it.",
}

var orphanMeta = rules.Meta{
	ID: "drift/orphan", Severity: rules.Medium, Title: "What a tool made is still in that tool's hands", Coverage: measure,
	Help: "It bears the mark of a tool whose declarations no longer hold it: its stack is gone, and it stayed. Import it again, or delete it.",
}

// unmanaged judges what is observed. Its verdict is the entity's in code coverage.
func (j *judge) unmanaged(e *rules.Entity) rules.Verdict {
	o, v, done := j.undeclared(e)
	if done {
		return v
	}
	mark := j.markOf(o)
	switch {
	case mark.state == markUnread, mark.state == markOrphan:
		return notApplicable("it bears the mark of " + mark.Tool + ": see drift/orphan")
	case mark.state == markForeign:
		return suppressed(o, "provenance/"+mark.Tool, mark.reason, "not declared in any code")
	case o.CurrentTags().State() == inventory.Unknown && catalog.Provider(o.Type) != hardware:
		return unknown(o, "its tags could not be read: a tool may have marked it as its own")
	}
	v = failure(o)
	v.Message = "not declared in any code"
	v.Evidence = j.unmanagedEvidence(o)
	j.adopt(&v, o)
	return v
}

// orphan judges what bears the mark of a tool with a declared source.
func (j *judge) orphan(e *rules.Entity) rules.Verdict {
	o, v, done := j.undeclared(e)
	switch {
	case done && v.Outcome == rules.Unknown && j.markOf(o).Declares:
		return v // what was an orphan stays one until it is known to be none
	case done:
		return notApplicable("see drift/unmanaged")
	}
	mark := j.markOf(o)
	switch mark.state {
	case markUnread:
		return unknown(o, mark.reason)
	case markOrphan:
		v := failure(o)
		v.Message = fmt.Sprintf("made by %s, and in none of its declarations any more", mark.Tool)
		v.Fix = fmt.Sprintf("import it into %s again, or delete it", mark.Tool)
		v.Evidence = append(j.unmanagedEvidence(o), rules.Note("%s", mark.reason))
		v.Evidence = append(v.Evidence, j.guessed(o)...)
		if mark.Tool == terraform {
			v.Fix += j.importBlock(o)
		}
		return v
	}
	return notApplicable(mark.reason)
}

func (j *judge) unmanagedEvidence(o *inventory.Entry) []rules.Evidence {
	return []rules.Evidence{
		rules.Reading(o, "observed: %s by %s", o.Key, o.Source),
		rules.Note("declared: in none of the %d declared scopes", len(j.reach.Scopes(inventory.Declared))),
	}
}

// undeclared returns the observed facet of a root that no code declares. For everything else done is true, and the
// verdict is that of unmanaged.
func (j *judge) undeclared(e *rules.Entity) (o *inventory.Entry, v rules.Verdict, done bool) {
	if len(e.Observed) == 0 {
		return nil, rules.Verdict{}, true
	}
	o = j.mostTelling(e.Observed)
	owner := j.ownerOf(e)
	switch {
	case len(e.Declared) > 0:
		return o, j.declared(e, o), true
	case !Counts(j.Catalog, o) && !owner.partOfDeclared:
		return o, notApplicable("a " + string(o.Type) + " can neither be tagged nor costs anything by itself"), true
	case owner.reason != "":
		return o, notApplicable(owner.reason), true
	case catalog.Provider(o.Type) == hardware && !j.declaresHardware:
		return o, notApplicable("no code declares anything in a data centre"), true
	}
	if s, ok := j.providerDefault(o); ok {
		return o, suppressed(o, s.ID, s.Reason, "not declared in any code"), true
	}
	if why := j.unsure(o, owner); why != "" {
		return o, unknown(o, why), true
	}
	return o, rules.Verdict{}, false
}

// declared passes what is declared, unless it is counted at its root.
func (j *judge) declared(e *rules.Entity, o *inventory.Entry) rules.Verdict {
	for _, d := range e.Declared {
		for _, r := range d.Relations {
			if Outlives(d, r) || !Owns(r) || j.Links == nil {
				continue
			}
			if root, ok := j.Links.ByKey(inventory.Declared, r.Key); ok && root != j.entity(d) {
				return notApplicable("it belongs to " + r.Key + ", where it is counted")
			}
		}
	}
	if !Counts(j.Catalog, o) {
		return notApplicable("a " + string(o.Type) + " can neither be tagged nor costs anything by itself")
	}
	return pass(o)
}

// Counts reports whether an asset is worth declaring for its own sake: it can carry tags, or costs money.
func Counts(c *catalog.Catalog, o *inventory.Entry) bool {
	row, _ := c.Type(o.Type)
	switch {
	case row.Billable || row.Taggable == inventory.Known:
		return true
	case row.Taggable == inventory.Unknown:
		return o.Tags.State() == inventory.Known
	}
	return o.Tags.Len() > 0
}

// unsure says why nobody can tell whether an asset is unmanaged; "" if one can.
func (j *judge) unsure(o *inventory.Entry, owner owner) string {
	if why := j.reach.Unconfirmed(o); why != "" {
		return why
	}
	if owner.unknown != "" {
		return owner.unknown
	}
	if s := j.reach.NeverRead(inventory.Declared); s != nil {
		return "not every declaration was ever read: " + reach.Describe(s)
	}
	if j.undecided(o, inventory.Declared) {
		return fmt.Sprintf(undecidedReason, inventory.Declared)
	}
	if j.Links != nil && j.Links.Blind(o.Type, o.Account) {
		return fmt.Sprintf("a declared %s holds no identifier by which it could be recognised, and may be this one", o.Type)
	}
	if !Recognisable(j.Catalog, o) {
		return "it holds no identifier by which a declaration could be recognised"
	}
	if s, ok := j.mayBeDefault(o); ok {
		return fmt.Sprintf("what was read of it does not tell whether it is %s (%s)", s.Reason, s.ID)
	}
	return ""
}
