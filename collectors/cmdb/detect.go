package cmdb

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/muster-audit/muster/collectors/files"
)

// beginSize is how much of a file is looked at to tell its format.
const beginSize = 64 << 10

// detectFormat finds out what a file is, by how it begins and never by its name, and goes back to its beginning.
func detectFormat(raw *files.Raw, o *Options) (format, error) {
	head, err := readHead(raw, beginSize)
	if err != nil {
		return "", err
	}
	want := format(o.Format)
	if want == "" {
		want = automatic
	}
	found, err := packedFormat(head)
	switch {
	case err != nil:
		return "", err
	case found == formatXLSX && (want == automatic || want == found):
		return found, nil
	case found == formatXLSX || want == formatXLSX:
		return "", mismatch(want, found)
	}
	begin := beginning(head, o)
	if want != automatic {
		if bytes.HasPrefix(begin, []byte("<")) {
			err = webPage(begin)
		}
		return want, err
	}
	return textFormat(begin)
}

func mismatch(want, found format) error {
	if found == formatXLSX {
		return fmt.Errorf("format is %s, but the file is a workbook: set format: auto", want)
	}
	return errors.New("format is xlsx, but the file is no workbook: set format: auto, or save it as .xlsx")
}

// readHead reads up to n bytes and goes back.
func readHead(raw *files.Raw, n int) ([]byte, error) {
	head := make([]byte, n)
	got, err := io.ReadFull(raw, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, err
	}
	return head[:got], raw.Rewind()
}

// packedFormat knows files that are no text.
func packedFormat(head []byte) (format, error) {
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		return formatXLSX, nil
	case bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
		if bytes.Contains(head, []byte(spaced("EncryptedPackage"))) {
			return "", errors.New("the workbook is protected by a password, and muster takes none: save it without one")
		}
		return "", errors.New("the file is a workbook of Excel 97 to 2003 (.xls), or one that is protected by a password: save it as .xlsx or CSV, without a password")
	case bytes.HasPrefix(head, []byte("version https://git-lfs.github.com/spec/")):
		return "", errors.New("the file is a pointer of Git LFS to what it stands for: fetch that with git lfs pull")
	case bytes.HasPrefix(head, []byte("/annex/objects/")):
		return "", errors.New("the file is a pointer of git-annex to what it stands for: fetch that with git annex get")
	case bytes.HasPrefix(head, []byte("%PDF-")):
		return "", errors.New("the file is a PDF: export the register as CSV, XLSX, JSON or XML")
	}
	return "", nil
}

// spaced writes ASCII as UTF-16LE.
func spaced(s string) string { return strings.Join(strings.Split(s, ""), "\x00") + "\x00" }

// beginning is the begin of a text in UTF-8, without a byte order mark and the blanks that come first.
func beginning(head []byte, o *Options) []byte {
	if c := plainCharset(head, o); c.codec() != nil {
		if b, err := c.codec().NewDecoder().Bytes(head[:len(head)&^1]); err == nil {
			head = b
		}
	}
	return bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\ufeff")), " \t\r\n")
}

// plainCharset is how a text is written that says so itself, by a mark or zero bytes, or whose encoding is configured; else
// UTF-8, as JSON is and XML that says nothing else.
func plainCharset(head []byte, o *Options) charset {
	if c, err := marked(head, o.charset()); c != "" && err == nil {
		return c
	}
	if c, err := wide(head[:min(len(head), headSize)], o.charset()); c != "" && err == nil {
		return c
	}
	if c := o.charset(); c != charsetAuto && c != charsetUTF16 {
		return c
	}
	return charsetUTF8
}

// textFormat tells delimited text, JSON and XML apart.
func textFormat(begin []byte) (format, error) {
	if len(begin) == 0 {
		return formatCSV, nil
	}
	next := bytes.TrimLeft(begin[1:], " \t\r\n")
	second := byte(0)
	if len(next) > 0 {
		second = next[0]
	}
	switch {
	case begin[0] == '{' && (second == '"' || second == '}'):
		return severalLines(begin)
	case begin[0] == '[' && (second == '{' || second == ']' || second == '"'):
		return formatJSON, nil
	case begin[0] == '<' && (second == '?' || second == '!' || second|0x20 >= 'a' && second|0x20 <= 'z' || second == '_'):
		return formatXML, webPage(begin)
	}
	return formatCSV, nil
}

// webPage is an error if a text is HTML, as a log-in page is, or what some programs call an Excel export.
func webPage(begin []byte) error {
	start := bytes.ToLower(begin[:min(len(begin), 1<<10)])
	for _, mark := range []string{"<!doctype html", "<html", "<table", "<head", "<body"} {
		if bytes.Contains(start, []byte(mark)) {
			return errors.New("the file is a web page: check whether it is the log-in page of what exports it, or export CSV, XLSX, JSON or XML in its place")
		}
	}
	return nil
}

// severalLines tells a text of one JSON object a line from other JSON.
func severalLines(begin []byte) (format, error) {
	line, rest, _ := bytes.Cut(begin, []byte("\n"))
	rest = bytes.TrimLeft(rest, " \t\r\n")
	if len(rest) == 0 || rest[0] != '{' {
		return formatJSON, nil
	}
	var first map[string]json.RawMessage
	if json.Unmarshal(line, &first) != nil {
		return formatJSON, nil
	}
	for _, name := range listNames() {
		if v := bytes.TrimLeft(first[name], "[ \t\r\n"); len(first[name]) > 0 && first[name][0] == '[' && len(v) > 0 && v[0] == '{' {
			return "", fmt.Errorf("there is a JSON object in each line, and each may be an asset, or a list of them in %q: "+
				"set format: ndjson for the former, format: json for the latter", name)
		}
	}
	return formatNDJSON, nil
}

// decoded is a file's text in UTF-8, which stops when ctx does.
func decoded(ctx context.Context, raw *files.Raw, o *Options) (io.Reader, charset, error) {
	head, err := readHead(raw, headSize)
	if err != nil {
		return nil, "", err
	}
	if _, err := marked(head, o.charset()); err != nil {
		return nil, "", err
	}
	var r io.Reader = readFunc(func(b []byte) (int, error) {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		return raw.Read(b)
	})
	c := plainCharset(head, o)
	if codec := c.codec(); codec != nil {
		r = codec.NewDecoder().Reader(r)
	}
	b := bufio.NewReaderSize(r, 64<<10)
	if mark, _ := b.Peek(3); string(mark) == "\ufeff" { // an error comes again
		_, err = b.Discard(len(mark))
	}
	return b, c, err
}
