package htmlreport

import (
	"fmt"
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/report"
)

// books is the picture of the three books: a line for each, on which a stretch stands for the things that are in the same books. Lengths are
// in proportion to numbers, which circles cannot be.
type books struct {
	Rows  []bookRow
	Tiers []bookTier
	Text  string // what it shows, for those who do not see it
}

// bookRow is the line of one book.
type bookRow struct {
	Name     inventory.Book
	Count    int // things in this book
	Segments []segment
}

// bookPart is a stretch of the picture that holds something.
type bookPart struct {
	Books []inventory.Book
	Count int
}

// bookTier sums up the parts of as many books.
type bookTier struct {
	Books int
	Name  string
	Count int
	Parts []bookPart
}

// segment is a stretch of a line in percent of its length, with sign.
type segment struct {
	X, Len string
	Books  int // how many books hold what it stands for
}

// bookOrder puts parts side by side so that observed and declared things are one stretch each, and recorded ones two at most.
func bookOrder() [][]inventory.Book {
	const o, r, d = inventory.Observed, inventory.Recorded, inventory.Declared
	return [][]inventory.Book{{o}, {o, r}, {o, r, d}, {o, d}, {d}, {r, d}, {r}}
}

func newBooks(s *report.Summary) books {
	var b books
	total := 0
	for _, o := range s.Overlap {
		total += o.Entities
	}
	for _, book := range inventory.Books() {
		row := bookRow{Name: book}
		before := 0
		for _, in := range bookOrder() {
			n := entitiesIn(s.Overlap, in)
			if n > 0 && slices.Contains(in, book) {
				row.Count += n
				row.Segments = append(row.Segments, segment{share(before, total), share(n, total), len(in)})
			}
			before += n
		}
		b.Rows = append(b.Rows, row)
	}
	b.tally(s)
	return b
}

// tally fills in the parts that hold something, and what they come to.
func (b *books) tally(s *report.Summary) {
	var said []string
	b.Tiers = []bookTier{{Books: 3, Name: "in all three"}, {Books: 2, Name: "in two"}, {Books: 1, Name: "in one"}}
	for _, in := range bookOrder() {
		n := entitiesIn(s.Overlap, in)
		t := &b.Tiers[len(b.Tiers)-len(in)]
		t.Count += n
		if n > 0 {
			t.Parts = append(t.Parts, bookPart{in, n})
			said = append(said, fmt.Sprintf("%s in %s", number(n), bookNames(in)))
		}
	}
	var lines []string
	for _, r := range b.Rows {
		lines = append(lines, fmt.Sprintf("%s %s", r.Name, number(r.Count)))
	}
	b.Text = "A line for each book: " + strings.Join(lines, ", ") + ". Of these " + strings.Join(said, "; ") + "."
}

// Name says which books a part is in.
func (p bookPart) Name() string {
	names := make([]string, len(p.Books))
	for i, b := range p.Books {
		names[i] = string(b)
	}
	return strings.Join(names, " + ")
}

// entitiesIn returns how many entities are in exactly these books.
func entitiesIn(overlap []report.Overlap, books []inventory.Book) int {
	for _, o := range overlap {
		if len(o.Books) == len(books) && !slices.ContainsFunc(books, func(b inventory.Book) bool { return !slices.Contains(o.Books, b) }) {
			return o.Entities
		}
	}
	return 0
}

func bookNames(books []inventory.Book) string {
	var names []string
	for _, b := range inventory.Books() {
		if slices.Contains(books, b) {
			names = append(names, string(b))
		}
	}
	if len(names) == len(inventory.Books()) {
		return "all three"
	}
	return strings.Join(names, " and ") + " alone"
}
