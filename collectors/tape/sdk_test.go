package tape

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/encoding/cbor"
	"github.com/google/go-cmp/cmp"
)

// sdkSpace files a call of the SDK as the collector of AWS does.
func sdkSpace(req *http.Request) Call {
	ctx := req.Context()
	return Call{Folder: "111122223333/" + awsmiddleware.GetRegion(ctx) + "/" + awsmiddleware.GetServiceID(ctx), Name: awsmiddleware.GetOperationName(ctx)}
}

// config is one whose clients use a transport. Nothing waits between attempts.
func config(rt http.RoundTripper, endpoint string) aws.Config {
	cfg := aws.Config{
		Region: "eu-west-1", HTTPClient: &http.Client{Transport: rt}, Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""),
		Retryer: func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) {
				o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
			})
		},
	}
	if endpoint != "" {
		cfg.BaseEndpoint = aws.String(endpoint)
	}
	return cfg
}

func bodyOfReal(t testing.TB, name string) string {
	t.Helper()
	for _, b := range realBodies() {
		if b.name == name {
			return b.body
		}
	}
	t.Fatalf("no body %q", name)
	return ""
}

// sdkCalls are calls in every protocol, with the type and the body of their answers.
func sdkCalls(t testing.TB) []struct {
	name, contentType, body string
	do                      func(context.Context, aws.Config) (any, error)
} {
	alarms := cbor.Encode(cbor.Map{"NextToken": cbor.String("n"), "MetricAlarms": cbor.List{cbor.Map{
		"AlarmName": cbor.String("a"), "Threshold": cbor.Float64(1.5), "ActionsEnabled": cbor.Bool(true), "EvaluationPeriods": cbor.Uint(3),
		"AlarmDescription":                   cbor.String(`{"password":"pl4nt3d"}`),
		"AlarmConfigurationUpdatedTimestamp": &cbor.Tag{ID: 1, Value: cbor.Float64(1700000000)},
	}}})
	return []struct {
		name, contentType, body string
		do                      func(context.Context, aws.Config) (any, error)
	}{
		{"launch templates", queryType, bodyOfReal(t, "EC2 DescribeLaunchTemplateVersions"), func(ctx context.Context, c aws.Config) (any, error) {
			return ec2.NewFromConfig(c).DescribeLaunchTemplateVersions(ctx, &ec2.DescribeLaunchTemplateVersionsInput{Versions: []string{"$Default"}})
		}},
		{"vpn", queryType, bodyOfReal(t, "EC2 DescribeVpnConnections"), func(ctx context.Context, c aws.Config) (any, error) {
			return ec2.NewFromConfig(c).DescribeVpnConnections(ctx, nil)
		}},
		{"user data", queryType, bodyOfReal(t, "EC2 DescribeInstanceAttribute"), func(ctx context.Context, c aws.Config) (any, error) {
			return ec2.NewFromConfig(c).DescribeInstanceAttribute(ctx, &ec2.DescribeInstanceAttributeInput{InstanceId: aws.String("i-0abc"), Attribute: "userData"})
		}},
		{"databases", queryType, bodyOfReal(t, "RDS DescribeDBInstances"), func(ctx context.Context, c aws.Config) (any, error) {
			return rds.NewFromConfig(c).DescribeDBInstances(ctx, nil)
		}},
		{"functions", "application/json", bodyOfReal(t, "Lambda ListFunctions"), func(ctx context.Context, c aws.Config) (any, error) {
			return lambda.NewFromConfig(c).ListFunctions(ctx, &lambda.ListFunctionsInput{Marker: aws.String("m")})
		}},
		{"tasks", jsonType, bodyOfReal(t, "ECS DescribeTaskDefinition"), func(ctx context.Context, c aws.Config) (any, error) {
			return ecs.NewFromConfig(c).DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: aws.String("web:7")})
		}},
		{"queues", "application/x-amz-json-1.0", `{"Attributes":{"KmsMasterKeyId":"k","Policy":"{\"a\":\"pl4nt3d\"}","DelaySeconds":"0"}}`, func(ctx context.Context, c aws.Config) (any, error) {
			return sqs.NewFromConfig(c).GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: aws.String("https://q/1")})
		}},
		{"buckets", "application/xml", `<Tagging><TagSet><Tag><Key>secret</Key><Value>b1</Value></Tag></TagSet></Tagging>`, func(ctx context.Context, c aws.Config) (any, error) {
			return s3.NewFromConfig(c).GetBucketTagging(ctx, &s3.GetBucketTaggingInput{Bucket: aws.String("b1")})
		}},
		{"bucket policy", "application/octet-stream", `{"Version":"2012-10-17"}`, func(ctx context.Context, c aws.Config) (any, error) {
			return s3.NewFromConfig(c).GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: aws.String("b1")})
		}},
		{"alarms", "application/cbor", string(alarms), func(ctx context.Context, c aws.Config) (any, error) {
			return cloudwatch.NewFromConfig(c).DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{MaxRecords: aws.Int32(100)})
		}},
	}
}

