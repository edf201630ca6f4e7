package analytics

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

const sagemakerARN = "arn:aws:sagemaker:eu-west-1:111122223333:"

// sagemakerCase is one kind of thing: "one" is described whole, "two" is gone by the time it is asked, and "three" is refused.
type sagemakerCase struct {
	typ            inventory.Type
	kind           string
	list, describe string // operations
	members        string // of the answer to the list
	item           string // %[1]s is the name, %[2]s the ARN
	one            string
	want           map[string]string
	unasked        string // an attribute that only the description tells
}

func sagemakerCases() []sagemakerCase {
	return []sagemakerCase{
		{
			typ: "AWS::SageMaker::Endpoint", kind: "endpoint", list: "ListEndpoints", describe: "DescribeEndpoint", members: "Endpoints",
			item: `{"EndpointName":"%[1]s","EndpointArn":"%[2]s","EndpointStatus":"InService","CreationTime":1767225600}`,
			one:  `{"EndpointName":"one","EndpointConfigName":"config"}`,
			want: map[string]string{"EndpointName": "one", "EndpointConfigName": "config"}, unasked: "EndpointConfigName",
		},
		{
			typ: "AWS::SageMaker::EndpointConfig", kind: "endpoint-config", list: "ListEndpointConfigs", describe: "DescribeEndpointConfig", members: "EndpointConfigs",
			item: `{"EndpointConfigName":"%[1]s","EndpointConfigArn":"%[2]s","CreationTime":1767225600}`,
			one: `{"EndpointConfigName":"one","KmsKeyId":"alias/models","EnableNetworkIsolation":true,"DataCaptureConfig":{"EnableCapture":true},
				"ProductionVariants":[{"VariantName":"all","ModelName":"m","InstanceType":"ml.m5.large","InitialInstanceCount":2},{"VariantName":"rest"}]}`,
			want: map[string]string{
				"KmsKeyId": "alias/models", "EnableNetworkIsolation": "true", "DataCaptureConfig.EnableCapture": "true", "ExecutionRoleArn": "null",
				"ProductionVariants": `[{"InstanceType":"ml.m5.large","ModelName":"m","VariantName":"all"},{"VariantName":"rest"}]`,
			},
			unasked: "KmsKeyId",
		},
		{
			typ: "AWS::SageMaker::Model", kind: "model", list: "ListModels", describe: "DescribeModel", members: "Models",
			item: `{"ModelName":"%[1]s","ModelArn":"%[2]s","CreationTime":1767225600}`,
			one: `{"ModelName":"one","ExecutionRoleArn":"arn:aws:iam::111122223333:role/m","EnableNetworkIsolation":false,
				"VpcConfig":{"Subnets":["subnet-1"],"SecurityGroupIds":["sg-1"]},"PrimaryContainer":{"Image":"i","Environment":{"TOKEN":"hunter2"}}}`,
			want: map[string]string{
				"ExecutionRoleArn": "arn:aws:iam::111122223333:role/m", "EnableNetworkIsolation": "false", "VpcConfig.Subnets": `["subnet-1"]`,
				"VpcConfig.SecurityGroupIds": `["sg-1"]`, "PrimaryContainer.Image": "i", "PrimaryContainer.Environment": "-",
			},
			unasked: "VpcConfig.Subnets",
		},
		{
			typ: "AWS::SageMaker::NotebookInstance", kind: "notebook-instance", list: "ListNotebookInstances", describe: "DescribeNotebookInstance",
			members: "NotebookInstances",
			item: `{"NotebookInstanceName":"%[1]s","NotebookInstanceArn":"%[2]s","InstanceType":"ml.t3.medium","NotebookInstanceStatus":"InService",
				"Url":"%[1]s-ab.notebook.eu-west-1.sagemaker.aws","CreationTime":1767225600}`,
			one: `{"NotebookInstanceName":"one","RoleArn":"arn:aws:iam::111122223333:role/n","SubnetId":"subnet-1","SecurityGroups":["sg-1"],"DirectInternetAccess":"Disabled",
				"RootAccess":"Enabled","VolumeSizeInGB":20,"PlatformIdentifier":"notebook-al2-v3","InstanceMetadataServiceConfiguration":{"MinimumInstanceMetadataServiceVersion":"2"}}`,
			want: map[string]string{
				"InstanceType": "ml.t3.medium", "RoleArn": "arn:aws:iam::111122223333:role/n", "SubnetId": "subnet-1", "SecurityGroupIds": `["sg-1"]`,
				"DirectInternetAccess": "Disabled", "RootAccess": "Enabled", "VolumeSizeInGB": "20", "KmsKeyId": "null",
				"InstanceMetadataServiceConfiguration.MinimumInstanceMetadataServiceVersion": "2",
			},
			unasked: "DirectInternetAccess",
		},
		{
			typ: "AWS::SageMaker::Domain", kind: "domain", list: "ListDomains", describe: "DescribeDomain", members: "Domains",
			item: `{"DomainId":"%[1]s","DomainName":"%[1]s","DomainArn":"%[2]s","Status":"InService","CreationTime":1767225600}`,
			one: `{"DomainId":"one","AuthMode":"SSO","AppNetworkAccessType":"VpcOnly","TagPropagation":"ENABLED","VpcId":"vpc-1","SubnetIds":["subnet-1"],"KmsKeyId":"k",
				"HomeEfsFileSystemId":"fs-1","DefaultUserSettings":{"ExecutionRole":"arn:aws:iam::111122223333:role/d"}}`,
			want: map[string]string{
				"AuthMode": "SSO", "AppNetworkAccessType": "VpcOnly", "TagPropagation": "ENABLED", "VpcId": "vpc-1", "SubnetIds": `["subnet-1"]`, "KmsKeyId": "k",
				"HomeEfsFileSystemId": "fs-1", "DefaultUserSettings.ExecutionRole": "arn:aws:iam::111122223333:role/d",
			},
			unasked: "AuthMode",
		},
	}
}

