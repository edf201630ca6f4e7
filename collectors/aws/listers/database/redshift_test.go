package database

import (
	"strings"
	"testing"

	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

const redshiftPrefix = "arn:aws:redshift:eu-west-1:111122223333:"

func redshiftTagList(key, value string) string {
	return "<Tags><Tag><Key>" + key + "</Key><Value>" + value + "</Value></Tag></Tags>"
}

func TestRedshiftClusters(t *testing.T) {
	full := `<Cluster><ClusterIdentifier>dw</ClusterIdentifier><ClusterStatus>available</ClusterStatus><NodeType>ra3.xlplus</NodeType><NumberOfNodes>2</NumberOfNodes>
		<ClusterVersion>1.0</ClusterVersion><DBName>main</DBName><Encrypted>true</Encrypted><KmsKeyId>arn:aws:kms:eu-west-1:111122223333:key/k1</KmsKeyId>
		<PubliclyAccessible>false</PubliclyAccessible><EnhancedVpcRouting>true</EnhancedVpcRouting><ClusterSubnetGroupName>private</ClusterSubnetGroupName>
		<VpcSecurityGroups><VpcSecurityGroup><VpcSecurityGroupId>sg-1</VpcSecurityGroupId></VpcSecurityGroup></VpcSecurityGroups>
		<IamRoles><ClusterIamRole><IamRoleArn>arn:aws:iam::111122223333:role/load</IamRoleArn></ClusterIamRole></IamRoles>
		<AutomatedSnapshotRetentionPeriod>7</AutomatedSnapshotRetentionPeriod><PreferredMaintenanceWindow>sun:03:00-sun:03:30</PreferredMaintenanceWindow>
		<ClusterParameterGroups><ClusterParameterGroup><ParameterGroupName>tuned</ParameterGroupName></ClusterParameterGroup></ClusterParameterGroups>
		<MultiAZ>Enabled</MultiAZ><AvailabilityZone>eu-west-1a</AvailabilityZone><MasterUsername>app</MasterUsername>
		<Endpoint><Address>dw.abc.eu-west-1.redshift.amazonaws.com</Address><Port>5439</Port></Endpoint><ClusterCreateTime>2026-01-01T00:00:00Z</ClusterCreateTime>
		<PendingModifiedValues><MasterUserPassword>hidden-by-the-service</MasterUserPassword></PendingModifiedValues>` + redshiftTagList("owner", "bi") + `</Cluster>`
	o := run(t, "AWS::Redshift::Cluster", listertest.Answers{"DescribeClusters": listertest.Bodies(
		xml("DescribeClusters", "<Clusters>"+full+"</Clusters><Marker>more</Marker>"),
		xml("DescribeClusters", "<Clusters><Cluster><ClusterIdentifier>bare</ClusterIdentifier><ClusterStatus>deleting</ClusterStatus></Cluster></Clusters>"),
	)})
	listertest.Counts(t, o, 2, 0)
	dw := o.Asset(t, redshiftPrefix+"cluster:dw")
	listertest.Want{
		Created: "2026-01-01T00:00:00Z", Zone: "eu-west-1a", Tags: map[string]string{"owner": "bi"},
		Attributes: map[string]string{
			"NodeType": `"ra3.xlplus"`, "NumberOfNodes": "2", "DBName": `"main"`, "Encrypted": "true", "KmsKeyId": `"arn:aws:kms:eu-west-1:111122223333:key/k1"`,
			"PubliclyAccessible": "false", "EnhancedVpcRouting": "true", "ClusterSubnetGroupName": `"private"`, "VpcSecurityGroupIds": `["sg-1"]`,
			"IamRoles": `["arn:aws:iam::111122223333:role/load"]`, "AutomatedSnapshotRetentionPeriod": "7", "Port": "5439", "MultiAZ": "true",
			"PreferredMaintenanceWindow": `"sun:03:00-sun:03:30"`, "ClusterParameterGroupName": `"tuned"`,
		},
		Identifiers: []inventory.Identifier{listertest.ID(inventory.ResourceID, "dw"), listertest.ID(inventory.FQDN, "dw.abc.eu-west-1.redshift.amazonaws.com")},
	}.Check(t, dw)
	listertest.Want{Lifecycle: inventory.LifecycleRetiring, Tags: map[string]string{}, Attributes: map[string]string{"MultiAZ": "false"}}.Check(t, o.Asset(t, "bare"))
	for attr := range dw.Attributes.All() {
		if strings.Contains(string(attr.Value), "hidden") {
			t.Errorf("%s holds a password", attr.Name)
		}
	}
}

func TestRedshiftGroups(t *testing.T) {
	o := run(t, "AWS::Redshift::ClusterSubnetGroup", listertest.Answers{"DescribeClusterSubnetGroups": listertest.Bodies(
		xml("DescribeClusterSubnetGroups", `<ClusterSubnetGroups><ClusterSubnetGroup><ClusterSubnetGroupName>private</ClusterSubnetGroupName><Description>d</Description>
			<Subnets><Subnet><SubnetIdentifier>subnet-1</SubnetIdentifier></Subnet></Subnets>`+redshiftTagList("owner", "bi")+`</ClusterSubnetGroup></ClusterSubnetGroups><Marker>more</Marker>`),
		xml("DescribeClusterSubnetGroups", `<ClusterSubnetGroups><ClusterSubnetGroup><ClusterSubnetGroupName>bare</ClusterSubnetGroupName></ClusterSubnetGroup></ClusterSubnetGroups>`),
	)})
	listertest.Counts(t, o, 2, 0)
	listertest.Want{Tags: map[string]string{"owner": "bi"}, Attributes: map[string]string{"SubnetIds": `["subnet-1"]`}}.Check(t, o.Asset(t, redshiftPrefix+"subnetgroup:private"))
	listertest.Want{Tags: map[string]string{}}.Check(t, o.Asset(t, "bare"))

	o = run(t, "AWS::Redshift::ClusterParameterGroup", listertest.Answers{"DescribeClusterParameterGroups": listertest.Bodies(
		xml("DescribeClusterParameterGroups", `<ParameterGroups><ClusterParameterGroup><ParameterGroupName>tuned</ParameterGroupName>
			<ParameterGroupFamily>redshift-1.0</ParameterGroupFamily>`+redshiftTagList("owner", "bi")+`</ClusterParameterGroup></ParameterGroups><Marker>more</Marker>`),
		xml("DescribeClusterParameterGroups", `<ParameterGroups><ClusterParameterGroup><ParameterGroupName>default.redshift-1.0</ParameterGroupName></ClusterParameterGroup></ParameterGroups>`),
	)})
	listertest.Counts(t, o, 2, 0)
	listertest.Want{Tags: map[string]string{"owner": "bi"}, Attributes: map[string]string{"ParameterGroupFamily": `"redshift-1.0"`}}.Check(t, o.Asset(t, redshiftPrefix+"parametergroup:tuned"))
	listertest.Want{Tags: map[string]string{}}.Check(t, o.Asset(t, "default.redshift-1.0"))
}

const serverlessPrefix = "arn:aws:redshift-serverless:eu-west-1:111122223333:"

func TestRedshiftServerless(t *testing.T) {
	tags := listertest.For(map[string]string{"": `{"tags":[{"key":"owner","value":"bi"}]}`, "bare": `{"tags":[]}`})
	o := run(t, "AWS::RedshiftServerless::Workgroup", listertest.Answers{
		"ListWorkgroups": listertest.Bodies(
			`{"workgroups":[{"workgroupArn":"`+serverlessPrefix+`workgroup/1","workgroupName":"adhoc","namespaceName":"lake","baseCapacity":32,"maxCapacity":128,
				"enhancedVpcRouting":true,"publiclyAccessible":false,"port":5439,"securityGroupIds":["sg-1"],"subnetIds":["subnet-1"],"status":"AVAILABLE",
				"creationDate":"2026-01-01T00:00:00Z","endpoint":{"address":"adhoc.111122223333.eu-west-1.redshift-serverless.amazonaws.com","port":5439}}],"nextToken":"more"}`,
			`{"workgroups":[{"workgroupArn":"`+serverlessPrefix+`workgroup/bare","workgroupName":"bare","status":"DELETING"}]}`,
		),
		"ListTagsForResource": tags,
	})
	listertest.Counts(t, o, 2, 0)
	listertest.Want{
		Created: "2026-01-01T00:00:00Z", Tags: map[string]string{"owner": "bi"},
		Attributes: map[string]string{
			"NamespaceName": `"lake"`, "BaseCapacity": "32", "MaxCapacity": "128", "EnhancedVpcRouting": "true", "PubliclyAccessible": "false", "Port": "5439",
			"SecurityGroupIds": `["sg-1"]`, "SubnetIds": `["subnet-1"]`,
		},
		Identifiers: []inventory.Identifier{listertest.ID(inventory.ResourceID, "adhoc"), listertest.ID(inventory.FQDN, "adhoc.111122223333.eu-west-1.redshift-serverless.amazonaws.com")},
	}.Check(t, o.Asset(t, serverlessPrefix+"workgroup/1"))
	listertest.Want{Lifecycle: inventory.LifecycleRetiring, Tags: map[string]string{}}.Check(t, o.Asset(t, "bare"))

	o = run(t, "AWS::RedshiftServerless::Namespace", listertest.Answers{
		"ListNamespaces": listertest.Bodies(
			`{"namespaces":[{"namespaceArn":"`+serverlessPrefix+`namespace/1","namespaceName":"lake","namespaceId":"n-1","dbName":"dev","adminUsername":"admin","kmsKeyId":"AWS_OWNED_KMS_KEY",
				"iamRoles":["IamRole(applyStatus=in-sync, iamRoleArn=arn:aws:iam::111122223333:role/load)","arn:aws:iam::111122223333:role/plain"],
				"logExports":["useractivitylog"],"status":"AVAILABLE","creationDate":"2026-01-01T00:00:00Z"}],"nextToken":"more"}`,
			`{"namespaces":[{"namespaceArn":"`+serverlessPrefix+`namespace/bare","namespaceName":"bare"}]}`,
		),
		"ListTagsForResource": listertest.Refuse("AccessDeniedException"),
	})
	listertest.Counts(t, o, 2, 2)
	listertest.Want{Attributes: map[string]string{
		"DbName": `"dev"`, "AdminUsername": `"admin"`, "KmsKeyId": `"AWS_OWNED_KMS_KEY"`, "LogExports": `["useractivitylog"]`,
		"IamRoles": `["arn:aws:iam::111122223333:role/load","arn:aws:iam::111122223333:role/plain"]`, "ManageAdminPassword": "false",
	}}.Check(t, o.Asset(t, "lake"))
	listertest.UnknownTags(t, o.Asset(t, "bare"))
}
