package drift

import (
	"slices"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/link"
	"github.com/muster-audit/muster/rules"
)

// maxClimb bounds the climb from an asset to its root. Longer chains do not occur; rings do.
const maxClimb = 8

// owner is what an undeclared asset belongs to.
type owner struct {
	reason         string // it is counted there; empty if it is a root
	unknown        string // it belongs to something that was not read
	partOfDeclared bool   // a rule, route or attachment of something declared, which must be declared itself
}

// Owns reports whether a relation says that the other is the root of this one.
func Owns(r inventory.Relation) bool {
	switch r.Kind {
	case inventory.ManagedBy, inventory.MemberOf, inventory.AttachedTo, inventory.PartOf:
		return true
	}
	return false
}

// Outlives reports whether an asset stays when what it is attached to goes.
func Outlives(e *inventory.Entry, r inventory.Relation) bool {
	v, ok := e.CurrentAttribute("DeleteOnTermination")
	return r.Kind == inventory.AttachedTo && ok && v == inventory.False
}

// ownerOf looks at the relations of the observed facets, and climbs from there.
func (j *judge) ownerOf(e *rules.Entity) owner {
	var out owner
	if j.Links == nil {
		return out
	}
	self := j.entity(e.Observed[0])
	for _, o := range e.Observed {
		for _, r := range o.Relations {
			if Owns(r) && !Outlives(o, r) {
				j.addOwner(&out, self, r)
			}
		}
	}
	if out.partOfDeclared { // it must stand in the code beside the thing
		out.reason, out.unknown = "", ""
	}
	return out
}

func (j *judge) addOwner(out *owner, self int64, r inventory.Relation) {
	above, known := j.lookUp(r.Key)
	switch {
	case above == self && known:
		return
	case known && r.Kind == inventory.PartOf && j.Links.Books(above).Has(inventory.Declared):
		out.partOfDeclared = true
	case known && j.Links.Books(above).Has(inventory.Declared):
		out.reason = "it belongs to " + r.Key + ", which is declared"
	case known:
		if reason := j.climb(self, above, r.Key); reason != "" && out.reason == "" {
			out.reason = reason
		}
	case r.Kind == inventory.ManagedBy || r.Kind == inventory.MemberOf:
		if out.unknown == "" {
			out.unknown = "it belongs to " + r.Key + ", which no source holds"
		}
	}
}

// lookUp returns the entity with a key, of the observed or the declared book.
func (j *judge) lookUp(key string) (int64, bool) { return lookUp(j.Links, key) }

func lookUp(links *link.Result, key string) (int64, bool) {
	if id, ok := links.ByKey(inventory.Observed, key); ok {
		return id, true
	}
	return links.ByKey(inventory.Declared, key)
}

// climb goes up from an undeclared entity and says where the asset below is counted: at something declared, or at the
// undeclared root. It returns "" if the asset itself is that root, as the least of a ring.
func (j *judge) climb(self, above int64, key string) string {
	seen := []int64{self, above}
	for range maxClimb {
		next, ok := j.above(above)
		if !ok {
			break
		}
		if j.Links.Books(next).Has(inventory.Declared) {
			return "it belongs to " + key + ", and that to something declared"
		}
		if at := slices.Index(seen, next); at >= 0 {
			if at == 0 && slices.Min(seen) == self {
				return ""
			}
			break
		}
		seen, above = append(seen, next), next
	}
	return "it belongs to " + key + ", which is not declared either and is counted instead"
}

// above returns the first declared, or else the first, entity that stands above one.
func (j *judge) above(entity int64) (int64, bool) {
	if j.Managers == nil {
		return 0, false
	}
	managers := j.Managers.Managers(entity)
	if len(managers) == 0 {
		return 0, false
	}
	for _, id := range managers {
		if j.Links.Books(id).Has(inventory.Declared) {
			return id, true
		}
	}
	return managers[0], true
}
