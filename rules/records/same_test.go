package records

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
)

func TestSame(t *testing.T) {
	type value = inventory.Value
	text := inventory.StringValue
	for _, tt := range []struct {
		name           string
		a, b           value
		same, compared bool
	}{
		{"os", text("Debian 12"), text("Debian GNU/Linux 12 (bookworm)"), true, true},
		{"os", text("Debian GNU/Linux 12 (bookworm)"), text("Debian 12.5"), true, true},
		{"os", text("Debian 12"), text("Debian 11"), false, true},
		{"os", text("debian12"), text("Debian 12"), true, true},
		{"os", text("Linux"), text("Ubuntu 22.04.3 LTS"), true, true},
		{"os", text("Linux"), text("Windows Server 2019"), false, true},
		{"os", text("Windows 2019"), text("Microsoft Windows Server 2019 Standard"), true, true},
		{"os", text("RHEL 8"), text("Red Hat Enterprise Linux 8.6 (Ootpa)"), true, true},
		{"os", text("Windows 10 64-bit"), text("Microsoft Windows 10 Pro"), true, true},
		{"os", text("Ubuntu 22.04"), text("Ubuntu 20.04"), false, true},
		{"os", text("Linux Red Hat"), text("redhat 9.4"), true, true},
		{"os", text("Red Hat Enterprise Linux 9"), text("RedHat 9.4"), true, true},
		{"os", text("Red Hat Enterprise Linux 8"), text("RedHat 9.4"), false, true},
		{"os", text("Oracle Linux 8"), text("OracleLinux 8.9"), true, true},
		{"os", text("macOS 14"), text("mac_os_x 14.5"), true, true},
		{"os", text("Windows 2022 Datacenter"), text("windows 10.0.20348"), true, true},
		{"os", text("Windows Server 2019"), text("windows 10.0.20348"), false, true},
		{"os", text("Windows 11 Pro"), text("windows 10.0.22631.4169"), true, true},
		{"os", text("Windows Server 2012 R2"), text("windows 6.3.9600"), true, true},
		{"os", text("Windows Server vNext"), text("windows 10.0.99999"), true, true}, // a build that nobody knows here
		{"os", text("Ubuntu 22.04"), text("windows 10.0.20348"), false, true},
		{"os", text("10.0.20348"), text("windows 10.0.20348"), true, true},
		{"os", text("Microsoft Windows Server 2016 or later (64-bit)"), text("windows 2022"), true, true},
		{"os", text("Other 3.x or later Linux (64-bit)"), text("Ubuntu 22.04"), true, true},
		{"os", text("Other Linux (64-bit)"), text("Microsoft Windows Server 2022"), false, true},
		{"OSVersion", text("10.0.17763"), text("2019"), true, true},
		{"manufacturer", text("HPE"), text("Hewlett-Packard"), true, true},
		{"manufacturer", text("Super Micro Computer, Inc."), text("Supermicro"), true, true},
		{"memory_mb", text("1024"), inventory.IntValue(916), true, true}, // what is kept back is more than a tenth of little
		{"memory_mb", text("512"), inventory.IntValue(420), true, true},
		{"memory_mb", text("1024"), inventory.IntValue(512), false, true},
		{"memory_mb", text("2048"), inventory.IntValue(1024), false, true},
		{"memory", text("256"), text("384"), false, true},
		{"OSVersion", text("12"), text("12.5"), true, true},
		{"manufacturer", text("Dell"), text("Dell Inc."), true, true},
		{"manufacturer", text("Dell"), text("HPE"), false, true},
		{"model", text("PowerEdge R650"), text("Dell PowerEdge R650"), true, true},
		{"model", text("PowerEdge R650"), text("PowerEdge R750"), false, true},
		{"cpus", text("4 vCPU"), inventory.IntValue(4), true, true},
		{"cpus", text("4"), inventory.IntValue(8), false, true},
		{"cpus", text("Intel Xeon"), inventory.IntValue(8), false, false},
		{"memory_mb", text("16 GB"), inventory.IntValue(16384), true, true},
		{"memory_mb", text("16,384"), inventory.IntValue(16384), true, true},
		{"memory_mb", text("16384"), inventory.IntValue(15884), true, true}, // what the kernel keeps for itself
		{"memory", text("16"), inventory.IntValue(16384), true, true},
		{"memory", text("8 GiB"), inventory.IntValue(16384), false, true},
		{"memory", text("plenty"), inventory.IntValue(16384), false, false},
		{"Size", text("100 GB"), inventory.IntValue(100), true, true},
		{"Size", text("100 GiB"), text("107 GB"), false, true},
		{"Size", text("1 TB"), text("1000 GB"), true, true},
		{"disk_gb", text("100"), inventory.IntValue(95), false, true},
		{"instance_type", text("T3.Micro"), text("t3.micro"), true, true},
		{"machineType", text("e2-small"), text("projects/p/zones/z/machineTypes/e2-small"), true, true},
		{"machineType", text("e2-small"), text("projects/p/zones/z/machineTypes/e2-medium"), false, true},
		{"SecurityGroupIds", text("sg-1, sg-2"), inventory.StringsValue([]string{"sg-2", "sg-3", "sg-1"}), true, true},
		{"SecurityGroupIds", text("sg-1, sg-9"), inventory.StringsValue([]string{"sg-2", "sg-1"}), false, true},
		{"PrivateIpAddress", text("10.0.0.4/24"), text("10.0.0.4"), true, true},
		{"PrivateIpAddress", text("10.0.0.4, 10.0.0.5"), text("10.0.0.5"), true, true},
		{"hostname", text("WEB-1"), text("web-1.example.com."), true, true},
		{"Policy", text("see the wiki"), `{"Version":"2012-10-17"}`, false, false},
		{"anything", text("t3.micro"), text("t3.large"), false, true},
	} {
		same, compared := newNaming().same(catalog.Row{}, tt.name, tt.a, tt.b)
		if same != tt.same || compared != tt.compared {
			t.Errorf("%s: %s and %s: same %v, compared %v", tt.name, tt.a, tt.b, same, compared)
		}
	}
}

