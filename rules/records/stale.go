package records

import (
	"fmt"
	"strings"
	"time"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
)

// lastSeen is the attribute with which a row says when the register's own discovery last saw the thing: RFC 3339.
const lastSeen = "last_seen"

var staleMeta = rules.Meta{
	ID: "records/stale", Severity: rules.Medium, Title: "The register is up to date",
	Help: "An export is older than its source's max_age allows, so that nothing is concluded from it; or the register itself has not seen for a long time what a row speaks of. Find out why the export job or the discovery stopped.",
}

// staleRow judges rows that say when the register last saw their things. What is observed now is not stale, and neither is
// what another register saw lately.
func (j *judge) staleRow(e *rules.Entity) rules.Verdict {
	if j.staleAfter() == 0 {
		return rules.Verdict{}
	}
	old, latest, doubt := j.sightings(e.Recorded)
	switch {
	case old == nil && doubt == nil:
		return rules.Verdict{}
	case old == nil:
		return unknown(doubt, lastSeen+" of the row is no time as RFC 3339 writes it, or could not be read")
	}
	if j.Started.Sub(latest) <= j.staleAfter() {
		return pass(old)
	}
	if len(e.Observed) > 0 {
		if o, why := j.present(e.Observed); o != nil && why == "" {
			return pass(old)
		} else if o != nil {
			return unknown(old, why)
		}
	}
	if why := j.reach.Unconfirmed(old); why != "" {
		return unknown(old, why)
	}
	if doubt != nil {
		return unknown(old, "another row of it does not tell when its register last saw it")
	}
	v := failure(old)
	v.Message = fmt.Sprintf("%s itself last saw %s at %s, more than %s before the scan", old.Source, title(old), stamp(latest), days(j.staleAfter()))
	v.Fix = "find out whether it still exists: retire the row in " + old.Source + ", or mend the discovery that feeds it"
	v.Evidence = []rules.Evidence{rowEvidence(old)}
	return v
}

func (j *judge) staleAfter() time.Duration {
	if j.Policy == nil {
		return rules.DefaultStaleAfter
	}
	return j.Policy.Records.StaleAfter
}

// sightings returns the first row in use that says when the register last saw the thing, the latest such time of all rows, and
// a row that means to say so and whose time cannot be read.
func (j *judge) sightings(rows []*inventory.Entry) (first *inventory.Entry, latest time.Time, doubt *inventory.Entry) {
	for _, row := range rows {
		if inUse([]*inventory.Entry{row}) == nil {
			continue
		}
		v, there := j.agentAttribute(row, lastSeen)
		if !there || v.IsRead() && blank(v) {
			continue
		}
		at, err := time.Parse(time.RFC3339, v.String())
		if err != nil {
			doubt = row
			continue
		}
		if first == nil {
			first = row
		}
		if at.After(latest) {
			latest = at
		}
	}
	return first, latest, doubt
}

// days writes a length of time as policies do: 30d, 36h.
func days(d time.Duration) string {
	const day = 24 * time.Hour
	if d > 0 && d%day == 0 {
		return fmt.Sprintf("%dd", d/day)
	}
	text := strings.TrimSuffix(d.String(), "0s")
	if h, ok := strings.CutSuffix(text, "h0m"); ok {
		return h + "h"
	}
	return text
}
