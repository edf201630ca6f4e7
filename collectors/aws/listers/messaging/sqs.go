package messaging

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

func sqsListers() []lister.Lister {
	return []lister.Lister{{
		Type:       "AWS::SQS::Queue",
		ARNs:       []string{"sqs:*"},
		Operations: lister.API(sqs.ServiceID, "sqs").Ops("ListQueues", "GetQueueAttributes", "ListQueueTags"),
		List:       listQueues,
		ReadTags:   queueTags,
	}}
}

// listQueues lists queues by their URLs. Their attributes take a call each: nothing else tells what a queue is like.
func listQueues(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := sqs.NewFromConfig(t.Config)
	d := lister.Description[string, map[string]string]{
		Ask:   func(ctx context.Context, url string) (map[string]string, error) { return queueAttributes(ctx, c, url) },
		Asset: func(url string, attrs map[string]string) inventory.Asset { return queue(t, url, attrs) },
		Gone:  []string{"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"},
	}
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.ListQueues(ctx, &sqs.ListQueuesInput{NextToken: token, MaxResults: aws.Int32(1000)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, d.Put(ctx, out, page.QueueUrls)
	})
}

func queueAttributes(ctx context.Context, c *sqs.Client, url string) (map[string]string, error) {
	out, err := c.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
		QueueUrl: aws.String(url), AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameAll},
	})
	if err != nil {
		return nil, err
	}
	return out.Attributes, nil
}

// queue makes the asset of a queue; attrs are nil if they could not be read.
func queue(t *lister.Target, url string, attrs map[string]string) inventory.Asset {
	name := url[strings.LastIndexByte(url, '/')+1:]
	a := inventory.Asset{Key: t.ARN("sqs", name), Name: name, Identifiers: lister.ResourceID(&url)}
	if attrs == nil {
		return a
	}
	if arn := attrs["QueueArn"]; arn != "" {
		a.Key = arn
	}
	if seconds, err := strconv.ParseInt(attrs["CreatedTimestamp"], 10, 64); err == nil {
		a.Created = time.Unix(seconds, 0).UTC()
	}
	var p lister.Attributes
	p.Text("QueueName", name)
	for _, n := range []string{
		"DelaySeconds", "MaximumMessageSize", "MessageRetentionPeriod", "ReceiveMessageWaitTimeSeconds", "VisibilityTimeout",
		"KmsDataKeyReusePeriodSeconds",
	} {
		p.Number(n, attrs[n])
	}
	for _, n := range []string{"FifoQueue", "ContentBasedDeduplication", "SqsManagedSseEnabled"} {
		p.Truth(n, attrs[n])
	}
	for _, n := range []string{"KmsMasterKeyId", "DeduplicationScope", "FifoThroughputLimit"} {
		p.Text(n, attrs[n])
	}
	for _, n := range []string{"RedrivePolicy", "RedriveAllowPolicy", "Policy"} {
		p.JSON(n, attrs[n])
	}
	a.Attributes = p.Known()
	return a
}

func queueTags(ctx context.Context, t *lister.Target, a *inventory.Asset) (inventory.Tags, error) {
	out, err := sqs.NewFromConfig(t.Config).ListQueueTags(ctx, &sqs.ListQueueTagsInput{QueueUrl: aws.String(lister.IdentifierOf(a, inventory.ResourceID))})
	if err != nil {
		return inventory.Tags{}, err
	}
	return inventory.TagsFromMap(out.Tags), nil
}
