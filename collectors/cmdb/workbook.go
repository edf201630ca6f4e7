package cmdb

import (
	"archive/zip"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/files"
	"github.com/muster-audit/muster/inventory"
)

// Bounds of a workbook, in bytes: of a part that is held in memory, and of one that the library can only read whole.
const (
	maxPartInMemory = 1 << 20
	maxWholePart    = 16 << 20
	maxIndexPart    = 1 << 20 // of the parts that list others, which the library compares with each other
)

// workbook is a spreadsheet of Excel 2007 or later. It is a copy, in a folder of its own, of the parts that matter: pictures and
// charts would be held in memory, and a file in an archive cannot be read from any place.
type workbook struct {
	dir    string
	parts  *zip.ReadCloser
	book   *excelize.File
	sheets []sheet
	texts  []uint32 // lengths of those that sheets share
}

// sheet is one of a workbook.
type sheet struct {
	name   string
	number int // 1-based
	part   string
	hidden bool
}

// openWorkbook reads a sheet of a workbook.
func openWorkbook(ctx context.Context, raw *files.Raw, o *Options) (table, error) {
	w, err := newWorkbook(ctx, raw, o)
	if err != nil {
		return nil, err
	}
	defer w.Close()
	at, err := w.pick(ctx, o)
	if err != nil {
		return nil, err
	}
	s, err := newSpool(o)
	if err != nil {
		return nil, err
	}
	t, err := w.table(ctx, at, s)
	if err == nil {
		t.detail = wrote(raw, formatXLSX, charsetUTF8) + t.detail
		err = t.rewind()
	}
	if err != nil {
		s.Close()
		return nil, err
	}
	return t, nil
}

// Close removes the copy.
func (w *workbook) Close() {
	if w.book != nil {
		w.book.Close()
	}
	if w.parts != nil {
		w.parts.Close()
	}
	os.RemoveAll(w.dir)
}

func newWorkbook(ctx context.Context, raw *files.Raw, o *Options) (*workbook, error) {
	dir, err := os.MkdirTemp("", "muster-xlsx-")
	if err != nil {
		return nil, fmt.Errorf("make a temporary folder: %w: TMPDIR names where", err)
	}
	w := &workbook{dir: dir}
	if err := w.open(ctx, raw, o); err != nil {
		w.Close()
		return nil, err
	}
	return w, nil
}

func (w *workbook) open(ctx context.Context, raw *files.Raw, o *Options) error {
	whole, book := filepath.Join(w.dir, "whole"), filepath.Join(w.dir, "book.xlsx")
	in := readFunc(func(b []byte) (int, error) {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		return raw.Read(b)
	})
	if err := spill(in, whole); err != nil {
		return err
	}
	if err := reduce(whole, book, o.limits()); err != nil {
		return err
	}
	var err error
	if w.parts, err = zip.OpenReader(book); err != nil {
		return damagedBook(err)
	}
	if w.texts, err = w.sharedTexts(ctx); err != nil {
		return err
	}
	w.book, err = excelize.OpenFile(book, excelize.Options{
		UnzipSizeLimit: int64(max(o.MaxUnpacked, maxPartInMemory)), UnzipXMLSizeLimit: maxPartInMemory, TmpDir: w.dir,
	})
	if err != nil {
		return damagedBook(err)
	}
	plainFormats(w.book)
	return w.list()
}

func damagedBook(err error) error {
	return fmt.Errorf("open the workbook: %w: the file is cut or damaged, check whether the export ran to its end", err)
}

// spill copies a stream to a file.
func spill(r io.Reader, name string) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("make a temporary file: %w", err)
	}
	_, err = io.Copy(f, r)
	return errors.Join(err, f.Close())
}

// reduce copies the parts of a workbook that matter, still packed, if they unpack to no more than the limits allow.
func reduce(whole, book string, limits files.Limits) error {
	z, err := zip.OpenReader(whole)
	if err != nil {
		return damagedBook(err)
	}
	defer z.Close()
	parts, err := neededParts(z.File)
	if err != nil {
		return err
	}
	if err := boundParts(parts, limits); err != nil {
		return err
	}
	f, err := os.OpenFile(book, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("make a temporary file: %w", err)
	}
	out := zip.NewWriter(f)
	for _, p := range parts {
		err = errors.Join(err, out.Copy(p))
	}
	if err := errors.Join(err, out.Close(), f.Close()); err != nil {
		return damagedBook(err)
	}
	return nil
}

