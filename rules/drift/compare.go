package drift

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
	"github.com/muster-audit/muster/rules"
)

// difference is one attribute on which what is declared and what is there disagree.
type difference struct {
	rules.Difference
	by *inventory.Entry // which declaration says so
	// state is what the state holds, if that is a third value.
	state string
	loss  catalog.Loss
	// severity is that of the attribute, 0 if it has none of its own.
	severity rules.Severity
}

// comparison is what comparing the layers of a declaration with what is there came to.
type comparison struct {
	changed  []difference // there it is not as it was applied
	pending  []difference // it is as it was applied, and code or a plan says otherwise
	stale    []difference // it is as code or a plan says, and the state does not know it yet
	unread   []string     // declared, and could not be read on another side
	compared int          // attributes, and tags as one, that both sides know
}

// standing is how a declared and an actual value stand to each other.
type standing uint8

const (
	agrees standing = iota
	isChanged
	isPending
	isStale
	isUnread
)

// compare holds the attributes of the allow-list and the tags of a declaration's sides against what is there.
func (j *judge) compare(wish, state side, o *inventory.Entry) comparison {
	var c comparison
	if !o.Shallow {
		j.compareAttributes(&c, wish, state, o)
	}
	j.compareTags(&c, wish, state, o)
	byName := func(a, b difference) int { return strings.Compare(a.Attribute, b.Attribute) }
	for _, list := range [][]difference{c.changed, c.pending, c.stale} {
		slices.SortFunc(list, byName)
	}
	return c
}

func (j *judge) compareAttributes(c *comparison, wish, state side, o *inventory.Entry) {
	row, _ := j.Catalog.Type(o.Type)
	var v triple // one for all attributes
	for i := range row.Attributes {
		a := &row.Attributes[i]
		v = triple{attr: a, typ: o.Type}
		if v.declared, v.by = wish.declares(o.Type, a); v.by == nil {
			v.declared, v.by = state.declares(o.Type, a)
			v.fromState = true
		}
		if v.by == nil {
			continue
		}
		if !o.Attributes.IsKnown() {
			c.unread = append(c.unread, "attributes")
			return
		}
		v.state, v.inState = state.held(o.Type, a)
		v.hasState = v.inState != nil || !isFacet(v.by) && state.own() != nil
		moved := len(a.Within) > 0 && bounds(a, o, wish, state)
		j.compareAttribute(c, &v, o, moved)
	}
}

// triple is what the sides say of one attribute.
type triple struct {
	attr      *catalog.Attribute
	typ       inventory.Type
	declared  inventory.Value
	by        *inventory.Entry
	fromState bool // nothing but the state says so
	state     inventory.Value
	inState   *inventory.Entry // nil if no state says anything
	hasState  bool             // there is a state of the thing, whatever it says
	actual    inventory.Value
}

func (j *judge) compareAttribute(c *comparison, v *triple, o *inventory.Entry, moved bool) {
	have, ok := o.CurrentAttribute(v.attr.Name)
	v.actual = have
	switch {
	case !ok && couldNotRead(o, v.attr.Name), ok && !catalog.Comparable(v.declared, have):
		c.unread = append(c.unread, v.attr.Name)
		return
	case !ok || moved:
		return
	}
	c.compared++
	d := difference{by: v.by, Difference: rules.Difference{
		Attribute: v.attr.Name, Declared: v.declared.String(), Actual: have.String(),
		DeclaredAbsent: v.declared == inventory.Null, ActualAbsent: have == inventory.Null,
	}}
	switch v.stands() {
	case isChanged:
		d.loss, d.severity = j.loss(v)
		if v.state.IsRead() && !v.fromState && !asDeclared(v.attr, v.declared, v.state) {
			d.state = v.state.String()
		}
		c.changed = append(c.changed, d)
	case isPending:
		c.pending = append(c.pending, d)
	case isStale:
		d.Declared, d.DeclaredAbsent, d.by = v.state.String(), v.state == inventory.Null, v.inState
		c.stale = append(c.stale, d)
	case isUnread:
		c.unread = append(c.unread, v.attr.Name)
	}
}

