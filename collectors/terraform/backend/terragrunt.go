package backend

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// unitName is the file that makes a folder a unit of Terragrunt.
const unitName = "terragrunt.hcl"

// mostLocals bounds the locals of one file, which are evaluated as often as there are some.
const mostLocals = 200

// grunt finds the backends of Terragrunt's units. A file that others include is no unit itself.
// Reference: https://terragrunt.gruntwork.io/docs/reference/hcl/blocks/#remote_state
//
// run are the folders of the code that the units run, whose backends are those of the units and not what the code there says.
func grunt(fsys fs.FS, units []string) (list []Found, run map[string]bool) {
	included := map[string]bool{}
	byUnit := map[string][]Found{}
	read := map[string]cty.Value{}
	run = map[string]bool{}
	for _, dir := range units {
		u := &unit{fsys: fsys, dir: dir, included: included, read: read}
		byUnit[dir] = u.find()
		if len(byUnit[dir]) > 0 {
			run[u.source] = true
		}
	}
	for _, dir := range units {
		if !included[path.Join(dir, unitName)] {
			list = append(list, byUnit[dir]...)
		}
	}
	return list, run
}

// unit is a folder with a terragrunt.hcl.
type unit struct {
	fsys     fs.FS
	dir      string
	included map[string]bool // files that were included, of all units
	// read holds what read_terragrunt_config returned, of all units; cty.NilVal while a file is being read.
	read   map[string]cty.Value
	source string // folder of the code that it runs; "" if that is elsewhere, or not known
}

// find returns the backend of a unit: its own, or that of what it includes.
func (u *unit) find() []Found {
	own := path.Join(u.dir, unitName)
	body, err := u.parse(own)
	if err != nil {
		return []Found{{File: own, Folder: u.dir, Line: lineOf(err), Why: err.Error() + ": correct it, or give the state in paths"}}
	}
	scope := u.context(own, body, "")
	u.source = u.dir
	files := []string{own}
	for _, b := range body.Blocks {
		if b.Type == "terraform" {
			u.runs(b, scope)
		}
		if b.Type != "include" {
			continue
		}
		file, ok := u.includes(b, scope)
		if !ok {
			return []Found{{File: own, Folder: u.dir, Line: b.DefRange().Start.Line, Why: "what it includes is not known: give the state in paths"}}
		}
		u.included[file] = true
		files = append(files, file)
	}
	for i, file := range files {
		if i > 0 {
			if body, err = u.parse(file); err != nil {
				return []Found{{File: file, Folder: u.dir, Line: lineOf(err), Why: err.Error() + ": correct it, or give the state in paths"}}
			}
			scope = u.context(file, body, path.Dir(file))
		}
		if b, ok := remoteState(body, scope, file); ok {
			return []Found{b.locate(u.dir)}
		}
	}
	return nil
}

// runs notes which code the unit runs.
func (u *unit) runs(b *hclsyntax.Block, scope *hcl.EvalContext) {
	a, ok := b.Body.Attributes["source"]
	if !ok {
		return
	}
	v, _ := evaluate(a.Expr, scope).Unmark()
	u.source = ""
	if v.IsKnown() && !v.IsNull() && v.Type() == cty.String && strings.IndexAny(v.AsString(), "./") == 0 {
		u.source = inTree(v.AsString(), u.dir) // two slashes, behind which a folder in a module stands, are one
	}
}

// includes returns the file that a block includes.
func (u *unit) includes(b *hclsyntax.Block, scope *hcl.EvalContext) (string, bool) {
	a, ok := b.Body.Attributes["path"]
	if !ok {
		return "", false
	}
	v, _ := evaluate(a.Expr, scope).Unmark()
	if !v.IsKnown() || v.IsNull() || v.Type() != cty.String {
		return "", false
	}
	file := inTree(v.AsString(), u.dir)
	_, err := fs.Stat(u.fsys, file)
	return file, err == nil
}

