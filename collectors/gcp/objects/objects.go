// Package objects reads objects of Cloud Storage for sources that name them by gs://bucket/object. It goes through package session, which
// signs in with a scope that may only read and sends GET requests alone, and reads an object by ranges of one generation, so that no more
// than one range of it is in memory.
package objects

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"iter"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/gcp/session"
	"github.com/muster-audit/muster/collectors/remote"
	"github.com/muster-audit/muster/inventory"
)

const service = "storage.googleapis.com"

// Scheme is the entry for gs:// in the table of remote.NewStores.
func Scheme() remote.Scheme {
	return remote.Scheme{Name: "gs", New: func(o remote.Options, _ remote.Access) (remote.Store, error) {
		return New(session.Options{Endpoint: o.GoogleEndpoint, Now: o.Now, Log: o.Log}), nil
	}}
}

// Permissions are those that reading objects takes. The role roles/storage.objectViewer holds them.
func Permissions() []string { return []string{"storage.objects.get", "storage.objects.list"} }

// Store reads Cloud Storage. It is safe for concurrent use.
type Store struct{ session *session.Session }

// New returns a store. It calls nobody.
func New(o session.Options) *Store { return &Store{session.New(o)} }

// List yields the objects whose names begin with the prefix's key, in the order of their names.
func (s *Store) List(ctx context.Context, prefix remote.Location) iter.Seq2[remote.Object, error] {
	return func(yield func(remote.Object, error) bool) {
		query := url.Values{
			"prefix": {prefix.Key}, "maxResults": {"1000"}, "fields": {"nextPageToken,items(name,size,updated,generation)"},
		}
		seen := map[string]bool{}
		for {
			list, next, err := s.page(ctx, prefix, query)
			if err == nil && seen[next] {
				err = remote.Failure(inventory.ReasonError, "list %q: a page is followed by an earlier one", prefix)
			}
			if err != nil {
				yield(remote.Object{}, err)
				return
			}
			for _, o := range list {
				if !yield(o, nil) {
					return
				}
			}
			if next == "" {
				return
			}
			seen[next] = true
			query.Set("pageToken", next)
		}
	}
}

func (s *Store) page(ctx context.Context, prefix remote.Location, query url.Values) ([]remote.Object, string, error) {
	doc, err := s.session.Get(ctx, "buckets/"+prefix.Host, service, "/storage/v1/b/"+url.PathEscape(prefix.Host)+"/o", query)
	if err != nil {
		return nil, "", explain(prefix, err)
	}
	items, _ := doc["items"].([]any) // there is no such member where there is no object
	list := make([]remote.Object, 0, len(items))
	for _, i := range items {
		d := description(asObject(i))
		if d["name"] == nil {
			return nil, "", remote.Failure(inventory.ReasonError, "list %q: the answer has an object without a name", prefix)
		}
		l := prefix
		l.Key = d.text("name")
		o, err := d.object(l)
		if err != nil {
			return nil, "", err
		}
		list = append(list, o)
	}
	next, _ := doc["nextPageToken"].(string)
	return list, next, nil
}

func asObject(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

// description is the JSON of an object: https://cloud.google.com/storage/docs/json_api/v1/objects#resource
type description map[string]any

func (d description) text(name string) string {
	s, _ := d[name].(string)
	return s
}

// object reads the facts of an object.
func (d description) object(l remote.Location) (remote.Object, error) {
	size, err := strconv.ParseInt(d.text("size"), 10, 64)
	if err != nil || d.text("generation") == "" || size < 0 {
		return remote.Object{}, remote.Failure(inventory.ReasonError, "read %q: the answer does not say how large the object is, or of which generation", l)
	}
	updated, _ := time.Parse(time.RFC3339, d.text("updated")) // without it, its age is not known
	return remote.Object{Location: l, Size: size, Modified: updated.UTC(), Version: d.text("generation")}, nil
}

// Open opens an object, whose version is its generation.
func (s *Store) Open(ctx context.Context, o remote.Object) (io.ReadCloser, remote.Object, error) {
	l := o.Location
	doc, err := s.session.Get(ctx, "buckets/"+l.Host, service, session.ObjectPath(l.Host, l.Key), url.Values{"fields": {"name,size,updated,generation,crc32c"}})
	switch {
	case session.NotFound(err) && o.Version != "":
		return nil, o, remote.Changed(l)
	case session.NotFound(err):
		return nil, o, remote.NotFound(l, "see the names of the bucket and the object, and whether terraform apply has run")
	case err != nil:
		return nil, o, explain(l, err)
	}
	d := description(doc)
	got, err := d.object(l)
	if err != nil {
		return nil, o, err
	}
	if o.Version != "" && got.Version != o.Version {
		return nil, o, remote.Changed(l)
	}
	generation, err := strconv.ParseInt(got.Version, 10, 64)
	if err != nil {
		return nil, o, remote.Failure(inventory.ReasonError, "read %q: the generation %q is no number", l, got.Version)
	}
	in := remote.Ranges(ctx, l, got.Size, nil, func(ctx context.Context, from, to int64) ([]byte, error) {
		piece, err := s.session.ObjectRange(ctx, l.Host, l.Key, generation, from, to)
		if session.ChangedObject(err) || session.NotFound(err) {
			return nil, remote.Changed(l)
		}
		return piece, explain(l, err)
	})
	return summed(in, l, d.text("crc32c")), got, nil
}

// summed holds the bytes of an object against the sum that its description has.
func summed(in io.ReadCloser, l remote.Location, sum string) io.ReadCloser {
	want, err := base64.StdEncoding.DecodeString(sum)
	if err != nil || len(want) != crc32.Size { // the server tells none
		return in
	}
	return &checked{ReadCloser: in, location: l, want: binary.BigEndian.Uint32(want), sum: crc32.New(crc32.MakeTable(crc32.Castagnoli))}
}

type checked struct {
	io.ReadCloser
	location remote.Location
	want     uint32
	sum      hash.Hash32
}

func (c *checked) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	_, _ = c.sum.Write(p[:n]) // a hash takes everything
	if errors.Is(err, io.EOF) && c.sum.Sum32() != c.want {
		err = remote.Cut(c.location, errors.New("its bytes do not have the sum that Cloud Storage gives"))
	}
	return n, err
}

// explain says what was read, and which permissions that takes where one is missing.
func explain(l remote.Location, err error) error {
	var e *collectors.Error
	switch {
	case err == nil:
		return nil
	case session.NotFound(err):
		return remote.NotFound(l, fmt.Sprintf("there is no bucket %q: see its name", l.Host))
	case errors.As(err, &e) && e.Reason == inventory.ReasonDenied:
		text := strings.Replace(e.Error(), session.GrantRemedy, "grant storage.objects.list and storage.objects.get on the bucket, as the role roles/storage.objectViewer holds them", 1)
		return remote.Failure(e.Reason, "read %q: %s", l, text)
	}
	return remote.Explain(fmt.Sprintf("read %q", l), err)
}
