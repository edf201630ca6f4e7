package code

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/zclconf/go-cty/cty"

	"github.com/muster-audit/muster/collectors/terraform/config"
	"github.com/muster-audit/muster/collectors/terraform/resource"
	"github.com/muster-audit/muster/inventory"
)

// step is a part of a path as a state's sensitive_attributes writes it.
type step struct {
	Type  string `json:"type"`
	Value any    `json:"value"`
}

func names(attributes map[string]cty.Value) []string {
	return slices.Sorted(maps.Keys(attributes))
}

// encode returns a value as JSON with resource.Unknown where nobody knows, and the paths of what is secret in it.
func encode(v cty.Value) ([]byte, [][]step, error) {
	plain, paths := config.Unmark(v)
	var secret [][]step
	for _, p := range paths {
		secret = append(secret, steps(p))
	}
	text, err := appendValue(nil, plain)
	return text, secret, err
}

func steps(p cty.Path) []step {
	var out []step
	for _, s := range p {
		switch s := s.(type) {
		case cty.GetAttrStep:
			out = append(out, step{"get_attr", s.Name})
		case cty.IndexStep:
			if s.Key.IsKnown() && s.Key.Type() == cty.String {
				out = append(out, step{"get_attr", s.Key.AsString()})
				continue
			}
			if key, err := appendValue(nil, s.Key); err == nil && s.Key.IsKnown() {
				out = append(out, step{"index", json.RawMessage(key)})
				continue
			}
			return out // what cannot be named makes all around it secret
		}
	}
	return out
}

func sensitive(paths [][]step) ([]byte, error) {
	if len(paths) == 0 {
		return nil, nil
	}
	return json.Marshal(paths)
}

func appendValue(b []byte, v cty.Value) ([]byte, error) {
	switch {
	case !v.IsKnown():
		return append(b, resource.Unknown...), nil
	case v.IsNull():
		return append(b, "null"...), nil
	}
	switch t := v.Type(); {
	case t == cty.String:
		return append(b, inventory.StringValue(v.AsString())...), nil
	case t == cty.Number:
		return append(b, v.AsBigFloat().Text('f', -1)...), nil
	case t == cty.Bool:
		return fmt.Appendf(b, "%t", v.True()), nil
	case t.IsObjectType(), t.IsMapType():
		return appendObject(b, v)
	case t.IsTupleType(), t.IsListType(), t.IsSetType():
		return appendList(b, v)
	}
	return append(b, resource.Unknown...), nil // a value of another kind is none that a state holds
}

func appendObject(b []byte, v cty.Value) ([]byte, error) {
	b = append(b, '{')
	first := true
	for it := v.ElementIterator(); it.Next(); {
		key, element := it.Element()
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(append(b, inventory.StringValue(key.AsString())...), ':')
		var err error
		if b, err = appendValue(b, element); err != nil {
			return b, err
		}
	}
	return append(b, '}'), nil
}

func appendList(b []byte, v cty.Value) ([]byte, error) {
	b = append(b, '[')
	first := true
	for it := v.ElementIterator(); it.Next(); {
		_, element := it.Element()
		if !first {
			b = append(b, ',')
		}
		first = false
		var err error
		if b, err = appendValue(b, element); err != nil {
			return b, err
		}
	}
	return append(b, ']'), nil
}

// indexKey is the key of an instance as raw JSON, nothing for one without.
func indexKey(v cty.Value) ([]byte, error) {
	if v == cty.NilVal || v.IsNull() {
		return nil, nil
	}
	plain, _ := config.Unmark(v)
	return appendValue(nil, plain)
}
