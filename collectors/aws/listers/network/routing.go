package network

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

func routingListers() []lister.Lister {
	return []lister.Lister{
		ec2Lister("AWS::EC2::RouteTable", "route-table", listRouteTables, "DescribeRouteTables"),
		ec2Lister("AWS::EC2::NetworkAcl", "network-acl", listNetworkACLs, "DescribeNetworkAcls"),
		ec2Lister("AWS::EC2::PrefixList", "prefix-list", listPrefixLists, "DescribeManagedPrefixLists"),
	}
}

func listRouteTables(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := ec2.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeRouteTables(ctx, &ec2.DescribeRouteTablesInput{NextToken: token, MaxResults: aws.Int32(100)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, lister.Put(out, page.RouteTables, func(r *types.RouteTable) inventory.Asset { return routeTable(t, r) })
	})
}

func routeTable(t *lister.Target, r *types.RouteTable) inventory.Asset {
	a := ec2Asset(t, "route-table", r.RouteTableId, r.OwnerId, r.Tags)
	var p lister.Attributes
	p.String("VpcId", r.VpcId)
	p.Value("Main", inventory.BoolValue(slices.ContainsFunc(r.Associations, func(as types.RouteTableAssociation) bool { return aws.ToBool(as.Main) })))
	p.Object("Routes", routes(r.Routes))
	var propagating []string
	for _, g := range r.PropagatingVgws {
		propagating = append(propagating, lister.Str(g.GatewayId))
	}
	p.Strings("PropagatingVgws", propagating)
	a.Attributes = p.Known()
	return a
}

// routes are those that somebody made: neither that within the network, which comes with the table, nor those that a gateway told. A
// route to an instance leads to its network interface.
func routes(list []types.Route) []any {
	out := []any{}
	for _, r := range list {
		if r.Origin == types.RouteOriginCreateRouteTable || r.Origin == types.RouteOriginEnableVgwRoutePropagation || lister.Str(r.GatewayId) == "local" {
			continue
		}
		out = append(out, known(map[string]any{
			"DestinationCidrBlock": text(r.DestinationCidrBlock), "DestinationIpv6CidrBlock": text(r.DestinationIpv6CidrBlock),
			"DestinationPrefixListId": text(r.DestinationPrefixListId), "GatewayId": text(r.GatewayId), "NatGatewayId": text(r.NatGatewayId),
			"TransitGatewayId": text(r.TransitGatewayId), "VpcPeeringConnectionId": text(r.VpcPeeringConnectionId),
			"NetworkInterfaceId": text(r.NetworkInterfaceId), "EgressOnlyInternetGatewayId": text(r.EgressOnlyInternetGatewayId),
			"CarrierGatewayId": text(r.CarrierGatewayId), "LocalGatewayId": text(r.LocalGatewayId), "CoreNetworkArn": text(r.CoreNetworkArn),
		}))
	}
	return inOrder(out)
}

func listNetworkACLs(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := ec2.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeNetworkAcls(ctx, &ec2.DescribeNetworkAclsInput{NextToken: token, MaxResults: aws.Int32(1000)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, lister.Put(out, page.NetworkAcls, func(n *types.NetworkAcl) inventory.Asset { return networkACL(t, n) })
	})
}

func networkACL(t *lister.Target, n *types.NetworkAcl) inventory.Asset {
	a := ec2Asset(t, "network-acl", n.NetworkAclId, n.OwnerId, n.Tags)
	var p lister.Attributes
	p.String("VpcId", n.VpcId)
	p.Bool("IsDefault", n.IsDefault)
	p.Object("Entries", aclEntries(n.Entries))
	a.Attributes = p.Known()
	return a
}

// lastEntry is the highest number that a rule may have which somebody made. Those above deny all the rest and come with the ACL.
const lastEntry = 32766

func aclEntries(list []types.NetworkAclEntry) []any {
	out := []any{}
	for _, e := range list {
		if aws.ToInt32(e.RuleNumber) > lastEntry {
			continue
		}
		entry := known(map[string]any{
			"RuleNumber": whole(e.RuleNumber), "Egress": truth(e.Egress), "Protocol": text(e.Protocol), "RuleAction": word(e.RuleAction),
			"CidrBlock": text(e.CidrBlock), "Ipv6CidrBlock": text(e.Ipv6CidrBlock),
		})
		if r := e.PortRange; r != nil {
			entry["PortRange"] = known(map[string]any{"From": whole(r.From), "To": whole(r.To)})
		}
		if i := e.IcmpTypeCode; i != nil {
			entry["Icmp"] = known(map[string]any{"Type": whole(i.Type), "Code": whole(i.Code)})
		}
		out = append(out, entry)
	}
	return inOrder(out)
}

// listPrefixLists lists the account's own lists. Those of AWS, which every account sees, are its own affair.
func listPrefixLists(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := ec2.NewFromConfig(t.Config)
	owner := []types.Filter{{Name: aws.String("owner-id"), Values: []string{t.Account}}}
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeManagedPrefixLists(ctx, &ec2.DescribeManagedPrefixListsInput{NextToken: token, MaxResults: aws.Int32(100), Filters: owner})
		if err != nil {
			return nil, err
		}
		return page.NextToken, lister.Put(out, page.PrefixLists, func(l *types.ManagedPrefixList) inventory.Asset { return prefixList(t, l) })
	})
}

func prefixList(t *lister.Target, l *types.ManagedPrefixList) inventory.Asset {
	if foreign(t, l.OwnerId) || l.State == types.PrefixListStateDeleteComplete {
		return inventory.Asset{}
	}
	a := ec2Asset(t, "prefix-list", l.PrefixListId, l.OwnerId, l.Tags)
	if l.PrefixListArn != nil {
		a.Key = *l.PrefixListArn
	}
	if l.PrefixListName != nil {
		a.Name = *l.PrefixListName
	}
	var p lister.Attributes
	p.String("PrefixListName", l.PrefixListName)
	p.String("AddressFamily", l.AddressFamily)
	p.Int("MaxEntries", l.MaxEntries)
	p.Long("Version", l.Version)
	a.Attributes = p.Known()
	return a
}
