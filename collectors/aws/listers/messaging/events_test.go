package messaging

import (
	"strings"
	"testing"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
)

const (
	eventsARN = "arn:aws:events:eu-west-1:111122223333:"
	firstBus  = `{"Name":"default","Arn":"` + eventsARN + `event-bus/default"}`
	ordersBus = `{"Name":"orders","Arn":"` + eventsARN + `event-bus/orders","CreationTime":1767225600,"Description":"of the shop","Policy":"{\"Version\":\"2012-10-17\"}"}`
	lateBus   = `{"Name":"late","Arn":"` + eventsARN + `event-bus/late"}`
)

func TestEventBuses(t *testing.T) {
	o := listertest.Run(t, listertest.Find(t, Listers(), "AWS::Events::EventBus"), listertest.Answers{
		"ListEventBuses": listertest.Bodies(`{"EventBuses":[`+firstBus+`],"NextToken":"more"}`, `{"EventBuses":[`+ordersBus+`,`+lateBus+`]}`),
		"DescribeEventBus": listertest.For(map[string]string{
			`"default"`: `{"Name":"default"}`,
			`"orders"`:  `{"Name":"orders","KmsKeyIdentifier":"alias/events","DeadLetterConfig":{"Arn":"arn:aws:sqs:eu-west-1:111122223333:dead"},"LogConfig":{"Level":"ERROR"}}`,
		}),
		"ListTagsForResource": listertest.For(map[string]string{
			"bus/default": `{"Tags":[]}`, "bus/orders": `{"Tags":[{"Key":"owner","Value":"shop"}]}`,
		}),
	})
	if o.Err != nil || len(o.Assets) != 3 || len(o.Unread) != 2 {
		t.Fatalf("error %v, %d assets, unread %v", o.Err, len(o.Assets), o.Unread)
	}
	orders := o.Asset(t, eventsARN+"event-bus/orders")
	listertest.Texts(t, orders, map[string]string{
		"Name": "orders", "Description": "of the shop", "Policy": `{"Version":"2012-10-17"}`, "KmsKeyIdentifier": "alias/events",
		"DeadLetterConfig.Arn": "arn:aws:sqs:eu-west-1:111122223333:dead", "LogConfig.Level": "ERROR",
	})
	listertest.Tag(t, orders, "owner", "shop")
	plain := o.Asset(t, "default")
	listertest.Texts(t, plain, map[string]string{"KmsKeyIdentifier": "null", "LogConfig.Level": "OFF"})
	listertest.Untagged(t, plain)
	late := o.Asset(t, "late")
	listertest.Texts(t, late, map[string]string{"Name": "late", "KmsKeyIdentifier": "-"})
	if late.Tags.State() != inventory.Unknown {
		t.Errorf("tags are %s", late.Tags.State())
	}
}

func TestDeletedEventBus(t *testing.T) {
	o := listertest.Run(t, listertest.Find(t, Listers(), "AWS::Events::EventBus"), listertest.Answers{
		"ListEventBuses":   listertest.Bodies(`{"EventBuses":[` + lateBus + `]}`),
		"DescribeEventBus": listertest.Refuse("ResourceNotFoundException"),
	})
	if o.Err != nil || len(o.Assets) != 0 || len(o.Unread) != 0 {
		t.Fatalf("error %v, assets %v, unread %v", o.Err, o.Assets, o.Unread)
	}
}

const (
	nightlyRule = `{"Name":"nightly","Arn":"` + eventsARN + `rule/nightly","EventBusName":"default","ScheduleExpression":"rate(1 day)","State":"ENABLED"}`
	scalingRule = `{"Name":"AutoScalingManagedRule","Arn":"` + eventsARN + `rule/AutoScalingManagedRule","EventBusName":"default","State":"ENABLED",
		"EventPattern":"{\"source\":[\"aws.ec2\"]}","ManagedBy":"autoscaling.amazonaws.com"}`
	paidRule = `{"Name":"paid","Arn":"` + eventsARN + `rule/orders/paid","EventBusName":"orders","State":"DISABLED","RoleArn":"arn:aws:iam::111122223333:role/r",
		"EventPattern":"{\"source\":[\"shop\"]}","Description":"paid orders"}`
)

