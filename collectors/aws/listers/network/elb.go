package network

import (
	"context"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

func elbListers() []lister.Lister {
	return []lister.Lister{{
		Type:       "AWS::ElasticLoadBalancing::LoadBalancer",
		ARNs:       []string{"elasticloadbalancing:loadbalancer/*"},
		Operations: lister.API(elasticloadbalancing.ServiceID, "elasticloadbalancing").Ops("DescribeLoadBalancers", "DescribeTags"),
		List:       listClassic,
		BatchTags:  classicTags,
		Batch:      20,
	}}
}

// listClassic lists load balancers of the first generation.
func listClassic(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := elasticloadbalancing.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeLoadBalancers(ctx, &elasticloadbalancing.DescribeLoadBalancersInput{Marker: token, PageSize: aws.Int32(400)})
		if err != nil {
			return nil, err
		}
		return page.NextMarker, lister.Put(out, page.LoadBalancerDescriptions, func(l *types.LoadBalancerDescription) inventory.Asset { return classic(t, l) })
	})
}

func classic(t *lister.Target, l *types.LoadBalancerDescription) inventory.Asset {
	name := lister.Str(l.LoadBalancerName)
	a := inventory.Asset{
		Key: t.ARN("elasticloadbalancing", "loadbalancer/"+name), Name: name, Created: lister.Time(l.CreatedTime),
		Identifiers: []inventory.Identifier{lister.ID(inventory.ResourceID, l.LoadBalancerName), lister.ID(inventory.FQDN, l.DNSName)},
	}
	instances := make([]string, len(l.Instances))
	for i, in := range l.Instances {
		instances[i] = lister.Str(in.InstanceId)
	}
	var p lister.Attributes
	p.String("LoadBalancerName", l.LoadBalancerName)
	p.Text("Scheme", lister.Str(l.Scheme))
	p.Strings("Subnets", l.Subnets)
	p.Strings("SecurityGroups", l.SecurityGroups)
	p.Strings("AvailabilityZones", l.AvailabilityZones)
	p.Strings("Instances", instances)
	p.Object("Listeners", classicListeners(l.ListenerDescriptions))
	if h := l.HealthCheck; h != nil {
		p.Object("HealthCheck", known(map[string]any{
			"Target": text(h.Target), "Interval": digits(h.Interval), "Timeout": digits(h.Timeout),
			"HealthyThreshold": digits(h.HealthyThreshold), "UnhealthyThreshold": digits(h.UnhealthyThreshold),
		}))
	}
	a.Attributes = p.Known()
	return a
}

// digits is a number as CloudFormation has it for classic load balancers: a text.
func digits(n *int32) any {
	if n == nil {
		return nil
	}
	return strconv.Itoa(int(*n))
}

func classicListeners(list []types.ListenerDescription) []any {
	var out []any
	for _, d := range list {
		l := d.Listener
		if l == nil {
			continue
		}
		listener := known(map[string]any{
			"LoadBalancerPort": strconv.Itoa(int(l.LoadBalancerPort)), "InstancePort": digits(l.InstancePort), "Protocol": text(l.Protocol),
			"InstanceProtocol": text(l.InstanceProtocol), "SSLCertificateId": text(l.SSLCertificateId),
		})
		if len(d.PolicyNames) > 0 {
			listener["PolicyNames"] = texts(d.PolicyNames)
		}
		out = append(out, listener)
	}
	return out
}

func classicTags(ctx context.Context, t *lister.Target, assets []*inventory.Asset) (map[string]inventory.Tags, error) {
	c := elasticloadbalancing.NewFromConfig(t.Config)
	return batchTags(assets, func(assets []*inventory.Asset) (map[string]inventory.Tags, error) {
		keys, names := map[string]string{}, make([]string, len(assets))
		for i, a := range assets {
			names[i] = a.Name
			keys[a.Name] = a.Key
		}
		answer, err := c.DescribeTags(ctx, &elasticloadbalancing.DescribeTagsInput{LoadBalancerNames: names})
		if err != nil {
			return nil, err
		}
		tags := map[string]inventory.Tags{}
		for _, d := range answer.TagDescriptions {
			tags[keys[lister.Str(d.LoadBalancerName)]] = lister.TagsOf(d.Tags, func(g types.Tag) (*string, *string) { return g.Key, g.Value })
		}
		return tags, nil
	}, "LoadBalancerNotFound", "AccessPointNotFound")
}
