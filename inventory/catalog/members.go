package catalog

import (
	"slices"

	"github.com/muster-audit/muster/inventory"
)

// Members says who declares the members of a list.
type Members string

// Who declares the members of a list.
const (
	// MembersWhole is for values that one declaration sets as a whole, and for all that are no lists: a facet stands for the host.
	MembersWhole Members = ""
	// MembersOfFacets is for lists of which each facet declares some members, and the host's own declaration holds a copy of
	// them all: the rules of a security group. The copy counts only where there is no facet.
	MembersOfFacets Members = "facets"
	// MembersOfAll is for lists to which facets add: the security groups of a network interface.
	MembersOfAll Members = "all"
)

// Merge returns what a host and its facets declare together of an attribute: own is what the host's own declaration says, Unread
// if it says nothing; facets are what each facet that speaks of the attribute says, that which counts most last. A list of which
// nobody knows all members is Unread.
func (a Attribute) Merge(own inventory.Value, facets []inventory.Value) inventory.Value {
	if len(facets) == 0 {
		return own
	}
	list := facets
	switch a.Members {
	case MembersOfFacets:
	case MembersOfAll:
		list = append([]inventory.Value{own}, facets...)
	default:
		return facets[len(facets)-1]
	}
	var all []any
	for _, v := range list {
		if !v.IsRead() {
			return inventory.Unread
		}
		all = appendMembers(all, v)
	}
	out, err := inventory.ValueOf(set(slices.Clip(all)))
	if err != nil { // cannot happen: of what Decode yields
		return inventory.Unread
	}
	return out
}

// appendMembers adds the members of a list. Null has none; anything else is a member itself.
func appendMembers(list []any, v inventory.Value) []any {
	switch x := v.Decode().(type) {
	case nil:
		return list
	case []any:
		return append(list, x...)
	default:
		return append(list, x)
	}
}
