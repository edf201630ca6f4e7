package records

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/link"
	"github.com/muster-audit/muster/rules"
)

var duplicateMeta = rules.Meta{
	ID: "records/duplicate", Severity: rules.Medium, Title: "The register has one row of each thing",
	Help: "Two rows of one register describe one thing: one of them is wrong or will be soon. Merge them.",
}

// duplicate finds rows of one source that are one thing. Of two that share an identifier the later one is reported; of
// rows that share a key each is, since none is the first.
func (j *judge) duplicate(e *rules.Entity) rules.Verdict {
	if len(e.Recorded) == 0 {
		return rules.Verdict{}
	}
	for _, row := range e.Recorded {
		if row.Lifecycle == inventory.LifecycleRetired {
			continue
		}
		why := j.duplicateOf(e, row)
		if why == "" {
			continue
		}
		if unread := j.reach.Unconfirmed(row); unread != "" {
			return unknown(row, unread)
		}
		v := failure(row)
		v.Message = fmt.Sprintf("%s has another row of %s: %s", row.Source, title(row), why)
		v.Fix = "merge the rows in " + row.Source
		v.Evidence = []rules.Evidence{rowEvidence(row)}
		return v
	}
	return pass(e.Recorded[0])
}

// duplicateOf says by what a row is the second of its thing; "" if it is not.
func (j *judge) duplicateOf(e *rules.Entity, row *inventory.Entry) string {
	for _, other := range e.Recorded {
		if other.ID < row.ID && other.Source == row.Source && other.Type == row.Type && other.Lifecycle != inventory.LifecycleRetired {
			return fmt.Sprintf("%s is linked with the same thing", other.Key)
		}
	}
	if base, ok := sharedKey(row); ok {
		return fmt.Sprintf("the key %s comes more than once", base)
	}
	if j.Links == nil {
		return ""
	}
	for other, by := range j.Links.Twins(row.ID) {
		if other < row.ID {
			return "both have one " + string(by) + valueOf(row, by)
		}
	}
	return ""
}

// valueOf returns what a row holds of a kind, for a text.
func valueOf(row *inventory.Entry, by link.Rule) string {
	list := values(row, inventory.IdentifierKind(by))
	if len(list) != 1 {
		return ""
	}
	return ", " + shown(list[0])
}

// sharedKey returns the key that the register gives to several rows, if the row's is such a one. A serial number in the
// place of a key proves nothing: the nodes of a chassis share it.
func sharedKey(row *inventory.Entry) (string, bool) {
	base, ok := withoutMark(row.Key)
	if !ok || slices.Contains(row.Identifiers, inventory.Identifier{Kind: inventory.Serial, Value: base}) {
		return "", false
	}
	return base, true
}

// contentMark stands before the 8 hex digits that the register's collector appends to a key that several rows have: a
// hash of what the row holds tells them apart.
const contentMark = "#row-"

// withoutMark returns a key without its mark, if it has one.
func withoutMark(key string) (string, bool) {
	at := len(key) - len(contentMark) - 8
	if at < 1 || key[at:at+len(contentMark)] != contentMark {
		return "", false
	}
	_, err := strconv.ParseUint(key[at+len(contentMark):], 16, 32)
	return key[:at], err == nil
}
