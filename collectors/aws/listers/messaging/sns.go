package messaging

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

func snsListers() []lister.Lister {
	api := lister.API(sns.ServiceID, "sns")
	return []lister.Lister{
		{
			Type:       "AWS::SNS::Topic",
			ARNs:       []string{"sns:*", "!sns:*:*", "!sns:app/*"},
			Operations: api.Ops("ListTopics", "GetTopicAttributes", "ListTagsForResource"),
			List:       listTopics,
			ReadTags:   topicTags,
		},
		{
			Type:       "AWS::SNS::Subscription",
			Newest:     true, // one that nobody confirmed yet has no name
			ARNs:       []string{"sns:*:*"},
			Operations: api.Ops("ListSubscriptions"),
			List:       listSubscriptions,
		},
	}
}

func listTopics(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := sns.NewFromConfig(t.Config)
	d := lister.Description[types.Topic, map[string]string]{
		Ask: func(ctx context.Context, v types.Topic) (map[string]string, error) {
			out, err := c.GetTopicAttributes(ctx, &sns.GetTopicAttributesInput{TopicArn: v.TopicArn})
			if err != nil {
				return nil, err
			}
			return out.Attributes, nil
		},
		Asset: func(v types.Topic, attrs map[string]string) inventory.Asset {
			return topic(aws.ToString(v.TopicArn), attrs)
		},
		Gone: []string{"NotFound", "NotFoundException"},
	}
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.ListTopics(ctx, &sns.ListTopicsInput{NextToken: token})
		if err != nil {
			return nil, err
		}
		return page.NextToken, d.Put(ctx, out, page.Topics)
	})
}

// topic makes the asset of a topic; attrs are nil if they could not be read.
func topic(arn string, attrs map[string]string) inventory.Asset {
	name := arn[strings.LastIndexByte(arn, ':')+1:]
	a := inventory.Asset{Key: arn, Name: name}
	if attrs == nil {
		return a
	}
	var p lister.Attributes
	p.Text("TopicName", name)
	for _, n := range []string{"DisplayName", "KmsMasterKeyId", "TracingConfig", "FifoThroughputScope", "SignatureVersion"} {
		p.Text(n, attrs[n])
	}
	for _, n := range []string{"FifoTopic", "ContentBasedDeduplication"} {
		p.Truth(n, attrs[n])
	}
	for _, n := range []string{"ArchivePolicy", "Policy", "DeliveryPolicy"} {
		p.JSON(n, attrs[n])
	}
	a.Attributes = p.Known()
	return a
}

func topicTags(ctx context.Context, t *lister.Target, a *inventory.Asset) (inventory.Tags, error) {
	out, err := sns.NewFromConfig(t.Config).ListTagsForResource(ctx, &sns.ListTagsForResourceInput{ResourceArn: aws.String(a.Key)})
	if err != nil {
		return inventory.Tags{}, err
	}
	return lister.TagsOf(out.Tags, func(t types.Tag) (*string, *string) { return t.Key, t.Value }), nil
}

// listSubscriptions lists the subscriptions that the account owns. One that nobody confirmed has no ARN yet, and is none so far.
func listSubscriptions(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := sns.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.ListSubscriptions(ctx, &sns.ListSubscriptionsInput{NextToken: token})
		if err != nil {
			return nil, err
		}
		return page.NextToken, lister.Put(out, page.Subscriptions, func(v *types.Subscription) inventory.Asset { return subscription(t, v) })
	})
}

func subscription(t *lister.Target, v *types.Subscription) inventory.Asset {
	arn := aws.ToString(v.SubscriptionArn)
	if !strings.HasPrefix(arn, "arn:") || v.Owner != nil && *v.Owner != t.Account {
		return inventory.Asset{}
	}
	var p lister.Attributes
	p.String("TopicArn", v.TopicArn)
	p.String("Protocol", v.Protocol)
	p.Text("Endpoint", endpoint(t, aws.ToString(v.Endpoint)))
	return inventory.Asset{
		Account: t.Account, // the ARN bears that of the topic
		Key:     arn, Name: arn[strings.LastIndexByte(arn, ':')+1:], Tags: inventory.NotTaggable(), Attributes: p.Known(),
		Relations: []inventory.Relation{lister.To(inventory.PartOf, aws.ToString(v.TopicArn))},
	}
}

// endpoint keeps the name of a queue or function. The address of a person is hashed, and so is a URL, which may bear a token.
func endpoint(t *lister.Target, to string) string {
	if strings.HasPrefix(to, "arn:") {
		return to
	}
	return t.Secret.Hash(to)
}
