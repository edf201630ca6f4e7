package cloudformation

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/muster-audit/muster/collectors/files"
	"github.com/muster-audit/muster/inventory"
)

// manifestName is the file that describes a CDK assembly.
const manifestName = "manifest.json"

// endings of the files in a folder that may be templates.
const endings = "*.{yaml,yml,json,template}"

// fileScopes lists a scope for each template or assembly. A glob or folder yields only what looks like a template, and of an assembly its manifest.
func (c *collector) fileScopes(ctx context.Context) ([]inventory.Scope, error) {
	found := map[string]inventory.Scope{}
	for _, pattern := range c.options.Paths {
		list, err := c.scopesOf(ctx, pattern)
		if err != nil {
			return nil, err
		}
		for _, s := range list {
			found[s.ID] = s
		}
	}
	out := make([]inventory.Scope, 0, len(found))
	for _, s := range found {
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b inventory.Scope) int { return strings.Compare(a.ID, b.ID) })
	return out, nil
}

func (c *collector) scopesOf(ctx context.Context, pattern string) ([]inventory.Scope, error) {
	like := inventory.Scope{Covers: inventory.Coverage{PresenceOnly: true}} // that a template does not hold something proves nothing of stacks
	folder := false
	if info, err := os.Stat(c.full(pattern)); err == nil && info.IsDir() {
		folder = true
		if c.isAssembly(pattern) {
			pattern = path.Join(filepath.ToSlash(pattern), manifestName)
		} else {
			pattern = path.Join(escaped(filepath.ToSlash(pattern)), "**", endings)
		}
	}
	set := files.Set{Dir: c.env.Dir, Patterns: []string{pattern}}
	list, err := set.Scopes(ctx, like)
	if err != nil || !folder && !strings.ContainsAny(pattern, "*?[{") {
		return list, err
	}
	assemblies := map[string]bool{}
	return slices.DeleteFunc(list, func(s inventory.Scope) bool { return len(s.Params) == 0 && c.passesOver(s.ID, assemblies) }), nil
}

// escaped makes a glob of a plain path.
func escaped(p string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`, "{", `\{`).Replace(p)
}

func (c *collector) full(p string) string {
	if p = filepath.FromSlash(p); filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(c.env.Dir, p)
}

// isAssembly reports whether a folder is a CDK assembly.
func (c *collector) isAssembly(dir string) bool {
	found, err := holds(c.full(path.Join(filepath.ToSlash(dir), manifestName)), `"artifacts"`)
	return err == nil && found
}

// passesOver reports whether a file that a glob found is none to read: it is no template, or a part of an assembly.
func (c *collector) passesOver(id string, assemblies map[string]bool) bool {
	for dir := path.Dir(id); ; dir = path.Dir(dir) {
		is, known := assemblies[dir]
		if !known {
			is = c.isAssembly(dir)
			assemblies[dir] = is
		}
		if is && (path.Base(id) != manifestName || path.Dir(id) != dir) {
			return true
		}
		if dir == path.Dir(dir) || dir == "." {
			break
		}
	}
	if assemblies[path.Dir(id)] {
		return false
	}
	info, err := os.Stat(c.full(id))
	if err != nil || info.Size() == 0 {
		return false // reading it says what is wrong
	}
	for _, word := range []string{"Resources", "::"} {
		if found, err := holds(c.full(id), word); err == nil && !found {
			return true
		}
	}
	return false
}

// holds reports whether a file holds a word. It keeps no more than a piece of the file.
func holds(name, word string) (bool, error) {
	f, err := os.Open(name)
	if err != nil {
		return false, err
	}
	defer f.Close()
	buf := make([]byte, 64<<10)
	kept := 0
	for {
		n, err := f.Read(buf[kept:])
		if bytes.Contains(buf[:kept+n], []byte(word)) {
			return true, nil
		}
		if errors.Is(err, io.EOF) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		end := kept + n
		kept = min(len(word)-1, end)
		copy(buf, buf[end-kept:end])
	}
}
