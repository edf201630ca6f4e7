package drift

import (
	"fmt"
	"iter"
	"slices"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
)

// LineageIndex knows which scopes hold applied declarations of each lineage. A lineage in several of them is a state
// with copies, or a state that was copied to begin another one; nobody can tell which. The zero value is empty.
type LineageIndex struct{ scopes map[string][]scopeRef }

type scopeRef struct{ source, scope string }

// Watch passes identities on and notes the lineages of the declared ones. The index is complete when they are all read,
// and must not be asked before.
func (x *LineageIndex) Watch(ids iter.Seq2[inventory.Identity, error]) iter.Seq2[inventory.Identity, error] {
	return func(yield func(inventory.Identity, error) bool) {
		for id, err := range ids {
			if err == nil {
				x.note(&id)
			}
			if !yield(id, err) {
				return
			}
		}
	}
}

func (x *LineageIndex) note(id *inventory.Identity) {
	isWish := id.Layer == inventory.LayerCode || id.Layer == inventory.LayerPlan
	if id.Book != inventory.Declared || id.Lineage == "" || id.Lifecycle == inventory.LifecyclePlanned || isWish {
		return
	}
	if x.scopes == nil {
		x.scopes = map[string][]scopeRef{}
	}
	ref := scopeRef{id.Source, id.Scope}
	if known := x.scopes[id.Lineage]; !slices.Contains(known, ref) {
		x.scopes[id.Lineage] = append(known, ref)
	}
}

// superseded says that another scope of a declaration's lineage is not older and does not hold it: it may have been taken
// out of the code, and the scope that still holds it be a copy that was forgotten. It is "" if there is none.
func (j *judge) superseded(e *rules.Entity, d *inventory.Entry) string {
	if j.Lineages == nil || isWish(d) {
		return ""
	}
	holds := func(ref scopeRef) bool {
		return slices.ContainsFunc(e.Declared, func(o *inventory.Entry) bool { return ref == scopeRef{o.Source, o.Scope} })
	}
	for _, ref := range j.Lineages.scopes[d.Origin.Lineage] {
		other := &inventory.Entry{Source: ref.source, Scope: ref.scope}
		if !holds(ref) && !j.dataTime(other).Before(j.dataTime(d)) {
			return fmt.Sprintf("%s and %s have one lineage, and %s does not hold it: remove the one that is a copy", d.Scope, ref.scope, ref.scope)
		}
	}
	return ""
}

// contested says that a copy of a declaration's state, exactly as old, declares something else; "" if none does. Then nobody
// can tell which of the two is the state, as after a checkout that gave all files one time.
func (j *judge) contested(e *rules.Entity, d *inventory.Entry) string {
	if d == nil {
		return ""
	}
	for _, o := range e.Declared {
		copied := o.Origin.Lineage != "" && o.Origin.Lineage == d.Origin.Lineage && o.Lifecycle == d.Lifecycle && layerOf(o) == layerOf(d) &&
			(o.Source != d.Source || o.Scope != d.Scope) && j.dataTime(o).Equal(j.dataTime(d))
		if copied && !(o.Attributes.Equal(d.Attributes) && o.Tags.Equal(d.Tags)) {
			return fmt.Sprintf("%s and %s have one lineage and one age, and declare different things: remove the one that is a copy", d.Scope, o.Scope)
		}
	}
	return ""
}
