package storage

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

func bucketList(token string, buckets ...string) string {
	if token != "" {
		token = "<ContinuationToken>" + token + "</ContinuationToken>"
	}
	return "<ListAllMyBucketsResult><Buckets>" + strings.Join(buckets, "") + "</Buckets>" + token + "</ListAllMyBucketsResult>"
}

func bucketEntry(name, region string) string {
	if region != "" {
		region = "<BucketRegion>" + region + "</BucketRegion>"
	}
	return "<Bucket><Name>" + name + "</Name><CreationDate>2026-01-01T00:00:00.000Z</CreationDate>" + region + "</Bucket>"
}

// byBucket answers by the bucket that a request's path names: a body, or an error code after "!".
func byBucket(answers map[string]string) listertest.Answer {
	return func(_ int, request string) listertest.Response {
		path, _, _ := strings.Cut(strings.TrimPrefix(request, "/"), "?")
		path, _, _ = strings.Cut(path, "\n")
		text, ok := answers[strings.TrimSuffix(path, "/")]
		if !ok {
			text = answers[""]
		}
		if code, isError := strings.CutPrefix(text, "!"); isError {
			return listertest.Response{Code: code}
		}
		return listertest.Response{Body: text}
	}
}

const (
	versioned   = `<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>`
	unversioned = `<VersioningConfiguration/>`
	blockAll    = `<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls><BlockPublicPolicy>true</BlockPublicPolicy>` +
		`<IgnorePublicAcls>true</IgnorePublicAcls><RestrictPublicBuckets>true</RestrictPublicBuckets></PublicAccessBlockConfiguration>`
	byKey = `<ServerSideEncryptionConfiguration><Rule><BucketKeyEnabled>true</BucketKeyEnabled><ApplyServerSideEncryptionByDefault>` +
		`<SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>arn:aws:kms:eu-west-1:111122223333:key/k1</KMSMasterKeyID></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>`
	lockOn = `<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>`
)

// settings are the answers about buckets that have none.
func settings() listertest.Answers {
	return listertest.Answers{
		"GetBucketVersioning":        byBucket(map[string]string{"": unversioned}),
		"GetBucketEncryption":        byBucket(map[string]string{"": "!ServerSideEncryptionConfigurationNotFoundError"}),
		"GetPublicAccessBlock":       byBucket(map[string]string{"": "!NoSuchPublicAccessBlockConfiguration"}),
		"GetObjectLockConfiguration": byBucket(map[string]string{"": "!ObjectLockConfigurationNotFoundError"}),
		"GetBucketTagging":           byBucket(map[string]string{"": "!NoSuchTagSet"}),
		"GetBucketPolicy":            byBucket(map[string]string{"": "!NoSuchBucketPolicy"}),
		"GetBucketOwnershipControls": byBucket(map[string]string{"": "!OwnershipControlsNotFoundError"}),
		"GetBucketLogging":           byBucket(map[string]string{"": "<BucketLoggingStatus/>"}),
	}
}

func TestBuckets(t *testing.T) {
	answers := settings()
	answers["ListBuckets"] = listertest.Bodies(
		bucketList("more", bucketEntry("acme.logs", "eu-west-1")), bucketList("", bucketEntry("bare", "us-east-1"), bucketEntry("gone", "us-east-1")),
	)
	answers["GetBucketVersioning"] = byBucket(map[string]string{"acme.logs": versioned, "gone": "!NoSuchBucket", "": unversioned})
	answers["GetBucketEncryption"] = byBucket(map[string]string{"acme.logs": byKey, "": "!ServerSideEncryptionConfigurationNotFoundError"})
	answers["GetPublicAccessBlock"] = byBucket(map[string]string{"acme.logs": blockAll, "": "!NoSuchPublicAccessBlockConfiguration"})
	answers["GetObjectLockConfiguration"] = byBucket(map[string]string{"acme.logs": lockOn, "": "!AccessDenied"}) // not asked of what has no versions
	answers["GetBucketTagging"] = byBucket(map[string]string{
		"acme.logs": "<Tagging><TagSet><Tag><Key>owner</Key><Value>platform</Value></Tag></TagSet></Tagging>", "": "!NoSuchTagSet",
	})
	o := run(t, "AWS::S3::Bucket", answers)
	listertest.Counts(t, o, 2, 0)
	logs := o.Asset(t, "arn:aws:s3:::acme.logs")
	listertest.Want{
		Created: "2026-01-01T00:00:00Z", Tags: map[string]string{"owner": "platform"},
		Attributes: map[string]string{
			"BucketName": `"acme.logs"`, "VersioningConfiguration.Status": `"Enabled"`, "ObjectLockEnabled": "true",
			"BucketEncryption.ServerSideEncryptionConfiguration": `[{"BucketKeyEnabled":true,"ServerSideEncryptionByDefault":` +
				`{"KMSMasterKeyID":"arn:aws:kms:eu-west-1:111122223333:key/k1","SSEAlgorithm":"aws:kms"}}]`,
			"PublicAccessBlockConfiguration.BlockPublicAcls": "true", "PublicAccessBlockConfiguration.BlockPublicPolicy": "true",
			"PublicAccessBlockConfiguration.IgnorePublicAcls": "true", "PublicAccessBlockConfiguration.RestrictPublicBuckets": "true",
		},
		Identifiers: []inventory.Identifier{listertest.ID(inventory.ResourceID, "acme.logs")},
	}.Check(t, logs)
	bare := o.Asset(t, "bare")
	listertest.Want{Tags: map[string]string{}, Attributes: map[string]string{
		"VersioningConfiguration.Status": "null", "ObjectLockEnabled": "false", "BucketEncryption.ServerSideEncryptionConfiguration": "[]",
		"PublicAccessBlockConfiguration.BlockPublicAcls": "false",
	}}.Check(t, bare)
	if logs.Region != "eu-west-1" || bare.Region != "us-east-1" {
		t.Errorf("regions %q and %q", logs.Region, bare.Region)
	}
}

