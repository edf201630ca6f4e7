package backend

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"
)

// Files that terraform init and terraform workspace write.
const (
	pointerName     = ".terraform/terraform.tfstate"
	environmentName = ".terraform/environment"
)

// readPointer reads what terraform init noted of the backend: the values of the block together with those of -backend-config. It holds
// credentials too, which are not looked at, and errors quote nothing of it.
func readPointer(fsys fs.FS, dir string) (block, bool, error) {
	file := path.Join(dir, pointerName)
	text, err := readFile(fsys, file)
	if errors.Is(err, fs.ErrNotExist) {
		return block{}, false, nil
	}
	if err != nil {
		return block{}, false, fmt.Errorf("it cannot be read: %w", pathless(err))
	}
	b, err := parsePointer(text, file)
	return b, b.kind != "", err
}

func pathless(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

func parsePointer(text []byte, file string) (block, error) {
	var doc struct {
		Backend *struct {
			Type   string                     `json:"type"`
			Config map[string]json.RawMessage `json:"config"`
		} `json:"backend"`
	}
	if json.Unmarshal(text, &doc) != nil {
		return block{}, errors.New("what terraform init noted is damaged: run terraform init, or give the state in paths")
	}
	if doc.Backend == nil {
		return block{}, nil
	}
	b := block{kind: doc.Backend.Type, file: file, values: map[string]cty.Value{}}
	for name, raw := range doc.Backend.Config {
		if b.values[name] = cty.DynamicVal; string(raw) == "null" {
			b.values[name] = cty.NullVal(cty.DynamicPseudoType)
			continue
		}
		if t, err := ctyjson.ImpliedType(raw); err == nil {
			if v, err := ctyjson.Unmarshal(raw, t); err == nil {
				b.values[name] = v
			}
		}
	}
	return b, nil
}

// selected returns the workspace that was selected last; "" if it is the default one, or nobody knows.
func selected(fsys fs.FS, dir string) string {
	text, err := readFile(fsys, path.Join(dir, environmentName))
	name := strings.TrimSpace(string(text))
	if err != nil || name == "default" || len(name) > 256 {
		return ""
	}
	return name
}
