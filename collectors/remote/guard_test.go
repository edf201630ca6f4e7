package remote

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

type never struct{ t *testing.T }

func (n never) RoundTrip(r *http.Request) (*http.Response, error) {
	n.t.Errorf("%s was sent", r.Method)
	return nil, io.EOF
}

// TestOnlyGet holds that nothing but GET without a body is sent.
func TestOnlyGet(t *testing.T) {
	c := &client{options: Options{Transport: never{t}}}
	for _, method := range []string{"POST", "PUT", "PATCH", "DELETE", "HEAD", "LOCK", "GET"} {
		var body io.Reader
		if method == "GET" {
			body = strings.NewReader("x")
		}
		r, err := http.NewRequestWithContext(t.Context(), method, "https://h/x", body)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.RoundTrip(r); err == nil || !strings.Contains(err.Error(), "muster only reads") {
			t.Errorf("%s: %v", method, err)
		}
	}
}

// TestUnpackedIsBounded holds that what unpacks to too much is refused.
func TestUnpackedIsBounded(t *testing.T) {
	u := &unpacked{in: strings.NewReader("0123456789"), id: "a", left: 9}
	if _, err := io.ReadAll(u); err == nil || !strings.Contains(err.Error(), "more than is plausible") {
		t.Error(err)
	}
}
