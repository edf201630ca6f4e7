package tape

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// xmlParser notes where the texts and attributes of an XML document stand. Comments, directives and instructions, which no client
// reads, are cut out.
type xmlParser struct {
	builder
	dec  *xml.Decoder
	body []byte
	cuts []edit
}

func parseXML(body []byte) (*document, error) {
	if !strings.HasPrefix(strings.TrimLeft(string(body[:min(len(body), 64)]), " \t\r\n\ufeff"), "<") {
		return nil, errUnsearchable
	}
	p := &xmlParser{dec: xml.NewDecoder(bytes.NewReader(body)), body: body}
	root, err := p.node(object, "")
	if err == nil {
		err = p.content(&root, 0)
	}
	if err != nil {
		return nil, plainError(err)
	}
	if !wellFormed(&root) {
		return nil, errUnsearchable
	}
	return &document{format: xmlBody, body: body, root: root, edits: p.cuts}, nil
}

// wellFormed reports whether a document has one element and no text beside it.
func wellFormed(root *node) bool {
	elements := 0
	for _, k := range root.kids {
		if k.kind == text && k.name == "" && strings.Trim(k.text, " \t\r\n\ufeff") != "" {
			return false
		}
		if k.name != "" {
			elements++
		}
	}
	return elements == 1
}

// content reads what is in an element, up to its end.
func (p *xmlParser) content(parent *node, depth int) error {
	joins := false // the last kid is a text that goes on
	for {
		start := int(p.dec.InputOffset())
		tok, err := p.dec.Token()
		if errors.Is(err, io.EOF) && depth == 0 {
			return nil
		}
		if err != nil {
			return err
		}
		end := int(p.dec.InputOffset())
		switch tok := tok.(type) {
		case xml.EndElement:
			return nil
		case xml.StartElement:
			kid, err := p.element(tok, start, end, depth+1)
			if err != nil {
				return err
			}
			parent.kids = append(parent.kids, kid)
			joins = false
		case xml.CharData:
			if err := p.chars(parent, string(tok), start, end, &joins); err != nil {
				return err
			}
		case xml.ProcInst:
			if tok.Target != "xml" {
				p.cuts = append(p.cuts, edit{start: start, end: end})
			}
		default: // a comment or a directive
			p.cuts = append(p.cuts, edit{start: start, end: end})
		}
	}
}

// chars adds a text, or goes on with one that a comment or a CDATA section interrupts.
func (p *xmlParser) chars(parent *node, s string, start, end int, joins *bool) error {
	if *joins {
		last := &parent.kids[len(parent.kids)-1]
		last.text, last.end = last.text+s, end
		return nil
	}
	kid, err := p.node(text, "")
	if err != nil {
		return err
	}
	kid.text, kid.start, kid.end = s, start, end
	parent.kids = append(parent.kids, kid)
	*joins = true
	return nil
}

func (p *xmlParser) element(tok xml.StartElement, start, end, depth int) (node, error) {
	if depth > deepest {
		return node{}, errUnsearchable
	}
	n, err := p.node(object, tok.Name.Local)
	if err != nil {
		return n, err
	}
	if err := p.attributes(&n, tok.Attr, start, end); err != nil {
		return n, err
	}
	if err := p.content(&n, depth); err != nil {
		return n, err
	}
	n.kids = dropBlank(n.kids)
	n.listed = isItem(n.plain)
	if len(n.kids) == 1 && n.kids[0].kind == text && n.kids[0].form == quoted && n.kids[0].name == "" {
		inner := n.kids[0]
		n.kind, n.text, n.start, n.end, n.kids = text, inner.text, inner.start, inner.end, nil
	}
	return n, nil
}

// isItem recognises the elements in which the protocols of AWS wrap the items of lists and maps.
func isItem(plain string) bool { return plain == "member" || plain == "item" || plain == "entry" }

// dropBlank drops the blanks between elements.
func dropBlank(kids []node) []node {
	kept := kids[:0]
	for _, k := range kids {
		if k.kind == text && k.form == quoted && k.name == "" && strings.TrimSpace(k.text) == "" {
			continue
		}
		kept = append(kept, k)
	}
	return kept
}

// attributes adds the attributes of a start tag. In it quotes surround values and stand nowhere else.
func (p *xmlParser) attributes(n *node, attrs []xml.Attr, start, end int) error {
	at := start
	for _, a := range attrs {
		open := bytes.IndexAny(p.body[at:end], `"'`)
		if open < 0 {
			return errUnsearchable
		}
		open += at
		size := bytes.IndexByte(p.body[open+1:end], p.body[open])
		if size < 0 {
			return errUnsearchable
		}
		at = open + size + 2
		if a.Name.Space == "xmlns" || a.Name.Local == "xmlns" {
			continue
		}
		kid, err := p.node(text, a.Name.Local)
		if err != nil {
			return err
		}
		kid.form, kid.text, kid.start, kid.end = attribute, a.Value, open, at
		n.kids = append(n.kids, kid)
	}
	return nil
}

// xmlText writes a text of XML.
func xmlText(s string) []byte {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(s)) // a buffer takes everything
	return b.Bytes()
}
