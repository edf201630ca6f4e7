package config

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"unicode/utf8"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// fileFunctions read files of the file system that the configuration lies in, and nothing else. A file that is not there may be made
// before the next run, so that what depends on it is unknown.
func (ev *evaluator) fileFunctions() map[string]function.Function {
	table := map[string]function.Function{
		"file":           ev.fileFunction("file", textOf),
		"filebase64":     ev.fileFunction("filebase64", func(b []byte) (string, error) { return base64.StdEncoding.EncodeToString(b), nil }),
		"fileexists":     ev.fileExists(),
		"fileset":        ev.fileSet(),
		"templatefile":   ev.templateFile(),
		"templatestring": ev.templateString(),
	}
	for name, hash := range hashes() {
		table["file"+name] = ev.fileFunction("file"+name, func(b []byte) (string, error) { return hex.EncodeToString(hash(b)), nil })
		if name == "sha256" || name == "sha512" {
			table["filebase64"+name] = ev.fileFunction("filebase64"+name, func(b []byte) (string, error) {
				return base64.StdEncoding.EncodeToString(hash(b)), nil
			})
		}
	}
	return table
}

func textOf(b []byte) (string, error) {
	if !utf8.Valid(b) {
		return "", errors.New("not a text in UTF-8")
	}
	return string(b), nil
}

// contents reads a file that an expression names, relative to the root module.
func (ev *evaluator) contents(caller, name string) ([]byte, bool) {
	p, ok := local(ev.root, name)
	if !ok {
		ev.problems.add(Unknown, hcl.Range{Filename: path.Clean(name)}, "%s is not read: it lies outside of what may be read", caller)
		return nil, false
	}
	data, err := ev.files.read(p)
	if err != nil {
		ev.problems.add(Unknown, hcl.Range{Filename: p}, "%s cannot read the file: %v", caller, plainError(err))
		return nil, false
	}
	return data, true
}

func (ev *evaluator) fileFunction(name string, make func([]byte) (string, error)) function.Function {
	return scalarFunction(1, cty.String, func(args []string) (cty.Value, error) {
		data, ok := ev.contents(name, args[0])
		if !ok {
			return cty.UnknownVal(cty.String), nil
		}
		s, err := make(data)
		return cty.StringVal(s), err
	})
}

func (ev *evaluator) fileExists() function.Function {
	return scalarFunction(1, cty.Bool, func(args []string) (cty.Value, error) {
		if p, ok := local(ev.root, args[0]); ok {
			if info, err := fs.Stat(ev.files.fsys, p); err == nil && info.Mode().IsRegular() {
				return cty.True, nil
			}
		}
		return cty.UnknownVal(cty.Bool), nil
	})
}

// maxFileSet bounds the files that fileset finds.
const maxFileSet = 10_000

var errTooMany = errors.New("too many files")

func (ev *evaluator) fileSet() function.Function {
	t := cty.Set(cty.String)
	return scalarFunction(2, t, func(args []string) (cty.Value, error) {
		dir, ok := local(ev.root, args[0])
		if !ok || strings.Contains(args[1], "..") {
			ev.problems.add(Unknown, hcl.Range{Filename: path.Clean(args[0])}, "fileset is not evaluated: it lies outside of what may be read")
			return cty.UnknownVal(t), nil
		}
		var found []cty.Value
		err := ev.glob(dir, args[1], func(name string) error {
			if len(found) == maxFileSet {
				return errTooMany
			}
			found = append(found, cty.StringVal(name))
			return nil
		})
		if err != nil || len(found) == 0 {
			return cty.UnknownVal(t), nil // what is made before a run may not be here
		}
		return cty.SetVal(found), nil
	})
}

// glob finds the regular files below a folder that match a pattern.
func (ev *evaluator) glob(dir, pattern string, found func(name string) error) error {
	tree, err := fs.Sub(ev.files.fsys, dir)
	if err != nil {
		return err
	}
	return doublestar.GlobWalk(tree, path.Clean(pattern), func(name string, d fs.DirEntry) error {
		if !d.Type().IsRegular() {
			return nil
		}
		return found(name)
	}, doublestar.WithFailOnIOErrors())
}

func (ev *evaluator) templateFile() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "path", Type: cty.String}, {Name: "vars", Type: cty.DynamicPseudoType}},
		Type:   function.StaticReturnType(cty.DynamicPseudoType),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			data, ok := ev.contents("templatefile", args[0].AsString())
			if !ok {
				return cty.DynamicVal, nil
			}
			return ev.template(data, args[0].AsString(), args[1])
		},
	})
}

func (ev *evaluator) templateString() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "template", Type: cty.String}, {Name: "vars", Type: cty.DynamicPseudoType}},
		Type:   function.StaticReturnType(cty.DynamicPseudoType),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			return ev.template([]byte(args[0].AsString()), "template", args[1])
		},
	})
}

// template renders a template with the members of an object or map. It cannot render another one.
func (ev *evaluator) template(src []byte, name string, vars cty.Value) (cty.Value, error) {
	if !utf8.Valid(src) {
		return cty.NilVal, errors.New("not a text in UTF-8")
	}
	if err := templateNesting(src, name); err != nil {
		return cty.NilVal, err
	}
	if t := vars.Type(); !t.IsObjectType() && !t.IsMapType() || isPartial(vars) {
		return cty.NilVal, errors.New("the variables of the template are not an object")
	}
	expr, diags := hclsyntax.ParseTemplate(src, name, hcl.InitialPos)
	if diags.HasErrors() {
		return cty.NilVal, fmt.Errorf("the template is broken at line %d", diags[0].Subject.Start.Line)
	}
	functions := map[string]function.Function{}
	for fn, f := range ev.functions {
		if !strings.HasSuffix(fn, "templatefile") && !strings.HasSuffix(fn, "templatestring") {
			functions[fn] = f
		}
	}
	v, diags := expr.Value(&hcl.EvalContext{Variables: vars.AsValueMap(), Functions: functions})
	if diags.HasErrors() {
		return cty.NilVal, errors.New("the template cannot be evaluated")
	}
	return v, nil
}
