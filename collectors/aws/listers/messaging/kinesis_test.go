package messaging

import (
	"testing"
	"time"

	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

const streamARN = "arn:aws:kinesis:eu-west-1:111122223333:stream/"

func streamSummary(name, mode, status string) string {
	return `{"StreamName":"` + name + `","StreamARN":"` + streamARN + name + `","StreamStatus":"` + status + `","StreamCreationTimestamp":1767225600,
		"StreamModeDetails":{"StreamMode":"` + mode + `"}}`
}

func streamAnswers() listertest.Answers {
	return listertest.Answers{
		"ListStreams": listertest.Bodies(
			`{"HasMoreStreams":true,"NextToken":"unused","StreamNames":["clicks"],"StreamSummaries":[`+streamSummary("clicks", "PROVISIONED", "ACTIVE")+`]}`,
			`{"HasMoreStreams":false,"StreamNames":["logs","ends"],"StreamSummaries":[`+
				streamSummary("logs", "ON_DEMAND", "ACTIVE")+`,`+streamSummary("ends", "ON_DEMAND", "DELETING")+`]}`,
		),
		"DescribeStreamSummary": listertest.For(map[string]string{
			"clicks": `{"StreamDescriptionSummary":{"StreamName":"clicks","OpenShardCount":4,"RetentionPeriodHours":48,"EncryptionType":"KMS","KeyId":"alias/aws/kinesis"}}`,
			"logs":   `{"StreamDescriptionSummary":{"StreamName":"logs","OpenShardCount":8,"RetentionPeriodHours":24,"EncryptionType":"NONE"}}`,
		}),
		"ListTagsForStream": func(n int, request string) listertest.Response {
			return listertest.For(map[string]string{
				"clicks":                     `{"HasMoreTags":true,"Tags":[{"Key":"a","Value":"1"}]}`,
				`"ExclusiveStartTagKey":"a"`: `{"HasMoreTags":false,"Tags":[{"Key":"b","Value":"2"}]}`,
				`logs`:                       `{"HasMoreTags":false,"Tags":[]}`,
			})(n, request)
		},
	}
}

func TestStreams(t *testing.T) {
	o := listertest.Run(t, listertest.Find(t, Listers(), "AWS::Kinesis::Stream"), streamAnswers())
	if o.Err != nil || len(o.Assets) != 3 || len(o.Unread) != 2 {
		t.Fatalf("error %v, %d assets, unread %v", o.Err, len(o.Assets), o.Unread)
	}
	clicks := o.Asset(t, streamARN+"clicks")
	listertest.Texts(t, clicks, map[string]string{
		"Name": "clicks", "ShardCount": "4", "RetentionPeriodHours": "48", "StreamModeDetails.StreamMode": "PROVISIONED",
		"StreamEncryption.EncryptionType": "KMS", "StreamEncryption.KeyId": "alias/aws/kinesis",
	})
	listertest.Tag(t, clicks, "a", "1")
	listertest.Tag(t, clicks, "b", "2")
	if want := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC); !clicks.Created.Equal(want) {
		t.Errorf("created %s", clicks.Created)
	}
	logs := o.Asset(t, "logs")
	listertest.Texts(t, logs, map[string]string{"ShardCount": "null", "StreamEncryption.EncryptionType": "NONE", "StreamEncryption.KeyId": "null"})
	listertest.Untagged(t, logs)
	ends := o.Asset(t, "ends")
	listertest.Texts(t, ends, map[string]string{"StreamModeDetails.StreamMode": "ON_DEMAND", "StreamEncryption.EncryptionType": "-"})
	if ends.Lifecycle != inventory.LifecycleRetiring || ends.Tags.State() != inventory.Unknown {
		t.Errorf("life cycle %q, tags %s", ends.Lifecycle, ends.Tags.State())
	}
}

func TestDeletedStream(t *testing.T) {
	answers := streamAnswers()
	answers["DescribeStreamSummary"] = listertest.Refuse("ResourceNotFoundException")
	o := listertest.Run(t, listertest.Find(t, Listers(), "AWS::Kinesis::Stream"), answers)
	if o.Err != nil || len(o.Assets) != 0 || len(o.Unread) != 0 {
		t.Fatalf("error %v, assets %v, unread %v", o.Err, o.Assets, o.Unread)
	}
}

const deliveryARN = "arn:aws:firehose:eu-west-1:111122223333:deliverystream/"

