package aws

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/aws/awstest"
	"github.com/muster-audit/muster/collectors/aws/session"
	"github.com/muster-audit/muster/inventory"
)

// newTest returns a collector that reads the server without waiting between attempts.
func newTest(t *testing.T, s *awstest.Server, o Options) *collector {
	t.Helper()
	s.Use(t)
	env := collectors.Env{Now: time.Now, Secret: inventory.NewSecretHash([]byte("0123456789abcdef"))}
	if problems := o.Validate(); len(problems) > 0 {
		t.Fatalf("options: %v", problems)
	}
	c, err := newCollector(env, inventory.Source{Name: "aws", Book: inventory.Observed}, o)
	if err != nil {
		t.Fatal(err)
	}
	c.session = session.New(session.Options{Allowed: c.allowed, Attempts: 2, NoBackoff: true, CallTimeout: time.Minute})
	return c
}

// reading is what a scope came to.
type reading struct {
	assets map[string]inventory.Asset
	err    error
	calls  map[string]int
}

func (r *reading) Asset(a inventory.Asset) error {
	if _, twice := r.assets[a.Key]; twice {
		return fmt.Errorf("key %s came twice", a.Key)
	}
	r.assets[a.Key] = a
	return nil
}
func (r *reading) Skip(inventory.Problem) {}
func (r *reading) Note(f collectors.Facts) {
	for op, n := range f.Calls {
		r.calls[op] += n
	}
}

func partial(err error) *collectors.Error {
	var e *collectors.Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}

func (r *reading) reason() inventory.RunReason { return session.ReasonOf(r.err) }

func read(ctx context.Context, c *collector, s inventory.Scope) *reading {
	r := &reading{assets: map[string]inventory.Asset{}, calls: map[string]int{}}
	r.err = c.Collect(ctx, s, r)
	return r
}

func scopesOf(t *testing.T, c *collector) map[string]inventory.Scope {
	t.Helper()
	list, err := c.Scopes(t.Context())
	if err != nil {
		t.Fatalf("scopes: %v", err)
	}
	byID := map[string]inventory.Scope{}
	for _, s := range list {
		byID[s.ID] = s
	}
	return byID
}

// queues makes an estate of three pages of queues: all but the last queue of a page bear a tag.
func queues(s *awstest.Server) {
	const base = "https://sqs.us-east-1.amazonaws.com/111122223333/"
	page := func(n int, next string) string {
		return fmt.Sprintf(`{"QueueUrls":["%[1]sq%[2]d-a","%[1]sq%[2]d-b"]%[3]s}`, base, n, next)
	}
	s.On("sqs:ListQueues", awstest.Pages(
		page(0, `,"NextToken":"`+awstest.PageToken(1)+`"`), page(1, `,"NextToken":"`+awstest.PageToken(2)+`"`), page(2, ""),
	))
	s.On("sqs:GetQueueAttributes", func(c awstest.Call) awstest.Answer {
		return awstest.Answer{Body: `{"Attributes":{"QueueArn":"` + queueARN(c) + `","VisibilityTimeout":"30"}}`}
	})
	s.On("sqs:ListQueueTags", func(c awstest.Call) awstest.Answer {
		if strings.Contains(c.Body, "-b") {
			return awstest.Answer{Body: `{}`}
		}
		return awstest.Answer{Body: `{"Tags":{"owner":"payments"}}`}
	})
	s.On("tagging:GetResources", func(c awstest.Call) awstest.Answer {
		var list []string
		for n := range 3 {
			if arn := fmt.Sprintf("arn:aws:sqs:%s:111122223333:q%d-a", c.Region, n); strings.Contains(c.Body, arn) {
				list = append(list, `{"ResourceARN":"`+arn+`","Tags":[{"Key":"owner","Value":"payments"}]}`)
			}
		}
		return awstest.Answer{Body: `{"ResourceTagMappingList":[` + strings.Join(list, ",") + `],"PaginationToken":""}`}
	})
}

func queueARN(c awstest.Call) string {
	name := c.Body[strings.LastIndex(c.Body, "/")+1:]
	name, _, _ = strings.Cut(name, `"`)
	return "arn:aws:sqs:" + c.Region + ":111122223333:" + name
}

const oneQueueScope = "111122223333/us-east-1/AWS::SQS::Queue"

