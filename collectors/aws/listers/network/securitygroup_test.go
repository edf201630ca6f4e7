package network

import (
	"testing"

	"github.com/muster-audit/muster/collectors/aws/listertest"
)

func TestSecurityGroups(t *testing.T) {
	o := run(t, "AWS::EC2::SecurityGroup", listertest.Answers{"DescribeSecurityGroups": listertest.Bodies(
		ec2Answer("DescribeSecurityGroups", "more", `<securityGroupInfo><item><ownerId>111122223333</ownerId><groupId>sg-1</groupId><groupName>web</groupName>
			<groupDescription>the web</groupDescription><vpcId>vpc-1</vpcId><securityGroupArn>`+ec2Prefix+`security-group/sg-1</securityGroupArn>
			<ipPermissions><item><ipProtocol>tcp</ipProtocol><fromPort>443</fromPort><toPort>443</toPort>
				<groups><item><userId>111122223333</userId><groupId>sg-2</groupId></item><item><userId>444455556666</userId><groupId>sg-3</groupId></item></groups>
				<ipRanges><item><cidrIp>10.0.0.0/8</cidrIp><description>inside</description></item><item><cidrIp>0.0.0.0/0</cidrIp></item></ipRanges>
				<ipv6Ranges><item><cidrIpv6>::/0</cidrIpv6></item></ipv6Ranges><prefixListIds><item><prefixListId>pl-1</prefixListId></item></prefixListIds></item></ipPermissions>
			<ipPermissionsEgress><item><ipProtocol>-1</ipProtocol><groups/><ipRanges><item><cidrIp>0.0.0.0/0</cidrIp></item></ipRanges>
				<prefixListIds><item><prefixListId>pl-2</prefixListId></item></prefixListIds></item></ipPermissionsEgress>
			`+ec2Tags("tagSet", "Name", "not the name", "owner", "web")+`</item></securityGroupInfo>`),
		ec2Answer("DescribeSecurityGroups", "", `<securityGroupInfo><item><ownerId>111122223333</ownerId><groupId>sg-2</groupId><groupName>default</groupName></item></securityGroupInfo>`),
	)})
	wholly(t, o, ec2Prefix+"security-group/sg-1", ec2Prefix+"security-group/sg-2")
	a := o.Asset(t, "web")
	const port = `"FromPort":443,"IpProtocol":"tcp",`
	attributes(t, a, map[string]string{
		"GroupName": `"web"`, "GroupDescription": `"the web"`, "VpcId": `"vpc-1"`,
		"SecurityGroupIngress": `[{"CidrIp":"0.0.0.0/0",` + port + `"ToPort":443},` +
			`{"CidrIp":"10.0.0.0/8","Description":"inside",` + port + `"ToPort":443},` +
			`{"CidrIpv6":"::/0",` + port + `"ToPort":443},` +
			`{` + port + `"SourcePrefixListId":"pl-1","ToPort":443},` +
			`{` + port + `"SourceSecurityGroupId":"sg-2","ToPort":443},` +
			`{` + port + `"SourceSecurityGroupId":"sg-3","SourceSecurityGroupOwnerId":"444455556666","ToPort":443}]`,
		"SecurityGroupEgress": `[{"CidrIp":"0.0.0.0/0","IpProtocol":"-1"},{"DestinationPrefixListId":"pl-2","IpProtocol":"-1"}]`,
	})
	tagged(t, a, "owner", "web")
	attributes(t, o.Asset(t, "default"), map[string]string{"SecurityGroupIngress": "[]", "SecurityGroupEgress": "[]"})
	untagged(t, o.Asset(t, "default"))
}
