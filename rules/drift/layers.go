package drift

import (
	"path"
	"slices"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
	"github.com/muster-audit/muster/rules"
)

// layerOf is the layer in which a declaration stands. One that does not say is taken for a state, or for a plan if it says that it was
// never applied.
func layerOf(d *inventory.Entry) inventory.Layer {
	switch {
	case d.Origin.Layer != "":
		return d.Origin.Layer
	case d.Lifecycle == inventory.LifecyclePlanned:
		return inventory.LayerPlan
	}
	return inventory.LayerState
}

// layerName is what a person calls the layer of a declaration.
func layerName(d *inventory.Entry) string {
	switch {
	case d.Origin.Layer != "":
		return string(d.Origin.Layer)
	case path.Ext(d.Origin.File) == ".tfstate":
		return string(inventory.LayerState)
	case d.Lifecycle == inventory.LifecyclePlanned:
		return string(inventory.LayerPlan)
	}
	return "declaration"
}

// isWish reports whether a declaration says what shall be, and not what a tool knows of what it made.
func isWish(d *inventory.Entry) bool { return layerOf(d) != inventory.LayerState }

// hasWish reports whether anything that is declared of an entity stands beside or above a state.
func hasWish(e *rules.Entity) bool {
	return len(e.Facets) > 0 || slices.ContainsFunc(e.Declared, isWish)
}

// mayBeApplied reports whether nobody can tell if a declaration was applied: code, or a template, whose state was not read.
func mayBeApplied(d *inventory.Entry) bool {
	return d.Lifecycle == inventory.LifecycleUnknown && isWish(d)
}

func ends(d *inventory.Entry) bool {
	return d.Lifecycle == inventory.LifecycleRetiring || d.Lifecycle == inventory.LifecycleRetired
}

// declarations are the layers of what is declared of an entity: of each the newest, and code before plan before state.
type declarations struct {
	code, plan, state *inventory.Entry // none that is planned only, nor to be destroyed
	planned           *inventory.Entry // known never to have been applied
	retiring          *inventory.Entry // to be destroyed: then there is nothing else
}

// declarations looks at the first layer that says anything: if that holds only what is to be destroyed, so is the thing.
func (j *judge) declarations(list []*inventory.Entry) declarations {
	var d declarations
	if len(list) > 1 {
		list = makers(list)
	} else if len(list) == 1 && list[0].Lifecycle != inventory.LifecyclePlanned && !ends(list[0]) {
		*d.slot(layerOf(list[0])) = list[0]
		return d
	}
	for _, layer := range inventory.Layers() {
		var stays, goes *inventory.Entry
		for _, e := range list {
			switch {
			case layerOf(e) != layer:
			case ends(e):
				j.newest(&goes, e)
			case e.Lifecycle == inventory.LifecyclePlanned:
				j.newest(&d.planned, e)
				stays = d.planned
			default:
				j.newest(d.slot(layer), e)
				stays = *d.slot(layer)
			}
		}
		if goes != nil && stays == nil && d.isEmpty() {
			return declarations{retiring: goes}
		}
	}
	return d
}

// newest keeps the newer of two entries.
func (j *judge) newest(slot **inventory.Entry, e *inventory.Entry) {
	if *slot == nil || j.compareAge(e, *slot) > 0 {
		*slot = e
	}
}

func (d *declarations) isEmpty() bool {
	return d.code == nil && d.plan == nil && d.state == nil && d.planned == nil
}

func (d *declarations) slot(l inventory.Layer) **inventory.Entry {
	switch l {
	case inventory.LayerCode:
		return &d.code
	case inventory.LayerPlan:
		return &d.plan
	}
	return &d.state
}

// applied is what says that the thing is there: the state, or else code and plans that were applied; nil if nothing does.
func (d *declarations) applied() *inventory.Entry {
	for _, e := range []*inventory.Entry{d.state, d.code, d.plan} {
		if e != nil && !mayBeApplied(e) {
			return e
		}
	}
	return nil
}

// wish is what says what the thing shall be like, the code before the plan; nil if only a state is known.
func (d *declarations) wish() *inventory.Entry {
	if d.code != nil {
		return d.code
	}
	return d.plan
}

