package network

import (
	"strings"
	"testing"

	"github.com/muster-audit/muster/collectors/aws/listertest"
)

func TestRouteTables(t *testing.T) {
	o := run(t, "AWS::EC2::RouteTable", listertest.Answers{"DescribeRouteTables": listertest.Bodies(
		ec2Answer("DescribeRouteTables", "more", `<routeTableSet><item><routeTableId>rtb-1</routeTableId><vpcId>vpc-1</vpcId><ownerId>111122223333</ownerId>
			<associationSet><item><routeTableAssociationId>rtbassoc-1</routeTableAssociationId><main>true</main></item></associationSet>`+ec2Tags("tagSet", "owner", "network")+`</item></routeTableSet>`),
		ec2Answer("DescribeRouteTables", "", `<routeTableSet><item><routeTableId>rtb-2</routeTableId><vpcId>vpc-1</vpcId>
			<associationSet><item><subnetId>subnet-1</subnetId><main>false</main></item></associationSet></item></routeTableSet>`),
	)})
	wholly(t, o, ec2Prefix+"route-table/rtb-1", ec2Prefix+"route-table/rtb-2")
	attributes(t, o.Assets[0], map[string]string{"VpcId": `"vpc-1"`, "Main": "true"})
	tagged(t, o.Assets[0], "owner", "network")
	attributes(t, o.Assets[1], map[string]string{"Main": "false"})
	untagged(t, o.Assets[1])
}

func TestNetworkACLs(t *testing.T) {
	o := run(t, "AWS::EC2::NetworkAcl", listertest.Answers{"DescribeNetworkAcls": listertest.Bodies(
		ec2Answer("DescribeNetworkAcls", "more", `<networkAclSet><item><networkAclId>acl-1</networkAclId><vpcId>vpc-1</vpcId><default>false</default>
			<ownerId>111122223333</ownerId>`+ec2Tags("tagSet", "owner", "network")+`</item></networkAclSet>`),
		ec2Answer("DescribeNetworkAcls", "", `<networkAclSet><item><networkAclId>acl-2</networkAclId><vpcId>vpc-1</vpcId><default>true</default></item></networkAclSet>`),
	)})
	wholly(t, o, ec2Prefix+"network-acl/acl-1", ec2Prefix+"network-acl/acl-2")
	attributes(t, o.Assets[0], map[string]string{"VpcId": `"vpc-1"`, "IsDefault": "false"})
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
