package link

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/inventory"
)

const (
	guest   = inventory.Type("datacenter/server")
	host    = inventory.Type("datacenter/vm")
	vcUUID1 = "b61d2c3e-0001-4a5b-8c7d-000000000001"
	vcUUID2 = "b61d2c3e-0002-4a5b-8c7d-000000000002"
	dellA   = "44454C4C-5A00-1032-8032-C6C04F595131" // FZ22YQ1
)

// TestTwoThings: what looks alike and is not the same must not become one.
func TestTwoThings(t *testing.T) {
	obs, rec, dec := inventory.Observed, inventory.Recorded, inventory.Declared
	fqdn, ip := is(inventory.FQDN, "web.example.com"), is(inventory.PrivateIP, "10.0.0.4")
	runEntities(t, []entitiesTest{
		{"two machines of one host name", []inventory.Identity{
			with(asset(1, obs, "a", is(inventory.Hostname, "web"), ip), named("web")),
			with(asset(2, rec, "b", is(inventory.Hostname, "web"), ip), named("web")),
			with(asset(3, dec, "c", is(inventory.Hostname, "web")), named("web")),
		}, [][]int64{{1}, {2}, {3}}},
		{"nodes of one chassis, by name", []inventory.Identity{
			with(asset(1, obs, "a", is(inventory.Serial, "957XY4J")), named("node-1")),
			with(asset(2, obs, "b", is(inventory.Serial, "957XY4J")), named("node-2")),
			with(asset(3, rec, "c", is(inventory.Serial, "957XY4J")), named("node-2.example.com")),
			with(asset(4, rec, "d", is(inventory.Serial, "957XY4J")), named("NODE-1")),
			with(asset(5, rec, "e", is(inventory.Serial, "957XY4J")), named("node-3")),
		}, [][]int64{{1, 4}, {2, 3}, {5}}},
		{"nodes of one chassis whose names are alike too", []inventory.Identity{
			with(asset(1, obs, "a", is(inventory.Serial, "957XY4J")), named("node-1")),
			with(asset(2, rec, "b", is(inventory.Serial, "957XY4J")), named("node-1")),
			with(asset(3, rec, "c", is(inventory.Serial, "957XY4J")), named("node-1")),
		}, [][]int64{{1}, {2}, {3}}},
		{"the serial number of a chassis, as such", []inventory.Identity{
			asset(1, obs, "a", is(inventory.ChassisSerial, "957XY4J")), asset(2, rec, "b", is(inventory.Serial, "957XY4J")),
			asset(3, dec, "c", is(inventory.ChassisSerial, "957XY4J")),
		}, [][]int64{{1}, {2}, {3}}},
		{"clones with one UUID, linked by their names", []inventory.Identity{
			asset(1, obs, "a", is(inventory.UUID, uuidPlain), is(inventory.FQDN, "a.example.com")),
			asset(2, obs, "b", is(inventory.UUID, uuidPlain), is(inventory.FQDN, "b.example.com")),
			asset(3, rec, "c", is(inventory.UUID, uuidSwapped), is(inventory.FQDN, "a.example.com")),
			asset(4, rec, "d", is(inventory.UUID, uuidSwapped)),
		}, [][]int64{{1, 3}, {2}, {4}}},
		{"Docker's addresses, with the same name", []inventory.Identity{
			with(asset(1, obs, "a", is(inventory.MAC, "02:42:ac:11:00:02")), named("web")),
			with(asset(2, rec, "b", is(inventory.MAC, "02:42:ac:11:00:02")), named("web")),
		}, [][]int64{{1}, {2}}},
		{"addresses of hypervisors, with the same name", []inventory.Identity{
			with(asset(1, obs, "a", is(inventory.MAC, "00:50:56:ac:11:02")), named("web")),
			with(asset(2, rec, "b", is(inventory.MAC, "00:50:56:ac:11:02")), named("web")),
		}, [][]int64{{1}, {2}}},
		{"rows of two sites with one name, in one register", []inventory.Identity{
			with(with(asset(1, rec, "a", fqdn, ip), named("web")), in("", "ams")), with(with(asset(2, rec, "b", fqdn), named("web")), in("", "fra")),
			asset(3, obs, "c", fqdn, ip),
		}, [][]int64{{1}, {2}, {3}}},
		{"rows of two registers with one short name", []inventory.Identity{
			with(asset(1, rec, "a"), named("web")), with(with(asset(2, rec, "b"), named("web")), from("fra")), with(asset(3, obs, "c"), named("web")),
		}, [][]int64{{1}, {2}, {3}}},
		{"rows of two registers with one FQDN", []inventory.Identity{
			asset(1, rec, "a", fqdn), with(asset(2, rec, "b", fqdn), from("fra")), asset(3, obs, "c", fqdn),
		}, [][]int64{{1, 2, 3}}},
		{"an agent on a cloud's instance", []inventory.Identity{
			with(asset(1, obs, "a", is(inventory.InstanceID, "i-0aaaaaaaaaaaaaaaa")), typed("AWS::EC2::Instance")),
			with(with(asset(2, obs, "b", is(inventory.InstanceID, "i-0aaaaaaaaaaaaaaaa")), typed("datacenter/vm")), from("agent")),
			with(asset(3, rec, "c", is(inventory.InstanceID, "i-0aaaaaaaaaaaaaaaa")), typed("datacenter/vm")),
		}, [][]int64{{1, 2, 3}}},
		{"an agent with the name of a cloud's instance", []inventory.Identity{
			with(asset(1, obs, "a", fqdn), typed("AWS::EC2::Instance")), with(with(asset(2, obs, "b", fqdn), typed("datacenter/server")), from("agent")),
		}, [][]int64{{1}, {2}}},
		{"a cloud's database with the serial number of a machine", []inventory.Identity{
			with(asset(1, obs, "a", is(inventory.Serial, "SER-AAA1")), typed("AWS::RDS::DBInstance")),
			with(with(asset(2, obs, "b", is(inventory.Serial, "SER-AAA1")), typed("datacenter/server")), from("agent")),
		}, [][]int64{{1}, {2}}},
		{"an EC2 instance that was built again under its name", []inventory.Identity{
			with(asset(1, obs, arn2, fqdn, ip), named("web")),
			with(asset(2, rec, "b", is(inventory.InstanceID, "i-0aaaaaaaaaaaaaaaa"), fqdn, ip), named("web")),
		}, [][]int64{{1}, {2}}},
		{"a network card that moved", []inventory.Identity{
			with(asset(1, obs, "a", is(inventory.MAC, "00:0a:95:9d:68:16")), named("new")),
			with(asset(2, rec, "b", is(inventory.MAC, "00:0a:95:9d:68:16")), named("old")),
		}, [][]int64{{1}, {2}}},
		{"a network card, and the address", []inventory.Identity{
			with(asset(1, obs, "a", is(inventory.MAC, "00:0a:95:9d:68:16"), ip), named("web")),
			with(asset(2, rec, "b", is(inventory.MAC, "00:0a:95:9d:68:16"), ip), named("vm-1")),
		}, [][]int64{{1, 2}}},
		{"asset tags of two owners", []inventory.Identity{
			with(asset(1, rec, "a", is(inventory.AssetTag, "1001")), in("sales", "")),
			with(with(asset(2, rec, "b", is(inventory.AssetTag, "1001")), in("plant", "")), from("dc2")),
		}, [][]int64{{1}, {2}}},
		{"asset tags of two owners in each of two registers", []inventory.Identity{
			with(asset(1, rec, "a", is(inventory.AssetTag, "1001")), in("sales", "")),
			with(asset(2, rec, "b", is(inventory.AssetTag, "1001")), in("plant", "")),
			with(with(asset(3, rec, "c", is(inventory.AssetTag, "1001")), in("plant", "")), from("dc2")),
		}, [][]int64{{1}, {2, 3}}},
		{"one serial number of two vendors", []inventory.Identity{
			asset(1, obs, "a", is(inventory.Serial, "1234567X"), is(inventory.Vendor, "Dell Inc.")),
			asset(2, rec, "b", is(inventory.Serial, "1234567X"), is(inventory.Vendor, "Hewlett-Packard")),
		}, [][]int64{{1}, {2}}},
		{"one serial number, two spellings of its vendor, and an unknown one", []inventory.Identity{
			asset(1, obs, "a", is(inventory.Serial, "1234567X"), is(inventory.Vendor, "Dell Inc.")),
			asset(2, rec, "b", is(inventory.Serial, "1234567X"), is(inventory.Vendor, "DELL")),
			asset(3, dec, "c", is(inventory.Serial, "1234567X"), is(inventory.Vendor, "Winbond")),
		}, [][]int64{{1, 2, 3}}},
		{"one serial number of two vendors in one source", []inventory.Identity{
			asset(1, rec, "a", is(inventory.Serial, "1234567X"), is(inventory.Vendor, "Dell Inc.")),
			asset(2, rec, "b", is(inventory.Serial, "1234567X"), is(inventory.Vendor, "HPE")),
			asset(3, obs, "c", is(inventory.Serial, "1234567X"), is(inventory.Vendor, "Dell")),
		}, [][]int64{{1, 3}, {2}}},
		{"nodes of one chassis, one without vendor", []inventory.Identity{
			asset(1, rec, "a", is(inventory.Serial, "1234567X"), is(inventory.Vendor, "Dell Inc.")),
			asset(2, rec, "b", is(inventory.Serial, "1234567X")),
			asset(3, obs, "c", is(inventory.Serial, "1234567X"), is(inventory.Vendor, "Dell")),
		}, [][]int64{{1}, {2}, {3}}},
		{"one instance id in two regions", []inventory.Identity{
			with(asset(1, obs, "a", is(inventory.InstanceID, "i-1")), in("111122223333", "eu-west-1")),
			with(asset(2, rec, "b", is(inventory.InstanceID, "i-1")), in("", "us-east-1")),
		}, [][]int64{{1}, {2}}},
		{"a register's own name for a region contradicts nothing", []inventory.Identity{
			with(asset(1, obs, "a", is(inventory.InstanceID, "i-1")), in("111122223333", "eu-west-1")),
			with(asset(2, rec, "b", is(inventory.InstanceID, "i-1")), in("", "Dublin")),
		}, [][]int64{{1, 2}}},
		{"short numbers of two clusters", []inventory.Identity{
			asset(1, obs, "a", is(inventory.InstanceID, "100")), asset(2, rec, "b", is(inventory.InstanceID, "100")),
			with(asset(3, dec, "c", is(inventory.InstanceID, "100")), in("pve", "")),
			with(with(asset(4, dec, "d", is(inventory.InstanceID, "100")), in("pve", "")), from("dec2")),
		}, [][]int64{{1}, {2}, {3, 4}}},
		{"placeholders for an instance id", []inventory.Identity{
			asset(1, obs, "a", is(inventory.InstanceID, "unknown")), asset(2, rec, "b", is(inventory.InstanceID, "Unknown")),
		}, [][]int64{{1}, {2}}},
		{"one name pulls at two machines", []inventory.Identity{
			asset(1, obs, "a", is(inventory.FQDN, "a.example.com"), is(inventory.FQDN, "b.example.com")),
			asset(2, rec, "b", is(inventory.FQDN, "a.example.com")), asset(3, rec, "c", is(inventory.FQDN, "b.example.com")),
		}, [][]int64{{1}, {2}, {3}}},
		{"and the others link all the same", []inventory.Identity{
			asset(1, obs, "a", is(inventory.FQDN, "a.example.com")), asset(2, rec, "b", is(inventory.FQDN, "a.example.com")),
			asset(3, dec, "c", is(inventory.FQDN, "a.example.com"), is(inventory.FQDN, "d.example.com")), asset(4, obs, "d", is(inventory.FQDN, "d.example.com")),
		}, [][]int64{{1, 2}, {3}, {4}}},
		{"two rows that one name could mean, of which one machine is seen", []inventory.Identity{
			asset(1, obs, "a", fqdn),
			asset(2, dec, "b", fqdn, is(inventory.InstanceID, "i-1")), with(asset(3, dec, "c", fqdn, is(inventory.InstanceID, "i-2")), from("dec2")),
		}, [][]int64{{1}, {2}, {3}}},
	})
}

