package remote

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"syscall"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/inventory"
)

// told is an error in plain words, whose cause is known.
type told struct {
	text  string
	cause error
}

func (t *told) Error() string { return t.text }
func (t *told) Unwrap() error { return t.cause }

// Failure makes the error of a scope.
func Failure(reason inventory.RunReason, format string, args ...any) *collectors.Error {
	return &collectors.Error{Reason: reason, Err: fmt.Errorf(format, args...)}
}

func failed(format string, args ...any) *collectors.Error {
	return Failure(inventory.ReasonError, format, args...)
}

// NotFound is the error of a location without anything at it. remedy says what to see to.
func NotFound(l Location, remedy string) *collectors.Error {
	return failed("nothing is at %q: %s: %w", l, remedy, ErrNotFound)
}

// Changed is the error of an object that was written between two readings.
func Changed(l Location) *collectors.Error {
	return &collectors.Error{
		Reason: inventory.ReasonError, Retry: true,
		Err: fmt.Errorf("%q %w: scan again when terraform is done", l, ErrChanged),
	}
}

// Cut is the error of an answer that ended before its end.
func Cut(l Location, err error) *collectors.Error {
	return &collectors.Error{
		Reason: inventory.ReasonUntrusted, Retry: true,
		Err: fmt.Errorf("%q ended in the middle while it was read: %w: scan again, and see the network and its proxies", l, bare(err)),
	}
}

// Explain says of an error in the course of which work it came, and keeps what a collectors.Error says of it.
func Explain(work string, err error) error {
	var e *collectors.Error
	if !errors.As(err, &e) {
		return failed("%s: %w", work, bare(err))
	}
	again := *e
	again.Err = fmt.Errorf("%s: %w", work, e.Err)
	return &again
}

// bare takes the address off an error of net/http: it may hold a signature that lets its bearer in.
func bare(err error) error {
	var u *url.Error
	for errors.As(err, &u) {
		err = u.Err
	}
	return err
}

// unsent is the error of a request that was not answered.
func unsent(l Location, err error) *collectors.Error {
	err = bare(err)
	var dns *net.DNSError
	var n net.Error
	var own *collectors.Error
	switch {
	case errors.As(err, &own):
		return own
	case errors.As(err, &dns) && dns.IsNotFound:
		return Failure(inventory.ReasonUnreachable, "read %q: the name of the server is not known: see the address and the network", l)
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &n) && n.Timeout():
		return Failure(inventory.ReasonTimeout, "read %q: the server took too long: see the network, and the proxy in HTTPS_PROXY", l)
	case errors.Is(err, syscall.ECONNREFUSED):
		return failed("read %q: nothing answers there: see the address, the network, and the proxy in HTTPS_PROXY", l)
	case untrusted(err):
		return failed("read %q: %w: name the certificates of a company's server or proxy in SSL_CERT_FILE", l, err)
	}
	return failed("read %q: %w", l, err)
}

// untrusted reports whether it is the certificate that is not accepted.
func untrusted(err error) bool {
	return strings.Contains(err.Error(), "x509: ") || strings.Contains(err.Error(), "tls: ")
}
