package session

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// ErrRefused says that a request does anything but read, and was not sent.
var ErrRefused = errors.New("refused before it was sent: muster only reads")

// permissionTest marks the context of a call that asks which permissions the caller holds, the only one that is no GET.
type permissionTest struct{}

const testVerb = ":testIamPermissions"

// admit refuses everything but reading descriptions of things: other methods than GET, also under the cover of a header that Google's
// servers take for the method, other hosts than the service's or the endpoint, and what hands out contents and secrets, but for
// ObjectRange.
func (s *Session) admit(r *http.Request, service string) error {
	switch {
	case !readsOnly(r):
	case !s.hostAllowed(r.URL, service):
	case handsOut(r.URL, service) && !readsObject(r, service):
	default:
		return nil
	}
	return fmt.Errorf("%s %s%s: %w", r.Method, r.URL.Host, r.URL.Path, ErrRefused)
}

func readsOnly(r *http.Request) bool {
	for _, name := range []string{"X-Http-Method-Override", "X-Http-Method", "X-Method-Override"} {
		if r.Header.Get(name) != "" {
			return false
		}
	}
	switch r.Method {
	case http.MethodGet:
		return r.Body == nil || r.Body == http.NoBody
	case http.MethodPost:
		return isTest(r.Context()) && strings.HasSuffix(r.URL.Path, testVerb)
	}
	return false
}

func isTest(ctx context.Context) bool { return ctx.Value(permissionTest{}) != nil }

// hostAllowed reports whether a call may go to a host: with an endpoint to no other, else to the service, which is Google's, encrypted.
func (s *Session) hostAllowed(u *url.URL, service string) bool {
	if s.options.Endpoint != "" {
		return u.Scheme+"://"+u.Host == s.options.Endpoint
	}
	return u.Scheme == "https" && u.Host == service && strings.HasSuffix(service, ".googleapis.com")
}

// contents are the GET requests that return what is kept in a thing, or its secrets, in the place of its description: versions of
// secrets, keys of APIs, what a machine wrote to its console, rows of tables and documents.
var contents = regexp.MustCompile(`/secrets/[^/]+/versions/[^/]+:access$|/keys/[^/]+/keyString$` +
	`|/instances/[^/]+/(serialPort|screenshot|getGuestAttributes)$` +
	`|^/bigquery/v2/projects/[^/]+/(datasets/[^/]+/tables/[^/]+/data|queries/.*)$|/databases/[^/]+/documents(/.*)?$`)

// handsOut recognises them, and objects of buckets, which have an API of their own below the root of the host.
func handsOut(u *url.URL, service string) bool {
	if service == storage && !strings.HasPrefix(u.Path, "/storage/v1/") {
		return true
	}
	return u.Query().Get("alt") == "media" || contents.MatchString(u.Path)
}
