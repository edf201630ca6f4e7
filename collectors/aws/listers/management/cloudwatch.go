package management

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

func cloudwatchListers() []lister.Lister {
	api := lister.API(cloudwatch.ServiceID, "cloudwatch")
	return []lister.Lister{{
		Type:       "AWS::CloudWatch::Alarm",
		Also:       []inventory.Type{"AWS::CloudWatch::CompositeAlarm"},
		ARNs:       []string{"cloudwatch:alarm:*"},
		Operations: api.Ops("DescribeAlarms", "ListTagsForResource"),
		List:       listAlarms,
		ReadTags:   cloudwatchTags,
	}, {
		Type:       "AWS::CloudWatch::Dashboard",
		Place:      lister.Global, // every region lists the same ones
		ARNs:       []string{"cloudwatch:dashboard/*"},
		Operations: api.Ops("ListDashboards", "ListTagsForResource"),
		List:       listDashboards,
		ReadTags:   cloudwatchTags,
	}}
}

// listAlarms asks for both kinds by name: unasked, the service leaves out composite alarms.
func listAlarms(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := cloudwatch.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{
			NextToken: token, MaxRecords: aws.Int32(100),
			AlarmTypes: []types.AlarmType{types.AlarmTypeMetricAlarm, types.AlarmTypeCompositeAlarm},
		})
		if err != nil {
			return nil, err
		}
		if err := lister.Put(out, page.MetricAlarms, metricAlarm); err != nil {
			return nil, err
		}
		return page.NextToken, lister.Put(out, page.CompositeAlarms, compositeAlarm)
	})
}

// alarm is what both kinds of alarm have in common.
func alarm(arn, name *string) inventory.Asset {
	return inventory.Asset{
		Key: lister.Str(arn), Name: lister.Str(name),
		Identifiers: lister.ResourceID(name),
	}
}

func metricAlarm(m *types.MetricAlarm) inventory.Asset {
	var p lister.Attributes
	p.String("AlarmName", m.AlarmName)
	p.String("AlarmDescription", m.AlarmDescription)
	p.Bool("ActionsEnabled", m.ActionsEnabled)
	p.Strings("AlarmActions", m.AlarmActions)
	p.Strings("OKActions", m.OKActions)
	p.Strings("InsufficientDataActions", m.InsufficientDataActions)
	p.String("Namespace", m.Namespace)
	p.String("MetricName", m.MetricName)
	p.Object("Dimensions", dimensions(m.Dimensions))
	p.Text("Statistic", string(m.Statistic))
	p.String("ExtendedStatistic", m.ExtendedStatistic)
	p.Text("Unit", string(m.Unit))
	p.Int("Period", m.Period)
	p.Int("EvaluationPeriods", m.EvaluationPeriods)
	p.Int("DatapointsToAlarm", m.DatapointsToAlarm)
	p.Text("ComparisonOperator", string(m.ComparisonOperator))
	p.Float("Threshold", m.Threshold)
	p.String("ThresholdMetricId", m.ThresholdMetricId)
	p.String("TreatMissingData", m.TreatMissingData)
	a := alarm(m.AlarmArn, m.AlarmName)
	a.Attributes = p.Known()
	return a
}

func dimensions(list []types.Dimension) []any {
	out := make([]any, 0, len(list))
	for _, d := range list {
		out = append(out, map[string]any{"Name": lister.Str(d.Name), "Value": lister.Str(d.Value)})
	}
	return out
}

func compositeAlarm(m *types.CompositeAlarm) inventory.Asset {
	var p lister.Attributes
	p.String("AlarmName", m.AlarmName)
	p.String("AlarmDescription", m.AlarmDescription)
	p.String("AlarmRule", m.AlarmRule)
	p.Bool("ActionsEnabled", m.ActionsEnabled)
	p.Strings("AlarmActions", m.AlarmActions)
	p.Strings("OKActions", m.OKActions)
	p.Strings("InsufficientDataActions", m.InsufficientDataActions)
	p.String("ActionsSuppressor", m.ActionsSuppressor)
	p.Int("ActionsSuppressorWaitPeriod", m.ActionsSuppressorWaitPeriod)
	p.Int("ActionsSuppressorExtensionPeriod", m.ActionsSuppressorExtensionPeriod)
	a := alarm(m.AlarmArn, m.AlarmName)
	a.Type, a.Attributes = "AWS::CloudWatch::CompositeAlarm", p.Known()
	return a
}

func listDashboards(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := cloudwatch.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.ListDashboards(ctx, &cloudwatch.ListDashboardsInput{NextToken: token})
		if err != nil {
			return nil, err
		}
		return page.NextToken, lister.Put(out, page.DashboardEntries, func(d *types.DashboardEntry) inventory.Asset { return dashboard(t, d) })
	})
}

func dashboard(t *lister.Target, d *types.DashboardEntry) inventory.Asset {
	name := lister.Str(d.DashboardName)
	key := lister.Str(d.DashboardArn)
	if key == "" {
		key = t.ARNOf("cloudwatch", "", t.Account, "dashboard/"+name)
	}
	var p lister.Attributes
	p.Text("DashboardName", name)
	return inventory.Asset{
		Key: key, Name: name, Attributes: p.Known(),
		Identifiers: lister.ResourceID(d.DashboardName),
	}
}

func cloudwatchTags(ctx context.Context, t *lister.Target, a *inventory.Asset) (inventory.Tags, error) {
	out, err := cloudwatch.NewFromConfig(t.Config).ListTagsForResource(ctx, &cloudwatch.ListTagsForResourceInput{ResourceARN: aws.String(a.Key)})
	if err != nil {
		return inventory.Tags{}, err
	}
	return lister.TagsOf(out.Tags, func(t types.Tag) (*string, *string) { return t.Key, t.Value }), nil
}