// first is where a person looks: the wish, or else the state.
func (d *declarations) first() *inventory.Entry {
	if w := d.wish(); w != nil {
		return w
	}
	return d.state
}

// ofOne reports whether two declarations may be layers of one: those of two lineages are not.
func ofOne(a, b *inventory.Entry) bool {
	return a.Origin.Lineage == "" || b.Origin.Lineage == "" || a.Origin.Lineage == b.Origin.Lineage
}

// side is what one side of a comparison says: the entries that are asked in turn, of which the first that knows decides.
type side []*inventory.Entry

// sides are the wish, with code before plan, and the state, each with its facets, which outrank the thing's own entry of their layer.
func (j *judge) sides(e *rules.Entity, d *declarations) (wish, state side) {
	if d.retiring != nil {
		return nil, nil
	}
	if len(e.Facets) == 0 && d.wish() == nil {
		if d.state == nil {
			return nil, nil
		}
		return nil, side{d.state}
	}
	onlyPlanned := d.planned != nil && d.first() == nil // all of it is to be made: no side of it differs from what is there
	for _, layer := range inventory.Layers() {
		into := &wish
		if layer == inventory.LayerState {
			into = &state
		}
		*into = append(*into, j.facets(e, layer, !onlyPlanned)...)
		own := *d.slot(layer)
		if layer == inventory.LayerState {
			own = j.stateOf(e, d)
		}
		if own != nil {
			*into = append(*into, own)
		}
	}
	return wish, state
}

// stateOf returns the newest state of the declaration that says what shall be; nil if there is none, as for code beside the state of
// another one.
func (j *judge) stateOf(e *rules.Entity, d *declarations) *inventory.Entry {
	wish := d.wish()
	if d.state == nil || wish == nil || ofOne(d.state, wish) {
		return d.state
	}
	var own *inventory.Entry
	for _, s := range e.Declared {
		if layerOf(s) == inventory.LayerState && !ends(s) && s.Lifecycle != inventory.LifecyclePlanned && ofOne(s, wish) {
			j.newest(&own, s)
		}
	}
	return own
}

// facets returns the facets of a layer that stand, the newest first, and those that are planned only if asked for.
func (j *judge) facets(e *rules.Entity, layer inventory.Layer, planned bool) side {
	var list side
	for _, f := range e.Facets {
		if layerOf(f) == layer && !ends(f) && (planned || f.Lifecycle != inventory.LifecyclePlanned) {
			list = append(list, f)
		}
	}
	slices.SortFunc(list, func(a, b *inventory.Entry) int { return j.compareAge(b, a) })
	return list
}

// isFacet reports whether a declaration sets one side of a thing and is not it.
func isFacet(d *inventory.Entry) bool { return d.FacetOf() != "" }

// declares returns what a side says of an attribute that is compared, and which entry says it; nil if none does. What is left open is
// not said.
func (s side) declares(t inventory.Type, a *catalog.Attribute) (inventory.Value, *inventory.Entry) {
	if a.Members != catalog.MembersWhole {
		return s.members(t, a)
	}
	for _, e := range s {
		if e.Type == t && declares(e, a) {
			v, _ := e.CurrentAttribute(a.Name)
			return v, e
		}
	}
	return inventory.Unread, nil
}

// value returns the value that a side holds, also one that is left open.
func (s side) value(t inventory.Type, name string) (inventory.Value, *inventory.Entry) {
	for _, e := range s {
		if v, ok := e.CurrentAttribute(name); ok && v.IsRead() && e.Type == t {
			return v, e
		}
	}
	return inventory.Unread, nil
}

// tags returns the tags that a side declares; nil if it does not say.
func (s side) tags() (inventory.Tags, *inventory.Entry) {
	for _, e := range s {
		if t := e.CurrentTags(); t.State() == inventory.Known && !isFacet(e) {
			return t, e
		}
	}
	return inventory.UnknownTags(), nil
}

// own returns the first entry of a side that is no facet.
func (s side) own() *inventory.Entry {
	for _, e := range s {
		if !isFacet(e) {
			return e
		}
	}
	return nil
}
