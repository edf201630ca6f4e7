package session

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/googleapis/gax-go/v2/apierror"
	"google.golang.org/api/googleapi"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/gcp/gcptest"
	"github.com/muster-audit/muster/inventory"
)

// TestRefusals holds that whatever Google answers, each way of calling tells why and what to do, in one line.
func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer gcptest.Answer
		reason inventory.RunReason
		want   string // "…" stands for anything
		calls  int
	}{
		{
			"API off", gcptest.Disabled("run.googleapis.com", "acme-prod"), inventory.ReasonNotEnabled,
			`…PERMISSION_DENIED: The API run.googleapis.com has not been used …: run "gcloud services enable run.googleapis.com --project acme-prod" if it is to be read`, 1,
		},
		{
			"API off, as older APIs say", gcptest.DisabledLegacy("run.googleapis.com", "acme-prod"), inventory.ReasonNotEnabled,
			`…HTTP status 403: …: enable the API in the project acme-prod if it is to be read`, 1,
		},
		{
			"no quota project", gcptest.NoQuotaProject("cloudasset.googleapis.com"), inventory.ReasonError,
			`…requires a quota project, …: set quota_project to a project where that API is enabled, or run "gcloud auth application-default set-quota-project"`, 1,
		},
		{
			"denied", gcptest.Denied("compute.instances.list", root), inventory.ReasonDenied,
			`…: the permission compute.instances.list on projects/acme-prod is missing, grant what "muster collectors --iam gcp" prints`, 1,
		},
		{
			"denied, as older APIs say", gcptest.DeniedLegacy("compute.instances.list", root), inventory.ReasonDenied,
			`…Required 'compute.instances.list' permission for 'projects/acme-prod': grant what "muster collectors --iam gcp" prints`, 1,
		},
		{
			"denied without a reason", gcptest.Failure{Code: 403, Status: "PERMISSION_DENIED", Message: "no"}.Answer(), inventory.ReasonDenied,
			`…PERMISSION_DENIED: no: grant what …`, 1,
		},
		{
			"too many", gcptest.RateLimited("compute.googleapis.com", "acme-prod"), inventory.ReasonThrottled,
			`…RESOURCE_EXHAUSTED: … (tried 5 times): the quota ReadRequestsPerMinutePerProject of projects/acme-prod was used up`, 5,
		},
		{"too many, as older APIs say", gcptest.RateLimitedLegacy("rateLimitExceeded"), inventory.ReasonThrottled, "…Rate Limit Exceeded (tried 5 times)", 5},
		{"too many of a user", gcptest.RateLimitedLegacy("userRateLimitExceeded"), inventory.ReasonThrottled, "…", 5},
		{"quota used up", gcptest.RateLimitedLegacy("quotaExceeded"), inventory.ReasonThrottled, "…", 5},
		{
			"narrow scope", gcptest.NarrowScope("sqladmin.googleapis.com"), inventory.ReasonDenied,
			"…Request had insufficient authentication scopes.: take credentials whose tokens may also write, …", 1,
		},
		{
			"narrow scope, as older APIs say",
			gcptest.Failure{Code: 403, Legacy: "insufficientPermissions", Message: "Request had insufficient authentication scopes."}.Answer(),
			inventory.ReasonDenied, "…: take credentials whose tokens may also write, …", 1,
		},
		{
			"narrow role, as older APIs say", gcptest.Failure{Code: 403, Legacy: "insufficientPermissions", Message: "Insufficient Permission"}.Answer(),
			inventory.ReasonDenied, "…: grant what …", 1,
		},
		{"no billing", gcptest.Unbilled("acme-prod"), inventory.ReasonDenied, "…: link a billing account to the project: …", 1},
		{"consumer gone", gcptest.ConsumerInvalid("acme-prod"), inventory.ReasonDenied, "…: the project that the call is charged to is not there, …", 1},
		{"consumer suspended", gcptest.ConsumerSuspended("acme-prod"), inventory.ReasonDenied, "…: the project that the call is charged to is suspended: …", 1},
		{"quota project denied", gcptest.QuotaProjectDenied("acme-bill"), inventory.ReasonDenied, "…: grant the role roles/serviceusage.serviceUsageConsumer …", 1},
		{"perimeter", gcptest.Perimeter(), inventory.ReasonDenied, "…: a perimeter of VPC Service Controls keeps this caller out: …", 1},
		{
			"token over", gcptest.Unauthenticated(), inventory.ReasonExpired,
			`…: the credentials ended or were revoked: run "gcloud auth application-default login", …`, 1,
		},
		{"no token", gcptest.NoCredentials(), inventory.ReasonDenied, "…Login Required.: Google does not take these credentials: …", 1},
		{"not found", gcptest.NotFound("acme-prod"), inventory.ReasonError, "…NOT_FOUND: The resource 'acme-prod' was not found", 1},
		{"wrong", gcptest.Invalid("Invalid\nvalue."), inventory.ReasonError, "…INVALID_ARGUMENT: Invalid value.", 1},
		{"down", gcptest.Unavailable(0), inventory.ReasonError, "…UNAVAILABLE: The service is currently unavailable. (tried 5 times)", 5},
		{"broken", gcptest.Broken(), inventory.ReasonError, "…INTERNAL: Internal error encountered. (tried 5 times)", 5},
		{"proxy's error", gcptest.Page(502, "Bad Gateway"), inventory.ReasonError, "…HTTP status 502 with a page in HTML, as a proxy gives it, … (tried 5 times)", 5},
		{"proxy's refusal", gcptest.Page(403, "Forbidden"), inventory.ReasonError, "…HTTP status 403 with a page in HTML, as a proxy gives it, …", 1},
		{"proxy's login", gcptest.Page(200, "Welcome"), inventory.ReasonError, "…: the answer is a page in HTML, as a proxy gives it, and not Google's: …", 1},
		{"other server", gcptest.Answer{Status: 403, Body: "go away"}, inventory.ReasonError, "…HTTP status 403 with no error of Google", 1},
		{"cut", gcptest.Answer{Body: `{"items": `, Cut: true}, inventory.ReasonError, "…read the answer: unexpected EOF (tried 5 times)", 5},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, w := range ways() {
				server := gcptest.New(t)
				server.On(w.path, gcptest.Always(c.answer))
				_, raw := w.call(t.Context(), on(server))
				err := Classify(raw)
				var told *collectors.Error
				if !errors.As(err, &told) || told.Reason != c.reason || ReasonOf(raw) != c.reason {
					t.Errorf("%s: %v with reason %s, want %s", w.name, err, ReasonOf(err), c.reason)
					continue
				}
				if text := err.Error(); !alike(text, c.want) || strings.Contains(text, "\n") || strings.Contains(text, "127.0.0.1") {
					t.Errorf("%s: %q, want %q", w.name, text, c.want)
				}
				if scope := errors.Is(err, ErrScope); scope != strings.HasPrefix(c.name, "narrow scope") {
					t.Errorf("%s: the scope is too narrow: %v", w.name, scope)
				}
				if gone := NotFound(err); gone != (c.name == "not found") {
					t.Errorf("%s: there is no such thing: %v", w.name, gone)
				}
				if n := len(server.Calls()); n != c.calls {
					t.Errorf("%s: %d calls, want %d", w.name, n, c.calls)
				}
			}
		})
	}
}

