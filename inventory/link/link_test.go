package link

import (
	"context"
	"errors"
	"iter"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/muster-audit/muster/inventory"
)

const (
	arn1 = "arn:aws:ec2:eu-west-1:111122223333:instance/i-0aaaaaaaaaaaaaaaa"
	arn2 = "arn:aws:ec2:eu-west-1:111122223333:instance/i-0bbbbbbbbbbbbbbbb"
	vm   = inventory.Type("AWS::EC2::Instance")
)

// asset makes an identity whose source is its book's only one; ids are "kind=value" pairs.
func asset(id int64, book inventory.Book, key string, ids ...inventory.Identifier) inventory.Identity {
	return inventory.Identity{
		ID: id, Book: book, Source: string(book), Type: "datacenter/server", Key: key,
		Identifiers: inventory.SortIdentifiers(ids),
	}
}

func is(kind inventory.IdentifierKind, value string) inventory.Identifier {
	return inventory.Identifier{Kind: kind, Value: value}
}

func with(i inventory.Identity, change func(*inventory.Identity)) inventory.Identity {
	change(&i)
	return i
}

func from(source string) func(*inventory.Identity) {
	return func(i *inventory.Identity) { i.Source = source }
}

func named(name string) func(*inventory.Identity) {
	return func(i *inventory.Identity) { i.Name = name }
}

func typed(t inventory.Type) func(*inventory.Identity) {
	return func(i *inventory.Identity) { i.Type = t }
}

func in(account, region string) func(*inventory.Identity) {
	return func(i *inventory.Identity) { i.Account, i.Region = account, region }
}

func stream(list []inventory.Identity) iter.Seq2[inventory.Identity, error] {
	return func(yield func(inventory.Identity, error) bool) {
		for _, i := range list {
			if !yield(i, nil) {
				return
			}
		}
	}
}

