package terraform

import (
	"bytes"
	"encoding/json"

	"github.com/go-json-experiment/json/jsontext"
)

// decoder turns JSON texts into what encoding/json makes of them, with numbers as json.Number. It is made once and used
// for the many small values of a state, for which setting up a json.Decoder costs more than reading.
type decoder struct {
	r bytes.Reader
	d *jsontext.Decoder
}

func newDecoder() *decoder {
	c := &decoder{}
	c.d = jsontext.NewDecoder(&c.r, jsontext.AllowDuplicateNames(true))
	return c
}

// decode returns the value of a valid JSON text. Of an invalid one, which only a caller's mistake could give, it returns
// what can be read.
func (c *decoder) decode(raw []byte) any {
	if len(raw) == 0 {
		return nil
	}
	if raw[0] != '{' && raw[0] != '[' {
		return scalar(raw)
	}
	c.r.Reset(raw)
	c.d.Reset(&c.r, jsontext.AllowDuplicateNames(true))
	return c.value()
}

func (c *decoder) value() any {
	switch c.d.PeekKind() {
	case '{':
		return c.object()
	case '[':
		return c.array()
	}
	raw, err := c.d.ReadValue()
	if err != nil {
		return nil
	}
	return scalar(raw)
}

func scalar(raw []byte) any {
	switch raw[0] {
	case 'n':
		return nil
	case 't', 'f':
		return raw[0] == 't'
	case '"':
		return stringOf(raw)
	}
	return json.Number(raw)
}

func (c *decoder) object() any {
	out := map[string]any{}
	if _, err := c.d.ReadToken(); err != nil {
		return out
	}
	for k := c.d.PeekKind(); k == '"'; k = c.d.PeekKind() {
		name, err := c.d.ReadToken()
		if err != nil {
			return out
		}
		key := name.String()
		out[key] = c.value()
	}
	_, _ = c.d.ReadToken() // the closing brace
	return out
}

func (c *decoder) array() any {
	out := []any{}
	if _, err := c.d.ReadToken(); err != nil {
		return out
	}
	for k := c.d.PeekKind(); k != ']' && k != 0; k = c.d.PeekKind() {
		out = append(out, c.value())
	}
	_, _ = c.d.ReadToken() // the closing bracket
	return out
}
