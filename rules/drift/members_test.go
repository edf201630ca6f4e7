package drift

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/inventory"
)

const (
	groupType = inventory.Type("AWS::EC2::SecurityGroup")
	cardType  = inventory.Type("AWS::EC2::NetworkInterface")
	groupARN  = "arn:aws:ec2:eu-west-1:111122223333:security-group/sg-1"
	web       = `{"CidrIp":"0.0.0.0/0","FromPort":443,"IpProtocol":"tcp","ToPort":443}`
	ssh       = `{"CidrIp":"10.0.0.0/8","FromPort":22,"IpProtocol":"tcp","ToPort":22}`
)

// holding sets an attribute to JSON; the empty text is one that could not be read.
func holding(name, text string) edit {
	return func(e *inventory.Entry) {
		e.Attributes = inventory.KnownAttributes(inventory.Attribute{Name: name, Value: inventory.Value(text)})
	}
}

func ingress(rules string) edit { return holding("SecurityGroupIngress", rules) }

// hostIn is a declared host, and sideOf one that declares a part of it.
func hostIn(t inventory.Type, layer inventory.Layer, edits ...edit) *inventory.Entry {
	at := origin(inventory.Origin{File: "main.tf", Address: "host", Lineage: "L1", Layer: layer})
	return declared(groupARN, append([]edit{typed(t), at, stage(inventory.LifecycleActive)}, edits...)...)
}

func sideOf(t inventory.Type, address string, layer inventory.Layer, edits ...edit) *inventory.Entry {
	at := func(e *inventory.Entry) {
		e.Identifiers = []inventory.Identifier{{Kind: inventory.ARN, Value: groupARN}}
		e.Relations = []inventory.Relation{{Kind: inventory.FacetOf, Key: groupARN}}
	}
	return facet(address, layer, inventory.LifecycleActive, append([]edit{typed(t), at}, edits...)...)
}

// TestMembersOfLists: the parts of a list that several resources declare count together, and one that is not known makes all unknown.
func TestMembersOfLists(t *testing.T) {
	const state, code = inventory.LayerState, inventory.LayerCode
	both := "[" + web + "," + ssh + "]"
	reality := func(edits ...edit) *inventory.Entry {
		return seen(groupARN, append([]edit{typed(groupType)}, edits...)...)
	}
	card := func(groups string) edit { return holding("GroupSet", groups) }
	tests := []struct {
		name string
		in   []*inventory.Entry
		want []string
	}{
		{"two rules, and a stale copy", []*inventory.Entry{
			hostIn(groupType, state, ingress("[]")), sideOf(groupType, "a", state, ingress("["+web+"]")), sideOf(groupType, "b", state, ingress("["+ssh+"]")), reality(ingress(both)),
		}, nil},
		{"rules inside the group", []*inventory.Entry{hostIn(groupType, state, ingress(both)), reality(ingress(both))}, nil},
		{"a rule by hand", []*inventory.Entry{
			hostIn(groupType, state, ingress("["+web+"]")), sideOf(groupType, "a", state, ingress("["+web+"]")), reality(ingress(both)),
		}, []string{"SecurityGroupIngress"}},
		{"a rule by hand, into a group without any", []*inventory.Entry{hostIn(groupType, state, ingress("[]")), reality(ingress("[" + ssh + "]"))}, []string{"SecurityGroupIngress"}},
		{"a rule that somebody took away", []*inventory.Entry{
			hostIn(groupType, state, ingress("[]")), sideOf(groupType, "a", state, ingress("["+web+"]")), sideOf(groupType, "b", state, ingress("["+ssh+"]")), reality(ingress("[" + web + "]")),
		}, []string{"SecurityGroupIngress"}},
		{"a rule of another state", []*inventory.Entry{
			hostIn(groupType, state, ingress("[]")), sideOf(groupType, "a", state, ingress("["+web+"]")), sideOf(groupType, "b", state, ingress("["+ssh+"]"), lineage("L2")), reality(ingress(both)),
		}, nil},
		{"a rule whose peers nobody knows", []*inventory.Entry{
			hostIn(groupType, state, ingress("[]")), sideOf(groupType, "a", state, ingress("["+web+"]")), sideOf(groupType, "b", state, ingress("")), reality(ingress(both)),
		}, []string{"unknown"}},
		{"a rule that is not applied yet", []*inventory.Entry{
			hostIn(groupType, code), sideOf(groupType, "a", code, ingress("["+web+"]")), sideOf(groupType, "b", code, ingress("["+ssh+"]")),
			hostIn(groupType, state, ingress("[]")), sideOf(groupType, "a", state, ingress("["+web+"]")), reality(ingress("[" + web + "]")),
		}, []string{"pending SecurityGroupIngress"}},
		{"groups that are added to those of the interface", []*inventory.Entry{
			hostIn(cardType, state, card(`["sg-1"]`)), sideOf(cardType, "a", state, card(`["sg-2"]`)), reality(typed(cardType), card(`["sg-2","sg-1"]`)),
		}, nil},
		{"groups that are added to an interface whose state has none", []*inventory.Entry{
			hostIn(cardType, state), sideOf(cardType, "a", state, card(`["sg-2"]`)), reality(typed(cardType), card(`[]`)),
		}, []string{"GroupSet"}},
		{"groups that are added to nobody knows which", []*inventory.Entry{
			hostIn(cardType, code), sideOf(cardType, "a", code, card(`["sg-2"]`)), reality(typed(cardType), card(`["sg-1","sg-2"]`)),
		}, []string{"unknown"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, v := range verdicts(t, estate{entries: tt.in, scopes: bothRead()}) {
				switch {
				case v.rule == "drift/changed" && len(v.Diff) > 0:
					got = append(got, v.Diff[0].Attribute)
				case v.rule == "drift/changed" && v.Reason != "":
					got = append(got, "unknown")
				case v.rule == "drift/unapplied" && len(v.Diff) > 0:
					got = append(got, "pending "+v.Diff[0].Attribute)
				}
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}
