package resource

import (
	"strings"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
)

// googleName returns Google's full name of the instance, as the asset inventory writes it: of its self link, the row's template or
// its id, in this order. It is empty if none of them tells it.
func (v *view) googleName() string {
	for _, path := range []string{"self_link", v.row.ID} {
		if len(v.secret.of(path)) > 0 {
			return ""
		}
	}
	return firstName(v.row.CloudType, v.text("self_link"), v.place.render(v.row.FullName, v.text), v.text(v.row.ID))
}

// firstName returns the first of the spellings that is a name of a type's service.
func firstName(t inventory.Type, spellings ...string) string {
	for _, s := range spellings {
		if inventory.IsSecretHash(s) {
			continue
		}
		if name, ok := catalog.FullName(string(t), s, nil); ok {
			return name
		}
	}
	return ""
}

// googlePlace finds where an instance of Google Cloud is: by its attributes, and what they leave out by its name. Locations are
// in lower case, and what is global has no region.
func (v *view) googlePlace(p place) place {
	p.account = lastPart(v.first("project", "project_id"))
	location := v.first("zone", "location", "region")
	p.zone, p.region = "", lastPart(location)
	v.place = p // of which a template may be filled in
	name := catalog.NameParts(v.googleName())
	if p.account == "" && name.Project != "-" {
		p.account = name.Project
	}
	if location == "" {
		location = name.Location
	}
	p.region, p.zone = splitLocation(strings.ToLower(lastPart(location)))
	return p
}

// names returns the child's global name, what people call it and its identifiers. Google's name is that of a self link.
func (c child) names(row catalog.TerraformRow) (name string, ids []inventory.Identifier) {
	if row.Provider == "gcp" {
		return lastPart(c.id), []inventory.Identifier{{Kind: inventory.SelfLink, Value: c.key}}
	}
	return c.id, []inventory.Identifier{{Kind: inventory.ARN, Value: c.key}, {Kind: inventory.ResourceID, Value: c.id}}
}

// splitLocation returns the region and the zone of a location: a zone, a region, an area as "eu", or "global".
func splitLocation(location string) (region, zone string) {
	switch {
	case location == "global":
		return "", ""
	case strings.Count(location, "-") > 1: // europe-west1-b
		return regionOf(location), location
	}
	return location, ""
}
