package session

import (
	"io"
	"net/http"
)

// steady keeps a connection open that net/http would close in the middle of an answer. The SDK closes the body of a request as soon as
// the answer begins. If net/http is not through with it by then, which happens with servers that are near and machines that are busy, a
// body that can write itself reports its end as an error of writing, but one that is only read does not.
type steady struct{ next http.RoundTripper }

func (s steady) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil && r.Body != http.NoBody {
		r = r.WithContext(r.Context()) // a copy: a round tripper leaves a request as it is
		r.Body = onlyRead{r.Body}
	}
	return s.next.RoundTrip(r)
}

// onlyRead hides every other method of a body.
type onlyRead struct{ io.ReadCloser }
