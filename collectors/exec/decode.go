package exec

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/inventory"
)

// decode reads assets until the end of the lines. file is empty for a program's output.
func (c *collector) decode(ctx context.Context, l *lines, file string, out collectors.Sink) error {
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
		if err := c.line(line, l.number, file, out); err != nil {
			return err
		}
	}
}

// line hands over the asset of one line, or skips it.
func (c *collector) line(line []byte, number int, file string, out collectors.Sink) error {
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
		return nil
	}
	a.Book = c.source.Book
	if a.Origin == (inventory.Origin{}) && file != "" {
		a.Origin = inventory.Origin{File: file, Line: number}
	}
	return out.Asset(a)
}

var errTooLong = errors.New("line too long")

// lines reads lines in bounded memory: of one that is too long nothing is kept.
type lines struct {
	r      *bufio.Reader
	most   int
	number int // 1-based, of the line that next returned
	buf    []byte
}

func newLines(r *bufio.Reader, most int) *lines { return &lines{r: r, most: most} }

// next returns the next line without its end and the white space around it, valid until the next call. A line that is too
// long is passed over and gives errTooLong; at the end there is io.EOF.
func (l *lines) next() ([]byte, error) {
	l.number++
	part, err := l.r.ReadSlice('\n')
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
	if err != nil && !errors.Is(err, io.EOF) {
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
