// Package config evaluates Terraform and OpenTofu configuration without running anything: it reads the files of a root module and
// the modules that are on disk, and tells which resources they declare, with every value that can be known from the text alone.
//
// What cannot be known (a data source, what a provider computes, a variable without a value) is an unknown cty value, never a guess
// and never an absence: in `tags = { Name = "a", Vpc = aws_vpc.main.id }` the one element is unknown, the other known. Expressions are
// evaluated when something asks for them, each with the variables that it names, so a mistake in one loses that one only.
//
// Nothing is downloaded, no program is started, and nothing outside of the given file system is opened.
package config

import (
	"context"
	"fmt"
	"io/fs"
	"path"
)

// Limits that hold where Options leaves them at zero.
const (
	DefaultMaxInstances = 10_000
	DefaultMaxFileBytes = 4 << 20
	maxConfigBytes      = 64 << 20 // all files of a root and its modules together
)

// Options says what is known besides the files.
type Options struct {
	// Variables are values of root variables in the language's own notation for anything but strings; they outrank every file, as
	// -var does.
	Variables map[string]string
	// VarFiles are paths within the file system, read in this order after those that are loaded by themselves, as -var-file does.
	VarFiles []string
	// Environ holds "NAME=value" pairs as of os.Environ: TF_VAR_*, TF_WORKSPACE, TF_AWS_DEFAULT_TAGS_* and TF_AWS_IGNORE_TAGS_*
	// are read. It is the environment of the runs, which need not be this program's.
	Environ []string
	// Workspace is the value of terraform.workspace. If it is empty, .terraform/environment or TF_WORKSPACE tell it, else it is unknown.
	Workspace string
	// MaxInstances bounds what count and for_each make, of resources and modules together; 0 is DefaultMaxInstances.
	MaxInstances int
	// MaxFileBytes bounds one file; 0 is DefaultMaxFileBytes.
	MaxFileBytes int64
}

// Config is an evaluated root module with all modules below it.
// It is not safe for concurrent use.
type Config struct {
	// Root is the folder within the file system.
	Root string
	// Backend says where the state lies; nil if no block says so, which is the local backend unless Incomplete says otherwise.
	Backend *Backend
	// Imports, Moved and Removed are the blocks of these names, in the order of the files.
	Imports []Import
	Moved   []Moved
	Removed []Removed
	// Providers are the provider configurations of all modules.
	Providers []Provider
	// Unresolved lists the modules whose code is not on disk: what they declare is unknown.
	Unresolved []UnresolvedModule

	ev   *evaluator
	root *scope
}

// Load reads the root module in folder root of fsys, a slash-separated path ("." is fsys itself), and every module that it calls.
// Modules and files above root can be read as far as fsys reaches. An fsys that follows symbolic links out of its tree must not be
// given; os.Root.FS does not. An error means that there is no configuration or that ctx ended; everything else is a Problem.
func Load(ctx context.Context, fsys fs.FS, root string, opts Options) (*Config, error) {
	if !fs.ValidPath(root) {
		return nil, fmt.Errorf("read Terraform configuration: %q is not a path within the file system", root)
	}
	ev := newEvaluator(ctx, fsys, root, opts)
	decl, err := ev.files.module(root)
	if err != nil {
		return nil, err
	}
	c := &Config{Root: root, ev: ev}
	c.root = ev.rootScope(decl)
	c.survey(c.root, 0)
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("read Terraform configuration %s: %w", root, err)
	}
	return c, nil
}

// survey walks the module tree once and fills in what is told of the whole.
func (c *Config) survey(s *scope, depth int) {
	if c.ev.ctx.Err() != nil {
		return
	}
	if depth == 0 {
		c.Backend = c.ev.backend(s)
		c.Imports = c.ev.imports(s)
	}
	for _, p := range s.ownProviders() {
		c.Providers = append(c.Providers, p.Provider)
	}
	c.Moved = append(c.Moved, s.moved()...)
	c.Removed = append(c.Removed, s.removed()...)
	for _, name := range s.decl.moduleNames() {
		call := s.call(name)
		if call.reason != "" {
			c.Unresolved = append(c.Unresolved, call.unresolved(s))
			continue
		}
		for _, child := range call.scopes() {
			c.survey(child, depth+1)
		}
	}
}

// Resources hands over every resource instance, modules after the resources of their parent, each in the order of addresses. It stops
// at the first error of emit. The value belongs to the receiver.
func (c *Config) Resources(emit func(Resource) error) error {
	return c.resources(c.root, emit)
}

func (c *Config) resources(s *scope, emit func(Resource) error) error {
	for _, id := range s.decl.resourceIDs() {
		if err := c.ev.ctx.Err(); err != nil {
			return fmt.Errorf("evaluate Terraform configuration %s: %w", c.Root, err)
		}
		if err := s.resource(id).emit(emit); err != nil {
			return err
		}
	}
	for _, name := range s.decl.moduleNames() {
		for _, child := range s.call(name).scopes() {
			if err := c.resources(child, emit); err != nil {
				return err
			}
		}
	}
	return nil
}

// Problems returns what could not be read or evaluated, each once, by place. The list is complete after Resources.
func (c *Config) Problems() []Problem { return c.ev.problems.sorted() }

// Incomplete tells why there may be declarations that Resources does not hand over; empty means that there are none. While it is not
// empty nobody may conclude that something is not declared.
func (c *Config) Incomplete() []string {
	var why []string
	for _, p := range c.Problems() {
		if p.Kind == Unreadable {
			why = append(why, p.String())
		}
	}
	for _, u := range c.Unresolved {
		why = append(why, fmt.Sprintf("%s:%d: %s: %s", u.File, u.Line, u.Address, u.Reason))
	}
	return why
}

// local reports the path of name, given relative to folder dir, within the file system, and whether it stays inside.
func local(dir, name string) (string, bool) {
	if path.IsAbs(name) {
		return "", false
	}
	p := path.Join(dir, name)
	return p, fs.ValidPath(p)
}
