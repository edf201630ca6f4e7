package management

import (
	"testing"
	"time"

	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

func TestLogGroups(t *testing.T) {
	l := listertest.Find(t, Listers(), "AWS::Logs::LogGroup")
	o := listertest.Run(t, l, listertest.Answers{
		"DescribeLogGroups": listertest.Bodies(
			`{"logGroups":[{"logGroupName":"/shop/api","arn":"arn:aws:logs:eu-west-1:111122223333:log-group:/shop/api:*",
				"logGroupArn":"arn:aws:logs:eu-west-1:111122223333:log-group:/shop/api","creationTime":1767225600123,"retentionInDays":30,
				"kmsKeyId":"arn:aws:kms:eu-west-1:111122223333:key/k","logGroupClass":"STANDARD","deletionProtectionEnabled":true,"storedBytes":7}],"nextToken":"more"}`,
			`{"logGroups":[{"logGroupName":"/aws/lambda/mail","arn":"arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/mail:*"},
				{"logGroupName":"refused","arn":"arn:aws:logs:eu-west-1:111122223333:log-group:refused:*"}]}`,
		),
		"ListTagsForResource": listertest.For(map[string]string{
			`log-group:/shop/api"`:        `{"tags":{"owner":"payments"}}`,
			`log-group:/aws/lambda/mail"`: `{"tags":{}}`,
		}),
	})
	if o.Err != nil || len(o.Assets) != 3 || len(o.Unread) != 1 {
		t.Fatalf("error %v, %d assets, unread %v", o.Err, len(o.Assets), o.Unread)
	}
	a := o.Asset(t, "arn:aws:logs:eu-west-1:111122223333:log-group:/shop/api")
	listertest.Attributes(t, a, map[string]string{
		"LogGroupName": `"/shop/api"`, "RetentionInDays": "30", "KmsKeyId": `"arn:aws:kms:eu-west-1:111122223333:key/k"`,
		"LogGroupClass": `"STANDARD"`, "DeletionProtectionEnabled": "true", "DataProtectionStatus": "null",
	})
	listertest.Tag(t, a, "owner", "payments")
	listertest.Relations(t, a)
	if want := time.UnixMilli(1767225600123); !a.Created.Equal(want) {
		t.Errorf("created %s", a.Created)
	}
	mail := o.Asset(t, "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/mail")
	listertest.Attributes(t, mail, map[string]string{"RetentionInDays": "null", "KmsKeyId": "null"})
	listertest.Relations(t, mail, inventory.Relation{Kind: inventory.AttachedTo, Key: "arn:aws:lambda:eu-west-1:111122223333:function:mail"})
	if mail.Tags.State() != inventory.Known || mail.Tags.Len() != 0 {
		t.Errorf("tags of a group without tags: %v", mail.Tags)
	}
	if got := o.Asset(t, "refused").Tags.State(); got != inventory.Unknown {
		t.Errorf("tags that were refused are %s", got)
	}
}

func TestLogGroupsRefused(t *testing.T) {
	l := listertest.Find(t, Listers(), "AWS::Logs::LogGroup")
	o := listertest.Run(t, l, listertest.Answers{"DescribeLogGroups": listertest.Refuse("AccessDeniedException")})
	if o.Err == nil || len(o.Assets) != 0 {
		t.Errorf("error %v, %d assets", o.Err, len(o.Assets))
	}
}
