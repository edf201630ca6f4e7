package remote

import (
	"context"
	"io"
	"iter"
	"mime"
	"net"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/inventory"
)

// httpStore reads addresses as the HTTP backend of Terraform does.
// Reference: https://developer.hashicorp.com/terraform/language/backend/http
type httpStore struct {
	options        Options
	user, password string
	trusted        []string // origins
}

func newHTTPStore(o Options) *httpStore {
	o.fill()
	s := &httpStore{options: o, user: o.Getenv("TF_HTTP_USERNAME"), password: o.Getenv("TF_HTTP_PASSWORD")}
	for _, text := range append([]string{o.Getenv("TF_HTTP_ADDRESS")}, o.Trusted...) {
		if u, err := url.Parse(text); err == nil && u.Host != "" {
			s.trusted = append(s.trusted, originOf(u))
		}
	}
	return s
}

// List fails: the HTTP backend has no listing.
func (s *httpStore) List(_ context.Context, prefix Location) iter.Seq2[Object, error] {
	return func(yield func(Object, error) bool) {
		yield(Object{}, failed("the HTTP backend at %q cannot be asked what it holds: name each state", prefix.Host))
	}
}

// Open reads the state at an address. Its version is the entity tag, where the server gives a strong one.
func (s *httpStore) Open(ctx context.Context, o Object) (io.ReadCloser, Object, error) {
	l := o.Location
	u, err := url.Parse(l.String())
	if err != nil {
		return nil, o, failed("read %q: the address is not valid", l)
	}
	c := s.client(u)
	resp, err := c.get(ctx, l, u.String())
	if err != nil {
		return nil, o, err
	}
	if err := s.judge(l, resp, u, c.sign != nil); err != nil {
		_ = resp.Body.Close() // it is not read
		if o.Version != "" && isNotFound(err) {
			err = Changed(l)
		}
		return nil, o, err
	}
	got := objectOf(l, resp)
	if o.Version != "" && got.Version != o.Version {
		_ = resp.Body.Close() // it is not read
		return nil, o, Changed(l)
	}
	return &body{ReadCloser: resp.Body, location: l}, got, nil
}

// client returns the one for an address. It has credentials only for origins that the user named, never in the open.
func (s *httpStore) client(u *url.URL) *client {
	c := &client{options: s.options, origin: originOf(u)}
	open := u.Scheme != "https" && !loopback(u.Hostname())
	if s.user != "" && !open && slices.Contains(s.trusted, c.origin) {
		c.sign = func(r *http.Request) { r.SetBasicAuth(s.user, s.password) }
	}
	return c
}

func loopback(host string) bool { return host == "localhost" || net.ParseIP(host).IsLoopback() }

func (s *httpStore) judge(l Location, resp *http.Response, u *url.URL, signed bool) error {
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")) // a server may give none
	switch resp.StatusCode {
	case http.StatusOK:
		if kind == "text/html" {
			return Failure(inventory.ReasonUntrusted, "%q answers with a page in HTML and no state: see the address, and whether a proxy wants a login", l)
		}
		if resp.ContentLength == 0 {
			return noState(l)
		}
		return nil
	case http.StatusNoContent:
		return noState(l)
	case http.StatusNotFound, http.StatusGone:
		return NotFound(l, "see the address, and whether terraform apply has run")
	}
	return answer(l, resp.StatusCode, signed, s.remedy(u, signed))
}

// noState is what a server says that knows the address: that nothing was ever applied. There is nothing to be read then.
func noState(l Location) *collectors.Error {
	return &collectors.Error{
		Reason: inventory.ReasonError, Skip: true,
		Err: &told{text: l.String() + " holds no state yet: it is there after terraform apply", cause: ErrNoState},
	}
}

// remedy says why credentials were not sent, or what to do about those that were.
func (s *httpStore) remedy(u *url.URL, signed bool) string {
	switch {
	case signed:
		return "see the user and the password in TF_HTTP_USERNAME and TF_HTTP_PASSWORD"
	case s.user == "":
		return "set TF_HTTP_USERNAME and TF_HTTP_PASSWORD"
	case u.Scheme != "https":
		return "TF_HTTP_USERNAME and TF_HTTP_PASSWORD are not sent unencrypted: name an address that begins with https"
	}
	return "TF_HTTP_USERNAME and TF_HTTP_PASSWORD are not sent to an address that was found in code: name it in the paths, or in TF_HTTP_ADDRESS"
}

// objectOf reads what an answer says of its body.
func objectOf(l Location, resp *http.Response) Object {
	o := Object{Location: l, Size: resp.ContentLength}
	if resp.Uncompressed {
		o.Size = -1
	}
	if at, err := http.ParseTime(resp.Header.Get("Last-Modified")); err == nil {
		o.Modified = at.In(time.UTC)
	}
	if tag := resp.Header.Get("ETag"); len(tag) > 2 && tag[0] == '"' {
		o.Version = tag
	}
	return o
}

// body is that of an answer, whose errors say what was read.
type body struct {
	io.ReadCloser
	location Location
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		err = Cut(b.location, err)
	}
	return n, err
}
