package compute

import (
	"context"

	compute "cloud.google.com/go/compute/apiv1"
	"cloud.google.com/go/compute/apiv1/computepb"
)

// diskLists lists disks and copies of them.
func diskLists() []listing {
	return []listing{
		{
			collection: "disks", method: "aggregatedList", regional: "RegionDisk", zonal: "Disk",
			open: rest(compute.NewDisksRESTClient, func(ctx context.Context, c *compute.DisksClient, project string) pages {
				it := c.AggregatedList(ctx, &computepb.AggregatedListDisksRequest{Project: project})
				return paged(it.InternalFetch, &it.Response)
			}),
		},
		{
			collection: "snapshots", method: "list", global: "Snapshot",
			open: rest(compute.NewSnapshotsRESTClient, func(ctx context.Context, c *compute.SnapshotsClient, project string) pages {
				it := c.List(ctx, &computepb.ListSnapshotsRequest{Project: project})
				return paged(it.InternalFetch, &it.Response)
			}),
		},
		{
			collection: "instantSnapshots", method: "aggregatedList", regional: "InstantSnapshot", zonal: "InstantSnapshot",
			open: rest(compute.NewInstantSnapshotsRESTClient, func(ctx context.Context, c *compute.InstantSnapshotsClient, project string) pages {
				it := c.AggregatedList(ctx, &computepb.AggregatedListInstantSnapshotsRequest{Project: project})
				return paged(it.InternalFetch, &it.Response)
			}),
		},
		{
			collection: "images", method: "list", global: "Image",
			open: rest(compute.NewImagesRESTClient, func(ctx context.Context, c *compute.ImagesClient, project string) pages {
				it := c.List(ctx, &computepb.ListImagesRequest{Project: project})
				return paged(it.InternalFetch, &it.Response)
			}),
		},
		{
			collection: "storagePools", method: "aggregatedList", zonal: "StoragePool",
			open: rest(compute.NewStoragePoolsRESTClient, func(ctx context.Context, c *compute.StoragePoolsClient, project string) pages {
				it := c.AggregatedList(ctx, &computepb.AggregatedListStoragePoolsRequest{Project: project})
				return paged(it.InternalFetch, &it.Response)
			}),
		},
	}
}