func deliveryAnswers() listertest.Answers {
	return listertest.Answers{
		"ListDeliveryStreams": listertest.For(map[string]string{
			"": `{"DeliveryStreamNames":["archive"],"HasMoreDeliveryStreams":true}`,
			`"ExclusiveStartDeliveryStreamName":"archive"`: `{"DeliveryStreamNames":["partner","refused"],"HasMoreDeliveryStreams":false}`,
		}),
		"DescribeDeliveryStream": listertest.For(map[string]string{
			"archive": `{"DeliveryStreamDescription":{"DeliveryStreamName":"archive","DeliveryStreamStatus":"ACTIVE","DeliveryStreamType":"KinesisStreamAsSource",
				"CreateTimestamp":1767225600,"DeliveryStreamEncryptionConfiguration":{"Status":"DISABLED"},
				"Source":{"KinesisStreamSourceDescription":{"KinesisStreamARN":"` + streamARN + `clicks","RoleARN":"arn:aws:iam::111122223333:role/delivery"}},
				"Destinations":[{"DestinationId":"d-1","ExtendedS3DestinationDescription":{"BucketARN":"arn:aws:s3:::archive","RoleARN":"arn:aws:iam::111122223333:role/delivery",
				"CompressionFormat":"GZIP","EncryptionConfiguration":{"KMSEncryptionConfig":{"AWSKMSKeyARN":"arn:aws:kms:eu-west-1:111122223333:key/k"}}}}]}}`,
			"partner": `{"DeliveryStreamDescription":{"DeliveryStreamName":"partner","DeliveryStreamStatus":"DELETING","DeliveryStreamType":"DirectPut",
				"DeliveryStreamEncryptionConfiguration":{"Status":"ENABLED","KeyType":"CUSTOMER_MANAGED_CMK","KeyARN":"arn:aws:kms:eu-west-1:111122223333:key/k"},
				"Destinations":[{"DestinationId":"d-1","HttpEndpointDestinationDescription":{"EndpointConfiguration":{"Url":"https://example.com/token"}}}]}}`,
		}),
		"ListTagsForDeliveryStream": listertest.For(map[string]string{
			"archive":                    `{"HasMoreTags":true,"Tags":[{"Key":"a","Value":"1"}]}`,
			`"ExclusiveStartTagKey":"a"`: `{"HasMoreTags":false,"Tags":[{"Key":"b"}]}`,
			"partner":                    `{"HasMoreTags":false,"Tags":[]}`,
		}),
	}
}

func TestDeliveryStreams(t *testing.T) {
	o := listertest.Run(t, listertest.Find(t, Listers(), "AWS::KinesisFirehose::DeliveryStream"), deliveryAnswers())
	if o.Err != nil || len(o.Assets) != 3 || len(o.Unread) != 2 {
		t.Fatalf("error %v, %d assets, unread %v", o.Err, len(o.Assets), o.Unread)
	}
	archive := o.Asset(t, deliveryARN+"archive")
	const bucket = "ExtendedS3DestinationConfiguration."
	listertest.Texts(t, archive, map[string]string{
		"DeliveryStreamName": "archive", "DeliveryStreamType": "KinesisStreamAsSource",
		"DeliveryStreamEncryptionConfigurationInput.KeyType": "null", "KinesisStreamSourceConfiguration.KinesisStreamARN": streamARN + "clicks",
		bucket + "BucketARN": "arn:aws:s3:::archive", bucket + "CompressionFormat": "GZIP",
		bucket + "EncryptionConfiguration.KMSEncryptionConfig.AWSKMSKeyARN": "arn:aws:kms:eu-west-1:111122223333:key/k",
	})
	listertest.Tag(t, archive, "a", "1")
	listertest.Tag(t, archive, "b", "")
	partner := o.Asset(t, "partner")
	listertest.Texts(t, partner, map[string]string{"DeliveryStreamEncryptionConfigurationInput.KeyType": "CUSTOMER_MANAGED_CMK", bucket + "BucketARN": "-"})
	listertest.Untagged(t, partner)
	if partner.Lifecycle != inventory.LifecycleRetiring {
		t.Errorf("life cycle %q", partner.Lifecycle)
	}
	refused := o.Asset(t, deliveryARN+"refused")
	listertest.Texts(t, refused, map[string]string{"DeliveryStreamName": "refused", "DeliveryStreamType": "-"})
	if refused.Tags.State() != inventory.Unknown {
		t.Errorf("tags are %s", refused.Tags.State())
	}
}

func TestDeletedDeliveryStream(t *testing.T) {
	answers := deliveryAnswers()
	answers["DescribeDeliveryStream"] = listertest.Refuse("ResourceNotFoundException")
	o := listertest.Run(t, listertest.Find(t, Listers(), "AWS::KinesisFirehose::DeliveryStream"), answers)
	if o.Err != nil || len(o.Assets) != 0 || len(o.Unread) != 0 {
		t.Fatalf("error %v, assets %v, unread %v", o.Err, o.Assets, o.Unread)
	}
}
