package messaging

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/firehose"
	"github.com/aws/aws-sdk-go-v2/service/firehose/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

func firehoseListers() []lister.Lister {
	return []lister.Lister{{
		Type:       "AWS::KinesisFirehose::DeliveryStream",
		ARNs:       []string{"firehose:deliverystream/*"},
		Operations: lister.API(firehose.ServiceID, "firehose").Ops("ListDeliveryStreams", "DescribeDeliveryStream", "ListTagsForDeliveryStream"),
		List:       listDeliveryStreams,
		ReadTags:   deliveryStreamTags,
	}}
}

// listDeliveryStreams lists names, whose pages begin after the last one of the page before.
func listDeliveryStreams(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := firehose.NewFromConfig(t.Config)
	d := lister.Description[string, *types.DeliveryStreamDescription]{
		Ask: func(ctx context.Context, name string) (*types.DeliveryStreamDescription, error) {
			out, err := c.DescribeDeliveryStream(ctx, &firehose.DescribeDeliveryStreamInput{DeliveryStreamName: aws.String(name)})
			if err != nil {
				return nil, err
			}
			return out.DeliveryStreamDescription, nil
		},
		Asset: func(name string, v *types.DeliveryStreamDescription) inventory.Asset {
			return deliveryStream(t, name, v)
		},
		Gone: []string{"ResourceNotFoundException"},
	}
	return lister.Pages(ctx, func(after *string) (*string, error) {
		page, err := c.ListDeliveryStreams(ctx, &firehose.ListDeliveryStreamsInput{
			ExclusiveStartDeliveryStreamName: after, Limit: aws.Int32(10000),
		})
		if err != nil {
			return nil, err
		}
		names := page.DeliveryStreamNames
		if err := d.Put(ctx, out, names); err != nil || !aws.ToBool(page.HasMoreDeliveryStreams) || len(names) == 0 {
			return nil, err
		}
		return &names[len(names)-1], nil
	})
}

// deliveryStream makes the asset of a delivery stream; v is nil if it could not be read.
func deliveryStream(t *lister.Target, name string, v *types.DeliveryStreamDescription) inventory.Asset {
	a := inventory.Asset{Key: t.ARN("firehose", "deliverystream/"+name), Name: name}
	a.Identifiers = lister.ResourceID(&name)
	var p lister.Attributes
	p.Text("DeliveryStreamName", name)
	if v != nil {
		a.Created = lister.Time(v.CreateTimestamp)
		if v.DeliveryStreamStatus == types.DeliveryStreamStatusDeleting {
			a.Lifecycle = inventory.LifecycleRetiring
		}
		p.Text("DeliveryStreamType", string(v.DeliveryStreamType))
		deliveryEncryption(&p, v.DeliveryStreamEncryptionConfiguration)
		deliverySource(&p, v.Source)
		deliveryBucket(&p, v.Destinations)
	}
	a.Attributes = p.Known()
	return a
}

// deliveryEncryption tells how records are encrypted that were put into the stream itself.
func deliveryEncryption(p *lister.Attributes, v *types.DeliveryStreamEncryptionConfiguration) {
	if v == nil || v.Status == types.DeliveryStreamEncryptionStatusDisabled {
		p.Value("DeliveryStreamEncryptionConfigurationInput.KeyType", inventory.Null)
		p.Value("DeliveryStreamEncryptionConfigurationInput.KeyARN", inventory.Null)
		return
	}
	p.Text("DeliveryStreamEncryptionConfigurationInput.KeyType", string(v.KeyType))
	p.String("DeliveryStreamEncryptionConfigurationInput.KeyARN", v.KeyARN)
}

func deliverySource(p *lister.Attributes, v *types.SourceDescription) {
	switch {
	case v == nil:
	case v.KinesisStreamSourceDescription != nil:
		p.String("KinesisStreamSourceConfiguration.KinesisStreamARN", v.KinesisStreamSourceDescription.KinesisStreamARN)
		p.String("KinesisStreamSourceConfiguration.RoleARN", v.KinesisStreamSourceDescription.RoleARN)
	case v.MSKSourceDescription != nil:
		p.String("MSKSourceConfiguration.MSKClusterARN", v.MSKSourceDescription.MSKClusterARN)
		p.String("MSKSourceConfiguration.TopicName", v.MSKSourceDescription.TopicName)
	}
}

// deliveryBucket tells of a destination that is a bucket and nothing else. The others have addresses and names of users.
func deliveryBucket(p *lister.Attributes, list []types.DestinationDescription) {
	if len(list) == 0 || list[0].ExtendedS3DestinationDescription == nil {
		return
	}
	const at = "ExtendedS3DestinationConfiguration."
	v := list[0].ExtendedS3DestinationDescription
	p.String(at+"BucketARN", v.BucketARN)
	p.String(at+"RoleARN", v.RoleARN)
	p.Text(at+"CompressionFormat", string(v.CompressionFormat))
	var key *string
	if v.EncryptionConfiguration != nil && v.EncryptionConfiguration.KMSEncryptionConfig != nil {
		key = v.EncryptionConfiguration.KMSEncryptionConfig.AWSKMSKeyARN
	}
	p.String(at+"EncryptionConfiguration.KMSEncryptionConfig.AWSKMSKeyARN", key)
}

func deliveryStreamTags(ctx context.Context, t *lister.Target, a *inventory.Asset) (inventory.Tags, error) {
	c := firehose.NewFromConfig(t.Config)
	tag := func(t types.Tag) (*string, *string) { return t.Key, t.Value }
	return lister.AllTags(ctx, tag, func(after *string) ([]types.Tag, *string, error) {
		page, err := c.ListTagsForDeliveryStream(ctx, &firehose.ListTagsForDeliveryStreamInput{
			DeliveryStreamName: aws.String(a.Name), ExclusiveStartTagKey: after, Limit: aws.Int32(50),
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
