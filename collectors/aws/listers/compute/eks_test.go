package compute

import (
	"strings"
	"testing"
	"time"

	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

const eksARN = "arn:aws:eks:eu-west-1:111122223333:"

func TestEKSClusters(t *testing.T) {
	o := run(t, "AWS::EKS::Cluster", listertest.Answers{
		"ListClusters": listertest.Bodies(`{"clusters":["main"],"nextToken":"more"}`, `{"clusters":["locked","gone"]}`),
		"DescribeCluster": func(_ int, request string) listertest.Response {
			switch {
			case strings.Contains(request, "locked"):
				return listertest.Response{Code: "AccessDeniedException", Status: 403}
			case strings.Contains(request, "gone"):
				return listertest.Response{Code: "ResourceNotFoundException", Status: 404}
			}
			return listertest.Response{Body: `{"cluster":{"name":"main","arn":"` + eksARN + `cluster/main","createdAt":1767225600,"version":"1.31","endpoint":"https://ABC.gr7.eu-west-1.eks.amazonaws.com",
			"roleArn":"arn:aws:iam::111122223333:role/eks","resourcesVpcConfig":{"subnetIds":["subnet-1"],"securityGroupIds":["sg-1"],"endpointPublicAccess":true,"endpointPrivateAccess":false,"publicAccessCidrs":["0.0.0.0/0"]},
			"logging":{"clusterLogging":[{"types":["api","audit"],"enabled":true},{"types":["scheduler"],"enabled":false}]},"encryptionConfig":[{"resources":["secrets"],"provider":{"keyArn":"arn:key"}}],
			"accessConfig":{"authenticationMode":"API"},"upgradePolicy":{"supportType":"STANDARD"},"status":"DELETING","tags":{"owner":"platform"}}}`}
		},
	})
	want(t, o, 2, 1)
	a := o.Asset(t, eksARN+"cluster/main")
	attributes(t, a, map[string]string{
		"Name": `"main"`, "Version": `"1.31"`, "RoleArn": `"arn:aws:iam::111122223333:role/eks"`, "ResourcesVpcConfig.SubnetIds": `["subnet-1"]`, "ResourcesVpcConfig.SecurityGroupIds": `["sg-1"]`,
		"ResourcesVpcConfig.EndpointPublicAccess": "true", "ResourcesVpcConfig.EndpointPrivateAccess": "false", "ResourcesVpcConfig.PublicAccessCidrs": `["0.0.0.0/0"]`,
		"Logging.ClusterLogging.EnabledTypes": `[{"Type":"api"},{"Type":"audit"}]`, "EncryptionConfigKeyArn": `"arn:key"`, "AccessConfig.AuthenticationMode": `"API"`, "DeletionProtection": "null",
	})
	tagged(t, a, "owner", "platform")
	identified(
		t, a, inventory.Identifier{Kind: inventory.ResourceID, Value: "main"},
		inventory.Identifier{Kind: inventory.FQDN, Value: "ABC.gr7.eu-west-1.eks.amazonaws.com"},
	)
	if a.Lifecycle != inventory.LifecycleRetiring || !a.Created.Equal(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("lifecycle %s, created %s", a.Lifecycle, a.Created)
	}
	locked := o.Asset(t, eksARN+"cluster/locked")
	tags(t, locked, inventory.Unknown, 0)
	if locked.Attributes.IsKnown() {
		t.Error("attributes that were refused are known")
	}
}

// partAnswers answers about two clusters, of which one refuses and one has gone, and about the things in a third: one that is
// described, one that is refused, one that has gone.
func partAnswers(list, describe, names, described string) listertest.Answers {
	return listertest.Answers{
		"ListClusters": listertest.Bodies(`{"clusters":["main","shut","away"]}`),
		list: func(_ int, request string) listertest.Response {
			switch {
			case strings.Contains(request, "/clusters/shut/"):
				return listertest.Response{Code: "AccessDeniedException", Status: 403}
			case strings.Contains(request, "/clusters/away/"):
				return listertest.Response{Code: "ResourceNotFoundException", Status: 404}
			case strings.Contains(request, "nextToken=more"):
				return listertest.Response{Body: `{"` + names + `":["locked","gone"]}`}
			}
			return listertest.Response{Body: `{"` + names + `":["blue"],"nextToken":"more"}`}
		},
		describe: func(_ int, request string) listertest.Response {
			switch {
			case strings.Contains(request, "/locked"):
				return listertest.Response{Code: "AccessDeniedException", Status: 403}
			case strings.Contains(request, "/gone"):
				return listertest.Response{Code: "ResourceNotFoundException", Status: 404}
			}
			return listertest.Response{Body: described}
		},
	}
}

func TestNodegroups(t *testing.T) {
	o := run(t, "AWS::EKS::Nodegroup", partAnswers("ListNodegroups", "DescribeNodegroup", "nodegroups", `{"nodegroup":{"nodegroupName":"blue","nodegroupArn":"`+eksARN+`nodegroup/main/blue/1",
		"clusterName":"main","version":"1.31","releaseVersion":"1.31.0-1","createdAt":1767225600,"status":"ACTIVE","capacityType":"SPOT","scalingConfig":{"minSize":1,"maxSize":5,"desiredSize":2},
		"instanceTypes":["m5.large"],"subnets":["subnet-1"],"amiType":"AL2023_x86_64_STANDARD","nodeRole":"arn:aws:iam::111122223333:role/node","labels":{"team":"a"},
		"taints":[{"key":"k","value":"v","effect":"NO_SCHEDULE"}],"diskSize":20,"launchTemplate":{"id":"lt-1","version":"2"},"tags":{"owner":"platform"}}}`))
	want(t, o, 1, 2)
	a := o.Asset(t, eksARN+"nodegroup/main/blue/1")
	attributes(t, a, map[string]string{
		"NodegroupName": `"blue"`, "ClusterName": `"main"`, "InstanceTypes": `["m5.large"]`, "AmiType": `"AL2023_x86_64_STANDARD"`, "CapacityType": `"SPOT"`, "DiskSize": "20",
		"ScalingConfig.MinSize": "1", "ScalingConfig.MaxSize": "5", "ScalingConfig.DesiredSize": "2", "Subnets": `["subnet-1"]`, "Version": `"1.31"`, "Labels": `{"team":"a"}`,
		"Taints": `[{"Effect":"NO_SCHEDULE","Key":"k","Value":"v"}]`, "NodeRole": `"arn:aws:iam::111122223333:role/node"`, "LaunchTemplate.Id": `"lt-1"`, "RemoteAccess.Ec2SshKey": "null",
	})
	tagged(t, a, "owner", "platform")
	related(t, a, inventory.Relation{Kind: inventory.MemberOf, Key: eksARN + "cluster/main"})
	identified(t, a, inventory.Identifier{Kind: inventory.ResourceID, Value: "main:blue"})
	if !strings.HasPrefix(o.Unread[0], eksARN+"cluster/main locked: ") {
		t.Errorf("unread %q", o.Unread)
	}
	if o.Listed() {
		t.Error("what was not listed passes for deleted")
	}
}

func TestFargateProfiles(t *testing.T) {
	o := run(t, "AWS::EKS::FargateProfile", partAnswers("ListFargateProfiles", "DescribeFargateProfile", "fargateProfileNames", `{"fargateProfile":{"fargateProfileName":"blue",
		"fargateProfileArn":"`+eksARN+`fargateprofile/main/blue/1","clusterName":"main","podExecutionRoleArn":"arn:role","subnets":["subnet-1"],"selectors":[{"namespace":"jobs"}],"status":"DELETING","tags":{}}}`))
	want(t, o, 1, 2)
	a := o.Asset(t, "blue")
	attributes(t, a, map[string]string{"PodExecutionRoleArn": `"arn:role"`, "Subnets": `["subnet-1"]`, "Selectors": `[{"Namespace":"jobs"}]`})
	tags(t, a, inventory.Known, 0)
	related(t, a, inventory.Relation{Kind: inventory.PartOf, Key: eksARN + "cluster/main"})
	if a.Lifecycle != inventory.LifecycleRetiring {
		t.Errorf("lifecycle %s", a.Lifecycle)
	}
}

func TestAddons(t *testing.T) {
	o := run(t, "AWS::EKS::Addon", partAnswers("ListAddons", "DescribeAddon", "addons", `{"addon":{"addonName":"blue","addonArn":"`+eksARN+`addon/main/blue/1","clusterName":"main",
		"addonVersion":"v1","status":"ACTIVE","createdAt":1767225600,"serviceAccountRoleArn":"arn:role","configurationValues":"{}","tags":{"owner":"platform"}}}`))
	want(t, o, 1, 2)
	a := o.Asset(t, eksARN+"addon/main/blue/1")
	attributes(t, a, map[string]string{"AddonName": `"blue"`, "AddonVersion": `"v1"`, "ServiceAccountRoleArn": `"arn:role"`})
	tagged(t, a, "owner", "platform")
}
