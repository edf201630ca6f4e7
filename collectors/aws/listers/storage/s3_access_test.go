package storage

import (
	"testing"

	"github.com/muster-audit/muster/collectors/aws/listertest"
)

const (
	openPolicy = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::logs/*"}]}`
	enforced   = `<OwnershipControls><Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule></OwnershipControls>`
	logged     = `<BucketLoggingStatus><LoggingEnabled><TargetBucket>audit</TargetBucket><TargetPrefix>s3/</TargetPrefix></LoggingEnabled></BucketLoggingStatus>`
)

// TestAccessOfBuckets reads who may do what. What is not set is known to be unset, and what is refused is unread and takes nothing with it.
func TestAccessOfBuckets(t *testing.T) {
	answers := settings()
	answers["ListBuckets"] = listertest.Bodies(bucketList("", bucketEntry("logs", "eu-west-1"), bucketEntry("bare", "eu-west-1"), bucketEntry("shut", "eu-west-1")))
	answers["GetBucketPolicy"] = byBucket(map[string]string{"logs": openPolicy, "bare": "!NoSuchBucketPolicy", "shut": "!AccessDenied"})
	answers["GetBucketOwnershipControls"] = byBucket(map[string]string{"logs": enforced, "bare": "!OwnershipControlsNotFoundError", "shut": "!AccessDenied"})
	answers["GetBucketLogging"] = byBucket(map[string]string{"logs": logged, "bare": "<BucketLoggingStatus/>", "shut": "!AccessDenied"})
	o := run(t, "AWS::S3::Bucket", answers)
	listertest.Counts(t, o, 3, 1)
	listertest.Want{Attributes: map[string]string{
		"BucketPolicy":            `{"Statement":[{"Action":"s3:GetObject","Effect":"Allow","Principal":"*","Resource":"arn:aws:s3:::logs/*"}],"Version":"2012-10-17"}`,
		"OwnershipControls.Rules": `[{"ObjectOwnership":"BucketOwnerEnforced"}]`, "LoggingConfiguration.DestinationBucketName": `"audit"`,
		"LoggingConfiguration.LogFilePrefix": `"s3/"`,
	}, Tags: map[string]string{}}.Check(t, o.Asset(t, "logs"))
	listertest.Want{Attributes: map[string]string{
		"BucketPolicy": "null", "OwnershipControls.Rules": "[]", "LoggingConfiguration.DestinationBucketName": "null", "LoggingConfiguration.LogFilePrefix": "null",
	}, Tags: map[string]string{}}.Check(t, o.Asset(t, "bare"))
	listertest.Want{
		Unread:     []string{"BucketPolicy", "OwnershipControls.Rules", "LoggingConfiguration.DestinationBucketName", "LoggingConfiguration.LogFilePrefix"},
		Attributes: map[string]string{"VersioningConfiguration.Status": "null"}, Tags: map[string]string{},
	}.Check(t, o.Asset(t, "shut"))
}
