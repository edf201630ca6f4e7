// Package backend finds out from code where Terraform, OpenTofu and Terragrunt keep their states: from the backend and cloud blocks of a
// configuration, from what terraform init noted in .terraform, and from the remote_state blocks of Terragrunt. It calls nobody, and reads
// no credential that such a block may hold.
//
// Only what the code says literally is known. A value that an input, an environment variable or a provider gives makes the address
// unknown, and the user is told to name it in the paths.
package backend

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/muster-audit/muster/collectors/remote"
)

// Found is one backend of one configuration.
type Found struct {
	File   string // where it is written, relative to the root, with "/"
	Line   int    // from 1; 0 if it has none
	Folder string // of the configuration whose states it keeps, relative to the root; "." is the root
	Type   string // as it is written: "s3", "cloud"; empty if nobody knows
	// Address is a path for the option paths which stands for the states of all workspaces: a glob of files relative to the root for
	// the local backend, else one that remote.Parse reads. Empty if it is not known; Why says why then, and what to do.
	Address string
	Access  remote.Access // that the block names
	Why     string
	// Workspace is the one that was selected last in the folder, "" for the default one.
	Workspace string
}

// Pattern reads the address of a state that is kept elsewhere.
func (f Found) Pattern() (remote.Pattern, error) {
	p, err := remote.Parse(f.Address)
	p.Access = f.Access
	return p, err
}

// largestFile bounds a file of code.
const largestFile = 4 << 20

// Walk finds the backends of all configurations in a folder and the folders in it, in the order of their files. Folders of caches and hidden ones
// are passed over. An error means that a folder could not be read, so that nobody knows what is in it.
func Walk(ctx context.Context, fsys fs.FS, root string) ([]Found, error) {
	var list []Found
	var units []string
	err := fs.WalkDir(fsys, path.Clean(root), func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return fmt.Errorf("look for backends in %q: %w: make the folder readable, or take it out of the paths", p, err)
		case ctx.Err() != nil:
			return ctx.Err()
		case !d.IsDir():
			if d.Name() == unitName {
				units = append(units, path.Dir(p))
			}
			return nil
		case p != root && (strings.HasPrefix(d.Name(), ".") && d.Name() != "." && d.Name() != ".." || d.Name() == "node_modules"):
			return fs.SkipDir
		}
		found, err := Folder(fsys, p)
		list = append(list, found...)
		return err
	})
	if err != nil {
		return nil, err
	}
	ofUnits, run := grunt(fsys, units)
	list = slices.DeleteFunc(list, func(f Found) bool { return f.Address == "" && f.Type != "" && run[f.Folder] })
	list = append(list, ofUnits...)
	slices.SortStableFunc(list, func(a, b Found) int {
		return cmp.Or(strings.Compare(a.File, b.File), strings.Compare(a.Folder, b.Folder))
	})
	return list, nil
}

// Folder finds the backend of the configuration in one folder; none if its code names none. What terraform init noted stands for what
// the code leaves to it.
func Folder(fsys fs.FS, dir string) ([]Found, error) {
	entries, err := fs.ReadDir(fsys, dir)
	if err != nil {
		return nil, fmt.Errorf("look for a backend in %q: %w: make the folder readable, or take it out of the paths", dir, err)
	}
	var names []string
	for _, e := range entries {
		if !e.IsDir() && isCode(e.Name()) {
			names = append(names, e.Name())
		}
	}
	blocks, broken := readCode(fsys, dir, inForce(names))
	note, noted, err := readPointer(fsys, dir)
	if err != nil {
		broken = append(broken, Found{File: path.Join(dir, pointerName), Folder: dir, Why: err.Error()})
	}
	workspace := selected(fsys, dir)
	list := broken
	switch {
	case len(blocks) > 1:
		first := blocks[0].found(dir)
		first.Why = fmt.Sprintf("the configuration has a second backend in %s: a configuration has one, see which folder the files belong to", blocks[1].file)
		list = append(list, first)
	case len(blocks) == 1:
		b := blocks[0]
		if noted && note.kind == b.kind {
			note.file, note.line = b.file, b.line
			b = note
		}
		list = append(list, b.locate(dir))
	case noted && len(names) > 0 && len(broken) == 0 && note.kind != "local":
		f := note.found(dir)
		f.Why = fmt.Sprintf("terraform init noted a backend %q, which the code does not name any more: run terraform init, or give the state in paths", note.kind)
		list = append(list, f)
	}
	for i := range list {
		list[i].Workspace = workspace
	}
	return list, nil
}

// isCode reports whether a file holds a configuration.
func isCode(name string) bool {
	if strings.HasPrefix(name, ".") || strings.HasSuffix(name, "~") {
		return false
	}
	return slices.ContainsFunc([]string{".tf", ".tf.json", ".tofu", ".tofu.json"}, func(end string) bool { return strings.HasSuffix(name, end) })
}

// inForce drops files in the place of which OpenTofu reads others.
func inForce(names []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool {
		if base, ok := strings.CutSuffix(n, ".tf"); ok {
			return slices.Contains(names, base+".tofu")
		}
		base, ok := strings.CutSuffix(n, ".tf.json")
		return ok && slices.Contains(names, base+".tofu.json")
	})
}

// readFile reads a file that is no larger than it may be.
func readFile(fsys fs.FS, name string) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // it was read
	text, err := io.ReadAll(io.LimitReader(f, largestFile+1))
	if err == nil && len(text) > largestFile {
		err = errors.New("it is larger than 4 MiB")
	}
	return text, err
}
