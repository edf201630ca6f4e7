package link

import (
	"net/netip"
	"slices"
	"strings"
	"unicode"

	"github.com/muster-audit/muster/inventory"
)

func (n *normaliser) fqdn(i inventory.Identifier) {
	s := strings.TrimRight(strings.ToLower(i.Value), ".")
	if why := noDomainName(s); why != "" {
		n.ignore(i, why)
		return
	}
	n.addressed = true
	n.emit(byFQDN, i.Value, s)
}

// noDomainName returns why a name cannot be unique, "" if it can.
func noDomainName(s string) string {
	if !strings.Contains(s, ".") || !isName(s) {
		return reasonNoFQDN
	}
	if _, err := netip.ParseAddr(s); err == nil {
		return reasonNoFQDN
	}
	return junkDomain(s)
}

// labels yields the short names of the identity: of its host names and FQDNs, and its own if it is a host's. Buckets and
// roles have names too. Of a row nobody knows what it is until it is linked, so that its name counts.
func (n *normaliser) labels(id *inventory.Identity) {
	if id.Book == inventory.Recorded || isHost(id) {
		n.label(id.Name)
	}
	for _, i := range id.Identifiers {
		if i.Kind == inventory.Hostname || i.Kind == inventory.FQDN {
			n.label(i.Value)
		}
	}
}

func isHost(id *inventory.Identity) bool {
	return slices.ContainsFunc(id.Identifiers, func(i inventory.Identifier) bool {
		switch i.Kind {
		case inventory.ARN, inventory.SelfLink, inventory.ResourceID, inventory.NativeKey:
			return false
		}
		return true
	})
}

func (n *normaliser) label(v string) {
	name := strings.ToLower(strings.TrimSpace(v))
	s, _, _ := strings.Cut(name, ".")
	if junkDomain(name) == "" && len(s) >= 2 && s != "localhost" && isName(s) {
		n.emit(byLabel, v, s)
	}
}

// isName reports whether nothing in a text keeps it from being a name of the domain name system.
func isName(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r == '/' || r == ':' || unicode.IsSpace(r) })
}

// addresses yields the addresses of the identity that name one machine in its network.
func (n *normaliser) addresses(id *inventory.Identity) {
	for _, i := range id.Identifiers {
		if i.Kind != inventory.PrivateIP && i.Kind != inventory.PublicIP {
			continue
		}
		a, err := netip.ParseAddr(strings.TrimSpace(i.Value))
		switch {
		case err != nil:
			n.ignore(i, "not an address")
		case a.IsLoopback() || a.IsLinkLocalUnicast() || a.IsUnspecified():
			n.ignore(i, "every machine has such an address")
		default:
			n.address(i.Value, a.Unmap())
		}
	}
}

func (n *normaliser) address(raw string, a netip.Addr) {
	n.buf = a.AppendTo(n.buf[:0])
	n.yield(form{byIP, byIP, n.buf, raw})
}
