package records

import (
	"fmt"
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
	"github.com/muster-audit/muster/rules"
)

// Cell is what one asset says of a fact.
type Cell struct {
	State CellState `json:"state"`
	Value string    `json:"value,omitempty"` // as a person reads it; JSON text for lists and objects
	// Unconfirmed says that the value is that of an earlier scan, since the last one could not read it.
	Unconfirmed bool `json:"unconfirmed,omitempty"`
}

// CellState tells a value from the ways of having none.
type CellState string

// The states of a cell.
const (
	CellValue         CellState = "value"
	CellUnknown       CellState = "unknown"        // it could not be read
	CellNone          CellState = "none"           // it is known to be unset, empty or not there
	CellUnsaid        CellState = "unsaid"         // the book does not speak of it
	CellNotApplicable CellState = "not-applicable" // the provider has no such thing for this type
)

// Fact is a line of a comparison of assets that are one thing.
type Fact struct {
	Name    string `json:"fact"`
	Differs bool   `json:"differs"`
	Cells   []Cell `json:"cells"` // in the order of the assets
}

// SideBySide lists what assets of one entity say, and marks where they disagree as the rules would: in the spelling of a value
// alone nobody does. Facts of which no asset says anything are left out.
func SideBySide(c *catalog.Catalog, p *rules.Policy, entries []*inventory.Entry) []Fact {
	s := &sideBySide{judge: &judge{Inputs: Inputs{Catalog: c, Policy: p}, naming: newNaming()}, entries: entries}
	s.places()
	s.attributes()
	s.allTags()
	s.identifiers()
	s.origins()
	return s.facts
}

type sideBySide struct {
	*judge
	entries []*inventory.Entry
	facts   []Fact
}

// add adds a fact unless no asset speaks of it. differ compares two cells with a value that this scan confirms.
func (s *sideBySide) add(name string, of func(*inventory.Entry) Cell, differ func(a, b *inventory.Entry) bool) {
	f := Fact{Name: name}
	said := false
	for _, e := range s.entries {
		cell := of(e)
		said = said || cell.State != CellUnsaid
		f.Cells = append(f.Cells, cell)
	}
	if !said {
		return
	}
	for i, a := range s.entries {
		for _, b := range s.entries[i+1:] {
			f.Differs = f.Differs || differ != nil && differ(a, b)
		}
	}
	s.facts = append(s.facts, f)
}

// text is the cell of a text that is empty where a book does not say.
func text(value string) Cell {
	if value == "" {
		return Cell{State: CellUnsaid}
	}
	return Cell{State: CellValue, Value: value}
}

func (s *sideBySide) plain(name string, of func(*inventory.Entry) string, differ func(a, b *inventory.Entry) bool) {
	s.add(name, func(e *inventory.Entry) Cell { return text(of(e)) }, differ)
}

func (s *sideBySide) places() {
	s.plain("source", func(e *inventory.Entry) string { return e.Source + " / " + e.Scope }, nil)
	s.plain("key", func(e *inventory.Entry) string { return e.Key }, nil)
	s.plain("type", func(e *inventory.Entry) string { return string(e.Type) }, nil)
	s.plain("name", func(e *inventory.Entry) string { return e.Name }, func(a, b *inventory.Entry) bool {
		return a.Book != inventory.Declared && b.Book != inventory.Declared && namesDiffer(a, b)
	})
	s.plain("account", func(e *inventory.Entry) string { return e.Account }, func(a, b *inventory.Entry) bool {
		return a.Account != "" && b.Account != "" && a.Account != b.Account && sameNaming(a, b) && sameNaming(b, a)
	})
	s.plain("region", func(e *inventory.Entry) string { return e.Region }, func(a, b *inventory.Entry) bool {
		x, y := providerRegion(a.Region), providerRegion(b.Region)
		return x != "" && y != "" && zoneless(x, y) != y && zoneless(y, x) != x
	})
	s.plain("zone", func(e *inventory.Entry) string { return e.Zone }, func(a, b *inventory.Entry) bool {
		x, y := providerRegion(a.Zone), providerRegion(b.Zone)
		return x != "" && y != "" && zoneless(x, y) != y && zoneless(y, x) != x
	})
	s.add("life cycle", func(e *inventory.Entry) Cell {
		if strangeStage(e) != "" && e.Book == inventory.Recorded {
			return Cell{State: CellUnknown}
		}
		return text(string(e.Lifecycle))
	}, lifecyclesDiffer)
}

