// Package objects reads objects of S3 for sources that name them by s3://bucket/key. It goes through package session, whose guard sends
// nothing but what Operations lists, and reads an object by ranges, so that no more than one range of it is in memory.
package objects

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/collectors/aws/session"
	"github.com/muster-audit/muster/collectors/remote"
	"github.com/muster-audit/muster/inventory"
)

// Scheme is the entry for s3:// in the table of remote.NewStores.
func Scheme() remote.Scheme {
	return remote.Scheme{Name: "s3", New: func(o remote.Options, a remote.Access) (remote.Store, error) {
		return New(session.Options{Profile: a.Profile, Region: a.Region, Log: o.Log, Now: o.Now}, a), nil
	}}
}

// Operations are those that reading objects takes, with their permissions. The region of a bucket is asked for without credentials, which
// takes none.
func Operations() []lister.Operation {
	api := lister.API(s3.ServiceID, "s3")
	return []lister.Operation{
		api.As("ListObjectsV2", "s3:ListBucket"), api.As("GetObject", "s3:GetObject"), api.As("HeadBucket", "s3:ListBucket"),
	}
}

// Actions are the permissions of Operations and of the calls that a session makes to enter an account by a role.
func Actions() []string { return []string{"s3:GetObject", "s3:ListBucket", "sts:AssumeRole"} }

// Store reads S3. It is safe for concurrent use.
type Store struct {
	session *session.Session
	access  remote.Access

	mu      sync.Mutex
	regions map[string]string // by bucket
}

// New returns a store that enters S3 as the access says. It calls nobody.
func New(o session.Options, a remote.Access) *Store {
	o.Allowed = Operations()
	return &Store{session: session.New(o), access: a, regions: map[string]string{}}
}

// client returns a client for the region of a bucket.
func (s *Store) client(ctx context.Context, l remote.Location) (*s3.Client, error) {
	cfg, err := s.session.Config(ctx, "", session.Role{ARN: s.access.Role, ExternalID: s.access.ExternalID}, "")
	if err != nil {
		return nil, explain(l, "", err)
	}
	region := s.region(ctx, cfg, l.Host)
	return s3.NewFromConfig(cfg, func(o *s3.Options) {
		o.UsePathStyle = true // a name with dots fits no certificate
		o.Region = region
		o.APIOptions = append(o.APIOptions, wholeBodies)
	}), nil
}

// region finds out where a bucket is. S3 tells everybody, even those who may not read it. Where it is not told, as by servers that only
// stand for S3, it is the region of the options, or of the environment.
func (s *Store) region(ctx context.Context, cfg aws.Config, bucket string) string {
	s.mu.Lock()
	region, ok := s.regions[bucket]
	s.mu.Unlock()
	if ok {
		return region
	}
	region = cfg.Region
	if s.access.Region != "" {
		region = s.access.Region
	}
	c := s3.NewFromConfig(cfg, func(o *s3.Options) {
		o.UsePathStyle = true
		o.Region = region
		o.Credentials = aws.AnonymousCredentials{}
	})
	out, err := c.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: aws.String(bucket)})
	var answer *awshttp.ResponseError
	told := ""
	switch {
	case err == nil:
		told = aws.ToString(out.BucketRegion)
	case errors.As(err, &answer) && answer.Response != nil:
		told = answer.Response.Header.Get("X-Amz-Bucket-Region")
	default: // it was not answered, and may be the next time
		return region
	}
	if told != "" {
		region = told
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.regions[bucket] = region
	return region
}

// List yields the objects whose keys begin with the prefix's, in the order of their keys.
func (s *Store) List(ctx context.Context, prefix remote.Location) iter.Seq2[remote.Object, error] {
	return func(yield func(remote.Object, error) bool) {
		stopped := errors.New("enough")
		c, err := s.client(ctx, prefix)
		if err == nil {
			err = lister.Pages(ctx, func(token *string) (*string, error) { return page(ctx, c, prefix, token, yield, stopped) })
		}
		if err != nil && !errors.Is(err, stopped) {
			yield(remote.Object{}, explain(prefix, "s3:ListBucket", err))
		}
	}
}

func page(
	ctx context.Context, c *s3.Client, prefix remote.Location, token *string, yield func(remote.Object, error) bool, stopped error,
) (*string, error) {
	out, err := c.ListObjectsV2(ctx, &s3.ListObjectsV2Input{
		Bucket: aws.String(prefix.Host), Prefix: aws.String(prefix.Key), ContinuationToken: token,
	})
	if err != nil {
		return nil, err
	}
	for _, o := range out.Contents {
		l := prefix
		l.Key = aws.ToString(o.Key)
		if !yield(remote.Object{Location: l, Size: aws.ToInt64(o.Size), Modified: lister.Time(o.LastModified), Version: aws.ToString(o.ETag)}, nil) {
			return nil, stopped
		}
	}
	if !aws.ToBool(out.IsTruncated) {
		return nil, nil
	}
	if aws.ToString(out.NextContinuationToken) == "" {
		return nil, errors.New("the answer says that there is more, and not where")
	}
	return out.NextContinuationToken, nil
}

