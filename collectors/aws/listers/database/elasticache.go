package database

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticache"
	"github.com/aws/aws-sdk-go-v2/service/elasticache/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

func elasticacheListers() []lister.Lister {
	api := lister.API(elasticache.ServiceID, "elasticache")
	return []lister.Lister{{
		Type:       "AWS::ElastiCache::CacheCluster",
		ARNs:       []string{"elasticache:cluster:*"},
		Operations: api.Ops("DescribeCacheClusters", "ListTagsForResource"),
		List:       listCacheClusters, ReadTags: cacheTags,
	}, {
		Type:       "AWS::ElastiCache::ReplicationGroup",
		ARNs:       []string{"elasticache:replicationgroup:*"},
		Operations: api.Ops("DescribeReplicationGroups", "ListTagsForResource"),
		List:       listReplicationGroups, ReadTags: cacheTags,
	}, {
		Type:       "AWS::ElastiCache::ServerlessCache",
		ARNs:       []string{"elasticache:serverlesscache:*"},
		Operations: api.Ops("DescribeServerlessCaches", "ListTagsForResource"),
		List:       listServerlessCaches, ReadTags: cacheTags,
	}}
}

// cacheTags reads tags. The default parameter groups and user, which AWS owns, are listed in every account and may be unknown to the
// call; then they have none.
func cacheTags(ctx context.Context, t *lister.Target, a *inventory.Asset) (inventory.Tags, error) {
	out, err := elasticache.NewFromConfig(t.Config).ListTagsForResource(ctx, &elasticache.ListTagsForResourceInput{ResourceName: aws.String(a.Key)})
	own := a.Name == "default" || strings.HasPrefix(a.Name, "default.")
	if own && lister.Gone(err, "CacheParameterGroupNotFound", "CacheParameterGroupNotFoundFault", "UserNotFound", "UserNotFoundFault") {
		return inventory.KnownTags(), nil
	}
	if err != nil {
		return inventory.Tags{}, err
	}
	return lister.TagsOf(out.TagList, func(t types.Tag) (*string, *string) { return t.Key, t.Value }), nil
}

// listCacheClusters lists the nodes of replication groups too, each of which is a cluster of one.
func listCacheClusters(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := elasticache.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeCacheClusters(ctx, &elasticache.DescribeCacheClustersInput{
			Marker: token, MaxRecords: aws.Int32(100), ShowCacheNodeInfo: aws.Bool(true),
		})
		if err != nil {
			return nil, err
		}
		return page.Marker, lister.Put(out, page.CacheClusters, func(v *types.CacheCluster) inventory.Asset { return cacheCluster(t, v) })
	})
}

func cacheCluster(t *lister.Target, v *types.CacheCluster) inventory.Asset {
	a := named(v.ARN, v.CacheClusterId)
	if a.Key == "" {
		a.Key = t.ARN("elasticache", "cluster:"+a.Name)
	}
	if zone := lister.Str(v.PreferredAvailabilityZone); zone != "Multiple" {
		a.Zone = zone
	}
	a.Lifecycle, a.Created = stage(v.CacheClusterStatus), lister.Time(v.CacheClusterCreateTime)
	a.Relations = member(v.ReplicationGroupId, func(id string) string { return t.ARN("elasticache", "replicationgroup:"+id) })
	endpoints := []*types.Endpoint{v.ConfigurationEndpoint}
	for _, n := range v.CacheNodes {
		endpoints = append(endpoints, n.Endpoint)
	}
	a.Identifiers = append(a.Identifiers, cacheAddresses(endpoints)...)
	var p lister.Attributes
	cacheClusterSize(&p, v)
	cacheClusterAccess(&p, v)
	p.Int("Port", cachePort(endpoints))
	a.Attributes = p.Known()
	return a
}

func cacheClusterSize(p *lister.Attributes, v *types.CacheCluster) {
	p.String("ClusterName", v.CacheClusterId)
	p.String("Engine", v.Engine)
	p.String("EngineVersion", v.EngineVersion)
	p.String("CacheNodeType", v.CacheNodeType)
	p.Int("NumCacheNodes", v.NumCacheNodes)
	p.Int("SnapshotRetentionLimit", v.SnapshotRetentionLimit)
	p.String("SnapshotWindow", v.SnapshotWindow)
	p.String("PreferredMaintenanceWindow", v.PreferredMaintenanceWindow)
	p.Bool("AutoMinorVersionUpgrade", v.AutoMinorVersionUpgrade)
}

func cacheClusterAccess(p *lister.Attributes, v *types.CacheCluster) {
	var parameters *string
	if v.CacheParameterGroup != nil {
		parameters = v.CacheParameterGroup.CacheParameterGroupName
	}
	p.String("CacheParameterGroupName", parameters)
	p.String("CacheSubnetGroupName", v.CacheSubnetGroupName)
	p.Strings("VpcSecurityGroupIds", texts(v.SecurityGroups, func(g types.SecurityGroupMembership) *string { return g.SecurityGroupId }))
	p.Text("NetworkType", string(v.NetworkType))
	p.Bool("TransitEncryptionEnabled", v.TransitEncryptionEnabled)
	p.Bool("AtRestEncryptionEnabled", v.AtRestEncryptionEnabled)
	p.Bool("AuthTokenEnabled", v.AuthTokenEnabled)
}

