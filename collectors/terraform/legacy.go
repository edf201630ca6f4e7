package terraform

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/muster-audit/muster/collectors/terraform/resource"
)

// legacyVersion is the version of the format that Terraform wrote from 0.7 to 0.11. Of its flat attributes only names and tags mean
// something without the provider's schema.
const legacyVersion = 3

// modules reads the modules of a state of version 3.
func (w *walker) modules(ctx context.Context, v visitor) error {
	w.doc.modules = w.PeekKind() == '['
	number := -1
	return w.Array(func() error {
		number++
		path, known := "", number < len(w.paths)
		if known {
			path = w.paths[number]
		}
		err := w.Object(func(key string) error {
			switch key {
			case "path":
				var err error
				path, err = w.modulePath()
				return err
			case "resources":
				return w.Object(func(key string) error { return w.legacyResource(ctx, path, key, v) })
			case "outputs":
				return w.Object(func(string) error { return w.outputValue(v) })
			}
			return w.SkipValue()
		})
		if !known {
			w.paths = append(w.paths, path)
		}
		return err
	})
}

// modulePath reads ["root", "a", "b"] as module.a.module.b.
func (w *walker) modulePath() (string, error) {
	var steps []string
	err := w.Array(func() error {
		var s string
		err := w.Text(&s)
		steps = append(steps, "module."+s)
		return err
	})
	if len(steps) == 0 {
		return "", err
	}
	return strings.Join(steps[1:], "."), err
}

// legacyInstance is an instance of version 3.
type legacyInstance struct {
	ID         string            `json:"id"`
	Attributes map[string]string `json:"attributes"`
}

// legacyResource reads a resource of version 3, whose key is [data.]type.name[.index].
func (w *walker) legacyResource(ctx context.Context, module, key string, v visitor) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	w.doc.resources++
	raw, err := w.ReadValue()
	if err != nil {
		return err
	}
	var r struct {
		Primary  *legacyInstance   `json:"primary"`
		Deposed  []*legacyInstance `json:"deposed"`
		Provider string            `json:"provider"`
	}
	b, index, ok := legacyBlock(key)
	damaged := json.Unmarshal(raw, &r) != nil || !ok
	b.Module, b.Provider = module, r.Provider
	if r.Primary != nil || damaged {
		if err := w.legacyInstance(b, index, "", r.Primary, damaged, v); err != nil {
			return err
		}
	}
	for i, d := range r.Deposed {
		if d == nil {
			continue
		}
		if err := w.legacyInstance(b, index, strconv.Itoa(i), d, false, v); err != nil {
			return err
		}
	}
	return nil
}

func (w *walker) legacyInstance(b resource.Block, index, deposed string, from *legacyInstance, damaged bool, v visitor) error {
	in := &w.in
	in.Reset()
	in.Block, in.Deposed, in.Legacy, in.Malformed = &b, deposed, true, damaged
	in.IndexKey = append(in.IndexKey, index...)
	in.Offset = w.InputOffset()
	if from != nil {
		if from.ID != "" && from.Attributes["id"] == "" {
			if from.Attributes == nil {
				from.Attributes = map[string]string{}
			}
			from.Attributes["id"] = from.ID
		}
		in.Attributes.SetFlat(from.Attributes)
	}
	return v.Instance(in)
}

// legacyBlock takes a key apart.
func legacyBlock(key string) (b resource.Block, index string, ok bool) {
	parts := strings.Split(key, ".")
	b.Mode = "managed"
	if parts[0] == "data" {
		b.Mode, parts = "data", slices.Delete(parts, 0, 1)
	}
	if len(parts) < 2 || len(parts) > 3 {
		return b, "", false
	}
	b.Type, b.Name = parts[0], parts[1]
	if len(parts) == 3 {
		if _, err := strconv.Atoi(parts[2]); err != nil {
			return b, "", false
		}
		index = parts[2]
	}
	return b, index, b.Type != "" && b.Name != ""
}
