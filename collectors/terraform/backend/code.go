package backend

import (
	"bytes"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// block is a backend as it is written, or as terraform init noted it.
type block struct {
	kind   string // "s3", "cloud"
	file   string
	line   int
	values map[string]cty.Value // an unknown one is written, but not literally
}

// readCode reads the backends of a folder's files. One in an override replaces those before it. Files that cannot be read, and may hold a
// backend, are told.
func readCode(fsys fs.FS, dir string, names []string) (blocks []block, broken []Found) {
	var replaced []block
	for _, n := range names {
		file := path.Join(dir, n)
		text, err := readFile(fsys, file)
		if err != nil {
			broken = append(broken, Found{File: file, Folder: dir, Why: fmt.Sprintf("it cannot be read: %v", err)})
			continue
		}
		if !mentions(text) {
			continue
		}
		found, err := parse(text, file)
		switch {
		case err != nil:
			broken = append(broken, Found{File: file, Folder: dir, Line: lineOf(err), Why: err.Error() + ": correct it, or give the state in paths"})
		case isOverride(n) && len(found) > 0:
			replaced = found
		default:
			blocks = append(blocks, found...)
		}
	}
	if replaced != nil {
		blocks = replaced
	}
	return blocks, broken
}

// mentions reports whether a text may hold a backend, so that most files need not be parsed.
func mentions(text []byte) bool {
	return bytes.Contains(text, []byte("backend")) || bytes.Contains(text, []byte("cloud"))
}

func isOverride(name string) bool {
	base, _, _ := strings.Cut(name, ".")
	return base == "override" || strings.HasSuffix(base, "_override")
}

// syntaxError says where code is wrong. It quotes nothing of it.
type syntaxError struct {
	line int
	text string
}

func (e *syntaxError) Error() string { return e.text }

func lineOf(err error) int {
	if e, ok := err.(*syntaxError); ok { //nolint:errorlint // parse makes it, and wraps nothing
		return e.line
	}
	return 0
}

func explain(diags hcl.Diagnostics) error {
	for _, d := range diags {
		if d.Severity == hcl.DiagError {
			e := &syntaxError{text: "the code is not valid: " + strings.ToLower(d.Summary)}
			if d.Subject != nil {
				e.line = d.Subject.Start.Line
			}
			return e
		}
	}
	return nil
}

func rootSchema() *hcl.BodySchema {
	return &hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{{Type: "terraform"}}}
}

func terraformSchema() *hcl.BodySchema {
	return &hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{{Type: "backend", LabelNames: []string{"type"}}, {Type: "cloud"}}}
}

// parse reads the backends of a file.
func parse(text []byte, file string) ([]block, error) {
	p := hclparse.NewParser()
	parseFile := p.ParseHCL
	if strings.HasSuffix(file, ".json") {
		parseFile = p.ParseJSON
	}
	f, diags := parseFile(text, file)
	if err := explain(diags); err != nil {
		return nil, err
	}
	content, _, diags := f.Body.PartialContent(rootSchema())
	if err := explain(diags); err != nil {
		return nil, err
	}
	var list []block
	for _, t := range content.Blocks {
		inner, _, diags := t.Body.PartialContent(terraformSchema())
		if err := explain(diags); err != nil {
			return nil, err
		}
		for _, b := range inner.Blocks {
			found := block{kind: b.Type, file: file, line: b.DefRange.Start.Line, values: bodyValues(b.Body, nil)}
			if len(b.Labels) == 1 {
				found.kind = b.Labels[0]
			}
			list = append(list, found)
		}
	}
	return list, nil
}

// bodyValues evaluates a body: blocks in it become objects, and what cannot be known is unknown.
func bodyValues(body hcl.Body, ctx *hcl.EvalContext) map[string]cty.Value {
	values := map[string]cty.Value{}
	native, ok := body.(*hclsyntax.Body)
	if !ok {
		attributes, _ := body.JustAttributes() // in JSON everything is one
		for name, a := range attributes {
			values[name] = evaluate(a.Expr, ctx)
		}
		return values
	}
	for name, a := range native.Attributes {
		values[name] = evaluate(a.Expr, ctx)
	}
	for _, b := range native.Blocks {
		if b.Type == "dynamic" {
			for _, label := range b.Labels {
				values[label] = cty.DynamicVal
			}
			continue
		}
		values[b.Type] = object(bodyValues(b.Body, ctx))
	}
	return values
}

func object(values map[string]cty.Value) cty.Value {
	if len(values) == 0 {
		return cty.EmptyObjectVal
	}
	return cty.ObjectVal(values)
}

// evaluate returns the value of an expression, unknown if it is not literal. An object is evaluated one member at a time, so that one that
// is not known makes no other unknown.
func evaluate(expr hcl.Expression, ctx *hcl.EvalContext) cty.Value {
	if o, ok := expr.(*hclsyntax.ObjectConsExpr); ok {
		values := map[string]cty.Value{}
		for _, item := range o.Items {
			key, diags := item.KeyExpr.Value(ctx)
			key, _ = key.Unmark()
			if diags.HasErrors() || !key.IsKnown() || key.IsNull() || key.Type() != cty.String {
				return cty.DynamicVal
			}
			values[key.AsString()] = evaluate(item.ValueExpr, ctx)
		}
		return object(values)
	}
	if repeats(expr) {
		return cty.DynamicVal
	}
	_, native := expr.(hclsyntax.Expression)
	if native && ctx == nil {
		ctx = &hcl.EvalContext{}
	}
	v, diags := expr.Value(ctx) // a template in JSON is its own text if there is no context
	if diags.HasErrors() {
		return cty.DynamicVal
	}
	if v = bounded(v); !native {
		return literal(v)
	}
	return v
}
