package config

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// block evaluates what stands in a block: attributes by name, nested blocks as tuples of objects. Null attributes are left out. skip
// chooses what is not evaluated.
func (s *scope) block(c contents, f *frame, skip func(name string) bool) map[string]cty.Value {
	values := map[string]cty.Value{}
	for name, a := range c.attributes {
		if skip(name) {
			continue
		}
		if v := s.attribute(a, f); !v.IsNull() {
			values[name] = v
		}
	}
	for name, blocks := range s.nestedBlocks(c.blocks, f, skip) {
		values[name] = blocks
	}
	return values
}

// attribute evaluates one attribute of a block.
func (s *scope) attribute(a *hcl.Attribute, f *frame) cty.Value {
	v := clean(s.eval(a.Expr, f))
	if _, native := a.Expr.(hclsyntax.Expression); !native && hasDynamic(v) {
		return cty.DynamicVal
	}
	return v
}

// hasDynamic reports whether there is a dynamic block in the value of JSON, where it looks like any other member.
func hasDynamic(v cty.Value) bool {
	v, _ = v.Unmark()
	if !v.IsKnown() || v.IsNull() || !v.CanIterateElements() {
		return false
	}
	if v.Type().IsObjectType() && v.Type().HasAttribute("dynamic") {
		return true
	}
	for it := v.ElementIterator(); it.Next(); {
		if _, e := it.Element(); hasDynamic(e) {
			return true
		}
	}
	return false
}

// nestedBlocks evaluates blocks by their kinds. A kind with a dynamic block over something unknown is unknown.
func (s *scope) nestedBlocks(blocks []nested, f *frame, skip func(name string) bool) map[string]cty.Value {
	lists := map[string][]cty.Value{}
	unknown := map[string]bool{}
	for _, b := range blocks {
		kind := b.kind()
		if skip(kind) {
			continue
		}
		if b.typ != "dynamic" {
			lists[kind] = append(lists[kind], s.object(b.body, f))
			continue
		}
		made, ok := s.dynamic(b, f)
		lists[kind] = append(lists[kind], made...)
		unknown[kind] = unknown[kind] || !ok
	}
	values := make(map[string]cty.Value, len(lists))
	for kind, list := range lists {
		values[kind] = cty.TupleVal(list)
		if unknown[kind] {
			values[kind] = cty.DynamicVal
		}
	}
	return values
}

// object evaluates the body of a nested block.
func (s *scope) object(body hcl.Body, f *frame) cty.Value {
	return cty.ObjectVal(s.block(read(body), f, func(string) bool { return false }))
}

// dynamic evaluates a dynamic block and reports whether it is known how many blocks it makes.
func (s *scope) dynamic(b nested, f *frame) ([]cty.Value, bool) {
	name, each, content := s.dynamicParts(b)
	if each == nil || content == nil {
		s.ev.problems.add(Unknown, b.body.MissingItemRange(), "dynamic block without for_each or content")
		return nil, false
	}
	over, marks := s.eval(each.Expr, f).Unmark()
	if !over.IsKnown() || isPartial(over) {
		return nil, false
	}
	if over.IsNull() || !over.CanIterateElements() {
		s.ev.problems.add(Unknown, each.Expr.Range(), "for_each of the dynamic block is neither a collection nor an object")
		return nil, false
	}
	if n := over.LengthInt(); n > s.ev.opts.MaxInstances {
		s.ev.problems.add(Unknown, each.Expr.Range(), "the dynamic block makes more than %d blocks", s.ev.opts.MaxInstances)
		return nil, false
	}
	if over.Type().IsSetType() && !over.IsWhollyKnown() {
		return nil, false
	}
	var made []cty.Value
	for it := over.ElementIterator(); it.Next(); {
		key, value := it.Element()
		if taintedText(key) || taintedText(value) {
			return nil, false
		}
		if over.Type().IsSetType() {
			key = value
		}
		iterator := cty.ObjectVal(map[string]cty.Value{"key": key, "value": value.WithMarks(marks)})
		inner := &frame{outer: f, values: map[string]cty.Value{name: iterator}}
		made = append(made, s.object(content, inner).WithMarks(marks))
	}
	return made, true
}

// dynamicParts returns the iterator's name, for_each and the content of a dynamic block.
func (s *scope) dynamicParts(b nested) (string, *hcl.Attribute, hcl.Body) {
	found, _, _ := b.body.PartialContent(&hcl.BodySchema{
		Attributes: []hcl.AttributeSchema{{Name: "for_each"}, {Name: "iterator"}},
		Blocks:     []hcl.BlockHeaderSchema{{Type: "content"}},
	})
	name := b.kind()
	if it := found.Attributes["iterator"]; it != nil {
		if word := hcl.ExprAsKeyword(it.Expr); word != "" {
			name = word
		}
	}
	if len(found.Blocks) != 1 {
		return name, nil, nil
	}
	return name, found.Attributes["for_each"], found.Blocks[0].Body
}
