package resource

import (
	"net/netip"
	"net/url"
	"strings"

	"github.com/muster-audit/muster/inventory"
)

// partOfHolder says that a resource has no life of its own beside what its name says it is in: a table of a dataset.
func partOfHolder(s *Subject) {
	if holder := holderOf(s.Asset.Key); holder != "" {
		s.Relate(inventory.PartOf, holder)
	}
}

// madeByHolder says that what its name says it is in makes it, and need not be declared beside it: a version of a key.
func madeByHolder(s *Subject) {
	if holder := holderOf(s.Asset.Key); holder != "" {
		s.Relate(inventory.ManagedBy, holder)
	}
}

// holderOf is the name without its last collection and resource.
func holderOf(key string) string {
	segments := strings.Split(key, "/")
	if len(segments) < 7 { // "//service/projects/p/as/a/bs/b" has nine; of "//service/projects/p" and its like nothing is part
		return ""
	}
	return strings.Join(segments[:len(segments)-2], "/")
}

// identifyHost adds what a resource answers at: an address, with or without a port, or a name.
func (s *Subject) identifyHost(host string) {
	if ip, err := netip.ParseAddrPort(host); err == nil {
		host = ip.Addr().String()
	}
	name, _, _ := strings.Cut(host, ":")
	switch _, err := netip.ParseAddr(host); {
	case err == nil:
		s.identifyByRange(host)
	case strings.Contains(name, "."):
		s.Identify(inventory.FQDN, strings.TrimSuffix(name, "."))
	}
}

// identifyByRange adds an address that may be either, as private if it is of a private range.
func (s *Subject) identifyByRange(text string) {
	ip, err := netip.ParseAddr(text)
	switch {
	case err != nil:
	case ip.IsPrivate():
		s.Identify(inventory.PrivateIP, text)
	default:
		s.Identify(inventory.PublicIP, text)
	}
}

// identifyURL adds the host of a URL that no other resource has.
func (s *Subject) identifyURL(text string) {
	if u, err := url.Parse(text); err == nil && u.Host != "" {
		s.identifyHost(u.Hostname())
	}
}

// called gives the asset a name for people out of the first of the fields that is there, where its key tells a number.
func (s *Subject) called(fields ...string) {
	for _, f := range fields {
		if name := s.Data.Text(f); name != "" {
			s.Asset.Name = name
			return
		}
	}
}

// alsoNamed adds another name that the same resource goes by.
func (s *Subject) alsoNamed(reference string) {
	if name, ok := s.Name(reference); ok {
		s.Identify(inventory.SelfLink, name)
	}
}

// projectPath is the name of what the asset's project holds. It is empty where a part of it is.
func (s *Subject) projectPath(collection, id string) string {
	if s.Asset.Account == "" || id == "" {
		return ""
	}
	return "projects/" + s.Asset.Account + "/" + collection + "/" + id
}
