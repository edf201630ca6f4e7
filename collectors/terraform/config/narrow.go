package config

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// narrowed tells of the references in an expression that stop before an attribute which attribute is taken of them all the same: id in
// aws_instance.a[count.index].id and in aws_instance.a[*].id. The keys are places of references.
func (ev *evaluator) narrowed(expr hcl.Expression) map[hcl.Pos]string {
	native, ok := expr.(hclsyntax.Expression)
	if !ok {
		return nil
	}
	if names, ok := ev.narrow[expr]; ok {
		return names
	}
	names := map[hcl.Pos]string{}
	hclsyntax.VisitAll(native, func(node hclsyntax.Node) hcl.Diagnostics {
		switch n := node.(type) {
		case *hclsyntax.RelativeTraversalExpr:
			if index, ok := n.Source.(*hclsyntax.IndexExpr); ok {
				narrow(names, index.Collection, n.Traversal)
			}
		case *hclsyntax.SplatExpr:
			if each, ok := n.Each.(*hclsyntax.RelativeTraversalExpr); ok && each.Source == n.Item {
				narrow(names, n.Source, each.Traversal)
			}
		}
		return nil
	})
	ev.narrow[expr] = names
	return names
}

// narrow notes that a reference to a block is followed by steps that begin with an attribute.
func narrow(names map[hcl.Pos]string, source hclsyntax.Expression, steps hcl.Traversal) {
	ref, ok := source.(*hclsyntax.ScopeTraversalExpr)
	if !ok || len(ref.Traversal) != 2 {
		return
	}
	if name, ok := attributeStep(steps, 0); ok {
		names[ref.Traversal.SourceRange().Start] = name
	}
}
