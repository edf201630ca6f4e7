package network

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

// transitListers declares what there is of transit gateways. Attachments of networks have a call of their own, which tells
// more of them than the one for all attachments.
func transitListers() []lister.Lister {
	others := ec2Lister("AWS::EC2::TransitGatewayAttachment", "transit-gateway-attachment", listTransitAttachments, "DescribeTransitGatewayAttachments")
	others.Also = []inventory.Type{"AWS::EC2::TransitGatewayPeeringAttachment", "AWS::EC2::TransitGatewayConnect"}
	return []lister.Lister{
		ec2Lister("AWS::EC2::TransitGateway", "transit-gateway", listTransitGateways, "DescribeTransitGateways"),
		ec2Lister("AWS::EC2::TransitGatewayVpcAttachment", "transit-gateway-attachment", listTransitVPCs, "DescribeTransitGatewayVpcAttachments"),
		others,
		ec2Lister("AWS::EC2::TransitGatewayRouteTable", "transit-gateway-route-table", listTransitRouteTables, "DescribeTransitGatewayRouteTables"),
	}
}

func listTransitGateways(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := ec2.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeTransitGateways(ctx, &ec2.DescribeTransitGatewaysInput{NextToken: token, MaxResults: aws.Int32(1000)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, lister.Put(out, page.TransitGateways, func(g *types.TransitGateway) inventory.Asset { return transitGateway(t, g) })
	})
}

func transitGateway(t *lister.Target, g *types.TransitGateway) inventory.Asset {
	if ended(g.State) {
		return inventory.Asset{}
	}
	a := ec2Asset(t, "transit-gateway", g.TransitGatewayId, g.OwnerId, g.Tags)
	if g.TransitGatewayArn != nil {
		a.Key = *g.TransitGatewayArn
	}
	a.Lifecycle, a.Created = stage(string(g.State)), lister.Time(g.CreationTime)
	var p lister.Attributes
	p.String("Description", g.Description)
	if o := g.Options; o != nil {
		p.Long("AmazonSideAsn", o.AmazonSideAsn)
		p.Text("AutoAcceptSharedAttachments", string(o.AutoAcceptSharedAttachments))
		p.Text("DefaultRouteTableAssociation", string(o.DefaultRouteTableAssociation))
		p.Text("DefaultRouteTablePropagation", string(o.DefaultRouteTablePropagation))
		p.Text("DnsSupport", string(o.DnsSupport))
		p.Text("VpnEcmpSupport", string(o.VpnEcmpSupport))
		p.Text("MulticastSupport", string(o.MulticastSupport))
		p.Text("SecurityGroupReferencingSupport", string(o.SecurityGroupReferencingSupport))
		p.Strings("TransitGatewayCidrBlocks", o.TransitGatewayCidrBlocks)
		p.String("AssociationDefaultRouteTableId", o.AssociationDefaultRouteTableId)
		p.String("PropagationDefaultRouteTableId", o.PropagationDefaultRouteTableId)
	}
	a.Attributes = p.Known()
	return a
}

func listTransitVPCs(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := ec2.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeTransitGatewayVpcAttachments(ctx, &ec2.DescribeTransitGatewayVpcAttachmentsInput{NextToken: token, MaxResults: aws.Int32(1000)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, lister.Put(out, page.TransitGatewayVpcAttachments, func(v *types.TransitGatewayVpcAttachment) inventory.Asset { return transitVPC(t, v) })
	})
}

// detached reports whether an attachment is there no more, or never was.
func detached(s types.TransitGatewayAttachmentState) bool {
	return ended(s) || s == types.TransitGatewayAttachmentStateFailed
}

// transitVPC makes the asset of an attachment, which belongs to the owner of the network and not to that of the gateway.
func transitVPC(t *lister.Target, v *types.TransitGatewayVpcAttachment) inventory.Asset {
	if detached(v.State) || v.VpcId == nil { // without a network it is another kind, which the call for all lists
		return inventory.Asset{}
	}
	a := ec2Asset(t, "transit-gateway-attachment", v.TransitGatewayAttachmentId, v.VpcOwnerId, v.Tags)
	a.Lifecycle, a.Created = stage(string(v.State)), lister.Time(v.CreationTime)
	var p lister.Attributes
	p.String("TransitGatewayId", v.TransitGatewayId)
	p.String("VpcId", v.VpcId)
	p.Strings("SubnetIds", v.SubnetIds)
	if o := v.Options; o != nil {
		p.Text("Options.ApplianceModeSupport", string(o.ApplianceModeSupport))
		p.Text("Options.DnsSupport", string(o.DnsSupport))
		p.Text("Options.Ipv6Support", string(o.Ipv6Support))
		p.Text("Options.SecurityGroupReferencingSupport", string(o.SecurityGroupReferencingSupport))
	}
	a.Attributes = p.Known()
	return a
}

