package network

import (
	"testing"
	"time"

	"github.com/muster-audit/muster/collectors/aws/listertest"
)

func TestFlowLogs(t *testing.T) {
	o := run(t, "AWS::EC2::FlowLog", listertest.Answers{"DescribeFlowLogs": listertest.Bodies(
		ec2Answer("DescribeFlowLogs", "more", `<flowLogSet><item><flowLogId>fl-1</flowLogId><creationTime>2026-01-01T00:00:00.000Z</creationTime><resourceId>vpc-1</resourceId>
			<trafficType>ALL</trafficType><logDestinationType>s3</logDestinationType><logDestination>arn:aws:s3:::flow-logs</logDestination>
			<maxAggregationInterval>600</maxAggregationInterval><logFormat>${version}</logFormat>
			<destinationOptions><fileFormat>parquet</fileFormat><hiveCompatiblePartitions>false</hiveCompatiblePartitions><perHourPartition>true</perHourPartition></destinationOptions>
			`+ec2Tags("tagSet", "owner", "security")+`</item></flowLogSet>`),
		ec2Answer("DescribeFlowLogs", "", `<flowLogSet><item><flowLogId>fl-2</flowLogId><resourceId>tgw-attach-1</resourceId><logGroupName>flow</logGroupName></item></flowLogSet>`),
	)})
	wholly(t, o, ec2Prefix+"vpc-flow-log/fl-1", ec2Prefix+"vpc-flow-log/fl-2")
	a := o.Asset(t, "fl-1")
	attributes(t, a, map[string]string{
		"ResourceId": `"vpc-1"`, "ResourceType": `"VPC"`, "TrafficType": `"ALL"`, "LogDestinationType": `"s3"`, "LogDestination": `"arn:aws:s3:::flow-logs"`,
		"LogGroupName": "null", "MaxAggregationInterval": "600", "LogFormat": `"${version}"`,
		"DestinationOptions": `{"FileFormat":"parquet","HiveCompatiblePartitions":false,"PerHourPartition":true}`,
	})
	if want := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC); !a.Created.Equal(want) {
		t.Errorf("created %s", a.Created)
	}
	tagged(t, a, "owner", "security")
	attributes(t, o.Assets[1], map[string]string{"ResourceType": `"TransitGatewayAttachment"`, "LogGroupName": `"flow"`})
	untagged(t, o.Assets[1])
}

func TestLoggedType(t *testing.T) {
	for id, want := range map[string]string{
		"eni-1": "NetworkInterface", "subnet-1": "Subnet", "tgw-1": "TransitGateway", "nat-1": "RegionalNatGateway", "other-1": "", "": "",
	} {
		if got := loggedType(id); got != want {
			t.Errorf("%s: %q, want %q", id, got, want)
		}
	}
}