// TestClientsOfAWSReadWhatIsReplayed holds that the SDK sends calls whose keys stay, and reads scrubbed answers of every protocol as it
// reads live ones, save the secrets.
func TestClientsOfAWSReadWhatIsReplayed(t *testing.T) {
	for _, tt := range sdkCalls(t) {
		t.Run(tt.name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
				w.Header().Set("Content-Type", tt.contentType)
				w.Header().Set("X-Amzn-Requestid", "r-1")
				if p := req.Header.Get("Smithy-Protocol"); p != "" {
					w.Header().Set("Smithy-Protocol", p)
				}
				_, _ = io.WriteString(w, tt.body)
			}))
			defer server.Close()
			dir := t.TempDir()
			r := create(t, dir)
			live, err := tt.do(t.Context(), config(r.Transport(sdkSpace, http.DefaultTransport), server.URL))
			if err != nil {
				t.Fatal(err)
			}
			closed(t, r)
			replayed, err := tt.do(t.Context(), config(open(t, dir).Transport(sdkSpace), ""))
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(live, replayed, sameButSecrets()...); d != "" {
				t.Errorf("answer (-live +replay):\n%s", d)
			}
		})
	}
}

// sameButSecrets compares what the SDK gives. A text with a planted secret is the same as one with a hash.
func sameButSecrets() []cmp.Option {
	hides := func(secret, hash string) bool {
		return strings.Contains(secret, planted) && !strings.Contains(hash, planted) && strings.Contains(hash, "hmac:")
	}
	return []cmp.Option{
		cmp.FilterPath(func(p cmp.Path) bool { return strings.HasSuffix(p.String(), "ResultMetadata") }, cmp.Ignore()),
		cmp.Exporter(func(reflect.Type) bool { return true }),
		cmp.Comparer(func(a, b string) bool { return a == b || hides(a, b) || hides(b, a) }),
	}
}

