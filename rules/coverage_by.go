package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
)

// UnknownGroup is the value of the coverage row that counts the entities of which nobody can tell to which group they belong. An entity
// whose tag has this very value is counted there too.
const UnknownGroup = "(unknown)"

// maxCoverageGroups bounds the groups of one division. With more, such as by a name, no group is told.
const maxCoverageGroups = 5000

// CoverageGroup divides coverage further than by account and type.
type CoverageGroup struct {
	Name string // "region", "owner", "tag.team"
	// Of tells to which group an entity belongs, "" if to none; known is false if nobody can tell. It is used by several goroutines.
	Of func(*Entity) (value string, known bool)
}

// GroupCoverage makes a division of its name: "region", "owner", or "tag.KEY" with the spellings that the policy accepts for the key. It
// fails for another name, with those that there are.
func GroupCoverage(name string, p *Policy, owner func(*Entity) Owner) (CoverageGroup, error) {
	g := CoverageGroup{Name: name}
	key, tag := strings.CutPrefix(name, "tag.")
	switch {
	case tag && strings.TrimSpace(key) != "":
		keys := p.SpellingsOf(key)
		g.Of = func(e *Entity) (string, bool) { return tagOf(e, keys) }
	case name == "region":
		g.Of = func(e *Entity) (string, bool) { return e.Subject().Region, true }
	case name == "owner" && owner != nil:
		g.Of = func(e *Entity) (string, bool) {
			o := owner(e)
			return o.Name, o.Unknown == ""
		}
	default:
		return g, fmt.Errorf("%q is no group%s, or tag.KEY", name, inventory.Suggest(name, CoverageGroups()))
	}
	return g, nil
}

// tagOf is what an entity's assets say of a tag: what is seen before what is declared or recorded. Only if none has a value it matters
// that one could not be read.
func tagOf(e *Entity, keys []string) (value string, known bool) {
	known = true
	for _, list := range [][]*inventory.Entry{e.Observed, e.Declared, e.Recorded} {
		for _, a := range list {
			tags := a.CurrentTags()
			known = known && tags.State() != inventory.Unknown
			for _, key := range keys {
				t, _ := tags.Get(key)
				if t.Value != "" {
					return t.Value, true
				}
				known = known && !t.ValueUnknown
			}
		}
	}
	return "", known
}

// division counts by the groups of one CoverageGroup.
type division struct {
	groups  map[string][]counts // by slot
	tooMany bool
	all     []counts
}

func newDivisions(n, slots int) []division {
	list := make([]division, n)
	for i := range list {
		list[i] = division{groups: map[string][]counts{}, all: make([]counts, slots)}
	}
	return list
}

func (d *division) add(value string, outcomes []Outcome) {
	addTo(d.all, outcomes)
	if d.tooMany {
		return
	}
	addTo(groupOf(d.groups, value, len(outcomes)), outcomes)
	d.bound()
}

// bound gives the groups up if there are too many.
func (d *division) bound() {
	if len(d.groups) > maxCoverageGroups {
		d.tooMany, d.groups = true, nil
	}
}

func (d *division) merge(o *division) {
	sum(d.all, o.all)
	if d.tooMany = d.tooMany || o.tooMany; d.tooMany {
		d.groups = nil
		return
	}
	for value, c := range o.groups {
		sum(groupOf(d.groups, value, len(c)), c)
	}
	d.bound()
}

// each visits what was counted in a slot, sorted by group.
func (d *division) each(slot int, row func(value string, c counts)) {
	if d.tooMany {
		row(UnknownGroup, d.all[slot])
	}
	for _, value := range sortedKeys(d.groups) {
		row(value, d.groups[value][slot])
	}
}

// divide books what the entity at hand came to in each group to which it belongs.
func (s *shard) divide(e *Entity) {
	applies := slices.ContainsFunc(s.outcomes, func(o Outcome) bool { return o != NotApplicable })
	if !applies || e == nil {
		return
	}
	for i, g := range s.plan.by {
		value, known := g.Of(e)
		if !known {
			value = UnknownGroup
		}
		s.coverage.by[i].add(value, s.outcomes)
	}
}
