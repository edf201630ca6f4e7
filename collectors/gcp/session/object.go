package session

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"google.golang.org/api/googleapi"
)

const storage = "storage.googleapis.com"

// GrantRemedy is what Classify says to do where a permission is missing.
const GrantRemedy = grant

// objectRead marks the context of a call that reads a part of an object in a bucket, the only contents that are ever read: see ObjectRange.
type objectRead struct{}

func withObjectRead(ctx context.Context) context.Context {
	return context.WithValue(ctx, objectRead{}, true)
}

// readsObject reports whether a call is one of ObjectRange.
func readsObject(r *http.Request, service string) bool {
	return r.Context().Value(objectRead{}) != nil && service == storage && r.Method == http.MethodGet &&
		strings.HasPrefix(r.URL.Path, "/storage/v1/b/") && strings.Contains(r.URL.Path, "/o/")
}

// ObjectRange reads the bytes of an object from one place up to, and without, another, as they are kept, if its generation is still that
// one. It is for sources that name an object as an input, as a state of Terraform; no inventory is made of contents. Errors have gone
// through Classify; ChangedObject tells those of another generation apart.
func (s *Session) ObjectRange(ctx context.Context, bucket, object string, generation, from, to int64) ([]byte, error) {
	query := url.Values{"alt": {"media"}, "ifGenerationMatch": {strconv.FormatInt(generation, 10)}}
	address := s.URL(storage, ObjectPath(bucket, object)) + "?" + query.Encode()
	req, err := http.NewRequestWithContext(withObjectRead(ctx), http.MethodGet, address, nil)
	if err != nil {
		return nil, fmt.Errorf("call %s: %w", storage, err)
	}
	req.Header.Set("Range", fmt.Sprintf("bytes=%d-%d", from, to-1))
	req.Header.Set("Accept-Encoding", "gzip") // else what is kept packed would be unpacked, and ranges would not hold
	client, err := s.HTTP(ctx, storage, "buckets/"+bucket)
	if err != nil {
		return nil, Classify(err)
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, Classify(err)
	}
	defer func() { _ = resp.Body.Close() }() // it is in memory
	if err := googleapi.CheckResponse(resp); err != nil {
		return nil, Classify(fmt.Errorf("%s objects.get: %w", storage, err))
	}
	return io.ReadAll(resp.Body)
}

// ObjectPath is the REST path of an object's description.
func ObjectPath(bucket, object string) string {
	return "/storage/v1/b/" + url.PathEscape(bucket) + "/o/" + url.PathEscape(object)
}

// ChangedObject reports whether an error of ObjectRange says that the object has another generation by now.
func ChangedObject(err error) bool {
	a, ok := answerIn(err)
	return ok && a.code == http.StatusPreconditionFailed
}
