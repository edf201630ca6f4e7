package tape

import (
	"bytes"
	"errors"
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory/catalog"
)

// format is how a body is encoded.
type format uint8

const (
	otherBody format = iota
	jsonBody
	xmlBody
	cborBody
	formBody
)

// kindOf reads a content type.
func kindOf(contentType string) format {
	t := strings.ToLower(contentType)
	switch {
	case strings.Contains(t, "x-www-form-urlencoded"):
		return formBody
	case strings.Contains(t, "cbor"):
		return cborBody
	case strings.Contains(t, "json"):
		return jsonBody
	case strings.Contains(t, "xml"):
		return xmlBody
	}
	return otherBody
}

// document is a body taken apart so far as is needed to find what is secret in it, and to replace that and nothing else.
type document struct {
	format format
	body   []byte
	root   node
	// nested says that the document is a text in another one. Nobody's schema says of which type its values are.
	nested bool
	edits  []edit
}

// kind is what a node is.
type kind uint8

const (
	other  kind = iota // null, a truth value, a time
	text               // text or bytes
	number             // by its digits
	object             // its kids have names of their own; an element of XML with more than text in it
	list               // its kids bear its own name
)

// node is a value and where it stands.
type node struct {
	kind       kind
	form       form
	listed     bool // it is an item of a list
	start, end int  // of what an edit replaces; compounds have none
	name       string
	plain      string // the name as the catalog's lists have it
	text       string
	kids       []node
}

// form is how a text is written.
type form uint8

const (
	quoted    form = iota // a string of JSON, a text of CBOR, the text of an element, a parameter of a form
	bytewise              // the bytes of CBOR
	attribute             // the value of an attribute in XML, with its quotes
)

func (n *node) compound() bool { return n.kind == object || n.kind == list }

// kid returns the first kid with a plain name, or nil.
func (n *node) kid(plain string) *node {
	for i := range n.kids {
		if n.kids[i].plain == plain {
			return &n.kids[i]
		}
	}
	return nil
}

// scalar returns the text of the kid with a plain name.
func (n *node) scalar(plain string) string {
	if k := n.kid(plain); k != nil {
		return k.text
	}
	return ""
}

// edit replaces a part of a body.
type edit struct {
	start, end int
	with       []byte
}

// result is the body with all edits made. Edits do not overlap, save that one may lie within another, which wins.
func (d *document) result() []byte {
	if len(d.edits) == 0 {
		return d.body
	}
	slices.SortFunc(d.edits, func(x, y edit) int {
		if x.start != y.start {
			return x.start - y.start
		}
		return y.end - x.end
	})
	var out bytes.Buffer
	at := 0
	for _, e := range d.edits {
		if e.start < at {
			continue
		}
		out.Write(d.body[at:e.start])
		out.Write(e.with)
		at = e.end
	}
	out.Write(d.body[at:])
	return out.Bytes()
}

var (
	errUnsearchable = errors.New("it cannot be searched for secrets")
	errTooMuch      = errors.New("too many values to be searched for secrets")
)

// mostNodes bounds the memory that a body takes once it is taken apart.
const mostNodes = 4 << 20

// deepest bounds the nesting of a body.
const deepest = 1000

// builder makes the nodes of one document.
type builder struct {
	count int
	names map[string]string
}

// node makes a node, unless there are too many.
func (b *builder) node(k kind, name string) (node, error) {
	if b.count++; b.count > mostNodes {
		return node{}, errTooMuch
	}
	return node{kind: k, name: name, plain: b.plain(name)}, nil
}

func (b *builder) plain(name string) string {
	if p, ok := b.names[name]; ok {
		return p
	}
	p := catalog.PlainName(name)
	if b.names == nil {
		b.names = map[string]string{}
	}
	if len(b.names) < 1<<14 {
		b.names[name] = p
	}
	return p
}

// parse takes a body apart: as its type says, and where it does not say or is wrong, as what the body looks like.
func parse(contentType string, body []byte) (*document, error) {
	switch kindOf(contentType) {
	case formBody:
		return parseForm(body)
	case cborBody:
		return parseCBOR(body)
	case jsonBody:
		if d, err := parseJSON(body); err == nil || errors.Is(err, errTooMuch) {
			return d, err
		}
		return parseXML(body)
	}
	if d, err := parseXML(body); err == nil || errors.Is(err, errTooMuch) {
		return d, err
	}
	d, err := parseJSON(body)
	if err == nil && !d.root.compound() {
		return nil, errUnsearchable // a bare word or number, which no name tells about
	}
	return d, err
}