type entitiesTest struct {
	name string
	in   []inventory.Identity
	want [][]int64
}

// runEntities also turns each estate's ids round: numbers are those of the first sight, and must not decide.
func runEntities(t *testing.T, tests []entitiesTest) {
	t.Helper()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, entities(build(t, tt.in))); diff != "" {
				t.Errorf("entities (-want +got):\n%s", diff)
			}
			back := map[int64]int64{}
			turned := make([]inventory.Identity, len(tt.in))
			for i, a := range tt.in {
				id := int64(len(tt.in) - i)
				back[id] = a.ID
				a.ID = id
				turned[len(tt.in)-1-i] = a
			}
			if diff := cmp.Diff(tt.want, renumbered(build(t, turned), back)); diff != "" {
				t.Errorf("entities with turned ids (-want +got):\n%s", diff)
			}
		})
	}
}

// TestOneThing: what the sources write differently and is the same.
func TestOneThing(t *testing.T) {
	obs, rec := inventory.Observed, inventory.Recorded
	vc1, vc2 := is(inventory.VCenterUUID, vcUUID1), is(inventory.VCenterUUID, vcUUID2)
	runEntities(t, []entitiesTest{
		{"a key in another system, over hardware that differs", []inventory.Identity{
			asset(1, obs, "a", is(inventory.NativeKey, "NetBox:dcim.device/42"), is(inventory.Serial, "SER-AAA1")),
			asset(2, rec, "b", is(inventory.NativeKey, "netbox: dcim.device/42"), is(inventory.Serial, "SER-BBB2")),
		}, [][]int64{{1, 2}}},
		{"a key in another system does not outlive the machine", []inventory.Identity{
			asset(1, obs, "a", is(inventory.NativeKey, "netbox:42"), is(inventory.InstanceID, "i-1")),
			asset(2, rec, "b", is(inventory.NativeKey, "netbox:42"), is(inventory.InstanceID, "i-2")),
		}, [][]int64{{1}, {2}}},
		{"bare keys", []inventory.Identity{
			asset(1, obs, "a", is(inventory.NativeKey, "42"), is(inventory.NativeKey, "web-server")), asset(2, rec, "b", is(inventory.NativeKey, "42"), is(inventory.NativeKey, "web-server")),
			asset(3, obs, "c", is(inventory.NativeKey, "9d385017c611228701d22104cc95c371")), asset(4, rec, "d", is(inventory.NativeKey, "9d385017c611228701d22104cc95c371")),
		}, [][]int64{{1}, {2}, {3, 4}}},
		{"a correlation id that is an ARN", []inventory.Identity{
			asset(1, obs, arn1), asset(2, rec, "b", is(inventory.NativeKey, arn1)),
		}, [][]int64{{1, 2}}},
		{"a reference within one vCenter", []inventory.Identity{
			asset(1, obs, "a", is(inventory.MoRef, "vm-42"), vc1), asset(2, rec, "b", is(inventory.MoRef, "VirtualMachine:vm-42"), vc1),
		}, [][]int64{{1, 2}}},
		{"a reference in two vCenters, and in none", []inventory.Identity{
			asset(1, obs, "a", is(inventory.MoRef, "vm-42"), vc1), asset(2, rec, "b", is(inventory.MoRef, "vm-42"), vc2),
			with(asset(3, rec, "c", is(inventory.MoRef, "vm-42")), from("dc2")), with(asset(4, obs, "d", is(inventory.MoRef, "vm-42")), from("dc3")),
		}, [][]int64{{1}, {2}, {3}, {4}}},
		{"two references of one vCenter, one UUID: a clone", []inventory.Identity{
			asset(1, obs, "a", is(inventory.MoRef, "vm-42"), vc1, is(inventory.UUID, uuidPlain)),
			asset(2, rec, "b", is(inventory.MoRef, "vm-43"), vc1, is(inventory.UUID, uuidPlain)),
		}, [][]int64{{1}, {2}}},
		{"references of two vCenters contradict nothing", []inventory.Identity{
			asset(1, obs, "a", is(inventory.MoRef, "vm-42"), vc1, is(inventory.UUID, uuidPlain)),
			asset(2, rec, "b", is(inventory.MoRef, "vm-43"), vc2, is(inventory.UUID, uuidPlain)),
		}, [][]int64{{1, 2}}},
		{"an instance UUID over a BIOS UUID, and none is the other", []inventory.Identity{
			asset(1, obs, "a", is(inventory.InstanceUUID, "502f245c-7fa8-60fa-6af6-a46351ced0eb"), is(inventory.UUID, uuidPlain)),
			asset(2, rec, "b", is(inventory.InstanceUUID, "502f245c-7fa8-60fa-6af6-a46351ced0eb")),
			asset(3, rec, "c", is(inventory.UUID, "502f245c-7fa8-60fa-6af6-a46351ced0eb")),
		}, [][]int64{{1, 2}, {3}}},
		{"an instance id in the firmware, as serial number", []inventory.Identity{
			asset(1, obs, arn1), asset(2, rec, "b", is(inventory.Serial, "i-0AAAAAAAAAAAAAAAA")),
		}, [][]int64{{1, 2}}},
		{"a serial number that is the UUID", []inventory.Identity{
			asset(1, obs, "a", is(inventory.UUID, uuidSwapped)), asset(2, rec, "b", is(inventory.Serial, uuidPlain)),
		}, [][]int64{{1, 2}}},
	})
}

