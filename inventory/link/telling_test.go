package link

import (
	"testing"

	"github.com/muster-audit/muster/inventory"
)

func TestRecognisable(t *testing.T) {
	row := func(ids ...inventory.Identifier) inventory.Identity {
		return asset(1, inventory.Recorded, "web-1", ids...)
	}
	tests := []struct {
		name string
		id   inventory.Identity
		want bool
	}{
		{"nothing", row(), false},
		{"an ARN as key", asset(1, inventory.Declared, arn1), true},
		{"a declaration's address", with(asset(1, inventory.Declared, "a.tfstate#x.y"), func(i *inventory.Identity) {
			i.Lineage, i.Address = "L", "x.y"
		}), false},
		{"a serial number", row(is(inventory.Serial, "CZC1234ABC")), true},
		{"a serial number that nobody set", row(is(inventory.Serial, "To be filled by O.E.M.")), false},
		{"a UUID of every board", row(is(inventory.UUID, "03000200-0400-0500-0006-000700080009")), false},
		{"an asset tag that is none", row(is(inventory.AssetTag, "No Asset Tag")), false},
		{"an FQDN", row(is(inventory.FQDN, "web-1.example.com")), true},
		{"an FQDN of every network", row(is(inventory.FQDN, "ip-10-0-0-4.ec2.internal")), false},
		{"what only suggests", row(is(inventory.Hostname, "web-1"), is(inventory.PrivateIP, "10.0.0.4")), false},
		{"a MAC address, which needs a name", row(is(inventory.MAC, "00:1b:21:aa:bb:cc")), false},
		{"a resource id without its account", with(row(is(inventory.ResourceID, "vol-1")), in("", "eu-west-1")), false},
		{"a resource id without its region", with(row(is(inventory.ResourceID, "vol-1")), in("111122223333", "")), false},
		{"a resource id", with(row(is(inventory.ResourceID, "vol-1")), in("111122223333", "eu-west-1")), true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Recognisable(&tt.id, true); got != tt.want {
				t.Errorf("got %t", got)
			}
		})
	}
	global := with(row(is(inventory.ResourceID, "app")), in("111122223333", ""))
	if !Recognisable(&global, false) {
		t.Error("the resource id of a type without a region does not count")
	}
}

// TestBlind: a declaration that holds nothing to recognise it by may be that of anything of its type.
func TestBlind(t *testing.T) {
	const eip, nat, queue = inventory.Type("AWS::EC2::EIP"), inventory.Type("AWS::EC2::NatGateway"), inventory.Type("AWS::SQS::Queue")
	declared := func(id int64, typ inventory.Type, account, region string, ids ...inventory.Identifier) inventory.Identity {
		return with(with(asset(id, inventory.Declared, "a.tfstate#x", ids...), typed(typ)), in(account, region))
	}
	r := build(t, []inventory.Identity{
		declared(4, eip, "", "", is(inventory.ResourceID, "eipalloc-1")),
		declared(3, nat, "111122223333", "", is(inventory.ResourceID, "nat-1")),
		declared(2, queue, "111122223333", "eu-west-1", is(inventory.ResourceID, "q")),
		with(declared(1, vm, "", ""), func(i *inventory.Identity) { i.Lifecycle = inventory.LifecyclePlanned }),
		with(asset(5, inventory.Recorded, "row"), typed("datacenter/vm")),
	})
	for _, tt := range []struct {
		typ     inventory.Type
		account string
		want    bool
	}{
		{eip, "111122223333", true},
		{eip, "444455556666", true},
		{nat, "111122223333", true},
		{nat, "444455556666", false},
		{queue, "111122223333", false},
		{vm, "111122223333", false},
		{"datacenter/vm", "", false},
	} {
		if got := r.Blind(tt.typ, tt.account); got != tt.want {
			t.Errorf("%s in %s: blind %t", tt.typ, tt.account, got)
		}
	}
}
