package resource

import (
	"iter"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/muster-audit/muster/inventory"
)

// Members is a JSON object kept as text, so that only what is asked for is decoded. Its memory is used again.
type Members struct {
	buf     []byte
	list    []member
	Present bool // there was an object
}

type member struct{ name, value span }

type span struct{ from, to int }

// mostKept bounds the buffer that is kept for the next instance: one of 100 MB must not hold its memory to the end.
const mostKept = 4 << 20

func (m *Members) Reset() {
	if cap(m.buf) > mostKept {
		m.buf = nil
	}
	m.buf, m.list, m.Present = m.buf[:0], m.list[:0], false
}

// Read takes the next value of the decoder; anything but an object counts as absent.
func (m *Members) Read(d *jsontext.Decoder) error {
	m.Reset()
	if d.PeekKind() != '{' {
		return d.SkipValue()
	}
	m.Present = true
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	for d.PeekKind() != '}' {
		name, err := m.keep(d)
		if err != nil {
			return err
		}
		value, err := m.keep(d)
		if err != nil {
			return err
		}
		m.list = append(m.list, member{name, value})
	}
	_, err := d.ReadToken()
	return err
}

// Set makes a member of a JSON text, in place of one of the same name.
func (m *Members) Set(name string, value []byte) {
	m.Present = true
	from := len(m.buf)
	m.buf = append(m.buf, value...)
	v := span{from, len(m.buf)}
	if i := m.find(name); i >= 0 {
		m.list[i].value = v
		return
	}
	m.buf = append(m.buf, inventory.StringValue(name)...)
	m.list = append(m.list, member{span{v.to, len(m.buf)}, v})
}

// Delete takes a member away.
func (m *Members) Delete(name string) {
	if i := m.find(name); i >= 0 {
		m.list = slices.Delete(m.list, i, i+1)
	}
}

// All yields the names and the texts of the members, which are valid until the next change.
func (m *Members) All() iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		for _, e := range m.list {
			if !yield(stringOf(m.at(e.name)), m.at(e.value)) {
				return
			}
		}
	}
}

// keep copies the text of the decoder's next value.
func (m *Members) keep(d *jsontext.Decoder) (span, error) {
	raw, err := d.ReadValue()
	if err != nil {
		return span{}, err
	}
	from := len(m.buf)
	m.buf = append(m.buf, raw...)
	return span{from, len(m.buf)}, nil
}

func (m *Members) at(s span) []byte { return m.buf[s.from:s.to] }

// Raw returns the text of a member's value, which is valid until the next change.
func (m *Members) Raw(name string) ([]byte, bool) { return m.raw(name) }

func (m *Members) raw(name string) ([]byte, bool) {
	if i := m.find(name); i >= 0 {
		return m.at(m.list[i].value), true
	}
	return nil, false
}

func (m *Members) find(name string) int {
	for i, e := range m.list {
		key := m.at(e.name)
		if len(key) == len(name)+2 && string(key[1:len(key)-1]) == name {
			return i
		}
	}
	return -1
}

// String returns a member's value if it is a string.
func (m *Members) String(name string) string {
	raw, ok := m.raw(name)
	if !ok {
		return ""
	}
	return stringOf(raw)
}

// stringOf returns a JSON string, and "" for any other JSON text.
func stringOf(raw []byte) string {
	if len(raw) < 2 || raw[0] != '"' {
		return ""
	}
	return inventory.Value(raw).String()
}
