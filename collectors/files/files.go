// Package files finds and opens the files that a source names: literal paths and globs with "**", relative to the config
// file's folder. Each file is a scope, and so is each file in a zip archive of several, if the source reads archives. A literal path that is absent, a glob that matches nothing and an empty file are
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
	// Inside lists the endings, as ".csv", of the files that count in a folder or a zip archive that is named. Without any, a
	// folder is an error and an archive a file like any other.
	Inside []string
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
	member := ""
	if !s.exists(pattern) {
		pattern, member = s.cutMember(pattern)
	}
	if !hasMeta(pattern) || s.exists(pattern) {
		return s.path(pattern, member, like, found)
	}
	matches, err := s.glob(pattern)
	if err != nil {
		return err
	}
	for _, m := range matches {
		s.file(s.id(m), member, like, found)
	}
	if len(matches) == 0 {
		s.nothing(s.id(pattern), member, like, found)
	}
	return nil
}

// path adds the scopes of a literal path.
func (s Set) path(p, member string, like inventory.Scope, found map[string]inventory.Scope) error {
	id := s.id(p)
	info, err := os.Stat(abs(s.Dir, p))
	if err == nil && info.IsDir() && len(s.Inside) > 0 {
		return s.folder(id, like, found)
	}
	if err != nil && len(s.Inside) > 0 && !s.counts(id) && !isArchive(id) {
		like.StandsFor = []string{escape(id) + "/*"} // in case that it was a folder
	}
	s.file(id, member, like, found)
	return nil
}

// folder adds the scopes of the files in a folder, but not of hidden ones, nor those of the folders in it.
func (s Set) folder(id string, like inventory.Scope, found map[string]inventory.Scope) error {
	entries, err := os.ReadDir(abs(s.Dir, id))
	if err != nil {
		return fmt.Errorf("list files of %q: %w: make the folder readable, or take it out of the paths", id, err)
	}
	none := true
	for _, e := range entries {
		full := filepath.Join(abs(s.Dir, id), e.Name())
		if strings.HasPrefix(e.Name(), ".") || !s.counts(e.Name()) && !isArchive(e.Name()) {
			continue
		}
		if info, err := os.Stat(full); err == nil && info.IsDir() {
			continue
		}
		none = false
		s.file(s.id(full), "", like, found)
	}
	if none {
		s.nothing(escape(id)+"/*", "", like, found)
	}
	return nil
}

// nothing adds the scope of a glob without a match.
func (s Set) nothing(glob, member string, like inventory.Scope, found map[string]inventory.Scope) {
	like.ID = glob
	like.Params = map[string]string{paramGlob: glob}
	like.StandsFor = []string{standIn(glob)}
	if len(s.Inside) > 0 {
		like.StandsFor = append(like.StandsFor, standIn(glob)+"!*")
	}
	if member != "" {
		like.ID += "!" + member
	}
	found[like.ID] = like
}

// counts reports whether a file has one of the endings of Inside, packed or not.
func (s Set) counts(name string) bool {
	name = strings.TrimSuffix(strings.ToLower(name), ".gz")
	return slices.Contains(s.Inside, path.Ext(name))
}

// escape makes a pattern of inventory.MatchGlob of a plain text.
func escape(id string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(id)
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
