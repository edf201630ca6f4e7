package exec

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
)

// decode reads assets until the end of the lines. file is empty for a program's output.
func (c *collector) decode(ctx context.Context, l *lines, file string, out collectors.Sink) error {
	out = concealing{out, catalog.NewConcealer(c.env.Secret)}
	for {
		if l.number%256 == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		line, err := l.next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.Is(err, errTooLong):
			out.Skip(inventory.Problem{
				File: file, Line: l.number, Message: fmt.Sprintf("the line is longer than %s", c.options.MaxLine),
				Remedy: "raise max_line, or leave out large attributes",
			})
			continue
		case err != nil:
			return &collectors.Error{Reason: inventory.ReasonError, Err: fmt.Errorf("read line %d: %w", l.number, err)}
		case len(line) == 0:
			continue
		}
		read, err := c.line(line, l.number, file, out)
		switch {
		case err != nil:
			return err
		case !read && l.cut:
			return l.truncated()
		}
	}
}

// concealing hashes the secrets of assets before they leave this package.
type concealing struct {
	collectors.Sink
	secrets *catalog.Concealer
}

// Asset hands an asset over.
func (s concealing) Asset(a inventory.Asset) error {
	a.Attributes = s.secrets.Attributes(a.Attributes)
	return s.Sink.Asset(a)
}

// line hands over the asset of one line, or skips it; read is false if it was skipped.
func (c *collector) line(line []byte, number int, file string, out collectors.Sink) (read bool, err error) {
	a, err := inventory.DecodeAsset(line)
	if err == nil && a.Book != "" && a.Book != c.source.Book {
		err = fmt.Errorf("field \"book\": %q, yet the source's book is %q: give each book a source of its own", a.Book, c.source.Book)
	}
	if err != nil {
		p := inventory.Problem{File: file, Line: number, Key: a.Key, Message: err.Error(), Remedy: "see docs/exec.md for the format"}
		if e := (*inventory.DecodeError)(nil); errors.As(err, &e) {
			p.Column = e.Column
		}
		out.Skip(p)
		return false, nil
	}
	a.Book = c.source.Book
	if a.Origin == (inventory.Origin{}) && file != "" {
		a.Origin = inventory.Origin{File: file, Line: number}
	}
	return true, out.Asset(a)
}

var (
	errTooLong = errors.New("line too long")
	errCut     = errors.New("ends in the middle")
)

// lines reads lines in bounded memory: of one that is too long nothing is kept.
type lines struct {
	r      *bufio.Reader
	most   int
	number int  // 1-based, of the line that next returned
	cut    bool // that line is the last one and lacks its line end
	buf    []byte
}

func newLines(r *bufio.Reader, most int) *lines { return &lines{r: r, most: most} }

// truncated says that the last line was not written to its end. What stood behind it nobody knows, even where the line's
// own key could be read.
func (l *lines) truncated() error {
	return &collectors.Error{Reason: inventory.ReasonUntrusted, Err: fmt.Errorf("line %d, the last one, %w: fetch the whole of it again", l.number, errCut)}
}

// next returns the next line without its end and the white space around it, valid until the next call. A line that is too
// long is passed over and gives errTooLong; at the end there is io.EOF.
func (l *lines) next() ([]byte, error) {
	l.number++
	part, err := l.r.ReadSlice('\n')
	l.cut = errors.Is(err, io.EOF)
	if err == nil || errors.Is(err, io.EOF) {
		return l.whole(part, err)
	}
	l.buf = l.buf[:0]
	long := false
	for {
		if long = long || len(l.buf)+len(part) > l.most; !long {
			l.buf = append(l.buf, part...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			break
		}
		part, err = l.r.ReadSlice('\n')
	}
	l.cut = errors.Is(err, io.EOF)
	if err != nil && !l.cut {
		return nil, err
	}
	if long {
		return nil, errTooLong
	}
	return l.whole(l.buf, err)
}

// whole judges a line that is complete; err is nil or io.EOF.
func (l *lines) whole(line []byte, err error) ([]byte, error) {
	if len(line) == 0 && err != nil {
		return nil, io.EOF
	}
	line = trimSpace(line)
	if len(line) > l.most {
		return nil, errTooLong
	}
	return line, nil
}

// trimSpace drops the white space of JSON, and no other.
func trimSpace(b []byte) []byte {
	for len(b) > 0 && isSpace(b[0]) {
		b = b[1:]
	}
	for len(b) > 0 && isSpace(b[len(b)-1]) {
		b = b[:len(b)-1]
	}
	return b
}

func isSpace(b byte) bool { return b == ' ' || b == '\t' || b == '\r' || b == '\n' }
