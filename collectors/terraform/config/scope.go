package config

import (
	"maps"
	"path/filepath"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// scope is one instance of a module.
type scope struct {
	ev     *evaluator
	decl   *declarations
	parent *scope
	by     *moduleCall // the call that made it; nil for the root
	frame  *frame      // of the call
	path   string      // module.web["eu"]
	why    string      // not empty: it stands for instances that are unknown
	values memo        // var.x, local.x, output.x

	resources map[resourceID]*resource
	calls     map[string]*moduleCall
	providers map[string]*providerConfig // by reference: aws, aws.west
	given     map[string]cty.Value       // values of root variables
	doubtful  map[string]string          // root variables whose value nobody can tell, and why
}

// frame is what a place adds to the variables of its module: each, count, and the iterators of dynamic blocks.
type frame struct {
	outer  *frame
	values map[string]cty.Value
}

func (f *frame) lookup(name string) (cty.Value, bool) {
	for ; f != nil; f = f.outer {
		if v, ok := f.values[name]; ok {
			return v, true
		}
	}
	return cty.NilVal, false
}

func (ev *evaluator) newScope(decl *declarations) *scope {
	return &scope{
		ev: ev, decl: decl, values: newMemo(),
		resources: map[resourceID]*resource{}, calls: map[string]*moduleCall{}, providers: map[string]*providerConfig{},
	}
}

// rootScope makes the scope of the root module and reads what is given for its variables.
func (ev *evaluator) rootScope(decl *declarations) *scope {
	s := ev.newScope(decl)
	maps.Copy(ev.names, decl.names)
	s.given, s.doubtful = ev.givenVariables(decl)
	ev.loadNames(s, 0)
	return s
}

// resource returns the block of an id that is declared.
func (s *scope) resource(id resourceID) *resource {
	r, ok := s.resources[id]
	if !ok {
		r = newResource(s, id)
		s.resources[id] = r
	}
	return r
}

// local returns local.name.
func (s *scope) local(name string, at hcl.Range) cty.Value {
	a, ok := s.decl.locals[name]
	if !ok {
		return s.undeclared("local."+name, at)
	}
	return s.ev.once(s.values, "local."+name, a.Range, func() cty.Value { return s.eval(a.Expr, nil) })
}

// output returns the value of an output for the module that calls this one.
func (s *scope) output(name string) cty.Value {
	d, ok := s.decl.outputs[name]
	if !ok {
		return cty.DynamicVal
	}
	return s.ev.once(s.values, "output."+name, d.at, func() cty.Value {
		a := d.attribute("value")
		if a == nil || s.decl.overrideBroken {
			return cty.DynamicVal
		}
		v := s.eval(a.Expr, nil)
		if s.flag(d, "sensitive") || s.flag(d, "ephemeral") {
			v = v.Mark(Sensitive)
		}
		return v
	})
}

// flag reports whether a boolean argument may be true.
func (s *scope) flag(d *declaration, name string) bool {
	a := d.attribute(name)
	if a == nil {
		return false
	}
	v, _ := s.eval(a.Expr, nil).Unmark()
	return !v.IsKnown() || !v.IsNull() && v.Type() == cty.Bool && v.True()
}

// undeclared is the value of something that no file declares: unknown, and a mistake unless a file could not be read.
func (s *scope) undeclared(name string, at hcl.Range) cty.Value {
	if !s.decl.broken {
		s.ev.problems.add(Unknown, at, "%s is not declared in this module", name)
	}
	return cty.DynamicVal
}

// paths returns the path object. The current folder of a run is unknown.
func (s *scope) paths() cty.Value {
	module := cty.UnknownVal(cty.String)
	if rel, err := filepath.Rel(filepath.FromSlash(s.ev.root), filepath.FromSlash(s.decl.dir)); err == nil {
		module = cty.StringVal(filepath.ToSlash(rel))
	}
	return cty.ObjectVal(map[string]cty.Value{
		"module": module, "root": cty.StringVal("."), "cwd": cty.UnknownVal(cty.String),
	})
}

// settings returns the terraform object.
func (s *scope) settings() cty.Value {
	return cty.ObjectVal(map[string]cty.Value{"workspace": s.ev.workspace, "applying": cty.UnknownVal(cty.Bool), "env": s.ev.workspace})
}
