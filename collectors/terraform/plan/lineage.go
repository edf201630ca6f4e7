package plan

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/muster-audit/muster/collectors/terraform/resource"
)

// Lineage returns the lineage of the state that a folder's code belongs to, if that state is kept in the folder itself; "" if it is kept
// elsewhere, or there is none, or the folder holds no code.
func Lineage(dir string) string {
	if len(codeFiles(dir)) == 0 {
		return ""
	}
	path, ok := localState(dir)
	if !ok {
		return ""
	}
	lineage, err := lineageOf(path)
	if err != nil {
		return ""
	}
	return lineage
}

// localState returns where the state of a folder is. It is false if a backend other than "local" keeps it.
func localState(dir string) (path string, ok bool) {
	pointer, err := readFile(filepath.Join(dir, ".terraform", "terraform.tfstate"))
	switch {
	case errors.Is(err, os.ErrNotExist):
		return workspaceState(dir, "terraform.tfstate", "terraform.tfstate.d"), true
	case err != nil:
		return "", false
	}
	var p struct {
		Backend *struct {
			Type   string
			Config struct {
				Path         string `json:"path"`
				WorkspaceDir string `json:"workspace_dir"`
			}
		}
	}
	if json.Unmarshal(pointer, &p) != nil || p.Backend != nil && p.Backend.Type != "local" {
		return "", false
	}
	file, folder := "terraform.tfstate", "terraform.tfstate.d"
	if p.Backend != nil && p.Backend.Config.Path != "" {
		file = p.Backend.Config.Path
	}
	if p.Backend != nil && p.Backend.Config.WorkspaceDir != "" {
		folder = p.Backend.Config.WorkspaceDir
	}
	return workspaceState(dir, file, folder), true
}

// workspaceState returns the state of the workspace that is selected in a folder.
func workspaceState(dir, file, folder string) string {
	selected, err := readFile(filepath.Join(dir, ".terraform", "environment"))
	if name := strings.TrimSpace(string(selected)); err == nil && name != "" && name != "default" {
		file = filepath.Join(folder, name, "terraform.tfstate")
	}
	if filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(dir, filepath.FromSlash(file))
}

// lineageOf reads the lineage of a state, and no further.
func lineageOf(path string) (lineage string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	r := resource.NewReader(f)
	err = r.Object(func(key string) error {
		if key != "lineage" {
			return r.SkipValue()
		}
		if err := r.Text(&lineage); err != nil {
			return err
		}
		return errKnown
	})
	if errors.Is(err, errKnown) {
		err = nil
	}
	return lineage, err
}
