package post

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"syscall"
)

// unanswered says in words of its own why a request was not answered: errors of net/http hold the address, those of DNS and TLS the
// server's name, and those of a proxy may hold its password.
func unanswered(err error) *failure {
	var dns *net.DNSError
	var timeout net.Error
	var errno syscall.Errno
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return &failure{text: "the name of the server is not known: see the address and the network"}
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return &failure{text: "the server took too long: see the network, and the proxy in HTTPS_PROXY", again: true}
	case errors.Is(err, syscall.ECONNREFUSED):
		return &failure{text: "nothing answers there: see the address, the network, and the proxy in HTTPS_PROXY", again: true}
	case untrusted(err) != "":
		return &failure{text: untrusted(err)}
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return &failure{text: "the server hung up", again: true}
	case errors.As(err, &errno):
		return &failure{text: "the connection failed: " + errno.Error(), again: true}
	}
	return &failure{text: "the connection failed: see the address, the network, and the proxy in HTTPS_PROXY", again: true}
}

// untrusted says what is wrong with the server's certificate; empty if nothing is.
func untrusted(err error) string {
	var authority x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	var name x509.HostnameError
	var record tls.RecordHeaderError
	switch {
	case errors.As(err, &authority):
		return "the certificate of the server is signed by nobody known: name the certificates of a company's server or proxy in SSL_CERT_FILE"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "the certificate of the server has expired, or the clock of this machine is wrong"
	case errors.As(err, &invalid):
		return "the certificate of the server is not valid"
	case errors.As(err, &name):
		return "the certificate of the server is that of another: see the address"
	case errors.As(err, &record), errors.Is(err, http.ErrSchemeMismatch):
		return "the server does not speak TLS there: see the address"
	}
	return ""
}
