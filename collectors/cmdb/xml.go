package cmdb

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"golang.org/x/text/encoding/htmlindex"

	"github.com/muster-audit/muster/collectors/files"
)

// Bounds of a document of XML, in bytes.
const (
	maxXMLToken  = 1 << 20
	maxXMLRecord = 8 << 20
)

// classColumn is the column with the name of a record's element, in documents that have no such column themselves.
const classColumn = "sys_class_name"

// openXML reads a file of XML: the elements below the root are records, and what is in them their columns.
func openXML(ctx context.Context, raw *files.Raw, o *Options) (table, error) {
	r, c, err := decoded(ctx, raw, o)
	if err != nil {
		return nil, err
	}
	s, err := newSpool(o)
	if err != nil {
		return nil, err
	}
	x := &xmlReader{ctx: ctx, options: o, spool: s, charset: c, byName: map[string]*group{}}
	t, err := x.read(r)
	if err == nil {
		t.detail = wrote(raw, formatXML, x.charset) + t.detail
		err = t.rewind()
	}
	if err != nil {
		s.Close()
		return nil, err
	}
	return t, nil
}

// metered bounds what a decoder reads for one token.
type metered struct {
	r    io.Reader
	left int
}

func (m *metered) Read(b []byte) (int, error) {
	if m.left <= 0 {
		return 0, fmt.Errorf("a text, or what should be a mark, is longer than %d MiB: look at what stands there", maxXMLToken>>20)
	}
	n, err := m.r.Read(b)
	m.left -= n
	return n, err
}

// xmlReader reads the records of an XML document into a spool.
type xmlReader struct {
	ctx     context.Context
	options *Options
	spool   *spool
	charset charset
	src     *metered
	d       *xml.Decoder
	byName  map[string]*group
	groups  []*group
	g       *group // of the current record
	class   string // the name of its element
	begin   int64  // where it begins
	stack   []element
	depth   int // of the element that is being read, the root being 1
	rooted  bool
	classed bool // a record got the name of its element as its class
}

// element is one in a record that has not ended.
type element struct {
	n     *node // nil if it is nested too deep
	text  []byte
	parts bool
}

func (x *xmlReader) read(r io.Reader) (*spooled, error) {
	x.src = &metered{r: r}
	x.d = xml.NewDecoder(x.src)
	x.d.CharsetReader = x.charsetReader
	for n := 0; ; n++ {
		if n%1024 == 0 && x.ctx.Err() != nil {
			return nil, x.ctx.Err()
		}
		x.src.left = maxXMLToken
		t, err := x.d.Token()
		if errors.Is(err, io.EOF) {
			return x.choose()
		}
		if err == nil {
			err = x.token(t)
		}
		if err != nil {
			return nil, x.failed(err)
		}
	}
}

// failed says in which line a document cannot be read on.
func (x *xmlReader) failed(err error) error {
	line, _ := x.d.InputPos()
	if se := (*xml.SyntaxError)(nil); errors.As(err, &se) {
		return fmt.Errorf("line %d: the XML is cut or damaged: %s: check whether the export ran to its end", se.Line, se.Msg)
	}
	return fmt.Errorf("line %d: %w", line, err)
}

// charsetReader reads the encoding that a document names, unless a mark or the option encoding says what it is.
func (x *xmlReader) charsetReader(label string, r io.Reader) (io.Reader, error) {
	if x.charset != charsetUTF8 || x.options.charset() != charsetAuto {
		return r, nil
	}
	e, err := htmlindex.Get(label)
	if err != nil {
		return nil, fmt.Errorf("the encoding %q is not known: export the file in UTF-8", label)
	}
	if strings.HasPrefix(strings.ToLower(label), "utf-16") {
		return nil, fmt.Errorf("the document says that it is %s, and is not: set encoding", label)
	}
	x.charset = charset(strings.ToLower(label))
	return e.NewDecoder().Reader(r), nil
}

func (x *xmlReader) token(t xml.Token) error {
	switch t := t.(type) {
	case xml.Directive:
		return errors.New("the XML has a document type (DTD), which is not read: export it without one")
	case xml.StartElement:
		x.depth++
		return x.start(t)
	case xml.EndElement:
		x.depth--
		return x.end()
	case xml.CharData:
		if n := len(x.stack); n > 0 && x.stack[n-1].n != nil {
			x.stack[n-1].text = append(x.stack[n-1].text, t...)
		}
	}
	if x.depth > 1 && x.d.InputOffset()-x.begin > maxXMLRecord {
		return fmt.Errorf("the record <%s> is longer than %d MiB: export the assets as elements right below the root", x.class, maxXMLRecord>>20)
	}
	return nil
}

func (x *xmlReader) start(t xml.StartElement) error {
	name := t.Name.Local
	switch x.depth {
	case 1:
		return x.root(t)
	case 2:
		return x.record(t)
	}
	top := &x.stack[len(x.stack)-1]
	top.parts = true
	if top.n == nil || x.depth-2 > maxDepth {
		x.push(nil)
		return nil
	}
	n := top.n.part([]byte(name))
	x.push(n)
	return x.attributes(n, t)
}

