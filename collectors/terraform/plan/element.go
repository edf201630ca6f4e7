package plan

import (
	"slices"

	"github.com/muster-audit/muster/collectors/terraform/resource"
)

// element is a resource as one of the lists of a document has it: with its values, or with its change. Its memory is used again.
type element struct {
	block   resource.Block
	address string
	index   []byte
	deposed string
	actions []string

	before, after, unknown          resource.Members
	beforeSensitive, afterSensitive []byte
	beforeIdentity, afterIdentity   resource.Members
}

func (e *element) reset() {
	e.block, e.address, e.deposed = resource.Block{}, "", ""
	e.index, e.actions = e.index[:0], e.actions[:0]
	e.beforeSensitive, e.afterSensitive = e.beforeSensitive[:0], e.afterSensitive[:0]
	for _, m := range []*resource.Members{&e.before, &e.after, &e.unknown, &e.beforeIdentity, &e.afterIdentity} {
		m.Reset()
	}
}

// read reads the next element.
func (e *element) read(r *resource.Reader) error {
	e.reset()
	err := r.Object(func(key string) error { return e.field(r, key) })
	e.block.Module = cutModule(e.address)
	return err
}

func (e *element) field(r *resource.Reader, key string) error {
	switch key {
	case "address":
		return r.Text(&e.address)
	case "mode":
		return r.Text(&e.block.Mode)
	case "type":
		return r.Text(&e.block.Type)
	case "name":
		return r.Text(&e.block.Name)
	case "provider_name":
		return r.Text(&e.block.Provider)
	case "index":
		return r.Raw(&e.index)
	case "deposed", "deposed_key":
		return r.Text(&e.deposed)
	case "values":
		return e.after.Read(r.Decoder)
	case "sensitive_values":
		return r.Raw(&e.afterSensitive)
	case "identity":
		return e.afterIdentity.Read(r.Decoder)
	case "change":
		return r.Object(func(key string) error { return e.changeField(r, key) })
	}
	return r.SkipValue()
}

func (e *element) changeField(r *resource.Reader, key string) error {
	switch key {
	case "actions":
		return r.Array(func() error {
			var a string
			err := r.Text(&a)
			e.actions = append(e.actions, a)
			return err
		})
	case "before":
		return e.before.Read(r.Decoder)
	case "after":
		return e.after.Read(r.Decoder)
	case "after_unknown":
		return e.unknown.Read(r.Decoder)
	case "before_sensitive":
		return r.Raw(&e.beforeSensitive)
	case "after_sensitive":
		return r.Raw(&e.afterSensitive)
	case "before_identity":
		return e.beforeIdentity.Read(r.Decoder)
	case "after_identity":
		return e.afterIdentity.Read(r.Decoder)
	}
	return r.SkipValue()
}

// key tells the element from all others of its list.
func (e *element) key() string { return e.address + "\x00" + e.deposed }

func (e *element) will(action string) bool { return slices.Contains(e.actions, action) }

// replaces reports whether the thing is destroyed and made again.
func (e *element) replaces() bool { return e.will("create") && e.will("delete") }
