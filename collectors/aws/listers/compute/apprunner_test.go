package compute

import (
	"strings"
	"testing"

	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

const appARN = "arn:aws:apprunner:eu-west-1:111122223333:service/"

func appAnswers() listertest.Answers {
	return listertest.Answers{
		"ListServices": listertest.Bodies(
			`{"ServiceSummaryList":[{"ServiceName":"api","ServiceArn":"`+appARN+`api/1","ServiceUrl":"x.eu-west-1.awsapprunner.com","CreatedAt":1767225600,"Status":"RUNNING"}],"NextToken":"more"}`,
			`{"ServiceSummaryList":[{"ServiceName":"locked","ServiceArn":"`+appARN+`locked/2","Status":"RUNNING"},{"ServiceName":"gone","ServiceArn":"`+appARN+`gone/3","Status":"RUNNING"},
			{"ServiceName":"deleted","ServiceArn":"`+appARN+`deleted/4","Status":"DELETED"}]}`,
		),
		"DescribeService": func(_ int, request string) listertest.Response {
			switch {
			case strings.Contains(request, "service/api/"):
				return listertest.Response{Body: `{"Service":{"ServiceName":"api","ServiceArn":"` + appARN + `api/1","Status":"RUNNING","InstanceConfiguration":{"Cpu":"1024","Memory":"2048","InstanceRoleArn":"arn:role"},
				"NetworkConfiguration":{"IngressConfiguration":{"IsPubliclyAccessible":true},"EgressConfiguration":{"EgressType":"VPC","VpcConnectorArn":"arn:connector"}},"EncryptionConfiguration":{"KmsKey":"arn:key"},
				"SourceConfiguration":{"AutoDeploymentsEnabled":true,"ImageRepository":{"ImageIdentifier":"repo/api:1","ImageRepositoryType":"ECR","ImageConfiguration":{"RuntimeEnvironmentVariables":{"TOKEN":"hunter2","A":"b"}}}},
				"AutoScalingConfigurationSummary":{"AutoScalingConfigurationArn":"arn:scaling"}}}`}
			case strings.Contains(request, "service/gone/"):
				return listertest.Response{Code: "ResourceNotFoundException"}
			}
			return listertest.Response{Code: "AccessDeniedException"}
		},
		"ListTagsForResource": listertest.For(map[string]string{
			"service/api/": `{"Tags":[{"Key":"owner","Value":"payments"}]}`, "service/locked/": `{"Tags":[]}`,
		}),
	}
}

func TestAppServices(t *testing.T) {
	o := run(t, "AWS::AppRunner::Service", appAnswers())
	want(t, o, 2, 1)
	a := o.Asset(t, appARN+"api/1")
	attributes(t, a, map[string]string{
		"ServiceName": `"api"`, "InstanceConfiguration.Cpu": `"1024"`, "InstanceConfiguration.InstanceRoleArn": `"arn:role"`, "EncryptionConfiguration.KmsKey": `"arn:key"`,
		"NetworkConfiguration.IngressConfiguration.IsPubliclyAccessible": "true", "NetworkConfiguration.EgressConfiguration.VpcConnectorArn": `"arn:connector"`,
		"SourceConfiguration.AutoDeploymentsEnabled": "true", "SourceConfiguration.ImageRepository.ImageIdentifier": `"repo/api:1"`,
		"SourceConfiguration.ImageRepository.ImageConfiguration.RuntimeEnvironmentVariables": `[{"Name":"A"},{"Name":"TOKEN"}]`,
	})
	tagged(t, a, "owner", "payments")
	identified(t, a, inventory.Identifier{Kind: inventory.FQDN, Value: "x.eu-west-1.awsapprunner.com"})
	locked := o.Asset(t, "locked")
	tags(t, locked, inventory.Known, 0)
	if locked.Attributes.IsKnown() {
		t.Error("attributes that were refused are known")
	}
}

func TestAppServiceTagsRefused(t *testing.T) {
	answers := appAnswers()
	answers["ListTagsForResource"] = listertest.Refuse("AccessDeniedException")
	o := run(t, "AWS::AppRunner::Service", answers)
	want(t, o, 2, 3)
	tags(t, o.Asset(t, "api"), inventory.Unknown, 0)
}
