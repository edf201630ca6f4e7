package rules

import (
	"fmt"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules/expr"
)

// Condition is a compiled "when" of a policy. A nil Condition holds for everything.
type Condition struct {
	program *expr.Program
	place   string
}

// NewCondition compiles an expression. place says where it stands, for errors when it runs: "policy.yaml:7:11". The
// error is an *expr.CompileError with the place inside the expression.
func NewCondition(source, place string, env expr.Env) (*Condition, error) {
	p, err := expr.Compile(source, env)
	if err != nil {
		return nil, err
	}
	return &Condition{program: p, place: place}, nil
}

// Source is the expression's text; empty for a nil Condition.
func (c *Condition) Source() string {
	if c == nil {
		return ""
	}
	return c.program.Source()
}

// Holds evaluates the condition for an entity's subject. The reason is set if the result is unknown. An error means that
// the expression took too much work, and names its place.
func (c *Condition) Holds(e *Entity) (truth expr.Truth, reason string, err error) {
	if c == nil {
		return expr.Yes, "", nil
	}
	return c.judge(e.Subject(), expr.Facets{Observed: e.Observed, Declared: e.Declared, Recorded: e.Recorded})
}

func (c *Condition) judge(asset *inventory.Entry, facets expr.Facets) (expr.Truth, string, error) {
	truth, reason, err := c.program.EvalReason(asset, facets)
	if err != nil {
		return truth, "", fmt.Errorf("%s: %w", c.place, err)
	}
	return truth, reason, nil
}
