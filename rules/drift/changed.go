package drift

import (
	"fmt"
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
	"github.com/muster-audit/muster/rules"
)

var changedMeta = rules.Meta{
	ID: "drift/changed", Severity: rules.High, Title: "What is there is as it was declared",
	Help: "Somebody or something changed it behind the code's back; the next apply undoes that or fails. Apply the code, or put the change into it.",
}

// changed compares what is declared and applied with what is observed.
func (j *judge) changed(e *rules.Entity) rules.Verdict {
	if len(e.Declared)+len(e.Facets) == 0 || len(e.Observed) == 0 {
		return rules.Verdict{}
	}
	r := j.read(e)
	if r.isEmpty() {
		return notApplicable("its declaration is not applied, or is marked for destruction")
	}
	if r.doubt != "" {
		return unknown(r.observed, r.doubt)
	}
	c := j.compare(r.wish, r.state, r.observed)
	kept, dropped := j.dropIgnored(e, c.changed)
	switch {
	case len(kept) > 0:
		for _, d := range []*inventory.Entry{r.first(), r.state.own()} {
			if why := j.contested(e, d); why != "" {
				return unknown(r.observed, why)
			}
		}
		v := j.changedFinding(r, kept)
		v.Unread = c.unread
		v.Evidence = append(v.Evidence, letBe(dropped)...)
		return v
	case len(c.unread) > 0:
		return unknown(r.observed, strings.Join(c.unread, ", ")+" could not be read")
	case len(dropped) > 0:
		return j.suppressedDifferences(r.observed, dropped)
	case c.compared == 0 && catalog.Provider(r.first().Type) == hardware:
		return notApplicable("a list of machines declares no more than that it is there")
	case c.compared == 0 && isFacet(r.first()):
		return notApplicable("nothing that declares a side of it can be compared")
	case c.compared == 0:
		return unknown(r.observed, "nothing of it is known on both sides")
	}
	return pass(r.observed)
}

// reading is what there is to compare of an entity.
type reading struct {
	declarations
	wish, state side
	observed    *inventory.Entry
	doubt       string // why the scan does not prove that a side is as it stands; empty if it does
}

func (j *judge) read(e *rules.Entity) *reading {
	r := &reading{declarations: j.declarations(e.Declared), observed: j.mostTelling(e.Observed)}
	r.wish, r.state = j.sides(e, &r.declarations)
	for _, list := range []side{r.wish, r.state, {r.observed}} {
		for _, s := range list {
			if r.doubt == "" {
				r.doubt = j.reach.Unconfirmed(s)
			}
		}
	}
	return r
}

func (r *reading) isEmpty() bool { return len(r.wish)+len(r.state) == 0 }

// first is the declaration that findings speak of: that of the thing before those of its facets, and what is wanted before the state.
func (r *reading) first() *inventory.Entry {
	for _, list := range []side{r.wish, r.state} {
		if own := list.own(); own != nil {
			return own
		}
	}
	for _, list := range []side{r.wish, r.state} {
		if len(list) > 0 {
			return list[0]
		}
	}
	return nil
}

// mostTelling returns the observed facet to compare: one that its scan confirmed before others, one with attributes
// before one known by name and tags only.
func (j *judge) mostTelling(list []*inventory.Entry) *inventory.Entry {
	best, most := list[0], -1
	for _, o := range list {
		points := 0
		if j.reach.Unconfirmed(o) == "" {
			points += 2
		}
		if !o.Shallow {
			points++
		}
		if points > most {
			best, most = o, points
		}
	}
	return best
}

// dropped is a difference that does not count.
type dropped struct {
	difference
	Ignored
}

// byCode is what suppresses differences in what the code leaves to others.
const byCode = "code/ignore_changes"

// dropIgnored tells the differences that neither the policy nor the code ignores from those that one of them does.
func (j *judge) dropIgnored(e *rules.Entity, diff []difference) (kept []difference, out []dropped) {
	for _, d := range diff {
		if by, ok := j.ignored(e, d.Attribute); ok {
			out = append(out, dropped{d, by})
			continue
		}
		kept = append(kept, d)
	}
	return kept, out
}

func (j *judge) ignored(e *rules.Entity, attribute string) (Ignored, bool) {
	if j.Ignore != nil {
		if by, ok := j.Ignore(e, attribute); ok {
			return by, true
		}
	}
	leaves := func(d *inventory.Entry) bool { return !ends(d) && d.Origin.IgnoresAttribute(attribute) }
	sets := func(d *inventory.Entry) bool { _, ok := d.Attributes.Get(attribute); return ok && leaves(d) }
	if slices.ContainsFunc(e.Declared, leaves) || slices.ContainsFunc(e.Facets, sets) {
		return Ignored{By: byCode, Reason: "the code ignores changes of it"}, true
	}
	return Ignored{}, false
}

// suppressedDifferences says that there are differences, none of which counts.
func (j *judge) suppressedDifferences(about *inventory.Entry, list []dropped) rules.Verdict {
	diff := make([]difference, len(list))
	for i, d := range list {
		diff[i] = d.difference
	}
	v := suppressed(about, list[0].By, list[0].Reason, sentence(diff))
	v.Diff, v.Parts, v.Evidence = plain(diff), parts(diff), letBe(list)
	return v
}

// letBe tells which differences do not count, and why.
func letBe(list []dropped) []rules.Evidence {
	var out []rules.Evidence
	for _, d := range list {
		out = append(out, rules.Note("left out: %s, by %s: %s", d.Attribute, d.By, d.Reason))
	}
	return out
}

func (j *judge) changedFinding(r *reading, diff []difference) rules.Verdict {
	v := failure(r.observed)
	d := r.speaker(diff)
	v.Origin, v.Diff, v.Parts = d.Origin, plain(diff), parts(diff)
	v.Severity = severityOf(diff)
	v.Message = sentence(diff)
	v.Fix = fmt.Sprintf("%s to restore it, or change %s there to keep what is", j.apply(d), title(d))
	v.Evidence = append(j.compared(r, d, diff), told(diff)...)
	return v
}

// speaker is the declaration of which a finding speaks: that which says all that differs, else that of the thing.
func (r *reading) speaker(diff []difference) *inventory.Entry {
	if by := diff[0].by; !slices.ContainsFunc(diff, func(d difference) bool { return d.by != by }) {
		return by
	}
	return r.first()
}

// compared says which layers were held against what is there: the declaration of which the finding speaks, the others that say some of
// it, and the state beside code.
func (j *judge) compared(r *reading, d *inventory.Entry, diff []difference) []rules.Evidence {
	list := []rules.Evidence{j.declaredBy(d)}
	told := side{d}
	more := func(e *inventory.Entry) {
		if e != nil && !slices.Contains(told, e) {
			told = append(told, e)
			list = append(list, j.declaredBy(e))
		}
	}
	for _, one := range diff {
		more(one.by)
	}
	if len(r.wish) > 0 {
		more(r.state.own())
	}
	return append(list, j.observedBy(r.observed)...)
}

// told says what is not in the diff: the third value, where code, state and reality all differ, and what was lost.
func told(diff []difference) []rules.Evidence {
	var list []rules.Evidence
	for _, d := range diff {
		if d.state != "" {
			list = append(list, rules.Note("three values of %s: %s declares %s, the state holds %s, and it is %s",
				d.Attribute, layerName(d.by), quoted(d.Declared), quoted(d.state), quoted(d.Actual)))
		}
	}
	for _, d := range diff {
		if d.loss.What != "" {
			list = append(list, rules.Note("lost: %s (%s)", d.loss.What, d.Attribute))
		}
	}
	return list
}