func build(t testing.TB, list []inventory.Identity) *Result {
	t.Helper()
	r, err := Build(t.Context(), stream(list))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func entities(r *Result) [][]int64 {
	var out [][]int64
	for e := range r.Entities() {
		out = append(out, e)
	}
	return out
}

const (
	uuidPlain   = "421F245C-7FA8-60FA-6AF6-A46351CED0EB"
	uuidSwapped = "5c241f42-a87f-fa60-6af6-a46351ced0eb"
)

func TestBuild(t *testing.T) {
	obs, rec, dec := inventory.Observed, inventory.Recorded, inventory.Declared
	tests := []struct {
		name string
		in   []inventory.Identity
		want [][]int64
	}{
		{"nothing", nil, nil},
		{"an ARN as key and as identifier", []inventory.Identity{
			asset(1, obs, arn1), asset(2, dec, "a.tfstate#aws_instance.x", is(inventory.ARN, arn1)),
		}, [][]int64{{1, 2}}},
		{"an ARN keeps its case", []inventory.Identity{
			asset(1, obs, "arn:aws:iam::111122223333:role/App"), asset(2, dec, "arn:aws:iam::111122223333:role/app"),
		}, [][]int64{{1}, {2}}},
		{"a log group with and without star", []inventory.Identity{
			asset(1, obs, "arn:aws:logs:eu-west-1:111122223333:log-group:/app"),
			asset(2, dec, "arn:aws:logs:eu-west-1:111122223333:log-group:/app:*"),
		}, [][]int64{{1, 2}}},
		{"one ARN in two states of one source: declared twice", []inventory.Identity{
			asset(1, dec, arn1), with(asset(2, dec, arn1), from("declared")),
		}, [][]int64{{1, 2}}},
		{"self link and full resource name", []inventory.Identity{
			asset(1, obs, "//compute.googleapis.com/projects/acme/zones/europe-west1-b/instances/web-1"),
			asset(2, dec, "x", is(inventory.SelfLink, "https://www.googleapis.com/compute/v1/projects/acme/zones/europe-west1-b/instances/web-1")),
			asset(3, rec, "x", is(inventory.SelfLink, "https://compute.googleapis.com/compute/beta/projects/acme/zones/europe-west1-b/instances/web-1")),
		}, [][]int64{{1, 2, 3}}},
		{"the instance id within an ARN", []inventory.Identity{
			asset(1, obs, arn1), asset(2, rec, "row", is(inventory.InstanceID, "I-0AAAAAAAAAAAAAAAA")),
		}, [][]int64{{1, 2}}},
		{"the asset tag of a Nitro board", []inventory.Identity{
			asset(1, obs, arn1), asset(2, rec, "row", is(inventory.AssetTag, "i-0aaaaaaaaaaaaaaaa")),
		}, [][]int64{{1, 2}}},
		{"one instance id in two accounts", []inventory.Identity{
			with(asset(1, obs, "a", is(inventory.InstanceID, "i-1")), in("111122223333", "")),
			with(asset(2, rec, "b", is(inventory.InstanceID, "i-1")), in("444455556666", "")),
		}, [][]int64{{1}, {2}}},
		{"a register's own name for an account contradicts nothing", []inventory.Identity{
			with(asset(1, obs, "a", is(inventory.InstanceID, "i-1")), in("111122223333", "")),
			with(asset(2, rec, "b", is(inventory.InstanceID, "i-1")), in("production", "")),
		}, [][]int64{{1, 2}}},
		{"a resource id needs type, account and region", []inventory.Identity{
			with(with(asset(1, obs, "a", is(inventory.ResourceID, "vol-1")), in("111122223333", "eu-west-1")), typed("AWS::EC2::Volume")),
			with(with(asset(2, dec, "b", is(inventory.ResourceID, "vol-1")), in("111122223333", "eu-west-1")), typed("AWS::EC2::Volume")),
			with(with(asset(3, rec, "c", is(inventory.ResourceID, "vol-1")), in("111122223333", "us-east-1")), typed("AWS::EC2::Volume")),
			with(with(asset(4, rec, "d", is(inventory.ResourceID, "vol-1")), in("", "eu-west-1")), typed("AWS::EC2::Volume")),
		}, [][]int64{{1, 2}, {3}, {4}}},
		{"one register's two rows of one instance, as the guest's server and as the host's machine", []inventory.Identity{
			asset(1, obs, arn1),
			asset(2, rec, "sys1", is(inventory.InstanceID, "i-0aaaaaaaaaaaaaaaa")),
			with(asset(3, rec, "sys2", is(inventory.InstanceID, "i-0aaaaaaaaaaaaaaaa")), typed("datacenter/vm")),
		}, [][]int64{{1, 2, 3}}},
		{"the same twice as a server: nobody knows which", []inventory.Identity{
			asset(1, obs, arn1),
			asset(2, rec, "sys1", is(inventory.InstanceID, "i-0aaaaaaaaaaaaaaaa")),
			with(asset(3, rec, "sys2", is(inventory.InstanceID, "i-0aaaaaaaaaaaaaaaa")), typed("datacenter/vm")),
			asset(4, rec, "sys3", is(inventory.InstanceID, "i-0aaaaaaaaaaaaaaaa")),
		}, [][]int64{{1}, {2}, {3}, {4}}},
		{"two types of one register with one UUID, and with one serial number", []inventory.Identity{
			asset(1, rec, "a", is(inventory.UUID, uuidPlain)), with(asset(2, rec, "b", is(inventory.UUID, uuidSwapped)), typed("datacenter/vm")),
			asset(3, rec, "c", is(inventory.Serial, "CZC1234")), with(asset(4, rec, "d", is(inventory.Serial, "CZC1234")), typed("datacenter/storage")),
		}, [][]int64{{1, 2}, {3}, {4}}},
		{"two observed types with one UUID", []inventory.Identity{
			asset(1, obs, "a", is(inventory.UUID, uuidPlain)), with(asset(2, obs, "b", is(inventory.UUID, uuidPlain)), typed("datacenter/vm")),
		}, [][]int64{{1}, {2}}},
		{"a UUID in both byte orders", []inventory.Identity{
			asset(1, obs, "a", is(inventory.UUID, uuidPlain)), asset(2, rec, "b", is(inventory.UUID, uuidSwapped)),
		}, [][]int64{{1, 2}}},
		{"the serial of a VMware guest is its UUID", []inventory.Identity{
			asset(1, obs, "a", is(inventory.UUID, uuidSwapped)),
			asset(2, rec, "b", is(inventory.Serial, "VMware-42 1f 24 5c 7f a8 60 fa-6a f6 a4 63 51 ce d0 eb")),
		}, [][]int64{{1, 2}}},
		{"junk UUIDs, serials, asset tags and MACs", []inventory.Identity{
			asset(1, obs, "a", is(inventory.UUID, "03000200-0400-0500-0006-000700080009"), is(inventory.Serial, "To Be Filled By O.E.M."), is(inventory.AssetTag, "No Asset Tag")),
			asset(2, rec, "b", is(inventory.UUID, "03000200-0400-0500-0006-000700080009"), is(inventory.Serial, "to be filled by O.E.M."), is(inventory.AssetTag, "no asset tag")),
			with(asset(3, obs, "c", is(inventory.MAC, "02:42:ac:11:00:02"), is(inventory.Serial, "0000000")), named("web")),
			with(asset(4, rec, "d", is(inventory.MAC, "02:42:ac:11:00:02"), is(inventory.Serial, "0000000")), named("web")),
		}, [][]int64{{1}, {2}, {3}, {4}}},
		{"a serial in two spellings", []inventory.Identity{
			asset(1, obs, "a", is(inventory.Serial, "fz22 yq1")), asset(2, rec, "b", is(inventory.Serial, "FZ22YQ1")),
		}, [][]int64{{1, 2}}},
		{"the serial of a chassis links none of its nodes", []inventory.Identity{
			asset(1, obs, "a", is(inventory.Serial, "957XY4J")), asset(2, rec, "b", is(inventory.Serial, "957XY4J")),
			asset(3, rec, "c", is(inventory.Serial, "957XY4J")),
		}, [][]int64{{1}, {2}, {3}}},
		{"asset tag", []inventory.Identity{
			asset(1, obs, "a", is(inventory.AssetTag, "ac-0017 ")), asset(2, rec, "b", is(inventory.AssetTag, "AC-0017")),
		}, [][]int64{{1, 2}}},
		{"a MAC address and the name", []inventory.Identity{
			with(asset(1, obs, "a", is(inventory.MAC, "00-0A-95-9D-68-16"), is(inventory.MAC, "00:0a:95:9d:68:17")), named("db1.example.com")),
			with(asset(2, rec, "b", is(inventory.MAC, "000a.959d.6816")), named("DB1")),
		}, [][]int64{{1, 2}}},
		{"a MAC address alone, one of two", []inventory.Identity{
			with(asset(1, obs, "a", is(inventory.MAC, "00:0a:95:9d:68:16"), is(inventory.MAC, "00:0a:95:9d:68:17")), named("db1")),
			with(asset(2, rec, "b", is(inventory.MAC, "00:0a:95:9d:68:16")), named("db2")),
		}, [][]int64{{1}, {2}}},
		{"all MAC addresses", []inventory.Identity{
			with(asset(1, obs, "a", is(inventory.MAC, "00:0a:95:9d:68:16"), is(inventory.MAC, "00:0a:95:9d:68:17")), named("db1")),
			with(asset(2, rec, "b", is(inventory.MAC, "00:0a:95:9d:68:17"), is(inventory.MAC, "00:0a:95:9d:68:16")), named("db2")),
		}, [][]int64{{1, 2}}},
		{"FQDN", []inventory.Identity{
			asset(1, obs, "a", is(inventory.FQDN, "Web-1.example.com.")), asset(2, rec, "b", is(inventory.FQDN, "web-1.EXAMPLE.com")),
			asset(3, dec, "c", is(inventory.FQDN, "web-1.example.net")),
		}, [][]int64{{1, 2}, {3}}},
		{"an FQDN twice in one source", []inventory.Identity{
			asset(1, obs, "a", is(inventory.FQDN, "web.example.com")), asset(2, rec, "b", is(inventory.FQDN, "web.example.com")),
			asset(3, rec, "c", is(inventory.FQDN, "web.example.com")),
		}, [][]int64{{1}, {2}, {3}}},
		{"a retired row does not stand in the way of its successor", []inventory.Identity{
			asset(1, obs, "a", is(inventory.FQDN, "web.example.com")),
			with(asset(2, rec, "b", is(inventory.FQDN, "web.example.com")), func(i *inventory.Identity) { i.Lifecycle = inventory.LifecycleRetired }),
			asset(3, rec, "c", is(inventory.FQDN, "web.example.com")),
		}, [][]int64{{1, 3}, {2}}},
		{"names that every network gives out again", []inventory.Identity{
			asset(1, obs, "a", is(inventory.FQDN, "ip-10-0-0-4.eu-west-1.compute.internal")),
			asset(2, rec, "b", is(inventory.FQDN, "ip-10-0-0-4.eu-west-1.compute.internal")),
			asset(3, dec, "c", is(inventory.FQDN, "localhost.localdomain")), asset(4, rec, "d", is(inventory.FQDN, "localhost.localdomain")),
		}, [][]int64{{1}, {2}, {3}, {4}}},
		{"host name and address only suggest", []inventory.Identity{
			with(asset(1, obs, "a", is(inventory.Hostname, "web"), is(inventory.PrivateIP, "10.0.0.4")), named("web")),
			with(asset(2, rec, "b", is(inventory.Hostname, "web"), is(inventory.PrivateIP, "10.0.0.4")), named("web")),
		}, [][]int64{{1}, {2}}},
		{"a rebuilt machine: one FQDN, two instance ids", []inventory.Identity{
			asset(1, obs, arn2, is(inventory.FQDN, "web.example.com")),
			asset(2, dec, "s#a", is(inventory.InstanceID, "i-0aaaaaaaaaaaaaaaa"), is(inventory.FQDN, "web.example.com")),
		}, [][]int64{{1}, {2}}},
		{"the same with a row that knows only the name: it means what is there now", []inventory.Identity{
			asset(1, obs, arn2, is(inventory.FQDN, "web.example.com")),
			asset(2, dec, "s#a", is(inventory.InstanceID, "i-0aaaaaaaaaaaaaaaa"), is(inventory.FQDN, "web.example.com")),
			asset(3, rec, "row", is(inventory.FQDN, "web.example.com")),
		}, [][]int64{{1, 3}, {2}}},
		{"no chain of weak links joins what a strong one keeps apart", []inventory.Identity{
			asset(1, obs, "a", is(inventory.Serial, "SER-AAA1"), is(inventory.AssetTag, "TAG-1")),
			asset(2, rec, "b", is(inventory.AssetTag, "TAG-1"), is(inventory.FQDN, "web.example.com")),
			asset(3, dec, "c", is(inventory.Serial, "SER-BBB2"), is(inventory.FQDN, "web.example.com")),
		}, [][]int64{{1, 2}, {3}}},
		{"ARNs of two classes can belong to one thing", []inventory.Identity{
			asset(1, obs, "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/a/1", is(inventory.FQDN, "a.elb.example.com")),
			asset(2, rec, "b", is(inventory.ARN, "arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/a/1"), is(inventory.FQDN, "a.elb.example.com")),
		}, [][]int64{{1, 2}}},
		{"a stronger identifier overrules a weaker that differs", []inventory.Identity{
			asset(1, obs, "a", is(inventory.InstanceID, "i-1"), is(inventory.Serial, "SER-AAA1")),
			asset(2, rec, "b", is(inventory.InstanceID, "i-1"), is(inventory.Serial, "SER-BBB2")),
		}, [][]int64{{1, 2}}},
		{"two observed types by serial", []inventory.Identity{
			asset(1, obs, "a", is(inventory.Serial, "SER-AAA1")),
			with(with(asset(2, obs, "b", is(inventory.Serial, "SER-AAA1")), typed("datacenter/network")), from("agent")),
		}, [][]int64{{1}, {2}}},
		{"two observed sources of one type by serial", []inventory.Identity{
			asset(1, obs, "a", is(inventory.Serial, "SER-AAA1")), with(asset(2, obs, "b", is(inventory.Serial, "SER-AAA1")), from("agent")),
		}, [][]int64{{1, 2}}},
		{"two assets of one source, by a third", []inventory.Identity{
			asset(1, rec, "a", is(inventory.Serial, "SER-AAA1")), asset(2, rec, "b", is(inventory.FQDN, "web.example.com")),
			asset(3, obs, "c", is(inventory.Serial, "SER-AAA1"), is(inventory.FQDN, "web.example.com")),
		}, [][]int64{{1, 3}, {2}}},
		{"a plan and a state of one declaration", []inventory.Identity{
			with(asset(1, dec, arn1), declares("L", "aws_instance.x", "")),
			with(asset(2, dec, "plan.json#aws_instance.x"), declares("L", "aws_instance.x", inventory.LifecyclePlanned)),
			with(asset(3, dec, "plan.json#aws_instance.y"), declares("L", "aws_instance.y", inventory.LifecyclePlanned)),
			with(asset(4, dec, "other.json#aws_instance.x"), declares("M", "aws_instance.x", inventory.LifecyclePlanned)),
		}, [][]int64{{1, 2}, {3}, {4}}},
		{"a deposed object is not the one that took its address", []inventory.Identity{
			with(asset(1, dec, "s#x", is(inventory.InstanceID, "i-1")), declares("L", "aws_instance.x", "")),
			with(asset(2, dec, "s#x deposed", is(inventory.InstanceID, "i-2")), declares("L", "aws_instance.x", inventory.LifecycleRetiring)),
		}, [][]int64{{1}, {2}}},
		{"an old copy of a state, from before the machine was replaced", []inventory.Identity{
			with(asset(1, dec, arn1), declares("L", "aws_instance.x", "")),
			with(asset(2, dec, arn2), declares("L", "aws_instance.x", "")),
		}, [][]int64{{1}, {2}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := build(t, tt.in)
			if diff := cmp.Diff(tt.want, entities(r)); diff != "" {
				t.Errorf("entities (-want +got):\n%s", diff)
			}
			if r.Len() != len(tt.want) {
				t.Errorf("Len() = %d, want %d", r.Len(), len(tt.want))
			}
		})
	}
}

func declares(lineage, address string, l inventory.Lifecycle) func(*inventory.Identity) {
	return func(i *inventory.Identity) { i.Lineage, i.Address, i.Lifecycle = lineage, address, l }
}

func TestResult(t *testing.T) {
	r := build(t, []inventory.Identity{
		asset(10, inventory.Observed, arn1), asset(20, inventory.Declared, arn1),
		asset(30, inventory.Recorded, "row-1", is(inventory.UUID, uuidPlain)),
		asset(40, inventory.Recorded, "row-2", is(inventory.UUID, uuidSwapped)),
		asset(50, inventory.Observed, "host", is(inventory.UUID, uuidPlain)),
	})
	if got, ok := r.EntityOf(20); got != 10 || !ok {
		t.Errorf("EntityOf(20) = %d, %v", got, ok)
	}
	if _, ok := r.EntityOf(21); ok {
		t.Error("EntityOf finds an asset that is not there")
	}
	if got, ok := r.ByKey(inventory.Declared, arn1); got != 10 || !ok {
		t.Errorf("ByKey(declared) = %d, %v", got, ok)
	}
	if _, ok := r.ByKey(inventory.Recorded, arn1); ok {
		t.Error("ByKey finds a key in a book that does not hold it")
	}
	if got := r.Books(20).String(); got != "declared+observed" {
		t.Errorf("Books(20) = %q", got)
	}
	if got := r.Books(99); got != 0 {
		t.Errorf("Books(99) = %v", got)
	}
	if u := r.Undecided(50); !u.Has(inventory.Recorded) || u.Has(inventory.Observed) {
		t.Errorf("Undecided(50) = %v, want recorded", u)
	}
	if u := r.Undecided(30); u.String() != "observed+recorded" {
		t.Errorf("Undecided(30) = %v", u)
	}
	if u := r.Undecided(10); u != 0 {
		t.Errorf("Undecided(10) = %v, want none", u)
	}
	for other, by := range r.Twins(40) {
		if other != 30 || by != Rule(inventory.UUID) {
			t.Errorf("Twins(40) yields %d by %s", other, by)
		}
	}
	if n := count(r.Twins(40)) + count(r.Twins(30)) + count(r.Twins(50)); n != 2 {
		t.Errorf("%d twins, want one for each of two rows", n)
	}
}

func TestKept(t *testing.T) {
	r := build(t, []inventory.Identity{
		with(with(asset(1, inventory.Observed, arn1), typed(vm)), in("111122223333", "")),
		asset(2, inventory.Recorded, "row", is(inventory.ARN, arn1)),
		with(asset(3, inventory.Recorded, "unlinked"), typed("datacenter/vm")),
		with(with(asset(4, inventory.Observed, arn2), typed(vm)), in("444455556666", "")),
		with(asset(5, inventory.Recorded, "row-2", is(inventory.ARN, arn1)), from("dc2")),
	})
	want := []Kept{{"dc2", vm, "111122223333"}, {"recorded", vm, "111122223333"}}
	if diff := cmp.Diff(want, r.Kept()); diff != "" {
		t.Errorf("Kept (-want +got):\n%s", diff)
	}
}

func count(seq iter.Seq2[int64, Rule]) int {
	n := 0
	for range seq {
		n++
	}
	return n
}

func TestTwinsNeedANameBesideASerial(t *testing.T) {
	r := build(t, []inventory.Identity{
		with(asset(1, inventory.Recorded, "a", is(inventory.Serial, "957XY4J")), named("node-1")),
		with(asset(2, inventory.Recorded, "b", is(inventory.Serial, "957XY4J")), named("node-2")),
		with(asset(3, inventory.Recorded, "c", is(inventory.Serial, "957XY4J")), named("node-1")),
	})
	if n := count(r.Twins(2)); n != 0 {
		t.Errorf("a node of a chassis has %d twins", n)
	}
	if n := count(r.Twins(3)); n != 1 {
		t.Errorf("a row twice under one name and serial has %d twins, want 1", n)
	}
}

func TestUndecidedNeedsDoubt(t *testing.T) {
	r := build(t, []inventory.Identity{
		asset(1, inventory.Observed, arn2, is(inventory.FQDN, "web.example.com")),
		asset(2, inventory.Declared, arn1, is(inventory.FQDN, "web.example.com")),
	})
	if u := r.Undecided(1) | r.Undecided(2); u != 0 {
		t.Errorf("two ARNs prove two things, yet Undecided is %v", u)
	}
}

func TestBuildErrors(t *testing.T) {
	broken := errors.New("disk gone")
	_, err := Build(t.Context(), func(yield func(inventory.Identity, error) bool) { yield(inventory.Identity{}, broken) })
	if !errors.Is(err, broken) {
		t.Errorf("Build = %v, want the error of the stream", err)
	}
	_, err = Build(t.Context(), stream([]inventory.Identity{asset(1, inventory.Observed, "a"), asset(1, inventory.Observed, "b")}))
	if err == nil {
		t.Error("an asset that comes twice is no error")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Build(ctx, stream([]inventory.Identity{asset(1, inventory.Observed, "a")})); !errors.Is(err, context.Canceled) {
		t.Errorf("Build = %v, want canceled", err)
	}
}

// estates draws small estates in which identifiers collide often.
func estates() *rapid.Generator[[]inventory.Identity] {
	pool := map[inventory.IdentifierKind][]string{
		inventory.ARN: {arn1, arn2}, inventory.InstanceID: {"i-1", "i-2"}, inventory.UUID: {uuidPlain, uuidSwapped, "a0000000-0000-4000-8000-000000000001"},
		inventory.Serial: {"SER-AAA1", "SER-BBB2"}, inventory.AssetTag: {"TAG-1", "TAG-2"},
		inventory.MAC: {"00:0a:95:9d:68:16", "00:0a:95:9d:68:17"}, inventory.FQDN: {"a.example.com", "b.example.com"},
	}
	kinds := []inventory.IdentifierKind{inventory.ARN, inventory.InstanceID, inventory.UUID, inventory.Serial, inventory.AssetTag, inventory.MAC, inventory.FQDN}
	return rapid.Custom(func(t *rapid.T) []inventory.Identity {
		n := rapid.IntRange(0, 12).Draw(t, "n")
		out := make([]inventory.Identity, n)
		for i := range out {
			var ids []inventory.Identifier
			for _, k := range kinds {
				if rapid.IntRange(0, 2).Draw(t, "held") == 0 {
					ids = append(ids, is(k, rapid.SampledFrom(pool[k]).Draw(t, "value")))
				}
			}
			a := asset(int64(i+1)*10, rapid.SampledFrom(inventory.Books()).Draw(t, "book"), "key", ids...)
			a.Source += rapid.SampledFrom([]string{"-1", "-2"}).Draw(t, "source")
			a.Name = rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "name")
			a.Account = rapid.SampledFrom([]string{"", "111122223333", "444455556666"}).Draw(t, "account")
			out[i] = a
		}
		return out
	})
}

func TestOrderDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		estate := estates().Draw(rt, "estate")
		want := build(t, estate)
		got := build(t, rapid.Permutation(estate).Draw(rt, "shuffled"))
		if diff := cmp.Diff(entities(want), entities(got)); diff != "" {
			rt.Fatalf("another order links otherwise (-want +got):\n%s", diff)
		}
		for _, a := range estate {
			if want.Undecided(a.ID) != got.Undecided(a.ID) || count(want.Twins(a.ID)) != count(got.Twins(a.ID)) {
				rt.Fatalf("asset %d: another order leaves other doubts", a.ID)
			}
		}
	})
}

