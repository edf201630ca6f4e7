package cmdb

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
)

// Why this is not encoding/xml: it makes a copy of every name, attribute and text, which takes several times as long as all else that
// is done for a sheet. A part of a workbook needs no more of XML than elements, attributes and texts.

// xmlToken is what a scanner came to.
type xmlToken byte

const (
	xmlNone xmlToken = iota
	xmlOpen
	xmlClose
	xmlText
	xmlEnd // of the part
)

// maxXMLDepth is how deep elements may be nested. Those of a sheet are ten deep.
const maxXMLDepth = 128

// xmlScanner reads the elements, attributes and texts of a part of a workbook. All that it returns is valid until the next token. It
// checks that the part is well formed and ends where its root does. Names are those without the prefix that the root has.
type xmlScanner struct {
	r       io.Reader
	buf     []byte
	at, end int    // buf[at:end] is not scanned yet
	names   []byte // of the elements that are open, one behind the other
	open    []int  // where each of these begins
	rooted  bool
	empty   bool // the element that was opened has no content, so that its end comes next

	prefix, space string // of the root: which names count

	name    []byte // of the element that opens
	foreign bool   // it is of another namespace than the root
	attrs   []xmlAttribute
	text    []byte
	decoded []byte // holds text
}

// xmlAttribute is one of an element; the prefix is a part of its name.
type xmlAttribute struct{ name, value []byte }

// damage is an error of what is read, as of a file that is cut.
type damage struct{ error }

func (d *damage) Unwrap() error { return d.error }

func damaged(format string, args ...any) error { return &damage{fmt.Errorf(format, args...)} }

func newXMLScanner(r io.Reader) *xmlScanner {
	return &xmlScanner{r: r, buf: make([]byte, 64<<10)}
}

// next reads the next token.
func (s *xmlScanner) next() (xmlToken, error) {
	if s.empty {
		s.empty = false
		s.pop()
		return xmlClose, nil
	}
	for {
		if s.at == s.end {
			if err := s.fill(); errors.Is(err, io.EOF) {
				return s.finish()
			} else if err != nil {
				return xmlNone, err
			}
		}
		var t xmlToken
		var err error
		if s.buf[s.at] == '<' {
			t, err = s.mark()
		} else {
			t, err = s.chars()
		}
		if t != xmlNone || err != nil {
			return t, err
		}
	}
}

// finish is the end of the part.
func (s *xmlScanner) finish() (xmlToken, error) {
	if len(s.open) > 0 || !s.rooted {
		return xmlNone, s.endsEarly()
	}
	return xmlEnd, nil
}

func (s *xmlScanner) endsEarly() error {
	if n := len(s.open); n > 0 {
		return damaged("the XML ends inside of an element %q", begin(s.names[s.open[n-1]:]))
	}
	return damaged("the XML has no root")
}

// fill reads more. Its error is io.EOF at the end.
func (s *xmlScanner) fill() error {
	if s.at > 0 {
		s.end = copy(s.buf, s.buf[s.at:s.end])
		s.at = 0
	}
	if s.end == len(s.buf) {
		if len(s.buf) >= maxXMLToken {
			return damaged("a text, or what should be a mark, is longer than %d MiB", maxXMLToken>>20)
		}
		s.buf = append(s.buf, make([]byte, len(s.buf))...)
	}
	const tries = 100
	for range tries {
		n, err := s.r.Read(s.buf[s.end:])
		s.end += n
		switch {
		case n > 0:
			return nil // an error comes again
		case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded), errors.Is(err, io.EOF):
			return err
		case err != nil:
			return &damage{err}
		}
	}
	return &damage{io.ErrNoProgress}
}

// more reads more of what has not ended.
func (s *xmlScanner) more() error {
	err := s.fill()
	if errors.Is(err, io.EOF) {
		return s.endsEarly()
	}
	return err
}

