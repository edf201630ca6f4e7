package drift

import (
	"fmt"
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
	"github.com/muster-audit/muster/rules"
)

var changedMeta = rules.Meta{
	ID: "drift/changed", Severity: rules.High, Title: "What is there is as it was declared",
	Help: "Somebody or something changed it behind the code's back; the next apply undoes that or fails. Apply the code, or put the change into it.",
}

// changed compares the newest applied declaration with what is observed.
func (j *judge) changed(e *rules.Entity) rules.Verdict {
	if len(e.Declared) == 0 || len(e.Observed) == 0 {
		return rules.Verdict{}
	}
	d := j.declarations(e.Declared).applied
	if d == nil {
		return notApplicable("its declaration is not applied, or is marked for destruction")
	}
	o := j.mostTelling(e.Observed)
	for _, side := range []*inventory.Entry{d, o} {
		if why := j.reach.Unconfirmed(side); why != "" {
			return unknown(o, why)
		}
	}
	c := j.compare(d, o)
	kept, ignored := j.dropIgnored(e, c.diff)
	switch {
	case len(kept) > 0:
		if why := j.contested(e, d); why != "" {
			return unknown(o, why)
		}
		v := j.changedFinding(d, o, kept)
		v.Unread = c.unread
		return v
	case len(c.unread) > 0:
		return unknown(o, strings.Join(c.unread, ", ")+" could not be read")
	case len(c.diff) > 0:
		v := suppressed(o, ignored.By, ignored.Reason, sentence(c.diff))
		v.Diff, v.Parts = c.diff, parts(c.diff)
		return v
	case c.compared == 0 && catalog.Provider(d.Type) == hardware:
		return notApplicable("a list of machines declares no more than that it is there")
	case c.compared == 0:
		return unknown(o, "nothing of it is known on both sides")
	}
	return pass(o)
}

// mostTelling returns the observed facet to compare: one that its scan confirmed before others, one with attributes
// before one known by name and tags only.
func (j *judge) mostTelling(list []*inventory.Entry) *inventory.Entry {
	best, most := list[0], -1
	for _, o := range list {
		points := 0
		if j.reach.Unconfirmed(o) == "" {
			points += 2
		}
		if !o.Shallow {
			points++
		}
		if points > most {
			best, most = o, points
		}
	}
	return best
}

// comparison is what comparing two sides came to.
type comparison struct {
	diff     []rules.Difference
	unread   []string // declared, and could not be read on the other side
	compared int      // attributes, and tags as one, that both sides know
}

// compare holds the attributes of the allow-list and the tags of two entries against each other.
func (j *judge) compare(d, o *inventory.Entry) comparison {
	var c comparison
	if d.Type == o.Type && !o.Shallow {
		j.compareAttributes(&c, d, o)
	}
	j.compareTags(&c, d, o)
	return c
}

func (j *judge) compareAttributes(c *comparison, d, o *inventory.Entry) {
	row, _ := j.Catalog.Type(o.Type)
	if !o.Attributes.IsKnown() && slices.ContainsFunc(row.Attributes, func(a catalog.Attribute) bool { return declares(d, a) }) {
		c.unread = append(c.unread, "attributes")
		return
	}
	for _, a := range row.Attributes {
		if declares(d, a) {
			c.attribute(a, d, o)
		}
	}
}

// declares reports whether a declaration says anything of an attribute that is compared.
func declares(d *inventory.Entry, a catalog.Attribute) bool {
	if a.Ignore != "" || a.WriteOnly {
		return false
	}
	v, ok := d.CurrentAttribute(a.Name)
	return ok && (v != inventory.Null && v != inventory.StringValue("") || !leftOpen(a))
}

