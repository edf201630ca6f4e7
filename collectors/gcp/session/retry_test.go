package session

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/muster-audit/muster/collectors/gcp/gcptest"
	"github.com/muster-audit/muster/inventory"
)

// getting reads a path of Cloud DNS.
func getting(path string) func(context.Context, *Session) ([]string, error) {
	return func(ctx context.Context, s *Session) ([]string, error) {
		_, err := s.Get(ctx, root, "dns.googleapis.com", path, nil)
		return nil, err
	}
}

// sleeping returns a session whose pauses are noted and not made.
func sleeping(server *gcptest.Server, o Options) (*Session, *[]time.Duration) {
	o.Endpoint = server.URL
	s, pauses := New(o), &[]time.Duration{}
	s.sleep = func(ctx context.Context, d time.Duration) error {
		*pauses = append(*pauses, d)
		return ctx.Err()
	}
	return s, pauses
}

// TestPauses holds how long is waited before another try: longer each time, and at least as long as the server asks for.
func TestPauses(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	later := func(h map[string]string) gcptest.Answer {
		a := gcptest.Unavailable(0)
		a.Header = h
		return a
	}
	inDetails := gcptest.Failure{
		Code: 503, Status: "UNAVAILABLE", Message: "slow down",
		Details: []map[string]any{{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "50.5s"}},
	}
	for _, c := range []struct {
		name        string
		answer      gcptest.Answer
		least, most []time.Duration // seconds
	}{
		{"own pauses", gcptest.Broken(), []time.Duration{500, 1000, 2000, 4000}, []time.Duration{1000, 2000, 4000, 8000}},
		{"asked for little", gcptest.Unavailable(1), []time.Duration{1000, 1000, 2000, 4000}, []time.Duration{1000, 2000, 4000, 8000}},
		{"asked for much", gcptest.Unavailable(100), []time.Duration{100_000, 100_000, 100_000, 100_000}, []time.Duration{100_000, 100_000, 100_000, 100_000}},
		{"asked for too much", gcptest.Unavailable(121), nil, nil},
		{"asked in the details", inDetails.Answer(), []time.Duration{50_500, 50_500, 50_500, 50_500}, []time.Duration{50_500, 50_500, 50_500, 50_500}},
		{
			"until a time by the server's clock", later(map[string]string{"Date": "Sun, 01 Mar 2020 10:00:00 GMT", "Retry-After": "Sun, 01 Mar 2020 10:01:30 GMT"}),
			[]time.Duration{90_000, 90_000, 90_000, 90_000},
			[]time.Duration{90_000, 90_000, 90_000, 90_000},
		},
		{
			"until a time long ago", later(map[string]string{"Retry-After": "Sun, 01 Mar 2020 10:01:30 GMT", "Date": "no"}),
			[]time.Duration{500, 1000, 2000, 4000},
			[]time.Duration{1000, 2000, 4000, 8000},
		},
		{
			"until a time by the own clock", later(map[string]string{"Retry-After": "Sun, 01 Mar 2026 12:00:40 GMT", "Date": "no"}),
			[]time.Duration{40_000, 40_000, 40_000, 40_000},
			[]time.Duration{40_000, 40_000, 40_000, 40_000},
		},
		{"not to be tried again", gcptest.Denied("x", root), nil, nil},
		{"not to be tried again: the token is not valid", gcptest.Unauthenticated(), nil, nil},
	} {
		server := gcptest.New(t)
		server.On(zonesPath, gcptest.Always(c.answer))
		s, pauses := sleeping(server, Options{Now: func() time.Time { return now }})
		if _, err := got(t.Context(), s); err == nil {
			t.Errorf("%s: no error", c.name)
		}
		if len(*pauses) != len(c.least) || len(server.Calls()) != len(c.least)+1 {
			t.Errorf("%s: pauses %v", c.name, *pauses)
			continue
		}
		for i, d := range *pauses {
			if d < c.least[i]*time.Millisecond || d > c.most[i]*time.Millisecond {
				t.Errorf("%s: pause %d is %v", c.name, i, d)
			}
		}
	}
}

