package storage

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

// bucketFacts are the settings of a bucket, each of which is a call of its own and may be refused alone, as by the bucket's policy.
type bucketFacts struct {
	region     string
	versioning *s3.GetBucketVersioningOutput
	encryption []types.ServerSideEncryptionRule
	block      types.PublicAccessBlockConfiguration
	locked     bool
	access     bucketAccess

	versioningErr, encryptionErr, blockErr, lockErr error
}

// err joins what was refused; nil if nothing was.
func (f *bucketFacts) err() error {
	return errors.Join(f.versioningErr, f.encryptionErr, f.blockErr, f.lockErr, f.access.err())
}

// readBucket reads the settings of a bucket; no more than the region of one that is not asked for.
func readBucket(ctx context.Context, t *lister.Target, b types.Bucket) (*bucketFacts, error) {
	region, err := bucketRegion(ctx, t, b)
	if err != nil {
		return nil, err
	}
	f := &bucketFacts{region: region}
	if !t.InRegion(region) {
		return f, nil
	}
	c := bucketClient(t, region)
	f.versioning, f.versioningErr = c.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: b.Name})
	if lister.Gone(f.versioningErr, bucketGone) {
		return f, f.versioningErr
	}
	f.readEncryption(ctx, c, b.Name)
	f.readBlock(ctx, c, b.Name)
	f.readLock(ctx, c, b.Name)
	f.access = readAccess(ctx, c, b.Name)
	return f, f.err()
}

func (f *bucketFacts) readEncryption(ctx context.Context, c *s3.Client, name *string) {
	out, err := c.GetBucketEncryption(ctx, &s3.GetBucketEncryptionInput{Bucket: name})
	switch {
	case lister.Gone(err, "ServerSideEncryptionConfigurationNotFoundError"):
	case err != nil:
		f.encryptionErr = err
	case out.ServerSideEncryptionConfiguration != nil:
		f.encryption = out.ServerSideEncryptionConfiguration.Rules
	}
}

func (f *bucketFacts) readBlock(ctx context.Context, c *s3.Client, name *string) {
	out, err := c.GetPublicAccessBlock(ctx, &s3.GetPublicAccessBlockInput{Bucket: name})
	switch {
	case lister.Gone(err, "NoSuchPublicAccessBlockConfiguration"):
	case err != nil:
		f.blockErr = err
	case out.PublicAccessBlockConfiguration != nil:
		f.block = *out.PublicAccessBlockConfiguration
	}
}

// readLock asks for the lock of objects only where there can be one: it needs versions, which can then not be suspended.
func (f *bucketFacts) readLock(ctx context.Context, c *s3.Client, name *string) {
	if f.versioningErr == nil && f.versioning.Status != types.BucketVersioningStatusEnabled {
		return
	}
	out, err := c.GetObjectLockConfiguration(ctx, &s3.GetObjectLockConfigurationInput{Bucket: name})
	switch {
	case lister.Gone(err, "ObjectLockConfigurationNotFoundError"):
	case err != nil:
		f.lockErr = err
	case out.ObjectLockConfiguration != nil:
		f.locked = out.ObjectLockConfiguration.ObjectLockEnabled == types.ObjectLockEnabledEnabled
	}
}

func (f *bucketFacts) attributes(name *string) inventory.Attributes {
	var p lister.Attributes
	p.String("BucketName", name)
	if f.versioningErr != nil {
		p.Unread("VersioningConfiguration.Status", "VersioningConfiguration.MfaDelete")
	} else {
		p.Text("VersioningConfiguration.Status", string(f.versioning.Status))
		p.Text("VersioningConfiguration.MfaDelete", string(f.versioning.MFADelete))
	}
	if f.lockErr != nil {
		p.Unread("ObjectLockEnabled")
	} else {
		p.Bool("ObjectLockEnabled", &f.locked)
	}
	f.encryptionAttribute(&p)
	f.blockAttributes(&p)
	f.access.attributes(&p)
	return p.Known()
}

func (f *bucketFacts) encryptionAttribute(p *lister.Attributes) {
	const name = "BucketEncryption.ServerSideEncryptionConfiguration"
	if f.encryptionErr != nil {
		p.Unread(name)
		return
	}
	rules := make([]any, len(f.encryption))
	for i, r := range f.encryption {
		rules[i] = encryptionRule(r)
	}
	p.Object(name, rules)
}

func encryptionRule(r types.ServerSideEncryptionRule) map[string]any {
	rule := map[string]any{}
	if r.BucketKeyEnabled != nil {
		rule["BucketKeyEnabled"] = *r.BucketKeyEnabled
	}
	if by := r.ApplyServerSideEncryptionByDefault; by != nil {
		choice := map[string]any{"SSEAlgorithm": string(by.SSEAlgorithm)}
		if by.KMSMasterKeyID != nil {
			choice["KMSMasterKeyID"] = *by.KMSMasterKeyID
		}
		rule["ServerSideEncryptionByDefault"] = choice
	}
	return rule
}

// blockAttributes sets what a bucket blocks. One without a configuration blocks nothing.
func (f *bucketFacts) blockAttributes(p *lister.Attributes) {
	for name, value := range map[string]*bool{
		"BlockPublicAcls": f.block.BlockPublicAcls, "BlockPublicPolicy": f.block.BlockPublicPolicy,
		"IgnorePublicAcls": f.block.IgnorePublicAcls, "RestrictPublicBuckets": f.block.RestrictPublicBuckets,
	} {
		name = "PublicAccessBlockConfiguration." + name
		if f.blockErr != nil {
			p.Unread(name)
			continue
		}
		on := value != nil && *value
		p.Bool(name, &on)
	}
}
