package network

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

func flowLogListers() []lister.Lister {
	return []lister.Lister{ec2Lister("AWS::EC2::FlowLog", "vpc-flow-log", listFlowLogs, "DescribeFlowLogs")}
}

func listFlowLogs(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := ec2.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeFlowLogs(ctx, &ec2.DescribeFlowLogsInput{NextToken: token, MaxResults: aws.Int32(1000)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, lister.Put(out, page.FlowLogs, func(f *types.FlowLog) inventory.Asset { return flowLog(t, f) })
	})
}

func flowLog(t *lister.Target, f *types.FlowLog) inventory.Asset {
	a := ec2Asset(t, "vpc-flow-log", f.FlowLogId, nil, f.Tags)
	a.Created = lister.Time(f.CreationTime)
	var p lister.Attributes
	p.String("ResourceId", f.ResourceId)
	p.Text("ResourceType", loggedType(lister.Str(f.ResourceId)))
	p.Text("TrafficType", string(f.TrafficType))
	p.Text("LogDestinationType", string(f.LogDestinationType))
	p.String("LogDestination", f.LogDestination)
	p.String("LogGroupName", f.LogGroupName)
	p.String("DeliverLogsPermissionArn", f.DeliverLogsPermissionArn)
	p.String("DeliverCrossAccountRole", f.DeliverCrossAccountRole)
	p.Int("MaxAggregationInterval", f.MaxAggregationInterval)
	p.String("LogFormat", f.LogFormat)
	if d := f.DestinationOptions; d != nil {
		p.Object("DestinationOptions", known(map[string]any{
			"FileFormat": word(d.FileFormat), "HiveCompatiblePartitions": truth(d.HiveCompatiblePartitions), "PerHourPartition": truth(d.PerHourPartition),
		}))
	}
	a.Attributes = p.Known()
	return a
}

// loggedType tells by its id what is logged, which the API does not say; empty if nobody knows.
func loggedType(id string) string {
	for _, k := range [][2]string{
		{"vpc-", "VPC"},
		{"subnet-", "Subnet"},
		{"eni-", "NetworkInterface"},
		{"tgw-attach-", "TransitGatewayAttachment"},
		{"tgw-", "TransitGateway"},
		{"nat-", "RegionalNatGateway"},
	} {
		if strings.HasPrefix(id, k[0]) {
			return k[1]
		}
	}
	return ""
}
