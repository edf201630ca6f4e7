package terraform

import (
	"context"
	"encoding/json"
	"io"

	"github.com/muster-audit/muster/collectors/terraform/resource"
)

// document is what a file says of itself, as far as it was read. Keys may stand in any order.
type document struct {
	version   int64 // 0 if the file does not say
	lineage   string
	encrypted bool // OpenTofu's state encryption
	backend   bool // a pointer to a state that is kept elsewhere
	listed    bool // there is a list of resources; Terraform writes an empty one too
	modules   bool // there is a list of modules, as up to version 3
	resources int  // resources begun
	notObject bool
}

// block is a resource block.
type block struct {
	number int // from 0, in the order of the file
	resource.Block
}

// visitor is given what a state holds, in the order of the file. It may keep nothing of what it is given. An error ends
// the walk.
type visitor interface {
	Instance(in *resource.Instance) error
	Secret(value []byte) error
}

// walker reads a state of any size with the memory of one resource instance.
type walker struct {
	*resource.Reader
	doc document
	in  resource.Instance
	// late holds the blocks whose fields did not all come before their instances, by number: known from an earlier walk.
	late map[int]block
	// found collects such blocks for the next walk.
	found map[int]block
	// paths are the modules of version 3, by number, which are known from an earlier walk.
	paths []string
}

func newWalker(r io.Reader, late map[int]block) *walker {
	return &walker{Reader: resource.NewReader(r), late: late, found: map[int]block{}, in: resource.Instance{Decoder: resource.NewDecoder()}}
}

// walk reads the document to its end. The error is that of the file's syntax, of the visitor or of the context.
func (w *walker) walk(ctx context.Context, v visitor) error {
	if k := w.PeekKind(); k != '{' {
		w.doc.notObject = k != 0
		if k == 0 {
			_, err := w.ReadToken()
			return err
		}
		return w.SkipValue()
	}
	if err := w.Object(func(key string) error { return w.top(ctx, key, v) }); err != nil {
		return err
	}
	return w.End()
}

// top reads the value of a top-level key.
func (w *walker) top(ctx context.Context, key string, v visitor) error {
	switch key {
	case "version":
		return w.Number(&w.doc.version)
	case "lineage":
		return w.Text(&w.doc.lineage)
	case "encryption_version", "encrypted_data":
		w.doc.encrypted = true
	case "backend":
		w.doc.backend = true
	case "modules":
		return w.modules(ctx, v)
	case "resources":
		w.doc.listed = w.PeekKind() == '['
		return w.Array(func() error { return w.resource(ctx, v) })
	case "outputs":
		return w.Object(func(string) error { return w.outputValue(v) })
	}
	return w.SkipValue()
}

// resource reads one element of "resources".
func (w *walker) resource(ctx context.Context, v visitor) error {
	b := block{number: w.doc.resources}
	w.doc.resources++
	known, isLate := w.late[b.number]
	began := false // instances were read before the block's end
	err := w.Object(func(key string) error {
		field := b.field(key)
		switch {
		case field != nil:
			if began && !isLate {
				w.found[b.number] = block{}
			}
			return w.Text(field)
		case key == "instances":
			began = true
			w.in.Block = &b.Block
			if isLate {
				w.in.Block = &known.Block
			}
			return w.Array(func() error { return w.instance(ctx, v) })
		}
		return w.SkipValue()
	})
	if _, ok := w.found[b.number]; ok {
		w.found[b.number] = b
	}
	return err
}

// field returns where the value of a block's key belongs, and nil for keys that are of no use.
func (b *block) field(key string) *string {
	switch key {
	case "module":
		return &b.Module
	case "mode":
		return &b.Mode
	case "type":
		return &b.Type
	case "name":
		return &b.Name
	case "provider":
		return &b.Provider
	}
	return nil
}

func (w *walker) instance(ctx context.Context, v visitor) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	w.in.Reset()
	if w.PeekKind() != '{' {
		w.in.Malformed = true
	}
	if err := w.Object(w.instanceField); err != nil {
		return err
	}
	w.in.Offset = w.InputOffset()
	return v.Instance(&w.in)
}

func (w *walker) instanceField(key string) error {
	in := &w.in
	switch key {
	case "index_key":
		return w.Raw(&in.IndexKey)
	case "deposed":
		return w.Text(&in.Deposed)
	case "provider":
		return w.Text(&in.Provider)
	case "attributes":
		return in.Attributes.Read(w.Decoder)
	case "attributes_flat":
		in.Legacy = true
		return in.Attributes.Read(w.Decoder)
	case "identity":
		return in.Identity.Read(w.Decoder)
	case "sensitive_attributes":
		return w.Raw(&in.Sensitive)
	}
	return w.SkipValue()
}

func (w *walker) outputValue(v visitor) error {
	raw, err := w.ReadValue()
	if err != nil {
		return err
	}
	var o struct {
		Value     json.RawMessage `json:"value"`
		Sensitive bool            `json:"sensitive"`
	}
	if json.Unmarshal(raw, &o) != nil {
		return nil // an output of another shape holds no value
	}
	if !o.Sensitive {
		return nil
	}
	return v.Secret(o.Value)
}
