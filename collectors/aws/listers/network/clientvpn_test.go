package network

import (
	"testing"
	"time"

	"github.com/muster-audit/muster/collectors/aws/listertest"
)

func TestClientVPNs(t *testing.T) {
	o := run(t, "AWS::EC2::ClientVpnEndpoint", listertest.Answers{"DescribeClientVpnEndpoints": listertest.Bodies(
		ec2Answer("DescribeClientVpnEndpoints", "more", `<clientVpnEndpoint><item><clientVpnEndpointId>cvpn-endpoint-1</clientVpnEndpointId><description>staff</description>
			<status><code>available</code></status><creationTime>2026-01-01T00:00:00</creationTime><dnsName>*.cvpn-endpoint-1.prod.clientvpn.eu-west-1.amazonaws.com</dnsName>
			<clientCidrBlock>10.8.0.0/22</clientCidrBlock><splitTunnel>true</splitTunnel><transportProtocol>udp</transportProtocol><vpnPort>443</vpnPort><vpcId>vpc-1</vpcId>
			<securityGroupIdSet><item>sg-1</item></securityGroupIdSet><dnsServer><item>10.0.0.2</item></dnsServer><sessionTimeoutHours>12</sessionTimeoutHours>
			<serverCertificateArn>arn:aws:acm:eu-west-1:111122223333:certificate/1</serverCertificateArn>
			<authenticationOptions><item><type>certificate-authentication</type><mutualAuthentication><clientRootCertificateChain>arn:aws:acm:eu-west-1:111122223333:certificate/2</clientRootCertificateChain></mutualAuthentication></item>
			<item><type>federated-authentication</type><federatedAuthentication><samlProviderArn>arn:aws:iam::111122223333:saml-provider/idp</samlProviderArn></federatedAuthentication></item>
			<item><type>directory-service-authentication</type><activeDirectory><directoryId>d-1</directoryId></activeDirectory></item></authenticationOptions>
			<connectionLogOptions><Enabled>true</Enabled><CloudwatchLogGroup>vpn</CloudwatchLogGroup></connectionLogOptions>
			<clientConnectOptions><enabled>false</enabled></clientConnectOptions>`+ec2Tags("tagSet", "owner", "network")+`</item>
			<item><clientVpnEndpointId>cvpn-endpoint-gone</clientVpnEndpointId><status><code>deleted</code></status></item></clientVpnEndpoint>`),
		ec2Answer("DescribeClientVpnEndpoints", "", `<clientVpnEndpoint><item><clientVpnEndpointId>cvpn-endpoint-2</clientVpnEndpointId></item></clientVpnEndpoint>`),
	)})
	wholly(t, o, ec2Prefix+"client-vpn-endpoint/cvpn-endpoint-1", ec2Prefix+"client-vpn-endpoint/cvpn-endpoint-2")
	a := o.Assets[0]
	attributes(t, a, map[string]string{
		"Description": `"staff"`, "ClientCidrBlock": `"10.8.0.0/22"`, "SplitTunnel": "true", "TransportProtocol": `"udp"`, "VpnPort": "443", "VpcId": `"vpc-1"`,
		"SecurityGroupIds": `["sg-1"]`, "DnsServers": `["10.0.0.2"]`, "SessionTimeoutHours": "12", "ServerCertificateArn": `"arn:aws:acm:eu-west-1:111122223333:certificate/1"`,
		"AuthenticationOptions": `[{"MutualAuthentication":{"ClientRootCertificateChainArn":"arn:aws:acm:eu-west-1:111122223333:certificate/2"},"Type":"certificate-authentication"},` +
			`{"FederatedAuthentication":{"SAMLProviderArn":"arn:aws:iam::111122223333:saml-provider/idp"},"Type":"federated-authentication"},` +
			`{"ActiveDirectory":{"DirectoryId":"d-1"},"Type":"directory-service-authentication"}]`,
		"ConnectionLogOptions": `{"CloudwatchLogGroup":"vpn","Enabled":true}`, "ClientConnectOptions": `{"Enabled":false}`,
	})
	if want := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC); !a.Created.Equal(want) {
		t.Errorf("created %s", a.Created)
	}
	tagged(t, a, "owner", "network")
	untagged(t, o.Assets[1])
}
