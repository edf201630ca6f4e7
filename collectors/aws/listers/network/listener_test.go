package network

import (
	"testing"

	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

const (
	webListener = balancing + "listener/app/web/50dc6c49/f2f7dc8e"
	webPlain    = balancing + "listener/app/web/50dc6c49/a2f7dc8e"
)

const listenersFirst = `<Listeners><member><ListenerArn>` + webListener + `</ListenerArn><LoadBalancerArn>` + balancing + `loadbalancer/app/web/50dc6c49</LoadBalancerArn>
	<Port>443</Port><Protocol>HTTPS</Protocol><SslPolicy>ELBSecurityPolicy-TLS13-1-2-2021-06</SslPolicy>
	<Certificates><member><CertificateArn>arn:aws:acm:eu-west-1:111122223333:certificate/1</CertificateArn></member></Certificates>
	<MutualAuthentication><Mode>verify</Mode><TrustStoreArn>` + balancing + `truststore/a/1</TrustStoreArn><IgnoreClientCertificateExpiry>false</IgnoreClientCertificateExpiry></MutualAuthentication>
	<DefaultActions><member><Type>authenticate-oidc</Type><Order>1</Order><AuthenticateOidcConfig><Issuer>https://id.example.com</Issuer><ClientId>c</ClientId><ClientSecret>hush-hush</ClientSecret>
	<OnUnauthenticatedRequest>deny</OnUnauthenticatedRequest></AuthenticateOidcConfig></member>
	<member><Type>forward</Type><Order>2</Order><TargetGroupArn>tg1</TargetGroupArn><ForwardConfig><TargetGroups><member><TargetGroupArn>tg1</TargetGroupArn><Weight>1</Weight></member></TargetGroups></ForwardConfig></member></DefaultActions>
	</member></Listeners><NextMarker>more</NextMarker>`

const listenersSecond = `<Listeners><member><ListenerArn>` + webPlain + `</ListenerArn><LoadBalancerArn>` + balancing + `loadbalancer/app/web/50dc6c49</LoadBalancerArn>
	<Port>80</Port><Protocol>HTTP</Protocol><DefaultActions>
	<member><Type>redirect</Type><RedirectConfig><StatusCode>HTTP_301</StatusCode><Protocol>HTTPS</Protocol><Port>443</Port></RedirectConfig></member>
	<member><Type>fixed-response</Type><FixedResponseConfig><StatusCode>503</StatusCode><ContentType>text/plain</ContentType><MessageBody>away</MessageBody></FixedResponseConfig></member>
	<member><Type>forward</Type><ForwardConfig><TargetGroups><member><TargetGroupArn>tg1</TargetGroupArn><Weight>90</Weight></member><member><TargetGroupArn>tg2</TargetGroupArn><Weight>10</Weight></member></TargetGroups></ForwardConfig></member>
	<member><Type>authenticate-cognito</Type><AuthenticateCognitoConfig><UserPoolArn>pool</UserPoolArn><UserPoolClientId>c</UserPoolClientId><UserPoolDomain>d</UserPoolDomain></AuthenticateCognitoConfig></member>
	</DefaultActions></member></Listeners>`

// listenersOfWeb answers in two pages for the one load balancer, and that the other is not there any more.
func listenersOfWeb(code string) listertest.Answer {
	return func(_ int, request string) listertest.Response {
		if listertest.For(map[string]string{"web": "x"})(0, request).Code != "" {
			return listertest.Response{Code: code}
		}
		if listertest.For(map[string]string{"Marker=more": "x"})(0, request).Code != "" {
			return listertest.Response{Body: queryAnswer("DescribeListeners", listenersFirst)}
		}
		return listertest.Response{Body: queryAnswer("DescribeListeners", listenersSecond)}
	}
}

func TestListeners(t *testing.T) {
	o := run(t, "AWS::ElasticLoadBalancingV2::Listener", listertest.Answers{
		"DescribeLoadBalancers": balancers(), "DescribeListeners": listenersOfWeb("LoadBalancerNotFound"), "DescribeTags": balancingTagsOf(webListener, webPlain),
	})
	wholly(t, o, webListener, webPlain)
	secretless(t, o, "hush")
	a := o.Asset(t, "web:443")
	attributes(t, a, map[string]string{
		"Port": "443", "Protocol": `"HTTPS"`, "SslPolicy": `"ELBSecurityPolicy-TLS13-1-2-2021-06"`, "AlpnPolicy": "[]",
		"LoadBalancerArn": `"` + balancing + `loadbalancer/app/web/50dc6c49"`,
		"Certificates":    `[{"CertificateArn":"arn:aws:acm:eu-west-1:111122223333:certificate/1"}]`,
		"DefaultActions": `[{"AuthenticateOidcConfig":{"Issuer":"https://id.example.com","OnUnauthenticatedRequest":"deny"},"Order":1,"Type":"authenticate-oidc"},` +
			`{"Order":2,"TargetGroupArn":"tg1","Type":"forward"}]`,
		"MutualAuthentication": `{"IgnoreClientCertificateExpiry":false,"Mode":"verify","TrustStoreArn":"` + balancing + `truststore/a/1"}`,
	})
	related(t, a, inventory.PartOf, balancing+"loadbalancer/app/web/50dc6c49")
	tagged(t, a, "owner", "web")
	b := o.Asset(t, "web:80")
	attributes(t, b, map[string]string{"SslPolicy": "null", "DefaultActions": `[{"RedirectConfig":{"Port":"443","Protocol":"HTTPS","StatusCode":"HTTP_301"},"Type":"redirect"},` +
		`{"FixedResponseConfig":{"ContentType":"text/plain","StatusCode":"503"},"Type":"fixed-response"},` +
		`{"ForwardConfig":{"TargetGroups":[{"TargetGroupArn":"tg1","Weight":90},{"TargetGroupArn":"tg2","Weight":10}]},"Type":"forward"},` +
		`{"AuthenticateCognitoConfig":{"UserPoolArn":"pool"},"Type":"authenticate-cognito"}]`})
	untagged(t, b)
}

func TestListenersOfOneRefused(t *testing.T) {
	o := run(t, "AWS::ElasticLoadBalancingV2::Listener", listertest.Answers{
		"DescribeLoadBalancers": balancers(), "DescribeListeners": listenersOfWeb("AccessDenied"), "DescribeTags": listertest.Refuse("AccessDenied"),
	})
	if o.Err != nil || len(o.Assets) != 2 || len(o.Unread) != 3 {
		t.Fatalf("error %v, %d assets, unread %v", o.Err, len(o.Assets), o.Unread)
	}
	if o.Listed() {
		t.Error("what was not listed passes for deleted")
	}
	tagsUnknown(t, o.Assets[0])
}

func TestListenersBrokenOff(t *testing.T) {
	o := run(t, "AWS::ElasticLoadBalancingV2::Listener", listertest.Answers{
		"DescribeLoadBalancers": listertest.Bodies(queryAnswer("DescribeLoadBalancers", balancersSecond)),
		"DescribeListeners": func(n int, _ string) listertest.Response {
			if n > 0 {
				return listertest.Response{Code: "AccessDenied"}
			}
			return listertest.Response{Body: queryAnswer("DescribeListeners", listenersFirst)}
		},
		"DescribeTags": balancingTagsOf(webListener, webPlain),
	})
	if o.Err != nil || len(o.Assets) != 1 || len(o.Unread) != 1 {
		t.Errorf("error %v, %d assets, unread %v: what was read is kept", o.Err, len(o.Assets), o.Unread)
	}
	if o.Listed() {
		t.Error("what was not listed passes for deleted")
	}
}
