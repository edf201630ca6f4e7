package config

import (
	"errors"
	"slices"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

func collectionFunctions() map[string]function.Function {
	bools := cty.List(cty.Bool)
	return map[string]function.Function{
		"alltrue": fold(bools, cty.Bool, cty.True, func(all, e cty.Value) (cty.Value, error) { return all.And(e), nil }),
		"anytrue": fold(bools, cty.Bool, cty.False, func(some, e cty.Value) (cty.Value, error) { return some.Or(e), nil }),
		"sum": fold(cty.DynamicPseudoType, cty.Number, cty.Zero, func(sum, e cty.Value) (cty.Value, error) {
			n, err := convert.Convert(e, cty.Number)
			if err != nil || n.IsNull() {
				return cty.NilVal, errors.New("not a number")
			}
			return sum.Add(n), nil
		}),
		"coalesce":  coalesceFunction(),
		"index":     indexFunction(),
		"matchkeys": matchkeysFunction(),
		"one":       oneFunction(),
		"transpose": transposeFunction(),
	}
}

// fold makes a function of a list that goes over its elements. Null elements are false to it.
func fold(param, result cty.Type, start cty.Value, step func(so, e cty.Value) (cty.Value, error)) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "list", Type: param}},
		Type:   function.StaticReturnType(result),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			if !args[0].CanIterateElements() || args[0].Type().IsMapType() || args[0].Type().IsObjectType() {
				return cty.NilVal, function.NewArgErrorf(0, "not a list or set")
			}
			so := start
			for it := args[0].ElementIterator(); it.Next(); {
				_, e := it.Element()
				if result == cty.Bool && e.IsNull() {
					e = cty.False
				}
				next, err := step(so, e)
				if err != nil {
					return cty.NilVal, function.NewArgError(0, err)
				}
				so = next
			}
			return so, nil
		},
	})
}

// lengthFunction counts elements, or the characters of a string.
func lengthFunction() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{*anything("value")},
		Type:   function.StaticReturnType(cty.Number),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			switch plain, marks := args[0].Unmark(); {
			case plain.IsKnown() && plain.IsNull():
				return cty.NilVal, function.NewArgErrorf(0, "null")
			case plain.Type() == cty.DynamicPseudoType:
				return cty.UnknownVal(cty.Number).WithMarks(marks), nil
			case plain.Type() == cty.String:
				return stdlib.StrlenFunc.Call(args)
			case plain.Type().IsObjectType():
				return cty.NumberIntVal(int64(len(plain.Type().AttributeTypes()))).WithMarks(marks), nil
			}
			return stdlib.LengthFunc.Call(args)
		},
	})
}

// lookupFunction is lookup with or without a default.
func lookupFunction() function.Function {
	return function.New(&function.Spec{
		VarParam: anything("args"),
		Type: func(args []cty.Value) (cty.Type, error) {
			switch len(args) {
			case 2:
				return cty.DynamicPseudoType, nil
			case 3:
				return stdlib.LookupFunc.ReturnTypeForValues(args)
			}
			return cty.NilType, errors.New("lookup takes a map, a key, and a default")
		},
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			if len(args) == 3 {
				return stdlib.LookupFunc.Call(args)
			}
			return lookupKey(args[0], args[1])
		},
	})
}

// lookupKey is lookup without a default.
func lookupKey(collection, key cty.Value) (cty.Value, error) {
	plain, marks := collection.Unmark()
	k, more := key.Unmark()
	if !plain.IsKnown() || !k.IsKnown() {
		return cty.DynamicVal.WithMarks(marks, more), nil
	}
	if plain.IsNull() || !isText(k) || !plain.CanIterateElements() {
		return cty.NilVal, errors.New("lookup takes a map and a key")
	}
	for it := plain.ElementIterator(); it.Next(); {
		if name, e := it.Element(); name.RawEquals(k) {
			return e.WithMarks(marks, more), nil
		}
	}
	return cty.NilVal, errors.New("the map has no such key")
}

