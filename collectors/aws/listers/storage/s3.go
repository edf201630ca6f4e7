package storage

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

func s3Listers() []lister.Lister {
	api := lister.API(s3.ServiceID, "s3")
	return []lister.Lister{{
		Type:  "AWS::S3::Bucket",
		Place: lister.Global,
		ARNs:  []string{"s3:*", "!s3:*/*"},
		Operations: append([]lister.Operation{
			api.As("ListBuckets", "s3:ListAllMyBuckets"),
			api.As("GetBucketEncryption", "s3:GetEncryptionConfiguration"),
			api.As("GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock"),
			api.As("GetObjectLockConfiguration", "s3:GetBucketObjectLockConfiguration"),
		}, api.Ops("GetBucketLocation", "GetBucketVersioning", "GetBucketTagging", "GetBucketPolicy", "GetBucketOwnershipControls", "GetBucketLogging")...),
		List: listBuckets, ReadTags: bucketTags,
	}}
}

// bucketClient speaks to the region of a bucket, which is the only one that answers for it. The name of the bucket stands in the path,
// since one with dots fits no certificate.
func bucketClient(t *lister.Target, region string) *s3.Client {
	cfg := t.Config.Copy()
	if region != "" {
		cfg.Region = region
	}
	return s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true })
}

// bucketsAtOnce is of how many buckets the settings are read before they are handed over.
const bucketsAtOnce = 100

func listBuckets(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := bucketClient(t, "")
	d := lister.Description[types.Bucket, *bucketFacts]{
		Ask:   func(ctx context.Context, b types.Bucket) (*bucketFacts, error) { return readBucket(ctx, t, b) },
		Asset: func(b types.Bucket, f *bucketFacts) inventory.Asset { return bucket(t, b, f) },
		Gone:  []string{bucketGone},
	}
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.ListBuckets(ctx, &s3.ListBucketsInput{ContinuationToken: token, MaxBuckets: aws.Int32(10000)})
		if err != nil {
			return nil, err
		}
		return page.ContinuationToken, lister.Chunks(page.Buckets, bucketsAtOnce, func(list []types.Bucket) error { return d.Put(ctx, out, list) })
	})
}

const bucketGone = "NoSuchBucket"

// bucket makes the asset of a bucket if it is in one of the regions that are read. One whose region is not known, f being nil, may be.
func bucket(t *lister.Target, b types.Bucket, f *bucketFacts) inventory.Asset {
	if f != nil && !t.InRegion(f.region) {
		return inventory.Asset{}
	}
	a := known(aws.String(t.ARNOf("s3", "", "", lister.Str(b.Name))), b.Name)
	a.Created = lister.Time(b.CreationDate)
	if f != nil {
		a.Region, a.Attributes = f.region, f.attributes(b.Name)
	}
	return a
}

// bucketRegion is where a bucket is. An answer without it is that of a service that does not know the newer listing.
func bucketRegion(ctx context.Context, t *lister.Target, b types.Bucket) (string, error) {
	if b.BucketRegion != nil && *b.BucketRegion != "" {
		return *b.BucketRegion, nil
	}
	out, err := bucketClient(t, "").GetBucketLocation(ctx, &s3.GetBucketLocationInput{Bucket: b.Name})
	if err != nil {
		return "", err
	}
	switch out.LocationConstraint {
	case "":
		return "us-east-1", nil
	case types.BucketLocationConstraintEu:
		return "eu-west-1", nil
	}
	return string(out.LocationConstraint), nil
}

func bucketTags(ctx context.Context, t *lister.Target, a *inventory.Asset) (inventory.Tags, error) {
	out, err := bucketClient(t, a.Region).GetBucketTagging(ctx, &s3.GetBucketTaggingInput{Bucket: aws.String(a.Name)})
	if lister.Gone(err, "NoSuchTagSet") {
		return inventory.KnownTags(), nil
	}
	if err != nil {
		return inventory.Tags{}, err
	}
	return lister.TagsOf(out.TagSet, func(t types.Tag) (*string, *string) { return t.Key, t.Value }), nil
}
