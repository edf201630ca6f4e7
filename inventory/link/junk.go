package link

import (
	"bytes"
	"slices"
	"strings"
)

// Values that firmware, installers and clerks write where there is no identifier. They are compared after normalisation.

var junkSerials = []string{
	"(NULLSTRING)", "0123456789", "1234567", "12345678", "123456789", "1234567890", "ASSET-1234567890", "ASSETTAG",
	"CHASSISSERIALNUMBER", "DEFAULTSTRING", "EMPTY", "EVAL", "IATPASS", "INVALID", "MB-1234567890", "N/A",
	"NOASSETINFORMATION", "NOASSETTAG", "NONE", "NOTAPPLICABLE", "NOTAVAILABLE", "NOTSPECIFIED", "NULL",
	"OEMDEFAULTSTRING", "OEM_SERIAL", "SERIALNUMBER", "SN-12345", "SYS-1234567890", "SYSTEMSERIALNUMB",
	"SYSTEMSERIALNUMBER", "TBD", "TOBEFILLEDBYO.E.M", "TOBEFILLEDBYO.E.M.", "UNKNOW", "UNKNOWN", "[REMOVED]",
}

// junkSerial reports whether a squeezed serial number names nothing: too short, one character over and over, only
// zeros and ones, or a placeholder.
func junkSerial(s string) bool {
	if len(s) < 3 || strings.Trim(s, s[:1]) == "" || strings.Trim(s, "01") == "" {
		return true
	}
	if strings.HasPrefix(s, "SERIALNUMBERXX") || strings.HasPrefix(s, "TOBEFILLED") {
		return true
	}
	_, found := slices.BinarySearch(junkSerials, s)
	return found
}

var junkUUIDs = []string{
	"00020003000400050006000700080009", "03000200040005000006000700080009",
	"03000200040005000600070008000900", "6ab5b300538d10149fb5b0684d007b53",
}

// junkUUID reports whether a UUID is one that many machines carry.
func junkUUID(u []byte) bool {
	if len(bytes.Trim(u, string(u[:1]))) == 0 {
		return true // all zeros, all ones, 01010101-…
	}
	return slices.Contains(junkUUIDs, hexText(u))
}

var junkMACs = []string{"005056c00001", "005056c00008"}

// junkMAC reports whether a MAC address is not burned into one network card: locally administered, multicast, all
// zeros, or one that VPN and virtualisation software gives to every machine.
func junkMAC(m []byte) bool {
	const multicast, local = 1, 2
	if m[0]&(multicast|local) != 0 || len(bytes.Trim(m, "\x00")) == 0 {
		return true
	}
	h := hexText(m)
	return strings.HasPrefix(h, "44455354") || h == "505054503030" || slices.Contains(junkMACs, h)
}

// junkDomain reports whether a domain name is given out again in every network: it names a host only inside one.
func junkDomain(s string) bool {
	if strings.HasPrefix(s, "localhost.") {
		return true
	}
	for _, suffix := range []string{".localdomain", ".compute.internal", ".ec2.internal"} {
		if strings.HasSuffix(s, suffix) {
			return true
		}
	}
	return false
}
