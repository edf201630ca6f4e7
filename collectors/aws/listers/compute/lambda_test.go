package compute

import (
	"strings"
	"testing"
	"time"

	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

const functionARN = "arn:aws:lambda:eu-west-1:111122223333:function:"

func functionAnswers() listertest.Answers {
	return listertest.Answers{
		"ListFunctions": listertest.Bodies(
			`{"Functions":[{"FunctionName":"orders","FunctionArn":"`+functionARN+`orders","Runtime":"python3.12","Role":"arn:aws:iam::111122223333:role/orders","Handler":"app.run",
			"CodeSize":100,"Description":"","Timeout":30,"MemorySize":256,"LastModified":"2026-01-01T00:00:00.000+0000","CodeSha256":"abc=","Version":"$LATEST","PackageType":"Zip","Architectures":["arm64"],
			"VpcConfig":{"SubnetIds":["subnet-1"],"SecurityGroupIds":["sg-1"],"VpcId":"vpc-1"},"DeadLetterConfig":{"TargetArn":"arn:aws:sqs:eu-west-1:111122223333:dead"},
			"Environment":{"Variables":{"TABLE":"orders","TOKEN":"hunter2"}},"KMSKeyArn":"arn:aws:kms:eu-west-1:111122223333:key/k","TracingConfig":{"Mode":"Active"},"EphemeralStorage":{"Size":512},
			"Layers":[{"Arn":"arn:aws:lambda:eu-west-1:111122223333:layer:base:3","CodeSize":1}],"LoggingConfig":{"LogGroup":"/aws/lambda/orders"},"SnapStart":{"ApplyOn":"None"}}],"NextMarker":"more"}`,
			`{"Functions":[{"FunctionName":"locked","FunctionArn":"`+functionARN+`locked","Environment":{"Error":{"ErrorCode":"AccessDeniedException","Message":"no key"}}},
			{"FunctionName":"bare","FunctionArn":"`+functionARN+`bare"}]}`,
		),
		"ListTags": listertest.For(map[string]string{"orders": `{"Tags":{"owner":"payments"}}`, "bare": `{"Tags":{}}`}),
	}
}

func TestFunctions(t *testing.T) {
	o := run(t, "AWS::Lambda::Function", functionAnswers())
	want(t, o, 3, 1) // the tags of one are refused
	a := o.Asset(t, functionARN+"orders")
	attributes(t, a, map[string]string{
		"FunctionName": `"orders"`, "Runtime": `"python3.12"`, "Handler": `"app.run"`, "MemorySize": "256", "Timeout": "30", "Role": `"arn:aws:iam::111122223333:role/orders"`,
		"Architectures": `["arm64"]`, "PackageType": `"Zip"`, "Description": "null", "VpcConfig.SubnetIds": `["subnet-1"]`, "VpcConfig.SecurityGroupIds": `["sg-1"]`,
		"Layers": `["arn:aws:lambda:eu-west-1:111122223333:layer:base:3"]`, "KmsKeyArn": `"arn:aws:kms:eu-west-1:111122223333:key/k"`, "TracingConfig.Mode": `"Active"`,
		"EphemeralStorage.Size": "512", "DeadLetterConfig.TargetArn": `"arn:aws:sqs:eu-west-1:111122223333:dead"`, "CodeSha256": `"abc="`, "LoggingConfig.LogGroup": `"/aws/lambda/orders"`,
	})
	tagged(t, a, "owner", "payments")
	identified(t, a, inventory.Identifier{Kind: inventory.ResourceID, Value: "orders"})
	bare := o.Asset(t, "bare")
	tags(t, bare, inventory.Known, 0)
	attributes(t, bare, map[string]string{"Environment.Variables": "null", "VpcConfig.SubnetIds": "[]", "DeadLetterConfig.TargetArn": "null", "TracingConfig.Mode": "-"})
	if !a.Created.IsZero() {
		t.Errorf("created %s: the last change tells nothing of it", a.Created)
	}
}

func TestFunctionsThatHide(t *testing.T) {
	o := run(t, "AWS::Lambda::Function", functionAnswers())
	v, _ := o.Asset(t, "orders").Attributes.Get("Environment.Variables")
	if names := v.Decode().(map[string]any); len(names) != 2 || !inventory.IsSecretHash(names["TOKEN"].(string)) || strings.Contains(string(v), "hunter2") {
		t.Errorf("variables %s", v)
	}
	locked := o.Asset(t, "locked")
	attributes(t, locked, map[string]string{"Environment.Variables": ""})
	tags(t, locked, inventory.Unknown, 0)
}

func TestLayers(t *testing.T) {
	const arn = "arn:aws:lambda:eu-west-1:111122223333:layer:"
	o := run(t, "AWS::Lambda::LayerVersion", listertest.Answers{"ListLayers": listertest.Bodies(
		`{"Layers":[{"LayerName":"base","LayerArn":"`+arn+`base","LatestMatchingVersion":{"LayerVersionArn":"`+arn+`base:3","Version":3,"Description":"shared",
		"CreatedDate":"2026-01-01T01:00:00.000+0100","CompatibleRuntimes":["python3.12"],"CompatibleArchitectures":["arm64"],"LicenseInfo":"MIT"}}],"NextMarker":"more"}`,
		`{"Layers":[{"LayerName":"empty","LayerArn":"`+arn+`empty"}]}`,
	)})
	want(t, o, 1, 0)
	a := o.Asset(t, arn+"base:3")
	attributes(t, a, map[string]string{"LayerName": `"base"`, "CompatibleRuntimes": `["python3.12"]`, "CompatibleArchitectures": `["arm64"]`, "LicenseInfo": `"MIT"`})
	tags(t, a, inventory.NotApplicable, 0)
	if !a.Created.Equal(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("created %s", a.Created)
	}
}

func TestEventSourceMappings(t *testing.T) {
	const arn = "arn:aws:lambda:eu-west-1:111122223333:event-source-mapping:"
	o := run(t, "AWS::Lambda::EventSourceMapping", listertest.Answers{
		"ListEventSourceMappings": listertest.Bodies(
			`{"EventSourceMappings":[{"UUID":"u-1","EventSourceMappingArn":"`+arn+`u-1","BatchSize":10,"EventSourceArn":"arn:aws:sqs:eu-west-1:111122223333:jobs","FunctionArn":"`+functionARN+`orders:live",
			"State":"Enabled","LastModified":1767225600,"MaximumRetryAttempts":-1,"FunctionResponseTypes":["ReportBatchItemFailures"],"DestinationConfig":{"OnFailure":{"Destination":"arn:aws:sns:eu-west-1:111122223333:dead"}},
			"ScalingConfig":{"MaximumConcurrency":5}}],"NextMarker":"more"}`,
			`{"EventSourceMappings":[{"UUID":"u-2","FunctionArn":"`+functionARN+`orders","State":"Updating"}]}`,
		),
		"ListTags": listertest.For(map[string]string{"u-1": `{"Tags":{"owner":"payments"}}`}),
	})
	want(t, o, 2, 1)
	a := o.Asset(t, arn+"u-1")
	attributes(t, a, map[string]string{
		"FunctionName": `"` + functionARN + `orders:live"`, "EventSourceArn": `"arn:aws:sqs:eu-west-1:111122223333:jobs"`, "BatchSize": "10", "Enabled": "true", "MaximumRetryAttempts": "-1",
		"FunctionResponseTypes": `["ReportBatchItemFailures"]`, "DestinationConfig.OnFailure.Destination": `"arn:aws:sns:eu-west-1:111122223333:dead"`,
		"ScalingConfig.MaximumConcurrency": "5", "KmsKeyArn": "null",
	})
	tagged(t, a, "owner", "payments")
	related(t, a, inventory.Relation{Kind: inventory.PartOf, Key: functionARN + "orders"})
	other := o.Asset(t, arn+"u-2")
	tags(t, other, inventory.Unknown, 0)
	attributes(t, other, map[string]string{"Enabled": "", "BatchSize": "null"})
}
