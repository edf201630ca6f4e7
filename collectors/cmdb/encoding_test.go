package cmdb

import (
	"bytes"
	"testing"
	"testing/iotest"
	"unicode/utf8"
)

// TestTheSurveyDoesNotDependOnItsParts cuts a text at every place into two parts.
func TestTheSurveyDoesNotDependOnItsParts(t *testing.T) {
	for _, text := range []string{
		"plain, longer than a word of eight bytes", "MünchenÜber–Orléans €𝄞 end", "M\x9fnchen Orl\x8eans", "K\xf6ln M\xfcnchen ü \xe4\xf6\xfc", "cut \xe2\x82",
	} {
		var want survey
		want.count([]byte(text), true)
		for at := 5; at < len(text); at++ {
			var have survey
			part := []byte(text[:at])
			rest := have.count(part, false)
			have.last = part[at-rest-1]
			have.count([]byte(text[at-rest:]), true)
			have.last = 0
			if have != want {
				t.Errorf("%q cut at %d: %+v, want %+v", text, at, have, want)
			}
		}
	}
}

// FuzzCharset detects the charset of any bytes: what is UTF-8 without zero bytes is UTF-8, and how the bytes arrive does
// not matter.
func FuzzCharset(f *testing.F) {
	for _, seed := range []string{
		"", "name,serial\na,b\n", "\xef\xbb\xbfname", "\xff\xfen\x00", "n\x00a\x00m\x00e\x00", "\x00n\x00a", "M\xfcnchen", "M\x9fnchen\r", "\x00\x00\xfe\xff",
		"ä\xe4", "O\x92Neil", "\x81\x8d", "cut \xe2\x82",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		want, valid, err := detectCharset(bytes.NewReader(b), charsetAuto)
		have, _, errSlow := detectCharset(iotest.OneByteReader(bytes.NewReader(b)), charsetAuto)
		if want != have || (err == nil) != (errSlow == nil) {
			t.Fatalf("%q, %v at once and %q, %v by bytes", want, err, have, errSlow)
		}
		if (err == nil) == (want == "") {
			t.Fatalf("charset %q with error %v", want, err)
		}
		if valid && !utf8.Valid(b) {
			t.Fatal("what is not UTF-8 is taken for valid")
		}
		text := len(b) > 0 && utf8.Valid(b) && bytes.IndexByte(b, 0) < 0
		if text && want != charsetUTF8 {
			t.Fatalf("valid UTF-8 is taken for %q, %v", want, err)
		}
	})
}

// FuzzShape looks for the header in any text: what is found is a row of the text in which the layout finds its columns.
func FuzzShape(f *testing.F) {
	for _, seed := range []string{
		"", "\n", "name,serial\na,b\n", "sep=;\nname;serial\n", "title\n\nname|serial\na|b", "\"a\nb\",\nname\tip\n", "name,,,\n", "Device\nname,serial,x\na,b,c\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		o := newOptions()
		s, err := findShape(b, true, o)
		if err != nil {
			return
		}
		for _, r := range headRows(b, true, shape{s.delimiter, 1}) {
			if r.line != s.line {
				continue
			}
			if _, err := newLayout(r.cells, o); err != nil {
				t.Fatalf("the header in line %d is none: %v", s.line, err)
			}
			return
		}
		t.Fatalf("no row begins in line %d", s.line)
	})
}
