package link

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/inventory"
)

// ledgerLines explains asset 1 of an estate, a line for each thing that is told.
func ledgerLines(t *testing.T, estate ...inventory.Identity) []string {
	t.Helper()
	l, err := Explain(t.Context(), stream(estate), 1)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, k := range l.Links {
		out = append(out, fmt.Sprintf("link %d to %d by %s %s%s", k.Asset.ID, k.To.ID, k.By, k.Value, told(k.Checks)))
	}
	for _, c := range l.Candidates {
		replaced := map[bool]string{true: " replaced"}[c.Replaced]
		out = append(out, fmt.Sprintf("not %d by %s %s: %s%s%s", c.Asset.ID, c.By, c.Value, c.Reason, replaced, told(c.Checks)))
	}
	for _, i := range l.Ignored {
		out = append(out, fmt.Sprintf("ignored in %d: %s %s: %s", i.Asset.ID, i.Kind, i.Value, i.Reason))
	}
	for _, d := range l.Decoded {
		line := fmt.Sprintf("decoded in %d: %s holds %s %s", d.Asset.ID, d.From, d.Kind, d.Value)
		for _, p := range d.Agrees {
			line += fmt.Sprintf(", agrees %d", p.ID)
		}
		for _, c := range d.Contradicts {
			line += fmt.Sprintf(", contradicts %d %s typo %t", c.Asset.ID, c.Value, c.Typo)
		}
		out = append(out, line)
	}
	return out
}

func told(list []Check) string {
	text := ""
	for _, c := range list {
		text += fmt.Sprintf("; %s %s", c.Rule, c.State)
		if c.Overruled {
			text += " overruled"
		}
		if c.Typo {
			text += " typo"
		}
	}
	return text
}

