package messaging

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

func kinesisListers() []lister.Lister {
	return []lister.Lister{{
		Type:       "AWS::Kinesis::Stream",
		ARNs:       []string{"kinesis:stream/*", "!kinesis:stream/*/*"},
		Operations: lister.API(kinesis.ServiceID, "kinesis").Ops("ListStreams", "DescribeStreamSummary", "ListTagsForStream"),
		List:       listStreams,
		ReadTags:   streamTags,
	}}
}

// listStreams lists pages that begin after the last stream of the page before.
func listStreams(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := kinesis.NewFromConfig(t.Config)
	d := lister.Description[types.StreamSummary, *types.StreamDescriptionSummary]{
		Ask: func(ctx context.Context, v types.StreamSummary) (*types.StreamDescriptionSummary, error) {
			out, err := c.DescribeStreamSummary(ctx, &kinesis.DescribeStreamSummaryInput{StreamName: v.StreamName})
			if err != nil {
				return nil, err
			}
			return out.StreamDescriptionSummary, nil
		},
		Asset: stream,
		Gone:  []string{"ResourceNotFoundException"},
	}
	return lister.Pages(ctx, func(after *string) (*string, error) {
		page, err := c.ListStreams(ctx, &kinesis.ListStreamsInput{ExclusiveStartStreamName: after, Limit: aws.Int32(100)})
		if err != nil {
			return nil, err
		}
		list := page.StreamSummaries
		if err := d.Put(ctx, out, list); err != nil || !aws.ToBool(page.HasMoreStreams) || len(list) == 0 {
			return nil, err
		}
		return list[len(list)-1].StreamName, nil
	})
}

// stream makes the asset of a stream; d is nil if it could not be read.
func stream(v types.StreamSummary, d *types.StreamDescriptionSummary) inventory.Asset {
	a := inventory.Asset{
		Key: aws.ToString(v.StreamARN), Name: aws.ToString(v.StreamName), Created: lister.Time(v.StreamCreationTimestamp),
		Identifiers: lister.ResourceID(v.StreamName),
	}
	if v.StreamStatus == types.StreamStatusDeleting {
		a.Lifecycle = inventory.LifecycleRetiring
	}
	var p lister.Attributes
	p.String("Name", v.StreamName)
	if v.StreamModeDetails != nil {
		p.Text("StreamModeDetails.StreamMode", string(v.StreamModeDetails.StreamMode))
	}
	if d != nil {
		p.Int("ShardCount", shards(v, d))
		p.Int("RetentionPeriodHours", d.RetentionPeriodHours)
		p.Text("StreamEncryption.EncryptionType", string(d.EncryptionType))
		p.String("StreamEncryption.KeyId", d.KeyId)
		p.Int("MaxRecordSizeInKiB", d.MaxRecordSizeInKiB)
	}
	a.Attributes = p.Known()
	return a
}

// shards is how many a stream was given; those of one on demand are not anybody's to declare.
func shards(v types.StreamSummary, d *types.StreamDescriptionSummary) *int32 {
	if v.StreamModeDetails != nil && v.StreamModeDetails.StreamMode == types.StreamModeOnDemand {
		return nil
	}
	return d.OpenShardCount
}

func streamTags(ctx context.Context, t *lister.Target, a *inventory.Asset) (inventory.Tags, error) {
	c := kinesis.NewFromConfig(t.Config)
	tag := func(t types.Tag) (*string, *string) { return t.Key, t.Value }
	return lister.AllTags(ctx, tag, func(after *string) ([]types.Tag, *string, error) {
		page, err := c.ListTagsForStream(ctx, &kinesis.ListTagsForStreamInput{
			StreamName: aws.String(lister.IdentifierOf(a, inventory.ResourceID)), ExclusiveStartTagKey: after, Limit: aws.Int32(50),
		})
		if err != nil {
			return nil, nil, err
		}
		if !aws.ToBool(page.HasMoreTags) || len(page.Tags) == 0 {
			return page.Tags, nil, nil
		}
		return page.Tags, page.Tags[len(page.Tags)-1].Key, nil
	})
}
