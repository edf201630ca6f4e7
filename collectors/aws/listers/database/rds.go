package database

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

// Neptune and DocumentDB share the calls and ARNs of the relational databases, so that one call lists all three.

func rdsListers() []lister.Lister {
	api := lister.API(rds.ServiceID, "rds")
	return []lister.Lister{{
		Type:       "AWS::RDS::DBInstance",
		Also:       []inventory.Type{"AWS::Neptune::DBInstance", "AWS::DocDB::DBInstance"},
		ARNs:       []string{"rds:db:*"},
		Operations: api.Ops("DescribeDBInstances"),
		List:       listDBInstances,
	}, {
		Type:       "AWS::RDS::DBCluster",
		Also:       []inventory.Type{"AWS::Neptune::DBCluster", "AWS::DocDB::DBCluster"},
		ARNs:       []string{"rds:cluster:*"},
		Operations: api.Ops("DescribeDBClusters"),
		List:       listDBClusters,
	}, {
		Type:       "AWS::RDS::DBSnapshot",
		ARNs:       []string{"rds:snapshot:*"},
		Operations: api.Ops("DescribeDBSnapshots"),
		List:       listDBSnapshots,
	}, {
		Type:       "AWS::RDS::DBClusterSnapshot",
		ARNs:       []string{"rds:cluster-snapshot:*"},
		Operations: api.Ops("DescribeDBClusterSnapshots"),
		List:       listDBClusterSnapshots,
	}}
}

// rdsPage is the largest page of most calls of the service.
const rdsPage = 100

// ofEngine names a type by its engine or parameter group family: "neptune", "docdb5.0", "aurora-mysql".
func ofEngine(engine *string, kind string) inventory.Type {
	switch e := lister.Str(engine); {
	case strings.HasPrefix(e, "neptune"):
		return inventory.Type("AWS::Neptune::" + kind)
	case strings.HasPrefix(e, "docdb"):
		return inventory.Type("AWS::DocDB::" + kind)
	}
	return inventory.Type("AWS::RDS::" + kind)
}

func rdsTags(list []types.Tag) inventory.Tags {
	return lister.TagsOf(list, func(t types.Tag) (*string, *string) { return t.Key, t.Value })
}

func rdsSecurityGroups(list []types.VpcSecurityGroupMembership) []string {
	return texts(list, func(g types.VpcSecurityGroupMembership) *string { return g.VpcSecurityGroupId })
}

func listDBInstances(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := rds.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeDBInstances(ctx, &rds.DescribeDBInstancesInput{Marker: token, MaxRecords: aws.Int32(rdsPage)})
		if err != nil {
			return nil, err
		}
		return page.Marker, lister.Put(out, page.DBInstances, func(v *types.DBInstance) inventory.Asset { return dbInstance(t, v) })
	})
}

func dbInstance(t *lister.Target, v *types.DBInstance) inventory.Asset {
	a := named(v.DBInstanceArn, v.DBInstanceIdentifier)
	a.Type = ofEngine(v.Engine, "DBInstance")
	a.Zone, a.Lifecycle, a.Created = lister.Str(v.AvailabilityZone), stage(v.DBInstanceStatus), lister.Time(v.InstanceCreateTime)
	a.Tags, a.Attributes = rdsTags(v.TagList), dbInstanceAttributes(a.Type, v)
	a.Identifiers = append(a.Identifiers, lister.ID(inventory.ResourceID, v.DbiResourceId))
	if v.Endpoint != nil {
		a.Identifiers = append(a.Identifiers, lister.ID(inventory.FQDN, v.Endpoint.Address))
	}
	a.Relations = member(v.DBClusterIdentifier, func(id string) string { return t.ARN("rds", "cluster:"+id) })
	return a
}