// Open opens an object, whose version is its entity tag. Each range is asked for on the condition that the tag is still the same.
func (s *Store) Open(ctx context.Context, o remote.Object) (io.ReadCloser, remote.Object, error) {
	l := o.Location
	c, err := s.client(ctx, l)
	if err != nil {
		return nil, o, err
	}
	out, first, err := get(ctx, c, l, o.Version, 0, remote.RangeStep)
	if status(err) == http.StatusRequestedRangeNotSatisfiable { // it is empty
		return io.NopCloser(strings.NewReader("")), remote.Object{Location: l, Version: o.Version}, nil
	}
	if err != nil {
		return nil, o, judge(l, o.Version, err)
	}
	got := remote.Object{Location: l, Modified: lister.Time(out.LastModified), Version: aws.ToString(out.ETag)}
	if got.Size, err = sizeOf(aws.ToString(out.ContentRange), len(first)); err != nil || got.Version == "" {
		return nil, o, remote.Failure(inventory.ReasonError, "read %q: the answer does not say how large the object is, or of which version: see AWS_ENDPOINT_URL if it is set", l)
	}
	return remote.Ranges(ctx, l, got.Size, first, func(ctx context.Context, from, to int64) ([]byte, error) {
		_, piece, err := get(ctx, c, l, got.Version, from, to)
		if err != nil {
			return nil, judge(l, got.Version, err)
		}
		return piece, nil
	}), got, nil
}

// get reads a range of an object, from its first byte up to, and without, its last one.
func get(ctx context.Context, c *s3.Client, l remote.Location, version string, from, to int64) (*s3.GetObjectOutput, []byte, error) {
	in := &s3.GetObjectInput{Bucket: aws.String(l.Host), Key: aws.String(l.Key), Range: aws.String(fmt.Sprintf("bytes=%d-%d", from, to-1))}
	if version != "" {
		in.IfMatch = aws.String(version)
	}
	out, err := c.GetObject(ctx, in)
	if err != nil {
		return nil, nil, err
	}
	piece, ok := out.Body.(inMemory)
	if !ok {
		return nil, nil, errors.New("read the body: it is not in memory")
	}
	return out, piece.text, nil
}

// sizeOf reads the size of the whole in "bytes 0-99/1234". A server that knows no ranges gives the whole, if it is no larger than one.
func sizeOf(contentRange string, got int) (int64, error) {
	if contentRange == "" && got < remote.RangeStep {
		return int64(got), nil
	}
	_, size, _ := strings.Cut(contentRange, "/")
	n, err := strconv.ParseInt(size, 10, 64)
	if err == nil && n < int64(got) {
		err = errors.New("less than was read")
	}
	return n, err
}

// judge says that an object changed between two readings, or what else is wrong.
func judge(l remote.Location, version string, err error) error {
	gone := session.IsCode(err, "NoSuchKey", "NotFound")
	switch {
	case session.IsCode(err, "PreconditionFailed"), status(err) == http.StatusPreconditionFailed, gone && version != "":
		return remote.Changed(l)
	case gone:
		return remote.NotFound(l, "see the key, and whether terraform apply has run")
	}
	return explain(l, "s3:GetObject", err)
}

func status(err error) int {
	var answer *awshttp.ResponseError
	if errors.As(err, &answer) {
		return answer.HTTPStatusCode()
	}
	return 0
}

// explain says why a bucket could not be read, and which permission is missing.
func explain(l remote.Location, action string, err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	work := fmt.Sprintf("read %q", l)
	entered := !session.Sends(err, "AssumeRole")
	switch {
	case session.IsCode(err, "NoSuchBucket"):
		return remote.NotFound(l, fmt.Sprintf("there is no bucket %q: see its name", l.Host))
	case session.IsCode(err, "InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken"):
		return remote.Failure(inventory.ReasonDenied,
			"%s: AWS does not know these credentials: see whether the access key, its secret and the session token belong together, and name a region of their partition in region", work)
	case entered && (session.IsCode(err, "AccessDenied", "Forbidden", "AllAccessDisabled") || status(err) == http.StatusForbidden && plainCode(err)):
		remedy := fmt.Sprintf(`give the caller %s there ("muster collectors --iam terraform" prints it), and kms:Decrypt if the bucket is encrypted with a key of its own`, action)
		if action == "s3:GetObject" {
			remedy += "; without s3:ListBucket, this is also what is answered where there is no such key"
		}
		return remote.Failure(inventory.ReasonDenied, "%s: access denied: %s", work, remedy)
	case session.IsCode(err, "PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException"):
		return remote.Failure(inventory.ReasonError, "%s: the bucket is in another region: name it in region", work)
	}
	var e *collectors.Error
	if errors.As(session.Classify(err), &e) {
		return remote.Explain(work, e)
	}
	return remote.Explain(work, err)
}

// plainCode reports whether a refusal has no code that says more, as that of credentials which have expired.
func plainCode(err error) bool { return session.ReasonOf(err) == inventory.ReasonError }
