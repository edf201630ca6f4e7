package network

import (
	"strings"
	"testing"

	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

const vpcsFirst = `<vpcSet><item><vpcId>vpc-1</vpcId><ownerId>111122223333</ownerId><state>available</state><cidrBlock>10.0.0.0/16</cidrBlock>
	<dhcpOptionsId>dopt-1</dhcpOptionsId><instanceTenancy>default</instanceTenancy><isDefault>false</isDefault>
	<ipv6CidrBlockAssociationSet><item><ipv6CidrBlock>2001:db8::/56</ipv6CidrBlock><ipv6CidrBlockState><state>associated</state></ipv6CidrBlockState></item>
	<item><ipv6CidrBlock>2001:db8:1::/56</ipv6CidrBlock><ipv6CidrBlockState><state>disassociated</state></ipv6CidrBlockState></item></ipv6CidrBlockAssociationSet>
	<tagSet><item><key>Name</key><value>main</value></item><item><key>owner</key><value>network</value></item></tagSet></item>
	<item><vpcId>vpc-shared</vpcId><ownerId>444455556666</ownerId><cidrBlock>10.9.0.0/16</cidrBlock></item></vpcSet>`

const vpcsSecond = `<vpcSet><item><vpcId>vpc-2</vpcId><ownerId>111122223333</ownerId><cidrBlock>172.31.0.0/16</cidrBlock><isDefault>true</isDefault></item>
	<item><vpcId>vpc-gone</vpcId><ownerId>111122223333</ownerId></item></vpcSet>`

func vpcAnswers(settings listertest.Answer) listertest.Answers {
	return listertest.Answers{
		"DescribeVpcs":         listertest.Bodies(ec2Answer("DescribeVpcs", "more", vpcsFirst), ec2Answer("DescribeVpcs", "", vpcsSecond)),
		"DescribeVpcAttribute": settings,
	}
}

func TestVPCs(t *testing.T) {
	o := run(t, "AWS::EC2::VPC", vpcAnswers(func(_ int, request string) listertest.Response {
		switch {
		case strings.Contains(request, "vpc-gone"):
			return listertest.Response{Code: "InvalidVpcID.NotFound"}
		case strings.Contains(request, "enableDnsSupport"):
			return listertest.Response{Body: ec2Answer("DescribeVpcAttribute", "", `<vpcId>vpc</vpcId><enableDnsSupport><value>true</value></enableDnsSupport>`)}
		}
		return listertest.Response{Body: ec2Answer("DescribeVpcAttribute", "", `<vpcId>vpc</vpcId><enableDnsHostnames><value>false</value></enableDnsHostnames>`)}
	}))
	wholly(t, o, ec2Prefix+"vpc/vpc-1", ec2Prefix+"vpc/vpc-2")
	a := o.Asset(t, "main")
	attributes(t, a, map[string]string{
		"CidrBlock": `"10.0.0.0/16"`, "InstanceTenancy": `"default"`, "IsDefault": "false", "Ipv6CidrBlocks": `["2001:db8::/56"]`,
		"EnableDnsSupport": "true", "EnableDnsHostnames": "false",
	})
	tagged(t, a, "owner", "network")
	identified(t, a, inventory.ResourceID, "vpc-1")
	untagged(t, o.Asset(t, "vpc-2"))
	attributes(t, o.Asset(t, "vpc-2"), map[string]string{"IsDefault": "true"})
}

func TestVPCSettingsRefused(t *testing.T) {
	o := run(t, "AWS::EC2::VPC", vpcAnswers(listertest.Refuse("UnauthorizedOperation")))
	if o.Err != nil || len(o.Assets) != 3 || len(o.Unread) != 3 {
		t.Fatalf("error %v, %d assets, unread %v", o.Err, len(o.Assets), o.Unread)
	}
	a := o.Asset(t, "main")
	var unread []string
	for attr := range a.Attributes.All() {
		if !attr.Value.IsRead() {
			unread = append(unread, attr.Name)
		}
	}
	if got := strings.Join(unread, " "); got != "EnableDnsHostnames EnableDnsSupport" {
		t.Errorf("unread are %s", got)
	}
	attributes(t, a, map[string]string{"CidrBlock": `"10.0.0.0/16"`})
}

func TestSubnets(t *testing.T) {
	o := run(t, "AWS::EC2::Subnet", listertest.Answers{"DescribeSubnets": listertest.Bodies(
		ec2Answer("DescribeSubnets", "more", `<subnetSet><item><subnetId>subnet-1</subnetId><subnetArn>`+ec2Prefix+`subnet/subnet-1</subnetArn>
			<ownerId>111122223333</ownerId><vpcId>vpc-1</vpcId><cidrBlock>10.0.1.0/24</cidrBlock><availabilityZone>eu-west-1a</availabilityZone>
			<mapPublicIpOnLaunch>true</mapPublicIpOnLaunch><assignIpv6AddressOnCreation>false</assignIpv6AddressOnCreation><enableDns64>false</enableDns64>
			<ipv6Native>false</ipv6Native><defaultForAz>false</defaultForAz>
			<ipv6CidrBlockAssociationSet><item><ipv6CidrBlock>2001:db8::/64</ipv6CidrBlock><ipv6CidrBlockState><state>associated</state></ipv6CidrBlockState></item></ipv6CidrBlockAssociationSet>
			`+ec2Tags("tagSet", "Name", "public-a", "tier", "public")+`</item></subnetSet>`),
		ec2Answer("DescribeSubnets", "", `<subnetSet><item><subnetId>subnet-2</subnetId><ownerId>444455556666</ownerId></item></subnetSet>`),
	)})
	wholly(t, o, ec2Prefix+"subnet/subnet-1", "arn:aws:ec2:eu-west-1:"+otherOwner+":subnet/subnet-2")
	a := o.Asset(t, "public-a")
	attributes(t, a, map[string]string{
		"VpcId": `"vpc-1"`, "CidrBlock": `"10.0.1.0/24"`, "MapPublicIpOnLaunch": "true", "AssignIpv6AddressOnCreation": "false",
		"EnableDns64": "false", "Ipv6Native": "false", "DefaultForAz": "false", "OutpostArn": "null", "Ipv6CidrBlock": `"2001:db8::/64"`,
	})
	if a.Zone != "eu-west-1a" {
		t.Errorf("zone %q", a.Zone)
	}
	tagged(t, a, "tier", "public")
	untagged(t, o.Assets[1])
}

func TestDHCPOptions(t *testing.T) {
	option := func(key, value string) string {
		return `<item><key>` + key + `</key><valueSet><item><value>` + value + `</value></item></valueSet></item>`
	}
	o := run(t, "AWS::EC2::DHCPOptions", listertest.Answers{"DescribeDhcpOptions": listertest.Bodies(
		ec2Answer("DescribeDhcpOptions", "more", `<dhcpOptionsSet><item><dhcpOptionsId>dopt-1</dhcpOptionsId><ownerId>111122223333</ownerId><dhcpConfigurationSet>`+
			option("domain-name", "corp.example.com")+option("domain-name-servers", "10.0.0.2")+option("ntp-servers", "10.0.0.3")+option("netbios-node-type", "2")+
			`</dhcpConfigurationSet>`+ec2Tags("tagSet", "owner", "network")+`</item></dhcpOptionsSet>`),
		ec2Answer("DescribeDhcpOptions", "", `<dhcpOptionsSet><item><dhcpOptionsId>dopt-2</dhcpOptionsId><dhcpConfigurationSet>`+
			option("domain-name", "eu-west-1.compute.internal")+option("domain-name-servers", "AmazonProvidedDNS")+`</dhcpConfigurationSet></item></dhcpOptionsSet>`),
	)})
	wholly(t, o, ec2Prefix+"dhcp-options/dopt-1", ec2Prefix+"dhcp-options/dopt-2")
	attributes(t, o.Assets[0], map[string]string{
		"DomainName": `"corp.example.com"`, "DomainNameServers": `["10.0.0.2"]`, "NtpServers": `["10.0.0.3"]`, "NetbiosNameServers": "[]",
		"NetbiosNodeType": "2", "IsDefault": "false",
	})
	tagged(t, o.Assets[0], "owner", "network")
	attributes(t, o.Assets[1], map[string]string{"IsDefault": "true", "NetbiosNodeType": "null"})
	untagged(t, o.Assets[1])
}

func TestDefaultDHCPOptionsOfTheFirstRegion(t *testing.T) {
	set := map[string][]string{"domain-name": {"ec2.internal"}, "domain-name-servers": {"AmazonProvidedDNS"}}
	if !isDefaultDHCP("us-east-1", set) || isDefaultDHCP("eu-west-1", set) {
		t.Error("ec2.internal is the domain of us-east-1 and of no other region")
	}
}
