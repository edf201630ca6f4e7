package expr

import (
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"

	"github.com/muster-audit/muster/inventory"
)

// valueName is the variable that holds the value of the tag that is judged.
const valueName = "value"

// valueEnvironment is environment with the variable value.
var valueEnvironment = sync.OnceValues(func() (*cel.Env, error) {
	e, err := environment()
	if err != nil {
		return nil, err
	}
	return e.Extend(cel.Variable(valueName, types.StringType))
})

// Check is a compiled condition about the value of a tag, which it knows as "value" beside the variables of every expression. It is
// used by several goroutines.
type Check struct{ program *Program }

// CompileCheck checks an expression about a value that yields yes or no. The error is a *CompileError.
func CompileCheck(source string, env Env) (*Check, error) {
	p, err := newProgram(source, env, valueEnvironment, types.BoolType)
	if err != nil {
		return nil, err
	}
	return &Check{program: p}, nil
}

// Source is the text that was compiled.
func (c *Check) Source() string { return c.program.Source() }

// EvalReason evaluates the condition for the value of a tag of an asset. The reason is set if the result is unknown. The one error is
// *LimitError.
func (c *Check) EvalReason(value string, asset *inventory.Entry, entity Facets) (Truth, string, error) {
	return c.program.truth(asset, entity, value)
}

// Text is a compiled expression that yields a text. It is used by several goroutines.
type Text struct{ program *Program }

// CompileText checks an expression that yields a text, and may use "value" too. The error is a *CompileError.
func CompileText(source string, env Env) (*Text, error) {
	p, err := newProgram(source, env, valueEnvironment, types.StringType)
	if err != nil {
		return nil, err
	}
	return &Text{program: p}, nil
}

// Source is the text that was compiled.
func (t *Text) Source() string { return t.program.Source() }

// Eval returns the text that the expression yields for the value of a tag of an asset. It is not known, with the reason, if something that it
// takes is not, or is no text. The one error is *LimitError.
func (t *Text) Eval(value string, asset *inventory.Entry, entity Facets) (text string, known bool, why string, err error) {
	result, err := t.program.run(asset, entity, value)
	if err != nil {
		return "", false, "", err
	}
	if s, ok := result.(types.String); ok {
		return string(s), true, "", nil
	}
	if types.IsUnknownOrError(result) {
		return "", false, reason(result), nil
	}
	return "", false, "a value is not what the condition expects (no text)", nil
}
