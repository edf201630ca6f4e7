package link

import (
	"strings"

	"github.com/muster-audit/muster/inventory"
)

// BookSet is a set of books. The zero value is empty.
type BookSet uint8

type bookBit = BookSet

const (
	observedBit bookBit = 1 << iota
	recordedBit
	declaredBit
	// copyBit stands beside the books in what is undecided: see Result.Copied.
	copyBit
)

const allBooks = observedBit | recordedBit | declaredBit

func bitOf(b inventory.Book) bookBit {
	switch b {
	case inventory.Observed:
		return observedBit
	case inventory.Recorded:
		return recordedBit
	case inventory.Declared:
		return declaredBit
	}
	return 0
}

// Has reports whether the book is in the set.
func (s BookSet) Has(b inventory.Book) bool { return s&bitOf(b) != 0 }

// String returns the names of the books, sorted and joined by "+": "declared+observed".
func (s BookSet) String() string {
	var names []string
	for _, b := range []inventory.Book{inventory.Declared, inventory.Observed, inventory.Recorded} {
		if s.Has(b) {
			names = append(names, string(b))
		}
	}
	return strings.Join(names, "+")
}
