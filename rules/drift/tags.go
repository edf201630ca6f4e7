package drift

import (
	"iter"
	"slices"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
	"github.com/muster-audit/muster/rules"
)

// tagging holds the tags of all sides.
type tagging struct {
	declared  inventory.Tags
	by        *inventory.Entry
	fromState bool // nothing but the state says which tags there shall be
	state     inventory.Tags
	inState   *inventory.Entry
	actual    inventory.Tags
	hidden    bool // a declared key is a secret's hash: any key may be the one
}

// compareTags compares all tags, both ways, but those that the provider keeps for itself.
func (j *judge) compareTags(c *comparison, wish, state side, o *inventory.Entry) {
	t := tagging{actual: o.CurrentTags()}
	t.state, t.inState = state.tags()
	if t.declared, t.by = wish.tags(); t.by == nil {
		t.declared, t.by, t.fromState = t.state, t.inState, true
	}
	if t.by == nil || t.actual.State() == inventory.NotApplicable {
		return
	}
	if t.actual.State() == inventory.Unknown {
		c.unread = append(c.unread, "tags")
		return
	}
	c.compared++
	for tag := range t.declared.All() {
		t.hidden = t.hidden || inventory.IsSecretHash(tag.Key)
	}
	if t.hidden {
		c.unread = append(c.unread, "tags")
	}
	provider := catalog.Provider(o.Type)
	for key := range t.keys() {
		if !j.Catalog.ReservedTag(provider, key) && !inventory.IsSecretHash(key) {
			t.compare(c, key)
		}
	}
}

// keys yields those of all sides, each once.
func (t *tagging) keys() iter.Seq[string] {
	sides := [...]inventory.Tags{t.declared, t.actual, t.state}
	return func(yield func(string) bool) {
		for i, side := range sides {
			for tag := range side.All() {
				before := slices.ContainsFunc(sides[:i], func(s inventory.Tags) bool { _, ok := s.Get(tag.Key); return ok })
				if !before && !yield(tag.Key) {
					return
				}
			}
		}
	}
}

// likeness is how two sides stand to each other in one tag.
type likeness uint8

const (
	same likeness = iota
	other
	unsure // both have the tag, and one of the values is not known
)

func alike(a, b inventory.Tags, key string) likeness {
	x, inA := a.Get(key)
	y, inB := b.Get(key)
	switch {
	case inA != inB:
		return other
	case inA && (x.ValueUnknown || y.ValueUnknown):
		return unsure
	case x.Value != y.Value:
		return other
	}
	return same
}

func (t *tagging) compare(c *comparison, key string) {
	want, inWant := t.declared.Get(key)
	if !inWant && t.hidden {
		return
	}
	stands := t.stands(key)
	if stands == agrees {
		return
	}
	have, inHave := t.actual.Get(key)
	d := difference{by: t.by, Difference: rules.Difference{
		Attribute: "tags." + key, Declared: want.Value, DeclaredAbsent: !inWant, Actual: have.Value, ActualAbsent: !inHave,
	}}
	switch stands {
	case isChanged:
		if s, ok := t.state.Get(key); ok && !t.fromState && alike(t.declared, t.state, key) == other {
			d.state = s.Value
		}
		c.changed = append(c.changed, d)
	case isPending:
		c.pending = append(c.pending, d)
	case isStale:
		s, ok := t.state.Get(key)
		d.Declared, d.DeclaredAbsent, d.by = s.Value, !ok, t.inState
		c.stale = append(c.stale, d)
	case isUnread:
		c.unread = append(c.unread, d.Attribute)
	}
}

// stands is triple.stands for a tag.
func (t *tagging) stands(key string) standing {
	isSo := alike(t.declared, t.actual, key)
	if t.fromState || t.inState == nil {
		return [...]standing{same: agrees, other: isChanged, unsure: isUnread}[isSo]
	}
	wasSo := alike(t.state, t.actual, key)
	switch {
	case isSo == unsure || isSo == other && wasSo == unsure:
		return isUnread
	case isSo == same && wasSo == other:
		return isStale
	case isSo == same:
		return agrees
	case wasSo == other:
		return isChanged
	}
	return isPending
}
