package link

import (
	"bytes"
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
)

// Junk is a value, or a shape of values, that firmware, installers and clerks write where there is no identifier.
type Junk struct {
	Kind   inventory.IdentifierKind
	Value  string // normalised; a pattern in words if it starts with "("
	Reason string
}

// JunkTable lists what is ignored, sorted by kind and value. Texts are compared without white space and in upper case, UUIDs in both
// byte orders, and texts stand for serial numbers, asset tags, instance ids and native keys alike.
func JunkTable() []Junk {
	out := []Junk{
		{inventory.Serial, "(empty)", reasonEmpty},
		{inventory.Serial, "(fewer than three characters)", reasonShort},
		{inventory.Serial, "(one character over and over)", reasonRepeated},
		{inventory.Serial, "(only zeros and ones)", reasonBinary},
		{inventory.UUID, "(one byte over and over: all zeros, all F, 01010101-…)", reasonUUIDRepeated},
		{inventory.MAC, "(multicast bit)", reasonMACMulticast},
		{inventory.MAC, "(locally administered bit)", reasonMACLocal},
	}
	for _, e := range junkTexts {
		out = append(out, Junk{inventory.Serial, e.value, e.reason})
	}
	for _, e := range junkPrefixes {
		out = append(out, Junk{inventory.Serial, e.value + "*", e.reason})
	}
	for _, e := range junkUUIDs {
		out = append(out, Junk{inventory.UUID, e.value, e.reason})
	}
	for _, e := range junkMACs {
		value := e.value
		if len(value) < 12 {
			value += "*"
		}
		out = append(out, Junk{inventory.MAC, value, e.reason})
	}
	for _, e := range junkDomains {
		out = append(out, Junk{inventory.FQDN, "*" + e.value, e.reason})
	}
	slices.SortFunc(out, func(a, b Junk) int {
		return strings.Compare(string(a.Kind)+"\x00"+a.Value, string(b.Kind)+"\x00"+b.Value)
	})
	return out
}

// Reasons that hold for shapes of values.
const (
	reasonEmpty        = "nothing is there"
	reasonShort        = "too short to be unique"
	reasonRepeated     = "one character over and over"
	reasonBinary       = "only zeros and ones"
	reasonUUIDRepeated = "one byte over and over"
	reasonMACZero      = "all zeros: no address"
	reasonMACBroadcast = "the broadcast address"
	reasonMACMulticast = "a multicast address: no network card has one"
	reasonMACLocal     = "locally administered: software gave it out, and may give it out again"
	reasonNoUUID       = "not a UUID"
	reasonNoMAC        = "not a MAC address"
	reasonNoName       = "not an ARN, full resource name or self link"
	reasonNoFQDN       = "not a domain name of two labels or more"
)

// junkEntry is a value that means nothing, and why.
type junkEntry struct{ value, reason string }

const (
	reasonPlaceholder = "a placeholder of firmware"
	reasonTyped       = "a word for nothing"
	reasonSample      = "a sample number of firmware"
	reasonTool        = "what an inventory tool writes for nothing"
)

// junkTexts is sorted by value.
var junkTexts = []junkEntry{
	{"(NULLSTRING)", reasonTool},
	{"0123456789", reasonSample},
	{"1234567", reasonSample},
	{"12345678", reasonSample},
	{"123456789", reasonSample},
	{"1234567890", reasonSample},
	{"7783-7084-3265-9085-8269-3286-77", "the same on every Azure machine"},
	{"AMAZONEC2", "the same on every EC2 machine"},
	{"ASSET-1234567890", reasonSample},
	{"ASSETTAG", reasonPlaceholder},
	{"CHASSISSERIALNUMBER", reasonPlaceholder},
	{"DEFAULT", reasonPlaceholder},
	{"DEFAULTSTRING", reasonPlaceholder},
	{"EMPTY", reasonTyped},
	{"EVAL", reasonSample},
	{"IATPASS", reasonSample},
	{"INVALID", reasonTyped},
	{"MB-1234567890", reasonSample},
	{"N/A", reasonTyped},
	{"NIL", reasonTyped},
	{"NOASSETINFORMATION", reasonPlaceholder},
	{"NOASSETTAG", reasonPlaceholder},
	{"NONE", reasonTyped},
	{"NOTAPPLICABLE", reasonTyped},
	{"NOTAVAILABLE", reasonTyped},
	{"NOTSET", reasonTyped},
	{"NOTSPECIFIED", reasonPlaceholder},
	{"NULL", reasonTool},
	{"OEM_SERIAL", reasonPlaceholder},
	{"SERIAL", reasonPlaceholder},
	{"SERIALNUMBER", reasonPlaceholder},
	{"SN-12345", reasonSample},
	{"SYS-1234567890", reasonSample},
	{"SYSTEMSERIALNUMB", reasonPlaceholder},
	{"SYSTEMSERIALNUMBER", reasonPlaceholder},
	{"TBD", reasonTyped},
	{"UNDEFINED", reasonTyped},
	{"UNKNOW", reasonTyped},
	{"UNKNOWN", reasonTyped},
	{"[REMOVED]", reasonTool},
}

