package network

import (
	"testing"

	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

func zones() listertest.Answer {
	return listertest.Bodies(
		`<ListHostedZonesResponse><HostedZones><HostedZone><Id>/hostedzone/Z1</Id><Name>example.com.</Name><CallerReference>r</CallerReference>
			<Config><Comment>public</Comment><PrivateZone>false</PrivateZone></Config><ResourceRecordSetCount>3</ResourceRecordSetCount></HostedZone></HostedZones>
			<IsTruncated>true</IsTruncated><NextMarker>Z2</NextMarker><MaxItems>100</MaxItems></ListHostedZonesResponse>`,
		`<ListHostedZonesResponse><HostedZones><HostedZone><Id>/hostedzone/Z2</Id><Name>svc.internal.</Name><Config><PrivateZone>true</PrivateZone></Config>
			<LinkedService><ServicePrincipal>servicediscovery.amazonaws.com</ServicePrincipal></LinkedService></HostedZone></HostedZones>
			<IsTruncated>false</IsTruncated></ListHostedZonesResponse>`,
	)
}

func dnsTagSet(id, tags string) string {
	return `<ListTagsForResourcesResponse><ResourceTagSets><ResourceTagSet><ResourceId>` + id + `</ResourceId><Tags>` + tags + `</Tags></ResourceTagSet></ResourceTagSets></ListTagsForResourcesResponse>`
}

func TestZones(t *testing.T) {
	o := run(t, "AWS::Route53::HostedZone", listertest.Answers{
		"ListHostedZones": zones(),
		"ListTagsForResources": listertest.For(map[string]string{
			">Z1<": dnsTagSet("Z1", `<Tag><Key>owner</Key><Value>network</Value></Tag>`), ">Z2<": dnsTagSet("Z2", ""),
		}),
	})
	wholly(t, o, "arn:aws:route53:::hostedzone/Z1", "arn:aws:route53:::hostedzone/Z2")
	a := o.Asset(t, "example.com")
	attributes(t, a, map[string]string{"Name": `"example.com."`, "HostedZoneConfig.Comment": `"public"`, "PrivateZone": "false", "LinkedService": "null"})
	identified(t, a, inventory.ResourceID, "Z1")
	tagged(t, a, "owner", "network")
	b := o.Asset(t, "svc.internal")
	attributes(t, b, map[string]string{"HostedZoneConfig.Comment": "null", "PrivateZone": "true", "LinkedService": `"servicediscovery.amazonaws.com"`})
	untagged(t, b)
}

func TestZoneTagsRefused(t *testing.T) {
	o := run(t, "AWS::Route53::HostedZone", listertest.Answers{"ListHostedZones": zones(), "ListTagsForResources": listertest.Refuse("AccessDenied")})
	if o.Err != nil || len(o.Assets) != 2 || len(o.Unread) != 2 {
		t.Fatalf("error %v, %d assets, unread %v", o.Err, len(o.Assets), o.Unread)
	}
	tagsUnknown(t, o.Asset(t, "example.com"))
}

func TestZoneGone(t *testing.T) {
	o := run(t, "AWS::Route53::HostedZone", listertest.Answers{"ListHostedZones": zones(), "ListTagsForResources": listertest.Refuse("NoSuchHostedZone")})
	if o.Err != nil || len(o.Unread) != 0 {
		t.Fatalf("error %v, unread %v", o.Err, o.Unread)
	}
	tagsUnknown(t, o.Asset(t, "example.com"))
}

func TestHealthChecks(t *testing.T) {
	o := run(t, "AWS::Route53::HealthCheck", listertest.Answers{
		"ListHealthChecks": listertest.Bodies(
			`<ListHealthChecksResponse><HealthChecks><HealthCheck><Id>h1</Id><CallerReference>r</CallerReference><HealthCheckConfig><Port>443</Port><Type>HTTPS_STR_MATCH</Type>
				<ResourcePath>/health</ResourcePath><FullyQualifiedDomainName>www.example.com</FullyQualifiedDomainName><SearchString>hush</SearchString><RequestInterval>30</RequestInterval>
				<FailureThreshold>3</FailureThreshold><MeasureLatency>false</MeasureLatency><Inverted>false</Inverted><Disabled>false</Disabled><EnableSNI>true</EnableSNI></HealthCheckConfig>
				</HealthCheck></HealthChecks><IsTruncated>true</IsTruncated><NextMarker>h2</NextMarker></ListHealthChecksResponse>`,
			`<ListHealthChecksResponse><HealthChecks><HealthCheck><Id>h2</Id><HealthCheckConfig><Type>CALCULATED</Type><HealthThreshold>1</HealthThreshold>
				<ChildHealthChecks><ChildHealthCheck>h1</ChildHealthCheck></ChildHealthChecks></HealthCheckConfig></HealthCheck></HealthChecks><IsTruncated>false</IsTruncated></ListHealthChecksResponse>`,
		),
		"ListTagsForResources": listertest.For(map[string]string{
			">h1<": dnsTagSet("h1", `<Tag><Key>owner</Key><Value>network</Value></Tag>`), ">h2<": dnsTagSet("h2", ""),
		}),
	})
	wholly(t, o, "arn:aws:route53:::healthcheck/h1", "arn:aws:route53:::healthcheck/h2")
	secretless(t, o, "hush")
	a := o.Asset(t, "h1")
	attributes(t, a, map[string]string{
		"HealthCheckConfig.Type": `"HTTPS_STR_MATCH"`, "HealthCheckConfig.Port": "443", "HealthCheckConfig.ResourcePath": `"/health"`, "HealthCheckConfig.IPAddress": "null",
		"HealthCheckConfig.FullyQualifiedDomainName": `"www.example.com"`, "HealthCheckConfig.RequestInterval": "30", "HealthCheckConfig.FailureThreshold": "3",
		"HealthCheckConfig.EnableSNI": "true", "HealthCheckConfig.Disabled": "false",
	})
	tagged(t, a, "owner", "network")
	attributes(t, o.Asset(t, "h2"), map[string]string{"HealthCheckConfig.ChildHealthChecks": `["h1"]`, "HealthCheckConfig.HealthThreshold": "1", "HealthCheckConfig.Port": "null"})
	untagged(t, o.Asset(t, "h2"))
}
