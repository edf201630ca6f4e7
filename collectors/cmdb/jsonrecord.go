package cmdb

import (
	"bytes"
	"errors"
	"strconv"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// flattener takes JSON objects apart into columns: members of nested objects get dotted names, scalars of a list a line each. Of a
// list of objects each member is a column with a line for each of them, "tags.name", unless they all have a key and a value:
// then the list is a map, and each key a column, "custom_fields.Owner".
type flattener struct {
	src bytes.Reader
	d   *jsontext.Decoder
	g   *group
	buf []byte
	// While the objects of a list are read:
	inside bool
	lists  int     // begun so far
	index  int     // of the object
	listed []*node // that the objects have
}

func newFlattener() *flattener {
	f := &flattener{}
	f.d = jsontext.NewDecoder(&f.src, jsonOptions()...)
	return f
}

// jsonOptions leave to the flattener what spoils a record only.
func jsonOptions() []jsontext.Options {
	return []jsontext.Options{jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)}
}

// record reads the object raw, which is valid JSON, as the next record of a group.
func (f *flattener) record(g *group, raw []byte, line int) error {
	g.begin(line)
	if !utf8.Valid(raw) {
		return &rowError{line: line, message: "the record is not valid UTF-8", remedy: "export the file in UTF-8"}
	}
	f.g, f.inside = g, false
	f.src.Reset(raw)
	f.d.Reset(&f.src, jsonOptions()...)
	return f.object(g.root, 0)
}

// object reads an object at a depth.
func (f *flattener) object(n *node, depth int) error {
	if _, err := f.d.ReadToken(); err != nil {
		return err
	}
	if f.d.PeekKind() == '}' && depth > 0 {
		if err := f.put(n, nil); err != nil {
			return err
		}
	}
	return f.members(n, depth)
}

// members reads an object behind its brace.
func (f *flattener) members(n *node, depth int) error {
	for f.d.PeekKind() != '}' {
		name, err := f.d.ReadValue()
		if err != nil {
			return err
		}
		part, err := f.part(n, name)
		if err != nil {
			return err
		}
		if err := f.value(part, depth+1); err != nil {
			return err
		}
	}
	_, err := f.d.ReadToken()
	return err
}

func (f *flattener) part(n *node, quoted []byte) (*node, error) {
	if bytes.IndexByte(quoted, '\\') < 0 {
		return n.part(quoted[1 : len(quoted)-1]), nil
	}
	name, err := jsontext.AppendUnquote(nil, quoted)
	return n.part(name), err
}

func (f *flattener) value(n *node, depth int) error {
	switch f.d.PeekKind() {
	case '{':
		if depth >= maxDepth {
			return f.d.SkipValue()
		}
		return f.object(n, depth)
	case '[':
		if f.inside {
			return f.innerList(n)
		}
		return f.list(n, depth)
	}
	text, err := f.scalar()
	if err != nil {
		return err
	}
	return f.put(n, text)
}

// scalar reads a value that is no object and no list; null is empty.
func (f *flattener) scalar() ([]byte, error) {
	raw, err := f.d.ReadValue()
	if err != nil {
		return nil, err
	}
	switch raw.Kind() {
	case 'n':
		return nil, nil
	case '"':
		f.buf, err = jsontext.AppendUnquote(f.buf[:0], raw)
		return f.buf, err
	case '0':
		return plainNumber(raw), nil
	}
	return raw, nil
}

// plainNumber writes a whole number without an exponent, as people write it.
func plainNumber(raw []byte) []byte {
	const exact = 1e15
	if !bytes.ContainsAny(raw, "eE") {
		return raw
	}
	n, err := strconv.ParseFloat(string(raw), 64)
	if err != nil || n != float64(int64(n)) || n > exact || n < -exact {
		return raw
	}
	return strconv.AppendInt(nil, int64(n), 10)
}

// put hands a value over.
func (f *flattener) put(n *node, text []byte) error {
	if !f.inside {
		return f.g.set(n, text)
	}
	return f.line(n, text)
}

