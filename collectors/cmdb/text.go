package cmdb

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/muster-audit/muster/collectors/files"
)

// text is a file's text in UTF-8, with lines that end with LF or CRLF.
type text struct {
	*bufio.Reader
	raw     *files.Raw
	charset charset
	valid   bool // all of it is known to be valid UTF-8
	cr      bool // the lines of the file end with CR alone
	shape
}

// textBuffer is the size of a text's buffer, which bounds how much is looked at to find the header.
const textBuffer = 256 << 10

// readFunc is an io.Reader.
type readFunc func([]byte) (int, error)

func (f readFunc) Read(b []byte) (int, error) { return f(b) }

// openText finds out how a file is written.
func openText(ctx context.Context, raw *files.Raw, o *Options) (*text, error) {
	c, valid, err := detectCharset(readFunc(func(b []byte) (int, error) {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		return raw.Read(b)
	}), o.charset())
	if err != nil {
		return nil, err
	}
	t := &text{raw: raw, charset: c, valid: valid || c.codec() != nil}
	if err := t.rewind(); err != nil {
		return nil, err
	}
	sample, whole, err := t.sample()
	if err != nil {
		return nil, err
	}
	if endsWithCR(sample) {
		t.cr = true
		sample = bytes.ReplaceAll(sample, []byte("\r"), []byte("\n"))
	}
	if t.shape, err = findShape(sample, whole, o); err != nil {
		return nil, err
	}
	return t, t.rewind()
}

// rewind goes back to the first character.
func (t *text) rewind() error {
	if err := t.raw.Rewind(); err != nil {
		return err
	}
	var r io.Reader = t.raw
	if codec := t.charset.codec(); codec != nil {
		r = codec.NewDecoder().Reader(r)
	}
	if t.cr {
		r = lineEnds{r}
	}
	if t.Reader == nil {
		t.Reader = bufio.NewReaderSize(r, textBuffer)
	} else {
		t.Reset(r)
	}
	if mark, _ := t.Peek(3); string(mark) == "\ufeff" { // a shorter text has none, and an error comes again
		_, err := t.Discard(len(mark))
		return err
	}
	return nil
}

// sample is the beginning of the text, and whether it is all of it.
func (t *text) sample() (sample []byte, whole bool, err error) {
	sample, err = t.Peek(textBuffer)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, false, err
	}
	return sample, err != nil, nil
}

// replaced reports whether characters that the file's charset does not have become U+FFFD.
func (t *text) replaced() bool { return t.charset != charsetUTF8 && t.charset != charsetRoman }

// String says how the file is written.
func (t *text) String() string {
	var parts []string
	if t.raw.Packed != "" {
		parts = append(parts, t.raw.Packed)
	}
	parts = append(parts, string(t.charset), delimiterName(t.delimiter), fmt.Sprintf("header in line %d", t.line))
	if t.cr {
		parts = append(parts, "lines end with CR")
	}
	return strings.Join(parts, ", ")
}

// endsWithCR reports whether lines end with CR alone: there are such, and outside of quotes no others.
func endsWithCR(sample []byte) bool {
	quoted, found := false, false
	for i, c := range sample {
		switch {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '\n':
			return false
		case c == '\r' && i+1 < len(sample) && sample[i+1] != '\n':
			found = true
		}
	}
	return found
}

// lineEnds turns CR into LF.
type lineEnds struct{ r io.Reader }

func (l lineEnds) Read(b []byte) (int, error) {
	n, err := l.r.Read(b)
	for i := range n {
		if b[i] == '\r' {
			b[i] = '\n'
		}
	}
	return n, err
}
