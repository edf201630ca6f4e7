package cmdb

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/files"
)

// maxJSON bounds, in bytes, one record, or another value that must be held as a whole.
const maxJSON = 8 << 20

// listNames lists the names under which programs put a list of assets.
func listNames() []string {
	return []string{"records", "result", "results", "rows", "Devices", "virtualMachines", "data", "assets", "items", "hosts"}
}

func isListName(name string) bool {
	for _, n := range listNames() {
		if strings.EqualFold(n, name) {
			return true
		}
	}
	return false
}

// openJSON reads a file of JSON.
func openJSON(ctx context.Context, raw *files.Raw, o *Options, f format) (table, error) {
	r, c, err := decoded(ctx, raw, o)
	if err != nil {
		return nil, err
	}
	s, err := newSpool(o)
	if err != nil {
		return nil, err
	}
	j := &jsonReader{ctx: ctx, options: o, spool: s, flat: newFlattener(), form: wrote(raw, f, c)}
	t, err := j.read(r, f)
	if err == nil {
		err = t.rewind()
	}
	if err != nil {
		s.Close()
		return nil, err
	}
	return t, nil
}

// wrote says how a file of one of the formats without delimiters is written.
func wrote(raw *files.Raw, f format, c charset) string {
	parts := []string{string(f)}
	if raw.Packed != "" {
		parts = []string{raw.Packed, string(f)}
	}
	if c != charsetUTF8 {
		parts = append(parts, string(c))
	}
	return strings.Join(parts, ", ")
}

// jsonReader reads the records of JSON documents into a spool. Which of the lists of a document holds them is known at its end.
type jsonReader struct {
	ctx     context.Context
	options *Options
	spool   *spool
	flat    *flattener
	form    string
	d       *jsontext.Decoder
	at      *lineCounter
	groups  []*jsonGroup
	count   int // documents
	// whole is the document without line ends, if it is small enough to be a record itself.
	whole []byte
	pages pages
	// failure is what the members at the top say of a request that failed.
	failure failure
	values  int // read so far
}

// jsonGroup is a list of a document, by the names that lead to it.
type jsonGroup struct {
	*group
	path  string
	list  bool    // and not a single object
	first failure // what its first record says of one
}

// usual reports whether it has records, and a name under which programs put assets.
func (g *jsonGroup) usual() bool { return g.named() && g.records > 0 }

func (g *jsonGroup) named() bool { return isListName(g.path[strings.LastIndexByte(g.path, '.')+1:]) }

// documents is the path of the group of whole documents, which is not one that names lead to.
const documents = "\x00"

func (j *jsonReader) read(r io.Reader, f format) (*spooled, error) {
	if f == formatNDJSON {
		return j.lines(r)
	}
	j.at = &lineCounter{r: r}
	j.d = jsontext.NewDecoder(j.at, jsonOptions()...)
	j.at.d = j.d
	for {
		switch j.d.PeekKind() {
		case '[':
			if err := j.list(""); err != nil {
				return nil, j.syntax(err)
			}
		case '{':
			if err := j.document(); err != nil {
				return nil, j.syntax(err)
			}
		default:
			_, err := j.d.ReadToken()
			if errors.Is(err, io.EOF) {
				return j.choose()
			}
			if err == nil {
				err = errors.New("there is a value that is no object and no list of objects")
			}
			return nil, j.syntax(err)
		}
		j.count++
	}
}

// syntax says where a document cannot be read on.
func (j *jsonReader) syntax(err error) error {
	if told := (*collectors.Error)(nil); errors.As(err, &told) {
		return told
	}
	if se := (*jsontext.SyntacticError)(nil); errors.As(err, &se) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("line %d: the JSON is cut or damaged: %w: check whether the export ran to its end", j.at.line(j.d.InputOffset()), err)
	}
	return err
}

// group returns the group of a path.
func (j *jsonReader) group(path string, list bool) (*jsonGroup, error) {
	for _, g := range j.groups {
		if g.path == path {
			return g, nil
		}
	}
	const most = 256
	if len(j.groups) == most {
		return nil, fmt.Errorf("the document holds more than %d lists of objects: export the assets alone", most)
	}
	g := &jsonGroup{group: newGroup(len(j.groups), path), path: path, list: list}
	j.groups = append(j.groups, g)
	return g, nil
}

// record adds a record, or says why it is skipped.
func (j *jsonReader) record(g *jsonGroup, raw jsontext.Value, line int) error {
	if j.values++; j.values%256 == 0 {
		if err := j.ctx.Err(); err != nil {
			return err
		}
	}
	var err error
	if g.records == 0 {
		g.first = failureOf(raw)
	}
	if raw.Kind() == '{' {
		err = j.flat.record(g.group, raw, line)
	} else {
		if g.records == 0 {
			g.first.text = sayings(raw)
		}
		g.begin(line)
		err = &rowError{line: line, message: "the record is no object", remedy: "export a list of objects"}
	}
	if bad := spoiled(err); bad != nil {
		return j.spool.bad(g.number, g.records, bad)
	}
	if err != nil {
		return err
	}
	return g.end(j.spool)
}

