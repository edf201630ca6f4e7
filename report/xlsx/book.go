package xlsxreport

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/muster-audit/muster/report"
)

// summaryTitle is the first sheet.
const summaryTitle = "Summary"

// book is a workbook that goes out part by part. The library keeps the sheets that it streams until the end and then writes
// them in random order, so each is taken out of it as soon as it is complete.
type book struct {
	file    *excelize.File
	archive *zip.Writer
	written map[string]bool // parts in the archive
	styles  styles
	limits  limits
}

func newBook(w io.Writer, r *report.Report, l limits) (*book, error) {
	b := &book{file: excelize.NewFile(), archive: zip.NewWriter(w), written: map[string]bool{}, limits: l}
	if err := errors.Join(b.file.SetSheetName(b.file.GetSheetName(0), summaryTitle), b.describe(r)); err != nil {
		return nil, errors.Join(err, b.file.Close())
	}
	var err error
	if b.styles, err = newStyles(b.file); err == nil {
		// Programs tell a workbook from any other archive by the names that come first.
		err = b.emit(func(name string) bool { return name == "_rels/.rels" || name == "docProps/core.xml" })
	}
	if err != nil {
		return nil, errors.Join(err, b.file.Close())
	}
	return b, nil
}

// describe says what the workbook is. The library would put in the times of its own template.
func (b *book) describe(r *report.Report) error {
	at := r.Scan.Finished
	if at.IsZero() {
		at = epoch()
	}
	made := at.UTC().Format(time.RFC3339)
	return errors.Join(
		b.file.SetDocProps(&excelize.DocProperties{Title: "muster report", Creator: "muster", Created: made, Modified: made}),
		b.file.SetAppProps(&excelize.AppProperties{Application: "muster"}),
	)
}

// epoch is the time of every entry of the archive: the first that its format knows.
func epoch() time.Time { return time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC) }

// emit writes those parts of the workbook to the archive that are wanted.
func (b *book) emit(wanted func(name string) bool) error {
	b.file.SetZipWriter(func(io.Writer) excelize.ZipWriter { return sieve{b, wanted} })
	if err := b.file.Write(io.Discard); err != nil {
		return fmt.Errorf("write workbook: %w", err)
	}
	return nil
}

// sheet writes a sheet that is complete, and frees what it took.
func (b *book) sheet(id int) error {
	name := fmt.Sprintf("xl/worksheets/sheet%d.xml", id)
	err := b.emit(func(n string) bool { return n == name })
	if err == nil && !b.written[name] {
		err = fmt.Errorf("write workbook: no part %s", name)
	}
	return errors.Join(err, b.file.Close()) // which drops the rows and their temporary file, and nothing else
}

// finish writes what is left and the directory of the archive.
func (b *book) finish() error {
	err := b.emit(func(name string) bool { return !b.written[name] && !strings.HasPrefix(name, "xl/worksheets/sheet") })
	return errors.Join(err, b.file.Close(), b.archive.Close())
}

// sieve is what the library writes the workbook to. It lets through what is wanted.
type sieve struct {
	book   *book
	wanted func(name string) bool
}

// Create returns where a part goes.
func (s sieve) Create(name string) (io.Writer, error) {
	if !s.wanted(name) {
		return io.Discard, nil
	}
	s.book.written[name] = true
	return s.book.archive.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: epoch()})
}

// AddFS is not used by the library.
func (sieve) AddFS(fs.FS) error { return errors.ErrUnsupported }

// Close leaves the archive open for the next part.
func (sieve) Close() error { return nil }
