package terraform

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/files"
	"github.com/muster-audit/muster/collectors/remote"
	"github.com/muster-audit/muster/collectors/terraform/backend"
	"github.com/muster-audit/muster/collectors/terraform/code"
	"github.com/muster-audit/muster/collectors/terraform/config"
	"github.com/muster-audit/muster/collectors/terraform/resource"
	"github.com/muster-audit/muster/inventory"
)

// Parameters of the scope of a root module.
const (
	paramFolder = "folder" // that is configured, relative to the config file
	paramRoot   = "root"   // the root module's, within it
	paramState  = "state"  // scope of its state as JSON, if there is one state and no other
)

// isFolder reports whether a configured path is a folder, whose code is read.
func (c *collector) isFolder(p string) bool {
	info, err := os.Stat(absolute(c.env.Dir, p))
	return err == nil && info.IsDir()
}

// folder lists a folder of code: one scope for each root module in it, and those of the states that its backends keep.
func (c *collector) folder(ctx context.Context, dir string) ([]inventory.Scope, error) {
	dir = path.Clean(filepath.ToSlash(dir))
	root, err := os.OpenRoot(absolute(c.env.Dir, dir))
	if err != nil {
		return []inventory.Scope{failedScope(dir, err.Error())}, nil
	}
	defer func() { _ = root.Close() }() // it was read
	roots, problems, err := config.Roots(ctx, root.FS(), nil)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return []inventory.Scope{failedScope(dir, err.Error())}, nil
	}
	if len(roots) == 0 && len(problems) == 0 {
		return []inventory.Scope{failedScope(dir, fmt.Sprintf("folder %q holds no Terraform code: name the folder of the code, or the states with a glob such as %q",
			dir, path.Join(dir, "**/*.tfstate")))}, nil
	}
	list, of, err := c.backends(ctx, root.FS(), dir)
	if err != nil {
		return nil, err
	}
	for _, r := range roots {
		if r.Kind == config.TerraformRoot {
			list = append(list, c.rootScope(dir, r.Dir, of[r.Dir]))
		}
	}
	for _, p := range problems {
		if p.Kind == config.Unreadable && !slices.ContainsFunc(roots, func(r config.Root) bool { return r.Dir == path.Dir(p.File) }) {
			list = append(list, failedScope(path.Join(dir, p.File), fmt.Sprintf("read code %s/%s", dir, p)))
		}
	}
	return list, nil
}

// failedScope stands for what cannot be read, for a reason that is known.
func failedScope(id, why string) inventory.Scope {
	return inventory.Scope{ID: id, Covers: inventory.Coverage{Derived: true}, StandsFor: []string{literal(id) + "/*"}, Params: map[string]string{paramRefused: why}}
}

// rootScope is the scope of a root module's code.
func (c *collector) rootScope(folder, root string, states []inventory.Scope) inventory.Scope {
	s := inventory.Scope{
		ID: path.Join(folder, root, "*.tf"), Covers: inventory.Coverage{Derived: true},
		Params: map[string]string{paramFolder: folder, paramRoot: root},
	}
	if len(states) != 1 {
		return s
	}
	if text, err := json.Marshal(states[0]); err == nil {
		s.Params[paramState] = string(text)
	}
	return s
}

// backends lists the states that the code of a folder points to, and which root module they belong to.
func (c *collector) backends(ctx context.Context, fsys fs.FS, dir string) ([]inventory.Scope, map[string][]inventory.Scope, error) {
	found, err := backend.Walk(ctx, fsys, ".")
	if err != nil {
		if ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		return []inventory.Scope{failedScope(dir, err.Error())}, nil, nil
	}
	of := map[string][]inventory.Scope{}
	var all []inventory.Scope
	for _, f := range found {
		list, err := c.statesOf(ctx, dir, f)
		if err != nil {
			return nil, nil, err
		}
		of[f.Folder] = append(of[f.Folder], list...)
		all = append(all, list...)
	}
	return all, of, c.localStates(ctx, fsys, dir, found, of, &all)
}

// statesOf lists the states that a backend keeps.
func (c *collector) statesOf(ctx context.Context, dir string, f backend.Found) ([]inventory.Scope, error) {
	like := inventory.Scope{Covers: inventory.Coverage{Derived: true}}
	if f.Address == "" {
		at := path.Join(dir, f.File)
		return []inventory.Scope{failedScope(fmt.Sprintf("%s:%d", at, f.Line), fmt.Sprintf("%s:%d: %s", at, f.Line, f.Why))}, nil
	}
	if !remote.IsRemote(f.Address) {
		set := files.Set{Dir: c.env.Dir, Patterns: []string{path.Join(remote.Escape(dir), f.Address)}}
		return set.Scopes(ctx, like)
	}
	p, err := f.Pattern()
	if err != nil {
		return []inventory.Scope{failedScope(f.Address, err.Error())}, nil
	}
	p.Access = c.access(p.Access)
	return remote.Set{Stores: c.stores, Patterns: []remote.Pattern{p}, Beside: besideState}.Scopes(ctx, like)
}

