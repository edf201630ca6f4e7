package tape

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var recorded = time.Date(2026, 3, 1, 12, 0, 0, 123456789, time.UTC)

func header() Header {
	return Header{Recorded: recorded, HashKey: testKey, Tool: "muster 1.0", Source: "prod", Collector: "aws"}
}

// space files by the first segment of the path; "/login" signs in.
func space(req *http.Request) Call {
	name := strings.Trim(req.URL.Path, "/")
	return Call{Folder: "111122223333/eu-west-1/test", Name: name, Skip: name == "login"}
}

// roundTripper is a function as a transport.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// answer is a transport that gives one response.
func answer(status int, headers map[string]string, body string) http.RoundTripper {
	return roundTripper(func(req *http.Request) (*http.Response, error) {
		resp := &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: req}
		for k, v := range headers {
			resp.Header.Set(k, v)
		}
		return resp, nil
	})
}

func create(t testing.TB, dir string) *Recorder {
	t.Helper()
	r, err := Create(dir, header())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func closed(t testing.TB, r *Recorder) {
	t.Helper()
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
}

func open(t testing.TB, dir string) *Player {
	t.Helper()
	p, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	return p
}

// got is a response for people to compare.
type got struct {
	Status int
	Type   string
	Body   string
	Err    string
}

func call(t testing.TB, rt http.RoundTripper, method, target, contentType, body string) got {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", contentType)
	resp, err := (&http.Client{Transport: rt}).Do(req)
	if err != nil {
		return got{Err: err.Error()}
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return got{Status: resp.StatusCode, Type: resp.Header.Get("Content-Type"), Body: string(data)}
}

func files(t testing.TB, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(name)
		all[strings.TrimPrefix(name, dir+string(filepath.Separator))] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestRoundTrip(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		switch req.URL.Path {
		case "/json":
			w.Header().Set("Content-Type", jsonType)
			w.Header().Set("Set-Cookie", "session=pl4nt3d")
			fmt.Fprintf(w, `{"Password":"pl4nt3d","asked":%q,"query":%q}`, body, req.URL.RawQuery)
		case "/zipped":
			w.Header().Set("Content-Type", jsonType)
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			fmt.Fprint(z, `{"Password":"pl4nt3d"}`)
			_ = z.Close()
		case "/denied":
			w.Header().Set("Content-Type", "text/xml")
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, "<Error><Code>AccessDenied</Code></Error>")
		default:
			w.WriteHeader(http.StatusNoContent)
		}
	}))
	defer server.Close()
	dir := filepath.Join(t.TempDir(), "new", "rec")
	r := create(t, dir)
	live := r.Transport(space, http.DefaultTransport)
	ask := func(rt http.RoundTripper, base string) []got {
		return []got{
			call(t, rt, "POST", base+"/json?b=2&a=1", jsonType, `{"NextToken":"x"}`),
			call(t, rt, "POST", base+"/json?a=1&b=2", jsonType, `{"NextToken":"y"}`),
			call(t, rt, "GET", base+"/zipped", "", ""),
			call(t, rt, "GET", base+"/denied", "", ""),
			call(t, rt, "DELETE", base+"/empty", "", ""),
		}
	}
	first := ask(live, server.URL)
	closed(t, r)
	if !strings.Contains(first[0].Body, `{"Password":"pl4nt3d"`) {
		t.Errorf("the live answer was changed: %v", first[0])
	}
	for name, content := range files(t, dir) {
		if strings.Contains(content, planted) {
			t.Errorf("%s holds a secret:\n%s", name, content)
		}
	}
	server.Close()

	p := open(t, dir)
	if d := cmp.Diff(p.Header(), Header{
		Schema: "muster-recording/1", Recorded: recorded, HashKey: testKey, Tool: "muster 1.0", Source: "prod", Collector: "aws", Complete: true,
	}); d != "" {
		t.Errorf("header: %s", d)
	}
	again := ask(p.Transport(space), "https://other.example.com")
	for i := range first {
		first[i].Body = strings.ReplaceAll(first[i].Body, planted, testHash().Hash(planted))
	}
	if d := cmp.Diff(first, again); d != "" {
		t.Errorf("replay (-live +replay):\n%s", d)
	}
}

