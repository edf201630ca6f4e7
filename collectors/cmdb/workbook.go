package cmdb

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/files"
	"github.com/muster-audit/muster/inventory"
)

// Bounds of a workbook, in bytes, of the parts that the library holds in memory: of the styles, and of those that list other parts,
// which it compares with each other.
const (
	maxStyles    = 16 << 20
	maxIndexPart = 1 << 20
)

// workbook is a spreadsheet of Excel 2007 or later, of which the library reads what sheets there are and how their cells are shown.
// It gets a copy with no other parts, since it would hold them in memory, charts and pictures too.
type workbook struct {
	file    *tempFile // a copy, since what is in an archive cannot be read from any place
	parts   []*zip.File
	sheets  []sheet
	formats cellFormats
	texts   sharedTexts
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
	t, err := w.table(ctx, at, o)
	if err != nil {
		return nil, err
	}
	t.detail = wrote(raw, formatXLSX, charsetUTF8) + t.detail
	if err := t.rewind(); err != nil {
		t.Close()
		return nil, err
	}
	return t, nil
}

// Close removes the copy.
func (w *workbook) Close() error { return errors.Join(w.texts.Close(), w.file.Close()) }

func newWorkbook(ctx context.Context, r io.Reader, o *Options) (*workbook, error) {
	f, err := newTempFile("muster-xlsx-")
	if err != nil {
		return nil, err
	}
	w := &workbook{file: f}
	if err := w.open(ctx, r, o); err != nil {
		w.Close()
		return nil, err
	}
	return w, nil
}

func (w *workbook) open(ctx context.Context, r io.Reader, o *Options) error {
	size, err := io.Copy(w.file, stopping(ctx, r))
	if err != nil {
		return err
	}
	z, err := zip.NewReader(w.file, size)
	if err != nil {
		return damagedBook(err)
	}
	if w.parts, err = neededParts(z.File); err != nil {
		return err
	}
	if err := boundParts(w.parts, o.limits()); err != nil {
		return err
	}
	if err := w.index(ctx); err != nil {
		return err
	}
	return w.readTexts(ctx)
}

// stopping is a reader that stops when ctx does.
func stopping(ctx context.Context, r io.Reader) io.Reader {
	return readFunc(func(b []byte) (int, error) {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		return r.Read(b)
	})
}

// index reads what sheets there are, and how cells are shown.
func (w *workbook) index(ctx context.Context) error {
	var small bytes.Buffer
	out := zip.NewWriter(&small)
	for _, p := range w.parts {
		if mostOfPart(partName(p.Name)) > 0 {
			if err := out.Copy(p); err != nil {
				return damagedBook(err)
			}
		}
	}
	if err := out.Close(); err != nil {
		return damagedBook(err)
	}
	book, err := excelize.OpenReader(&small)
	if err != nil {
		return damagedBook(err)
	}
	defer book.Close()
	w.formats = newCellFormats(book)
	return w.list(ctx, book)
}

func damagedBook(err error) error {
	return fmt.Errorf("open the workbook: %w: the file is cut or damaged, check whether the export ran to its end", err)
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
	case "[content_types].xml", "_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml", textsPart:
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
	case strings.HasPrefix(path.Base(name), "sheet"), strings.HasPrefix(name, "xl/worksheets/"), name == textsPart:
		return 0
	case name == "xl/styles.xml":
		return maxStyles
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
func (w *workbook) list(ctx context.Context, book *excelize.File) error {
	rels, err := w.relationships(ctx)
	if err != nil {
		return err
	}
	for i, s := range book.WorkBook.Sheets.Sheet {
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

func (w *workbook) relationships(ctx context.Context) (relationships, error) {
	var rels relationships
	r, err := w.part(ctx, "xl/_rels/workbook.xml.rels")
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
func (w *workbook) part(ctx context.Context, name string) (io.ReadCloser, error) {
	i := slices.IndexFunc(w.parts, func(f *zip.File) bool { return partName(f.Name) == name })
	if i < 0 {
		return nil, damagedBook(fmt.Errorf("the part %q is not there", name))
	}
	r, err := w.parts[i].Open()
	if err != nil {
		return nil, damagedBook(err)
	}
	return struct {
		io.Reader
		io.Closer
	}{stopping(ctx, r), r}, nil
}

// textsPart holds the texts that the sheets share.
const textsPart = "xl/sharedstrings.xml"

func (w *workbook) readTexts(ctx context.Context) error {
	if !slices.ContainsFunc(w.parts, func(f *zip.File) bool { return partName(f.Name) == textsPart }) {
		return nil
	}
	r, err := w.part(ctx, textsPart)
	if err != nil {
		return err
	}
	defer r.Close()
	return w.texts.read(r)
}