func cacheAddresses(endpoints []*types.Endpoint) []inventory.Identifier {
	var list []inventory.Identifier
	for _, e := range endpoints {
		if e != nil {
			list = append(list, lister.ID(inventory.FQDN, e.Address))
		}
	}
	return list
}

func cachePort(endpoints []*types.Endpoint) *int32 {
	for _, e := range endpoints {
		if e != nil && e.Port != nil {
			return e.Port
		}
	}
	return nil
}

func listReplicationGroups(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := elasticache.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeReplicationGroups(ctx, &elasticache.DescribeReplicationGroupsInput{Marker: token, MaxRecords: aws.Int32(100)})
		if err != nil {
			return nil, err
		}
		return page.Marker, lister.Put(out, page.ReplicationGroups, func(v *types.ReplicationGroup) inventory.Asset { return replicationGroup(t, v) })
	})
}

func replicationGroup(t *lister.Target, v *types.ReplicationGroup) inventory.Asset {
	a := named(v.ARN, v.ReplicationGroupId)
	if a.Key == "" {
		a.Key = t.ARN("elasticache", "replicationgroup:"+a.Name)
	}
	a.Lifecycle, a.Created = stage(v.Status), lister.Time(v.ReplicationGroupCreateTime)
	endpoints := []*types.Endpoint{v.ConfigurationEndpoint}
	for _, n := range v.NodeGroups {
		endpoints = append(endpoints, n.PrimaryEndpoint, n.ReaderEndpoint)
	}
	a.Identifiers = append(a.Identifiers, cacheAddresses(endpoints)...)
	var p lister.Attributes
	replicationGroupSize(&p, v)
	replicationGroupSafety(&p, v)
	p.Int("Port", cachePort(endpoints))
	a.Attributes = p.Known()
	return a
}

func replicationGroupSize(p *lister.Attributes, v *types.ReplicationGroup) {
	p.String("ReplicationGroupId", v.ReplicationGroupId)
	p.String("ReplicationGroupDescription", v.Description)
	p.String("Engine", v.Engine)
	p.String("CacheNodeType", v.CacheNodeType)
	p.Int("NumNodeGroups", aws.Int32(int32(len(v.NodeGroups))))
	p.Text("ClusterMode", string(v.ClusterMode))
	p.Text("NetworkType", string(v.NetworkType))
	p.Bool("AutoMinorVersionUpgrade", v.AutoMinorVersionUpgrade)
	p.Int("SnapshotRetentionLimit", v.SnapshotRetentionLimit)
	p.String("SnapshotWindow", v.SnapshotWindow)
}

func replicationGroupSafety(p *lister.Attributes, v *types.ReplicationGroup) {
	failover := v.AutomaticFailover == types.AutomaticFailoverStatusEnabled || v.AutomaticFailover == types.AutomaticFailoverStatusEnabling
	p.Bool("AutomaticFailoverEnabled", &failover)
	p.Bool("MultiAZEnabled", aws.Bool(v.MultiAZ == types.MultiAZStatusEnabled))
	p.Bool("AtRestEncryptionEnabled", v.AtRestEncryptionEnabled)
	p.Bool("TransitEncryptionEnabled", v.TransitEncryptionEnabled)
	p.Text("TransitEncryptionMode", string(v.TransitEncryptionMode))
	p.String("KmsKeyId", v.KmsKeyId)
	p.Strings("UserGroupIds", v.UserGroupIds)
	p.Bool("AuthTokenEnabled", v.AuthTokenEnabled)
}

func listServerlessCaches(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := elasticache.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeServerlessCaches(ctx, &elasticache.DescribeServerlessCachesInput{NextToken: token, MaxResults: aws.Int32(50)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, lister.Put(out, page.ServerlessCaches, serverlessCache)
	})
}

func serverlessCache(v *types.ServerlessCache) inventory.Asset {
	a := named(v.ARN, v.ServerlessCacheName)
	a.Lifecycle, a.Created = stage(v.Status), lister.Time(v.CreateTime)
	a.Identifiers = append(a.Identifiers, cacheAddresses([]*types.Endpoint{v.Endpoint, v.ReaderEndpoint})...)
	var p lister.Attributes
	p.String("ServerlessCacheName", v.ServerlessCacheName)
	p.String("Description", v.Description)
	p.String("Engine", v.Engine)
	p.String("MajorEngineVersion", v.MajorEngineVersion)
	p.String("FullEngineVersion", v.FullEngineVersion)
	p.String("KmsKeyId", v.KmsKeyId)
	p.Strings("SecurityGroupIds", v.SecurityGroupIds)
	p.Strings("SubnetIds", v.SubnetIds)
	p.String("UserGroupId", v.UserGroupId)
	p.Int("SnapshotRetentionLimit", v.SnapshotRetentionLimit)
	p.String("DailySnapshotTime", v.DailySnapshotTime)
	a.Attributes = p.Known()
	return a
}
