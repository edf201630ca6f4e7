// Package expr compiles and evaluates the conditions of policies: CEL expressions over one asset and the entity that it
// belongs to, with three-valued results.
//
// What could not be read is unknown, and an expression whose result depends on it is Unknown; one whose logic is decided
// without it is not: asset.type == "X" && asset.tags.k == "v" is No for every other type, whatever the tags. The same
// holds for a value of an unforeseen kind, such as an attribute that is a list where a number is compared.
//
// Variables are resolved lazily from the asset itself, without a map per evaluation. Expressions are cost-limited: by
// an estimate when they are compiled and, where that cannot tell, by a limit when they run. docs/expressions.md lists
// variables and functions.
package expr

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/interpreter"

	"github.com/muster-audit/muster/inventory"
)

// Truth is a result of three values. The zero value is Unknown.
type Truth uint8

// The three values.
const (
	Unknown Truth = iota
	No
	Yes
)

// String returns "yes", "no" or "unknown".
func (t Truth) String() string { return [...]string{"unknown", "no", "yes"}[t] }

// Env is what expressions may ask besides the asset.
type Env struct {
	// Now is the time of the evaluation: the variable now, and the end of asset.age.
	Now time.Time
	// Class gives the class of an asset type, empty if it has none. Nil means that no type has one.
	Class func(inventory.Type) string
}

// Facets are the assets of one entity, by book. If all lists are empty, whatever is asked of the entity is unknown.
type Facets struct {
	Observed, Declared, Recorded []*inventory.Entry
}

// Program is a compiled expression. It is used by several goroutines.
type Program struct {
	source  string
	env     Env
	program cel.Program
	pool    sync.Pool
}

// Compile checks an expression that yields yes or no. The error is a *CompileError.
func Compile(source string, env Env) (*Program, error) {
	return newProgram(source, env, environment, types.BoolType)
}

func newProgram(source string, env Env, declared func() (*cel.Env, error), result *types.Type) (*Program, error) {
	e, err := declared()
	if err != nil {
		return nil, fmt.Errorf("set up expressions: %w", err)
	}
	ast, issues := e.Compile(source)
	if issues.Err() != nil {
		return nil, explain(e, source, issues)
	}
	if problem := check(ast, result); problem != nil {
		return nil, problem
	}
	program, err := plan(e, ast)
	if err != nil {
		return nil, err
	}
	p := &Program{source: source, env: env, program: program}
	p.pool.New = func() any { return new(activation) }
	return p, nil
}

// Source is the text that was compiled.
func (p *Program) Source() string { return p.source }

// Eval evaluates the expression for an asset of an entity. The one error is *LimitError: the expression took more work
// than is allowed.
func (p *Program) Eval(asset *inventory.Entry, entity Facets) (Truth, error) {
	truth, _, err := p.eval(asset, entity, "")
	return truth, err
}

// EvalReason is Eval that also says why a result is unknown: "asset.tags is not known".
func (p *Program) EvalReason(asset *inventory.Entry, entity Facets) (Truth, string, error) {
	return p.truth(asset, entity, "")
}

func (p *Program) truth(asset *inventory.Entry, entity Facets, tagValue string) (Truth, string, error) {
	truth, cause, err := p.eval(asset, entity, tagValue)
	if truth != Unknown || err != nil {
		return truth, "", err
	}
	return truth, reason(cause), nil
}

// reason says why a result is not known.
func reason(cause ref.Val) string {
	if unknown, ok := cause.(*types.Unknown); ok {
		return names(unknown) + " not known"
	}
	return unforeseen(fmt.Sprint(cause))
}

// unforeseen words an error of a value that the author did not foresee. Only messages without data pass, so that the
// number of reasons does not grow with the number of assets.
func unforeseen(message string) string {
	kind, _, _ := strings.Cut(message, ":")
	switch kind {
	case "no such overload", "no such key", "index out of bounds", "division by zero", "modulus by zero":
		return "a value is not what the condition expects (" + kind + ")"
	}
	return "a value is not what the condition expects"
}

// eval returns also what an unknown result comes from: a *types.Unknown or an error value.
func (p *Program) eval(asset *inventory.Entry, entity Facets, tagValue string) (Truth, ref.Val, error) {
	value, err := p.run(asset, entity, tagValue)
	if err != nil {
		return Unknown, nil, err
	}
	switch value {
	case types.True:
		return Yes, nil, nil
	case types.False:
		return No, nil, nil
	}
	return Unknown, value, nil
}

// run returns the result as CEL has it: a value, a *types.Unknown, or an error value.
func (p *Program) run(asset *inventory.Entry, entity Facets, tagValue string) (ref.Val, error) {
	a := p.pool.Get().(*activation)
	a.env, a.asset, a.entity, a.tags, a.value = &p.env, asset, entity, asset.CurrentTags(), tagValue
	value, _, err := p.program.Eval(a)
	*a = activation{}
	p.pool.Put(a)
	var canceled interpreter.EvalCancelledError
	if errors.As(err, &canceled) {
		return nil, &LimitError{Source: p.source, Asset: asset.Key}
	}
	if err != nil {
		return types.WrapErr(err), nil
	}
	return value, nil
}

// names lists what is unknown: "asset.created and asset.tags are".
func names(u *types.Unknown) string {
	var list []string
	for _, id := range u.IDs() {
		trails, _ := u.GetAttributeTrails(id)
		for _, t := range trails {
			list = append(list, t.String())
		}
	}
	slices.Sort(list)
	list = slices.Compact(list)
	if len(list) == 1 {
		return list[0] + " is"
	}
	return strings.Join(list, " and ") + " are"
}
