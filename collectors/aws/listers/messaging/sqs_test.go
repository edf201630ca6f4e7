package messaging

import (
	"testing"
	"time"

	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

func TestQueues(t *testing.T) {
	l := listertest.Find(t, Listers(), "AWS::SQS::Queue")
	o := listertest.Run(t, l, listertest.Answers{
		"ListQueues": listertest.Bodies(
			`{"QueueUrls":["https://sqs.eu-west-1.amazonaws.com/111122223333/orders"],"NextToken":"more"}`,
			`{"QueueUrls":["https://sqs.eu-west-1.amazonaws.com/111122223333/gone"]}`,
		),
		"GetQueueAttributes": func(_ int, request string) listertest.Response {
			return listertest.For(map[string]string{"orders": `{"Attributes":{
				"QueueArn":"arn:aws:sqs:eu-west-1:111122223333:orders","CreatedTimestamp":"1767225600","VisibilityTimeout":"30",
				"SqsManagedSseEnabled":"true","RedrivePolicy":"{\"maxReceiveCount\":\"4\"}","Policy":"{\"Version\":\"2012-10-17\"}"}}`})(0, request)
		},
		"ListQueueTags": listertest.Bodies(`{"Tags":{"owner":"payments"}}`),
	})
	if o.Err != nil || len(o.Assets) != 2 || len(o.Unread) != 1 {
		t.Fatalf("error %v, %d assets, unread %v", o.Err, len(o.Assets), o.Unread)
	}
	a := o.Asset(t, "arn:aws:sqs:eu-west-1:111122223333:orders")
	if v, _ := a.Attributes.Get("VisibilityTimeout"); v != "30" {
		t.Errorf("VisibilityTimeout %s", v)
	}
	if v, _ := a.Attributes.Get("RedrivePolicy"); v != `{"maxReceiveCount":"4"}` {
		t.Errorf("RedrivePolicy %s", v)
	}
	listertest.Texts(t, a, map[string]string{"SqsManagedSseEnabled": "true", "FifoQueue": "null", "Policy": `{"Version":"2012-10-17"}`})
	if want := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC); !a.Created.Equal(want) {
		t.Errorf("created %s", a.Created)
	}
	if tag, _ := a.Tags.Get("owner"); tag.Value != "payments" {
		t.Errorf("tags %v", a.Tags)
	}
	if o.Assets[1].Attributes.IsKnown() {
		t.Error("attributes that were refused are known")
	}
}

func TestDeletedQueue(t *testing.T) {
	l := listertest.Find(t, Listers(), "AWS::SQS::Queue")
	o := listertest.Run(t, l, listertest.Answers{
		"ListQueues":         listertest.Bodies(`{"QueueUrls":["https://sqs.eu-west-1.amazonaws.com/111122223333/gone"]}`),
		"GetQueueAttributes": listertest.Refuse("QueueDoesNotExist"),
	})
	if o.Err != nil || len(o.Assets) != 0 || len(o.Unread) != 0 {
		t.Fatalf("error %v, assets %v, unread %v", o.Err, o.Assets, o.Unread)
	}
}

func TestQueueTagsRefused(t *testing.T) {
	l := listertest.Find(t, Listers(), "AWS::SQS::Queue")
	o := listertest.Run(t, l, listertest.Answers{
		"ListQueues":         listertest.Bodies(`{"QueueUrls":["https://sqs.eu-west-1.amazonaws.com/111122223333/a"]}`),
		"GetQueueAttributes": listertest.Bodies(`{"Attributes":{}}`),
		"ListQueueTags":      listertest.Refuse("AccessDenied"),
	})
	if got := o.Asset(t, "a").Tags.State(); got != inventory.Unknown {
		t.Errorf("tags are %s", got)
	}
}