func TestFilesAreTheirOwnersAlone(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no modes")
	}
	dir := t.TempDir()
	r := create(t, dir)
	call(t, r.Transport(space, answer(200, nil, "{}")), "GET", "http://h/a", "", "")
	closed(t, r)
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		want := fs.FileMode(0o600)
		if d.IsDir() {
			want = 0o700
		}
		if err == nil && info.Mode().Perm() != want {
			t.Errorf("%s: %v", name, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestFileIsReadable(t *testing.T) {
	dir := t.TempDir()
	r := create(t, dir)
	headers := map[string]string{"Content-Type": jsonType, "X-Amzn-Requestid": "r-1", "Set-Cookie": "no", "Location": "https://h/x?X-Amz-Signature=s&a=b"}
	rt := r.Transport(func(*http.Request) Call { return Call{Folder: "f", Name: "Describe"} }, answer(200, headers, `{"a":"<b>","Password":"x"}`))
	call(t, rt, "POST", "http://h/p/?X-Amz-Signature=abc&Max=1", jsonType, `{"UserData":"u"}`)
	closed(t, r)
	all := files(t, dir)
	delete(all, manifestName)
	h := testHash()
	want := `{
  "request": {
    "method": "POST",
    "path": "/p/",
    "query": "Max=1&X-Amz-Signature=` + url.QueryEscape(h.Hash("abc")) + `",
    "body": "{\"UserData\":\"` + h.Hash("u") + `\"}"
  },
  "response": {
    "status": 200,
    "headers": {
      "Content-Type": "application/x-amz-json-1.1",
      "Location": "https://h/x?X-Amz-Signature=` + url.QueryEscape(h.Hash("s")) + `&a=b",
      "X-Amzn-Requestid": "r-1"
    },
    "body": "{\"a\":\"<b>\",\"Password\":\"` + h.Hash("x") + `\"}"
  }
}
`
	for name, content := range all {
		if p, n, ok := numberOf(filepath.ToSlash(name)); !ok || n != 1 || !strings.HasPrefix(string(p), "f/Describe-") {
			t.Errorf("file name %s", name)
		}
		if d := cmp.Diff(want, content); d != "" {
			t.Errorf("file (-want +got):\n%s", d)
		}
	}
	if len(all) != 1 {
		t.Errorf("%d files", len(all))
	}
}

func TestRecordingIsDeterministic(t *testing.T) {
	var all []map[string]string
	for range 2 {
		dir := t.TempDir()
		r := create(t, dir)
		rt := r.Transport(space, answer(200, map[string]string{"Content-Type": jsonType, "Etag": "e"}, `{"b":1,"a":{"Password":"x"}}`))
		for i := range 5 {
			call(t, rt, "GET", fmt.Sprintf("http://h/a?n=%d", i%2), "", "")
		}
		closed(t, r)
		all = append(all, files(t, dir))
	}
	if d := cmp.Diff(all[0], all[1]); d != "" || len(all[0]) != 6 {
		t.Errorf("%d files\n%s", len(all[0]), d)
	}
}

func TestRepeatsComeInOrder(t *testing.T) {
	dir := t.TempDir()
	r := create(t, dir)
	n := 0
	live := r.Transport(space, roundTripper(func(req *http.Request) (*http.Response, error) {
		n++
		if n == 2 {
			return nil, errors.New("connection reset by peer")
		}
		return answer([]int{429, 0, 200}[n-1], nil, fmt.Sprintf(`{"n":%d}`, n)).RoundTrip(req)
	}))
	for range 3 {
		call(t, live, "GET", "http://h/a", "", "")
	}
	closed(t, r)
	p := open(t, dir)
	rt := p.Transport(space)
	var seen []got
	for range 5 {
		seen = append(seen, call(t, rt, "GET", "http://h/a", "", ""))
	}
	ok := got{Status: 200, Body: `{"n":3}`}
	want := []got{{Status: 429, Body: `{"n":1}`}, {Err: `Get "http://h/a": connection reset by peer`}, ok, ok, ok}
	if d := cmp.Diff(want, seen); d != "" {
		t.Errorf("order (-want +got):\n%s", d)
	}
}

func TestConcurrentCalls(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		w.Header().Set("Content-Type", jsonType)
		fmt.Fprintf(w, `{"q":%q,"Password":"pl4nt3d"}`, req.URL.RawQuery)
	}))
	defer server.Close()
	dir := t.TempDir()
	r := create(t, dir)
	live := r.Transport(space, http.DefaultTransport)
	each := func(rt http.RoundTripper) {
		var wg sync.WaitGroup
		for i := range 64 {
			wg.Go(func() {
				q := fmt.Sprintf("n=%d", i%16)
				if g := call(t, rt, "GET", server.URL+"/a?"+q, "", ""); !strings.Contains(g.Body, `"`+q+`"`) {
					t.Errorf("%s got %v", q, g)
				}
			})
		}
		wg.Wait()
	}
	each(live)
	closed(t, r)
	if n := len(files(t, dir)); n != 65 {
		t.Errorf("%d files", n)
	}
	each(open(t, dir).Transport(space))
}