// junkPrefixes begin texts that mean nothing whatever follows.
var junkPrefixes = []junkEntry{
	{"OEMDEFAULTSTRING", reasonPlaceholder},
	{"SERIALNUMBERXX", reasonPlaceholder},
	{"TOBEFILLED", reasonPlaceholder},
}

// junkText returns why a squeezed serial number, asset tag or id names nothing, "" if it may name something.
func junkText(s string) string {
	switch {
	case s == "":
		return reasonEmpty
	case strings.Trim(s, s[:1]) == "":
		return reasonRepeated
	case len(s) < 3:
		return reasonShort
	case strings.Trim(s, "01") == "":
		return reasonBinary
	}
	if i, found := slices.BinarySearchFunc(junkTexts, s, func(e junkEntry, s string) int { return strings.Compare(e.value, s) }); found {
		return junkTexts[i].reason
	}
	for _, e := range junkPrefixes {
		if strings.HasPrefix(s, e.value) {
			return e.reason
		}
	}
	return ""
}

const reasonBoardUUID = "every board of some maker carries it"

var junkUUIDs = []junkEntry{
	{"00020003000400050006000700080009", reasonBoardUUID},
	{"03000200040005000006000700080009", reasonBoardUUID},
	{"03000200040005000600070008000900", reasonBoardUUID},
	{"6ab5b300538d10149fb5b0684d007b53", reasonBoardUUID},
}

// junkUUID returns why a UUID, in the byte order given, is one that many machines carry; "" if it is none.
func junkUUID(u []byte) string {
	if len(bytes.Trim(u, string(u[:1]))) == 0 {
		return reasonUUIDRepeated
	}
	if u[0] != 0 && u[0] != 3 && u[0] != 0x6a { // spares most the conversion
		return ""
	}
	text := hexText(u)
	for _, e := range junkUUIDs {
		if e.value == text {
			return e.reason
		}
	}
	return ""
}

// junkMACs are addresses and beginnings of addresses, in hex, that belong to no network card; the first that fits says
// why. What is locally administered stands here too where it can be said who administers it.
var junkMACs = []junkEntry{
	{"000000000000", reasonMACZero},
	{"0003ff", "the range of Microsoft Virtual PC"},
	{"000569", "the range of VMware, given out again by each host"},
	{"000c29", "the range of VMware, given out again by each host"},
	{"000f4b", "the range of Oracle VM"},
	{"00155d", "the range of Hyper-V, given out again by each host"},
	{"00163e", "the range of Xen, given out again by each host"},
	{"001851", "the range of Virtuozzo"},
	{"001c14", "the range of VMware, given out again by each host"},
	{"001c42", "the range of Parallels, given out again by each host"},
	{"0021f6", "the range of Oracle VM"},
	{"005056c00001", "VMware Workstation's own adapter on every machine"},
	{"005056c00008", "VMware Workstation's own adapter on every machine"},
	{"005056", "the range of VMware, given out again by each vCenter"},
	{"0242", "given to containers by Docker"},
	{"080027", "the range of VirtualBox, given out again by each host"},
	{"0a0027000000", "VirtualBox's own adapter on every machine"},
	{"33506f453030", "a WAN miniport, the same on every Windows machine"},
	{"444553540000", "a WAN miniport or VPN adapter, the same on every machine"},
	{"44455354", "a VPN adapter, the same on every machine"},
	{"505054503030", "a WAN miniport, the same on every Windows machine"},
	{"525400", "the range of QEMU, given out again by each host"},
	{"ffffffffffff", reasonMACBroadcast},
}

// junkMAC returns why a MAC address is not burned into one network card, "" if it may be.
func junkMAC(m []byte) string {
	var text [12]byte
	hexInto(text[:], m)
	for _, e := range junkMACs {
		if len(e.value) <= len(text) && string(text[:len(e.value)]) == e.value {
			return e.reason
		}
	}
	const multicast, local = 1, 2
	switch {
	case m[0]&multicast != 0:
		return reasonMACMulticast
	case m[0]&local != 0:
		return reasonMACLocal
	}
	return ""
}

const reasonEveryNetwork = "every network gives the name out again"

// junkDomains are ends of names.
var junkDomains = []junkEntry{
	{".compute.internal", reasonEveryNetwork},
	{".ec2.internal", reasonEveryNetwork},
	{".localdomain", reasonEveryNetwork},
}

// junkDomain returns why a domain name names a host only inside of one network, "" if it may name one.
func junkDomain(s string) string {
	if strings.HasPrefix(s, "localhost.") {
		return reasonEveryNetwork
	}
	for _, e := range junkDomains {
		if strings.HasSuffix(s, e.value) {
			return e.reason
		}
	}
	return ""
}
