package resource

import (
	"strings"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
)

// host is an asset of which an instance sets one side.
type host struct {
	id   string // as the instance calls it; empty if it does not tell
	name string // the global name; empty if not all of it is known
	key  string // what the relation names
}

// hosts returns the assets of which the instance is a facet, none if it is none or does not tell of what. locate must have been called.
func (v *view) hosts() []host {
	if !v.row.Folds() || v.in.Legacy || !v.in.Attributes.Present {
		return nil
	}
	x, _ := catalog.At(v.get, v.row.Host.Path)
	items, isList := x.([]any)
	if !isList {
		items = []any{x}
	}
	var list []host
	for _, item := range items {
		if id := scalarText(item); id != "" && !inventory.IsSecretHash(id) {
			list = append(list, v.host(id))
		} else if v.in.Host != "" && !isList {
			list = append(list, host{key: v.in.Host})
		}
	}
	return list
}

// facetARN returns an ARN that tells where the host of a facet is, though it may not be the host's own; "" if there is none.
func (v *view) facetARN() string {
	if !v.row.Folds() {
		return ""
	}
	for _, path := range []string{v.row.Host.Path, v.row.ARN} {
		if s := v.text(path); strings.HasPrefix(s, "arn:") {
			return s
		}
	}
	return ""
}

func (v *view) host(id string) host {
	h := host{id: id}
	if _, isARN := catalog.ParseARN(id); isARN {
		h.name = canonicalARN(id)
	} else {
		h.name = v.place.render(v.row.Host.Name, func(path string) string {
			switch path {
			case "host":
				return id
			case "host_name":
				return lastPart(id)
			}
			return v.text(path)
		})
	}
	if v.row.Provider == "gcp" {
		h.name = firstName(v.row.Host.Type, h.name, id)
	}
	h.key = h.name
	if h.key == "" {
		h.key = id
	}
	return h
}

// emitFacets hands over one side of each host.
func (e *Emitter) emitFacets(v *view, hosts []host) error {
	origin := e.origin(v)
	row, _ := e.catalog.Type(v.row.Host.Type)
	attributes := v.facetAttributes(row)
	for _, h := range hosts {
		a := h.facet(v, attributes)
		a.Origin = origin
		if len(hosts) > 1 {
			a.Origin.Address += "#" + v.row.Host.Path + "[" + quote(h.id) + "]"
		}
		a.Key = e.place.File + "#" + a.Origin.Address
		if !e.names.claim(a.Key) {
			continue // the same host twice in one list
		}
		if err := e.out.Asset(a); err != nil {
			return err
		}
	}
	return nil
}

// facet makes the asset of one side of a host, all but its key and its origin.
func (h host) facet(v *view, attributes []inventory.Attribute) inventory.Asset {
	a := inventory.Asset{
		Book: inventory.Declared, Type: v.row.Host.Type, Name: lastPart(h.id),
		Account: v.place.account, Region: v.place.region, Zone: v.place.zone,
		Lifecycle: v.in.Lifecycle, Tags: inventory.NotTaggable(), Attributes: inventory.KnownAttributes(attributes...),
		Identifiers: readable(h.identifiers(v.row)),
		Relations:   inventory.SortRelations([]inventory.Relation{{Kind: inventory.FacetOf, Key: h.key}}),
	}
	if v.in.Deposed != "" {
		a.Lifecycle = inventory.LifecycleRetiring
	}
	if p := placeOf(h.name); p.account != "" {
		a.Account = p.account
	}
	return a
}

func (h host) identifiers(row catalog.TerraformRow) []inventory.Identifier {
	if row.Provider == "gcp" {
		return []inventory.Identifier{{Kind: inventory.SelfLink, Value: h.name}}
	}
	list := []inventory.Identifier{{Kind: inventory.ARN, Value: h.name}}
	if strings.HasPrefix(h.id, "arn:") {
		return list
	}
	return append(list, inventory.Identifier{Kind: row.Host.Identifier, Value: h.id})
}

// facetAttributes makes what a facet sets. Of a list to which it adds members it says nothing if there are none, and that nobody
// knows the whole list if its own members are not known.
func (v *view) facetAttributes(row catalog.Row) []inventory.Attribute {
	known := v.mapped(v.row.Attributes, v.get)
	out := known[:0]
	said := map[string]bool{}
	for _, a := range known {
		said[a.Name] = true
		if shared(row, a.Name) && a.Value == inventory.Null {
			continue
		}
		out = append(out, a)
	}
	for _, m := range v.row.Attributes {
		if !said[m.Name] && shared(row, m.Name) {
			out = append(out, inventory.Attribute{Name: m.Name, Value: inventory.Unread})
		}
	}
	return out
}

// shared reports whether an attribute is a list of which several declare members.
func shared(row catalog.Row, name string) bool {
	a, ok := row.Attribute(name)
	return ok && a.Members != catalog.MembersWhole
}
