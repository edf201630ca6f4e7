package reporttest

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/report"
)

// Fixtures are all made-up reports, by name.
func Fixtures() map[string]func() *report.Report {
	return map[string]func() *report.Report{
		"small": Small, "clean": Clean, "empty": Empty, "hostile": Hostile, "grouped": Grouped, "big": func() *report.Report { return Big(500) },
	}
}

// Encode returns what an encoder writes.
func Encode(t testing.TB, e report.Encoder, r *report.Report) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := e.Encode(&b, r); err != nil {
		t.Fatalf("%s: %v", e.Format().ID, err)
	}
	return b.Bytes()
}

// Run checks what every encoder of text owes: the same report gives the same bytes, the report stays as it is, an error of
// the writer comes back, and what is written is UTF-8 without control characters and marks of direction, whatever strangers
// wrote.
func Run(t *testing.T, e report.Encoder) {
	t.Helper()
	for name, build := range Fixtures() {
		t.Run(name, func(t *testing.T) {
			r := build()
			got := Encode(t, e, r)
			if !bytes.Equal(got, Encode(t, e, build())) {
				t.Error("two encodings of one report differ")
			}
			want := build()
			r.Assets, want.Assets = nil, nil
			if d := cmp.Diff(want, r); d != "" {
				t.Errorf("encoding changed the report:\n%s", d)
			}
			checkText(t, got)
			checkWriteErrors(t, e, r, len(got))
		})
	}
}

func checkText(t *testing.T, text []byte) {
	t.Helper()
	if !utf8.Valid(text) {
		t.Error("not UTF-8")
	}
	if len(text) > 0 && text[len(text)-1] != '\n' {
		t.Error("the last line does not end")
	}
	for _, r := range string(text) {
		if r != '\n' && unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\ufeff' || r == '\u2028' || r == '\u2029' {
			t.Errorf("raw %U", r)
		}
	}
}

func checkWriteErrors(t *testing.T, e report.Encoder, r *report.Report, size int) {
	t.Helper()
	for _, after := range []int{0, size / 2, size - 1} {
		if after < 0 || size == 0 {
			continue
		}
		if err := e.Encode(&fullDisk{left: after}, r); !errors.Is(err, io.ErrShortWrite) {
			t.Errorf("a disk that is full after %d of %d bytes: error %v", after, size, err)
		}
	}
}

// fullDisk takes so many bytes and no more.
type fullDisk struct{ left int }

func (f *fullDisk) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, io.ErrShortWrite
	}
	return len(p), nil
}
