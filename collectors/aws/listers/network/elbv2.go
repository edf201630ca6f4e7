package network

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

func elbv2Listers() []lister.Lister {
	api := lister.API(elbv2.ServiceID, "elasticloadbalancing")
	return []lister.Lister{
		{
			Type:       "AWS::ElasticLoadBalancingV2::LoadBalancer",
			ARNs:       []string{"elasticloadbalancing:loadbalancer/app/*", "elasticloadbalancing:loadbalancer/net/*", "elasticloadbalancing:loadbalancer/gwy/*"},
			Operations: api.Ops("DescribeLoadBalancers", "DescribeTags"),
			List:       listBalancers,
			BatchTags:  balancingTags,
			Batch:      20,
		},
		{
			Type:       "AWS::ElasticLoadBalancingV2::TargetGroup",
			ARNs:       []string{"elasticloadbalancing:targetgroup/*"},
			Operations: api.Ops("DescribeTargetGroups", "DescribeTags"),
			List:       listTargetGroups,
			BatchTags:  balancingTags,
			Batch:      20,
		},
		{
			Type:       "AWS::ElasticLoadBalancingV2::Listener",
			ARNs:       []string{"elasticloadbalancing:listener/*"},
			Operations: api.Ops("DescribeListeners", "DescribeLoadBalancers", "DescribeTags"),
			List:       listListeners,
			BatchTags:  balancingTags,
			Batch:      20,
		},
	}
}

func listBalancers(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := elbv2.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeLoadBalancers(ctx, &elbv2.DescribeLoadBalancersInput{Marker: token, PageSize: aws.Int32(400)})
		if err != nil {
			return nil, err
		}
		return page.NextMarker, lister.Put(out, page.LoadBalancers, balancer)
	})
}

func balancer(l *types.LoadBalancer) inventory.Asset {
	a := inventory.Asset{
		Key: lister.Str(l.LoadBalancerArn), Name: lister.Str(l.LoadBalancerName), Created: lister.Time(l.CreatedTime),
		Identifiers: []inventory.Identifier{lister.ID(inventory.FQDN, l.DNSName)},
	}
	var subnets []string
	for _, z := range l.AvailabilityZones {
		subnets = append(subnets, lister.Str(z.SubnetId))
		for _, addr := range z.LoadBalancerAddresses {
			a.Identifiers = append(a.Identifiers, lister.ID(inventory.PublicIP, addr.IpAddress), lister.ID(inventory.PrivateIP, addr.PrivateIPv4Address))
		}
	}
	var p lister.Attributes
	p.String("Name", l.LoadBalancerName)
	p.Text("Type", string(l.Type))
	p.Text("Scheme", string(l.Scheme))
	p.Strings("Subnets", subnets)
	p.Strings("SecurityGroups", l.SecurityGroups)
	p.Text("IpAddressType", string(l.IpAddressType))
	p.Text("EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic", lister.Str(l.EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic))
	p.Text("EnablePrefixForIpv6SourceNat", string(l.EnablePrefixForIpv6SourceNat))
	p.String("VpcId", l.VpcId)
	a.Attributes = p.Known()
	return a
}

func listTargetGroups(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := elbv2.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeTargetGroups(ctx, &elbv2.DescribeTargetGroupsInput{Marker: token, PageSize: aws.Int32(400)})
		if err != nil {
			return nil, err
		}
		return page.NextMarker, lister.Put(out, page.TargetGroups, targetGroup)
	})
}

func targetGroup(g *types.TargetGroup) inventory.Asset {
	a := inventory.Asset{Key: lister.Str(g.TargetGroupArn), Name: lister.Str(g.TargetGroupName)}
	var p lister.Attributes
	p.String("Name", g.TargetGroupName)
	p.Int("Port", g.Port)
	p.Text("Protocol", string(g.Protocol))
	p.String("ProtocolVersion", g.ProtocolVersion)
	p.String("VpcId", g.VpcId)
	p.Text("TargetType", string(g.TargetType))
	p.Text("IpAddressType", string(g.IpAddressType))
	p.Strings("LoadBalancerArns", g.LoadBalancerArns)
	p.Bool("HealthCheckEnabled", g.HealthCheckEnabled)
	p.String("HealthCheckPath", g.HealthCheckPath)
	p.String("HealthCheckPort", g.HealthCheckPort)
	p.Text("HealthCheckProtocol", string(g.HealthCheckProtocol))
	p.Int("HealthCheckIntervalSeconds", g.HealthCheckIntervalSeconds)
	p.Int("HealthCheckTimeoutSeconds", g.HealthCheckTimeoutSeconds)
	p.Int("HealthyThresholdCount", g.HealthyThresholdCount)
	p.Int("UnhealthyThresholdCount", g.UnhealthyThresholdCount)
	if m := g.Matcher; m != nil {
		if m.HttpCode != nil || m.GrpcCode == nil { // targets that speak the other protocol have no such codes that could be unset
			p.String("Matcher.HttpCode", m.HttpCode)
		}
		p.String("Matcher.GrpcCode", m.GrpcCode)
	}
	a.Attributes = p.Known()
	return a
}

func balancingTags(ctx context.Context, t *lister.Target, assets []*inventory.Asset) (map[string]inventory.Tags, error) {
	c := elbv2.NewFromConfig(t.Config)
	return batchTags(assets, func(assets []*inventory.Asset) (map[string]inventory.Tags, error) {
		arns := make([]string, len(assets))
		for i, a := range assets {
			arns[i] = a.Key
		}
		answer, err := c.DescribeTags(ctx, &elbv2.DescribeTagsInput{ResourceArns: arns})
		if err != nil {
			return nil, err
		}
		tags := map[string]inventory.Tags{}
		for _, d := range answer.TagDescriptions {
			tags[lister.Str(d.ResourceArn)] = lister.TagsOf(d.Tags, func(g types.Tag) (*string, *string) { return g.Key, g.Value })
		}
		return tags, nil
	}, "LoadBalancerNotFound", "TargetGroupNotFound", "ListenerNotFound")
}
