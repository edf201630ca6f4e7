package tape

import (
	"bytes"
	"errors"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// jsonParser notes where the values of a JSON text stand. It takes what encoding/json takes, so that nothing that a client can
// read escapes it.
type jsonParser struct {
	builder
	dec *jsontext.Decoder
}

func parseJSON(body []byte) (*document, error) {
	p := &jsonParser{dec: jsontext.NewDecoder(bytes.NewReader(body), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))}
	root, err := p.value("", 0)
	if err != nil {
		return nil, plainError(err)
	}
	if _, err := p.dec.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, errUnsearchable
	}
	return &document{format: jsonBody, body: body, root: root}, nil
}

// plainError drops the text of a parser's error, which may quote the body.
func plainError(err error) error {
	if errors.Is(err, errTooMuch) {
		return errTooMuch
	}
	return errUnsearchable
}

func (p *jsonParser) value(name string, depth int) (node, error) {
	if depth > deepest {
		return node{}, errUnsearchable
	}
	switch p.dec.PeekKind() {
	case '{':
		return p.object(name, depth)
	case '[':
		return p.list(name, depth)
	}
	return p.scalar(name)
}

func (p *jsonParser) object(name string, depth int) (node, error) {
	n, err := p.open(object, name)
	for err == nil && p.dec.PeekKind() != '}' {
		var tok jsontext.Token
		if tok, err = p.dec.ReadToken(); err != nil {
			break
		}
		var kid node
		if kid, err = p.value(tok.String(), depth+1); err == nil {
			n.kids = append(n.kids, kid)
		}
	}
	return n, p.close(err)
}

func (p *jsonParser) list(name string, depth int) (node, error) {
	n, err := p.open(list, name)
	for err == nil && p.dec.PeekKind() != ']' {
		var kid node
		if kid, err = p.value(name, depth+1); err == nil {
			kid.listed = true
			n.kids = append(n.kids, kid)
		}
	}
	return n, p.close(err)
}

func (p *jsonParser) open(k kind, name string) (node, error) {
	n, err := p.node(k, name)
	if err != nil {
		return n, err
	}
	_, err = p.dec.ReadToken()
	return n, err
}

func (p *jsonParser) close(err error) error {
	if err != nil {
		return err
	}
	_, err = p.dec.ReadToken()
	return err
}

func (p *jsonParser) scalar(name string) (node, error) {
	n, err := p.node(other, name)
	if err != nil {
		return n, err
	}
	raw, err := p.dec.ReadValue()
	if err != nil {
		return n, err
	}
	n.end = int(p.dec.InputOffset())
	n.start = n.end - len(raw)
	switch raw.Kind() {
	case '"':
		n.kind = text
		unquoted, _ := jsontext.AppendUnquote(nil, raw) // invalid UTF-8 becomes U+FFFD
		n.text = string(unquoted)
	case '0':
		n.kind, n.text = number, string(raw)
	default:
		n.text = string(raw)
	}
	return n, nil
}

// jsonText writes a string of JSON.
func jsonText(s string) []byte {
	out, _ := jsontext.AppendQuote(nil, s) // invalid UTF-8 becomes U+FFFD
	return out
}
