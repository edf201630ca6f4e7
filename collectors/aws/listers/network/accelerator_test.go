package network

import (
	"testing"
	"time"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

const acceleratorPrefix = "arn:aws:globalaccelerator::111122223333:accelerator/"

func accelerators() listertest.Answer {
	return listertest.Bodies(
		`{"Accelerators":[{"AcceleratorArn":"`+acceleratorPrefix+`1234","Name":"edge","IpAddressType":"DUAL_STACK","Enabled":true,"Status":"DEPLOYED",
			"DnsName":"a1.awsglobalaccelerator.com","DualStackDnsName":"a1.dualstack.awsglobalaccelerator.com","CreatedTime":1.7672256E9,
			"IpSets":[{"IpFamily":"IPv4","IpAddressFamily":"IPv4","IpAddresses":["198.51.100.1","198.51.100.2"]},{"IpAddressFamily":"IPv6","IpAddresses":["2001:db8::1"]}]}],"NextToken":"more"}`,
		`{"Accelerators":[{"AcceleratorArn":"`+acceleratorPrefix+`5678","Name":"bare"}]}`,
	)
}

func TestAccelerators(t *testing.T) {
	o := run(t, "AWS::GlobalAccelerator::Accelerator", listertest.Answers{
		"ListAccelerators":    accelerators(),
		"ListTagsForResource": listertest.For(map[string]string{"1234": `{"Tags":[{"Key":"owner","Value":"network"}]}`, "5678": `{"Tags":[]}`}),
	})
	wholly(t, o, acceleratorPrefix+"1234", acceleratorPrefix+"5678")
	a := o.Asset(t, "edge")
	attributes(t, a, map[string]string{
		"Name": `"edge"`, "Enabled": "true", "IpAddressType": `"DUAL_STACK"`, "Ipv4Addresses": `["198.51.100.1","198.51.100.2"]`, "Ipv6Addresses": `["2001:db8::1"]`,
	})
	identified(t, a, inventory.FQDN, "a1.awsglobalaccelerator.com")
	identified(t, a, inventory.PublicIP, "2001:db8::1")
	if want := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC); !a.Created.Equal(want) {
		t.Errorf("created %s", a.Created)
	}
	tagged(t, a, "owner", "network")
	untagged(t, o.Asset(t, "bare"))
}

func TestAcceleratorTagsRefused(t *testing.T) {
	o := run(t, "AWS::GlobalAccelerator::Accelerator", listertest.Answers{
		"ListAccelerators": accelerators(), "ListTagsForResource": listertest.Refuse("AccessDeniedException"),
	})
	if o.Err != nil || len(o.Unread) != 2 {
		t.Fatalf("error %v, unread %v", o.Err, o.Unread)
	}
	tagsUnknown(t, o.Asset(t, "edge"))
}

func TestPlaces(t *testing.T) {
	for typ, want := range map[inventory.Type]lister.Place{
		"AWS::GlobalAccelerator::Accelerator": lister.GlobalWest, "AWS::CloudFront::Distribution": lister.Global,
		"AWS::Route53::HostedZone": lister.Global, "AWS::Route53::HealthCheck": lister.Global, "AWS::EC2::VPC": lister.Regional,
	} {
		if got := listertest.Find(t, Listers(), typ).Place; got != want {
			t.Errorf("%s: place %d, want %d", typ, got, want)
		}
	}
}