func (c sagemakerCase) page(next string, names ...string) string {
	items := make([]string, len(names))
	for i, name := range names {
		items[i] = fmt.Sprintf(c.item, name, sagemakerARN+c.kind+"/"+name)
	}
	return `{"` + c.members + `":[` + strings.Join(items, ",") + `]` + next + `}`
}

func (c sagemakerCase) answers() listertest.Answers {
	return listertest.Answers{
		c.list: listertest.Bodies(c.page(`,"NextToken":"more"`, "one"), c.page("", "two", "three", "four")),
		c.describe: func(_ int, request string) listertest.Response {
			switch {
			case strings.Contains(request, `"one"`):
				return listertest.Response{Body: c.one}
			case strings.Contains(request, `"two"`):
				return listertest.Response{Status: 400, Body: `{"__type":"ValidationException","message":"Could not find it."}`}
			case strings.Contains(request, `"three"`):
				return listertest.Response{Code: "AccessDeniedException"}
			}
			return listertest.Response{Code: "ResourceNotFound"}
		},
		"ListTags": listertest.For(map[string]string{
			`/one"`: `{"Tags":[{"Key":"owner","Value":"ml"}],"NextToken":"rest"}`, `"NextToken":"rest"`: `{"Tags":[{"Key":"env","Value":"prod"}]}`,
			`/three"`: `{"Tags":[]}`,
		}),
	}
}

func TestSageMaker(t *testing.T) {
	for _, c := range sagemakerCases() {
		t.Run(string(c.typ), func(t *testing.T) {
			o := listertest.Run(t, listertest.Find(t, Listers(), c.typ), c.answers())
			if o.Err != nil || len(o.Assets) != 2 || len(o.Unread) != 1 {
				t.Fatalf("error %v, %d assets, unread %v", o.Err, len(o.Assets), o.Unread)
			}
			one := o.Asset(t, sagemakerARN+c.kind+"/one")
			listertest.Texts(t, one, c.want)
			listertest.Tag(t, one, "owner", "ml")
			listertest.Tag(t, one, "env", "prod")
			if one.Created.IsZero() || lister.IdentifierOf(&one, inventory.ResourceID) != "one" {
				t.Errorf("created %s, id %q", one.Created, lister.IdentifierOf(&one, inventory.ResourceID))
			}
			three := o.Asset(t, "three")
			listertest.Texts(t, three, map[string]string{c.unasked: "-"})
			listertest.Untagged(t, three)
		})
	}
}

func TestSageMakerRefused(t *testing.T) {
	for _, c := range sagemakerCases() {
		l := listertest.Find(t, Listers(), c.typ)
		answers := c.answers()
		answers["ListTags"] = listertest.Refuse("AccessDeniedException")
		if got := listertest.Run(t, l, answers).Asset(t, "one").Tags.State(); got != inventory.Unknown {
			t.Errorf("%s: tags that were refused are %s", c.typ, got)
		}
		if o := listertest.Run(t, l, listertest.Answers{c.list: listertest.Refuse("AccessDeniedException")}); o.Err == nil {
			t.Errorf("%s: a list that was refused passes for an empty one", c.typ)
		}
	}
}

func TestOtherBadRequestsAreNoAbsence(t *testing.T) {
	c := sagemakerCases()[0]
	answers := c.answers()
	answers[c.describe] = func(int, string) listertest.Response {
		return listertest.Response{Status: 400, Body: `{"__type":"ValidationException","message":"1 validation error detected"}`}
	}
	o := listertest.Run(t, listertest.Find(t, Listers(), c.typ), answers)
	if len(o.Assets) != 4 || !slices.ContainsFunc(o.Unread, func(s string) bool { return strings.Contains(s, "ValidationException") }) {
		t.Errorf("%d assets, unread %v", len(o.Assets), o.Unread)
	}
}

func TestNotebookAddress(t *testing.T) {
	c := sagemakerCases()[3]
	one := listertest.Run(t, listertest.Find(t, Listers(), c.typ), c.answers()).Asset(t, "one")
	if !slices.Contains(one.Identifiers, inventory.Identifier{Kind: inventory.FQDN, Value: "one-ab.notebook.eu-west-1.sagemaker.aws"}) {
		t.Errorf("identifiers %v", one.Identifiers)
	}
}