// TestClassify holds the errors that no answer came for, and those of other forms.
func TestClassify(t *testing.T) {
	st, err := status.New(codes.PermissionDenied, "said Google").WithDetails(&errdetails.ErrorInfo{
		Reason: "SERVICE_DISABLED", Metadata: map[string]string{"service": "run.googleapis.com", "consumer": "projects/7"},
	})
	if err != nil {
		t.Fatal(err)
	}
	wrapped, _ := apierror.FromError(st.Err())
	bare, _ := apierror.FromError(status.Error(codes.ResourceExhausted, "slow down"))
	for _, c := range []struct {
		name   string
		err    error
		reason inventory.RunReason
		want   string
	}{
		{"status with details", fmt.Errorf("list: %w", wrapped), inventory.ReasonNotEnabled, `list: PERMISSION_DENIED: said Google: run "gcloud services enable run.googleapis.com --project 7" …`},
		{"status alone", bare, inventory.ReasonThrottled, "RESOURCE_EXHAUSTED: slow down"},
		{
			"body not kept", fmt.Errorf("list: %w", &googleapi.Error{Code: 403, Message: "no", Errors: []googleapi.ErrorItem{{Reason: "forbidden"}}}),
			inventory.ReasonDenied, "list: HTTP status 403: no: grant what …",
		},
		{"list of errors", &googleapi.Error{Code: 403, Body: `[{"error":{"code":403,"message":"no","status":"PERMISSION_DENIED"}}]`}, inventory.ReasonDenied, "PERMISSION_DENIED: no: grant what …"},
		{"time over", fmt.Errorf("list: %w", context.DeadlineExceeded), inventory.ReasonTimeout, "list: context deadline exceeded"},
		{
			"unknown name", &net.DNSError{Err: "no such host", Name: "run.googleapis.com", IsNotFound: true},
			inventory.ReasonUnreachable, "…no such host: the name is not known: …",
		},
		{
			"closed port", &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)},
			inventory.ReasonError, "…connection refused: nothing answers there: …",
		},
		{"certificate", errors.New("tls: failed to verify certificate: x509: certificate signed by unknown authority"), inventory.ReasonError, "…: name the certificates of a company's proxy in SSL_CERT_FILE, …"},
		{"anything", errors.New("oops"), inventory.ReasonError, "oops"},
	} {
		err := Classify(c.err)
		if got := ReasonOf(err); got != c.reason {
			t.Errorf("%s: reason %s, want %s", c.name, got, c.reason)
		}
		if !alike(err.Error(), c.want) {
			t.Errorf("%s: %q, want %q", c.name, err, c.want)
		}
		if again := Classify(fmt.Errorf("scope: %w", err)); !alike(again.Error(), "scope: "+c.want) || ReasonOf(again) != c.reason {
			t.Errorf("%s: classified again it is %q", c.name, again)
		}
	}
	if Classify(nil) != nil || ReasonOf(nil) != inventory.ReasonNone || NotFound(nil) {
		t.Error("no error is one")
	}
}