func listTransitAttachments(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := ec2.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeTransitGatewayAttachments(ctx, &ec2.DescribeTransitGatewayAttachmentsInput{NextToken: token, MaxResults: aws.Int32(1000)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, lister.Put(out, page.TransitGatewayAttachments, func(v *types.TransitGatewayAttachment) inventory.Asset { return transitAttachment(t, v) })
	})
}

// transitAttachment makes the asset of an attachment of something else than a network.
func transitAttachment(t *lister.Target, v *types.TransitGatewayAttachment) inventory.Asset {
	if detached(v.State) || v.ResourceType == types.TransitGatewayAttachmentResourceTypeVpc {
		return inventory.Asset{}
	}
	owner := v.ResourceOwnerId
	if atGateway(v.ResourceType) {
		owner = v.TransitGatewayOwnerId
	}
	a := ec2Asset(t, "transit-gateway-attachment", v.TransitGatewayAttachmentId, owner, v.Tags)
	a.Lifecycle, a.Created = stage(string(v.State)), lister.Time(v.CreationTime)
	var p lister.Attributes
	switch v.ResourceType {
	case types.TransitGatewayAttachmentResourceTypePeering, types.TransitGatewayAttachmentResourceTypeTgwPeering:
		a.Type = "AWS::EC2::TransitGatewayPeeringAttachment"
		p.String("TransitGatewayId", v.TransitGatewayId)
		p.String("PeerTransitGatewayId", v.ResourceId)
		p.String("PeerAccountId", v.ResourceOwnerId)
	case types.TransitGatewayAttachmentResourceTypeConnect:
		a.Type = "AWS::EC2::TransitGatewayConnect"
		p.String("TransitGatewayId", v.TransitGatewayId)
		p.String("TransportTransitGatewayAttachmentId", v.ResourceId)
	default:
		p.String("TransitGatewayId", v.TransitGatewayId)
		p.Text("ResourceType", string(v.ResourceType))
		p.String("ResourceId", v.ResourceId)
	}
	a.Attributes = p.Known()
	return a
}

// atGateway reports whether an attachment stands with the owner of the gateway, whoever owns what is attached: the gateway on the
// other side, or one of Direct Connect, whose owner does not see the attachment.
func atGateway(r types.TransitGatewayAttachmentResourceType) bool {
	switch r {
	case types.TransitGatewayAttachmentResourceTypePeering, types.TransitGatewayAttachmentResourceTypeTgwPeering,
		types.TransitGatewayAttachmentResourceTypeDirectConnectGateway:
		return true
	}
	return false
}

func listTransitRouteTables(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := ec2.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeTransitGatewayRouteTables(ctx, &ec2.DescribeTransitGatewayRouteTablesInput{NextToken: token, MaxResults: aws.Int32(1000)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, lister.Put(out, page.TransitGatewayRouteTables, func(r *types.TransitGatewayRouteTable) inventory.Asset { return transitRouteTable(t, r) })
	})
}

func transitRouteTable(t *lister.Target, r *types.TransitGatewayRouteTable) inventory.Asset {
	if ended(r.State) {
		return inventory.Asset{}
	}
	a := ec2Asset(t, "transit-gateway-route-table", r.TransitGatewayRouteTableId, nil, r.Tags)
	a.Lifecycle, a.Created = stage(string(r.State)), lister.Time(r.CreationTime)
	var p lister.Attributes
	p.String("TransitGatewayId", r.TransitGatewayId)
	p.Bool("DefaultAssociationRouteTable", r.DefaultAssociationRouteTable)
	p.Bool("DefaultPropagationRouteTable", r.DefaultPropagationRouteTable)
	a.Attributes = p.Known()
	return a
}
