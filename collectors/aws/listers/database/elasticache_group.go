package database

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticache"
	"github.com/aws/aws-sdk-go-v2/service/elasticache/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

func elasticacheGroupListers() []lister.Lister {
	api := lister.API(elasticache.ServiceID, "elasticache")
	return []lister.Lister{{
		Type:       "AWS::ElastiCache::SubnetGroup",
		ARNs:       []string{"elasticache:subnetgroup:*"},
		Operations: api.Ops("DescribeCacheSubnetGroups", "ListTagsForResource"),
		List:       listCacheSubnetGroups, ReadTags: cacheTags,
	}, {
		Type:       "AWS::ElastiCache::ParameterGroup",
		ARNs:       []string{"elasticache:parametergroup:*"},
		Operations: api.Ops("DescribeCacheParameterGroups", "ListTagsForResource"),
		List:       listCacheParameterGroups, ReadTags: cacheTags,
	}, {
		Type:       "AWS::ElastiCache::User",
		ARNs:       []string{"elasticache:user:*"},
		Operations: api.Ops("DescribeUsers", "ListTagsForResource"),
		List:       listCacheUsers, ReadTags: cacheTags,
	}, {
		Type:       "AWS::ElastiCache::Snapshot",
		ARNs:       []string{"elasticache:snapshot:*"},
		Operations: api.Ops("DescribeSnapshots", "ListTagsForResource"),
		List:       listCacheSnapshots, ReadTags: cacheTags,
	}}
}

func listCacheSubnetGroups(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := elasticache.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeCacheSubnetGroups(ctx, &elasticache.DescribeCacheSubnetGroupsInput{Marker: token, MaxRecords: aws.Int32(100)})
		if err != nil {
			return nil, err
		}
		return page.Marker, lister.Put(out, page.CacheSubnetGroups, func(v *types.CacheSubnetGroup) inventory.Asset { return cacheSubnetGroup(t, v) })
	})
}

func cacheSubnetGroup(t *lister.Target, v *types.CacheSubnetGroup) inventory.Asset {
	a := named(v.ARN, v.CacheSubnetGroupName)
	if a.Key == "" {
		a.Key = t.ARN("elasticache", "subnetgroup:"+a.Name)
	}
	var p lister.Attributes
	p.String("CacheSubnetGroupName", v.CacheSubnetGroupName)
	p.String("Description", v.CacheSubnetGroupDescription)
	p.Strings("SubnetIds", texts(v.Subnets, func(s types.Subnet) *string { return s.SubnetIdentifier }))
	a.Attributes = p.Known()
	return a
}

func listCacheParameterGroups(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := elasticache.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeCacheParameterGroups(ctx, &elasticache.DescribeCacheParameterGroupsInput{Marker: token, MaxRecords: aws.Int32(100)})
		if err != nil {
			return nil, err
		}
		return page.Marker, lister.Put(out, page.CacheParameterGroups, func(v *types.CacheParameterGroup) inventory.Asset {
			return cacheParameterGroup(t, v)
		})
	})
}

func cacheParameterGroup(t *lister.Target, v *types.CacheParameterGroup) inventory.Asset {
	a := named(v.ARN, v.CacheParameterGroupName)
	if a.Key == "" {
		a.Key = t.ARN("elasticache", "parametergroup:"+a.Name)
	}
	var p lister.Attributes
	p.String("CacheParameterGroupName", v.CacheParameterGroupName)
	p.String("CacheParameterGroupFamily", v.CacheParameterGroupFamily)
	p.String("Description", v.Description)
	a.Attributes = p.Known()
	return a
}

func listCacheUsers(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := elasticache.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeUsers(ctx, &elasticache.DescribeUsersInput{Marker: token, MaxRecords: aws.Int32(100)})
		if err != nil {
			return nil, err
		}
		return page.Marker, lister.Put(out, page.Users, func(v *types.User) inventory.Asset { return cacheUser(t, v) })
	})
}

// cacheUser makes the asset of a user, whose passwords the service never returns.
func cacheUser(t *lister.Target, v *types.User) inventory.Asset {
	a := named(v.ARN, v.UserId)
	a.Lifecycle = stage(v.Status)
	for _, id := range v.UserGroupIds {
		a.Relations = append(a.Relations, lister.To(inventory.MemberOf, t.ARN("elasticache", "usergroup:"+id)))
	}
	var p lister.Attributes
	p.String("UserId", v.UserId)
	p.String("UserName", v.UserName)
	p.String("Engine", v.Engine)
	p.String("AccessString", v.AccessString)
	if v.Authentication != nil {
		none := v.Authentication.Type == types.AuthenticationTypeNoPassword
		p.Bool("NoPasswordRequired", &none)
		p.Text("AuthenticationMode.Type", declaredAuthentication(v.Authentication.Type))
	}
	a.Attributes = p.Known()
	return a
}

// declaredAuthentication is the way of authentication as it is declared, which differs from how it is read.
func declaredAuthentication(t types.AuthenticationType) string {
	if t == types.AuthenticationTypeNoPassword {
		return "no-password-required"
	}
	return string(t)
}

func listCacheSnapshots(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := elasticache.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeSnapshots(ctx, &elasticache.DescribeSnapshotsInput{Marker: token, MaxRecords: aws.Int32(50)})
		if err != nil {
			return nil, err
		}
		return page.Marker, lister.Put(out, page.Snapshots, func(v *types.Snapshot) inventory.Asset { return cacheSnapshot(t, v) })
	})
}

func cacheSnapshot(t *lister.Target, v *types.Snapshot) inventory.Asset {
	a := named(v.ARN, v.SnapshotName)
	if a.Key == "" {
		a.Key = t.ARN("elasticache", "snapshot:"+a.Name)
	}
	if len(v.NodeSnapshots) > 0 {
		a.Created = lister.Time(v.NodeSnapshots[0].SnapshotCreateTime)
	}
	switch {
	case lister.Str(v.ReplicationGroupId) != "":
		a.Relations = append(a.Relations, lister.To(inventory.SnapshotOf, t.ARN("elasticache", "replicationgroup:"+*v.ReplicationGroupId)))
	case lister.Str(v.CacheClusterId) != "":
		a.Relations = append(a.Relations, lister.To(inventory.SnapshotOf, t.ARN("elasticache", "cluster:"+*v.CacheClusterId)))
	}
	var p lister.Attributes
	p.String("SnapshotName", v.SnapshotName)
	p.String("SnapshotSource", v.SnapshotSource)
	p.String("Engine", v.Engine)
	p.String("EngineVersion", v.EngineVersion)
	p.String("CacheNodeType", v.CacheNodeType)
	p.String("KmsKeyId", v.KmsKeyId)
	p.String("CacheClusterId", v.CacheClusterId)
	p.String("ReplicationGroupId", v.ReplicationGroupId)
	a.Attributes = p.Known()
	return a
}
