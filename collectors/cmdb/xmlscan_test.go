package cmdb

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// told writes down what a scanner comes to: elements with their attributes, and texts, those that follow each other as one.
func told(r io.Reader) (string, error) {
	var b strings.Builder
	s := newXMLScanner(r)
	for text := false; ; {
		t, err := s.next()
		if err != nil || t == xmlEnd {
			return b.String(), err
		}
		if text && t != xmlText {
			b.WriteByte('"')
		}
		switch {
		case t == xmlOpen:
			fmt.Fprintf(&b, "<%s", s.names[s.open[len(s.open)-1]:])
			for _, a := range s.attrs {
				fmt.Fprintf(&b, " %s=%q", a.name, a.value)
			}
			b.WriteByte('>')
		case t == xmlClose:
			b.WriteString("</>")
		case !text:
			b.WriteByte('"')
			fallthrough
		default:
			b.Write(s.text)
		}
		text = t == xmlText
	}
}

// standard writes down the same as encoding/xml reads it; clean is false if there is what a part of a workbook does not have.
func standard(content []byte) (story string, clean bool, err error) {
	check := xml.NewDecoder(bytes.NewReader(content))
	for err == nil {
		_, err = check.Token()
	}
	if !errors.Is(err, io.EOF) {
		return "", false, err
	}
	var b strings.Builder
	d := xml.NewDecoder(bytes.NewReader(content))
	depth, roots := 0, 0
	clean = true
	for text := false; ; {
		t, err := d.RawToken()
		if err != nil {
			return b.String(), clean && roots == 1, nil
		}
		data, isText := t.(xml.CharData)
		if isText && depth == 0 {
			clean = clean && len(bytes.Trim(data, " \t\r\n\ufeff")) == 0
			continue
		}
		if text && !isText {
			switch t.(type) {
			case xml.Comment, xml.ProcInst:
				continue
			}
			b.WriteByte('"')
		}
		switch t := t.(type) {
		case xml.StartElement:
			if depth++; depth == 1 {
				roots++
			}
			clean = clean && depth <= maxXMLDepth
			fmt.Fprintf(&b, "<%s", rawName(t.Name))
			for _, a := range t.Attr {
				fmt.Fprintf(&b, " %s=%q", rawName(a.Name), a.Value)
			}
			b.WriteByte('>')
		case xml.EndElement:
			depth--
			b.WriteString("</>")
		case xml.Directive:
			clean = false
		case xml.CharData:
			if !text {
				b.WriteByte('"')
			}
			b.Write(data)
		}
		text = isText
	}
}

func rawName(n xml.Name) string {
	if n.Space == "" {
		return n.Local
	}
	return n.Space + ":" + n.Local
}

func TestXMLScanner(t *testing.T) {
	tests := []struct{ name, xml, want string }{
		{"empty root", `<a/>`, `<a></>`},
		{"declaration, mark, comment", "\ufeff<?xml version='1.0' encoding='UTF-8'?>\n<!-- <x> --><a\n/>\n<!-- -->\n", `<a></>`},
		{"attributes", `<a b = "1" c='"2"'  d="&lt;&#65;&#x42;>"/>`, `<a b="1" c="\"2\"" d="<AB>"></>`},
		{"entities", `<a>&amp;&lt;&gt;&quot;&apos;&#13;&#xe4;</a>`, "<a>\"&<>\"'\r\u00e4\"</>"},
		{"text in pieces", `<a>x<!-- no -->y<![CDATA[&<>]]><?no no?>z</a>`, `<a>"xy&<>z"</>`},
		{"line ends", "<a>1\r\n2\r3<![CDATA[\r\n]]></a>", "<a>\"1\n2\n3\n\"</>"},
		{"prefixes", `<p:a xmlns:p="u"><p:b x:c=""/></p:a >`, `<p:a xmlns:p="u"><p:b x:c=""></></>`},
		{"any script", "<a>日本語 😀</a>", "<a>\"日本語 😀\"</>"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, r := range []io.Reader{strings.NewReader(tt.xml), iotest.OneByteReader(strings.NewReader(tt.xml)), iotest.DataErrReader(strings.NewReader(tt.xml))} {
				if have, err := told(r); have != tt.want || err != nil {
					t.Errorf("%s, error %v, want %s", have, err, tt.want)
				}
			}
		})
	}
}

