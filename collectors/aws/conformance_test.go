package aws

import (
	"testing"

	"github.com/muster-audit/muster/collectors/collectortest"
)

// TestConformance reads a recorded scan of a moto server.
func TestConformance(t *testing.T) {
	collectortest.Run(t, collectortest.Config{
		Spec:    Spec(),
		Fixture: "testdata/conformance",
		Options: func() any {
			return &Options{Replay: "recording", IAMDetails: true, Regions: []string{"us-east-1"}, Types: []string{
				"AWS::S3::Bucket", "AWS::SQS::Queue", "AWS::EC2::Instance", "AWS::EC2::Volume", "AWS::ElasticLoadBalancingV2::LoadBalancer",
				"AWS::IAM::Role", "AWS::Lambda::Function", "AWS::ECS::TaskDefinition", "AWS::EKS::Nodegroup", "AWS::Glue::Job", "AWS::KMS::Key",
			}}
		},
		Inputs:     []string{"recording/123456789012/us-east-1/SQS/ListQueues-*.json", "recording/123456789012/us-east-1/EC2/DescribeInstances-*.json"},
		Detectable: func(string, []byte, int) bool { return true },
	})
}
