package network

import (
	"testing"

	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

const distributionPrefix = "arn:aws:cloudfront::111122223333:distribution/"

const distributionsFirst = `<DistributionList><Marker></Marker><NextMarker>more</NextMarker><MaxItems>100</MaxItems><IsTruncated>true</IsTruncated><Quantity>1</Quantity><Items>
	<DistributionSummary><Id>E1</Id><ARN>` + distributionPrefix + `E1</ARN><Status>Deployed</Status><LastModifiedTime>2026-01-01T00:00:00Z</LastModifiedTime>
	<DomainName>d1.cloudfront.net</DomainName><Aliases><Quantity>1</Quantity><Items><CNAME>www.example.com</CNAME></Items></Aliases>
	<Origins><Quantity>1</Quantity><Items><Origin><Id>app</Id><DomainName>app.example.com</DomainName><OriginPath></OriginPath>
	<CustomHeaders><Quantity>1</Quantity><Items><OriginCustomHeader><HeaderName>x-key</HeaderName><HeaderValue>hush-hush</HeaderValue></OriginCustomHeader></Items></CustomHeaders>
	<CustomOriginConfig><HTTPPort>80</HTTPPort><HTTPSPort>443</HTTPSPort><OriginProtocolPolicy>https-only</OriginProtocolPolicy></CustomOriginConfig></Origin></Items></Origins>
	<DefaultCacheBehavior><TargetOriginId>app</TargetOriginId><ViewerProtocolPolicy>redirect-to-https</ViewerProtocolPolicy></DefaultCacheBehavior>
	<CacheBehaviors><Quantity>0</Quantity></CacheBehaviors><CustomErrorResponses><Quantity>0</Quantity></CustomErrorResponses><Comment>the site</Comment>
	<PriceClass>PriceClass_All</PriceClass><Enabled>true</Enabled>
	<ViewerCertificate><ACMCertificateArn>arn:aws:acm:us-east-1:111122223333:certificate/1</ACMCertificateArn><MinimumProtocolVersion>TLSv1.2_2021</MinimumProtocolVersion>
	<CloudFrontDefaultCertificate>false</CloudFrontDefaultCertificate></ViewerCertificate>
	<Restrictions><GeoRestriction><RestrictionType>none</RestrictionType><Quantity>0</Quantity></GeoRestriction></Restrictions>
	<WebACLId>arn:aws:wafv2:us-east-1:111122223333:global/webacl/a/1</WebACLId><HttpVersion>http2</HttpVersion><IsIPV6Enabled>true</IsIPV6Enabled><Staging>false</Staging>
	</DistributionSummary></Items></DistributionList>`

const distributionsSecond = `<DistributionList><IsTruncated>false</IsTruncated><Items><DistributionSummary><Id>E2</Id><ARN>` + distributionPrefix + `E2</ARN>
	<Comment></Comment><WebACLId></WebACLId><Enabled>false</Enabled></DistributionSummary></Items></DistributionList>`

func distributions() listertest.Answer {
	return listertest.Bodies(distributionsFirst, distributionsSecond)
}

func TestDistributions(t *testing.T) {
	o := run(t, "AWS::CloudFront::Distribution", listertest.Answers{
		"ListDistributions": distributions(),
		"ListTagsForResource": listertest.For(map[string]string{
			"E1": `<Tags><Items><Tag><Key>owner</Key><Value>web</Value></Tag></Items></Tags>`, "E2": `<Tags><Items/></Tags>`,
		}),
	})
	wholly(t, o, distributionPrefix+"E1", distributionPrefix+"E2")
	secretless(t, o, "hush")
	a := o.Asset(t, "E1")
	attributes(t, a, map[string]string{
		"DistributionConfig.Enabled": "true", "DistributionConfig.Aliases": `["www.example.com"]`, "DistributionConfig.Comment": `"the site"`,
		"DistributionConfig.PriceClass": `"PriceClass_All"`, "DistributionConfig.WebACLId": `"arn:aws:wafv2:us-east-1:111122223333:global/webacl/a/1"`,
		"DistributionConfig.HttpVersion": `"http2"`, "DistributionConfig.IPV6Enabled": "true", "DistributionConfig.Staging": "false",
		"DistributionConfig.DefaultCacheBehavior.ViewerProtocolPolicy": `"redirect-to-https"`, "DistributionConfig.DefaultCacheBehavior.TargetOriginId": `"app"`,
		"DistributionConfig.ViewerCertificate.AcmCertificateArn":         `"arn:aws:acm:us-east-1:111122223333:certificate/1"`,
		"DistributionConfig.ViewerCertificate.MinimumProtocolVersion":    `"TLSv1.2_2021"`,
		"DistributionConfig.Restrictions.GeoRestriction.RestrictionType": `"none"`,
		"DistributionConfig.Origins":                                     `[{"CustomOriginConfig":{"OriginProtocolPolicy":"https-only"},"DomainName":"app.example.com","Id":"app"}]`,
	})
	identified(t, a, inventory.FQDN, "d1.cloudfront.net")
	identified(t, a, inventory.ResourceID, "E1")
	tagged(t, a, "owner", "web")
	b := o.Asset(t, "E2")
	attributes(t, b, map[string]string{
		"DistributionConfig.Enabled": "false", "DistributionConfig.Aliases": "[]", "DistributionConfig.WebACLId": "null", "DistributionConfig.Origins": "[]",
	})
	untagged(t, b)
}

func TestDistributionTagsRefused(t *testing.T) {
	o := run(t, "AWS::CloudFront::Distribution", listertest.Answers{
		"ListDistributions": distributions(), "ListTagsForResource": listertest.Refuse("AccessDenied"),
	})
	if o.Err != nil || len(o.Assets) != 2 || len(o.Unread) != 2 {
		t.Fatalf("error %v, %d assets, unread %v", o.Err, len(o.Assets), o.Unread)
	}
	tagsUnknown(t, o.Asset(t, "E1"))
}
