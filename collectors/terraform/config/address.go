package config

import (
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"
)

// join puts a module path before an address.
func join(module, address string) string {
	if module == "" {
		return address
	}
	return module + "." + address
}

// keyed writes an instance's key after an address: ["a"], [0], nothing without a key, [*] for one that is unknown.
func keyed(address string, key cty.Value) string {
	switch {
	case key == cty.NilVal:
		return address
	case !key.IsKnown():
		return address + "[*]"
	}
	return address + "[" + string(hclwrite.TokensForValue(key).Bytes()) + "]"
}

// traversalText writes steps as Terraform does: tags["x"].y[0].
func traversalText(t hcl.Traversal) string {
	var b strings.Builder
	for _, step := range t {
		switch step := step.(type) {
		case hcl.TraverseRoot:
			b.WriteString(step.Name)
		case hcl.TraverseAttr:
			if b.Len() > 0 {
				b.WriteByte('.')
			}
			b.WriteString(step.Name)
		case hcl.TraverseIndex:
			b.WriteString(keyed("", step.Key))
		}
	}
	return b.String()
}

// addressOf evaluates an expression that is an address, whose keys may be expressions. It returns "" if it is none or a key is unknown.
func (s *scope) addressOf(expr hcl.Expression, frame *frame) string {
	if t, diags := hcl.AbsTraversalForExpr(expr); !diags.HasErrors() {
		return traversalText(t)
	}
	switch e := expr.(type) {
	case *hclsyntax.IndexExpr:
		base := s.addressOf(e.Collection, frame)
		key, _ := s.eval(e.Key, frame).Unmark()
		if base == "" || !key.IsWhollyKnown() || key.IsNull() || !key.Type().IsPrimitiveType() {
			return ""
		}
		return keyed(base, key)
	case *hclsyntax.RelativeTraversalExpr:
		base := s.addressOf(e.Source, frame)
		if base == "" {
			return ""
		}
		return base + "." + traversalText(e.Traversal)
	}
	return ""
}