// TestNotFound holds that only Google's own word on a thing says that it is not there.
func TestNotFound(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer gcptest.Answer
		want   bool
	}{
		{"gone", gcptest.NotFound("web-1"), true},
		{"no such method", gcptest.NoMethod(), false},
		{"page of Google's for a path that is none", gcptest.Page(404, "Error 404 (Not Found)!!1"), false},
		{"other server", gcptest.Answer{Status: 404, Body: "nothing here"}, false},
		{"denied", gcptest.Denied("dns.managedZones.list", root), false},
	} {
		server := gcptest.New(t)
		server.On(zonesPath, gcptest.Always(c.answer))
		_, err := got(t.Context(), on(server))
		if NotFound(err) != c.want {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

// FuzzAnswer holds that no answer makes the reading of errors fail, and that each has a reason and one line.
func FuzzAnswer(f *testing.F) {
	for _, a := range []gcptest.Answer{
		gcptest.Disabled("run.googleapis.com", "p"), gcptest.Perimeter(), gcptest.RateLimited("s", "p"), gcptest.Page(502, "x"),
		{Status: 400, Body: `{"error":"invalid_grant","error_description":"Token has been expired or revoked.","error_subtype":"invalid_rapt"}`},
		{Status: 403, Body: `[{"error":{"code":403,"errors":[{"reason":"forbidden"}],"details":[1,{"@type":"/"}]}}]`},
	} {
		f.Add(a.Status, []byte(a.Body))
	}
	f.Fuzz(func(t *testing.T, code int, body []byte) {
		err := Classify(&googleapi.Error{Code: code, Body: string(body)})
		if text := err.Error(); text == "" || strings.ContainsAny(text, "\r\n") || len(text) > 4*longestText {
			t.Errorf("%q", text)
		}
		if ReasonOf(err) == inventory.ReasonNone {
			t.Error("an error without a reason")
		}
	})
}
