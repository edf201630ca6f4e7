package cmdb

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	xunicode "golang.org/x/text/encoding/unicode"
)

// charset is how a file's characters are written, as the option encoding names it.
type charset string

const (
	charsetAuto    charset = "auto"
	charsetUTF8    charset = "utf-8"
	charsetUTF16   charset = "utf-16" // the mark, or the zero bytes, say which of the two
	charsetUTF16LE charset = "utf-16le"
	charsetUTF16BE charset = "utf-16be"
	charsetLatin   charset = "windows-1252"
	charsetRoman   charset = "macroman"
)

func charsets() []charset {
	return []charset{charsetAuto, charsetUTF8, charsetUTF16, charsetUTF16LE, charsetUTF16BE, charsetLatin, charsetRoman}
}

// codec returns what turns the charset into UTF-8; nil if it is that.
func (c charset) codec() encoding.Encoding {
	switch c {
	case charsetUTF16LE:
		return xunicode.UTF16(xunicode.LittleEndian, xunicode.IgnoreBOM)
	case charsetUTF16BE:
		return xunicode.UTF16(xunicode.BigEndian, xunicode.IgnoreBOM)
	case charsetLatin:
		return charmap.Windows1252
	case charsetRoman:
		return charmap.Macintosh
	}
	return nil
}

// marks lists the byte order marks, a longer one before that which it begins with.
func marks() []struct{ mark, charset string } {
	return []struct{ mark, charset string }{
		{"\xef\xbb\xbf", string(charsetUTF8)},
		{"\xff\xfe\x00\x00", "utf-32le"},
		{"\x00\x00\xfe\xff", "utf-32be"},
		{"\xff\xfe", string(charsetUTF16LE)},
		{"\xfe\xff", string(charsetUTF16BE)},
	}
}

// headSize is how much of a file is looked at for marks and zero bytes.
const headSize = 4 << 10

// detectCharset finds out how a file is written, of which it reads as much as that takes: all of it, since one byte at its
// end can tell that it is not UTF-8. want is the option. valid says that all of the file is known to be valid UTF-8.
func detectCharset(r io.Reader, want charset) (found charset, valid bool, err error) {
	head := make([]byte, headSize)
	n, err := io.ReadFull(r, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return "", false, err
	}
	head = head[:n]
	if len(head) == 0 {
		return "", false, errors.New("the file is empty: check whether the export ran to its end")
	}
	if c, err := marked(head, want); c != "" || err != nil {
		return c, false, err
	}
	if c, err := wide(head, want); c != "" || err != nil {
		return c, false, err
	}
	if want != charsetAuto {
		return want, false, nil
	}
	var s survey
	if err := s.read(head, r); err != nil {
		return "", false, err
	}
	found, err = s.charset()
	return found, s.bad == 0 && !s.cut, err
}

// marked returns the charset that a byte order mark speaks of; empty if there is none.
func marked(head []byte, want charset) (charset, error) {
	for _, m := range marks() {
		c := charset(m.charset)
		switch {
		case !bytes.HasPrefix(head, []byte(m.mark)):
			continue
		case c.codec() == nil && c != charsetUTF8:
			return "", fmt.Errorf("the file begins with the mark of %s, which is not read: export it as UTF-8", c)
		case want == charsetAuto || want == c || want == charsetUTF16 && c != charsetUTF8:
			return c, nil
		}
		return "", fmt.Errorf("the file begins with the mark of %s, but encoding is %s: set encoding: auto", c, want)
	}
	return "", nil
}

// wide looks for UTF-16 without a mark: every second byte of plain letters, delimiters and line ends is zero.
func wide(head []byte, want charset) (charset, error) {
	little, big, pairs := 0, 0, len(head)/2
	for i := range pairs {
		switch low, high := head[2*i], head[2*i+1]; {
		case low != 0 && high == 0:
			little++
		case low == 0 && high != 0:
			big++
		}
	}
	const few = 10 // one of so many pairs
	found := charset("")
	switch {
	case (little+big)*few < pairs || little+big == 0:
	case little > 8*big:
		found = charsetUTF16LE
	case big > 8*little:
		found = charsetUTF16BE
	default:
		return "", errors.New("zero bytes are all over the file, but not as in UTF-16: export it as CSV")
	}
	switch want {
	case charsetAuto:
		return found, nil
	case charsetUTF16, charsetUTF16LE, charsetUTF16BE:
		if want == charsetUTF16 {
			want = found
		}
		if want == "" || found != "" && found != want || bytes.IndexByte(head, 0) < 0 {
			return "", errors.New("the file does not look like the UTF-16 that encoding says: set encoding: auto")
		}
		return want, nil
	}
	if found != "" {
		return "", fmt.Errorf("encoding is %s, but the file looks like %s: set encoding: auto", want, found)
	}
	return "", nil
}

