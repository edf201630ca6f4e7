package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/inventory"
)

const (
	attempts     = 5
	firstPause   = time.Second
	longestPause = 32 * time.Second
	mostPatience = 2 * time.Minute  // that a server can ask for
	silence      = 60 * time.Second // after which a server is given up
	mostJumps    = 5
)

// network is the transport of all requests.
func network() http.RoundTripper {
	t, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return http.DefaultTransport
	}
	t = t.Clone()
	t.MaxIdleConnsPerHost = 32
	t.ResponseHeaderTimeout = silence
	return t
}

// client sends GET requests, and credentials to one origin alone.
type client struct {
	options Options
	origin  string              // "https://host:port" that may be given the credentials
	sign    func(*http.Request) // adds them; nil without any
}

// originOf is what two addresses have in common if the same server answers them.
func originOf(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"https": "443", "http": "80"}[u.Scheme]
	}
	return u.Scheme + "://" + strings.ToLower(u.Hostname()) + ":" + port
}

// RoundTrip sends one request, or refuses it. Each step of a redirect comes here, so that none carries what is for another server.
func (c *client) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method != http.MethodGet || r.Body != nil && r.Body != http.NoBody {
		return nil, failed("%s %s: refused before it was sent: muster only reads", r.Method, r.URL.Host)
	}
	out := r.Clone(r.Context())
	out.Header.Del("Authorization")
	out.Header.Del("Cookie")
	out.Header.Del("Referer") // it would tell the next server a query that may hold a signature
	out.Header.Set("User-Agent", "muster")
	if c.sign != nil && originOf(out.URL) == c.origin {
		c.sign(out)
	}
	return c.options.Transport.RoundTrip(out)
}

// jump says whether a redirect is followed: not from an encrypted address to an open one.
func jump(to *http.Request, via []*http.Request) error {
	if len(via) > mostJumps {
		return failed("%s sent muster from one address to the next %d times: see the address", via[0].URL.Host, mostJumps)
	}
	if via[len(via)-1].URL.Scheme == "https" && to.URL.Scheme != "https" {
		return failed("%s sent muster to an address that is not encrypted: name one that begins with https", via[0].URL.Host)
	}
	return nil
}

// get asks for an address, at most as often as attempts say, and returns an answer of any status but those that may pass. l is how errors
// call what is asked for. The body ends with an error where the server falls silent.
func (c *client) get(ctx context.Context, l Location, address string) (*http.Response, error) {
	for n := 1; ; n++ {
		resp, wait, err := c.once(ctx, l, address)
		if err == nil {
			return resp, nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if !err.Retry || n == attempts || wait > mostPatience {
			return nil, err
		}
		c.options.Log.Debug("request failed", "location", l.String(), "attempt", n, "error", err)
		if c.options.Sleep(ctx, max(wait, backoff(n))) != nil {
			return nil, ctx.Err()
		}
	}
}

// once makes an attempt. An error with Retry may pass.
func (c *client) once(ctx context.Context, l Location, address string) (*http.Response, time.Duration, *collectors.Error) {
	ctx, cancel := context.WithCancel(ctx)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		cancel()
		return nil, 0, failed("read %q: the address is not valid", l)
	}
	resp, err := (&http.Client{Transport: c, CheckRedirect: jump}).Do(r)
	if err != nil {
		cancel()
		e := unsent(l, err)
		e.Retry = passes(err)
		return nil, 0, e
	}
	if resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode >= 500 && resp.StatusCode != http.StatusNotImplemented {
		wait := retryAfter(resp.Header, c.options.Now)
		_ = resp.Body.Close() // it is not read
		cancel()
		return nil, wait, outOfOrder(l, resp.StatusCode)
	}
	resp.Body = watch(resp.Body, cancel)
	return resp, 0, nil
}

func outOfOrder(l Location, status int) *collectors.Error {
	if status == http.StatusTooManyRequests {
		return &collectors.Error{
			Reason: inventory.ReasonThrottled, Retry: true,
			Err: fmt.Errorf("read %q: HTTP status 429, too many requests (tried %d times): scan at another time, or fewer workspaces at once", l, attempts),
		}
	}
	return &collectors.Error{
		Reason: inventory.ReasonError, Retry: true,
		Err: fmt.Errorf("read %q: HTTP status %d (tried %d times): the server is out of order, scan again later", l, status, attempts),
	}
}

// passes reports whether another try may be answered.
func passes(err error) bool {
	var dns *net.DNSError
	var own *collectors.Error
	return !errors.As(err, &own) && !(errors.As(err, &dns) && dns.IsNotFound) && !untrusted(err)
}

// answer sorts the status of an answer that is no success.
func answer(l Location, status int, signed bool, remedy string) *collectors.Error {
	switch {
	case status == http.StatusUnauthorized && signed:
		return Failure(inventory.ReasonDenied, "read %q: HTTP status 401: the server does not take these credentials, or they have expired: %s", l, remedy)
	case status == http.StatusUnauthorized:
		return Failure(inventory.ReasonDenied, "read %q: HTTP status 401: the server wants credentials: %s", l, remedy)
	case status == http.StatusForbidden:
		return Failure(inventory.ReasonDenied, "read %q: HTTP status 403: these credentials may not read it: %s", l, remedy)
	}
	return failed("read %q: HTTP status %d, and no state: see the address", l, status)
}

// watched is a body whose server is given up when it falls silent.
type watched struct {
	io.ReadCloser
	cancel context.CancelFunc
	timer  *time.Timer
	silent atomic.Bool
}

func watch(body io.ReadCloser, cancel context.CancelFunc) *watched {
	w := &watched{ReadCloser: body, cancel: cancel}
	w.timer = time.AfterFunc(silence, func() {
		w.silent.Store(true)
		cancel()
	})
	w.timer.Stop()
	return w
}

func (w *watched) Read(p []byte) (int, error) {
	w.timer.Reset(silence)
	n, err := w.ReadCloser.Read(p)
	w.timer.Stop() // who reads may take their time
	if err != nil && w.silent.Load() {
		err = fmt.Errorf("the server sent nothing for %s", silence)
	}
	return n, err
}

func (w *watched) Close() error {
	w.timer.Stop()
	w.cancel()
	return w.ReadCloser.Close()
}

// backoff doubles from attempt to attempt. Half of it is chance, so that clients that failed together do not come back together.
func backoff(attempt int) time.Duration {
	d := min(longestPause, firstPause<<min(attempt-1, 6))
	return d/2 + rand.N(d/2)
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// retryAfter reads for how long an answer asks to wait.
func retryAfter(h http.Header, now func() time.Time) time.Duration {
	text := h.Get("Retry-After")
	if text == "" {
		text = h.Get("X-RateLimit-Reset") // of HCP Terraform: seconds, with a fraction
	}
	if seconds, err := strconv.ParseFloat(text, 64); err == nil && seconds >= 0 && seconds < 1e6 {
		return time.Duration(seconds * float64(time.Second))
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, at.Sub(now()))
	}
	return 0
}
