package link

import (
	"bytes"
	"strings"

	"github.com/muster-audit/muster/inventory"
)

// uuid takes a UUID in any spelling. SMBIOS stores the first three fields little-endian, and half of the tools swap
// them: both orders have one form, the lesser. text is that part of the identifier which is the UUID.
func (n *normaliser) uuid(id *inventory.Identity, i inventory.Identifier, text string) {
	plain, ok := parseUUID(text)
	if !ok {
		n.ignore(i, reasonNoUUID)
		return
	}
	swapped := swapUUID(plain)
	for _, u := range [][]byte{plain, swapped} {
		if why := junkUUID(u); why != "" {
			n.ignore(i, why)
			return
		}
	}
	n.labelled = n.labelled || id.Book == inventory.Recorded
	lesser := plain
	if bytes.Compare(swapped, plain) < 0 {
		lesser = swapped
	}
	n.emit(byUUID, i.Value, hexText(lesser))
	n.decode(i, plain, swapped)
}

func parseUUID(v string) ([]byte, bool) {
	return parseHex(strings.TrimPrefix(strings.ToLower(v), "urn:uuid:"), uuidSize)
}

func swapUUID(u []byte) []byte {
	return []byte{u[3], u[2], u[1], u[0], u[5], u[4], u[7], u[6], u[8], u[9], u[10], u[11], u[12], u[13], u[14], u[15]}
}

// instanceUUID takes vCenter's id of a virtual machine, which nothing but vCenter writes, so that it has one byte order.
func (n *normaliser) instanceUUID(i inventory.Identifier) {
	u, ok := parseUUID(i.Value)
	if !ok {
		n.ignore(i, reasonNoUUID)
		return
	}
	if why := junkUUID(u); why != "" {
		n.ignore(i, why)
		return
	}
	n.emit(byInstanceUUID, i.Value, hexText(u))
}

// serial takes a serial number. Hypervisors write the machine's UUID there, and agents on EC2 the instance's id.
func (n *normaliser) serial(id *inventory.Identity, i inventory.Identifier) {
	s := squeeze(i.Value)
	if uuid, ok := serialUUID(s); ok {
		if u, ok := parseUUID(uuid); ok {
			n.tell(i, decoding{kind: inventory.UUID, value: hexText(u), note: "a hypervisor wrote the UUID there"})
		}
		n.uuid(id, i, uuid)
		return
	}
	if mayBeInstance(s) && isInstanceID(strings.ToLower(s)) {
		n.taggedInstance(id, i)
		return
	}
	if why := junkText(s); why != "" {
		n.ignore(i, why)
		return
	}
	n.labelled, n.addressed = true, true
	n.emit(bySerial, i.Value, s)
	if n.weak {
		n.emit(byChassis, i.Value, s)
	}
}

// serialUUID returns the UUID that a squeezed serial number of a virtual machine holds.
func serialUUID(s string) (string, bool) {
	for _, prefix := range []string{"VMWARE-", "VIRTUALBOX-"} {
		if rest, ok := strings.CutPrefix(s, prefix); ok {
			return rest, true
		}
	}
	const written, dashes = 36, 4
	if len(s) != written || strings.Count(s, "-") != dashes {
		return "", false
	}
	_, ok := parseHex(s, uuidSize)
	return s, ok
}

// mayBeInstance spares most texts in upper case the conversion.
func mayBeInstance(s string) bool { return strings.HasPrefix(s, "I-") || strings.HasPrefix(s, "MI-") }

// taggedInstance takes an instance id that stands in the place of something else.
func (n *normaliser) taggedInstance(id *inventory.Identity, i inventory.Identifier) {
	v := strings.ToLower(strings.Join(strings.Fields(i.Value), ""))
	n.tell(i, decoding{kind: inventory.InstanceID, value: v, note: "the firmware of the machine holds its instance id"})
	n.instance(id, i, v)
}

func (n *normaliser) assetTag(id *inventory.Identity, i inventory.Identifier) {
	s := squeeze(i.Value)
	if mayBeInstance(s) && isInstanceID(strings.ToLower(s)) {
		n.taggedInstance(id, i)
		return
	}
	if why := junkText(s); why != "" && why != reasonBinary { // people number their things 1001
		n.ignore(i, why)
		return
	}
	n.emit(byAssetTag, i.Value, s)
}

// squeeze upper-cases and drops all white space.
func squeeze(v string) string {
	if hasSpace(v) {
		v = strings.Join(strings.Fields(v), "")
	}
	return strings.ToUpper(v)
}

// hasSpace reports whether a text holds white space of ASCII or Latin-1.
func hasSpace(v string) bool {
	for i := range len(v) {
		switch c := v[i]; {
		case c == ' ' || c >= '\t' && c <= '\r':
			return true
		case c == 0xc2 && i+1 < len(v) && (v[i+1] == 0x85 || v[i+1] == 0xa0):
			return true
		}
	}
	return false
}

func (n *normaliser) mac(i inventory.Identifier) {
	m, ok := parseHex(i.Value, 6)
	if !ok {
		n.ignore(i, reasonNoMAC)
		return
	}
	if why := junkMAC(m); why != "" {
		n.ignore(i, why)
		return
	}
	n.labelled, n.addressed = true, true
	n.emit(byMAC, i.Value, hexText(m))
}
