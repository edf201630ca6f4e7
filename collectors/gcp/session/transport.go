package session

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/muster-audit/muster/collectors/tape"
)

// caller is the round tripper of the calls of a service on behalf of a root: it refuses what does not read, and tries again what may pass.
type caller struct {
	session       *Session
	ctx           context.Context // of requests that have none: see HTTP
	service, root string
}

// result is what came of an attempt. One that may be tried again holds an error, and how long the server asks to wait.
type result struct {
	response *http.Response
	err      error
	again    bool
	wait     time.Duration
}

// RoundTrip sends a request, at most as often as the session's attempts. What was refused each time is an error, not a response: the
// client libraries would else try it again themselves, without an end. The body of a response is whole, and in memory.
func (c *caller) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		defer func() { _ = r.Body.Close() }() // each attempt has its own
	}
	if err := c.session.admit(r, c.service); err != nil {
		return nil, err
	}
	if r.Context() == context.Background() {
		r = r.WithContext(c.ctx)
	}
	op := operationOf(r.URL.EscapedPath())
	for n := 1; ; n++ {
		got := c.attempt(r, op)
		if got.err == nil {
			return got.response, nil
		}
		err := fmt.Errorf("%s %s: %w", c.service, op, got.err)
		if !got.again || r.Context().Err() != nil {
			return nil, err
		}
		c.session.options.Log.Debug("call failed", "service", c.service, "operation", op, "root", c.root, "attempt", n, "error", got.err)
		if n == c.session.options.Attempts || !c.session.pause(r.Context(), n, got.wait) {
			return nil, tried(n, err)
		}
	}
}

func tried(times int, err error) error {
	if times == 1 {
		return err
	}
	return fmt.Errorf("%w (tried %d times)", err, times)
}

// attempt waits for its turn and sends a request once.
func (c *caller) attempt(r *http.Request, op string) result {
	s := c.session
	who, err := s.identity(r.Context())
	if err != nil {
		return result{err: err}
	}
	bucket := s.limits.Bucket(payerOf(who.quotaProject, c.root, c.service, op))
	if s.options.Play == nil && !s.options.NoBackoff {
		if err := bucket.Wait(r.Context()); err != nil {
			return result{err: err}
		}
	}
	ctx, cancel := context.WithTimeout(r.Context(), s.options.CallTimeout)
	defer cancel()
	token, err := who.token(ctx)
	if err != nil {
		return result{err: err, again: passing(err)}
	}
	countIn(r.Context(), c.service, op)
	out, err := fresh(ctx, r)
	if err != nil {
		return result{err: err}
	}
	resp, err := s.way(c, op, wire{session: s, service: c.service, who: who, token: token}).RoundTrip(out)
	if err != nil {
		return result{err: err, again: passing(err)}
	}
	got := judge(resp, s.options.Now)
	var told *refusal
	switch {
	case got.err == nil && resp.StatusCode < 300:
		bucket.Passed()
	case errors.As(got.err, &told) && told.throttles():
		bucket.Throttled()
	}
	return got
}

// fresh copies a request, with a body that was not read yet.
func fresh(ctx context.Context, r *http.Request) (*http.Request, error) {
	out := r.Clone(ctx)
	if r.Body == nil || r.Body == http.NoBody {
		return out, nil
	}
	if r.GetBody == nil {
		return nil, fmt.Errorf("send %s: its body cannot be read twice", r.URL.Path)
	}
	var err error
	out.Body, err = r.GetBody()
	return out, err
}

// judge says whether a response may be tried again.
func judge(resp *http.Response, now func() time.Time) result {
	if resp.StatusCode < 400 {
		return result{response: resp}
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return result{err: err, again: true}
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	told := answerOf(resp.StatusCode, resp.Header, body)
	if !told.passes() {
		return result{response: resp}
	}
	return result{err: &refusal{told}, again: true, wait: max(told.wait, retryAfter(resp.Header, now))}
}

// way is what a call goes over: the network, and a recording, or a recording alone.
func (s *Session) way(c *caller, op string, next http.RoundTripper) http.RoundTripper {
	space := func(*http.Request) tape.Call { return tape.Call{Folder: c.root + "/" + c.service, Name: op} }
	switch {
	case s.options.Record != nil:
		return s.options.Record.Transport(space, next)
	case s.options.Play != nil:
		return s.options.Play.Transport(space)
	}
	return next
}

// wire signs a request and sends it over the network. It stands behind the recording, which so never sees a token.
type wire struct {
	session *Session
	service string
	who     *identity
	token   string
}

// largestBody bounds an answer, as a recording does.
const largestBody = 64 << 20

// RoundTrip returns a response whose body is whole and in memory.
func (w wire) RoundTrip(r *http.Request) (*http.Response, error) {
	out := r.Clone(r.Context())
	out.Header.Set("User-Agent", "muster")
	if w.token != "" {
		out.Header.Set("Authorization", w.token)
	}
	if w.who.quotaProject != "" {
		out.Header.Set("X-Goog-User-Project", w.who.quotaProject)
	}
	if w.session.options.Endpoint != "" {
		out.Host = w.service // one server stands for all
	}
	resp, err := w.session.network.RoundTrip(out)
	if err != nil {
		return nil, err
	}
	body, err := readWhole(resp)
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

// Texts by which errors are known that another try does not mend, also in a replay, which keeps no more of them.
const (
	tooLarge = "the answer is larger than 64 MiB"
	webPage  = "the answer is a page in HTML, as a proxy gives it, and not Google's: see the network, and the proxy in HTTPS_PROXY"
)

func readWhole(resp *http.Response) ([]byte, error) {
	defer func() { _ = resp.Body.Close() }() // it was read
	body, err := io.ReadAll(io.LimitReader(resp.Body, largestBody+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read the answer: %w", err)
	case len(body) > largestBody:
		return nil, errors.New(tooLarge)
	case resp.StatusCode < 300 && isPage(resp.Header):
		return nil, errors.New(webPage)
	}
	return body, nil
}

func isPage(h http.Header) bool { return strings.HasPrefix(h.Get("Content-Type"), "text/html") }

// passing reports whether what kept a call from being answered may pass: all does but names that are not known, certificates that are
// not trusted, answers that are none, credentials that are not valid, and what a recording does not hold or cannot read.
func passing(err error) bool {
	var dns *net.DNSError
	var cred *credentialsError
	switch text := err.Error(); {
	case errors.As(err, &cred):
		return cred.passes()
	case errors.As(err, &dns) && dns.IsNotFound, errors.Is(err, context.Canceled), lacking(err):
		return false
	default:
		return !strings.Contains(text, tooLarge) && !strings.Contains(text, webPage) && !strings.Contains(text, "x509: ") &&
			!strings.Contains(text, "tls: ")
	}
}

// lacking reports whether it is the recording that fails, which says so in the way of another provider's clients. That of a call which
// took too long says it too, and is tried again as it was the first time.
func lacking(err error) bool {
	var final interface{ CanceledError() bool }
	return errors.As(err, &final) && final.CanceledError() && !errors.Is(err, context.DeadlineExceeded)
}