// TestSameProperties: every text is the same as itself, and for single values it does not matter who says what.
func TestSameProperties(t *testing.T) {
	n := newNaming()
	words := rapid.SampledFrom([]string{"Debian", "12", "12.5", "GNU/Linux", "Windows", "16", "GB", "16384", "MiB", "web-1", "example.com", "10.0.0.4/24", ".", " ", ",", "r", "x64", "\\"})
	names := rapid.SampledFrom([]string{"os", "os_version", "cpus", "memory_mb", "memory", "instance_type", "model", "hostname", "Size", "disk_gb", "x"})
	rapid.Check(t, func(t *rapid.T) {
		name := names.Draw(t, "name")
		texts := rapid.SliceOfN(words, 0, 5)
		join := func(list []string) (s string) {
			for _, w := range list {
				s += w
				if len(s)%2 == 0 {
					s += " "
				}
			}
			return s
		}
		a, b := inventory.StringValue(join(texts.Draw(t, "a"))), inventory.StringValue(join(texts.Draw(t, "b")))
		if same, _ := n.same(catalog.Row{}, name, a, a); !same {
			t.Fatalf("%s: %s is not itself", name, a)
		}
		ab, compared := n.same(catalog.Row{}, name, a, b)
		ba, back := n.same(catalog.Row{}, name, b, a)
		if ab != ba || compared != back {
			t.Fatalf("%s: %s and %s: %v, %v; the other way round %v, %v", name, a, b, ab, compared, ba, back)
		}
	})
}

func FuzzSame(f *testing.F) {
	f.Add("os", `"Debian 12"`, `"Windows"`)
	f.Add("memory_mb", `"16 GB"`, `16384`)
	f.Add("hostname", `"CORP\\web"`, `["web"]`)
	f.Add("x", `{"a":[1]}`, `"{}"`)
	n := newNaming()
	f.Fuzz(func(t *testing.T, name, a, b string) {
		x, err := inventory.ParseValue([]byte(a))
		if err != nil {
			return
		}
		y, err := inventory.ParseValue([]byte(b))
		if err != nil {
			return
		}
		if same, _ := n.same(catalog.Row{}, name, x, x); !same {
			t.Errorf("%s: %s is not itself", name, x)
		}
		n.same(catalog.Row{}, name, x, y)
	})
}
