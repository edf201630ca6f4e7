// Package ci holds what the formats for CI systems have in common: the file and line that a finding is shown at, its text,
// and what to say about what could not be read.
package ci

import (
	"path"
	"strings"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/report/quote"
	"github.com/muster-audit/muster/rules"
)

// maxPath is longer than any path of a file system.
const maxPath = 4096

// Files says where the files are that an audit speaks of. All paths are absolute, with slashes; only Config and Policies
// name files that are known to be there. The zero value knows none: places are then paths of origins as they stand.
type Files struct {
	Root     string   // folder of the repository: paths in reports of CI systems start there
	Dir      string   // folder that the paths of origins start in
	Config   string   // muster.yaml; empty if there is none
	Policies []string // policy files
}

// Place is a file in the repository.
type Place struct {
	File string // path from the root of the repository, with slashes; empty if there is no such file
	Line int    // from 1; 0 is unknown
}

// LineOrFirst is the line, or the first one where it is unknown.
func (p Place) LineOrFirst() int { return max(p.Line, 1) }

// Of returns the place of a finding: where its asset was declared or read; else, for what has no file in the repository (it
// was listed by an API, or its state is in a bucket), the policy file, if there is just one and the rule is one of a policy,
// or the config file. It never makes up a path.
func (f Files) Of(x *rules.Finding) Place {
	if p := f.origin(x.Origin); p.File != "" {
		return p
	}
	if len(f.Policies) == 1 && strings.HasPrefix(x.Rule, "tags/") {
		if file := f.inside(f.Policies[0]); file != "" {
			return Place{File: file}
		}
	}
	return f.Fallback()
}

// Fallback returns the place of what speaks of no file: the config file.
func (f Files) Fallback() Place { return Place{File: f.inside(f.Config)} }

// origin returns the file of an origin, without the line where it is that of a file in an archive.
func (f Files) origin(o inventory.Origin) Place {
	file := strings.ReplaceAll(o.File, `\`, "/")
	if end := archiveEnd(file); end > 0 {
		file, o.Line = file[:end], 0
	}
	switch {
	case file == "", strings.Contains(file, "://"), strings.ContainsAny(file, "*?"): // a URL, or a pattern that matches none
		return Place{}
	case len(file) > maxPath, quote.Line(file, maxPath) != file:
		return Place{}
	case !path.IsAbs(file):
		file = path.Join(f.Dir, file)
	}
	return Place{File: f.inside(file), Line: max(o.Line, 0)}
}

// archiveEnd returns where the name of an archive ends in "a.zip!b.csv", or 0.
func archiveEnd(file string) int {
	const ending = ".zip"
	for i := len(ending); i < len(file); i++ {
		if file[i] == '!' && strings.EqualFold(file[i-len(ending):i], ending) {
			return i
		}
	}
	return 0
}

// inside returns a path from the root, or none if it leads out of it.
func (f Files) inside(file string) string {
	if file == "" {
		return ""
	}
	file = path.Clean(file)
	if f.Root != "" {
		root := strings.TrimSuffix(f.Root, "/") + "/"
		if !strings.HasPrefix(file, root) {
			return ""
		}
		return file[len(root):]
	}
	if path.IsAbs(file) || file == "." || file == ".." || strings.HasPrefix(file, "../") {
		return ""
	}
	return file
}
