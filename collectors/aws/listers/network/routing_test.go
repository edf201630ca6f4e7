package network

import (
	"strings"
	"testing"

	"github.com/muster-audit/muster/collectors/aws/listertest"
)

func TestRouteTables(t *testing.T) {
	o := run(t, "AWS::EC2::RouteTable", listertest.Answers{"DescribeRouteTables": listertest.Bodies(
		ec2Answer("DescribeRouteTables", "more", `<routeTableSet><item><routeTableId>rtb-1</routeTableId><vpcId>vpc-1</vpcId><ownerId>111122223333</ownerId>
			<associationSet><item><routeTableAssociationId>rtbassoc-1</routeTableAssociationId><main>true</main></item></associationSet>
			<routeSet><item><destinationCidrBlock>10.0.0.0/16</destinationCidrBlock><gatewayId>local</gatewayId><origin>CreateRouteTable</origin></item>
			<item><destinationCidrBlock>10.9.0.0/16</destinationCidrBlock><gatewayId>vgw-1</gatewayId><origin>EnableVgwRoutePropagation</origin></item>
			<item><destinationIpv6CidrBlock>::/0</destinationIpv6CidrBlock><egressOnlyInternetGatewayId>eigw-1</egressOnlyInternetGatewayId><origin>CreateRoute</origin></item>
			<item><destinationCidrBlock>10.8.0.0/16</destinationCidrBlock><instanceId>i-1</instanceId><networkInterfaceId>eni-1</networkInterfaceId><state>blackhole</state><origin>CreateRoute</origin></item></routeSet>
			<propagatingVgwSet><item><gatewayId>vgw-1</gatewayId></item></propagatingVgwSet>`+ec2Tags("tagSet", "owner", "network")+`</item></routeTableSet>`),
		ec2Answer("DescribeRouteTables", "", `<routeTableSet><item><routeTableId>rtb-2</routeTableId><vpcId>vpc-1</vpcId>
			<associationSet><item><subnetId>subnet-1</subnetId><main>false</main></item></associationSet></item></routeTableSet>`),
	)})
	wholly(t, o, ec2Prefix+"route-table/rtb-1", ec2Prefix+"route-table/rtb-2")
	attributes(t, o.Assets[0], map[string]string{
		"VpcId": `"vpc-1"`, "Main": "true", "PropagatingVgws": `["vgw-1"]`,
		"Routes": `[{"DestinationCidrBlock":"10.8.0.0/16","NetworkInterfaceId":"eni-1"},{"DestinationIpv6CidrBlock":"::/0","EgressOnlyInternetGatewayId":"eigw-1"}]`,
	})
	tagged(t, o.Assets[0], "owner", "network")
	attributes(t, o.Assets[1], map[string]string{"Main": "false", "Routes": "[]", "PropagatingVgws": "[]"})
	untagged(t, o.Assets[1])
}

func TestNetworkACLs(t *testing.T) {
	o := run(t, "AWS::EC2::NetworkAcl", listertest.Answers{"DescribeNetworkAcls": listertest.Bodies(
		ec2Answer("DescribeNetworkAcls", "more", `<networkAclSet><item><networkAclId>acl-1</networkAclId><vpcId>vpc-1</vpcId><default>false</default>
			<entrySet><item><ruleNumber>32767</ruleNumber><protocol>-1</protocol><ruleAction>deny</ruleAction><egress>false</egress><cidrBlock>0.0.0.0/0</cidrBlock></item>
			<item><ruleNumber>110</ruleNumber><protocol>1</protocol><ruleAction>allow</ruleAction><egress>true</egress><ipv6CidrBlock>::/0</ipv6CidrBlock><icmpTypeCode><code>-1</code><type>8</type></icmpTypeCode></item>
			<item><ruleNumber>100</ruleNumber><protocol>6</protocol><ruleAction>allow</ruleAction><egress>false</egress><cidrBlock>10.0.0.0/8</cidrBlock><portRange><from>443</from><to>443</to></portRange></item></entrySet>
			<ownerId>111122223333</ownerId>`+ec2Tags("tagSet", "owner", "network")+`</item></networkAclSet>`),
		ec2Answer("DescribeNetworkAcls", "", `<networkAclSet><item><networkAclId>acl-2</networkAclId><vpcId>vpc-1</vpcId><default>true</default></item></networkAclSet>`),
	)})
	wholly(t, o, ec2Prefix+"network-acl/acl-1", ec2Prefix+"network-acl/acl-2")
	attributes(t, o.Assets[0], map[string]string{
		"VpcId": `"vpc-1"`, "IsDefault": "false", "Entries": `[{"CidrBlock":"10.0.0.0/8","Egress":false,"PortRange":{"From":443,"To":443},"Protocol":"6","RuleAction":"allow","RuleNumber":100},` +
			`{"Egress":true,"Icmp":{"Code":-1,"Type":8},"Ipv6CidrBlock":"::/0","Protocol":"1","RuleAction":"allow","RuleNumber":110}]`,
	})
	tagged(t, o.Assets[0], "owner", "network")
	attributes(t, o.Assets[1], map[string]string{"IsDefault": "true"})
	untagged(t, o.Assets[1])
}

func TestPrefixLists(t *testing.T) {
	first := ec2Answer("DescribeManagedPrefixLists", "more", `<prefixListSet><item><prefixListId>pl-1</prefixListId><prefixListArn>`+ec2Prefix+`prefix-list/pl-1</prefixListArn>
		<prefixListName>offices</prefixListName><addressFamily>IPv4</addressFamily><maxEntries>10</maxEntries><version>3</version><state>modify-complete</state>
		<ownerId>111122223333</ownerId>`+ec2Tags("tagSet", "owner", "network")+`</item>
		<item><prefixListId>pl-aws</prefixListId><prefixListArn>arn:aws:ec2:eu-west-1:aws:prefix-list/pl-aws</prefixListArn><ownerId>AWS</ownerId></item></prefixListSet>`)
	second := ec2Answer("DescribeManagedPrefixLists", "", `<prefixListSet><item><prefixListId>pl-2</prefixListId><ownerId>111122223333</ownerId></item></prefixListSet>`)
	o := run(t, "AWS::EC2::PrefixList", listertest.Answers{"DescribeManagedPrefixLists": func(n int, request string) listertest.Response {
		if !strings.Contains(request, "owner-id") {
			t.Error("the lists of others were asked for")
		}
		return listertest.Bodies(first, second)(n, request)
	}})
	wholly(t, o, ec2Prefix+"prefix-list/pl-1", ec2Prefix+"prefix-list/pl-2")
	a := o.Asset(t, "offices")
	attributes(t, a, map[string]string{"PrefixListName": `"offices"`, "AddressFamily": `"IPv4"`, "MaxEntries": "10", "Version": "3"})
	tagged(t, a, "owner", "network")
	untagged(t, o.Assets[1])
}
