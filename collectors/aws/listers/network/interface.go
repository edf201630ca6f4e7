package network

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

func interfaceListers() []lister.Lister {
	return []lister.Lister{ec2Lister("AWS::EC2::NetworkInterface", "network-interface", listInterfaces, "DescribeNetworkInterfaces")}
}

// listInterfaces lists interfaces, those too that services keep hidden.
func listInterfaces(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := ec2.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeNetworkInterfaces(ctx, &ec2.DescribeNetworkInterfacesInput{
			NextToken: token, MaxResults: aws.Int32(1000), IncludeManagedResources: aws.Bool(true),
		})
		if err != nil {
			return nil, err
		}
		return page.NextToken, lister.Put(out, page.NetworkInterfaces, func(n *types.NetworkInterface) inventory.Asset { return networkInterface(t, n) })
	})
}

func networkInterface(t *lister.Target, n *types.NetworkInterface) inventory.Asset {
	a := ec2Asset(t, "network-interface", n.NetworkInterfaceId, n.OwnerId, n.TagSet)
	a.Zone = lister.Str(n.AvailabilityZone)
	attach(t, &a, n)
	secondary := interfaceAddresses(&a, n)
	groups := make([]string, len(n.Groups))
	for i, g := range n.Groups {
		groups[i] = lister.Str(g.GroupId)
	}
	var p lister.Attributes
	p.Text("Description", lister.Str(n.Description))
	p.String("SubnetId", n.SubnetId)
	p.String("VpcId", n.VpcId)
	p.String("PrivateIpAddress", n.PrivateIpAddress)
	p.Strings("SecondaryPrivateIpAddresses", secondary)
	p.Strings("GroupSet", groups)
	p.Bool("SourceDestCheck", n.SourceDestCheck)
	p.Text("InterfaceType", string(n.InterfaceType))
	p.Bool("RequesterManaged", n.RequesterManaged)
	p.String("RequesterId", n.RequesterId)
	operator := n.Operator
	if operator == nil {
		operator = &types.OperatorResponse{}
	}
	p.Bool("Operator.Managed", operator.Managed)
	p.String("Operator.Principal", operator.Principal)
	if n.Attachment != nil && !primary(n) {
		p.Bool("DeleteOnTermination", n.Attachment.DeleteOnTermination)
	}
	a.Attributes = p.Known()
	return a
}

// primary reports whether an interface is the first of its instance, which cannot be taken from it: it is part of the instance,
// whatever shall become of it afterwards.
func primary(n *types.NetworkInterface) bool {
	return n.Attachment.InstanceId != nil && n.Attachment.DeviceIndex != nil && *n.Attachment.DeviceIndex == 0
}

// attach says what an interface is attached to. The hardware address of an instance's interface is left to the instance: two
// assets of one source that bear it could not be told apart by it.
func attach(t *lister.Target, a *inventory.Asset, n *types.NetworkInterface) {
	if n.Attachment == nil || n.Attachment.InstanceId == nil {
		a.Identifiers = append(a.Identifiers, lister.ID(inventory.MAC, n.MacAddress))
		return
	}
	instance := ec2ARN(t, holder(t, n.Attachment.InstanceOwnerId), "instance", *n.Attachment.InstanceId)
	a.Relations = append(a.Relations, lister.To(inventory.AttachedTo, instance))
}

// interfaceAddresses adds the addresses to the identifiers, and returns the private ones besides the first.
func interfaceAddresses(a *inventory.Asset, n *types.NetworkInterface) (secondary []string) {
	a.Identifiers = append(a.Identifiers, lister.ID(inventory.PrivateIP, n.PrivateIpAddress))
	if n.Association != nil {
		a.Identifiers = append(a.Identifiers, lister.ID(inventory.PublicIP, n.Association.PublicIp))
	}
	for _, ip := range n.PrivateIpAddresses {
		a.Identifiers = append(a.Identifiers, lister.ID(inventory.PrivateIP, ip.PrivateIpAddress))
		if ip.Association != nil {
			a.Identifiers = append(a.Identifiers, lister.ID(inventory.PublicIP, ip.Association.PublicIp))
		}
		if ip.PrivateIpAddress != nil && !aws.ToBool(ip.Primary) {
			secondary = append(secondary, *ip.PrivateIpAddress)
		}
	}
	return secondary
}
