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

func gatewayListers() []lister.Lister {
	return []lister.Lister{
		ec2Lister("AWS::EC2::NatGateway", "natgateway", listNATGateways, "DescribeNatGateways"),
		ec2Lister("AWS::EC2::InternetGateway", "internet-gateway", listInternetGateways, "DescribeInternetGateways"),
		ec2Lister("AWS::EC2::EgressOnlyInternetGateway", "egress-only-internet-gateway", listEgressGateways, "DescribeEgressOnlyInternetGateways"),
	}
}

func listNATGateways(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := ec2.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeNatGateways(ctx, &ec2.DescribeNatGatewaysInput{NextToken: token, MaxResults: aws.Int32(1000)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, lister.Put(out, page.NatGateways, func(n *types.NatGateway) inventory.Asset { return natGateway(t, n) })
	})
}

func natGateway(t *lister.Target, n *types.NatGateway) inventory.Asset {
	if ended(n.State) {
		return inventory.Asset{}
	}
	a := ec2Asset(t, "natgateway", n.NatGatewayId, nil, n.Tags)
	a.Lifecycle, a.Created = stage(string(n.State)), lister.Time(n.CreateTime)
	primary, secondary := natAddresses(n)
	a.Zone = lister.Str(primary.AvailabilityZone)
	for _, addr := range n.NatGatewayAddresses {
		a.Identifiers = append(a.Identifiers, lister.ID(inventory.PrivateIP, addr.PrivateIp), lister.ID(inventory.PublicIP, addr.PublicIp))
	}
	var p lister.Attributes
	p.String("SubnetId", n.SubnetId)
	p.String("VpcId", n.VpcId)
	p.Text("ConnectivityType", string(n.ConnectivityType))
	p.Text("AvailabilityMode", string(n.AvailabilityMode))
	p.String("AllocationId", primary.AllocationId)
	p.String("PrivateIpAddress", primary.PrivateIp)
	var ids, ips []string
	for _, addr := range secondary {
		if addr.AllocationId != nil {
			ids = append(ids, *addr.AllocationId)
		}
		if addr.PrivateIp != nil {
			ips = append(ips, *addr.PrivateIp)
		}
	}
	p.Strings("SecondaryAllocationIds", ids)
	p.Strings("SecondaryPrivateIpAddresses", ips)
	a.Attributes = p.Known()
	return a
}

// natAddresses tells the first address of a gateway from the others. Where none is marked, it is the first of the list.
func natAddresses(n *types.NatGateway) (primary types.NatGatewayAddress, secondary []types.NatGatewayAddress) {
	list := slices.Clone(n.NatGatewayAddresses)
	if len(list) == 0 {
		return primary, nil
	}
	i := max(0, slices.IndexFunc(list, func(addr types.NatGatewayAddress) bool { return aws.ToBool(addr.IsPrimary) }))
	return list[i], slices.Delete(slices.Clone(list), i, i+1)
}

func listInternetGateways(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := ec2.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeInternetGateways(ctx, &ec2.DescribeInternetGatewaysInput{NextToken: token, MaxResults: aws.Int32(1000)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, lister.Put(out, page.InternetGateways, func(g *types.InternetGateway) inventory.Asset { return internetGateway(t, g) })
	})
}

// internetGateway makes the asset of a gateway, of which there is nothing to tell but what it is attached to: one network at most.
func internetGateway(t *lister.Target, g *types.InternetGateway) inventory.Asset {
	a := ec2Asset(t, "internet-gateway", g.InternetGatewayId, g.OwnerId, g.Tags)
	for _, at := range g.Attachments {
		a.Relations = append(a.Relations, lister.To(inventory.PartOf, ec2ARN(t, lister.Str(g.OwnerId), "vpc", lister.Str(at.VpcId))))
	}
	var p lister.Attributes
	p.Text("VpcId", lister.Str(lister.OrEmpty(first(g.Attachments)).VpcId))
	a.Attributes = p.Known()
	return a
}

// first returns the first of a list, nil if there is none.
func first[T any](list []T) *T {
	if len(list) == 0 {
		return nil
	}
	return &list[0]
}

func listEgressGateways(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := ec2.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeEgressOnlyInternetGateways(ctx, &ec2.DescribeEgressOnlyInternetGatewaysInput{NextToken: token, MaxResults: aws.Int32(255)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, lister.Put(out, page.EgressOnlyInternetGateways, func(g *types.EgressOnlyInternetGateway) inventory.Asset { return egressGateway(t, g) })
	})
}

func egressGateway(t *lister.Target, g *types.EgressOnlyInternetGateway) inventory.Asset {
	a := ec2Asset(t, "egress-only-internet-gateway", g.EgressOnlyInternetGatewayId, nil, g.Tags)
	var vpc *string
	if len(g.Attachments) > 0 {
		vpc = g.Attachments[0].VpcId
	}
	var p lister.Attributes
	p.String("VpcId", vpc)
	a.Attributes = p.Known()
	return a
}