// list reads a list that is no part of another. Lists in it are left out.
func (f *flattener) list(n *node, depth int) error {
	if _, err := f.d.ReadToken(); err != nil {
		return err
	}
	var scalars []byte
	found, objects, left := 0, 0, 0
	f.lists++
	f.listed = f.listed[:0]
	for f.d.PeekKind() != ']' {
		var err error
		switch f.d.PeekKind() {
		case '[':
			left++
			err = f.d.SkipValue()
		case '{':
			err = f.element(n, depth, objects)
			objects++
		default:
			var text []byte
			if text, err = f.scalar(); len(text) > 0 {
				scalars = appendLine(scalars, found, text)
				found++
			}
		}
		if err != nil {
			return err
		}
	}
	if _, err := f.d.ReadToken(); err != nil {
		return err
	}
	if found > 0 || objects+left == 0 {
		if err := f.g.set(n, scalars); err != nil {
			return err
		}
	}
	return f.closeList(n, objects)
}

func appendLine(lines []byte, before int, text []byte) []byte {
	if before > 0 {
		lines = append(lines, '\n')
	}
	return append(lines, text...)
}

// element reads one of the objects of a list.
func (f *flattener) element(n *node, depth, index int) error {
	if depth >= maxDepth {
		return f.d.SkipValue()
	}
	if _, err := f.d.ReadToken(); err != nil {
		return err
	}
	f.inside, f.index = true, index
	err := f.members(n, depth)
	f.inside = false
	return err
}

// innerList reads a list in an object of a list: its scalars stand in one line.
func (f *flattener) innerList(n *node) error {
	if _, err := f.d.ReadToken(); err != nil {
		return err
	}
	var joined []byte
	for k := f.d.PeekKind(); k != ']'; k = f.d.PeekKind() {
		if k == '{' || k == '[' {
			if err := f.d.SkipValue(); err != nil {
				return err
			}
			continue
		}
		text, err := f.scalar()
		if err != nil {
			return err
		}
		if len(joined) > 0 && len(text) > 0 {
			joined = append(joined, ", "...)
		}
		joined = append(joined, text...)
	}
	if _, err := f.d.ReadToken(); err != nil {
		return err
	}
	return f.line(n, joined)
}

// line adds the value of an object of a list, after an empty line for each object before it that has none.
func (f *flattener) line(n *node, text []byte) error {
	if n.list != f.lists {
		n.list, n.count, n.lines = f.lists, 0, n.lines[:0]
		f.listed = append(f.listed, n)
	}
	if n.count > f.index {
		return &rowError{line: f.g.line, message: "the record has \"" + n.name + "\" twice in one object of a list", remedy: "export it with one of the two"}
	}
	n.fill(f.index)
	n.lines = appendLine(n.lines, n.count, bytes.ReplaceAll(text, []byte("\n"), []byte(" ")))
	n.count++
	return nil
}

// fill adds empty lines up to a number.
func (n *node) fill(lines int) {
	for ; n.count < lines; n.count++ {
		if n.count > 0 {
			n.lines = append(n.lines, '\n')
		}
	}
}

// closeList hands over what the objects of a list have.
func (f *flattener) closeList(n *node, objects int) error {
	for _, m := range f.listed {
		m.fill(objects)
	}
	if key, value := f.pairs(n, objects); key != nil {
		return f.pairColumns(n, key, value)
	}
	for _, m := range f.listed {
		if err := f.g.set(m, m.lines); err != nil {
			return err
		}
	}
	return nil
}

// pairs returns the members key and value of a list's objects, if all of them have both.
func (f *flattener) pairs(n *node, objects int) (key, value *node) {
	for _, names := range [...][2]string{{"key", "value"}, {"Key", "Value"}} {
		key, value = n.parts[names[0]], n.parts[names[1]]
		if key == nil || value == nil || key.list != f.lists || value.list != f.lists || objects == 0 {
			continue
		}
		if lines := bytes.Split(key.lines, []byte("\n")); len(lines) == objects && !hasEmpty(lines) {
			return key, value
		}
	}
	return nil, nil
}

func hasEmpty(lines [][]byte) bool {
	for _, l := range lines {
		if len(l) == 0 {
			return true
		}
	}
	return false
}

// pairColumns makes a column of each key. The list is all there is, so that a key that it lacks is known to be unset.
func (f *flattener) pairColumns(n, key, value *node) error {
	if err := f.g.set(n, nil); err != nil {
		return err
	}
	keys, values := bytes.Split(key.lines, []byte("\n")), bytes.Split(value.lines, []byte("\n"))
	for i, k := range keys {
		if err := f.g.set(n.part(k), values[i]); err != nil {
			return err
		}
	}
	return nil
}

// spoiled returns the error of a record that is skipped; nil if err ends the file.
func spoiled(err error) *rowError {
	var bad *rowError
	if errors.As(err, &bad) {
		return bad
	}
	return nil
}
