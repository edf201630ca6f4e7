package compute

import (
	"testing"

	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

const beanstalkARN = "arn:aws:elasticbeanstalk:eu-west-1:111122223333:"

func beanstalkTagAnswer(name string) listertest.Answer {
	return listertest.For(map[string]string{
		name: `<ListTagsForResourceResponse><ListTagsForResourceResult><ResourceTags><member><Key>owner</Key><Value>shop</Value></member></ResourceTags></ListTagsForResourceResult></ListTagsForResourceResponse>`,
	})
}

func TestApplications(t *testing.T) {
	o := run(t, "AWS::ElasticBeanstalk::Application", listertest.Answers{
		"DescribeApplications": listertest.Bodies(`<DescribeApplicationsResponse><DescribeApplicationsResult><Applications>
			<member><ApplicationName>shop</ApplicationName><ApplicationArn>` + beanstalkARN + `application/shop</ApplicationArn><Description>web shop</Description><DateCreated>2026-01-01T00:00:00Z</DateCreated>
			<ResourceLifecycleConfig><ServiceRole>arn:role</ServiceRole></ResourceLifecycleConfig></member>
			<member><ApplicationName>old</ApplicationName></member></Applications></DescribeApplicationsResult></DescribeApplicationsResponse>`),
		"ListTagsForResource": beanstalkTagAnswer("shop"),
	})
	want(t, o, 2, 1)
	a := o.Asset(t, beanstalkARN+"application/shop")
	attributes(t, a, map[string]string{"ApplicationName": `"shop"`, "Description": `"web shop"`, "ResourceLifecycleConfig.ServiceRole": `"arn:role"`})
	tagged(t, a, "owner", "shop")
	tags(t, o.Asset(t, beanstalkARN+"application/old"), inventory.Unknown, 0)
}

func environmentPage(members, token string) string {
	return `<DescribeEnvironmentsResponse><DescribeEnvironmentsResult><Environments>` + members + `</Environments>` + token +
		`</DescribeEnvironmentsResult></DescribeEnvironmentsResponse>`
}

func TestEnvironments(t *testing.T) {
	o := run(t, "AWS::ElasticBeanstalk::Environment", listertest.Answers{
		"DescribeEnvironments": listertest.Bodies(
			environmentPage(`<member><EnvironmentName>shop-prod</EnvironmentName><EnvironmentId>e-1</EnvironmentId><ApplicationName>shop</ApplicationName><EnvironmentArn>`+beanstalkARN+`environment/shop/shop-prod</EnvironmentArn>
			<CNAME>shop-prod.eu-west-1.elasticbeanstalk.com</CNAME><SolutionStackName>64bit Amazon Linux 2023</SolutionStackName><PlatformArn>arn:platform</PlatformArn><VersionLabel>v1</VersionLabel>
			<Tier><Name>WebServer</Name><Type>Standard</Type></Tier><Status>Ready</Status><DateCreated>2026-01-01T00:00:00Z</DateCreated></member>`, `<NextToken>more</NextToken>`),
			environmentPage(`<member><EnvironmentName>shop-test</EnvironmentName><EnvironmentId>e-2</EnvironmentId><ApplicationName>shop</ApplicationName><Status>Terminating</Status></member>
			<member><EnvironmentName>shop-old</EnvironmentName><Status>Terminated</Status></member>`, ""),
		),
		"ListTagsForResource": beanstalkTagAnswer("shop-prod"),
	})
	want(t, o, 2, 1)
	a := o.Asset(t, beanstalkARN+"environment/shop/shop-prod")
	attributes(t, a, map[string]string{
		"EnvironmentName": `"shop-prod"`, "ApplicationName": `"shop"`, "SolutionStackName": `"64bit Amazon Linux 2023"`, "PlatformArn": `"arn:platform"`, "VersionLabel": `"v1"`,
		"Tier.Name": `"WebServer"`, "OperationsRole": "null",
	})
	tagged(t, a, "owner", "shop")
	identified(t, a, inventory.Identifier{Kind: inventory.ResourceID, Value: "e-1"}, inventory.Identifier{Kind: inventory.FQDN, Value: "shop-prod.eu-west-1.elasticbeanstalk.com"})
	related(t, a, inventory.Relation{Kind: inventory.PartOf, Key: beanstalkARN + "application/shop"})
	going := o.Asset(t, beanstalkARN+"environment/shop/shop-test")
	tags(t, going, inventory.Unknown, 0)
	if going.Lifecycle != inventory.LifecycleRetiring {
		t.Errorf("lifecycle %s", going.Lifecycle)
	}
}
