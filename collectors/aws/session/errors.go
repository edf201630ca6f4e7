package session

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/inventory"
)

// Classify turns an error of a call into one that says why its scope could not be read, and what to do.
func Classify(err error) error {
	if err == nil {
		return nil
	}
	var already *collectors.Error
	if errors.As(err, &already) {
		return err
	}
	reason, _ := reasonOf(err)
	return &collectors.Error{Reason: reason, Err: Explain(err)}
}

// Explain adds to an error what to do about it.
func Explain(err error) error {
	_, remedy := reasonOf(err)
	err = Plain(err)
	if remedy != "" {
		return fmt.Errorf("%w: %s", err, remedy)
	}
	return err
}

// Plain says in plain words that there are no credentials, or that an answer was no answer of AWS, as a proxy's or an emulator's page in
// HTML, where the SDK tells at which letter its parser gave up.
func Plain(err error) error {
	var op *smithy.OperationError
	var answer *awshttp.ResponseError
	var done *plain
	if text := unsigned(err); text != "" && !errors.As(err, &done) {
		return &plain{text: text, err: err}
	}
	if errors.As(err, &done) || !errors.As(err, &op) || !errors.As(err, &answer) || answer.HTTPStatusCode() < 400 || described(err) {
		return err
	}
	return &plain{
		text: fmt.Sprintf("%s %s: HTTP status %d with no error code of AWS", op.ServiceID, op.OperationName, answer.HTTPStatusCode()), err: err,
	}
}

// described reports whether an error holds a code that its service gave.
func described(err error) bool {
	var api smithy.APIError
	return errors.As(err, &api) && api.ErrorCode() != "" && api.ErrorCode() != "UnknownError"
}

type plain struct {
	text string
	err  error
}

func (p *plain) Error() string { return p.text }
func (p *plain) Unwrap() error { return p.err }

// ReasonOf is the reason in what Classify returns.
func ReasonOf(err error) inventory.RunReason {
	var e *collectors.Error
	if errors.As(err, &e) {
		return e.Reason
	}
	reason, _ := reasonOf(err)
	return reason
}

func reasonOf(err error) (inventory.RunReason, string) {
	reason, remedy := inventory.ReasonNone, ""
	var api smithy.APIError
	if errors.As(err, &api) {
		reason, remedy = reasonOfCode(api.ErrorCode())
	}
	if in, what := entering(err, reason); what != "" {
		return in, what
	}
	if reason != inventory.ReasonNone {
		return reason, remedy
	}
	var dns *net.DNSError
	switch {
	case errors.Is(err, context.DeadlineExceeded), isTimeout(err):
		return inventory.ReasonTimeout, ""
	case errors.As(err, &dns) && dns.IsNotFound:
		return inventory.ReasonUnreachable, "the name of the service's endpoint is not known: see whether the region's name is right and the network is there"
	case errors.Is(err, syscall.ECONNREFUSED):
		return inventory.ReasonError, "nothing answers there: see the network, the proxy in HTTPS_PROXY, and AWS_ENDPOINT_URL if it is set"
	}
	return inventory.ReasonError, ""
}

// reasonOfCode sorts the error codes of AWS, which differ by service for one and the same thing.
func reasonOfCode(code string) (inventory.RunReason, string) {
	code, _, _ = strings.Cut(code, ":") // some JSON services append an URI
	switch code {
	case "OptInRequired", "SubscriptionRequiredException", "SubscriptionRequired", "UnrecognizedClientException",
		"InvalidClientTokenId", "AuthFailure", "NotSignedUp":
		return inventory.ReasonNotEnabled, "the service or region is not enabled for the account, or the credentials are not valid there"
	case "ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired":
		return inventory.ReasonExpired, "the credentials ended during the scan: take a role that lasts longer, or read fewer accounts in one scan"
	}
	if throttles(codeError(code)) {
		return inventory.ReasonThrottled, ""
	}
	for _, word := range []string{"AccessDenied", "UnauthorizedOperation", "Unauthorized", "Forbidden", "NotAuthorized", "AuthorizationError", "AccessDeniedException"} {
		if strings.Contains(code, word) {
			return inventory.ReasonDenied, "give the role the permissions that \"muster collectors --iam aws\" prints"
		}
	}
	return inventory.ReasonNone, ""
}

// codeError is an API error with a code and no more.
type codeError string

func (c codeError) Error() string                 { return string(c) }
func (c codeError) ErrorCode() string             { return string(c) }
func (c codeError) ErrorMessage() string          { return "" }
func (c codeError) ErrorFault() smithy.ErrorFault { return smithy.FaultUnknown }

// IsCode reports whether an API answered with one of these error codes, as for a thing that is gone.
func IsCode(err error, codes ...string) bool {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return false
	}
	for _, c := range codes {
		if api.ErrorCode() == c {
			return true
		}
	}
	return false
}

func isTimeout(err error) bool {
	var n net.Error
	return errors.As(err, &n) && n.Timeout()
}
