package security

import (
	"strings"
	"testing"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

func wafSummary(scope, kind, name string) string {
	return `{"ARN":"arn:aws:wafv2:eu-west-1:111122223333:` + scope + `/` + kind + `/` + name + `/id-` + name + `","Id":"id-` + name + `","Name":"` + name + `","Description":"","LockToken":"x"}`
}

func TestWebACLs(t *testing.T) {
	o := run(t, "AWS::WAFv2::WebACL", listertest.Answers{
		"ListWebACLs": listertest.Bodies(
			`{"WebACLs":[`+wafSummary("regional", "webacl", "shop")+`],"NextMarker":"shop"}`,
			`{"WebACLs":[`+wafSummary("regional", "webacl", "shut")+`,`+wafSummary("regional", "webacl", "gone")+`]}`,
		),
		"GetWebACL": func(_ int, request string) listertest.Response {
			switch {
			case strings.Contains(request, "shop"):
				return listertest.Response{Body: `{"WebACL":{"Name":"shop","Id":"id-shop","ARN":"x","Capacity":3,"DefaultAction":{"Block":{}},"ManagedByFirewallManager":false,
					"TokenDomains":["example.com"],"Rules":[],"VisibilityConfig":{"SampledRequestsEnabled":true,"CloudWatchMetricsEnabled":false,"MetricName":"shop"}},"LockToken":"x"}`}
			case strings.Contains(request, "gone"):
				return listertest.Response{Code: "WAFNonexistentItemException"}
			}
			return listertest.Response{Code: "AccessDeniedException"}
		},
		"ListTagsForResource": func(_ int, request string) listertest.Response {
			if strings.Contains(request, "shut") {
				return listertest.Response{Code: "AccessDeniedException"}
			}
			return listertest.Response{Body: `{"TagInfoForResource":{"ResourceARN":"x","TagList":[{"Key":"owner","Value":"payments"}]}}`}
		},
	})
	wantCounts(t, o, 2, 2)
	a := o.Asset(t, "shop")
	wantTag(t, a, "owner", "payments")
	wantIdentifier(t, a, inventory.ResourceID, "id-shop")
	wantAttributes(t, a, map[string]string{
		"Name": `"shop"`, "Scope": `"REGIONAL"`, "DefaultAction": `{"Block":{}}`, "Capacity": "3", "TokenDomains": `["example.com"]`,
		"ManagedByFirewallManager": "false", "VisibilityConfig.SampledRequestsEnabled": "true", "VisibilityConfig.CloudWatchMetricsEnabled": "false",
	})
	shut := o.Asset(t, "shut")
	wantUnread(t, shut, "DefaultAction", "ManagedByFirewallManager")
	wantTags(t, shut, inventory.Unknown)
}

// TestCloudFrontScope lists what protects CloudFront in one region, and in no other.
func TestCloudFrontScope(t *testing.T) {
	lists := map[inventory.Type][3]string{
		"AWS::WAFv2::WebACL":          {"ListWebACLs", "WebACLs", "webacl"},
		"AWS::WAFv2::IPSet":           {"ListIPSets", "IPSets", "ipset"},
		"AWS::WAFv2::RegexPatternSet": {"ListRegexPatternSets", "RegexPatternSets", "regexpatternset"},
		"AWS::WAFv2::RuleGroup":       {"ListRuleGroups", "RuleGroups", "rulegroup"},
	}
	for typ, l := range lists {
		answers := listertest.Answers{
			l[0]: listertest.For(map[string]string{
				`"REGIONAL"`:   `{"` + l[1] + `":[` + wafSummary("regional", l[2], "near") + `]}`,
				`"CLOUDFRONT"`: `{"` + l[1] + `":[` + wafSummary("global", l[2], "far") + `]}`,
			}),
			"GetWebACL":           listertest.Bodies(`{"WebACL":{}}`),
			"ListTagsForResource": listertest.Bodies(`{"TagInfoForResource":{"TagList":[]}}`),
		}
		wantCounts(t, run(t, typ, answers), 1, 0)
		o := run(t, typ, answers, onTarget(func(t *lister.Target) { t.Region, t.Config.Region = "us-east-1", "us-east-1" }))
		wantCounts(t, o, 2, 0)
		wantAttributes(t, o.Asset(t, "far"), map[string]string{"Scope": `"CLOUDFRONT"`})
		wantTags(t, o.Asset(t, "far"), inventory.Known)
		china := run(t, typ, answers, onTarget(func(t *lister.Target) { t.Partition, t.Region = "aws-cn", "us-east-1" }))
		wantCounts(t, china, 1, 0)
	}
}
