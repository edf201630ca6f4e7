package inventory

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
)

// Value is an attribute's value as canonical JSON text: object keys sorted, no insignificant white space, numbers as
// the provider wrote them. Two values are the same exactly if their texts are. The empty text means that the
// attribute could not be read; Null means that it is known to be unset.
type Value string

// Values that are often needed.
const (
	Unread Value = ""
	Null   Value = "null"
	True   Value = "true"
	False  Value = "false"
)

// StringValue returns the value of a string.
func StringValue(s string) Value { return Value(appendString(nil, s)) }

// BoolValue returns the value of a truth value.
func BoolValue(b bool) Value { return Value(strconv.FormatBool(b)) }

// IntValue returns the value of a whole number.
func IntValue(n int64) Value { return Value(strconv.FormatInt(n, 10)) }

// StringsValue returns the value of a list of strings, in the order given.
func StringsValue(list []string) Value {
	b := []byte{'['}
	for i, s := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, s)
	}
	return Value(append(b, ']'))
}

// ParseValue returns the canonical form of a JSON text.
func ParseValue(text []byte) (Value, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return "", fmt.Errorf("parse attribute value: %w", err)
	}
	if d.More() {
		return "", fmt.Errorf("parse attribute value: more than one JSON value")
	}
	return ValueOf(v)
}

// ValueOf returns the value of what encoding/json decodes into an any: nil, bool, string, json.Number, float64, []any
// and map[string]any, nested.
func ValueOf(v any) (Value, error) {
	b, err := appendValue(nil, v)
	return Value(b), err
}

// IsRead reports whether the attribute could be read.
func (v Value) IsRead() bool { return v != Unread }

// String returns the text of a JSON string without its quotes, and any other value as its JSON text.
func (v Value) String() string {
	if strings.HasPrefix(string(v), `"`) {
		if plain := strings.Trim(string(v), `"`); len(plain) == len(v)-2 && !strings.Contains(plain, `\`) {
			return plain
		}
		var s string
		if json.Unmarshal([]byte(v), &s) == nil {
			return s
		}
	}
	return string(v)
}

// Decode returns what encoding/json makes of the value, with numbers as json.Number; nil for Null and Unread.
func (v Value) Decode() any {
	if v == Unread {
		return nil
	}
	d := json.NewDecoder(strings.NewReader(string(v)))
	d.UseNumber()
	var out any
	if d.Decode(&out) != nil {
		return nil
	}
	return out
}

// Attribute is a named value. Names are those of the provider's own model.
type Attribute struct {
	Name  string
	Value Value
}

// Attributes are an asset's canonical attributes, sorted by name and free of secrets. The zero value is unknown.
// A name that is not among known attributes is unknown for itself. Attributes are immutable.
type Attributes struct {
	known bool
	list  []Attribute
}

// KnownAttributes returns attributes that were read. The list is copied and sorted; of two with one name the later stays.
func KnownAttributes(list ...Attribute) Attributes {
	if len(list) == 0 {
		return Attributes{known: true}
	}
	c := slices.Clone(list)
	slices.SortStableFunc(c, func(a, b Attribute) int { return cmp.Compare(a.Name, b.Name) })
	out := c[:0]
	for _, a := range c {
		if n := len(out); n > 0 && out[n-1].Name == a.Name {
			out[n-1] = a
			continue
		}
		out = append(out, a)
	}
	return Attributes{known: true, list: out}
}

// IsKnown reports whether the attributes were read at all.
func (a Attributes) IsKnown() bool { return a.known }

// Len is the number of attributes, the unread ones among them counted.
func (a Attributes) Len() int { return len(a.list) }

// Get returns the value of an attribute that was read.
func (a Attributes) Get(name string) (Value, bool) {
	i, ok := slices.BinarySearchFunc(a.list, name, func(a Attribute, n string) int { return cmp.Compare(a.Name, n) })
	if !ok || !a.list[i].Value.IsRead() {
		return "", false
	}
	return a.list[i].Value, true
}

// All yields the attributes in the order of their names, unread ones too.
func (a Attributes) All() iter.Seq[Attribute] { return slices.Values(a.list) }

// Equal reports whether both are known or unknown alike and hold the same values.
func (a Attributes) Equal(o Attributes) bool {
	return a.known == o.known && slices.Equal(a.list, o.list)
}

func appendString(b []byte, s string) []byte {
	if plain(s) {
		b = append(b, '"')
		b = append(b, s...)
		return append(b, '"')
	}
	var buf bytes.Buffer
	e := json.NewEncoder(&buf)
	e.SetEscapeHTML(false)
	if e.Encode(s) != nil { // cannot happen: every string has a JSON form
		return append(b, `""`...)
	}
	return append(b, bytes.TrimSuffix(buf.Bytes(), []byte{'\n'})...)
}

// plain reports whether s needs no escape in JSON.
func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c >= 0x7f || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

func appendValue(b []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return append(b, "null"...), nil
	case bool:
		return strconv.AppendBool(b, v), nil
	case string:
		return appendString(b, v), nil
	case json.Number:
		return append(b, v.String()...), nil
	case float64:
		return strconv.AppendFloat(b, v, 'g', -1, 64), nil
	case []any:
		return appendList(b, v)
	case map[string]any:
		return appendObject(b, v)
	default:
		return nil, fmt.Errorf("encode attribute value: %T has no JSON form", v)
	}
}

func appendList(b []byte, list []any) ([]byte, error) {
	b = append(b, '[')
	var err error
	for i, e := range list {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = appendValue(b, e); err != nil {
			return nil, err
		}
	}
	return append(b, ']'), nil
}

func appendObject(b []byte, m map[string]any) ([]byte, error) {
	names := make([]string, 0, len(m))
	for n := range m {
		names = append(names, n)
	}
	slices.Sort(names)
	b = append(b, '{')
	var err error
	for i, n := range names {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendString(b, n), ':')
		if b, err = appendValue(b, m[n]); err != nil {
			return nil, err
		}
	}
	return append(b, '}'), nil
}
