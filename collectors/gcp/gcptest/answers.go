package gcptest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// JSON answers with a document.
func JSON(body string) Handler {
	return func(Call) Answer { return Answer{Body: body} }
}

// Always gives the same answer to every call.
func Always(a Answer) Handler {
	return func(Call) Answer { return a }
}

// Times gives answers one after the other to the calls of one path, and then the last one again.
func Times(list ...Answer) Handler {
	return func(c Call) Answer { return list[min(c.N, len(list)-1)] }
}

// Pages answers with one JSON object after the other, each with the token of the next one, by the token that the call names. A token that
// it did not give is refused, as Google does.
func Pages(bodies ...string) Handler {
	return func(c Call) Answer {
		page, token := 0, c.Query.Get("pageToken")
		if token != "" {
			n, err := strconv.Atoi(strings.TrimPrefix(token, pageToken))
			if err != nil || n < 1 || n >= len(bodies) {
				return Invalid("Invalid value for field 'pageToken': '" + token + "'.")
			}
			page = n
		}
		if page == len(bodies)-1 {
			return Answer{Body: bodies[page]}
		}
		return Answer{Body: with(bodies[page], "nextPageToken", pageToken+strconv.Itoa(page+1))}
	}
}

const pageToken = "page-token-"

// with adds a member to a JSON object. The object is the test's own: it panics if it is none.
func with(body, name, value string) string {
	var doc map[string]json.RawMessage
	if err := json.Unmarshal([]byte(body), &doc); err != nil {
		panic(fmt.Sprintf("gcptest: a page is no JSON object: %v", err))
	}
	doc[name] = text(value)
	return string(encode(doc))
}

func text(s string) json.RawMessage { return encode(s) }

// encode encodes what can be encoded.
func encode(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("gcptest: encode an answer: %v", err))
	}
	return data
}

// Failure is an error as Google's APIs tell it: in google.rpc.Status, and in the older list of errors.
type Failure struct {
	Code     int               // 403
	Status   string            // "PERMISSION_DENIED"
	Message  string            // for people
	Reason   string            // of google.rpc.ErrorInfo: "SERVICE_DISABLED"; empty leaves it out, as older APIs do
	Metadata map[string]string // of google.rpc.ErrorInfo
	Legacy   string            // reason in the list of errors: "accessNotConfigured"; empty leaves the list out, as newer APIs do
	Domain   string            // in the list of errors; empty is "global"
	Details  []map[string]any  // besides ErrorInfo
	Header   map[string]string
}

