package management

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

func cloudtrailListers() []lister.Lister {
	return []lister.Lister{{
		Type:       "AWS::CloudTrail::Trail",
		ARNs:       []string{"cloudtrail:trail/*"},
		Operations: lister.API(cloudtrail.ServiceID, "cloudtrail").Ops("DescribeTrails", "GetTrailStatus", "ListTags"),
		List:       listTrails,
		BatchTags:  trailTags,
		Batch:      20,
	}}
}

// listTrails lists the trails at home in the region. The service gives them on one page, there being few.
func listTrails(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := cloudtrail.NewFromConfig(t.Config)
	page, err := c.DescribeTrails(ctx, &cloudtrail.DescribeTrailsInput{IncludeShadowTrails: aws.Bool(false)})
	if err != nil {
		return err
	}
	d := lister.Description[types.Trail, *cloudtrail.GetTrailStatusOutput]{
		Ask: func(ctx context.Context, trail types.Trail) (*cloudtrail.GetTrailStatusOutput, error) {
			return c.GetTrailStatus(ctx, &cloudtrail.GetTrailStatusInput{Name: trail.TrailARN})
		},
		Asset: trailAsset,
		Gone:  []string{"TrailNotFoundException"},
	}
	return d.Put(ctx, out, slices.DeleteFunc(page.TrailList, func(trail types.Trail) bool { return !atHome(t, &trail) }))
}

// atHome tells the account's own trails of the region from those of other regions and from those that the organisation lends to its members.
func atHome(t *lister.Target, trail *types.Trail) bool {
	home := lister.Str(trail.HomeRegion)
	own := strings.Contains(lister.Str(trail.TrailARN), ":"+t.Account+":")
	return own && (home == "" || home == t.Region)
}

// trailAsset makes the asset of a trail; status is nil if it could not be read.
func trailAsset(trail types.Trail, status *cloudtrail.GetTrailStatusOutput) inventory.Asset {
	var p lister.Attributes
	p.String("TrailName", trail.Name)
	p.String("S3BucketName", trail.S3BucketName)
	p.String("S3KeyPrefix", trail.S3KeyPrefix)
	p.Bool("IsMultiRegionTrail", trail.IsMultiRegionTrail)
	p.Bool("IsOrganizationTrail", trail.IsOrganizationTrail)
	p.Bool("IncludeGlobalServiceEvents", trail.IncludeGlobalServiceEvents)
	p.Bool("EnableLogFileValidation", trail.LogFileValidationEnabled)
	p.String("KMSKeyId", trail.KmsKeyId)
	p.String("CloudWatchLogsLogGroupArn", trail.CloudWatchLogsLogGroupArn)
	p.String("CloudWatchLogsRoleArn", trail.CloudWatchLogsRoleArn)
	p.String("SnsTopicArn", trail.SnsTopicARN)
	p.Bool("HasCustomEventSelectors", trail.HasCustomEventSelectors)
	p.Bool("HasInsightSelectors", trail.HasInsightSelectors)
	if status == nil {
		p.Unread("IsLogging")
	} else {
		p.Bool("IsLogging", status.IsLogging)
	}
	return inventory.Asset{
		Key: lister.Str(trail.TrailARN), Name: lister.Str(trail.Name), Attributes: p.Known(),
		Identifiers: lister.ResourceID(trail.Name),
	}
}

func trailTags(ctx context.Context, t *lister.Target, assets []*inventory.Asset) (map[string]inventory.Tags, error) {
	c := cloudtrail.NewFromConfig(t.Config)
	arns := make([]string, len(assets))
	for i, a := range assets {
		arns[i] = a.Key
	}
	list := map[string][]types.Tag{}
	err := lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.ListTags(ctx, &cloudtrail.ListTagsInput{ResourceIdList: arns, NextToken: token})
		if err != nil {
			return nil, err
		}
		for _, r := range page.ResourceTagList {
			arn := lister.Str(r.ResourceId)
			list[arn] = append(list[arn], r.TagsList...)
		}
		return page.NextToken, nil
	})
	if err != nil {
		return nil, err
	}
	tags := make(map[string]inventory.Tags, len(list))
	for arn, l := range list {
		tags[arn] = lister.TagsOf(l, func(t types.Tag) (*string, *string) { return t.Key, t.Value })
	}
	return tags, nil
}
