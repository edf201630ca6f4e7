package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/muster-audit/muster/rules"
)

// toldGroups is how many groups below a floor the gate names; the rest are counted.
const toldGroups = 10

// floors judges the policy's floors, each for every group for which it holds.
func (j *judge) floors() {
	for i := range j.rules.Floors {
		f := &j.rules.Floors[i]
		rows, unsure := groupsOf(j.report.Coverage, f)
		if len(rows) == 0 && len(f.Only) > 0 {
			j.notes = append(j.notes, fmt.Sprintf("nothing to measure: %s coverage by %s, only %s (%s)", measured(f.Measure), f.By, strings.Join(f.Only, ", "), f.Place))
		}
		if len(rows) == 0 && unsure.Pass+unsure.Fail+unsure.Unknown > 0 {
			j.unknown("%s coverage by %s: of no asset is it known to which group it belongs, or there are too many groups (%s)", measured(f.Measure), f.By, f.Place)
			continue
		}
		j.floorOf(f, rows, unsure)
	}
}

// groupsOf returns the groups for which a floor holds, and what may belong to any of them. Every asset is in some account, so that one
// without may be in any.
func groupsOf(all []Coverage, f *rules.CoverageFloor) (rows []Coverage, unsure Coverage) {
	for _, c := range all {
		switch {
		case c.Measure != f.Measure || c.Name != "" || c.Group != f.By:
		case c.Value == rules.UnknownGroup || c.Value == "" && f.By == "account":
			unsure.Pass, unsure.Fail, unsure.Unknown = unsure.Pass+c.Pass, unsure.Fail+c.Fail, unsure.Unknown+c.Unknown
		case f.Holds(c.Value):
			rows = append(rows, c)
		}
	}
	return rows, unsure
}

// group is a group below a floor, or perhaps below.
type group struct {
	name      string
	low, high float64
}

func (j *judge) floorOf(f *rules.CoverageFloor, rows []Coverage, unsure Coverage) {
	var under, perhaps []group
	for _, c := range rows {
		g := bounds(c, unsure)
		switch {
		case below(g.high, f.Min):
			under = append(under, g)
		case below(g.low, f.Min):
			perhaps = append(perhaps, g)
		}
	}
	tell(under, func(g group) {
		j.trip("%s coverage of %s %s is at most %s %%, the floor is %v %% (%s)", measured(f.Measure), f.By, g.name, percentText(g.high), f.Min, f.Place)
	}, func(n int) {
		j.trip("%s coverage of %d more groups by %s is below the floor of %v %% (%s)", measured(f.Measure), n, f.By, f.Min, f.Place)
	})
	tell(perhaps, func(g group) {
		j.unknown("%s coverage of %s %s is between %s %% and %s %%, the floor is %v %%: too much is unknown (%s)",
			measured(f.Measure), f.By, g.name, percentText(g.low), percentText(g.high), f.Min, f.Place)
	}, func(n int) {
		j.unknown("%s coverage of %d more groups by %s may be below the floor of %v %% (%s)", measured(f.Measure), n, f.By, f.Min, f.Place)
	})
}

// bounds of a group's coverage: at the worst all that is unknown fails, and what fails elsewhere belongs to it; at the best the other way
// around.
func bounds(c, unsure Coverage) group {
	g := group{name: fmt.Sprintf("%q", c.Value)}
	if c.Value == "" {
		g.name = "(none)"
	}
	known := c.Pass + c.Fail + c.Unknown
	g.low = share(c.Pass, known+unsure.Fail+unsure.Unknown)
	g.high = share(c.Pass+c.Unknown+unsure.Pass+unsure.Unknown, known+unsure.Pass+unsure.Unknown)
	return g
}

func share(part, whole int) float64 {
	if whole == 0 {
		return 1
	}
	return float64(part) / float64(whole)
}

// tell names the worst groups and counts the rest.
func tell(groups []group, one func(group), rest func(int)) {
	slices.SortFunc(groups, func(a, b group) int {
		return cmp.Or(cmp.Compare(a.high, b.high), cmp.Compare(a.low, b.low), strings.Compare(a.name, b.name))
	})
	for _, g := range groups[:min(len(groups), toldGroups)] {
		one(g)
	}
	if n := len(groups) - toldGroups; n > 0 {
		rest(n)
	}
}

// measured is the measure as the gate calls it.
func measured(measure string) string {
	if measure == "iac" {
		return "code"
	}
	return measure
}
