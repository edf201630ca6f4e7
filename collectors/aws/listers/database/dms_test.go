package database

import (
	"strings"
	"testing"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

const dmsPrefix = "arn:aws:dms:eu-west-1:111122223333:"

func dmsTagAnswer() listertest.Answer {
	return listertest.For(map[string]string{"": `{"TagList":[{"Key":"owner","Value":"data"}]}`, "BARE": `{"TagList":[]}`})
}

func TestReplicationInstances(t *testing.T) {
	answers := listertest.Answers{
		"DescribeReplicationInstances": listertest.Bodies(
			`{"ReplicationInstances":[{"ReplicationInstanceArn":"`+dmsPrefix+`rep:ONE","ReplicationInstanceIdentifier":"mover","ReplicationInstanceStatus":"available",
				"ReplicationInstanceClass":"dms.t3.medium","AllocatedStorage":50,"EngineVersion":"3.5.3","MultiAZ":true,"PubliclyAccessible":false,"AutoMinorVersionUpgrade":true,
				"KmsKeyId":"arn:aws:kms:eu-west-1:111122223333:key/k1","AvailabilityZone":"eu-west-1a","VpcSecurityGroups":[{"VpcSecurityGroupId":"sg-1"}],
				"ReplicationSubnetGroup":{"ReplicationSubnetGroupIdentifier":"private"},"InstanceCreateTime":1767225600,
				"ReplicationInstancePrivateIpAddresses":["10.0.0.7"],"ReplicationInstancePublicIpAddresses":["198.51.100.7"]}],"Marker":"more"}`,
			`{"ReplicationInstances":[{"ReplicationInstanceArn":"`+dmsPrefix+`rep:BARE","ReplicationInstanceIdentifier":"bare","ReplicationInstanceStatus":"deleting"}]}`,
		),
		"ListTagsForResource": dmsTagAnswer(),
	}
	o := run(t, "AWS::DMS::ReplicationInstance", answers)
	listertest.Counts(t, o, 2, 0)
	listertest.Want{
		Created: "2026-01-01T00:00:00Z", Zone: "eu-west-1a", Tags: map[string]string{"owner": "data"},
		Attributes: map[string]string{
			"ReplicationInstanceClass": `"dms.t3.medium"`, "AllocatedStorage": "50", "EngineVersion": `"3.5.3"`, "MultiAZ": "true", "PubliclyAccessible": "false",
			"AutoMinorVersionUpgrade": "true", "VpcSecurityGroupIds": `["sg-1"]`, "ReplicationSubnetGroupIdentifier": `"private"`,
		},
		Identifiers: []inventory.Identifier{listertest.ID(inventory.ResourceID, "mover"), listertest.ID(inventory.PrivateIP, "10.0.0.7"), listertest.ID(inventory.PublicIP, "198.51.100.7")},
	}.Check(t, o.Asset(t, dmsPrefix+"rep:ONE"))
	listertest.Want{Lifecycle: inventory.LifecycleRetiring, Tags: map[string]string{}}.Check(t, o.Asset(t, "bare"))

	answers["ListTagsForResource"] = listertest.Refuse("AccessDeniedException")
	o = run(t, "AWS::DMS::ReplicationInstance", answers)
	listertest.Counts(t, o, 2, 2)
	listertest.UnknownTags(t, o.Asset(t, "mover"))
}

func TestMigrationEndpoints(t *testing.T) {
	o := run(t, "AWS::DMS::Endpoint", listertest.Answers{
		"DescribeEndpoints": listertest.Bodies(
			`{"Endpoints":[{"EndpointArn":"`+dmsPrefix+`endpoint:ONE","EndpointIdentifier":"source","EndpointType":"SOURCE","EngineName":"mysql","ServerName":"db.example.com","Port":3306,
				"DatabaseName":"orders","Username":"mover","SslMode":"require","KmsKeyId":"k1","ExtraConnectionAttributes":"password=hidden;",
				"RedisSettings":{"ServerName":"c","Port":6379,"AuthPassword":"hidden"},"MySQLSettings":{"Password":"hidden"}}],"Marker":"more"}`,
			`{"Endpoints":[{"EndpointArn":"`+dmsPrefix+`endpoint:BARE","EndpointIdentifier":"bare"}]}`,
		),
		"ListTagsForResource": dmsTagAnswer(),
	})
	listertest.Counts(t, o, 2, 0)
	source := o.Asset(t, dmsPrefix+"endpoint:ONE")
	listertest.Want{Tags: map[string]string{"owner": "data"}, Attributes: map[string]string{
		"EndpointType": `"SOURCE"`, "EngineName": `"mysql"`, "ServerName": `"db.example.com"`, "Port": "3306", "DatabaseName": `"orders"`, "SslMode": `"require"`,
	}}.Check(t, source)
	for attr := range source.Attributes.All() {
		if strings.Contains(string(attr.Value), "hidden") {
			t.Errorf("%s holds a secret", attr.Name)
		}
	}
	for _, id := range source.Identifiers {
		if id.Kind == inventory.FQDN {
			t.Errorf("the name of a database is one of its endpoint: %v", id)
		}
	}
	listertest.Want{Tags: map[string]string{}}.Check(t, o.Asset(t, "bare"))
}

func TestReplicationTasks(t *testing.T) {
	o := run(t, "AWS::DMS::ReplicationTask", listertest.Answers{
		"DescribeReplicationTasks": listertest.Bodies(
			`{"ReplicationTasks":[{"ReplicationTaskArn":"`+dmsPrefix+`task:ONE","ReplicationTaskIdentifier":"nightly","MigrationType":"cdc","Status":"running",
				"ReplicationInstanceArn":"`+dmsPrefix+`rep:ONE","SourceEndpointArn":"`+dmsPrefix+`endpoint:A","TargetEndpointArn":"`+dmsPrefix+`endpoint:B",
				"ReplicationTaskCreationDate":1767225600}],"Marker":"more"}`,
			`{"ReplicationTasks":[{"ReplicationTaskArn":"`+dmsPrefix+`task:BARE","ReplicationTaskIdentifier":"bare"}]}`,
		),
		"ListTagsForResource": dmsTagAnswer(),
	})
	listertest.Counts(t, o, 2, 0)
	listertest.Want{
		Created: "2026-01-01T00:00:00Z", Tags: map[string]string{"owner": "data"},
		Attributes: map[string]string{"MigrationType": `"cdc"`, "SourceEndpointArn": `"` + dmsPrefix + `endpoint:A"`},
		Relations:  []inventory.Relation{lister.To(inventory.AttachedTo, dmsPrefix+"rep:ONE")},
	}.Check(t, o.Asset(t, "nightly"))
	listertest.Want{Tags: map[string]string{}}.Check(t, o.Asset(t, "bare"))
}
