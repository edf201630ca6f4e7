package objects_test

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/gcp/objects"
	"github.com/muster-audit/muster/collectors/gcp/session"
	"github.com/muster-audit/muster/collectors/remote"
	"github.com/muster-audit/muster/inventory"
)

// bucket answers as the JSON API of Cloud Storage is documented to, for one bucket, "acme". All values are made.
type bucket struct {
	mu         sync.Mutex
	objects    map[string]string
	generation int
	sum        string
	page       int // objects a page
	seen       []string
	before     func(n int, w http.ResponseWriter, r *http.Request) bool // true if it answered itself
}

func (b *bucket) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.seen = append(b.seen, r.Method+" "+r.URL.EscapedPath()+"?"+r.URL.RawQuery+" "+r.Header.Get("Range"))
	if b.before != nil && b.before(len(b.seen), w, r) {
		return
	}
	name, isObject := strings.CutPrefix(r.URL.Path, "/storage/v1/b/acme/o/")
	text, there := b.objects[name]
	switch query := r.URL.Query(); {
	case r.URL.Path == "/storage/v1/b/acme/o":
		b.list(w, query.Get("prefix"), query.Get("pageToken"))
	case !isObject || !there:
		refuse(w, 404, "notFound", "No such object")
	case query.Get("alt") != "media":
		fmt.Fprint(w, b.describe(name))
	case query.Get("ifGenerationMatch") != fmt.Sprint(b.generation):
		refuse(w, 412, "conditionNotMet", "At least one of the pre-conditions you specified did not hold.")
	default:
		http.ServeContent(w, r, "", time.Time{}, strings.NewReader(text))
	}
}

