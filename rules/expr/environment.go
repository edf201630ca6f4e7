package expr

import (
	"errors"
	"fmt"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/cost"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/ext"
	"cel.dev/cel-go/interpreter"
)

const (
	// maxSource bounds the length of an expression in characters.
	maxSource = 16 << 10
	// maxNesting bounds loops within loops.
	maxNesting = 2
	// cheap is the estimated cost up to which an expression runs without the bookkeeping of the limit.
	cheap = 20_000
	// maxCost is what one evaluation may cost; a million units are some milliseconds.
	maxCost = 1_000_000
)

// environment holds the declarations, which are always the same and take a millisecond to build.
var environment = sync.OnceValues(newEnvironment)

func newEnvironment() (*cel.Env, error) {
	registry, err := types.NewRegistry()
	if err != nil {
		return nil, fmt.Errorf("make type registry: %w", err)
	}
	p := &typeProvider{Registry: registry, structs: map[string][]field{assetType: assetFields(), entityType: entityFields()}}
	return cel.NewEnv(
		cel.CustomTypeProvider(p),
		cel.Variable("asset", assetKind),
		cel.Variable("entity", entityKind),
		cel.Variable("now", types.TimestampType),
		ext.Strings(),
		cel.CrossTypeNumericComparisons(true),
		cel.ParserExpressionSizeLimit(maxSource),
		cel.ASTValidators(
			cel.ValidateRegexLiterals(), cel.ValidateDurationLiterals(), cel.ValidateTimestampLiterals(),
			cel.ValidateComprehensionNestingLimit(maxNesting),
		),
	)
}

// typeProvider adds the fields of the variables to CEL's own types.
type typeProvider struct {
	*types.Registry
	structs map[string][]field
}

// FindStructType implements types.Provider.
func (p *typeProvider) FindStructType(name string) (*types.Type, bool) {
	if _, ok := p.structs[name]; ok {
		return types.NewTypeTypeWithParam(types.NewObjectType(name)), true
	}
	return p.Registry.FindStructType(name)
}

// FindStructFieldNames implements types.Provider.
func (p *typeProvider) FindStructFieldNames(name string) ([]string, bool) {
	list, ok := p.structs[name]
	if !ok {
		return p.Registry.FindStructFieldNames(name)
	}
	names := make([]string, len(list))
	for i, f := range list {
		names[i] = f.name
	}
	return names, true
}

// FindStructFieldType implements types.Provider. The planner calls the getters directly.
func (p *typeProvider) FindStructFieldType(name, fieldName string) (*types.FieldType, bool) {
	for _, f := range p.structs[name] {
		if f.name == fieldName {
			return &types.FieldType{Type: f.kind, IsSet: f.isSet, GetFrom: f.getFrom}, true
		}
	}
	return p.Registry.FindStructFieldType(name, fieldName)
}

// NewValue implements types.Provider: assets are not made in expressions.
func (p *typeProvider) NewValue(name string, fields map[string]ref.Val) ref.Val {
	if _, ok := p.structs[name]; ok {
		return types.NewErr("%s cannot be made in an expression", name)
	}
	return p.Registry.NewValue(name, fields)
}

func (f *field) isSet(target any) bool {
	a, ok := target.(*activation)
	return ok && (f.set == nil || f.set(a))
}

func (f *field) getFrom(target any) (any, error) {
	a, ok := target.(*activation)
	if !ok {
		return nil, fmt.Errorf("field %s: not an asset or entity", f.name)
	}
	return f.get(a), nil
}

// plan makes a program, with a limit on its work unless the estimate says that it needs none.
func plan(env *cel.Env, ast *cel.Ast) (cel.Program, error) {
	estimate, err := env.EstimateCost(ast, sizes{})
	if err != nil {
		return nil, &CompileError{Line: 1, Column: 1, Message: fmt.Sprintf("estimate cost: %v", err)}
	}
	if estimate.Min > maxCost {
		return nil, &CompileError{Line: 1, Column: 1, Message: "takes more work than is allowed", Hint: "simplify it"}
	}
	options := []cel.ProgramOption{
		cel.EvalOptions(cel.OptOptimize),
		cel.OptimizeRegex(interpreter.MatchesRegexOptimization),
	}
	if estimate.Max > cheap {
		options = append(options, cel.CostLimit(maxCost))
	}
	program, err := env.Program(ast, options...)
	if err != nil {
		var own *CompileError
		if errors.As(err, &own) {
			return nil, own
		}
		return nil, &CompileError{Line: 1, Column: 1, Message: err.Error()}
	}
	return program, nil
}

// sizes tells the estimator how big the variables can be.
type sizes struct{}

// EstimateCallCost leaves calls to the estimator.
func (sizes) EstimateCallCost(string, string, *cost.AstNode, []cost.AstNode) *cost.CallEstimate {
	return nil
}

// EstimateSize bounds keys and names at 1 KiB, tags by the largest limits of the providers, and leaves attributes open.
func (sizes) EstimateSize(n cost.AstNode) *cost.SizeEstimate {
	path := n.Path()
	if len(path) == 1 && path[0] == valueName {
		size := cost.RangedSizeEstimate(0, 1024)
		return &size
	}
	if len(path) < 2 || path[1] == "attributes" {
		return nil
	}
	size := cost.RangedSizeEstimate(0, 1024)
	switch {
	case len(path) == 2 && path[1] == "tags":
		size = cost.MapSizeEstimate(cost.RangedSizeEstimate(0, 128), cost.RangedSizeEstimate(0, 128), cost.RangedSizeEstimate(0, 1024))
	case len(path) == 2 && path[0] == "entity":
		size = cost.ListSizeEstimate(cost.RangedSizeEstimate(0, 128), cost.RangedSizeEstimate(0, 128))
	}
	return &size
}
