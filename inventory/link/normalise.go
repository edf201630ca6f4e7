package link

import (
	"strings"

	"github.com/muster-audit/muster/inventory"
)

// form is an identifier as it is compared: its rank, and its text after normalisation. The text is valid only during
// the call that hands it out.
type form struct {
	rank rank
	as   rank // what the text is: the rank itself, but for byDecoded, which compares with serial numbers or MAC addresses
	text []byte
	raw  string // what the source wrote
}

// normaliser turns what sources write into forms. It reuses its buffer and belongs to one goroutine.
type normaliser struct {
	buf   []byte
	yield func(form)
	// weak makes it yield the forms that only suggest, too.
	weak bool
	// ignored, if set, is told what is no identifier, and why.
	ignored func(i inventory.Identifier, reason string)
	// decoded, if set, is told what an identifier says beyond itself.
	decoded func(i inventory.Identifier, d decoding)

	// What is needed of the identity at hand beside its identifiers: short names, addresses.
	labelled, addressed bool
}

// forms yields every form of the identity. One form may come more than once.
func (n *normaliser) forms(id *inventory.Identity) {
	n.labelled, n.addressed = n.weak, n.weak
	if isGlobalName(id.Key) {
		n.name(id, id.Key)
	}
	if id.Book == inventory.Declared && id.Lineage != "" && id.Address != "" && id.Lifecycle != inventory.LifecycleRetiring {
		n.emit(byDeclaration, id.Address, id.Lineage, "\x00", string(id.Type), "\x00", id.Address)
	}
	hasMoRef := false
	for _, i := range id.Identifiers {
		i.Value = strings.TrimSpace(i.Value)
		hasMoRef = hasMoRef || i.Kind == inventory.MoRef
		n.identifier(id, i)
	}
	if hasMoRef {
		n.vSphere(id)
	}
	if n.labelled {
		n.labels(id)
	}
	if n.addressed {
		n.addresses(id)
	}
}

func (n *normaliser) identifier(id *inventory.Identity, i inventory.Identifier) {
	switch i.Kind {
	case inventory.ARN, inventory.SelfLink:
		if !n.name(id, i.Value) {
			n.ignore(i, reasonNoName)
		}
	case inventory.NativeKey:
		n.nativeKey(id, i)
	case inventory.InstanceID:
		n.instance(id, i, i.Value)
	case inventory.ResourceID:
		n.resource(id, i)
	case inventory.FQDN:
		n.fqdn(i)
	default:
		n.hardware(id, i)
	}
}

// hardware takes what a machine says of itself.
func (n *normaliser) hardware(id *inventory.Identity, i inventory.Identifier) {
	switch i.Kind {
	case inventory.UUID:
		n.uuid(id, i, i.Value)
	case inventory.InstanceUUID:
		n.instanceUUID(i)
	case inventory.Serial:
		n.serial(id, i)
	case inventory.AssetTag:
		n.assetTag(id, i)
	case inventory.MAC:
		n.mac(i)
	case inventory.Vendor:
		if family := vendorFamily(i.Value); family != "" {
			n.emit(byVendor, i.Value, family)
		}
	case inventory.ChassisSerial:
		if s := squeeze(i.Value); n.weak && junkText(s) == "" {
			n.emit(byChassis, i.Value, s)
		}
	}
}

func (n *normaliser) emit(r rank, raw string, parts ...string) { n.emitAs(r, r, raw, parts...) }

func (n *normaliser) emitAs(r, as rank, raw string, parts ...string) {
	n.buf = n.buf[:0]
	for _, p := range parts {
		n.buf = append(n.buf, p...)
	}
	if len(n.buf) > 0 {
		n.yield(form{r, as, n.buf, raw})
	}
}

func (n *normaliser) ignore(i inventory.Identifier, reason string) {
	if n.ignored != nil {
		n.ignored(i, reason)
	}
}