func TestLedger(t *testing.T) {
	obs, rec := inventory.Observed, inventory.Recorded
	fqdn, ip := is(inventory.FQDN, "web.example.com"), is(inventory.PrivateIP, "10.0.0.4")
	tests := []struct {
		name string
		in   []inventory.Identity
		want []string
	}{
		{"replaced", []inventory.Identity{
			asset(1, obs, "a", is(inventory.InstanceID, "i-2"), fqdn), asset(2, rec, "b", is(inventory.InstanceID, "i-1"), fqdn),
			with(asset(3, obs, "c", is(inventory.InstanceID, "i-3"), fqdn), from("other")),
		}, []string{
			"not 2 by fqdn web.example.com: both are known by their instance-id, and it differs replaced; instance-id differs",
			"not 3 by fqdn web.example.com: both are known by their instance-id, and it differs; instance-id differs",
		}},
		{"what is weaker is overruled", []inventory.Identity{
			asset(1, obs, "a", is(inventory.InstanceID, "i-2"), is(inventory.Serial, "SER-AAA1")),
			asset(2, rec, "b", is(inventory.InstanceID, "i-2"), is(inventory.Serial, "SER-BBB2")),
		}, []string{"link 2 to 1 by instance-id i-2; instance-id same; serial differs overruled"}},
		{"a typed service tag", []inventory.Identity{
			asset(1, obs, "a", is(inventory.UUID, dellA), fqdn), asset(2, rec, "b", is(inventory.Serial, "FZ22YQ2"), fqdn),
		}, []string{
			"link 2 to 1 by fqdn web.example.com; uuid one-side; serial one-side",
			"decoded in 1: uuid holds serial FZ22YQ1, contradicts 2 FZ22YQ2 typo true",
		}},
		{"the same, edited in front as well", []inventory.Identity{
			asset(1, obs, "a", is(inventory.UUID, dellA), is(inventory.Serial, "2 FZ22YQ1")),
		}, []string{"decoded in 1: uuid holds serial FZ22YQ1, contradicts 1 2FZ22YQ1 typo true"}},
		{"another board", []inventory.Identity{
			asset(1, obs, "a", is(inventory.UUID, dellA), is(inventory.Serial, "640HP72")),
		}, []string{"decoded in 1: uuid holds serial FZ22YQ1, contradicts 1 640HP72 typo false"}},
		{"linked by what is decoded", []inventory.Identity{
			with(asset(1, obs, "a", is(inventory.UUID, dellA)), named("db1")), with(asset(2, rec, "b", is(inventory.Serial, "FZ22YQ1")), named("DB1")),
		}, []string{
			"link 2 to 1 by decoded FZ22YQ1; uuid one-side; serial one-side",
			"decoded in 1: uuid holds serial FZ22YQ1, agrees 2",
		}},
		{"decoded, and no name beside it", []inventory.Identity{
			asset(1, obs, "a", is(inventory.UUID, dellA)), asset(2, rec, "b", is(inventory.Serial, "FZ22YQ1")),
		}, []string{
			"not 2 by decoded FZ22YQ1: it needs the same host name or address beside it (or all MAC addresses alike, and several); uuid one-side; serial one-side",
			"decoded in 1: uuid holds serial FZ22YQ1",
		}},
		{"the end of a UUID is told only where it is an address", []inventory.Identity{
			asset(1, obs, "a", is(inventory.UUID, "00000000-0000-1000-8000-ac1f6b010203"), is(inventory.MAC, "ac:1f:6b:01:02:03")),
			asset(2, rec, "b", is(inventory.UUID, "00000000-0000-1000-8000-ac1f6b010203"), is(inventory.UUID, "00000000-0000-1000-8000-ac1f6b010204")),
		}, []string{
			"link 2 to 1 by uuid 00000000000000108000ac1f6b010203; uuid same",
			"decoded in 1: uuid holds mac ac1f6b010203, agrees 1", "decoded in 2: uuid holds mac ac1f6b010203, agrees 1",
		}},
		{"an EC2 machine", []inventory.Identity{asset(1, obs, "a", is(inventory.UUID, "ec2e1916-9099-7caf-fd21-012345abcdef"))}, []string{
			"decoded in 1: uuid holds  ",
		}},
		{"nodes of one chassis", []inventory.Identity{
			with(asset(1, obs, "a", is(inventory.Serial, "957XY4J"), is(inventory.Serial, "default string")), named("node-1")),
			with(asset(2, rec, "b", is(inventory.Serial, "957XY4J")), named("node-1")),
			with(asset(3, rec, "c", is(inventory.Serial, "957XY4J")), named("node-2")),
			with(asset(4, rec, "d", is(inventory.ChassisSerial, "957XY4J")), from("dc2")),
		}, []string{
			"link 2 to 1 by serial+hostname 957XY4J; serial same",
			"not 3 by serial 957XY4J: one source holds both, or a member of each; serial same",
			"not 4 by chassis-serial 957XY4J: the serial number of a chassis only suggests; serial one-side",
			"ignored in 1: serial default string: a placeholder of firmware",
		}},
		{
			"a node of a chassis, seen from what has no serial number", []inventory.Identity{
				asset(1, inventory.Declared, "node-1", is(inventory.FQDN, "node-1.example.com")),
				with(asset(2, obs, "a", is(inventory.Serial, "957XY4J"), is(inventory.FQDN, "node-1.example.com")), named("node-1")),
				with(asset(3, rec, "b", is(inventory.Serial, "957XY4J")), named("node-1")),
				with(asset(4, obs, "c", is(inventory.Serial, "957XY4J")), named("node-2")),
				with(asset(5, rec, "d", is(inventory.Serial, "957XY4J")), named("node-2")),
			}, []string{
				"link 2 to 1 by fqdn node-1.example.com; serial one-side",
				"link 3 to 2 by serial+hostname 957XY4J; serial same",
			},
		},
		{
			"a serial number that may be mistyped", []inventory.Identity{
				asset(1, rec, "a", is(inventory.Serial, "7XK2Q03"), fqdn), asset(2, obs, "b", is(inventory.Serial, "7XK2Q08"), fqdn),
			}, []string{"not 2 by fqdn web.example.com: both are known by their serial, and it differs replaced; serial differs typo"},
		},
		{"facets", []inventory.Identity{
			with(asset(1, rec, "a", is(inventory.InstanceID, "i-1"), fqdn, ip), typed(host)), asset(2, rec, "b", fqdn, ip, is(inventory.AssetTag, "none")),
		}, []string{
			"link 2 to 1 by fqdn+ip web.example.com; instance-id one-side",
			"ignored in 2: asset-tag none: a word for nothing",
		}},
		{"one name in two registers", []inventory.Identity{
			asset(1, rec, "a", fqdn), with(asset(2, rec, "b", fqdn), from("dc2")),
		}, []string{"link 2 to 1 by fqdn web.example.com"}},
		{"two regions", []inventory.Identity{
			with(asset(1, obs, "a", is(inventory.InstanceID, "i-1")), in("", "eu-west-1")), with(asset(2, rec, "b", is(inventory.InstanceID, "i-1")), in("", "eu-west-2")),
		}, []string{"not 2 by instance-id i-1: they are in two regions of a cloud, and such an id is unique only within one; instance-id same"}},
		{"two vendors", []inventory.Identity{
			asset(1, obs, "a", is(inventory.Serial, "SER-AAA1"), is(inventory.Vendor, "Dell")), asset(2, rec, "b", is(inventory.Serial, "SER-AAA1"), is(inventory.Vendor, "HP")),
		}, []string{"not 2 by serial SER-AAA1: two vendors gave out this serial number; serial same"}},
		{"two owners", []inventory.Identity{
			with(asset(1, rec, "a", is(inventory.AssetTag, "T-1")), in("sales", "")), with(with(asset(2, rec, "b", is(inventory.AssetTag, "T-1")), in("plant", "")), from("dc2")),
		}, []string{"not 2 by asset-tag T-1: two owners hand out asset tags, and these may be of both"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, ledgerLines(t, tt.in...)); diff != "" {
				t.Errorf("ledger (-want +got):\n%s", diff)
			}
		})
	}
}