// namesDiffer reports whether two assets bear names of machines that cannot be one.
func namesDiffer(a, b *inventory.Entry) bool {
	for _, e := range []*inventory.Entry{a, b} {
		if !plainName.MatchString(e.Name) || isID(e, e.Name) {
			return false
		}
	}
	return !sameHost(a.Name, b.Name) && !isID(a, b.Name) && !isID(b, a.Name)
}

// lifecyclesDiffer reports whether two rows contradict each other, or a row what is observed.
func lifecyclesDiffer(a, b *inventory.Entry) bool {
	if a.Book != inventory.Recorded {
		a, b = b, a
	}
	x, y := phaseOf(a), phaseOf(b)
	switch {
	case a.Book != inventory.Recorded:
		return false
	case b.Book == inventory.Recorded:
		return x != phaseUnknown && y != phaseUnknown && x != y
	}
	return b.Book == inventory.Observed && (x == phaseRetired || x == phasePlanned) && y != phaseRetired
}

// attributes lists each attribute once, whatever the books call it.
func (s *sideBySide) attributes() {
	type line struct{ label, canonical string }
	var lines []line
	for _, e := range s.entries {
		for a := range e.Attributes.All() {
			canonical := s.naming.of(a.Name)
			if !slices.ContainsFunc(lines, func(l line) bool { return l.label == a.Name || canonical != "" && l.canonical == canonical }) {
				lines = append(lines, line{a.Name, canonical})
			}
		}
	}
	slices.SortFunc(lines, func(a, b line) int { return strings.Compare(a.label, b.label) })
	for _, l := range lines {
		label := l.label
		if slices.ContainsFunc(s.facts, func(f Fact) bool { return f.Name == label }) || label == "source" {
			label = "attribute " + label
		}
		s.add(label, func(e *inventory.Entry) Cell { return s.attributeCell(e, l.label) }, func(a, b *inventory.Entry) bool {
			return s.attributesDiffer(l.label, a, b)
		})
	}
}

func (s *sideBySide) attributeCell(e *inventory.Entry, label string) Cell {
	name, there := s.naming.find(e, label)
	switch {
	case !there && !e.Attributes.IsKnown() && e.Book != inventory.Recorded:
		return Cell{State: CellUnknown}
	case !there:
		return Cell{State: CellUnsaid}
	}
	v, read := e.Attributes.Get(name)
	_, current := e.CurrentAttribute(name)
	switch {
	case !read:
		return Cell{State: CellUnknown}
	case v == inventory.Null || v.String() == "":
		return Cell{State: CellNone, Unconfirmed: !current}
	}
	return Cell{State: CellValue, Value: v.String(), Unconfirmed: !current}
}

func (s *sideBySide) attributesDiffer(label string, a, b *inventory.Entry) bool {
	if ownBusiness(label) {
		return false
	}
	if b.Book == inventory.Recorded {
		a, b = b, a
	}
	nameA, _ := s.naming.find(a, label)
	nameB, _ := s.naming.find(b, label)
	x, readX := a.CurrentAttribute(nameA)
	y, readY := b.CurrentAttribute(nameB)
	if !readX || !readY || !catalog.Comparable(x, y) || b.Book == inventory.Recorded && blank(y) {
		return false // an empty cell of a register says nothing
	}
	if a.Book == inventory.Recorded {
		same, compared := s.sameReading(nameA, x, reading{b, nameB, y})
		return compared && !same && !blank(x)
	}
	attr, _ := s.known(b).Attribute(nameB)
	return !catalog.Equal(attr, x, y)
}

// allTags lists each tag once under its canonical key.
func (s *sideBySide) allTags() {
	var keys []string
	for _, e := range s.entries {
		for t := range e.Tags.All() {
			keys = append(keys, s.Policy.SpellingsOf(t.Key)[0])
		}
	}
	slices.Sort(keys)
	keys = slices.Compact(keys)
	if len(keys) == 0 {
		s.add("tags", func(e *inventory.Entry) Cell { return tagCell(e, nil) }, nil)
	}
	for _, key := range keys {
		spellings := s.Policy.SpellingsOf(key)
		s.add("tag "+key, func(e *inventory.Entry) Cell { return tagCell(e, spellings) }, func(a, b *inventory.Entry) bool {
			return s.tagsDiffer(spellings, a, b)
		})
	}
}

