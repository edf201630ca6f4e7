package tape

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
)

// entry is the file of a call: its request, for people, and either the response or the failure of the round trip. A file of a note
// holds neither.
type entry struct {
	Request  *request  `json:"request,omitempty"`
	Response *response `json:"response,omitempty"`
	failure
	Note *string `json:"note,omitempty"`
}

type request struct {
	Method string `json:"method"`
	Path   string `json:"path"`
	Query  string `json:"query,omitempty"`
	Target string `json:"target,omitempty"` // X-Amz-Target
	content
}

type response struct {
	Status  int               `json:"status"`
	Headers map[string]string `json:"headers,omitempty"`
	content
	// Withheld says why there was a body that is not here.
	Withheld string `json:"withheld,omitempty"`
}

// content is a body: a text, or in base64 what is no UTF-8.
type content struct {
	Body       string `json:"body,omitempty"`
	BodyBase64 []byte `json:"body_base64,omitempty"`
}

func contentOf(body []byte) content {
	if utf8.Valid(body) {
		return content{Body: string(body)}
	}
	return content{BodyBase64: body}
}

func (c content) bytes() []byte {
	if c.BodyBase64 != nil {
		return c.BodyBase64
	}
	return []byte(c.Body)
}

// encode writes an entry: the same bytes for the same entry.
func (e *entry) encode() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(e); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func decodeEntry(data []byte) (*entry, error) {
	var e entry
	if err := decodeJSON(data, &e); err != nil {
		return nil, err
	}
	parts := 0
	for _, there := range []bool{e.Response != nil, e.Error != "", e.Note != nil} {
		if there {
			parts++
		}
	}
	if parts != 1 {
		return nil, errors.New("line 1: it wants a response, an error or a note")
	}
	if e.Response != nil && (e.Response.Status < 100 || e.Response.Status > 999) {
		return nil, fmt.Errorf("line 1: %d is no status", e.Response.Status)
	}
	return &e, nil
}

// decodeJSON decodes one JSON value and nothing after it, and names the line of what is wrong.
func decodeJSON(data []byte, to any) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	err := dec.Decode(to)
	if err == nil {
		if _, more := dec.Token(); errors.Is(more, io.EOF) {
			return nil
		}
		err = errors.New("more follows after its end")
	}
	at := dec.InputOffset()
	var syntax *json.SyntaxError
	var typ *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		at = syntax.Offset
	case errors.As(err, &typ):
		at = typ.Offset
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		at, err = int64(len(data)), errors.New("it was cut off")
	}
	line := 1 + bytes.Count(data[:min(int(at), len(data))], []byte("\n"))
	return fmt.Errorf("line %d: %w", line, err)
}

// requestOf describes a request for people who look into a recording.
func requestOf(req *http.Request, body []byte, hash inventory.SecretHash) *request {
	out := &request{Method: req.Method, Path: req.URL.EscapedPath(), Query: scrubQuery(req.URL.RawQuery, hash), Target: req.Header.Get("X-Amz-Target")}
	kept, err := Scrub(req.Header.Get("Content-Type"), body, hash)
	if err == nil {
		out.content = contentOf(kept)
	}
	return out
}

// scrubQuery hashes the values of a query that sign or open anything.
func scrubQuery(raw string, hash inventory.SecretHash) string {
	q, err := url.ParseQuery(raw)
	if err != nil {
		return hash.Hash(raw)
	}
	names := catalog.NewConcealer(hash)
	for name, values := range q {
		plain := catalog.PlainName(name)
		if !volatile(plain) && plain != "key" && !strings.HasSuffix(plain, "signature") && names.Secrecy(name) != catalog.Secret {
			continue
		}
		for i, v := range values {
			values[i] = hash.Hash(v)
		}
	}
	return q.Encode()
}

// keptHeaders are those of a response that clients read, and that tell no secret.
func keptHeaders() []string {
	return []string{
		"Content-Type", "Etag", "Location", "Retry-After", "Smithy-Protocol", "X-Amz-Bucket-Region", "X-Amz-Id-2", "X-Amz-Request-Id",
		"X-Amz-Retry-After", "X-Amzn-Error-Message", "X-Amzn-Errormessage", "X-Amzn-Errortype", "X-Amzn-Query-Error", "X-Amzn-Requestid",
	}
}

// responseOf describes a response. What of its body cannot be searched for secrets is withheld.
func responseOf(resp *http.Response, body []byte, limit int64, hash inventory.SecretHash) *response {
	out := &response{Status: resp.StatusCode, Headers: map[string]string{}}
	for _, name := range keptHeaders() {
		if v := resp.Header.Get(name); v != "" {
			out.Headers[name] = v
		}
	}
	if to, err := url.Parse(out.Headers["Location"]); err == nil && to.RawQuery != "" {
		to.RawQuery = scrubQuery(to.RawQuery, hash)
		out.Headers["Location"] = to.String()
	}
	plain, err := uncompressed(resp.Header.Get("Content-Encoding"), body, limit)
	if err == nil {
		plain, err = Scrub(typeOf(resp.Header), plain, hash)
	}
	if err != nil {
		out.Withheld = err.Error()
		return out
	}
	out.content = contentOf(plain)
	return out
}

// typeOf is the type of a body. The protocol tells it where the content type does not.
func typeOf(h http.Header) string {
	if t := h.Get("Content-Type"); t != "" {
		return t
	}
	return h.Get("Smithy-Protocol")
}

// failure is a round trip that brought no response.
type failure struct {
	Error    string `json:"error,omitempty"`
	Timeout  bool   `json:"timeout,omitempty"`
	Deadline bool   `json:"deadline,omitempty"` // the caller's own time was over
	NoHost   string `json:"no_such_host,omitempty"`
}

func failureOf(err error, hash inventory.SecretHash) failure {
	f := failure{Error: hideURLs(err.Error(), hash), Deadline: errors.Is(err, context.DeadlineExceeded)}
	if f.Error == "" {
		f.Error = "unknown error"
	}
	var n net.Error
	f.Timeout = f.Deadline || errors.As(err, &n) && n.Timeout()
	var dns *net.DNSError
	if errors.As(err, &dns) && dns.IsNotFound {
		f.NoHost = dns.Name
	}
	return f
}

// hideURLs hashes what may open a door in the addresses of an error's text, as that of a proxy.
func hideURLs(s string, hash inventory.SecretHash) string {
	words := strings.Split(s, " ")
	for i, w := range words {
		quote := ""
		if len(w) > 1 && w[0] == '"' {
			quote, w = `"`, w[1:]
		}
		words[i] = quote + hash.URL(w)
	}
	return strings.Join(words, " ")
}

// replayedError is a failure handed out again. It is a net.Error as the first one was.
type replayedError struct{ f failure }

func (e *replayedError) Error() string   { return e.f.Error }
func (e *replayedError) Timeout() bool   { return e.f.Timeout }
func (e *replayedError) Temporary() bool { return false }

// CanceledError tells the clients of AWS not to try again when the time of the caller was over: the first time they did not either.
func (e *replayedError) CanceledError() bool { return e.f.Deadline }

// Unwrap gives what callers look for in the first error.
func (e *replayedError) Unwrap() error {
	switch {
	case e.f.NoHost != "":
		return &net.DNSError{Err: "no such host", Name: e.f.NoHost, IsNotFound: true, IsTimeout: e.f.Timeout}
	case e.f.Deadline:
		return context.DeadlineExceeded
	}
	return nil
}
