package database

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	dms "github.com/aws/aws-sdk-go-v2/service/databasemigrationservice"
	"github.com/aws/aws-sdk-go-v2/service/databasemigrationservice/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

func dmsListers() []lister.Lister {
	api := lister.API(dms.ServiceID, "dms")
	return []lister.Lister{{
		Type:       "AWS::DMS::ReplicationInstance",
		ARNs:       []string{"dms:rep:*"},
		Operations: api.Ops("DescribeReplicationInstances", "ListTagsForResource"),
		List:       listReplicationInstances, ReadTags: dmsTags,
	}, {
		Type:       "AWS::DMS::Endpoint",
		ARNs:       []string{"dms:endpoint:*"},
		Operations: api.Ops("DescribeEndpoints", "ListTagsForResource"),
		List:       listMigrationEndpoints, ReadTags: dmsTags,
	}, {
		Type:       "AWS::DMS::ReplicationTask",
		ARNs:       []string{"dms:task:*"},
		Operations: api.Ops("DescribeReplicationTasks", "ListTagsForResource"),
		List:       listReplicationTasks, ReadTags: dmsTags,
	}}
}

func dmsTags(ctx context.Context, t *lister.Target, a *inventory.Asset) (inventory.Tags, error) {
	out, err := dms.NewFromConfig(t.Config).ListTagsForResource(ctx, &dms.ListTagsForResourceInput{ResourceArn: aws.String(a.Key)})
	if err != nil {
		return inventory.Tags{}, err
	}
	return lister.TagsOf(out.TagList, func(t types.Tag) (*string, *string) { return t.Key, t.Value }), nil
}

func listReplicationInstances(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := dms.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeReplicationInstances(ctx, &dms.DescribeReplicationInstancesInput{Marker: token, MaxRecords: aws.Int32(100)})
		if err != nil {
			return nil, err
		}
		return page.Marker, lister.Put(out, page.ReplicationInstances, replicationInstance)
	})
}

func replicationInstance(v *types.ReplicationInstance) inventory.Asset {
	a := named(v.ReplicationInstanceArn, v.ReplicationInstanceIdentifier)
	a.Zone, a.Lifecycle, a.Created = lister.Str(v.AvailabilityZone), stage(v.ReplicationInstanceStatus), lister.Time(v.InstanceCreateTime)
	for _, ip := range v.ReplicationInstancePrivateIpAddresses {
		a.Identifiers = append(a.Identifiers, lister.ID(inventory.PrivateIP, &ip))
	}
	for _, ip := range v.ReplicationInstancePublicIpAddresses {
		a.Identifiers = append(a.Identifiers, lister.ID(inventory.PublicIP, &ip))
	}
	var p lister.Attributes
	p.String("ReplicationInstanceIdentifier", v.ReplicationInstanceIdentifier)
	p.String("ReplicationInstanceClass", v.ReplicationInstanceClass)
	p.Int("AllocatedStorage", aws.Int32(v.AllocatedStorage))
	p.String("EngineVersion", v.EngineVersion)
	p.Bool("MultiAZ", aws.Bool(v.MultiAZ))
	p.Bool("PubliclyAccessible", aws.Bool(v.PubliclyAccessible))
	p.Bool("AutoMinorVersionUpgrade", aws.Bool(v.AutoMinorVersionUpgrade))
	p.String("PreferredMaintenanceWindow", v.PreferredMaintenanceWindow)
	p.String("KmsKeyId", v.KmsKeyId)
	p.String("AvailabilityZone", v.AvailabilityZone)
	p.Strings("VpcSecurityGroupIds", texts(v.VpcSecurityGroups, func(g types.VpcSecurityGroupMembership) *string { return g.VpcSecurityGroupId }))
	if v.ReplicationSubnetGroup != nil {
		p.String("ReplicationSubnetGroupIdentifier", v.ReplicationSubnetGroup.ReplicationSubnetGroupIdentifier)
	}
	a.Attributes = p.Known()
	return a
}

func listMigrationEndpoints(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := dms.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeEndpoints(ctx, &dms.DescribeEndpointsInput{Marker: token, MaxRecords: aws.Int32(100)})
		if err != nil {
			return nil, err
		}
		return page.Marker, lister.Put(out, page.Endpoints, migrationEndpoint)
	})
}

// migrationEndpoint leaves out the settings of engines and the connection attributes, which may hold passwords. The server's name is
// that of the database and no name of the endpoint.
func migrationEndpoint(v *types.Endpoint) inventory.Asset {
	a := named(v.EndpointArn, v.EndpointIdentifier)
	a.Lifecycle = stage(v.Status)
	var p lister.Attributes
	p.String("EndpointIdentifier", v.EndpointIdentifier)
	p.Text("EndpointType", string(v.EndpointType))
	p.String("EngineName", v.EngineName)
	p.String("ServerName", v.ServerName)
	p.Int("Port", v.Port)
	p.String("DatabaseName", v.DatabaseName)
	p.String("Username", v.Username)
	p.Text("SslMode", string(v.SslMode))
	p.String("CertificateArn", v.CertificateArn)
	p.String("KmsKeyId", v.KmsKeyId)
	a.Attributes = p.Known()
	return a
}

func listReplicationTasks(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := dms.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeReplicationTasks(ctx, &dms.DescribeReplicationTasksInput{
			Marker: token, MaxRecords: aws.Int32(100), WithoutSettings: aws.Bool(true),
		})
		if err != nil {
			return nil, err
		}
		return page.Marker, lister.Put(out, page.ReplicationTasks, replicationTask)
	})
}

func replicationTask(v *types.ReplicationTask) inventory.Asset {
	a := named(v.ReplicationTaskArn, v.ReplicationTaskIdentifier)
	a.Lifecycle, a.Created = stage(v.Status), lister.Time(v.ReplicationTaskCreationDate)
	a.Relations = []inventory.Relation{lister.To(inventory.AttachedTo, lister.Str(v.ReplicationInstanceArn))}
	var p lister.Attributes
	p.String("ReplicationTaskIdentifier", v.ReplicationTaskIdentifier)
	p.Text("MigrationType", string(v.MigrationType))
	p.String("ReplicationInstanceArn", v.ReplicationInstanceArn)
	p.String("SourceEndpointArn", v.SourceEndpointArn)
	p.String("TargetEndpointArn", v.TargetEndpointArn)
	a.Attributes = p.Known()
	return a
}
