package post

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// planted stands in every place of an address that could leak.
const planted = "planted-secret"

// clock stands still, and counts what was slept.
type clock struct {
	pauses []time.Duration
	sleep  func(context.Context, time.Duration) error
}

// bench is a client, its clock and its log.
type bench struct {
	*Client
	clock
	log bytes.Buffer
}

func now() time.Time { return time.Date(2026, 3, 1, 6, 0, 0, 0, time.UTC) }

func newBench() *bench {
	b := &bench{}
	b.Client = &Client{
		Transport: http.DefaultTransport, Limits: DefaultLimits(), Now: now, UserAgent: "muster/test",
		Log: slog.New(slog.NewTextHandler(&b.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Sleep: func(ctx context.Context, d time.Duration) error {
			b.pauses = append(b.pauses, d)
			if b.sleep != nil {
				return b.sleep(ctx, d)
			}
			return ctx.Err()
		},
	}
	return b
}

func address(t *testing.T, text string) Address {
	t.Helper()
	a, err := ParseAddress(text)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// send sends "body" to a path of a server, and holds that nothing of the address is in the error or the log.
func (b *bench) send(ctx context.Context, t *testing.T, to Address) error {
	t.Helper()
	err := b.Send(ctx, Message{
		To: to, Name: "notify[0] (webhook)", Body: []byte("body"),
		Header: func(at time.Time) http.Header { return http.Header{"X-At": {at.Format(time.RFC3339)}} },
		Reason: func(answer []byte) string { return strings.ToUpper(string(answer)) },
	})
	for _, text := range []string{fmt.Sprint(err), fmt.Sprintf("%+v", err), b.log.String()} {
		if strings.Contains(text, planted) || strings.Contains(text, to.url.Host) || strings.Contains(text, to.url.Hostname()) {
			t.Errorf("tells the address: %s", text)
		}
	}
	return err
}

// server answers with one handler after the other, the last one for ever, and counts.
func server(t *testing.T, handlers ...http.HandlerFunc) (Address, *atomic.Int32) {
	t.Helper()
	var n atomic.Int32
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handlers[min(int(n.Add(1)), len(handlers))-1](w, r)
	}))
	t.Cleanup(s.Close)
	return address(t, s.URL+"/services/"+planted+"?token="+planted), &n
}

func status(code int, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(code)
	}
}

func hangUp(w http.ResponseWriter, _ *http.Request) {
	if c, _, err := http.NewResponseController(w).Hijack(); err == nil {
		_ = c.Close()
	}
}

func TestSent(t *testing.T) {
	var got, head string
	to, n := server(t, func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		got = r.Method + " " + r.URL.RequestURI() + " " + string(text)
		head = r.Header.Get("X-At") + " " + r.UserAgent()
		w.WriteHeader(http.StatusNoContent)
	})
	b := newBench()
	if err := b.send(t.Context(), t, to); err != nil {
		t.Fatal(err)
	}
	if want := "POST /services/" + planted + "?token=" + planted + " body"; got != want || n.Load() != 1 {
		t.Errorf("%d requests: %q, want %q", n.Load(), got, want)
	}
	if head != "2026-03-01T06:00:00Z muster/test" {
		t.Errorf("headers %q", head)
	}
}

func TestRetried(t *testing.T) {
	for name, first := range map[string]http.HandlerFunc{
		"429": status(429), "500": status(500), "503": status(503), "hung up": hangUp,
	} {
		t.Run(name, func(t *testing.T) {
			to, n := server(t, first, first, status(200))
			b := newBench()
			if err := b.send(t.Context(), t, to); err != nil {
				t.Fatal(err)
			}
			if n.Load() != 3 || len(b.pauses) != 2 {
				t.Fatalf("%d requests, pauses %v", n.Load(), b.pauses)
			}
			for i, p := range b.pauses {
				if whole := time.Second << i; p < whole/2 || p > whole {
					t.Errorf("pause %d is %v", i, p)
				}
			}
		})
	}
}

func TestEveryAttemptIsWhole(t *testing.T) {
	var bodies []string
	note := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			text, _ := io.ReadAll(r.Body)
			bodies = append(bodies, string(text))
			w.WriteHeader(code)
		}
	}
	to, _ := server(t, note(503), note(200))
	if err := newBench().send(t.Context(), t, to); err != nil || strings.Join(bodies, ",") != "body,body" {
		t.Errorf("%v, bodies %q", err, bodies)
	}
}

func TestGivenUp(t *testing.T) {
	for want, h := range map[string]http.HandlerFunc{
		"HTTP status 503: the server is out of order (tried 4 times)": status(503),
		"HTTP status 429: too many messages (tried 4 times)":          status(429, "Retry-After", "1"),
		"the server hung up (tried 4 times)":                          hangUp,
	} {
		to, n := server(t, h)
		if err := newBench().send(t.Context(), t, to); err == nil || err.Error() != want || n.Load() != 4 {
			t.Errorf("%d requests, error %v, want %s", n.Load(), err, want)
		}
	}
}

