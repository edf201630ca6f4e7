package cmdb

import (
	"bytes"
	"strings"
)

// trim drops white space around a cell, also the kinds that spreadsheets and web pages leave there and nobody sees:
// no-break spaces, zero-width characters and byte order marks.
func trim(b []byte) []byte {
	if n := len(b); n == 0 || isPlain(b[0]) && isPlain(b[n-1]) {
		return b
	}
	return bytes.TrimFunc(b, isBlank)
}

func isPlain(b byte) bool { return b > ' ' && b < 0x7f }

func isBlank(r rune) bool {
	switch r {
	case ' ', '\t', '\n', '\r', '\v', '\f', 0x85, 0xa0, 0x1680, 0x180e, 0x202f, 0x205f, 0x2028, 0x2029, 0x2060, 0x3000, 0xfeff:
		return true
	}
	return r >= 0x2000 && r <= 0x200f
}

// placeholder reports whether an identifier's cell says that there is none.
func placeholder(b []byte) bool {
	switch len(b) {
	case 0:
		return true
	case 1:
		return b[0] == '-' || b[0] == '?' || b[0] == '.' || b[0] == '0'
	case len("—"):
		if s := string(b); s == "—" || s == "–" {
			return true
		}
	}
	if len(b) > len("not applicable") {
		return false
	}
	switch b[0] | 0x20 {
	case 'n', 't', 'u', '-', '#', '(':
	default:
		return false
	}
	return placeholderWord(string(b))
}

// repeats reports whether a cell says that an identifier is that of the row above, which it cannot be. Machines may have the
// word for a name.
func repeats(f field, b []byte) bool {
	return f != fieldName && f != fieldHostname && len(b) == len("same") && strings.EqualFold(string(b), "same")
}

// placeholderText is placeholder of a string.
func placeholderText(s string) bool {
	if len(s) > len("not applicable") {
		return false
	}
	return placeholder([]byte(s))
}

func placeholderWord(s string) bool {
	switch strings.ToLower(s) {
	case "n/a", "na", "#n/a", "#ref!", "none", "null", "(null)", "nil", "no tag", "not applicable", "not available", "tbd", "tba", "unknown",
		"unknow", "undefined", "--", "---", "not specified":
		return true
	}
	return false
}

// junkSerial reports whether a serial number or asset tag is one that firmware has where nobody set it, so that it
// cannot be a key: a placeholder, one character over and over, zeros and ones, or a maker's default.
func junkSerial(b []byte) bool {
	if placeholder(b) || len(bytes.Trim(b, string(b[:1]))) == 0 || len(bytes.Trim(b, "01")) == 0 {
		return true
	}
	switch b[0] {
	case '0', '1', '[', '(', '.', ':':
	default:
		if c := b[0] | 0x20; c < 'a' || c > 'z' || !strings.ContainsRune("acdeimnostv", rune(c)) {
			return false
		}
	}
	return junkDefault(strings.ToLower(string(b)))
}

// junkDefault knows what makers write into unset fields, in lower case.
func junkDefault(s string) bool {
	switch s {
	case "(null string)", "invalid", "empty", "default string", "defaultstring", "oem default string", "system serial number",
		"systemserialnumb", "systemserialnumber", "serial number", "oem_serial", "eval", "iatpass", "0123456789", "1234567",
		"12345678", "123456789", "1234567890", "sys-1234567890", "sn-12345", "mb-1234567890", "asset-1234567890", "[removed]", "asset tag",
		"no asset tag", "no asset information", "chassis serial number", "not specified", "system product name":
		return true
	}
	return strings.HasPrefix(s, "to be filled by") || strings.HasPrefix(s, "serial number xx") || strings.HasPrefix(s, "oem default string") ||
		strings.Trim(s, ".") == ""
}

// junkUUID reports whether a UUID is one that many machines carry: 0000…, ffff…, 0101…, or a maker's default.
func junkUUID(b []byte) bool {
	if placeholder(b) {
		return true
	}
	var hex [32]byte
	n, mixed := 0, false
	for _, c := range b {
		switch {
		case c == '-' || c == '{' || c == '}':
			continue
		case n == len(hex):
			return false
		case c >= 'A' && c <= 'Z':
			c |= 0x20
		}
		if n >= 2 && !mixed && c != hex[n-2] {
			if n > 3 {
				return false // the defaults change within their first four digits
			}
			mixed = true
		}
		hex[n] = c
		n++
	}
	switch string(hex[:n]) {
	case "03000200040005000006000700080009", "6ab5b300538d10149fb5b0684d007b53", "00020003000400050006000700080009":
		return true
	}
	return !mixed
}
