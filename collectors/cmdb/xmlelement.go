package cmdb

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf8"
)

// errShort says that a tag goes on behind what is read of it.
var errShort = errors.New("the tag goes on")

// openElement reads a start tag.
func (s *xmlScanner) openElement() error {
	for {
		n, err := s.tag(s.buf[s.at+1 : s.end])
		if err == nil {
			s.at += 1 + n
			return s.push()
		}
		if errors.Is(err, errShort) {
			err = s.more()
		}
		if err != nil {
			return err
		}
	}
}

// tag takes a start tag apart, behind its "<", and returns its length.
func (s *xmlScanner) tag(b []byte) (int, error) {
	i := nameEnd(b, 0)
	s.name, s.attrs = b[:i], s.attrs[:0]
	for {
		from := i
		for i < len(b) && isXMLSpace(b[i]) {
			i++
		}
		switch {
		case i == len(b):
			return 0, errShort
		case len(s.name) == 0:
			return 0, damaged("a mark %q has no name", begin(b))
		case b[i] == '>':
			return i + 1, nil
		case b[i] == '/' && i+1 == len(b):
			return 0, errShort
		case b[i] == '/' && b[i+1] == '>':
			s.empty = true
			return i + 2, nil
		case i == from:
			return 0, damaged("a mark %q is no element", begin(b))
		}
		n, err := s.attribute(b[i:])
		if err != nil {
			return 0, err
		}
		i += n
	}
}

// begin is how a damaged mark begins, for errors.
func begin(b []byte) []byte { return b[:min(len(b), 20)] }

// attribute reads an attribute and returns its length.
func (s *xmlScanner) attribute(b []byte) (int, error) {
	end := nameEnd(b, 0)
	i, err := valueBegin(b, end)
	if err != nil {
		return 0, err
	}
	n := bytes.IndexByte(b[i+1:], b[i])
	if n < 0 {
		return 0, errShort
	}
	value := b[i+1 : i+1+n]
	if bytes.IndexByte(value, '<') >= 0 {
		return 0, damaged("an attribute %q does not end", begin(b))
	}
	if !isPlainText(value) {
		if err := s.decode(value, true); err != nil {
			return 0, err
		}
		value = bytes.Clone(s.text)
	}
	s.attrs = append(s.attrs, xmlAttribute{b[:end], value})
	return i + 1 + n + 1, nil
}

// valueBegin returns where the value of an attribute begins, whose name ends at i: at its quote.
func valueBegin(b []byte, i int) (int, error) {
	named := i > 0
	for i < len(b) && isXMLSpace(b[i]) {
		i++
	}
	if i < len(b) && b[i] == '=' {
		i++
	} else if i < len(b) {
		return 0, damaged("an attribute %q has no value", begin(b))
	}
	for i < len(b) && isXMLSpace(b[i]) {
		i++
	}
	switch {
	case i == len(b):
		return 0, errShort
	case !named || b[i] != '"' && b[i] != '\'':
		return 0, damaged("an attribute %q has no value in quotes", begin(b))
	}
	return i, nil
}

// nameEnd returns where a name ends.
func nameEnd(b []byte, i int) int {
	for ; i < len(b); i++ {
		switch c := b[i]; {
		case c|0x20 >= 'a' && c|0x20 <= 'z', c >= 0x80, c == ':', c == '_':
		case i > 0 && (c >= '0' && c <= '9' || c == '-' || c == '.'):
		default:
			return i
		}
	}
	return i
}

// push opens the element that was read, and finds out whether its name counts.
func (s *xmlScanner) push() error {
	if len(s.open) == 0 && s.rooted {
		return damaged("the XML has two roots")
	}
	if len(s.open) == maxXMLDepth {
		return damaged("the XML has elements that are more than %d deep", maxXMLDepth)
	}
	s.open = append(s.open, len(s.names))
	s.names = append(s.names, s.name...)
	var prefix []byte
	if i := bytes.IndexByte(s.name, ':'); i >= 0 {
		prefix, s.name = s.name[:i], s.name[i+1:]
	}
	if !s.rooted {
		s.rooted, s.prefix = true, string(prefix)
		s.space = s.declared()
	}
	s.foreign = string(prefix) != s.prefix
	for _, a := range s.attrs {
		if a.name[0] == 'x' && bytes.HasPrefix(a.name, []byte("xmlns")) {
			s.foreign = s.foreign || s.declared() != s.space
			break
		}
	}
	return nil
}

// declared is the namespace that the element declares for the root's prefix; it is the root's if it declares none.
func (s *xmlScanner) declared() string {
	name := "xmlns"
	if s.prefix != "" {
		name = "xmlns:" + s.prefix
	}
	for _, a := range s.attrs {
		if string(a.name) == name {
			return string(a.value)
		}
	}
	return s.space
}

// pop closes the element that was opened last.
func (s *xmlScanner) pop() {
	last := len(s.open) - 1
	s.names, s.open = s.names[:s.open[last]], s.open[:last]
}

// closeElement reads an end tag, which must be that of the element that was opened last.
func (s *xmlScanner) closeElement() error {
	n := bytes.IndexByte(s.buf[s.at:s.end], '>')
	if n < 0 {
		var err error
		if n, err = s.find(">"); err != nil {
			return err
		}
	}
	name := s.buf[s.at+len("</") : s.at+n]
	s.at += n + 1
	if len(s.open) == 0 {
		return damaged("an element %q ends and never began", begin(name))
	}
	if want := s.names[s.open[len(s.open)-1]:]; !bytes.Equal(name, want) && !bytes.Equal(bytes.TrimRight(name, " \t\r\n"), want) {
		return damaged("an element %q ends as %q", begin(want), begin(name))
	}
	s.pop()
	return nil
}

