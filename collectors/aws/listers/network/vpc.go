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

func vpcListers() []lister.Lister {
	return []lister.Lister{
		ec2Lister("AWS::EC2::VPC", "vpc", listVPCs, "DescribeVpcs", "DescribeVpcAttribute"),
		ec2Lister("AWS::EC2::Subnet", "subnet", listSubnets, "DescribeSubnets"),
		ec2Lister("AWS::EC2::DHCPOptions", "dhcp-options", listDHCPOptions, "DescribeDhcpOptions"),
	}
}

// listVPCs lists networks, and asks each for its settings of DNS, which the list call does not return.
func listVPCs(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := ec2.NewFromConfig(t.Config)
	d := lister.Description[types.Vpc, dns]{
		Ask:   func(ctx context.Context, v types.Vpc) (dns, error) { return readDNS(ctx, c, v.VpcId) },
		Asset: func(v types.Vpc, d dns) inventory.Asset { return vpc(t, &v, d) },
		Gone:  []string{"InvalidVpcID.NotFound"},
	}
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{NextToken: token, MaxResults: aws.Int32(1000)})
		if err != nil {
			return nil, err
		}
		own := slices.DeleteFunc(page.Vpcs, func(v types.Vpc) bool { return foreign(t, v.OwnerId) })
		return page.NextToken, d.Put(ctx, out, own)
	})
}

// dns is how names are resolved in a network; what could not be read is nil.
type dns struct{ support, hostnames *types.AttributeBooleanValue }

func readDNS(ctx context.Context, c *ec2.Client, id *string) (dns, error) {
	var d dns
	support, err := c.DescribeVpcAttribute(ctx, &ec2.DescribeVpcAttributeInput{VpcId: id, Attribute: types.VpcAttributeNameEnableDnsSupport})
	if err != nil {
		return d, err
	}
	d.support = support.EnableDnsSupport
	hostnames, err := c.DescribeVpcAttribute(ctx, &ec2.DescribeVpcAttributeInput{VpcId: id, Attribute: types.VpcAttributeNameEnableDnsHostnames})
	if err != nil {
		return d, err
	}
	d.hostnames = hostnames.EnableDnsHostnames
	return d, nil
}

func vpc(t *lister.Target, v *types.Vpc, d dns) inventory.Asset {
	a := ec2Asset(t, "vpc", v.VpcId, v.OwnerId, v.Tags)
	var p lister.Attributes
	p.String("CidrBlock", v.CidrBlock)
	p.Text("InstanceTenancy", string(v.InstanceTenancy))
	p.Bool("IsDefault", v.IsDefault)
	var v6 []string
	for _, b := range v.Ipv6CidrBlockAssociationSet {
		if b.Ipv6CidrBlockState != nil && b.Ipv6CidrBlockState.State == types.VpcCidrBlockStateCodeAssociated {
			v6 = append(v6, lister.Str(b.Ipv6CidrBlock))
		}
	}
	p.Strings("Ipv6CidrBlocks", v6)
	setting(&p, "EnableDnsSupport", d.support)
	setting(&p, "EnableDnsHostnames", d.hostnames)
	a.Attributes = p.Known()
	return a
}

func setting(p *lister.Attributes, name string, v *types.AttributeBooleanValue) {
	if v == nil {
		p.Unread(name)
		return
	}
	p.Bool(name, v.Value)
}

func listSubnets(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := ec2.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{NextToken: token, MaxResults: aws.Int32(1000)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, lister.Put(out, page.Subnets, func(s *types.Subnet) inventory.Asset { return subnet(t, s) })
	})
}

func subnet(t *lister.Target, s *types.Subnet) inventory.Asset {
	a := ec2Asset(t, "subnet", s.SubnetId, s.OwnerId, s.Tags)
	if s.SubnetArn != nil {
		a.Key = *s.SubnetArn
	}
	a.Zone = lister.Str(s.AvailabilityZone)
	var p lister.Attributes
	for _, v := range []struct {
		name  string
		value *string
	}{
		{"VpcId", s.VpcId},
		{"CidrBlock", s.CidrBlock},
		{"AvailabilityZone", s.AvailabilityZone},
		{"OutpostArn", s.OutpostArn},
		{"Ipv6CidrBlock", subnetIPv6(s)},
	} {
		p.String(v.name, v.value)
	}
	p.Bool("MapPublicIpOnLaunch", s.MapPublicIpOnLaunch)
	p.Bool("AssignIpv6AddressOnCreation", s.AssignIpv6AddressOnCreation)
	p.Bool("Ipv6Native", s.Ipv6Native)
	p.Bool("EnableDns64", s.EnableDns64)
	p.Bool("DefaultForAz", s.DefaultForAz)
	a.Attributes = p.Known()
	return a
}

// subnetIPv6 is the first range that is in use; nil if there is none.
func subnetIPv6(s *types.Subnet) *string {
	for _, b := range s.Ipv6CidrBlockAssociationSet {
		if b.Ipv6CidrBlockState != nil && b.Ipv6CidrBlockState.State == types.SubnetCidrBlockStateCodeAssociated {
			return b.Ipv6CidrBlock
		}
	}
	return nil
}

func listDHCPOptions(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := ec2.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeDhcpOptions(ctx, &ec2.DescribeDhcpOptionsInput{NextToken: token, MaxResults: aws.Int32(1000)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, lister.Put(out, page.DhcpOptions, func(d *types.DhcpOptions) inventory.Asset { return dhcpOptions(t, d) })
	})
}

func dhcpOptions(t *lister.Target, d *types.DhcpOptions) inventory.Asset {
	a := ec2Asset(t, "dhcp-options", d.DhcpOptionsId, d.OwnerId, d.Tags)
	set := map[string][]string{}
	for _, c := range d.DhcpConfigurations {
		for _, v := range c.Values {
			set[lister.Str(c.Key)] = append(set[lister.Str(c.Key)], lister.Str(v.Value))
		}
	}
	first := func(name string) string { return append(set[name], "")[0] }
	var p lister.Attributes
	p.Text("DomainName", first("domain-name"))
	p.Strings("DomainNameServers", set["domain-name-servers"])
	p.Strings("NtpServers", set["ntp-servers"])
	p.Strings("NetbiosNameServers", set["netbios-name-servers"])
	p.Number("NetbiosNodeType", first("netbios-node-type"))
	p.Value("IsDefault", inventory.BoolValue(isDefaultDHCP(t.Region, set)))
	a.Attributes = p.Known()
	return a
}

// isDefaultDHCP reports whether the options are those that AWS makes in each region: the API does not tell, and nothing else in
// them differs from options of one's own.
func isDefaultDHCP(region string, set map[string][]string) bool {
	domain := region + ".compute.internal"
	if region == "us-east-1" {
		domain = "ec2.internal"
	}
	return len(set) == 2 && slices.Equal(set["domain-name"], []string{domain}) && slices.Equal(set["domain-name-servers"], []string{"AmazonProvidedDNS"})
}
