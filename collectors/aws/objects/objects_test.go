package objects_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/aws/objects"
	"github.com/muster-audit/muster/collectors/aws/session"
	"github.com/muster-audit/muster/collectors/remote"
	"github.com/muster-audit/muster/inventory"
)

// bucket answers as S3 does for one bucket, "acme". All values are made.
type bucket struct {
	mu      sync.Mutex
	objects map[string]string
	version int
	region  string
	seen    []string                                                 // "GET /acme/key bytes=0-9 us-east-1"
	before  func(n int, w http.ResponseWriter, r *http.Request) bool // true if it answered itself; n counts the requests for objects and lists
	n       int
	pages   int // keys a page
}

func (b *bucket) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	signed := r.Header.Get("Authorization")
	region := ""
	if parts := strings.Split(signed, "/"); len(parts) > 3 {
		region = parts[2]
	}
	b.seen = append(b.seen, strings.Join([]string{r.Method, r.URL.Path, r.Header.Get("Range"), region}, " "))
	key, inBucket := strings.CutPrefix(r.URL.Path, "/acme")
	key = strings.TrimPrefix(key, "/")
	switch {
	case r.Method == http.MethodHead:
		if b.region != "" {
			w.Header().Set("X-Amz-Bucket-Region", b.region)
		}
		w.WriteHeader(map[bool]int{true: 403, false: 404}[inBucket])
		return
	case !inBucket:
		refuse(w, 404, "NoSuchBucket")
		return
	}
	if b.n++; b.before != nil && b.before(b.n, w, r) {
		return
	}
	if key == "" {
		b.list(w, r)
		return
	}
	b.get(w, r, key)
}

func refuse(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	fmt.Fprintf(w, `<?xml version="1.0"?><Error><Code>%s</Code><Message>made</Message><RequestId>1</RequestId></Error>`, code)
}

func (b *bucket) list(w http.ResponseWriter, r *http.Request) {
	var keys []string
	for k := range b.objects {
		if strings.HasPrefix(k, r.URL.Query().Get("prefix")) && k > r.URL.Query().Get("continuation-token") {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	more := b.pages > 0 && len(keys) > b.pages
	if more {
		keys = keys[:b.pages]
	}
	var x strings.Builder
	fmt.Fprintf(&x, `<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>acme</Name><IsTruncated>%v</IsTruncated>`, more)
	if more {
		fmt.Fprintf(&x, `<NextContinuationToken>%s</NextContinuationToken>`, keys[len(keys)-1])
	}
	for _, k := range keys {
		fmt.Fprintf(&x, `<Contents><Key>%s</Key><LastModified>2026-01-02T03:04:05.000Z</LastModified><ETag>"%d"</ETag><Size>%d</Size></Contents>`, k, b.version, len(b.objects[k]))
	}
	_, _ = io.WriteString(w, x.String()+`</ListBucketResult>`)
}

func (b *bucket) get(w http.ResponseWriter, r *http.Request, key string) {
	text, ok := b.objects[key]
	tag := fmt.Sprintf("%q", strconv.Itoa(b.version))
	if !ok {
		refuse(w, 404, "NoSuchKey")
		return
	}
	if want := r.Header.Get("If-Match"); want != "" && want != tag {
		refuse(w, 412, "PreconditionFailed")
		return
	}
	w.Header().Set("ETag", tag)
	http.ServeContent(w, r, "", time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), bytes.NewReader([]byte(text)))
}

// store is one whose calls go to a server.
func store(t *testing.T, b *bucket, access remote.Access) *objects.Store {
	t.Helper()
	server := httptest.NewServer(b)
	t.Cleanup(server.Close)
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": server.URL, "AWS_ACCESS_KEY_ID": "AKIDMADE", "AWS_SECRET_ACCESS_KEY": "hunter2-secret", "AWS_SESSION_TOKEN": "hunter2-token",
		"AWS_PROFILE": "", "AWS_REGION": "us-east-1", "AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull, "AWS_CA_BUNDLE": "",
	} {
		t.Setenv(name, value)
	}
	return objects.New(session.Options{NoBackoff: true, Attempts: 3, Region: access.Region}, access)
}

func at(key string) remote.Location { return remote.Location{Scheme: "s3", Host: "acme", Key: key} }

func list(t *testing.T, s *objects.Store, l remote.Location) (found []remote.Object, err error) {
	t.Helper()
	for o, err := range s.List(t.Context(), l) {
		if err != nil {
			return found, err
		}
		found = append(found, o)
	}
	return found, nil
}

func read(t *testing.T, s *objects.Store, o remote.Object) (string, remote.Object, error) {
	t.Helper()
	r, got, err := s.Open(t.Context(), o)
	if err != nil {
		return "", got, err
	}
	defer r.Close()
	text, err := io.ReadAll(r)
	return string(text), got, err
}

