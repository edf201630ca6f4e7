package network

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

func route53Listers() []lister.Lister {
	api := lister.API(route53.ServiceID, "route53")
	return []lister.Lister{
		{
			Type: "AWS::Route53::HostedZone", Place: lister.Global, ARNs: []string{"route53:hostedzone/*"},
			Operations: api.Ops("ListHostedZones", "ListTagsForResources"),
			List:       listZones, BatchTags: dnsTags(types.TagResourceTypeHostedzone), Batch: 10,
		},
		{
			Type: "AWS::Route53::HealthCheck", Place: lister.Global, ARNs: []string{"route53:healthcheck/*"},
			Operations: api.Ops("ListHealthChecks", "ListTagsForResources"),
			List:       listHealthChecks, BatchTags: dnsTags(types.TagResourceTypeHealthcheck), Batch: 10,
		},
	}
}

func listZones(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := route53.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.ListHostedZones(ctx, &route53.ListHostedZonesInput{Marker: token, MaxItems: aws.Int32(100)})
		if err != nil {
			return nil, err
		}
		return further(page.IsTruncated, page.NextMarker), lister.Put(out, page.HostedZones, func(z *types.HostedZone) inventory.Asset { return zone(t, z) })
	})
}

// further is the marker of the next page, where there is one.
func further(truncated bool, marker *string) *string {
	if !truncated {
		return nil
	}
	return marker
}

func zone(t *lister.Target, z *types.HostedZone) inventory.Asset {
	id := strings.TrimPrefix(lister.Str(z.Id), "/hostedzone/")
	a := inventory.Asset{
		Key: t.ARNOf("route53", "", "", "hostedzone/"+id), Name: strings.TrimSuffix(lister.Str(z.Name), "."),
		Identifiers: lister.ResourceID(&id),
	}
	var p lister.Attributes
	p.String("Name", z.Name)
	if z.Config != nil {
		p.Text("HostedZoneConfig.Comment", lister.Str(z.Config.Comment))
		p.Value("PrivateZone", inventory.BoolValue(z.Config.PrivateZone))
	}
	p.Text("LinkedService", principal(z.LinkedService))
	a.Attributes = p.Known()
	return a
}

// principal is the service that made a thing and alone can change it; empty if none did.
func principal(s *types.LinkedService) string {
	if s == nil {
		return ""
	}
	return lister.Str(s.ServicePrincipal)
}

func listHealthChecks(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := route53.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.ListHealthChecks(ctx, &route53.ListHealthChecksInput{Marker: token, MaxItems: aws.Int32(100)})
		if err != nil {
			return nil, err
		}
		return further(page.IsTruncated, page.NextMarker), lister.Put(out, page.HealthChecks, func(h *types.HealthCheck) inventory.Asset { return healthCheck(t, h) })
	})
}

func healthCheck(t *lister.Target, h *types.HealthCheck) inventory.Asset {
	a := inventory.Asset{
		Key: t.ARNOf("route53", "", "", "healthcheck/"+lister.Str(h.Id)), Name: lister.Str(h.Id),
		Identifiers: lister.ResourceID(h.Id),
	}
	var p lister.Attributes
	p.Text("LinkedService", principal(h.LinkedService))
	if c := h.HealthCheckConfig; c != nil {
		p.Text("HealthCheckConfig.Type", string(c.Type))
		p.Text("HealthCheckConfig.IPAddress", lister.Str(c.IPAddress))
		p.Text("HealthCheckConfig.FullyQualifiedDomainName", lister.Str(c.FullyQualifiedDomainName))
		p.Int("HealthCheckConfig.Port", c.Port)
		p.Text("HealthCheckConfig.ResourcePath", lister.Str(c.ResourcePath))
		p.Int("HealthCheckConfig.RequestInterval", c.RequestInterval)
		p.Int("HealthCheckConfig.FailureThreshold", c.FailureThreshold)
		p.Int("HealthCheckConfig.HealthThreshold", c.HealthThreshold)
		p.Bool("HealthCheckConfig.EnableSNI", c.EnableSNI)
		p.Bool("HealthCheckConfig.Disabled", c.Disabled)
		p.Bool("HealthCheckConfig.Inverted", c.Inverted)
		p.Bool("HealthCheckConfig.MeasureLatency", c.MeasureLatency)
		p.Strings("HealthCheckConfig.ChildHealthChecks", c.ChildHealthChecks)
		p.Text("HealthCheckConfig.InsufficientDataHealthStatus", string(c.InsufficientDataHealthStatus))
		p.Text("HealthCheckConfig.RoutingControlArn", lister.Str(c.RoutingControlArn))
	}
	a.Attributes = p.Known()
	return a
}

// dnsTags makes the call for the tags of a kind of thing.
func dnsTags(kind types.TagResourceType) func(context.Context, *lister.Target, []*inventory.Asset) (map[string]inventory.Tags, error) {
	return func(ctx context.Context, t *lister.Target, assets []*inventory.Asset) (map[string]inventory.Tags, error) {
		c := route53.NewFromConfig(t.Config)
		return batchTags(assets, func(assets []*inventory.Asset) (map[string]inventory.Tags, error) {
			keys, ids := map[string]string{}, make([]string, len(assets))
			for i, a := range assets {
				ids[i] = lister.IdentifierOf(a, inventory.ResourceID)
				keys[ids[i]] = a.Key
			}
			answer, err := c.ListTagsForResources(ctx, &route53.ListTagsForResourcesInput{ResourceType: kind, ResourceIds: ids})
			if err != nil {
				return nil, err
			}
			tags := map[string]inventory.Tags{}
			for _, s := range answer.ResourceTagSets {
				tags[keys[strings.TrimPrefix(lister.Str(s.ResourceId), "/hostedzone/")]] = lister.TagsOf(s.Tags, func(g types.Tag) (*string, *string) { return g.Key, g.Value })
			}
			return tags, nil
		}, "NoSuchHostedZone", "NoSuchHealthCheck")
	}
}