// TestInvariants holds for every estate: entities partition the assets, whoever shares an ARN is one, and no entity
// holds two assets of one source, or two instance ids, unless ARNs force it to.
func TestInvariants(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		estate := estates().Draw(rt, "estate")
		r := build(t, estate)
		byID := map[int64]inventory.Identity{}
		for _, a := range estate {
			byID[a.ID] = a
		}
		seen := 0
		for e := range r.Entities() {
			seen += len(e)
			checkEntity(rt, r, e, byID)
		}
		if seen != len(estate) {
			rt.Fatalf("entities hold %d of %d assets", seen, len(estate))
		}
		for _, a := range estate {
			for _, b := range estate {
				if value(a, inventory.ARN) != "" && value(a, inventory.ARN) == value(b, inventory.ARN) {
					x, _ := r.EntityOf(a.ID)
					y, _ := r.EntityOf(b.ID)
					if x != y {
						rt.Fatalf("assets %d and %d share an ARN and are apart", a.ID, b.ID)
					}
				}
			}
		}
	})
}

func checkEntity(t *rapid.T, r *Result, e []int64, byID map[int64]inventory.Identity) {
	if !slices.IsSorted(e) {
		t.Fatalf("entity %v is not sorted", e)
	}
	arns := map[string]bool{}
	for _, id := range e {
		if got, ok := r.EntityOf(id); !ok || got != e[0] {
			t.Fatalf("EntityOf(%d) = %d, %v, want %d", id, got, ok, e[0])
		}
		if v := value(byID[id], inventory.ARN); v != "" {
			arns[v] = true
		}
	}
	if len(arns) > 1 {
		t.Fatalf("entity %v holds two ARNs of one class", e)
	}
	sources := map[string]inventory.Identity{}
	for _, id := range e {
		a := byID[id]
		if b, ok := sources[a.Source]; ok && (value(a, inventory.ARN) == "" || value(b, inventory.ARN) == "") {
			t.Fatalf("entity %v holds assets %d and %d of one source without an ARN", e, a.ID, b.ID)
		}
		sources[a.Source] = a
	}
}

