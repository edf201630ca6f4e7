package records

import (
	"cmp"
	"encoding/json"
	"math"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
	"github.com/muster-audit/muster/inventory/link"
)

// loosely is how a register's values are compared: everything in it is text, written by hand.
const loosely = "json, bool, num, ci"

// same reports whether a register's value and another book's mean the same. compared is false if they are of kinds that
// cannot be held against each other: a text about something that has parts.
func (n *naming) same(known catalog.Row, name string, recorded, actual inventory.Value) (same, compared bool) {
	attr, _ := known.Attribute(name)
	attr.Name, attr.Comparator = name, strings.TrimPrefix(attr.Comparator+", "+loosely, ", ")
	if catalog.Equal(attr, recorded, actual) {
		return true, true
	}
	switch actual.Decode().(type) {
	case []any:
		return sameList(recorded, actual), true
	case map[string]any:
		_, parts := looseDecode(recorded).(map[string]any)
		return false, parts
	}
	return n.sameText(name, recorded.String(), actual.String())
}

// sameText compares what no general comparator can: names of products, sizes with units, hosts, addresses.
func (n *naming) sameText(name, recorded, actual string) (same, compared bool) {
	switch n.of(name) {
	case attrOS, attrOSVersion:
		return sameSystem(recorded, actual), true
	case attrModel:
		return sameProduct(recorded, actual), true
	case attrManufacturer:
		return sameProduct(recorded, actual) || link.SameVendor(recorded, actual), true
	case attrMachineType:
		return strings.EqualFold(lastPart(recorded), lastPart(actual)), true
	case attrCPUs:
		return sameCount(recorded, actual)
	case attrMemory:
		return sameMemory(name, recorded, actual)
	}
	if hostNames(fold(name)) {
		return sameHost(recorded, actual), true
	}
	return sameAddress(recorded, actual) || sized(name, recorded, actual) && sameSize(name, recorded, actual), true
}

func hostNames(folded string) bool {
	switch folded {
	case "name", "hostname", "fqdn", "dnsname", "host":
		return true
	}
	return false
}

// lastPart returns what stands behind the last slash: the name in the path of a machine type.
func lastPart(s string) string { return s[strings.LastIndexByte(s, '/')+1:] }

// looseDecode returns the value, or what its text is as JSON.
func looseDecode(v inventory.Value) any {
	if s, ok := v.Decode().(string); ok {
		var x any
		if json.Unmarshal([]byte(s), &x) == nil {
			return x
		}
	}
	return v.Decode()
}

// sameList reports whether all that a cell lists is in a list: a register need not name every group of a machine.
func sameList(recorded, actual inventory.Value) bool {
	have := map[string]bool{}
	items, _ := actual.Decode().([]any)
	for _, item := range items {
		v, err := inventory.ValueOf(item)
		if err != nil {
			return false
		}
		have[strings.ToLower(v.String())] = true
	}
	parts := cells(recorded)
	return len(parts) > 0 && !slices.ContainsFunc(parts, func(p string) bool { return !have[strings.ToLower(p)] })
}

// cells returns the items of a cell that may hold several.
func cells(v inventory.Value) []string {
	if items, ok := looseDecode(v).([]any); ok {
		var out []string
		for _, item := range items {
			if text, err := inventory.ValueOf(item); err == nil {
				out = append(out, text.String())
			}
		}
		return out
	}
	return strings.FieldsFunc(v.String(), func(r rune) bool { return strings.ContainsRune(",;|\n \t", r) })
}

// sameHost reports whether two host names may be one: case and a trailing dot do not matter, a short name is that of its
// full one, and Windows cuts names after 15 characters.
func sameHost(a, b string) bool {
	a, b = hostForm(a), hostForm(b)
	if a == "" || b == "" {
		return a == b
	}
	if a == b {
		return true
	}
	shortA, domainA, _ := strings.Cut(a, ".")
	shortB, domainB, _ := strings.Cut(b, ".")
	if domainA != "" && domainB != "" {
		return false
	}
	return shortA == shortB || cutOff(shortA, shortB) || cutOff(shortB, shortA)
}

const netBIOSLength = 15

func cutOff(a, b string) bool {
	return len(a) == netBIOSLength && len(b) > netBIOSLength && strings.HasPrefix(b, a)
}

// hostForm takes the domain in front ("CORP\web-1"), the case and trailing dots from a host name.
func hostForm(s string) string {
	s = strings.ToLower(strings.Trim(strings.TrimSpace(s), "."))
	return s[strings.LastIndexByte(s, '\\')+1:]
}

// sameAddress reports whether two texts are addresses, with the length of their network or without, and have one in common.
func sameAddress(a, b string) bool {
	list, other := addresses(a), addresses(b)
	return slices.ContainsFunc(list, func(x netip.Addr) bool { return slices.Contains(other, x) })
}