func TestReadsWhole(t *testing.T) {
	s := awstest.New(t)
	queues(s)
	c := newTest(t, s, Options{Types: []string{"AWS::SQS::Queue"}})
	scopes := scopesOf(t, c)
	if len(scopes) != 2 { // not ap-east-1, which is not enabled
		t.Fatalf("scopes %v", scopes)
	}
	s.Calls()
	r := read(t.Context(), c, scopes[oneQueueScope])
	if r.err != nil || len(r.assets) != 6 {
		t.Fatalf("error %v, %d assets", r.err, len(r.assets))
	}
	for key, a := range r.assets {
		if a.Tags.State() != inventory.Known || (a.Tags.Len() == 1) != strings.HasSuffix(key, "-a") {
			t.Errorf("%s: tags %v", key, a.Tags)
		}
		if a.Account != "111122223333" || a.Region != "us-east-1" || a.Origin.Call != "sqs:ListQueues" {
			t.Errorf("%s: %+v", key, a)
		}
	}
	if sent := awstest.Operations(s.Calls()); strings.Join(sent, " ") != "sqs:GetQueueAttributes sqs:ListQueues tagging:GetResources" {
		t.Errorf("sent %v: the tagging API knows all queues that ever bore a tag", sent)
	}
	if want := map[string]int{"SQS:ListQueues": 3, "SQS:GetQueueAttributes": 6, "Resource Groups Tagging API:GetResources": 1}; fmt.Sprint(r.calls) != fmt.Sprint(want) {
		t.Errorf("calls %v, want %v", r.calls, want)
	}
}

// faults are the ways in which a call can fail, and why its scope is then not read whole.
func faults() map[string]struct {
	answer awstest.Answer
	reason inventory.RunReason
} {
	type fault = struct {
		answer awstest.Answer
		reason inventory.RunReason
	}
	return map[string]fault{
		"denied":      {awstest.Answer{Status: 403, Code: "AccessDenied"}, inventory.ReasonDenied},
		"denied too":  {awstest.Answer{Status: 400, Code: "AccessDeniedException"}, inventory.ReasonDenied},
		"not enabled": {awstest.Answer{Status: 403, Code: "OptInRequired"}, inventory.ReasonNotEnabled},
		"throttled":   {awstest.Answer{Status: 400, Code: "ThrottlingException"}, inventory.ReasonThrottled},
		"rate":        {awstest.Answer{Status: 503, Code: "RequestLimitExceeded"}, inventory.ReasonThrottled},
		"broken":      {awstest.Answer{Status: 500, Body: "<html>oops</html>"}, inventory.ReasonError},
		"not there":   {awstest.Answer{Status: 404, Body: "<html>what?</html>"}, inventory.ReasonError},
		"garbage":     {awstest.Answer{Body: `{"QueueUrls": [`}, inventory.ReasonError},
		"expired":     {awstest.Answer{Status: 403, Code: "ExpiredTokenException"}, inventory.ReasonExpired},
		"cut":         {awstest.Answer{Cut: true}, inventory.ReasonError},
		"hangs":       {awstest.Answer{Hang: true}, inventory.ReasonTimeout},
	}
}

// TestEveryFaultAtEveryCall lets each call of a scan fail in each way. Whatever was read is as it is in a whole reading or unknown,
// the scope says why it is not whole, and the scope beside it is read as if nothing were.
func TestEveryFaultAtEveryCall(t *testing.T) {
	s := awstest.New(t)
	queues(s)
	c := newTest(t, s, Options{Types: []string{"AWS::SQS::Queue"}})
	scopes := scopesOf(t, c)
	whole := read(t.Context(), c, scopes[oneQueueScope])
	patient := c.session
	hasty := session.New(session.Options{Allowed: c.allowed, Attempts: 2, NoBackoff: true, CallTimeout: 50 * time.Millisecond})
	for name, fault := range faults() {
		for _, op := range []string{"ListQueues", "GetQueueAttributes", "GetResources"} {
			for n := range map[string]int{"ListQueues": 3, "GetQueueAttributes": 6, "GetResources": 1}[op] {
				t.Run(fmt.Sprintf("%s/%s/%d", name, op, n), func(t *testing.T) {
					c.session = patient
					if fault.answer.Hang {
						c.session = hasty
					}
					var hits atomic.Int32 // the server answers several calls at a time
					s.Intrude(func(c awstest.Call) *awstest.Answer {
						if c.Region != "us-east-1" || c.Operation != op {
							return nil
						}
						if hit := int(hits.Add(1)) - 1; hit < n || hit > n+1 { // the second attempt fails too
							return nil
						}
						return &fault.answer
					})
					r := read(t.Context(), c, scopes[oneQueueScope])
					s.Intrude(nil)
					judge(t, r, whole, fault.reason)
					c.session = patient
					other := read(t.Context(), c, scopes[strings.Replace(oneQueueScope, "us-east-1", "eu-west-1", 1)])
					if other.err != nil || len(other.assets) != 6 {
						t.Errorf("the other region: %v, %d assets", other.err, len(other.assets))
					}
				})
			}
		}
	}
}

