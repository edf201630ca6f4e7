package link

import (
	"bytes"
	"net/netip"
	"slices"
	"strings"
	"unicode"

	"github.com/muster-audit/muster/inventory"
)

// form is an identifier as it is compared: its rank, and its text after normalisation. The text is valid only during
// the call that hands it out.
type form struct {
	rank rank
	text []byte
}

// normaliser turns what sources write into forms. It reuses its buffer and belongs to one goroutine.
type normaliser struct {
	buf   []byte
	yield func(form)
	// weak makes it yield the forms that only suggest, too.
	weak bool
}

// forms yields every form of the identity. One form may come more than once.
func (n *normaliser) forms(id *inventory.Identity) {
	if isGlobalName(id.Key) {
		n.name(id.Key)
	}
	if id.Book == inventory.Declared && id.Lineage != "" && id.Address != "" && id.Lifecycle != inventory.LifecycleRetiring {
		n.emit(byDeclaration, id.Lineage, "\x00", string(id.Type), "\x00", id.Address)
	}
	needLabels := n.weak
	for _, i := range id.Identifiers {
		n.identifier(id, i)
		needLabels = needLabels || needsLabel(id, i.Kind)
	}
	if needLabels {
		n.labels(id)
	}
}

// needsLabel reports whether an identifier is judged together with the name of what bears it.
func needsLabel(id *inventory.Identity, k inventory.IdentifierKind) bool {
	return k == inventory.MAC || k == inventory.Serial || k == inventory.UUID && id.Book == inventory.Recorded
}

func (n *normaliser) identifier(id *inventory.Identity, i inventory.Identifier) {
	v := strings.TrimSpace(i.Value)
	if v == "" {
		return
	}
	switch i.Kind {
	case inventory.ARN, inventory.SelfLink:
		n.name(v)
	case inventory.InstanceID:
		n.instance(v)
	case inventory.ResourceID:
		if id.Account != "" {
			n.emit(byResourceID, string(id.Type), "\x00", id.Account, "\x00", id.Region, "\x00", v)
		}
	case inventory.UUID:
		n.uuid(v)
	case inventory.Serial:
		n.serial(v)
	case inventory.AssetTag:
		n.assetTag(v)
	case inventory.MAC:
		n.mac(v)
	case inventory.FQDN:
		n.fqdn(v)
	case inventory.PrivateIP, inventory.PublicIP:
		n.ip(v)
	}
}

func (n *normaliser) emit(r rank, parts ...string) {
	n.buf = n.buf[:0]
	for _, p := range parts {
		n.buf = append(n.buf, p...)
	}
	if len(n.buf) > 0 {
		n.yield(form{r, n.buf})
	}
}

// isGlobalName reports whether a key is a name that its provider gives out once in the world.
func isGlobalName(key string) bool {
	return strings.HasPrefix(key, "arn:") || strings.HasPrefix(key, "//") || isGoogleURL(key)
}

func isGoogleURL(s string) bool {
	rest, ok := strings.CutPrefix(s, "https://")
	if !ok {
		return false
	}
	host, _, ok := strings.Cut(rest, "/")
	return ok && strings.HasSuffix(host, ".googleapis.com")
}

// name takes an ARN, a Google full resource name or a Google self link.
func (n *normaliser) name(v string) {
	if isGoogleURL(v) {
		v = fullResourceName(v)
	}
	v = strings.TrimSuffix(v, ":*") // the ARN of a log group, as some calls spell it
	if !strings.HasPrefix(v, "arn:") && !strings.HasPrefix(v, "//") {
		return
	}
	n.emit(byName, v)
	if _, id, ok := strings.Cut(v, ":instance/"); ok && strings.Contains(v, ":ec2:") {
		n.instance(id)
	}
}

// fullResourceName turns a Google self link into the full resource name of the same resource: host and API version say
// how it was asked for and not what it is.
func fullResourceName(link string) string {
	host, path, _ := strings.Cut(strings.TrimPrefix(link, "https://"), "/")
	service := strings.TrimSuffix(host, ".googleapis.com")
	first, rest, ok := strings.Cut(path, "/")
	if ok && !isAPIVersion(first) { // www.googleapis.com/compute/v1/… and compute.googleapis.com/compute/v1/…
		if version, tail, ok := strings.Cut(rest, "/"); ok && isAPIVersion(version) {
			service, rest = first, tail
		} else {
			rest = path
		}
	}
	if service == "storage" {
		rest = strings.TrimPrefix(rest, "b/")
	}
	return "//" + service + ".googleapis.com/" + rest
}

func isAPIVersion(s string) bool {
	return s == "alpha" || s == "beta" || len(s) >= 2 && s[0] == 'v' && s[1] >= '0' && s[1] <= '9'
}

func (n *normaliser) instance(v string) { n.emit(byInstanceID, strings.ToLower(v)) }

// isInstanceID reports whether the text can only be an EC2 instance id. Nitro machines report theirs as asset tag.
func isInstanceID(v string) bool {
	hex, ok := strings.CutPrefix(v, "i-")
	return ok && (len(hex) == 8 || len(hex) == 17) && strings.Trim(hex, "0123456789abcdef") == ""
}