// TestDecodedNeedsMore: what vendors pack into a UUID links with a name or an address only.
func TestDecodedNeedsMore(t *testing.T) {
	obs, rec := inventory.Observed, inventory.Recorded
	ip := is(inventory.PrivateIP, "10.0.0.4")
	const microServer = "00000000-0000-1000-8000-ac1f6b010203"
	runEntities(t, []entitiesTest{
		{"a service tag alone", []inventory.Identity{
			asset(1, obs, "a", is(inventory.UUID, dellA)), asset(2, rec, "b", is(inventory.Serial, "FZ22YQ1")),
		}, [][]int64{{1}, {2}}},
		{"a service tag and the name", []inventory.Identity{
			with(asset(1, obs, "a", is(inventory.UUID, dellA)), named("db1")), with(asset(2, rec, "b", is(inventory.Serial, "fz22yq1")), named("db1")),
		}, [][]int64{{1, 2}}},
		{"a service tag and the address", []inventory.Identity{
			asset(1, obs, "a", is(inventory.UUID, dellA), ip), asset(2, rec, "b", is(inventory.Serial, "FZ22YQ1"), ip),
		}, [][]int64{{1, 2}}},
		{"a service tag, the name, and two rows of them", []inventory.Identity{
			with(asset(1, obs, "a", is(inventory.UUID, dellA)), named("db1")), with(asset(2, rec, "b", is(inventory.Serial, "FZ22YQ1")), named("db1")),
			with(asset(3, rec, "c", is(inventory.Serial, "FZ22YQ1")), named("db1")),
		}, [][]int64{{1}, {2}, {3}}},
		{"a service tag, the name, and another UUID", []inventory.Identity{
			with(asset(1, obs, "a", is(inventory.UUID, dellA)), named("db1")),
			with(asset(2, rec, "b", is(inventory.Serial, "FZ22YQ1"), is(inventory.UUID, uuidPlain)), named("db1")),
		}, [][]int64{{1}, {2}}},
		{"a typed serial number does not keep apart what one name joins", []inventory.Identity{
			asset(1, obs, "a", is(inventory.UUID, dellA), is(inventory.FQDN, "db1.example.com")),
			asset(2, rec, "b", is(inventory.Serial, "FZ22YQ2"), is(inventory.FQDN, "db1.example.com")),
		}, [][]int64{{1, 2}}},
		{"nor joins what no name does", []inventory.Identity{
			asset(1, obs, "a", is(inventory.UUID, dellA), is(inventory.Serial, "FZ22YQ2")), asset(2, rec, "b", is(inventory.Serial, "FZ22YQ1")),
		}, [][]int64{{1}, {2}}},
		{"the end of a UUID and a network card", []inventory.Identity{
			with(asset(1, obs, "a", is(inventory.UUID, microServer)), named("db1")),
			with(asset(2, rec, "b", is(inventory.MAC, "AC-1F-6B-01-02-03")), named("db1")),
		}, [][]int64{{1, 2}}},
		{"the end of a UUID and a network card without a name", []inventory.Identity{
			asset(1, obs, "a", is(inventory.UUID, microServer)), asset(2, rec, "b", is(inventory.MAC, "AC-1F-6B-01-02-03")),
		}, [][]int64{{1}, {2}}},
	})
}

