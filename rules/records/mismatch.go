package records

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
)

var mismatchMeta = rules.Meta{
	ID: "records/mismatch", Severity: rules.Medium, Title: "The register says what is so",
	Help: "A row and the thing itself, or its declaration, disagree. Correct the book that the policy does not trust in it: records.authority says which.",
}

// mismatch compares each row in use with what is observed, or with what is declared where nothing is.
func (j *judge) mismatch(e *rules.Entity) rules.Verdict {
	row := inUse(e.Recorded)
	if row == nil {
		return rules.Verdict{}
	}
	o := j.opposite(e)
	main := o.main()
	if len(main.confirmed)+len(main.doubtful) == 0 {
		return notApplicable("nothing is linked with it that it could be compared with")
	}
	if len(main.confirmed) == 0 {
		return unknown(row, j.reach.Unconfirmed(main.doubtful[0]))
	}
	return j.compareRows(e.Recorded, o)
}

// compareRows fails the first row that differs, with what differs in the others, whatever of another could not be read.
func (j *judge) compareRows(rows []*inventory.Entry, o opposite) rules.Verdict {
	compared := 0
	var first, doubtful, unconfirmed *inventory.Entry
	var unread []string
	var differ []comparison
	for _, row := range rows {
		if inUse([]*inventory.Entry{row}) == nil {
			continue
		}
		c := j.compare(row, o)
		if why := j.reach.Unconfirmed(row); why != "" {
			if len(c.diff) > 0 && len(differ) == 0 { // what stands of it speaks for the others too
				return unknown(row, why)
			}
			unconfirmed = cmp.Or(unconfirmed, row)
			continue
		}
		if len(c.diff) > 0 {
			differ = append(differ, c)
		}
		if len(c.unread) > 0 && doubtful == nil {
			doubtful, unread = row, c.unread
		}
		compared += c.compared
		if first == nil {
			first = row
		}
	}
	switch {
	case len(differ) > 0:
		return mismatches(differ)
	case unconfirmed != nil:
		return unknown(unconfirmed, j.reach.Unconfirmed(unconfirmed))
	case doubtful != nil:
		return unknown(doubtful, strings.Join(unread, ", ")+" could not be read")
	case compared == 0:
		return notApplicable("the row and the thing have no attribute in common")
	}
	return pass(first)
}

// mismatches makes one finding of all rows of a thing that differ. It speaks of the first.
func mismatches(differ []comparison) rules.Verdict {
	v := failure(differ[0].row)
	v.Unread = differ[0].unread
	var said, todo []string
	for i := range differ {
		c := &differ[i]
		message, fix := c.told()
		if i > 0 {
			message = "row " + title(c.row) + " in " + c.row.Source + ": " + message
		}
		said, todo = append(said, message), append(todo, fix)
		v.Evidence = append(v.Evidence, c.readings()...)
		for _, d := range c.diff {
			if !slices.Contains(v.Parts, d.Attribute) {
				v.Diff = append(v.Diff, d.Difference)
				v.Parts = append(v.Parts, d.Attribute)
			}
		}
	}
	v.Message, v.Fix = strings.Join(said, "; "), strings.Join(todo, "; ")
	return v
}

// readings tells where the row was read, and what it was held against.
func (c *comparison) readings() []rules.Evidence {
	list := []rules.Evidence{rowEvidence(c.row)}
	told := map[*inventory.Entry]bool{}
	for _, d := range c.diff {
		if !told[d.against] {
			told[d.against] = true
			list = append(list, c.evidence(d.against))
		}
	}
	return list
}

// told says in which the row differs and which book is wrong, and what to do.
func (c *comparison) told() (message, fix string) {
	var said, todo []string
	for _, wrong := range []inventory.Book{inventory.Recorded, inventory.Observed, inventory.Declared, ""} {
		if of := c.about(wrong); len(of) > 0 {
			said = append(said, c.sentence(of)+": "+blame(wrong))
			todo = append(todo, c.remedy(wrong, of))
		}
	}
	return strings.Join(said, "; "), strings.Join(todo, "; ")
}

// about returns the differences in which one book is wrong.
func (c *comparison) about(wrong inventory.Book) []disagreement {
	var list []disagreement
	for _, d := range c.diff {
		if d.wrong == wrong {
			list = append(list, d)
		}
	}
	return list
}

func (c *comparison) sentence(list []disagreement) string {
	said := make([]string, len(list))
	for i, d := range list {
		is, recorded := "is "+shown(d.Actual), "recorded as "+shown(d.Declared)
		if d.ActualAbsent {
			is = "is not there"
		}
		if d.against.Book == inventory.Declared {
			is = strings.Replace(is, "is ", "is declared as ", 1)
			if d.ActualAbsent {
				is = "is not declared"
			}
		}
		if d.DeclaredAbsent {
			recorded = "not recorded"
		}
		said[i] = fmt.Sprintf("%s %s, %s", d.Attribute, is, recorded)
	}
	return strings.Join(said, "; ")
}

// blame says in the message which book is to be corrected.
func blame(wrong inventory.Book) string {
	switch wrong {
	case inventory.Recorded:
		return "the register is to be corrected"
	case inventory.Observed:
		return "the register is the authority, the thing is to be changed"
	case inventory.Declared:
		return "the register is the authority, the code is to be corrected"
	}
	return "nothing tells which of the two is right"
}

// remedy says what to do where one book is wrong.
func (c *comparison) remedy(wrong inventory.Book, list []disagreement) string {
	row, other := "row "+title(c.row)+" in "+c.row.Source, list[0].against
	names := make([]string, len(list))
	for i, d := range list {
		names[i] = d.Attribute
	}
	what := strings.Join(names, ", ")
	switch wrong {
	case inventory.Recorded:
		return "correct " + what + " of the " + row
	case inventory.Observed, inventory.Declared:
		return fmt.Sprintf("change %s of %s as the %s says%s", what, place(other), row, c.declaration(wrong))
	}
	return fmt.Sprintf("find out who is right about %s: correct the %s, or %s", what, row, place(other))
}

// declaration says where code has to be changed as well, so that its next run does not undo a change.
func (c *comparison) declaration(wrong inventory.Book) string {
	if wrong != inventory.Observed {
		return ""
	}
	for _, d := range c.opposite.declared.confirmed {
		if !selective(d) { // a list of hosts does not make them
			return ", by its declaration " + place(d)
		}
	}
	return ""
}

// place names an asset where a person finds it.
func place(e *inventory.Entry) string {
	if e.Book == inventory.Declared {
		return title(e) + " in " + cmp.Or(e.Origin.File, e.Scope)
	}
	return e.Key
}

func (c *comparison) evidence(e *inventory.Entry) rules.Evidence {
	switch {
	case e.Book != inventory.Declared:
		return observedEvidence(e)
	case c.opposite.seen:
		return rules.Reading(e, "declared: %s", place(e))
	}
	return rules.Reading(e, "declared: %s; nothing is observed of it", place(e))
}
