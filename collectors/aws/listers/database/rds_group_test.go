package database

import (
	"testing"

	"github.com/muster-audit/muster/collectors/aws/listertest"
)

func rdsTagAnswer() listertest.Answer {
	return listertest.For(map[string]string{
		"": xml("ListTagsForResource", rdsTagList("owner", "payments")), "default": xml("ListTagsForResource", "<TagList/>"),
	})
}

func TestDBSubnetGroups(t *testing.T) {
	group := func(name string) string {
		return `<DBSubnetGroup><DBSubnetGroupArn>` + rdsPrefix + `subgrp:` + name + `</DBSubnetGroupArn><DBSubnetGroupName>` + name + `</DBSubnetGroupName>
			<DBSubnetGroupDescription>for databases</DBSubnetGroupDescription>
			<Subnets><Subnet><SubnetIdentifier>subnet-1</SubnetIdentifier></Subnet><Subnet><SubnetIdentifier>subnet-2</SubnetIdentifier></Subnet></Subnets></DBSubnetGroup>`
	}
	o := run(t, "AWS::RDS::DBSubnetGroup", listertest.Answers{
		"DescribeDBSubnetGroups": listertest.Bodies(
			xml("DescribeDBSubnetGroups", "<DBSubnetGroups>"+group("private")+"</DBSubnetGroups><Marker>more</Marker>"),
			xml("DescribeDBSubnetGroups", "<DBSubnetGroups>"+group("default")+"</DBSubnetGroups>"),
		),
		"ListTagsForResource": rdsTagAnswer(),
	})
	listertest.Counts(t, o, 2, 0)
	listertest.Want{
		Tags:       map[string]string{"owner": "payments"},
		Attributes: map[string]string{"SubnetIds": `["subnet-1","subnet-2"]`, "DBSubnetGroupDescription": `"for databases"`},
	}.Check(t, o.Asset(t, rdsPrefix+"subgrp:private"))
	listertest.Want{Tags: map[string]string{}}.Check(t, o.Asset(t, "default"))
}

func TestDBParameterGroups(t *testing.T) {
	group := func(name, family string) string {
		return `<DBParameterGroup><DBParameterGroupArn>` + rdsPrefix + `pg:` + name + `</DBParameterGroupArn><DBParameterGroupName>` + name + `</DBParameterGroupName>
			<DBParameterGroupFamily>` + family + `</DBParameterGroupFamily><Description>d</Description></DBParameterGroup>`
	}
	o := run(t, "AWS::RDS::DBParameterGroup", listertest.Answers{
		"DescribeDBParameterGroups": listertest.Bodies(
			xml("DescribeDBParameterGroups", "<DBParameterGroups>"+group("pg16", "postgres16")+"</DBParameterGroups><Marker>more</Marker>"),
			xml("DescribeDBParameterGroups", "<DBParameterGroups>"+group("default.neptune1.3", "neptune1.3")+"</DBParameterGroups>"),
		),
		"ListTagsForResource": rdsTagAnswer(),
	})
	listertest.Counts(t, o, 2, 0)
	listertest.Want{
		Tags:       map[string]string{"owner": "payments"},
		Attributes: map[string]string{"DBParameterGroupName": `"pg16"`, "Family": `"postgres16"`, "Description": `"d"`},
	}.Check(t, o.Asset(t, "pg16"))
	listertest.Want{Type: "AWS::Neptune::DBParameterGroup", Tags: map[string]string{}, Attributes: map[string]string{"Name": `"default.neptune1.3"`}}.Check(t, o.Asset(t, "default.neptune1.3"))
}

