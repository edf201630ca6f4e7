package inventory

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
)

// maxDepth bounds the nesting of an attribute's value, so that hostile text cannot exhaust the stack.
const maxDepth = 256

// cursor walks through one JSON text, which is valid UTF-8.
type cursor struct {
	text string
	pos  int
}

func (c *cursor) fail(field, format string, args ...any) error {
	return c.failAt(c.pos, field, format, args...)
}

func (c *cursor) failAt(pos int, field, format string, args ...any) error {
	return &DecodeError{Field: field, Column: pos + 1, Message: fmt.Sprintf(format, args...)}
}

func (c *cursor) syntax(want string) error {
	if c.pos >= len(c.text) {
		return c.notJSON(c.pos, "the JSON text ends too early: want %s", want)
	}
	return c.notJSON(c.pos, "column %d is not JSON: want %s", c.pos+1, want)
}

func (c *cursor) notJSON(pos int, format string, args ...any) error {
	return &DecodeError{Column: pos + 1, Message: fmt.Sprintf(format, args...), notJSON: true}
}

func (c *cursor) space() {
	for c.pos < len(c.text) {
		switch c.text[c.pos] {
		case ' ', '\t', '\n', '\r':
			c.pos++
		default:
			return
		}
	}
}

// peek is the next byte after white space, or 0 at the end.
func (c *cursor) peek() byte {
	c.space()
	if c.pos >= len(c.text) {
		return 0
	}
	return c.text[c.pos]
}

// take consumes the byte if it comes next.
func (c *cursor) take(b byte) bool {
	if c.peek() != b {
		return false
	}
	c.pos++
	return true
}

// null consumes a null.
func (c *cursor) null() bool { return c.peek() == 'n' && c.word("null") }

func (c *cursor) word(w string) bool {
	if len(c.text)-c.pos < len(w) || c.text[c.pos:c.pos+len(w)] != w {
		return false
	}
	c.pos += len(w)
	return true
}

// members reads an object and calls value with the cursor at each member's value.
func (c *cursor) members(field string, value func(name string) error) error {
	if !c.take('{') {
		return c.mismatch(field, "an object")
	}
	if c.take('}') {
		return nil
	}
	for {
		if c.peek() != '"' {
			return c.syntax("a name in quotes")
		}
		name, err := c.str()
		if err != nil {
			return err
		}
		if !c.take(':') {
			return c.syntax(`":"`)
		}
		c.space()
		if err := value(name); err != nil {
			return err
		}
		if c.take('}') {
			return nil
		}
		if !c.take(',') {
			return c.syntax(`"," or "}"`)
		}
	}
}

// elements reads a list and calls value with the cursor at each element. The fields of its errors are below the element.
func (c *cursor) elements(field string, value func() error) error {
	if !c.take('[') {
		return c.mismatch(field, "a list")
	}
	if c.take(']') {
		return nil
	}
	for i := 0; ; i++ {
		c.space()
		if err := value(); err != nil {
			return within(field+"["+strconv.Itoa(i)+"]", err)
		}
		if c.take(']') {
			return nil
		}
		if !c.take(',') {
			return c.syntax(`"," or "]"`)
		}
	}
}

// within puts a path before the field of an error, unless the text is not JSON at all.
func within(path string, err error) error {
	if err == nil {
		return nil
	}
	e := (*DecodeError)(nil)
	if !errors.As(err, &e) || e.notJSON {
		return err
	}
	if e.Field != "" {
		path += "."
	}
	e.Field = path + e.Field
	return e
}

// mismatch is the error for a value of another type than wanted, or for no value at all.
func (c *cursor) mismatch(field, want string) error {
	have := ""
	switch b := c.peek(); {
	case b == '{':
		have = "an object"
	case b == '[':
		have = "a list"
	case b == '"':
		have = "a string"
	case c.word("true") || c.word("false"):
		have = "true or false"
	case c.word("null"):
		have = "null"
	case b == '-' || b >= '0' && b <= '9':
		have = "a number"
	default:
		return c.syntax(want)
	}
	return c.fail(field, "want %s, have %s", want, have)
}

// stringField reads a string into to, which holds something only if the field was there before.
func (c *cursor) stringField(field string, to *string) error {
	if c.peek() != '"' {
		return c.mismatch(field, "a string")
	}
	if *to != "" {
		return c.fail(field, "given twice")
	}
	s, err := c.str()
	*to = s
	return err
}

func (c *cursor) boolField(field string, to *bool) error {
	switch c.space(); {
	case c.word("true"):
		*to = true
	case c.word("false"):
		*to = false
	default:
		return c.mismatch(field, "true or false")
	}
	return nil
}

