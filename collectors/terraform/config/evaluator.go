package config

import (
	"context"
	"io/fs"
	"path"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// evaluator is what all scopes of one configuration share.
type evaluator struct {
	ctx       context.Context
	opts      Options
	root      string
	files     *files
	problems  *problems
	env       map[string]string
	installed map[string]string // folder of a module by its key in modules.json
	registry  string            // host of providers that are named without one
	instances int               // that may still be made
	depth     int               // of references that are being followed
	functions map[string]function.Function
	extended  map[*declarations]map[string]function.Function
	narrow    map[hcl.Expression]map[hcl.Pos]string
	probes    map[*declarations]bool
	names     map[string]bool // attribute names that any expression of any module asks for
	workspace cty.Value
}

func newEvaluator(ctx context.Context, fsys fs.FS, root string, opts Options) *evaluator {
	if opts.MaxInstances == 0 {
		opts.MaxInstances = DefaultMaxInstances
	}
	if opts.MaxFileBytes == 0 {
		opts.MaxFileBytes = DefaultMaxFileBytes
	}
	found := &problems{seen: map[Problem]bool{}}
	ev := &evaluator{
		ctx: ctx, opts: opts, root: root, problems: found, instances: opts.MaxInstances,
		env: map[string]string{}, extended: map[*declarations]map[string]function.Function{}, names: map[string]bool{},
		probes: map[*declarations]bool{}, narrow: map[hcl.Expression]map[hcl.Pos]string{},
		files: &files{
			ctx: ctx, fsys: fsys, max: opts.MaxFileBytes, left: maxConfigBytes, problems: found,
			contents: map[string]content{}, modules: map[string]*declarations{},
		},
	}
	for _, pair := range opts.Environ {
		if name, value, ok := strings.Cut(pair, "="); ok {
			ev.env[name] = value
		}
	}
	ev.installed = ev.readInstalled()
	ev.registry = ev.readRegistry()
	ev.workspace = ev.readWorkspace()
	ev.functions = ev.newFunctions()
	return ev
}

// readRegistry tells by the lock file whether providers come from OpenTofu's registry.
func (ev *evaluator) readRegistry() string {
	lock, err := ev.files.read(path.Join(ev.root, ".terraform.lock.hcl"))
	if err == nil && strings.Contains(string(lock), `"registry.opentofu.org/`) {
		return "registry.opentofu.org"
	}
	return "registry.terraform.io"
}

// readWorkspace tells the name of the workspace. A folder where init ran and none was chosen is in the default one; elsewhere nobody
// knows which one will be.
func (ev *evaluator) readWorkspace() cty.Value {
	if ev.opts.Workspace != "" {
		return cty.StringVal(ev.opts.Workspace)
	}
	if name := ev.env["TF_WORKSPACE"]; name != "" {
		return cty.StringVal(name)
	}
	if chosen, err := ev.files.read(path.Join(ev.root, ".terraform/environment")); err == nil {
		return cty.StringVal(strings.TrimSpace(string(chosen)))
	}
	if info, err := fs.Stat(ev.files.fsys, path.Join(ev.root, ".terraform")); err == nil && info.IsDir() {
		return cty.StringVal("default")
	}
	return cty.UnknownVal(cty.String)
}

// functionsOf returns the functions that expressions of a module may call. Those that are not known return unknown.
func (ev *evaluator) functionsOf(d *declarations) map[string]function.Function {
	if len(d.functions) == 0 {
		return ev.functions
	}
	if table, ok := ev.extended[d]; ok {
		return table
	}
	table := make(map[string]function.Function, len(ev.functions)+len(d.functions))
	for name, f := range ev.functions {
		table[name] = f
	}
	for name := range d.functions {
		table[name] = unknownFunction()
	}
	ev.extended[d] = table
	return table
}

// take reserves n instances and reports whether there are so many left.
func (ev *evaluator) take(n int) bool {
	if n > ev.instances {
		return false
	}
	ev.instances -= n
	return true
}

// maxDepth bounds the references that are followed one from the other.
const maxDepth = 500

// memo holds values that are evaluated when they are asked for, and knows those being evaluated.
type memo struct {
	values map[string]cty.Value
	busy   map[string]bool
}

func newMemo() memo { return memo{map[string]cty.Value{}, map[string]bool{}} }

// once returns the value of key, which make evaluates the first time. One that needs itself is unknown.
func (ev *evaluator) once(m memo, key string, at hcl.Range, make func() cty.Value) cty.Value {
	if v, ok := m.values[key]; ok {
		return v
	}
	if m.busy[key] {
		ev.problems.add(Unknown, at, "cycle: %s needs its own value", key)
		return cty.DynamicVal
	}
	if ev.depth >= maxDepth {
		ev.problems.add(Unknown, at, "%s: more than %d references lead from one to the next", key, maxDepth)
		return cty.DynamicVal
	}
	m.busy[key] = true
	ev.depth++
	v := make()
	ev.depth--
	delete(m.busy, key)
	m.values[key] = v
	return v
}
