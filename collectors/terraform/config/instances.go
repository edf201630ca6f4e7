package config

import (
	"fmt"
	"math"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// expansion is what count, for_each or neither makes of a block.
type expansion struct {
	kind expansionKind
	keys []instanceKey
	why  string // of unknown
}

type expansionKind uint8

const (
	single expansionKind = iota
	counted
	forEach
	unknownInstances
)

// instanceKey is the key of one instance, NilVal for a single one, and each.value.
type instanceKey struct {
	key, value cty.Value
}

// frame holds count.index or each.key and each.value.
func (k instanceKey) frame(kind expansionKind) *frame {
	switch kind {
	case counted:
		return &frame{values: map[string]cty.Value{"count": cty.ObjectVal(map[string]cty.Value{"index": k.key})}}
	case forEach:
		return &frame{values: map[string]cty.Value{"each": cty.ObjectVal(map[string]cty.Value{"key": k.key, "value": k.value})}}
	case unknownInstances:
		return &frame{values: map[string]cty.Value{
			"count": cty.ObjectVal(map[string]cty.Value{"index": cty.UnknownVal(cty.Number)}),
			"each":  cty.ObjectVal(map[string]cty.Value{"key": cty.UnknownVal(cty.String), "value": cty.DynamicVal}),
		}}
	}
	return nil
}

// expand evaluates count, for_each or lifecycle.enabled of a block.
func (s *scope) expand(d *declaration) expansion {
	c := d.contents()
	e := expansion{kind: single, keys: []instanceKey{{}}}
	switch count, each, enabled := c.attributes["count"], c.attributes["for_each"], c.lifecycle("enabled"); {
	case s.decl.overrideBroken:
		return unknownExpansion("an override file of the module could not be read")
	case count != nil:
		e = s.expandCount(count)
	case each != nil:
		e = s.expandEach(each)
	case enabled != nil:
		e = s.expandEnabled(enabled)
	}
	if e.kind != unknownInstances && !s.ev.take(len(e.keys)) {
		why := fmt.Sprintf("the configuration has more than %d instances", s.ev.opts.MaxInstances)
		s.ev.problems.add(Unknown, d.at, "%s: those of this block are not told apart", why)
		return unknownExpansion(why)
	}
	return e
}

func unknownExpansion(why string) expansion {
	return expansion{kind: unknownInstances, why: why}
}

func (s *scope) expandCount(a *hcl.Attribute) expansion {
	v, marks := clean(s.eval(a.Expr, nil)).Unmark()
	switch {
	case len(marks) > 0:
		return unknownExpansion("count is sensitive")
	case !v.IsKnown():
		return unknownExpansion("count is unknown")
	}
	n, err := wholeNumber(v)
	if err != nil {
		s.ev.problems.add(Unknown, a.Expr.Range(), "count is not a whole number of 0 or more")
		return unknownExpansion("count is not a whole number")
	}
	if n > s.ev.instances {
		return expansion{kind: counted, keys: make([]instanceKey, min(n, s.ev.instances+1))}
	}
	keys := make([]instanceKey, n)
	for i := range keys {
		keys[i].key = cty.NumberIntVal(int64(i))
	}
	return expansion{kind: counted, keys: keys}
}

func wholeNumber(v cty.Value) (int, error) {
	number, err := convert.Convert(v, cty.Number)
	if err != nil || number.IsNull() {
		return 0, fmt.Errorf("not a number")
	}
	float := number.AsBigFloat()
	if !float.IsInt() || float.Sign() < 0 {
		return 0, fmt.Errorf("not a whole number of 0 or more")
	}
	n, _ := float.Int64() // the biggest one for what is bigger still
	return int(min(n, math.MaxInt32)), nil
}

func (s *scope) expandEach(a *hcl.Attribute) expansion {
	v, marks := s.eval(a.Expr, nil).Unmark()
	t := v.Type()
	switch {
	case len(marks) > 0:
		return unknownExpansion("for_each is sensitive")
	case !v.IsKnown() || isPartial(v):
		return unknownExpansion("for_each is unknown")
	case v.IsNull() || !t.IsMapType() && !t.IsObjectType() && !t.IsSetType():
		s.ev.problems.add(Unknown, a.Expr.Range(), "for_each is neither a map nor a set")
		return unknownExpansion("for_each is neither a map nor a set")
	case t.IsSetType() && !v.IsWhollyKnown():
		return unknownExpansion("an element of for_each is unknown")
	}
	var keys []instanceKey
	for it := v.ElementIterator(); it.Next(); {
		key, value := it.Element()
		if !isText(key) {
			s.ev.problems.add(Unknown, a.Expr.Range(), "for_each has a key that is not a string")
			return unknownExpansion("for_each has a key that is not a string")
		}
		if taintedText(key) {
			return unknownExpansion("for_each is unknown")
		}
		keys = append(keys, instanceKey{key, value})
	}
	return expansion{kind: forEach, keys: keys}
}

// expandEnabled evaluates lifecycle.enabled of OpenTofu: one instance or none.
func (s *scope) expandEnabled(a *hcl.Attribute) expansion {
	v, marks := s.eval(a.Expr, nil).Unmark()
	on, err := convert.Convert(v, cty.Bool)
	switch {
	case len(marks) > 0 || err != nil || !on.IsKnown() || on.IsNull():
		return unknownExpansion("lifecycle.enabled is unknown")
	case on.False():
		return expansion{kind: single}
	}
	return expansion{kind: single, keys: []instanceKey{{}}}
}

// collect makes the value that expressions see of all instances: an object by key, a tuple by number, or the one.
func (e expansion) collect(instance func(i int) cty.Value) cty.Value {
	switch e.kind {
	case counted:
		list := make([]cty.Value, len(e.keys))
		for i := range e.keys {
			list[i] = instance(i)
		}
		return cty.TupleVal(list)
	case forEach:
		object := make(map[string]cty.Value, len(e.keys))
		for i, k := range e.keys {
			object[k.key.AsString()] = instance(i)
		}
		return cty.ObjectVal(object)
	case single:
		if len(e.keys) == 1 {
			return instance(0)
		}
		return cty.NullVal(cty.DynamicPseudoType)
	}
	return cty.DynamicVal
}
