// Package listertest runs a lister against made-up answers, through the real client of its service, and checks what every
// lister must keep: keys, types, names of attributes, and the operations that it declared.
package listertest

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
)

// The account and region that every test reads.
const (
	Account = "111122223333"
	Region  = "eu-west-1"
)

// Now is the clock of every test.
func Now() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }

// Answers hold an answer per operation: "DescribeInstances".
type Answers map[string]Answer

// Answer makes the response to the n-th call (from 0) of an operation. request is the URL's path and query, a line break, and the body.
type Answer func(n int, request string) Response

// Response is what a service sends.
type Response struct {
	Status int // 0 is 200
	Body   string
	// Code makes an error of the service's protocol with this code, status 400 unless Status is set.
	Code string
}

// Bodies answers one call after the other; further calls get the last body.
func Bodies(bodies ...string) Answer {
	return func(n int, _ string) Response { return Response{Body: bodies[min(n, len(bodies)-1)]} }
}

// For answers by a text that the request holds, whatever the order of the calls; the text "" matches every request.
func For(bodies map[string]string) Answer {
	return func(_ int, request string) Response {
		best, found := "", false
		for text := range bodies {
			if strings.Contains(request, text) && (!found || len(text) > len(best)) {
				best, found = text, true
			}
		}
		if !found {
			return Response{Code: "NoAnswerInTest"}
		}
		return Response{Body: bodies[best]}
	}
}

// Refuse answers every call with an error code.
func Refuse(code string) Answer {
	return func(int, string) Response { return Response{Code: code} }
}

// Outcome is what a run of a lister came to.
type Outcome struct {
	Assets []inventory.Asset
	Unread []string // "key: error" of what was told as unread
	Err    error    // of List
	Calls  []string // operations in the order in which they were sent
	unread []string // the keys of Unread
}

// Asset returns the asset with a key or name.
func (o *Outcome) Asset(t testing.TB, ref string) inventory.Asset {
	t.Helper()
	for _, a := range o.Assets {
		if a.Key == ref || a.Name == ref {
			return a
		}
	}
	t.Fatalf("no asset %q among %d", ref, len(o.Assets))
	return inventory.Asset{}
}

// Find returns the lister of a type.
func Find(t testing.TB, list []lister.Lister, typ inventory.Type) *lister.Lister {
	t.Helper()
	for i := range list {
		if list[i].Type == typ {
			return &list[i]
		}
	}
	t.Fatalf("no lister of %s", typ)
	return nil
}

// Run lists, and reads the tags of every asset that comes without by the lister's own calls. What every lister must keep is checked, also
// with each of its operations refused, and with a sink that stops it.
func Run(t testing.TB, l *lister.Lister, answers Answers) *Outcome {
	t.Helper()
	o := run(t, l, answers)
	check(t, l, o)
	refuseEach(t, l, answers, o)
	stopEach(t, l, answers, o)
	return o
}

func run(t testing.TB, l *lister.Lister, answers Answers) *Outcome {
	t.Helper()
	wire := &wire{answers: answers, calls: map[string]int{}}
	target := Target(l, wire)
	o := &Outcome{}
	sink := &sink{o: o}
	o.Err = l.List(t.Context(), target, sink)
	tag(t, l, target, o)
	o.Calls = wire.sent
	return o
}

// Target is what Run gives to the lister.
func Target(l *lister.Lister, network http.RoundTripper) *lister.Target {
	t := &lister.Target{
		Partition: "aws", Account: Account, Region: Region, Now: Now, Secret: inventory.NewSecretHash([]byte("0123456789abcdef")),
		Options: lister.Options{AuthorizationDetails: true},
		Config: aws.Config{
			Region: Region, HTTPClient: &http.Client{Transport: network},
			Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
			Retryer:     func() aws.Retryer { return aws.NopRetryer{} },
		},
	}
	if l.Place != lister.Regional {
		t.Region, t.Config.Region = "", "us-east-1"
	}
	return t
}

func tag(t testing.TB, l *lister.Lister, target *lister.Target, o *Outcome) {
	t.Helper()
	for i := range o.Assets {
		a := &o.Assets[i]
		switch {
		case a.Tags.State() != inventory.Unknown:
		case l.BatchTags != nil:
			tags, err := l.BatchTags(t.Context(), target, []*inventory.Asset{a})
			if err != nil {
				o.tell(a.Key, err)
			}
			a.Tags = tags[a.Key]
		case l.ReadTags != nil:
			tags, err := l.ReadTags(t.Context(), target, a)
			if err != nil {
				o.tell(a.Key, err)
			}
			a.Tags = tags
		}
	}
}

