package records

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
)

// Attributes by which a collector of agents tells when one last reported, and how long it may be silent.
const (
	lastCheckIn  = "last_check_in"  // RFC 3339 in UTC; null: it never did
	checkInLimit = "check_in_limit" // as time.ParseDuration: "168h0m0s"
)

var silentMeta = rules.Meta{
	ID: "records/silent", Severity: rules.Medium, Title: "Agents report",
	Help: "The machine's agent has not reported for longer than its source allows: nobody patches or watches it. Start the agent, or take the machine out of its list.",
}

// checkIn is what an asset says of its agent: Pass if it reports, Fail if it is silent, Unknown if nobody can tell.
type checkIn struct {
	asked   bool // it is one of an agent at all, with a limit
	outcome rules.Outcome
	reason  string
}

// silent judges the agents of a thing. Its verdict always speaks of the first of them, so that a finding keeps its
// fingerprint whichever is silent.
func (j *judge) silent(e *rules.Entity) rules.Verdict {
	var agents []*inventory.Entry
	var silent, doubts []string
	for _, o := range e.Observed {
		if o.Lifecycle == inventory.LifecycleRetired {
			continue
		}
		a := j.checkIn(o)
		if !a.asked {
			continue
		}
		agents = append(agents, o)
		switch a.outcome {
		case rules.Fail:
			silent = append(silent, fmt.Sprintf("%s by %s: %s", title(o), o.Source, a.reason))
		case rules.Unknown:
			doubts = append(doubts, a.reason)
		}
	}
	switch {
	case len(agents) == 0:
		return rules.Verdict{}
	case retired(e.Recorded):
		return notApplicable("the register says that it is retired")
	case len(silent) == 0 && len(doubts) > 0:
		return unknown(agents[0], doubts[0])
	case len(silent) == 0:
		return pass(agents[0])
	}
	v := failure(agents[0])
	v.Message = strings.Join(silent, "; ")
	v.Fix = "start the agent, or take the machine out of the agents' list if it is gone"
	for _, a := range agents {
		v.Evidence = append(v.Evidence, observedEvidence(a))
	}
	v.Evidence = append(v.Evidence, j.elsewhere(e, agents)...)
	return v
}

// retired reports whether all rows of a thing call it retired.
func retired(rows []*inventory.Entry) bool {
	return len(rows) > 0 && !slices.ContainsFunc(rows, func(r *inventory.Entry) bool { return r.Lifecycle != inventory.LifecycleRetired })
}

// checkIn compares when an agent last reported with how long it may be silent.
func (j *judge) checkIn(e *inventory.Entry) checkIn {
	last, told := j.agentAttribute(e, lastCheckIn)
	limitText, limited := j.agentAttribute(e, checkInLimit)
	if !told && !limited || limited && (limitText == inventory.Null || limitText.String() == "0s") {
		return checkIn{}
	}
	if !limited { // the source says when agents reported, and not how often they should
		return checkIn{}
	}
	doubt := func(format string, args ...any) checkIn {
		return checkIn{asked: true, outcome: rules.Unknown, reason: fmt.Sprintf(format, args...)}
	}
	if why := j.reach.Unconfirmed(e); why != "" {
		return doubt("%s", why)
	}
	limit, err := time.ParseDuration(limitText.String())
	switch {
	case !limitText.IsRead() || !last.IsRead():
		return doubt("%s could not be read", cmp.Or(map[bool]string{true: checkInLimit}[!limitText.IsRead()], lastCheckIn))
	case err != nil || limit <= 0:
		return doubt("%s is %q, which is no length of time", checkInLimit, shown(limitText.String()))
	case last == inventory.Null:
		return j.neverReported(e, limit)
	}
	at, err := time.Parse(time.RFC3339, last.String())
	if err != nil {
		return doubt("%s is %q, which is no time", lastCheckIn, shown(last.String()))
	}
	if j.Started.Sub(at) <= limit {
		return checkIn{asked: true, outcome: rules.Pass}
	}
	return checkIn{asked: true, outcome: rules.Fail, reason: fmt.Sprintf("it last reported %s, more than %s before the scan", stamp(at), days(limit))}
}

// agentAttribute returns what this scan knows of an attribute, Unread if nothing, and whether the asset has it at all.
func (j *judge) agentAttribute(e *inventory.Entry, name string) (v inventory.Value, there bool) {
	for a := range e.Attributes.All() {
		if a.Name == name {
			v, _ = e.CurrentAttribute(name)
			return v, true
		}
	}
	return inventory.Unread, false
}

// neverReported judges an agent that is registered and has not reported yet: one that is new may still do so.
func (j *judge) neverReported(e *inventory.Entry, limit time.Duration) checkIn {
	a := checkIn{asked: true, outcome: rules.Unknown}
	switch {
	case e.Created.IsZero():
		a.reason = "it never reported, and nobody knows since when it is registered"
	case j.Started.Sub(e.Created) <= limit:
		a.reason = "it has not reported yet, and is not registered for longer than " + days(limit)
	default:
		a.outcome, a.reason = rules.Fail, "it never reported, and is registered since "+stamp(e.Created)
	}
	return a
}

// elsewhere says what a cloud knows of a thing whose agent is silent.
func (j *judge) elsewhere(e *rules.Entity, agents []*inventory.Entry) []rules.Evidence {
	var list []rules.Evidence
	for _, o := range e.Observed {
		if slices.Contains(agents, o) {
			continue
		}
		if why := j.reach.Unconfirmed(o); why != "" {
			list = append(list, rules.Note("whether %s still has it is not known: %s", o.Source, why))
			continue
		}
		list = append(list, rules.Reading(o, "%s says that it is %s", o.Source, runState(o)))
	}
	if len(list) > 0 {
		return list
	}
	for _, a := range agents {
		if t, ok := typeFromIdentifiers(a); ok && t != a.Type && j.absentInCloud(a, t) {
			return []rules.Evidence{rules.Note("absent: no source that covers %s holds it", t)}
		}
	}
	return nil
}

// absentInCloud reports whether the machine that an agent's identifiers name would be held by a source that was read whole.
func (j *judge) absentInCloud(a *inventory.Entry, t inventory.Type) bool {
	machine := *a
	machine.Type = t
	_, answer := j.observers(&machine)
	return answer.Complete() && !j.undecided(a, inventory.Observed)
}

// runState is what a provider calls the state of a machine, or that it has it.
func runState(o *inventory.Entry) string {
	for _, name := range []string{"State.Name", "State", "status", "PowerState"} {
		v, ok := o.CurrentAttribute(name)
		if !ok {
			continue
		}
		if parts, nested := v.Decode().(map[string]any); nested {
			if s, ok := parts["Name"].(string); ok {
				return strings.ToLower(s)
			}
			continue
		}
		if !blank(v) {
			return strings.ToLower(v.String())
		}
	}
	return "there"
}
