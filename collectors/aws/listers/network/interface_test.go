package network

import (
	"slices"
	"strings"
	"testing"

	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

const interfacesFirst = `<networkInterfaceSet><item><networkInterfaceId>eni-1</networkInterfaceId><subnetId>subnet-1</subnetId><vpcId>vpc-1</vpcId>
	<availabilityZone>eu-west-1a</availabilityZone><description>primary</description><ownerId>111122223333</ownerId><requesterManaged>false</requesterManaged>
	<status>in-use</status><macAddress>02:00:00:00:00:01</macAddress><privateIpAddress>10.0.0.5</privateIpAddress><sourceDestCheck>true</sourceDestCheck>
	<interfaceType>interface</interfaceType><groupSet><item><groupId>sg-1</groupId><groupName>web</groupName></item></groupSet>
	<attachment><attachmentId>eni-attach-1</attachmentId><instanceId>i-1</instanceId><instanceOwnerId>111122223333</instanceOwnerId><deviceIndex>1</deviceIndex>
	<status>attached</status><deleteOnTermination>true</deleteOnTermination></attachment><association><publicIp>198.51.100.1</publicIp></association>
	<privateIpAddressesSet><item><privateIpAddress>10.0.0.5</privateIpAddress><primary>true</primary></item>
	<item><privateIpAddress>10.0.0.6</privateIpAddress><primary>false</primary><association><publicIp>198.51.100.2</publicIp></association></item></privateIpAddressesSet>
	<tagSet><item><key>owner</key><value>web</value></item></tagSet></item></networkInterfaceSet>`

const interfacesSecond = `<networkInterfaceSet><item><networkInterfaceId>eni-2</networkInterfaceId><ownerId>111122223333</ownerId><requesterId>amazon-elb</requesterId>
	<requesterManaged>true</requesterManaged><macAddress>02:00:00:00:00:02</macAddress><interfaceType>network_load_balancer</interfaceType>
	<operator><managed>true</managed><principal>elasticloadbalancing.amazonaws.com</principal></operator>
	<attachment><instanceOwnerId>amazon-elb</instanceOwnerId><status>attached</status><deleteOnTermination>false</deleteOnTermination></attachment></item></networkInterfaceSet>`

// The first interface of an instance goes with it in every sense that matters while the instance stands.
func TestPrimaryInterface(t *testing.T) {
	first := strings.Replace(strings.Replace(interfacesFirst, "<deviceIndex>1", "<deviceIndex>0", 1), "<deleteOnTermination>true", "<deleteOnTermination>false", 1)
	o := run(t, "AWS::EC2::NetworkInterface", listertest.Answers{"DescribeNetworkInterfaces": listertest.Bodies(ec2Answer("DescribeNetworkInterfaces", "", first))})
	if v, ok := o.Asset(t, "eni-1").Attributes.Get("DeleteOnTermination"); ok {
		t.Errorf("DeleteOnTermination %s", v)
	}
}

func TestInterfaces(t *testing.T) {
	o := run(t, "AWS::EC2::NetworkInterface", listertest.Answers{"DescribeNetworkInterfaces": func(n int, request string) listertest.Response {
		if !strings.Contains(request, "IncludeManagedResources=true") || !strings.Contains(request, "MaxResults=1000") {
			t.Errorf("asked %s", request)
		}
		return listertest.Bodies(ec2Answer("DescribeNetworkInterfaces", "more", interfacesFirst), ec2Answer("DescribeNetworkInterfaces", "", interfacesSecond))(n, request)
	}})
	wholly(t, o, ec2Prefix+"network-interface/eni-1", ec2Prefix+"network-interface/eni-2")
	a := o.Asset(t, "eni-1")
	attributes(t, a, map[string]string{
		"SubnetId": `"subnet-1"`, "VpcId": `"vpc-1"`, "PrivateIpAddress": `"10.0.0.5"`, "SecondaryPrivateIpAddresses": `["10.0.0.6"]`, "GroupSet": `["sg-1"]`,
		"SourceDestCheck": "true", "InterfaceType": `"interface"`, "Description": `"primary"`, "RequesterManaged": "false", "RequesterId": "null",
		"Operator.Managed": "null", "DeleteOnTermination": "true",
	})
	related(t, a, inventory.AttachedTo, ec2Prefix+"instance/i-1")
	tagged(t, a, "owner", "web")
	for _, ip := range []string{"198.51.100.1", "198.51.100.2"} {
		identified(t, a, inventory.PublicIP, ip)
	}
	if slices.ContainsFunc(a.Identifiers, func(id inventory.Identifier) bool { return id.Kind == inventory.MAC }) || a.Zone != "eu-west-1a" {
		t.Errorf("identifiers %v, zone %q: the hardware address is the instance's", a.Identifiers, a.Zone)
	}
	b := o.Asset(t, "eni-2")
	identified(t, b, inventory.MAC, "02:00:00:00:00:02")
	attributes(t, b, map[string]string{
		"RequesterManaged": "true", "RequesterId": `"amazon-elb"`, "Operator.Managed": "true", "Operator.Principal": `"elasticloadbalancing.amazonaws.com"`,
		"Description": "null",
	})
	untagged(t, b)
	if len(b.Relations) > 0 {
		t.Errorf("relations %v", b.Relations)
	}
}
