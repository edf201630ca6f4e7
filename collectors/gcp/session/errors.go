package session

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"

	"github.com/googleapis/gax-go/v2/apierror"
	"google.golang.org/api/googleapi"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/inventory"
)

// ErrScope says that an API wants an OAuth scope that a token which may only read does not have. Its reason is ReasonDenied.
var ErrScope = errors.New("the API takes no token that may only read")

// Classify turns an error of a call into a *collectors.Error that says why its scope could not be read, and what to do, in one line.
func Classify(err error) error {
	if err == nil {
		return nil
	}
	var already *collectors.Error
	if errors.As(err, &already) {
		return err
	}
	v := verdictOf(err)
	text := plain(err)
	if v.remedy != "" {
		text += ": " + v.remedy
	}
	causes := []error{err}
	if v.scope {
		causes = append(causes, ErrScope)
	}
	return &collectors.Error{Reason: v.reason, Err: &told{text: text, causes: causes}}
}

// told is an error in plain words.
type told struct {
	text   string
	causes []error
}

func (t *told) Error() string   { return t.text }
func (t *told) Unwrap() []error { return t.causes }

// ReasonOf is the reason in what Classify returns.
func ReasonOf(err error) inventory.RunReason {
	var e *collectors.Error
	switch {
	case err == nil:
		return inventory.ReasonNone
	case errors.As(err, &e):
		return e.Reason
	}
	return verdictOf(err).reason
}

// NotFound reports whether an API answered that there is no such thing. That it has no such method says nothing about things, nor does
// the answer of a server that is not Google's.
func NotFound(err error) bool {
	a, ok := answerIn(err)
	if !ok || !a.google || a.code != http.StatusNotFound && a.status != "NOT_FOUND" {
		return false
	}
	return a.message != "Method not found."
}

// answerIn finds in an error what an API answered.
func answerIn(err error) (answer, bool) {
	var own *refusal
	var rest *googleapi.Error
	var api *apierror.APIError
	switch {
	case errors.As(err, &own):
		return own.answer, true
	case errors.As(err, &rest):
		return answerOfHTTP(rest), true
	case errors.As(err, &api):
		return answerOfStatus(api), true
	}
	return answer{}, false
}

// plain says an error without what the client libraries add to it: the address of a request, and details over several lines.
func plain(err error) string {
	text := err.Error()
	var call *url.Error
	if errors.As(err, &call) {
		text = strings.Replace(text, call.Error(), call.Err.Error(), 1)
	}
	var own *refusal
	var rest *googleapi.Error
	var api *apierror.APIError
	switch {
	case errors.As(err, &own): // it is plain
	case errors.As(err, &api) && strings.Contains(text, api.Error()):
		a, _ := answerIn(err)
		text = strings.Replace(text, api.Error(), a.text(), 1)
	case errors.As(err, &rest):
		text = strings.Replace(text, rest.Error(), answerOfHTTP(rest).text(), 1)
	}
	return oneLine(text)
}

// verdict is why a call failed and what to do.
type verdict struct {
	reason inventory.RunReason
	remedy string
	scope  bool // it is ErrScope
}

func verdictOf(err error) verdict {
	var cred *credentialsError
	if errors.As(err, &cred) {
		if v := cred.verdict(); v.reason != inventory.ReasonNone {
			return v
		}
	} else if a, ok := answerIn(err); ok {
		return a.verdict()
	}
	var n net.Error
	var dns *net.DNSError
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &n) && n.Timeout():
		return verdict{reason: inventory.ReasonTimeout}
	case errors.As(err, &dns) && dns.IsNotFound:
		return verdict{
			reason: inventory.ReasonUnreachable, remedy: "the name is not known: see whether the network is there, and whether the service has such a region",
		}
	case errors.Is(err, syscall.ECONNREFUSED):
		return verdict{reason: inventory.ReasonError, remedy: "nothing answers there: see the network, and the proxy in HTTPS_PROXY"}
	case strings.Contains(err.Error(), "x509: "):
		return verdict{
			reason: inventory.ReasonError,
			remedy: "name the certificates of a company's proxy in SSL_CERT_FILE, if there is one between here and Google",
		}
	case cred != nil:
		return verdict{reason: inventory.ReasonDenied, remedy: `see what GOOGLE_APPLICATION_CREDENTIALS names, or ` + signInAgain}
	}
	return verdict{reason: inventory.ReasonError}
}
