package drift

import (
	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
)

// members returns what a side says of a list of which facets declare members, put together within the first layer that speaks of it,
// and which entry says it; nil if none does. The list is Unread if a facet does not tell its members.
func (s side) members(t inventory.Type, a *catalog.Attribute) (inventory.Value, *inventory.Entry) {
	if a.Ignore != "" || a.WriteOnly {
		return inventory.Unread, nil
	}
	for _, layer := range inventory.Layers() {
		if v, by := s.membersOf(layer, t, a); by != nil {
			return v, by
		}
	}
	return inventory.Unread, nil
}

func (s side) membersOf(layer inventory.Layer, t inventory.Type, a *catalog.Attribute) (inventory.Value, *inventory.Entry) {
	own, facets := inventory.Unread, []inventory.Value(nil)
	var host, facet *inventory.Entry
	spoken := false // the host's own declaration has the attribute, though it may not be read
	for _, e := range s {
		v, ok := e.CurrentAttribute(a.Name)
		says := ok || couldNotRead(e, a.Name)
		switch {
		case e.Type != t || layerOf(e) != layer:
		case !isFacet(e) && host == nil:
			own, host, spoken = v, e, says
		case isFacet(e) && says:
			facets, facet = append(facets, v), e
		}
	}
	if host != nil && !spoken && layer == inventory.LayerState {
		own = inventory.Null // a state tells all that it knows of the thing: that there are no members of its own
	}
	switch {
	case len(facets) == 0 && (!spoken || !own.IsRead() || isOpen(a, own)):
		return inventory.Unread, nil
	case len(facets) == 1 || host == nil && len(facets) > 0:
		return a.Merge(own, facets), facet
	}
	return a.Merge(own, facets), host
}

// held returns the value of an attribute that a side holds, also one that is left open.
func (s side) held(t inventory.Type, a *catalog.Attribute) (inventory.Value, *inventory.Entry) {
	if a.Members != catalog.MembersWhole {
		if v, by := s.members(t, a); by != nil {
			return v, by
		}
	}
	return s.value(t, a.Name)
}
