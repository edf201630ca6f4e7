// Package present prints lists for people and for programs: the same rows as an aligned table, as CSV or as JSON.
//
// What is printed comes from strangers (tags, names, file contents), so tables are stripped of control characters and
// CSV cells that a spreadsheet would take for a formula are made harmless.
package present

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"
)

// Format is how a list is printed.
type Format string

// The formats of lists.
const (
	Table  Format = "table"
	CSV    Format = "csv"
	JSON   Format = "json"
	NDJSON Format = "ndjson"
)

// Formats lists the formats.
func Formats() []string { return []string{string(Table), string(CSV), string(JSON), string(NDJSON)} }

// Unknown says that there is no such format, and which ones there are.
func (f Format) Unknown() error {
	return fmt.Errorf("--format %q: use one of %s", string(f), strings.Join(Formats(), ", "))
}

// Writer prints rows as they come. Close ends the list.
type Writer interface {
	// Row prints one row: cells for table and CSV, object for JSON and NDJSON.
	Row(cells []string, object any) error
	Close() error
}

// NewWriter returns a writer of a format. header names the columns of table and CSV; name is the key of the list in JSON.
func NewWriter(w io.Writer, f Format, name string, header []string) (Writer, error) {
	switch f {
	case Table:
		return newTable(w, name, header), nil
	case CSV:
		c := &csvWriter{w: csv.NewWriter(w)}
		if len(header) == 0 {
			return c, nil
		}
		return c, c.w.Write(header)
	case JSON:
		return &jsonWriter{w: w, name: name}, nil
	case NDJSON:
		return &ndjsonWriter{w: w}, nil
	}
	return nil, f.Unknown()
}

// Clean strips control characters and the marks that turn the direction of text from what a terminal will show.
func Clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || r == '\r' {
			return ' '
		}
		return visible(r)
	}, s)
}

// visible returns a character, or -1 for one that steers a terminal instead of being shown.
func visible(r rune) rune {
	if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == unicode.ReplacementChar {
		return -1
	}
	return r
}

// Cell makes a CSV cell harmless: for spreadsheets, which take a leading =, +, -, @, tab or return for a formula, and for
// the terminal that may show it.
func Cell(s string) string {
	s = strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || r == '\r' {
			return r
		}
		return visible(r)
	}, s)
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

type tableWriter struct {
	w     io.Writer
	name  string
	table *tablewriter.Table
	rows  int
}

func newTable(w io.Writer, name string, header []string) *tableWriter {
	gap := tw.CellPadding{Global: tw.Padding{Left: tw.Empty, Right: "  ", Overwrite: true}}
	t := tablewriter.NewTable(w,
		tablewriter.WithRenderer(renderer.NewBlueprint(tw.Rendition{
			Borders: tw.BorderNone,
			Settings: tw.Settings{
				Separators: tw.Separators{BetweenColumns: tw.Off, BetweenRows: tw.Off, ShowHeader: tw.Off},
				Lines:      tw.Lines{ShowHeaderLine: tw.Off},
			},
		})),
		tablewriter.WithConfig(tablewriter.Config{
			Header: tw.CellConfig{Alignment: tw.CellAlignment{Global: tw.AlignLeft}, Formatting: tw.CellFormatting{AutoFormat: tw.Off}, Padding: gap},
			Row:    tw.CellConfig{Alignment: tw.CellAlignment{Global: tw.AlignLeft}, Formatting: tw.CellFormatting{AutoWrap: tw.WrapNone}, Padding: gap},
		}),
	)
	upper := make([]string, len(header))
	for i, h := range header {
		upper[i] = strings.ToUpper(h)
	}
	t.Header(upper)
	return &tableWriter{w: w, name: name, table: t}
}

func (t *tableWriter) Row(cells []string, _ any) error {
	t.rows++
	clean := make([]string, len(cells))
	for i, c := range cells {
		clean[i] = Clip(Clean(c))
	}
	return t.table.Append(clean)
}

// widest is how many characters a cell of a table may have: one policy document must not push the other columns away.
const widest = 120

// Clip shortens a text for a table; the other formats hold it whole.
func Clip(s string) string {
	if utf8.RuneCountInString(s) <= widest {
		return s
	}
	return string([]rune(s)[:widest-1]) + "…"
}

func (t *tableWriter) Close() error {
	if t.rows == 0 {
		_, err := fmt.Fprintf(t.w, "no %s\n", t.name)
		return err
	}
	return t.table.Render()
}

type csvWriter struct{ w *csv.Writer }

func (c *csvWriter) Row(cells []string, _ any) error {
	safe := make([]string, len(cells))
	for i, s := range cells {
		safe[i] = Cell(s)
	}
	return c.w.Write(safe)
}

func (c *csvWriter) Close() error {
	c.w.Flush()
	return c.w.Error()
}

type jsonWriter struct {
	w    io.Writer
	name string
	rows int
}

func (j *jsonWriter) Row(_ []string, object any) error {
	start := ",\n  "
	if j.rows == 0 {
		start = fmt.Sprintf("{%q: [\n  ", j.name)
	}
	j.rows++
	text, err := encode(object)
	if err != nil {
		return err
	}
	_, err = io.WriteString(j.w, start+text)
	return err
}

func (j *jsonWriter) Close() error {
	end := "\n]}\n"
	if j.rows == 0 {
		end = fmt.Sprintf("{%q: []}\n", j.name)
	}
	_, err := io.WriteString(j.w, end)
	return err
}

type ndjsonWriter struct{ w io.Writer }

func (n *ndjsonWriter) Row(_ []string, object any) error {
	text, err := encode(object)
	if err != nil {
		return err
	}
	_, err = io.WriteString(n.w, text+"\n")
	return err
}

func (n *ndjsonWriter) Close() error { return nil }

func encode(object any) (string, error) {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(object); err != nil {
		return "", fmt.Errorf("encode row: %w", err)
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}
