package network

import (
	"strings"
	"testing"
	"time"

	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

const apiPrefix = "arn:aws:apigateway:eu-west-1::"

func restAPIs() listertest.Answer {
	return listertest.Bodies(
		`{"item":[{"id":"abc","name":"orders","description":"takes orders","createdDate":1767225600,"apiKeySource":"HEADER","binaryMediaTypes":["image/png"],
			"endpointConfiguration":{"types":["PRIVATE"],"vpcEndpointIds":["vpce-1"],"ipAddressType":"dualstack"},"disableExecuteApiEndpoint":true,"minimumCompressionSize":1024,
			"policy":"{\\\"Version\\\":\\\"2012-10-17\\\",\\\"Statement\\\":[]}","tags":{"owner":"web"}}],"position":"more"}`,
		`{"item":[{"id":"def","name":"bare"}]}`,
	)
}

func TestRestAPIs(t *testing.T) {
	o := run(t, "AWS::ApiGateway::RestApi", listertest.Answers{"GetRestApis": restAPIs()})
	wholly(t, o, apiPrefix+"/restapis/abc", apiPrefix+"/restapis/def")
	a := o.Asset(t, "orders")
	attributes(t, a, map[string]string{
		"Name": `"orders"`, "Description": `"takes orders"`, "ApiKeySourceType": `"HEADER"`, "BinaryMediaTypes": `["image/png"]`, "DisableExecuteApiEndpoint": "true",
		"MinimumCompressionSize": "1024", "Policy": `{"Statement":[],"Version":"2012-10-17"}`, "EndpointConfiguration.Types": `["PRIVATE"]`,
		"EndpointConfiguration.VpcEndpointIds": `["vpce-1"]`, "EndpointConfiguration.IpAddressType": `"dualstack"`,
	})
	identified(t, a, inventory.ResourceID, "abc")
	if want := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC); !a.Created.Equal(want) {
		t.Errorf("created %s", a.Created)
	}
	tagged(t, a, "owner", "web")
	attributes(t, o.Asset(t, "bare"), map[string]string{"Policy": "null", "MinimumCompressionSize": "null", "DisableExecuteApiEndpoint": "false"})
	untagged(t, o.Asset(t, "bare"))
}

func TestUnescape(t *testing.T) {
	for policy, want := range map[string]string{`{\"a\":1}`: `{"a":1}`, `{"a":1}`: `{"a":1}`, ``: ``, `{"a`: `{"a`} {
		if got := unescape(policy); got != want {
			t.Errorf("%s: %s, want %s", policy, got, want)
		}
	}
}

const restStages = `{"item":[{"stageName":"prod","deploymentId":"d1","createdDate":1767225600,"cacheClusterEnabled":true,"cacheClusterSize":"0.5","tracingEnabled":true,
	"clientCertificateId":"cc","webAclArn":"arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/a/1","variables":{"db_password":"hush-hush","a":"b"},
	"accessLogSettings":{"destinationArn":"arn:aws:logs:eu-west-1:111122223333:log-group:api","format":"$context.requestId"},
	"methodSettings":{"~1orders~1{id}/GET":{"loggingLevel":"INFO","dataTraceEnabled":true,"metricsEnabled":true,"throttlingBurstLimit":5,"throttlingRateLimit":2.5},"*/*":{"loggingLevel":"OFF"}},
	"tags":{"owner":"web"}},{"stageName":"test"}]}`

func TestRestStages(t *testing.T) {
	o := run(t, "AWS::ApiGateway::Stage", listertest.Answers{"GetRestApis": restAPIs(), "GetStages": func(_ int, request string) listertest.Response {
		if strings.Contains(request, "def") {
			return listertest.Response{Code: "NotFoundException", Status: 404}
		}
		return listertest.Response{Body: restStages}
	}})
	wholly(t, o, apiPrefix+"/restapis/abc/stages/prod", apiPrefix+"/restapis/abc/stages/test")
	secretless(t, o, "hush")
	a := o.Asset(t, "orders/prod")
	attributes(t, a, map[string]string{
		"RestApiId": `"abc"`, "StageName": `"prod"`, "DeploymentId": `"d1"`, "CacheClusterEnabled": "true", "CacheClusterSize": `"0.5"`, "TracingEnabled": "true",
		"ClientCertificateId": `"cc"`, "WebAclArn": `"arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/a/1"`, "VariableNames": `["a","db_password"]`,
		"AccessLogSetting.DestinationArn": `"arn:aws:logs:eu-west-1:111122223333:log-group:api"`, "AccessLogSetting.Format": `"$context.requestId"`,
		"MethodSettings": `[{"CacheDataEncrypted":false,"CachingEnabled":false,"DataTraceEnabled":false,"HttpMethod":"*","LoggingLevel":"OFF","MetricsEnabled":false,"ResourcePath":"/*","ThrottlingBurstLimit":0,"ThrottlingRateLimit":0},` +
			`{"CacheDataEncrypted":false,"CachingEnabled":false,"DataTraceEnabled":true,"HttpMethod":"GET","LoggingLevel":"INFO","MetricsEnabled":true,"ResourcePath":"/~1orders~1{id}","ThrottlingBurstLimit":5,"ThrottlingRateLimit":2.5}]`,
	})
	related(t, a, inventory.PartOf, apiPrefix+"/restapis/abc")
	tagged(t, a, "owner", "web")
	attributes(t, o.Asset(t, "orders/test"), map[string]string{"AccessLogSetting.DestinationArn": "null", "VariableNames": "[]", "MethodSettings": "[]"})
	untagged(t, o.Asset(t, "orders/test"))
}

func TestRestStagesOfOneRefused(t *testing.T) {
	o := run(t, "AWS::ApiGateway::Stage", listertest.Answers{"GetRestApis": restAPIs(), "GetStages": func(_ int, request string) listertest.Response {
		if strings.Contains(request, "abc") {
			return listertest.Response{Code: "AccessDeniedException"}
		}
		return listertest.Response{Body: `{"item":[{"stageName":"prod"}]}`}
	}})
	if o.Err != nil || len(o.Assets) != 1 || len(o.Unread) != 1 || !strings.HasPrefix(o.Unread[0], ": list what is in "+apiPrefix+"/restapis/abc") {
		t.Errorf("error %v, %d assets, unread %v", o.Err, len(o.Assets), o.Unread)
	}
	if o.Listed() {
		t.Error("what was not listed passes for deleted")
	}
}
