package link

import (
	"bytes"

	"github.com/muster-audit/muster/inventory"
)

// decoding is what an identifier says beyond itself: another identifier that vendors pack into it, or a mark.
type decoding struct {
	kind  inventory.IdentifierKind // empty for a mark
	value string                   // normalised
	note  string
	// caution is empty where the value counts as an identifier of its kind; else it says why it is evidence only.
	caution string
}

const conventionOnly = "a vendor's convention and no standard: it links only together with a name or an address"

// tell hands a decoding to whoever wants to know.
func (n *normaliser) tell(i inventory.Identifier, d decoding) {
	if n.decoded != nil {
		n.decoded(i, d)
	}
}

// decode takes apart what vendors pack into the UUID of a machine. Layouts are conventions: what comes out supports, and never
// links alone.
func (n *normaliser) decode(i inventory.Identifier, plain, swapped []byte) {
	if isEC2(plain) || isEC2(swapped) {
		n.tell(i, decoding{note: "marks an EC2 machine, and holds no instance id"})
		return
	}
	if serial, note := decodeSerial(plain, swapped); serial != "" {
		n.evidence(i, bySerial, inventory.Serial, serial, note)
		if note != noteHPAndMAC {
			return
		}
	}
	tail := plain[10:]
	if allFunc(tail, isUpperAlnum) || isRandom(plain) || isRandom(swapped) || junkMAC(tail) != "" {
		return
	}
	n.evidence(i, byMAC, inventory.MAC, hexText(tail), "the last six bytes are a MAC address on some boards")
}

func (n *normaliser) evidence(i inventory.Identifier, as rank, kind inventory.IdentifierKind, value, note string) {
	n.labelled, n.addressed = true, true
	n.tell(i, decoding{kind, value, note, conventionOnly})
	n.emitAs(byDecoded, as, i.Value, value)
}

// isEC2 reports whether a UUID is one that EC2 gives to its machines: it begins with "ec2".
func isEC2(u []byte) bool { return u[0] == 0xec && u[1]>>4 == 2 }

// isRandom reports whether a UUID is of version 4 of RFC 9562: nothing but chance is in it.
func isRandom(u []byte) bool { return u[6]>>4 == 4 && u[8]>>6 == 2 }

const (
	noteDell     = "holds a Dell service tag"
	noteHPAndMAC = "holds an HP serial number and a MAC address"
)

// decodeSerial returns the serial number that a UUID holds, in whichever byte order it makes sense; none if it does so in
// both with different results. (The UUIDs of HP's rack servers, which are text all through, always do.)
func decodeSerial(plain, swapped []byte) (serial, note string) {
	for _, u := range [][]byte{plain, swapped} {
		s, why := decodeOrdered(u)
		switch {
		case s == "" || s == serial:
		case serial != "":
			return "", ""
		default:
			serial, note = s, why
		}
	}
	return serial, note
}

func decodeOrdered(u []byte) (serial, note string) {
	if tag, ok := dellTag(u); ok {
		return tag, noteDell
	}
	if isHPSerial(u[:10]) && junkMAC(u[10:]) == "" {
		return string(u[:10]), noteHPAndMAC
	}
	return "", ""
}

// dellTag returns the service tag in a UUID that begins with "DELL": its first character has the top bit set, which
// makes the UUID one of the variant of RFC 9562.
func dellTag(u []byte) (string, bool) {
	if !bytes.HasPrefix(u, []byte("DELL")) {
		return "", false
	}
	tag := []byte{u[10] & 0x7f, u[4], u[7], u[9], u[13], u[14], u[15]}
	return string(tag), allFunc(tag, isUpperAlnum)
}

// isHPSerial reports whether ten bytes are a serial number of HP: a site of three, the last digit of the year, the week,
// and four that count.
func isHPSerial(s []byte) bool {
	const weeks = 53
	if len(s) != 10 || !allFunc(s, isUpperAlnum) || !allFunc(s[3:6], isDigit) {
		return false
	}
	week := 10*int(s[4]-'0') + int(s[5]-'0')
	return week >= 1 && week <= weeks
}

func allFunc(s []byte, ok func(byte) bool) bool {
	for _, c := range s {
		if !ok(c) {
			return false
		}
	}
	return true
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isUpperAlnum(c byte) bool { return isDigit(c) || c >= 'A' && c <= 'Z' }