// neededParts lists the parts with texts, numbers and how these are shown.
func neededParts(all []*zip.File) ([]*zip.File, error) {
	var parts []*zip.File
	seen := map[string]bool{}
	for _, f := range all {
		name := partName(f.Name)
		switch {
		case f.Flags&1 != 0:
			return nil, errors.New("the workbook is encrypted: save it without a password")
		case name == "xl/workbook.bin":
			return nil, errors.New("the workbook is binary (.xlsb): save it as .xlsx or CSV")
		case name == "content.xml":
			return nil, errors.New("the file is a spreadsheet of OpenDocument (.ods): save it as .xlsx or CSV")
		case !needed(name):
			continue
		case seen[name]:
			return nil, fmt.Errorf("the workbook has two parts %q: save it again", name)
		}
		seen[name] = true
		parts = append(parts, f)
	}
	if !seen["xl/workbook.xml"] {
		return nil, errors.New("the file is a zip archive and no workbook: name it *.zip if it holds exports, or save a workbook as .xlsx")
	}
	return parts, nil
}

func partName(name string) string {
	return strings.TrimPrefix(strings.ToLower(strings.ReplaceAll(name, "\\", "/")), "/")
}

func needed(name string) bool {
	switch name {
	case "[content_types].xml", "_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml", "xl/sharedstrings.xml":
		return true
	}
	return path.Ext(name) == ".xml" && (strings.HasPrefix(name, "xl/worksheets/") || path.Dir(name) == "xl" && strings.HasPrefix(path.Base(name), "sheet"))
}

// boundParts is an error if parts unpack to more than they may.
func boundParts(parts []*zip.File, limits files.Limits) error {
	total, packed := int64(0), int64(0)
	for _, p := range parts {
		size := p.UncompressedSize64
		if size > uint64(limits.Bytes) {
			return tooBig(limits)
		}
		total, packed = total+int64(size), packed+int64(min(p.CompressedSize64, 1<<40))
		if most := mostOfPart(partName(p.Name)); most > 0 && size > most {
			return fmt.Errorf("the part %q of the workbook is larger than %d MiB: save it again with Excel or LibreOffice, or as CSV", p.Name, most>>20)
		}
	}
	if total > limits.Most(packed) {
		return tooBig(limits)
	}
	return nil
}

// mostOfPart is how many bytes a part may have; 0 if it is not held in memory.
func mostOfPart(name string) uint64 {
	switch {
	case strings.HasPrefix(name, "xl/worksheets/sheet"), name == "xl/sharedstrings.xml":
		return 0
	case strings.HasPrefix(name, "xl/worksheets/"), name == "xl/styles.xml":
		return maxWholePart
	}
	return maxIndexPart
}

func tooBig(limits files.Limits) error {
	return &collectors.Error{Reason: inventory.ReasonUntrusted, Err: fmt.Errorf(
		"the workbook unpacks to more than %s or %d times its size: if it is no bomb, raise max_unpacked or max_ratio", collectors.Size(limits.Bytes), limits.Ratio)}
}

// relationships are the parts that a workbook refers to.
type relationships struct {
	List []struct {
		ID     string `xml:"Id,attr"`
		Type   string `xml:"Type,attr"`
		Target string `xml:"Target,attr"`
	} `xml:"Relationship"`
}

// list lists the sheets with rows of cells.
func (w *workbook) list() error {
	rels, err := w.relationships()
	if err != nil {
		return err
	}
	for i, s := range w.book.WorkBook.Sheets.Sheet {
		for _, r := range rels.List {
			if r.ID == s.ID && strings.HasSuffix(r.Type, "/worksheet") {
				w.sheets = append(w.sheets, sheet{
					name: s.Name, number: i + 1, part: partTarget(r.Target), hidden: s.State != "" && s.State != "visible",
				})
			}
		}
	}
	if len(w.sheets) == 0 {
		return errors.New("the workbook has no sheet: check whether the export ran to its end")
	}
	return nil
}

func partTarget(target string) string {
	name := strings.ReplaceAll(target, "\\", "/")
	if !strings.HasPrefix(name, "/") {
		name = path.Join("xl", name)
	}
	return partName(path.Clean(name))
}

func (w *workbook) relationships() (relationships, error) {
	var rels relationships
	r, err := w.part("xl/_rels/workbook.xml.rels")
	if err != nil {
		return rels, err
	}
	defer r.Close()
	if err := xml.NewDecoder(r).Decode(&rels); err != nil {
		return rels, damagedBook(err)
	}
	return rels, nil
}

// part opens a part of the workbook.
func (w *workbook) part(name string) (io.ReadCloser, error) {
	i := slices.IndexFunc(w.parts.File, func(f *zip.File) bool { return partName(f.Name) == name })
	if i < 0 {
		return nil, damagedBook(fmt.Errorf("the part %q is not there", name))
	}
	r, err := w.parts.File[i].Open()
	if err != nil {
		return nil, damagedBook(err)
	}
	return r, nil
}

// hasPart reports whether the workbook has a part.
func (w *workbook) hasPart(name string) bool {
	return slices.ContainsFunc(w.parts.File, func(f *zip.File) bool { return partName(f.Name) == name })
}
