package cmdb

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"
)

// maxMerges bounds the ranges of cells of a sheet that are merged.
const maxMerges = 100_000

type cell struct{ row, column int }

// cellRange is a range of cells, its ends included.
type cellRange struct{ from, to cell }

// parseRange reads a range such as "A1:C2", or one cell.
func parseRange(ref []byte) (cellRange, error) {
	first, second, _ := strings.Cut(string(ref), ":")
	var r cellRange
	var errs [2]error
	r.from.column, r.from.row, errs[0] = excelize.CellNameToCoordinates(first)
	r.to.column, r.to.row, errs[1] = excelize.CellNameToCoordinates(cmp.Or(second, first))
	if err := errors.Join(errs[:]...); err != nil || r.to.row < r.from.row || r.to.column < r.from.column {
		return r, damagedBook(fmt.Errorf("%q are no cells that can be merged", begin(ref)))
	}
	return r, nil
}

// mergeSweep goes through the rows of a sheet from top to bottom, with which cells are merged into others there.
type mergeSweep struct {
	changes []mergeChange // by row
	count   []int         // by column, 0-based: how many ranges cover the cell
	covers  int           // how many of these are not 0
	row     int
	widest  int // over how many columns cells are merged that begin in the row
}

// mergeChange is a row from which on more or fewer ranges cover the columns from one to another, 1-based and included.
type mergeChange struct {
	row, from, to, by int
	width             int // of the range that begins there
}

// newMergeSweep takes so many columns into account.
func newMergeSweep(merges []cellRange, columns int) *mergeSweep {
	m := &mergeSweep{count: make([]int, columns)}
	for _, r := range merges {
		from, to, width := r.from.column, min(r.to.column, columns), r.to.column-r.from.column+1
		// The first cell is what the others are merged into.
		m.changes = append(m.changes, mergeChange{r.from.row, from + 1, to, 1, width})
		if r.from.row == r.to.row {
			from++
		} else {
			m.changes = append(m.changes, mergeChange{r.from.row + 1, from, min(from, columns), 1, 0})
		}
		m.changes = append(m.changes, mergeChange{r.to.row + 1, from, to, -1, 0})
	}
	slices.SortFunc(m.changes, func(a, b mergeChange) int { return a.row - b.row })
	return m
}

// to goes on to a row, which must not be above the one before.
func (m *mergeSweep) to(row int) {
	if row != m.row {
		m.widest = 0
	}
	n := 0
	for ; n < len(m.changes) && m.changes[n].row <= row; n++ {
		c := m.changes[n]
		if c.row == row {
			m.widest = max(m.widest, c.width)
		}
		for column := c.from; column <= c.to; column++ {
			before := m.count[column-1]
			m.count[column-1] += c.by
			switch {
			case before == 0:
				m.covers++
			case m.count[column-1] == 0:
				m.covers--
			}
		}
	}
	m.row, m.changes = row, m.changes[n:]
}

// divides reports whether a row in which only one cell holds something is a title between the rows: one cell, merged over half of
// the columns or more.
func (m *mergeSweep) divides() bool { return m.widest > 1 && 2*m.widest >= len(m.count) }

// merge writes the rows of a spool again, into another. Those that are titles are left out, and cells that are merged into others
// are unknown. Rows in which only one cell holds something are listed in single.
func (m *mergeSweep) merge(from, to *spool, single []int32) error {
	if err := from.rewind(); err != nil {
		return err
	}
	in := entryReader{r: bufio.NewReaderSize(from.file, textBuffer)}
	for {
		e, err := in.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		m.to(e.number)
		if _, alone := slices.BinarySearch(single, int32(e.number)); alone && m.divides() {
			continue
		}
		to.head(e.kind, e.group, e.line, e.number)
		if e.kind == entryBad || m.covers == 0 {
			to.buf = append(to.buf, e.rest...)
		} else {
			m.cover(to, &e)
		}
		if err := to.end(e.group); err != nil {
			return err
		}
	}
}

// cover writes the cells of a row but for those that are merged into others. A formula that nobody worked out stays one.
func (m *mergeSweep) cover(to *spool, e *entry) {
	at, text := -1, []byte(nil)
	for column, n := range m.count {
		if at < column && len(e.rest) > 0 {
			at = e.uvarint()
			text, _ = e.text()
		}
		switch {
		case n > 0 && (at != column || string(text) != pendingText):
			to.unknown(column)
		case at == column:
			to.cell(column, text)
		}
	}
}
