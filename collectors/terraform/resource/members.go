package resource

import (
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

// raw returns the text of a member's value.
func (m *Members) raw(name string) ([]byte, bool) {
	for _, e := range m.list {
		key := m.at(e.name)
		if len(key) == len(name)+2 && string(key[1:len(key)-1]) == name {
			return m.at(e.value), true
		}
	}
	return nil, false
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
