package preset

import (
	"strings"

	"github.com/muster-audit/muster/inventory"
)

// Of returns what a value means in a row of a class: a stage, StageNone or StageUnknown, and false if the rules do not
// know the value. An empty value says nothing.
func (r *StatusRules) Of(class, value string) (Stage, bool) {
	value = strings.ToLower(strings.TrimSpace(value))
	if value == "" {
		return StageNone, true
	}
	for text, stage := range r.stages(class) {
		if strings.ToLower(text) == value {
			return stage, true
		}
	}
	return StageUnknown, false
}

// stages is the map for a class: the one with the longest pattern that fits, else the one for all.
func (r *StatusRules) stages(class string) Stages {
	best, chosen := -1, r.Map
	for _, pattern := range sortedKeys(r.Classes) {
		if len(pattern) > best && inventory.MatchGlob(strings.ToLower(pattern), strings.ToLower(class)) {
			best, chosen = len(pattern), r.Classes[pattern]
		}
	}
	return chosen
}

// Combine makes one stage of those of several columns. Registers keep several next to each other that nobody keeps in step, so
// the order is: retired in any of them wins; else a value that no stage fits makes it unknown; else the stage wins that is
// farthest from plain service: retiring, maintenance, planned, active.
func Combine(stages []Stage) inventory.Lifecycle {
	best := inventory.LifecycleUnknown
	unknown := false
	for _, s := range stages {
		switch s {
		case StageNone:
		case StageUnknown:
			unknown = true
		default:
			if rank(inventory.Lifecycle(s)) > rank(best) {
				best = inventory.Lifecycle(s)
			}
		}
	}
	if unknown && best != inventory.LifecycleRetired {
		return inventory.LifecycleUnknown
	}
	return best
}

func rank(l inventory.Lifecycle) int {
	switch l {
	case inventory.LifecycleActive:
		return 1
	case inventory.LifecyclePlanned:
		return 2
	case inventory.LifecycleMaintenance:
		return 3
	case inventory.LifecycleRetiring:
		return 4
	case inventory.LifecycleRetired:
		return 5
	}
	return 0
}

// Of returns the type of a value of the type column, and false if the rules do not know it.
func (t *TypeRules) Of(value string) (inventory.Type, bool) {
	if found, ok := t.Map[value]; ok {
		return found, true
	}
	for text, found := range t.Map {
		if strings.EqualFold(text, value) {
			return found, true
		}
	}
	return "", false
}

// Fits reports whether a cell has one of the values.
func (w *TypeWhen) Fits(cell string) bool { return isOne(w.Is, cell) }

// Fits reports whether a cell makes the row one that the rule speaks of.
func (r *RowRule) Fits(cell string) bool {
	if r.Filled {
		return strings.TrimSpace(cell) != ""
	}
	return isOne(r.Is, cell)
}

func isOne(values []string, cell string) bool {
	cell = strings.TrimSpace(cell)
	for _, v := range values {
		if strings.EqualFold(v, cell) {
			return true
		}
	}
	return false
}
