package database

import (
	"strings"
	"testing"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

const cachePrefix = "arn:aws:elasticache:eu-west-1:111122223333:"

func cacheTagAnswer() listertest.Answer {
	return listertest.For(map[string]string{
		"": xml("ListTagsForResource", rdsTagList("owner", "shop")), "bare": xml("ListTagsForResource", "<TagList/>"),
	})
}

func TestCacheClusters(t *testing.T) {
	node := `<CacheCluster><ARN>` + cachePrefix + `cluster:rg1-001</ARN><CacheClusterId>rg1-001</CacheClusterId><CacheClusterStatus>available</CacheClusterStatus>
		<ReplicationGroupId>rg1</ReplicationGroupId><Engine>redis</Engine><EngineVersion>7.0.7</EngineVersion><CacheNodeType>cache.r6g.large</CacheNodeType><NumCacheNodes>1</NumCacheNodes>
		<CacheParameterGroup><CacheParameterGroupName>default.redis7</CacheParameterGroupName></CacheParameterGroup><CacheSubnetGroupName>private</CacheSubnetGroupName>
		<SecurityGroups><member><SecurityGroupId>sg-1</SecurityGroupId><Status>active</Status></member></SecurityGroups>
		<SnapshotRetentionLimit>5</SnapshotRetentionLimit><SnapshotWindow>02:00-03:00</SnapshotWindow><PreferredMaintenanceWindow>sun:05:00-sun:06:00</PreferredMaintenanceWindow>
		<AutoMinorVersionUpgrade>true</AutoMinorVersionUpgrade><TransitEncryptionEnabled>true</TransitEncryptionEnabled><AtRestEncryptionEnabled>true</AtRestEncryptionEnabled>
		<AuthTokenEnabled>true</AuthTokenEnabled><PreferredAvailabilityZone>eu-west-1a</PreferredAvailabilityZone><CacheClusterCreateTime>2026-01-01T00:00:00Z</CacheClusterCreateTime>
		<CacheNodes><CacheNode><CacheNodeId>0001</CacheNodeId><Endpoint><Address>rg1-001.abc.euw1.cache.amazonaws.com</Address><Port>6379</Port></Endpoint></CacheNode></CacheNodes></CacheCluster>`
	bare := `<CacheCluster><CacheClusterId>bare</CacheClusterId><CacheClusterStatus>deleting</CacheClusterStatus><PreferredAvailabilityZone>Multiple</PreferredAvailabilityZone>
		<ConfigurationEndpoint><Address>bare.cfg.euw1.cache.amazonaws.com</Address><Port>11211</Port></ConfigurationEndpoint></CacheCluster>`
	o := run(t, "AWS::ElastiCache::CacheCluster", listertest.Answers{
		"DescribeCacheClusters": listertest.Bodies(
			xml("DescribeCacheClusters", "<CacheClusters>"+node+"</CacheClusters><Marker>more</Marker>"), xml("DescribeCacheClusters", "<CacheClusters>"+bare+"</CacheClusters>"),
		),
		"ListTagsForResource": cacheTagAnswer(),
	})
	listertest.Counts(t, o, 2, 0)
	listertest.Want{
		Created: "2026-01-01T00:00:00Z", Zone: "eu-west-1a", Tags: map[string]string{"owner": "shop"},
		Attributes: map[string]string{
			"ClusterName": `"rg1-001"`, "Engine": `"redis"`, "EngineVersion": `"7.0.7"`, "CacheNodeType": `"cache.r6g.large"`, "NumCacheNodes": "1",
			"CacheParameterGroupName": `"default.redis7"`, "CacheSubnetGroupName": `"private"`, "VpcSecurityGroupIds": `["sg-1"]`,
			"SnapshotRetentionLimit": "5", "PreferredMaintenanceWindow": `"sun:05:00-sun:06:00"`, "TransitEncryptionEnabled": "true",
			"AtRestEncryptionEnabled": "true", "AuthTokenEnabled": "true", "Port": "6379",
		},
		Identifiers: []inventory.Identifier{listertest.ID(inventory.ResourceID, "rg1-001"), listertest.ID(inventory.FQDN, "rg1-001.abc.euw1.cache.amazonaws.com")},
		Relations:   []inventory.Relation{lister.To(inventory.MemberOf, cachePrefix+"replicationgroup:rg1")},
	}.Check(t, o.Asset(t, cachePrefix+"cluster:rg1-001"))
	bareAsset := o.Asset(t, cachePrefix+"cluster:bare")
	listertest.Want{Lifecycle: inventory.LifecycleRetiring, Tags: map[string]string{}, Attributes: map[string]string{"Port": "11211", "CacheParameterGroupName": "null"}}.Check(t, bareAsset)
	if bareAsset.Zone != "" {
		t.Errorf("zone %q of a cluster in several", bareAsset.Zone)
	}
}

func TestReplicationGroups(t *testing.T) {
	full := `<ReplicationGroup><ARN>` + cachePrefix + `replicationgroup:rg1</ARN><ReplicationGroupId>rg1</ReplicationGroupId><Description>sessions</Description><Status>available</Status>
		<Engine>redis</Engine><CacheNodeType>cache.r6g.large</CacheNodeType><AutomaticFailover>enabled</AutomaticFailover><MultiAZ>enabled</MultiAZ><ClusterMode>disabled</ClusterMode>
		<AtRestEncryptionEnabled>true</AtRestEncryptionEnabled><TransitEncryptionEnabled>true</TransitEncryptionEnabled><TransitEncryptionMode>required</TransitEncryptionMode>
		<KmsKeyId>arn:aws:kms:eu-west-1:111122223333:key/k1</KmsKeyId><SnapshotRetentionLimit>5</SnapshotRetentionLimit><AuthTokenEnabled>false</AuthTokenEnabled>
		<UserGroupIds><member>app</member></UserGroupIds><ReplicationGroupCreateTime>2026-01-01T00:00:00Z</ReplicationGroupCreateTime>
		<NodeGroups><NodeGroup><NodeGroupId>0001</NodeGroupId><PrimaryEndpoint><Address>master.rg1.euw1.cache.amazonaws.com</Address><Port>6379</Port></PrimaryEndpoint>
		<ReaderEndpoint><Address>replica.rg1.euw1.cache.amazonaws.com</Address><Port>6379</Port></ReaderEndpoint></NodeGroup></NodeGroups></ReplicationGroup>`
	o := run(t, "AWS::ElastiCache::ReplicationGroup", listertest.Answers{
		"DescribeReplicationGroups": listertest.Bodies(
			xml("DescribeReplicationGroups", "<ReplicationGroups>"+full+"</ReplicationGroups><Marker>more</Marker>"),
			xml("DescribeReplicationGroups", "<ReplicationGroups><ReplicationGroup><ReplicationGroupId>bare</ReplicationGroupId></ReplicationGroup></ReplicationGroups>"),
		),
		"ListTagsForResource": cacheTagAnswer(),
	})
	listertest.Counts(t, o, 2, 0)
	listertest.Want{
		Created: "2026-01-01T00:00:00Z", Tags: map[string]string{"owner": "shop"},
		Attributes: map[string]string{
			"ReplicationGroupDescription": `"sessions"`, "CacheNodeType": `"cache.r6g.large"`, "AutomaticFailoverEnabled": "true", "MultiAZEnabled": "true",
			"AtRestEncryptionEnabled": "true", "TransitEncryptionEnabled": "true", "TransitEncryptionMode": `"required"`, "NumNodeGroups": "1",
			"KmsKeyId": `"arn:aws:kms:eu-west-1:111122223333:key/k1"`, "SnapshotRetentionLimit": "5", "UserGroupIds": `["app"]`, "Port": "6379", "AuthTokenEnabled": "false",
		},
		Identifiers: []inventory.Identifier{listertest.ID(inventory.FQDN, "master.rg1.euw1.cache.amazonaws.com"), listertest.ID(inventory.FQDN, "replica.rg1.euw1.cache.amazonaws.com")},
	}.Check(t, o.Asset(t, cachePrefix+"replicationgroup:rg1"))
	listertest.Want{Tags: map[string]string{}, Attributes: map[string]string{"AutomaticFailoverEnabled": "false"}}.Check(t, o.Asset(t, cachePrefix+"replicationgroup:bare"))
}

func TestServerlessCaches(t *testing.T) {
	o := run(t, "AWS::ElastiCache::ServerlessCache", listertest.Answers{
		"DescribeServerlessCaches": listertest.Bodies(
			xml("DescribeServerlessCaches", `<ServerlessCaches><member><ARN>`+cachePrefix+`serverlesscache:web</ARN><ServerlessCacheName>web</ServerlessCacheName><Status>available</Status>
				<Engine>valkey</Engine><MajorEngineVersion>8</MajorEngineVersion><KmsKeyId>k1</KmsKeyId><SecurityGroupIds><SecurityGroupId>sg-1</SecurityGroupId></SecurityGroupIds>
				<SubnetIds><SubnetId>subnet-1</SubnetId></SubnetIds><SnapshotRetentionLimit>1</SnapshotRetentionLimit><CreateTime>2026-01-01T00:00:00Z</CreateTime>
				<Endpoint><Address>web.serverless.euw1.cache.amazonaws.com</Address><Port>6379</Port></Endpoint></member></ServerlessCaches><NextToken>more</NextToken>`),
			xml("DescribeServerlessCaches", `<ServerlessCaches><member><ARN>`+cachePrefix+`serverlesscache:bare</ARN><ServerlessCacheName>bare</ServerlessCacheName></member></ServerlessCaches>`),
		),
		"ListTagsForResource": cacheTagAnswer(),
	})
	listertest.Counts(t, o, 2, 0)
	listertest.Want{
		Created: "2026-01-01T00:00:00Z", Tags: map[string]string{"owner": "shop"},
		Attributes: map[string]string{
			"Engine": `"valkey"`, "MajorEngineVersion": `"8"`, "KmsKeyId": `"k1"`, "SecurityGroupIds": `["sg-1"]`, "SubnetIds": `["subnet-1"]`, "SnapshotRetentionLimit": "1",
		},
		Identifiers: []inventory.Identifier{listertest.ID(inventory.FQDN, "web.serverless.euw1.cache.amazonaws.com")},
	}.Check(t, o.Asset(t, "web"))
	listertest.Want{Tags: map[string]string{}}.Check(t, o.Asset(t, "bare"))
}

func TestCacheSubnetGroups(t *testing.T) {
	o := run(t, "AWS::ElastiCache::SubnetGroup", listertest.Answers{
		"DescribeCacheSubnetGroups": listertest.Bodies(
			xml("DescribeCacheSubnetGroups", `<CacheSubnetGroups><CacheSubnetGroup><ARN>`+cachePrefix+`subnetgroup:private</ARN><CacheSubnetGroupName>private</CacheSubnetGroupName>
				<CacheSubnetGroupDescription>d</CacheSubnetGroupDescription><Subnets><Subnet><SubnetIdentifier>subnet-1</SubnetIdentifier></Subnet></Subnets></CacheSubnetGroup></CacheSubnetGroups><Marker>more</Marker>`),
			xml("DescribeCacheSubnetGroups", `<CacheSubnetGroups><CacheSubnetGroup><CacheSubnetGroupName>bare</CacheSubnetGroupName></CacheSubnetGroup></CacheSubnetGroups>`),
		),
		"ListTagsForResource": cacheTagAnswer(),
	})
	listertest.Counts(t, o, 2, 0)
	listertest.Want{Tags: map[string]string{"owner": "shop"}, Attributes: map[string]string{"SubnetIds": `["subnet-1"]`, "Description": `"d"`}}.Check(t, o.Asset(t, "private"))
	listertest.Want{Tags: map[string]string{}}.Check(t, o.Asset(t, cachePrefix+"subnetgroup:bare"))
}

// TestCacheParameterGroups: the tags of a group of AWS that the call does not know are none, those of any other are unknown.
func TestCacheParameterGroups(t *testing.T) {
	group := func(name string) string {
		return `<CacheParameterGroup><CacheParameterGroupName>` + name + `</CacheParameterGroupName><CacheParameterGroupFamily>redis7</CacheParameterGroupFamily></CacheParameterGroup>`
	}
	o := run(t, "AWS::ElastiCache::ParameterGroup", listertest.Answers{
		"DescribeCacheParameterGroups": listertest.Bodies(
			xml("DescribeCacheParameterGroups", "<CacheParameterGroups>"+group("own")+"</CacheParameterGroups><Marker>more</Marker>"),
			xml("DescribeCacheParameterGroups", "<CacheParameterGroups>"+group("gone")+group("default.redis7")+group("default.memcached1.6")+"</CacheParameterGroups>"),
		),
		"ListTagsForResource": func(_ int, request string) listertest.Response {
			switch {
			case strings.Contains(request, "own"):
				return cacheTagAnswer()(0, request)
			case strings.Contains(request, "memcached"):
				return listertest.Response{Code: "AccessDenied"}
			}
			return listertest.Response{Code: "CacheParameterGroupNotFound"}
		},
	})
	listertest.Counts(t, o, 4, 2)
	listertest.Want{Tags: map[string]string{"owner": "shop"}, Attributes: map[string]string{"CacheParameterGroupFamily": `"redis7"`}}.Check(t, o.Asset(t, cachePrefix+"parametergroup:own"))
	listertest.Want{Tags: map[string]string{}}.Check(t, o.Asset(t, "default.redis7"))
	listertest.UnknownTags(t, o.Asset(t, "gone"))
	listertest.UnknownTags(t, o.Asset(t, "default.memcached1.6"))
}

func TestCacheUsers(t *testing.T) {
	user := func(id, authentication string) string {
		return `<member><ARN>` + cachePrefix + `user:` + id + `</ARN><UserId>` + id + `</UserId><UserName>` + id + `</UserName><Engine>redis</Engine><Status>active</Status>
			<AccessString>on ~app:* +@read</AccessString><Authentication><Type>` + authentication + `</Type><PasswordCount>1</PasswordCount></Authentication>
			<UserGroupIds><member>app</member></UserGroupIds></member>`
	}
	o := run(t, "AWS::ElastiCache::User", listertest.Answers{
		"DescribeUsers": listertest.Bodies(
			xml("DescribeUsers", "<Users>"+user("reader", "password")+"</Users><Marker>more</Marker>"), xml("DescribeUsers", "<Users>"+user("bare", "no-password")+"</Users>"),
		),
		"ListTagsForResource": cacheTagAnswer(),
	})
	listertest.Counts(t, o, 2, 0)
	listertest.Want{
		Tags: map[string]string{"owner": "shop"}, Relations: []inventory.Relation{lister.To(inventory.MemberOf, cachePrefix+"usergroup:app")},
		Attributes: map[string]string{"AccessString": `"on ~app:* +@read"`, "AuthenticationMode.Type": `"password"`, "NoPasswordRequired": "false"},
	}.Check(t, o.Asset(t, "reader"))
	listertest.Want{Tags: map[string]string{}, Attributes: map[string]string{"AuthenticationMode.Type": `"no-password-required"`, "NoPasswordRequired": "true"}}.Check(t, o.Asset(t, "bare"))
}

func TestCacheSnapshots(t *testing.T) {
	snapshot := func(name, of string) string {
		return `<Snapshot><ARN>` + cachePrefix + `snapshot:` + name + `</ARN><SnapshotName>` + name + `</SnapshotName><SnapshotSource>automated</SnapshotSource>` + of + `
			<NodeSnapshots><NodeSnapshot><SnapshotCreateTime>2026-01-01T00:00:00Z</SnapshotCreateTime></NodeSnapshot></NodeSnapshots></Snapshot>`
	}
	o := run(t, "AWS::ElastiCache::Snapshot", listertest.Answers{
		"DescribeSnapshots": listertest.Bodies(
			xml("DescribeSnapshots", "<Snapshots>"+snapshot("automatic.rg1", "<ReplicationGroupId>rg1</ReplicationGroupId><CacheClusterId>rg1-001</CacheClusterId>")+"</Snapshots><Marker>more</Marker>"),
			xml("DescribeSnapshots", "<Snapshots>"+snapshot("bare", "<CacheClusterId>mem</CacheClusterId>")+"</Snapshots>"),
		),
		"ListTagsForResource": cacheTagAnswer(),
	})
	listertest.Counts(t, o, 2, 0)
	listertest.Want{
		Created: "2026-01-01T00:00:00Z", Tags: map[string]string{"owner": "shop"}, Attributes: map[string]string{"SnapshotSource": `"automated"`},
		Relations: []inventory.Relation{lister.To(inventory.SnapshotOf, cachePrefix+"replicationgroup:rg1")},
	}.Check(t, o.Asset(t, "automatic.rg1"))
	listertest.Want{Tags: map[string]string{}, Relations: []inventory.Relation{lister.To(inventory.SnapshotOf, cachePrefix+"cluster:mem")}}.Check(t, o.Asset(t, "bare"))
}
