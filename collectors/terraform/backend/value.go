package backend

import (
	"fmt"
	"strings"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// config reads the values of a backend and notes which of those that it needed are not known.
type config struct {
	values  map[string]cty.Value
	unknown []string
	missing []string
}

// text returns a value as text; "" if it is absent, or not known, which is noted.
func (c *config) text(name string) string {
	v, ok := c.values[name]
	if !ok {
		return ""
	}
	if !v.IsWhollyKnown() || v.IsMarked() {
		c.unknown = append(c.unknown, name)
		return ""
	}
	if v.IsNull() {
		return ""
	}
	s, err := convert.Convert(v, cty.String)
	if err != nil {
		c.unknown = append(c.unknown, name)
		return ""
	}
	return s.AsString()
}

// need is text, whose absence is noted.
func (c *config) need(name string) string {
	known := len(c.unknown)
	s := c.text(name)
	if s == "" && len(c.unknown) == known {
		c.missing = append(c.missing, name)
	}
	return s
}

// or is text, or a default where it is absent. A text that is there and empty stays so.
func (c *config) or(name, value string) string {
	if v, ok := c.values[name]; ok && v.IsKnown() && v.IsNull() {
		return value
	}
	if _, ok := c.values[name]; !ok {
		return value
	}
	return c.text(name)
}

// has reports whether a value is there that is not null, nor empty.
func (c *config) has(name string) bool {
	v, ok := c.values[name]
	if !ok {
		return false
	}
	v, _ = v.UnmarkDeep()
	switch {
	case !v.IsKnown():
		return true
	case v.IsNull():
		return false
	case v.Type() == cty.String:
		return v.AsString() != ""
	case v.CanIterateElements() || v.Type().IsObjectType():
		return v.LengthInt() > 0
	}
	return true
}

// inner returns a block or an object in the config; a list of one object is that object. What it misses is noted under its own name.
func (c *config) inner(name string) *config {
	v, ok := c.values[name]
	if !ok || v.IsMarked() || !v.IsKnown() || v.IsNull() {
		if ok && (v.IsMarked() || !v.IsKnown()) {
			c.unknown = append(c.unknown, name)
		}
		return &config{}
	}
	if isList(v) && v.LengthInt() == 1 {
		for it := v.ElementIterator(); it.Next(); {
			_, v = it.Element()
		}
	}
	if v.IsMarked() || !v.IsKnown() || v.IsNull() || !v.Type().IsObjectType() && !v.Type().IsMapType() {
		if !(isList(v) && v.IsKnown() && v.LengthInt() == 0) {
			c.unknown = append(c.unknown, name)
		}
		return &config{}
	}
	return &config{values: v.AsValueMap()}
}

func isList(v cty.Value) bool {
	t := v.Type()
	return t.IsTupleType() || t.IsListType() || t.IsSetType()
}

// texts returns a list of texts, and false if it is none.
func (c *config) texts(name string) ([]string, bool) {
	v, ok := c.values[name]
	if !ok || !v.IsWhollyKnown() || v.IsMarked() || v.IsNull() || !isList(v) {
		return nil, false
	}
	var list []string
	for it := v.ElementIterator(); it.Next(); {
		_, e := it.Element()
		if e.IsNull() || e.Type() != cty.String {
			return nil, false
		}
		list = append(list, e.AsString())
	}
	return list, true
}

// why says what keeps the address from being known; "" if nothing does.
func (c *config) why(kind string) string {
	switch {
	case len(c.unknown) > 0:
		return fmt.Sprintf("backend %q: %s is not written literally: run terraform init, or give the state in paths", kind, strings.Join(c.unknown, ", "))
	case len(c.missing) > 0:
		return fmt.Sprintf("backend %q: %s is not in the code: run terraform init, or give the state in paths", kind, strings.Join(c.missing, ", "))
	}
	return ""
}
