package link

import (
	"slices"
	"strings"
	"unicode"
)

// vendorWords tells the family of makers that a word in a vendor's name stands for. Those that bought one another are one family;
// makers of boards alone are left out, since tools name them instead of who sold the machine.
var vendorWords = []struct{ word, family string }{
	{"apple", "apple"},
	{"arista", "arista"},
	{"cisco", "cisco"},
	{"compaq", "hp"},
	{"dell", "dell"},
	{"emc", "dell"},
	{"fujitsu", "fujitsu"},
	{"hewlett", "hp"},
	{"hp", "hp"},
	{"hpe", "hp"},
	{"huawei", "huawei"},
	{"ibm", "lenovo"},
	{"inspur", "inspur"},
	{"juniper", "juniper"},
	{"lenovo", "lenovo"},
	{"netapp", "netapp"},
	{"oracle", "oracle"},
	{"siemens", "fujitsu"},
	{"sun", "oracle"},
	{"supermicro", "supermicro"},
	{"xfusion", "huawei"},
}

// SameVendor reports whether two names stand for one family of makers, as "HP" and "Hewlett Packard Enterprise" do. Of makers that
// are not known it says no.
func SameVendor(a, b string) bool {
	family := vendorFamily(a)
	return family != "" && family == vendorFamily(b)
}

// vendorFamily returns the family of makers that a vendor's name belongs to: "dell" for "Dell Inc."; "" if it is not known,
// which says nothing.
func vendorFamily(name string) string {
	name = strings.ToLower(name)
	if strings.Contains(name, "super micro") {
		return "supermicro"
	}
	for word := range strings.FieldsFuncSeq(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		i, ok := slices.BinarySearchFunc(vendorWords, word, func(v struct{ word, family string }, w string) int { return strings.Compare(v.word, w) })
		if ok {
			return vendorWords[i].family
		}
	}
	return ""
}
