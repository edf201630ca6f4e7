package records

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
	"github.com/muster-audit/muster/rules"
)

var mismatchMeta = rules.Meta{
	ID: "records/mismatch", Severity: rules.Medium, Title: "The register says what is so",
	Help: "A row and the thing itself, or its declaration, disagree. Correct the row, or the thing.",
}

// mismatch compares each row in use with what is observed, or with what is declared where nothing is.
func (j *judge) mismatch(e *rules.Entity) rules.Verdict {
	row := inUse(e.Recorded)
	if row == nil {
		return rules.Verdict{}
	}
	other := e.Observed
	if len(other) == 0 {
		other = applied(e.Declared)
	}
	if len(other) == 0 {
		return notApplicable("nothing is linked with it that it could be compared with")
	}
	against, why := j.confirmed(other)
	why = cmp.Or(why, j.reach.Unconfirmed(row))
	if why != "" {
		return unknown(row, why)
	}
	return j.compareRows(e.Recorded, against)
}

func applied(list []*inventory.Entry) []*inventory.Entry {
	return slices.DeleteFunc(slices.Clone(list), func(d *inventory.Entry) bool {
		return d.Lifecycle == inventory.LifecyclePlanned || d.Lifecycle == inventory.LifecycleRetiring
	})
}

// compareRows fails the first row that differs.
func (j *judge) compareRows(rows []*inventory.Entry, against *inventory.Entry) rules.Verdict {
	compared := 0
	var first *inventory.Entry
	for _, row := range rows {
		if inUse([]*inventory.Entry{row}) == nil || j.reach.Unconfirmed(row) != "" {
			continue
		}
		c := j.compare(row, against)
		if len(c.diff) > 0 {
			v := mismatchFinding(row, against, c.diff)
			v.Unread = c.unread
			return v
		}
		if len(c.unread) > 0 {
			return unknown(row, strings.Join(c.unread, ", ")+" could not be read")
		}
		compared += c.compared
		if first == nil {
			first = row
		}
	}
	if compared == 0 {
		return notApplicable("the row and the thing have no attribute in common")
	}
	return pass(first)
}

type comparison struct {
	diff     []rules.Difference
	unread   []string
	compared int
}

func (c *comparison) text(attribute, recorded, actual string) {
	c.compared++
	if recorded != actual {
		c.diff = append(c.diff, rules.Difference{Attribute: attribute, Declared: recorded, Actual: actual})
	}
}

// compare holds what both sides name alike and know against each other.
func (j *judge) compare(row, against *inventory.Entry) comparison {
	var c comparison
	known, _ := j.Catalog.Type(against.Type)
	for a := range row.Attributes.All() {
		j.attribute(&c, known, row, against, a.Name)
	}
	if row.Account != against.Account && against.Account != "" && row.Account != "" && sameNaming(row, against) {
		c.text("account", row.Account, against.Account)
	}
	if recorded, actual := providerRegion(row.Region), against.Region; recorded != "" && actual != "" && !known.Global {
		c.text("region", zoneless(recorded, actual), actual)
	}
	slices.SortFunc(c.diff, func(a, b rules.Difference) int { return strings.Compare(a.Attribute, b.Attribute) })
	return c
}

// loosely is how a spreadsheet's values are compared: everything in it is text, written by hand.
const loosely = "json, bool, num, ci"

func (j *judge) attribute(c *comparison, known catalog.Row, row, against *inventory.Entry, name string) {
	recorded, ok := row.CurrentAttribute(name)
	if !ok || recorded == inventory.Null || recorded.String() == "" {
		return // an empty cell says nothing
	}
	a, _ := known.Attribute(name)
	if a.Ignore != "" || a.WriteOnly {
		return
	}
	actual, ok := against.CurrentAttribute(name)
	switch {
	case !ok && (slices.Contains(against.AttributesUnconfirmed, name) || slices.Contains(against.AttributesUnconfirmed, "*")),
		ok && !catalog.Comparable(recorded, actual):
		c.unread = append(c.unread, name)
		return
	case !ok:
		return
	}
	c.compared++
	a.Name, a.Comparator = name, strings.TrimPrefix(a.Comparator+", "+loosely, ", ")
	if !catalog.Equal(a, recorded, actual) {
		c.diff = append(c.diff, rules.Difference{
			Attribute: name, Declared: recorded.String(), Actual: actual.String(), ActualAbsent: actual == inventory.Null,
		})
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

func mismatchFinding(row, against *inventory.Entry, diff []rules.Difference) rules.Verdict {
	v := failure(row)
	v.Diff = diff
	var said []string
	for _, d := range diff {
		v.Parts = append(v.Parts, d.Attribute)
		said = append(said, fmt.Sprintf("%s is %s, recorded as %s", d.Attribute, cmp.Or(d.Actual, "empty"), d.Declared))
	}
	v.Message = strings.Join(said, "; ")
	v.Fix = "correct the row in " + row.Source + ", or " + title(against)
	v.Evidence = []rules.Evidence{rowEvidence(row), observedEvidence(against)}
	if against.Book == inventory.Declared {
		v.Evidence[1] = rules.Reading(against, "declared: %s in %s; nothing is observed of it", title(against), cmp.Or(against.Origin.File, against.Scope))
	}
	return v
}
