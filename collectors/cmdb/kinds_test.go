package cmdb_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/collectors/cmdb"
	"github.com/muster-audit/muster/inventory"
)

// identified is the identifiers of the only asset, "kind=value".
func identified(t *testing.T, out *kept) []string {
	t.Helper()
	if len(out.assets) != 1 {
		t.Fatalf("%d assets, problems %v", len(out.assets), out.problems)
	}
	var list []string
	for _, i := range out.assets[0].Identifiers {
		list = append(list, string(i.Kind)+"="+i.Value)
	}
	return list
}

// TestKindsOfIdentifiers reads rows of exports that name more than serial numbers.
func TestKindsOfIdentifiers(t *testing.T) {
	const snow = "sys_id,sys_class_name,install_status,correlation_id,discovery_source,object_id,manufacturer\n" + "a1150000000000000000000000000001,cmdb_ci_server,1,"
	tests := []struct{ name, text, key, want string }{
		{
			"RVTools 4 has both UUIDs", "VM,Powerstate,Config status,VM ID,SMBIOS UUID,VM UUID,VI SDK Server,VI SDK UUID\nv,poweredOn,green,vm-7,42-b,50-i,vc,90-v\n",
			"50-i", "instance-uuid=50-i moref=vm-7 uuid=42-b vcenter-uuid=90-v",
		},
		{
			"RVTools 3 has that of the BIOS", "VM,Powerstate,Config status,VM ID,VM UUID,VI SDK Server\nv,poweredOn,green,vm-7,42-b,vc\n",
			"42-b", "moref=vm-7 uuid=42-b",
		},
		{"a key of a system that is named", snow + "42,SG-NetBox,,Dell Inc.\n", "", "native-key=netbox:42 vendor=Dell Inc."},
		{"and of one that is not", snow + "42,ServiceNow,,\n", "", "native-key=42"},
		{"a way in is no system", snow + "42,Manual Entry,,\n", "", "native-key=42"},
		{"a global name needs no system", snow + "arn:aws:ec2:eu-west-1:111122223333:instance/i-1,SG-AWS,,\n", "", "native-key=arn:aws:ec2:eu-west-1:111122223333:instance/i-1"},
		{"no key, no system", snow + ",SG-AWS,,\n", "", ""},
		{"an id that is an ARN", snow + ",,arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/x/1,\n", "", "arn=arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/x/1"},
		{"an id of one vCenter", snow + ",,vm-1042,\n", "", "moref=vm-1042"},
		{"an id of a cloud", snow + ",,i-0123456789abcdef0,\n", "", "instance-id=i-0123456789abcdef0"},
		{"an id beside an empty column for it", strings.Replace(snow, "object_id", "vm_inst_id,object_id", 1) + ",,,i-0123456789abcdef0,\n", "", "instance-id=i-0123456789abcdef0"},
		{"an id in both columns", strings.Replace(snow, "object_id", "vm_inst_id,object_id", 1) + ",,i-0123456789abcdef0,i-0123456789abcdef0,\n", "", "instance-id=i-0123456789abcdef0"},
		{"an id of nobody knows what", snow + ",,vol-0123456789abcdef0,\n", "", ""},
		{"a manufacturer that is a record", snow + ",,,c1150000000000000000000000000009\n", "", ""},
		{
			"a spreadsheet", "Name,Serial Number,Chassis Serial Number,Manufacturer,Instance UUID,MoRef,vCenter UUID\nn1,SN1,CH1,HPE,50-i,vm-9,90-v\n",
			"50-i", "chassis-serial=CH1 instance-uuid=50-i moref=vm-9 serial=SN1 vcenter-uuid=90-v vendor=HPE",
		},
		{"who sold it did not make it", "Name,Serial Number,Vendor\nn1,SN1,Dell\n", "SN1", "serial=SN1"},
		{"a chassis alone", "Name,Chassis Serial\nn1,CH1\n", "n1", "chassis-serial=CH1"},
		{"a chassis without a number", "Name,Chassis Serial\nn1,To Be Filled By O.E.M.\n", "n1", ""},
		{"a UUID of nobody", "Name,Instance UUID\nn1,00000000-0000-0000-0000-000000000000\n", "n1", "instance-uuid=00000000-0000-0000-0000-000000000000"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out := mustCollect(t, tt.text, preset("auto"))
			if d := cmp.Diff(tt.want, strings.Join(identified(t, out), " ")); d != "" {
				t.Errorf("identifiers (-want +have):\n%s", d)
			}
			if key := out.assets[0].Key; tt.key != "" && key != tt.key {
				t.Errorf("key is %q", key)
			}
		})
	}
}

func TestKindsOfIdentifiersThatAreConfigured(t *testing.T) {
	out := mustCollect(t, "n,iu,ref,vc,nk,ns,ch,v\nweb-1,50-i,vm-1,90-v,42,NetBox,CH1,Dell\n", func(o *cmdb.Options) {
		o.Columns = cmdb.Columns{
			Name: "n", InstanceUUID: "iu", MoRef: "ref", VCenterUUID: "vc", NativeKey: "nk", NativeSystem: "ns", ChassisSerial: "ch", Vendor: "v",
		}
	})
	const want = "chassis-serial=CH1 instance-uuid=50-i moref=vm-1 native-key=netbox:42 vcenter-uuid=90-v vendor=Dell"
	if have := strings.Join(identified(t, out), " "); have != want || out.assets[0].Key != "50-i" {
		t.Errorf("key %q, identifiers %s", out.assets[0].Key, have)
	}
}

// TestOldConfigsKeepTheirKeys: headers that mean something since there are presets make no key in a source without the key preset.
func TestOldConfigsKeepTheirKeys(t *testing.T) {
	const text = "Name,VM UUID,Instance UUID,MoRef,Correlation ID,Manufacturer\nweb-1,,50-i,vm-1,c1,Dell\nweb-2,42-b,51-i,vm-2,c2,Dell\n"
	if d := cmp.Diff([]string{"web-1", "42-b"}, mustCollect(t, text, nil).keys()); d != "" {
		t.Errorf("keys (-want +have):\n%s", d)
	}
	for _, a := range mustCollect(t, text, nil).assets {
		for _, i := range a.Identifiers {
			if i.Kind != inventory.UUID {
				t.Errorf("identifier %v of a header that was none", i)
			}
		}
	}
}
