package developer

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

const projectARN = "arn:aws:codebuild:eu-west-1:111122223333:project/"

func TestProjects(t *testing.T) {
	l := listertest.Find(t, Listers(), "AWS::CodeBuild::Project")
	o := listertest.Run(t, l, listertest.Answers{
		"ListProjects": listertest.Bodies(`{"projects":["shop"],"nextToken":"more"}`, `{"projects":["bare","gone"]}`),
		"BatchGetProjects": listertest.For(map[string]string{
			`"shop"`: `{"projects":[{"name":"shop","arn":"` + projectARN + `shop","description":"builds","serviceRole":"arn:aws:iam::111122223333:role/build",
				"encryptionKey":"arn:aws:kms:eu-west-1:111122223333:alias/aws/s3","timeoutInMinutes":60,"queuedTimeoutInMinutes":480,"created":1767225600.5,
				"projectVisibility":"PRIVATE","source":{"type":"GITHUB","location":"https://user:hunter1@github.com/example/shop.git","buildspec":"hunter2",
				"auth":{"type":"OAUTH","resource":"hunter3"},"insecureSsl":false},"artifacts":{"type":"S3","location":"builds","encryptionDisabled":true},
				"environment":{"type":"LINUX_CONTAINER","computeType":"BUILD_GENERAL1_SMALL","image":"aws/codebuild/standard:7.0","privilegedMode":true,
				"environmentVariables":[{"name":"TOKEN","value":"hunter4","type":"PLAINTEXT"}]},
				"vpcConfig":{"vpcId":"vpc-1","subnets":["subnet-1"],"securityGroupIds":["sg-1"]},
				"logsConfig":{"cloudWatchLogs":{"status":"ENABLED","groupName":"builds"},"s3Logs":{"status":"DISABLED","encryptionDisabled":false}},
				"tags":[{"key":"owner","value":"payments"}]}],"projectsNotFound":[]}`,
			`"bare"`: `{"projects":[{"name":"bare","arn":"` + projectARN + `bare"}],"projectsNotFound":["gone"]}`,
		}),
	})
	if o.Err != nil || len(o.Assets) != 2 || len(o.Unread) != 0 {
		t.Fatalf("error %v, %d assets, unread %v", o.Err, len(o.Assets), o.Unread)
	}
	a := o.Asset(t, projectARN+"shop")
	listertest.Attributes(t, a, map[string]string{
		"Name": `"shop"`, "ServiceRole": `"arn:aws:iam::111122223333:role/build"`, "TimeoutInMinutes": "60", "Visibility": `"PRIVATE"`,
		"Source.Type": `"GITHUB"`, "Source.Location": `"https://github.com/example/shop.git"`, "Artifacts.EncryptionDisabled": "true",
		"Environment.Image": `"aws/codebuild/standard:7.0"`, "Environment.PrivilegedMode": "true", "VpcConfig.VpcId": `"vpc-1"`,
		"VpcConfig.Subnets": `["subnet-1"]`, "LogsConfig.CloudWatchLogs.Status": `"ENABLED"`, "LogsConfig.S3Logs.EncryptionDisabled": "false",
	})
	v, _ := a.Attributes.Get("Environment.EnvironmentVariables")
	if !strings.HasPrefix(string(v), `[{"Name":"TOKEN","Type":"PLAINTEXT","Value":"hmac:`) {
		t.Errorf("variables %s", v)
	}
	listertest.Nowhere(t, a, "hunter")
	listertest.Tag(t, a, "owner", "payments")
	if want := time.UnixMilli(1767225600500); !a.Created.Equal(want) {
		t.Errorf("created %s", a.Created)
	}
	bare := o.Asset(t, projectARN+"bare")
	listertest.Attributes(t, bare, map[string]string{"VpcConfig.VpcId": "null", "Environment.Image": "null", "Environment.EnvironmentVariables": "[]"})
	if bare.Tags.State() != inventory.Known || bare.Tags.Len() != 0 {
		t.Errorf("tags of a project without tags: %v", bare.Tags)
	}
}

func TestProjectsNotDescribed(t *testing.T) {
	l := listertest.Find(t, Listers(), "AWS::CodeBuild::Project")
	o := listertest.Run(t, l, listertest.Answers{
		"ListProjects":     listertest.Bodies(`{"projects":["shop","mail"]}`),
		"BatchGetProjects": listertest.Refuse("AccessDeniedException"),
	})
	if o.Err != nil || len(o.Assets) != 2 || len(o.Unread) != 2 {
		t.Fatalf("error %v, %d assets, unread %v", o.Err, len(o.Assets), o.Unread)
	}
	a := o.Asset(t, projectARN+"shop")
	if a.Tags.State() != inventory.Unknown || a.Attributes.IsKnown() {
		t.Errorf("what was refused is known: %+v", a)
	}
}

func TestProjectsByTheHundred(t *testing.T) {
	l := listertest.Find(t, Listers(), "AWS::CodeBuild::Project")
	names := make([]string, 101)
	for i := range names {
		names[i] = fmt.Sprintf(`"p%03d"`, i)
	}
	var sizes []int
	listertest.Run(t, l, listertest.Answers{
		"ListProjects": listertest.Bodies(`{"projects":[` + strings.Join(names, ",") + `]}`),
		"BatchGetProjects": func(_ int, request string) listertest.Response {
			sizes = append(sizes, strings.Count(request, `"p`))
			return listertest.Response{Body: `{"projects":[]}`}
		},
	})
	if !slices.Equal(sizes, []int{100, 1}) {
		t.Errorf("asked for %v at a time", sizes)
	}
}