func refuse(w http.ResponseWriter, status int, reason, message string) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"error":{"code":%d,"message":%q,"errors":[{"message":%q,"domain":"global","reason":%q}]}}`, status, message, message, reason)
}

func (b *bucket) describe(name string) string {
	sum := b.sum
	if sum == "" {
		sum = base64.StdEncoding.EncodeToString(binary.BigEndian.AppendUint32(nil, crc32.Checksum([]byte(b.objects[name]), crc32.MakeTable(crc32.Castagnoli))))
	}
	return fmt.Sprintf(`{"name":%q,"size":"%d","updated":"2026-01-02T03:04:05.678Z","generation":"%d","crc32c":%q}`, name, len(b.objects[name]), b.generation, sum)
}

func (b *bucket) list(w io.Writer, prefix, token string) {
	var names []string
	for n := range b.objects {
		if strings.HasPrefix(n, prefix) && n > token {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	next := ""
	if b.page > 0 && len(names) > b.page {
		names = names[:b.page]
		next = fmt.Sprintf(`,"nextPageToken":%q`, names[b.page-1])
	}
	var items []string
	for _, n := range names {
		items = append(items, b.describe(n))
	}
	if len(items) == 0 {
		fmt.Fprint(w, `{"kind":"storage#objects"}`)
		return
	}
	fmt.Fprintf(w, `{"kind":"storage#objects","items":[%s]%s}`, strings.Join(items, ","), next)
}

func store(t *testing.T, b *bucket) *objects.Store {
	t.Helper()
	server := httptest.NewServer(b)
	t.Cleanup(server.Close)
	return objects.New(session.Options{Endpoint: server.URL, NoBackoff: true, Attempts: 3})
}

func at(key string) remote.Location { return remote.Location{Scheme: "gs", Host: "acme", Key: key} }

func list(t *testing.T, s *objects.Store, l remote.Location) (found []remote.Object, err error) {
	t.Helper()
	for o, err := range s.List(t.Context(), l) {
		if err != nil {
			return found, err
		}
		found = append(found, o)
	}
	return found, nil
}

func read(t *testing.T, s *objects.Store, o remote.Object) (string, remote.Object, error) {
	t.Helper()
	r, got, err := s.Open(t.Context(), o)
	if err != nil {
		return "", got, err
	}
	defer r.Close()
	text, err := io.ReadAll(r)
	return string(text), got, err
}

func want(t *testing.T, what string, err error, reason inventory.RunReason, text string, cause error) {
	t.Helper()
	var e *collectors.Error
	if !errors.As(err, &e) || e.Reason != reason || !strings.Contains(err.Error(), text) || cause != nil && !errors.Is(err, cause) {
		t.Errorf("%s: error %v (%+v), want reason %q with %q and cause %v", what, err, e, reason, text, cause)
	}
}

func TestReads(t *testing.T) {
	b := &bucket{objects: map[string]string{
		"a/1": "one", "a/2 +ü#?%": "two", "a/3": strings.Repeat("0123456789", remote.RangeStep/4), "a/4": "", "b": "x",
	}, generation: 7, page: 3}
	s := store(t, b)
	found, err := list(t, s, at("a/"))
	if err != nil || len(found) != 4 {
		t.Fatalf("%+v, %v", found, err)
	}
	for _, o := range found {
		text, got, err := read(t, s, remote.Object{Location: o.Location})
		if text != b.objects[o.Location.Key] || err != nil || got != o || got.Version != "7" || !got.Modified.Equal(time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC)) {
			t.Errorf("%s: %d bytes, %+v, %v", o.Location, len(text), got, err)
		}
	}
	for _, call := range b.seen {
		if !strings.HasPrefix(call, "GET ") {
			t.Error(call)
		}
	}
	if found, err := list(t, s, at("none")); len(found) != 0 || err != nil {
		t.Errorf("%v, %v", found, err)
	}
}

func TestFaults(t *testing.T) {
	long := strings.Repeat("x", remote.RangeStep+10)
	from := func(first int, f func(w http.ResponseWriter)) func(int, http.ResponseWriter, *http.Request) bool {
		return func(n int, w http.ResponseWriter, _ *http.Request) bool {
			if n >= first {
				f(w)
			}
			return n >= first
		}
	}
	code := func(status int, reason string) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) { refuse(w, status, reason, "made") }
	}
	for name, tt := range map[string]struct {
		bucket *bucket
		key    string
		reason inventory.RunReason
		text   string
		cause  error
	}{
		"absent":       {&bucket{}, "absent", inventory.ReasonError, "see the names", remote.ErrNotFound},
		"denied":       {&bucket{before: from(1, code(403, "forbidden"))}, "a", inventory.ReasonDenied, "roles/storage.objectViewer", nil},
		"expired":      {&bucket{before: from(1, code(401, "authError"))}, "a", inventory.ReasonExpired, "gcloud auth", nil},
		"throttled":    {&bucket{before: from(1, code(429, "rateLimitExceeded"))}, "a", inventory.ReasonThrottled, "tried 3 times", nil},
		"out of order": {&bucket{before: from(1, code(503, "backendError"))}, "a", inventory.ReasonError, "tried 3 times", nil},
		"late":         {&bucket{before: from(3, code(403, "forbidden"))}, "a", inventory.ReasonDenied, "storage.objects.get", nil},
		"changed":      {&bucket{before: from(3, code(412, "conditionNotMet"))}, "a", inventory.ReasonError, "was written while it was read", remote.ErrChanged},
		"deleted":      {&bucket{before: from(3, code(404, "notFound"))}, "a", inventory.ReasonError, "was written while it was read", remote.ErrChanged},
		"cut": {&bucket{before: from(3, func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "100")
			w.WriteHeader(206)
			_, _ = io.WriteString(w, "x")
		})}, "a", inventory.ReasonError, "unexpected EOF", nil},
		"short range": {&bucket{before: from(3, func(w http.ResponseWriter) {
			w.WriteHeader(206)
			_, _ = io.WriteString(w, "x")
		})}, "a", inventory.ReasonUntrusted, "ended in the middle", nil},
		"other bytes": {&bucket{sum: "AAAAAA=="}, "a", inventory.ReasonUntrusted, "do not have the sum", nil},
		"no size":     {&bucket{before: from(1, func(w http.ResponseWriter) { fmt.Fprint(w, `{"name":"a"}`) })}, "a", inventory.ReasonError, "how large the object is", nil},
	} {
		tt.bucket.objects = map[string]string{"a": long}
		_, _, err := read(t, store(t, tt.bucket), remote.Object{Location: at(tt.key)})
		want(t, name, err, tt.reason, tt.text, tt.cause)
	}
	for name, b := range map[string]*bucket{"another generation": {objects: map[string]string{"a": "x"}, generation: 2}, "gone": {}} {
		_, _, err := read(t, store(t, b), remote.Object{Location: at("a"), Version: "1"})
		want(t, name, err, inventory.ReasonError, "was written while it was read", remote.ErrChanged)
	}
}

func TestListFaults(t *testing.T) {
	for name, tt := range map[string]struct {
		before func(int, http.ResponseWriter, *http.Request) bool
		bucket string
		reason inventory.RunReason
		text   string
		found  int
	}{
		"denied": {func(_ int, w http.ResponseWriter, _ *http.Request) bool {
			refuse(w, 403, "forbidden", "made")
			return true
		}, "acme", inventory.ReasonDenied, "storage.objects.list", 0},
		"page 2": {func(n int, w http.ResponseWriter, _ *http.Request) bool {
			if n > 1 {
				refuse(w, 500, "backendError", "made")
			}
			return n > 1
		}, "acme", inventory.ReasonError, "tried 3 times", 2},
		"absent": {nil, "other", inventory.ReasonError, `no bucket "other"`, 0},
		"circle": {func(_ int, w http.ResponseWriter, _ *http.Request) bool {
			fmt.Fprint(w, `{"nextPageToken":"x"}`)
			return true
		}, "acme", inventory.ReasonError, "an earlier one", 0},
		"no name": {func(_ int, w http.ResponseWriter, _ *http.Request) bool { fmt.Fprint(w, `{"items":[{}]}`); return true }, "acme", inventory.ReasonError, "without a name", 0},
	} {
		b := &bucket{objects: map[string]string{"a": "", "b": "", "c": ""}, page: 2, before: tt.before}
		l := at("")
		l.Host = tt.bucket
		found, err := list(t, store(t, b), l)
		want(t, name, err, tt.reason, tt.text, nil)
		if len(found) != tt.found {
			t.Errorf("%s: %d objects before", name, len(found))
		}
	}
}