func ruleAnswers() listertest.Answers {
	return listertest.Answers{
		"ListEventBuses": listertest.Bodies(`{"EventBuses":[` + firstBus + `,` + ordersBus + `]}`),
		"ListRules": func(n int, request string) listertest.Response {
			if strings.Contains(request, `"NextToken":"more"`) {
				return listertest.Response{Body: `{"Rules":[` + scalingRule + `]}`}
			}
			return listertest.For(map[string]string{
				`"default"`: `{"Rules":[` + nightlyRule + `],"NextToken":"more"}`, `"orders"`: `{"Rules":[` + paidRule + `]}`,
			})(n, request)
		},
		"ListTagsForResource": listertest.For(map[string]string{
			"rule/nightly": `{"Tags":[]}`, "rule/orders/paid": `{"Tags":[{"Key":"owner","Value":"shop"}]}`,
		}),
	}
}

func TestRules(t *testing.T) {
	o := listertest.Run(t, listertest.Find(t, Listers(), "AWS::Events::Rule"), ruleAnswers())
	if o.Err != nil || len(o.Assets) != 3 || len(o.Unread) != 1 {
		t.Fatalf("error %v, %d assets, unread %v", o.Err, len(o.Assets), o.Unread)
	}
	nightly := o.Asset(t, eventsARN+"rule/nightly")
	listertest.Texts(t, nightly, map[string]string{
		"Name": "nightly", "EventBusName": "default", "ScheduleExpression": "rate(1 day)", "State": "ENABLED", "EventPattern": "null", "ManagedBy": "null",
	})
	listertest.Untagged(t, nightly)
	paid := o.Asset(t, eventsARN+"rule/orders/paid")
	listertest.Texts(t, paid, map[string]string{"EventBusName": "orders", "EventPattern": `{"source":["shop"]}`, "Description": "paid orders"})
	listertest.Tag(t, paid, "owner", "shop")
	if lister.IdentifierOf(&paid, inventory.ResourceID) != "orders/paid" || lister.IdentifierOf(&nightly, inventory.ResourceID) != "nightly" {
		t.Errorf("ids %q and %q", lister.IdentifierOf(&paid, inventory.ResourceID), lister.IdentifierOf(&nightly, inventory.ResourceID))
	}
	if got := o.Asset(t, "AutoScalingManagedRule").Tags.State(); got != inventory.Unknown {
		t.Errorf("tags are %s", got)
	}
}

func TestManagedRuleIsADefault(t *testing.T) {
	known, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	o := listertest.Run(t, listertest.Find(t, Listers(), "AWS::Events::Rule"), ruleAnswers())
	for name, want := range map[string]bool{"AutoScalingManagedRule": true, "nightly": false, "paid": false} {
		a := o.Asset(t, name)
		a.Type = "AWS::Events::Rule"
		if _, got := known.ProviderDefault(&inventory.Entry{Asset: a}); got != want {
			t.Errorf("%s: made by AWS is %t", name, got)
		}
	}
}

func TestRulesOfOneBusRefused(t *testing.T) {
	answers := ruleAnswers()
	answers["ListRules"] = func(n int, request string) listertest.Response {
		return listertest.For(map[string]string{`"orders"`: `{"Rules":[` + paidRule + `]}`})(n, request)
	}
	o := listertest.Run(t, listertest.Find(t, Listers(), "AWS::Events::Rule"), answers)
	if o.Err != nil || len(o.Assets) != 1 || len(o.Unread) != 1 {
		t.Fatalf("error %v, assets %v, unread %v", o.Err, o.Assets, o.Unread)
	}
	if o.Listed() {
		t.Error("what was not listed passes for deleted")
	}
}

func TestRulesWithoutListOfBuses(t *testing.T) {
	answers := ruleAnswers()
	answers["ListEventBuses"] = listertest.Refuse("AccessDeniedException")
	o := listertest.Run(t, listertest.Find(t, Listers(), "AWS::Events::Rule"), answers)
	if o.Err != nil || len(o.Assets) != 2 || len(o.Unread) != 2 {
		t.Fatalf("error %v, assets %v, unread %v", o.Err, o.Assets, o.Unread)
	}
	if o.Listed() {
		t.Error("what was not listed passes for deleted")
	}
}

func TestRulesOfDeletedBus(t *testing.T) {
	answers := ruleAnswers()
	answers["ListRules"] = listertest.Refuse("ResourceNotFoundException")
	o := listertest.Run(t, listertest.Find(t, Listers(), "AWS::Events::Rule"), answers)
	if o.Err != nil || len(o.Assets) != 0 || len(o.Unread) != 0 {
		t.Fatalf("error %v, assets %v, unread %v", o.Err, o.Assets, o.Unread)
	}
}