// str reads a string. Without escapes it is a part of the text.
func (c *cursor) str() (string, error) {
	start := c.pos
	escaped, err := c.skipString()
	if err != nil {
		return "", err
	}
	if !escaped {
		return c.text[start+1 : c.pos-1], nil
	}
	var s string
	if err := json.Unmarshal([]byte(c.text[start:c.pos]), &s); err != nil {
		return "", c.notJSON(start, "column %d: the string has a wrong escape", start+1)
	}
	return s, nil
}

// skipString passes a string and tells whether it has escapes.
func (c *cursor) skipString() (escaped bool, err error) {
	for i := c.pos + 1; i < len(c.text); i++ {
		switch b := c.text[i]; {
		case b == '"':
			c.pos = i + 1
			return escaped, nil
		case b == '\\':
			escaped = true
			i++
		case b < ' ':
			c.pos = i
			return escaped, c.syntax("no control character in a string")
		}
	}
	c.pos = len(c.text)
	return escaped, c.syntax("the end of a string")
}

// skip passes one value of any type and checks its syntax.
func (c *cursor) skip(depth int) error {
	if depth > maxDepth {
		return c.notJSON(c.pos, "column %d: lists and objects are nested more than %d deep", c.pos+1, maxDepth)
	}
	switch b := c.peek(); {
	case b == '{':
		return c.members("", func(string) error { return c.skip(depth + 1) })
	case b == '[':
		return c.skipList(depth)
	case b == '"':
		_, err := c.str()
		return err
	case b == '-' || b >= '0' && b <= '9':
		return c.number()
	case b == 't' && c.word("true"), b == 'f' && c.word("false"), b == 'n' && c.word("null"):
		return nil
	}
	return c.syntax("a value")
}

func (c *cursor) skipList(depth int) error {
	c.pos++
	if c.take(']') {
		return nil
	}
	for {
		if err := c.skip(depth + 1); err != nil {
			return err
		}
		if c.take(']') {
			return nil
		}
		if !c.take(',') {
			return c.syntax(`"," or "]"`)
		}
	}
}

// number passes a number as RFC 8259, 6 defines it.
func (c *cursor) number() error {
	c.take('-')
	if c.digit() == '0' {
		c.pos++
	} else if !c.digits() {
		return c.syntax("a digit")
	}
	if c.digit() == '.' {
		c.pos++
		if !c.digits() {
			return c.syntax("a digit")
		}
	}
	if b := c.digit(); b != 'e' && b != 'E' {
		return nil
	}
	c.pos++
	if b := c.digit(); b == '+' || b == '-' {
		c.pos++
	}
	if !c.digits() {
		return c.syntax("a digit")
	}
	return nil
}

// digit is the byte at the cursor, or 0 at the end.
func (c *cursor) digit() byte {
	if c.pos >= len(c.text) {
		return 0
	}
	return c.text[c.pos]
}

// digits passes one or more digits.
func (c *cursor) digits() bool {
	start := c.pos
	for b := c.digit(); b >= '0' && b <= '9'; b = c.digit() {
		c.pos++
	}
	return c.pos > start
}

// canonical passes a value that is written as Value wants it, and reports whether it is. It is sure of plain ASCII text
// only, and takes syntax for granted.
func (c *cursor) canonical() bool {
	switch c.digit() {
	case '{':
		return c.canonicalList('}', true)
	case '[':
		return c.canonicalList(']', false)
	case '"':
		return c.plainString() != ""
	}
	start := c.pos
	for c.pos < len(c.text) && !delimits(c.text[c.pos]) {
		c.pos++
	}
	return c.pos > start
}

func delimits(b byte) bool { return b <= ' ' || b == ',' || b == ']' || b == '}' || b == ':' }

// canonicalList passes a list, or an object with its names in ascending order.
func (c *cursor) canonicalList(end byte, named bool) bool {
	c.pos++
	last := ""
	for first := true; c.digit() != end; first = false {
		if named {
			quoted := c.plainString()
			if quoted == "" || c.digit() != ':' {
				return false
			}
			name := quoted[1 : len(quoted)-1]
			if !first && name <= last {
				return false
			}
			last = name
			c.pos++
		}
		if !c.canonical() {
			return false
		}
		if c.digit() == ',' {
			c.pos++
		}
	}
	c.pos++
	return true
}

// plainString passes a string without escapes, of ASCII, and returns it with its quotes; otherwise it returns "".
func (c *cursor) plainString() string {
	start := c.pos
	if c.digit() != '"' {
		return ""
	}
	for c.pos++; c.pos < len(c.text); c.pos++ {
		switch b := c.text[c.pos]; {
		case b == '"':
			c.pos++
			return c.text[start:c.pos]
		case b < 0x20 || b >= 0x7f || b == '\\':
			return ""
		}
	}
	return ""
}
