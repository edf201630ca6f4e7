package rules

import (
	"slices"
	"strings"
)

// measureTags is the Coverage of rules about tags. Besides a line for each key it has one for all keys together.
const measureTags = "tag"

// coverageSlot is one thing that is measured: a measure and a name.
type coverageSlot struct{ measure, name string }

// counts of one slot in one group.
type counts struct{ pass, fail, unknown int }

func (c *counts) add(o Outcome) {
	switch o {
	case Pass:
		c.pass++
	case Fail:
		c.fail++
	case Unknown:
		c.unknown++
	}
}

// worst combines the verdicts of several rules on one entity: one failure fails it, else one unknown leaves it unknown.
func worst(a, b Outcome) Outcome {
	for _, o := range []Outcome{Fail, Unknown, Pass} {
		if a == o || b == o {
			return o
		}
	}
	return NotApplicable
}

// planCoverage gives a slot to every measure and name of the rules, sorted, and one to all tags together.
func (p *evaluationPlan) planCoverage() {
	for _, r := range p.rules {
		if r.check == nil || r.Coverage == "" {
			continue
		}
		p.slots = append(p.slots, coverageSlot{r.Coverage, r.CoverageName})
		if r.Coverage == measureTags {
			p.slots = append(p.slots, coverageSlot{measureTags, ""})
		}
	}
	slices.SortFunc(p.slots, func(a, b coverageSlot) int {
		if c := strings.Compare(a.measure, b.measure); c != 0 {
			return c
		}
		return strings.Compare(a.name, b.name)
	})
	p.slots = slices.Compact(p.slots)
	p.allTags = slices.Index(p.slots, coverageSlot{measureTags, ""})
	for i := range p.rules {
		r := &p.rules[i]
		r.slot = -1
		if r.check != nil && r.Coverage != "" {
			r.slot = slices.Index(p.slots, coverageSlot{r.Coverage, r.CoverageName})
		}
	}
}

// coverageGroups counts by group: everything, and each account and type.
type coverageGroups struct {
	all             []counts // by slot
	accounts, types map[string][]counts
	by              []division // of Engine.CoverageBy
}

func newCoverageGroups(slots int) coverageGroups {
	return coverageGroups{all: make([]counts, slots), accounts: map[string][]counts{}, types: map[string][]counts{}}
}

// add books what an entity came to in each slot.
func (g *coverageGroups) add(outcomes []Outcome, account, typ string) {
	addTo(g.all, outcomes)
	addTo(groupOf(g.accounts, account, len(outcomes)), outcomes)
	addTo(groupOf(g.types, typ, len(outcomes)), outcomes)
}

func addTo(group []counts, outcomes []Outcome) {
	for i, o := range outcomes {
		group[i].add(o)
	}
}

func groupOf(groups map[string][]counts, value string, slots int) []counts {
	group, ok := groups[value]
	if !ok {
		group = make([]counts, slots)
		groups[value] = group
	}
	return group
}

// merge adds another worker's counts.
func (g *coverageGroups) merge(o *coverageGroups) {
	sum(g.all, o.all)
	for value, c := range o.accounts {
		sum(groupOf(g.accounts, value, len(c)), c)
	}
	for value, c := range o.types {
		sum(groupOf(g.types, value, len(c)), c)
	}
	for i := range o.by {
		g.by[i].merge(&o.by[i])
	}
}

func sum(into, from []counts) {
	for i, c := range from {
		into[i].pass += c.pass
		into[i].fail += c.fail
		into[i].unknown += c.unknown
	}
}

// rows lists what was counted, by slot, group and value; lines without any entity are left out.
func (g *coverageGroups) rows(slots []coverageSlot, by []CoverageGroup) []CoverageTally {
	var rows []CoverageTally
	for i, slot := range slots {
		row := func(group, value string, c counts) {
			if c == (counts{}) {
				return
			}
			rows = append(rows, CoverageTally{
				Measure: slot.measure, Name: slot.name, Group: group, Value: value,
				Pass: c.pass, Fail: c.fail, Unknown: c.unknown,
			})
		}
		row("all", "", g.all[i])
		for _, value := range sortedKeys(g.accounts) {
			row("account", value, g.accounts[value][i])
		}
		for _, value := range sortedKeys(g.types) {
			row("type", value, g.types[value][i])
		}
		for n := range by {
			g.by[n].each(i, func(value string, c counts) { row(by[n].Name, value, c) })
		}
	}
	return rows
}
