package terraform

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/muster-audit/muster/collectors/terraform/resource"
)

// document is what a file says of itself, as far as it was read. Keys may stand in any order.
type document struct {
	version    int64 // 0 if the file does not say
	lineage    string
	encrypted  bool // OpenTofu's state encryption
	backend    bool // a pointer to a state that is kept elsewhere
	plan, show bool // terraform show -json of a plan, of a state
	listed     bool // there is a list of resources; Terraform writes an empty one too
	resources  int  // resources begun
	notObject  bool
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
	d   *jsontext.Decoder
	doc document
	in  resource.Instance
	// late holds the blocks whose fields did not all come before their instances, by number: known from an earlier walk.
	late map[int]block
	// found collects such blocks for the next walk.
	found map[int]block
}

func newWalker(r io.Reader, late map[int]block) *walker {
	// A name that is there twice harms nobody here, and looking for one costs a third of the time.
	d := newBounded(r)
	return &walker{d: d, late: late, found: map[int]block{}, in: resource.Instance{Decoder: resource.NewDecoder()}}
}

// walk reads the document to its end. The error is that of the file's syntax, of the visitor or of the context.
func (w *walker) walk(ctx context.Context, v visitor) error {
	if k := w.d.PeekKind(); k != '{' {
		w.doc.notObject = k != 0
		if k == 0 {
			_, err := w.d.ReadToken()
			return err
		}
		return w.d.SkipValue()
	}
	if err := w.object(func(key string) error { return w.top(ctx, key, v) }); err != nil {
		return err
	}
	if _, err := w.d.ReadToken(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("more follows the end of the document: %w", errDamaged)
	}
	return nil
}

var errDamaged = errors.New("damaged")

// top reads the value of a top-level key.
func (w *walker) top(ctx context.Context, key string, v visitor) error {
	switch key {
	case "version":
		return w.number(&w.doc.version)
	case "lineage":
		return w.text(&w.doc.lineage)
	case "encryption_version", "encrypted_data":
		w.doc.encrypted = true
	case "backend":
		w.doc.backend = true
	case "planned_values", "resource_changes":
		w.doc.plan = true
	case "values":
		w.doc.show = true
	case "resources":
		w.doc.listed = w.d.PeekKind() == '['
		return w.array(func() error { return w.resource(ctx, v) })
	case "outputs":
		return w.objectOr(func(string) error { return w.outputValue(v) })
	}
	return w.d.SkipValue()
}

// resource reads one element of "resources".
func (w *walker) resource(ctx context.Context, v visitor) error {
	b := block{number: w.doc.resources}
	w.doc.resources++
	known, isLate := w.late[b.number]
	began := false // instances were read before the block's end
	err := w.objectOr(func(key string) error {
		field := b.field(key)
		switch {
		case field != nil:
			if began && !isLate {
				w.found[b.number] = block{}
			}
			return w.text(field)
		case key == "instances":
			began = true
			w.in.Block = &b.Block
			if isLate {
				w.in.Block = &known.Block
			}
			return w.array(func() error { return w.instance(ctx, v) })
		}
		return w.d.SkipValue()
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
	if w.d.PeekKind() != '{' {
		w.in.Malformed = true
	}
	if err := w.objectOr(w.instanceField); err != nil {
		return err
	}
	w.in.Offset = w.d.InputOffset()
	return v.Instance(&w.in)
}

func (w *walker) instanceField(key string) error {
	in := &w.in
	switch key {
	case "index_key":
		return w.raw(&in.IndexKey)
	case "deposed":
		return w.text(&in.Deposed)
	case "provider":
		return w.text(&in.Provider)
	case "attributes":
		return in.Attributes.Read(w.d)
	case "attributes_flat":
		in.Legacy = true
		return in.Attributes.Read(w.d)
	case "identity":
		return in.Identity.Read(w.d)
	case "sensitive_attributes":
		return w.raw(&in.Sensitive)
	}
	return w.d.SkipValue()
}

func (w *walker) outputValue(v visitor) error {
	raw, err := w.d.ReadValue()
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

// object reads an object, giving each key to field, which must read the value.
func (w *walker) object(field func(key string) error) error {
	if _, err := w.d.ReadToken(); err != nil {
		return err
	}
	for w.d.PeekKind() != '}' {
		name, err := w.d.ReadToken()
		if err != nil {
			return err
		}
		if err := field(name.String()); err != nil {
			return err
		}
	}
	_, err := w.d.ReadToken()
	return err
}

// objectOr reads an object, and skips any other value.
func (w *walker) objectOr(field func(key string) error) error {
	if w.d.PeekKind() != '{' {
		return w.d.SkipValue()
	}
	return w.object(field)
}

// array reads an array, calling element for each, which must read it; any other value is skipped.
func (w *walker) array(element func() error) error {
	if w.d.PeekKind() != '[' {
		return w.d.SkipValue()
	}
	if _, err := w.d.ReadToken(); err != nil {
		return err
	}
	for w.d.PeekKind() != ']' {
		if err := element(); err != nil {
			return err
		}
	}
	_, err := w.d.ReadToken()
	return err
}

// text reads a string into s, and skips any other value.
func (w *walker) text(s *string) error {
	if w.d.PeekKind() != '"' {
		return w.d.SkipValue()
	}
	t, err := w.d.ReadToken()
	if err == nil {
		*s = t.String()
	}
	return err
}

// number reads a whole number into n, and skips any other value.
func (w *walker) number(n *int64) error {
	raw, err := w.d.ReadValue()
	if err != nil {
		return err
	}
	if json.Unmarshal(raw, n) != nil {
		*n = 0
	}
	return nil
}

// raw copies the text of any value to b.
func (w *walker) raw(b *[]byte) error {
	v, err := w.d.ReadValue()
	if err == nil {
		*b = append((*b)[:0], v...)
	}
	return err
}