// coalesceFunction returns the first argument that is neither null nor an empty string.
func coalesceFunction() function.Function {
	param := anything("values")
	param.AllowMarked = false
	return function.New(&function.Spec{
		VarParam: param,
		Type: func(args []cty.Value) (cty.Type, error) {
			types := make([]cty.Type, len(args))
			for i, a := range args {
				types[i] = a.Type()
			}
			t, _ := convert.UnifyUnsafe(types)
			if t == cty.NilType {
				return cty.NilType, errors.New("all arguments must be of one type")
			}
			return t, nil
		},
		Impl: func(args []cty.Value, t cty.Type) (cty.Value, error) {
			for _, a := range args {
				if !a.IsKnown() {
					return cty.UnknownVal(t), nil
				}
				if a.IsNull() || isText(a) && a.AsString() == "" {
					continue
				}
				return convert.Convert(a, t)
			}
			return cty.NilVal, errors.New("no argument is set")
		},
	})
}

func indexFunction() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{
			{Name: "list", Type: cty.DynamicPseudoType},
			{Name: "value", Type: cty.DynamicPseudoType, AllowNull: true},
		},
		Type: function.StaticReturnType(cty.Number),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			if !args[0].Type().IsListType() && !args[0].Type().IsTupleType() {
				return cty.NilVal, function.NewArgErrorf(0, "not a list")
			}
			for i, e := range args[0].AsValueSlice() {
				equal := e.Equals(args[1])
				if !equal.IsKnown() {
					return cty.UnknownVal(cty.Number), nil
				}
				if equal.True() {
					return cty.NumberIntVal(int64(i)), nil
				}
			}
			return cty.NilVal, errors.New("the list has no such element")
		},
	})
}

// matchkeysFunction returns the values whose keys are searched for.
func matchkeysFunction() function.Function {
	list := cty.List(cty.DynamicPseudoType)
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "values", Type: list}, {Name: "keys", Type: list}, {Name: "searchset", Type: list}},
		Type:   func(args []cty.Value) (cty.Type, error) { return args[0].Type(), nil },
		Impl: func(args []cty.Value, t cty.Type) (cty.Value, error) {
			if !args[1].IsWhollyKnown() || !args[2].IsWhollyKnown() {
				return cty.UnknownVal(t), nil
			}
			values, keys, search := args[0].AsValueSlice(), args[1].AsValueSlice(), args[2].AsValueSlice()
			if len(values) != len(keys) {
				return cty.NilVal, errors.New("values and keys must be of one length")
			}
			var found []cty.Value
			for i, k := range keys {
				if slices.ContainsFunc(search, func(s cty.Value) bool { return k.Equals(s).True() }) {
					found = append(found, values[i])
				}
			}
			if len(found) == 0 {
				return cty.ListValEmpty(t.ElementType()), nil
			}
			return cty.ListVal(found), nil
		},
	})
}

// oneFunction returns the only element of a list or set, null of an empty one.
func oneFunction() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "list", Type: cty.DynamicPseudoType}},
		Type:   function.StaticReturnType(cty.DynamicPseudoType),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			t := args[0].Type()
			if !t.IsListType() && !t.IsSetType() && !t.IsTupleType() {
				return cty.NilVal, function.NewArgErrorf(0, "not a list or set")
			}
			if t.IsSetType() && !args[0].IsWhollyKnown() {
				return cty.DynamicVal, nil
			}
			switch list := args[0].AsValueSlice(); len(list) {
			case 0:
				return cty.NullVal(cty.DynamicPseudoType), nil
			case 1:
				return list[0], nil
			}
			return cty.NilVal, errors.New("more than one element")
		},
	})
}

// transposeFunction turns a map of lists of strings around.
func transposeFunction() function.Function {
	t := cty.Map(cty.List(cty.String))
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "map", Type: t}},
		Type:   function.StaticReturnType(t),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			if !args[0].IsWhollyKnown() {
				return cty.UnknownVal(t), nil
			}
			turned := map[string][]cty.Value{}
			for it := args[0].ElementIterator(); it.Next(); {
				key, list := it.Element()
				for _, e := range elements(list) {
					if e.IsNull() {
						return cty.NilVal, errors.New("null in a list")
					}
					turned[e.AsString()] = append(turned[e.AsString()], key)
				}
			}
			if len(turned) == 0 {
				return cty.MapValEmpty(t.ElementType()), nil
			}
			result := map[string]cty.Value{}
			for key, list := range turned {
				result[key] = cty.ListVal(list)
			}
			return cty.MapVal(result), nil
		},
	})
}