// TestTriesAgain holds that what passes is not seen, and that each attempt is counted.
func TestTriesAgain(t *testing.T) {
	for _, first := range []gcptest.Answer{
		gcptest.Unavailable(0), gcptest.Broken(), gcptest.RateLimited("dns.googleapis.com", "p"), gcptest.RateLimitedLegacy("userRateLimitExceeded"),
		gcptest.Page(504, "Timeout"),
		{Body: `{"managed`, Cut: true},
		{Hang: true},
	} {
		server := gcptest.New(t)
		server.On(zonesPath, gcptest.Times(first, gcptest.Answer{Body: `{"managedZones":[{"name":"z"}]}`}))
		s, pauses := sleeping(server, Options{CallTimeout: 300 * time.Millisecond})
		var calls Counter
		names, err := got(Count(t.Context(), &calls), s)
		if err != nil || len(names) != 1 || names[0] != "z" || len(*pauses) != 1 {
			t.Errorf("%+v: %v, %v after pauses %v", first, names, err, *pauses)
		}
		if n := calls.Calls()["dns.googleapis.com:managedZones"]; n != 2 || calls.Calls() != nil {
			t.Errorf("%+v: %d calls were counted", first, n)
		}
	}
}

// TestCallerGivesUp holds that nothing is tried again when the caller is not there any more, or will not be.
func TestCallerGivesUp(t *testing.T) {
	server := gcptest.New(t)
	server.On(zonesPath, gcptest.Always(gcptest.RateLimited("dns.googleapis.com", "p")))
	s, pauses := sleeping(server, Options{})
	soon, cancel := context.WithTimeout(t.Context(), 400*time.Millisecond)
	defer cancel()
	if _, err := got(soon, s); ReasonOf(err) != inventory.ReasonThrottled || len(*pauses) != 0 || len(server.Calls()) != 1 {
		t.Errorf("the time ends before the pause: %v after pauses %v", err, *pauses)
	}
	server.On(zonesPath, gcptest.Always(gcptest.Answer{Hang: true}))
	short, end := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer end()
	var calls Counter
	if _, err := got(Count(short, &calls), on(server)); ReasonOf(err) != inventory.ReasonTimeout || calls.Calls()["dns.googleapis.com:managedZones"] != 1 {
		t.Errorf("the time ends while asking: %v", err)
	}
	server.Calls()
	for _, w := range ways() {
		server.On(w.path, gcptest.Always(gcptest.RateLimited("dns.googleapis.com", "p")))
		broken, stop := context.WithCancel(t.Context())
		s, _ := sleeping(server, Options{})
		if _, err := s.HTTP(t.Context(), computeService, root); err != nil { // credentials are there
			t.Fatal(err)
		}
		s.sleep = func(ctx context.Context, _ time.Duration) error {
			stop()
			return ctx.Err()
		}
		if _, err := w.call(broken, s); err == nil || len(server.Calls()) != 1 {
			t.Errorf("%s: broken off in the pause: %v", w.name, err)
		}
		if _, err := w.call(broken, s); !errors.Is(err, context.Canceled) || len(server.Calls()) != 0 {
			t.Errorf("%s: broken off before: %v", w.name, err)
		}
	}
}

// TestBrokenOffWhileAsking holds that a call ends with its context, also where a client library loses it.
func TestBrokenOffWhileAsking(t *testing.T) {
	for _, w := range ways() {
		server := gcptest.New(t)
		ctx, stop := context.WithCancel(t.Context())
		server.On(w.path, func(gcptest.Call) gcptest.Answer {
			stop()
			return gcptest.Answer{Hang: true}
		})
		if _, err := w.call(ctx, on(server)); !errors.Is(err, context.Canceled) || len(server.Calls()) != 1 {
			t.Errorf("%s: %v", w.name, err)
		}
	}
}

