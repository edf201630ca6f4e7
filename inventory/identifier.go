package inventory

import (
	"cmp"
	"slices"
)

// IdentifierKind says what sort of name an identifier is.
type IdentifierKind string

// The kinds of identifier. Package link says how strong each is.
const (
	ARN        IdentifierKind = "arn"
	ResourceID IdentifierKind = "resource-id" // provider's id that is unique for its type in account and region
	SelfLink   IdentifierKind = "self-link"   // Google full resource name
	InstanceID IdentifierKind = "instance-id" // i-0abc, a Google numeric id
	Serial     IdentifierKind = "serial"
	UUID       IdentifierKind = "uuid" // BIOS or instance UUID
	AssetTag   IdentifierKind = "asset-tag"
	FQDN       IdentifierKind = "fqdn"
	Hostname   IdentifierKind = "hostname"
	MAC        IdentifierKind = "mac"
	PrivateIP  IdentifierKind = "private-ip"
	PublicIP   IdentifierKind = "public-ip"

	// NativeKey is the thing's key in another system's books, with the system's name: "netbox:dcim.device/42". Registers
	// call it correlation id or source native key.
	NativeKey IdentifierKind = "native-key"
	// MoRef is a virtual machine's managed object reference, "vm-1042": a name within one vCenter only, so that it means
	// something together with VCenterUUID, the vCenter's own id (about.instanceUuid).
	MoRef       IdentifierKind = "moref"
	VCenterUUID IdentifierKind = "vcenter-uuid"
	// InstanceUUID is the id that vCenter gives a virtual machine (config.instanceUuid), as opposed to its BIOS UUID, which
	// clones keep.
	InstanceUUID IdentifierKind = "instance-uuid"
	// ChassisSerial is the serial number of an enclosure, which its nodes share; it suggests and never links.
	ChassisSerial IdentifierKind = "chassis-serial"
	// Vendor is who made the thing. It identifies nothing: serial numbers of two vendors are not the same one.
	Vendor IdentifierKind = "vendor"
)

// IdentifierKinds lists all kinds, strongest first; what says something only beside another kind comes last.
func IdentifierKinds() []IdentifierKind {
	return []IdentifierKind{
		ARN, SelfLink, NativeKey, InstanceID, MoRef, InstanceUUID, ResourceID, UUID, Serial, AssetTag, MAC, FQDN, Hostname,
		PrivateIP, PublicIP, ChassisSerial, VCenterUUID, Vendor,
	}
}

// Identifier is a typed name by which an asset can be recognised. Value is as the source wrote it, white space trimmed;
// package link normalises it.
type Identifier struct {
	Kind  IdentifierKind `json:"kind"`
	Value string         `json:"value"`
}

// SortIdentifiers sorts the identifiers in place and returns them without duplicates and empty values.
func SortIdentifiers(list []Identifier) []Identifier {
	slices.SortFunc(list, func(a, b Identifier) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Value, b.Value))
	})
	list = slices.DeleteFunc(list, func(i Identifier) bool { return i.Value == "" })
	return slices.Compact(list)
}

// RelationKind says how one asset stands to another.
type RelationKind string

// The kinds of relation, read as "this asset is … that one".
const (
	AttachedTo RelationKind = "attached-to" // a volume to an instance; goes on without it
	MemberOf   RelationKind = "member-of"   // an instance of an auto-scaling group, a node group of a cluster
	ManagedBy  RelationKind = "managed-by"  // made and changed by the other: a stack, a group, a controller
	PartOf     RelationKind = "part-of"     // has no life of its own: a rule of a security group
	SharedFrom RelationKind = "shared-from" // owned by the other account
	SnapshotOf RelationKind = "snapshot-of"
	// UsedBy is for what serves the other and stays when that goes, as a reserved address: it does not belong to it.
	UsedBy RelationKind = "used-by"
	// FacetOf is for a declaration that sets one side of the other and is not it, as the versioning of a bucket. It has the
	// other's type and identifiers, and no existence of its own.
	FacetOf RelationKind = "facet-of"
)

// Relation points from an asset to the key of another asset of the same book, which may not be in the store.
type Relation struct {
	Kind RelationKind `json:"kind"`
	Key  string       `json:"key"`
}

// FacetOf returns the key or id of the asset that this one is a facet of; empty if it is an asset itself.
func (a *Asset) FacetOf() string {
	for _, r := range a.Relations {
		if r.Kind == FacetOf {
			return r.Key
		}
	}
	return ""
}

// SortRelations sorts the relations in place and returns them without duplicates and empty keys.
func SortRelations(list []Relation) []Relation {
	slices.SortFunc(list, func(a, b Relation) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Key, b.Key))
	})
	list = slices.DeleteFunc(list, func(r Relation) bool { return r.Key == "" })
	return slices.Compact(list)
}
