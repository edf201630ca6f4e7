package drift

import (
	"fmt"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
	"github.com/muster-audit/muster/inventory/link"
	"github.com/muster-audit/muster/rules"
)

var missingMeta = rules.Meta{
	ID: "drift/missing", Severity: rules.High, Title: "What is declared and applied is there",
	Help: "The code says that it exists, and a full reading of the provider does not hold it: it was deleted behind the code's back. Apply the code, or take it out.",
}

var unappliedMeta = rules.Meta{
	ID: "drift/unapplied", Severity: rules.Info, Title: "What is declared is applied",
	Help: "It stands in code or in a plan and was never applied. Apply it, or take it out.",
}

// missing judges declarations that were applied, and those of which nobody can tell.
func (j *judge) missing(e *rules.Entity) rules.Verdict {
	d := j.declarations(e.Declared)
	applied := d.applied()
	switch {
	case len(e.Declared) == 0:
		return rules.Verdict{}
	case d.retiring != nil:
		return notApplicable("it is marked for destruction")
	case applied == nil && d.wish() != nil:
		return j.missingUnlessPlanned(e, d.wish())
	case applied == nil:
		return notApplicable("its declaration was never applied: see drift/unapplied")
	}
	v := j.presence(e, applied)
	if v.Outcome != rules.Fail {
		return v
	}
	if why := j.superseded(e, applied); why != "" {
		return unknown(applied, why)
	}
	first := d.first()
	v.Origin = first.Origin
	v.Message = fmt.Sprintf("%s is declared and applied, and is not there", title(first))
	v.Fix = fmt.Sprintf("%s to make it again, or take %s out of the code", j.apply(first), title(first))
	if first != applied {
		v.Evidence = append([]rules.Evidence{j.declaredBy(first)}, v.Evidence...)
	}
	v.Evidence = append(v.Evidence, registered(e)...)
	return v
}

// missingUnlessPlanned judges code whose state nobody read: what is not there may never have been.
func (j *judge) missingUnlessPlanned(e *rules.Entity, d *inventory.Entry) rules.Verdict {
	v := j.presence(e, d)
	if v.Outcome == rules.Fail {
		return unknown(d, "it is not there, and nobody can tell whether it was ever applied: no state of it was read")
	}
	return v
}

// unapplied judges declarations that never were applied, and what of the others is not applied yet.
func (j *judge) unapplied(e *rules.Entity) rules.Verdict {
	if !hasWish(e) {
		return rules.Verdict{}
	}
	d := j.declarations(e.Declared)
	switch {
	case len(e.Observed) > 0:
		return j.unappliedToSeen(e, &d)
	case d.planned == nil:
		return rules.Verdict{}
	case d.first() != nil:
		return notApplicable("another declaration of it was applied")
	}
	v := j.absence(d.planned)
	if v.Outcome != rules.Fail {
		return v
	}
	v.Message = fmt.Sprintf("%s is declared and was never applied", title(d.planned))
	v.Fix = fmt.Sprintf("%s, or take %s out of the code", j.apply(d.planned), title(d.planned))
	return v
}

// unappliedToSeen passes what was never applied and yet is there: nobody compares it before it is.
func (j *judge) unappliedToSeen(e *rules.Entity, d *declarations) rules.Verdict {
	r := j.read(e)
	switch {
	case len(r.wish) > 0:
		return j.unappliedDifferences(e, r)
	case d.planned == nil:
		return rules.Verdict{}
	case d.state != nil:
		return notApplicable("another declaration of it was applied")
	}
	return pass(d.planned)
}

// presence passes what is seen now, and otherwise asks whether it can be known to be absent.
func (j *judge) presence(e *rules.Entity, d *inventory.Entry) rules.Verdict {
	if len(e.Observed) > 0 {
		o := j.mostTelling(e.Observed)
		if why := j.reach.Unconfirmed(o); why != "" {
			return unknown(d, why)
		}
		return pass(d)
	}
	if root, ok := j.goesWith(d); ok {
		return notApplicable("it goes with " + root + ", which is reported")
	}
	return j.absence(d)
}

// absence fails what is declared and not seen, if everything that would hold it was read whole.
func (j *judge) absence(d *inventory.Entry) rules.Verdict {
	row, _ := j.Catalog.Type(d.Type)
	if row.Virtual {
		return notApplicable(fmt.Sprintf("no provider reports a %s", d.Type))
	}
	if why := j.reach.Unconfirmed(d); why != "" {
		return unknown(d, why)
	}
	if j.undecided(d, inventory.Observed) {
		return unknown(d, fmt.Sprintf(undecidedReason, inventory.Observed))
	}
	if j.Links != nil && j.Links.Copied(d.ID) {
		return unknown(d, copied(d))
	}
	region := d.Region
	if row.Global {
		region = ""
	}
	a := j.reach.Ask(inventory.Observed, d.Type, d.Account, region)
	if !a.Complete() {
		return unknown(d, a.Why(inventory.Observed, d.Type, d.Account, region))
	}
	if d.Lifecycle != inventory.LifecyclePlanned && !Recognisable(j.Catalog, d) {
		return unknown(d, "its declaration holds no identifier by which it could be recognised")
	}
	v := failure(d)
	v.Evidence = append(j.evidence(d), rules.Note("observed: not in any of the %d scopes that cover it", a.Covering))
	return v
}

// copied says why the address of a declaration tells nothing.
func copied(d *inventory.Entry) string {
	if isWish(d) {
		return "its state has something else at its address: it is to be replaced, or the state is of something else"
	}
	return "another copy of its state has something else at its address: take the older copy out of the paths"
}

// Recognisable reports whether an entry holds an identifier that links across books.
func Recognisable(c *catalog.Catalog, e *inventory.Entry) bool {
	row, known := c.Type(e.Type)
	return link.Recognisable(&inventory.Identity{
		Book: e.Book, Type: e.Type, Key: e.Key, Name: e.Name, Account: e.Account, Region: e.Region, Identifiers: e.Identifiers,
	}, known && !row.Global)
}

// goesWith returns the declared thing that an entry is attached to or part of, if that is missing too: one finding is enough.
func (j *judge) goesWith(d *inventory.Entry) (string, bool) {
	if j.Links == nil {
		return "", false
	}
	for _, r := range d.Relations {
		if r.Kind != inventory.AttachedTo && r.Kind != inventory.PartOf || Outlives(d, r) {
			continue
		}
		root, ok := j.Links.ByKey(inventory.Declared, r.Key)
		if ok && root != j.entity(d) && !j.Links.Books(root).Has(inventory.Observed) {
			return r.Key, true
		}
	}
	return "", false
}

func registered(e *rules.Entity) []rules.Evidence {
	var list []rules.Evidence
	for _, r := range e.Recorded {
		list = append(list, rules.Reading(r, "recorded: %s still lists it as %s, which proves nothing", r.Source, title(r)))
	}
	return list
}
