package compute

import (
	"context"

	compute "cloud.google.com/go/compute/apiv1"
	"cloud.google.com/go/compute/apiv1/computepb"
)

// balancerLists lists load balancers from their addresses to their backends.
func balancerLists() []listing {
	return []listing{
		{
			collection: "forwardingRules", also: []string{"globalForwardingRules"}, method: "aggregatedList", global: "GlobalForwardingRule", regional: "ForwardingRule",
			open: rest(compute.NewForwardingRulesRESTClient, func(ctx context.Context, c *compute.ForwardingRulesClient, project string) pages {
				it := c.AggregatedList(ctx, &computepb.AggregatedListForwardingRulesRequest{Project: project})
				return paged(it.InternalFetch, &it.Response)
			}),
		},
		{
			collection: "urlMaps", also: []string{"regionUrlMaps"}, method: "aggregatedList", global: "UrlMap", regional: "UrlMap",
			open: rest(compute.NewUrlMapsRESTClient, func(ctx context.Context, c *compute.UrlMapsClient, project string) pages {
				it := c.AggregatedList(ctx, &computepb.AggregatedListUrlMapsRequest{Project: project})
				return paged(it.InternalFetch, &it.Response)
			}),
		},
		{
			collection: "backendServices", also: []string{"regionBackendServices"}, method: "aggregatedList", global: "BackendService", regional: "RegionBackendService",
			open: rest(compute.NewBackendServicesRESTClient, func(ctx context.Context, c *compute.BackendServicesClient, project string) pages {
				it := c.AggregatedList(ctx, &computepb.AggregatedListBackendServicesRequest{Project: project})
				return paged(it.InternalFetch, &it.Response)
			}),
		},
		{
			collection: "backendBuckets", also: []string{"regionBackendBuckets"}, method: "aggregatedList", global: "BackendBucket", regional: "BackendBucket",
			open: rest(compute.NewBackendBucketsRESTClient, func(ctx context.Context, c *compute.BackendBucketsClient, project string) pages {
				it := c.AggregatedList(ctx, &computepb.AggregatedListBackendBucketsRequest{Project: project})
				return paged(it.InternalFetch, &it.Response)
			}),
		},
		{
			collection: "networkEndpointGroups", also: []string{"globalNetworkEndpointGroups", "regionNetworkEndpointGroups"}, method: "aggregatedList", global: "NetworkEndpointGroup", regional: "NetworkEndpointGroup", zonal: "NetworkEndpointGroup",
			open: rest(compute.NewNetworkEndpointGroupsRESTClient, func(ctx context.Context, c *compute.NetworkEndpointGroupsClient, project string) pages {
				it := c.AggregatedList(ctx, &computepb.AggregatedListNetworkEndpointGroupsRequest{Project: project})
				return paged(it.InternalFetch, &it.Response)
			}),
		},
		{
			collection: "healthChecks", also: []string{"regionHealthChecks"}, method: "aggregatedList", global: "HealthCheck", regional: "HealthCheck",
			open: rest(compute.NewHealthChecksRESTClient, func(ctx context.Context, c *compute.HealthChecksClient, project string) pages {
				it := c.AggregatedList(ctx, &computepb.AggregatedListHealthChecksRequest{Project: project})
				return paged(it.InternalFetch, &it.Response)
			}),
		},
		{collection: "httpHealthChecks", method: "list", global: "HttpHealthCheck", open: plain("httpHealthChecks")},
		{collection: "httpsHealthChecks", method: "list", global: "HttpsHealthCheck", open: plain("httpsHealthChecks")},
		{
			collection: "securityPolicies", also: []string{"regionSecurityPolicies"}, method: "aggregatedList", global: "SecurityPolicy", regional: "SecurityPolicy",
			open: rest(compute.NewSecurityPoliciesRESTClient, func(ctx context.Context, c *compute.SecurityPoliciesClient, project string) pages {
				it := c.AggregatedList(ctx, &computepb.AggregatedListSecurityPoliciesRequest{Project: project})
				return paged(it.InternalFetch, &it.Response)
			}),
		},
		{
			collection: "sslCertificates", also: []string{"regionSslCertificates"}, method: "aggregatedList", global: "SslCertificate", regional: "SslCertificate",
			open: rest(compute.NewSslCertificatesRESTClient, func(ctx context.Context, c *compute.SslCertificatesClient, project string) pages {
				it := c.AggregatedList(ctx, &computepb.AggregatedListSslCertificatesRequest{Project: project})
				return paged(it.InternalFetch, &it.Response)
			}),
		},
		{
			collection: "sslPolicies", also: []string{"regionSslPolicies"}, method: "aggregatedList", global: "SslPolicy", regional: "SslPolicy",
			open: rest(compute.NewSslPoliciesRESTClient, func(ctx context.Context, c *compute.SslPoliciesClient, project string) pages {
				it := c.AggregatedList(ctx, &computepb.AggregatedListSslPoliciesRequest{Project: project})
				return paged(it.InternalFetch, &it.Response)
			}),
		},
	}
}
