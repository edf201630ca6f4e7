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
	a.Attributes = p.Known()
	return a
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
	a.Attributes = p.Known()
	return a
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
