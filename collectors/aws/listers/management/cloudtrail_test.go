package management

import (
	"strings"
	"testing"

	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

func trailJSON(account, name, home, more string) string {
	return `{"Name":"` + name + `","TrailARN":"arn:aws:cloudtrail:` + home + `:` + account + `:trail/` + name + `","HomeRegion":"` + home + `"` + more + `}`
}

func TestTrails(t *testing.T) {
	l := listertest.Find(t, Listers(), "AWS::CloudTrail::Trail")
	asked := ""
	o := listertest.Run(t, l, listertest.Answers{
		"DescribeTrails": func(_ int, request string) listertest.Response {
			asked = request
			return listertest.Response{Body: `{"trailList":[` + strings.Join([]string{
				trailJSON("111122223333", "audit", "eu-west-1", `,"S3BucketName":"trail-logs","S3KeyPrefix":"ct","IsMultiRegionTrail":true,
					"IncludeGlobalServiceEvents":true,"LogFileValidationEnabled":true,"IsOrganizationTrail":false,
					"KmsKeyId":"arn:aws:kms:eu-west-1:111122223333:key/k","HasCustomEventSelectors":true,"HasInsightSelectors":false,
					"CloudWatchLogsLogGroupArn":"arn:aws:logs:eu-west-1:111122223333:log-group:ct:*"`),
				trailJSON("111122223333", "silent", "eu-west-1", ""), trailJSON("111122223333", "gone", "eu-west-1", ""),
				trailJSON("111122223333", "elsewhere", "us-east-1", ""), trailJSON("999900001111", "organisation", "eu-west-1", `,"IsOrganizationTrail":true`),
			}, ",") + `]}`}
		},
		"GetTrailStatus": func(_ int, request string) listertest.Response {
			switch {
			case strings.Contains(request, "trail/audit"):
				return listertest.Response{Body: `{"IsLogging":true}`}
			case strings.Contains(request, "trail/gone"):
				return listertest.Response{Code: "TrailNotFoundException"}
			}
			return listertest.Response{Code: "AccessDeniedException"}
		},
		"ListTags": listertest.For(map[string]string{
			"trail/audit":  `{"ResourceTagList":[{"ResourceId":"arn:aws:cloudtrail:eu-west-1:111122223333:trail/audit","TagsList":[{"Key":"owner","Value":"security"}]}]}`,
			"trail/silent": `{"ResourceTagList":[{"ResourceId":"arn:aws:cloudtrail:eu-west-1:111122223333:trail/silent","TagsList":[]}]}`,
		}),
	})
	if o.Err != nil || len(o.Assets) != 2 || len(o.Unread) != 1 {
		t.Fatalf("error %v, %d assets, unread %v", o.Err, len(o.Assets), o.Unread)
	}
	if !strings.Contains(asked, `"includeShadowTrails":false`) {
		t.Errorf("trails of other regions were asked for: %s", asked)
	}
	a := o.Asset(t, "arn:aws:cloudtrail:eu-west-1:111122223333:trail/audit")
	listertest.Attributes(t, a, map[string]string{
		"TrailName": `"audit"`, "IsLogging": "true", "S3BucketName": `"trail-logs"`, "S3KeyPrefix": `"ct"`, "IsMultiRegionTrail": "true",
		"EnableLogFileValidation": "true", "KMSKeyId": `"arn:aws:kms:eu-west-1:111122223333:key/k"`, "HasCustomEventSelectors": "true",
		"CloudWatchLogsLogGroupArn": `"arn:aws:logs:eu-west-1:111122223333:log-group:ct:*"`, "SnsTopicArn": "null",
	})
	listertest.Tag(t, a, "owner", "security")
	silent := o.Asset(t, "silent")
	listertest.Unread(t, silent, "IsLogging")
	if silent.Tags.State() != inventory.Known || silent.Tags.Len() != 0 {
		t.Errorf("tags of a trail without tags: %v", silent.Tags)
	}
}

func TestTrailTags(t *testing.T) {
	l := listertest.Find(t, Listers(), "AWS::CloudTrail::Trail")
	list := listertest.Bodies(`{"trailList":[` + trailJSON("111122223333", "audit", "eu-west-1", "") + `]}`)
	for name, answer := range map[string]listertest.Answer{
		"refused":          listertest.Refuse("AccessDeniedException"),
		"of another trail": listertest.Bodies(`{"ResourceTagList":[]}`),
	} {
		o := listertest.Run(t, l, listertest.Answers{"DescribeTrails": list, "GetTrailStatus": listertest.Bodies(`{"IsLogging":false}`), "ListTags": answer})
		if got := o.Asset(t, "audit").Tags.State(); got != inventory.Unknown {
			t.Errorf("%s: tags are %s", name, got)
		}
	}
}
