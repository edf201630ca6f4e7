package records

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
)

var lifecycleMeta = rules.Meta{
	ID: "records/lifecycle", Severity: rules.Medium, Title: "The register knows what is in use",
	Help: "The register calls it retired or planned, and it is there; or two registers say different things. What is retired and there costs money, and nobody looks after it. Remove it, or correct the row.",
}

// phase is what a row's life cycle comes to for these rules.
type phase string

const (
	phaseUnknown phase = ""
	phasePlanned phase = "planned"
	phaseInUse   phase = "in use"
	phaseRetired phase = "retired"
)

// phaseOf leaves out what is on its way out: it may be there and may be gone.
func phaseOf(row *inventory.Entry) phase {
	switch row.Lifecycle {
	case inventory.LifecyclePlanned:
		return phasePlanned
	case inventory.LifecycleActive, inventory.LifecycleMaintenance:
		return phaseInUse
	case inventory.LifecycleRetired:
		return phaseRetired
	}
	return phaseUnknown
}

// strangeStage returns what a row says of its stage of life if nobody understands it; "" if it says nothing, as a list without such a
// column, or is understood.
func strangeStage(row *inventory.Entry) string {
	if row.Lifecycle != inventory.LifecycleUnknown {
		return ""
	}
	var said []string
	for _, name := range []string{"status", "operational_status", "life_cycle_stage", "status_type", "in_service"} {
		if v, ok := row.Attributes.Get(name); ok && !blank(v) {
			said = append(said, name+" "+strconv.Quote(shown(v.String())))
		}
	}
	return strings.Join(said, ", ")
}

// lifecycle judges what rows say of the stage of a thing's life, against what is there and against each other.
func (j *judge) lifecycle(e *rules.Entity) rules.Verdict {
	if len(e.Recorded) == 0 {
		return rules.Verdict{}
	}
	if odd, other := contradiction(e.Recorded); odd != nil {
		return j.contradictory(e, odd, other)
	}
	row := outOfUse(e.Recorded)
	if row == nil {
		return notApplicable("the register calls it neither retired nor planned")
	}
	if len(e.Observed) == 0 {
		absent := j.absence(row)
		if absent.outcome == rules.Fail {
			return pass(row)
		}
		return verdict(absent.outcome, row, absent.reason)
	}
	o, why := j.present(e.Observed)
	if o == nil {
		return notApplicable(why)
	}
	if why == "" {
		why = j.reach.Unconfirmed(row)
	}
	if why != "" {
		return unknown(row, why)
	}
	return j.isThere(e.Recorded, row, o)
}

// outOfUse returns the first row that calls the thing retired, or else planned, if none says that it is in use. Lists without a stage say
// neither.
func outOfUse(rows []*inventory.Entry) *inventory.Entry {
	var retired, planned *inventory.Entry
	for _, r := range rows {
		switch phaseOf(r) {
		case phaseInUse:
			return nil
		case phaseRetired:
			retired = cmp.Or(retired, r)
		case phasePlanned:
			planned = cmp.Or(planned, r)
		}
	}
	return cmp.Or(retired, planned)
}

// isThere fails a row of something that should not be there, or not yet.
func (j *judge) isThere(rows []*inventory.Entry, row, o *inventory.Entry) rules.Verdict {
	v, s := failure(row), phaseOf(row)
	for _, r := range rows {
		if phaseOf(r) == s {
			v.Evidence = append(v.Evidence, rowEvidence(r))
		}
	}
	v.Evidence = append(v.Evidence, observedEvidence(o))
	if s == phasePlanned {
		v.Severity = rules.Low
		v.Message = fmt.Sprintf("%s still calls %s planned, and it is there", row.Source, title(row))
		v.Fix = "put the row in " + row.Source + " into use, or find out who made " + o.Key
		return v
	}
	v.Message = fmt.Sprintf("%s calls %s retired, and it is there", row.Source, title(row))
	v.Fix = "remove " + o.Key + ", or correct the row in " + row.Source
	return v
}

// present returns an observed asset that proves that the thing is there, or that would if this scan confirmed it: then why says why it
// does not. What only an agents' list still holds that has not heard of it for too long proves nothing: the asset is nil, and why says so.
func (j *judge) present(list []*inventory.Entry) (o *inventory.Entry, why string) {
	var alive []*inventory.Entry
	for _, e := range list {
		if a := j.checkIn(e); a.outcome == rules.Fail {
			why = fmt.Sprintf("only the list of %s still holds it: %s", e.Source, a.reason)
		} else {
			alive = append(alive, e)
		}
	}
	if len(alive) == 0 {
		return nil, why
	}
	for _, e := range alive {
		a := j.checkIn(e)
		if a.outcome == rules.Unknown {
			o, why = e, a.reason
			continue
		}
		if why = j.reach.Unconfirmed(e); why == "" {
			return e, ""
		}
		o = e
	}
	return o, why
}

// contradiction returns a row and one of another register that says something else of the stage of its life; the row that
// calls it retired, or else planned, is the first.
func contradiction(rows []*inventory.Entry) (odd, other *inventory.Entry) {
	for _, want := range []phase{phaseRetired, phasePlanned} {
		for _, row := range rows {
			if phaseOf(row) != want {
				continue
			}
			for _, o := range rows {
				if s := phaseOf(o); o.Source != row.Source && s != want && s != phaseUnknown {
					return row, o
				}
			}
		}
	}
	return nil, nil
}

// contradictory fails rows of two registers of which at most one is right.
func (j *judge) contradictory(e *rules.Entity, odd, other *inventory.Entry) rules.Verdict {
	for _, row := range []*inventory.Entry{odd, other} {
		if why := j.reach.Unconfirmed(row); why != "" {
			return unknown(odd, why)
		}
	}
	v := failure(odd)
	v.Severity = rules.Low
	v.Message = fmt.Sprintf("%s calls %s %s, and %s calls it %s", odd.Source, title(odd), phaseOf(odd), other.Source, phaseOf(other))
	v.Fix = fmt.Sprintf("find out which is right, and correct the row in %s or in %s", odd.Source, other.Source)
	v.Evidence = []rules.Evidence{rowEvidence(odd), rowEvidence(other)}
	if o, why := j.present(e.Observed); o != nil && why == "" {
		v.Message += "; it is there"
		v.Fix = "correct the row in " + odd.Source
		v.Evidence = append(v.Evidence, observedEvidence(o))
		if phaseOf(odd) == phaseRetired {
			v.Severity = rules.Medium
			v.Fix += ", or remove " + o.Key
		}
	}
	return v
}
