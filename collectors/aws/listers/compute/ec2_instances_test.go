package compute

import (
	"testing"
	"time"

	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

const webInstance = `<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><reservationSet><item>
 <reservationId>r-1</reservationId><ownerId>111122223333</ownerId><instancesSet><item>
 <instanceId>i-0web</instanceId><imageId>ami-1</imageId><instanceState><code>16</code><name>running</name></instanceState>
 <privateDnsName>ip-10-0-0-5.eu-west-1.compute.internal</privateDnsName><keyName>ops</keyName><instanceType>t3.micro</instanceType>
 <launchTime>2026-02-20T10:00:00.000Z</launchTime><placement><availabilityZone>eu-west-1a</availabilityZone><groupName/><tenancy>default</tenancy></placement>
 <platformDetails>Linux/UNIX</platformDetails><monitoring><state>disabled</state></monitoring><subnetId>subnet-1</subnetId><vpcId>vpc-1</vpcId>
 <privateIpAddress>10.0.0.5</privateIpAddress><ipAddress>203.0.113.7</ipAddress><sourceDestCheck>true</sourceDestCheck><ebsOptimized>false</ebsOptimized>
 <groupSet><item><groupId>sg-1</groupId><groupName>web</groupName></item></groupSet>
 <iamInstanceProfile><arn>arn:aws:iam::111122223333:instance-profile/web</arn><id>AIPA</id></iamInstanceProfile>
 <networkInterfaceSet><item><networkInterfaceId>eni-1</networkInterfaceId><macAddress>02:00:00:00:00:01</macAddress>
  <attachment><deviceIndex>0</deviceIndex><networkCardIndex>0</networkCardIndex><attachTime>2026-01-01T00:00:00.000Z</attachTime></attachment>
  <privateIpAddressesSet><item><privateIpAddress>10.0.0.5</privateIpAddress><association><publicIp>203.0.113.7</publicIp></association></item>
   <item><privateIpAddress>10.0.0.6</privateIpAddress></item></privateIpAddressesSet>
  <ipv6AddressesSet><item><ipv6Address>2001:db8::1</ipv6Address></item></ipv6AddressesSet></item></networkInterfaceSet>
 <metadataOptions><state>applied</state><httpTokens>required</httpTokens><httpPutResponseHopLimit>2</httpPutResponseHopLimit>
  <httpEndpoint>enabled</httpEndpoint><instanceMetadataTags>disabled</instanceMetadataTags></metadataOptions>
 <hibernationOptions><configured>false</configured></hibernationOptions>
 <tagSet><item><key>Name</key><value>web</value></item><item><key>owner</key><value>payments</value></item>
  <item><key>aws:autoscaling:groupName</key><value>web</value></item></tagSet>
 </item></instancesSet></item></reservationSet><nextToken>more</nextToken></DescribeInstancesResponse>`

const otherInstances = `<DescribeInstancesResponse><reservationSet><item><ownerId>111122223333</ownerId><instancesSet>
 <item><instanceId>i-0bare</instanceId><instanceState><name>stopped</name></instanceState></item>
 <item><instanceId>i-0gone</instanceId><instanceState><name>terminated</name></instanceState></item>
 <item><instanceId>i-0node</instanceId><instanceState><name>running</name></instanceState>
  <operator><managed>true</managed><principal>eks.amazonaws.com</principal></operator>
  <tagSet><item><key>aws:eks:cluster-name</key><value>main</value></item></tagSet></item>
 </instancesSet></item></reservationSet></DescribeInstancesResponse>`

const webGroupARN = "arn:aws:autoscaling:eu-west-1:111122223333:autoScalingGroup:5b0b:autoScalingGroupName/web"

func instanceAnswers() listertest.Answers {
	return listertest.Answers{
		"DescribeInstances": listertest.Bodies(webInstance, otherInstances),
		"DescribeAutoScalingGroups": listertest.Bodies(`<DescribeAutoScalingGroupsResponse><DescribeAutoScalingGroupsResult><AutoScalingGroups><member>
			<AutoScalingGroupName>web</AutoScalingGroupName><AutoScalingGroupARN>` + webGroupARN + `</AutoScalingGroupARN>
			</member></AutoScalingGroups></DescribeAutoScalingGroupsResult></DescribeAutoScalingGroupsResponse>`),
	}
}

func TestInstances(t *testing.T) {
	o := run(t, "AWS::EC2::Instance", instanceAnswers())
	want(t, o, 3, 0)
	a := o.Asset(t, "arn:aws:ec2:eu-west-1:111122223333:instance/i-0web")
	attributes(t, a, map[string]string{
		"ImageId": `"ami-1"`, "InstanceType": `"t3.micro"`, "SubnetId": `"subnet-1"`, "SecurityGroupIds": `["sg-1"]`, "KeyName": `"ops"`,
		"IamInstanceProfile": `"arn:aws:iam::111122223333:instance-profile/web"`, "EbsOptimized": "false", "Monitoring": "false",
		"SourceDestCheck": "true", "AvailabilityZone": `"eu-west-1a"`, "Tenancy": `"default"`, "MetadataOptions.HttpTokens": `"required"`,
		"MetadataOptions.HttpPutResponseHopLimit": "2", "PrivateIpAddress": `"10.0.0.5"`, "HibernationOptions.Configured": "false",
		"State.Name": `"running"`, "InstanceLifecycle": "null", "PlacementGroupName": "null", "DisableApiTermination": "-",
	})
	tagged(t, a, "owner", "payments")
	related(t, a, inventory.Relation{Kind: inventory.MemberOf, Key: webGroupARN})
	identified(
		t, a, inventory.Identifier{Kind: inventory.InstanceID, Value: "i-0web"}, inventory.Identifier{Kind: inventory.ResourceID, Value: "i-0web"},
		inventory.Identifier{Kind: inventory.PrivateIP, Value: "10.0.0.6"}, inventory.Identifier{Kind: inventory.PublicIP, Value: "203.0.113.7"},
		inventory.Identifier{Kind: inventory.MAC, Value: "02:00:00:00:00:01"}, inventory.Identifier{Kind: inventory.PublicIP, Value: "2001:db8::1"},
		inventory.Identifier{Kind: inventory.FQDN, Value: "ip-10-0-0-5.eu-west-1.compute.internal"},
	)
	if created := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC); a.Name != "web" || a.Zone != "eu-west-1a" || !a.Created.Equal(created) {
		t.Errorf("name %s, zone %s, created %s", a.Name, a.Zone, a.Created)
	}
}

func TestInstanceThatTellsLittle(t *testing.T) {
	o := run(t, "AWS::EC2::Instance", instanceAnswers())
	a := o.Asset(t, "i-0bare")
	tags(t, a, inventory.Known, 0)
	attributes(t, a, map[string]string{"MetadataOptions.HttpTokens": "-", "Monitoring": "-", "IamInstanceProfile": "null", "State.Name": `"stopped"`})
	if !a.Created.IsZero() {
		t.Errorf("created %s", a.Created)
	}
	node := o.Asset(t, "i-0node")
	attributes(t, node, map[string]string{"Operator.Principal": `"eks.amazonaws.com"`})
	related(t, node, inventory.Relation{Kind: inventory.ManagedBy, Key: "arn:aws:eks:eu-west-1:111122223333:cluster/main"})
}

func TestInstancesWithoutGroups(t *testing.T) {
	answers := instanceAnswers()
	answers["DescribeAutoScalingGroups"] = listertest.Refuse("AccessDenied")
	o := run(t, "AWS::EC2::Instance", answers)
	want(t, o, 3, 1)
	related(t, o.Asset(t, "web"))
}
