package cmdb

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// failure is what a document says of a request that failed. The answer of an API that refuses is often saved under the name of the
// export, and may have members that look like those of an asset: "name": "HttpError".
type failure struct {
	error   bool   // there is an error, whatever else there is
	codes   int    // that stand for one
	message bool   // a text that may explain one
	text    string // what it says
}

// is reports whether an object is the answer of an API that failed.
func (f *failure) is() bool { return f.error || f.codes > 1 || f.codes == 1 && f.message }

// note takes a member of an object.
func (f *failure) note(name string, v jsontext.Value) {
	switch strings.ToLower(name) {
	case "error", "errors", "error_message", "errormessage", "error_description", "error_code", "errorcode", "fault", "exception":
		f.error = f.error || filled(v)
	case "success", "ok":
		f.error = f.error || string(v) == "false"
		return
	case "code", "status", "statuscode", "status_code", "httpcode", "http_code", "httpstatus":
		if isFailureCode(v) {
			f.codes++
		}
		return
	case "message", "messages", "msg", "detail", "details", "reason", "title":
		f.message = f.message || filled(v)
	default:
		return
	}
	if f.text == "" && filled(v) {
		f.text = sayings(v)
	}
}

// sayings is the text in a value that explains an error: itself, or that of the object, or of the first one of a list.
func sayings(v jsontext.Value) string {
	switch v.Kind() {
	case '"':
		text, err := jsontext.AppendUnquote(nil, v)
		if err != nil {
			return ""
		}
		return string(clipRunes(text))
	case '{':
		f := failureOf(v)
		return f.text
	case '[':
		d := jsontext.NewDecoder(bytes.NewReader(v), jsonOptions()...)
		if _, err := d.ReadToken(); err != nil || d.PeekKind() == ']' {
			return ""
		}
		if first, err := d.ReadValue(); err == nil && first.Kind() != '[' {
			return sayings(first)
		}
	}
	return ""
}

// clipRunes cuts a text for a message.
func clipRunes(text []byte) []byte {
	const most = 80
	n := 0
	for i := range string(text) {
		if n == most {
			return text[:i]
		}
		n++
	}
	return text
}

// filled reports whether a value says something.
func filled(v jsontext.Value) bool {
	switch string(bytes.Map(dropSpace, v)) {
	case "null", "false", "0", `""`, "[]", "{}":
		return false
	}
	return true
}

func dropSpace(r rune) rune {
	if r == ' ' || r == '\t' || r == '\n' || r == '\r' {
		return -1
	}
	return r
}

// isFailureCode knows the codes of HTTP that stand for errors, and the words that programs have for them.
func isFailureCode(v jsontext.Value) bool {
	s := strings.ToLower(strings.Trim(string(v), `"`))
	switch s {
	case "error", "fail", "failed", "failure", "unauthorized", "forbidden":
		return true
	}
	return len(s) == 3 && (s[0] == '4' || s[0] == '5') && allDigits([]byte(s))
}

// failureOf looks at the members of an object.
func failureOf(raw jsontext.Value) failure {
	f := failure{}
	d := jsontext.NewDecoder(bytes.NewReader(raw), jsonOptions()...)
	if t, err := d.ReadToken(); err != nil || t.Kind() != '{' {
		return f
	}
	for d.PeekKind() == '"' {
		quoted, err := d.ReadValue()
		if err != nil {
			return f
		}
		name, err := jsontext.AppendUnquote(nil, quoted)
		if err != nil {
			return f
		}
		v, err := d.ReadValue()
		if err != nil {
			return f
		}
		f.note(string(name), v)
	}
	return f
}

// refused is an error if what was taken for the assets is the answer of an API that failed.
func (j *jsonReader) refused(g *jsonGroup) error {
	f := &g.first
	switch {
	case g.records == 1 && f.is():
	case g.records == 0 && j.failure.is(), j.failure.error && !g.named() && g.path != "" && g.path != documents:
		f = &j.failure
	default:
		return nil
	}
	return fmt.Errorf("the document is the answer of an API that failed%s: check the address and the user with which it is fetched", quoted(f.text))
}

// quoted is a text behind what it belongs to.
func quoted(text string) string {
	if text == "" {
		return ""
	}
	return fmt.Sprintf(", %q", text)
}
