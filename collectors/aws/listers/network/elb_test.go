package network

import (
	"testing"
	"time"

	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

const balancing = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:"

// queryAnswer wraps the inside of an answer of the services that speak as load balancing does.
func queryAnswer(operation, inside string) string {
	return "<" + operation + "Response><" + operation + "Result>" + inside + "</" + operation + "Result></" + operation + "Response>"
}

func classicAnswers(tags listertest.Answer) listertest.Answers {
	return listertest.Answers{
		"DescribeLoadBalancers": listertest.Bodies(
			queryAnswer("DescribeLoadBalancers", `<LoadBalancerDescriptions><member><LoadBalancerName>old</LoadBalancerName><DNSName>old-1.eu-west-1.elb.amazonaws.com</DNSName>
				<CreatedTime>2026-01-01T00:00:00Z</CreatedTime><Scheme>internet-facing</Scheme><VPCId>vpc-1</VPCId><Subnets><member>subnet-1</member></Subnets>
				<SecurityGroups><member>sg-1</member></SecurityGroups><AvailabilityZones><member>eu-west-1a</member></AvailabilityZones>
				<Instances><member><InstanceId>i-1</InstanceId></member></Instances>
				<HealthCheck><Target>HTTP:80/</Target><Interval>30</Interval><Timeout>5</Timeout><UnhealthyThreshold>2</UnhealthyThreshold><HealthyThreshold>10</HealthyThreshold></HealthCheck>
				<ListenerDescriptions><member><PolicyNames><member>tls</member></PolicyNames><Listener><Protocol>HTTPS</Protocol><LoadBalancerPort>443</LoadBalancerPort>
				<InstanceProtocol>HTTP</InstanceProtocol><InstancePort>80</InstancePort><SSLCertificateId>arn:aws:acm:eu-west-1:111122223333:certificate/1</SSLCertificateId></Listener></member></ListenerDescriptions>
				</member></LoadBalancerDescriptions><NextMarker>more</NextMarker>`),
			queryAnswer("DescribeLoadBalancers", `<LoadBalancerDescriptions><member><LoadBalancerName>bare</LoadBalancerName></member></LoadBalancerDescriptions>`),
		),
		"DescribeTags": tags,
	}
}

func TestClassic(t *testing.T) {
	o := run(t, "AWS::ElasticLoadBalancing::LoadBalancer", classicAnswers(listertest.For(map[string]string{
		"old":  queryAnswer("DescribeTags", `<TagDescriptions><member><LoadBalancerName>old</LoadBalancerName><Tags><member><Key>owner</Key><Value>web</Value></member></Tags></member></TagDescriptions>`),
		"bare": queryAnswer("DescribeTags", `<TagDescriptions><member><LoadBalancerName>bare</LoadBalancerName><Tags/></member></TagDescriptions>`),
	})))
	wholly(t, o, balancing+"loadbalancer/old", balancing+"loadbalancer/bare")
	a := o.Asset(t, "old")
	attributes(t, a, map[string]string{
		"LoadBalancerName": `"old"`, "Scheme": `"internet-facing"`, "Subnets": `["subnet-1"]`, "SecurityGroups": `["sg-1"]`, "AvailabilityZones": `["eu-west-1a"]`,
		"Instances": `["i-1"]`, "HealthCheck": `{"HealthyThreshold":"10","Interval":"30","Target":"HTTP:80/","Timeout":"5","UnhealthyThreshold":"2"}`,
		"Listeners": `[{"InstancePort":"80","InstanceProtocol":"HTTP","LoadBalancerPort":"443","PolicyNames":["tls"],"Protocol":"HTTPS",` +
			`"SSLCertificateId":"arn:aws:acm:eu-west-1:111122223333:certificate/1"}]`,
	})
	identified(t, a, inventory.FQDN, "old-1.eu-west-1.elb.amazonaws.com")
	identified(t, a, inventory.ResourceID, "old")
	if want := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC); !a.Created.Equal(want) {
		t.Errorf("created %s", a.Created)
	}
	tagged(t, a, "owner", "web")
	untagged(t, o.Asset(t, "bare"))
}

func TestClassicTagsRefused(t *testing.T) {
	o := run(t, "AWS::ElasticLoadBalancing::LoadBalancer", classicAnswers(listertest.Refuse("AccessDenied")))
	if o.Err != nil || len(o.Assets) != 2 || len(o.Unread) != 2 {
		t.Fatalf("error %v, %d assets, unread %v", o.Err, len(o.Assets), o.Unread)
	}
	tagsUnknown(t, o.Asset(t, "old"))
}

func TestClassicGone(t *testing.T) {
	o := run(t, "AWS::ElasticLoadBalancing::LoadBalancer", classicAnswers(listertest.Refuse("LoadBalancerNotFound")))
	if o.Err != nil || len(o.Unread) != 0 {
		t.Fatalf("error %v, unread %v", o.Err, o.Unread)
	}
	tagsUnknown(t, o.Asset(t, "old"))
}
