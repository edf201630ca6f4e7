package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/muster-audit/muster/cmd/muster/internal/present"
	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules/records"
)

// roomy is how wide a table of facts may be where no terminal tells.
const roomy = 100

// fits reports whether a table of facts, with a column for each asset, can be read in a width; 0 is no terminal.
func fits(header []string, rows [][]string, width int) bool {
	if width == 0 {
		width = roomy
	}
	const gap, mark = 2, 3
	total := mark
	for c := 1; c < len(header)+1; c++ {
		widest := utf8.RuneCountInString(header[c-1])
		for _, row := range rows {
			widest = max(widest, utf8.RuneCountInString(row[c]))
		}
		total += widest + gap
	}
	return total <= width
}

// stacker writes facts below one another: the assets have numbers, and of each fact every value has a line with the numbers of those that
// say so. That is how many assets fit a narrow terminal.
type stacker struct {
	w       io.Writer
	entries []*inventory.Entry
	label   int // width of the names of facts
	numbers int // width of the numbers of assets
}

func printStacked(w io.Writer, entries []*inventory.Entry, facts []records.Fact) error {
	s := &stacker{w: w, entries: entries}
	var b strings.Builder
	s.w = &b
	s.assets()
	facts = slices.DeleteFunc(slices.Clone(facts), func(f records.Fact) bool { return f.Name == "source" || f.Name == "key" })
	for _, f := range facts {
		s.label = max(s.label, utf8.RuneCountInString(f.Name))
		for _, v := range s.values(f) {
			s.numbers = max(s.numbers, len(v.who))
		}
	}
	for _, f := range facts {
		s.fact(f)
	}
	fmt.Fprintf(&b, "\n%s the books disagree   (unknown) could not be read   (none) known not to be there\n", differs)
	_, err := io.WriteString(w, b.String())
	return err
}

// assets lists the assets with their numbers, and the books without one.
func (s *stacker) assets() {
	for _, book := range inventory.Books() {
		if !slices.ContainsFunc(s.entries, func(e *inventory.Entry) bool { return e.Book == book }) {
			fmt.Fprintf(s.w, "    %-9s (no entry)\n", book)
			continue
		}
		for i, e := range s.entries {
			if e.Book == book {
				fmt.Fprintf(s.w, "[%d] %-9s %s\n              %s\n", i+1, e.Book, present.Clean(e.Source+" / "+e.Scope), present.Clean(e.Key))
			}
		}
	}
	fmt.Fprintln(s.w)
}

// stacked is a value with the numbers of the assets that say so.
type stacked struct{ text, who string }

// values groups the cells of a fact by what they say, in the order of the assets. What a book does not speak of is left out.
func (s *stacker) values(f records.Fact) []stacked {
	var list []stacked
	for i, c := range f.Cells {
		if c.State == records.CellUnsaid {
			continue
		}
		text, number := present.Clean(cellText(c)), fmt.Sprint(i+1)
		if at := slices.IndexFunc(list, func(v stacked) bool { return v.text == text }); at >= 0 {
			list[at].who += " " + number
			continue
		}
		list = append(list, stacked{text, number})
	}
	return list
}

func (s *stacker) fact(f records.Fact) {
	mark, name := map[bool]string{true: differs, false: " "}[f.Differs], f.Name
	for _, v := range s.values(f) {
		fmt.Fprintf(s.w, "%s  %-*s  %-*s  %s\n", mark, s.label, present.Clean(name), s.numbers, v.who, present.Clip(v.text))
		mark, name = " ", ""
	}
}
