package storage

import (
	"testing"

	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

func TestRepositories(t *testing.T) {
	const prefix = "arn:aws:ecr:eu-west-1:111122223333:repository/"
	answers := listertest.Answers{
		"DescribeRepositories": listertest.Bodies(
			`{"repositories":[{"repositoryArn":"`+prefix+`app/web","registryId":"111122223333","repositoryName":"app/web","createdAt":1767225600,"imageTagMutability":"IMMUTABLE",
				"imageScanningConfiguration":{"scanOnPush":true},"encryptionConfiguration":{"encryptionType":"KMS","kmsKey":"arn:aws:kms:eu-west-1:111122223333:key/k1"}}],"nextToken":"more"}`,
			`{"repositories":[{"repositoryArn":"`+prefix+`bare","repositoryName":"bare","imageTagMutability":"MUTABLE"}]}`,
		),
		"ListTagsForResource": listertest.For(map[string]string{"": `{"tags":[{"Key":"owner","Value":"web"}]}`, "bare": `{"tags":[]}`}),
	}
	o := run(t, "AWS::ECR::Repository", answers)
	listertest.Counts(t, o, 2, 0)
	listertest.Want{
		Created: "2026-01-01T00:00:00Z", Tags: map[string]string{"owner": "web"},
		Attributes: map[string]string{
			"RepositoryName": `"app/web"`, "ImageTagMutability": `"IMMUTABLE"`, "ImageScanningConfiguration.ScanOnPush": "true",
			"EncryptionConfiguration.EncryptionType": `"KMS"`, "EncryptionConfiguration.KmsKey": `"arn:aws:kms:eu-west-1:111122223333:key/k1"`,
		},
		Identifiers: []inventory.Identifier{listertest.ID(inventory.ResourceID, "app/web")},
	}.Check(t, o.Asset(t, prefix+"app/web"))
	listertest.Want{Tags: map[string]string{}}.Check(t, o.Asset(t, "bare"))

	answers["ListTagsForResource"] = listertest.Refuse("AccessDeniedException")
	o = run(t, "AWS::ECR::Repository", answers)
	listertest.Counts(t, o, 2, 2)
	listertest.UnknownTags(t, o.Asset(t, "bare"))
}
