package agents

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/files"
	"github.com/muster-audit/muster/inventory"
)

// paramFolder marks the scope of a folder.
const paramFolder = "folder"

// unit is one file to read.
type unit struct {
	scope    inventory.Scope // its ID is the path
	inFolder bool
}

// Scopes is one scope per file and per folder; one in all for a kind whose files are joined.
func (c *collector) Scopes(ctx context.Context) ([]inventory.Scope, error) {
	like := inventory.Scope{
		Covers: c.options.coverage(), Export: true, MaxDrop: c.options.MaxDrop, MaxSkipped: c.options.MaxSkipped,
	}
	if c.kind.Joined {
		like.ID = c.kind.Name
		return []inventory.Scope{like}, nil
	}
	return c.places(ctx, like)
}

// places lists the configured files and folders, sorted.
func (c *collector) places(ctx context.Context, like inventory.Scope) ([]inventory.Scope, error) {
	var list []inventory.Scope
	var patterns []string
	for _, p := range c.options.Paths {
		if id, ok := c.folder(p); ok {
			s := like
			s.ID, s.Params = id, map[string]string{paramFolder: "true"}
			list = append(list, s)
			continue
		}
		patterns = append(patterns, p)
	}
	found, err := files.Set{Dir: c.env.Dir, Patterns: patterns}.Scopes(ctx, like)
	if err != nil {
		return nil, err
	}
	list = append(list, found...)
	slices.SortFunc(list, func(a, b inventory.Scope) int { return strings.Compare(a.ID, b.ID) })
	return slices.CompactFunc(list, func(a, b inventory.Scope) bool { return a.ID == b.ID }), nil
}

// folder returns the id of a path that is a folder.
func (c *collector) folder(p string) (string, bool) {
	full := filepath.FromSlash(p)
	if !filepath.IsAbs(full) {
		full = filepath.Join(c.env.Dir, full)
	}
	if info, err := os.Stat(full); err != nil || !info.IsDir() {
		return "", false
	}
	rel, err := filepath.Rel(c.env.Dir, full)
	if err != nil {
		rel = full
	}
	return filepath.ToSlash(rel), true
}

// unitsOf lists the files of a scope.
func (c *collector) unitsOf(ctx context.Context, s inventory.Scope) ([]unit, error) {
	places := []inventory.Scope{s}
	if c.kind.Joined {
		var err error
		if places, err = c.places(ctx, inventory.Scope{}); err != nil {
			return nil, &collectors.Error{Reason: inventory.ReasonListing, Err: err}
		}
	}
	var list []unit
	for _, p := range places {
		if p.Params[paramFolder] == "" {
			list = append(list, unit{scope: p})
			continue
		}
		more, err := c.inFolder(p.ID)
		if err != nil {
			return nil, err
		}
		list = append(list, more...)
	}
	return list, nil
}

// inFolder lists the files of a folder by name, but not hidden ones and those of the folders in it.
func (c *collector) inFolder(id string) ([]unit, error) {
	full := filepath.FromSlash(id)
	if !filepath.IsAbs(full) {
		full = filepath.Join(c.env.Dir, full)
	}
	entries, err := os.ReadDir(full)
	switch {
	case errors.Is(err, os.ErrPermission):
		return nil, &collectors.Error{Reason: inventory.ReasonDenied, Err: fmt.Errorf("list files of %q: %w: make the folder readable", id, err)}
	case err != nil:
		return nil, &collectors.Error{Reason: inventory.ReasonError, Err: fmt.Errorf("list files of %q: %w", id, err)}
	}
	var list []unit
	for _, e := range entries {
		if e.IsDir() || !c.counts(e.Name()) {
			continue
		}
		list = append(list, unit{scope: inventory.Scope{ID: path.Join(id, e.Name())}, inFolder: true})
	}
	if len(list) == 0 {
		return nil, &collectors.Error{Reason: inventory.ReasonError, Err: fmt.Errorf("folder %q holds no file to read: check whether the export ran", id)}
	}
	return list, nil
}

// counts reports whether a file of a folder is one of the export.
func (c *collector) counts(name string) bool {
	switch {
	case strings.HasPrefix(name, "."):
		return false
	case c.kind.AnyName:
		return !strings.HasSuffix(name, "~") && !strings.HasSuffix(name, ".tmp") && !strings.HasSuffix(name, ".swp")
	}
	return slices.Contains([]string{".json", ".ndjson", ".jsonl"}, strings.ToLower(path.Ext(name)))
}
