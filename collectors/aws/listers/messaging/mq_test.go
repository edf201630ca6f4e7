package messaging

import (
	"slices"
	"testing"

	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

const brokerARN = "arn:aws:mq:eu-west-1:111122223333:broker:"

func brokerSummary(name, state string) string {
	return `{"brokerArn":"` + brokerARN + name + `:b-` + name + `","brokerId":"b-` + name + `","brokerName":"` + name + `","brokerState":"` + state + `",
		"created":"2026-01-01T00:00:00Z","deploymentMode":"SINGLE_INSTANCE","engineType":"ACTIVEMQ","hostInstanceType":"mq.m5.large"}`
}

func brokerAnswers() listertest.Answers {
	return listertest.Answers{
		"ListBrokers": listertest.Bodies(
			`{"brokerSummaries":[`+brokerSummary("orders", "RUNNING")+`],"nextToken":"more"}`,
			`{"brokerSummaries":[`+brokerSummary("plain", "DELETION_IN_PROGRESS")+`,`+brokerSummary("refused", "RUNNING")+`]}`,
		),
		"DescribeBroker": listertest.For(map[string]string{
			"b-orders": `{"brokerId":"b-orders","engineVersion":"5.18","publiclyAccessible":true,"autoMinorVersionUpgrade":true,"authenticationStrategy":"SIMPLE",
				"storageType":"EFS","subnetIds":["subnet-1"],"securityGroups":["sg-1"],"encryptionOptions":{"useAwsOwnedKey":true},
				"configurations":{"current":{"id":"c-1","revision":3},"history":[]},"logs":{"general":true,"audit":false},"tags":{"owner":"shop"},
				"users":[{"username":"admin"}],
				"brokerInstances":[{"consoleURL":"https://b-orders-1.mq.eu-west-1.amazonaws.com:8162","ipAddress":"10.0.0.5","endpoints":[]}]}`,
			"b-plain": `{"brokerId":"b-plain","engineVersion":"5.18","publiclyAccessible":false}`,
		}),
	}
}

func TestBrokers(t *testing.T) {
	o := listertest.Run(t, listertest.Find(t, Listers(), "AWS::AmazonMQ::Broker"), brokerAnswers())
	if o.Err != nil || len(o.Assets) != 3 || len(o.Unread) != 1 {
		t.Fatalf("error %v, %d assets, unread %v", o.Err, len(o.Assets), o.Unread)
	}
	orders := o.Asset(t, brokerARN+"orders:b-orders")
	listertest.Texts(t, orders, map[string]string{
		"BrokerName": "orders", "EngineType": "ACTIVEMQ", "EngineVersion": "5.18", "EngineVersionCurrent": "5.18", "PubliclyAccessible": "true",
		"AutoMinorVersionUpgrade": "true", "SubnetIds": `["subnet-1"]`, "EncryptionOptions.UseAwsOwnedKey": "true",
		"EncryptionOptions.KmsKeyId": "null", "Configuration.Id": "c-1", "Logs.Audit": "false",
	})
	listertest.Tag(t, orders, "owner", "shop")
	for _, id := range []inventory.Identifier{
		{Kind: inventory.ResourceID, Value: "b-orders"},
		{Kind: inventory.PrivateIP, Value: "10.0.0.5"},
		{Kind: inventory.FQDN, Value: "b-orders-1.mq.eu-west-1.amazonaws.com"},
	} {
		if !slices.Contains(orders.Identifiers, id) {
			t.Errorf("no identifier %v in %v", id, orders.Identifiers)
		}
	}
	plain := o.Asset(t, "plain")
	listertest.Untagged(t, plain)
	if plain.Lifecycle != inventory.LifecycleRetiring {
		t.Errorf("life cycle %q", plain.Lifecycle)
	}
	refused := o.Asset(t, "refused")
	listertest.Texts(t, refused, map[string]string{"HostInstanceType": "mq.m5.large", "PubliclyAccessible": "-"})
	if refused.Tags.State() != inventory.Unknown {
		t.Errorf("tags are %s", refused.Tags.State())
	}
}

func TestDeletedBroker(t *testing.T) {
	answers := brokerAnswers()
	answers["DescribeBroker"] = listertest.Refuse("NotFoundException")
	o := listertest.Run(t, listertest.Find(t, Listers(), "AWS::AmazonMQ::Broker"), answers)
	if o.Err != nil || len(o.Assets) != 0 || len(o.Unread) != 0 {
		t.Fatalf("error %v, assets %v, unread %v", o.Err, o.Assets, o.Unread)
	}
}

func TestBrokerConfigurations(t *testing.T) {
	const arn = "arn:aws:mq:eu-west-1:111122223333:configuration:"
	config := func(id, name string) string {
		return `{"arn":"` + arn + id + `","id":"` + id + `","name":"` + name + `","engineType":"RABBITMQ","engineVersion":"3.13","authenticationStrategy":"SIMPLE",
			"created":"2026-01-01T00:00:00Z","description":"first"}`
	}
	o := listertest.Run(t, listertest.Find(t, Listers(), "AWS::AmazonMQ::Configuration"), listertest.Answers{
		"ListConfigurations": listertest.Bodies(
			`{"configurations":[`+config("c-1", "one")+`],"nextToken":"more"}`, `{"configurations":[`+config("c-2", "two")+`,`+config("c-3", "three")+`]}`,
		),
		"ListTags": listertest.For(map[string]string{"c-1": `{"tags":{"owner":"shop"}}`, "c-2": `{"tags":{}}`}),
	})
	if o.Err != nil || len(o.Assets) != 3 || len(o.Unread) != 1 {
		t.Fatalf("error %v, %d assets, unread %v", o.Err, len(o.Assets), o.Unread)
	}
	one := o.Asset(t, arn+"c-1")
	listertest.Texts(t, one, map[string]string{"Name": "one", "EngineType": "RABBITMQ", "EngineVersion": "3.13", "Description": "first"})
	listertest.Tag(t, one, "owner", "shop")
	listertest.Untagged(t, o.Asset(t, "two"))
	if got := o.Asset(t, "three").Tags.State(); got != inventory.Unknown {
		t.Errorf("tags are %s", got)
	}
}
