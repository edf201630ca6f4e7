package network

import (
	"testing"

	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

func TestVPNConnections(t *testing.T) {
	o := run(t, "AWS::EC2::VPNConnection", listertest.Answers{"DescribeVpnConnections": listertest.Bodies(
		ec2Answer("DescribeVpnConnections", "", `<vpnConnectionSet><item><vpnConnectionId>vpn-1</vpnConnectionId><state>available</state><type>ipsec.1</type>
			<customerGatewayConfiguration>&lt;pre_shared_key&gt;hush-hush&lt;/pre_shared_key&gt;</customerGatewayConfiguration>
			<customerGatewayId>cgw-1</customerGatewayId><vpnGatewayId>vgw-1</vpnGatewayId>
			<options><staticRoutesOnly>true</staticRoutesOnly><enableAcceleration>false</enableAcceleration><tunnelInsideIpVersion>ipv4</tunnelInsideIpVersion>
			<localIpv4NetworkCidr>0.0.0.0/0</localIpv4NetworkCidr><remoteIpv4NetworkCidr>10.0.0.0/8</remoteIpv4NetworkCidr>
			<tunnelOptionSet><item><outsideIpAddress>198.51.100.1</outsideIpAddress><preSharedKey>hush-hush</preSharedKey></item></tunnelOptionSet></options>
			<vgwTelemetry><item><outsideIpAddress>198.51.100.1</outsideIpAddress><status>UP</status></item></vgwTelemetry>`+ec2Tags("tagSet", "Name", "office")+`</item>
			<item><vpnConnectionId>vpn-gone</vpnConnectionId><state>deleted</state></item>
			<item><vpnConnectionId>vpn-2</vpnConnectionId><state>deleting</state><transitGatewayId>tgw-1</transitGatewayId></item></vpnConnectionSet>`),
	)})
	wholly(t, o, ec2Prefix+"vpn-connection/vpn-1", ec2Prefix+"vpn-connection/vpn-2")
	secretless(t, o, "hush")
	a := o.Asset(t, "office")
	attributes(t, a, map[string]string{
		"Type": `"ipsec.1"`, "CustomerGatewayId": `"cgw-1"`, "VpnGatewayId": `"vgw-1"`, "TransitGatewayId": "null", "StaticRoutesOnly": "true",
		"EnableAcceleration": "false", "TunnelInsideIpVersion": `"ipv4"`, "LocalIpv4NetworkCidr": `"0.0.0.0/0"`, "RemoteIpv4NetworkCidr": `"10.0.0.0/8"`,
	})
	identified(t, a, inventory.PublicIP, "198.51.100.1")
	tagged(t, a, "Name", "office")
	untagged(t, o.Assets[1])
	if o.Assets[1].Lifecycle != inventory.LifecycleRetiring {
		t.Errorf("stage %q", o.Assets[1].Lifecycle)
	}
}

func TestVPNGateways(t *testing.T) {
	o := run(t, "AWS::EC2::VPNGateway", listertest.Answers{"DescribeVpnGateways": listertest.Bodies(
		ec2Answer("DescribeVpnGateways", "", `<vpnGatewaySet><item><vpnGatewayId>vgw-1</vpnGatewayId><state>available</state><type>ipsec.1</type><amazonSideAsn>64512</amazonSideAsn>
			<attachments><item><vpcId>vpc-old</vpcId><state>detached</state></item><item><vpcId>vpc-1</vpcId><state>attached</state></item></attachments>`+ec2Tags("tagSet", "owner", "network")+`</item>
			<item><vpnGatewayId>vgw-gone</vpnGatewayId><state>deleted</state></item><item><vpnGatewayId>vgw-2</vpnGatewayId><state>available</state></item></vpnGatewaySet>`),
	)})
	wholly(t, o, ec2Prefix+"vpn-gateway/vgw-1", ec2Prefix+"vpn-gateway/vgw-2")
	attributes(t, o.Assets[0], map[string]string{"Type": `"ipsec.1"`, "AmazonSideAsn": "64512", "VpcId": `"vpc-1"`})
	tagged(t, o.Assets[0], "owner", "network")
	attributes(t, o.Assets[1], map[string]string{"VpcId": "null"})
	untagged(t, o.Assets[1])
}

func TestCustomerGateways(t *testing.T) {
	o := run(t, "AWS::EC2::CustomerGateway", listertest.Answers{"DescribeCustomerGateways": listertest.Bodies(
		ec2Answer("DescribeCustomerGateways", "", `<customerGatewaySet><item><customerGatewayId>cgw-1</customerGatewayId><state>available</state><type>ipsec.1</type><bgpAsn>65000</bgpAsn>
			<ipAddress>203.0.113.1</ipAddress><deviceName>fw1</deviceName>`+ec2Tags("tagSet", "owner", "network")+`</item>
			<item><customerGatewayId>cgw-gone</customerGatewayId><state>deleted</state></item><item><customerGatewayId>cgw-2</customerGatewayId></item></customerGatewaySet>`),
	)})
	wholly(t, o, ec2Prefix+"customer-gateway/cgw-1", ec2Prefix+"customer-gateway/cgw-2")
	attributes(t, o.Assets[0], map[string]string{"Type": `"ipsec.1"`, "BgpAsn": "65000", "IpAddress": `"203.0.113.1"`, "DeviceName": `"fw1"`, "CertificateArn": "null"})
	tagged(t, o.Assets[0], "owner", "network")
	untagged(t, o.Assets[1])
}
