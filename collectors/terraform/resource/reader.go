package resource

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// LongestValue bounds, in bytes, how long one value of a document may be that must be held as a whole: a string, or the
// attributes of an instance. No provider writes such a value; a damaged file may.
const LongestValue = 32 << 20

// ErrTrailing says that a document goes on after its end.
var ErrTrailing = errors.New("damaged")

// Reader walks through a JSON document of any size with the memory of one value. Its methods read the next value; what is of another
// kind than they are for is skipped, so that nothing that is merely unknown is an error.
type Reader struct {
	*jsontext.Decoder
	r     io.Reader
	taken int64 // bytes taken from r
}

// NewReader returns a reader whose memory is bounded, whatever the document holds: once it would hold more than LongestValue bytes
// at a time, it ends with an error that names the place. A name that is in an object twice is no error.
func NewReader(r io.Reader) *Reader {
	b := &Reader{r: r}
	// Looking for names that are there twice costs a third of the time, and harms nobody here.
	b.Decoder = jsontext.NewDecoder((*source)(b), jsontext.AllowDuplicateNames(true))
	return b
}

// source is where the decoder of a Reader reads.
type source Reader

func (b *source) Read(p []byte) (int, error) {
	at := b.InputOffset()
	room := LongestValue - (b.taken - at)
	if room <= 0 {
		return 0, fmt.Errorf("the value behind byte %d is longer than %d MiB: look at what stands there, or fetch the state again", at, LongestValue>>20)
	}
	n, err := b.r.Read(p[:min(room, int64(len(p)))])
	b.taken += int64(n)
	return n, err
}

// Object reads an object, giving each key to field, which must read the value; any other value is skipped.
func (b *Reader) Object(field func(key string) error) error {
	if b.PeekKind() != '{' {
		return b.SkipValue()
	}
	if _, err := b.ReadToken(); err != nil {
		return err
	}
	for b.PeekKind() != '}' {
		name, err := b.ReadToken()
		if err != nil {
			return err
		}
		if err := field(name.String()); err != nil {
			return err
		}
	}
	_, err := b.ReadToken()
	return err
}

// Array reads an array, calling element for each, which must read it; any other value is skipped.
func (b *Reader) Array(element func() error) error {
	if b.PeekKind() != '[' {
		return b.SkipValue()
	}
	if _, err := b.ReadToken(); err != nil {
		return err
	}
	for b.PeekKind() != ']' {
		if err := element(); err != nil {
			return err
		}
	}
	_, err := b.ReadToken()
	return err
}

// Text reads a string into s, and skips any other value.
func (b *Reader) Text(s *string) error {
	if b.PeekKind() != '"' {
		return b.SkipValue()
	}
	t, err := b.ReadToken()
	if err == nil {
		*s = t.String()
	}
	return err
}

// Number reads a whole number into n, and makes it 0 for any other value.
func (b *Reader) Number(n *int64) error {
	raw, err := b.ReadValue()
	if err != nil {
		return err
	}
	if json.Unmarshal(raw, n) != nil {
		*n = 0
	}
	return nil
}

// Raw copies the text of any value to to, whose memory it uses again.
func (b *Reader) Raw(to *[]byte) error {
	v, err := b.ReadValue()
	if err == nil {
		*to = append((*to)[:0], v...)
	}
	return err
}

// Bool reads a truth value into t, and skips any other value.
func (b *Reader) Bool(t *bool) error {
	k := b.PeekKind()
	if k == 't' || k == 'f' {
		*t = k == 't'
	}
	return b.SkipValue()
}

// End makes sure that nothing follows the document. The error is ErrTrailing.
func (b *Reader) End() error {
	if _, err := b.ReadToken(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("more follows the end of the document: %w", ErrTrailing)
	}
	return nil
}
