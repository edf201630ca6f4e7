package database

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/memorydb"
	"github.com/aws/aws-sdk-go-v2/service/memorydb/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

func memorydbListers() []lister.Lister {
	return []lister.Lister{{
		Type:       "AWS::MemoryDB::Cluster",
		ARNs:       []string{"memorydb:cluster/*"},
		Operations: lister.API(memorydb.ServiceID, "memorydb").Ops("DescribeClusters", "ListTags"),
		List:       listMemoryClusters, ReadTags: memoryTags,
	}}
}

func memoryTags(ctx context.Context, t *lister.Target, a *inventory.Asset) (inventory.Tags, error) {
	out, err := memorydb.NewFromConfig(t.Config).ListTags(ctx, &memorydb.ListTagsInput{ResourceArn: aws.String(a.Key)})
	if err != nil {
		return inventory.Tags{}, err
	}
	return lister.TagsOf(out.TagList, func(t types.Tag) (*string, *string) { return t.Key, t.Value }), nil
}

func listMemoryClusters(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := memorydb.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeClusters(ctx, &memorydb.DescribeClustersInput{NextToken: token, MaxResults: aws.Int32(100)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, lister.Put(out, page.Clusters, memoryCluster)
	})
}

func memoryCluster(v *types.Cluster) inventory.Asset {
	a := named(v.ARN, v.Name)
	a.Lifecycle = stage(v.Status)
	var p lister.Attributes
	memorySize(&p, v)
	memoryAccess(&p, v)
	if v.ClusterEndpoint != nil {
		a.Identifiers = append(a.Identifiers, lister.ID(inventory.FQDN, v.ClusterEndpoint.Address))
		p.Int("Port", aws.Int32(v.ClusterEndpoint.Port))
	}
	a.Attributes = p.Known()
	return a
}

func memorySize(p *lister.Attributes, v *types.Cluster) {
	p.String("ClusterName", v.Name)
	p.String("Description", v.Description)
	p.String("Engine", v.Engine)
	p.String("EngineVersion", v.EngineVersion)
	p.String("NodeType", v.NodeType)
	p.Int("NumShards", v.NumberOfShards)
	p.Int("SnapshotRetentionLimit", v.SnapshotRetentionLimit)
	p.String("SnapshotWindow", v.SnapshotWindow)
	p.String("MaintenanceWindow", v.MaintenanceWindow)
	p.Bool("AutoMinorVersionUpgrade", v.AutoMinorVersionUpgrade)
}

func memoryAccess(p *lister.Attributes, v *types.Cluster) {
	p.String("ACLName", v.ACLName)
	p.Bool("TLSEnabled", v.TLSEnabled)
	p.String("KmsKeyId", v.KmsKeyId)
	p.String("ParameterGroupName", v.ParameterGroupName)
	p.String("SubnetGroupName", v.SubnetGroupName)
	p.Strings("SecurityGroupIds", texts(v.SecurityGroups, func(g types.SecurityGroupMembership) *string { return g.SecurityGroupId }))
	p.String("SnsTopicArn", v.SnsTopicArn)
}
