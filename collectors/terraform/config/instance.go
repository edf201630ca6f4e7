package config

import (
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// resource is a resource or data block of a scope, with what was evaluated of it so far.
type resource struct {
	scope    *scope
	id       resourceID
	decl     *declaration
	expanded *expansion
	values   map[string]cty.Value // for expressions, by the names they ask for
	settled  []memo               // attributes for expressions, by instance
	ignored  []string
	busy     bool
}

func newResource(s *scope, id resourceID) *resource {
	d := s.decl.resources[id]
	return &resource{scope: s, id: id, decl: d, values: map[string]cty.Value{}, ignored: ignores(d)}
}

// instances evaluates count or for_each, once.
func (r *resource) instances() expansion {
	if r.expanded != nil {
		return *r.expanded
	}
	if r.busy {
		r.scope.ev.problems.add(Unknown, r.decl.at, "cycle: the instances of %s depend on themselves", r.id)
		return unknownExpansion("the instances depend on themselves")
	}
	r.busy = true
	e := r.scope.expand(r.decl)
	r.busy = false
	r.expanded = &e
	for range e.keys {
		r.settled = append(r.settled, newMemo())
	}
	return e
}

// meta reports whether a name in a resource block is not the provider's.
func meta(name string) bool {
	switch name {
	case "count", "for_each", "provider", "depends_on", "lifecycle", "provisioner", "connection":
		return true
	}
	return false
}

// maxShared bounds the attributes of all instances that are put into one value.
const maxShared = 1 << 20

// value returns what expressions see of the resource: all instances with the attributes of these names, or with every name that an
// expression may ask for.
func (r *resource) value(names []string, whole bool) cty.Value {
	if r.id.mode == Data || r.scope.decl.overrideBroken {
		return cty.DynamicVal
	}
	if whole {
		names = nil
	}
	key := strings.Join(names, " ")
	if v, ok := r.values[key]; ok {
		return v
	}
	e := r.instances()
	if whole {
		names = r.allNames()
	}
	if e.kind == unknownInstances || len(e.keys)*len(names) > maxShared {
		return cty.DynamicVal
	}
	v := e.collect(func(i int) cty.Value {
		object := make(map[string]cty.Value, len(names))
		for _, name := range names {
			object[name] = r.reference(i, name)
		}
		return cty.ObjectVal(object)
	})
	r.values[key] = v
	return v
}

// allNames returns the names of the attributes that the code sets, those that any expression asks for, and those that tell
// the object from a whole one.
func (r *resource) allNames() []string {
	names := map[string]bool{partial: true, rest: true}
	maps.Copy(names, r.scope.ev.names)
	c := r.decl.contents()
	for name := range c.attributes {
		names[name] = true
	}
	for _, b := range c.blocks {
		names[b.kind()] = true
	}
	return slices.Sorted(maps.Keys(names))
}

// reference returns an attribute of an instance for other expressions: what the code sets, as far as no provider makes anything else of
// it. Null may be filled in by the provider, lists may be sets to it, and what is in ignore_changes is what it was.
func (r *resource) reference(i int, name string) cty.Value {
	if name == partial {
		return cty.StringVal(taint)
	}
	a := r.decl.contents().attributes[name]
	if a == nil || meta(name) || r.leaves(name) {
		return cty.DynamicVal
	}
	if _, native := a.Expr.(hclsyntax.Expression); !native && jsonContainer(a.Expr) {
		return cty.DynamicVal // may be a nested block
	}
	e := r.instances()
	return r.scope.ev.once(r.settled[i], r.id.String()+"."+name, a.Range, func() cty.Value {
		return settle(r.scope.attribute(a, e.keys[i].frame(e.kind)))
	})
}

func jsonContainer(expr hcl.Expression) bool {
	_, list := hcl.ExprList(expr)
	_, object := hcl.ExprMap(expr)
	return !list.HasErrors() || !object.HasErrors()
}

// leaves reports whether ignore_changes names an attribute or a part of it.
func (r *resource) leaves(name string) bool {
	return slices.ContainsFunc(r.ignored, func(path string) bool {
		rest, ok := strings.CutPrefix(path, name)
		return path == "*" || ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
	})
}

// settle replaces by unknown what a provider may make something else of.
func settle(v cty.Value) cty.Value {
	plain, marks := v.Unmark()
	t := plain.Type()
	switch {
	case !plain.IsKnown() || !plain.IsNull() && t.IsPrimitiveType():
		return v
	case plain.IsNull():
		return cty.DynamicVal.WithMarks(marks)
	case t.IsObjectType(), t.IsTupleType() && plain.LengthInt() <= 1:
		return eachMember(plain, settle).WithMarks(marks)
	case t.IsMapType() && t.ElementType().IsPrimitiveType():
		return settleMap(plain).WithMarks(marks)
	case t.IsCollectionType() && t.ElementType().IsPrimitiveType() && plain.LengthInt() <= 1:
		return v
	}
	return cty.DynamicVal.WithMarks(marks)
}

// settleMap replaces null elements of a map.
func settleMap(v cty.Value) cty.Value {
	elements := v.AsValueMap()
	if len(elements) == 0 {
		return v
	}
	for key, e := range elements {
		if plain, marks := e.Unmark(); plain.IsNull() {
			elements[key] = cty.UnknownVal(v.Type().ElementType()).WithMarks(marks)
		}
	}
	return cty.MapVal(elements)
}

// emit evaluates every instance and hands it over.
func (r *resource) emit(emit func(Resource) error) error {
	e := r.instances()
	why := r.scope.why
	if why == "" {
		why = e.why
	}
	keys := e.keys
	if e.kind == unknownInstances {
		keys = []instanceKey{{key: cty.DynamicVal}}
	}
	provider := r.provider()
	for _, key := range keys {
		if err := r.scope.ev.ctx.Err(); err != nil {
			return err
		}
		one := r.one(key, e.kind)
		one.Provider = provider
		one.Whole, one.Why = why == "", why
		if err := emit(one); err != nil {
			return err
		}
	}
	return nil
}

// one evaluates one instance.
func (r *resource) one(key instanceKey, kind expansionKind) Resource {
	one := Resource{
		Address: keyed(join(r.scope.path, r.id.String()), key.key), Module: r.scope.path,
		Mode: r.id.mode, Type: r.id.typ, Name: r.id.name, Ignores: slices.Clone(r.ignored),
		File: r.decl.at.Filename, Line: r.decl.at.Start.Line,
	}
	if kind != unknownInstances {
		one.Index = key.key
	}
	if !r.scope.decl.overrideBroken {
		one.Attributes = r.scope.block(r.decl.contents(), key.frame(kind), meta)
	}
	return one
}

// ignores reads lifecycle.ignore_changes, which is not evaluated but names paths.
func ignores(d *declaration) []string {
	a := d.contents().lifecycle("ignore_changes")
	if a == nil {
		return nil
	}
	if hcl.ExprAsKeyword(a.Expr) == "all" {
		return []string{"*"}
	}
	list, _ := hcl.ExprList(a.Expr)
	var paths []string
	for _, e := range list {
		path := ignoredPath(e)
		if path == "all" {
			path = "*"
		}
		paths = append(paths, path)
	}
	return paths
}

// ignoredPath reads one path; one that cannot be read is everything, since nobody can tell what is left to others.
func ignoredPath(e hcl.Expression) string {
	if t, diags := hcl.RelTraversalForExpr(e); !diags.HasErrors() {
		return traversalText(t)
	}
	if v, diags := e.Value(nil); !diags.HasErrors() && isText(v) { // the notation of Terraform 0.11
		return v.AsString()
	}
	return "*"
}
