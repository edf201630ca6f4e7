package network

import (
	"testing"
	"time"

	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

func TestTransitGateways(t *testing.T) {
	o := run(t, "AWS::EC2::TransitGateway", listertest.Answers{"DescribeTransitGateways": listertest.Bodies(
		ec2Answer("DescribeTransitGateways", "more", `<transitGatewaySet><item><transitGatewayId>tgw-1</transitGatewayId><transitGatewayArn>`+ec2Prefix+`transit-gateway/tgw-1</transitGatewayArn>
			<state>available</state><ownerId>111122223333</ownerId><description>core</description><creationTime>2026-01-01T00:00:00Z</creationTime>
			<options><amazonSideAsn>64512</amazonSideAsn><autoAcceptSharedAttachments>disable</autoAcceptSharedAttachments>
			<defaultRouteTableAssociation>enable</defaultRouteTableAssociation><associationDefaultRouteTableId>tgw-rtb-1</associationDefaultRouteTableId>
			<defaultRouteTablePropagation>enable</defaultRouteTablePropagation><propagationDefaultRouteTableId>tgw-rtb-1</propagationDefaultRouteTableId>
			<vpnEcmpSupport>enable</vpnEcmpSupport><dnsSupport>enable</dnsSupport><multicastSupport>disable</multicastSupport>
			<transitGatewayCidrBlocks><item>10.99.0.0/24</item></transitGatewayCidrBlocks></options>`+ec2Tags("tagSet", "owner", "network")+`</item>
			<item><transitGatewayId>tgw-gone</transitGatewayId><state>deleted</state></item></transitGatewaySet>`),
		ec2Answer("DescribeTransitGateways", "", `<transitGatewaySet><item><transitGatewayId>tgw-2</transitGatewayId><ownerId>444455556666</ownerId></item></transitGatewaySet>`),
	)})
	wholly(t, o, ec2Prefix+"transit-gateway/tgw-1", "arn:aws:ec2:eu-west-1:"+otherOwner+":transit-gateway/tgw-2")
	a := o.Asset(t, "tgw-1")
	attributes(t, a, map[string]string{
		"Description": `"core"`, "AmazonSideAsn": "64512", "AutoAcceptSharedAttachments": `"disable"`, "DefaultRouteTableAssociation": `"enable"`,
		"DefaultRouteTablePropagation": `"enable"`, "DnsSupport": `"enable"`, "VpnEcmpSupport": `"enable"`, "MulticastSupport": `"disable"`,
		"TransitGatewayCidrBlocks": `["10.99.0.0/24"]`, "AssociationDefaultRouteTableId": `"tgw-rtb-1"`, "SecurityGroupReferencingSupport": "null",
	})
	if want := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC); !a.Created.Equal(want) {
		t.Errorf("created %s", a.Created)
	}
	tagged(t, a, "owner", "network")
	untagged(t, o.Assets[1])
}

func TestTransitVPCs(t *testing.T) {
	o := run(t, "AWS::EC2::TransitGatewayVpcAttachment", listertest.Answers{"DescribeTransitGatewayVpcAttachments": listertest.Bodies(
		ec2Answer("DescribeTransitGatewayVpcAttachments", "more", `<transitGatewayVpcAttachments><item><transitGatewayAttachmentId>tgw-attach-1</transitGatewayAttachmentId>
			<transitGatewayId>tgw-1</transitGatewayId><vpcId>vpc-1</vpcId><vpcOwnerId>111122223333</vpcOwnerId><state>available</state><subnetIds><item>subnet-1</item></subnetIds>
			<creationTime>2026-01-01T00:00:00Z</creationTime><options><dnsSupport>enable</dnsSupport><ipv6Support>disable</ipv6Support><applianceModeSupport>disable</applianceModeSupport></options>
			`+ec2Tags("tagSet", "owner", "network")+`</item><item><transitGatewayAttachmentId>tgw-attach-gone</transitGatewayAttachmentId><state>deleted</state></item></transitGatewayVpcAttachments>`),
		ec2Answer("DescribeTransitGatewayVpcAttachments", "", `<transitGatewayVpcAttachments><item><transitGatewayAttachmentId>tgw-attach-2</transitGatewayAttachmentId>
			<vpcId>vpc-9</vpcId><vpcOwnerId>444455556666</vpcOwnerId><state>available</state></item>
			<item><transitGatewayAttachmentId>tgw-attach-vpn</transitGatewayAttachmentId><state>available</state></item><item><transitGatewayAttachmentId>tgw-attach-failed</transitGatewayAttachmentId><state>failed</state></item></transitGatewayVpcAttachments>`),
	)})
	wholly(t, o, ec2Prefix+"transit-gateway-attachment/tgw-attach-1", "arn:aws:ec2:eu-west-1:"+otherOwner+":transit-gateway-attachment/tgw-attach-2")
	attributes(t, o.Assets[0], map[string]string{
		"TransitGatewayId": `"tgw-1"`, "VpcId": `"vpc-1"`, "SubnetIds": `["subnet-1"]`, "Options.DnsSupport": `"enable"`, "Options.Ipv6Support": `"disable"`,
		"Options.ApplianceModeSupport": `"disable"`,
	})
	tagged(t, o.Assets[0], "owner", "network")
	untagged(t, o.Assets[1])
}

