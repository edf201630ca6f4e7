package compute

import (
	"context"

	compute "cloud.google.com/go/compute/apiv1"
	"cloud.google.com/go/compute/apiv1/computepb"
)

// machineLists lists instances and what makes and holds them.
func machineLists() []listing {
	return []listing{
		{
			collection: "instances", method: "aggregatedList", zonal: "Instance",
			open: rest(compute.NewInstancesRESTClient, func(ctx context.Context, c *compute.InstancesClient, project string) pages {
				it := c.AggregatedList(ctx, &computepb.AggregatedListInstancesRequest{Project: project})
				return paged(it.InternalFetch, &it.Response)
			}),
		},
		{
			collection: "instanceTemplates", method: "aggregatedList", global: "InstanceTemplate", regional: "InstanceTemplate",
			open: rest(compute.NewInstanceTemplatesRESTClient, func(ctx context.Context, c *compute.InstanceTemplatesClient, project string) pages {
				it := c.AggregatedList(ctx, &computepb.AggregatedListInstanceTemplatesRequest{Project: project})
				return paged(it.InternalFetch, &it.Response)
			}),
		},
		{
			collection: "instanceGroups", method: "aggregatedList", regional: "InstanceGroup", zonal: "InstanceGroup",
			open: rest(compute.NewInstanceGroupsRESTClient, func(ctx context.Context, c *compute.InstanceGroupsClient, project string) pages {
				it := c.AggregatedList(ctx, &computepb.AggregatedListInstanceGroupsRequest{Project: project})
				return paged(it.InternalFetch, &it.Response)
			}),
		},
		{
			collection: "instanceGroupManagers", method: "aggregatedList", regional: "InstanceGroupManager", zonal: "InstanceGroupManager",
			open: rest(compute.NewInstanceGroupManagersRESTClient, func(ctx context.Context, c *compute.InstanceGroupManagersClient, project string) pages {
				it := c.AggregatedList(ctx, &computepb.AggregatedListInstanceGroupManagersRequest{Project: project})
				return paged(it.InternalFetch, &it.Response)
			}),
		},
		{
			collection: "autoscalers", method: "aggregatedList", regional: "Autoscaler", zonal: "Autoscaler",
			open: rest(compute.NewAutoscalersRESTClient, func(ctx context.Context, c *compute.AutoscalersClient, project string) pages {
				it := c.AggregatedList(ctx, &computepb.AggregatedListAutoscalersRequest{Project: project})
				return paged(it.InternalFetch, &it.Response)
			}),
		},
		{
			collection: "machineImages", method: "list", global: "MachineImage",
			open: rest(compute.NewMachineImagesRESTClient, func(ctx context.Context, c *compute.MachineImagesClient, project string) pages {
				it := c.List(ctx, &computepb.ListMachineImagesRequest{Project: project})
				return paged(it.InternalFetch, &it.Response)
			}),
		},
		{
			collection: "nodeGroups", method: "aggregatedList", zonal: "NodeGroup",
			open: rest(compute.NewNodeGroupsRESTClient, func(ctx context.Context, c *compute.NodeGroupsClient, project string) pages {
				it := c.AggregatedList(ctx, &computepb.AggregatedListNodeGroupsRequest{Project: project})
				return paged(it.InternalFetch, &it.Response)
			}),
		},
		{
			collection: "nodeTemplates", method: "aggregatedList", regional: "NodeTemplate",
			open: rest(compute.NewNodeTemplatesRESTClient, func(ctx context.Context, c *compute.NodeTemplatesClient, project string) pages {
				it := c.AggregatedList(ctx, &computepb.AggregatedListNodeTemplatesRequest{Project: project})
				return paged(it.InternalFetch, &it.Response)
			}),
		},
		{
			collection: "reservations", method: "aggregatedList", zonal: "Reservation",
			open: rest(compute.NewReservationsRESTClient, func(ctx context.Context, c *compute.ReservationsClient, project string) pages {
				it := c.AggregatedList(ctx, &computepb.AggregatedListReservationsRequest{Project: project})
				return paged(it.InternalFetch, &it.Response)
			}),
		},
		{
			collection: "commitments", method: "regionCommitments.aggregatedList", regional: "Commitment",
			open: rest(compute.NewRegionCommitmentsRESTClient, func(ctx context.Context, c *compute.RegionCommitmentsClient, project string) pages {
				it := c.AggregatedList(ctx, &computepb.AggregatedListRegionCommitmentsRequest{Project: project})
				return paged(it.InternalFetch, &it.Response)
			}),
		},
		{
			collection: "resourcePolicies", method: "aggregatedList", regional: "ResourcePolicy",
			open: rest(compute.NewResourcePoliciesRESTClient, func(ctx context.Context, c *compute.ResourcePoliciesClient, project string) pages {
				it := c.AggregatedList(ctx, &computepb.AggregatedListResourcePoliciesRequest{Project: project})
				return paged(it.InternalFetch, &it.Response)
			}),
		},
	}
}
