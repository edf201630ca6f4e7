package rules

import (
	"errors"
	"fmt"
	"strings"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules/expr"
)

// TagText is a compiled "equals": what the value of a tag must be.
type TagText struct {
	text  *expr.Text
	place string
}

// Source is the expression's text.
func (t *TagText) Source() string { return t.text.Source() }

// Of evaluates the expression for the value of a tag of an asset of an entity. It is not known, with the reason, where something that it
// takes is not. An error means that the expression took too much work, and names its place.
func (t *TagText) Of(value string, e *Entity, asset *inventory.Entry) (text string, known bool, why string, err error) {
	text, known, why, err = t.text.Eval(value, asset, facets(e))
	if err != nil {
		return "", false, "", fmt.Errorf("%s: %w", t.place, err)
	}
	return text, known, why, nil
}

// TagCheck is a compiled "check": a condition about the value of a tag.
type TagCheck struct {
	check *expr.Check
	place string
}

// Source is the expression's text.
func (c *TagCheck) Source() string { return c.check.Source() }

// Holds evaluates the condition for the value of a tag of an asset of an entity. The reason is set if the result is unknown. An error means
// that the expression took too much work, and names its place.
func (c *TagCheck) Holds(value string, e *Entity, asset *inventory.Entry) (expr.Truth, string, error) {
	truth, why, err := c.check.EvalReason(value, asset, facets(e))
	if err != nil {
		return truth, "", fmt.Errorf("%s: %w", c.place, err)
	}
	return truth, why, nil
}

func facets(e *Entity) expr.Facets {
	return expr.Facets{Observed: e.Observed, Declared: e.Declared, Recorded: e.Recorded}
}

func (p *policyParser) equals(path, source string) *TagText {
	var t *TagText
	p.compile(path, source, func(place string) error {
		text, err := expr.CompileText(source, p.env.Expr)
		t = &TagText{text, place}
		return err
	})
	return t
}

func (p *policyParser) valueCheck(path, source string) *TagCheck {
	var c *TagCheck
	p.compile(path, source, func(place string) error {
		check, err := expr.CompileCheck(source, p.env.Expr)
		c = &TagCheck{check, place}
		return err
	})
	return c
}

// compile reports what is wrong with an expression where it stands in the file. An empty one is only wrong if it is there.
func (p *policyParser) compile(path, source string, compile func(place string) error) {
	if strings.TrimSpace(source) == "" {
		if p.doc.Has(path) {
			p.need(true, path, "an expression: see docs/expressions.md")
		}
		return
	}
	line, column := p.doc.Position(path)
	err := compile(fmt.Sprintf("%s:%d:%d", p.name, line, column))
	if err == nil {
		return
	}
	problem := p.doc.Problem(path, "%v", err)
	var where *expr.CompileError
	if errors.As(err, &where) {
		problem.Line, problem.Column = inScalar(p.text, line, column, where.Line, where.Column)
	}
	p.problems = append(p.problems, problem)
}
