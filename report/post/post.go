// Package post sends a message to an address over HTTP: the one place of the program that sends anything of its own to anybody, and only
// to addresses that its user named. It follows no redirect, and needs TLS unless the server is this machine.
//
// An address may be a secret, as that of an incoming webhook is: whoever has it can post. So no error and no line of the log holds an
// address, any part of it, or what a server answered.
package post

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

// Limits bound the patience with a server.
type Limits struct {
	Attempts   int
	PerAttempt time.Duration
	Total      time.Duration // of all attempts and the pauses between them
	FirstPause time.Duration // it doubles from attempt to attempt
}

// DefaultLimits are those of a run that people wait for.
func DefaultLimits() Limits {
	return Limits{Attempts: 4, PerAttempt: 20 * time.Second, Total: 90 * time.Second, FirstPause: time.Second}
}

// Client sends messages. It is used by several goroutines.
type Client struct {
	Transport http.RoundTripper
	Limits    Limits
	Now       func() time.Time
	Sleep     func(context.Context, time.Duration) error
	Log       *slog.Logger
	UserAgent string
}

// New returns a client that goes through the proxy of the environment (HTTPS_PROXY, NO_PROXY).
func New(log *slog.Logger, userAgent string) *Client {
	return &Client{Transport: http.DefaultTransport, Limits: DefaultLimits(), Now: time.Now, Sleep: sleep, Log: log, UserAgent: userAgent}
}

// Message is what is sent.
type Message struct {
	To Address
	// Name stands for the address in the log.
	Name string
	Body []byte
	// Header returns the headers of an attempt at a time, since a signature holds for minutes.
	Header func(at time.Time) http.Header
	// Reason makes of the beginning of a refusal what may be told of it; nil tells nothing.
	Reason func(answer []byte) string
}

// failure is why an attempt failed.
type failure struct {
	text  string
	again bool          // another try may help
	wait  time.Duration // that the server asks for
}

// Send sends a message until the server takes it: at most as often, and as long, as the limits say. An error that may pass is one of the
// network, a server out of order (5xx) or that asks for patience (429). An error of ctx comes back as it is.
func (c *Client) Send(ctx context.Context, m Message) error {
	within, cancel := context.WithTimeout(ctx, c.Limits.Total)
	defer cancel()
	for n := 1; ; n++ {
		f := c.attempt(within, &m)
		switch {
		case f == nil:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case !f.again:
			return errors.New(f.text)
		case n == c.Limits.Attempts:
			return fmt.Errorf("%s (tried %d times)", f.text, n)
		}
		pause := max(f.wait, c.pause(n))
		if end, _ := within.Deadline(); f.wait > 0 && time.Now().Add(pause).After(end) {
			return fmt.Errorf("%s: it asks to wait for %s, which is too long", f.text, f.wait.Round(time.Second))
		}
		c.Log.Debug("notification not taken", "target", m.Name, "attempt", n, "error", f.text, "pause", pause)
		if c.Sleep(within, pause) != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return fmt.Errorf("%s (tried for %s)", f.text, c.Limits.Total)
		}
	}
}

// pause doubles from attempt to attempt. Half of it is chance, so that machines that failed together do not come back together.
func (c *Client) pause(attempt int) time.Duration {
	half := c.Limits.FirstPause << min(attempt-1, 8) / 2
	return half + rand.N(half+1)
}

func (c *Client) attempt(ctx context.Context, m *Message) *failure {
	ctx, cancel := context.WithTimeout(ctx, c.Limits.PerAttempt)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, m.To.url.String(), bytes.NewReader(m.Body))
	if err != nil {
		return &failure{text: "the address is not valid"}
	}
	r.Header = m.Header(c.Now())
	r.Header.Set("User-Agent", c.UserAgent)
	resp, err := (&http.Client{Transport: c.Transport, CheckRedirect: stay}).Do(r)
	if err != nil {
		return unanswered(err)
	}
	defer resp.Body.Close()
	return c.judge(resp, m)
}

// stay follows no redirect: the next address is not one that the user named.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// mostAnswer is how much of an answer is read.
const mostAnswer = 512

func (c *Client) judge(resp *http.Response, m *Message) *failure {
	answer, _ := io.ReadAll(io.LimitReader(resp.Body, mostAnswer)) // the status says enough
	status := resp.StatusCode
	switch {
	case status >= 200 && status < 300:
		return nil
	case status == http.StatusTooManyRequests:
		return &failure{text: "HTTP status 429: too many messages", again: true, wait: retryAfter(resp.Header, c.Now)}
	case status >= 500 && status != http.StatusNotImplemented:
		return &failure{text: fmt.Sprintf("HTTP status %d: the server is out of order", status), again: true, wait: retryAfter(resp.Header, c.Now)}
	}
	f := &failure{text: fmt.Sprintf("HTTP status %d: %s", status, remedy(status))}
	if m.Reason != nil {
		if reason := m.Reason(answer); reason != "" {
			f.text += " (" + reason + ")"
		}
	}
	return f
}

func remedy(status int) string {
	switch {
	case status >= 300 && status < 400:
		return "the server sends on to another address, which is not followed: name that one if it is right"
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return "the server does not take messages from here: see the address and the secret"
	case status == http.StatusNotFound, status == http.StatusGone:
		return "nothing takes messages there any more: see the address"
	case status == http.StatusRequestEntityTooLarge:
		return "the message is too long for the server"
	}
	return "the server refuses the message: see the address"
}

// retryAfter reads for how long an answer asks to wait.
func retryAfter(h http.Header, now func() time.Time) time.Duration {
	text := h.Get("Retry-After")
	if seconds, err := strconv.ParseFloat(text, 64); err == nil && seconds >= 0 && seconds < 1e6 {
		return time.Duration(seconds * float64(time.Second))
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, at.Sub(now()))
	}
	return 0
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
