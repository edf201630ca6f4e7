package cmdb

import (
	"bufio"
	"fmt"
)

// spooled is a table whose rows are in a spool.
type spooled struct {
	spool  *spool
	group  int // of the rows that count
	header []string
	// columns says for each column of the spool which it is in the header, or -1.
	columns []int
	// below lists, for a column that is a whole, those that are its parts: if it is known to be empty, so are they.
	below  map[int][]int
	place  string // `sheet "Servers", row`, or "record"
	detail string
	blank  bool // a cell that a row does not have is empty, not unknown
	sums   bool // the last row may be a sum
	last   ending

	in     entryReader
	seen   int // entries of the group that were read
	row    row
	number int // of the row in its sheet or list
}

func (t *spooled) head() []string { return t.header }
func (t *spooled) current() *row  { return &t.row }
func (t *spooled) ending() ending { return t.last }
func (t *spooled) String() string { return t.detail }
func (t *spooled) Close() error   { return t.spool.Close() }
func (t *spooled) where() string  { return fmt.Sprintf("%s %d", t.place, t.number) }

// rewind goes to the first row.
func (t *spooled) rewind() error {
	if err := t.spool.rewind(); err != nil {
		return err
	}
	if t.in.r == nil {
		t.in.r = bufio.NewReaderSize(t.spool.file, textBuffer)
	} else {
		t.in.r.Reset(t.spool.file)
	}
	t.seen, t.last.footers, t.last.stopped = 0, 0, false
	return nil
}

func (t *spooled) next(int) error {
	for {
		e, err := t.in.next()
		if err != nil {
			return err
		}
		if e.group != t.group {
			continue
		}
		t.seen++
		t.row.line, t.number = e.line, e.number
		if e.kind == entryBad {
			return t.bad(&e)
		}
		t.fill(&e)
		if !t.footer() {
			return nil
		}
	}
}

func (t *spooled) bad(e *entry) error {
	t.row.cells = t.row.cells[:0]
	var texts [2]string
	for i := range texts {
		e.uvarint()
		text, _ := e.text()
		texts[i] = string(text)
	}
	return &rowError{line: e.line, message: texts[0], remedy: texts[1]}
}

// footer reports whether the row is the last one and no asset.
func (t *spooled) footer() bool {
	if !t.sums || t.seen < t.spool.entries[t.group] {
		return false
	}
	sum, stopped := t.row.footer(len(t.header))
	if sum {
		t.last.footers++
	}
	t.last.stopped = stopped
	return sum || stopped
}

// fill puts the cells of an entry where they are in the header.
func (t *spooled) fill(e *entry) {
	t.row.text, t.row.cells = e.rest, t.row.cells[:0]
	missing := absent()
	if t.blank {
		missing = span{}
	}
	for range t.header {
		t.row.cells = append(t.row.cells, missing)
	}
	size := len(e.rest)
	for len(e.rest) > 0 {
		column := e.uvarint()
		text, known := e.text()
		if column >= len(t.columns) {
			continue
		}
		at := absent()
		if known {
			to := size - len(e.rest)
			at = span{int32(to - len(text)), int32(to)}
		}
		if c := t.columns[column]; c >= 0 {
			t.row.cells[c] = at
		}
		if known && len(text) == 0 {
			t.clear(column)
		}
	}
}

// clear makes the parts of a whole empty that is known to be empty, but for those that the row has.
func (t *spooled) clear(column int) {
	for _, c := range t.below[column] {
		if t.row.cells[c].from < 0 {
			t.row.cells[c] = span{}
		}
	}
}
