package asffreport

import (
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/report/quote"
	"github.com/muster-audit/muster/rules"
)

// home is where Security Hub keeps a finding.
type home struct{ partition, region, account string }

// product is the ARN of what an account makes itself.
func (h home) product() string {
	return "arn:" + h.partition + ":securityhub:" + h.region + ":" + h.account + ":product/" + h.account + "/default"
}

// homeOf returns the home of an asset, if it is in AWS and its account and region are known.
func homeOf(a *rules.AssetRef) (home, bool) {
	if !strings.HasPrefix(string(a.Type), "AWS::") && !strings.HasPrefix(a.Key, "arn:") || !accountID(a.Account) {
		return home{}, false
	}
	h := home{partition: partitionOf(a), account: a.Account, region: a.Region}
	if global(a) {
		h.region = map[string]string{"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}[h.partition]
	}
	return h, regionName(h.region)
}

// global reports whether an asset is known to be in no region, as a role: the partition keeps such in one of its regions.
func global(a *rules.AssetRef) bool {
	parts := strings.SplitN(a.Key, ":", 5)
	return a.Region == "global" || a.Region == "aws-global" || a.Region == "" && len(parts) == 5 && parts[0] == "arn" && parts[3] == ""
}

func accountID(s string) bool {
	return len(s) == 12 && strings.Trim(s, "0123456789") == ""
}

// regionName reports whether s has the form of a region's name: "us-gov-west-1".
func regionName(s string) bool {
	parts := strings.Split(s, "-")
	if len(s) > 16 || len(parts) < 3 || len(parts[0]) != 2 {
		return false
	}
	last := len(parts) - 1
	for i, p := range parts {
		chars := "abcdefghijklmnopqrstuvwxyz"
		if i == last {
			chars = "0123456789"
		}
		if p == "" || strings.Trim(p, chars) != "" {
			return false
		}
	}
	return true
}

// partitionOf takes the partition from the ARN, else from the region.
func partitionOf(a *rules.AssetRef) string {
	if parts := strings.SplitN(a.Key, ":", 3); len(parts) == 3 && parts[0] == "arn" && slices.Contains(partitions(), parts[1]) {
		return parts[1]
	}
	switch {
	case strings.HasPrefix(a.Region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(a.Region, "us-gov-"):
		return "aws-us-gov"
	}
	return "aws"
}

// partitions are those that the API knows.
func partitions() []string { return []string{"aws", "aws-cn", "aws-us-gov"} }

func resourceID(a *rules.AssetRef) string {
	id := quote.Line(a.Key, maxID)
	if id == "" {
		return "-"
	}
	return id
}

// resourceTypes are types under the names of
// https://docs.aws.amazon.com/securityhub/latest/userguide/asff-resources.html, where the two name the same thing.
func resourceTypes() map[inventory.Type]string {
	return map[inventory.Type]string{
		"AWS::ApiGateway::RestApi":                  "AwsApiGatewayRestApi",
		"AWS::ApiGateway::Stage":                    "AwsApiGatewayStage",
		"AWS::ApiGatewayV2::Api":                    "AwsApiGatewayV2Api",
		"AWS::ApiGatewayV2::Stage":                  "AwsApiGatewayV2Stage",
		"AWS::AutoScaling::AutoScalingGroup":        "AwsAutoScalingAutoScalingGroup",
		"AWS::AutoScaling::LaunchConfiguration":     "AwsAutoScalingLaunchConfiguration",
		"AWS::Backup::BackupPlan":                   "AwsBackupBackupPlan",
		"AWS::Backup::BackupVault":                  "AwsBackupBackupVault",
		"AWS::CertificateManager::Certificate":      "AwsCertificateManagerCertificate",
		"AWS::CloudFormation::Stack":                "AwsCloudFormationStack",
		"AWS::CloudFront::Distribution":             "AwsCloudFrontDistribution",
		"AWS::CloudTrail::Trail":                    "AwsCloudTrailTrail",
		"AWS::CloudWatch::Alarm":                    "AwsCloudWatchAlarm",
		"AWS::CodeBuild::Project":                   "AwsCodeBuildProject",
		"AWS::DynamoDB::Table":                      "AwsDynamoDbTable",
		"AWS::EC2::EIP":                             "AwsEc2Eip",
		"AWS::EC2::Instance":                        "AwsEc2Instance",
		"AWS::EC2::LaunchTemplate":                  "AwsEc2LaunchTemplate",
		"AWS::EC2::NetworkAcl":                      "AwsEc2NetworkAcl",
		"AWS::EC2::NetworkInterface":                "AwsEc2NetworkInterface",
		"AWS::EC2::RouteTable":                      "AwsEc2RouteTable",
		"AWS::EC2::SecurityGroup":                   "AwsEc2SecurityGroup",
		"AWS::EC2::Subnet":                          "AwsEc2Subnet",
		"AWS::EC2::TransitGateway":                  "AwsEc2TransitGateway",
		"AWS::EC2::VPC":                             "AwsEc2Vpc",
		"AWS::EC2::VPCPeeringConnection":            "AwsEc2VpcPeeringConnection",
		"AWS::EC2::VPNConnection":                   "AwsEc2VpnConnection",
		"AWS::EC2::Volume":                          "AwsEc2Volume",
		"AWS::ECR::Repository":                      "AwsEcrRepository",
		"AWS::ECS::Cluster":                         "AwsEcsCluster",
		"AWS::ECS::Service":                         "AwsEcsService",
		"AWS::ECS::TaskDefinition":                  "AwsEcsTaskDefinition",
		"AWS::EFS::AccessPoint":                     "AwsEfsAccessPoint",
		"AWS::EKS::Cluster":                         "AwsEksCluster",
		"AWS::ElasticBeanstalk::Environment":        "AwsElasticBeanstalkEnvironment",
		"AWS::ElasticLoadBalancing::LoadBalancer":   "AwsElbLoadBalancer",
		"AWS::ElasticLoadBalancingV2::LoadBalancer": "AwsElbv2LoadBalancer",
		"AWS::Events::EventBus":                     "AwsEventsEventbus",
		"AWS::GuardDuty::Detector":                  "AwsGuardDutyDetector",
		"AWS::IAM::Group":                           "AwsIamGroup",
		"AWS::IAM::ManagedPolicy":                   "AwsIamPolicy",
		"AWS::IAM::Role":                            "AwsIamRole",
		"AWS::IAM::User":                            "AwsIamUser",
		"AWS::KMS::Key":                             "AwsKmsKey",
		"AWS::Kinesis::Stream":                      "AwsKinesisStream",
		"AWS::Lambda::Function":                     "AwsLambdaFunction",
		"AWS::Lambda::LayerVersion":                 "AwsLambdaLayerVersion",
		"AWS::MSK::Cluster":                         "AwsMskCluster",
		"AWS::OpenSearchService::Domain":            "AwsOpenSearchServiceDomain",
		"AWS::RDS::DBCluster":                       "AwsRdsDbCluster",
		"AWS::RDS::DBInstance":                      "AwsRdsDbInstance",
		"AWS::Redshift::Cluster":                    "AwsRedshiftCluster",
		"AWS::Route53::HostedZone":                  "AwsRoute53HostedZone",
		"AWS::S3::Bucket":                           "AwsS3Bucket",
		"AWS::SNS::Topic":                           "AwsSnsTopic",
		"AWS::SQS::Queue":                           "AwsSqsQueue",
		"AWS::SageMaker::NotebookInstance":          "AwsSageMakerNotebookInstance",
		"AWS::SecretsManager::Secret":               "AwsSecretsManagerSecret",
		"AWS::StepFunctions::StateMachine":          "AwsStepFunctionStateMachine",
		"AWS::WAFv2::RuleGroup":                     "AwsWafv2RuleGroup",
		"AWS::WAFv2::WebACL":                        "AwsWafv2WebAcl",
	}
}