// TestThrottledSlowsDown holds that being throttled slows down the calls charged to the same project, and no others.
func TestThrottledSlowsDown(t *testing.T) {
	server := gcptest.New(t)
	server.On(zonesPath, gcptest.Always(gcptest.RateLimitedLegacy("rateLimitExceeded")))
	s := on(server)
	if _, err := got(t.Context(), s); err == nil { // five times
		t.Fatal("no error")
	}
	wait := func(p payer) error {
		ctx, cancel := context.WithTimeout(t.Context(), 900*time.Millisecond) // what takes longer fails at once
		defer cancel()
		b := s.limits.Bucket(p)
		for range 2 {
			if err := b.Wait(ctx); err != nil {
				return err
			}
		}
		return nil
	}
	if err := wait(payerOf("", root, "dns.googleapis.com", "managedZones")); err == nil {
		t.Error("the project's calls are as fast as before")
	}
	if err := wait(payerOf("", "projects/other", "dns.googleapis.com", "managedZones")); err != nil {
		t.Errorf("another project's calls are slow: %v", err)
	}
	server.On(zonesPath, gcptest.JSON("{}"))
	for range 20 {
		if _, err := got(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	if err := wait(payerOf("", root, "dns.googleapis.com", "managedZones")); err != nil {
		t.Errorf("calls that go through do not make the project's calls faster again: %v", err)
	}
}

// TestQuotas holds that the inventory's quotas of a minute are never exceeded, by the burst and what follows.
func TestQuotas(t *testing.T) {
	for op, perMinute := range map[string]float64{"searchAllResources": 400, "searchAllIamPolicies": 400, "assets": 100} {
		p := payerOf("", root, assetInventory, op)
		if q := quotaOf(p); float64(q.Burst)+60*q.PerSecond > 0.81*perMinute {
			t.Errorf("%s: %+v exceeds 80 %% of %v a minute", op, q, perMinute)
		}
		if p != payerOf("", "projects/other", assetInventory, op) {
			t.Errorf("%s: the credentials' project pays, whatever the root is", op)
		}
	}
	if payerOf("acme-bill", root, computeService, "x") != payerOf("acme-bill", "projects/other", computeService, "x") {
		t.Error("with a quota project, it is the one that pays")
	}
}

// TestQuotaProject holds that the project that is to be charged is named, and only if there is one.
func TestQuotaProject(t *testing.T) {
	for _, project := range []string{"", "acme-bill"} {
		server := gcptest.New(t)
		server.On(zonesPath, gcptest.JSON(`{}`))
		if _, err := got(t.Context(), New(Options{Endpoint: server.URL, QuotaProject: project})); err != nil {
			t.Fatal(err)
		}
		for _, c := range server.Calls() {
			if c.Header.Get("X-Goog-User-Project") != project || c.Authorized || c.Header.Get("User-Agent") != "muster" || c.Service != "dns.googleapis.com" {
				t.Errorf("%q: %+v", project, c.Header)
			}
		}
	}
}

// TestLargeAnswer holds that an answer that has no end is given up, and not tried again.
func TestLargeAnswer(t *testing.T) {
	s := New(Options{Endpoint: "http://127.0.0.1:1", NoBackoff: true})
	asked := 0
	s.network = tripper(func(*http.Request) (*http.Response, error) {
		asked++
		return &http.Response{StatusCode: 200, Header: http.Header{}, Body: http.NoBody}, nil
	})
	if _, err := got(t.Context(), s); err == nil || asked != 1 {
		t.Errorf("an empty answer is no document: %v after %d calls", err, asked)
	}
	asked = 0
	s.network = tripper(func(*http.Request) (*http.Response, error) {
		asked++
		return &http.Response{StatusCode: 200, Header: http.Header{}, Body: endless{}}, nil
	})
	if _, err := got(t.Context(), s); err == nil || !alike(err.Error(), "…"+tooLarge) || asked != 1 {
		t.Errorf("%v after %d calls", err, asked)
	}
}

// endless is a body without an end.
type endless struct{}

func (endless) Read(b []byte) (int, error) { return len(b), nil }
func (endless) Close() error               { return nil }
