// Package codeowners reads CODEOWNERS files: who answers for which files of a repository. It knows two dialects, that of GitHub
// (https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners)
// and that of GitLab (https://docs.gitlab.com/user/project/codeowners/reference/), which has sections and exclusions, and in which a
// path without a slash at its start is meant to stand in any folder.
//
// A file in the folder .gitlab, or with a section in it, is taken to be GitLab's; any other GitHub's.
package codeowners

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// Dialect says whose rules a file follows.
type Dialect string

// The dialects.
const (
	GitHub Dialect = "GitHub"
	GitLab Dialect = "GitLab"
)

// File is a CODEOWNERS file. It does not change, and is safe for concurrent use.
type File struct {
	Dialect  Dialect
	sections []*section // in the order in which they first stand in the file
}

// section is a list of rules of which the last that matches counts. GitHub's file is one section.
type section struct {
	name     string
	optional bool
	owners   []string // of rules that name none
	rules    []rule
}

type rule struct {
	pattern pattern
	exclude bool
	owners  []string
	line    int
}

// Match is what a file says of a path.
type Match struct {
	Owners  []string // as written: "@acme/payments", "web@example.com"; empty if nobody answers for it
	Line    int      // of the rule that counts, from 1; 0 if none speaks of the path
	Section string   // empty outside of sections
}

// Owners returns who answers for a file, by its path from the root of the repository, with "/" between folders. Of several sections with
// owners the first counts, and one that is optional only if no other has any.
func (f *File) Owners(file string) Match {
	segments := strings.Split(path.Clean(strings.TrimPrefix(file, "/")), "/")
	var best Match
	for _, optional := range []bool{false, true} {
		for _, s := range f.sections {
			if s.optional != optional {
				continue
			}
			m := s.match(segments)
			if len(m.Owners) > 0 {
				return m
			}
			if best.Line == 0 {
				best = m
			}
		}
	}
	return best
}

// match returns the last rule that speaks of a path. What a section excludes, it does not take in again.
func (s *section) match(segments []string) Match {
	var m Match
	for i := range s.rules {
		r := &s.rules[i]
		if !r.pattern.matches(segments) {
			continue
		}
		if r.exclude {
			return Match{Line: r.line, Section: s.name}
		}
		m = Match{Owners: r.owners, Line: r.line, Section: s.name}
	}
	return m
}

// Root returns the root of the repository of a file that is named by a path: the folder that holds it, or that of its folder .github,
// .gitlab or docs.
func Root(name string) string {
	folder := path.Dir(path.Clean(name))
	if slices.Contains([]string{".github", ".gitlab", "docs"}, path.Base(folder)) {
		folder = path.Dir(folder)
	}
	return folder
}

// Within returns the path of a file from a root, both given from the same folder. It is false for what is not below it.
func Within(root, file string) (string, bool) {
	root, file = path.Clean(root), path.Clean(file)
	if root == "." {
		return file, !path.IsAbs(file) && file != ".." && !strings.HasPrefix(file, "../")
	}
	below, ok := strings.CutPrefix(file, strings.TrimSuffix(root, "/")+"/")
	return below, ok && below != "" && !strings.HasPrefix(below, "../")
}

// Team returns the name by which tags and registers call an owner: "payments" of "@acme/payments", "octocat" of "@octocat". An address
// stays as it is.
func Team(owner string) string {
	name, ok := strings.CutPrefix(owner, "@")
	if !ok {
		return owner
	}
	name = strings.TrimPrefix(name, "@") // a role of GitLab
	return name[strings.LastIndexByte(name, '/')+1:]
}

// Error is a line that cannot be read.
type Error struct {
	Line    int // from 1
	Message string
}

func (e *Error) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Message) }
