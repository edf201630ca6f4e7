package compute

import (
	"context"

	compute "cloud.google.com/go/compute/apiv1"
	"cloud.google.com/go/compute/apiv1/computepb"
)

// networkLists lists networks and what is in them.
func networkLists() []listing {
	return []listing{
		{
			collection: "networks", method: "list", global: "Network",
			open: rest(compute.NewNetworksRESTClient, func(ctx context.Context, c *compute.NetworksClient, project string) pages {
				it := c.List(ctx, &computepb.ListNetworksRequest{Project: project})
				return paged(it.InternalFetch, &it.Response)
			}),
		},
		{
			collection: "subnetworks", method: "aggregatedList", regional: "Subnetwork",
			open: rest(compute.NewSubnetworksRESTClient, func(ctx context.Context, c *compute.SubnetworksClient, project string) pages {
				it := c.AggregatedList(ctx, &computepb.AggregatedListSubnetworksRequest{Project: project})
				return paged(it.InternalFetch, &it.Response)
			}),
		},
		{
			collection: "firewalls", method: "list", global: "Firewall",
			open: rest(compute.NewFirewallsRESTClient, func(ctx context.Context, c *compute.FirewallsClient, project string) pages {
				it := c.List(ctx, &computepb.ListFirewallsRequest{Project: project})
				return paged(it.InternalFetch, &it.Response)
			}),
		},
		{
			collection: "routes", method: "list", global: "Route",
			open: rest(compute.NewRoutesRESTClient, func(ctx context.Context, c *compute.RoutesClient, project string) pages {
				it := c.List(ctx, &computepb.ListRoutesRequest{Project: project})
				return paged(it.InternalFetch, &it.Response)
			}),
		},
		{
			collection: "routers", method: "aggregatedList", regional: "Router",
			open: rest(compute.NewRoutersRESTClient, func(ctx context.Context, c *compute.RoutersClient, project string) pages {
				it := c.AggregatedList(ctx, &computepb.AggregatedListRoutersRequest{Project: project})
				return paged(it.InternalFetch, &it.Response)
			}),
		},
		{
			collection: "addresses", also: []string{"globalAddresses"}, method: "aggregatedList", global: "GlobalAddress", regional: "Address",
			open: rest(compute.NewAddressesRESTClient, func(ctx context.Context, c *compute.AddressesClient, project string) pages {
				it := c.AggregatedList(ctx, &computepb.AggregatedListAddressesRequest{Project: project})
				return paged(it.InternalFetch, &it.Response)
			}),
		},
		{
			collection: "packetMirrorings", method: "aggregatedList", regional: "PacketMirroring",
			open: rest(compute.NewPacketMirroringsRESTClient, func(ctx context.Context, c *compute.PacketMirroringsClient, project string) pages {
				it := c.AggregatedList(ctx, &computepb.AggregatedListPacketMirroringsRequest{Project: project})
				return paged(it.InternalFetch, &it.Response)
			}),
		},
		{
			collection: "networkAttachments", method: "aggregatedList", regional: "NetworkAttachment",
			open: rest(compute.NewNetworkAttachmentsRESTClient, func(ctx context.Context, c *compute.NetworkAttachmentsClient, project string) pages {
				it := c.AggregatedList(ctx, &computepb.AggregatedListNetworkAttachmentsRequest{Project: project})
				return paged(it.InternalFetch, &it.Response)
			}),
		},
		{
			collection: "serviceAttachments", method: "aggregatedList", regional: "ServiceAttachment",
			open: rest(compute.NewServiceAttachmentsRESTClient, func(ctx context.Context, c *compute.ServiceAttachmentsClient, project string) pages {
				it := c.AggregatedList(ctx, &computepb.AggregatedListServiceAttachmentsRequest{Project: project})
				return paged(it.InternalFetch, &it.Response)
			}),
		},
	}
}
