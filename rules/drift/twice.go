package drift

import (
	"fmt"
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
	"github.com/muster-audit/muster/rules"
)

var twiceMeta = rules.Meta{
	ID: "drift/declared-twice", Severity: rules.Medium, Title: "One declaration owns each thing",
	Help: "Two states or stacks each take themselves for its owner and will undo each other's changes. Remove it from all but one, without destroying it.",
}

// declaredTwice tells apart declarations by lineage, and those without one by file. A state, a plan and a source of one
// lineage are facets of one declaration; something that is marked for destruction is being given up.
func (j *judge) declaredTwice(e *rules.Entity) rules.Verdict {
	if len(e.Declared) == 0 {
		return rules.Verdict{}
	}
	owners := distinctOwners(e.Declared)
	if len(owners) < 2 {
		return pass(e.Subject())
	}
	for _, d := range owners {
		if why := j.reach.Unconfirmed(d); why != "" {
			return unknown(e.Subject(), why)
		}
		if mayBeApplied(d) {
			return unknown(e.Subject(), fmt.Sprintf("nobody can tell whether %s in %s was ever applied: no state of it was read", title(d), in(d)))
		}
	}
	if mayBeOne(owners) {
		return unknown(e.Subject(), fmt.Sprintf("%s and %s have one address and no lineage: nobody can tell whether they are one state", in(owners[0]), in(owners[1])))
	}
	v := failure(e.Subject())
	var places []string
	for _, d := range owners {
		places = append(places, fmt.Sprintf("%s (%s)", in(d), title(d)))
		v.Evidence = append(v.Evidence, j.evidence(d)...)
	}
	v.Origin = owners[0].Origin
	v.Message = fmt.Sprintf("declared %d times: in %s", len(owners), strings.Join(places, " and in "))
	v.Fix = "keep it in one of them, and take it out of the others without destroying it (terraform state rm, DeletionPolicy: Retain, or their like)"
	return v
}

// mayBeOne reports whether declarations may be copies of one state that were written down without its lineage, as terraform show does.
func mayBeOne(owners []*inventory.Entry) bool {
	return !slices.ContainsFunc(owners, func(d *inventory.Entry) bool {
		return d.Origin.Lineage != "" || d.Origin.Layer != inventory.LayerState || d.Origin.Address != owners[0].Origin.Address
	})
}

// distinctOwners returns one entry of each declaration, in the order of the entries. Entries without a lineage count by
// file, and only against each other and within one layer: code, or a plan, without lineage may well be that of a state which has one,
// and the plan that of the code.
func distinctOwners(list []*inventory.Entry) []*inventory.Entry {
	if len(list) < 2 {
		return list
	}
	own := ownDeclarations(list)
	owners := distinct(own, func(d *inventory.Entry) string { return d.Origin.Lineage })
	for _, layer := range inventory.Layers() {
		if len(owners) > 1 {
			break
		}
		owners = distinct(own, func(d *inventory.Entry) string {
			if d.Origin.Lineage != "" || layerOf(d) != layer {
				return ""
			}
			return in(d)
		})
	}
	return owners
}

// distinct returns the first entry of each value but the empty one.
func distinct(list []*inventory.Entry, of func(*inventory.Entry) string) []*inventory.Entry {
	seen := map[string]bool{"": true}
	var out []*inventory.Entry
	for _, d := range list {
		if v := of(d); !seen[v] {
			seen[v] = true
			out = append(out, d)
		}
	}
	return out
}

// ownDeclarations leaves out what is being given up, and what a resource lists among its blocks if a declaration of its own
// is there: the state of an instance lists every volume that is attached to it, whoever declares that.
func ownDeclarations(list []*inventory.Entry) []*inventory.Entry {
	var own, listed []*inventory.Entry
	for _, d := range list {
		switch {
		case d.Lifecycle == inventory.LifecycleRetiring, catalog.Provider(d.Type) == hardware: // any number of inventories may list a machine
		case slices.ContainsFunc(d.Relations, func(r inventory.Relation) bool { return r.Kind == inventory.AttachedTo }):
			listed = append(listed, d)
		default:
			own = append(own, d)
		}
	}
	if len(own) == 0 {
		return listed
	}
	return own
}
