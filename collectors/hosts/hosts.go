// Package hosts holds what the collectors of machines share: which of a machine's names recognise it, which texts stand for
// none, and how a configured path finds a tag or an attribute in what its owner wrote down.
package hosts

import (
	"net/netip"
	"strings"

	"github.com/muster-audit/muster/inventory"
)

// Types of machines.
const (
	TypeServer  inventory.Type = "datacenter/server"
	TypeVM      inventory.Type = "datacenter/vm"
	TypeNetwork inventory.Type = "datacenter/network"
	TypeOther   inventory.Type = "datacenter/other"
)

// Names collects the identifiers of one machine. What identifies nothing is left out.
type Names struct{ list []inventory.Identifier }

// Add adds an identifier unless it is a placeholder.
func (n *Names) Add(kind inventory.IdentifierKind, value string) {
	if value = Clean(value); value != "" {
		n.list = append(n.list, inventory.Identifier{Kind: kind, Value: value})
	}
}

// Host adds a name as FQDN or, without a domain, as host name. "localhost" and addresses are neither.
func (n *Names) Host(name string) {
	switch name = Clean(name); {
	case !isName(name) || isLocal(name):
	case IsFQDN(name):
		n.Add(inventory.FQDN, name)
	case !strings.Contains(name, "."):
		n.Add(inventory.Hostname, name)
	}
}

// Address adds an IP address, with or without the length of its network, as private or public; nothing if it is none.
func (n *Names) Address(text string) {
	a, ok := ParseAddress(text)
	switch {
	case !ok:
	case isPrivate(a):
		n.Add(inventory.PrivateIP, a.String())
	default:
		n.Add(inventory.PublicIP, a.String())
	}
}

// MAC adds a hardware address that is burned into one network card.
func (n *Names) MAC(text string) {
	if isPermanent(text) {
		n.Add(inventory.MAC, strings.ToLower(text))
	}
}

// Instance adds the id of a cloud instance, and the ARN of an EC2 instance whose account and region are known, by which it is
// recognised as what the cloud's own API reports.
func (n *Names) Instance(id, account, region string) {
	n.Add(inventory.InstanceID, id)
	if IsEC2ID(id) && isAccount(account) && region != "" {
		n.Add(inventory.ARN, "arn:"+partition(region)+":ec2:"+region+":"+account+":instance/"+id)
	}
}

// Sorted returns the identifiers, sorted and unique.
func (n *Names) Sorted() []inventory.Identifier { return inventory.SortIdentifiers(n.list) }

// Clean trims a text and returns "" for one that says that there is none: "NA", "Not Specified".
func Clean(s string) string {
	s = strings.TrimSpace(s)
	switch strings.ToLower(s) {
	case "na", "n/a", "none", "null", "(null)", "nil", "-", "--", "unknown", "undefined", "not specified", "not available", "not applicable",
		"not settable", "not present", "default string", "system serial number", "system product name", "system manufacturer",
		"no asset tag", "asset tag", "no asset information", "empty", "to be filled by o.e.m.", "to be filled by o.e.m":
		return ""
	}
	return s
}

// IsFQDN reports whether a name has a domain, and is neither an IP address nor the machine's name for itself.
func IsFQDN(s string) bool {
	s = strings.TrimSuffix(s, ".")
	last := s[strings.LastIndexByte(s, '.')+1:]
	return strings.Contains(s, ".") && isName(s) && !isLocal(s) && strings.Trim(last, "0123456789") != "" && !strings.Contains(s, "..")
}

// isLocal reports whether a name is what every machine calls itself.
func isLocal(s string) bool {
	s = strings.ToLower(s)
	return s == "localhost" || strings.HasPrefix(s, "localhost.") || strings.HasPrefix(s, "localhost4.") || strings.HasPrefix(s, "localhost6.")
}

// isName reports whether a text is made of what names are made of.
func isName(s string) bool {
	const most = 253
	if s == "" || len(s) > most || s[0] == '.' {
		return false
	}
	for _, c := range []byte(s) {
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		if !letter && (c < '0' || c > '9') && c != '-' && c != '_' && c != '.' {
			return false
		}
	}
	return true
}

// ParseAddress reads an IP address that a machine can be reached at from another one.
func ParseAddress(s string) (netip.Addr, bool) {
	s, _, _ = strings.Cut(strings.Trim(strings.TrimSpace(s), "[]"), "/")
	a, err := netip.ParseAddr(s)
	a = a.WithZone("").Unmap()
	return a, err == nil && !a.IsUnspecified() && !a.IsLoopback() && !a.IsLinkLocalUnicast() && !a.IsMulticast()
}

// isPrivate reports whether an address is meant for inside of a network only: RFC 1918, 4193 and 6598.
func isPrivate(a netip.Addr) bool {
	shared := netip.PrefixFrom(netip.AddrFrom4([4]byte{100, 64, 0, 0}), 10)
	return a.IsPrivate() || shared.Contains(a)
}

// isPermanent reports whether a text is a MAC address that a maker gave to one card: of Ethernet's length, neither multicast
// nor locally administered, and no virtual router's.
func isPermanent(s string) bool {
	const multicast, local = 1, 2
	digits := strings.ToLower(strings.NewReplacer(":", "", "-", "", ".", "").Replace(s))
	if len(digits) != 12 || strings.Trim(digits, "0123456789abcdef") != "" || strings.Trim(digits, "0") == "" || strings.HasPrefix(digits, "00005e") {
		return false
	}
	return hexDigit(digits[1])&(multicast|local) == 0
}

func hexDigit(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c - 'a' + 10
}

// IsEC2ID reports whether the text is the id of an EC2 instance: "i-" and 8 or 17 hexadecimal digits.
func IsEC2ID(s string) bool {
	hex, ok := strings.CutPrefix(s, "i-")
	return ok && (len(hex) == 8 || len(hex) == 17) && strings.Trim(hex, "0123456789abcdef") == ""
}

func isAccount(s string) bool {
	const digits = 12
	return len(s) == digits && strings.Trim(s, "0123456789") == ""
}

// partition is the part of AWS that a region belongs to.
func partition(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	}
	return "aws"
}
