package link

import "github.com/muster-audit/muster/inventory"

// rank is the strength of a way of recognising an asset, 0 the strongest.
type rank uint8

const (
	byName        rank = iota // ARN or Google full resource name, as identifier or key
	byDeclaration             // lineage, type and address of a declaration: state, plan and source of one resource
	byInstanceID
	byResourceID
	byUUID
	bySerial
	byAssetTag
	byMAC
	byFQDN
	byLabel // short host name: supports a MAC, and suggests; never links
	byIP    // suggests
)

// lastLinking is the weakest rank that can join two entities.
const lastLinking = byFQDN

// Rule names what two assets were recognised by: an identifier kind, or RuleDeclaration.
type Rule string

// RuleDeclaration joins the state, the plan and the source of one declared resource: one lineage, type and address.
const RuleDeclaration Rule = "declaration"

func (r rank) rule() Rule {
	return [...]Rule{
		"arn", RuleDeclaration, Rule(inventory.InstanceID), Rule(inventory.ResourceID), Rule(inventory.UUID),
		Rule(inventory.Serial), Rule(inventory.AssetTag), Rule(inventory.MAC), Rule(inventory.FQDN),
		Rule(inventory.Hostname), "ip",
	}[r]
}

// vetoesOn reports whether two entities that differ in identifiers of this rank are two things, even if they share one of
// rank on. What shares a declaration must not differ in any identifier of its own: a copy of a state from before the thing
// was replaced has the same address.
func (r rank) vetoesOn(on rank) bool {
	if on == byDeclaration {
		return r != on && r <= bySerial
	}
	return r < on && (r == byName || r == byInstanceID || r == byUUID || r == bySerial)
}

// withinSource reports whether two assets of one source may be joined on this rank.
func (r rank) withinSource() bool { return r <= byDeclaration }

// tellsFacets reports whether rows of one register that have different types and share an identifier of this rank are one
// thing seen from two sides: a virtual machine as the server that it is for its guest and as the instance of its host.
func (r rank) tellsFacets() bool { return r == byInstanceID || r == byUUID }