func TestArchives(t *testing.T) {
	o := listertest.Run(t, listertest.Find(t, Listers(), "AWS::Events::Archive"), listertest.Answers{
		"ListArchives": listertest.Bodies(
			`{"Archives":[{"ArchiveName":"all","EventSourceArn":"`+eventsARN+`event-bus/orders","RetentionDays":30,"State":"ENABLED","CreationTime":1767225600}],"NextToken":"more"}`,
			`{"Archives":[{"ArchiveName":"ever","EventSourceArn":"`+eventsARN+`event-bus/default","RetentionDays":0,"State":"ENABLED"}]}`,
		),
	})
	if o.Err != nil || len(o.Assets) != 2 {
		t.Fatalf("error %v, %d assets", o.Err, len(o.Assets))
	}
	listertest.Texts(t, o.Asset(t, eventsARN+"archive/all"), map[string]string{"SourceArn": eventsARN + "event-bus/orders", "RetentionDays": "30"})
	listertest.Texts(t, o.Asset(t, "ever"), map[string]string{"RetentionDays": "0"})
}

func TestEventConnections(t *testing.T) {
	o := listertest.Run(t, listertest.Find(t, Listers(), "AWS::Events::Connection"), listertest.Answers{
		"ListConnections": listertest.Bodies(
			`{"Connections":[{"Name":"chat","ConnectionArn":"`+eventsARN+`connection/chat/1","AuthorizationType":"API_KEY","ConnectionState":"AUTHORIZED","CreationTime":1767225600}],"NextToken":"more"}`,
			`{"Connections":[{"Name":"old","ConnectionArn":"`+eventsARN+`connection/old/2","AuthorizationType":"BASIC","ConnectionState":"DELETING"}]}`,
		),
	})
	if o.Err != nil || len(o.Assets) != 2 {
		t.Fatalf("error %v, %d assets", o.Err, len(o.Assets))
	}
	listertest.Texts(t, o.Asset(t, eventsARN+"connection/chat/1"), map[string]string{"Name": "chat", "AuthorizationType": "API_KEY"})
	if got := o.Asset(t, "old").Lifecycle; got != inventory.LifecycleRetiring {
		t.Errorf("life cycle %q", got)
	}
}

func TestAPIDestinations(t *testing.T) {
	destination := func(name string) string {
		return `{"Name":"` + name + `","ApiDestinationArn":"` + eventsARN + `api-destination/` + name + `/1","ConnectionArn":"` + eventsARN + `connection/chat/1",
			"HttpMethod":"POST","InvocationEndpoint":"https://example.com/hooks/T0","InvocationRateLimitPerSecond":10,"CreationTime":1767225600}`
	}
	o := listertest.Run(t, listertest.Find(t, Listers(), "AWS::Events::ApiDestination"), listertest.Answers{
		"ListApiDestinations": listertest.Bodies(
			`{"ApiDestinations":[`+destination("one")+`],"NextToken":"more"}`, `{"ApiDestinations":[`+destination("two")+`]}`,
		),
	})
	if o.Err != nil || len(o.Assets) != 2 {
		t.Fatalf("error %v, %d assets", o.Err, len(o.Assets))
	}
	one := o.Asset(t, eventsARN+"api-destination/one/1")
	listertest.Texts(t, one, map[string]string{"HttpMethod": "POST", "InvocationRateLimitPerSecond": "10", "ConnectionArn": eventsARN + "connection/chat/1"})
	if got := listertest.Text(one, "InvocationEndpoint"); !inventory.IsSecretHash(got) {
		t.Errorf("a URL that may be a secret is kept: %s", got)
	}
}

func TestEventsRefused(t *testing.T) {
	for typ, op := range map[inventory.Type]string{
		"AWS::Events::EventBus": "ListEventBuses", "AWS::Events::Archive": "ListArchives",
		"AWS::Events::Connection": "ListConnections", "AWS::Events::ApiDestination": "ListApiDestinations",
	} {
		o := listertest.Run(t, listertest.Find(t, Listers(), typ), listertest.Answers{op: listertest.Refuse("AccessDeniedException")})
		if o.Err == nil {
			t.Errorf("%s: a list that was refused passes for an empty one", typ)
		}
	}
}