// document reads an object at the top.
func (j *jsonReader) document() error {
	j.whole = j.whole[:0]
	line := j.at.line(j.start())
	if err := j.members(""); err != nil {
		return err
	}
	if len(j.whole) > maxRecord || slices.ContainsFunc(j.groups, (*jsonGroup).usual) {
		return nil
	}
	g, err := j.group(documents, false)
	if err != nil {
		return err
	}
	return j.record(g, j.whole, line)
}

// start is the offset of the value that is next.
func (j *jsonReader) start() int64 {
	j.d.PeekKind()
	rest := j.d.UnreadBuffer()
	return j.d.InputOffset() + int64(len(rest)-len(bytes.TrimLeft(rest, " \t\r\n,:")))
}

// keep adds to the document's own text, up to a bound.
func (j *jsonReader) keep(text ...[]byte) {
	for _, t := range text {
		if len(j.whole) <= maxRecord {
			j.whole = append(j.whole, t...)
		}
	}
}

// members reads an object with lists in it. prefix is what leads to it: empty at the top, or "data.".
func (j *jsonReader) members(prefix string) error {
	if _, err := j.d.ReadToken(); err != nil {
		return err
	}
	j.keep([]byte("{"))
	for i := 0; j.d.PeekKind() != '}'; i++ {
		quoted, err := j.d.ReadValue()
		if err != nil {
			return err
		}
		if i > 0 {
			j.keep([]byte(","))
		}
		j.keep(quoted, []byte(":"))
		name, err := jsontext.AppendUnquote(nil, quoted)
		if err != nil {
			return err
		}
		if err := j.member(prefix, string(name)); err != nil {
			return err
		}
	}
	j.keep([]byte("}"))
	_, err := j.d.ReadToken()
	return err
}

func (j *jsonReader) member(prefix, name string) error {
	switch kind := j.d.PeekKind(); {
	case kind == '[':
		from := len(j.whole)
		err := j.list(prefix + name)
		if prefix == "" && len(j.whole) <= maxRecord {
			j.failure.note(name, j.whole[from:])
		}
		return err
	case kind == '{' && prefix == "" && (name == "data" || name == "d"):
		return j.members(name + ".")
	}
	line := j.at.line(j.start())
	v, err := j.d.ReadValue()
	if err != nil {
		return err
	}
	j.keep(v)
	if prefix != "" {
		return nil
	}
	j.failure.note(name, v)
	if v.Kind() == '{' && isListName(name) {
		g, err := j.group(name, false)
		if err != nil {
			return err
		}
		return j.record(g, v, line)
	}
	j.pages.note(name, v)
	return nil
}

// list reads a list, whose objects are records of its group. One of scalars at the top is a list too, of records that are none.
func (j *jsonReader) list(path string) error {
	if _, err := j.d.ReadToken(); err != nil {
		return err
	}
	var g *jsonGroup
	known := path == "" || isListName(path[strings.LastIndexByte(path, '.')+1:])
	j.keep([]byte("["))
	for i := 0; ; i++ {
		kind := j.d.PeekKind()
		if g == nil && (kind == '{' || known && kind == ']' || path == "") {
			var err error
			if g, err = j.group(path, true); err != nil {
				return err
			}
		}
		if kind == ']' {
			break
		}
		line := j.at.line(j.start())
		v, err := j.d.ReadValue()
		if err != nil {
			return err
		}
		if i > 0 {
			j.keep([]byte(","))
		}
		j.keep(v)
		if g == nil {
			continue
		}
		if err := j.record(g, v, line); err != nil {
			return err
		}
	}
	j.keep([]byte("]"))
	_, err := j.d.ReadToken()
	return err
}

// lineCounter counts the lines of what a decoder reads, of which it is a bit ahead, and bounds how far that is.
type lineCounter struct {
	r    io.Reader
	d    *jsontext.Decoder
	read int64
	ends []int64 // offsets of the line ends that the decoder has not passed
	past int
}

func (l *lineCounter) Read(b []byte) (int, error) {
	taken := l.d.InputOffset()
	room := maxJSON - (l.read - taken)
	if room <= 0 {
		return 0, fmt.Errorf("line %d: a record or another value is longer than %d MiB: look at what stands there, or export the assets alone",
			l.line(taken), maxJSON>>20)
	}
	n, err := l.r.Read(b[:min(room, int64(len(b)))])
	for i, c := range b[:n] {
		if c == '\n' {
			l.ends = append(l.ends, l.read+int64(i))
		}
	}
	l.read += int64(n)
	return n, err
}

// line is the line of an offset, 1-based. Offsets must not fall.
func (l *lineCounter) line(offset int64) int {
	i := 0
	for i < len(l.ends) && l.ends[i] < offset {
		i++
	}
	l.past += i
	l.ends = l.ends[:copy(l.ends, l.ends[i:])]
	return l.past + 1
}
