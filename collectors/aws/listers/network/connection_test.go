package network

import (
	"testing"
	"time"

	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

func TestEndpoints(t *testing.T) {
	o := run(t, "AWS::EC2::VPCEndpoint", listertest.Answers{"DescribeVpcEndpoints": listertest.Bodies(
		ec2Answer("DescribeVpcEndpoints", "more", `<vpcEndpointSet><item><vpcEndpointId>vpce-1</vpcEndpointId><vpcEndpointType>Interface</vpcEndpointType><vpcId>vpc-1</vpcId>
			<serviceName>com.amazonaws.eu-west-1.sqs</serviceName><state>available</state><policyDocument>{"Statement":[{"Effect":"Allow"}]}</policyDocument>
			<subnetIdSet><item>subnet-1</item></subnetIdSet><groupSet><item><groupId>sg-1</groupId></item></groupSet><ipAddressType>ipv4</ipAddressType>
			<privateDnsEnabled>true</privateDnsEnabled><requesterManaged>false</requesterManaged><ownerId>111122223333</ownerId>
			<dnsEntrySet><item><dnsName>sqs.eu-west-1.amazonaws.com</dnsName></item><item><dnsName>vpce-1-abc.sqs.eu-west-1.vpce.amazonaws.com</dnsName></item></dnsEntrySet>
			<creationTimestamp>2026-01-01T00:00:00Z</creationTimestamp>`+ec2Tags("tagSet", "owner", "network")+`</item>
			<item><vpcEndpointId>vpce-gone</vpcEndpointId><state>Deleted</state></item></vpcEndpointSet>`),
		ec2Answer("DescribeVpcEndpoints", "", `<vpcEndpointSet><item><vpcEndpointId>vpce-2</vpcEndpointId><vpcEndpointType>Gateway</vpcEndpointType><state>deleting</state>
			<requesterManaged>true</requesterManaged><routeTableIdSet><item>rtb-1</item></routeTableIdSet></item></vpcEndpointSet>`),
	)})
	wholly(t, o, ec2Prefix+"vpc-endpoint/vpce-1", ec2Prefix+"vpc-endpoint/vpce-2")
	a := o.Asset(t, "vpce-1")
	attributes(t, a, map[string]string{
		"VpcId": `"vpc-1"`, "ServiceName": `"com.amazonaws.eu-west-1.sqs"`, "VpcEndpointType": `"Interface"`, "SubnetIds": `["subnet-1"]`, "RouteTableIds": "[]",
		"SecurityGroupIds": `["sg-1"]`, "PrivateDnsEnabled": "true", "PolicyDocument": `{"Statement":[{"Effect":"Allow"}]}`, "IpAddressType": `"ipv4"`, "RequesterManaged": "false",
	})
	identified(t, a, inventory.FQDN, "vpce-1-abc.sqs.eu-west-1.vpce.amazonaws.com")
	if want := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC); !a.Created.Equal(want) || len(a.Identifiers) != 2 {
		t.Errorf("created %s, identifiers %v", a.Created, a.Identifiers)
	}
	tagged(t, a, "owner", "network")
	b := o.Asset(t, "vpce-2")
	attributes(t, b, map[string]string{"RouteTableIds": `["rtb-1"]`, "PolicyDocument": "null", "RequesterManaged": "true"})
	untagged(t, b)
	if b.Lifecycle != inventory.LifecycleRetiring {
		t.Errorf("stage %q", b.Lifecycle)
	}
}

func TestPeerings(t *testing.T) {
	o := run(t, "AWS::EC2::VPCPeeringConnection", listertest.Answers{"DescribeVpcPeeringConnections": listertest.Bodies(
		ec2Answer("DescribeVpcPeeringConnections", "more", `<vpcPeeringConnectionSet><item><vpcPeeringConnectionId>pcx-1</vpcPeeringConnectionId>
			<requesterVpcInfo><ownerId>444455556666</ownerId><vpcId>vpc-9</vpcId><region>us-east-1</region></requesterVpcInfo>
			<accepterVpcInfo><ownerId>111122223333</ownerId><vpcId>vpc-1</vpcId><region>eu-west-1</region></accepterVpcInfo>
			<status><code>active</code></status>`+ec2Tags("tagSet", "owner", "network")+`</item>
			<item><vpcPeeringConnectionId>pcx-rejected</vpcPeeringConnectionId><status><code>rejected</code></status></item>
			<item><vpcPeeringConnectionId>pcx-failed</vpcPeeringConnectionId><status><code>failed</code></status></item></vpcPeeringConnectionSet>`),
		ec2Answer("DescribeVpcPeeringConnections", "", `<vpcPeeringConnectionSet><item><vpcPeeringConnectionId>pcx-2</vpcPeeringConnectionId></item></vpcPeeringConnectionSet>`),
	)})
	wholly(t, o, ec2Prefix+"vpc-peering-connection/pcx-1", ec2Prefix+"vpc-peering-connection/pcx-2")
	attributes(t, o.Assets[0], map[string]string{"VpcId": `"vpc-9"`, "PeerVpcId": `"vpc-1"`, "PeerOwnerId": `"111122223333"`, "PeerRegion": `"eu-west-1"`})
	tagged(t, o.Assets[0], "owner", "network")
	untagged(t, o.Assets[1])
}
