package cmdb

import (
	"bytes"
	"cmp"
	"net/netip"
	"strings"

	"github.com/muster-audit/muster/inventory"
)

// identifierField says which kind of identifier a field holds.
type identifierField struct {
	field field
	kind  inventory.IdentifierKind
	many  bool // a cell may hold several
}

// identifierColumn is the column of one in a file.
type identifierColumn struct {
	identifierField
	column int
}

// identifierFields lists them in the order of their kinds, so that most rows need no sorting.
func identifierFields() [14]identifierField {
	return [...]identifierField{
		{fieldAssetTag, inventory.AssetTag, false},
		{fieldChassisSerial, inventory.ChassisSerial, false},
		{fieldFQDN, inventory.FQDN, false},
		{fieldHostname, inventory.Hostname, false},
		{fieldInstanceID, inventory.InstanceID, false},
		{fieldInstanceUUID, inventory.InstanceUUID, false},
		{fieldMAC, inventory.MAC, true},
		{fieldMoRef, inventory.MoRef, false},
		{fieldNativeKey, inventory.NativeKey, false},
		{fieldIP, inventory.PrivateIP, true},
		{fieldSerial, inventory.Serial, false},
		{fieldUUID, inventory.UUID, false},
		{fieldVCenterUUID, inventory.VCenterUUID, false},
		{fieldVendor, inventory.Vendor, false},
	}
}

// compareIdentifiers orders by kind and value; equal ones count as out of order, so that sorting drops one.
func compareIdentifiers(a, b inventory.Identifier) int {
	if a == b {
		return -1
	}
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Value, b.Value))
}

// identify appends what a cell holds, if it can be trusted.
func (b *builder) identify(t *texts, i *identifierField, cell string) {
	if cell == "" {
		return
	}
	switch i.field {
	case fieldSerial, fieldAssetTag:
		if rounded(cell) || b.keys.doubtful(i.field, cell) != nil {
			return
		}
	case fieldChassisSerial:
		if junkSerial([]byte(cell)) || rounded(cell) {
			return
		}
	case fieldUUID, fieldInstanceUUID, fieldVCenterUUID:
		if rounded(cell) {
			return
		}
	case fieldInstanceID:
		kind := b.instanceKind([]byte(cell))
		if kind == "" {
			return
		}
		i = &identifierField{i.field, kind, false}
	case fieldNativeKey:
		cell = b.nativeKey(t, cell)
	case fieldVendor:
		if isSysID([]byte(cell)) { // of a record with a name, which is not there
			return
		}
	}
	b.chunk = appendIdentifiers(b.chunk, i, cell)
}

// instanceKind says what a cell of instance ids holds; nothing that identifies, if empty. ServiceNow keeps ARNs in this column too,
// and references that mean something within one vCenter alone.
func (b *builder) instanceKind(cell []byte) inventory.IdentifierKind {
	switch {
	case rounded(cell):
		return ""
	case isMoRef(cell):
		return inventory.MoRef
	case isARN(cell):
		return inventory.ARN
	case b.base != nil && !b.base.Generic && !isCloudID(cell):
		return ""
	}
	return inventory.InstanceID
}

// nativeKey is a key in another system's books with the name of that system, where a column tells it; a name that holds for the whole
// world needs none.
func (b *builder) nativeKey(t *texts, cell string) string {
	if placeholderText(cell) || rounded(cell) {
		return ""
	}
	system := t.cell(b.fields[fieldNativeSystem])
	if b.base != nil {
		system = b.base.Systems.Name(system)
	}
	if placeholderText(system) || isSysID([]byte(system)) || isARN([]byte(cell)) || strings.HasPrefix(cell, "//") {
		return cell
	}
	return strings.ToLower(system) + ":" + cell
}

// appendIdentifiers appends what a cell holds.
func appendIdentifiers(list []inventory.Identifier, i *identifierField, cell string) []inventory.Identifier {
	if cell == "" {
		return list
	}
	if !i.many || !strings.ContainsAny(cell, ",;|\n ") {
		return appendIdentifier(list, i, cell)
	}
	separators := ",;|\n"
	if i.field == fieldIP {
		separators += " " // the parts of a MAC address may stand apart, those of an IP address may not
	}
	for part := range strings.FieldsFuncSeq(cell, func(r rune) bool { return strings.ContainsRune(separators, r) }) {
		list = appendIdentifier(list, i, strings.TrimFunc(part, isBlank))
	}
	return list
}

func appendIdentifier(list []inventory.Identifier, i *identifierField, value string) []inventory.Identifier {
	if placeholderText(value) || failedCell([]byte(value)) || repeats(i.field, []byte(value)) {
		return list
	}
	kind := i.kind
	if i.field == fieldIP {
		address, ok := parseIP(value)
		if !ok {
			return list
		}
		if !isPrivate(address) {
			kind = inventory.PublicIP
		}
		value, _, _ = strings.Cut(value, "/")
	}
	return append(list, inventory.Identifier{Kind: kind, Value: value})
}

// appendHost appends what a cell holds that has a host name, with or without its domain, or an address.
func appendHost(list []inventory.Identifier, cell string) []inventory.Identifier {
	i := identifierField{fieldHostname, inventory.Hostname, false}
	if _, ok := parseIP(cell); ok {
		i = identifierField{fieldIP, inventory.PrivateIP, false}
	} else if strings.Contains(cell, ".") {
		i = identifierField{fieldFQDN, inventory.FQDN, false}
	}
	return appendIdentifier(list, &i, cell)
}

// identifies says which kind of identifier a field holds.
func identifies(f field) (identifierField, bool) {
	for _, i := range identifierFields() {
		if i.field == f {
			return i, true
		}
	}
	return identifierField{}, false
}

// isCloudID reports whether a text is an id that a cloud gives to an instance: EC2's, the digits of Compute Engine's, or a path
// of Azure's. Registers keep ids in the same column that are unique in one vCenter only.
func isCloudID(b []byte) bool {
	if isEC2ID(b) || len(b) > 15 && allDigits(b) {
		return true
	}
	s := strings.ToLower(string(b))
	return strings.HasPrefix(s, "/subscriptions/") || strings.HasPrefix(s, "projects/")
}

// isMoRef reports whether a text is vSphere's reference to a virtual machine: "vm-1042".
func isMoRef(b []byte) bool { return len(b) > 3 && string(b[:3]) == "vm-" && allDigits(b[3:]) }

// isARN reports whether a text has the parts of an ARN.
func isARN(b []byte) bool {
	return len(b) > 4 && string(b[:4]) == "arn:" && bytes.Count(b, []byte(":")) > 4
}

// parseIP accepts an address with or without the length of its network.
func parseIP(s string) (netip.Addr, bool) {
	s, _, _ = strings.Cut(s, "/")
	a, err := netip.ParseAddr(s)
	return a, err == nil && !a.IsUnspecified() && !a.IsLoopback()
}

// isPrivate reports whether an address is meant for inside of a network only: RFC 1918, 4193, 3927 and 6598.
func isPrivate(a netip.Addr) bool {
	a = a.Unmap()
	if a.IsPrivate() || a.IsLinkLocalUnicast() {
		return true
	}
	if !a.Is4() {
		return false
	}
	b := a.As4()
	return b[0] == 100 && b[1]&0xc0 == 64
}

// isEC2ID reports whether the text is the id of an EC2 instance: "i-" and 8 to 17 hexadecimal digits.
func isEC2ID(b []byte) bool {
	if len(b) < 10 || len(b) > 19 || b[0] != 'i' || b[1] != '-' {
		return false
	}
	for _, c := range b[2:] {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}
