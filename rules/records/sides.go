package records

import (
	"slices"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
	"github.com/muster-audit/muster/rules"
)

// side is what one book holds of an entity: the assets that this scan confirms, and those that it does not.
type side struct {
	book                inventory.Book
	confirmed, doubtful []*inventory.Entry
}

func (j *judge) side(book inventory.Book, list []*inventory.Entry) side {
	s := side{book: book}
	for _, e := range list {
		if j.reach.Unconfirmed(e) == "" {
			s.confirmed = append(s.confirmed, e)
		} else {
			s.doubtful = append(s.doubtful, e)
		}
	}
	return s
}

// reading is what an asset says of an attribute.
type reading struct {
	entry *inventory.Entry
	name  string // by which the asset calls it
	value inventory.Value
}

// readings returns what a book knows of an attribute, and whether one of its assets would know but could not tell now.
func (j *judge) readings(s side, name string) (known []reading, unread bool) {
	for _, e := range s.confirmed {
		own, ok := j.naming.find(e, name)
		if !ok {
			unread = unread || slices.Contains(e.AttributesUnconfirmed, name) || slices.Contains(e.AttributesUnconfirmed, "*")
			continue
		}
		if v, ok := e.CurrentAttribute(own); ok {
			known = append(known, reading{e, own, v})
		} else {
			unread = true
		}
	}
	for _, e := range s.doubtful {
		if _, ok := j.naming.find(e, name); ok {
			unread = true
		}
	}
	return known, unread
}

func applied(list []*inventory.Entry) []*inventory.Entry {
	return slices.DeleteFunc(slices.Clone(list), func(d *inventory.Entry) bool {
		return d.Lifecycle == inventory.LifecyclePlanned || d.Lifecycle == inventory.LifecycleRetiring
	})
}

// opposite is what a row is held against: what is observed, or what is declared where nothing is or where the policy says
// that code is right.
type opposite struct {
	observed, declared side
	seen               bool // something is observed, confirmed or not
}

func (j *judge) opposite(e *rules.Entity) opposite {
	return opposite{
		observed: j.side(inventory.Observed, e.Observed), declared: j.side(inventory.Declared, applied(e.Declared)), seen: len(e.Observed) > 0,
	}
}

// main returns the book that a row is compared with unless the policy says otherwise.
func (o *opposite) main() side {
	if o.seen {
		return o.observed
	}
	return o.declared
}

// known is what the catalog knows of an asset's type.
func (j *judge) known(e *inventory.Entry) catalog.Row {
	row, _ := j.Catalog.Type(e.Type)
	return row
}
