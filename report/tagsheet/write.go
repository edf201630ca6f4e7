package tagsheet

import (
	"encoding/csv"
	"io"

	"github.com/muster-audit/muster/report/sheet"
)

// Writer writes a sheet row by row, so that a million assets take no memory.
type Writer struct {
	csv  *csv.Writer
	keys []string
	line []string
	rows int
}

// NewWriter writes the header of a sheet of the tags with these keys. bom puts a byte order mark first, which Excel needs to read UTF-8.
func NewWriter(w io.Writer, keys []string, bom bool) (*Writer, error) {
	if bom {
		if _, err := io.WriteString(w, "\ufeff"); err != nil {
			return nil, err
		}
	}
	out := &Writer{csv: csv.NewWriter(w), keys: keys}
	out.csv.UseCRLF = true
	columns := Columns(keys)
	for i, c := range columns {
		columns[i] = sheet.Harmless(c)
	}
	return out, out.csv.Write(columns)
}

// Row writes the row of an asset. cells are in the order of the keys.
func (w *Writer) Row(a *Asset, cells []Cell) error {
	w.line = append(w.line[:0], harmless(a.Key, a.Source, string(a.Book), string(a.Type), a.Name, a.Account, a.Region, a.Owner)...)
	shown := make([]string, len(cells))
	for i := range cells {
		c := &cells[i]
		shown[i] = c.shown()
		w.line = append(w.line, shown[i], sheet.Harmless(c.Suggested), sheet.Harmless(c.Confidence), sheet.Harmless(c.Why))
	}
	w.line = append(w.line, check(w.line[0], w.line[1], w.line[3], w.keys, shown))
	w.rows++
	return w.csv.Write(w.line)
}

// Close writes what is left. It does not close the file.
func (w *Writer) Close() error {
	w.csv.Flush()
	return w.csv.Error()
}

// Rows is how many rows were written.
func (w *Writer) Rows() int { return w.rows }

func harmless(texts ...string) []string {
	for i, t := range texts {
		texts[i] = sheet.Harmless(t)
	}
	return texts
}
