// Package csvreport encodes a report as a folder of CSV files, which a team opens in a spreadsheet or loads into
// whatever it has. What they hold is decided in package sheet; docs/reports.md documents the columns.
//
// The files follow RFC 4180 to the letter: commas, CRLF line ends, quotes doubled, one header line. They are UTF-8,
// with a byte order mark if asked for. Rows are written as they come, so that a million assets take no memory.
package csvreport

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"

	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/report/sheet"
)

// The names of the files.
const (
	AssetsFile      = "assets.csv"
	FindingsFile    = "findings.csv"
	DriftFile       = "drift.csv"
	TagCoverageFile = "tag-coverage.csv"
	ScopesFile      = "scopes.csv"
	IndexFile       = "index.csv" // of the groups of a divided report
)

// Options say how the files are written.
type Options struct {
	// BOM puts a byte order mark before each file: Excel needs it to read UTF-8, other programs may stumble over it.
	BOM bool
}

// Encoder writes the folder.
type Encoder struct{ options Options }

var _ report.FolderEncoder = (*Encoder)(nil)

// New returns an encoder.
func New(o Options) *Encoder { return &Encoder{options: o} }

// Format returns the id "csv"; it has no extension, since it is a folder.
func (*Encoder) Format() report.Format {
	return report.Format{ID: "csv", MediaType: "text/csv; charset=utf-8"}
}

// EncodeFolder writes one file for each table, as sheet.Tables orders them.
func (e *Encoder) EncodeFolder(create func(name string) (io.WriteCloser, error), r *report.Report) error {
	for _, t := range sheet.Tables(r) {
		name := t.ID + ".csv"
		if err := e.file(create, name, &t); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	return nil
}

func (e *Encoder) file(create func(string) (io.WriteCloser, error), name string, t *sheet.Table) (err error) {
	w, err := create(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, end(w, err)) }()
	b := bufio.NewWriter(w)
	if e.options.BOM {
		if _, err := b.WriteString("\ufeff"); err != nil {
			return err
		}
	}
	c := csv.NewWriter(b)
	c.UseCRLF = true
	if err := write(c, t); err != nil {
		return err
	}
	c.Flush()
	return errors.Join(c.Error(), b.Flush())
}

// end closes a file, or drops what is no whole file where that can be done.
func end(w io.WriteCloser, err error) error {
	if d, ok := w.(report.Dropper); ok && err != nil {
		return d.Drop()
	}
	return w.Close()
}

func write(c *csv.Writer, t *sheet.Table) error {
	line := make([]string, len(t.Columns))
	for i, column := range t.Columns {
		line[i] = sheet.Harmless(column.Name)
	}
	if err := c.Write(line); err != nil {
		return err
	}
	for row, err := range t.Rows {
		if err != nil {
			return err
		}
		for i, cell := range row {
			line[i] = cell.String()
		}
		if err := c.Write(line); err != nil {
			return err
		}
	}
	return nil
}
