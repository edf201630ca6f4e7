package config

import (
	"regexp"
	"strings"

	"github.com/hashicorp/hcl/v2/ext/tryfunc"
	ctyyaml "github.com/zclconf/go-cty-yaml"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// functionNames are the names of all functions that expressions may call.
func functionNames() map[string]bool {
	names := map[string]bool{}
	for name := range (&evaluator{}).newFunctions() {
		names[name] = true
	}
	return names
}

// newFunctions makes the table of Terraform's and OpenTofu's functions. Those whose result changes from call to call or depends on
// the machine return unknown.
// See https://developer.hashicorp.com/terraform/language/functions.
func (ev *evaluator) newFunctions() map[string]function.Function {
	table := map[string]function.Function{}
	for _, part := range []map[string]function.Function{
		standardFunctions(), guardedFunctions(), collectionFunctions(), textFunctions(), hashFunctions(), networkFunctions(),
		markFunctions(), unknowableFunctions(), ev.fileFunctions(),
	} {
		for name, f := range part {
			table[name] = f
			table["core::"+name] = f
		}
	}
	return table
}

// standardFunctions are those that cty has as they are.
func standardFunctions() map[string]function.Function {
	return map[string]function.Function{
		"abs": stdlib.AbsoluteFunc, "can": tryfunc.CanFunc, "ceil": stdlib.CeilFunc, "chomp": stdlib.ChompFunc,
		"chunklist": stdlib.ChunklistFunc, "coalescelist": stdlib.CoalesceListFunc, "compact": stdlib.CompactFunc,
		"concat": stdlib.ConcatFunc, "contains": stdlib.ContainsFunc, "csvdecode": stdlib.CSVDecodeFunc, "distinct": stdlib.DistinctFunc,
		"element": stdlib.ElementFunc, "flatten": stdlib.FlattenFunc, "floor": stdlib.FloorFunc, "formatdate": stdlib.FormatDateFunc,
		"jsonencode": stdlib.JSONEncodeFunc, "log": stdlib.LogFunc, "lower": stdlib.LowerFunc, "max": stdlib.MaxFunc,
		"min": stdlib.MinFunc, "parseint": stdlib.ParseIntFunc, "pow": stdlib.PowFunc, "range": stdlib.RangeFunc, "regex": stdlib.RegexFunc,
		"regexall": stdlib.RegexAllFunc, "reverse": stdlib.ReverseListFunc, "setintersection": stdlib.SetIntersectionFunc,
		"setsubtract": stdlib.SetSubtractFunc, "setunion": stdlib.SetUnionFunc, "signum": stdlib.SignumFunc, "slice": stdlib.SliceFunc,
		"sort": stdlib.SortFunc, "split": stdlib.SplitFunc, "strrev": stdlib.ReverseFunc, "substr": stdlib.SubstrFunc,
		"timeadd": stdlib.TimeAddFunc, "title": stdlib.TitleFunc, "tobool": stdlib.MakeToFunc(cty.Bool),
		"tolist": stdlib.MakeToFunc(cty.List(cty.DynamicPseudoType)), "tonumber": stdlib.MakeToFunc(cty.Number),
		"toset": stdlib.MakeToFunc(cty.Set(cty.DynamicPseudoType)), "tostring": stdlib.MakeToFunc(cty.String), "trim": stdlib.TrimFunc,
		"trimprefix": stdlib.TrimPrefixFunc, "trimspace": stdlib.TrimSpaceFunc, "trimsuffix": stdlib.TrimSuffixFunc, "try": tryfunc.TryFunc,
		"upper": stdlib.UpperFunc, "yamlencode": ctyyaml.YAMLEncodeFunc, "zipmap": stdlib.ZipmapFunc,
	}
}

// guardedFunctions are those that must not be called with the object of a resource as a whole, or could make much of little.
func guardedFunctions() map[string]function.Function {
	return map[string]function.Function{
		"keys": guard(stdlib.KeysFunc, anyPartial), "values": guard(stdlib.ValuesFunc, anyPartial), "merge": guard(stdlib.MergeFunc, anyPartial),
		"tomap":  guard(stdlib.MakeToFunc(cty.Map(cty.DynamicPseudoType)), anyPartial),
		"length": guard(lengthFunction(), anyPartial), "lookup": guard(lookupFunction(), anyPartial),
		"join": guard(stdlib.JoinFunc, multiplies), "indent": guard(stdlib.IndentFunc, manySpaces), "replace": guard(replaceFunction(), multiplies),
		"setproduct": guard(stdlib.SetProductFunc, multiplies), "format": guard(stdlib.FormatFunc, wideFormat),
		"formatlist": guard(stdlib.FormatListFunc, wideFormat), "jsondecode": guard(stdlib.JSONDecodeFunc, deepJSON),
		"yamldecode": guard(ctyyaml.YAMLDecodeFunc, deepYAML),
	}
}

// guard makes a function return unknown for arguments that refuse is true for.
func guard(f function.Function, refuse func(args []cty.Value) bool) function.Function {
	return function.New(&function.Spec{
		Params: f.Params(), VarParam: f.VarParam(),
		Type: func(args []cty.Value) (cty.Type, error) {
			if refuse(args) {
				return cty.DynamicPseudoType, nil
			}
			return f.ReturnTypeForValues(args)
		},
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			if refuse(args) {
				return cty.DynamicVal, nil
			}
			return f.Call(args)
		},
	})
}

