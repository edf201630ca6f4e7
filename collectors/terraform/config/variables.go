package config

import (
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// variable returns var.name.
func (s *scope) variable(name string, at hcl.Range) cty.Value {
	d, ok := s.decl.variables[name]
	if !ok {
		return s.undeclared("var."+name, at)
	}
	return s.ev.once(s.values, "var."+name, d.at, func() cty.Value {
		v := s.typed(d, name, s.argument(d, name))
		if s.flag(d, "sensitive") || s.flag(d, "ephemeral") {
			v = v.Mark(Sensitive)
		}
		return v
	})
}

// argument returns what is given for a variable; NilVal if nothing is.
func (s *scope) argument(d *declaration, name string) cty.Value {
	if s.decl.overrideBroken || s.doubtful[name] != "" {
		return cty.DynamicVal
	}
	v := s.given[name]
	if s.by != nil {
		if a := s.by.decl.attribute(name); a != nil {
			v = s.parent.eval(a.Expr, s.frame)
		}
	}
	if v != cty.NilVal && v.IsNull() && !s.nullable(d) {
		return cty.NilVal
	}
	return v
}

func (s *scope) nullable(d *declaration) bool {
	return d.attribute("nullable") == nil || s.flag(d, "nullable")
}

// typed gives a variable its default and its type.
func (s *scope) typed(d *declaration, name string, v cty.Value) cty.Value {
	if v == cty.NilVal {
		v = cty.DynamicVal
		if a := d.attribute("default"); a != nil {
			v = s.eval(a.Expr, nil)
		}
	}
	a := d.attribute("type")
	if a == nil {
		return v
	}
	t, defaults, diags := typeConstraint(a.Expr)
	if diags.HasErrors() {
		s.ev.problems.diagnostics(Unknown, diags)
		return cty.DynamicVal
	}
	if defaults != nil && !v.IsNull() && v.IsKnown() && !v.IsMarked() {
		v = defaults.Apply(v)
	} else if defaults != nil && v.IsMarked() {
		return cty.DynamicVal.WithMarks(v.Marks())
	}
	converted, err := convert.Convert(v, t)
	if err != nil {
		s.ev.problems.add(Unknown, d.at, "the value of var.%s is not of its type", name)
		return cty.DynamicVal
	}
	return converted
}

// typeConstraint reads a type, also in the quoted words of Terraform 0.11.
func typeConstraint(expr hcl.Expression) (cty.Type, *typeexpr.Defaults, hcl.Diagnostics) {
	if _, native := expr.(hclsyntax.Expression); native {
		if v, diags := expr.Value(nil); !diags.HasErrors() && isText(v) {
			switch v.AsString() {
			case "string":
				return cty.String, nil, nil
			case "list":
				return cty.List(cty.DynamicPseudoType), nil, nil
			case "map":
				return cty.Map(cty.DynamicPseudoType), nil, nil
			}
		}
	}
	switch hcl.ExprAsKeyword(expr) {
	case "list":
		return cty.List(cty.DynamicPseudoType), nil, nil
	case "map":
		return cty.Map(cty.DynamicPseudoType), nil, nil
	}
	return typeexpr.TypeConstraintWithDefaults(expr)
}

// givenVariables reads the values of root variables, what outranks last, and for which of them nobody can tell the value, and why.
func (ev *evaluator) givenVariables(decl *declarations) (map[string]cty.Value, map[string]string) {
	g := &given{ev: ev, decl: decl, values: map[string]cty.Value{}, doubtful: map[string]string{}}
	if _, err := fs.Stat(ev.files.fsys, path.Join(ev.root, "terragrunt.hcl")); err == nil {
		g.doubt("terragrunt.hcl may give it a value")
	}
	g.environment()
	automatic, others := g.files()
	for _, name := range append(automatic, ev.opts.VarFiles...) {
		g.file(name)
	}
	if len(ev.opts.VarFiles) == 0 {
		for _, name := range others {
			g.other(name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(ev.opts.Variables)) {
		g.text(name, ev.opts.Variables[name], "option "+name)
	}
	return g.values, g.doubtful
}

type given struct {
	ev       *evaluator
	decl     *declarations
	values   map[string]cty.Value
	doubtful map[string]string
}

func (g *given) set(name string, v cty.Value) {
	g.values[name] = v
	delete(g.doubtful, name)
}

// doubt notes that every variable may have another value than is known so far.
func (g *given) doubt(why string) {
	for name := range g.decl.variables {
		g.doubtful[name] = why
	}
}

func (g *given) environment() {
	for name := range g.decl.variables {
		if text, ok := g.ev.env["TF_VAR_"+name]; ok {
			g.text(name, text, "TF_VAR_"+name)
		}
	}
}

// text reads a value from the environment or an option: as it stands for a string, in the language's notation for anything else.
func (g *given) text(name, text, from string) {
	d, ok := g.decl.variables[name]
	if !ok {
		return
	}
	if g.isString(d) {
		g.set(name, cty.StringVal(text))
		return
	}
	if templateNesting([]byte("${"+text+"}"), from) == nil {
		if expr, diags := hclsyntax.ParseExpression([]byte(text), from, hcl.InitialPos); !diags.HasErrors() {
			if v, diags := expr.Value(nil); !diags.HasErrors() {
				g.set(name, v)
				return
			}
		}
	}
	g.ev.problems.add(Unknown, hcl.Range{Filename: from}, "the value of var.%s cannot be read; write it as in a .tfvars file", name)
	g.doubtful[name] = "its value cannot be read"
}

// isString reports whether a variable takes text as it stands: it is a string, or has no type, which is taken for one.
func (g *given) isString(d *declaration) bool {
	a := d.attribute("type")
	if a == nil {
		return true
	}
	t, _, diags := typeConstraint(a.Expr)
	return !diags.HasErrors() && t.IsPrimitiveType()
}

// files lists the files of values in the root folder: those that are loaded by themselves, in their order, and the others.
func (g *given) files() (automatic, others []string) {
	entries, _ := fs.ReadDir(g.ev.files.fsys, g.ev.root)
	var auto []string
	for _, e := range entries {
		name := path.Join(g.ev.root, e.Name())
		switch {
		case e.IsDir() || temporary(e.Name()):
		case e.Name() == "terraform.tfvars" || e.Name() == "terraform.tfvars.json":
			automatic = append(automatic, name)
		case strings.HasSuffix(name, ".auto.tfvars") || strings.HasSuffix(name, ".auto.tfvars.json"):
			auto = append(auto, name)
		case strings.HasSuffix(name, ".tfvars") || strings.HasSuffix(name, ".tfvars.json"):
			others = append(others, name)
		}
	}
	slices.Sort(automatic)
	slices.Sort(auto)
	return append(automatic, auto...), others
}

// file takes in a file of values. After one that cannot be read every value is in doubt.
func (g *given) file(name string) {
	values, ok := g.read(name)
	if !ok {
		g.doubt(name + " cannot be read")
		return
	}
	for key, v := range values {
		g.set(key, v)
	}
}

// other looks into a file of values that somebody may name on the command line: what it sets differently is in doubt.
func (g *given) other(name string) {
	values, ok := g.read(name)
	if !ok {
		g.doubt(name + " cannot be read")
	}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		d := g.decl.variables[key]
		if d == nil || g.doubtful[key] != "" || g.same(d, key, values[key]) {
			continue
		}
		g.doubtful[key] = fmt.Sprintf("%s may be in use", name)
		g.ev.problems.add(Unknown, d.at, "var.%s is unknown: %s gives it another value, and nobody says whether it is in use; name the files of values that are", key, name)
	}
}

// same reports whether a variable would have the value without the file.
func (g *given) same(d *declaration, name string, v cty.Value) bool {
	was := g.values[name]
	if was == cty.NilVal {
		a := d.attribute("default")
		if a == nil {
			return false
		}
		was, _ = a.Expr.Value(nil)
	}
	return was.RawEquals(v)
}

func (g *given) read(name string) (map[string]cty.Value, bool) {
	if !fs.ValidPath(name) {
		g.ev.problems.add(Unreadable, hcl.Range{Filename: name}, "the file lies outside of what may be read")
		return nil, false
	}
	body := g.ev.files.parse(name)
	if body == nil {
		return nil, false
	}
	attrs, diags := body.JustAttributes()
	values := map[string]cty.Value{}
	for key, a := range attrs {
		v, d := a.Expr.Value(nil)
		diags = append(diags, d...)
		values[key] = v
	}
	if diags.HasErrors() {
		g.ev.problems.diagnostics(Unreadable, diags)
	}
	return values, !diags.HasErrors()
}
