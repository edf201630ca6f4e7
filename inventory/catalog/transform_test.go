package catalog

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"

	"github.com/muster-audit/muster/inventory"
)

// transformCase is a resource's attributes and the canonical value that is made of them; "" is none.
type transformCase struct {
	name, attributes string
	mapping          Mapping
	want             inventory.Value
}

func transformCases() []transformCase {
	ingress := Mapping{Name: "SecurityGroupIngress", From: []string{"ingress", "id"}, As: "group-rules"}
	egress := Mapping{Name: "SecurityGroupEgress", From: []string{"egress", "id"}, As: "group-rules"}
	rule := func(name string) Mapping { return Mapping{Name: name, From: []string{"type"}, As: "group-rule"} }
	entries := Mapping{Name: "Entries", From: []string{"in", "out"}, As: "acl-entries"}
	return []transformCase{
		{"one becomes a list", `{"a":"x"}`, Mapping{From: []string{"a"}, As: "list"}, `["x"]`},
		{"a list stays one", `{"a":["x","y"]}`, Mapping{From: []string{"a"}, As: "list"}, `["x","y"]`},
		{"none is null", `{"a":""}`, Mapping{From: []string{"a"}, As: "list"}, `null`},
		{"one in an object", `{"a":"x"}`, Mapping{From: []string{"a"}, As: "list", Fields: map[string]string{"value": "Arn"}}, `[{"Arn":"x"}]`},
		{"each in an object", `{"a":["x","y"]}`, Mapping{From: []string{"a"}, As: "list", Fields: map[string]string{"value": "T"}}, `[{"T":"x"},{"T":"y"}]`},
		{"no attribute, no list", `{}`, Mapping{From: []string{"a"}, As: "list"}, ""},
		{"what is filled says something", `{"a":["x"]}`, Mapping{From: []string{"a"}, As: "filled"}, `["x"]`},
		{"what is empty says nothing", `{"a":[]}`, Mapping{From: []string{"a"}, As: "filled"}, ""},
		{"pairs", `{"a":{"k":"v","j":"w"}}`, Mapping{From: []string{"a"}, As: "pairs"}, `[{"Name":"j","Value":"w"},{"Name":"k","Value":"v"}]`},
		{"no pairs", `{"a":null}`, Mapping{From: []string{"a"}, As: "pairs"}, `null`},
		{"a word", `{"a":true}`, Mapping{From: []string{"a"}, Words: map[string]string{"true": "internal"}}, `"internal"`},
		{"a word that is not there", `{"a":null}`, Mapping{From: []string{"a"}, Words: map[string]string{"true": "internal"}}, `null`},
		{
			"deep fields", `{"a":[{"b":[{"c":1,"d":""}],"e":2}]}`,
			Mapping{From: []string{"a"}, Fields: map[string]string{"b.0.c": "B.C", "b.0.d": "B.D", "e": "E"}},
			`[{"B":{"C":1},"E":2}]`,
		},
		{
			"rules inside a group", `{"id":"sg-1","ingress":[{"protocol":"tcp","from_port":80,"to_port":80,"cidr_blocks":["0.0.0.0/0"],"ipv6_cidr_blocks":["::/0"],
				"prefix_list_ids":["pl-1"],"security_groups":["sg-2"],"self":true,"description":"web"}]}`,
			ingress, `[{"CidrIp":"0.0.0.0/0","Description":"web","FromPort":80,"IpProtocol":"tcp","ToPort":80},` +
				`{"CidrIpv6":"::/0","Description":"web","FromPort":80,"IpProtocol":"tcp","ToPort":80},` +
				`{"Description":"web","FromPort":80,"IpProtocol":"tcp","SourcePrefixListId":"pl-1","ToPort":80},` +
				`{"Description":"web","FromPort":80,"IpProtocol":"tcp","SourceSecurityGroupId":"sg-2","ToPort":80},` +
				`{"Description":"web","FromPort":80,"IpProtocol":"tcp","SourceSecurityGroupId":"sg-1","ToPort":80}]`,
		},
		{"a group without rules", `{"id":"sg-1","egress":[]}`, egress, `[]`},
		{"a group whose rules are left open", `{"id":"sg-1","egress":null}`, egress, `null`},
		{"a group of which nobody says", `{"id":"sg-1"}`, egress, ""},
		{"a group whose rules are not known", `{"id":"sg-1","egress":"?"}`, egress, ""},
		{"a rule of which something is not known", `{"id":"sg-1","egress":[{"protocol":"tcp","cidr_blocks":["?"]}]}`, egress, ""},
		{"a rule that may be for the group itself", `{"id":"sg-1","egress":[{"protocol":"tcp","self":"?"}]}`, egress, ""},
		{"a rule for a group that is not there yet", `{"id":"?","egress":[{"protocol":"tcp","self":true}]}`, egress, ""},
		{"a rule of the other direction", `{"type":"egress","protocol":"tcp"}`, rule("SecurityGroupIngress"), `null`},
		{"a rule of a direction that is not known", `{"type":"?"}`, rule("SecurityGroupIngress"), ""},
		{"a rule without a peer", `{"type":"ingress","protocol":"tcp","cidr_blocks":[]}`, rule("SecurityGroupIngress"), `[]`},
		{
			"a rule for another group", `{"type":"egress","protocol":"udp","from_port":53,"to_port":53,"source_security_group_id":"sg-2","self":false}`,
			rule("SecurityGroupEgress"), `[{"DestinationSecurityGroupId":"sg-2","FromPort":53,"IpProtocol":"udp","ToPort":53}]`,
		},
		{
			"entries of both directions", `{"in":[{"rule_no":1,"action":"allow","protocol":"6","from_port":22,"to_port":22,"icmp_type":0,"icmp_code":0,"cidr_block":"10.0.0.0/8","ipv6_cidr_block":""}],
				"out":[{"rule_no":1,"action":"deny","protocol":"-1","cidr_block":"0.0.0.0/0"}]}`,
			entries, `[{"CidrBlock":"10.0.0.0/8","Egress":false,"Icmp":{"Code":0,"Type":0},"PortRange":{"From":22,"To":22},"Protocol":"6","RuleAction":"allow","RuleNumber":1},` +
				`{"CidrBlock":"0.0.0.0/0","Egress":true,"Protocol":"-1","RuleAction":"deny","RuleNumber":1}]`,
		},
		{"entries of one direction are not all", `{"in":[]}`, entries, ""},
		{"routes that are not known", `{"r":"?"}`, Mapping{From: []string{"r"}, As: "routes"}, ""},
		{"a target that is not known", `{"r":[{"cidr_block":"0.0.0.0/0","gateway_id":"?"}]}`, Mapping{From: []string{"r"}, As: "routes"}, ""},
		{
			"inline policies", `{"p":[{"name":"n","policy":"{\"Statement\":[]}"}]}`,
			Mapping{From: []string{"p"}, As: "inline-policies"},
			`[{"PolicyDocument":{"Statement":[]},"PolicyName":"n"}]`,
		},
		{"an empty block of policies is none", `{"p":[{"name":"","policy":""}]}`, Mapping{From: []string{"p"}, As: "inline-policies"}, `[]`},
		{"a policy that is not known", `{"n":"x","p":"?"}`, Mapping{From: []string{"n", "p"}, As: "inline-policies"}, ""},
	}
}

