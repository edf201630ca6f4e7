package management

import (
	"strings"
	"testing"
	"time"

	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

func TestParameters(t *testing.T) {
	l := listertest.Find(t, Listers(), "AWS::SSM::Parameter")
	o := listertest.Run(t, l, listertest.Answers{
		"DescribeParameters": listertest.Bodies(
			`{"Parameters":[],"NextToken":"1"}`, // the service may give less than a page, and go on
			`{"Parameters":[{"ARN":"arn:aws:ssm:eu-west-1:111122223333:parameter/shop/db","Name":"/shop/db","Type":"SecureString","Tier":"Standard",
				"DataType":"text","KeyId":"alias/aws/ssm","Description":"password","AllowedPattern":".+","Version":4,"Policies":[]}],"NextToken":"2"}`,
			`{"Parameters":[{"Name":"/bare","Type":"String"},{"Name":"refused","Type":"String"}],"NextToken":""}`,
		),
		"ListTagsForResource": listertest.For(map[string]string{
			`{"ResourceId":"/shop/db","ResourceType":"Parameter"}`: `{"TagList":[{"Key":"owner","Value":"payments"}]}`,
			`{"ResourceId":"/bare","ResourceType":"Parameter"}`:    `{"TagList":[]}`,
		}),
	})
	if o.Err != nil || len(o.Assets) != 3 || len(o.Unread) != 1 {
		t.Fatalf("error %v, %d assets, unread %v", o.Err, len(o.Assets), o.Unread)
	}
	a := o.Asset(t, "arn:aws:ssm:eu-west-1:111122223333:parameter/shop/db")
	listertest.Attributes(t, a, map[string]string{
		"Name": `"/shop/db"`, "Type": `"SecureString"`, "Tier": `"Standard"`, "DataType": `"text"`, "KeyId": `"alias/aws/ssm"`,
		"Description": `"password"`, "AllowedPattern": `".+"`,
	})
	listertest.Tag(t, a, "owner", "payments")
	bare := o.Asset(t, "arn:aws:ssm:eu-west-1:111122223333:parameter/bare")
	listertest.Attributes(t, bare, map[string]string{"KeyId": "null"})
	if bare.Tags.State() != inventory.Known || bare.Tags.Len() != 0 {
		t.Errorf("tags of a parameter without tags: %v", bare.Tags)
	}
	if got := o.Asset(t, "arn:aws:ssm:eu-west-1:111122223333:parameter/refused").Tags.State(); got != inventory.Unknown {
		t.Errorf("tags that were refused are %s", got)
	}
}

func TestDocuments(t *testing.T) {
	l := listertest.Find(t, Listers(), "AWS::SSM::Document")
	asked := ""
	pages := listertest.Bodies(
		`{"DocumentIdentifiers":[{"Name":"Restart","Owner":"111122223333","DocumentType":"Automation","DocumentFormat":"YAML","SchemaVersion":"0.3",
			"TargetType":"/AWS::EC2::Instance","CreatedDate":1767225600.5,"Tags":[{"Key":"owner","Value":"platform"}]}],"NextToken":"more"}`,
		`{"DocumentIdentifiers":[{"Name":"Bare","DocumentType":"Command","DocumentFormat":"JSON"}],"NextToken":""}`,
	)
	o := listertest.Run(t, l, listertest.Answers{"ListDocuments": func(n int, request string) listertest.Response {
		asked = request
		return pages(n, request)
	}})
	if o.Err != nil || len(o.Assets) != 2 || len(o.Unread) != 0 {
		t.Fatalf("error %v, %d assets, unread %v", o.Err, len(o.Assets), o.Unread)
	}
	if !strings.Contains(asked, `{"Key":"Owner","Values":["Self"]}`) {
		t.Errorf("documents of others were asked for: %s", asked)
	}
	a := o.Asset(t, "arn:aws:ssm:eu-west-1:111122223333:document/Restart")
	listertest.Attributes(t, a, map[string]string{
		"Name": `"Restart"`, "DocumentType": `"Automation"`, "DocumentFormat": `"YAML"`, "TargetType": `"/AWS::EC2::Instance"`, "VersionName": "null",
	})
	listertest.Tag(t, a, "owner", "platform")
	if want := time.UnixMilli(1767225600500); !a.Created.Equal(want) {
		t.Errorf("created %s", a.Created)
	}
	if tags := o.Asset(t, "Bare").Tags; tags.State() != inventory.Known || tags.Len() != 0 {
		t.Errorf("tags of a document without tags: %v", tags)
	}
}

func TestWindows(t *testing.T) {
	l := listertest.Find(t, Listers(), "AWS::SSM::MaintenanceWindow")
	o := listertest.Run(t, l, listertest.Answers{
		"DescribeMaintenanceWindows": listertest.Bodies(
			`{"WindowIdentities":[{"WindowId":"mw-01","Name":"sunday","Enabled":true,"Duration":3,"Cutoff":1,"Schedule":"cron(0 2 ? * SUN *)",
				"ScheduleTimezone":"Europe/Berlin","ScheduleOffset":2}],"NextToken":"more"}`,
			`{"WindowIdentities":[{"WindowId":"mw-02","Name":"refused","Enabled":false,"Duration":1,"Cutoff":0}]}`,
		),
		"ListTagsForResource": listertest.For(map[string]string{
			`{"ResourceId":"mw-01","ResourceType":"MaintenanceWindow"}`: `{"TagList":[{"Key":"owner","Value":"platform"}]}`,
		}),
	})
	if o.Err != nil || len(o.Assets) != 2 || len(o.Unread) != 1 {
		t.Fatalf("error %v, %d assets, unread %v", o.Err, len(o.Assets), o.Unread)
	}
	a := o.Asset(t, "arn:aws:ssm:eu-west-1:111122223333:maintenancewindow/mw-01")
	listertest.Attributes(t, a, map[string]string{
		"Name": `"sunday"`, "Enabled": "true", "Duration": "3", "Cutoff": "1", "Schedule": `"cron(0 2 ? * SUN *)"`, "ScheduleTimezone": `"Europe/Berlin"`,
		"ScheduleOffset": "2", "StartDate": "null",
	})
	listertest.Tag(t, a, "owner", "platform")
	if got := o.Asset(t, "refused").Tags.State(); got != inventory.Unknown {
		t.Errorf("tags that were refused are %s", got)
	}
}

func TestBaselines(t *testing.T) {
	l := listertest.Find(t, Listers(), "AWS::SSM::PatchBaseline")
	asked := ""
	pages := listertest.Bodies(
		`{"BaselineIdentities":[{"BaselineId":"pb-01","BaselineName":"linux","OperatingSystem":"UBUNTU","BaselineDescription":"ours","DefaultBaseline":true}],"NextToken":"more"}`,
		`{"BaselineIdentities":[{"BaselineId":"pb-02","BaselineName":"refused","OperatingSystem":"WINDOWS","DefaultBaseline":false}]}`,
	)
	o := listertest.Run(t, l, listertest.Answers{
		"DescribePatchBaselines": func(n int, request string) listertest.Response {
			asked = request
			return pages(n, request)
		},
		"ListTagsForResource": listertest.For(map[string]string{
			`{"ResourceId":"pb-01","ResourceType":"PatchBaseline"}`: `{"TagList":[{"Key":"owner","Value":"platform"}]}`,
		}),
	})
	if o.Err != nil || len(o.Assets) != 2 || len(o.Unread) != 1 {
		t.Fatalf("error %v, %d assets, unread %v", o.Err, len(o.Assets), o.Unread)
	}
	if !strings.Contains(asked, `{"Key":"OWNER","Values":["Self"]}`) {
		t.Errorf("baselines of AWS were asked for: %s", asked)
	}
	a := o.Asset(t, "arn:aws:ssm:eu-west-1:111122223333:patchbaseline/pb-01")
	listertest.Attributes(t, a, map[string]string{"Name": `"linux"`, "OperatingSystem": `"UBUNTU"`, "Description": `"ours"`, "DefaultBaseline": "true"})
	listertest.Tag(t, a, "owner", "platform")
	if got := o.Asset(t, "refused").Tags.State(); got != inventory.Unknown {
		t.Errorf("tags that were refused are %s", got)
	}
}
