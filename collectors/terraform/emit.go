package terraform

import (
	"fmt"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
)

// emitter is the second walk: it hands the assets over.
type emitter struct {
	catalog *catalog.Catalog
	secrets *secrets
	homes   homes
	names   names
	file    string // the scope's id
	lineage string
	out     collectors.Sink
	line    func(offset int64) int
	skipped int
}

func (e *emitter) output([]byte, bool) error { return nil }

func (e *emitter) instance(in *instance) error {
	b := in.block
	if in.malformed || b.typ == "" || b.name == "" || b.mode == "" {
		e.skip(in, "", "a resource instance has no mode, type or name", "the file may be damaged: compare it with terraform state list")
		return nil
	}
	if b.mode != "managed" {
		return nil
	}
	v := newView(e.catalog, in, e.secrets)
	v.locate()
	row, _ := e.catalog.Type(v.row.CloudType)
	e.homes.complete(v, v.row.Mapped() && !row.Global)
	return e.emit(v)
}

func (e *emitter) emit(v *view) error {
	origin := e.origin(v)
	key := v.globalName()
	if key == "" || e.names.of(key)&declaredAgain != 0 || !e.names.claim(key) {
		key = e.file + "#" + origin.Address
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
func (e *emitter) emitChild(v *view, c child, origin inventory.Origin, parent string) error {
	seen := e.names.of(c.key)
	if c.key != "" && seen&declared != 0 {
		return nil
	}
	origin.Address += c.suffix
	key := c.key
	if key == "" || seen&declaredInsideAgain != 0 || !e.names.claim(key) {
		key = e.file + "#" + origin.Address
		if !e.names.claim(key) {
			return nil
		}
	}
	a := c.asset(v, origin, parent)
	a.Key = key
	return e.out.Asset(a)
}

func (e *emitter) origin(v *view) inventory.Origin {
	key := v.in.indexKey
	if s := stringOf(key); s != "" {
		if hidden := e.secrets.text(s); hidden != s {
			key = []byte(inventory.StringValue(hidden))
		}
	}
	b := *v.in.block
	b.module = e.secrets.module(b.module)
	o := inventory.Origin{File: e.file, Address: address(&b, key), Module: b.module, Lineage: e.lineage}
	if v.in.deposed != "" {
		o.Address += " (deposed " + v.in.deposed + ")"
	}
	return o
}

// mostLines bounds for how many skipped instances the line is looked up, which reads the file again.
const mostLines = 20

func (e *emitter) skip(in *instance, key, message, remedy string) {
	p := inventory.Problem{File: e.file, Key: key, Message: message, Remedy: remedy}
	if e.skipped++; e.skipped <= mostLines {
		p.Line = e.line(in.offset)
	}
	e.out.Skip(p)
}
