package resource

import (
	"bytes"
	"encoding/json"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/muster-audit/muster/inventory/catalog"
)

// Unknown is the JSON text that stands for what nobody knows: a value that a plan computes only when it is applied.
const Unknown = `"\u0000unknown"`

// Decoder turns JSON texts into what encoding/json makes of them, with numbers as json.Number. It is made once and used
// for the many small values of a state, for which setting up a json.Decoder costs more than reading.
type Decoder struct {
	r bytes.Reader
	d *jsontext.Decoder
}

func NewDecoder() *Decoder {
	c := &Decoder{}
	c.d = jsontext.NewDecoder(&c.r, jsontext.AllowDuplicateNames(true))
	return c
}

// Decode returns the value of a valid JSON text. Of an invalid one, which only a caller's mistake could give, it returns
// what can be read.
func (c *Decoder) Decode(raw []byte) any {
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

func (c *Decoder) value() any {
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
		if string(raw) == Unknown {
			return catalog.Unknown{}
		}
		return stringOf(raw)
	}
	return json.Number(raw)
}

func (c *Decoder) object() any {
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

func (c *Decoder) array() any {
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