func (c *comparison) attribute(a catalog.Attribute, d, o *inventory.Entry) {
	want, _ := d.CurrentAttribute(a.Name)
	have, ok := o.CurrentAttribute(a.Name)
	switch {
	case !ok && couldNotRead(o, a.Name), ok && !catalog.Comparable(want, have):
		c.unread = append(c.unread, a.Name)
		return
	case !ok:
		return
	}
	c.compared++
	if catalog.Equal(a, want, have) || have == inventory.Null && leftOpen(a) && isZero(want) {
		return
	}
	c.diff = append(c.diff, rules.Difference{
		Attribute: a.Name, Declared: want.String(), Actual: have.String(),
		DeclaredAbsent: want == inventory.Null, ActualAbsent: have == inventory.Null,
	})
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

// leftOpen reports whether an unset value of an attribute leaves the choice to the provider: then any value is as
// declared. Where the catalog says what unset means, it is a value like others.
func leftOpen(a catalog.Attribute) bool {
	return !a.Default.IsRead() && !slices.ContainsFunc(strings.Split(a.Comparator, ","), func(name string) bool {
		return strings.TrimSpace(name) == "zero"
	})
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

// compareTags compares all tags, both ways, but those that the provider keeps for itself.
func (j *judge) compareTags(c *comparison, d, o *inventory.Entry) {
	want, have := d.CurrentTags(), o.CurrentTags()
	if want.State() != inventory.Known || have.State() == inventory.NotApplicable {
		return
	}
	if have.State() == inventory.Unknown {
		c.unread = append(c.unread, "tags")
		return
	}
	c.compared++
	provider := catalog.Provider(o.Type)
	hidden := false // a declared key is a secret's hash: any key may be the one
	for t := range want.All() {
		switch {
		case j.Catalog.ReservedTag(provider, t.Key):
		case inventory.IsSecretHash(t.Key):
			hidden = true
			c.unread = append(c.unread, "tags")
		default:
			c.tag(t, have)
		}
	}
	for t := range have.All() {
		if _, ok := want.Get(t.Key); !ok && !hidden && !j.Catalog.ReservedTag(provider, t.Key) {
			c.diff = append(c.diff, rules.Difference{Attribute: "tags." + t.Key, DeclaredAbsent: true, Actual: t.Value})
		}
	}
}

// tag compares a declared tag.
func (c *comparison) tag(t inventory.Tag, have inventory.Tags) {
	switch actual, ok := have.Get(t.Key); {
	case !ok:
		c.diff = append(c.diff, rules.Difference{Attribute: "tags." + t.Key, Declared: t.Value, ActualAbsent: true})
	case t.ValueUnknown || actual.ValueUnknown:
		c.unread = append(c.unread, "tags."+t.Key)
	case actual.Value != t.Value:
		c.diff = append(c.diff, rules.Difference{Attribute: "tags." + t.Key, Declared: t.Value, Actual: actual.Value})
	}
}

// dropIgnored returns the differences that no policy ignores, sorted, and what ignores the first of the others.
func (j *judge) dropIgnored(e *rules.Entity, diff []rules.Difference) (kept []rules.Difference, by Ignored) {
	for _, d := range diff {
		if j.Ignore != nil {
			if ignored, ok := j.Ignore(e, d.Attribute); ok {
				if by == (Ignored{}) {
					by = ignored
				}
				continue
			}
		}
		kept = append(kept, d)
	}
	slices.SortFunc(kept, func(a, b rules.Difference) int { return strings.Compare(a.Attribute, b.Attribute) })
	return kept, by
}

func (j *judge) changedFinding(d, o *inventory.Entry, diff []rules.Difference) rules.Verdict {
	v := failure(o)
	v.Origin, v.Diff, v.Parts = d.Origin, diff, parts(diff)
	v.Severity = j.severity(o.Type, diff)
	v.Message = sentence(diff)
	v.Fix = fmt.Sprintf("%s to restore it, or change %s there to keep what is", j.apply(d), title(d))
	v.Evidence = j.evidence(d, o)
	return v
}

// parts names the attributes and tags of differences.
func parts(diff []rules.Difference) []string {
	names := make([]string, len(diff))
	for i, d := range diff {
		names[i] = d.Attribute
	}
	slices.Sort(names)
	return names
}

// severity is the worst that the catalog gives to any of the differences; 0 leaves it to the rule, as does any
// difference to which the catalog gives none, unless another is worse than the rule.
func (j *judge) severity(t inventory.Type, diff []rules.Difference) rules.Severity {
	row, _ := j.Catalog.Type(t)
	worst := rules.Severity(0)
	for _, d := range diff {
		own := changedMeta.Severity
		if a, ok := row.Attribute(d.Attribute); ok && a.Severity != "" {
			if own.UnmarshalText([]byte(a.Severity)) != nil {
				own = changedMeta.Severity
			}
		}
		worst = max(worst, own)
	}
	if worst == changedMeta.Severity {
		return 0
	}
	return worst
}

// sentence tells the differences in words; values only if there is one difference.
func sentence(diff []rules.Difference) string {
	if len(diff) == 1 {
		d := diff[0]
		switch {
		case d.ActualAbsent:
			return fmt.Sprintf("%s is gone, declared %s", d.Attribute, quoted(d.Declared))
		case d.DeclaredAbsent:
			return fmt.Sprintf("%s is %s, declared without", d.Attribute, quoted(d.Actual))
		}
		return fmt.Sprintf("%s is %s, declared %s", d.Attribute, quoted(d.Actual), quoted(d.Declared))
	}
	names := make([]string, len(diff))
	for i, d := range diff {
		names[i] = d.Attribute
	}
	const most = 5
	if len(names) > most {
		names = append(names[:most], fmt.Sprintf("%d more", len(diff)-most))
	}
	return fmt.Sprintf("%d differences from what is declared: %s", len(diff), strings.Join(names, ", "))
}

// quoted shows a value in a sentence: empty and long ones are made plain.
func quoted(s string) string {
	const most = 80
	if s == "" {
		return "empty"
	}
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