// TestFacets: when two rows of one register are one virtual machine, and when not.
func TestFacets(t *testing.T) {
	rec := inventory.Recorded
	fqdn, ip, id := is(inventory.FQDN, "web.example.com"), is(inventory.PrivateIP, "10.0.0.4"), is(inventory.InstanceID, "i-0aaaaaaaaaaaaaaaa")
	row := func(n int64, typ inventory.Type, ids ...inventory.Identifier) inventory.Identity {
		return with(asset(n, rec, "row", ids...), typed(typ))
	}
	runEntities(t, []entitiesTest{
		{"one instance id", []inventory.Identity{row(1, host, id), row(2, guest, id)}, [][]int64{{1, 2}}},
		{"one instance id, and both are machines of hosts", []inventory.Identity{row(1, host, id), row(2, "AWS::EC2::Instance", id)}, [][]int64{{1}, {2}}},
		{"one instance id on something else", []inventory.Identity{row(1, host, id), row(2, "datacenter/storage", id)}, [][]int64{{1}, {2}}},
		{"one instance id on three", []inventory.Identity{row(1, host, id), row(2, guest, id), row(3, "datacenter/storage", id)}, [][]int64{{1}, {2}, {3}}},
		{"one instance id in two accounts", []inventory.Identity{
			with(row(1, host, id), in("111122223333", "")), with(row(2, guest, id), in("444455556666", "")),
		}, [][]int64{{1}, {2}}},
		{"one UUID", []inventory.Identity{row(1, host, id, is(inventory.UUID, uuidPlain)), row(2, guest, is(inventory.UUID, uuidSwapped))}, [][]int64{{1, 2}}},
		{"the guest by name and address", []inventory.Identity{row(1, host, id, fqdn, ip), row(2, guest, fqdn, ip)}, [][]int64{{1, 2}}},
		{"with what is seen", []inventory.Identity{asset(3, inventory.Observed, arn1), row(1, host, id, fqdn, ip), row(2, guest, fqdn, ip)}, [][]int64{{1, 2, 3}}},
		{"the guest by name alone", []inventory.Identity{row(1, host, id, fqdn, ip), row(2, guest, fqdn)}, [][]int64{{1}, {2}}},
		{"the guest by name and another address", []inventory.Identity{row(1, host, id, fqdn, ip), row(2, guest, fqdn, is(inventory.PrivateIP, "10.0.0.5"))}, [][]int64{{1}, {2}}},
		{"the host's row knows no id", []inventory.Identity{row(1, host, fqdn, ip), row(2, guest, fqdn, ip)}, [][]int64{{1}, {2}}},
		{"the guest has an id of its own", []inventory.Identity{
			row(1, host, id, fqdn, ip), row(2, guest, is(inventory.InstanceID, "i-0bbbbbbbbbbbbbbbb"), fqdn, ip),
		}, [][]int64{{1}, {2}}},
		{"the guest has another serial number", []inventory.Identity{
			row(1, host, id, fqdn, ip, is(inventory.Serial, "SER-AAA1")), row(2, guest, fqdn, ip, is(inventory.Serial, "SER-BBB2")),
		}, [][]int64{{1}, {2}}},
		{"a third row has the name", []inventory.Identity{
			row(1, host, id, fqdn, ip), row(2, guest, fqdn, ip), row(3, guest, fqdn),
		}, [][]int64{{1}, {2}, {3}}},
		{"a retired row has the name", []inventory.Identity{
			row(1, host, id, fqdn, ip), row(2, guest, fqdn, ip),
			with(row(3, guest, fqdn), func(i *inventory.Identity) { i.Lifecycle = inventory.LifecycleRetired }),
		}, [][]int64{{1, 2}, {3}}},
		{"in two registers their name is enough", []inventory.Identity{
			row(1, host, id, fqdn, ip), with(row(2, guest, fqdn), from("dc2")),
		}, [][]int64{{1, 2}}},
	})
	r := build(t, []inventory.Identity{row(1, host, id), row(2, guest, id)})
	if n := count(r.Twins(1)) + count(r.Twins(2)); n != 0 {
		t.Errorf("facets are called duplicates %d times", n)
	}
}
