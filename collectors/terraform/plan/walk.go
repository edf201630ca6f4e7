package plan

import (
	"context"
	"io"

	"github.com/muster-audit/muster/collectors/terraform/resource"
	"github.com/muster-audit/muster/inventory"
)

// Part is what of a document is read.
type Part int

// The parts of a document.
const (
	Planned Part = iota // what the tool would make of the code
	Prior               // the state that a plan was made from, as it was before the provider was asked
	Shown               // the state of "terraform show -json"
)

// Visitor is given what a part holds, in the order of the document. It may keep nothing of what it is given. An error ends the walk.
type Visitor interface {
	Instance(in *resource.Instance) error
	Secret(value []byte) error
}

// Learn gives v all that is in a document, so that it learns what is secret anywhere in it. What is not of the part comes as data, which
// nobody manages.
func (d *Document) Learn(ctx context.Context, r io.Reader, part Part, v Visitor) error {
	for _, s := range d.secrets {
		if err := v.Secret(s); err != nil {
			return err
		}
	}
	return d.walk(ctx, r, part, v, true)
}

// Emit gives v the instances of a part.
func (d *Document) Emit(ctx context.Context, r io.Reader, part Part, v Visitor) error {
	return d.walk(ctx, r, part, v, false)
}

func (d *Document) walk(ctx context.Context, r io.Reader, part Part, v Visitor, learn bool) error {
	w := &walker{Reader: resource.NewReader(r), ctx: ctx, d: d, part: part, v: v, learn: learn}
	w.in.Decoder = resource.NewDecoder()
	if err := w.Object(w.section); err != nil {
		return err
	}
	return w.End()
}

type walker struct {
	*resource.Reader
	ctx   context.Context // of this one walk
	d     *Document
	part  Part
	v     Visitor
	learn bool
	el    element
	in    resource.Instance
	raw   []byte
}

// section reads the value of a top-level key.
func (w *walker) section(key string) error {
	switch {
	case key == "resource_changes" && (w.learn || w.part == Planned):
		return w.elements(w.change)
	case key == "resource_drift" && (w.learn || w.part == Prior):
		return w.elements(w.drift)
	case key == "prior_state" && (w.learn || w.part == Prior):
		return w.Object(func(key string) error { return w.values(key, w.prior) })
	case key == "values" && w.part == Shown:
		return w.state(w.shown)
	case !w.learn:
	case key == "planned_values":
		return w.state(w.asData)
	case key == "variables":
		return w.Object(w.variable)
	case key == "output_changes":
		return w.Object(func(string) error { return w.output() })
	}
	return w.SkipValue()
}

func (w *walker) values(key string, visit func() error) error {
	if key != "values" {
		return w.SkipValue()
	}
	return w.state(visit)
}

// state reads outputs and modules.
func (w *walker) state(visit func() error) error {
	return w.Object(func(key string) error {
		switch {
		case key == "root_module":
			return w.module(visit)
		case key == "outputs" && w.learn:
			return w.Object(func(string) error { return w.output() })
		}
		return w.SkipValue()
	})
}

func (w *walker) module(visit func() error) error {
	return w.Object(func(key string) error {
		switch key {
		case "resources":
			return w.elements(visit)
		case "child_modules":
			return w.Array(func() error { return w.module(visit) })
		}
		return w.SkipValue()
	})
}

// elements reads a list of resources.
func (w *walker) elements(visit func() error) error {
	return w.Array(func() error {
		if err := w.ctx.Err(); err != nil {
			return err
		}
		if err := w.el.read(w.Reader); err != nil {
			return err
		}
		return visit()
	})
}

// variable learns the value of a variable that the code marks as sensitive.
func (w *walker) variable(name string) error {
	return w.Object(func(key string) error {
		if key != "value" || !w.d.sensitive[name] {
			return w.SkipValue()
		}
		return w.secret()
	})
}

func (w *walker) secret() error {
	if err := w.Raw(&w.raw); err != nil {
		return err
	}
	return w.v.Secret(w.raw)
}

// output learns an output, or the change of one, that is marked as sensitive.
func (w *walker) output() error {
	var secret bool
	var held [][]byte
	err := w.Object(func(key string) error {
		switch key {
		case "sensitive", "before_sensitive", "after_sensitive":
			return w.marked(&secret)
		case "value", "before", "after":
			var raw []byte
			err := w.Raw(&raw)
			held = append(held, raw)
			return err
		}
		return w.SkipValue()
	})
	if err != nil || !secret {
		return err
	}
	for _, raw := range held {
		if err := w.v.Secret(raw); err != nil {
			return err
		}
	}
	return nil
}