// stands holds the three values against each other. What code says and reality does not is pending if the state, which is what was
// last applied, agrees with reality.
func (v *triple) stands() standing {
	isSo := asDeclared(v.attr, v.declared, v.actual)
	known := !v.fromState && v.state.IsRead() && catalog.Comparable(v.state, v.actual) && catalog.Comparable(v.state, v.declared)
	open := known && isOpen(v.attr, v.state) // nobody set it when it was applied: whatever is there is as applied
	switch {
	case isSo && known && !open && !asDeclared(v.attr, v.state, v.actual) && !asDeclared(v.attr, v.declared, v.state):
		return isStale
	case isSo:
		return agrees
	case v.fromState:
		return isChanged
	case v.by.Lifecycle == inventory.LifecyclePlanned:
		return isPending
	case !known:
		return v.withoutState()
	case !open && !asDeclared(v.attr, v.state, v.actual):
		return isChanged
	case !open && catalog.Equal(*v.attr, v.declared, v.state):
		return agrees // three values of which two pairs are the same, as versions with and without their ends
	}
	return isPending
}

// withoutState judges a value that differs where no state says what was applied: with one for the thing, which is silent on this
// attribute or hides it, nobody can tell a change from what was not applied yet.
func (v *triple) withoutState() standing {
	if v.hasState {
		return isUnread
	}
	return isChanged
}

// asDeclared reports whether a value is what another declares.
func asDeclared(a *catalog.Attribute, declared, actual inventory.Value) bool {
	return catalog.Equal(*a, declared, actual) || actual == inventory.Null && leftOpen(a) && isZero(declared)
}

// declares reports whether a declaration says anything of an attribute that is compared.
func declares(d *inventory.Entry, a *catalog.Attribute) bool {
	if a.Ignore != "" || a.WriteOnly {
		return false
	}
	v, ok := d.CurrentAttribute(a.Name)
	return ok && !isOpen(a, v)
}

// isOpen reports whether a value leaves the choice to the provider.
func isOpen(a *catalog.Attribute, v inventory.Value) bool {
	return (v == inventory.Null || v == inventory.StringValue("")) && leftOpen(a)
}

// leftOpen reports whether an unset value of an attribute leaves the choice to the provider: then any value is as
// declared. Where the catalog says what unset means, it is a value like others.
func leftOpen(a *catalog.Attribute) bool {
	if a.Default.IsRead() {
		return false
	}
	for name := range strings.SplitSeq(a.Comparator, ",") {
		if strings.TrimSpace(name) == "zero" {
			return false
		}
	}
	return true
}

// isZero reports whether a value is what states hold where the provider's API left a value out: most of Terraform's providers cannot
// tell the two apart.
func isZero(v inventory.Value) bool {
	switch v {
	case `""`, "0", inventory.False, "[]", "{}":
		return true
	}
	return false
}

// couldNotRead reports whether an attribute is one that the collector reads and could not read now, and not one that it
// never reads.
func couldNotRead(o *inventory.Entry, name string) bool {
	if slices.Contains(o.AttributesUnconfirmed, name) || slices.Contains(o.AttributesUnconfirmed, "*") {
		return true
	}
	for a := range o.Attributes.All() {
		if a.Name == name {
			return true // there, and unread
		}
	}
	return false
}

// parts names the attributes and tags of differences.
func parts(diff []difference) []string {
	names := make([]string, len(diff))
	for i, d := range diff {
		names[i] = d.Attribute
	}
	slices.Sort(names)
	return names
}

// plain returns what a finding shows of differences.
func plain(diff []difference) []rules.Difference {
	out := make([]rules.Difference, len(diff))
	for i, d := range diff {
		out[i] = d.Difference
	}
	return out
}

// sentence tells the differences in words; values only if there is one difference.
func sentence(diff []difference) string {
	if len(diff) == 1 {
		d := diff[0]
		switch {
		case d.ActualAbsent:
			return fmt.Sprintf("%s is gone, declared %s", d.Attribute, quoted(d.Declared))
		case d.DeclaredAbsent:
			return fmt.Sprintf("%s is %s, declared without", d.Attribute, quoted(d.Actual))
		case inventory.IsSecretHash(d.Declared) && inventory.IsSecretHash(d.Actual):
			return d.Attribute + " changed (secret)"
		}
		return fmt.Sprintf("%s is %s, declared %s", d.Attribute, quoted(d.Actual), quoted(d.Declared))
	}
	return fmt.Sprintf("%d differences from what is declared: %s", len(diff), namesOf(diff))
}

// namesOf lists the attributes of differences, as many as a line has room for.
func namesOf(diff []difference) string {
	const most = 5
	names := parts(diff)
	if len(names) > most {
		names = append(names[:most], fmt.Sprintf("%d more", len(diff)-most))
	}
	return strings.Join(names, ", ")
}

// quoted shows a value in a sentence: empty and long ones are made plain.
func quoted(s string) string {
	const most = 80
	if inventory.IsSecretHash(s) {
		return "a secret"
	}
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return cmp.Or(s, "empty")
}
