package compute

import (
	"testing"
	"time"

	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

func groupPage(members, token string) string {
	return `<DescribeAutoScalingGroupsResponse><DescribeAutoScalingGroupsResult><AutoScalingGroups>` + members + `</AutoScalingGroups>` + token +
		`</DescribeAutoScalingGroupsResult></DescribeAutoScalingGroupsResponse>`
}

func TestGroups(t *testing.T) {
	o := run(t, "AWS::AutoScaling::AutoScalingGroup", listertest.Answers{"DescribeAutoScalingGroups": listertest.Bodies(
		groupPage(`<member><AutoScalingGroupName>web</AutoScalingGroupName><AutoScalingGroupARN>`+webGroupARN+`</AutoScalingGroupARN><CreatedTime>2026-01-01T00:00:00Z</CreatedTime>
		<MinSize>1</MinSize><MaxSize>4</MaxSize><DesiredCapacity>2</DesiredCapacity><DefaultCooldown>300</DefaultCooldown><HealthCheckType>ELB</HealthCheckType><HealthCheckGracePeriod>60</HealthCheckGracePeriod>
		<AvailabilityZones><member>eu-west-1a</member></AvailabilityZones><VPCZoneIdentifier>subnet-1,subnet-2</VPCZoneIdentifier>
		<TargetGroupARNs><member>arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/1</member></TargetGroupARNs><TerminationPolicies><member>Default</member></TerminationPolicies>
		<LaunchTemplate><LaunchTemplateId>lt-1</LaunchTemplateId><LaunchTemplateName>web</LaunchTemplateName><Version>$Latest</Version></LaunchTemplate>
		<SuspendedProcesses><member><ProcessName>AZRebalance</ProcessName></member></SuspendedProcesses><NewInstancesProtectedFromScaleIn>false</NewInstancesProtectedFromScaleIn>
		<Tags><member><Key>owner</Key><Value>payments</Value><PropagateAtLaunch>true</PropagateAtLaunch></member><member><Key>stage</Key><Value>prod</Value><PropagateAtLaunch>false</PropagateAtLaunch></member></Tags></member>`,
			`<NextToken>more</NextToken>`),
		groupPage(`<member><AutoScalingGroupName>nodes</AutoScalingGroupName><AutoScalingGroupARN>arn:aws:autoscaling:eu-west-1:111122223333:autoScalingGroup:6c:autoScalingGroupName/nodes</AutoScalingGroupARN>
		<Status>Delete in progress</Status><MixedInstancesPolicy><LaunchTemplate><LaunchTemplateSpecification><LaunchTemplateId>lt-2</LaunchTemplateId><Version>1</Version></LaunchTemplateSpecification>
		<Overrides><member><InstanceType>m5.large</InstanceType></member></Overrides></LaunchTemplate><InstancesDistribution><OnDemandBaseCapacity>0</OnDemandBaseCapacity></InstancesDistribution></MixedInstancesPolicy>
		<Tags><member><Key>eks:cluster-name</Key><Value>main</Value></member><member><Key>eks:nodegroup-name</Key><Value>blue</Value></member></Tags></member>
		<member><AutoScalingGroupName>bare</AutoScalingGroupName><AutoScalingGroupARN>arn:aws:autoscaling:eu-west-1:111122223333:autoScalingGroup:7d:autoScalingGroupName/bare</AutoScalingGroupARN></member>`, ""),
	)})
	want(t, o, 3, 0)
	a := o.Asset(t, webGroupARN)
	attributes(t, a, map[string]string{
		"AutoScalingGroupName": `"web"`, "MinSize": "1", "MaxSize": "4", "DesiredCapacity": "2", "VPCZoneIdentifier": `["subnet-1","subnet-2"]`,
		"LaunchTemplate.LaunchTemplateId": `"lt-1"`, "LaunchTemplate.Version": `"$Latest"`, "HealthCheckType": `"ELB"`, "HealthCheckGracePeriod": "60",
		"TargetGroupARNs": `["arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/1"]`, "Cooldown": "300", "TerminationPolicies": `["Default"]`,
		"MaxInstanceLifetime": "null", "MixedInstancesPolicy": "null", "PropagateAtLaunch": `["owner"]`, "SuspendedProcesses": `["AZRebalance"]`,
	})
	tagged(t, a, "stage", "prod")
	identified(t, a, inventory.Identifier{Kind: inventory.ResourceID, Value: "web"})
	if !a.Created.Equal(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("created %s", a.Created)
	}
	nodes := o.Asset(t, "nodes")
	related(t, nodes, inventory.Relation{Kind: inventory.ManagedBy, Key: "arn:aws:eks:eu-west-1:111122223333:cluster/main"})
	attributes(t, nodes, map[string]string{"MixedInstancesPolicy": `{"InstancesDistribution":{"OnDemandBaseCapacity":0},"LaunchTemplate":{"LaunchTemplateSpecification":` +
		`{"LaunchTemplateId":"lt-2","Version":"1"},"Overrides":[{"InstanceType":"m5.large"}]}}`, "VPCZoneIdentifier": "[]"})
	if nodes.Lifecycle != inventory.LifecycleRetiring {
		t.Errorf("lifecycle %s", nodes.Lifecycle)
	}
	tags(t, o.Asset(t, "bare"), inventory.Known, 0)
}

func configurationPage(members, token string) string {
	return `<DescribeLaunchConfigurationsResponse><DescribeLaunchConfigurationsResult><LaunchConfigurations>` + members + `</LaunchConfigurations>` + token +
		`</DescribeLaunchConfigurationsResult></DescribeLaunchConfigurationsResponse>`
}

func TestLaunchConfigurations(t *testing.T) {
	const arn = "arn:aws:autoscaling:eu-west-1:111122223333:launchConfiguration:1:launchConfigurationName/"
	o := run(t, "AWS::AutoScaling::LaunchConfiguration", listertest.Answers{"DescribeLaunchConfigurations": listertest.Bodies(
		configurationPage(`<member><LaunchConfigurationName>old</LaunchConfigurationName><LaunchConfigurationARN>`+arn+`old</LaunchConfigurationARN><ImageId>ami-1</ImageId>
		<InstanceType>t2.micro</InstanceType><KeyName/><SecurityGroups><member>sg-1</member></SecurityGroups><UserData>c2VjcmV0</UserData><EbsOptimized>false</EbsOptimized>
		<InstanceMonitoring><Enabled>true</Enabled></InstanceMonitoring><MetadataOptions><HttpTokens>optional</HttpTokens></MetadataOptions><AssociatePublicIpAddress>true</AssociatePublicIpAddress>
		<BlockDeviceMappings><member><DeviceName>/dev/xvda</DeviceName><Ebs><Encrypted>false</Encrypted><VolumeSize>8</VolumeSize></Ebs></member></BlockDeviceMappings>
		<CreatedTime>2026-01-01T00:00:00Z</CreatedTime></member>`, `<NextToken>more</NextToken>`),
		configurationPage(`<member><LaunchConfigurationName>older</LaunchConfigurationName><LaunchConfigurationARN>`+arn+`older</LaunchConfigurationARN></member>`, ""),
	)})
	want(t, o, 2, 0)
	a := o.Asset(t, arn+"old")
	attributes(t, a, map[string]string{
		"ImageId": `"ami-1"`, "InstanceType": `"t2.micro"`, "KeyName": "null", "SecurityGroups": `["sg-1"]`, "EbsOptimized": "false", "InstanceMonitoring": "true",
		"MetadataOptions.HttpTokens": `"optional"`, "MetadataOptions.HttpEndpoint": "null", "AssociatePublicIpAddress": "true",
		"BlockDeviceMappings": `[{"DeviceName":"/dev/xvda","Ebs":{"Encrypted":false,"VolumeSize":8}}]`,
	})
	if v, _ := a.Attributes.Get("UserData"); !inventory.IsSecretHash(v.String()) {
		t.Errorf("user data %s", v)
	}
	tags(t, a, inventory.NotApplicable, 0)
	attributes(t, o.Asset(t, "older"), map[string]string{"UserData": "null", "MetadataOptions.HttpTokens": "null"})
}