func TestTransforms(t *testing.T) {
	for _, tt := range transformCases() {
		got, ok := tt.mapping.Value(lookupWithUnknown(t, tt.attributes))
		if !ok {
			got = ""
		}
		if got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
}

// lookupWithUnknown makes a Lookup of JSON in which "?" stands for what nobody knows.
func lookupWithUnknown(t testing.TB, text string) Lookup {
	t.Helper()
	var x map[string]any
	v, err := inventory.ParseValue([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	x, _ = unknownOf(v.Decode()).(map[string]any)
	return func(name string) (any, bool) { v, ok := x[name]; return v, ok }
}

func unknownOf(x any) any {
	switch x := x.(type) {
	case string:
		if x == "?" {
			return Unknown{}
		}
	case map[string]any:
		for k := range x {
			x[k] = unknownOf(x[k])
		}
	case []any:
		for i := range x {
			x[i] = unknownOf(x[i])
		}
	}
	return x
}

// FuzzTransforms: whatever a resource holds, a transform makes JSON of it or says that nothing is known, and never fails.
func FuzzTransforms(f *testing.F) {
	for _, tt := range transformCases() {
		f.Add(tt.attributes)
	}
	f.Add(`{"type":"ingress","cidr_blocks":{"a":1},"self":[],"security_groups":7}`)
	f.Fuzz(func(t *testing.T, text string) {
		if v, err := inventory.ParseValue([]byte(text)); err != nil || v.Decode() == nil {
			t.Skip()
		}
		get := lookupWithUnknown(t, text)
		for _, tt := range transformCases() {
			if v, ok := tt.mapping.Value(get); ok && !json.Valid([]byte(v)) {
				t.Fatalf("%s: %q is no JSON", tt.name, v)
			}
		}
	})
}

func TestMerge(t *testing.T) {
	v := func(list ...inventory.Value) []inventory.Value { return list }
	tests := []struct {
		name    string
		members Members
		own     inventory.Value
		facets  []inventory.Value
		want    inventory.Value
	}{
		{"no facet, the copy counts", MembersOfFacets, `["a"]`, nil, `["a"]`},
		{"facets, the copy does not", MembersOfFacets, `["a"]`, v(`["b"]`, `["c","b"]`), `["b","c"]`},
		{"a stale copy", MembersOfFacets, `[]`, v(`["b"]`), `["b"]`},
		{"no copy", MembersOfFacets, inventory.Unread, v(`["b"]`), `["b"]`},
		{"facets add", MembersOfAll, `["a"]`, v(`["b"]`), `["a","b"]`},
		{"facets add to nobody knows what", MembersOfAll, inventory.Unread, v(`["b"]`), inventory.Unread},
		{"facets add to none", MembersOfAll, `null`, v(`["b"]`), `["b"]`},
		{"a facet that nobody knows", MembersOfFacets, `["a"]`, v(`["b"]`, inventory.Unread), inventory.Unread},
		{"a whole value of a facet", MembersWhole, `"Disabled"`, v(`"Enabled"`), `"Enabled"`},
		{"the last counts most", MembersWhole, `"a"`, v(`"b"`, `"c"`), `"c"`},
	}
	for _, tt := range tests {
		if got := (Attribute{Members: tt.members}).Merge(tt.own, tt.facets); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
}

// TestMergeKnowsNoOrder: in which order facets are read changes nothing of a list.
func TestMergeKnowsNoOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := Attribute{Members: MembersOfFacets}
		list := rapid.SliceOfN(rapid.Map(rapid.SliceOf(rapid.SampledFrom([]string{"a", "b", "c"})), inventory.StringsValue), 1, 5).Draw(t, "facets")
		shuffled := rapid.Permutation(list).Draw(t, "shuffled")
		if x, y := a.Merge(inventory.Null, list), a.Merge(inventory.Null, shuffled); x != y {
			t.Fatalf("%v gives %s, %v gives %s", list, x, shuffled, y)
		}
	})
}
