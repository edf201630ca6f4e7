package config

import (
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// declaration is a block, with the bodies of the overrides that change it after its own.
type declaration struct {
	typ    string
	labels []string
	at     hcl.Range
	bodies []hcl.Body
	read   *contents // nil until somebody asks
}

func newDeclaration(b *hcl.Block) *declaration {
	return &declaration{typ: b.Type, labels: b.Labels, at: b.DefRange, bodies: []hcl.Body{b.Body}}
}

// nested is a block inside of another.
type nested struct {
	typ    string
	labels []string
	body   hcl.Body
}

// contents is what stands in a block. No schema is at hand, so in JSON everything but the named blocks is an attribute.
type contents struct {
	attributes map[string]*hcl.Attribute
	blocks     []nested
}

// jsonBlocks are the blocks that JSON cannot tell from attributes, of all kinds of declarations.
func jsonBlocks() []hcl.BlockHeaderSchema {
	return []hcl.BlockHeaderSchema{
		{Type: "lifecycle"},
		{Type: "connection"},
		{Type: "provisioner", LabelNames: []string{"type"}},
		{Type: "dynamic", LabelNames: []string{"type"}},
		{Type: "default_tags"},
		{Type: "ignore_tags"},
		{Type: "assume_role"},
	}
}

// read returns what stands in one body.
func read(body hcl.Body) contents {
	if native, ok := body.(*hclsyntax.Body); ok {
		return readNative(native)
	}
	found, rest, _ := body.PartialContent(&hcl.BodySchema{Blocks: jsonBlocks()})
	c := contents{attributes: map[string]*hcl.Attribute{}}
	for _, b := range found.Blocks {
		c.blocks = append(c.blocks, nested{b.Type, b.Labels, b.Body})
	}
	c.attributes, _ = rest.JustAttributes()
	return c
}

func readNative(body *hclsyntax.Body) contents {
	c := contents{attributes: map[string]*hcl.Attribute{}}
	for name, a := range body.Attributes {
		c.attributes[name] = a.AsHCLAttribute()
	}
	for _, b := range body.Blocks {
		c.blocks = append(c.blocks, nested{b.Type, b.Labels, b.Body})
	}
	return c
}

// kind is the name of what a block makes, which for a dynamic block is its label.
func (n nested) kind() string {
	if n.typ == "dynamic" && len(n.labels) == 1 {
		return n.labels[0]
	}
	return n.typ
}

// contents merges the bodies: an override replaces attributes by name and nested blocks by kind, all of a kind at once; lifecycle is
// merged argument by argument.
func (d *declaration) contents() contents {
	if d.read == nil {
		merged := d.merge()
		d.read = &merged
	}
	return *d.read
}

func (d *declaration) merge() contents {
	merged := read(d.bodies[0])
	for _, body := range d.bodies[1:] {
		over := read(body)
		maps.Copy(merged.attributes, over.attributes)
		replaced := map[string]bool{}
		for _, b := range over.blocks {
			replaced[b.kind()] = b.kind() != "lifecycle"
		}
		merged.blocks = slices.DeleteFunc(merged.blocks, func(b nested) bool { return replaced[b.kind()] })
		merged.blocks = append(merged.blocks, over.blocks...)
	}
	return merged
}

// override takes in what an override changes.
func (d *declaration) override(body hcl.Body) {
	d.bodies = append(d.bodies, body)
	d.read = nil
}

// attribute returns one attribute, nil if it is not set.
func (d *declaration) attribute(name string) *hcl.Attribute {
	return d.contents().attributes[name]
}

// literal returns an attribute that is written as a plain string, and whether there is one.
func (d *declaration) literal(name string) (string, bool) {
	a := d.attribute(name)
	if a == nil {
		return "", false
	}
	v, diags := a.Expr.Value(nil)
	if diags.HasErrors() || !isText(v) {
		return "", false
	}
	return v.AsString(), true
}

// lifecycle returns an argument of the lifecycle blocks.
func (c contents) lifecycle(name string) *hcl.Attribute {
	var found *hcl.Attribute
	for _, b := range c.blocks {
		if b.typ != "lifecycle" {
			continue
		}
		if a := read(b.body).attributes[name]; a != nil {
			found = a
		}
	}
	return found
}

// isText reports whether v is a known string without marks.
func isText(v cty.Value) bool {
	return v != cty.NilVal && !v.IsMarked() && v.Type() == cty.String && v.IsKnown() && !v.IsNull()
}