func TestFailuresReplayAsFailures(t *testing.T) {
	failures := map[string]error{
		"timeout":  &net.OpError{Op: "read", Net: "tcp", Err: os.ErrDeadlineExceeded},
		"deadline": fmt.Errorf("wait: %w", context.DeadlineExceeded),
		"dns":      &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "sqs.xx-1.amazonaws.com", IsNotFound: true}},
		"other":    errors.New(`proxyconnect tcp: dial "http://u:pl4nt3d@proxy:3128": refused`),
		"canceled": context.Canceled,
	}
	dir := t.TempDir()
	r := create(t, dir)
	live := r.Transport(space, roundTripper(func(req *http.Request) (*http.Response, error) { return nil, failures[req.URL.Path[1:]] }))
	send := func(rt http.RoundTripper, name string) error {
		req, err := http.NewRequestWithContext(t.Context(), "GET", "http://h/"+name, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := rt.RoundTrip(req)
		if err == nil {
			_ = resp.Body.Close()
		}
		return err
	}
	for name, want := range failures {
		if err := send(live, name); !errors.Is(err, want) {
			t.Errorf("%s: the live error became %v", name, err)
		}
	}
	closed(t, r)
	rt := open(t, dir).Transport(space)
	for name, want := range failures {
		err := send(rt, name)
		if name == "canceled" {
			if !errors.Is(err, ErrNotRecorded) {
				t.Errorf("a broken-off call was recorded: %v", err)
			}
			continue
		}
		if text := err.Error(); strings.Contains(text, planted) || name != "other" && text != want.Error() {
			t.Errorf("%s: %v", name, err)
		}
		var n net.Error
		if timeout := name == "timeout" || name == "deadline"; errors.As(err, &n) && n.Timeout() != timeout {
			t.Errorf("%s: timeout is %v", name, n.Timeout())
		}
		if errors.Is(err, context.DeadlineExceeded) != (name == "deadline") {
			t.Errorf("%s: deadline", name)
		}
		var dns *net.DNSError
		if errors.As(err, &dns) != (name == "dns") || dns != nil && (!dns.IsNotFound || dns.Name != "sqs.xx-1.amazonaws.com") {
			t.Errorf("%s: %v", name, dns)
		}
	}
}

func TestWhatCannotBeSearchedIsWithheld(t *testing.T) {
	dir := t.TempDir()
	r := create(t, dir)
	for path, rt := range map[string]http.RoundTripper{
		"ok":     answer(200, map[string]string{"Content-Type": "text/plain"}, "password pl4nt3d"),
		"bad":    answer(502, map[string]string{"Content-Type": "text/html"}, "<html><p>pl4nt3d<br></html>"),
		"zipped": answer(200, map[string]string{"Content-Encoding": "gzip"}, "pl4nt3d"),
		"brotli": answer(200, map[string]string{"Content-Encoding": "br"}, "pl4nt3d"),
	} {
		if g := call(t, r.Transport(space, rt), "GET", "http://h/"+path, "", ""); !strings.Contains(g.Body, planted) {
			t.Errorf("%s: the live answer was changed: %v", path, g)
		}
	}
	closed(t, r)
	for name, content := range files(t, dir) {
		if strings.Contains(content, planted) {
			t.Errorf("%s holds a secret:\n%s", name, content)
		}
	}
	rt := open(t, dir).Transport(space)
	for _, path := range []string{"ok", "zipped", "brotli"} {
		if g := call(t, rt, "GET", "http://h/"+path, "", ""); !strings.Contains(g.Err, "the answer to "+path+" was not recorded") {
			t.Errorf("%s: %v", path, g)
		}
	}
	if d := cmp.Diff(got{Status: 502, Type: "text/html"}, call(t, rt, "GET", "http://h/bad", "", "")); d != "" {
		t.Error(d)
	}
}

