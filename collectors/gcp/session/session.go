// Package session opens the doors of Google Cloud for the collector: application default credentials that may only read, and one way
// for all calls, which refuses what does not read, keeps to the published quotas, tries again what may pass, counts, and can be
// recorded and replayed.
package session

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"google.golang.org/api/option"

	"github.com/muster-audit/muster/collectors/pace"
	"github.com/muster-audit/muster/collectors/tape"
)

// Options say how a Session reaches Google.
type Options struct {
	// Endpoint is a server on loopback that stands for every API: "http://127.0.0.1:8080". No credentials are looked for then. Empty is
	// Google.
	Endpoint string
	// QuotaProject is the project whose quota is used and which is billed; empty is that of the credentials.
	QuotaProject string
	// Attempts bounds the attempts at one call, the first one counted; 0 means DefaultAttempts.
	Attempts int
	// CallTimeout bounds one attempt at one call; 0 means DefaultCallTimeout.
	CallTimeout time.Duration
	// NoBackoff tries again at once and waits for no turn; for tests.
	NoBackoff bool
	// Record keeps every answer, Play answers in the place of Google: no credentials are looked for then, and the network is not
	// asked. At most one of them is set.
	Record *tape.Recorder
	Play   *tape.Player
	// Now tells the time, to which a server may ask to wait; nil is time.Now.
	Now func() time.Time
	// Log is told of attempts that failed, never of what was answered; nil discards.
	Log *slog.Logger
}

// Defaults.
const (
	DefaultAttempts    = 5
	DefaultCallTimeout = 60 * time.Second
)

// Session makes clients. It is safe for concurrent use.
type Session struct {
	options Options
	network http.RoundTripper // of all clients: they share its connections
	limits  *pace.Buckets[payer]
	sleep   func(context.Context, time.Duration) error

	signing sync.Mutex
	signed  *identity // whose credentials these are, once they could be read
	whose   *string   // what Caller said
}

// New returns a session. It calls nobody.
func New(o Options) *Session {
	if o.Attempts <= 0 {
		o.Attempts = DefaultAttempts
	}
	if o.CallTimeout <= 0 {
		o.CallTimeout = DefaultCallTimeout
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.Endpoint = strings.TrimRight(o.Endpoint, "/")
	return &Session{options: o, network: network(), limits: pace.New(quotaOf), sleep: sleep}
}

// network is the transport of all clients. A server that takes a connection and never answers is given up by the time limit of the call.
func network() http.RoundTripper {
	t, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return http.DefaultTransport
	}
	t = t.Clone()
	t.MaxIdleConnsPerHost = 32
	return t
}

// CheckEndpoint says what is wrong with a value of Options.Endpoint.
func CheckEndpoint(endpoint string) error {
	if endpoint == "" {
		return nil
	}
	u, err := url.Parse(endpoint)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.User != nil:
		return fmt.Errorf(`endpoint %q: it wants a scheme, a host and a port, as "http://127.0.0.1:8080"`, endpoint)
	case u.Hostname() != "localhost" && !net.ParseIP(u.Hostname()).IsLoopback():
		return fmt.Errorf("endpoint %q: only a server on this machine can stand for Google: name one on 127.0.0.1, or leave it out", endpoint)
	}
	return nil
}

// HTTP returns the client for calls of a service ("storage.googleapis.com") on behalf of a root ("projects/acme-prod",
// "organizations/1"). It sends GET requests and no others, to the addresses that URL gives. It calls nobody: a token is asked for when a
// first call needs it. An error says that there are no credentials, or that the endpoint is none.
//
// A client is for one scope: its context ends, and counts, the calls of the client libraries' methods that page, which send their
// requests without the context that they were given. All other requests go by their own.
func (s *Session) HTTP(ctx context.Context, service, root string) (*http.Client, error) {
	if err := CheckEndpoint(s.options.Endpoint); err != nil {
		return nil, err
	}
	if _, err := s.identity(ctx); err != nil {
		return nil, err
	}
	return &http.Client{Transport: &caller{session: s, ctx: ctx, service: service, root: root}, CheckRedirect: stay}, nil
}

// stay refuses to be sent elsewhere: what a call asks of one service, and whose token it brings, is for no other.
func stay(to *http.Request, via []*http.Request) error {
	from := via[len(via)-1]
	if to.URL.Host != from.URL.Host || to.URL.Scheme != from.URL.Scheme || len(via) >= 3 {
		return fmt.Errorf("%s answered with an address elsewhere, %s://%s: %w", from.URL.Host, to.URL.Scheme, to.URL.Host, ErrRefused)
	}
	return nil
}

// ClientOptions returns what Google's client libraries take to make a REST client of a service ("compute.googleapis.com") that goes
// through HTTP. The libraries themselves neither sign in nor log, and with a client that is given to them they measure nothing.
func (s *Session) ClientOptions(ctx context.Context, service, root string) ([]option.ClientOption, error) {
	client, err := s.HTTP(ctx, service, root)
	if err != nil {
		return nil, err
	}
	return []option.ClientOption{
		option.WithHTTPClient(client), option.WithEndpoint(s.URL(service, "")),
		option.WithLogger(slog.New(slog.DiscardHandler)), // by their environment they would log whole answers
	}, nil
}

// URL returns where a REST path of a service is: URL("storage.googleapis.com", "/storage/v1/b") is
// "https://storage.googleapis.com/storage/v1/b", or the path below Options.Endpoint.
func (s *Session) URL(service, path string) string {
	if s.options.Endpoint != "" {
		return s.options.Endpoint + path
	}
	return "https://" + service + path
}