func TestDBClusterParameterGroups(t *testing.T) {
	group := func(name, family string) string {
		return `<DBClusterParameterGroup><DBClusterParameterGroupArn>` + rdsPrefix + `cluster-pg:` + name + `</DBClusterParameterGroupArn>
			<DBClusterParameterGroupName>` + name + `</DBClusterParameterGroupName><DBParameterGroupFamily>` + family + `</DBParameterGroupFamily></DBClusterParameterGroup>`
	}
	o := run(t, "AWS::RDS::DBClusterParameterGroup", listertest.Answers{
		"DescribeDBClusterParameterGroups": listertest.Bodies(
			xml("DescribeDBClusterParameterGroups", "<DBClusterParameterGroups>"+group("aurora8", "aurora-mysql8.0")+"</DBClusterParameterGroups><Marker>more</Marker>"),
			xml("DescribeDBClusterParameterGroups", "<DBClusterParameterGroups>"+group("docs5", "docdb5.0")+group("graph1", "neptune1.3")+"</DBClusterParameterGroups>"),
		),
		"ListTagsForResource": listertest.Refuse("AccessDenied"),
	})
	listertest.Counts(t, o, 3, 3)
	listertest.Want{Type: "AWS::RDS::DBClusterParameterGroup", Attributes: map[string]string{"DBClusterParameterGroupName": `"aurora8"`}}.Check(t, o.Asset(t, "aurora8"))
	listertest.Want{Type: "AWS::DocDB::DBClusterParameterGroup", Attributes: map[string]string{"Name": `"docs5"`, "Family": `"docdb5.0"`}}.Check(t, o.Asset(t, "docs5"))
	listertest.Want{Type: "AWS::Neptune::DBClusterParameterGroup"}.Check(t, o.Asset(t, "graph1"))
	listertest.UnknownTags(t, o.Asset(t, "aurora8"))
}

func TestOptionGroups(t *testing.T) {
	group := func(name string) string {
		return `<OptionGroup><OptionGroupArn>` + rdsPrefix + `og:` + name + `</OptionGroupArn><OptionGroupName>` + name + `</OptionGroupName>
			<EngineName>mysql</EngineName><MajorEngineVersion>8.0</MajorEngineVersion><OptionGroupDescription>d</OptionGroupDescription></OptionGroup>`
	}
	o := run(t, "AWS::RDS::OptionGroup", listertest.Answers{
		"DescribeOptionGroups": listertest.Bodies(
			xml("DescribeOptionGroups", "<OptionGroupsList>"+group("audit")+"</OptionGroupsList><Marker>more</Marker>"),
			xml("DescribeOptionGroups", "<OptionGroupsList>"+group("default:mysql-8-0")+"</OptionGroupsList>"),
		),
		"ListTagsForResource": rdsTagAnswer(),
	})
	listertest.Counts(t, o, 2, 0)
	listertest.Want{
		Tags: map[string]string{"owner": "payments"}, Attributes: map[string]string{"EngineName": `"mysql"`, "MajorEngineVersion": `"8.0"`},
	}.Check(t, o.Asset(t, rdsPrefix+"og:audit"))
	listertest.Want{Tags: map[string]string{}}.Check(t, o.Asset(t, "default:mysql-8-0"))
}

func TestEventSubscriptions(t *testing.T) {
	o := run(t, "AWS::RDS::EventSubscription", listertest.Answers{
		"DescribeEventSubscriptions": listertest.Bodies(
			xml("DescribeEventSubscriptions", `<EventSubscriptionsList><EventSubscription><EventSubscriptionArn>`+rdsPrefix+`es:alerts</EventSubscriptionArn>
				<CustSubscriptionId>alerts</CustSubscriptionId><Enabled>true</Enabled><SnsTopicArn>arn:aws:sns:eu-west-1:111122223333:alerts</SnsTopicArn>
				<SourceType>db-instance</SourceType><SourceIdsList><SourceId>orders</SourceId></SourceIdsList>
				<EventCategoriesList><EventCategory>failover</EventCategory></EventCategoriesList>
				<SubscriptionCreationTime>2026-01-01 00:00:00.123</SubscriptionCreationTime></EventSubscription></EventSubscriptionsList><Marker>more</Marker>`),
			xml("DescribeEventSubscriptions", `<EventSubscriptionsList><EventSubscription><CustSubscriptionId>bare</CustSubscriptionId></EventSubscription></EventSubscriptionsList>`),
		),
		"ListTagsForResource": rdsTagAnswer(),
	})
	listertest.Counts(t, o, 2, 0)
	listertest.Want{
		Tags: map[string]string{"owner": "payments"}, Created: "2026-01-01T00:00:00Z",
		Attributes: map[string]string{
			"SubscriptionName": `"alerts"`, "Enabled": "true", "SnsTopicArn": `"arn:aws:sns:eu-west-1:111122223333:alerts"`, "SourceType": `"db-instance"`,
			"SourceIds": `["orders"]`, "EventCategories": `["failover"]`,
		},
	}.Check(t, o.Asset(t, rdsPrefix+"es:alerts"))
	o.Asset(t, rdsPrefix+"es:bare")
}

