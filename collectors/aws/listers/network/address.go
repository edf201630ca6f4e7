package network

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

func addressListers() []lister.Lister {
	return []lister.Lister{ec2Lister("AWS::EC2::EIP", "elastic-ip", listAddresses, "DescribeAddresses")}
}

// listAddresses lists elastic addresses with one call, which has no pages.
func listAddresses(ctx context.Context, t *lister.Target, out lister.Out) error {
	page, err := ec2.NewFromConfig(t.Config).DescribeAddresses(ctx, &ec2.DescribeAddressesInput{})
	if err != nil {
		return err
	}
	return lister.Put(out, page.Addresses, func(e *types.Address) inventory.Asset { return address(t, e) })
}

func address(t *lister.Target, e *types.Address) inventory.Asset {
	id := e.AllocationId
	if id == nil {
		id = e.PublicIp
	}
	a := ec2Asset(t, "elastic-ip", id, nil, e.Tags)
	a.Identifiers = append(a.Identifiers, lister.ID(inventory.PublicIP, e.PublicIp))
	a.Relations = []inventory.Relation{
		lister.To(inventory.AttachedTo, ec2ARN(t, "", "instance", lister.Str(e.InstanceId))),
		lister.To(inventory.AttachedTo, ec2ARN(t, holder(t, e.NetworkInterfaceOwnerId), "network-interface", lister.Str(e.NetworkInterfaceId))),
	}
	var p lister.Attributes
	p.Text("Domain", string(e.Domain))
	p.String("PublicIp", e.PublicIp)
	p.String("PublicIpv4Pool", e.PublicIpv4Pool)
	p.String("NetworkBorderGroup", e.NetworkBorderGroup)
	p.Text("InstanceId", lister.Str(e.InstanceId))
	p.Text("NetworkInterfaceId", lister.Str(e.NetworkInterfaceId))
	p.Text("ServiceManaged", string(e.ServiceManaged))
	p.Value("DeleteOnTermination", inventory.False) // it stays, and costs, when what it is attached to goes
	a.Attributes = p.Known()
	return a
}

// holder is the account that something is in. What a service of AWS holds in the account's name has the service for owner, as
// "amazon-elb", and stands in the account.
func holder(t *lister.Target, owner *string) string {
	if id := lister.Str(owner); len(id) == 12 && id[0] >= '0' && id[0] <= '9' {
		return id
	}
	return t.Account
}
