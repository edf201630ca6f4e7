package cmdb

import "fmt"

// A spreadsheet that takes a column for numbers drops the zeros in front: 0012345 becomes 12345, which may be the number of another
// machine. Whether that happened is told from the whole column.

// Evidence that a column lost zeros.
const (
	zerosRows     = 20 // filled cells, at least
	zerosDigits   = 95 // percent of them that are nothing but digits
	zerosDominant = 70 // percent of these that have the usual width
	zerosWidth    = 4  // digits, at least, that are usual
	zerosShort    = 3  // digits, at most, that are missing
	maxWidth      = 24
)

// widths is what is known of the lengths of a column's cells.
type widths struct {
	field  field
	column int
	filled int
	digits int           // cells of nothing but digits
	by     [maxWidth]int // of these, by their number of digits
	zero   bool          // one begins with a zero: the column kept its zeros
	lost   lostZeros     // what settle found
}

// lostZeros says that a column lost zeros.
type lostZeros struct {
	width int // that is usual; 0 if no zeros are lost
	short int // cells that are shorter
}

// note counts a cell.
func (w *widths) note(cell []byte) {
	if placeholder(cell) || rounded(cell) {
		return
	}
	w.filled++
	if len(cell) >= maxWidth || !allDigits(cell) {
		return
	}
	w.digits++
	w.by[len(cell)]++
	w.zero = w.zero || cell[0] == '0'
}

func allDigits(b []byte) bool {
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(b) > 0
}

// settle finds out whether the column lost zeros: nearly all of its cells are digits, most of one width and none of a greater one,
// some are a little shorter, and none begins with a zero, as about one in ten would.
func (w *widths) settle() {
	if w.zero || w.filled < zerosRows || w.digits*100 < w.filled*zerosDigits {
		return
	}
	usual := 0
	for width, n := range w.by {
		if n > w.by[usual] {
			usual = width
		}
	}
	short, other := 0, 0
	for width, n := range w.by {
		switch {
		case width == usual:
		case width < usual && usual-width <= zerosShort:
			short += n
		default:
			other += n
		}
	}
	if usual < zerosWidth || short == 0 || other > 0 || w.by[usual]*100 < w.digits*zerosDominant {
		return
	}
	w.lost = lostZeros{usual, short}
}

// evidence says what was found of the column.
func (w *widths) evidence() string {
	return fmt.Sprintf("of %d values of the column %d are digits alone, %d of them %d long, %d shorter, and none has a zero in front",
		w.filled, w.digits, w.by[w.lost.width], w.lost.width, w.lost.short)
}

// watch lists the columns that may lose zeros.
func (k *keys) watch(l *layout) {
	k.watched = true
	for _, f := range []field{fieldSerial, fieldAssetTag} {
		if c := l.fields[f]; c >= 0 {
			k.widths = append(k.widths, widths{field: f, column: c})
		}
	}
}

// doubtful returns what is known of a field's column, if a cell of it may have lost zeros, or nil.
func (k *keys) doubtful(f field, cell string) *widths {
	if !k.lost {
		return nil
	}
	for i := range k.widths {
		if w := &k.widths[i]; w.field == f && w.lost.width > 0 && len(cell) < w.lost.width && allDigits([]byte(cell)) {
			return w
		}
	}
	return nil
}