func TestRefusedAtOnce(t *testing.T) {
	for code, want := range map[int]string{
		400: "HTTP status 400: the server refuses the message: see the address (NO_TEXT)",
		401: "HTTP status 401: the server does not take messages from here: see the address and the secret (NO_TEXT)",
		404: "HTTP status 404: nothing takes messages there any more: see the address (NO_TEXT)",
		410: "HTTP status 410: nothing takes messages there any more: see the address (NO_TEXT)",
		413: "HTTP status 413: the message is too long for the server (NO_TEXT)",
		501: "HTTP status 501: the server refuses the message: see the address (NO_TEXT)",
	} {
		to, n := server(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(code)
			_, _ = io.WriteString(w, "no_text")
		})
		if err := newBench().send(t.Context(), t, to); err == nil || err.Error() != want || n.Load() != 1 {
			t.Errorf("%d requests, error %v, want %s", n.Load(), err, want)
		}
	}
}

// TestNoRedirect: what is sent goes to the address that the user named, and nowhere else.
func TestNoRedirect(t *testing.T) {
	other, reached := server(t, status(200))
	for _, code := range []int{301, 302, 303, 307, 308} {
		to, _ := server(t, status(code, "Location", other.url.String()))
		err := newBench().send(t.Context(), t, to)
		if err == nil || !strings.Contains(err.Error(), "which is not followed") || reached.Load() != 0 {
			t.Errorf("%d: error %v, the other was reached %d times", code, err, reached.Load())
		}
	}
}

func TestRetryAfter(t *testing.T) {
	for value, want := range map[string]time.Duration{
		"7": 7 * time.Second, "Sun, 01 Mar 2026 06:00:09 GMT": 9 * time.Second,
	} {
		to, _ := server(t, status(429, "Retry-After", value), status(200))
		b := newBench()
		if err := b.send(t.Context(), t, to); err != nil || len(b.pauses) != 1 || b.pauses[0] != want {
			t.Errorf("%s: error %v, pauses %v, want %v", value, err, b.pauses, want)
		}
	}
	for _, value := range []string{"-1", "soon", "1e300", "Sun, 01 Mar 2020 06:00:09 GMT"} {
		to, _ := server(t, status(503, "Retry-After", value), status(200))
		b := newBench()
		if err := b.send(t.Context(), t, to); err != nil || len(b.pauses) != 1 || b.pauses[0] > time.Second {
			t.Errorf("%s: error %v, pauses %v", value, err, b.pauses)
		}
	}
}

func TestServerAsksForTooMuchPatience(t *testing.T) {
	to, n := server(t, status(429, "Retry-After", "3600"))
	b := newBench()
	err := b.send(t.Context(), t, to)
	if err == nil || err.Error() != "HTTP status 429: too many messages: it asks to wait for 1h0m0s, which is too long" || n.Load() != 1 || len(b.pauses) > 0 {
		t.Errorf("%d requests, pauses %v, error %v", n.Load(), b.pauses, err)
	}
}

// TestSilentServer: an attempt ends when its time is over, and all of them when theirs is.
func TestSilentServer(t *testing.T) {
	silent := func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}
	to, n := server(t, silent)
	b := newBench()
	b.Limits.PerAttempt = 20 * time.Millisecond
	if err := b.send(t.Context(), t, to); err == nil || !strings.HasPrefix(err.Error(), "the server took too long: ") || n.Load() != 4 {
		t.Errorf("%d requests, error %v", n.Load(), err)
	}
	to, n = server(t, status(503))
	b = newBench()
	b.Limits.Total = 20 * time.Millisecond
	b.sleep = func(ctx context.Context, _ time.Duration) error {
		<-ctx.Done()
		return ctx.Err()
	}
	if err := b.send(t.Context(), t, to); err == nil || !strings.HasSuffix(err.Error(), "(tried for 20ms)") || n.Load() != 1 {
		t.Errorf("%d requests, error %v", n.Load(), err)
	}
}

func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	to, n := server(t, func(http.ResponseWriter, *http.Request) { cancel() })
	if err := newBench().send(ctx, t, to); !errors.Is(err, context.Canceled) && err != nil || n.Load() != 1 {
		t.Errorf("%d requests, error %v", n.Load(), err)
	}
	to, n = server(t, status(503))
	ctx, cancel = context.WithCancel(t.Context())
	b := newBench()
	b.sleep = func(context.Context, time.Duration) error { cancel(); return context.Canceled }
	if err := b.send(ctx, t, to); !errors.Is(err, context.Canceled) || n.Load() != 1 {
		t.Errorf("%d requests, error %v", n.Load(), err)
	}
}