// uuid takes a UUID in any spelling. SMBIOS stores the first three fields little-endian, and half of the tools swap
// them: both orders have one form, the lesser.
func (n *normaliser) uuid(v string) {
	plain, ok := parseHex(strings.TrimPrefix(strings.ToLower(v), "urn:uuid:"), 16)
	if !ok {
		return
	}
	swapped := swapUUID(plain)
	if junkUUID(plain) || junkUUID(swapped) {
		return
	}
	if bytes.Compare(swapped, plain) < 0 {
		plain = swapped
	}
	n.emit(byUUID, hexText(plain))
}

func swapUUID(u []byte) []byte {
	return []byte{u[3], u[2], u[1], u[0], u[5], u[4], u[7], u[6], u[8], u[9], u[10], u[11], u[12], u[13], u[14], u[15]}
}

// serial takes a serial number. Hypervisors write the machine's UUID there.
func (n *normaliser) serial(v string) {
	s := squeeze(v)
	for _, prefix := range []string{"VMWARE-", "VIRTUALBOX-"} {
		if rest, ok := strings.CutPrefix(s, prefix); ok {
			n.uuid(rest)
			return
		}
	}
	if !junkSerial(s) {
		n.emit(bySerial, s)
	}
}

func (n *normaliser) assetTag(v string) {
	if isInstanceID(v) {
		n.instance(v)
		return
	}
	if s := squeeze(v); len(s) >= 3 && !junkSerial(s) {
		n.emit(byAssetTag, s)
	}
}

// squeeze upper-cases and drops all white space.
func squeeze(v string) string { return strings.ToUpper(strings.Join(strings.Fields(v), "")) }

func (n *normaliser) mac(v string) {
	if m, ok := parseHex(v, 6); ok && !junkMAC(m) {
		n.emit(byMAC, hexText(m))
	}
}

func (n *normaliser) fqdn(v string) {
	if s, ok := domainName(v); ok {
		n.emit(byFQDN, s)
	}
}

// domainName returns the lower-case name without trailing dot, if it can be unique.
func domainName(v string) (string, bool) {
	s := strings.TrimRight(strings.ToLower(strings.TrimSpace(v)), ".")
	if !strings.Contains(s, ".") || !isName(s) || junkDomain(s) {
		return "", false
	}
	if _, err := netip.ParseAddr(s); err == nil {
		return "", false
	}
	return s, true
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
		case inventory.ARN, inventory.SelfLink, inventory.ResourceID:
			return false
		}
		return true
	})
}

func (n *normaliser) label(v string) {
	s, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(v)), ".")
	if len(s) >= 2 && s != "localhost" && isName(s) {
		n.emit(byLabel, s)
	}
}

// isName reports whether nothing in a text keeps it from being a name of the domain name system.
func isName(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r == '/' || r == ':' || unicode.IsSpace(r) })
}

func (n *normaliser) ip(v string) {
	if !n.weak {
		return
	}
	a, err := netip.ParseAddr(v)
	if err == nil && !a.IsLoopback() && !a.IsLinkLocalUnicast() && !a.IsUnspecified() {
		n.emit(byIP, a.Unmap().String())
	}
}

// parseHex reads exactly size bytes of hex digits, between which separators may stand.
func parseHex(v string, size int) ([]byte, bool) {
	out := make([]byte, 0, 16)
	digits := 0
	for i := range len(v) {
		d, ok := hexDigit(v[i])
		if !ok {
			if strings.IndexByte(" -:.{}", v[i]) < 0 {
				return nil, false
			}
			continue
		}
		if digits == 2*size {
			return nil, false
		}
		if digits%2 == 0 {
			out = append(out, d<<4)
		} else {
			out[len(out)-1] |= d
		}
		digits++
	}
	return out, digits == 2*size
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10, true
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}

func hexText(b []byte) string {
	const digits = "0123456789abcdef"
	var out [32]byte
	for i, c := range b {
		out[2*i], out[2*i+1] = digits[c>>4], digits[c&15]
	}
	return string(out[:2*len(b)])
}

// nameClass returns the part of an ARN or full resource name that says what sort of thing it names: "ec2:instance",
// "compute.googleapis.com:instances". Names of two classes can belong to one thing, of one class cannot.
func nameClass(name []byte) []byte {
	if rest, ok := bytes.CutPrefix(name, []byte("//")); ok {
		return googleClass(rest)
	}
	fields := bytes.SplitN(name, []byte(":"), 6)
	if len(fields) < 6 {
		return fields[0]
	}
	kind := fields[5]
	if i := bytes.IndexAny(kind, "/:"); i >= 0 {
		kind = kind[:i]
	} else {
		kind = nil // as for a bucket or a queue, the whole of it is the name
	}
	return bytes.Join([][]byte{fields[2], kind}, []byte(":"))
}

func googleClass(rest []byte) []byte {
	parts := bytes.Split(rest, []byte("/"))
	if len(parts) < 3 {
		return parts[0]
	}
	return bytes.Join([][]byte{parts[0], parts[len(parts)-2]}, []byte(":"))
}
