package cmdb

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// maxDepth bounds the parts of a column's dotted name; what is nested deeper is left out.
const maxDepth = 6

// node is a name that records have something under: the column of that name, and those of its parts.
type node struct {
	name   string // "site", "site.name"; empty for the record itself
	column int    // -1 as long as no record had a value there
	filled bool   // a record had one that is not empty
	parts  map[string]*node
	stamp  int // the record that text is of
	text   []byte
	// lines are the values of a list's elements, one a line.
	lines []byte
	count int
	list  int // that the lines are of
}

func newNode(name string) *node { return &node{name: name, column: -1} }

// part returns the part with a name, which it makes if there is none.
func (n *node) part(name []byte) *node {
	if p, ok := n.parts[string(name)]; ok {
		return p
	}
	full := string(name)
	if n.name != "" {
		full = n.name + "." + full
	}
	p := newNode(full)
	if n.parts == nil {
		n.parts = map[string]*node{}
	}
	n.parts[string(name)] = p
	return p
}

// group is the records of one list, with the columns that they have together.
type group struct {
	number  int
	name    string
	root    *node
	columns []*node
	touched []*node // that the current record has
	records int     // begun so far
	line    int     // of the current record
}

func newGroup(number int, name string) *group {
	return &group{number: number, name: name, root: newNode("")}
}

// begin begins a record.
func (g *group) begin(line int) {
	g.records++
	g.line = line
	g.touched = g.touched[:0]
}

// set gives the current record a value. Two under one name are an error.
func (g *group) set(n *node, text []byte) error {
	if n.stamp == g.records {
		return &rowError{line: g.line, message: fmt.Sprintf("the record has %q twice", n.name), remedy: "export it with one of the two"}
	}
	return g.add(n, text)
}

// add gives the current record a value, in a line of its own if there is one already.
func (g *group) add(n *node, text []byte) error {
	switch {
	case bytes.IndexByte(text, 0) >= 0:
		return &rowError{line: g.line, message: fmt.Sprintf("%q holds a zero byte", n.name), remedy: "take it out where the record comes from"}
	case n.stamp == g.records:
		n.text = append(append(n.text, '\n'), text...)
	default:
		n.stamp = g.records
		n.text = append(n.text[:0], text...)
		g.touched = append(g.touched, n)
	}
	n.filled = n.filled || len(text) > 0
	if n.column >= 0 {
		return nil
	}
	if len(g.columns) == maxColumns {
		return fmt.Errorf("the records have more than %d columns, %q is one too many: export those that are needed", maxColumns, n.name)
	}
	n.column = len(g.columns)
	g.columns = append(g.columns, n)
	return nil
}

// textSize is the room that a column keeps from record to record.
const textSize = 64 << 10

// end writes the current record.
func (g *group) end(s *spool) error {
	s.begin(g.number, g.line, g.records)
	for _, n := range g.touched {
		s.cell(n.column, n.text)
		if cap(n.text) > textSize {
			n.text = nil
		}
	}
	return s.end(g.number)
}

// table makes a table of the group's records. Its columns are sorted by name, so that a record more does not change their order.
// A column that is never filled and has parts is none.
func (g *group) table(s *spool, detail string, last ending) *spooled {
	t := &spooled{spool: s, group: g.number, place: "record", detail: detail, last: last, below: map[int][]int{}}
	shown := slices.Clone(g.columns)
	shown = slices.DeleteFunc(shown, func(n *node) bool { return !n.filled && n.hasColumns() })
	slices.SortFunc(shown, func(a, b *node) int { return strings.Compare(a.name, b.name) })
	t.columns = make([]int, len(g.columns))
	for i := range t.columns {
		t.columns[i] = -1
	}
	for i, n := range shown {
		t.columns[n.column] = i
		t.header = append(t.header, n.name)
	}
	for _, n := range g.columns {
		if list := n.below(t.columns, nil); len(list) > 0 {
			slices.Sort(list)
			t.below[n.column] = list
		}
	}
	return t
}

// hasColumns reports whether a part is a column.
func (n *node) hasColumns() bool {
	for _, p := range n.parts {
		if p.column >= 0 || p.hasColumns() {
			return true
		}
	}
	return false
}

// below lists the columns of a node's parts.
func (n *node) below(columns, list []int) []int {
	for _, p := range n.parts {
		if p.column >= 0 && columns[p.column] >= 0 {
			list = append(list, columns[p.column])
		}
		list = p.below(columns, list)
	}
	return list
}