// Answer makes the JSON of a failure.
func (f Failure) Answer() Answer {
	e := map[string]any{"code": f.Code, "message": f.Message}
	if f.Status != "" {
		e["status"] = f.Status
	}
	if f.Legacy != "" {
		domain := f.Domain
		if domain == "" {
			domain = "global"
		}
		e["errors"] = []map[string]string{{"message": f.Message, "domain": domain, "reason": f.Legacy}}
	}
	details := f.Details
	if f.Reason != "" {
		info := map[string]any{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": f.Reason, "domain": "googleapis.com"}
		if f.Metadata != nil {
			info["metadata"] = f.Metadata
		}
		details = append([]map[string]any{info}, details...)
	}
	if details != nil {
		e["details"] = details
	}
	return Answer{Status: f.Code, Body: string(encode(map[string]any{"error": e})), Header: f.Header}
}

func forbidden(reason, legacy, message string, metadata map[string]string) Answer {
	return Failure{
		Code: http.StatusForbidden, Status: "PERMISSION_DENIED", Message: message, Reason: reason, Legacy: legacy, Metadata: metadata,
	}.Answer()
}

// Disabled says that a service ("compute.googleapis.com") is not enabled in a project.
func Disabled(service, project string) Answer {
	return Failure{
		Code: http.StatusForbidden, Status: "PERMISSION_DENIED", Reason: "SERVICE_DISABLED", Legacy: "accessNotConfigured", Domain: "usageLimits",
		Message: disabledMessage(service, project), Metadata: map[string]string{"service": service, "consumer": "projects/" + project},
	}.Answer()
}

// DisabledLegacy says it as older APIs do, without details.
func DisabledLegacy(service, project string) Answer {
	return Failure{
		Code: http.StatusForbidden, Legacy: "accessNotConfigured", Domain: "usageLimits", Message: disabledMessage(service, project),
	}.Answer()
}

func disabledMessage(service, project string) string {
	return "The API " + service + " has not been used in project " + project + " before or it is disabled. Enable it by visiting the console, then retry."
}

// NoQuotaProject says that the credentials of a user name no project to charge.
func NoQuotaProject(service string) Answer {
	return forbidden("SERVICE_DISABLED", "", "Your application is authenticating by using local Application Default Credentials. The "+service+
		" API requires a quota project, which is not set by default.", map[string]string{"service": service, "consumer": "projects/764086051850"})
}

// Denied says that the caller lacks a permission on a resource ("projects/acme-prod").
func Denied(permission, resource string) Answer {
	return forbidden("IAM_PERMISSION_DENIED", "forbidden", "Permission '"+permission+"' denied on resource '"+resource+"' (or it may not exist).",
		map[string]string{"permission": permission, "resource": resource})
}

// DeniedLegacy says it as Compute Engine does, without details.
func DeniedLegacy(permission, resource string) Answer {
	return Failure{
		Code: http.StatusForbidden, Legacy: "forbidden", Message: "Required '" + permission + "' permission for '" + resource + "'",
	}.Answer()
}

// NotFound says that there is no such thing.
func NotFound(thing string) Answer {
	return Failure{
		Code: http.StatusNotFound, Status: "NOT_FOUND", Legacy: "notFound", Message: "The resource '" + thing + "' was not found",
	}.Answer()
}

// NoMethod says that an API has no such path.
func NoMethod() Answer {
	return Failure{Code: http.StatusNotFound, Status: "NOT_FOUND", Legacy: "notFound", Message: "Method not found."}.Answer()
}

// Invalid says that a request is wrong.
func Invalid(message string) Answer {
	return Failure{Code: http.StatusBadRequest, Status: "INVALID_ARGUMENT", Legacy: "invalid", Message: message}.Answer()
}

// RateLimited says that there were too many calls of a service, charged to a project.
func RateLimited(service, project string) Answer {
	return Failure{
		Code: http.StatusTooManyRequests, Status: "RESOURCE_EXHAUSTED", Reason: "RATE_LIMIT_EXCEEDED", Legacy: "rateLimitExceeded", Domain: "usageLimits",
		Message:  "Quota exceeded for quota metric 'Read requests' and limit 'Read requests per minute' of service '" + service + "'.",
		Metadata: map[string]string{"service": service, "consumer": "projects/" + project, "quota_limit": "ReadRequestsPerMinutePerProject"},
	}.Answer()
}

// RateLimitedLegacy says it as Compute Engine did, as if it were forbidden; reason is "rateLimitExceeded", "userRateLimitExceeded" or
// "quotaExceeded".
func RateLimitedLegacy(reason string) Answer {
	return Failure{Code: http.StatusForbidden, Legacy: reason, Domain: "usageLimits", Message: "Rate Limit Exceeded"}.Answer()
}

// NarrowScope says that a service takes no token of this scope.
func NarrowScope(service string) Answer {
	return forbidden("ACCESS_TOKEN_SCOPE_INSUFFICIENT", "insufficientPermissions", "Request had insufficient authentication scopes.",
		map[string]string{"service": service})
}

// Unbilled says that a project has no billing account.
func Unbilled(project string) Answer {
	return forbidden("BILLING_DISABLED", "forbidden", "This API method requires billing to be enabled on project "+project+".",
		map[string]string{"consumer": "projects/" + project})
}

// ConsumerInvalid says that the project that a call is charged to is not there.
func ConsumerInvalid(project string) Answer {
	return forbidden("CONSUMER_INVALID", "forbidden", "Permission denied on resource project "+project+".",
		map[string]string{"consumer": "projects/" + project})
}

// ConsumerSuspended says that the project that a call is charged to is suspended.
func ConsumerSuspended(project string) Answer {
	return forbidden("CONSUMER_SUSPENDED", "forbidden", "Permission denied: Consumer 'projects/"+project+"' has been suspended.",
		map[string]string{"consumer": "projects/" + project})
}

// QuotaProjectDenied says that the caller may not charge a project.
func QuotaProjectDenied(project string) Answer {
	return forbidden("USER_PROJECT_DENIED", "forbidden", "Caller does not have required permission to use project "+project+".",
		map[string]string{"consumer": "projects/" + project})
}

// Perimeter says that VPC Service Controls keep the caller out.
func Perimeter() Answer {
	return Failure{
		Code: http.StatusForbidden, Status: "PERMISSION_DENIED", Reason: "SECURITY_POLICY_VIOLATED", Legacy: "forbidden",
		Message:  "Request is prohibited by organization's policy. vpcServiceControlsUniqueIdentifier: abcDEF123",
		Metadata: map[string]string{"uid": "abcDEF123"},
		Details: []map[string]any{{
			"@type":      "type.googleapis.com/google.rpc.PreconditionFailure",
			"violations": []map[string]string{{"type": "VPC_SERVICE_CONTROLS", "description": "abcDEF123"}},
		}},
	}.Answer()
}

// Unauthenticated says that the token is not valid.
func Unauthenticated() Answer {
	return Failure{
		Code: http.StatusUnauthorized, Status: "UNAUTHENTICATED", Reason: "ACCESS_TOKEN_EXPIRED", Legacy: "authError",
		Message: "Request had invalid authentication credentials.",
	}.Answer()
}

// NoCredentials says that a call brought no credentials.
func NoCredentials() Answer {
	return Failure{
		Code: http.StatusUnauthorized, Status: "UNAUTHENTICATED", Reason: "CREDENTIALS_MISSING", Legacy: "required",
		Message: "Login Required.",
	}.Answer()
}

// Unavailable says that the server cannot answer now, and for how many seconds to wait; 0 leaves that out.
func Unavailable(retryAfter int) Answer {
	f := Failure{
		Code: http.StatusServiceUnavailable, Status: "UNAVAILABLE", Legacy: "backendError",
		Message: "The service is currently unavailable.",
	}
	if retryAfter > 0 {
		f.Header = map[string]string{"Retry-After": strconv.Itoa(retryAfter)}
	}
	return f.Answer()
}

// Broken says that the server failed.
func Broken() Answer {
	return Failure{Code: http.StatusInternalServerError, Status: "INTERNAL", Legacy: "backendError", Message: "Internal error encountered."}.Answer()
}

// Page is the answer of a proxy that stands before Google.
func Page(status int, title string) Answer {
	return Answer{
		Status: status, Header: map[string]string{"Content-Type": "text/html; charset=UTF-8"},
		Body: "<!DOCTYPE html><html><head><title>" + title + "</title></head><body><h1>" + title + "</h1></body></html>",
	}
}
