package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/muster-audit/muster/cmd/muster/internal/present"
	"github.com/muster-audit/muster/cmd/muster/internal/wire"
	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/sqlite"
	"github.com/muster-audit/muster/rules/owner"
	"github.com/muster-audit/muster/rules/records"
)

func newAssetsShow(g *globals) *cobra.Command {
	var format, asOf, source string
	cmd := &cobra.Command{
		Use: "show NAME|KEY", Short: "Show an asset and its counterparts in the other books, side by side",
		Long: `Show an asset, named by key, name, identifier or declared address, and the assets of the
other books that are the same thing, a column each. Lines on which they disagree are
marked with ≠; how a value is spelt makes no difference. A name that several things bear
is refused with the list of them.`,
		Example: `  muster assets show arn:aws:sqs:eu-west-1:111122223333:orders
  muster assets show web-1 --source register
  muster assets show web-1 --format json`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return g.read(cmd.Context(), func(ctx context.Context, a *wire.App, s *sqlite.Store) error {
				at, err := scanNamed(ctx, s, asOf)
				if err != nil {
					return err
				}
				list, err := a.Entities(ctx, s, at, args[0], source)
				if err != nil {
					return err
				}
				if len(list) > 1 {
					return ambiguous(args[0], list)
				}
				whose := func() (owner.Explanation, error) { return a.OwnerOf(ctx, s, at, list[0]) }
				return showEntity(g, a, present.Format(format), list[0], whose)
			})
		},
	}
	listFormat(cmd, &format)
	cmd.Flags().StringVar(&asOf, "as-of", "", "scan number or time")
	cmd.Flags().StringVar(&source, "source", "", "the source that calls it so, where several things bear the name")
	return cmd
}

// mostCandidates is how many things an error lists.
const mostCandidates = 20

// ambiguous lists the things that a name may mean.
func ambiguous(ref string, list []wire.Entity) error {
	lines := []string{fmt.Sprintf("%q names %d things: name one by its key, or add --source", ref, len(list))}
	for i, e := range list {
		if i == mostCandidates {
			lines = append(lines, fmt.Sprintf("… and %d more", len(list)-i))
			break
		}
		for _, n := range e.Named {
			lines = append(lines, fmt.Sprintf("%-8s  %s  %s  (source %s)", n.Book, n.Type, n.Key, n.Source))
		}
	}
	return fmt.Errorf("%s", strings.Join(lines, "\n"))
}

// showEntity prints a thing: as columns for people, as facts and assets in JSON, and as assets alone in the formats of lists.
func showEntity(g *globals, a *wire.App, f present.Format, e wire.Entity, whose func() (owner.Explanation, error)) error {
	if f == present.CSV || f == present.NDJSON {
		return printAssets(g, f, each(e.Entries))
	}
	facts, err := a.SideBySide(e)
	if err != nil {
		return err
	}
	x, err := whose()
	if err != nil {
		return err
	}
	switch f {
	case present.Table:
		width := g.sys.Terminal(g.sys.Stdout())
		if err := printFacts(g.sys.Stdout(), width, e.Entries, facts); err != nil {
			return err
		}
		(&ledgerPrinter{w: g.sys.Stdout(), width: width}).owner(x)
		return nil
	case present.JSON:
		return factsJSON(g.sys.Stdout(), entityDocument{Assets: e.Entries, Facts: facts, Owner: told(&x)})
	}
	return f.Unknown()
}

// entityDocument is a thing in JSON. The cells of a fact are in the order of the assets.
type entityDocument struct {
	Assets []*inventory.Entry `json:"assets"`
	Facts  []records.Fact     `json:"facts"`
	Owner  *owner.Explanation `json:"owner"` // null for facets of something that no book holds
}

func factsJSON(w io.Writer, d entityDocument) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(d)
}

// differs marks a line on which books disagree; it needs no colour.
const differs = "≠"

// printFacts prints a column for each asset, in the order of the books, and one for each book that holds none; or, where that would be too
// wide, the facts below one another. width is that of the terminal, 0 for none.
func printFacts(w io.Writer, width int, entries []*inventory.Entry, facts []records.Fact) error {
	header, columns := bookColumns(entries)
	header = append([]string{""}, header...)
	rows := make([][]string, len(facts))
	for i, f := range facts {
		rows[i] = factRow(i, f, columns)
	}
	if !fits(header, rows, width) {
		return printStacked(w, entries, facts)
	}
	out, err := present.NewWriter(w, present.Table, "facts", append([]string{""}, header...))
	if err != nil {
		return err
	}
	for _, row := range rows {
		if err := out.Row(row, nil); err != nil {
			return err
		}
	}
	if err := out.Close(); err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "\n%s the books disagree   (unknown) could not be read   (none) known not to be there   - the book does not say\n", differs)
	return err
}

// factRow is a line of the table: the first tells which books have no entry.
func factRow(line int, f records.Fact, columns []int) []string {
	row := []string{map[bool]string{true: differs}[f.Differs], f.Name}
	for _, c := range columns {
		switch {
		case c >= 0:
			row = append(row, cellText(f.Cells[c]))
		case line == 0:
			row = append(row, "(no entry)")
		default:
			row = append(row, "")
		}
	}
	return row
}

// bookColumns returns the header, and of each column the number of its asset, or -1 for a book without one.
func bookColumns(entries []*inventory.Entry) (header []string, columns []int) {
	for _, book := range inventory.Books() {
		if !slices.ContainsFunc(entries, func(e *inventory.Entry) bool { return e.Book == book }) {
			header, columns = append(header, string(book)), append(columns, -1)
			continue
		}
		for i, e := range entries {
			if e.Book == book {
				header, columns = append(header, string(book)), append(columns, i)
			}
		}
	}
	return header, columns
}

// cellText prints a cell so that what is not known never looks empty.
func cellText(c records.Cell) string {
	text := c.Value
	switch c.State {
	case records.CellUnknown:
		return "(unknown)"
	case records.CellUnsaid:
		return "-"
	case records.CellNotApplicable:
		return "(not taggable)"
	case records.CellNone:
		text = "(none)"
	}
	if c.Unconfirmed {
		text += " (unconfirmed)"
	}
	return text
}

func each(entries []*inventory.Entry) iter.Seq2[*inventory.Entry, error] {
	return func(yield func(*inventory.Entry, error) bool) {
		for _, e := range entries {
			if !yield(e, nil) {
				return
			}
		}
	}
}