// judge holds a reading against the whole one: nothing may be wrong in it, and what it lacks must be told.
func judge(t *testing.T, r, whole *reading, reason inventory.RunReason) {
	t.Helper()
	lacks := len(r.assets) < len(whole.assets)
	for key, a := range r.assets {
		w, ok := whole.assets[key]
		if !ok {
			t.Errorf("%s is not there", key)
			continue
		}
		if a.Tags.State() == inventory.Unknown {
			lacks = true
		} else if !a.Tags.Equal(w.Tags) {
			t.Errorf("%s: tags %v, in truth %v", key, a.Tags, w.Tags)
		}
		for attr := range a.Attributes.All() {
			if v, _ := w.Attributes.Get(attr.Name); attr.Value.IsRead() && attr.Value != v {
				t.Errorf("%s: %s is %s, in truth %s", key, attr.Name, attr.Value, v)
			}
		}
		if !a.Attributes.IsKnown() {
			lacks = true
		}
	}
	switch {
	case r.err == nil && lacks:
		t.Error("something is not known and nobody says so")
	case r.err != nil && r.reason() != reason:
		t.Errorf("reason %s (%v), want %s", r.reason(), r.err, reason)
	}
}

func TestJoinRefused(t *testing.T) {
	s := awstest.New(t)
	queues(s)
	c := newTest(t, s, Options{Types: []string{"AWS::SQS::Queue"}})
	scope := scopesOf(t, c)[oneQueueScope]
	s.Intrude(func(c awstest.Call) *awstest.Answer {
		if c.Operation == "GetResources" {
			return &awstest.Answer{Status: 403, Code: "AccessDeniedException"}
		}
		return nil
	})
	r := read(t.Context(), c, scope)
	if r.err != nil || r.calls["SQS:ListQueueTags"] != 6 {
		t.Errorf("error %v, calls %v: each queue's own call tells", r.err, r.calls)
	}
	s.Intrude(func(c awstest.Call) *awstest.Answer {
		if c.Operation == "GetResources" || c.Operation == "ListQueueTags" && strings.Contains(c.Body, "q1-a") {
			return &awstest.Answer{Status: 403, Code: "AccessDeniedException"}
		}
		return nil
	})
	r = read(t.Context(), c, scope)
	for key, a := range r.assets {
		if unknown := a.Tags.State() == inventory.Unknown; unknown != strings.HasSuffix(key, "q1-a") {
			t.Errorf("%s: tags are %s", key, a.Tags.State())
		}
	}
	if e := partial(r.err); e == nil || !e.Listed || e.Reason != inventory.ReasonDenied {
		t.Errorf("error %v: all queues were listed, the tags of one were refused", r.err)
	}
}

// A tagging API whose answer goes on for more pages did not answer for the names it was asked about.
func TestJoinNotWhole(t *testing.T) {
	s := awstest.New(t)
	queues(s)
	s.On("tagging:GetResources", func(awstest.Call) awstest.Answer {
		return awstest.Answer{Body: `{"ResourceTagMappingList":[],"PaginationToken":"more"}`}
	})
	c := newTest(t, s, Options{Types: []string{"AWS::SQS::Queue"}})
	r := read(t.Context(), c, scopesOf(t, c)[oneQueueScope])
	if a := r.assets["arn:aws:sqs:us-east-1:111122223333:q1-a"]; r.err != nil || a.Tags.Len() != 1 {
		t.Errorf("error %v, tags %v", r.err, a.Tags)
	}
}
