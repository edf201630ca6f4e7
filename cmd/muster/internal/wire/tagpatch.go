package wire

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/muster-audit/muster/rules/retag"
)

// maxCode is the longest file of code that is patched.
const maxCode = 4 << 20

// Patch returns the edits of Terraform's code in a plan as a unified diff, with paths relative to the config's folder, and how many steps it
// holds. Why a step is not in it is put down there.
func (a *App) Patch(p *TagPlan) (patch []byte, steps int, err error) {
	files := map[string]*code{}
	for i := range p.Steps {
		s := &p.Steps[i]
		if s.File == "" {
			continue
		}
		if files[s.File] == nil {
			if files[s.File], err = a.code(s.File); err != nil {
				return nil, 0, err
			}
		}
		after, err := retag.EditTerraform(files[s.File].after, s.Address, s.Attribute, s.Set)
		if err != nil {
			s.Why, s.File = err.Error(), ""
			continue
		}
		files[s.File].after = after
		steps++
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		patch = append(patch, diff.Diff("a/"+name, files[name].before, "b/"+name, files[name].after)...)
	}
	return patch, steps, nil
}

// code is a file before and after it is edited.
type code struct{ before, after []byte }

// code reads a file of code that a scan read.
func (a *App) code(name string) (*code, error) {
	f, err := os.Open(filepath.Join(a.Config.Dir, filepath.FromSlash(name)))
	if err != nil {
		return nil, fmt.Errorf("read code: %w: it was there when it was scanned; scan anew", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxCode+1))
	if err == nil && len(text) > maxCode {
		err = errors.New("it is longer than 4 MiB")
	}
	if err != nil {
		return nil, fmt.Errorf("read code %s: %w", name, err)
	}
	return &code{text, text}, nil
}
