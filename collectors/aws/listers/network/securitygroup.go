package network

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

func securityGroupListers() []lister.Lister {
	return []lister.Lister{ec2Lister("AWS::EC2::SecurityGroup", "security-group", listSecurityGroups, "DescribeSecurityGroups")}
}

func listSecurityGroups(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := ec2.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{NextToken: token, MaxResults: aws.Int32(1000)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, lister.Put(out, page.SecurityGroups, func(g *types.SecurityGroup) inventory.Asset { return securityGroup(t, g) })
	})
}

func securityGroup(t *lister.Target, g *types.SecurityGroup) inventory.Asset {
	a := ec2Asset(t, "security-group", g.GroupId, g.OwnerId, g.Tags)
	if g.SecurityGroupArn != nil {
		a.Key = *g.SecurityGroupArn
	}
	if g.GroupName != nil {
		a.Name = *g.GroupName
	}
	var p lister.Attributes
	p.String("GroupName", g.GroupName)
	p.String("GroupDescription", g.Description)
	p.String("VpcId", g.VpcId)
	p.Object("SecurityGroupIngress", rules(t, g.IpPermissions, "Source"))
	p.Object("SecurityGroupEgress", rules(t, g.IpPermissionsEgress, "Destination"))
	a.Attributes = p.Known()
	return a
}

// rules makes one object of each protocol, range of ports and peer, as CloudFormation has it. side begins the names of the
// properties that tell who the peer is. The order of the service means nothing, so that they are sorted.
func rules(t *lister.Target, permissions []types.IpPermission, side string) []any {
	list := []any{}
	for _, perm := range permissions {
		for _, peer := range peers(t, perm, side) {
			peer["IpProtocol"] = text(perm.IpProtocol)
			peer["FromPort"], peer["ToPort"] = whole(perm.FromPort), whole(perm.ToPort)
			list = append(list, known(peer))
		}
	}
	return inOrder(list)
}

// inOrder sorts objects of whose order the service makes nothing.
func inOrder(list []any) []any {
	slices.SortFunc(list, func(a, b any) int { return strings.Compare(order(a), order(b)) })
	return list
}

func peers(t *lister.Target, perm types.IpPermission, side string) []map[string]any {
	var list []map[string]any
	for _, r := range perm.IpRanges {
		list = append(list, map[string]any{"CidrIp": text(r.CidrIp), "Description": text(r.Description)})
	}
	for _, r := range perm.Ipv6Ranges {
		list = append(list, map[string]any{"CidrIpv6": text(r.CidrIpv6), "Description": text(r.Description)})
	}
	for _, l := range perm.PrefixListIds {
		list = append(list, map[string]any{side + "PrefixListId": text(l.PrefixListId), "Description": text(l.Description)})
	}
	for _, g := range perm.UserIdGroupPairs {
		peer := map[string]any{side + "SecurityGroupId": text(g.GroupId), "Description": text(g.Description)}
		if side == "Source" && foreign(t, g.UserId) {
			peer["SourceSecurityGroupOwnerId"] = *g.UserId
		}
		list = append(list, peer)
	}
	return list
}

func order(object any) string {
	b, err := json.Marshal(object)
	if err != nil { // cannot happen: texts and numbers only
		return ""
	}
	return string(b)
}
