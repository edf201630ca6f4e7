package link

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/muster-audit/muster/inventory"
)

// formsOf returns what an asset with one identifier is compared by, as "rule value".
func formsOf(kind inventory.IdentifierKind, value string) []string {
	var out []string
	n := normaliser{weak: true}
	n.yield = func(f form) { out = append(out, string(f.rank.rule())+" "+string(f.text)) }
	n.forms(&inventory.Identity{Book: inventory.Observed, Identifiers: []inventory.Identifier{{Kind: kind, Value: value}}})
	return out
}

func TestForms(t *testing.T) {
	tests := []struct {
		kind  inventory.IdentifierKind
		value string
		want  []string
	}{
		{inventory.SelfLink, "https://storage.googleapis.com/storage/v1/b/acme-logs", []string{"arn //storage.googleapis.com/acme-logs"}},
		{inventory.SelfLink, "https://www.googleapis.com/storage/v1/b/acme-logs", []string{"arn //storage.googleapis.com/acme-logs"}},
		{inventory.SelfLink, "https://pubsub.googleapis.com/v1/projects/acme/topics/t", []string{"arn //pubsub.googleapis.com/projects/acme/topics/t"}},
		{inventory.SelfLink, "https://example.com/x", nil},
		{inventory.ARN, "not an arn", nil},
		{inventory.UUID, uuidPlain, []string{"uuid 421f245c7fa860fa6af6a46351ced0eb", "decoded a46351ced0eb"}},
		{inventory.UUID, "{" + uuidSwapped + "}", []string{"uuid 421f245c7fa860fa6af6a46351ced0eb", "decoded a46351ced0eb"}},
		{inventory.UUID, "ffffffff-ffff-ffff-ffff-ffffffffffff", nil},
		{inventory.UUID, "01010101-0101-0101-0101-010101010101", nil},
		{inventory.UUID, "421f245c", nil},
		{inventory.Serial, "VirtualBox-9dd6f0b9-fd7a-4d3f-9d3f-6f0b9fd7a4d3", []string{"uuid 9dd6f0b9fd7a4d3f9d3f6f0b9fd7a4d3"}},
		{inventory.Serial, "Default string", nil},
		{inventory.Serial, "10010110", nil},
		{inventory.Serial, "-", nil},
		{inventory.Serial, "xxxxxxxx", nil},
		{inventory.AssetTag, "42", nil},
		{inventory.MAC, "00 0A 95 9D 68 16", []string{"mac 000a959d6816"}},
		{inventory.MAC, "33:50:6f:45:30:30", nil},
		{inventory.MAC, "50:50:54:50:30:30", nil},
		{inventory.MAC, "00:00:00:00:00:00", nil},
		{inventory.MAC, "ff:ff:ff:ff:ff:ff", nil},
		{inventory.MAC, "44:45:53:54:00:01", nil},
		{inventory.MAC, "00:0a:95", nil},
		{inventory.FQDN, "10.0.0.4", []string{"hostname 10"}},
		{inventory.FQDN, "short", []string{"hostname short"}},
		{inventory.PrivateIP, "::ffff:10.0.0.4", []string{"ip 10.0.0.4"}},
		{inventory.PrivateIP, "127.0.0.1", nil},
		{inventory.PublicIP, "not an address", nil},
		{"unheard-of", "x", nil},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, formsOf(tt.kind, tt.value)); diff != "" {
			t.Errorf("%s %q (-want +got):\n%s", tt.kind, tt.value, diff)
		}
	}
}

func TestNameClass(t *testing.T) {
	for name, want := range map[string]string{
		arn1:                            "ec2:instance",
		"arn:aws:s3:::acme-logs":        "s3:",
		"arn:aws:lambda:r:a:function:f": "lambda:function",
		"arn:short":                     "arn",
		"//compute.googleapis.com/projects/p/zones/z/instances/i": "compute.googleapis.com:instances",
		"//storage.googleapis.com/b":                              "storage.googleapis.com",
	} {
		if got := string(nameClass([]byte(name))); got != want {
			t.Errorf("nameClass(%s) = %q, want %q", name, got, want)
		}
	}
}

func TestNormalisingTwiceIsNormalisingOnce(t *testing.T) {
	kinds := map[Rule]inventory.IdentifierKind{
		"arn": inventory.ARN, "instance-id": inventory.InstanceID, "uuid": inventory.UUID, "serial": inventory.Serial,
		"asset-tag": inventory.AssetTag, "mac": inventory.MAC, "fqdn": inventory.FQDN, "instance-uuid": inventory.InstanceUUID, "native-key": inventory.NativeKey, "hostname": inventory.Hostname, "ip": inventory.PrivateIP,
	}
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom(inventory.IdentifierKinds()).Draw(t, "kind")
		value := rapid.OneOf(rapid.String(), rapid.StringMatching(`(arn:|//|https://x\.googleapis\.com/)?[a-fA-F0-9:./ -]{0,40}`)).Draw(t, "value")
		n := normaliser{weak: true}
		var first []namedForm
		n.yield = func(f form) { first = append(first, namedForm{f.rank, f.as, string(f.text), f.raw}) }
		n.forms(&inventory.Identity{Identifiers: []inventory.Identifier{{Kind: kind, Value: value}}})
		for _, f := range first {
			if _, simple := kinds[f.rank.rule()]; !simple {
				continue
			}
			again := formsOf(kinds[f.rank.rule()], f.text)
			if len(again) == 0 || again[0] != string(f.rank.rule())+" "+f.text {
				t.Fatalf("%s %q becomes %v", f.rank.rule(), f.text, again)
			}
		}
	})
}

func FuzzForms(f *testing.F) {
	for _, v := range []string{arn1, uuidPlain, "VMware-42 1f", "00:0a:95:9d:68:16", "web.example.com.", "https://x.googleapis.com/", "", ":*", "//", "arn:::::/"} {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, v string) {
		n := normaliser{weak: true}
		n.yield = func(f form) {
			if len(f.text) == 0 {
				t.Fatalf("%q has an empty %s", v, f.rank.rule())
			}
			nameClass(f.text)
		}
		id := inventory.Identity{Key: v, Name: v, Account: "a"}
		for _, k := range inventory.IdentifierKinds() {
			id.Identifiers = append(id.Identifiers, inventory.Identifier{Kind: k, Value: v})
		}
		n.forms(&id)
	})
}
