package storage

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/muster-audit/muster/collectors/aws/lister"
)

// bucketAccess is who may do what with a bucket's objects, and where that is logged. Each is a call of its own.
type bucketAccess struct {
	policy    string
	ownership []any
	logging   struct{ bucket, prefix *string }

	policyErr, ownershipErr, loggingErr error
}

// err joins what was refused; nil if nothing was.
func (a *bucketAccess) err() error { return errors.Join(a.policyErr, a.ownershipErr, a.loggingErr) }

func readAccess(ctx context.Context, c *s3.Client, name *string) bucketAccess {
	var a bucketAccess
	policy, err := c.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: name})
	switch {
	case lister.Gone(err, "NoSuchBucketPolicy"):
	case err != nil:
		a.policyErr = err
	default:
		a.policy = lister.Str(policy.Policy)
	}
	a.readOwnership(ctx, c, name)
	logging, err := c.GetBucketLogging(ctx, &s3.GetBucketLoggingInput{Bucket: name})
	switch {
	case err != nil:
		a.loggingErr = err
	case logging.LoggingEnabled != nil:
		a.logging.bucket, a.logging.prefix = logging.LoggingEnabled.TargetBucket, logging.LoggingEnabled.TargetPrefix
	}
	return a
}

func (a *bucketAccess) readOwnership(ctx context.Context, c *s3.Client, name *string) {
	a.ownership = []any{}
	out, err := c.GetBucketOwnershipControls(ctx, &s3.GetBucketOwnershipControlsInput{Bucket: name})
	switch {
	case lister.Gone(err, "OwnershipControlsNotFoundError"):
	case err != nil:
		a.ownershipErr = err
	case out.OwnershipControls != nil:
		for _, r := range out.OwnershipControls.Rules {
			a.ownership = append(a.ownership, map[string]any{"ObjectOwnership": string(r.ObjectOwnership)})
		}
	}
}

func (a *bucketAccess) attributes(p *lister.Attributes) {
	if a.policyErr != nil {
		p.Unread("BucketPolicy")
	} else {
		p.JSON("BucketPolicy", a.policy)
	}
	if a.ownershipErr != nil {
		p.Unread("OwnershipControls.Rules")
	} else {
		p.Object("OwnershipControls.Rules", a.ownership)
	}
	if a.loggingErr != nil {
		p.Unread("LoggingConfiguration.DestinationBucketName", "LoggingConfiguration.LogFilePrefix")
		return
	}
	p.String("LoggingConfiguration.DestinationBucketName", a.logging.bucket)
	p.String("LoggingConfiguration.LogFilePrefix", a.logging.prefix)
}