func TestXMLThatIsDamaged(t *testing.T) {
	tests := []struct{ name, xml, want string }{
		{"nothing", "", "no root"},
		{"no element", "x", "text outside of the root"},
		{"a second root", "<a/><b/>", "two roots"},
		{"an end too many", "<a/></a>", `"a" ends and never began`},
		{"another end", "<a><b></a>", `"b" ends as "a"`},
		{"cut behind a mark", "<a><b>", `ends inside of an element "b"`},
		{"cut in a mark", "<a><b c=", `inside of an element "a"`},
		{"cut in a comment", "<a><!-- ", `inside of an element "a"`},
		{"cut in a text", "<a>x", `inside of an element "a"`},
		{"text behind the root", "<a/>x", "text outside of the root"},
		{"no name", "<a>< b/></a>", "has no name"},
		{"no value", "<a b/>", "has no value"},
		{"no quotes", "<a b=1/>", "has no value in quotes"},
		{"a value that does not end", `<a b="1><c d="2"/></a>`, `"b=\"1><c d=\"2\"/></a>" does not end`},
		{"attributes without a space", `<a b="1"c="2"/>`, "is no element"},
		{"an entity that is not known", "<a>&auml;</a>", `a reference "&auml;"`},
		{"an ampersand", "<a>R&D</a>", `a reference "&D"`},
		{"an instruction without an end", "<a><?></a>", `inside of an element "a"`},
		{"a character that is none", "<a>\x01</a>", "a character that is none"},
		{"its reference", "<a>&#1;</a>", "a character that is none"},
		{"no UTF-8", "<a>\xe4</a>", "a character that is none"},
		{"another encoding", "<?xml version='1.0' encoding='ISO-8859-1'?><a/>", `"ISO-8859-1"`},
		{"a document type", "<!DOCTYPE a><a/>", "(DTD)"},
		{"too deep", strings.Repeat("<a>", maxXMLDepth+1), "deep"},
		{"a long mark", "<a " + strings.Repeat(" ", maxXMLToken) + "/>", "longer than 1 MiB"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, r := range []io.Reader{strings.NewReader(tt.xml), iotest.HalfReader(strings.NewReader(tt.xml))} {
				if _, err := told(r); err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("error is %v, want %q", err, tt.want)
				}
			}
		})
	}
}

// TestNamesOfAnotherNamespaceAreForeign: a name counts if it is of the root's namespace, whatever the prefix of that is.
func TestNamesOfAnotherNamespaceAreForeign(t *testing.T) {
	tests := map[string]bool{
		`<a xmlns="u"><b/></a>`: false, `<p:a xmlns:p="u"><p:b/></p:a>`: false, `<a xmlns="u"><b xmlns="u"/></a>`: false,
		`<a xmlns="u"><p:b/></a>`: true, `<p:a xmlns:p="u"><b/></p:a>`: true, `<a xmlns="u"><b xmlns="v"/></a>`: true,
		`<p:a xmlns:p="u"><p:b xmlns="v" xmlns:p="v"/></p:a>`: true, `<a xmlns="u"><p:b xmlns:p="u"/></a>`: true,
	}
	for content, want := range tests {
		s := newXMLScanner(strings.NewReader(content))
		if err := s.root("a"); err != nil {
			t.Fatal(err)
		}
		if ok, err := s.child(); !ok || err != nil || string(s.name) != "b" || s.foreign != want {
			t.Errorf("%s: name %q, foreign %v, error %v", content, s.name, s.foreign, err)
		}
	}
}

// FuzzXMLScanner reads anything as XML: what is read does not depend on how much is read at once, and it is what encoding/xml reads.
func FuzzXMLScanner(f *testing.F) {
	for _, seed := range []string{
		`<?xml version="1.0" encoding="UTF-8"?><p:worksheet xmlns:p="u"><p:sheetData><p:row r='1'><p:c r="A1" t="s"><p:v>0</p:v></p:c></p:row></p:sheetData></p:worksheet>`,
		"<a b='&lt;'>&amp;<![CDATA[x]]>\r\n<!-- c --><b/></a >", "<a><b></a>", "\ufeff<a>\u00e4</a>", "<!DOCTYPE a><a/>",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		have, err := told(bytes.NewReader(content))
		again, errAgain := told(iotest.OneByteReader(bytes.NewReader(content)))
		if have != again || (err == nil) != (errAgain == nil) {
			t.Fatalf("whole: %s, %v\nby byte: %s, %v", have, err, again, errAgain)
		}
		want, clean, errStandard := standard(content)
		switch {
		case errStandard != nil:
		case err == nil && have != want:
			t.Fatalf("%q is read as\n%s\nand by encoding/xml as\n%s", content, have, want)
		case err != nil && clean && !stricter(err):
			t.Fatalf("%q: error %v, and none of encoding/xml", content, err)
		}
	})
}

// stricter reports whether an error is one that encoding/xml does not have.
func stricter(err error) bool {
	for _, text := range []string{"is no element", "a reference", "is written in"} {
		if strings.Contains(err.Error(), text) {
			return true
		}
	}
	return false
}
