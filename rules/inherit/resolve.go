package inherit

import (
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
	"github.com/muster-audit/muster/rules"
)

// node returns what is kept of an entity; nil if nothing belongs to it.
func (x *Index) node(entity int64) *node {
	i, ok := slices.BinarySearch(x.parents, entity)
	if !ok || i >= len(x.nodes) {
		return nil
	}
	return &x.nodes[i]
}

// resolve finds what something of a type and book belongs to. It is false if that is known to be gone.
func (x *Index) resolve(book inventory.Book, e edge) (place, bool) {
	p := place{step: Step{Via: e.via, Key: e.text}}
	if e.unknown != "" {
		p.step.Key, p.why = "?", e.unknown
		return p, true
	}
	entity, known := int64(0), false
	switch e.via {
	case rules.ViaAccount, rules.ViaVPC:
		list := x.accounts
		if e.via == rules.ViaVPC {
			list = x.vpcs
		}
		t, ok := list[e.text]
		if entity, known = t.entity, ok; ok {
			p.step.Key = t.key
		}
	default:
		entity, known = x.lookUp(book, e.text)
	}
	if known {
		p.entity, p.node = entity, x.node(entity)
	}
	if p.node == nil {
		p.why = "no source holds it"
		return p, !x.gone(book, e)
	}
	p.step.Type, p.step.Name = x.typeOf(p.node), x.nameOf(p.node)
	return p, true
}

// goneTypes are the types of what others outlive, by the beginning of the resource in its ARN.
func goneTypes() map[string]inventory.Type {
	return map[string]inventory.Type{
		"autoscaling:autoScalingGroup:": "AWS::AutoScaling::AutoScalingGroup",
		"cloudformation:stack/":         stackType,
		"ec2:instance/":                 "AWS::EC2::Instance",
		"ec2:network-interface/":        "AWS::EC2::NetworkInterface",
		"ec2:volume/":                   "AWS::EC2::Volume",
		"eks:cluster/":                  "AWS::EKS::Cluster",
		"lambda:function:":              "AWS::Lambda::Function",
		"rds:cluster:":                  "AWS::RDS::DBCluster",
		"rds:db:":                       "AWS::RDS::DBInstance",
	}
}

// gone reports whether something observed belongs to what is not there any more, as a snapshot to its volume: all that would hold it was
// read whole. An account and a VPC cannot be gone while something is in them.
func (x *Index) gone(book inventory.Book, e edge) bool {
	if x.Reach == nil || book != inventory.Observed || e.via == rules.ViaAccount || e.via == rules.ViaVPC {
		return false
	}
	if a, ok := catalog.ParseARN(e.text); ok {
		for start, t := range goneTypes() {
			if strings.HasPrefix(a.Service+":"+a.Resource, start) {
				return x.Reach.Ask(inventory.Observed, t, a.Account, a.Region).Complete()
			}
		}
		return false
	}
	if n := catalog.NameParts(e.text); strings.HasPrefix(e.text, "//compute.googleapis.com/") && n.Collection == "disks" {
		return x.Reach.Ask(inventory.Observed, "compute.googleapis.com/Disk", n.Project, "").Complete()
	}
	return false
}
