package network

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

func vpnListers() []lister.Lister {
	return []lister.Lister{
		ec2Lister("AWS::EC2::VPNConnection", "vpn-connection", listVPNConnections, "DescribeVpnConnections"),
		ec2Lister("AWS::EC2::VPNGateway", "vpn-gateway", listVPNGateways, "DescribeVpnGateways"),
		ec2Lister("AWS::EC2::CustomerGateway", "customer-gateway", listCustomerGateways, "DescribeCustomerGateways"),
	}
}

// listVPNConnections lists connections with one call, which has no pages, as those after it.
func listVPNConnections(ctx context.Context, t *lister.Target, out lister.Out) error {
	page, err := ec2.NewFromConfig(t.Config).DescribeVpnConnections(ctx, &ec2.DescribeVpnConnectionsInput{})
	if err != nil {
		return err
	}
	return lister.Put(out, page.VpnConnections, func(v *types.VpnConnection) inventory.Asset { return vpnConnection(t, v) })
}

// vpnConnection makes the asset of a connection. The configuration for the customer's device and the options of the tunnels
// hold the keys that both sides share, and are left alone.
func vpnConnection(t *lister.Target, v *types.VpnConnection) inventory.Asset {
	if ended(v.State) {
		return inventory.Asset{}
	}
	a := ec2Asset(t, "vpn-connection", v.VpnConnectionId, nil, v.Tags)
	a.Lifecycle = stage(string(v.State))
	for _, tunnel := range v.VgwTelemetry {
		a.Identifiers = append(a.Identifiers, lister.ID(inventory.PublicIP, tunnel.OutsideIpAddress))
	}
	var p lister.Attributes
	p.Text("Type", string(v.Type))
	p.Text("CustomerGatewayId", lister.Str(v.CustomerGatewayId))
	p.Text("VpnGatewayId", lister.Str(v.VpnGatewayId))
	p.Text("TransitGatewayId", lister.Str(v.TransitGatewayId))
	if o := v.Options; o != nil {
		p.Bool("StaticRoutesOnly", o.StaticRoutesOnly)
		p.Bool("EnableAcceleration", o.EnableAcceleration)
		p.Text("TunnelInsideIpVersion", string(o.TunnelInsideIpVersion))
		p.String("OutsideIpAddressType", o.OutsideIpAddressType)
		p.String("LocalIpv4NetworkCidr", o.LocalIpv4NetworkCidr)
		p.String("LocalIpv6NetworkCidr", o.LocalIpv6NetworkCidr)
		p.String("RemoteIpv4NetworkCidr", o.RemoteIpv4NetworkCidr)
		p.String("RemoteIpv6NetworkCidr", o.RemoteIpv6NetworkCidr)
		p.String("TransportTransitGatewayAttachmentId", o.TransportTransitGatewayAttachmentId)
	}
	a.Attributes = p.Known()
	return a
}

func listVPNGateways(ctx context.Context, t *lister.Target, out lister.Out) error {
	page, err := ec2.NewFromConfig(t.Config).DescribeVpnGateways(ctx, &ec2.DescribeVpnGatewaysInput{})
	if err != nil {
		return err
	}
	return lister.Put(out, page.VpnGateways, func(g *types.VpnGateway) inventory.Asset { return vpnGateway(t, g) })
}

func vpnGateway(t *lister.Target, g *types.VpnGateway) inventory.Asset {
	if ended(g.State) {
		return inventory.Asset{}
	}
	a := ec2Asset(t, "vpn-gateway", g.VpnGatewayId, nil, g.Tags)
	a.Lifecycle, a.Zone = stage(string(g.State)), lister.Str(g.AvailabilityZone)
	var p lister.Attributes
	p.Text("Type", string(g.Type))
	p.Long("AmazonSideAsn", g.AmazonSideAsn)
	p.Text("VpcId", attachedVPC(g))
	a.Attributes = p.Known()
	return a
}

// attachedVPC is the network that a gateway is attached to, and not one that it has left.
func attachedVPC(g *types.VpnGateway) string {
	for _, at := range g.VpcAttachments {
		if at.State == types.AttachmentStatusAttached || at.State == types.AttachmentStatusAttaching {
			return lister.Str(at.VpcId)
		}
	}
	return ""
}

func listCustomerGateways(ctx context.Context, t *lister.Target, out lister.Out) error {
	page, err := ec2.NewFromConfig(t.Config).DescribeCustomerGateways(ctx, &ec2.DescribeCustomerGatewaysInput{})
	if err != nil {
		return err
	}
	return lister.Put(out, page.CustomerGateways, func(g *types.CustomerGateway) inventory.Asset { return customerGateway(t, g) })
}

// customerGateway makes the asset of what an account knows of a device elsewhere. The address is the device's, and so no
// identifier of this.
func customerGateway(t *lister.Target, g *types.CustomerGateway) inventory.Asset {
	if ended(aws.ToString(g.State)) {
		return inventory.Asset{}
	}
	a := ec2Asset(t, "customer-gateway", g.CustomerGatewayId, nil, g.Tags)
	a.Lifecycle = stage(lister.Str(g.State))
	var p lister.Attributes
	p.Text("Type", lister.Str(g.Type))
	p.Number("BgpAsn", lister.Str(g.BgpAsn))
	p.Number("BgpAsnExtended", lister.Str(g.BgpAsnExtended))
	p.String("IpAddress", g.IpAddress)
	p.String("DeviceName", g.DeviceName)
	p.String("CertificateArn", g.CertificateArn)
	a.Attributes = p.Known()
	return a
}