// survey counts what tells the charsets of single bytes and UTF-8 apart.
type survey struct {
	utf8  int // characters of several bytes
	bad   int // bytes that are not UTF-8
	latin int // of them, those that make no sense as Windows-1252
	roman int // and as MacRoman
	crs   int // lines at the beginning that end with CR alone
	lfs   int // and with LF
	last  byte
	cut   bool // the text ends inside of a character
}

// read looks at all of a text, of which the beginning is already there.
func (s *survey) read(head []byte, r io.Reader) error {
	buf := make([]byte, 64<<10)
	n := copy(buf, head)
	s.lfs = bytes.Count(head, []byte("\n"))
	s.crs = bytes.Count(head, []byte("\r")) - bytes.Count(head, []byte("\r\n"))
	for {
		more, err := io.ReadFull(r, buf[n:])
		n += more
		end := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !end {
			return err
		}
		rest := s.count(buf[:n], end)
		if end {
			return nil
		}
		s.last = buf[n-rest-1]
		n = copy(buf, buf[n-rest:n])
	}
}

// count counts in a part of a text, up to some bytes that the next part begins with and whose number it returns.
func (s *survey) count(b []byte, end bool) int {
	for i := 0; i < len(b); {
		for i+32 <= len(b) && isASCII((*[32]byte)(b[i:])) {
			i += 32
		}
		if i == len(b) {
			break
		}
		if b[i] < utf8.RuneSelf {
			i++
			continue
		}
		if !end && len(b)-i <= utf8.UTFMax {
			return len(b) - i
		}
		if end && !utf8.FullRune(b[i:]) {
			s.cut = true // the row tells
			return 0
		}
		_, size := utf8.DecodeRune(b[i:])
		if size > 1 {
			s.utf8++
		} else {
			s.judge(b, i)
		}
		i += size
	}
	return 0
}

func isASCII(b *[32]byte) bool {
	n := binary.LittleEndian
	return (n.Uint64(b[:])|n.Uint64(b[8:])|n.Uint64(b[16:])|n.Uint64(b[24:]))&0x8080808080808080 == 0
}

// judge notes a byte that is not UTF-8, and whether it makes sense beside its neighbours.
func (s *survey) judge(b []byte, i int) {
	before, after := s.last, byte('\n')
	if i > 0 {
		before = b[i-1]
	}
	if i+1 < len(b) {
		after = b[i+1]
	}
	s.bad++
	if !sensible(charmap.Windows1252, before, b[i], after) {
		s.latin++
	}
	if !sensible(charmap.Macintosh, before, b[i], after) {
		s.roman++
	}
}

// sensible reports whether a byte can well be what the table makes of it: no capital is inside of a word with small letters, and
// between letters are letters, quotes and dashes only.
func sensible(table *charmap.Charmap, before, c, after byte) bool {
	left, r, right := table.DecodeByte(before), table.DecodeByte(c), table.DecodeByte(after)
	switch {
	case r == utf8.RuneError:
		return false
	case unicode.IsUpper(r):
		return !unicode.IsLower(left) && !(unicode.IsLetter(left) && unicode.IsLower(right))
	case unicode.IsLetter(r):
		return true
	case r == '’' || r == '–' || r == '·':
		return true
	}
	return !unicode.IsLetter(left) || !unicode.IsLetter(right)
}

// How many times more there must be of the one than of the other. To take a text of single bytes for UTF-8 skips rows, which is
// told; to take UTF-8 for single bytes would spoil them.
const (
	clearlyUTF8 = 4
	clearlyNot  = 20
)

// charset decides.
func (s *survey) charset() (charset, error) {
	switch {
	case s.bad == 0 || s.utf8 >= clearlyUTF8*s.bad:
		return charsetUTF8, nil // rows that are damaged are skipped
	case s.utf8 > 0 && s.bad < clearlyNot*s.utf8:
		return "", fmt.Errorf("%d characters are UTF-8, and %d bytes are not: "+
			"set encoding: utf-8, which skips the rows of the latter, or encoding: windows-1252", s.utf8, s.bad)
	case s.latin <= s.roman && !(s.latin == s.roman && s.crs > s.lfs):
		return charsetLatin, nil
	case s.roman*4 <= s.latin:
		return charsetRoman, nil
	}
	return "", errors.New("the file is not UTF-8, and may be windows-1252 or macroman: set encoding to the one in which its names read well")
}
