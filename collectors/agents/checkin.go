package agents

import (
	"time"

	"github.com/muster-audit/muster/inventory"
)

// Names of the attributes that say how alive an agent is.
const (
	attrLastCheckIn = "last_check_in"
	attrLimit       = "check_in_limit"
)

// CheckIn is when an agent last reported. The zero value says that the export does not tell.
type CheckIn struct {
	At time.Time
	// Never says that the machine is registered and its agent never reported.
	Never bool
}

// usualLimit stands for max_age where there is none.
const usualLimit = 28 * 24 * time.Hour

// checkIn writes check-ins down. A time to the second would make every asset new in every scan: an agent that was heard of lately
// is written down with the beginning of the quarter of max_age in which it was, so that a healthy estate changes once in that
// time. The coarse time is taken only while it is at most half of max_age ago, and the exact one from then on. So nobody takes an
// agent for silent who would not with the exact time, and the other way round.
type checkIn struct {
	limit time.Duration // max_age; 0 if there is none
	now   time.Time
}

// attributes are those of one agent.
func (c checkIn) attributes(in CheckIn) []inventory.Attribute {
	var list []inventory.Attribute
	switch {
	case in.Never:
		list = append(list, inventory.Attribute{Name: attrLastCheckIn, Value: inventory.Null})
	case c.plausible(in.At):
		list = append(list, inventory.Attribute{Name: attrLastCheckIn, Value: inventory.StringValue(c.written(in.At).Format(time.RFC3339))})
	}
	if c.limit > 0 {
		list = append(list, inventory.Attribute{Name: attrLimit, Value: inventory.StringValue(c.limit.String())})
	}
	return list
}

// plausible reports whether a clock that is right may have said so: agents send the time of their own machine.
func (c checkIn) plausible(t time.Time) bool {
	const skew = 24 * time.Hour
	return t.Year() >= 2000 && t.Before(c.now.Add(skew))
}

// written returns the time that is written down.
func (c checkIn) written(t time.Time) time.Time {
	limit := c.limit
	if limit == 0 {
		limit = usualLimit
	}
	if coarse := t.UTC().Truncate(limit / 4); c.now.Sub(coarse) <= limit/2 {
		return coarse
	}
	return t.UTC().Add(time.Second - 1).Truncate(time.Second) // never earlier than it was
}