// attr is the value of an attribute of the element that was opened; nil if it has none.
func (s *xmlScanner) attr(name string) []byte {
	for _, a := range s.attrs {
		if string(a.name) == name {
			return a.value
		}
	}
	return nil
}

// root opens the root, which must have this name.
func (s *xmlScanner) root(name string) error {
	if _, err := s.next(); err != nil { // what is not in the root is no token
		return err
	}
	if string(s.name) != name {
		return damaged("the root of the XML is %q and not %q", begin(s.names), name)
	}
	return nil
}

// rest reads to the end of the part, behind its root.
func (s *xmlScanner) rest() error {
	_, err := s.next() // anything there is an error
	return err
}

// child reads up to the next element in the one that is open; it is false at the end of that one. Text in between is an error, so
// that nothing is overlooked.
func (s *xmlScanner) child() (bool, error) {
	for {
		t, err := s.next()
		switch {
		case err != nil:
			return false, err
		case t == xmlOpen:
			return true, nil
		case t == xmlText && !isSpace(s.text):
			return false, s.strange("a text", s.text)
		case t != xmlText:
			return false, nil
		}
	}
}

// unread is the error for an element that should not be where it is.
func (s *xmlScanner) unread() error { return s.strange("an element", s.names[s.open[len(s.open)-1]:]) }

func (s *xmlScanner) strange(what string, b []byte) error {
	return fmt.Errorf("%s %q stands where it has no meaning: save the workbook again with Excel or LibreOffice", what, begin(b))
}

// skip reads to the end of the element that was opened.
func (s *xmlScanner) skip() error {
	for depth := len(s.open); len(s.open) >= depth; {
		if _, err := s.next(); err != nil {
			return err
		}
	}
	return nil
}

// errLong says that a text is longer than it may be.
var errLong = errors.New("the text is too long")

// content appends the text of the element that was opened, up to its end. It may have so many bytes.
func (s *xmlScanner) content(dst []byte, most int) ([]byte, error) {
	for from := len(dst); ; {
		t, err := s.next()
		switch {
		case err != nil:
			return dst, err
		case t == xmlOpen:
			return dst, s.unread()
		case t != xmlText:
			return dst, nil
		case len(dst)-from+len(s.text) > most:
			return dst, errLong
		}
		dst = append(dst, s.text...)
	}
}

// richText appends what is shown of the element that was opened: its text, or that of its runs, and not how it is pronounced.
func (s *xmlScanner) richText(dst []byte, most int) ([]byte, error) {
	from := len(dst)
	for {
		ok, err := s.child()
		if err != nil || !ok {
			return dst, err
		}
		left := most - (len(dst) - from)
		switch name := string(s.name); {
		case s.foreign:
			err = s.unread()
		case name == "t":
			dst, err = s.content(dst, left)
		case name == "r":
			dst, err = s.richText(dst, left)
		case name == "rPr", name == "rPh", name == "phoneticPr", name == "extLst":
			err = s.skip()
		default:
			err = s.unread()
		}
		if err != nil {
			return dst, err
		}
	}
}

// isPlainText reports whether a text stands for itself: it is ASCII, and nothing in it is escaped.
func isPlainText(b []byte) bool {
	for _, c := range b {
		if c < ' ' || c >= 0x80 || c == '&' {
			return false
		}
	}
	return true
}

// decode sets the text to what one in the part stands for.
func (s *xmlScanner) decode(raw []byte, escaped bool) error {
	if s.text = raw; isPlainText(raw) {
		return nil
	}
	out := s.decoded[:0]
	for i := 0; i < len(raw); {
		r, n := rune(raw[i]), 1
		switch {
		case r == '&' && escaped:
			if r, n = entity(raw[i:]); n == 0 {
				return damaged("the XML has a reference %q that is not known", begin(raw[i:]))
			}
		case r == '\r':
			r = '\n'
			if i+1 < len(raw) && raw[i+1] == '\n' {
				n = 2
			}
		case r >= utf8.RuneSelf:
			r, n = utf8.DecodeRune(raw[i:])
		}
		if !isXMLChar(r) || r == utf8.RuneError && n == 1 {
			return damaged("the XML has a character that is none, %q", begin(raw[i:]))
		}
		out = utf8.AppendRune(out, r)
		i += n
	}
	s.text, s.decoded = out, out
	return nil
}

// isXMLChar reports whether XML 1.0 may hold a character.
func isXMLChar(r rune) bool {
	return r >= ' ' && r <= 0xd7ff || r == '\t' || r == '\n' || r == '\r' || r >= 0xe000 && r <= 0xfffd || r >= 0x10000 && r <= utf8.MaxRune
}

// entity reads a reference to a character. Its length is 0 if it is none.
func entity(b []byte) (rune, int) {
	end := bytes.IndexByte(b[:min(len(b), 16)], ';')
	if end < 2 {
		return 0, 0
	}
	switch name := string(b[1:end]); name {
	case "amp":
		return '&', end + 1
	case "lt":
		return '<', end + 1
	case "gt":
		return '>', end + 1
	case "quot":
		return '"', end + 1
	case "apos":
		return '\'', end + 1
	}
	digits, base := b[2:end], 10
	if b[1] == '#' && len(digits) > 0 && digits[0] == 'x' {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(string(digits), base, 21)
	if b[1] != '#' || err != nil {
		return 0, 0
	}
	return rune(n), end + 1
}