// push begins an element in a record. Its text is kept in the room of one before it.
func (x *xmlReader) push(n *node) {
	if len(x.stack) < cap(x.stack) {
		x.stack = x.stack[:len(x.stack)+1]
		e := &x.stack[len(x.stack)-1]
		e.n, e.text, e.parts = n, e.text[:0], false
		return
	}
	x.stack = append(x.stack, element{n: n})
}

// root refuses documents that are no exports.
func (x *xmlReader) root(t xml.StartElement) error {
	if x.rooted {
		return errors.New("there are two documents in the file: export one")
	}
	x.rooted = true
	switch {
	case strings.EqualFold(t.Name.Local, "html"):
		return errors.New("the file is a web page: check whether it is the log-in page of what exports it")
	case isErrorElement(t.Name.Local):
		return errFailedAnswer()
	case t.Name.Local == "Workbook" && strings.HasPrefix(t.Name.Space, "urn:schemas-microsoft-com:office:spreadsheet"):
		return errors.New("the file is a workbook as XML (Excel 2003): save it as .xlsx or CSV")
	}
	return nil
}

// record begins a record. Those of ServiceNow's classes of assets are one list, whatever their elements are called.
func (x *xmlReader) record(t xml.StartElement) error {
	x.class = t.Name.Local
	list := x.class
	if isClass(list) {
		list = classes
	}
	g, ok := x.byName[list]
	if !ok {
		const most = 256
		if len(x.groups) == most {
			return fmt.Errorf("the document has more than %d kinds of element below its root: export the assets alone", most)
		}
		g = newGroup(len(x.groups), list)
		x.byName[list] = g
		x.groups = append(x.groups, g)
	}
	x.g, x.begin, x.stack = g, x.d.InputOffset(), x.stack[:0]
	line, _ := x.d.InputPos()
	g.begin(line)
	x.push(g.root)
	return x.attributes(g.root, t)
}

// classes stands for all elements that are named for a class of ServiceNow's assets.
const classes = "cmdb_ci…"

func isClass(name string) bool { return strings.HasPrefix(name, "cmdb_ci") }

// attributes makes columns of an element's attributes.
func (x *xmlReader) attributes(n *node, t xml.StartElement) error {
	for _, a := range t.Attr {
		if a.Name.Local == "xmlns" || a.Name.Space == "xmlns" || strings.HasSuffix(a.Name.Space, "XMLSchema-instance") {
			continue
		}
		if err := x.g.add(n.part([]byte(a.Name.Local)), []byte(a.Value)); err != nil {
			return err
		}
	}
	return nil
}

func (x *xmlReader) end() error {
	if x.depth == 0 {
		return nil
	}
	e := &x.stack[len(x.stack)-1]
	x.stack = x.stack[:len(x.stack)-1]
	if x.depth == 1 {
		return x.endRecord()
	}
	if e.n == nil || e.parts && len(bytes.TrimSpace(e.text)) == 0 {
		return nil
	}
	if cap(e.text) > textSize {
		defer func() { e.text = nil }()
	}
	return x.g.add(e.n, bytes.TrimSpace(e.text))
}

func (x *xmlReader) endRecord() error {
	if class := x.g.root.part([]byte(classColumn)); class.stamp != x.g.records {
		x.classed = true
		if err := x.g.add(class, []byte(x.class)); err != nil {
			return err
		}
	}
	return x.g.end(x.spool)
}

// choose makes a table of the records: those of ServiceNow's classes, or else the elements that are the only ones or the only ones
// with columns that fit.
func (x *xmlReader) choose() (*spooled, error) {
	if !x.rooted {
		return nil, errors.New("there is no XML in the file: check whether the export ran to its end")
	}
	g, err := x.find()
	if err != nil {
		return nil, err
	}
	last := ending{classed: x.classed && g.name != classes}
	for name := range x.byName {
		if isErrorElement(name) {
			last.partial = "it tells of an error"
		}
	}
	return g.table(x.spool, fmt.Sprintf(", records <%s>", g.name), last), nil
}

// isErrorElement knows what elements are called that say why there is no export.
func isErrorElement(name string) bool {
	switch strings.ToLower(name) {
	case "error", "errors", "fault", "exception":
		return true
	}
	return false
}

func errFailedAnswer() error {
	return errors.New("the document is the answer of an API that failed: check the address and the user with which it is fetched")
}

func (x *xmlReader) find() (*group, error) {
	if g, ok := x.byName[classes]; ok {
		return g, nil
	}
	x.groups = slices.DeleteFunc(x.groups, func(g *group) bool { return isErrorElement(g.name) })
	if len(x.groups) == 0 && len(x.byName) > 0 {
		return nil, errFailedAnswer()
	}
	var fit []*group
	var names []string
	for _, g := range x.groups {
		names = append(names, g.name)
		if _, err := newLayout(g.table(x.spool, "", ending{}).header, x.options); err == nil {
			fit = append(fit, g)
		}
	}
	switch {
	case len(x.groups) == 0:
		return nil, errors.New("there is no record below the root: check whether the export ran, and whether who ran it may see the assets")
	case len(x.groups) == 1:
		return x.groups[0], nil
	case len(fit) == 1:
		return fit[0], nil
	}
	return nil, fmt.Errorf("elements of several names may be the assets, %s: export one kind, or say with columns which is the name or the serial", quoteAll(names))
}
