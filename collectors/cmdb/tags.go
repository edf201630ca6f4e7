package cmdb

import (
	"fmt"
	"slices"
	"strings"

	"github.com/muster-audit/muster/collectors/cmdb/preset"
	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
)

// rowTags is what a row itself says of its tags.
type rowTags struct {
	list []inventory.Tag
	tags inventory.Tags // the same
	// unknown says why the tags cannot be read; empty if they can. Column is the cell's, or -1 if the file does not have it.
	unknown string
	column  int
}

// columnsOfTags lists the columns that the tags of a row hang on.
func (l *layout) columnsOfTags() []int {
	var list []int
	for _, t := range l.tags {
		list = append(list, t.column)
	}
	for _, c := range l.cells {
		list = append(list, c.Column)
	}
	for _, p := range l.pairs {
		list = append(list, p.Keys, p.Values)
	}
	return list
}

// tagsFor returns the row's tags: unknown if no column is a tag and no table holds them, or if one of these could not be read. An
// empty cell is a tag that is not there.
func (b *builder) tagsFor(r *row, key string) inventory.Tags {
	tables := b.file.tags
	if !b.tagged && tables == nil || tables.unreadable() || len(b.lacking) > 0 {
		return inventory.UnknownTags()
	}
	own := rowTags{}
	if b.tagged {
		own = b.tagsOf.get(b.joined(r, b.tagColumns, false), func() rowTags { return b.readTags(r) })
	}
	if own.unknown != "" {
		b.tellTags(r, key, own)
		return inventory.UnknownTags()
	}
	if tables == nil {
		return own.tags
	}
	id := tables.column(b.layout)
	if len(r.cell(id)) == 0 || failedCell(r.cell(id)) {
		return inventory.UnknownTags() // which of the tables' rows are the asset's nobody knows
	}
	list := tables.of(r.cell(id))
	for i := range list {
		list[i] = b.conceal(list[i])
	}
	return inventory.KnownTags(append(list, own.list...)...)
}

// tellTags reports a cell of tags that cannot be read. One that holds nothing to be read is nobody's fault.
func (b *builder) tellTags(r *row, key string, t rowTags) {
	if t.column < 0 {
		return
	}
	b.report(inventory.Problem{
		File: b.file.id, Line: r.line, Column: t.column + 1, Key: key,
		Message: fmt.Sprintf("column %d, %q: %s, so that the row's tags are unknown", t.column+1, b.header[t.column], t.unknown),
		Remedy:  "look at the cell, and export again",
	})
}

// readTags reads a row's cells of tags. A column of one tag comes last, since it wins over a list that holds the same key.
func (b *builder) readTags(r *row) rowTags {
	var list []inventory.Tag
	for _, c := range b.cells {
		if !r.known(c.Column) {
			if r.absent(c.Column) && b.hasPart(r, strings.ToLower(b.header[c.Column])) {
				continue
			}
			return unreadTags()
		}
		found, err := c.Parse(string(b.cell(r, c.Column)))
		if err != nil {
			return rowTags{unknown: err.Error(), column: c.Column}
		}
		list = append(list, found...)
	}
	for _, p := range b.pairs {
		if !r.known(p.Keys) || !r.known(p.Values) {
			return unreadTags()
		}
		found, err := preset.Pairs(string(b.cell(r, p.Keys)), string(rawLines(r, p.Values)))
		if err != nil {
			return rowTags{unknown: err.Error(), column: p.Keys}
		}
		list = append(list, found...)
	}
	for _, t := range b.tags {
		if !r.known(t.column) {
			if t.whole != "" && r.absent(t.column) && b.hasPart(r, t.whole) {
				continue
			}
			return unreadTags()
		}
		if cell := b.cell(r, t.column); len(cell) > 0 {
			list = append(list, inventory.Tag{Key: t.name, Value: string(cell)})
		}
	}
	for i := range list {
		list[i] = b.conceal(list[i])
	}
	return rowTags{list: slices.Clip(list), tags: inventory.KnownTags(list...)}
}

// hasPart reports whether a record has one of the parts of what holds all of its tags, so that it lacks none that it has.
func (l *layout) hasPart(r *row, whole string) bool {
	return slices.ContainsFunc(l.tags, func(t binding) bool { return t.whole == whole && !r.absent(t.column) })
}

// unreadTags are those of a row with a cell of tags that the file does not have, or that a spreadsheet could not work out: whether
// there is a tag nobody knows.
func unreadTags() rowTags { return rowTags{unknown: "a cell is not known", column: -1} }

// rawLines is a cell with its blank lines, each of which may be a value.
func rawLines(r *row, i int) []byte {
	if i < 0 || i >= len(r.cells) || r.cells[i].from < 0 {
		return nil
	}
	return r.text[r.cells[i].from:r.cells[i].to]
}

// conceal hashes the value of a tag whose key says that it is a secret.
func (b *builder) conceal(t inventory.Tag) inventory.Tag {
	if t.Value != "" && b.secrets.Secrecy(t.Key) == catalog.Secret {
		t.Value = b.file.secret.Hash(t.Value)
	}
	return t
}
