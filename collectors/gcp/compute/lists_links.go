package compute

import (
	"context"

	compute "cloud.google.com/go/compute/apiv1"
	"cloud.google.com/go/compute/apiv1/computepb"
)

// linkLists lists what links networks to others.
func linkLists() []listing {
	return []listing{
		{
			collection: "vpnGateways", method: "aggregatedList", regional: "VpnGateway",
			open: rest(compute.NewVpnGatewaysRESTClient, func(ctx context.Context, c *compute.VpnGatewaysClient, project string) pages {
				it := c.AggregatedList(ctx, &computepb.AggregatedListVpnGatewaysRequest{Project: project})
				return paged(it.InternalFetch, &it.Response)
			}),
		},
		{
			collection: "targetVpnGateways", method: "aggregatedList", regional: "TargetVpnGateway",
			open: rest(compute.NewTargetVpnGatewaysRESTClient, func(ctx context.Context, c *compute.TargetVpnGatewaysClient, project string) pages {
				it := c.AggregatedList(ctx, &computepb.AggregatedListTargetVpnGatewaysRequest{Project: project})
				return paged(it.InternalFetch, &it.Response)
			}),
		},
		{
			collection: "externalVpnGateways", method: "list", global: "ExternalVpnGateway",
			open: rest(compute.NewExternalVpnGatewaysRESTClient, func(ctx context.Context, c *compute.ExternalVpnGatewaysClient, project string) pages {
				it := c.List(ctx, &computepb.ListExternalVpnGatewaysRequest{Project: project})
				return paged(it.InternalFetch, &it.Response)
			}),
		},
		{
			collection: "vpnTunnels", method: "aggregatedList", regional: "VpnTunnel",
			open: rest(compute.NewVpnTunnelsRESTClient, func(ctx context.Context, c *compute.VpnTunnelsClient, project string) pages {
				it := c.AggregatedList(ctx, &computepb.AggregatedListVpnTunnelsRequest{Project: project})
				return paged(it.InternalFetch, &it.Response)
			}),
		},
		{
			collection: "interconnects", method: "list", global: "Interconnect",
			open: rest(compute.NewInterconnectsRESTClient, func(ctx context.Context, c *compute.InterconnectsClient, project string) pages {
				it := c.List(ctx, &computepb.ListInterconnectsRequest{Project: project})
				return paged(it.InternalFetch, &it.Response)
			}),
		},
		{
			collection: "interconnectAttachments", method: "aggregatedList", regional: "InterconnectAttachment",
			open: rest(compute.NewInterconnectAttachmentsRESTClient, func(ctx context.Context, c *compute.InterconnectAttachmentsClient, project string) pages {
				it := c.AggregatedList(ctx, &computepb.AggregatedListInterconnectAttachmentsRequest{Project: project})
				return paged(it.InternalFetch, &it.Response)
			}),
		},
	}
}
