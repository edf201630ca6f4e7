package config

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/hashicorp/hcl/v2"
)

// RootKind says what runs in a folder.
type RootKind string

// The kinds of roots.
const (
	TerraformRoot  RootKind = "terraform"
	TerragruntUnit RootKind = "terragrunt" // its variables and its state come from terragrunt.hcl
)

// Root is a folder that Terraform, OpenTofu or Terragrunt is run in.
type Root struct {
	Dir  string // within the file system
	Kind RootKind
	// Why says what makes the folder a root: "backend", "state", "init", "variables", "terragrunt", or "not called" for one that no
	// other folder calls as a module, which may as well be a module for others.
	Why string
}

// Roots finds the root modules below fsys whose folder matches one of the doublestar patterns; no pattern means all. Folders that
// only other folders call as a module are none. Problems name files that cannot be read, which may hide a call or a root.
func Roots(ctx context.Context, fsys fs.FS, patterns []string) ([]Root, []Problem, error) {
	for _, p := range patterns {
		if !doublestar.ValidatePattern(p) {
			return nil, nil, fmt.Errorf("find root modules: %q is not a pattern", p)
		}
	}
	found := &problems{seen: map[Problem]bool{}}
	r := &rootFinder{
		files: &files{ctx: ctx, fsys: fsys, max: DefaultMaxFileBytes, problems: found},
		marks: map[string]string{}, called: map[string]bool{}, patterns: patterns,
	}
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return r.visit(name, d, err)
	})
	if err != nil {
		return nil, nil, fmt.Errorf("find root modules: %w", err)
	}
	return r.roots(), found.sorted(), nil
}

type rootFinder struct {
	files    *files
	patterns []string
	marks    map[string]string // why a folder with configuration is a root by itself, "" if nothing says so
	called   map[string]bool   // by another folder
}

func (r *rootFinder) visit(name string, d fs.DirEntry, err error) error {
	switch {
	case err != nil && name == ".":
		return err
	case err != nil:
		r.files.problems.add(Unreadable, hcl.Range{Filename: name}, "cannot read folder: %v", plainError(err))
		return nil
	case !d.IsDir():
		return nil
	case name != "." && passedOver(d.Name()):
		return fs.SkipDir
	}
	return r.folder(name)
}

// passedOver reports whether a folder holds copies and caches.
func passedOver(name string) bool {
	switch name {
	case ".terraform", ".terragrunt-cache", ".git", "node_modules", "terraform.tfstate.d":
		return true
	}
	return false
}

// folder notes what a folder says of itself and which others it calls.
func (r *rootFinder) folder(dir string) error {
	list, err := sources(r.files.fsys, dir)
	if err != nil {
		r.files.problems.add(Unreadable, hcl.Range{Filename: dir}, "cannot read folder: %v", plainError(err))
		return nil
	}
	if r.isUnit(dir) {
		r.marks[dir] = string(TerragruntUnit)
	}
	if len(list) == 0 {
		return nil
	}
	why := r.marker(dir)
	for _, src := range list {
		if r.file(dir, src.name) && why == "" {
			why = "backend"
		}
	}
	if r.marks[dir] == "" {
		r.marks[dir] = why
	}
	return nil
}

// marker looks for what a run leaves behind or needs.
func (r *rootFinder) marker(dir string) string {
	entries, err := fs.ReadDir(r.files.fsys, dir)
	if err != nil {
		return ""
	}
	for _, e := range entries {
		switch ending := path.Ext(e.Name()); {
		case e.Name() == "terraform.tfstate" || e.Name() == "terraform.tfstate.d":
			return "state"
		case e.Name() == ".terraform" || e.Name() == ".terraform.lock.hcl":
			return "init"
		case ending == ".tfvars", ending == ".json" && path.Ext(e.Name()[:len(e.Name())-len(ending)]) == ".tfvars":
			return "variables"
		}
	}
	return ""
}

// file notes the local modules that a file calls and reports whether it has a backend or cloud block. The file is not kept.
func (r *rootFinder) file(dir, name string) bool {
	r.files.contents = map[string]content{}
	r.files.left = maxConfigBytes
	body := r.files.parse(name)
	if body == nil {
		return false
	}
	d := newDeclarations(dir)
	content, _, _ := body.PartialContent(rootSchema())
	for _, b := range content.Blocks {
		switch b.Type {
		case "terraform":
			d.addSettings(b, false, r.files.problems)
		case "module":
			source, _ := newDeclaration(b).literal("source")
			if child, ok := local(dir, source); ok && isLocalSource(source) && child != dir {
				r.called[child] = true
			}
		}
	}
	return d.backend != nil
}

// isUnit reports whether terragrunt.hcl makes the folder a unit: it names code to run, or includes a file that may. One that does
// neither is there for others to include.
func (r *rootFinder) isUnit(dir string) bool {
	name := path.Join(dir, "terragrunt.hcl")
	if _, err := fs.Stat(r.files.fsys, name); errors.Is(err, fs.ErrNotExist) {
		return false
	}
	r.files.contents = map[string]content{}
	r.files.left = maxConfigBytes
	body := r.files.parse(name)
	if body == nil {
		return true
	}
	for _, b := range read(body).blocks {
		if b.typ == "terraform" || b.typ == "include" {
			return true
		}
	}
	return false
}

func (r *rootFinder) roots() []Root {
	var list []Root
	for _, dir := range slices.Sorted(maps.Keys(r.marks)) {
		root := Root{Dir: dir, Kind: TerraformRoot, Why: r.marks[dir]}
		switch {
		case !r.wanted(dir):
			continue
		case root.Why == string(TerragruntUnit):
			root.Kind = TerragruntUnit
		case root.Why == "" && r.called[dir]:
			continue
		case root.Why == "":
			root.Why = "not called"
		}
		list = append(list, root)
	}
	return list
}

func (r *rootFinder) wanted(dir string) bool {
	return len(r.patterns) == 0 || slices.ContainsFunc(r.patterns, func(p string) bool {
		return doublestar.MatchUnvalidated(path.Clean(p), dir)
	})
}