func want(t *testing.T, what string, err error, reason inventory.RunReason, text string, cause error) {
	t.Helper()
	var e *collectors.Error
	if !errors.As(err, &e) || e.Reason != reason || !strings.Contains(err.Error(), text) || cause != nil && !errors.Is(err, cause) {
		t.Errorf("%s: error %v (%+v), want reason %q with %q and cause %v", what, err, e, reason, text, cause)
	}
	if strings.Contains(fmt.Sprint(err), "hunter2") {
		t.Errorf("%s: a secret is told: %v", what, err)
	}
}

func TestReads(t *testing.T) {
	long := strings.Repeat("0123456789", remote.RangeStep/4)
	b := &bucket{objects: map[string]string{"a/1": "one", "a/2 +ü": "two", "a/3": long, "a/4": "", "b": "x"}, region: "eu-central-1", pages: 2}
	s := store(t, b, remote.Access{})
	found, err := list(t, s, at("a/"))
	if err != nil || len(found) != 4 || found[0].Version != `"0"` || found[0].Size != 3 || found[0].Modified.IsZero() {
		t.Fatalf("%+v, %v", found, err)
	}
	for _, o := range found {
		text, got, err := read(t, s, remote.Object{Location: o.Location})
		if text != b.objects[o.Location.Key] || err != nil || got.Size != o.Size || got.Size > 0 && (got.Version != o.Version || !got.Modified.Equal(o.Modified)) {
			t.Errorf("%s: %d bytes, %+v, %v", o.Location, len(text), got, err)
		}
	}
	heads := 0
	for i, call := range b.seen {
		switch {
		case strings.HasPrefix(call, "HEAD /acme"):
			if heads++; !strings.HasSuffix(call, " ") {
				t.Errorf("the region was asked for with credentials: %s", call)
			}
		case !strings.HasPrefix(call, "GET /acme") || !strings.HasSuffix(call, " eu-central-1"):
			t.Errorf("call %d is %s", i, call)
		}
	}
	if heads != 1 {
		t.Errorf("the region was asked for %d times", heads)
	}
}

// TestRegionOfOptions holds that the region of the options counts where nobody tells that of the bucket.
func TestRegionOfOptions(t *testing.T) {
	b := &bucket{objects: map[string]string{"a": "x"}}
	if _, _, err := read(t, store(t, b, remote.Access{Region: "eu-north-1"}), remote.Object{Location: at("a")}); err != nil || !strings.HasSuffix(b.seen[1], " eu-north-1") {
		t.Errorf("%q, %v", b.seen, err)
	}
}

func TestFaults(t *testing.T) {
	long := strings.Repeat("x", remote.RangeStep+10)
	answer := func(from int, f func(w http.ResponseWriter)) func(int, http.ResponseWriter, *http.Request) bool {
		return func(n int, w http.ResponseWriter, _ *http.Request) bool {
			if n >= from {
				f(w)
			}
			return n >= from
		}
	}
	code := func(status int, code string) func(w http.ResponseWriter) {
		return func(w http.ResponseWriter) { refuse(w, status, code) }
	}
	for name, tt := range map[string]struct {
		key    string
		before func(int, http.ResponseWriter, *http.Request) bool
		reason inventory.RunReason
		text   string
		cause  error
	}{
		"absent":         {"absent", nil, inventory.ReasonError, "see the key", remote.ErrNotFound},
		"denied":         {"a", answer(1, code(403, "AccessDenied")), inventory.ReasonDenied, `s3:GetObject there ("muster collectors --iam terraform" prints it)`, nil},
		"unknown key":    {"a", answer(1, code(403, "InvalidAccessKeyId")), inventory.ReasonDenied, "does not know these credentials", nil},
		"no code":        {"a", answer(1, func(w http.ResponseWriter) { w.WriteHeader(403) }), inventory.ReasonDenied, "access denied", nil},
		"expired":        {"a", answer(1, code(400, "ExpiredToken")), inventory.ReasonExpired, "credentials ended", nil},
		"throttled":      {"a", answer(1, code(503, "SlowDown")), inventory.ReasonThrottled, "SlowDown", nil},
		"out of order":   {"a", answer(1, code(500, "InternalError")), inventory.ReasonError, "InternalError", nil},
		"no error of S3": {"a", answer(1, func(w http.ResponseWriter) { w.WriteHeader(502) }), inventory.ReasonError, "StatusCode: 502", nil},
		"another region": {"a", answer(1, code(301, "PermanentRedirect")), inventory.ReasonError, "is in another region", nil},
		"late":           {"a", answer(2, code(403, "AccessDenied")), inventory.ReasonDenied, "access denied", nil},
		"changed":        {"a", answer(2, code(412, "PreconditionFailed")), inventory.ReasonError, "was written while it was read", remote.ErrChanged},
		"deleted":        {"a", answer(2, code(404, "NoSuchKey")), inventory.ReasonError, "was written while it was read", remote.ErrChanged},
		"cut": {"a", answer(2, func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "100")
			w.WriteHeader(206)
			_, _ = io.WriteString(w, "x")
		}), inventory.ReasonError, "unexpected EOF", nil},
		"short range": {"a", answer(2, func(w http.ResponseWriter) {
			w.WriteHeader(206)
			_, _ = io.WriteString(w, "x")
		}), inventory.ReasonUntrusted, "ended in the middle", nil},
		"no ranges": {"a", answer(1, func(w http.ResponseWriter) {
			w.Header().Set("ETag", `"0"`)
			_, _ = io.WriteString(w, long)
		}), inventory.ReasonError, "does not know ranges", nil},
		"no size": {"a", answer(1, func(w http.ResponseWriter) {
			w.Header().Set("Content-Range", "bytes 0-1/*")
			w.WriteHeader(206)
			_, _ = io.WriteString(w, "ab")
		}), inventory.ReasonError, "how large the object is", nil},
	} {
		s := store(t, &bucket{objects: map[string]string{"a": long}, before: tt.before}, remote.Access{})
		_, _, err := read(t, s, remote.Object{Location: at(tt.key)})
		want(t, name, err, tt.reason, tt.text, tt.cause)
	}
	s := store(t, &bucket{objects: map[string]string{"a": "x"}, version: 2}, remote.Access{})
	_, _, err := read(t, s, remote.Object{Location: at("a"), Version: `"1"`})
	want(t, "another version", err, inventory.ReasonError, "was written while it was read", remote.ErrChanged)
	l := at("a")
	l.Host = "other"
	_, _, err = read(t, s, remote.Object{Location: l})
	want(t, "no bucket", err, inventory.ReasonError, `there is no bucket "other"`, remote.ErrNotFound)
}

