package network

import (
	"testing"

	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

func TestAddresses(t *testing.T) {
	o := run(t, "AWS::EC2::EIP", listertest.Answers{"DescribeAddresses": listertest.Bodies(
		ec2Answer("DescribeAddresses", "", `<addressesSet><item><publicIp>198.51.100.1</publicIp><allocationId>eipalloc-1</allocationId><domain>vpc</domain>
			<instanceId>i-1</instanceId><networkInterfaceId>eni-1</networkInterfaceId><networkInterfaceOwnerId>111122223333</networkInterfaceOwnerId>
			<publicIpv4Pool>amazon</publicIpv4Pool><networkBorderGroup>eu-west-1</networkBorderGroup>`+ec2Tags("tagSet", "Name", "web")+`</item>
			<item><publicIp>198.51.100.2</publicIp><allocationId>eipalloc-2</allocationId><domain>vpc</domain><serviceManaged>alb</serviceManaged>
			<networkInterfaceId>eni-2</networkInterfaceId><networkInterfaceOwnerId>amazon-elb</networkInterfaceOwnerId></item>
			<item><publicIp>198.51.100.3</publicIp><domain>standard</domain><instanceId></instanceId></item></addressesSet>`),
	)})
	wholly(t, o, ec2Prefix+"elastic-ip/eipalloc-1", ec2Prefix+"elastic-ip/eipalloc-2", ec2Prefix+"elastic-ip/198.51.100.3")
	a := o.Asset(t, "web")
	attributes(t, a, map[string]string{
		"Domain": `"vpc"`, "InstanceId": `"i-1"`, "NetworkInterfaceId": `"eni-1"`, "PublicIpv4Pool": `"amazon"`, "PublicIp": `"198.51.100.1"`,
		"NetworkBorderGroup": `"eu-west-1"`, "ServiceManaged": "null",
	})
	identified(t, a, inventory.PublicIP, "198.51.100.1")
	identified(t, a, inventory.ResourceID, "eipalloc-1")
	related(t, a, inventory.AttachedTo, ec2Prefix+"instance/i-1")
	related(t, a, inventory.AttachedTo, ec2Prefix+"network-interface/eni-1")
	related(t, o.Assets[1], inventory.AttachedTo, ec2Prefix+"network-interface/eni-2")
	attributes(t, o.Assets[1], map[string]string{"ServiceManaged": `"alb"`})
	untagged(t, o.Assets[1])
	attributes(t, o.Assets[2], map[string]string{"InstanceId": "null"})
}
