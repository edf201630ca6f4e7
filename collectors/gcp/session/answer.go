package session

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/googleapis/gax-go/v2/apierror"
	"google.golang.org/api/googleapi"
)

// answer is what an API says when it refuses a call, as far as it can be read.
type answer struct {
	code     int
	status   string // "PERMISSION_DENIED"; for servers of tokens "invalid_grant"
	message  string
	reasons  []string // the newer ones first: "SERVICE_DISABLED", "accessNotConfigured"
	metadata map[string]string
	wait     time.Duration // that it asks for
	google   bool          // it has the form that Google's errors have
	page     bool          // it is a page in HTML
}

// answerOf reads the response to a call that was refused.
func answerOf(code int, h http.Header, body []byte) answer {
	a := answer{code: code, page: isPage(h)}
	var doc struct {
		Error       json.RawMessage `json:"error"`
		Description string          `json:"error_description"`
		Subtype     string          `json:"error_subtype"`
	}
	if strings.HasPrefix(string(body), "[") { // some APIs answer with a list of one
		var list []json.RawMessage
		if json.Unmarshal(body, &list) == nil && len(list) > 0 {
			body = list[0]
		}
	}
	if json.Unmarshal(body, &doc) != nil {
		return a
	}
	if json.Unmarshal(doc.Error, &a.status) == nil { // as servers of tokens answer
		a.google = a.status != ""
		a.message, a.reasons = doc.Description, nonEmpty(doc.Subtype)
		return a
	}
	a.read(doc.Error)
	return a
}

// read reads the member "error": what it holds of google.rpc.Status, and the older list of errors.
func (a *answer) read(body []byte) {
	var e struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
		Status  string `json:"status"`
		Errors  []struct {
			Reason  string `json:"reason"`
			Message string `json:"message"`
		} `json:"errors"`
		Details []json.RawMessage `json:"details"`
	}
	if json.Unmarshal(body, &e) != nil || e.Code == 0 && e.Message == "" {
		return
	}
	a.google, a.status, a.message = true, e.Status, e.Message
	for _, d := range e.Details {
		a.detail(d)
	}
	for _, old := range e.Errors {
		a.reasons = append(a.reasons, nonEmpty(old.Reason)...)
		if a.message == "" {
			a.message = old.Message
		}
	}
}

// detail reads one of the details that there are types for in google.rpc. Others do not matter here.
func (a *answer) detail(body []byte) {
	var d struct {
		Type       string            `json:"@type"`
		Reason     string            `json:"reason"`
		Metadata   map[string]string `json:"metadata"`
		RetryDelay string            `json:"retryDelay"`
		Violations []struct {
			Type string `json:"type"`
		} `json:"violations"`
	}
	if json.Unmarshal(body, &d) != nil {
		return
	}
	switch d.Type[strings.LastIndexByte(d.Type, '/')+1:] {
	case "google.rpc.ErrorInfo":
		a.reasons = append(a.reasons, nonEmpty(d.Reason)...)
		if a.metadata == nil {
			a.metadata = d.Metadata
		}
	case "google.rpc.RetryInfo":
		if wait, err := time.ParseDuration(d.RetryDelay); err == nil {
			a.wait = max(0, wait)
		}
	case "google.rpc.PreconditionFailure":
		for _, v := range d.Violations {
			a.reasons = append(a.reasons, nonEmpty(v.Type)...)
		}
	}
}

func nonEmpty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

// answerOfStatus reads an error that a client library made of a status of gRPC.
func answerOfStatus(e *apierror.APIError) answer {
	a := answer{google: true, message: e.Message(), metadata: e.Metadata(), reasons: nonEmpty(e.Reason())}
	if st := e.GRPCStatus(); st != nil {
		a.status = statusName(st.Code().String())
	}
	return a
}

// statusName spells the name of a code as REST does: "PermissionDenied" is "PERMISSION_DENIED".
func statusName(code string) string {
	var b strings.Builder
	for i, r := range code {
		if i > 0 && 'A' <= r && r <= 'Z' {
			b.WriteByte('_')
		}
		b.WriteRune(r)
	}
	return strings.ToUpper(b.String())
}

// answerOfHTTP reads an error that a client library made of a response.
func answerOfHTTP(e *googleapi.Error) answer {
	a := answerOf(e.Code, e.Header, []byte(e.Body))
	if !a.google && e.Message != "" { // its body was not kept
		a.google, a.message = true, e.Message
		for _, old := range e.Errors {
			a.reasons = append(a.reasons, nonEmpty(old.Reason)...)
		}
	}
	return a
}

// is reports whether one of these reasons is given.
func (a answer) is(reasons ...string) bool {
	return slices.ContainsFunc(a.reasons, func(r string) bool { return slices.Contains(reasons, r) })
}

// throttles reports whether a call was refused for how many there were.
func (a answer) throttles() bool {
	return a.code == http.StatusTooManyRequests || a.status == "RESOURCE_EXHAUSTED" ||
		a.is("RATE_LIMIT_EXCEEDED", "RESOURCE_QUOTA_EXCEEDED", "rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "dailyLimitExceeded",
			"concurrentLimitExceeded")
}

// passes reports whether another try may go through: when there were too many calls, or the server could not do its work.
func (a answer) passes() bool {
	switch a.code {
	case http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return a.throttles()
}

// text says in one line what was answered.
func (a answer) text() string {
	switch {
	case a.page:
		return fmt.Sprintf("HTTP status %d with a page in HTML, as a proxy gives it, and no error of Google: see the network, and the proxy in HTTPS_PROXY", a.code)
	case !a.google:
		return fmt.Sprintf("HTTP status %d with no error of Google", a.code)
	}
	words := nonEmpty(a.status)
	if len(words) == 0 && a.code != 0 {
		words = []string{fmt.Sprintf("HTTP status %d", a.code)}
	}
	return strings.Join(append(words, nonEmpty(oneLine(a.message))...), ": ")
}

// longestText bounds what is told of others' texts.
const longestText = 600

// oneLine makes one line of a text, and cuts it off where it is too long.
func oneLine(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > longestText {
		s = strings.ToValidUTF8(s[:longestText], "") + " …"
	}
	return s
}

// refusal is an answer as an error.
type refusal struct{ answer }

func (r *refusal) Error() string { return r.text() }