func TestTransitAttachments(t *testing.T) {
	item := func(id, kind, resource, resourceOwner, more string) string {
		return `<item><transitGatewayAttachmentId>` + id + `</transitGatewayAttachmentId><transitGatewayId>tgw-1</transitGatewayId><transitGatewayOwnerId>111122223333</transitGatewayOwnerId>
			<resourceOwnerId>` + resourceOwner + `</resourceOwnerId><resourceType>` + kind + `</resourceType><resourceId>` + resource + `</resourceId>` + more + `</item>`
	}
	o := run(t, "AWS::EC2::TransitGatewayAttachment", listertest.Answers{"DescribeTransitGatewayAttachments": listertest.Bodies(
		ec2Answer("DescribeTransitGatewayAttachments", "more", `<transitGatewayAttachments>`+
			item("a-vpn", "vpn", "vpn-1", listertest.Account, `<state>available</state><creationTime>2026-01-01T00:00:00Z</creationTime>`+ec2Tags("tagSet", "owner", "network"))+
			item("a-vpc", "vpc", "vpc-1", listertest.Account, `<state>available</state>`)+
			item("a-gone", "vpn", "vpn-2", listertest.Account, `<state>deleted</state>`)+`</transitGatewayAttachments>`),
		ec2Answer("DescribeTransitGatewayAttachments", "", `<transitGatewayAttachments>`+
			item("a-peer", "peering", "tgw-9", otherOwner, `<state>available</state>`)+
			item("a-connect", "connect", "tgw-attach-1", listertest.Account, `<state>deleting</state>`)+
			item("a-direct", "direct-connect-gateway", "dxgw", otherOwner, `<state>available</state>`)+`</transitGatewayAttachments>`),
	)})
	const prefix = ec2Prefix + "transit-gateway-attachment/"
	wholly(t, o, prefix+"a-vpn", prefix+"a-peer", prefix+"a-connect", prefix+"a-direct")
	attributes(t, o.Assets[0], map[string]string{"TransitGatewayId": `"tgw-1"`, "ResourceType": `"vpn"`, "ResourceId": `"vpn-1"`})
	tagged(t, o.Assets[0], "owner", "network")
	attributes(t, o.Assets[1], map[string]string{"PeerTransitGatewayId": `"tgw-9"`, "PeerAccountId": `"` + otherOwner + `"`})
	untagged(t, o.Assets[1])
	attributes(t, o.Assets[2], map[string]string{"TransportTransitGatewayAttachmentId": `"tgw-attach-1"`})
	for i, want := range []inventory.Type{"", "AWS::EC2::TransitGatewayPeeringAttachment", "AWS::EC2::TransitGatewayConnect", ""} {
		if got := o.Assets[i].Type; got != want {
			t.Errorf("%s: type %q, want %q", o.Assets[i].Key, got, want)
		}
	}
	if got := o.Assets[2].Lifecycle; got != inventory.LifecycleRetiring {
		t.Errorf("stage %q", got)
	}
}

func TestTransitRouteTables(t *testing.T) {
	o := run(t, "AWS::EC2::TransitGatewayRouteTable", listertest.Answers{"DescribeTransitGatewayRouteTables": listertest.Bodies(
		ec2Answer("DescribeTransitGatewayRouteTables", "more", `<transitGatewayRouteTables><item><transitGatewayRouteTableId>tgw-rtb-1</transitGatewayRouteTableId>
			<transitGatewayId>tgw-1</transitGatewayId><state>available</state><defaultAssociationRouteTable>true</defaultAssociationRouteTable>
			<defaultPropagationRouteTable>true</defaultPropagationRouteTable>`+ec2Tags("tagSet", "owner", "network")+`</item>
			<item><transitGatewayRouteTableId>tgw-rtb-gone</transitGatewayRouteTableId><state>deleted</state></item></transitGatewayRouteTables>`),
		ec2Answer("DescribeTransitGatewayRouteTables", "", `<transitGatewayRouteTables><item><transitGatewayRouteTableId>tgw-rtb-2</transitGatewayRouteTableId>
			<defaultAssociationRouteTable>false</defaultAssociationRouteTable></item></transitGatewayRouteTables>`),
	)})
	wholly(t, o, ec2Prefix+"transit-gateway-route-table/tgw-rtb-1", ec2Prefix+"transit-gateway-route-table/tgw-rtb-2")
	attributes(t, o.Assets[0], map[string]string{"TransitGatewayId": `"tgw-1"`, "DefaultAssociationRouteTable": "true", "DefaultPropagationRouteTable": "true"})
	tagged(t, o.Assets[0], "owner", "network")
	untagged(t, o.Assets[1])
}
