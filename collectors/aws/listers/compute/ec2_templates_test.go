package compute

import (
	"strings"
	"testing"

	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

func templateAnswers() listertest.Answers {
	return listertest.Answers{
		"DescribeLaunchTemplates": listertest.Bodies(
			`<DescribeLaunchTemplatesResponse><launchTemplates><item><launchTemplateId>lt-1</launchTemplateId><launchTemplateName>web</launchTemplateName>
			<createTime>2026-01-01T00:00:00.000Z</createTime><defaultVersionNumber>2</defaultVersionNumber><latestVersionNumber>3</latestVersionNumber>
			<tagSet><item><key>owner</key><value>payments</value></item></tagSet></item></launchTemplates><nextToken>more</nextToken></DescribeLaunchTemplatesResponse>`,
			`<DescribeLaunchTemplatesResponse><launchTemplates><item><launchTemplateId>lt-2</launchTemplateId><launchTemplateName>late</launchTemplateName>
			<defaultVersionNumber>5</defaultVersionNumber><latestVersionNumber>5</latestVersionNumber></item></launchTemplates></DescribeLaunchTemplatesResponse>`,
		),
		"DescribeLaunchTemplateVersions": listertest.Bodies(
			`<DescribeLaunchTemplateVersionsResponse><launchTemplateVersionSet><item><launchTemplateId>lt-1</launchTemplateId><versionNumber>2</versionNumber><defaultVersion>true</defaultVersion>
			<launchTemplateData><imageId>ami-1</imageId><instanceType>t3.micro</instanceType><userData>c2VjcmV0</userData><ebsOptimized>true</ebsOptimized>
			<iamInstanceProfile><name>web</name></iamInstanceProfile><metadataOptions><httpTokens>required</httpTokens><httpPutResponseHopLimit>1</httpPutResponseHopLimit></metadataOptions>
			<networkInterfaceSet><item><deviceIndex>0</deviceIndex><associatePublicIpAddress>true</associatePublicIpAddress><groupSet><groupId>sg-1</groupId></groupSet></item></networkInterfaceSet>
			<blockDeviceMappingSet><item><deviceName>/dev/xvda</deviceName><ebs><encrypted>true</encrypted><volumeSize>20</volumeSize></ebs></item></blockDeviceMappingSet>
			</launchTemplateData></item></launchTemplateVersionSet><nextToken>more</nextToken></DescribeLaunchTemplateVersionsResponse>`,
			`<DescribeLaunchTemplateVersionsResponse><launchTemplateVersionSet><item><launchTemplateId>lt-2</launchTemplateId><versionNumber>4</versionNumber>
			<launchTemplateData><imageId>ami-old</imageId></launchTemplateData></item></launchTemplateVersionSet></DescribeLaunchTemplateVersionsResponse>`,
		),
	}
}

func TestLaunchTemplates(t *testing.T) {
	o := run(t, "AWS::EC2::LaunchTemplate", templateAnswers())
	want(t, o, 2, 0)
	a := o.Asset(t, "arn:aws:ec2:eu-west-1:111122223333:launch-template/lt-1")
	attributes(t, a, map[string]string{
		"LaunchTemplateName": `"web"`, "DefaultVersionNumber": `"2"`, "LatestVersionNumber": `"3"`, "LaunchTemplateData.ImageId": `"ami-1"`,
		"LaunchTemplateData.IamInstanceProfile": `"web"`, "LaunchTemplateData.KeyName": "null", "LaunchTemplateData.EbsOptimized": "true",
		"LaunchTemplateData.MetadataOptions.HttpTokens": `"required"`, "LaunchTemplateData.MetadataOptions.HttpEndpoint": "null",
		"LaunchTemplateData.NetworkInterfaces":   `[{"AssociatePublicIpAddress":true,"DeviceIndex":0,"Groups":["sg-1"]}]`,
		"LaunchTemplateData.BlockDeviceMappings": `[{"DeviceName":"/dev/xvda","Ebs":{"Encrypted":true,"VolumeSize":20}}]`,
	})
	tagged(t, a, "owner", "payments")
	if v, _ := a.Attributes.Get("LaunchTemplateData.UserData"); !inventory.IsSecretHash(v.String()) {
		t.Errorf("user data %s", v)
	}
	late := o.Asset(t, "late") // its default changed between the calls
	tags(t, late, inventory.Known, 0)
	attributes(t, late, map[string]string{"LaunchTemplateData.ImageId": "", "DefaultVersionNumber": `"5"`})
}

func TestLaunchTemplatesWithoutVersions(t *testing.T) {
	answers := templateAnswers()
	answers["DescribeLaunchTemplateVersions"] = listertest.Refuse("UnauthorizedOperation")
	o := run(t, "AWS::EC2::LaunchTemplate", answers)
	want(t, o, 2, 1)
	a := o.Asset(t, "web")
	attributes(t, a, map[string]string{"LaunchTemplateData.MetadataOptions.HttpTokens": "", "LaunchTemplateData.UserData": "", "LatestVersionNumber": `"3"`})
	tagged(t, a, "owner", "payments")
}

func TestKeyPairs(t *testing.T) {
	o := run(t, "AWS::EC2::KeyPair", listertest.Answers{"DescribeKeyPairs": listertest.Bodies(`<DescribeKeyPairsResponse><keySet>
		<item><keyPairId>key-1</keyPairId><keyFingerprint>1f:51</keyFingerprint><keyName>ops</keyName><keyType>ed25519</keyType><createTime>2026-01-01T00:00:00.000Z</createTime>
		<tagSet><item><key>owner</key><value>platform</value></item></tagSet></item>
		<item><keyPairId>key-2</keyPairId><keyName>old</keyName></item></keySet></DescribeKeyPairsResponse>`)})
	want(t, o, 2, 0)
	a := o.Asset(t, "arn:aws:ec2:eu-west-1:111122223333:key-pair/ops")
	attributes(t, a, map[string]string{"KeyName": `"ops"`, "KeyPairId": `"key-1"`, "KeyFingerprint": `"1f:51"`, "KeyType": `"ed25519"`})
	identified(t, a, inventory.Identifier{Kind: inventory.ResourceID, Value: "ops"})
	tagged(t, a, "owner", "platform")
	tags(t, o.Asset(t, "old"), inventory.Known, 0)
}

func TestPlacementGroups(t *testing.T) {
	o := run(t, "AWS::EC2::PlacementGroup", listertest.Answers{"DescribePlacementGroups": listertest.Bodies(`<DescribePlacementGroupsResponse><placementGroupSet>
		<item><groupName>hpc</groupName><groupId>pg-1</groupId><strategy>partition</strategy><partitionCount>3</partitionCount><state>available</state>
		<groupArn>arn:aws:ec2:eu-west-1:111122223333:placement-group/hpc</groupArn><tagSet><item><key>owner</key><value>research</value></item></tagSet></item>
		<item><groupName>gone</groupName><state>deleted</state></item></placementGroupSet></DescribePlacementGroupsResponse>`)})
	want(t, o, 1, 0)
	a := o.Asset(t, "hpc")
	attributes(t, a, map[string]string{"GroupName": `"hpc"`, "Strategy": `"partition"`, "PartitionCount": "3", "SpreadLevel": "null"})
	tagged(t, a, "owner", "research")
	if !strings.HasSuffix(a.Key, ":placement-group/hpc") {
		t.Errorf("key %s", a.Key)
	}
}
