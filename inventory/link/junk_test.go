package link

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/muster-audit/muster/inventory"
)

// sampleOf returns an identifier that an entry of the table means; its value is not a pattern in words.
func sampleOf(e Junk) inventory.Identifier {
	value := e.Value
	if rest, open := strings.CutSuffix(value, "*"); open {
		value = rest
		for e.Kind == inventory.MAC && len(value) < 12 {
			value += "7"
		}
	}
	if rest, open := strings.CutPrefix(value, "*"); open {
		value = "ip-10-0-0-4" + rest
	}
	return is(e.Kind, value)
}

func TestJunkTableIsIgnored(t *testing.T) {
	for _, e := range JunkTable() {
		if e.Reason == "" {
			t.Errorf("%s %s is ignored without a reason", e.Kind, e.Value)
		}
		if e.Value[0] == '(' && e.Value != "(NULLSTRING)" {
			continue
		}
		sample := sampleOf(e)
		if got := ignoredFor(sample); got == "" {
			t.Errorf("%s %s: %q is an identifier", e.Kind, e.Value, sample.Value)
		}
	}
	if !slices.IsSortedFunc(junkTexts, func(a, b junkEntry) int { return strings.Compare(a.value, b.value) }) {
		t.Error("the texts are not sorted, so that some are not found")
	}
}

// ignoredFor returns the reason for which an identifier is ignored; "" if it is not.
func ignoredFor(i inventory.Identifier) string {
	reason := ""
	n := normaliser{yield: func(form) {}}
	n.ignored = func(_ inventory.Identifier, why string) { reason = why }
	n.forms(&inventory.Identity{Book: inventory.Recorded, Identifiers: []inventory.Identifier{i}})
	return reason
}

// TestJunkOfTheWild: what inventory tools' blacklists, vendors and operating systems are known for.
func TestJunkOfTheWild(t *testing.T) {
	junk := map[inventory.IdentifierKind][]string{
		inventory.Serial: {
			"N/A", "(null string)", "INVALID", "none", "None", "Unknow", "Unknown", "empty", "Not Specified", "Default string", "Defaultstring",
			"To Be Filled By O.E.M.", "to be filled by o.e.m", "System Serial Number", "SystemSerialNumb", "Serial Number xxxxxx", "OEM_Serial",
			"EVAL", "IATPASS", "NNNNNNN", "xxxxxxxxxxx", "0123456789", "1234567", "12345678", "123456789", "1234567890", "SYS-1234567890",
			"SN-12345", "MB-1234567890", "0000000", "1111", "0110", "............", "oem default string000000", "[REMOVED]", "-", "--",
			"VMware-42 1f", "VirtualBox-0",
		},
		inventory.UUID: {
			"00000000-0000-0000-0000-000000000000", "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF", "03000200-0400-0500-0006-000700080009",
			"6AB5B300-538D-1014-9FB5-B0684D007B53", "00b3b56a-8d53-1410-9fb5-b0684d007b53", "01010101-0101-0101-0101-010101010101",
			"00020003-0004-0005-0006-000700080009", "Not Settable",
		},
		inventory.MAC: {
			"00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff", "44:45:53:54:00:00", "44:45:53:54:12:34", "00:50:56:c0:00:01", "00:50:56:c0:00:08",
			"0a:00:27:00:00:00", "02:42:ac:11:00:02", "33:50:6f:45:30:30", "50:50:54:50:30:30", "02:00:00:00:00:02", "52:54:00:12:34:56",
			"00:0c:29:12:34:56", "00:15:5d:12:34:56", "08:00:27:12:34:56", "00:16:3e:12:34:56",
		},
		inventory.AssetTag:   {"No Asset Tag", "Asset-1234567890", "Amazon EC2", "7783-7084-3265-9085-8269-3286-77", "Default string"},
		inventory.InstanceID: {"n/a", "none", "-", "100"},
		inventory.NativeKey:  {"unknown", "42", "web-server"},
		inventory.FQDN:       {"localhost.localdomain", "ip-10-0-0-4.eu-west-1.compute.internal", "web", "10.0.0.4"},
		inventory.MoRef:      {"vm-42"},
		inventory.ResourceID: {"vol-1"},
		inventory.ARN:        {"web-1"},
	}
	for kind, values := range junk {
		for _, v := range values {
			if ignoredFor(is(kind, v)) == "" {
				t.Errorf("%s %q is an identifier", kind, v)
			}
		}
	}
	for _, good := range []inventory.Identifier{
		is(inventory.Serial, "CZC1234ABC"), is(inventory.Serial, "INVALID7"), is(inventory.Serial, "1234567X"), is(inventory.MAC, "00:1b:21:aa:bb:cc"),
		is(inventory.UUID, uuidPlain), is(inventory.AssetTag, "1001X"), is(inventory.InstanceID, "4567890123456789012"),
	} {
		if why := ignoredFor(good); why != "" {
			t.Errorf("%s %q is ignored: %s", good.Kind, good.Value, why)
		}
	}
}

func TestVendorFamily(t *testing.T) {
	for name, want := range map[string]string{
		"Dell Inc.": "dell", "DELL EMC": "dell", "HP": "hp", "Hewlett-Packard": "hp", "Hewlett Packard Enterprise": "hp", "HPE": "hp",
		"Super Micro Computer, Inc.": "supermicro", "Supermicro": "supermicro", "IBM": "lenovo", "LENOVO": "lenovo", "Winbond": "", "": "", "Chip Co": "",
	} {
		if got := vendorFamily(name); got != want {
			t.Errorf("vendorFamily(%q) = %q, want %q", name, got, want)
		}
	}
	if !slices.IsSortedFunc(vendorWords, func(a, b struct{ word, family string }) int { return strings.Compare(a.word, b.word) }) {
		t.Error("the words are not sorted, so that some are not found")
	}
}

// TestJunkIsDocumented: people look there when an identifier of theirs is ignored.
func TestJunkIsDocumented(t *testing.T) {
	page, err := os.ReadFile("../../docs/linking.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range JunkTable() {
		value := "`" + e.Value + "`"
		if e.Value[0] == '(' && e.Value != "(NULLSTRING)" {
			value = strings.Trim(e.Value, "()")
		}
		line := "| " + string(e.Kind) + " | " + value + " | " + e.Reason + " |"
		if !strings.Contains(string(page), line) {
			t.Errorf("docs/linking.md lacks the line\n%s", line)
		}
	}
}
