package developer

import (
	"strings"
	"testing"
	"time"

	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

const appARN = "arn:aws:amplify:eu-west-1:111122223333:apps/"

func appJSON(id, more string) string {
	return `{"appId":"` + id + `","appArn":"` + appARN + id + `","name":"` + id + `-name","defaultDomain":"` + id + `.amplifyapp.com"` + more + `}`
}

func branchJSON(app, name, more string) string {
	return `{"branchName":"` + name + `","branchArn":"` + appARN + app + `/branches/` + name + `"` + more + `}`
}

func TestApps(t *testing.T) {
	l := listertest.Find(t, Listers(), "AWS::Amplify::App")
	o := listertest.Run(t, l, listertest.Answers{
		"ListApps": listertest.Bodies(
			`{"apps":[`+appJSON("d1shop", `,"createTime":1767225600.5,"platform":"WEB","repository":"https://hunter1@github.com/example/shop",
				"iamServiceRoleArn":"arn:aws:iam::111122223333:role/amplify","environmentVariables":{"TOKEN":"hunter2","A":"hunter3"},
				"enableBasicAuth":true,"basicAuthCredentials":"hunter4","buildSpec":"hunter5","enableBranchAutoBuild":false,"enableBranchAutoDeletion":true,
				"wafConfiguration":{"webAclArn":"arn:aws:wafv2:us-east-1:111122223333:global/webacl/w/1","wafStatus":"ASSOCIATION_SUCCESS"},
				"tags":{"owner":"payments"}`)+`],"nextToken":"more"}`,
			`{"apps":[`+appJSON("d2refused", "")+`,`+appJSON("d3gone", "")+`]}`,
		),
		"ListBranches": func(_ int, request string) listertest.Response {
			switch {
			case strings.Contains(request, "d2refused"):
				return listertest.Response{Code: "UnauthorizedException", Status: 401}
			case strings.Contains(request, "d3gone"):
				return listertest.Response{Code: "NotFoundException", Status: 404}
			case strings.Contains(request, "nextToken=more"):
				return listertest.Response{Body: `{"branches":[` + branchJSON("d1shop", "dev", "") + `]}`}
			}
			return listertest.Response{Body: `{"branches":[` + branchJSON("d1shop", "main", `,"createTime":1767225600,"stage":"PRODUCTION","framework":"React",
				"enableAutoBuild":true,"enableBasicAuth":false,"enablePullRequestPreview":false,"basicAuthCredentials":"hunter6","buildSpec":"hunter7",
				"environmentVariables":{"KEY":"hunter8"},"tags":{"stage":"prod"}`) + `],"nextToken":"more"}`}
		},
	})
	if o.Err != nil || len(o.Assets) != 4 || len(o.Unread) != 1 || !strings.HasPrefix(o.Unread[0], ": list what is in "+appARN+"d2refused") {
		t.Fatalf("error %v, %d assets, unread %v", o.Err, len(o.Assets), o.Unread)
	}
	if o.Listed() {
		t.Error("what was not listed passes for deleted")
	}
	a := o.Asset(t, appARN+"d1shop")
	listertest.Attributes(t, a, map[string]string{
		"Name": `"d1shop-name"`, "AppId": `"d1shop"`, "Platform": `"WEB"`, "Repository": `"https://github.com/example/shop"`, "EnableBasicAuth": "true",
		"IAMServiceRole": `"arn:aws:iam::111122223333:role/amplify"`, "EnvironmentVariableNames": `["A","TOKEN"]`, "EnableBranchAutoDeletion": "true",
		"WebAclArn": `"arn:aws:wafv2:us-east-1:111122223333:global/webacl/w/1"`, "ComputeRoleArn": "null",
	})
	listertest.Nowhere(t, a, "hunter")
	listertest.Tag(t, a, "owner", "payments")
	if want := time.UnixMilli(1767225600500); !a.Created.Equal(want) {
		t.Errorf("created %s", a.Created)
	}
	main := o.Asset(t, appARN+"d1shop/branches/main")
	listertest.Attributes(t, main, map[string]string{
		"BranchName": `"main"`, "AppId": `"d1shop"`, "Stage": `"PRODUCTION"`, "EnvironmentVariableNames": `["KEY"]`, "EnableAutoBuild": "true",
	})
	listertest.Nowhere(t, main, "hunter")
	listertest.Tag(t, main, "stage", "prod")
	listertest.Relations(t, main, inventory.Relation{Kind: inventory.PartOf, Key: appARN + "d1shop"})
	if main.Type != "AWS::Amplify::Branch" {
		t.Errorf("branch of type %s", main.Type)
	}
	for _, key := range []string{appARN + "d2refused", appARN + "d1shop/branches/dev"} {
		if tags := o.Asset(t, key).Tags; tags.State() != inventory.Known || tags.Len() != 0 {
			t.Errorf("%s: tags %v, want none", key, tags)
		}
	}
}