// find returns how far a mark's end is from where the scanner is.
func (s *xmlScanner) find(seq string) (int, error) {
	from := 0
	for {
		if i := bytes.Index(s.buf[s.at+from:s.end], []byte(seq)); i >= 0 {
			return from + i, nil
		}
		from = max(0, s.end-s.at-len(seq)+1)
		if err := s.more(); err != nil {
			return 0, err
		}
	}
}

// chars reads the text up to the next mark. There is none outside of the root but white space.
func (s *xmlScanner) chars() (xmlToken, error) {
	n := bytes.IndexByte(s.buf[s.at:s.end], '<')
	for n < 0 {
		from := s.end - s.at
		err := s.fill()
		if errors.Is(err, io.EOF) && len(s.open) == 0 {
			n = s.end - s.at
			break
		} else if errors.Is(err, io.EOF) {
			return xmlNone, s.endsEarly()
		} else if err != nil {
			return xmlNone, err
		}
		if i := bytes.IndexByte(s.buf[s.at+from:s.end], '<'); i >= 0 {
			n = from + i
		}
	}
	raw := s.buf[s.at : s.at+n]
	s.at += n
	if len(s.open) > 0 {
		return xmlText, s.decode(raw, true)
	}
	if !s.rooted {
		raw = bytes.TrimPrefix(raw, []byte("\ufeff"))
	}
	if !isSpace(raw) {
		return xmlNone, damaged("there is text outside of the root of the XML")
	}
	return xmlNone, nil
}

// isSpace reports whether a text is what XML calls white space.
func isSpace(b []byte) bool {
	for _, c := range b {
		if !isXMLSpace(c) {
			return false
		}
	}
	return true
}

func isXMLSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

// mark reads what begins with "<".
func (s *xmlScanner) mark() (xmlToken, error) {
	for s.end-s.at < 2 {
		if err := s.more(); err != nil {
			return xmlNone, err
		}
	}
	switch s.buf[s.at+1] {
	case '/':
		return xmlClose, s.closeElement()
	case '?':
		return xmlNone, s.instruction()
	case '!':
		return s.declaration()
	}
	return xmlOpen, s.openElement()
}

// instruction skips one, but for the first, which says how the part is written.
func (s *xmlScanner) instruction() error {
	s.at += len("<?")
	n, err := s.find("?>")
	if err != nil {
		return err
	}
	text := s.buf[s.at : s.at+n]
	s.at += n + len("?>")
	if !bytes.HasPrefix(text, []byte("xml ")) {
		return nil
	}
	_, charset, found := bytes.Cut(text, []byte("encoding"))
	if charset = bytes.Trim(charset, "= \t\r\n"); !found || len(charset) == 0 {
		return nil
	}
	charset, _, _ = bytes.Cut(charset[1:], charset[:1])
	if !bytes.EqualFold(charset, []byte("utf-8")) {
		return damaged("the XML is written in %q and not in UTF-8", charset)
	}
	return nil
}

// declaration reads what begins with "<!": a comment, which is skipped, or a text that is not marked up.
func (s *xmlScanner) declaration() (xmlToken, error) {
	const comment, cdata = "<!--", "<![CDATA["
	for s.end-s.at < len(cdata) && bytes.IndexByte(s.buf[s.at:s.end], '>') < 0 {
		if err := s.more(); err != nil {
			return xmlNone, err
		}
	}
	begin := s.buf[s.at:s.end]
	switch {
	case bytes.HasPrefix(begin, []byte(comment)):
		s.at += len(comment)
		n, err := s.find("-->")
		s.at += n + len("-->")
		return xmlNone, err
	case bytes.HasPrefix(begin, []byte(cdata)) && len(s.open) > 0:
		s.at += len(cdata)
		n, err := s.find("]]>")
		if err != nil {
			return xmlNone, err
		}
		raw := s.buf[s.at : s.at+n]
		s.at += n + len("]]>")
		return xmlText, s.decode(raw, false)
	}
	return xmlNone, errors.New("the workbook holds a document type (DTD), which is not read: save it again with Excel or LibreOffice")
}
