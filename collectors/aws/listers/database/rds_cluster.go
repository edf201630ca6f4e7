package database

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

func listDBClusters(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := rds.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeDBClusters(ctx, &rds.DescribeDBClustersInput{Marker: token, MaxRecords: aws.Int32(rdsPage)})
		if err != nil {
			return nil, err
		}
		return page.Marker, lister.Put(out, page.DBClusters, func(v *types.DBCluster) inventory.Asset { return dbCluster(t, v) })
	})
}

func dbCluster(t *lister.Target, v *types.DBCluster) inventory.Asset {
	a := named(v.DBClusterArn, v.DBClusterIdentifier)
	a.Type = ofEngine(v.Engine, "DBCluster")
	a.Lifecycle, a.Created = stage(v.Status), lister.Time(v.ClusterCreateTime)
	a.Tags, a.Attributes = rdsTags(v.TagList), dbClusterAttributes(a.Type, v)
	a.Identifiers = append(a.Identifiers, lister.ID(inventory.ResourceID, v.DbClusterResourceId),
		lister.ID(inventory.FQDN, v.Endpoint), lister.ID(inventory.FQDN, v.ReaderEndpoint))
	a.Relations = member(v.GlobalClusterIdentifier, func(id string) string {
		return t.ARNOf("rds", "", t.Account, "global-cluster:"+id)
	})
	return a
}

// dbClusterAttributes sets what all three types have, and then what each calls its own way.
func dbClusterAttributes(typ inventory.Type, v *types.DBCluster) inventory.Attributes {
	var p lister.Attributes
	dbClusterCommon(&p, v)
	switch typ {
	case "AWS::Neptune::DBCluster":
		p.Int("DBPort", v.Port)
		p.Bool("IamAuthEnabled", v.IAMDatabaseAuthenticationEnabled)
	case "AWS::DocDB::DBCluster":
		p.Int("Port", v.Port)
		p.String("MasterUsername", v.MasterUsername)
		p.String("StorageType", v.StorageType)
		p.String("GlobalClusterIdentifier", v.GlobalClusterIdentifier)
	default:
		dbClusterRelational(&p, v)
	}
	return p.Known()
}

func dbClusterCommon(p *lister.Attributes, v *types.DBCluster) {
	p.String("DBClusterIdentifier", v.DBClusterIdentifier)
	p.String("EngineVersion", v.EngineVersion)
	p.Bool("StorageEncrypted", v.StorageEncrypted)
	p.String("KmsKeyId", v.KmsKeyId)
	p.Int("BackupRetentionPeriod", v.BackupRetentionPeriod)
	p.String("PreferredBackupWindow", v.PreferredBackupWindow)
	p.String("PreferredMaintenanceWindow", v.PreferredMaintenanceWindow)
	p.Bool("DeletionProtection", v.DeletionProtection)
	p.Bool("CopyTagsToSnapshot", v.CopyTagsToSnapshot)
	p.String("DBSubnetGroupName", v.DBSubnetGroup)
	p.String("DBClusterParameterGroupName", v.DBClusterParameterGroup)
	p.Strings("VpcSecurityGroupIds", rdsSecurityGroups(v.VpcSecurityGroups))
	p.Strings("EnableCloudwatchLogsExports", v.EnabledCloudwatchLogsExports)
}

func dbClusterRelational(p *lister.Attributes, v *types.DBCluster) {
	p.String("Engine", v.Engine)
	p.String("EngineMode", v.EngineMode)
	p.String("DatabaseName", v.DatabaseName)
	p.String("MasterUsername", v.MasterUsername)
	p.Bool("EnableIAMDatabaseAuthentication", v.IAMDatabaseAuthenticationEnabled)
	p.Bool("EnableHttpEndpoint", v.HttpEndpointEnabled)
	p.Bool("PubliclyAccessible", v.PubliclyAccessible)
	p.Int("Port", v.Port)
	p.String("StorageType", v.StorageType)
	p.String("DBClusterInstanceClass", v.DBClusterInstanceClass)
	p.String("GlobalClusterIdentifier", v.GlobalClusterIdentifier)
	p.Bool("ManageMasterUserPassword", aws.Bool(v.MasterUserSecret != nil))
	if s := v.ServerlessV2ScalingConfiguration; s != nil {
		p.Float("ServerlessV2ScalingConfiguration.MinCapacity", s.MinCapacity)
		p.Float("ServerlessV2ScalingConfiguration.MaxCapacity", s.MaxCapacity)
	}
}