// addresses returns the IP addresses that a text consists of; nil if anything else is in it.
func addresses(s string) []netip.Addr {
	var list []netip.Addr
	for part := range strings.FieldsFuncSeq(s, func(r rune) bool { return strings.ContainsRune(",;|\n \t", r) }) {
		host, _, _ := strings.Cut(part, "/")
		a, err := netip.ParseAddr(host)
		if err != nil {
			return nil
		}
		list = append(list, a.Unmap())
	}
	return list
}

var countPattern = regexp.MustCompile(`^[0-9]+(?:\.0+)?\b`)

// sameCount compares numbers with or without what is counted behind them: "4 vCPU" is 4. What begins with no number cannot
// be compared.
func sameCount(a, b string) (same, compared bool) {
	x, y := countPattern.FindString(strings.TrimSpace(a)), countPattern.FindString(strings.TrimSpace(b))
	whole := func(s string) string { n, _, _ := strings.Cut(s, "."); return strings.TrimLeft(n, "0") }
	return whole(x) == whole(y), x != "" && y != ""
}

var sizePattern = regexp.MustCompile(`(?i)^([0-9]+(?:[,' ][0-9]{3})*(?:\.[0-9]+)?)\s*([kmgtp]?)(i?)b?(?:ytes?)?$`)

// sized reports whether a name or a text speaks of a size in bytes.
func sized(name, a, b string) bool {
	_, unitA, okA := sizeOf(a)
	_, unitB, okB := sizeOf(b)
	return okA && okB && (unitA != 0 || unitB != 0 || nameUnit(name) != 0)
}

// sizeOf returns the number of a size, and its unit in bytes; 0 if the text names none.
func sizeOf(s string) (number, unit float64, ok bool) {
	m := sizePattern.FindStringSubmatch(strings.TrimSpace(s))
	if m == nil {
		return 0, 0, false
	}
	number, err := strconv.ParseFloat(strings.NewReplacer(",", "", "'", "", " ", "").Replace(m[1]), 64)
	if err != nil {
		return 0, 0, false
	}
	return number, prefixUnit(m[2]), true
}

// prefixUnit returns how many bytes the prefix of a unit stands for; 0 for none.
func prefixUnit(prefix string) float64 {
	if prefix == "" {
		return 0
	}
	return math.Pow(1024, float64(strings.Index("kmgtp", strings.ToLower(prefix))+1))
}

// nameUnit returns the unit that the name of an attribute tells, as of memory_mb; 0 for none.
func nameUnit(name string) float64 {
	folded := strings.TrimSuffix(strings.ReplaceAll(fold(name), "ib", "b"), "bytes")
	for _, p := range []string{"k", "m", "g", "t"} {
		if strings.HasSuffix(folded, p+"b") {
			return prefixUnit(p)
		}
	}
	return 0
}

// decimal is by how much a size may differ for being counted in thousands by one and in 1024s by another; a tebibyte is
// 10 % more than a terabyte.
const decimal = 0.1

// sameSize compares two sizes. A number without a unit may be in any.
func sameSize(name, a, b string) bool {
	x, unitX, okX := sizeOf(a)
	y, unitY, okY := sizeOf(b)
	if !okX || !okY {
		return false
	}
	switch {
	case unitX == unitY || x == y && (unitX == 0 || unitY == 0):
		return x == y
	case unitX != 0 && unitY != 0:
		return near(x*unitX, y*unitY)
	case unitX == 0:
		return nearInAnyUnit(x, nameUnit(name), y*unitY)
	}
	return nearInAnyUnit(y, nameUnit(name), x*unitX)
}

// sameMemory compares amounts of memory. A machine reports less than is built in, and hardly anybody writes the unit.
func sameMemory(name, a, b string) (same, compared bool) {
	x, unitX, okX := sizeOf(a)
	y, unitY, okY := sizeOf(b)
	if !okX || !okY || x == 0 || y == 0 {
		return false, false
	}
	if known := nameUnit(name); nearlyAll(x*cmp.Or(unitX, known), y*cmp.Or(unitY, known)) {
		return true, true
	}
	if unitX != 0 && unitY != 0 {
		return near(x*unitX, y*unitY), true
	}
	for _, factor := range []float64{1, 1 << 10, 1 << 20, 1 << 30, 1 << 40} {
		if near(x*factor, y) || near(x, y*factor) {
			return true, true
		}
	}
	return false, true
}

// nearlyAll reports whether two amounts of memory in bytes, 0 if they are not known, differ by no more than what a small machine keeps
// to itself: its kernel, its firmware and the room for a crash dump are more than a tenth of it. Of a gibibyte some show 800 MiB.
func nearlyAll(a, b float64) bool {
	const keptBack, least = 224 << 20, 384 << 20
	return min(a, b) >= least && math.Abs(a-b) <= keptBack
}

func nearInAnyUnit(number, unit, bytes float64) bool {
	units := []float64{unit}
	if unit == 0 {
		units = []float64{1, prefixUnit("k"), prefixUnit("m"), prefixUnit("g"), prefixUnit("t")}
	}
	return slices.ContainsFunc(units, func(u float64) bool { return near(number*u, bytes) })
}

func near(a, b float64) bool { return math.Abs(a-b) <= decimal*math.Max(a, b) }
