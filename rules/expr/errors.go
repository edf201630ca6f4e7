package expr

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common"
	"cel.dev/cel-go/common/ast"

	"github.com/muster-audit/muster/inventory"
)

// CompileError says what is wrong with an expression and where.
type CompileError struct {
	Line, Column int    // 1-based, within the expression
	Message      string // "undefined field 'typ'"
	Hint         string // what to do: `did you mean "type"?`; may be empty
}

// Error is message and hint; the place is for those who know where the expression itself stands.
func (e *CompileError) Error() string {
	if e.Hint == "" {
		return e.Message
	}
	return e.Message + ": " + e.Hint
}

// LimitError says that an expression took more work than is allowed.
type LimitError struct {
	Source string
	Asset  string // key of the asset that it was evaluated for
}

// Error says what to do.
func (e *LimitError) Error() string {
	return fmt.Sprintf("evaluate %.80q for %s: takes more work than is allowed: simplify it", e.Source, e.Asset)
}

// explain turns the first issue, by place, into an error with the nearest name as a hint.
func explain(env *cel.Env, source string, issues *cel.Issues) *CompileError {
	list := slices.Clone(issues.Errors())
	slices.SortStableFunc(list, func(a, b *common.Error) int {
		if a.Location.Line() != b.Location.Line() {
			return a.Location.Line() - b.Location.Line()
		}
		return a.Location.Column() - b.Location.Column()
	})
	first := list[0]
	return &CompileError{
		Line:    max(first.Location.Line(), 1),
		Column:  max(first.Location.Column()+1, 1),
		Message: aside.ReplaceAllString(first.Message, ""),
		Hint:    hint(env, source, first),
	}
}

var (
	undefinedField = regexp.MustCompile(`^undefined field '([^']*)'`)
	// aside is what CEL adds to a message and says nothing here, or is said by the hint.
	aside          = regexp.MustCompile(` \((in container ''|did you mean '[^']*'\?)\)`)
	undeclaredName = regexp.MustCompile(`^undeclared reference to '([^']*)'`)
)

func hint(env *cel.Env, source string, e *common.Error) string {
	if m := undefinedField.FindStringSubmatch(e.Message); m != nil {
		return didYouMean(m[1], fieldsSelectedBy(env, source, e.ExprID))
	}
	if m := undeclaredName.FindStringSubmatch(e.Message); m != nil {
		return didYouMean(m[1], append(variables(env), functions(env)...))
	}
	return ""
}

func didYouMean(word string, candidates []string) string {
	if near := inventory.Nearest(word, candidates); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	if len(candidates) > 0 && len(candidates) < 25 {
		return "known are " + strings.Join(candidates, ", ")
	}
	return "docs/expressions.md lists what is known"
}

// fieldsSelectedBy lists the fields of the variable from which the select expression with an id selects.
func fieldsSelectedBy(env *cel.Env, source string, id int64) []string {
	parsed, issues := env.Parse(source)
	if issues.Err() != nil {
		return nil
	}
	var names []string
	ast.PreOrderVisit(parsed.NativeRep().Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if e.ID() == id && e.Kind() == ast.SelectKind && e.AsSelect().Operand().Kind() == ast.IdentKind {
			names = fieldNames(e.AsSelect().Operand().AsIdent())
		}
	}))
	return names
}

// variables lists the variables that an expression may use.
func variables(env *cel.Env) []string {
	var list []string
	for _, v := range env.Variables() {
		if v.Name() == "asset" || v.Name() == "entity" || v.Name() == "now" || v.Name() == valueName {
			list = append(list, v.Name())
		}
	}
	return list
}

// functions lists the functions that a person can call by name.
func functions(env *cel.Env) []string {
	var list []string
	for name := range env.Functions() {
		if !strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) }) {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return list
}
