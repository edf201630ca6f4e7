package backend

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"strings"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// place marks texts that are paths on this machine: they can lead to a file, but a state is kept under no such name.
type place struct{}

var (
	errAbsent = errors.New("there is no such file")
	errCircle = errors.New("files lead to one another without an end")
)

// functions are those of Terragrunt and Terraform that say the same wherever they are asked. All others make a value unknown.
func (u *unit) functions(file, parent string) map[string]function.Function {
	return map[string]function.Function{
		"find_in_parent_folders":      u.findInParents(),
		"path_relative_to_include":    u.relativeToInclude(parent),
		"read_terragrunt_config":      u.readConfig(),
		"get_terragrunt_dir":          constant(u.dir),
		"get_original_terragrunt_dir": constant(u.dir),
		"get_parent_terragrunt_dir":   constant(path.Dir(file)),
		"basename":                    basename(),
		"dirname":                     dirname(),
		"lower":                       stdlib.LowerFunc,
		"upper":                       stdlib.UpperFunc,
		"replace":                     replace(),
		"format":                      format(),
		"join":                        stdlib.JoinFunc,
		"split":                       stdlib.SplitFunc,
		"element":                     stdlib.ElementFunc,
		"merge":                       stdlib.MergeFunc,
		"trimspace":                   stdlib.TrimSpaceFunc,
		"trimprefix":                  stdlib.TrimPrefixFunc,
		"trimsuffix":                  stdlib.TrimSuffixFunc,
		"substr":                      stdlib.SubstrFunc,
	}
}

func texts() *function.Parameter {
	return &function.Parameter{Name: "args", Type: cty.String, AllowMarked: true}
}

// of makes a function of texts whose result is one.
func of(result func(args []string) (cty.Value, error)) function.Function {
	return function.New(&function.Spec{
		VarParam: texts(), Type: function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			list := make([]string, len(args))
			for i, a := range args {
				a, _ = a.Unmark()
				if !a.IsKnown() || a.IsNull() {
					return cty.UnknownVal(cty.String), nil
				}
				list[i] = a.AsString()
			}
			return result(list)
		},
	})
}

func marked(p string) cty.Value { return cty.StringVal(path.Join("/", p)).Mark(place{}) }

func constant(dir string) function.Function {
	return of(func([]string) (cty.Value, error) { return marked(dir), nil })
}

// basename is known of a path in the tree, but not of the tree's root.
func basename() function.Function {
	return of(func(args []string) (cty.Value, error) {
		if len(args) != 1 || path.Clean(args[0]) == "/" {
			return cty.UnknownVal(cty.String), nil
		}
		return cty.StringVal(path.Base(args[0])), nil
	})
}

func dirname() function.Function {
	return of(func(args []string) (cty.Value, error) {
		if len(args) != 1 || !path.IsAbs(args[0]) {
			return cty.UnknownVal(cty.String), nil
		}
		return marked(path.Dir(args[0])), nil
	})
}

// findInParents looks for a file in the folders above the unit, up to the root of the tree.
func (u *unit) findInParents() function.Function {
	return of(func(args []string) (cty.Value, error) {
		name := unitName
		if len(args) > 0 {
			name = args[0]
		}
		for dir := u.dir; dir != "." && dir != "/"; {
			dir = path.Dir(dir)
			p := path.Join(dir, name)
			if _, err := fs.Stat(u.fsys, p); err == nil {
				return marked(p), nil
			}
		}
		if len(args) > 1 {
			return cty.StringVal(args[1]), nil
		}
		return cty.UnknownVal(cty.String), errAbsent
	})
}

// relativeToInclude is the unit's folder as seen from the file that it includes.
func (u *unit) relativeToInclude(parent string) function.Function {
	return of(func([]string) (cty.Value, error) {
		if parent == "" {
			return cty.StringVal("."), nil
		}
		rel, err := filepath.Rel(filepath.FromSlash(parent), filepath.FromSlash(u.dir))
		return cty.StringVal(filepath.ToSlash(rel)), err
	})
}

// replace is the function of Terraform, but for regular expressions and long results.
func replace() function.Function {
	return of(func(args []string) (cty.Value, error) {
		if len(args) != 3 || len(args[1]) > 1 && strings.HasPrefix(args[1], "/") && strings.HasSuffix(args[1], "/") ||
			len(args[0])+strings.Count(args[0], args[1])*len(args[2]) > longestOne {
			return cty.UnknownVal(cty.String), nil
		}
		return cty.StringVal(strings.ReplaceAll(args[0], args[1], args[2])), nil
	})
}

// format is the function of Terraform for texts as they are.
func format() function.Function {
	return of(func(args []string) (cty.Value, error) {
		if len(args) == 0 || strings.Count(args[0], "%") != strings.Count(args[0], "%s") || strings.Count(args[0], "%s") != len(args)-1 {
			return cty.UnknownVal(cty.String), nil
		}
		list := make([]any, len(args)-1)
		for i, a := range args[1:] {
			list[i] = a
		}
		return cty.StringVal(fmt.Sprintf(args[0], list...)), nil
	})
}

// readConfig reads the locals and inputs of another file.
func (u *unit) readConfig() function.Function {
	return function.New(&function.Spec{
		Params:   []function.Parameter{{Name: "path", Type: cty.String, AllowMarked: true}},
		VarParam: &function.Parameter{Name: "default", Type: cty.DynamicPseudoType, AllowMarked: true, AllowUnknown: true, AllowNull: true, AllowDynamicType: true},
		Type:     function.StaticReturnType(cty.DynamicPseudoType),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			name, _ := args[0].Unmark()
			return u.readOnce(inTree(name.AsString(), u.dir))
		},
	})
}

// readOnce returns what a file defines. It is an error if that leads back to the file.
func (u *unit) readOnce(file string) (cty.Value, error) {
	if v, ok := u.read[file]; ok {
		if v == cty.NilVal {
			return cty.DynamicVal, errCircle
		}
		return v, nil
	}
	u.read[file] = cty.NilVal
	v, err := u.readNow(file)
	if err != nil {
		v = cty.DynamicVal
	}
	u.read[file] = v
	return v, err
}

func (u *unit) readNow(file string) (cty.Value, error) {
	other := &unit{fsys: u.fsys, dir: path.Dir(file), included: u.included, read: u.read}
	body, err := other.parse(file)
	if err != nil {
		return cty.DynamicVal, err
	}
	ctx := other.context(file, body, "")
	inputs := cty.EmptyObjectVal
	if a, ok := body.Attributes["inputs"]; ok {
		inputs = bounded(evaluate(a.Expr, ctx))
	}
	return cty.ObjectVal(map[string]cty.Value{"locals": ctx.Variables["local"], "inputs": inputs}), nil
}