// anything is a parameter that takes every value.
func anything(name string) *function.Parameter {
	return &function.Parameter{
		Name: name, Type: cty.DynamicPseudoType,
		AllowNull: true, AllowUnknown: true, AllowDynamicType: true, AllowMarked: true,
	}
}

func anyPartial(args []cty.Value) bool {
	for _, a := range args {
		if plain, _ := a.Unmark(); isPartial(plain) {
			return true
		}
	}
	return false
}

// multiplies reports whether a result may be as big as its arguments multiplied, and that is too big.
func multiplies(args []cty.Value) bool {
	product := 1
	for _, a := range args {
		left := maxWeight
		weigh(a, &left)
		product *= max(1, maxWeight-left)
		if product > 64*maxWeight {
			return true
		}
	}
	return false
}

func manySpaces(args []cty.Value) bool {
	if len(args) == 0 {
		return false
	}
	n, _ := args[0].Unmark()
	return n.Type() == cty.Number && n.IsKnown() && !n.IsNull() && n.GreaterThan(cty.NumberIntVal(1000)).True()
}

// widths finds the numbers in the verbs of a format.
var widths = regexp.MustCompile(`%[^a-zA-Z%]*[0-9]{5,}`)

func wideFormat(args []cty.Value) bool {
	return anyText(args, widths.MatchString)
}

func deepJSON(args []cty.Value) bool {
	return anyText(args, func(s string) bool { return jsonNesting([]byte(s), "") != nil })
}

// deepYAML refuses what nests deep, and aliases, by which a few lines can stand for gigabytes.
func deepYAML(args []cty.Value) bool {
	return anyText(args, func(s string) bool {
		return strings.Count(s, "[")+strings.Count(s, "{")+strings.Count(s, "- -") > 10_000 || strings.Count(s, "*") > 1000 && strings.Contains(s, "&")
	})
}

func anyText(args []cty.Value, match func(string) bool) bool {
	for _, a := range args {
		if plain, _ := a.Unmark(); isText(plain) && match(plain.AsString()) {
			return true
		}
	}
	return false
}

// unknownFunction returns unknown for whatever it is called with.
func unknownFunction() function.Function {
	return function.New(&function.Spec{
		VarParam: anything("args"),
		Type:     function.StaticReturnType(cty.DynamicPseudoType),
		Impl:     func([]cty.Value, cty.Type) (cty.Value, error) { return cty.DynamicVal, nil },
	})
}

// unknowableFunctions give another result at each call or on each machine. What base64gzip gives depends on the release.
func unknowableFunctions() map[string]function.Function {
	table := map[string]function.Function{}
	for _, name := range []string{"timestamp", "plantimestamp", "uuid", "bcrypt", "rsadecrypt", "abspath", "pathexpand", "base64gzip", "ephemeralasnull"} {
		table[name] = unknownFunction()
	}
	return table
}

// markFunctions are those about what is sensitive.
func markFunctions() map[string]function.Function {
	one := func(f func(cty.Value) cty.Value) function.Function {
		return function.New(&function.Spec{
			Params: []function.Parameter{*anything("value")},
			Type:   func(args []cty.Value) (cty.Type, error) { return f(args[0]).Type(), nil },
			Impl:   func(args []cty.Value, _ cty.Type) (cty.Value, error) { return f(args[0]), nil },
		})
	}
	return map[string]function.Function{
		"sensitive": one(func(v cty.Value) cty.Value { return v.Mark(Sensitive) }),
		"nonsensitive": one(func(v cty.Value) cty.Value {
			plain, _ := v.Unmark()
			return plain
		}),
		"issensitive": one(func(v cty.Value) cty.Value {
			if !v.IsKnown() && !v.IsMarked() {
				return cty.UnknownVal(cty.Bool)
			}
			return cty.BoolVal(v.IsMarked())
		}),
	}
}
