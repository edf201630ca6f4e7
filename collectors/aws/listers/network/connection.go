package network

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

func connectionListers() []lister.Lister {
	return []lister.Lister{
		ec2Lister("AWS::EC2::VPCEndpoint", "vpc-endpoint", listEndpoints, "DescribeVpcEndpoints"),
		ec2Lister("AWS::EC2::VPCPeeringConnection", "vpc-peering-connection", listPeerings, "DescribeVpcPeeringConnections"),
	}
}

func listEndpoints(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := ec2.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeVpcEndpoints(ctx, &ec2.DescribeVpcEndpointsInput{NextToken: token, MaxResults: aws.Int32(1000)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, lister.Put(out, page.VpcEndpoints, func(e *types.VpcEndpoint) inventory.Asset { return endpoint(t, e) })
	})
}

// endpointState is the state in small letters: the documentation has a capital, the answers have none.
func endpointState(e *types.VpcEndpoint) string { return strings.ToLower(string(e.State)) }

func endpoint(t *lister.Target, e *types.VpcEndpoint) inventory.Asset {
	if ended(endpointState(e)) {
		return inventory.Asset{}
	}
	a := ec2Asset(t, "vpc-endpoint", e.VpcEndpointId, e.OwnerId, e.Tags)
	a.Lifecycle, a.Created = stage(endpointState(e)), lister.Time(e.CreationTimestamp)
	for _, d := range e.DnsEntries {
		if strings.HasPrefix(lister.Str(d.DnsName), lister.Str(e.VpcEndpointId)) { // not the service's own name, which all endpoints share
			a.Identifiers = append(a.Identifiers, lister.ID(inventory.FQDN, d.DnsName))
			break
		}
	}
	var groups []string
	for _, g := range e.Groups {
		groups = append(groups, lister.Str(g.GroupId))
	}
	var p lister.Attributes
	p.String("VpcId", e.VpcId)
	p.String("ServiceName", e.ServiceName)
	p.String("ServiceRegion", e.ServiceRegion)
	p.Text("VpcEndpointType", string(e.VpcEndpointType))
	p.Strings("RouteTableIds", e.RouteTableIds)
	p.Strings("SubnetIds", e.SubnetIds)
	p.Strings("SecurityGroupIds", groups)
	p.Bool("PrivateDnsEnabled", e.PrivateDnsEnabled)
	p.JSON("PolicyDocument", lister.Str(e.PolicyDocument))
	p.Text("IpAddressType", string(e.IpAddressType))
	p.Bool("RequesterManaged", e.RequesterManaged)
	a.Attributes = p.Known()
	return a
}

// listPeerings lists connections of networks. Each of the two accounts, and each of the two regions, has its own record of a
// connection, with tags of its own.
func listPeerings(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := ec2.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeVpcPeeringConnections(ctx, &ec2.DescribeVpcPeeringConnectionsInput{NextToken: token, MaxResults: aws.Int32(1000)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, lister.Put(out, page.VpcPeeringConnections, func(p *types.VpcPeeringConnection) inventory.Asset { return peering(t, p) })
	})
}

func peeringState(p *types.VpcPeeringConnection) types.VpcPeeringConnectionStateReasonCode {
	if p.Status == nil {
		return ""
	}
	return p.Status.Code
}

func peering(t *lister.Target, v *types.VpcPeeringConnection) inventory.Asset {
	if ended(peeringState(v)) || peeringState(v) == types.VpcPeeringConnectionStateReasonCodeFailed {
		return inventory.Asset{}
	}
	a := ec2Asset(t, "vpc-peering-connection", v.VpcPeeringConnectionId, nil, v.Tags)
	a.Lifecycle = stage(string(peeringState(v)))
	from, to := v.RequesterVpcInfo, v.AccepterVpcInfo
	var p lister.Attributes
	if from != nil {
		p.String("VpcId", from.VpcId)
	}
	if to != nil {
		p.String("PeerVpcId", to.VpcId)
		p.String("PeerOwnerId", to.OwnerId)
		p.String("PeerRegion", to.Region)
	}
	a.Attributes = p.Known()
	return a
}
