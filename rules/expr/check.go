package expr

import (
	"fmt"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
)

// check refuses what type-checks and cannot be answered honestly: a result that is not of the type asked for, variables and maps
// that are compared as a whole, and loops over attributes, of which nobody knows how many there are.
func check(checked *cel.Ast, result *types.Type) *CompileError {
	if !yields(checked.OutputType(), result) {
		return &CompileError{
			Line: 1, Column: 1, Message: fmt.Sprintf("the result is a %s", cel.FormatCELType(checked.OutputType())), Hint: wanted(result),
		}
	}
	c := checker{tree: checked.NativeRep()}
	ast.PreOrderVisit(c.tree.Expr(), ast.NewExprVisitor(c.visit))
	return c.problem
}

// yields reports whether an expression may have a result of a type. What an attribute holds shows only when it runs, and may be a text.
func yields(output, result *types.Type) bool {
	return output.IsExactType(result) || result == types.StringType && output.Kind() == types.DynKind
}

func wanted(result *types.Type) string {
	if result == types.StringType {
		return `write what yields a text, such as asset.account or asset.tags.team + "-prod"`
	}
	return `write a condition that is true or false, such as asset.account == "111122223333"`
}

type checker struct {
	tree    *ast.AST
	problem *CompileError
}

func (c *checker) visit(e ast.Expr) {
	switch e.Kind() {
	case ast.CallKind:
		c.call(e)
	case ast.ComprehensionKind:
		if isAttributes(e.AsComprehension().IterRange()) {
			c.refuse(e, "asset.attributes cannot be looped over", "only some attributes are known: name the one you mean")
		}
	case ast.StructKind:
		c.refuse(e, "values cannot be made of types", "compare fields instead")
	case ast.ListKind:
		c.whole(e, e.AsList().Elements())
	case ast.MapKind:
		for _, entry := range e.AsMap().Entries() {
			c.whole(e, []ast.Expr{entry.AsMapEntry().Key(), entry.AsMapEntry().Value()})
		}
	}
}

// call lets the whole of a variable or map pass only where a single element is taken from it, or keys are asked for.
func (c *checker) call(e ast.Expr) {
	call := e.AsCall()
	args := call.Args()
	switch call.FunctionName() {
	case operators.Index, operators.OptIndex:
		return
	case operators.In, operators.OldIn:
		c.whole(e, args[:1])
		return
	case "size":
		if call.IsMemberFunction() && isAttributes(call.Target()) || len(args) == 1 && isAttributes(args[0]) {
			c.refuse(e, "asset.attributes has no size", "only some attributes are known: name the one you mean")
		}
		return
	}
	c.whole(e, args)
	if call.IsMemberFunction() {
		c.whole(e, []ast.Expr{call.Target()})
	}
}

func (c *checker) whole(parent ast.Expr, list []ast.Expr) {
	for _, e := range list {
		switch c.tree.GetType(e.ID()).Kind() {
		case types.MapKind, types.StructKind:
			c.refuse(parent, "assets, entities and maps cannot be used as a whole", "use one field or key")
		}
	}
}

func (c *checker) refuse(e ast.Expr, message, hint string) {
	if c.problem != nil {
		return
	}
	at := c.tree.SourceInfo().GetStartLocation(e.ID())
	c.problem = &CompileError{Line: max(at.Line(), 1), Column: at.Column() + 1, Message: message, Hint: hint}
}

func isAttributes(e ast.Expr) bool {
	if e.Kind() != ast.SelectKind {
		return false
	}
	s := e.AsSelect()
	return s.FieldName() == "attributes" && s.Operand().Kind() == ast.IdentKind && s.Operand().AsIdent() == "asset"
}
