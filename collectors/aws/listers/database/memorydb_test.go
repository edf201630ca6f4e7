package database

import (
	"testing"

	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

func TestMemoryClusters(t *testing.T) {
	const prefix = "arn:aws:memorydb:eu-west-1:111122223333:cluster/"
	answers := listertest.Answers{
		"DescribeClusters": listertest.Bodies(
			`{"Clusters":[{"ARN":"`+prefix+`sessions","Name":"sessions","Status":"available","NodeType":"db.r6g.large","ACLName":"app","Engine":"valkey","EngineVersion":"7.2",
				"NumberOfShards":2,"TLSEnabled":true,"KmsKeyId":"arn:aws:kms:eu-west-1:111122223333:key/k1","ParameterGroupName":"default.memorydb-valkey7","SubnetGroupName":"private",
				"SecurityGroups":[{"SecurityGroupId":"sg-1","Status":"active"}],"SnapshotRetentionLimit":3,"MaintenanceWindow":"sun:03:00-sun:04:00","AutoMinorVersionUpgrade":true,
				"ClusterEndpoint":{"Address":"clustercfg.sessions.abc.memorydb.eu-west-1.amazonaws.com","Port":6379}}],"NextToken":"more"}`,
			`{"Clusters":[{"ARN":"`+prefix+`bare","Name":"bare","Status":"deleting"}]}`,
		),
		"ListTags": listertest.For(map[string]string{"": `{"TagList":[{"Key":"owner","Value":"shop"}]}`, "bare": `{"TagList":[]}`}),
	}
	o := run(t, "AWS::MemoryDB::Cluster", answers)
	listertest.Counts(t, o, 2, 0)
	listertest.Want{
		Tags: map[string]string{"owner": "shop"},
		Attributes: map[string]string{
			"ClusterName": `"sessions"`, "NodeType": `"db.r6g.large"`, "ACLName": `"app"`, "Engine": `"valkey"`, "EngineVersion": `"7.2"`, "NumShards": "2", "TLSEnabled": "true",
			"KmsKeyId": `"arn:aws:kms:eu-west-1:111122223333:key/k1"`, "SecurityGroupIds": `["sg-1"]`, "SnapshotRetentionLimit": "3", "Port": "6379", "AutoMinorVersionUpgrade": "true",
		},
		Identifiers: []inventory.Identifier{listertest.ID(inventory.ResourceID, "sessions"), listertest.ID(inventory.FQDN, "clustercfg.sessions.abc.memorydb.eu-west-1.amazonaws.com")},
	}.Check(t, o.Asset(t, prefix+"sessions"))
	listertest.Want{Lifecycle: inventory.LifecycleRetiring, Tags: map[string]string{}}.Check(t, o.Asset(t, "bare"))

	answers["ListTags"] = listertest.Refuse("AccessDeniedException")
	o = run(t, "AWS::MemoryDB::Cluster", answers)
	listertest.Counts(t, o, 2, 2)
	listertest.UnknownTags(t, o.Asset(t, "sessions"))
}
