package network

import (
	"strings"
	"testing"

	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

func TestAPIKeys(t *testing.T) {
	o := run(t, "AWS::ApiGateway::ApiKey", listertest.Answers{"GetApiKeys": func(n int, request string) listertest.Response {
		if !strings.Contains(request, "includeValues=false") {
			t.Errorf("asked for values: %s", request)
		}
		return listertest.Bodies(
			`{"item":[{"id":"k1","name":"partner","description":"of a partner","value":"hush-hush","enabled":true,"customerId":"c1","createdDate":1767225600,
				"stageKeys":["abc/prod"],"tags":{"owner":"web"}}],"position":"more"}`,
			`{"item":[{"id":"k2","name":"bare","enabled":false}]}`,
		)(n, request)
	}})
	wholly(t, o, apiPrefix+"/apikeys/k1", apiPrefix+"/apikeys/k2")
	secretless(t, o, "hush")
	a := o.Asset(t, "partner")
	attributes(t, a, map[string]string{
		"Name": `"partner"`, "Description": `"of a partner"`, "Enabled": "true", "CustomerId": `"c1"`, "StageKeys": `[{"RestApiId":"abc","StageName":"prod"}]`,
	})
	if _, there := a.Attributes.Get("Value"); there {
		t.Error("the key itself is an attribute")
	}
	identified(t, a, inventory.ResourceID, "k1")
	tagged(t, a, "owner", "web")
	untagged(t, o.Asset(t, "bare"))
}

func TestUsagePlans(t *testing.T) {
	o := run(t, "AWS::ApiGateway::UsagePlan", listertest.Answers{"GetUsagePlans": listertest.Bodies(
		`{"item":[{"id":"u1","name":"gold","description":"much","apiStages":[{"apiId":"abc","stage":"prod"}],"throttle":{"burstLimit":200,"rateLimit":100.5},
			"quota":{"limit":10000,"offset":0,"period":"MONTH"},"tags":{"owner":"web"}}],"position":"more"}`,
		`{"item":[{"id":"u2","name":"bare"}]}`,
	)})
	wholly(t, o, apiPrefix+"/usageplans/u1", apiPrefix+"/usageplans/u2")
	a := o.Asset(t, "gold")
	attributes(t, a, map[string]string{
		"UsagePlanName": `"gold"`, "Description": `"much"`, "ApiStages": `[{"ApiId":"abc","Stage":"prod"}]`, "Throttle": `{"BurstLimit":200,"RateLimit":100.5}`,
		"Quota": `{"Limit":10000,"Offset":0,"Period":"MONTH"}`,
	})
	tagged(t, a, "owner", "web")
	untagged(t, o.Asset(t, "bare"))
}

func TestDomainNames(t *testing.T) {
	const private = "arn:aws:apigateway:eu-west-1:111122223333:/domainnames/api.internal+d1"
	o := run(t, "AWS::ApiGateway::DomainName", listertest.Answers{"GetDomainNames": listertest.Bodies(
		`{"item":[{"domainName":"api.example.com","regionalDomainName":"d-1.execute-api.eu-west-1.amazonaws.com","regionalCertificateArn":"arn:aws:acm:eu-west-1:111122223333:certificate/1",
			"endpointConfiguration":{"types":["REGIONAL"]},"securityPolicy":"TLS_1_2","mutualTlsAuthentication":{"truststoreUri":"s3://trust/store.pem"},"tags":{"owner":"web"}}],"position":"more"}`,
		`{"item":[{"domainName":"api.internal","domainNameId":"d1","domainNameArn":"`+private+`","endpointConfiguration":{"types":["PRIVATE"]}}]}`,
	)})
	wholly(t, o, apiPrefix+"/domainnames/api.example.com", private)
	a := o.Asset(t, "api.example.com")
	attributes(t, a, map[string]string{
		"DomainName": `"api.example.com"`, "RegionalCertificateArn": `"arn:aws:acm:eu-west-1:111122223333:certificate/1"`, "CertificateArn": "null",
		"SecurityPolicy": `"TLS_1_2"`, "EndpointConfiguration.Types": `["REGIONAL"]`, "MutualTlsAuthentication.TruststoreUri": `"s3://trust/store.pem"`,
	})
	identified(t, a, inventory.FQDN, "d-1.execute-api.eu-west-1.amazonaws.com")
	identified(t, a, inventory.ResourceID, "api.example.com")
	tagged(t, a, "owner", "web")
	attributes(t, o.Assets[1], map[string]string{"MutualTlsAuthentication.TruststoreUri": "null"})
	untagged(t, o.Assets[1])
}