// TestLedgerKeepsWhatWasWritten: people look for the spelling of their own books.
func TestLedgerKeepsWhatWasWritten(t *testing.T) {
	const vmware = "VMware-42 1f 24 5c 7f a8 60 fa-6a f6 a4 63 51 ce d0 eb"
	l, err := Explain(t.Context(), stream([]inventory.Identity{
		asset(1, inventory.Observed, "a", is(inventory.UUID, uuidSwapped)), asset(2, inventory.Recorded, "b", is(inventory.Serial, vmware)),
	}), 1)
	if err != nil {
		t.Fatal(err)
	}
	if w := l.Links[0].Written; w.Here != uuidSwapped || w.There != vmware {
		t.Errorf("written %q and %q", w.Here, w.There)
	}
	if d := l.Decoded; len(d) != 1 || len(d[0].Agrees) != 1 || d[0].Agrees[0].ID != 1 {
		t.Errorf("decoded %+v, want one that agrees with asset 1", d)
	}
}

// TestDoubtIsLeft: what is not linked for want of proof is unknown in the other book, and what is proven different is not.
func TestDoubtIsLeft(t *testing.T) {
	obs, rec := inventory.Observed, inventory.Recorded
	fqdn := is(inventory.FQDN, "web.example.com")
	tests := []struct {
		name string
		in   []inventory.Identity
		want string // what is undecided of asset 1
	}{
		{"two regions", []inventory.Identity{
			with(asset(1, obs, "a", is(inventory.InstanceID, "i-1")), in("", "eu-west-1")), with(asset(2, rec, "b", is(inventory.InstanceID, "i-1")), in("", "eu-west-2")),
		}, "recorded"},
		{"two vendors", []inventory.Identity{
			asset(1, obs, "a", is(inventory.Serial, "SER-AAA1"), is(inventory.Vendor, "Dell")), asset(2, rec, "b", is(inventory.Serial, "SER-AAA1"), is(inventory.Vendor, "HP")),
		}, "recorded"},
		{"a decoded serial number without a name", []inventory.Identity{
			asset(1, obs, "a", is(inventory.UUID, dellA)), asset(2, rec, "b", is(inventory.Serial, "FZ22YQ1")),
		}, "recorded"},
		{"a name that pulls at two", []inventory.Identity{
			asset(1, obs, "a", fqdn), asset(2, inventory.Declared, "b", fqdn, is(inventory.FQDN, "b.example.com")), asset(3, obs, "c", is(inventory.FQDN, "b.example.com")),
		}, "declared"},
		{"nodes of a chassis, of which the others are settled", []inventory.Identity{
			with(asset(1, obs, "a", is(inventory.Serial, "957XY4J")), named("node-3")), with(asset(2, obs, "b", is(inventory.Serial, "957XY4J")), named("node-1")),
			with(asset(3, rec, "c", is(inventory.Serial, "957XY4J")), named("node-1")),
		}, ""},
		{"a rebuilt machine", []inventory.Identity{
			asset(1, obs, "a", fqdn, is(inventory.InstanceID, "i-1")), asset(2, rec, "b", fqdn, is(inventory.InstanceID, "i-2")),
		}, ""},
	}
	for _, tt := range tests {
		if got := build(t, tt.in).Undecided(1).String(); got != tt.want {
			t.Errorf("%s: undecided %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestNearlySame(t *testing.T) {
	for pair, want := range map[string]bool{
		"FZ22YQ1 FZ22YQ2": true, "FZ22YQ1 2FZ22YQ1": true, "FZ22YQ1 640HP72": false, "FZ22YQ1 FZ22Y": true, "FZ22YQ1 FZ": false, "ABC ABC": false,
	} {
		a, b, _ := strings.Cut(pair, " ")
		if nearlySame(a, b) != want || nearlySame(b, a) != want {
			t.Errorf("nearlySame(%s, %s) is not %t", a, b, want)
		}
	}
}
