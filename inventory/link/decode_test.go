package link

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/inventory"
)

// decodedFrom returns what an identifier is told to hold, as "kind value"; a mark as its note.
func decodedFrom(i inventory.Identifier) []string {
	var out []string
	n := normaliser{yield: func(form) {}}
	n.decoded = func(_ inventory.Identifier, d decoding) {
		if d.kind == "" {
			out = append(out, d.note)
			return
		}
		out = append(out, string(d.kind)+" "+d.value)
	}
	n.forms(&inventory.Identity{Book: inventory.Recorded, Identifiers: []inventory.Identifier{i}})
	return out
}

func TestDecode(t *testing.T) {
	const ec2 = "marks an EC2 machine, and holds no instance id"
	tests := []struct {
		kind  inventory.IdentifierKind
		value string
		want  []string
	}{
		{inventory.UUID, dellA, []string{"serial FZ22YQ1"}},
		{inventory.UUID, "4c4c4544-0034-3010-8048-b6c04f503732", []string{"serial 640HP72"}},
		{inventory.UUID, "44454C4C-2000-1032-8032-C6C04F595131", nil}, // "DELL" and no tag
		{inventory.UUID, "39464E43-3132-3832-3832-00238BC6B17D", []string{"serial CNF9212882", "mac 00238bc6b17d"}},
		{inventory.UUID, "434E4639-3231-3238-3832-00238BC6B17D", []string{"serial CNF9212882", "mac 00238bc6b17d"}},
		{inventory.UUID, "37333136-3133-5A43-4A33-303530413834", nil},                          // text all through, and nobody knows in which order
		{inventory.UUID, "39464E43-3939-3832-3832-00238BC6B17D", []string{"mac 00238bc6b17d"}}, // no week 99
		{inventory.UUID, "00000000-0000-1000-8000-ac1f6b010203", []string{"mac ac1f6b010203"}},
		{inventory.UUID, "a1b2c3d4-e5f6-4a7b-8c9d-ac1f6b010203", nil}, // random
		{inventory.UUID, "d4c3b2a1-f6e5-7b4a-8c9d-ac1f6b010203", nil}, // the same, swapped
		{inventory.UUID, "00000000-0000-1000-8000-0242ac110002", nil}, // Docker's address
		{inventory.UUID, "ec2e1916-9099-7caf-fd21-012345abcdef", []string{ec2}},
		{inventory.UUID, "EC2AE145-D1DC-13B2-94ED-012345ABCDEF", []string{ec2}},
		{inventory.UUID, "45E12AEC-DCD1-B213-94ED-012345ABCDEF", []string{ec2}},
		{inventory.UUID, "03000200-0400-0500-0006-000700080009", nil},
		{inventory.Serial, "VMware-42 1f 24 5c 7f a8 60 fa-6a f6 a4 63 51 ce d0 eb", []string{"uuid 421f245c7fa860fa6af6a46351ced0eb", "mac a46351ced0eb"}},
		{inventory.Serial, "i-0aaaaaaaaaaaaaaaa", []string{"instance-id i-0aaaaaaaaaaaaaaaa"}},
		{inventory.AssetTag, "i-0aaaaaaaaaaaaaaaa", []string{"instance-id i-0aaaaaaaaaaaaaaaa"}},
		{inventory.AssetTag, "AC-0017", nil},
		{inventory.Serial, "FZ22YQ1", nil},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, decodedFrom(is(tt.kind, tt.value))); diff != "" {
			t.Errorf("%s %q (-want +got):\n%s", tt.kind, tt.value, diff)
		}
	}
}
