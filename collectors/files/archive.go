package files

import (
	"archive/zip"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/muster-audit/muster/inventory"
)

// Parameters of the scope of a file in an archive.
const (
	paramArchive = "archive" // the archive's path, as an id
	paramMember  = "member"
)

// maxMembers bounds the scopes of one archive.
const maxMembers = 1000

func isArchive(name string) bool { return strings.EqualFold(path.Ext(name), ".zip") }

// indexFold is strings.Index for an ASCII word in any case. Lower case of the whole would move the places of other letters.
func indexFold(s, word string) int {
	for i := 0; i+len(word) <= len(s); i++ {
		if strings.EqualFold(s[i:i+len(word)], word) {
			return i
		}
	}
	return -1
}

// cutMember takes "a.zip!b.csv" apart: a path or glob of archives, and one of files in them.
func (s Set) cutMember(pattern string) (archive, member string) {
	i := indexFold(pattern, ".zip!")
	if len(s.Inside) == 0 || i < 0 {
		return pattern, ""
	}
	return pattern[:i+len(".zip")], pattern[i+len(".zip!"):]
}

// file adds the scope of a file, or those of the files in an archive. An archive of one file is one scope under its own id,
// so that a date in the file's name does not make another scope of it every night.
func (s Set) file(id, member string, like inventory.Scope, found map[string]inventory.Scope) {
	like.ID = id
	if len(s.Inside) == 0 || !isArchive(id) {
		found[id] = like
		return
	}
	names, err := s.members(id, member)
	if err != nil {
		// Opening the scope tells the same again.
		like.StandsFor = append(slices.Clone(like.StandsFor), escape(id)+"!*")
		if member != "" {
			like.StandsFor = []string{standIn(escape(id) + "!" + member)}
			like.Params = map[string]string{paramArchive: id, paramMember: member}
			like.ID += "!" + member
		}
		found[like.ID] = like
		return
	}
	if len(names) == 1 && member == "" {
		found[id] = like
		return
	}
	for _, name := range names {
		like.ID = id + "!" + strings.ToValidUTF8(name, "\ufffd")
		like.Params = map[string]string{paramArchive: id, paramMember: name}
		found[like.ID] = like
	}
}

// members lists the files of an archive that count, or that match a pattern.
func (s Set) members(id, pattern string) ([]string, error) {
	f, info, err := openFile(s.Dir, id)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := zip.NewReader(f, info.Size())
	if err != nil {
		return nil, damaged(id, err)
	}
	return s.pick(id, pattern, z.File)
}

func (s Set) pick(id, pattern string, all []*zip.File) ([]string, error) {
	var names, others []string
	for _, m := range all {
		base := path.Base(m.Name)
		if m.Mode().IsDir() || strings.HasPrefix(m.Name, "__MACOSX/") || strings.HasPrefix(base, ".") {
			continue
		}
		if matched, _ := doublestar.Match(pattern, m.Name); matched || pattern == "" && s.counts(base) && path.Ext(base) != ".gz" {
			names = append(names, m.Name)
		} else {
			others = append(others, m.Name)
		}
	}
	slices.Sort(names)
	switch {
	case len(names) == 0 && pattern != "":
		return nil, failed("no file in %q matches %q; it holds %s", id, pattern, few(others))
	case len(names) == 0:
		return nil, failed("%q holds no file that ends in %s; it holds %s", id, strings.Join(s.Inside, ", "), few(others))
	case len(names) > maxMembers:
		return nil, failed("%q holds %d files, which is more than %d: name those to read, as %q", id, len(names), maxMembers, id+"!servers*.csv")
	case len(slices.Compact(slices.Clone(names))) < len(names):
		return nil, failed("%q holds two files of one name: pack it again", id)
	}
	return names, nil
}

// few quotes the first of a list of names.
func few(names []string) string {
	if len(names) == 0 {
		return "nothing"
	}
	const most = 8
	var list []string
	for _, n := range names[:min(len(names), most)] {
		list = append(list, fmt.Sprintf("%q", n))
	}
	if len(names) > most {
		list = append(list, fmt.Sprintf("and %d more", len(names)-most))
	}
	return strings.Join(list, ", ")
}

func damaged(id string, err error) error {
	return failed("unpack %q: %w: the file is cut or damaged, check whether the export ran to its end", id, err)
}