// resource takes an id that is unique for its type in an account and region.
func (n *normaliser) resource(id *inventory.Identity, i inventory.Identifier) {
	switch {
	case i.Value == "":
	case id.Account == "":
		n.ignore(i, "unique only within its account, and none is given")
	default:
		n.emit(byResourceID, i.Value, string(id.Type), "\x00", id.Account, "\x00", id.Region, "\x00", i.Value)
	}
}

// nativeKey takes a key in another system's books. A bare number or word means something only to those who know which
// system is meant; two registers number their rows alike. What is an ARN or full resource name is one.
func (n *normaliser) nativeKey(id *inventory.Identity, i inventory.Identifier) {
	if isGlobalName(i.Value) && n.name(id, i.Value) {
		return
	}
	system, key, ok := strings.Cut(i.Value, ":")
	system, key = strings.TrimSpace(system), strings.TrimSpace(key)
	switch {
	case junkText(squeeze(i.Value)) != "":
		n.ignore(i, junkText(squeeze(i.Value)))
	case ok && system != "" && key != "":
		n.emit(byNativeKey, i.Value, strings.ToLower(system), ":", key)
	case !ok && isLongID(i.Value):
		n.emit(byNativeKey, i.Value, i.Value)
	default:
		n.ignore(i, "a short key is unique only within its own system: write system:key")
	}
}

// isLongID reports whether a text is long and mixed enough to be unique by itself, as the 32 hex digits of a ServiceNow sys_id.
func isLongID(s string) bool {
	const enough = 16
	return len(s) >= enough && strings.ContainsAny(s, "0123456789") && strings.Trim(s, "0123456789 -./") != "" && !strings.ContainsAny(s, " \t")
}

// instance takes a cloud's id of a machine, the text of the identifier or a part of it. Bare short numbers are what one
// cluster calls its machines.
func (n *normaliser) instance(id *inventory.Identity, i inventory.Identifier, text string) {
	s := strings.ToLower(text)
	const cluster = 15 // Google's ids have 16 to 20 digits
	short := s != "" && len(s) < cluster && strings.Trim(s, "0123456789") == ""
	if isInstanceID(s) {
		n.emit(byInstanceID, i.Value, s)
		return
	}
	switch why := junkText(squeeze(s)); {
	case short && id.Account == "":
		n.ignore(i, "a short number is unique only within its account, and none is given")
	case short && strings.Trim(s, "0") != "":
		n.emit(byInstanceID, i.Value, id.Account, "\x00", s)
	case why != "":
		n.ignore(i, why)
	default:
		n.emit(byInstanceID, i.Value, s)
	}
}

// isInstanceID reports whether the text can only be the id of an EC2 instance, or of a machine that Systems Manager
// manages. Nitro machines report theirs as asset tag, some tools as serial number.
func isInstanceID(v string) bool {
	hex, ok := strings.CutPrefix(strings.TrimPrefix(v, "m"), "i-")
	return ok && (len(hex) == 8 || len(hex) == 17) && strings.Trim(hex, "0123456789abcdef") == ""
}

// vSphere joins managed object references with the one vCenter in which they are names.
func (n *normaliser) vSphere(id *inventory.Identity) {
	vCenter := oneVCenter(id)
	for _, i := range id.Identifiers {
		if i.Kind != inventory.MoRef {
			continue
		}
		ref := strings.ToLower(strings.TrimSpace(i.Value))
		ref = strings.TrimPrefix(ref, "virtualmachine:")
		switch {
		case vCenter == "":
			n.ignore(i, "a name within one vCenter, and no vcenter-uuid, or several, are given")
		case ref != "":
			n.emit(byVSphere, i.Value, vCenter, "\x00", ref)
		}
	}
}

// oneVCenter returns the id of the identity's vCenter in hex, if it has exactly one.
func oneVCenter(id *inventory.Identity) string {
	found := ""
	for _, i := range id.Identifiers {
		if i.Kind != inventory.VCenterUUID {
			continue
		}
		u, ok := parseHex(i.Value, uuidSize)
		if !ok || found != "" && found != hexText(u) || junkUUID(u) != "" {
			return ""
		}
		found = hexText(u)
	}
	return found
}