// TestPasses holds that what passes is tried again, a body that was cut too, and no byte is there twice.
func TestPasses(t *testing.T) {
	long := strings.Repeat("0123456789", remote.RangeStep/4)
	b := &bucket{objects: map[string]string{"a": long}}
	b.before = func(n int, w http.ResponseWriter, _ *http.Request) bool {
		switch n {
		case 1:
			refuse(w, 503, "SlowDown")
		case 3, 4:
			w.Header().Set("Content-Length", "100000")
			w.WriteHeader(206)
			_, _ = io.WriteString(w, "xxxxx")
		default:
			return false
		}
		return true
	}
	if text, _, err := read(t, store(t, b, remote.Access{}), remote.Object{Location: at("a")}); text != long || err != nil {
		t.Errorf("%d bytes, %v; %q", len(text), err, b.seen)
	}
}

func TestListFaults(t *testing.T) {
	b := &bucket{objects: map[string]string{"a": "", "b": "", "c": ""}, pages: 2}
	b.before = func(n int, w http.ResponseWriter, _ *http.Request) bool {
		if n > 1 {
			refuse(w, 403, "AccessDenied")
		}
		return n > 1
	}
	s := store(t, b, remote.Access{})
	found, err := list(t, s, at(""))
	want(t, "page 2", err, inventory.ReasonDenied, "s3:ListBucket", nil)
	if len(found) != 2 {
		t.Errorf("%d objects before", len(found))
	}
	n := 0
	for _, err := range s.List(t.Context(), at("")) { // it can be broken off
		if n++; err != nil && n == 1 {
			break
		}
	}
	l := at("")
	l.Host = "other"
	_, err = list(t, s, l)
	want(t, "no bucket", err, inventory.ReasonError, `there is no bucket "other"`, remote.ErrNotFound)
}

// TestNoCredentials holds that their want is told in plain words.
func TestNoCredentials(t *testing.T) {
	_ = store(t, &bucket{}, remote.Access{}) // sets the environment
	p := objects.New(session.Options{NoBackoff: true, Attempts: 1, Profile: "absent"}, remote.Access{Profile: "absent"})
	_, _, err := read(t, p, remote.Object{Location: at("a")})
	want(t, "profile", err, inventory.ReasonDenied, "aws configure list-profiles", nil)
}

// TestActions holds that the permissions that are printed are those of the calls that may be made.
func TestActions(t *testing.T) {
	actions := objects.Actions()
	for _, op := range objects.Operations() {
		if !slices.Contains(actions, op.Action) {
			t.Errorf("%s takes %s", op.Name, op.Action)
		}
		if !strings.HasPrefix(op.Name, "Get") && !strings.HasPrefix(op.Name, "List") && !strings.HasPrefix(op.Name, "Head") {
			t.Errorf("%s does not read", op.Name)
		}
	}
	if objects.Scheme().Name != "s3" {
		t.Error("the scheme has another name")
	}
}
