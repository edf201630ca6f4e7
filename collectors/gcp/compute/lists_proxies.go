package compute

import (
	"context"

	compute "cloud.google.com/go/compute/apiv1"
	"cloud.google.com/go/compute/apiv1/computepb"
)

// proxyLists lists what forwarding rules point at.
func proxyLists() []listing {
	return []listing{
		{
			collection: "targetHttpProxies", also: []string{"regionTargetHttpProxies"}, method: "aggregatedList", global: "TargetHttpProxy", regional: "TargetHttpProxy",
			open: rest(compute.NewTargetHttpProxiesRESTClient, func(ctx context.Context, c *compute.TargetHttpProxiesClient, project string) pages {
				it := c.AggregatedList(ctx, &computepb.AggregatedListTargetHttpProxiesRequest{Project: project})
				return paged(it.InternalFetch, &it.Response)
			}),
		},
		{
			collection: "targetHttpsProxies", also: []string{"regionTargetHttpsProxies"}, method: "aggregatedList", global: "TargetHttpsProxy", regional: "TargetHttpsProxy",
			open: rest(compute.NewTargetHttpsProxiesRESTClient, func(ctx context.Context, c *compute.TargetHttpsProxiesClient, project string) pages {
				it := c.AggregatedList(ctx, &computepb.AggregatedListTargetHttpsProxiesRequest{Project: project})
				return paged(it.InternalFetch, &it.Response)
			}),
		},
		{
			collection: "targetTcpProxies", also: []string{"regionTargetTcpProxies"}, method: "aggregatedList", global: "TargetTcpProxy", regional: "TargetTcpProxy",
			open: rest(compute.NewTargetTcpProxiesRESTClient, func(ctx context.Context, c *compute.TargetTcpProxiesClient, project string) pages {
				it := c.AggregatedList(ctx, &computepb.AggregatedListTargetTcpProxiesRequest{Project: project})
				return paged(it.InternalFetch, &it.Response)
			}),
		},
		{
			collection: "targetSslProxies", method: "list", global: "TargetSslProxy",
			open: rest(compute.NewTargetSslProxiesRESTClient, func(ctx context.Context, c *compute.TargetSslProxiesClient, project string) pages {
				it := c.List(ctx, &computepb.ListTargetSslProxiesRequest{Project: project})
				return paged(it.InternalFetch, &it.Response)
			}),
		},
		{
			collection: "targetGrpcProxies", method: "list", global: "TargetGrpcProxy",
			open: rest(compute.NewTargetGrpcProxiesRESTClient, func(ctx context.Context, c *compute.TargetGrpcProxiesClient, project string) pages {
				it := c.List(ctx, &computepb.ListTargetGrpcProxiesRequest{Project: project})
				return paged(it.InternalFetch, &it.Response)
			}),
		},
		{
			collection: "targetPools", method: "aggregatedList", regional: "TargetPool",
			open: rest(compute.NewTargetPoolsRESTClient, func(ctx context.Context, c *compute.TargetPoolsClient, project string) pages {
				it := c.AggregatedList(ctx, &computepb.AggregatedListTargetPoolsRequest{Project: project})
				return paged(it.InternalFetch, &it.Response)
			}),
		},
		{
			collection: "targetInstances", method: "aggregatedList", zonal: "TargetInstance",
			open: rest(compute.NewTargetInstancesRESTClient, func(ctx context.Context, c *compute.TargetInstancesClient, project string) pages {
				it := c.AggregatedList(ctx, &computepb.AggregatedListTargetInstancesRequest{Project: project})
				return paged(it.InternalFetch, &it.Response)
			}),
		},
	}
}