func tagCell(e *inventory.Entry, spellings []string) Cell {
	switch e.Tags.State() {
	case inventory.NotApplicable:
		return Cell{State: CellNotApplicable}
	case inventory.Unknown:
		return Cell{State: CellUnknown}
	}
	r := choose(e.Tags, spellings)
	switch {
	case !r.known:
		return Cell{State: CellUnknown}
	case r.absent && e.Book == inventory.Recorded: // no column of the register, or an empty cell
		return Cell{State: CellUnsaid}
	case r.absent:
		return Cell{State: CellNone, Unconfirmed: e.TagsUnconfirmed}
	}
	value := r.tag.Value
	if r.tag.Key != spellings[0] {
		value = fmt.Sprintf("%s (as %s)", value, r.tag.Key)
	}
	return Cell{State: CellValue, Value: value, Unconfirmed: e.TagsUnconfirmed || slices.Contains(e.TagValuesUnconfirmed, r.tag.Key)}
}

func (s *sideBySide) tagsDiffer(spellings []string, a, b *inventory.Entry) bool {
	if s.Catalog.ReservedTag(catalog.Provider(a.Type), spellings[0]) || s.Catalog.ReservedTag(catalog.Provider(b.Type), spellings[0]) {
		return false
	}
	for _, e := range []*inventory.Entry{a, b} {
		if e.CurrentTags().State() != inventory.Known {
			return false
		}
	}
	x, y := choose(a.CurrentTags(), spellings), choose(b.CurrentTags(), spellings)
	switch {
	case !x.known || !y.known, x.absent && a.Book == inventory.Recorded, y.absent && b.Book == inventory.Recorded:
		return false
	}
	return x.absent != y.absent || x.tag.Value != y.tag.Value
}

func (s *sideBySide) identifiers() {
	for _, kind := range inventory.IdentifierKinds() {
		s.plain(string(kind), func(e *inventory.Entry) string { return strings.Join(values(e, kind), " ") }, func(a, b *inventory.Entry) bool {
			return identifiersDiffer(kind, values(a, kind), values(b, kind))
		})
	}
}

// identifiersDiffer reports whether two lists of one kind have nothing in common. Of UUIDs, which have two byte orders, and global
// names only linking can tell.
func identifiersDiffer(kind inventory.IdentifierKind, a, b []string) bool {
	same := func(x, y string) bool { return fold(x) == fold(y) }
	switch kind {
	case inventory.UUID, inventory.ARN, inventory.SelfLink, inventory.ResourceID:
		return false
	case inventory.FQDN, inventory.Hostname:
		same = sameHost
		a, b = slices.DeleteFunc(a, providerHost), slices.DeleteFunc(b, providerHost)
	case inventory.PrivateIP, inventory.PublicIP:
		same = sameAddress
	}
	if len(a) == 0 || len(b) == 0 {
		return false
	}
	return !slices.ContainsFunc(a, func(x string) bool {
		return slices.ContainsFunc(b, func(y string) bool { return same(x, y) })
	})
}

func (s *sideBySide) origins() {
	s.plain("relations", func(e *inventory.Entry) string {
		list := make([]string, len(e.Relations))
		for i, r := range e.Relations {
			list[i] = string(r.Kind) + " " + r.Key
		}
		return strings.Join(list, ", ")
	}, nil)
	s.plain("found in", func(e *inventory.Entry) string {
		file := e.Origin.File
		if file != "" && e.Origin.Line > 0 {
			file = fmt.Sprintf("%s:%d", file, e.Origin.Line)
		}
		return strings.Join(strings.Fields(file+" "+e.Origin.Address+" "+e.Origin.Call), " ")
	}, nil)
	times := func(name string, of func(*inventory.Entry) string) { s.plain(name, of, nil) }
	times("created", func(e *inventory.Entry) string {
		if e.Created.IsZero() {
			return ""
		}
		return stamp(e.Created)
	})
	times("first seen", func(e *inventory.Entry) string { return stamp(e.FirstSeen) })
	times("last seen", func(e *inventory.Entry) string { return stamp(e.LastSeen) })
	times("known by", func(e *inventory.Entry) string {
		if e.Shallow {
			return "name and tags only (shallow): its type has no native lister"
		}
		return ""
	})
}
