package config

import (
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// eval returns the value of an expression. What cannot be evaluated is unknown and noted: in an object or a list only the element.
func (s *scope) eval(expr hcl.Expression, f *frame) cty.Value {
	if s.ev.ctx.Err() != nil {
		return cty.DynamicVal
	}
	v, diags := expr.Value(s.context(expr, f))
	if diags.HasErrors() {
		return s.evalParts(expr, f, diags)
	}
	weight := maxWeight
	if !weigh(v, &weight) {
		s.ev.problems.add(Unknown, expr.Range(), "the value is too big: more than %d bytes", maxWeight)
		return cty.DynamicVal
	}
	return v
}

// evalParts evaluates the elements of an object or a list by themselves, after the whole had a mistake.
func (s *scope) evalParts(expr hcl.Expression, f *frame, diags hcl.Diagnostics) cty.Value {
	if pairs, d := hcl.ExprMap(expr); !d.HasErrors() {
		object := make(map[string]cty.Value, len(pairs))
		for _, pair := range pairs {
			key, d := pair.Key.Value(s.context(pair.Key, f))
			if d.HasErrors() || !isText(key) {
				s.ev.problems.diagnostics(Unknown, d)
				return cty.DynamicVal
			}
			object[key.AsString()] = s.eval(pair.Value, f)
		}
		return cty.ObjectVal(object)
	}
	if list, d := hcl.ExprList(expr); !d.HasErrors() {
		elements := make([]cty.Value, len(list))
		for i, e := range list {
			elements[i] = s.eval(e, f)
		}
		return cty.TupleVal(elements)
	}
	s.ev.problems.diagnostics(Unknown, diags)
	return cty.DynamicVal
}

// context makes the variables that an expression names.
func (s *scope) context(expr hcl.Expression, f *frame) *hcl.EvalContext {
	b := builder{scope: s, expr: expr, roots: map[string]cty.Value{}, objects: map[string]map[string]cty.Value{}, uses: map[string]*use{}}
	for _, ref := range expr.Variables() {
		b.add(ref, f)
	}
	b.finish()
	return &hcl.EvalContext{Variables: b.roots, Functions: s.ev.functionsOf(s.decl)}
}

// builder collects the variables of one expression.
type builder struct {
	scope   *scope
	expr    hcl.Expression
	roots   map[string]cty.Value
	objects map[string]map[string]cty.Value // members of a root
	uses    map[string]*use                 // of resources and module calls
}

// use is how an expression uses a resource or a module call: which attributes, or all of it.
type use struct {
	root, name string
	at         hcl.Range
	names      map[string]bool
	whole      bool
}

func (b *builder) add(ref hcl.Traversal, f *frame) {
	root := ref.RootName()
	if v, ok := f.lookup(root); ok {
		b.roots[root] = v
		return
	}
	switch root {
	case "path":
		b.roots[root] = b.scope.paths()
		return
	case "terraform", "tofu":
		b.roots[root] = b.scope.settings()
		return
	case "data", "ephemeral", "self", "each", "count":
		b.roots[root] = cty.DynamicVal
		return
	}
	name, ok := attributeStep(ref, 1)
	switch {
	case !ok:
		b.roots[root] = cty.DynamicVal
	case root == "var":
		b.member(root, name, b.scope.variable(name, ref.SourceRange()))
	case root == "local":
		b.member(root, name, b.scope.local(name, ref.SourceRange()))
	default:
		b.use(root, name, ref)
	}
}

func (b *builder) member(root, name string, v cty.Value) {
	if b.objects[root] == nil {
		b.objects[root] = map[string]cty.Value{}
	}
	b.objects[root][name] = v
}

// use notes what an expression takes of a resource or module: the attribute after the name and, if there is one, the key.
func (b *builder) use(root, name string, ref hcl.Traversal) {
	id := root + "." + name
	u := b.uses[id]
	if u == nil {
		u = &use{root: root, name: name, at: ref.SourceRange(), names: map[string]bool{}}
		b.uses[id] = u
	}
	next := 2
	if len(ref) > 2 {
		if _, indexed := ref[2].(hcl.TraverseIndex); indexed {
			next = 3
		}
	}
	attr, ok := attributeStep(ref, next)
	if !ok && len(ref) == 2 {
		attr, ok = b.scope.ev.narrowed(b.expr)[ref.SourceRange().Start]
	}
	if ok {
		u.names[attr] = true
	} else {
		u.whole = true
	}
}

func attributeStep(ref hcl.Traversal, i int) (string, bool) {
	if len(ref) <= i {
		return "", false
	}
	step, ok := ref[i].(hcl.TraverseAttr)
	return step.Name, ok
}

// finish evaluates the uses and makes the objects of the roots.
func (b *builder) finish() {
	for _, id := range slices.Sorted(maps.Keys(b.uses)) {
		u := b.uses[id]
		b.member(u.root, u.name, b.scope.used(u))
	}
	for root, members := range b.objects {
		if _, ok := b.roots[root]; !ok {
			b.roots[root] = cty.ObjectVal(members)
		}
	}
}

// used returns the value of a resource or module call as far as an expression uses it.
func (s *scope) used(u *use) cty.Value {
	names := slices.Sorted(maps.Keys(u.names))
	if u.root == "module" {
		if _, ok := s.decl.modules[u.name]; !ok {
			return s.undeclared("module."+u.name, u.at)
		}
		return s.call(u.name).value(names, u.whole)
	}
	id := resourceID{Managed, u.root, u.name}
	if _, ok := s.decl.resources[id]; !ok {
		return s.undeclared(id.String(), u.at)
	}
	return s.resource(id).value(names, u.whole)
}

// maxWeight bounds a value: the bytes of its strings and one for everything else.
const maxWeight = 1 << 20

// weigh takes the weight of v from what is left and reports whether that was enough.
func weigh(v cty.Value, left *int) bool {
	v, _ = v.Unmark()
	*left--
	switch {
	case *left < 0:
		return false
	case !v.IsKnown() || v.IsNull():
	case v.Type() == cty.String:
		*left -= len(v.AsString())
	case v.CanIterateElements():
		for it := v.ElementIterator(); it.Next(); {
			key, e := it.Element()
			if !weigh(key, left) || !weigh(e, left) {
				return false
			}
		}
	}
	return *left >= 0
}

// The object of a resource holds only those attributes that the code sets or asks for. So that whoever looks at it as a whole can tell,
// it has two more, whose names no code can write: one that taints what is made of its members, and one that is unknown.
const (
	taint   = "\x00"
	partial = taint + "partial"
	rest    = taint + "rest"
)

// isPartial reports whether v is the object of a resource as a whole.
func isPartial(v cty.Value) bool {
	return v.Type().IsObjectType() && v.Type().HasAttribute(partial)
}

// clean replaces objects of resources, and what was made of their members' names, by unknown.
func clean(v cty.Value) cty.Value {
	if !tainted(v) {
		return v
	}
	plain, marks := v.Unmark()
	t := plain.Type()
	if isPartial(plain) || !t.IsObjectType() && !t.IsTupleType() || t.IsTupleType() && slices.ContainsFunc(plain.AsValueSlice(), taintedText) {
		return cty.DynamicVal.WithMarks(marks)
	}
	return eachMember(plain, clean).WithMarks(marks)
}

// eachMember applies f to the members of a known object or tuple.
func eachMember(v cty.Value, f func(cty.Value) cty.Value) cty.Value {
	if v.Type().IsTupleType() {
		list := v.AsValueSlice()
		for i, e := range list {
			list[i] = f(e)
		}
		return cty.TupleVal(list)
	}
	object := v.AsValueMap()
	for name, e := range object {
		object[name] = f(e)
	}
	return cty.ObjectVal(object)
}

func tainted(v cty.Value) bool {
	v, _ = v.Unmark()
	switch {
	case isPartial(v):
		return true
	case !v.IsKnown() || v.IsNull():
		return false
	case v.Type() == cty.String:
		return taintedText(v)
	case v.CanIterateElements():
		for it := v.ElementIterator(); it.Next(); {
			key, e := it.Element()
			if tainted(key) || tainted(e) {
				return true
			}
		}
	}
	return false
}

// taintedText reports whether v is a string made of the names or values of all members of a resource.
func taintedText(v cty.Value) bool {
	v, _ = v.Unmark()
	return isText(v) && strings.Contains(v.AsString(), taint)
}
