package remote_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/muster-audit/muster/collectors/remote"
	"github.com/muster-audit/muster/inventory"
)

const secret = "hunter2-token-value"

// site is a server of which every request is kept.
type site struct {
	*httptest.Server
	mu   sync.Mutex
	seen []*http.Request
}

func serve(t *testing.T, answer http.HandlerFunc) *site {
	t.Helper()
	s := &site{}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.seen = append(s.seen, r)
		s.mu.Unlock()
		answer(w, r)
	}))
	s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

func (s *site) host() string { return strings.TrimPrefix(s.URL, "https://") }

// requests counts them, and holds that all are GET without a body.
func (s *site) requests(t *testing.T) []*http.Request {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.seen {
		if r.Method != http.MethodGet || r.ContentLength != 0 {
			t.Errorf("a request is %s with %d bytes", r.Method, r.ContentLength)
		}
	}
	return s.seen
}

// clock counts the pauses instead of making them.
type clock struct{ pauses []time.Duration }

// client are the stores of a user with an environment, and the log that they write.
func client(t *testing.T, env map[string]string, trusted ...string) (*remote.Stores, *clock, *bytes.Buffer) {
	t.Helper()
	var log bytes.Buffer
	c := &clock{}
	return remote.NewStores(remote.Options{
		Getenv: func(name string) string { return env[name] }, Home: t.TempDir(), Trusted: trusted,
		Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true}, //nolint:gosec // a server of the test
		Now:       func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) },
		Sleep: func(ctx context.Context, d time.Duration) error {
			c.pauses = append(c.pauses, d)
			return ctx.Err()
		},
		Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}, remote.Own()...), c, &log
}

// one reads the only scope of a pattern, and holds that the secret is told nowhere.
func one(t *testing.T, s *remote.Stores, log *bytes.Buffer, pattern string) (string, error) {
	t.Helper()
	list := scopes(t, s, pattern)
	if len(list) != 1 {
		t.Fatalf("%s: %q", pattern, ids(list))
	}
	text, err := read(t, s, list[0])
	if told := fmt.Sprint(err, list, log); strings.Contains(told, secret) || strings.Contains(told, "c2lnbmVk") {
		t.Errorf("%s: a secret is told: %s", pattern, told)
	}
	return text, err
}

func passwords() map[string]string {
	return map[string]string{"TF_HTTP_USERNAME": "ana", "TF_HTTP_PASSWORD": secret}
}

func TestHTTPBackend(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if user, password, ok := r.BasicAuth(); !ok || user != "ana" || password != secret {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.Header().Set("Last-Modified", "Fri, 02 Jan 2026 03:04:05 GMT")
		_, _ = io.WriteString(w, r.URL.EscapedPath()+"?"+r.URL.RawQuery)
	})
	stores, _, log := client(t, passwords(), s.URL)
	if text, err := one(t, stores, log, s.URL+"/api/v4/projects/a%2Fb/terraform/state/x?y=1"); err != nil || text != "/api/v4/projects/a%2Fb/terraform/state/x?y=1" {
		t.Errorf("%q, %v", text, err)
	}
	f, err := stores.File(scopes(t, stores, s.URL+"/x")[0])
	if err != nil {
		t.Fatal(err)
	}
	r, err := f.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if !r.ModTime.Equal(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)) {
		t.Errorf("modified %v", r.ModTime)
	}
	_ = s.requests(t)

	stores, _, log = client(t, passwords()) // as an address that was found in code
	_, err = one(t, stores, log, s.URL+"/x")
	want(t, "found in code", err, inventory.ReasonDenied, "not sent to an address that was found in code", nil)
	stores, _, log = client(t, nil)
	_, err = one(t, stores, log, s.URL+"/x")
	want(t, "no credentials", err, inventory.ReasonDenied, "set TF_HTTP_USERNAME", nil)
	stores, _, log = client(t, map[string]string{"TF_HTTP_USERNAME": "ana", "TF_HTTP_PASSWORD": secret + "-wrong"}, s.URL)
	_, err = one(t, stores, log, s.URL+"/x")
	want(t, "wrong credentials", err, inventory.ReasonDenied, "does not take these credentials", nil)
}

