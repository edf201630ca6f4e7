package messaging

import (
	"testing"

	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

const (
	clusterARN     = "arn:aws:kafka:eu-west-1:111122223333:cluster/"
	provisionedMSK = `{"clusterArn":"` + clusterARN + `events/1-2","clusterName":"events","clusterType":"PROVISIONED","creationTime":"2026-01-01T00:00:00Z","state":"ACTIVE",
		"tags":{"owner":"data"},"provisioned":{"numberOfBrokerNodes":3,"enhancedMonitoring":"DEFAULT","storageMode":"LOCAL",
		"currentBrokerSoftwareInfo":{"kafkaVersion":"3.6.0","configurationArn":"arn:aws:kafka:eu-west-1:111122223333:configuration/c/9","configurationRevision":2},
		"brokerNodeGroupInfo":{"instanceType":"kafka.m5.large","clientSubnets":["subnet-1","subnet-2"],"securityGroups":["sg-1"],
		"storageInfo":{"ebsStorageInfo":{"volumeSize":100}},"connectivityInfo":{"publicAccess":{"type":"DISABLED"}}},
		"encryptionInfo":{"encryptionAtRest":{"dataVolumeKMSKeyId":"arn:aws:kms:eu-west-1:111122223333:key/k"},"encryptionInTransit":{"clientBroker":"TLS","inCluster":true}},
		"clientAuthentication":{"sasl":{"iam":{"enabled":true},"scram":{"enabled":false}},"unauthenticated":{"enabled":false}}}}`
	serverlessMSK = `{"clusterArn":"` + clusterARN + `small/3-s1","clusterName":"small","clusterType":"SERVERLESS","state":"DELETING",
		"serverless":{"vpcConfigs":[{"subnetIds":["subnet-1"],"securityGroupIds":["sg-1"]}],"clientAuthentication":{"sasl":{"iam":{"enabled":true}}}}}`
)

func TestKafkaClusters(t *testing.T) {
	o := listertest.Run(t, listertest.Find(t, Listers(), "AWS::MSK::Cluster"), listertest.Answers{
		"ListClustersV2": listertest.Bodies(
			`{"clusterInfoList":[`+provisionedMSK+`],"nextToken":"more"}`, `{"clusterInfoList":[`+serverlessMSK+`]}`,
		),
	})
	if o.Err != nil || len(o.Assets) != 2 {
		t.Fatalf("error %v, %d assets", o.Err, len(o.Assets))
	}
	events := o.Asset(t, clusterARN+"events/1-2")
	listertest.Texts(t, events, map[string]string{
		"ClusterName": "events", "KafkaVersion": "3.6.0", "NumberOfBrokerNodes": "3", "BrokerNodeGroupInfo.InstanceType": "kafka.m5.large",
		"BrokerNodeGroupInfo.ClientSubnets": `["subnet-1","subnet-2"]`, "BrokerNodeGroupInfo.StorageInfo.EBSStorageInfo.VolumeSize": "100",
		"BrokerNodeGroupInfo.ConnectivityInfo.PublicAccess.Type": "DISABLED", "EncryptionInfo.EncryptionInTransit.InCluster": "true",
		"ClientAuthentication.Sasl.Iam.Enabled": "true", "ClientAuthentication.Unauthenticated.Enabled": "false",
		"ClientAuthentication.Tls.Enabled": "null", "ConfigurationInfo.Revision": "2",
	})
	listertest.Tag(t, events, "owner", "data")
	small := o.Asset(t, "small")
	if small.Type != serverlessCluster || small.Lifecycle != inventory.LifecycleRetiring {
		t.Errorf("type %s, life cycle %q", small.Type, small.Lifecycle)
	}
	listertest.Texts(t, small, map[string]string{
		"VpcConfigs": `[{"SecurityGroups":["sg-1"],"SubnetIds":["subnet-1"]}]`, "ClientAuthentication.Sasl.Iam.Enabled": "true",
	})
	listertest.Untagged(t, small)
}

func TestKafkaRefused(t *testing.T) {
	for typ, op := range map[inventory.Type]string{"AWS::MSK::Cluster": "ListClustersV2", "AWS::MSK::Configuration": "ListConfigurations"} {
		o := listertest.Run(t, listertest.Find(t, Listers(), typ), listertest.Answers{op: listertest.Refuse("ForbiddenException")})
		if o.Err == nil {
			t.Errorf("%s: a list that was refused passes for an empty one", typ)
		}
	}
}

func TestKafkaConfigurations(t *testing.T) {
	const arn = "arn:aws:kafka:eu-west-1:111122223333:configuration/c/9"
	o := listertest.Run(t, listertest.Find(t, Listers(), "AWS::MSK::Configuration"), listertest.Answers{
		"ListConfigurations": listertest.Bodies(
			`{"configurations":[{"arn":"`+arn+`","name":"c","creationTime":"2026-01-01T00:00:00Z","description":"","kafkaVersions":["3.6.0"],
				"latestRevision":{"revision":2},"state":"ACTIVE"}],"nextToken":"more"}`,
			`{"configurations":[{"arn":"`+arn+`x","name":"d","kafkaVersions":[],"latestRevision":{"revision":1},"state":"DELETING"}]}`,
		),
	})
	if o.Err != nil || len(o.Assets) != 2 {
		t.Fatalf("error %v, %d assets", o.Err, len(o.Assets))
	}
	listertest.Texts(t, o.Asset(t, arn), map[string]string{"Name": "c", "KafkaVersionsList": `["3.6.0"]`, "LatestRevision.Revision": "2"})
	if got := o.Asset(t, "d").Lifecycle; got != inventory.LifecycleRetiring {
		t.Errorf("life cycle %q", got)
	}
}
