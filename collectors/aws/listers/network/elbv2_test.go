package network

import (
	"testing"
	"time"

	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

// balancingTagsOf answers for the tags of one thing, any more having none.
func balancingTagsOf(arn, bare string) listertest.Answer {
	return listertest.For(map[string]string{
		lastPart(arn):  queryAnswer("DescribeTags", `<TagDescriptions><member><ResourceArn>`+arn+`</ResourceArn><Tags><member><Key>owner</Key><Value>web</Value></member></Tags></member></TagDescriptions>`),
		lastPart(bare): queryAnswer("DescribeTags", `<TagDescriptions><member><ResourceArn>`+bare+`</ResourceArn><Tags/></member></TagDescriptions>`),
	})
}

// lastPart is what of an ARN a request holds as it is.
func lastPart(arn string) string {
	for i := len(arn) - 1; i >= 0; i-- {
		if arn[i] == '/' {
			return "%2F" + arn[i+1:]
		}
	}
	return arn
}

const balancersFirst = `<LoadBalancers><member><LoadBalancerArn>` + balancing + `loadbalancer/app/web/50dc6c49</LoadBalancerArn><LoadBalancerName>web</LoadBalancerName>
	<DNSName>web-1.eu-west-1.elb.amazonaws.com</DNSName><CanonicalHostedZoneId>Z32O12XQLNTSW2</CanonicalHostedZoneId><CreatedTime>2026-01-01T00:00:00Z</CreatedTime>
	<Scheme>internet-facing</Scheme><Type>application</Type><IpAddressType>ipv4</IpAddressType><VpcId>vpc-1</VpcId><State><Code>active</Code></State>
	<SecurityGroups><member>sg-1</member></SecurityGroups><AvailabilityZones><member><ZoneName>eu-west-1a</ZoneName><SubnetId>subnet-1</SubnetId>
	<LoadBalancerAddresses><member><IpAddress>198.51.100.1</IpAddress></member></LoadBalancerAddresses></member>
	<member><ZoneName>eu-west-1b</ZoneName><SubnetId>subnet-2</SubnetId></member></AvailabilityZones></member></LoadBalancers><NextMarker>more</NextMarker>`

const balancersSecond = `<LoadBalancers><member><LoadBalancerArn>` + balancing + `loadbalancer/net/tcp/60dc6c49</LoadBalancerArn><LoadBalancerName>tcp</LoadBalancerName>
	<Type>network</Type></member></LoadBalancers>`

func balancers() listertest.Answer {
	return listertest.Bodies(queryAnswer("DescribeLoadBalancers", balancersFirst), queryAnswer("DescribeLoadBalancers", balancersSecond))
}

func TestBalancers(t *testing.T) {
	const first, second = balancing + "loadbalancer/app/web/50dc6c49", balancing + "loadbalancer/net/tcp/60dc6c49"
	o := run(t, "AWS::ElasticLoadBalancingV2::LoadBalancer", listertest.Answers{
		"DescribeLoadBalancers": balancers(), "DescribeTags": balancingTagsOf(first, second),
	})
	wholly(t, o, first, second)
	a := o.Asset(t, "web")
	attributes(t, a, map[string]string{
		"Name": `"web"`, "Type": `"application"`, "Scheme": `"internet-facing"`, "Subnets": `["subnet-1","subnet-2"]`, "SecurityGroups": `["sg-1"]`,
		"IpAddressType": `"ipv4"`, "VpcId": `"vpc-1"`, "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic": "null",
	})
	identified(t, a, inventory.FQDN, "web-1.eu-west-1.elb.amazonaws.com")
	identified(t, a, inventory.PublicIP, "198.51.100.1")
	if want := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC); !a.Created.Equal(want) {
		t.Errorf("created %s", a.Created)
	}
	tagged(t, a, "owner", "web")
	untagged(t, o.Asset(t, "tcp"))
}

func TestBalancerTagsRefused(t *testing.T) {
	o := run(t, "AWS::ElasticLoadBalancingV2::LoadBalancer", listertest.Answers{
		"DescribeLoadBalancers": balancers(), "DescribeTags": listertest.Refuse("AccessDenied"),
	})
	if o.Err != nil || len(o.Unread) != 2 {
		t.Fatalf("error %v, unread %v", o.Err, o.Unread)
	}
	tagsUnknown(t, o.Asset(t, "web"))
}

func TestTargetGroups(t *testing.T) {
	const first, second = balancing + "targetgroup/web/73e2d6bc", balancing + "targetgroup/lambda/83e2d6bc"
	o := run(t, "AWS::ElasticLoadBalancingV2::TargetGroup", listertest.Answers{
		"DescribeTargetGroups": listertest.Bodies(
			queryAnswer("DescribeTargetGroups", `<TargetGroups><member><TargetGroupArn>`+first+`</TargetGroupArn><TargetGroupName>web</TargetGroupName><Protocol>HTTP</Protocol>
				<Port>80</Port><VpcId>vpc-1</VpcId><TargetType>instance</TargetType><ProtocolVersion>HTTP1</ProtocolVersion><IpAddressType>ipv4</IpAddressType>
				<HealthCheckEnabled>true</HealthCheckEnabled><HealthCheckPath>/</HealthCheckPath><HealthCheckPort>traffic-port</HealthCheckPort><HealthCheckProtocol>HTTP</HealthCheckProtocol>
				<HealthCheckIntervalSeconds>30</HealthCheckIntervalSeconds><HealthCheckTimeoutSeconds>5</HealthCheckTimeoutSeconds><HealthyThresholdCount>5</HealthyThresholdCount>
				<UnhealthyThresholdCount>2</UnhealthyThresholdCount><Matcher><HttpCode>200</HttpCode></Matcher>
				<LoadBalancerArns><member>`+balancing+`loadbalancer/app/web/50dc6c49</member></LoadBalancerArns></member></TargetGroups><NextMarker>more</NextMarker>`),
			queryAnswer("DescribeTargetGroups", `<TargetGroups><member><TargetGroupArn>`+second+`</TargetGroupArn><TargetGroupName>lambda</TargetGroupName><TargetType>lambda</TargetType></member></TargetGroups>`),
		),
		"DescribeTags": balancingTagsOf(first, second),
	})
	wholly(t, o, first, second)
	a := o.Asset(t, "web")
	attributes(t, a, map[string]string{
		"Name": `"web"`, "Port": "80", "Protocol": `"HTTP"`, "VpcId": `"vpc-1"`, "TargetType": `"instance"`, "ProtocolVersion": `"HTTP1"`,
		"HealthCheckEnabled": "true", "HealthCheckPath": `"/"`, "HealthCheckPort": `"traffic-port"`, "HealthCheckProtocol": `"HTTP"`,
		"HealthCheckIntervalSeconds": "30", "HealthCheckTimeoutSeconds": "5", "HealthyThresholdCount": "5", "UnhealthyThresholdCount": "2",
		"Matcher.HttpCode": `"200"`, "Matcher.GrpcCode": "null", "IpAddressType": `"ipv4"`,
	})
	tagged(t, a, "owner", "web")
	attributes(t, o.Asset(t, "lambda"), map[string]string{"Port": "null", "VpcId": "null"})
	untagged(t, o.Asset(t, "lambda"))
}
