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
	counts(t, o, 2, 0)
	want{
		created: "2026-01-01T00:00:00Z", tags: map[string]string{"owner": "web"},
		attributes: map[string]string{
			"RepositoryName": `"app/web"`, "ImageTagMutability": `"IMMUTABLE"`, "ImageScanningConfiguration.ScanOnPush": "true",
			"EncryptionConfiguration.EncryptionType": `"KMS"`, "EncryptionConfiguration.KmsKey": `"arn:aws:kms:eu-west-1:111122223333:key/k1"`,
		},
		identifiers: []inventory.Identifier{is(inventory.ResourceID, "app/web")},
	}.check(t, o.Asset(t, prefix+"app/web"))
	want{tags: map[string]string{}}.check(t, o.Asset(t, "bare"))

	answers["ListTagsForResource"] = listertest.Refuse("AccessDeniedException")
	o = run(t, "AWS::ECR::Repository", answers)
	counts(t, o, 2, 2)
	unknownTags(t, o.Asset(t, "bare"))
}
