package messaging

import (
	"testing"

	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

const (
	ordersTopic = "arn:aws:sns:eu-west-1:111122223333:orders.fifo"
	alertsTopic = "arn:aws:sns:eu-west-1:111122223333:alerts"
	goneTopic   = "arn:aws:sns:eu-west-1:111122223333:gone"
)

func topicsPage(next string, arns ...string) string {
	members := ""
	for _, arn := range arns {
		members += "<member><TopicArn>" + arn + "</TopicArn></member>"
	}
	return `<ListTopicsResponse><ListTopicsResult><Topics>` + members + `</Topics>` + next + `</ListTopicsResult></ListTopicsResponse>`
}

func entry(key, value string) string {
	return "<entry><key>" + key + "</key><value>" + value + "</value></entry>"
}

func topicAnswers() listertest.Answers {
	return listertest.Answers{
		"ListTopics": listertest.Bodies(topicsPage("<NextToken>more</NextToken>", ordersTopic, goneTopic), topicsPage("", alertsTopic)),
		"GetTopicAttributes": func(n int, request string) listertest.Response {
			r := listertest.For(map[string]string{"orders": `<GetTopicAttributesResponse><GetTopicAttributesResult><Attributes>` +
				entry("TopicArn", ordersTopic) + entry("DisplayName", "Orders") + entry("FifoTopic", "true") + entry("ContentBasedDeduplication", "false") +
				entry("KmsMasterKeyId", "alias/aws/sns") + entry("SignatureVersion", "2") +
				entry("Policy", `{"Version":"2012-10-17","Statement":[]}`) + entry("SubscriptionsConfirmed", "3") +
				`</Attributes></GetTopicAttributesResult></GetTopicAttributesResponse>`})(n, request)
			if r.Code != "" {
				r.Code = "AuthorizationError"
			}
			if listertest.For(map[string]string{"gone": ""})(0, request).Code == "" {
				r.Code = "NotFound"
			}
			return r
		},
		"ListTagsForResource": listertest.For(map[string]string{
			"orders": `<ListTagsForResourceResponse><ListTagsForResourceResult><Tags><member><Key>owner</Key><Value>shop</Value></member></Tags></ListTagsForResourceResult></ListTagsForResourceResponse>`,
			"alerts": `<ListTagsForResourceResponse><ListTagsForResourceResult><Tags/></ListTagsForResourceResult></ListTagsForResourceResponse>`,
		}),
	}
}

func TestTopics(t *testing.T) {
	o := listertest.Run(t, listertest.Find(t, Listers(), "AWS::SNS::Topic"), topicAnswers())
	if o.Err != nil || len(o.Assets) != 2 || len(o.Unread) != 1 {
		t.Fatalf("error %v, %d assets, unread %v", o.Err, len(o.Assets), o.Unread)
	}
	orders := o.Asset(t, ordersTopic)
	listertest.Texts(t, orders, map[string]string{
		"TopicName": "orders.fifo", "DisplayName": "Orders", "FifoTopic": "true", "ContentBasedDeduplication": "false",
		"KmsMasterKeyId": "alias/aws/sns", "SignatureVersion": "2", "TracingConfig": "null", "Policy": `{"Statement":[],"Version":"2012-10-17"}`,
	})
	listertest.Tag(t, orders, "owner", "shop")
	refused := o.Asset(t, alertsTopic)
	if refused.Attributes.IsKnown() {
		t.Error("attributes that were refused are known")
	}
	listertest.Untagged(t, refused)
}

func TestTopicTagsRefused(t *testing.T) {
	answers := topicAnswers()
	answers["ListTagsForResource"] = listertest.Refuse("AuthorizationError")
	o := listertest.Run(t, listertest.Find(t, Listers(), "AWS::SNS::Topic"), answers)
	if got := o.Asset(t, ordersTopic).Tags.State(); got != inventory.Unknown {
		t.Errorf("tags are %s", got)
	}
}

func subscriptionMember(arn, owner, protocol, endpoint string) string {
	return "<member><TopicArn>" + alertsTopic + "</TopicArn><Protocol>" + protocol + "</Protocol><SubscriptionArn>" + arn +
		"</SubscriptionArn><Owner>" + owner + "</Owner><Endpoint>" + endpoint + "</Endpoint></member>"
}

func subscriptionsPage(next, members string) string {
	return `<ListSubscriptionsResponse><ListSubscriptionsResult><Subscriptions>` + members + `</Subscriptions>` + next +
		`</ListSubscriptionsResult></ListSubscriptionsResponse>`
}

func TestSubscriptions(t *testing.T) {
	const own = "111122223333"
	o := listertest.Run(t, listertest.Find(t, Listers(), "AWS::SNS::Subscription"), listertest.Answers{
		"ListSubscriptions": listertest.Bodies(
			subscriptionsPage("<NextToken>more</NextToken>",
				subscriptionMember(alertsTopic+":0a", own, "email", "people@example.com")+
					subscriptionMember("PendingConfirmation", own, "email", "new@example.com")+
					subscriptionMember("Deleted", own, "email", "old@example.com")),
			subscriptionsPage("",
				subscriptionMember(alertsTopic+":0b", own, "sqs", "arn:aws:sqs:eu-west-1:111122223333:alerts")+
					subscriptionMember(alertsTopic+":0c", "444455556666", "sqs", "arn:aws:sqs:eu-west-1:444455556666:alerts")),
		),
	})
	if o.Err != nil || len(o.Assets) != 2 {
		t.Fatalf("error %v, %d assets", o.Err, len(o.Assets))
	}
	mail := o.Asset(t, alertsTopic+":0a")
	if got := listertest.Text(mail, "Endpoint"); !inventory.IsSecretHash(got) {
		t.Errorf("the address of a person is kept: %s", got)
	}
	listertest.Texts(t, mail, map[string]string{"Protocol": "email", "TopicArn": alertsTopic})
	if len(mail.Relations) != 1 || mail.Relations[0] != (inventory.Relation{Kind: inventory.PartOf, Key: alertsTopic}) {
		t.Errorf("relations %v", mail.Relations)
	}
	listertest.Texts(t, o.Asset(t, alertsTopic+":0b"), map[string]string{"Endpoint": "arn:aws:sqs:eu-west-1:111122223333:alerts"})
}

func TestSubscriptionsRefused(t *testing.T) {
	o := listertest.Run(t, listertest.Find(t, Listers(), "AWS::SNS::Subscription"), listertest.Answers{
		"ListSubscriptions": listertest.Refuse("AuthorizationError"),
	})
	if o.Err == nil {
		t.Error("a list that was refused passes for an empty one")
	}
}
