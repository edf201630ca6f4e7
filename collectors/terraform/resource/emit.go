package resource

import (
	"cmp"
	"fmt"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/inventory"
)

// Emitter hands over the assets of a document that was surveyed.
type Emitter struct {
	*Survey
	place   Place
	out     collectors.Sink
	line    func(offset int64) int
	skipped int
}

// Emitter returns what emits the document. line finds the line of a byte, for problems; it may be nil.
func (s *Survey) Emitter(place Place, out collectors.Sink, line func(offset int64) int) *Emitter {
	return &Emitter{Survey: s, place: place, out: out, line: line}
}

// Emit hands over the asset that an instance declares, and those that it declares in its blocks. What cannot be read is skipped. The
// error is the sink's.
func (e *Emitter) Emit(in *Instance) error {
	b := in.Block
	if in.Malformed || b.Type == "" || b.Name == "" || b.Mode == "" {
		e.skip(in, "", "a resource instance has no mode, type or name", "the file may be damaged: compare it with terraform state list")
		return nil
	}
	if b.Mode != "managed" {
		return nil
	}
	v := newView(e.catalog, in, e.secrets)
	v.locate()
	v.code = e.place.Layer == inventory.LayerCode
	typ, mapped := v.row.CloudType, v.row.Mapped()
	if v.row.Folds() {
		typ, mapped = v.row.Host.Type, true
	}
	row, _ := e.catalog.Type(typ)
	e.homes.complete(v, mapped && !row.Global)
	hosts := v.hosts()
	if len(hosts) > 0 && v.code { // what several resources set together, their state tells
		return nil
	}
	if len(hosts) > 0 {
		return e.emitFacets(v, hosts)
	}
	return e.emit(v)
}

func (e *Emitter) emit(v *view) error {
	origin := e.origin(v)
	key := v.globalName()
	if key == "" || e.names.of(key)&declaredAgain != 0 || !e.names.claim(key) {
		key = e.place.File + "#" + origin.Address
		if !e.names.claim(key) {
			e.skip(v.in, key, fmt.Sprintf("%s is in the file twice", origin.Address),
				"the file may be damaged: compare it with terraform state list")
			return nil
		}
	}
	a := v.asset(origin)
	a.Key = key
	if err := e.out.Asset(a); err != nil {
		return err
	}
	return v.children(func(c child) error { return e.emitChild(v, c, origin, key) })
}

// emitChild hands a child over, unless a resource of its own declares it.
func (e *Emitter) emitChild(v *view, c child, origin inventory.Origin, parent string) error {
	seen := e.names.of(c.key)
	if c.key != "" && seen&declared != 0 {
		return nil
	}
	origin.Address += c.suffix
	key := c.key
	if key == "" || seen&declaredInsideAgain != 0 || !e.names.claim(key) {
		key = e.place.File + "#" + origin.Address
		if !e.names.claim(key) {
			return nil
		}
	}
	a := c.asset(v, origin, parent)
	a.Key = key
	return e.out.Asset(a)
}

func (e *Emitter) origin(v *view) inventory.Origin {
	key := v.in.IndexKey
	if s := stringOf(key); s != "" {
		if hidden := e.secrets.text(s); hidden != s {
			key = []byte(inventory.StringValue(hidden))
		}
	}
	b := *v.in.Block
	b.Module = e.secrets.module(b.Module)
	o := inventory.Origin{
		File: cmp.Or(v.in.File, e.place.File), Line: v.in.Line, Address: Address(&b, key), Module: b.Module, Lineage: e.place.Lineage,
		Layer: e.place.Layer, Ignores: v.ignores(),
	}
	if v.in.Address != "" {
		o.Address = e.secrets.text(v.in.Address)
	}
	if v.in.Deposed != "" {
		o.Address += " (deposed " + v.in.Deposed + ")"
	}
	return o
}

// mostLines bounds for how many skipped instances the line is looked up, which reads the file again.
const mostLines = 20

func (e *Emitter) skip(in *Instance, key, message, remedy string) {
	p := inventory.Problem{File: e.place.File, Line: in.Line, Key: key, Message: message, Remedy: remedy}
	if e.skipped++; p.Line == 0 && e.line != nil && e.skipped <= mostLines {
		p.Line = e.line(in.Offset)
	}
	e.out.Skip(p)
}