func TestTooLargeAnAnswerFails(t *testing.T) {
	dir := t.TempDir()
	r := create(t, dir)
	r.limit = 100
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	fmt.Fprintf(w, `{"a":"%s"}`, strings.Repeat("a", 1000))
	_ = w.Close()
	if g := call(t, r.Transport(space, answer(200, nil, `{"a":"`+strings.Repeat("a", 100)+`"}`)), "GET", "http://h/a", "", ""); !strings.Contains(g.Err, "larger than a recording takes") {
		t.Errorf("%v", g)
	}
	call(t, r.Transport(space, answer(200, map[string]string{"Content-Encoding": "gzip"}, z.String())), "GET", "http://h/z", "", "")
	if g := call(t, r.Transport(space, answer(200, nil, `{}`)), "POST", "http://h/b", "", strings.Repeat("a", 101)); !strings.Contains(g.Err, "larger than a recording takes") {
		t.Errorf("%v", g)
	}
	closed(t, r)
	rt := open(t, dir).Transport(space)
	for _, path := range []string{"a", "z"} {
		if g := call(t, rt, "GET", "http://h/"+path, "", ""); !strings.Contains(g.Err, "larger than a recording takes") {
			t.Errorf("%s: %v", path, g)
		}
	}
}

func TestNotRecorded(t *testing.T) {
	dir := t.TempDir()
	r := create(t, dir)
	rt := r.Transport(space, answer(200, nil, `{"SecretAccessKey":"pl4nt3d"}`))
	call(t, rt, "GET", "http://h/login", "", "")
	if n := len(files(t, dir)); n != 1 {
		t.Errorf("a call that signs in left %d files", n)
	}
	broken := open(t, dir).Transport(space)
	if g := call(t, broken, "GET", "http://h/ListQueues", "", ""); !strings.Contains(g.Err, "it is incomplete, what was to be recorded was broken off") {
		t.Errorf("%v", g)
	}
	closed(t, r)
	p := open(t, dir)
	missing := call(t, p.Transport(space), "GET", "http://h/ListQueues?a=b", "", "")
	want := `Get "http://h/ListQueues?a=b": ListQueues (111122223333/eu-west-1/test) is not in the recording ` + dir +
		`: was it recorded with other options, or by another release than muster 1.0?`
	if d := cmp.Diff(want, missing.Err); d != "" {
		t.Error(d)
	}
	if g := call(t, p.Transport(space), "GET", "http://h/login", "", ""); !strings.Contains(g.Err, "login (111122223333/eu-west-1/test) is not in the recording "+dir+": such calls are never recorded") {
		t.Errorf("%v", g)
	}
}

func TestReplayKeepsToTheContext(t *testing.T) {
	dir := t.TempDir()
	closed(t, create(t, dir))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	req, err := http.NewRequestWithContext(ctx, "GET", "http://h/a", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := open(t, dir).Transport(space).RoundTrip(req)
	if resp != nil {
		_ = resp.Body.Close()
	}
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestNotes(t *testing.T) {
	dir := t.TempDir()
	r := create(t, dir)
	c := Call{Folder: "session", Name: "region"}
	r.Note(c, "eu-west-1")
	r.Note(c, "eu-west-2")
	closed(t, r)
	p := open(t, dir)
	if text, err := p.Note(c); err != nil || text != "eu-west-2" {
		t.Errorf("%q, %v", text, err)
	}
	if _, err := p.Note(Call{Folder: "session", Name: "other"}); !errors.Is(err, ErrNotRecorded) {
		t.Errorf("%v", err)
	}
}
