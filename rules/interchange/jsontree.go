package interchange

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// maxDocument bounds a file that is read whole: a tag policy has at most some ten thousand characters.
const maxDocument = 1 << 20

// maxDepth bounds nesting.
const maxDepth = 32

// node is a value of a JSON file that knows its line.
type node struct {
	file    string
	line    int
	kind    jsontext.Kind // '{', '[', '"', '0', 't', 'f' or 'n'
	text    string        // of a string, a number, true or false
	members []member      // of an object, in the order of the file
	items   []*node       // of a list
}

type member struct {
	name  string
	line  int
	value *node
}

func (n *node) problem(format string, args ...any) error {
	return fmt.Errorf("%s:%d: %s", n.file, n.line, fmt.Sprintf(format, args...))
}

func (n *node) get(name string) *node {
	for _, m := range n.members {
		if m.name == name {
			return m.value
		}
	}
	return nil
}

// describe says what kind of value it is.
func (n *node) describe() string {
	switch n.kind {
	case '{':
		return "an object"
	case '[':
		return "a list"
	case '"':
		return fmt.Sprintf("the text %q", n.text)
	case 'n':
		return "null"
	}
	return n.text
}

// strings reads a list of texts.
func (n *node) strings(what string) ([]string, error) {
	if n.kind != '[' {
		return nil, n.problem("%s is %s: a list of texts is needed", what, n.describe())
	}
	list := make([]string, len(n.items))
	for i, item := range n.items {
		if item.kind != '"' {
			return nil, item.problem("%s holds %s: write texts in quotes", what, item.describe())
		}
		list[i] = item.text
	}
	return list, nil
}

// readJSON reads a whole file. A name twice in one object is an error, since nobody can tell which of the two counts.
func readJSON(r io.Reader, file string) (*node, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxDocument+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	if len(text) > maxDocument {
		return nil, fmt.Errorf("read %s: it is larger than %d KiB: it is no policy", file, maxDocument>>10)
	}
	return parseJSON(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")), file, 1)
}

// parseJSON parses a text that begins on a line of a file.
func parseJSON(text []byte, file string, first int) (*node, error) {
	p := &treeParser{text: text, file: file, first: first, d: jsontext.NewDecoder(bytes.NewReader(text))}
	n, err := p.value(0)
	if err != nil {
		return nil, p.failure(err)
	}
	if _, err := p.d.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s:%d: there is more behind the end of the document: remove it", file, p.line())
	}
	return n, nil
}

type treeParser struct {
	text  []byte
	file  string
	first int
	d     *jsontext.Decoder
}

// line is that of the token that was read last.
func (p *treeParser) line() int {
	return p.first + bytes.Count(p.text[:min(int(p.d.InputOffset()), len(p.text))], []byte{'\n'})
}

func (p *treeParser) failure(err error) error {
	var syntax *jsontext.SyntacticError
	switch {
	case errors.Is(err, jsontext.ErrDuplicateName):
		return fmt.Errorf("%s:%d: a name is there twice in one object: keep one", p.file, p.line())
	case errors.As(err, &syntax):
		at := p.first + bytes.Count(p.text[:min(int(syntax.ByteOffset), len(p.text))], []byte{'\n'})
		return fmt.Errorf("%s:%d: not valid JSON: %w", p.file, at, syntax.Err)
	case errors.Is(err, io.EOF):
		return fmt.Errorf("%s:%d: the file ends too soon: it is empty or was cut off", p.file, p.line())
	}
	return err
}

func (p *treeParser) value(depth int) (*node, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("%s:%d: nested too deeply", p.file, p.line())
	}
	t, err := p.d.ReadToken()
	if err != nil {
		return nil, err
	}
	n := &node{file: p.file, line: p.line(), kind: t.Kind()}
	switch n.kind {
	case '{':
		return n, p.object(n, depth)
	case '[':
		return n, p.list(n, depth)
	}
	n.text = t.String()
	return n, nil
}

func (p *treeParser) object(n *node, depth int) error {
	for p.d.PeekKind() != '}' {
		name, err := p.d.ReadToken()
		if err != nil {
			return err
		}
		m := member{name: name.String(), line: p.line()}
		if m.value, err = p.value(depth + 1); err != nil {
			return err
		}
		n.members = append(n.members, m)
	}
	_, err := p.d.ReadToken()
	return err
}

func (p *treeParser) list(n *node, depth int) error {
	for p.d.PeekKind() != ']' {
		item, err := p.value(depth + 1)
		if err != nil {
			return err
		}
		n.items = append(n.items, item)
	}
	_, err := p.d.ReadToken()
	return err
}
