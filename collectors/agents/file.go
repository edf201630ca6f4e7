package agents

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/files"
	"github.com/muster-audit/muster/inventory"
)

// File is one file of an export.
type File struct {
	ID      string    // its path, relative to the config file
	ModTime time.Time // UTC
	// InFolder says that its scope is a folder, of which it is one file.
	InFolder bool
	*bufio.Reader
	dir string
}

// Base is the file's name without its folder.
func (f *File) Base() string { return path.Base(f.ID) }

// line is the line of a byte, 1-based; 0 if the file cannot be read again.
func (f *File) line(offset int64) int {
	r, err := files.Open(f.dir, inventory.Scope{ID: f.ID})
	if err != nil {
		return 0
	}
	defer r.Close()
	line, buf := 1, make([]byte, 64<<10)
	for in := io.LimitReader(r, offset); ; {
		n, err := in.Read(buf)
		line += bytes.Count(buf[:n], []byte{'\n'})
		if err != nil {
			return line
		}
	}
}

// damaged says that the file ends too early or is no JSON from a byte on. What is behind that nobody knows.
func (f *File) damaged(offset int64, err error) error {
	why := err.Error()
	var syntax *jsontext.SyntacticError
	if errors.As(err, &syntax) {
		offset, why = syntax.ByteOffset, syntax.Err.Error()
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		why = "the file ends in the middle of a record"
	}
	return f.Untrusted("line %d: %s: export it again", f.line(offset), why)
}

// Untrusted is the error of a file that is not all of its export.
func (f *File) Untrusted(format string, args ...any) error {
	return &collectors.Error{Reason: inventory.ReasonUntrusted, Err: fmt.Errorf("read %q: %s", f.ID, fmt.Sprintf(format, args...))}
}

// MaxRecord bounds, in bytes, one record or value that must be held as a whole. What agents report of one machine is a hundredth.
const MaxRecord = 32 << 20

// bounded is a reader that ends with an error once its decoder holds more than MaxRecord bytes.
type bounded struct {
	r    io.Reader
	d    *jsontext.Decoder
	read int64
}

func newDecoder(r io.Reader) *jsontext.Decoder {
	b := &bounded{r: r}
	b.d = jsontext.NewDecoder(b, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	return b.d
}

func (b *bounded) Read(p []byte) (int, error) {
	room := MaxRecord - (b.read - b.d.InputOffset())
	if room <= 0 {
		return 0, fmt.Errorf("a record is longer than %d MiB", MaxRecord>>20)
	}
	n, err := b.r.Read(p[:min(room, int64(len(p)))])
	b.read += int64(n)
	return n, err
}

// Record is one value of a file.
type Record struct {
	Name   string // under which it stands in an object; empty in a list
	Value  any    // as encoding/json makes it, with numbers as json.Number
	Offset int64  // of its first byte
}

// Object is the record's value as an object, nil if it is none.
func (r Record) Object() map[string]any {
	m, _ := r.Value.(map[string]any)
	return m
}

// Rest is what an object holds beside its list of records, and how many those were.
type Rest struct {
	Facts
	Records int
}

// Records yields the records of JSON texts that follow each other: the elements of a list, the elements of the member lists of an
// object that has it, and every other value as it is. Its end comes to rest, which may be nil.
func (f *File) Records(ctx context.Context, list string, each func(Record) error, rest func(Rest) error) error {
	w := &walker{file: f, d: newDecoder(f.Reader), each: each}
	return w.values(ctx, func() error {
		switch w.d.PeekKind() {
		case '[':
			return w.elements(ctx, new(int))
		case '{':
			return w.envelope(ctx, list, rest)
		}
		return w.record("")
	})
}

// Members yields the members of JSON objects that follow each other.
func (f *File) Members(ctx context.Context, each func(Record) error) error {
	w := &walker{file: f, d: newDecoder(f.Reader), each: each}
	return w.values(ctx, func() error {
		if w.d.PeekKind() != '{' {
			return w.record("")
		}
		return w.members(ctx, func(name string) error { return w.record(name) })
	})
}

// walker reads JSON with the memory of one record.
type walker struct {
	file *File
	d    *jsontext.Decoder
	each func(Record) error
}

// values reads one text after the other.
func (w *walker) values(ctx context.Context, one func() error) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		if w.d.PeekKind() == 0 {
			if _, err := w.d.ReadToken(); !errors.Is(err, io.EOF) {
				return w.file.damaged(w.d.InputOffset(), err)
			}
			return nil
		}
		if err := one(); err != nil {
			return err
		}
	}
}

func (w *walker) record(name string) error {
	x, at, err := w.value()
	if err != nil {
		return err
	}
	return w.each(Record{Name: name, Value: x, Offset: at})
}

// value reads a value and returns where it begins.
func (w *walker) value() (any, int64, error) {
	raw, err := w.d.ReadValue()
	if err != nil {
		return nil, 0, w.file.damaged(w.d.InputOffset(), err)
	}
	at := w.d.InputOffset() - int64(len(raw))
	x, err := Decode(raw)
	if err != nil {
		return nil, 0, w.file.damaged(at, err)
	}
	return x, at, nil
}

// Decode returns what encoding/json makes of a JSON text, with numbers as json.Number.
func Decode(text []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var x any
	if err := d.Decode(&x); err != nil {
		return nil, fmt.Errorf("parse JSON: %w", err)
	}
	return x, nil
}

// elements reads a list, the elements of which are records, and counts them.
func (w *walker) elements(ctx context.Context, n *int) error {
	if _, err := w.d.ReadToken(); err != nil {
		return w.file.damaged(w.d.InputOffset(), err)
	}
	for k := w.d.PeekKind(); k != ']'; k = w.d.PeekKind() {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := w.record(""); err != nil {
			return err
		}
		*n++
	}
	_, err := w.d.ReadToken()
	return err
}

// members reads an object.
func (w *walker) members(ctx context.Context, each func(name string) error) error {
	if _, err := w.d.ReadToken(); err != nil {
		return w.file.damaged(w.d.InputOffset(), err)
	}
	for k := w.d.PeekKind(); k != '}'; k = w.d.PeekKind() {
		if err := ctx.Err(); err != nil {
			return err
		}
		name, err := w.d.ReadToken()
		if err != nil {
			return w.file.damaged(w.d.InputOffset(), err)
		}
		if err := each(strings.Clone(name.String())); err != nil {
			return err
		}
	}
	_, err := w.d.ReadToken()
	return err
}

// envelope reads an object that is a record, or holds a list of them.
func (w *walker) envelope(ctx context.Context, list string, rest func(Rest) error) error {
	at, found := w.d.InputOffset(), false // of the byte before, if texts follow each other
	r := Rest{Facts: Facts{}}
	err := w.members(ctx, func(name string) error {
		if name == list && w.d.PeekKind() == '[' {
			found = true
			return w.elements(ctx, &r.Records)
		}
		x, _, err := w.value()
		r.Facts[name] = x
		return err
	})
	switch {
	case err != nil:
		return err
	case !found:
		return w.each(Record{Value: map[string]any(r.Facts), Offset: at})
	case rest == nil:
		return nil
	}
	return rest(r)
}
