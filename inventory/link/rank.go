package link

import "github.com/muster-audit/muster/inventory"

// rank is the strength of a way of recognising an asset, 0 the strongest. At most 16 ranks can be held: see makeTag.
type rank uint8

const (
	byName         rank = iota // ARN or Google full resource name, as identifier or key
	byDeclaration              // lineage, type and address of a declaration: state, plan and source of one resource
	byNativeKey                // key in another system's books, given by both
	byInstanceID               // a cloud's own id of a machine
	byVSphere                  // vCenter and managed object reference
	byInstanceUUID             // vCenter's own id of a virtual machine
	byResourceID
	byUUID
	bySerial
	byAssetTag
	byDecoded // what vendors pack into UUIDs: evidence that needs a name or an address beside it
	byMAC
	byFQDN
	byLabel  // short host name: supports weak identifiers, and suggests; never links
	byIP     // the same of addresses
	byVendor // qualifies serial numbers

	// What follows is never held: it is looked at for one asset at a time.
	byChassis // suggests
	byFacet   // two rows of one register with one FQDN and address: see facets.go
)

// lastLinking is the weakest rank that can join two entities by an identifier.
const lastLinking = byFQDN

// Rule names what two assets were recognised by: an identifier kind, or one of the rules below.
type Rule string

// Rules that are no kinds of identifier.
const (
	// RuleDeclaration joins the state, the plan and the source of one declared resource: one lineage, type and address.
	RuleDeclaration Rule = "declaration"
	// RuleVSphere joins by a managed object reference within one vCenter.
	RuleVSphere Rule = "vcenter-moref"
	// RuleDecoded joins by a serial number or MAC address that one side packs into a UUID, with a name or an address.
	RuleDecoded Rule = "decoded"
	// RuleFacet joins the two rows that a register has of one virtual machine: as the host's instance, and as the guest's server.
	RuleFacet Rule = "fqdn+ip"
	// RuleFacetOf joins a declaration of one side of an asset, as the versioning of a bucket, with the asset whose key it names.
	RuleFacetOf Rule = "facet-of"
	// RuleSerialName joins by a serial number that several share, with the short host name.
	RuleSerialName Rule = "serial+hostname"
)

func (r rank) rule() Rule {
	return [...]Rule{
		"arn", RuleDeclaration, Rule(inventory.NativeKey), Rule(inventory.InstanceID), RuleVSphere, Rule(inventory.InstanceUUID),
		Rule(inventory.ResourceID), Rule(inventory.UUID), Rule(inventory.Serial), Rule(inventory.AssetTag), RuleDecoded,
		Rule(inventory.MAC), Rule(inventory.FQDN), Rule(inventory.Hostname), "ip", Rule(inventory.Vendor),
		Rule(inventory.ChassisSerial), RuleFacet,
	}[r]
}

// vetoes reports whether identifiers of this rank can keep two entities apart: each thing has one.
func (r rank) vetoes() bool {
	switch r {
	case byName, byInstanceID, byVSphere, byInstanceUUID, byUUID, bySerial:
		return true
	}
	return false
}

// vetoesOn reports whether two entities that differ in identifiers of this rank are two things, even if they share one of
// rank on. What shares a declaration must not differ in any identifier of its own: a copy of a state from before the thing
// was replaced has the same address. A key in another system outranks what hardware says, but not the ids that a provider
// gives out: a register's correlation id often outlives the machine.
func (r rank) vetoesOn(on rank) bool {
	switch on {
	case byDeclaration:
		return r.vetoes()
	case byNativeKey:
		return r.vetoes() && r < byUUID
	}
	return r < on && r.vetoes()
}

// withinSource reports whether two assets of one source may be joined on this rank.
func (r rank) withinSource() bool { return r <= byDeclaration }

// tellsFacets reports whether two rows of one register that share an identifier of this rank can be one thing seen from
// two sides: see facets.go.
func (r rank) tellsFacets() bool {
	switch r {
	case byNativeKey, byInstanceID, byVSphere, byInstanceUUID, byUUID, byFacet:
		return true
	}
	return false
}

// needsSupport reports whether two entities that share an identifier of this rank must share a name or an address as well.
func (r rank) needsSupport() bool { return r == byDecoded || r == byMAC }