// TestClientsOfAWSFailAlike holds that a replay makes as many attempts as were made, and fails as they did.
func TestClientsOfAWSFailAlike(t *testing.T) {
	list := func(ctx context.Context, rt http.RoundTripper) error {
		ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		_, err := sqs.NewFromConfig(config(rt, "http://sqs.test")).ListQueues(ctx, nil)
		return err
	}
	throttled := answer(400, map[string]string{"Content-Type": jsonType, "X-Amzn-Errortype": "ThrottlingException", "X-Amzn-Requestid": "r"}, `{"__type":"ThrottlingException","message":"slow down"}`)
	fine := answer(200, map[string]string{"Content-Type": jsonType}, `{}`)
	noHost := roundTripper(func(*http.Request) (*http.Response, error) {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "sqs.test", IsNotFound: true}}
	})
	for name, tries := range map[string][]http.RoundTripper{
		"throttled":  {throttled},
		"then fine":  {throttled, throttled, fine},
		"no host":    {noHost},
		"web page":   {answer(503, map[string]string{"Content-Type": "text/html"}, "<html><br></html>"), fine},
		"refused":    {answer(403, map[string]string{"Content-Type": jsonType, "X-Amzn-Errortype": "AccessDenied", "X-Amzn-Requestid": "r"}, `{}`)},
		"no address": {roundTripper(func(*http.Request) (*http.Response, error) { return nil, errors.New("unreachable") })},
	} {
		t.Run(name, func(t *testing.T) {
			var n atomic.Int32
			counted := func(next http.RoundTripper) http.RoundTripper {
				return roundTripper(func(req *http.Request) (*http.Response, error) { n.Add(1); return next.RoundTrip(req) })
			}
			dir := t.TempDir()
			r := create(t, dir)
			live := list(t.Context(), r.Transport(sdkSpace, roundTripper(func(req *http.Request) (*http.Response, error) {
				return tries[min(int(n.Add(1)), len(tries))-1].RoundTrip(req)
			})))
			closed(t, r)
			attempts := n.Swap(0)
			replayed := list(t.Context(), counted(open(t, dir).Transport(sdkSpace)))
			if n.Load() != attempts {
				t.Errorf("%d attempts, then %d", attempts, n.Load())
			}
			if d := cmp.Diff(fmt.Sprint(live), fmt.Sprint(replayed)); d != "" {
				t.Errorf("error (-live +replay):\n%s", d)
			}
			var dns *net.DNSError
			if errors.As(live, &dns) != errors.As(replayed, &dns) {
				t.Error("the kind of the error is lost")
			}
		})
	}
}

func TestClientsOfAWSDoNotTryAgainWhatIsMissing(t *testing.T) {
	dir := t.TempDir()
	closed(t, create(t, dir))
	n := 0
	player := open(t, dir).Transport(sdkSpace)
	_, err := sqs.NewFromConfig(config(roundTripper(func(req *http.Request) (*http.Response, error) { n++; return player.RoundTrip(req) }), "")).ListQueues(t.Context(), nil)
	var op *smithy.OperationError
	if !errors.Is(err, ErrNotRecorded) || !errors.As(err, &op) || n != 1 || !strings.Contains(err.Error(), "ListQueues (111122223333/eu-west-1/SQS) is not in the recording") {
		t.Errorf("%d attempts: %v", n, err)
	}
}

// TestBucketsAreNotMixedUp asks for two buckets at their own hosts, of which nothing but the host tells.
func TestBucketsAreNotMixedUp(t *testing.T) {
	dir := t.TempDir()
	r := create(t, dir)
	wire := roundTripper(func(req *http.Request) (*http.Response, error) {
		bucket, _, _ := strings.Cut(req.URL.Host, ".")
		return answer(200, map[string]string{"Content-Type": "application/xml"},
			`<Tagging><TagSet><Tag><Key>bucket</Key><Value>`+bucket+`</Value></Tag></TagSet></Tagging>`).RoundTrip(req)
	})
	tag := func(rt http.RoundTripper, bucket string) string {
		out, err := s3.NewFromConfig(config(rt, "")).GetBucketTagging(t.Context(), &s3.GetBucketTaggingInput{Bucket: aws.String(bucket)})
		if err != nil {
			t.Fatal(err)
		}
		return aws.ToString(out.TagSet[0].Value)
	}
	live := r.Transport(sdkSpace, wire)
	for _, b := range []string{"bucket-1", "bucket-2", "bucket-3"} {
		tag(live, b)
	}
	closed(t, r)
	rt := open(t, dir).Transport(sdkSpace)
	for _, b := range []string{"bucket-3", "bucket-1", "bucket-2"} {
		if got := tag(rt, b); got != b {
			t.Errorf("%s got the tags of %s", b, got)
		}
	}
}