// localStates adds the states of root modules that name no backend and keep them beside the code.
func (c *collector) localStates(
	ctx context.Context, fsys fs.FS, dir string, found []backend.Found, of map[string][]inventory.Scope, all *[]inventory.Scope,
) error {
	return fs.WalkDir(fsys, ".", func(p string, d fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil || d.IsDir() && (p != "." && strings.HasPrefix(d.Name(), ".") || d.Name() == "node_modules"):
			return fs.SkipDir
		case d.IsDir() || d.Name() != "terraform.tfstate":
			return nil
		}
		root := path.Dir(p)
		if path.Base(path.Dir(root)) == "terraform.tfstate.d" {
			root = path.Dir(path.Dir(root))
		}
		if slices.ContainsFunc(found, func(f backend.Found) bool { return f.Folder == root }) {
			return nil
		}
		s := inventory.Scope{ID: path.Join(dir, p), Covers: inventory.Coverage{Derived: true}}
		of[root] = append(of[root], s)
		*all = append(*all, s)
		return nil
	})
}

// collectCode reads a root module.
func (c *collector) collectCode(ctx context.Context, s inventory.Scope, root string, out collectors.Sink) error {
	folder := s.Params[paramFolder]
	dir, err := os.OpenRoot(absolute(c.env.Dir, folder))
	if err != nil {
		return failure("read code %q: %w: check the path", folder, err)
	}
	defer func() { _ = dir.Close() }() // it was read
	cfg, err := config.Load(ctx, dir.FS(), root, config.Options{
		Variables: c.options.Variables, VarFiles: c.options.VarFiles, Workspace: c.options.Workspace, Environ: os.Environ(),
	})
	if err != nil {
		return failure("read code %q: %w", s.ID, err)
	}
	state, err := c.stateOf(ctx, s)
	if err != nil {
		return err
	}
	doc := &code.Document{Config: cfg, Catalog: c.catalog, Folder: folder, Applied: state.applied()}
	sv := c.newSurvey()
	if err := doc.Learn(sv); err != nil {
		return c.codeError(ctx, s, err)
	}
	place := resource.Place{File: s.ID, Lineage: state.lineage, Layer: inventory.LayerCode}
	open, err := doc.Emit(sv.Emitter(place, out, nil))
	if err != nil {
		return err
	}
	out.Note(collectors.Facts{Detail: fmt.Sprintf("code, %d resources of which nobody knows how many", open)})
	return incomplete(s, cfg, state, open)
}

func (c *collector) codeError(ctx context.Context, s inventory.Scope, err error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, resource.ErrTooManySecrets):
		return failure("read code %q: %w: it cannot be made sure that none of them is stored", s.ID, err)
	}
	return failure("read code %q: %w", s.ID, err)
}

// incomplete says what of the code could not be read. Where its state is known that matters only for files that are broken: what the rest
// declares, and was applied, the state tells.
func incomplete(s inventory.Scope, cfg *config.Config, state codeState, open int) error {
	for _, p := range cfg.Problems() {
		if p.Kind == config.Unreadable {
			return failure("read code %s/%s: mend the file", s.Params[paramFolder], p)
		}
	}
	why := cfg.Incomplete()
	switch {
	case state.addresses != nil:
		return nil
	case len(why) > 0:
		return failure("code %q: %s: run terraform init there, or name its state in paths too", s.ID, why[0])
	case open > 0:
		return failure("code %q: of %d resources nobody knows how many instances they have: name its state in paths too", s.ID, open)
	}
	return nil
}

// codeState is what is known of the state of a root module; addresses is nil if nothing is.
type codeState struct {
	lineage   string
	addresses map[string]bool
}

func (s codeState) applied() code.Applied {
	if s.addresses == nil {
		return nil
	}
	return func(address string) bool { return s.addresses[address] }
}

// stateOf reads which resources the state of a root module holds. A state that cannot be read is not known, and is told as the failure
// of its own scope.
func (c *collector) stateOf(ctx context.Context, s inventory.Scope) (codeState, error) {
	text, ok := s.Params[paramState]
	if !ok {
		return codeState{}, nil
	}
	var scope inventory.Scope
	if err := json.Unmarshal([]byte(text), &scope); err != nil {
		return codeState{}, failure("read the scope of the state of %q: %w", s.ID, err)
	}
	in, err := c.input(scope)
	if err != nil {
		return codeState{}, nil //nolint:nilerr // see above
	}
	r, err := in.open(ctx)
	if err != nil {
		return codeState{}, ctx.Err()
	}
	defer func() { _ = r.Close() }() // it was read
	a := addresses{}
	w := newWalker(r, nil)
	if err := w.walk(ctx, a); err != nil || len(w.found) > 0 || w.doc.version != stateVersion || !w.doc.listed {
		return codeState{}, ctx.Err()
	}
	return codeState{w.doc.lineage, a}, nil
}

// addresses collects the addresses of a state's managed resources.
type addresses map[string]bool

func (a addresses) Instance(in *resource.Instance) error {
	if in.Block.Mode == "managed" {
		a[resource.Address(in.Block, in.IndexKey)] = true
	}
	return nil
}

func (addresses) Secret([]byte) error { return nil }