// check holds an outcome against what every lister must keep.
func check(t testing.TB, l *lister.Lister, o *Outcome) {
	t.Helper()
	known, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	if len(l.ARNs) == 0 || len(l.Operations) == 0 || l.List == nil {
		t.Errorf("%s: ARNs, Operations and List are needed", l.Type)
	}
	if l.BatchTags != nil && l.Batch < 1 {
		t.Errorf("%s: Batch is needed", l.Type)
	}
	for _, typ := range l.Types() {
		if _, ok := known.Type(typ); !ok {
			t.Errorf("%s: the catalog does not know the type", typ)
		}
	}
	for _, a := range o.Assets {
		checkAsset(t, l, known, a)
	}
	for _, call := range o.Calls {
		if !slices.ContainsFunc(l.Operations, func(op lister.Operation) bool { return op.Service+":"+op.Name == call }) {
			t.Errorf("%s: called %s, which its operations do not hold", l.Type, call)
		}
	}
}

func checkAsset(t testing.TB, l *lister.Lister, known *catalog.Catalog, a inventory.Asset) {
	t.Helper()
	typ := a.Type
	if typ == "" {
		typ = l.Type
	}
	if !slices.Contains(l.Types(), typ) {
		t.Errorf("%s: it yields %s, which it does not name", l.Type, typ)
	}
	if a.Key == "" {
		t.Errorf("%s: an asset without a key: %+v", l.Type, a)
	}
	if arn, ok := catalog.ParseARN(a.Key); ok && !l.Claims(arn.Service, arn.Resource) {
		t.Errorf("%s: no ARN pattern matches %s:%s", l.Type, arn.Service, arn.Resource)
	} else if !ok && strings.HasPrefix(a.Key, "arn:") {
		t.Errorf("%s: %q lacks a part of an ARN", l.Type, a.Key)
	}
	row, _ := known.Type(typ)
	for attr := range a.Attributes.All() {
		_, compared := row.Attribute(attr.Name)
		if !row.HasProperty(attr.Name) && !compared && !slices.Contains(row.Evidence, attr.Name) {
			t.Errorf("%s: %q is no property of the type, nor evidence in the catalog", typ, attr.Name)
		}
	}
	if row.Taggable == inventory.NotApplicable && a.Tags.State() != inventory.NotApplicable {
		t.Errorf("%s: the type cannot be tagged, so its tags are NotTaggable", typ)
	}
	if !a.Created.IsZero() && a.Created.Location() != time.UTC {
		t.Errorf("%s: Created is not in UTC", typ)
	}
}

type sink struct {
	o    *Outcome
	most int // the asset at which it stops; 0 for none
}

func (s *sink) Asset(a inventory.Asset) error {
	s.o.Assets = append(s.o.Assets, a)
	if len(s.o.Assets) == s.most {
		return errEnough
	}
	return nil
}

func (s *sink) Unread(key string, err error) error {
	if err != nil {
		s.o.tell(key, err)
	}
	return nil
}

func (o *Outcome) tell(key string, err error) {
	o.Unread = append(o.Unread, fmt.Sprintf("%s: %v", key, err))
	o.unread = append(o.unread, key)
}

// wire answers requests by the operation that they are of.
type wire struct {
	answers Answers
	mu      sync.Mutex
	calls   map[string]int
	sent    []string
}

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	service, op := awsmiddleware.GetServiceID(r.Context()), awsmiddleware.GetOperationName(r.Context())
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	w.mu.Lock()
	n := w.calls[op]
	w.calls[op]++
	if call := service + ":" + op; !slices.Contains(w.sent, call) {
		w.sent = append(w.sent, call)
	}
	answer := w.answers[op]
	w.mu.Unlock()
	if answer == nil {
		return nil, fmt.Errorf("the test has no answer to %s", op)
	}
	return response(r, service, answer(n, r.URL.RequestURI()+"\n"+string(body))), nil
}

func response(r *http.Request, service string, a Response) *http.Response {
	out := &http.Response{StatusCode: a.Status, Header: http.Header{}, Request: r, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}
	if protocol := r.Header.Get("smithy-protocol"); protocol != "" {
		out.Header.Set("smithy-protocol", protocol)
	}
	if out.StatusCode == 0 {
		out.StatusCode = http.StatusOK
	}
	if a.Code != "" {
		if a.Status == 0 {
			out.StatusCode = http.StatusBadRequest
		}
		out.Header.Set("X-Amzn-ErrorType", a.Code)
		a.Body = failure(r, service, a.Code)
	}
	out.Body = io.NopCloser(bytes.NewBufferString(a.Body))
	out.ContentLength = int64(len(a.Body))
	return out
}

// failure is the body of an error in the protocol of a request.
func failure(r *http.Request, service, code string) string {
	kind := r.Header.Get("Content-Type")
	switch {
	case service == "EC2":
		return "<Response><Errors><Error><Code>" + code + "</Code><Message>refused</Message></Error></Errors></Response>"
	case service == "S3":
		return "<Error><Code>" + code + "</Code><Message>refused</Message></Error>"
	case strings.Contains(kind, "urlencoded"), service == "Route 53", service == "CloudFront":
		return "<ErrorResponse><Error><Code>" + code + "</Code><Message>refused</Message></Error></ErrorResponse>"
	}
	return `{"__type":"` + code + `","message":"refused"}`
}