// marked notes that a mark is true, or a shape of marks that are.
func (w *walker) marked(secret *bool) error {
	if err := w.Raw(&w.raw); err != nil {
		return err
	}
	*secret = *secret || marksAny(decode(w.raw))
	return nil
}

// instance makes an instance of the element: of what is after a change, or before it. The element's values are taken.
func (w *walker) instance(after bool) *resource.Instance {
	e, in := &w.el, &w.in
	in.Reset()
	in.Block = &e.block
	in.IndexKey = append(in.IndexKey, e.index...)
	in.Deposed = e.deposed
	if b, ok := w.d.blocks[blockAddress(e.block.Module, e.block.Type, e.block.Name)]; ok && b.provider != "" && e.block.Mode == "managed" {
		in.Provider = w.d.providerAddress(b.provider, e.block.Provider)
	} else if e.block.Provider != "" {
		in.Provider = w.d.providerAddress("", e.block.Provider)
	}
	in.Sensitive = append(in.Sensitive, sensitivePaths(e.beforeSensitive, e.afterSensitive)...)
	in.Offset = w.InputOffset()
	values := &e.before
	if after {
		values = &e.after
	}
	in.Attributes, *values = *values, in.Attributes
	return in
}

// managed is instance with the identity that the provider gave the thing, which no change changes.
func (w *walker) managed(after bool) *resource.Instance {
	in := w.instance(after)
	identity := &w.el.afterIdentity
	if !identity.Present {
		identity = &w.el.beforeIdentity
	}
	in.Identity, *identity = *identity, in.Identity
	return in
}

// data gives the visitor what is in the element as data.
func (w *walker) data(after bool) error {
	if !w.learn {
		return nil
	}
	in := w.instance(after)
	block := w.el.block
	block.Mode = "data"
	in.Block = &block
	return w.v.Instance(in)
}

func (w *walker) asData() error { return w.data(true) }

func (w *walker) shown() error { return w.v.Instance(w.managed(true)) }

// prior is a resource of the state that the plan was made from. Those that the provider found changed are taken from where it says
// what they were.
func (w *walker) prior() error {
	if _, changed := w.d.drifted[w.el.key()]; w.part != Prior || changed {
		return w.data(true)
	}
	return w.shown()
}

// drift is a resource that the provider found changed, or gone.
func (w *walker) drift() error {
	if err := w.data(true); err != nil {
		return err
	}
	if w.part != Prior {
		return w.data(false)
	}
	return w.v.Instance(w.managed(false))
}

// change is what would be done to a resource.
func (w *walker) change() error {
	e := &w.el
	forgets := e.will("forget") && !e.will("create")
	if w.part != Planned || e.block.Mode != "managed" || forgets {
		if err := w.data(false); err != nil {
			return err
		}
		return w.data(true)
	}
	if e.will("delete") && !e.will("create") || e.deposed != "" {
		in := w.managed(false)
		in.Lifecycle = inventory.LifecycleRetiring
		return w.located(in)
	}
	return w.wanted()
}

// wanted is a resource that the code wants.
func (w *walker) wanted() error {
	e := &w.el
	open, gone := w.d.open(e), w.d.drifted[e.key()]
	replaced := map[string][]byte{}
	if e.replaces() {
		for _, name := range w.d.naming(e.block.Type) {
			if raw, ok := e.before.Raw(name); ok {
				replaced[name] = append([]byte(nil), raw...)
			}
		}
	}
	if err := w.before(); err != nil {
		return err
	}
	in := w.managed(true)
	addUnknown(&in.Attributes, &e.unknown)
	for _, name := range open {
		in.Attributes.Delete(name)
	}
	switch {
	case e.replaces(): // one thing that is there, with another that takes its place
		setAll(&in.Attributes, replaced)
	case e.will("create") && gone.deleted: // it was there
		setAll(&in.Attributes, gone.names)
	case e.will("create"):
		in.Lifecycle = inventory.LifecyclePlanned
	}
	return w.located(in)
}

// before learns what the element was before the change.
func (w *walker) before() error {
	if !w.learn || !w.el.before.Present {
		return nil
	}
	return w.data(false)
}

func setAll(attributes *resource.Members, values map[string][]byte) {
	for name, raw := range values {
		attributes.Set(name, raw)
	}
}

// located gives the visitor an instance with the place of its block in the sources.
func (w *walker) located(in *resource.Instance) error {
	at := w.d.sources[blockAddress(in.Block.Module, in.Block.Type, in.Block.Name)]
	in.File, in.Line = at.File, at.Line
	return w.v.Instance(in)
}