// TestRefusedBuckets: what a bucket's policy denies is unread and told, and takes nothing else with it.
func TestRefusedBuckets(t *testing.T) {
	block := []string{
		"PublicAccessBlockConfiguration.BlockPublicAcls", "PublicAccessBlockConfiguration.BlockPublicPolicy",
		"PublicAccessBlockConfiguration.IgnorePublicAcls", "PublicAccessBlockConfiguration.RestrictPublicBuckets",
	}
	answers := settings()
	answers["ListBuckets"] = listertest.Bodies(bucketList("", bucketEntry("shut", "eu-west-1"), bucketEntry("half", "eu-west-1"), bucketEntry("fine", "eu-west-1")))
	answers["GetBucketVersioning"] = byBucket(map[string]string{"shut": "!AccessDenied", "": versioned})
	answers["GetBucketEncryption"] = byBucket(map[string]string{"shut": "!AccessDenied", "": byKey})
	answers["GetPublicAccessBlock"] = byBucket(map[string]string{"shut": "!AccessDenied", "half": "!AccessDenied", "": blockAll})
	answers["GetObjectLockConfiguration"] = byBucket(map[string]string{"shut": "!AccessDenied", "": lockOn})
	answers["GetBucketTagging"] = byBucket(map[string]string{"shut": "!AccessDenied", "": "!NoSuchTagSet"})
	o := run(t, "AWS::S3::Bucket", answers)
	listertest.Counts(t, o, 3, 6) // four settings and the tags of the one, a setting of the other
	shut := o.Asset(t, "shut")
	listertest.Want{Unread: append(block, "VersioningConfiguration.Status", "ObjectLockEnabled", "BucketEncryption.ServerSideEncryptionConfiguration")}.Check(t, shut)
	for _, name := range []string{"VersioningConfiguration.Status", "ObjectLockEnabled", block[0]} {
		if !slices.Contains(attributeNames(shut), name) {
			t.Errorf("%s was refused and is not told", name)
		}
	}
	listertest.UnknownTags(t, shut)
	listertest.Want{Unread: block, Tags: map[string]string{}, Attributes: map[string]string{"ObjectLockEnabled": "true"}}.Check(t, o.Asset(t, "half"))
	listertest.Want{Attributes: map[string]string{block[0]: "true"}}.Check(t, o.Asset(t, "fine"))
}

func attributeNames(a inventory.Asset) []string {
	var names []string
	for attr := range a.Attributes.All() {
		names = append(names, attr.Name)
	}
	return names
}

// TestBucketRegions: where the listing does not tell the region, each bucket is asked, and those of other regions are left out.
func TestBucketRegions(t *testing.T) {
	answers := settings()
	answers["ListBuckets"] = listertest.Bodies(bucketList("", bucketEntry("first", ""), bucketEntry("old", ""), bucketEntry("new", ""), bucketEntry("shut", ""), bucketEntry("gone", "")))
	answers["GetBucketLocation"] = byBucket(map[string]string{
		"first": "<LocationConstraint/>", "old": "<LocationConstraint>EU</LocationConstraint>", "new": "<LocationConstraint>ap-south-1</LocationConstraint>",
		"shut": "!AccessDenied", "gone": "!NoSuchBucket",
	})
	o := run(t, "AWS::S3::Bucket", answers)
	listertest.Counts(t, o, 4, 1)
	for name, region := range map[string]string{"first": "us-east-1", "old": "eu-west-1", "new": "ap-south-1", "shut": ""} {
		if got := o.Asset(t, name).Region; got != region {
			t.Errorf("%s is in %q, want %q", name, got, region)
		}
	}
	if o.Asset(t, "shut").Attributes.IsKnown() {
		t.Error("attributes that nobody could ask for are known")
	}

	limited := *listertest.Find(t, Listers(), "AWS::S3::Bucket")
	list := limited.List
	limited.List = func(ctx context.Context, t *lister.Target, out lister.Out) error {
		t.Regions = []string{"eu-west-1"}
		return list(ctx, t, out)
	}
	answers["GetBucketVersioning"] = func(_ int, request string) listertest.Response {
		if !strings.Contains(request, "old") {
			return listertest.Response{Code: "AskedOutsideOfRegions"}
		}
		return listertest.Response{Body: unversioned}
	}
	o = listertest.Run(t, &limited, answers)
	listertest.Counts(t, o, 2, 1)
	if names := fmt.Sprint(o.Assets[0].Name, " ", o.Assets[1].Name); names != "old shut" {
		t.Errorf("buckets %s, want those of the region and of none that is known", names)
	}
}
