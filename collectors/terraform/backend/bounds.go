package backend

import (
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// Bounds of a value: code is read that nobody has looked at, and a few lines of it can stand for more than there is memory.
const (
	mostNodes  = 2000
	longestOne = 4096 // bytes of a text
)

// bounded is the value, or an unknown one where it is too large.
func bounded(v cty.Value) cty.Value {
	left := mostNodes
	if fits(v, &left) {
		return v
	}
	return cty.DynamicVal
}

func fits(v cty.Value, left *int) bool {
	v, _ = v.Unmark()
	if *left--; *left < 0 {
		return false
	}
	if !v.IsKnown() || v.IsNull() {
		return true
	}
	if v.Type() == cty.String {
		return len(v.AsString()) <= longestOne
	}
	if !v.CanIterateElements() {
		return true
	}
	for it := v.ElementIterator(); it.Next(); {
		if _, e := it.Element(); !fits(e, left) {
			return false
		}
	}
	return true
}

// repeats reports whether an expression goes through the elements of another, which takes any time that its writer likes.
func repeats(expr hcl.Expression) bool {
	native, ok := expr.(hclsyntax.Expression)
	if !ok {
		return false
	}
	found := false
	_ = hclsyntax.VisitAll(native, func(n hclsyntax.Node) hcl.Diagnostics {
		switch n.(type) {
		case *hclsyntax.ForExpr, *hclsyntax.SplatExpr:
			found = true
		}
		return nil
	})
	return found
}

// literal makes the texts of JSON unknown in which there is a template. They are not evaluated.
func literal(v cty.Value) cty.Value {
	out, err := cty.Transform(v, func(_ cty.Path, v cty.Value) (cty.Value, error) {
		if v.Type() == cty.String && v.IsKnown() && !v.IsNull() {
			if s := v.AsString(); strings.Contains(s, "${") || strings.Contains(s, "%{") {
				return cty.UnknownVal(cty.String), nil
			}
		}
		return v, nil
	})
	if err != nil {
		return cty.DynamicVal
	}
	return out
}
