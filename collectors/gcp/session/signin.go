package session

import (
	"errors"
	"io/fs"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"cloud.google.com/go/auth"
	"cloud.google.com/go/compute/metadata"

	"github.com/muster-audit/muster/inventory"
)

// credentialsError says that there are no credentials, or that no token could be got for them. It holds back what servers of tokens
// answer, but for the codes and texts of their errors.
type credentialsError struct{ err error }

func (e *credentialsError) Unwrap() error { return e.err }

// Error says in one line what is wrong.
func (e *credentialsError) Error() string {
	switch a, ok := e.answer(); {
	case e.none():
		return "no Google credentials were found"
	case ok:
		return "sign in to Google: " + a.text()
	}
	return "sign in to Google: " + oneLine(strings.TrimPrefix(strings.TrimPrefix(e.err.Error(), "credentials: "), "auth: cannot fetch token: "))
}

// none reports whether the library came to the end of its chain. Its error has no type.
func (e *credentialsError) none() bool {
	return strings.Contains(e.err.Error(), "could not find default credentials")
}

// said finds what a server of tokens answered in an error of the library, which has no type for each of its ways.
var said = regexp.MustCompile(`(?s)credentials: status code ([0-9]{3}): (.*)$`)

// answer is what the server of tokens said.
func (e *credentialsError) answer() (answer, bool) {
	var token *auth.Error
	if errors.As(e.err, &token) && token.Response != nil {
		return answerOf(token.Response.StatusCode, token.Response.Header, token.Body), true
	}
	m := said.FindStringSubmatch(e.err.Error())
	if m == nil {
		return answer{}, false
	}
	code, _ := strconv.Atoi(m[1]) // three digits
	return answerOf(code, http.Header{}, []byte(m[2])), true
}

// passes reports whether asking for a token again may help.
func (e *credentialsError) passes() bool {
	if a, ok := e.answer(); ok {
		return a.passes()
	}
	var network *net.OpError
	var dns *net.DNSError
	return errors.As(e.err, &network) && !errors.As(e.err, &dns)
}

// verdict says what to do; its reason is ReasonNone where the network tells more.
func (e *credentialsError) verdict() verdict {
	var absent metadata.NotDefinedError
	a, ok := e.answer()
	switch {
	case e.none():
		return denied(signInAgain + ", or name a file in GOOGLE_APPLICATION_CREDENTIALS, or give the machine a service account")
	case errors.Is(e.err, fs.ErrNotExist):
		return denied("GOOGLE_APPLICATION_CREDENTIALS names a file that is not there: correct it, or unset it and " + signInAgain)
	case errors.As(e.err, &absent):
		return denied("give the machine a service account, or name a file in GOOGLE_APPLICATION_CREDENTIALS")
	case !ok:
		return verdict{}
	case a.status == "invalid_grant":
		return invalidGrant(a)
	case a.passes():
		return verdict{reason: inventory.ReasonError, remedy: "the server of tokens is out of order: try again later"}
	case a.is("IAM_PERMISSION_DENIED"):
		return denied(a.permission() + "grant the role roles/iam.serviceAccountTokenCreator on the service account that is to be impersonated")
	case a.google && a.metadata != nil:
		return a.verdict()
	}
	return denied("Google does not take these credentials: see what GOOGLE_APPLICATION_CREDENTIALS names, or " + signInAgain)
}

// invalidGrant sorts what servers of tokens tell under one code: that a session is over, or that credentials are none of Google's.
func invalidGrant(a answer) verdict {
	switch {
	case a.is("invalid_rapt"), strings.Contains(a.message, "reauth"):
		return verdict{reason: inventory.ReasonExpired, remedy: "the session is over, as the organization wants it: " + signInAgain}
	case strings.Contains(a.message, "JWT"), strings.Contains(a.message, "account not found"):
		return denied("see whether the service account and its key are still there, and whether the clock of this machine is right")
	case strings.Contains(a.message, "deleted"), strings.Contains(a.message, "disabled"):
		return denied("see whether the account is still there and enabled")
	}
	return verdict{reason: inventory.ReasonExpired, remedy: signInAgain}
}