func value(a inventory.Identity, kind inventory.IdentifierKind) string {
	for _, i := range a.Identifiers {
		if i.Kind == kind {
			return i.Value
		}
	}
	return ""
}

// TestCopied: of two declarations of one lineage and address that name different things one may be an old copy.
func TestCopied(t *testing.T) {
	dec := inventory.Declared
	r := build(t, []inventory.Identity{
		with(asset(1, dec, arn1), declares("L", "aws_instance.x", "")),
		with(asset(2, dec, arn2), declares("L", "aws_instance.x", "")),
		with(asset(3, dec, "plan.json#x"), declares("M", "aws_instance.x", inventory.LifecyclePlanned)),
		with(asset(4, dec, "s#x", is(inventory.InstanceID, "i-1")), declares("M", "aws_instance.x", "")),
		with(asset(5, dec, "s#x deposed", is(inventory.InstanceID, "i-2")), declares("M", "aws_instance.x", inventory.LifecycleRetiring)),
	})
	for id, want := range map[int64]bool{1: true, 2: true, 3: false, 4: false, 5: false, 9: false} {
		if got := r.Copied(id); got != want {
			t.Errorf("asset %d: copied %t", id, got)
		}
		if books := r.Undecided(id); books != 0 {
			t.Errorf("asset %d: undecided in %s", id, books)
		}
	}
}
