package management

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

func logsListers() []lister.Lister {
	return []lister.Lister{{
		Type:       "AWS::Logs::LogGroup",
		ARNs:       []string{"logs:log-group:*"},
		Operations: lister.API(cloudwatchlogs.ServiceID, "logs").Ops("DescribeLogGroups", "ListTagsForResource"),
		List:       listLogGroups,
		ReadTags:   logGroupTags,
	}}
}

func listLogGroups(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := cloudwatchlogs.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{NextToken: token, Limit: aws.Int32(50)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, lister.Put(out, page.LogGroups, func(g *types.LogGroup) inventory.Asset { return logGroup(t, g) })
	})
}

func logGroup(t *lister.Target, g *types.LogGroup) inventory.Asset {
	name := lister.Str(g.LogGroupName)
	a := inventory.Asset{
		Key: logGroupKey(t, g), Name: name,
		Identifiers: lister.ResourceID(g.LogGroupName),
	}
	if g.CreationTime != nil {
		a.Created = time.UnixMilli(*g.CreationTime).UTC()
	}
	// A function writes to the group of its name unless it is told another one.
	if function, ok := strings.CutPrefix(name, "/aws/lambda/"); ok {
		a.Relations = []inventory.Relation{lister.To(inventory.AttachedTo, t.ARN("lambda", "function:"+function))}
	}
	var p lister.Attributes
	p.Text("LogGroupName", name)
	p.Int("RetentionInDays", g.RetentionInDays)
	p.String("KmsKeyId", g.KmsKeyId)
	p.Text("LogGroupClass", string(g.LogGroupClass))
	p.Bool("DeletionProtectionEnabled", g.DeletionProtectionEnabled)
	p.Bool("BearerTokenAuthenticationEnabled", g.BearerTokenAuthenticationEnabled)
	p.Text("DataProtectionStatus", string(g.DataProtectionStatus))
	a.Attributes = p.Known()
	return a
}

// logGroupKey is the ARN as it is used for tags. The other one that the API gives ends in ":*" and means the streams in the group.
func logGroupKey(t *lister.Target, g *types.LogGroup) string {
	if arn := lister.Str(g.LogGroupArn); arn != "" {
		return arn
	}
	if arn := strings.TrimSuffix(lister.Str(g.Arn), ":*"); arn != "" {
		return arn
	}
	return t.ARN("logs", "log-group:"+lister.Str(g.LogGroupName))
}

func logGroupTags(ctx context.Context, t *lister.Target, a *inventory.Asset) (inventory.Tags, error) {
	out, err := cloudwatchlogs.NewFromConfig(t.Config).ListTagsForResource(ctx, &cloudwatchlogs.ListTagsForResourceInput{ResourceArn: aws.String(a.Key)})
	if err != nil {
		return inventory.Tags{}, err
	}
	return inventory.TagsFromMap(out.Tags), nil
}
