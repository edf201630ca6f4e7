package database

import (
	"strings"
	"testing"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

const rdsPrefix = "arn:aws:rds:eu-west-1:111122223333:"

func rdsTagList(pairs ...string) string {
	list := ""
	for i := 0; i < len(pairs); i += 2 {
		list += "<Tag><Key>" + pairs[i] + "</Key><Value>" + pairs[i+1] + "</Value></Tag>"
	}
	return "<TagList>" + list + "</TagList>"
}

func TestDBInstances(t *testing.T) {
	full := `<DBInstance>
		<DBInstanceArn>` + rdsPrefix + `db:orders</DBInstanceArn><DBInstanceIdentifier>orders</DBInstanceIdentifier>
		<DbiResourceId>db-ABCDEFGHIJKL</DbiResourceId><DBInstanceStatus>available</DBInstanceStatus><DBInstanceClass>db.m6g.large</DBInstanceClass>
		<Engine>postgres</Engine><EngineVersion>16.3</EngineVersion><LicenseModel>postgresql-license</LicenseModel><MasterUsername>app</MasterUsername>
		<AllocatedStorage>100</AllocatedStorage><MaxAllocatedStorage>500</MaxAllocatedStorage><StorageType>gp3</StorageType><Iops>3000</Iops>
		<StorageEncrypted>true</StorageEncrypted><KmsKeyId>arn:aws:kms:eu-west-1:111122223333:key/k1</KmsKeyId>
		<MultiAZ>true</MultiAZ><PubliclyAccessible>false</PubliclyAccessible><BackupRetentionPeriod>7</BackupRetentionPeriod>
		<PreferredBackupWindow>02:00-02:30</PreferredBackupWindow><PreferredMaintenanceWindow>sun:03:00-sun:03:30</PreferredMaintenanceWindow>
		<DeletionProtection>true</DeletionProtection><AutoMinorVersionUpgrade>true</AutoMinorVersionUpgrade><CopyTagsToSnapshot>true</CopyTagsToSnapshot>
		<DBSubnetGroup><DBSubnetGroupName>private</DBSubnetGroupName></DBSubnetGroup>
		<VpcSecurityGroups><VpcSecurityGroupMembership><VpcSecurityGroupId>sg-1</VpcSecurityGroupId><Status>active</Status></VpcSecurityGroupMembership></VpcSecurityGroups>
		<DBParameterGroups><DBParameterGroup><DBParameterGroupName>pg16</DBParameterGroupName></DBParameterGroup></DBParameterGroups>
		<OptionGroupMemberships><OptionGroupMembership><OptionGroupName>default:postgres-16</OptionGroupName></OptionGroupMembership></OptionGroupMemberships>
		<IAMDatabaseAuthenticationEnabled>true</IAMDatabaseAuthenticationEnabled><PerformanceInsightsEnabled>true</PerformanceInsightsEnabled>
		<MonitoringInterval>60</MonitoringInterval><CACertificateIdentifier>rds-ca-rsa2048-g1</CACertificateIdentifier><AvailabilityZone>eu-west-1b</AvailabilityZone>
		<Endpoint><Address>orders.abc.eu-west-1.rds.amazonaws.com</Address><Port>5432</Port></Endpoint>
		<InstanceCreateTime>2026-01-01T00:00:00.000Z</InstanceCreateTime>
		<MasterUserSecret><SecretArn>arn:aws:secretsmanager:eu-west-1:111122223333:secret:rds!db-1</SecretArn></MasterUserSecret>
		<PendingModifiedValues><MasterUserPassword>hidden-by-the-service</MasterUserPassword></PendingModifiedValues>` +
		rdsTagList("owner", "payments", "env", "prod") + `</DBInstance>`
	member := `<DBInstance><DBInstanceArn>` + rdsPrefix + `db:shop-1</DBInstanceArn><DBInstanceIdentifier>shop-1</DBInstanceIdentifier><Engine>aurora-mysql</Engine>
		<DBClusterIdentifier>shop</DBClusterIdentifier><DBInstanceStatus>deleting</DBInstanceStatus><TagList/></DBInstance>`
	graph := `<DBInstance><DBInstanceArn>` + rdsPrefix + `db:graph-1</DBInstanceArn><DBInstanceIdentifier>graph-1</DBInstanceIdentifier><Engine>neptune</Engine>
		<PubliclyAccessible>false</PubliclyAccessible></DBInstance>`
	docs := `<DBInstance><DBInstanceArn>` + rdsPrefix + `db:docs-1</DBInstanceArn><DBInstanceIdentifier>docs-1</DBInstanceIdentifier><Engine>docdb</Engine></DBInstance>`
	o := run(t, "AWS::RDS::DBInstance", listertest.Answers{"DescribeDBInstances": listertest.Bodies(
		xml("DescribeDBInstances", "<DBInstances>"+full+member+"</DBInstances><Marker>more</Marker>"),
		xml("DescribeDBInstances", "<DBInstances>"+graph+docs+"</DBInstances>"),
	)})
	listertest.Counts(t, o, 4, 0)
	listertest.Want{
		Type: "AWS::RDS::DBInstance", Created: "2026-01-01T00:00:00Z", Zone: "eu-west-1b",
		Attributes: map[string]string{
			"DBInstanceIdentifier": `"orders"`, "DBInstanceClass": `"db.m6g.large"`, "Engine": `"postgres"`, "EngineVersion": `"16.3"`,
			"LicenseModel": `"postgresql-license"`, "MasterUsername": `"app"`, "AllocatedStorage": "100", "MaxAllocatedStorage": "500",
			"StorageType": `"gp3"`, "Iops": "3000", "StorageEncrypted": "true", "KmsKeyId": `"arn:aws:kms:eu-west-1:111122223333:key/k1"`,
			"MultiAZ": "true", "PubliclyAccessible": "false", "BackupRetentionPeriod": "7", "PreferredBackupWindow": `"02:00-02:30"`,
			"PreferredMaintenanceWindow": `"sun:03:00-sun:03:30"`, "DeletionProtection": "true", "AutoMinorVersionUpgrade": "true",
			"CopyTagsToSnapshot": "true", "DBSubnetGroupName": `"private"`, "VPCSecurityGroups": `["sg-1"]`, "DBParameterGroupName": `"pg16"`,
			"OptionGroupName": `"default:postgres-16"`, "EnableIAMDatabaseAuthentication": "true", "EnablePerformanceInsights": "true",
			"MonitoringInterval": "60", "CACertificateIdentifier": `"rds-ca-rsa2048-g1"`, "AvailabilityZone": `"eu-west-1b"`, "Port": "5432",
			"ManageMasterUserPassword": "true", "DBClusterIdentifier": "null",
		},
		Tags: map[string]string{"owner": "payments", "env": "prod"},
		Identifiers: []inventory.Identifier{
			listertest.ID(inventory.ResourceID, "orders"), listertest.ID(inventory.ResourceID, "db-ABCDEFGHIJKL"),
			listertest.ID(inventory.FQDN, "orders.abc.eu-west-1.rds.amazonaws.com"),
		},
	}.Check(t, o.Asset(t, rdsPrefix+"db:orders"))
	listertest.Want{
		Type: "AWS::RDS::DBInstance", Lifecycle: inventory.LifecycleRetiring, Tags: map[string]string{},
		Relations: []inventory.Relation{lister.To(inventory.MemberOf, rdsPrefix+"cluster:shop")},
	}.Check(t, o.Asset(t, "shop-1"))
	listertest.Want{Type: "AWS::Neptune::DBInstance", Attributes: map[string]string{"PubliclyAccessible": "false"}}.Check(t, o.Asset(t, "graph-1"))
	listertest.Want{Type: "AWS::DocDB::DBInstance", Tags: map[string]string{}}.Check(t, o.Asset(t, "docs-1"))
	for _, a := range o.Assets {
		for attr := range a.Attributes.All() {
			if strings.Contains(string(attr.Value), "hidden") {
				t.Errorf("%s holds a password", attr.Name)
			}
		}
	}
}

func TestDBClusters(t *testing.T) {
	shop := `<DBCluster><DBClusterArn>` + rdsPrefix + `cluster:shop</DBClusterArn><DBClusterIdentifier>shop</DBClusterIdentifier><Status>available</Status>
		<DbClusterResourceId>cluster-ABC</DbClusterResourceId><Engine>aurora-mysql</Engine><EngineVersion>8.0.mysql_aurora.3.05.2</EngineVersion><EngineMode>provisioned</EngineMode>
		<StorageEncrypted>true</StorageEncrypted><KmsKeyId>arn:aws:kms:eu-west-1:111122223333:key/k1</KmsKeyId><BackupRetentionPeriod>7</BackupRetentionPeriod>
		<DeletionProtection>false</DeletionProtection><DBSubnetGroup>private</DBSubnetGroup><DBClusterParameterGroup>aurora8</DBClusterParameterGroup>
		<VpcSecurityGroups><VpcSecurityGroupMembership><VpcSecurityGroupId>sg-1</VpcSecurityGroupId></VpcSecurityGroupMembership></VpcSecurityGroups>
		<IAMDatabaseAuthenticationEnabled>true</IAMDatabaseAuthenticationEnabled><EnabledCloudwatchLogsExports><member>audit</member></EnabledCloudwatchLogsExports>
		<Port>3306</Port><MasterUsername>app</MasterUsername><PubliclyAccessible>false</PubliclyAccessible><HttpEndpointEnabled>false</HttpEndpointEnabled>
		<ServerlessV2ScalingConfiguration><MinCapacity>0.5</MinCapacity><MaxCapacity>16.0</MaxCapacity></ServerlessV2ScalingConfiguration>
		<Endpoint>shop.cluster-abc.eu-west-1.rds.amazonaws.com</Endpoint><ReaderEndpoint>shop.cluster-ro-abc.eu-west-1.rds.amazonaws.com</ReaderEndpoint>
		<GlobalClusterIdentifier>world</GlobalClusterIdentifier><ClusterCreateTime>2026-01-01T00:00:00Z</ClusterCreateTime>` + rdsTagList("owner", "shop") + `</DBCluster>`
	graph := `<DBCluster><DBClusterArn>` + rdsPrefix + `cluster:graph</DBClusterArn><DBClusterIdentifier>graph</DBClusterIdentifier><Engine>neptune</Engine>
		<Port>8182</Port><IAMDatabaseAuthenticationEnabled>true</IAMDatabaseAuthenticationEnabled></DBCluster>`
	docs := `<DBCluster><DBClusterArn>` + rdsPrefix + `cluster:docs</DBClusterArn><DBClusterIdentifier>docs</DBClusterIdentifier><Engine>docdb</Engine><Port>27017</Port></DBCluster>`
	o := run(t, "AWS::RDS::DBCluster", listertest.Answers{"DescribeDBClusters": listertest.Bodies(
		xml("DescribeDBClusters", "<DBClusters>"+shop+"</DBClusters><Marker>more</Marker>"),
		xml("DescribeDBClusters", "<DBClusters>"+graph+docs+"</DBClusters>"),
	)})
	listertest.Counts(t, o, 3, 0)
	listertest.Want{
		Type: "AWS::RDS::DBCluster", Created: "2026-01-01T00:00:00Z", Tags: map[string]string{"owner": "shop"},
		Attributes: map[string]string{
			"Engine": `"aurora-mysql"`, "EngineVersion": `"8.0.mysql_aurora.3.05.2"`, "EngineMode": `"provisioned"`, "StorageEncrypted": "true",
			"KmsKeyId": `"arn:aws:kms:eu-west-1:111122223333:key/k1"`, "BackupRetentionPeriod": "7", "DeletionProtection": "false",
			"DBSubnetGroupName": `"private"`, "DBClusterParameterGroupName": `"aurora8"`, "VpcSecurityGroupIds": `["sg-1"]`,
			"EnableIAMDatabaseAuthentication": "true", "EnableCloudwatchLogsExports": `["audit"]`, "Port": "3306", "MasterUsername": `"app"`,
			"ServerlessV2ScalingConfiguration.MinCapacity": "0.5", "ServerlessV2ScalingConfiguration.MaxCapacity": "16", "StorageType": "null",
		},
		Identifiers: []inventory.Identifier{
			listertest.ID(inventory.ResourceID, "shop"), listertest.ID(inventory.ResourceID, "cluster-ABC"),
			listertest.ID(inventory.FQDN, "shop.cluster-abc.eu-west-1.rds.amazonaws.com"), listertest.ID(inventory.FQDN, "shop.cluster-ro-abc.eu-west-1.rds.amazonaws.com"),
		},
		Relations: []inventory.Relation{lister.To(inventory.MemberOf, "arn:aws:rds::111122223333:global-cluster:world")},
	}.Check(t, o.Asset(t, rdsPrefix+"cluster:shop"))
	listertest.Want{Type: "AWS::Neptune::DBCluster", Attributes: map[string]string{"DBPort": "8182", "IamAuthEnabled": "true"}, Tags: map[string]string{}}.Check(t, o.Asset(t, "graph"))
	listertest.Want{Type: "AWS::DocDB::DBCluster", Attributes: map[string]string{"Port": "27017"}}.Check(t, o.Asset(t, "docs"))
}

func TestDBSnapshots(t *testing.T) {
	snapshot := func(name, kind, more string) string {
		return `<DBSnapshot><DBSnapshotArn>` + rdsPrefix + `snapshot:` + name + `</DBSnapshotArn><DBSnapshotIdentifier>` + name + `</DBSnapshotIdentifier>
			<DBInstanceIdentifier>orders</DBInstanceIdentifier><SnapshotType>` + kind + `</SnapshotType><Encrypted>true</Encrypted><AllocatedStorage>100</AllocatedStorage>
			<SnapshotCreateTime>2026-01-01T00:00:00Z</SnapshotCreateTime>` + more + `</DBSnapshot>`
	}
	backup := snapshot("awsbackup:job-1", "awsbackup", rdsTagList("owner", "payments"))
	o := run(t, "AWS::RDS::DBSnapshot", listertest.Answers{"DescribeDBSnapshots": func(n int, request string) listertest.Response {
		if strings.Contains(request, "SnapshotType=awsbackup") {
			return listertest.Response{Body: xml("DescribeDBSnapshots", "<DBSnapshots>"+backup+"</DBSnapshots>")}
		}
		return listertest.Bodies(
			xml("DescribeDBSnapshots", "<DBSnapshots>"+snapshot("rds:orders-2026-01-01", "automated", "<TagList/>")+backup+"</DBSnapshots><Marker>more</Marker>"),
			xml("DescribeDBSnapshots", "<DBSnapshots>"+snapshot("copy", "manual",
				`<SourceRegion>us-east-1</SourceRegion><SourceDBSnapshotIdentifier>arn:aws:rds:us-east-1:444455556666:snapshot:orders</SourceDBSnapshotIdentifier>`)+"</DBSnapshots>"),
		)(n, request)
	}})
	listertest.Counts(t, o, 3, 0)
	listertest.Want{
		Created: "2026-01-01T00:00:00Z", Tags: map[string]string{},
		Attributes: map[string]string{"SnapshotType": `"automated"`, "Encrypted": "true", "AllocatedStorage": "100"},
		Relations:  []inventory.Relation{lister.To(inventory.SnapshotOf, rdsPrefix+"db:orders")},
	}.Check(t, o.Asset(t, rdsPrefix+"snapshot:rds:orders-2026-01-01"))
	listertest.Want{Relations: []inventory.Relation{lister.To(inventory.SnapshotOf, "arn:aws:rds:us-east-1:444455556666:db:orders")}}.Check(t, o.Asset(t, "copy"))
	listertest.Want{Tags: map[string]string{"owner": "payments"}, Attributes: map[string]string{"SnapshotType": `"awsbackup"`}}.Check(t, o.Asset(t, "awsbackup:job-1"))
}

func TestDBClusterSnapshots(t *testing.T) {
	o := run(t, "AWS::RDS::DBClusterSnapshot", listertest.Answers{"DescribeDBClusterSnapshots": listertest.Bodies(
		xml("DescribeDBClusterSnapshots", `<DBClusterSnapshots><DBClusterSnapshot><DBClusterSnapshotArn>`+rdsPrefix+`cluster-snapshot:shop-1</DBClusterSnapshotArn>
			<DBClusterSnapshotIdentifier>shop-1</DBClusterSnapshotIdentifier><DBClusterIdentifier>shop</DBClusterIdentifier><SnapshotType>manual</SnapshotType>
			<StorageEncrypted>false</StorageEncrypted><Engine>aurora-mysql</Engine>`+rdsTagList("owner", "shop")+`</DBClusterSnapshot></DBClusterSnapshots><Marker>more</Marker>`),
		xml("DescribeDBClusterSnapshots", `<DBClusterSnapshots><DBClusterSnapshot><DBClusterSnapshotArn>`+rdsPrefix+`cluster-snapshot:bare</DBClusterSnapshotArn>
			<DBClusterSnapshotIdentifier>bare</DBClusterSnapshotIdentifier></DBClusterSnapshot></DBClusterSnapshots>`),
	)})
	listertest.Counts(t, o, 2, 0)
	listertest.Want{
		Tags: map[string]string{"owner": "shop"}, Attributes: map[string]string{"SnapshotType": `"manual"`, "StorageEncrypted": "false", "KmsKeyId": "null"},
		Relations: []inventory.Relation{lister.To(inventory.SnapshotOf, rdsPrefix+"cluster:shop")},
	}.Check(t, o.Asset(t, "shop-1"))
	listertest.Want{Tags: map[string]string{}}.Check(t, o.Asset(t, "bare"))
	if got := o.Asset(t, "bare").Relations; len(got) != 0 {
		t.Errorf("relations %v of a snapshot of nothing", got)
	}
}
