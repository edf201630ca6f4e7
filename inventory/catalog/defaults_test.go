package catalog

import (
	"slices"
	"testing"

	"github.com/muster-audit/muster/inventory"
)

// TestDefaultsOfAWS: what AWS takes where nothing is declared is as declared: the row names it as its default, or says nothing of what
// unset means, so that any value is.
func TestDefaultsOfAWS(t *testing.T) {
	c := mustLoad(t)
	for _, tt := range []struct {
		typ, attribute string
		value          inventory.Value
	}{
		{"AWS::S3::Bucket", "VersioningConfiguration.Status", `null`},
		{"AWS::S3::Bucket", "VersioningConfiguration.Status", `"Disabled"`},
		{"AWS::S3::Bucket", "VersioningConfiguration.MfaDelete", `null`},
		{"AWS::S3::Bucket", "BucketEncryption.ServerSideEncryptionConfiguration", `[{"ServerSideEncryptionByDefault":{"SSEAlgorithm":"AES256"}}]`},
		{"AWS::S3::Bucket", "PublicAccessBlockConfiguration.BlockPublicAcls", `true`},
		{"AWS::S3::Bucket", "OwnershipControls.Rules", `[{"ObjectOwnership":"BucketOwnerEnforced"}]`},
		{"AWS::SQS::Queue", "DelaySeconds", `0`},
		{"AWS::SQS::Queue", "VisibilityTimeout", `"30"`},
		{"AWS::SQS::Queue", "MessageRetentionPeriod", `345600`},
		{"AWS::SQS::Queue", "MaximumMessageSize", `1048576`},
		{"AWS::Lambda::Function", "MemorySize", `128`},
		{"AWS::Lambda::Function", "Timeout", `3`},
		{"AWS::Lambda::Function", "Architectures", `["x86_64"]`},
		{"AWS::Lambda::Function", "PackageType", `"Zip"`},
		{"AWS::Lambda::Function", "TracingConfig.Mode", `"PassThrough"`},
		{"AWS::RDS::DBInstance", "AutoMinorVersionUpgrade", `true`},
		{"AWS::RDS::DBInstance", "MonitoringInterval", `0`},
		{"AWS::RDS::DBInstance", "CACertificateIdentifier", `"rds-ca-rsa2048-g1"`},
		{"AWS::EC2::Instance", "Tenancy", `"default"`},
		{"AWS::EC2::Instance", "SourceDestCheck", `true`},
		{"AWS::EC2::Instance", "MetadataOptions.HttpPutResponseHopLimit", `2`},
		{"AWS::ElasticLoadBalancingV2::TargetGroup", "HealthCheckTimeoutSeconds", `5`},
		{"AWS::ElasticLoadBalancingV2::TargetGroup", "UnhealthyThresholdCount", `2`},
		{"AWS::ElasticLoadBalancingV2::TargetGroup", "Matcher.HttpCode", `"200"`},
		{"AWS::ElasticLoadBalancingV2::TargetGroup", "HealthCheckPort", `"traffic-port"`},
		{"AWS::IAM::Role", "Path", `"/"`},
		{"AWS::IAM::Role", "MaxSessionDuration", `3600`},
		{"AWS::KMS::Key", "KeySpec", `"SYMMETRIC_DEFAULT"`},
		{"AWS::DynamoDB::Table", "BillingMode", `"PROVISIONED"`},
		{"AWS::ECR::Repository", "ImageTagMutability", `"MUTABLE"`},
		{"AWS::ECR::Repository", "EncryptionConfiguration.EncryptionType", `"AES256"`},
		{"AWS::Redshift::Cluster", "Port", `5439`},
		{"AWS::AutoScaling::AutoScalingGroup", "TerminationPolicies", `["Default"]`},
		{"AWS::Kinesis::Stream", "RetentionPeriodHours", `24`},
	} {
		row, _ := c.Type(inventory.Type(tt.typ))
		a, ok := row.Attribute(tt.attribute)
		if !ok {
			t.Errorf("%s has no attribute %s", tt.typ, tt.attribute)
			continue
		}
		open := !a.Default.IsRead() && !slices.Contains(split(a.Comparator), "zero")
		if !open && !Equal(a, inventory.Null, tt.value) {
			t.Errorf("%s %s: unset is not %s", tt.typ, tt.attribute, tt.value)
		}
	}
}
