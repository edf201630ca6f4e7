package network

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/globalaccelerator"
	"github.com/aws/aws-sdk-go-v2/service/globalaccelerator/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

func acceleratorListers() []lister.Lister {
	return []lister.Lister{{
		Type:       "AWS::GlobalAccelerator::Accelerator",
		Place:      lister.GlobalWest,
		ARNs:       []string{"globalaccelerator:accelerator/*"},
		Operations: lister.API(globalaccelerator.ServiceID, "globalaccelerator").Ops("ListAccelerators", "ListTagsForResource"),
		List:       listAccelerators,
		ReadTags:   acceleratorTags,
	}}
}

func listAccelerators(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := globalaccelerator.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.ListAccelerators(ctx, &globalaccelerator.ListAcceleratorsInput{NextToken: token, MaxResults: aws.Int32(100)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, lister.Put(out, page.Accelerators, accelerator)
	})
}

func accelerator(g *types.Accelerator) inventory.Asset {
	a := inventory.Asset{
		Key: lister.Str(g.AcceleratorArn), Name: lister.Str(g.Name), Created: lister.Time(g.CreatedTime),
		Identifiers: []inventory.Identifier{lister.ID(inventory.FQDN, g.DnsName), lister.ID(inventory.FQDN, g.DualStackDnsName)},
	}
	addresses := map[types.IpAddressFamily][]string{}
	for _, s := range g.IpSets {
		addresses[s.IpAddressFamily] = append(addresses[s.IpAddressFamily], s.IpAddresses...)
		for _, ip := range s.IpAddresses {
			a.Identifiers = append(a.Identifiers, inventory.Identifier{Kind: inventory.PublicIP, Value: ip})
		}
	}
	var p lister.Attributes
	p.String("Name", g.Name)
	p.Bool("Enabled", g.Enabled)
	p.Text("IpAddressType", string(g.IpAddressType))
	p.Strings("Ipv4Addresses", addresses[types.IpAddressFamilyIPv4])
	p.Strings("Ipv6Addresses", addresses[types.IpAddressFamilyIPv6])
	a.Attributes = p.Known()
	return a
}

func acceleratorTags(ctx context.Context, t *lister.Target, a *inventory.Asset) (inventory.Tags, error) {
	answer, err := globalaccelerator.NewFromConfig(t.Config).ListTagsForResource(ctx, &globalaccelerator.ListTagsForResourceInput{ResourceArn: aws.String(a.Key)})
	if err != nil {
		return inventory.Tags{}, err
	}
	return lister.TagsOf(answer.Tags, func(g types.Tag) (*string, *string) { return g.Key, g.Value }), nil
}
