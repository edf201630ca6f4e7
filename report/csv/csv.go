// Package csvreport encodes a report as a folder of CSV files, which a team opens in a spreadsheet or loads into
// whatever it has. docs/reports.md documents the columns; new ones are added at the end of the fixed ones, before the
// tags' own.
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
)

// The names of the files.
const (
	AssetsFile      = "assets.csv"
	FindingsFile    = "findings.csv"
	DriftFile       = "drift.csv"
	TagCoverageFile = "tag-coverage.csv"
	ScopesFile      = "scopes.csv"
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

// EncodeFolder writes the five files in the order of the constants. There is no assets.csv when the report lists no
// assets: an empty one would claim that nothing exists.
func (e *Encoder) EncodeFolder(create func(name string) (io.WriteCloser, error), r *report.Report) error {
	for _, f := range []struct {
		name  string
		write func(*sheet, *report.Report) error
	}{
		{AssetsFile, writeAssets},
		{FindingsFile, writeFindings},
		{DriftFile, writeDrift},
		{TagCoverageFile, writeTagCoverage},
		{ScopesFile, writeScopes},
	} {
		if f.name == AssetsFile && r.Assets == nil {
			continue
		}
		if err := e.file(create, f.name, func(s *sheet) error { return f.write(s, r) }); err != nil {
			return fmt.Errorf("write %s: %w", f.name, err)
		}
	}
	return nil
}

func (e *Encoder) file(create func(string) (io.WriteCloser, error), name string, write func(*sheet) error) (err error) {
	w, err := create(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	b := bufio.NewWriter(w)
	if e.options.BOM {
		if _, err := b.WriteString("\ufeff"); err != nil {
			return err
		}
	}
	s := &sheet{csv: csv.NewWriter(b)}
	s.csv.UseCRLF = true
	if err := write(s); err != nil {
		return err
	}
	s.csv.Flush()
	return errors.Join(s.csv.Error(), b.Flush())
}

// sheet is one file. Its rows are made harmless on their way out.
type sheet struct {
	csv *csv.Writer
	row []string
}

// write writes one row. It reuses its buffer, so the caller's cells are not kept.
func (s *sheet) write(cells ...string) error {
	s.row = s.row[:0]
	for _, c := range cells {
		s.row = append(s.row, harmless(c))
	}
	return s.csv.Write(s.row)
}