// dbInstanceAttributes sets what the type of an engine has: those of the graph and document databases are few.
func dbInstanceAttributes(typ inventory.Type, v *types.DBInstance) inventory.Attributes {
	var p lister.Attributes
	p.String("DBInstanceIdentifier", v.DBInstanceIdentifier)
	p.String("DBInstanceClass", v.DBInstanceClass)
	p.String("DBClusterIdentifier", v.DBClusterIdentifier)
	p.String("AvailabilityZone", v.AvailabilityZone)
	p.String("PreferredMaintenanceWindow", v.PreferredMaintenanceWindow)
	p.Bool("AutoMinorVersionUpgrade", v.AutoMinorVersionUpgrade)
	if typ != "AWS::Neptune::DBInstance" {
		p.String("CACertificateIdentifier", v.CACertificateIdentifier)
	}
	if typ != "AWS::DocDB::DBInstance" {
		p.Bool("PubliclyAccessible", v.PubliclyAccessible)
		dbInstanceGroups(&p, v)
	}
	if typ == "AWS::RDS::DBInstance" {
		dbInstanceEngine(&p, v)
		dbInstanceStorage(&p, v)
		dbInstanceOperation(&p, v)
	}
	return p.Known()
}

func dbInstanceGroups(p *lister.Attributes, v *types.DBInstance) {
	var subnets, parameters *string
	if v.DBSubnetGroup != nil {
		subnets = v.DBSubnetGroup.DBSubnetGroupName
	}
	if len(v.DBParameterGroups) > 0 {
		parameters = v.DBParameterGroups[0].DBParameterGroupName
	}
	p.String("DBSubnetGroupName", subnets)
	p.String("DBParameterGroupName", parameters)
}

func dbInstanceEngine(p *lister.Attributes, v *types.DBInstance) {
	p.String("Engine", v.Engine)
	p.String("EngineVersion", v.EngineVersion)
	p.String("LicenseModel", v.LicenseModel)
	p.String("DBName", v.DBName)
	p.String("MasterUsername", v.MasterUsername)
	p.Bool("EnableIAMDatabaseAuthentication", v.IAMDatabaseAuthenticationEnabled)
	p.Strings("VPCSecurityGroups", rdsSecurityGroups(v.VpcSecurityGroups))
	p.String("NetworkType", v.NetworkType)
	port := v.DbInstancePort
	if v.Endpoint != nil && v.Endpoint.Port != nil {
		port = v.Endpoint.Port
	}
	p.Int("Port", port)
	if len(v.OptionGroupMemberships) > 0 {
		p.String("OptionGroupName", v.OptionGroupMemberships[0].OptionGroupName)
	}
}

func dbInstanceStorage(p *lister.Attributes, v *types.DBInstance) {
	p.Int("AllocatedStorage", v.AllocatedStorage)
	p.Int("MaxAllocatedStorage", v.MaxAllocatedStorage)
	p.String("StorageType", v.StorageType)
	p.Int("Iops", v.Iops)
	p.Bool("StorageEncrypted", v.StorageEncrypted)
	p.String("KmsKeyId", v.KmsKeyId)
}

func dbInstanceOperation(p *lister.Attributes, v *types.DBInstance) {
	p.Bool("MultiAZ", v.MultiAZ)
	p.Int("BackupRetentionPeriod", v.BackupRetentionPeriod)
	p.String("PreferredBackupWindow", v.PreferredBackupWindow)
	p.Bool("CopyTagsToSnapshot", v.CopyTagsToSnapshot)
	p.Bool("DeletionProtection", v.DeletionProtection)
	p.Bool("EnablePerformanceInsights", v.PerformanceInsightsEnabled)
	p.Int("MonitoringInterval", v.MonitoringInterval)
	p.Strings("EnableCloudwatchLogsExports", v.EnabledCloudwatchLogsExports)
	p.Int("PromotionTier", v.PromotionTier)
	p.Bool("ManageMasterUserPassword", aws.Bool(v.MasterUserSecret != nil))
}