// remoteState reads the remote_state block of a file, or the backend that a generate block writes.
func remoteState(body *hclsyntax.Body, scope *hcl.EvalContext, file string) (block, bool) {
	if a, ok := body.Attributes["remote_state"]; ok {
		v := evaluate(a.Expr, scope)
		values := map[string]cty.Value{"backend": cty.DynamicVal}
		if v.IsKnown() && !v.IsMarked() && v.Type().IsObjectType() && !v.IsNull() {
			values = v.AsValueMap()
		}
		return stateBlock(values, file, a.SrcRange.Start.Line), true
	}
	for _, b := range body.Blocks {
		switch b.Type {
		case "remote_state":
			return stateBlock(bodyValues(b.Body, scope), file, b.DefRange().Start.Line), true
		case "generate":
			if found, ok := generated(b, scope, file); ok {
				return found, true
			}
		}
	}
	return block{}, false
}

func stateBlock(values map[string]cty.Value, file string, line int) block {
	c := &config{values: values}
	b := block{kind: c.text("backend"), file: file, line: line, values: c.inner("config").values}
	if len(c.unknown) > 0 {
		b.kind = ""
	}
	return b
}

// generated reads the backend in the text that a generate block writes.
func generated(b *hclsyntax.Block, scope *hcl.EvalContext, file string) (block, bool) {
	a, ok := b.Body.Attributes["contents"]
	if !ok {
		return block{}, false
	}
	line := b.DefRange().Start.Line
	v := evaluate(a.Expr, scope)
	if v.IsMarked() || !v.IsKnown() || v.IsNull() || v.Type() != cty.String {
		named := len(b.Labels) > 0 && strings.Contains(b.Labels[0], "backend")
		return block{file: file, line: line}, named
	}
	if !mentions([]byte(v.AsString())) {
		return block{}, false
	}
	found, err := parse([]byte(v.AsString()), file)
	if err != nil || len(found) == 0 {
		return block{}, false
	}
	found[0].line = line
	return found[0], true
}

// parse reads a file in the syntax of HCL.
func (u *unit) parse(file string) (*hclsyntax.Body, error) {
	text, err := readFile(u.fsys, file)
	if err != nil {
		return nil, fmt.Errorf("it cannot be read: %w", pathless(err))
	}
	f, diags := hclparse.NewParser().ParseHCL(text, file)
	if err := explain(diags); err != nil {
		return nil, err
	}
	body, ok := f.Body.(*hclsyntax.Body)
	if !ok {
		return nil, errors.New("it is not in the syntax of HCL")
	}
	return body, nil
}

// context is what expressions of a file can refer to: its locals, as far as they are known, and functions. parent is the folder of the
// file that the unit includes; "" for the unit's own.
func (u *unit) context(file string, body *hclsyntax.Body, parent string) *hcl.EvalContext {
	ctx := &hcl.EvalContext{Variables: map[string]cty.Value{}, Functions: u.functions(file, parent)}
	attributes := map[string]hcl.Expression{}
	for _, b := range body.Blocks {
		if b.Type == "locals" {
			for name, a := range b.Body.Attributes {
				attributes[name] = a.Expr
			}
		}
	}
	known := map[string]cty.Value{}
	for name := range attributes {
		known[name] = cty.DynamicVal
	}
	names := make([]string, 0, len(attributes))
	for name := range attributes {
		names = append(names, name)
	}
	slices.Sort(names)
	names = names[:min(len(names), mostLocals)] // the others stay unknown
	for range names {                           // each round knows more, or is the last
		ctx.Variables["local"] = object(known)
		next, more := map[string]cty.Value{}, false
		for _, name := range names {
			next[name] = evaluate(attributes[name], ctx)
			more = more || !next[name].RawEquals(known[name])
		}
		if known = next; !more {
			break
		}
	}
	ctx.Variables["local"] = object(known)
	return ctx
}

// inTree makes a path in the tree of a text: one of those that the functions give, which begin at its root, or one relative to a folder.
func inTree(text, dir string) string {
	if rest, ok := strings.CutPrefix(text, "/"); ok {
		return path.Clean(rest)
	}
	return path.Join(dir, text)
}
