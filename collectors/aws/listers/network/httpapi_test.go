package network

import (
	"strings"
	"testing"
	"time"

	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

func httpAPIs() listertest.Answer {
	return listertest.Bodies(
		`{"items":[{"apiId":"abc","name":"orders","description":"takes orders","protocolType":"HTTP","apiEndpoint":"https://abc.execute-api.eu-west-1.amazonaws.com",
			"createdDate":"2026-01-01T00:00:00Z","disableExecuteApiEndpoint":false,"routeSelectionExpression":"$request.method $request.path",
			"apiKeySelectionExpression":"$request.header.x-api-key","ipAddressType":"ipv4","corsConfiguration":{"allowCredentials":true,"allowOrigins":["https://www.example.com"],"maxAge":300},
			"tags":{"owner":"web"}}],"nextToken":"more"}`,
		`{"items":[{"apiId":"def","name":"bare","protocolType":"WEBSOCKET"}]}`,
	)
}

func TestHTTPAPIs(t *testing.T) {
	o := run(t, "AWS::ApiGatewayV2::Api", listertest.Answers{"GetApis": httpAPIs()})
	wholly(t, o, apiPrefix+"/apis/abc", apiPrefix+"/apis/def")
	a := o.Asset(t, "orders")
	attributes(t, a, map[string]string{
		"Name": `"orders"`, "Description": `"takes orders"`, "ProtocolType": `"HTTP"`, "DisableExecuteApiEndpoint": "false", "IpAddressType": `"ipv4"`, "Version": "null",
		"RouteSelectionExpression": `"$request.method $request.path"`, "ApiKeySelectionExpression": `"$request.header.x-api-key"`,
		"CorsConfiguration": `{"AllowCredentials":true,"AllowOrigins":["https://www.example.com"],"MaxAge":300}`,
	})
	identified(t, a, inventory.FQDN, "abc.execute-api.eu-west-1.amazonaws.com")
	identified(t, a, inventory.ResourceID, "abc")
	if want := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC); !a.Created.Equal(want) {
		t.Errorf("created %s", a.Created)
	}
	tagged(t, a, "owner", "web")
	attributes(t, o.Asset(t, "bare"), map[string]string{"CorsConfiguration": "null"})
	untagged(t, o.Asset(t, "bare"))
}

const httpStage1 = `{"items":[{"stageName":"$default","autoDeploy":true,"deploymentId":"d1","createdDate":"2026-01-01T00:00:00Z","stageVariables":{"token":"hush-hush"},
	"accessLogSettings":{"destinationArn":"arn:aws:logs:eu-west-1:111122223333:log-group:api","format":"$context.requestId"},
	"defaultRouteSettings":{"detailedMetricsEnabled":true,"loggingLevel":"INFO","dataTraceEnabled":false,"throttlingBurstLimit":5,"throttlingRateLimit":2.5},"tags":{"owner":"web"}}],"nextToken":"more"}`

func TestHTTPStages(t *testing.T) {
	o := run(t, "AWS::ApiGatewayV2::Stage", listertest.Answers{"GetApis": httpAPIs(), "GetStages": func(_ int, request string) listertest.Response {
		switch {
		case strings.Contains(request, "def"):
			return listertest.Response{Code: "NotFoundException", Status: 404}
		case strings.Contains(request, "nextToken=more"):
			return listertest.Response{Body: `{"items":[{"stageName":"test"}]}`}
		}
		return listertest.Response{Body: httpStage1}
	}})
	wholly(t, o, apiPrefix+"/apis/abc/stages/$default", apiPrefix+"/apis/abc/stages/test")
	secretless(t, o, "hush")
	a := o.Asset(t, "orders/$default")
	attributes(t, a, map[string]string{
		"ApiId": `"abc"`, "StageName": `"$default"`, "AutoDeploy": "true", "DeploymentId": `"d1"`, "StageVariableNames": `["token"]`, "Description": "null",
		"AccessLogSettings.DestinationArn": `"arn:aws:logs:eu-west-1:111122223333:log-group:api"`, "AccessLogSettings.Format": `"$context.requestId"`,
		"DefaultRouteSettings": `{"DataTraceEnabled":false,"DetailedMetricsEnabled":true,"LoggingLevel":"INFO","ThrottlingBurstLimit":5,"ThrottlingRateLimit":2.5}`,
	})
	related(t, a, inventory.PartOf, apiPrefix+"/apis/abc")
	tagged(t, a, "owner", "web")
	attributes(t, o.Asset(t, "orders/test"), map[string]string{"AccessLogSettings.DestinationArn": "null"})
	untagged(t, o.Asset(t, "orders/test"))
}

func TestHTTPStagesOfOneRefused(t *testing.T) {
	o := run(t, "AWS::ApiGatewayV2::Stage", listertest.Answers{"GetApis": httpAPIs(), "GetStages": func(_ int, request string) listertest.Response {
		if strings.Contains(request, "abc") {
			return listertest.Response{Code: "AccessDeniedException"}
		}
		return listertest.Response{Body: `{"items":[{"stageName":"prod"}]}`}
	}})
	if o.Err != nil || len(o.Assets) != 1 || len(o.Unread) != 1 || !strings.HasPrefix(o.Unread[0], ": list what is in "+apiPrefix+"/apis/abc") {
		t.Errorf("error %v, %d assets, unread %v", o.Err, len(o.Assets), o.Unread)
	}
	if o.Listed() {
		t.Error("what was not listed passes for deleted")
	}
}
