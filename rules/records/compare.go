package records

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
	"github.com/muster-audit/muster/rules"
)

// comparison is what holding a row against another book came to.
type comparison struct {
	row      *inventory.Entry
	opposite opposite
	diff     []disagreement
	unread   []string
	compared int
}

// disagreement is one attribute or tag on which a row and another book disagree.
type disagreement struct {
	rules.Difference
	against *inventory.Entry
	wrong   inventory.Book // the one to be corrected; "" if no book that speaks of it is the authority
}

// compare holds what both sides know against each other.
func (j *judge) compare(row *inventory.Entry, o opposite) comparison {
	c := comparison{row: row, opposite: o}
	for a := range row.Attributes.All() {
		if !ownBusiness(a.Name) {
			j.attribute(&c, a.Name)
		}
	}
	j.place(&c)
	j.identity(&c)
	j.tags(&c)
	slices.SortFunc(c.diff, func(a, b disagreement) int { return strings.Compare(a.Attribute, b.Attribute) })
	slices.Sort(c.unread)
	return c
}

// attribute compares one attribute of the row with all that know it: one that agrees is enough.
func (j *judge) attribute(c *comparison, name string) {
	recorded, ok := c.row.CurrentAttribute(name)
	if !ok {
		return
	}
	known, unread, authority := j.rivals(c, name)
	if blank(recorded) {
		if authority == inventory.Recorded && len(known) > 0 && !blank(known[0].value) {
			c.compared++
			c.add(j, authority, known[0].entry, rules.Difference{Attribute: name, DeclaredAbsent: true, Actual: known[0].value.String()})
		}
		return
	}
	compared := false
	for _, r := range known {
		same, comparable := j.sameReading(name, recorded, r)
		if same {
			c.compared++
			return
		}
		unread = unread || !catalog.Comparable(recorded, r.value)
		compared = compared || comparable
	}
	switch {
	case unread:
		c.unread = append(c.unread, name)
	case compared:
		c.compared++
		r := known[0]
		c.add(j, authority, r.entry, rules.Difference{
			Attribute: name, Declared: recorded.String(), Actual: r.value.String(), ActualAbsent: r.value == inventory.Null,
		})
	}
}

// rivals returns what the other books know of an attribute: where code is the authority and knows it, what code says.
func (j *judge) rivals(c *comparison, name string) (known []reading, unread bool, authority inventory.Book) {
	names := []string{name}
	known, unread = j.readings(c.opposite.main(), name)
	for _, r := range known {
		names = append(names, r.name)
	}
	authority = j.Policy.AuthorityOf(names...)
	if authority == inventory.Declared {
		if declared, doubt := j.readings(c.opposite.declared, name); len(declared) > 0 || doubt {
			known, unread = declared, doubt
		}
	}
	return slices.DeleteFunc(known, func(r reading) bool {
		a, _ := j.known(r.entry).Attribute(r.name)
		return a.Ignore != "" || a.WriteOnly
	}), unread, authority
}

// sameReading reports whether a row's value is what another asset says, and whether the two can be compared.
func (j *judge) sameReading(name string, recorded inventory.Value, r reading) (same, compared bool) {
	if !catalog.Comparable(recorded, r.value) {
		return false, false
	}
	if j.naming.of(name) == "" {
		name = r.name
	}
	attr := r.name
	if same, compared = j.naming.same(j.known(r.entry), attr, recorded, r.value); same || attr == name {
		return same, compared
	}
	return j.naming.same(j.known(r.entry), name, recorded, r.value)
}

// add notes a difference, with the book that is to be corrected.
func (c *comparison) add(j *judge, authority inventory.Book, against *inventory.Entry, d rules.Difference) {
	wrong := inventory.Book("")
	switch authority {
	case inventory.Recorded:
		wrong = against.Book
	case against.Book:
		wrong = inventory.Recorded
	}
	c.diff = append(c.diff, disagreement{Difference: d, against: against, wrong: wrong})
}

// text compares two texts that need no looking through.
func (c *comparison) text(j *judge, attribute, recorded, actual string, against *inventory.Entry) {
	c.compared++
	if recorded != actual {
		c.add(j, j.Policy.AuthorityOf(attribute), against, rules.Difference{Attribute: attribute, Declared: recorded, Actual: actual})
	}
}

// place compares where the thing is, if the register calls the place as its provider does.
func (j *judge) place(c *comparison) {
	main := c.opposite.main()
	if len(main.confirmed) == 0 {
		return
	}
	against, row := main.confirmed[0], c.row
	if row.Account != against.Account && against.Account != "" && row.Account != "" && sameNaming(row, against) {
		c.text(j, "account", row.Account, against.Account, against)
	}
	if j.known(against).Global {
		return
	}
	if recorded, actual := providerRegion(row.Region), against.Region; recorded != "" && actual != "" {
		c.text(j, "region", zoneless(recorded, actual), actual, against)
	}
	if recorded, actual := providerRegion(row.Zone), against.Zone; recorded != "" && actual != "" && zoneless(actual, recorded) != recorded {
		c.text(j, "zone", recorded, actual, against)
	}
}

// sameNaming reports whether both sides call accounts as the provider does.
func sameNaming(row, against *inventory.Entry) bool {
	if strings.HasPrefix(string(against.Type), "AWS::") {
		return providerAccount(against.Type, row.Account) != "" && providerAccount(against.Type, against.Account) != ""
	}
	return catalog.Provider(row.Type) == catalog.Provider(against.Type)
}

var regionName = regexp.MustCompile(`^[a-z]{2,}(-[a-z]+)+-?[0-9]+(-?[a-z])?$`)

// providerRegion returns the region or zone if a provider would call it so; else "".
func providerRegion(region string) string {
	if regionName.MatchString(region) {
		return region
	}
	return ""
}

// zoneless returns the actual region if the recorded one is a zone of it.
func zoneless(recorded, actual string) string {
	if rest, ok := strings.CutPrefix(recorded, actual); ok && len(strings.TrimPrefix(rest, "-")) <= 1 {
		return actual
	}
	return recorded
}

// shown is a value as a message quotes it.
func shown(s string) string {
	const most = 80
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return cmp.Or(s, "empty")
}
