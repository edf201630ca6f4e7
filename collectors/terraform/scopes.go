package terraform

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/files"
	"github.com/muster-audit/muster/collectors/remote"
	"github.com/muster-audit/muster/inventory"
)

// paramRefused holds why a scope cannot be read, known from its listing.
const paramRefused = "refused"

// Scopes is one scope per file. What a glob finds beside states (backups, locks, pointers to remote states) is left out;
// a path that names such a file literally is read and told what is wrong.
func (c *collector) Scopes(ctx context.Context) ([]inventory.Scope, error) {
	found := map[string]inventory.Scope{}
	for _, pattern := range c.options.Paths {
		list, err := c.listing(ctx, pattern)
		if err != nil {
			return nil, err
		}
		for _, s := range list {
			found[s.ID] = s
		}
	}
	if err := c.withPriors(ctx, found); err != nil {
		return nil, err
	}
	out := make([]inventory.Scope, 0, len(found))
	for _, s := range found {
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b inventory.Scope) int { return strings.Compare(a.ID, b.ID) })
	return out, nil
}

// listing lists what one path stands for.
func (c *collector) listing(ctx context.Context, pattern string) ([]inventory.Scope, error) {
	like := inventory.Scope{Covers: inventory.Coverage{Derived: true}}
	switch {
	case remote.IsRemote(pattern):
		p, err := remote.Parse(pattern)
		if err != nil {
			return nil, fmt.Errorf("read address %q: %w", pattern, err)
		}
		p.Access = c.access(p.Access)
		return remote.Set{Stores: c.stores, Patterns: []remote.Pattern{p}, Beside: besideState}.Scopes(ctx, like)
	case c.isFolder(pattern):
		return c.folder(ctx, pattern)
	}
	list, err := files.Set{Dir: c.env.Dir, Patterns: []string{pattern}}.Scopes(ctx, like)
	return states(pattern, list), err
}

// states drops what a glob should not have found. If nothing is left, a scope stands for the glob, and fails.
func states(pattern string, list []inventory.Scope) []inventory.Scope {
	if !strings.ContainsAny(pattern, "*?[{") {
		return list
	}
	kept := slices.DeleteFunc(slices.Clone(list), func(s inventory.Scope) bool { return besideState(s.ID) })
	if len(kept) > 0 || len(list) == 0 {
		return kept
	}
	one := list[0]
	one.ID = path.Clean(strings.ReplaceAll(pattern, "\\", "/"))
	one.Params = map[string]string{paramRefused: fmt.Sprintf(
		"glob %q matches backups, locks or pointers only: name the folder of the states themselves", one.ID)}
	return []inventory.Scope{one}
}

// besideState reports whether Terraform writes a file of this name beside a state.
func besideState(id string) bool {
	name := path.Base(id)
	return strings.HasSuffix(name, ".backup") || strings.HasSuffix(name, ".tflock") ||
		name == ".terraform.tfstate.lock.info" || strings.HasSuffix(name, ".tfstate.lock.info") ||
		slices.Contains(strings.Split(path.Dir(id), "/"), ".terraform")
}

// refused returns the error of a scope that its listing made only to fail.
func refused(s inventory.Scope) error {
	if why, ok := s.Params[paramRefused]; ok {
		return failure("%s", why)
	}
	return nil
}

func failure(format string, args ...any) error {
	return &collectors.Error{Reason: inventory.ReasonError, Err: fmt.Errorf(format, args...)}
}