// TestHTTPAnswers holds what each answer of a server means.
func TestHTTPAnswers(t *testing.T) {
	for name, tt := range map[string]struct {
		answer   http.HandlerFunc
		reason   inventory.RunReason
		text     string
		cause    error
		skip     bool
		requests int
	}{
		"204":       {status(204), inventory.ReasonError, "holds no state yet", remote.ErrNoState, true, 1},
		"empty 200": {status(200), inventory.ReasonError, "holds no state yet", remote.ErrNoState, true, 1},
		"404":       {status(404), inventory.ReasonError, "see the address", remote.ErrNotFound, false, 1},
		"403":       {status(403), inventory.ReasonDenied, "HTTP status 403", nil, false, 1},
		"400":       {status(400), inventory.ReasonError, "HTTP status 400", nil, false, 1},
		"500":       {status(500), inventory.ReasonError, "HTTP status 500 (tried 5 times)", nil, false, 5},
		"429":       {status(429), inventory.ReasonThrottled, "HTTP status 429", nil, false, 5},
		"patience": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "100000")
			w.WriteHeader(429)
		}, inventory.ReasonThrottled, "HTTP status 429", nil, false, 1},
		"page": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = io.WriteString(w, "<html>log in")
		}, inventory.ReasonUntrusted, "a page in HTML", nil, false, 1},
		"cut": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, "{")
		}, inventory.ReasonUntrusted, "ended in the middle", nil, false, 1},
		"circle": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/x", http.StatusFound)
		}, inventory.ReasonError, "from one address to the next", nil, false, 6},
		"open": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.1:1/c2lnbmVk", http.StatusFound)
		}, inventory.ReasonError, "not encrypted", nil, false, 1},
	} {
		s := serve(t, tt.answer)
		stores, clock, log := client(t, passwords(), s.URL)
		_, err := one(t, stores, log, s.URL+"/x")
		if e := want(t, name, err, tt.reason, tt.text, tt.cause); e.Skip != tt.skip {
			t.Errorf("%s: skipped %v", name, e.Skip)
		}
		if got := len(s.requests(t)); got != tt.requests || tt.requests == 5 && len(clock.pauses) != 4 {
			t.Errorf("%s: %d requests, pauses %v", name, got, clock.pauses)
		}
	}
	stores, _, log := client(t, nil)
	_, err := one(t, stores, log, "https://127.0.0.1:1/x")
	want(t, "refused", err, inventory.ReasonError, "nothing answers there", nil)
	_, err = one(t, stores, log, "https://muster.invalid/x")
	want(t, "no name", err, inventory.ReasonUnreachable, "the name of the server is not known", nil)
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

// TestRetries holds that what passes is waited for, as long as the server asks.
func TestRetries(t *testing.T) {
	n := 0
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		if n++; n == 1 {
			w.Header().Set("Retry-After", "7")
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		if n == 2 {
			panic(http.ErrAbortHandler) // the connection ends
		}
		_, _ = io.WriteString(w, "state")
	})
	stores, clock, log := client(t, nil)
	text, err := one(t, stores, log, s.URL+"/x")
	if err != nil || text != "state" || len(clock.pauses) != 2 || clock.pauses[0] != 7*time.Second || clock.pauses[1] > 2*time.Second {
		t.Errorf("%q, %v, pauses %v", text, err, clock.pauses)
	}
}

// TestHTTPChanged holds that a server's entity tag tells contents apart, and a server without one is read all the same.
func TestHTTPChanged(t *testing.T) {
	for _, tag := range []string{`"1"`, `W/"1"`, ""} {
		n := 0
		s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			if n++; n == 3 {
				w.WriteHeader(http.StatusNotFound)
				return
			}
			w.Header().Set("ETag", strings.ReplaceAll(tag, "1", fmt.Sprint(n)))
			_, _ = io.WriteString(w, "state "+fmt.Sprint(n))
		})
		stores, _, _ := client(t, nil)
		f, err := stores.File(scopes(t, stores, s.URL+"/x")[0])
		if err != nil {
			t.Fatal(err)
		}
		if text, err := readFile(t, f); text != "state 1" || err != nil {
			t.Errorf("%q, %v", text, err)
		}
		text, err := readFile(t, f)
		want(t, "second with "+tag, err, inventory.ReasonError, "was written while it was read", remote.ErrChanged)
		if text != "" {
			t.Errorf("other contents were handed out: %q", text)
		}
	}
}

// TestTokensStayHome holds that credentials go to the server that they are for, and that no other is told where a redirect came from.
func TestTokensStayHome(t *testing.T) {
	other := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "state") })
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL+"/y?signature=c2lnbmVk", http.StatusTemporaryRedirect)
	})
	stores, _, log := client(t, passwords(), s.URL)
	if text, err := one(t, stores, log, s.URL+"/x?ref=main"); text != "state" || err != nil {
		t.Errorf("%q, %v", text, err)
	}
	if got := s.requests(t); len(got) != 1 || got[0].Header.Get("Authorization") == "" {
		t.Error("the server itself is not given the credentials")
	}
	for _, r := range other.requests(t) {
		if r.Header.Get("Authorization") != "" || r.Header.Get("Referer") != "" || r.Header.Get("Cookie") != "" {
			t.Errorf("another server is given %v", r.Header)
		}
	}
	if len(other.requests(t)) != 1 {
		t.Error("the redirect was not followed")
	}
}

// TestOpenAddress holds that no password goes over a line that is not encrypted, but on this machine.
func TestOpenAddress(t *testing.T) {
	var header string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header = r.Header.Get("Authorization")
		w.WriteHeader(http.StatusUnauthorized)
	}))
	defer s.Close()
	stores, _, log := client(t, passwords(), s.URL)
	if _, err := one(t, stores, log, s.URL+"/x"); err == nil || header == "" {
		t.Errorf("this machine: header %q, %v", header, err)
	}
	tripper := tripper(func(r *http.Request) (*http.Response, error) {
		header = r.Header.Get("Authorization")
		return &http.Response{StatusCode: 401, Body: http.NoBody, Request: r}, nil
	})
	stores = remote.NewStores(remote.Options{Getenv: func(n string) string { return passwords()[n] }, Trusted: []string{"http://state.example"}, Transport: tripper}, remote.Own()...)
	_, err := one(t, stores, log, "http://state.example/x")
	want(t, "open", err, inventory.ReasonDenied, "are not sent unencrypted", nil)
	if header != "" {
		t.Error("a password was sent in the open")
	}
}

type tripper func(*http.Request) (*http.Response, error)

func (f tripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
