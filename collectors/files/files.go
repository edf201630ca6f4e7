// Package files finds and opens the files that a source names: literal paths and globs with "**", relative to the config
// file's folder. Each file is a scope. A literal path that is absent, a glob that matches nothing and an empty file are
// scopes too, whose reading fails and says why, so that a file that did not come tonight is never taken for an estate
// that is gone.
package files

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/inventory"
)

// paramGlob marks the scope of a glob that matched nothing.
const paramGlob = "glob"

// Set is the files of one source.
type Set struct {
	Dir      string   // absolute; what Patterns are relative to
	Patterns []string // paths and globs, with "/" or the system's separator
}

// Check returns the problems of configured patterns that no file system is needed for. option is their yaml path.
func Check(option string, patterns []string) []collectors.OptionError {
	var list []collectors.OptionError
	for i, p := range patterns {
		at := fmt.Sprintf("%s[%d]", option, i)
		switch {
		case strings.TrimSpace(p) == "":
			list = append(list, collectors.OptionError{Option: at, Message: "is empty: name a file or a glob such as exports/*.csv"})
		case strings.ContainsRune(p, 0):
			list = append(list, collectors.OptionError{Option: at, Message: "holds a zero byte: name a file or a glob"})
		case !doublestar.ValidatePattern(filepath.ToSlash(p)):
			list = append(list, collectors.OptionError{
				Option: at, Message: fmt.Sprintf("%q is not a valid glob: a bracket or brace is not closed", p),
			})
		}
	}
	return list
}

// Scopes lists one scope per file, sorted and unique, each with the id that is its path relative to Dir, with "/". Their
// other fields are those of like. The error means that a folder could not be read, so that nobody knows what is in it.
func (s Set) Scopes(ctx context.Context, like inventory.Scope) ([]inventory.Scope, error) {
	found := map[string]inventory.Scope{}
	for _, p := range s.Patterns {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := s.expand(p, like, found); err != nil {
			return nil, err
		}
	}
	ids := make([]string, 0, len(found))
	for id := range found {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	list := make([]inventory.Scope, len(ids))
	for i, id := range ids {
		list[i] = found[id]
	}
	return list, nil
}

// expand adds the scopes of one pattern.
func (s Set) expand(pattern string, like inventory.Scope, found map[string]inventory.Scope) error {
	id := s.id(pattern)
	if !hasMeta(pattern) || s.exists(pattern) {
		like.ID = id
		found[id] = like
		return nil
	}
	matches, err := s.glob(pattern)
	if err != nil {
		return err
	}
	for _, m := range matches {
		one := like
		one.ID = s.id(m)
		found[one.ID] = one
	}
	if len(matches) == 0 {
		like.ID = id
		like.Params = map[string]string{paramGlob: id}
		like.StandsFor = []string{standIn(id)}
		found[id] = like
	}
	return nil
}

// hasMeta reports whether the path is a glob.
func hasMeta(p string) bool { return strings.ContainsAny(p, "*?[{") }

// exists reports whether a path that looks like a glob is the plain name of a file.
func (s Set) exists(p string) bool {
	_, err := os.Lstat(abs(s.Dir, p))
	return err == nil
}

// glob returns the matching files, as paths that abs understands. Folders behind symbolic links are not walked into by
// "**", so a loop of links does no harm.
func (s Set) glob(pattern string) ([]string, error) {
	base, rest := doublestar.SplitPattern(filepath.ToSlash(pattern))
	root := abs(s.Dir, base)
	if _, err := os.Stat(root); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	names, err := doublestar.Glob(os.DirFS(root), rest,
		doublestar.WithFilesOnly(), doublestar.WithNoFollow(), doublestar.WithFailOnIOErrors())
	if err != nil {
		return nil, fmt.Errorf("list files of %q: %w: make the folder readable, or take it out of the paths", pattern, err)
	}
	var files []string
	for _, n := range names {
		full := filepath.Join(root, filepath.FromSlash(n))
		if info, err := os.Stat(full); err == nil && info.IsDir() {
			continue // a symbolic link to a folder
		}
		files = append(files, full)
	}
	return files, nil
}

func abs(dir, p string) string {
	p = filepath.FromSlash(p)
	if filepath.IsAbs(p) {
		return filepath.Clean(p)
	}
	return filepath.Join(dir, p)
}

// id is the path relative to Dir with "/", or the absolute path where there is no relative one.
func (s Set) id(p string) string {
	full := abs(s.Dir, p)
	rel, err := filepath.Rel(s.Dir, full)
	if err != nil {
		return filepath.ToSlash(full)
	}
	return filepath.ToSlash(rel)
}

// standIn turns a glob into a pattern of inventory.MatchGlob that matches at least the same ids.
func standIn(glob string) string {
	var b strings.Builder
	depth := 0
	for _, part := range strings.SplitAfter(path.Clean(glob), "") {
		switch {
		case part == "{":
			depth++
			b.WriteByte('*')
		case part == "}":
			depth--
		case depth == 0:
			b.WriteString(part)
		}
	}
	return strings.NewReplacer("**/", "*", "**", "*", "[!", "[^").Replace(b.String())
}
