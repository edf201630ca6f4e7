// Package sheet turns a report into the tables that people open in a spreadsheet. Each cell keeps its kind, so that a format
// that knows dates and numbers can write them as such, and one that knows only text writes the same for all; what the tables
// say is decided here once, and CSV and XLSX never disagree. docs/reports.md documents the columns: new ones are added at
// the end of the fixed ones, before the tags' own.
//
// Rows are made one at a time, so that a million assets take no memory.
package sheet

import (
	"iter"

	"github.com/muster-audit/muster/report"
)

// Column is the head of a column.
type Column struct {
	Name string
	Kind Kind // of its cells; each of them may be Blank
}

// Table is one table of a report.
type Table struct {
	ID      string // "tag-coverage": the name of a file without its ending
	Title   string // "Tag coverage"
	Columns []Column
	// Rows yields the rows. A row is valid until the next one is asked for.
	Rows iter.Seq2[[]Cell, error]
}

// Tables returns the tables of a report, in the order in which they are written best: the assets first, since the findings
// show tags of theirs. There is no table of assets when the report lists none: an empty one would claim that nothing exists.
// One group of a divided report has no tables about the estate as a whole; they stand with the index of the groups.
func Tables(r *report.Report) []Table {
	b := &book{report: r, keys: requiredTags(r)}
	if d := r.Division; d != nil && d.Group == nil {
		return []Table{b.groups(), b.tagCoverage(), b.scopes()}
	}
	var tables []Table
	if r.Assets != nil {
		tables = append(tables, b.assets())
	}
	tables = append(tables, b.findings(), b.drift())
	if r.Division == nil {
		tables = append(tables, b.tagCoverage(), b.scopes())
	}
	return tables
}

// book is a report while it is turned into tables.
type book struct {
	report *report.Report
	keys   []string // canonical keys of the tags that some rule requires, sorted
	// tags are the values of keys for the assets of findings; nil until all assets were seen.
	tags map[place][]string
}

// place names an asset, as a finding does.
type place struct{ source, key string }

// table makes a table whose rows come from a function that ends with an error, or when yield answers false.
func table(id, title string, columns []Column, rows func(yield func([]Cell) bool) error) Table {
	return Table{ID: id, Title: title, Columns: columns, Rows: func(yield func([]Cell, error) bool) {
		if err := rows(func(row []Cell) bool { return yield(row, nil) }); err != nil {
			yield(nil, err)
		}
	}}
}

// texts are columns of text.
func texts(names ...string) []Column { return columns(Text, names...) }

func columns(kind Kind, names ...string) []Column {
	out := make([]Column, len(names))
	for i, n := range names {
		out[i] = Column{Name: n, Kind: kind}
	}
	return out
}

// tagColumns are those of the required tags.
func (b *book) tagColumns() []Column {
	out := texts(b.keys...)
	for i := range out {
		out[i].Name = "tag." + out[i].Name
	}
	return out
}
