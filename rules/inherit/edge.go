package inherit

import (
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
	"github.com/muster-audit/muster/rules"
)

// edge is one thing that an asset belongs to. text is its key, or for an account or VPC its id.
type edge struct {
	via     rules.Via
	text    string
	unknown string // why nobody can tell what the asset belongs to in this way; text is empty then
}

const (
	vpcType     = "AWS::EC2::VPC"
	subnetType  = "AWS::EC2::Subnet"
	stackType   = "AWS::CloudFormation::Stack"
	accountType = "AWS::Organizations::Account"
	projectType = "cloudresourcemanager.googleapis.com/Project"

	stackIDTag = "aws:cloudformation:stack-id"
)

// edgesOf lists what an asset belongs to in the ways that somebody asks for, in the order of relations, stack, VPC, account.
func (x *Index) edgesOf(e *inventory.Entry) []edge {
	list := x.keysOf(e)
	if x.wants[rules.ViaVPC] && catalog.Provider(e.Type) == "aws" && e.Type != vpcType {
		if vpc, why := x.vpcOf(e); vpc != "" || why != "" {
			list = append(list, edge{via: rules.ViaVPC, text: vpc, unknown: why})
		}
	}
	if x.wants[rules.ViaAccount] && e.Account != "" && hasAccount(e.Type) {
		list = append(list, edge{via: rules.ViaAccount, text: e.Account})
	}
	return list
}

// keysOf lists the part of edgesOf that names assets by their keys.
func (x *Index) keysOf(e *inventory.Entry) []edge {
	var list []edge
	for _, r := range e.Relations {
		if v := rules.Via(r.Kind); x.wants[v] && v.IsRelation() {
			list = append(list, edge{via: v, text: r.Key})
		}
	}
	if x.wants[rules.ViaStack] {
		if id := stackOf(e); id != "" {
			list = append(list, edge{via: rules.ViaStack, text: id})
		}
	}
	return list
}

// stackOf is the id of the CloudFormation stack that made an asset: that which AWS wrote on it, or that of its declaration.
func stackOf(e *inventory.Entry) string {
	if t, ok := e.CurrentTags().Get(stackIDTag); ok && strings.HasPrefix(t.Value, "arn:") {
		return t.Value
	}
	if id := e.Origin.Lineage; e.Book == inventory.Declared && strings.HasPrefix(id, "arn:") && strings.Contains(id, ":cloudformation:") {
		return id
	}
	return ""
}

// hasAccount reports whether assets of a type are in an account that is an asset itself. What is above accounts is not.
func hasAccount(t inventory.Type) bool {
	switch catalog.Provider(t) {
	case "aws":
		return !strings.HasPrefix(string(t), "AWS::Organizations::")
	case "gcp":
		return !strings.HasPrefix(string(t), "cloudresourcemanager.googleapis.com/")
	}
	return false
}

// vpcAttributes name the VPC that an asset is in, and subnetAttributes subnets, all of one VPC.
func vpcAttributes() []string {
	return []string{"VpcId", "VpcConfig.VpcId", "EndpointDetails.VpcId"}
}

func subnetAttributes() []string {
	return []string{
		"SubnetId", "SubnetIds", "Subnets", "VpcConfig.SubnetIds", "VpcConfig.Subnets", "VPCOptions.SubnetIds", "ResourcesVpcConfig.SubnetIds",
		"NetworkConfiguration.AwsvpcConfiguration.Subnets", "EndpointDetails.SubnetIds", "BrokerNodeGroupInfo.ClientSubnets",
		"ComputeResources.Subnets", "VpcSubnetIds",
	}
}

// vpcOf is the id of the VPC that an asset is in; empty if it is in none. why says what could not be read.
func (x *Index) vpcOf(e *inventory.Entry) (id, why string) {
	for _, name := range vpcAttributes() {
		if id, ok := firstID(e, name, "vpc-"); ok {
			return id, ""
		}
	}
	for _, name := range subnetAttributes() {
		subnet, ok := firstID(e, name, "subnet-")
		if !ok {
			continue
		}
		if vpc := x.subnets[subnet]; vpc != "" {
			return vpc, ""
		}
		return "", "no source holds its " + subnet
	}
	return "", x.unreadNetwork(e)
}

// firstID returns the id that an attribute holds, or the first of its list.
func firstID(e *inventory.Entry, name, prefix string) (string, bool) {
	v, ok := e.CurrentAttribute(name)
	if !ok || v == inventory.Null {
		return "", false
	}
	text := v.String()
	if list, ok := v.Decode().([]any); ok {
		if len(list) == 0 {
			return "", false
		}
		text, _ = list[0].(string)
	}
	return text, strings.HasPrefix(text, prefix)
}

// unreadNetwork names an attribute that would tell the VPC of an asset of this type, but was not read. Of a type that no row speaks of,
// nobody knows which attributes it has.
func (x *Index) unreadNetwork(e *inventory.Entry) string {
	row, ok := x.Catalog.Type(e.Type)
	if !ok || e.Shallow {
		return "its attributes were not read"
	}
	for _, list := range [][]string{vpcAttributes(), subnetAttributes()} {
		for _, name := range list {
			if _, compared := row.Attribute(name); !compared && !slices.Contains(row.Evidence, name) {
				continue
			}
			if _, read := e.CurrentAttribute(name); !read {
				return "its " + name + " could not be read"
			}
		}
	}
	return ""
}

// notePlace keeps what is found by another name than its key.
func (x *Index) notePlace(e *inventory.Entry) {
	switch {
	case e.Type == vpcType && x.wants[rules.ViaVPC]:
		x.noteTarget(x.vpcs, idOf(e), e)
	case e.Type == subnetType && x.wants[rules.ViaVPC]:
		if vpc, ok := firstID(e, "VpcId", "vpc-"); ok {
			x.subnets[idOf(e)] = strings.Clone(vpc)
		}
	case e.Type == accountType && x.wants[rules.ViaAccount]:
		x.noteTarget(x.accounts, idOf(e), e)
	case e.Type == projectType && x.wants[rules.ViaAccount]:
		if id, ok := e.CurrentAttribute("projectId"); ok {
			x.noteTarget(x.accounts, id.String(), e)
		}
		x.noteTarget(x.accounts, idOf(e), e)
		x.noteTarget(x.accounts, catalog.NameParts(e.Key).Last, e)
		x.noteTarget(x.accounts, e.Account, e)
	}
}

// idOf is the provider's id of an asset, or the last part of its key.
func idOf(e *inventory.Entry) string {
	for _, i := range e.Identifiers {
		if i.Kind == inventory.ResourceID {
			return i.Value
		}
	}
	return e.Key[strings.LastIndexByte(e.Key, '/')+1:]
}

// noteTarget keeps an asset under a name. What is observed goes before what is declared, and of two the lesser key before the other.
func (x *Index) noteTarget(into map[string]target, id string, e *inventory.Entry) {
	entity, ok := x.Links.EntityOf(e.ID)
	if !ok || id == "" {
		return
	}
	t := target{entity, e.Key, e.Book == inventory.Observed}
	if old, there := into[id]; there && (old.observed && !t.observed || old.observed == t.observed && old.key <= t.key) {
		return
	}
	into[id] = t
	x.want(entity)
}