func TestLongAnswer(t *testing.T) {
	var got int
	to, _ := server(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write(bytes.Repeat([]byte("x"), 1<<22))
	})
	b := newBench()
	err := b.Send(t.Context(), Message{
		To: to, Body: []byte("body"), Header: func(time.Time) http.Header { return http.Header{} },
		Reason: func(answer []byte) string { got = len(answer); return "" },
	})
	if err == nil || got != mostAnswer {
		t.Errorf("error %v, %d bytes read", err, got)
	}
}

func TestUnreachable(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := "http://" + l.Addr().String() + "/" + planted
	_ = l.Close()
	if err := newBench().send(t.Context(), t, address(t, closed)); err == nil || !strings.HasPrefix(err.Error(), "nothing answers there: ") {
		t.Errorf("error %v", err)
	}
}

func TestCertificate(t *testing.T) {
	s := httptest.NewUnstartedServer(status(200))
	s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	s.StartTLS()
	t.Cleanup(s.Close)
	to := address(t, s.URL+"/"+planted)
	if err := newBench().send(t.Context(), t, to); err == nil || !strings.Contains(err.Error(), "SSL_CERT_FILE") {
		t.Errorf("error %v", err)
	}
	b := newBench()
	b.Transport = s.Client().Transport
	if err := b.send(t.Context(), t, to); err != nil {
		t.Errorf("with its certificate: %v", err)
	}
	plain, _ := server(t, status(200))
	if err := newBench().send(t.Context(), t, address(t, strings.Replace(plain.url.String(), "http:", "https:", 1))); err == nil || !strings.Contains(err.Error(), "does not speak TLS") {
		t.Errorf("error %v", err)
	}
}

// TestErrorsTellNothing: whatever the libraries say, and they quote addresses, names and passwords, none of it is told.
func TestErrorsTellNothing(t *testing.T) {
	for want, cause := range map[string]error{
		"the name of the server is not known: see the address and the network":                              &net.DNSError{Name: planted, IsNotFound: true},
		"the server took too long: see the network, and the proxy in HTTPS_PROXY (tried 4 times)":           &net.DNSError{Name: planted, IsTimeout: true},
		"the connection failed: see the address, the network, and the proxy in HTTPS_PROXY (tried 4 times)": errors.New("invalid proxy address http://u:" + planted + "@h"),
		"the connection failed: connection reset by peer (tried 4 times)":                                   &net.OpError{Op: "read", Err: os.NewSyscallError(planted, syscall.ECONNRESET)},
		"the certificate of the server is not valid":                                                        &tls.CertificateVerificationError{Err: x509.CertificateInvalidError{Reason: x509.TooManyIntermediates, Detail: planted}},
	} {
		b := newBench()
		b.Transport = failing{&url.Error{Op: "Post", URL: planted, Err: cause}}
		if err := b.send(t.Context(), t, address(t, "https://"+planted+".example.com/"+planted)); err == nil || err.Error() != want {
			t.Errorf("%v: error %v, want %s", cause, err, want)
		}
	}
}

type failing struct{ err error }

func (f failing) RoundTrip(*http.Request) (*http.Response, error) { return nil, f.err }

func TestAddresses(t *testing.T) {
	for _, text := range []string{
		"https://hooks.example.com/services/T/B/x", " https://h/x\n", "http://localhost:8080/x", "http://127.0.0.1/x", "http://[::1]:9/x", "https://u:p@h/x?a=b",
	} {
		if _, err := ParseAddress(text); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, text := range []string{
		"", planted, "T0/B0/" + planted, "http://" + planted + "/x", "http://localhost." + planted + ".com/", "http://127.0.0.1." + planted + "/", "ftp://" + planted,
		"https:" + planted, "https:///" + planted, "https://h/\x7f" + planted, "https://%zz" + planted, "https://h/#" + planted, "//" + planted + "/x", "http://10.0.0.1/" + planted,
	} {
		if _, err := ParseAddress(text); err == nil || strings.Contains(err.Error(), planted) {
			t.Errorf("%q: error %v", text, err)
		}
	}
}

func TestAddressDoesNotPrint(t *testing.T) {
	a := address(t, "https://u:"+planted+"@h/"+planted)
	if !a.HasPassword() || a.Host() != "h" {
		t.Errorf("host %s", a.Host())
	}
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		for _, v := range []any{a, Message{To: a}} {
			if got := fmt.Sprintf(format, v); strings.Contains(got, planted) {
				t.Errorf("%s prints %s", format, got)
			}
		}
	}
}

func FuzzParseAddress(f *testing.F) {
	for _, s := range []string{"https://hooks.example.com/services/T/B/x", "http://localhost", "http://[::1%25]", "https://h:99999/", "http:////", "https://a@b@c/"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := ParseAddress(s)
		if err != nil {
			return
		}
		if a.url.Scheme != "https" && !loopback(a.url.Hostname()) || a.url.Hostname() == "" {
			t.Errorf("%q is taken", s)
		}
		if _, err := http.NewRequest(http.MethodPost, a.url.String(), nil); err != nil {
			t.Errorf("%q is taken, and no request can be made of it: %v", s, err)
		}
	})
}