func TestDBProxies(t *testing.T) {
	o := run(t, "AWS::RDS::DBProxy", listertest.Answers{
		"DescribeDBProxies": listertest.Bodies(
			xml("DescribeDBProxies", `<DBProxies><member><DBProxyArn>`+rdsPrefix+`db-proxy:prx-1</DBProxyArn><DBProxyName>pool</DBProxyName><Status>available</Status>
				<EngineFamily>MYSQL</EngineFamily><RequireTLS>true</RequireTLS><DebugLogging>false</DebugLogging><IdleClientTimeout>1800</IdleClientTimeout>
				<RoleArn>arn:aws:iam::111122223333:role/pool</RoleArn><VpcSecurityGroupIds><member>sg-1</member></VpcSecurityGroupIds>
				<VpcSubnetIds><member>subnet-1</member></VpcSubnetIds><Endpoint>pool.proxy-abc.eu-west-1.rds.amazonaws.com</Endpoint>
				<CreatedDate>2026-01-01T00:00:00Z</CreatedDate></member></DBProxies><Marker>more</Marker>`),
			xml("DescribeDBProxies", `<DBProxies><member><DBProxyArn>`+rdsPrefix+`db-proxy:prx-2</DBProxyArn><DBProxyName>default</DBProxyName><Status>deleting</Status></member></DBProxies>`),
		),
		"ListTagsForResource": rdsTagAnswer(),
	})
	listertest.Counts(t, o, 2, 0)
	listertest.Want{
		Tags: map[string]string{"owner": "payments"}, Created: "2026-01-01T00:00:00Z",
		Attributes: map[string]string{
			"DBProxyName": `"pool"`, "EngineFamily": `"MYSQL"`, "RequireTLS": "true", "DebugLogging": "false", "IdleClientTimeout": "1800",
			"RoleArn": `"arn:aws:iam::111122223333:role/pool"`, "VpcSecurityGroupIds": `["sg-1"]`, "VpcSubnetIds": `["subnet-1"]`,
		},
	}.Check(t, o.Asset(t, rdsPrefix+"db-proxy:prx-1"))
	listertest.Want{Lifecycle: "retiring"}.Check(t, o.Asset(t, rdsPrefix+"db-proxy:prx-2"))
}

func TestGlobalClusters(t *testing.T) {
	const prefix = "arn:aws:rds::111122223333:global-cluster:"
	o := run(t, "AWS::RDS::GlobalCluster", listertest.Answers{"DescribeGlobalClusters": listertest.Bodies(
		xml("DescribeGlobalClusters", `<GlobalClusters><GlobalClusterMember><GlobalClusterArn>`+prefix+`world</GlobalClusterArn>
			<GlobalClusterIdentifier>world</GlobalClusterIdentifier><Engine>aurora-mysql</Engine><DeletionProtection>true</DeletionProtection>
			<StorageEncrypted>true</StorageEncrypted>`+rdsTagList("owner", "shop")+`</GlobalClusterMember></GlobalClusters><Marker>more</Marker>`),
		xml("DescribeGlobalClusters", `<GlobalClusters><GlobalClusterMember><GlobalClusterArn>`+prefix+`docs</GlobalClusterArn>
			<GlobalClusterIdentifier>docs</GlobalClusterIdentifier><Engine>docdb</Engine></GlobalClusterMember></GlobalClusters>`),
	)})
	listertest.Counts(t, o, 2, 0)
	listertest.Want{
		Tags: map[string]string{"owner": "shop"}, Attributes: map[string]string{"DeletionProtection": "true", "StorageEncrypted": "true", "Engine": `"aurora-mysql"`},
	}.Check(t, o.Asset(t, prefix+"world"))
	listertest.Want{Type: "AWS::DocDB::GlobalCluster", Tags: map[string]string{}}.Check(t, o.Asset(t, prefix+"docs"))
}
