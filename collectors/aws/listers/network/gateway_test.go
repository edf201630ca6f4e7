package network

import (
	"testing"
	"time"

	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

func TestNATGateways(t *testing.T) {
	o := run(t, "AWS::EC2::NatGateway", listertest.Answers{"DescribeNatGateways": listertest.Bodies(
		ec2Answer("DescribeNatGateways", "more", `<natGatewaySet><item><natGatewayId>nat-1</natGatewayId><state>available</state><createTime>2026-01-01T01:00:00+01:00</createTime>
			<connectivityType>public</connectivityType><subnetId>subnet-1</subnetId><vpcId>vpc-1</vpcId><natGatewayAddressSet>
			<item><allocationId>eipalloc-2</allocationId><privateIp>10.0.0.6</privateIp><publicIp>198.51.100.2</publicIp><isPrimary>false</isPrimary></item>
			<item><allocationId>eipalloc-1</allocationId><privateIp>10.0.0.5</privateIp><publicIp>198.51.100.1</publicIp><isPrimary>true</isPrimary></item></natGatewayAddressSet>
			`+ec2Tags("tagSet", "Name", "nat-a")+`</item>
			<item><natGatewayId>nat-gone</natGatewayId><state>deleted</state></item></natGatewaySet>`),
		ec2Answer("DescribeNatGateways", "", `<natGatewaySet><item><natGatewayId>nat-2</natGatewayId><state>deleting</state></item></natGatewaySet>`),
	)})
	wholly(t, o, ec2Prefix+"natgateway/nat-1", ec2Prefix+"natgateway/nat-2")
	a := o.Asset(t, "nat-a")
	attributes(t, a, map[string]string{
		"SubnetId": `"subnet-1"`, "VpcId": `"vpc-1"`, "ConnectivityType": `"public"`, "AllocationId": `"eipalloc-1"`, "PrivateIpAddress": `"10.0.0.5"`,
		"SecondaryAllocationIds": `["eipalloc-2"]`, "SecondaryPrivateIpAddresses": `["10.0.0.6"]`,
	})
	identified(t, a, inventory.PublicIP, "198.51.100.1")
	identified(t, a, inventory.PrivateIP, "10.0.0.6")
	if want := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC); !a.Created.Equal(want) {
		t.Errorf("created %s", a.Created)
	}
	b := o.Asset(t, "nat-2")
	untagged(t, b)
	if b.Lifecycle != inventory.LifecycleRetiring {
		t.Errorf("stage %q", b.Lifecycle)
	}
}

func TestInternetGateways(t *testing.T) {
	o := run(t, "AWS::EC2::InternetGateway", listertest.Answers{"DescribeInternetGateways": listertest.Bodies(
		ec2Answer("DescribeInternetGateways", "more", `<internetGatewaySet><item><internetGatewayId>igw-1</internetGatewayId><ownerId>111122223333</ownerId>
			<attachmentSet><item><vpcId>vpc-1</vpcId><state>available</state></item></attachmentSet>`+ec2Tags("tagSet", "owner", "network")+`</item></internetGatewaySet>`),
		ec2Answer("DescribeInternetGateways", "", `<internetGatewaySet><item><internetGatewayId>igw-2</internetGatewayId></item></internetGatewaySet>`),
	)})
	wholly(t, o, ec2Prefix+"internet-gateway/igw-1", ec2Prefix+"internet-gateway/igw-2")
	related(t, o.Assets[0], inventory.PartOf, ec2Prefix+"vpc/vpc-1")
	attributes(t, o.Assets[0], map[string]string{"VpcId": `"vpc-1"`})
	attributes(t, o.Assets[1], map[string]string{"VpcId": "null"})
	tagged(t, o.Assets[0], "owner", "network")
	untagged(t, o.Assets[1])
}

func TestEgressGateways(t *testing.T) {
	o := run(t, "AWS::EC2::EgressOnlyInternetGateway", listertest.Answers{"DescribeEgressOnlyInternetGateways": listertest.Bodies(
		ec2Answer("DescribeEgressOnlyInternetGateways", "more", `<egressOnlyInternetGatewaySet><item><egressOnlyInternetGatewayId>eigw-1</egressOnlyInternetGatewayId>
			<attachmentSet><item><vpcId>vpc-1</vpcId><state>attached</state></item></attachmentSet>`+ec2Tags("tagSet", "owner", "network")+`</item></egressOnlyInternetGatewaySet>`),
		ec2Answer("DescribeEgressOnlyInternetGateways", "", `<egressOnlyInternetGatewaySet><item><egressOnlyInternetGatewayId>eigw-2</egressOnlyInternetGatewayId></item></egressOnlyInternetGatewaySet>`),
	)})
	wholly(t, o, ec2Prefix+"egress-only-internet-gateway/eigw-1", ec2Prefix+"egress-only-internet-gateway/eigw-2")
	attributes(t, o.Assets[0], map[string]string{"VpcId": `"vpc-1"`})
	tagged(t, o.Assets[0], "owner", "network")
	attributes(t, o.Assets[1], map[string]string{"VpcId": "null"})
	untagged(t, o.Assets[1])
}
