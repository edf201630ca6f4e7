package database

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/redshift"
	"github.com/aws/aws-sdk-go-v2/service/redshift/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

// Redshift returns tags with everything, and ARNs with nothing.

func redshiftListers() []lister.Lister {
	api := lister.API(redshift.ServiceID, "redshift")
	return []lister.Lister{{
		Type:       "AWS::Redshift::Cluster",
		ARNs:       []string{"redshift:cluster:*"},
		Operations: api.Ops("DescribeClusters"),
		List:       listRedshiftClusters,
	}, {
		Type:       "AWS::Redshift::ClusterSubnetGroup",
		ARNs:       []string{"redshift:subnetgroup:*"},
		Operations: api.Ops("DescribeClusterSubnetGroups"),
		List:       listRedshiftSubnetGroups,
	}, {
		Type:       "AWS::Redshift::ClusterParameterGroup",
		ARNs:       []string{"redshift:parametergroup:*"},
		Operations: api.Ops("DescribeClusterParameterGroups"),
		List:       listRedshiftParameterGroups,
	}}
}

func redshiftTags(list []types.Tag) inventory.Tags {
	return lister.TagsOf(list, func(t types.Tag) (*string, *string) { return t.Key, t.Value })
}

// redshiftNamed is an asset with the ARN of a kind and name.
func redshiftNamed(t *lister.Target, kind string, name *string, tags []types.Tag) inventory.Asset {
	a := named(aws.String(t.ARN("redshift", kind+":"+lister.Str(name))), name)
	a.Tags = redshiftTags(tags)
	return a
}

func listRedshiftClusters(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := redshift.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeClusters(ctx, &redshift.DescribeClustersInput{Marker: token, MaxRecords: aws.Int32(100)})
		if err != nil {
			return nil, err
		}
		return page.Marker, lister.Put(out, page.Clusters, func(v *types.Cluster) inventory.Asset { return redshiftCluster(t, v) })
	})
}

func redshiftCluster(t *lister.Target, v *types.Cluster) inventory.Asset {
	a := redshiftNamed(t, "cluster", v.ClusterIdentifier, v.Tags)
	a.Zone, a.Lifecycle, a.Created = lister.Str(v.AvailabilityZone), stage(v.ClusterStatus), lister.Time(v.ClusterCreateTime)
	var p lister.Attributes
	redshiftSize(&p, v)
	redshiftAccess(&p, v)
	redshiftOperation(&p, v)
	if v.Endpoint != nil {
		a.Identifiers = append(a.Identifiers, lister.ID(inventory.FQDN, v.Endpoint.Address))
		p.Int("Port", v.Endpoint.Port)
	}
	a.Attributes = p.Known()
	return a
}

func redshiftSize(p *lister.Attributes, v *types.Cluster) {
	p.String("ClusterIdentifier", v.ClusterIdentifier)
	p.String("ClusterVersion", v.ClusterVersion)
	p.String("NodeType", v.NodeType)
	p.Int("NumberOfNodes", v.NumberOfNodes)
	p.String("DBName", v.DBName)
	p.String("AvailabilityZone", v.AvailabilityZone)
	p.Bool("MultiAZ", aws.Bool(strings.EqualFold(lister.Str(v.MultiAZ), "enabled")))
}

func redshiftAccess(p *lister.Attributes, v *types.Cluster) {
	p.Bool("Encrypted", v.Encrypted)
	p.String("KmsKeyId", v.KmsKeyId)
	p.Bool("PubliclyAccessible", v.PubliclyAccessible)
	p.Bool("EnhancedVpcRouting", v.EnhancedVpcRouting)
	p.String("ClusterSubnetGroupName", v.ClusterSubnetGroupName)
	p.Strings("VpcSecurityGroupIds", texts(v.VpcSecurityGroups, func(g types.VpcSecurityGroupMembership) *string { return g.VpcSecurityGroupId }))
	p.Strings("IamRoles", texts(v.IamRoles, func(r types.ClusterIamRole) *string { return r.IamRoleArn }))
	p.String("MasterUsername", v.MasterUsername)
	p.Bool("ManageMasterPassword", aws.Bool(v.MasterPasswordSecretArn != nil))
}

func redshiftOperation(p *lister.Attributes, v *types.Cluster) {
	p.Int("AutomatedSnapshotRetentionPeriod", v.AutomatedSnapshotRetentionPeriod)
	p.Int("ManualSnapshotRetentionPeriod", v.ManualSnapshotRetentionPeriod)
	p.String("PreferredMaintenanceWindow", v.PreferredMaintenanceWindow)
	p.Bool("AllowVersionUpgrade", v.AllowVersionUpgrade)
	p.String("MaintenanceTrackName", v.MaintenanceTrackName)
	if len(v.ClusterParameterGroups) > 0 {
		p.String("ClusterParameterGroupName", v.ClusterParameterGroups[0].ParameterGroupName)
	}
}

func listRedshiftSubnetGroups(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := redshift.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeClusterSubnetGroups(ctx, &redshift.DescribeClusterSubnetGroupsInput{Marker: token, MaxRecords: aws.Int32(100)})
		if err != nil {
			return nil, err
		}
		return page.Marker, lister.Put(out, page.ClusterSubnetGroups, func(v *types.ClusterSubnetGroup) inventory.Asset {
			return redshiftSubnetGroup(t, v)
		})
	})
}

func redshiftSubnetGroup(t *lister.Target, v *types.ClusterSubnetGroup) inventory.Asset {
	a := redshiftNamed(t, "subnetgroup", v.ClusterSubnetGroupName, v.Tags)
	var p lister.Attributes
	p.String("ClusterSubnetGroupName", v.ClusterSubnetGroupName)
	p.String("Description", v.Description)
	p.Strings("SubnetIds", texts(v.Subnets, func(s types.Subnet) *string { return s.SubnetIdentifier }))
	a.Attributes = p.Known()
	return a
}

func listRedshiftParameterGroups(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := redshift.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeClusterParameterGroups(ctx, &redshift.DescribeClusterParameterGroupsInput{Marker: token, MaxRecords: aws.Int32(100)})
		if err != nil {
			return nil, err
		}
		return page.Marker, lister.Put(out, page.ParameterGroups, func(v *types.ClusterParameterGroup) inventory.Asset {
			return redshiftParameterGroup(t, v)
		})
	})
}

func redshiftParameterGroup(t *lister.Target, v *types.ClusterParameterGroup) inventory.Asset {
	a := redshiftNamed(t, "parametergroup", v.ParameterGroupName, v.Tags)
	var p lister.Attributes
	p.String("ParameterGroupName", v.ParameterGroupName)
	p.String("ParameterGroupFamily", v.ParameterGroupFamily)
	p.String("Description", v.Description)
	a.Attributes = p.Known()
	return a
}
