package rules

import "slices"

const (
	// maxExamples is how many keys an UnknownTally names.
	maxExamples = 5
	// maxReasons is how many reasons are told apart for each rule, so that memory does not grow with the entities even if
	// a rule puts names into its reasons.
	maxReasons = 50
	// otherReasons stands for the rest.
	otherReasons = "other reasons"
)

// unknowns tallies what one rule could not judge, by reason. It keeps the smallest reasons: those are the same in whatever
// order they come, and are never dropped on the way.
type unknowns struct {
	byReason map[string]*UnknownTally
	other    UnknownTally
}

func (u *unknowns) note(reason, key string) {
	if mine, ok := u.byReason[reason]; ok {
		mine.Entities++
		mine.example(key)
		return
	}
	u.add(&UnknownTally{Reason: reason, Entities: 1, Examples: []string{key}})
}

// add books a tally. The caller gives its examples away.
func (u *unknowns) add(t *UnknownTally) {
	if mine, ok := u.byReason[t.Reason]; ok {
		mine.add(t)
		return
	}
	if u.byReason == nil {
		u.byReason = map[string]*UnknownTally{}
	}
	u.byReason[t.Reason] = t
	if len(u.byReason) <= maxReasons {
		return
	}
	last := ""
	for reason := range u.byReason {
		last = max(last, reason)
	}
	u.other.add(u.byReason[last])
	delete(u.byReason, last)
}

func (u *unknowns) merge(o *unknowns) {
	for _, t := range o.byReason {
		u.add(t)
	}
	u.other.add(&o.other)
}

// list returns the tallies by reason, the other reasons last.
func (u *unknowns) list(rule string) []UnknownTally {
	var list []UnknownTally
	for _, reason := range sortedKeys(u.byReason) {
		list = append(list, *u.byReason[reason])
	}
	if u.other.Entities > 0 {
		u.other.Reason = otherReasons
		list = append(list, u.other)
	}
	for i := range list {
		list[i].Rule = rule
	}
	return list
}

func (t *UnknownTally) add(o *UnknownTally) {
	t.Entities += o.Entities
	for _, key := range o.Examples {
		t.example(key)
	}
}

// example keeps the smallest keys.
func (t *UnknownTally) example(key string) {
	i, found := slices.BinarySearch(t.Examples, key)
	if found || i == maxExamples {
		return
	}
	t.Examples = slices.Insert(t.Examples, i, key)
	t.Examples = t.Examples[:min(len(t.Examples), maxExamples)]
}
