package remote_test

import (
	"context"
	"errors"
	"io"
	"iter"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/remote"
	"github.com/muster-audit/muster/inventory"
)

// memory is a bucket in memory.
type memory struct {
	mu       sync.Mutex
	objects  []object
	fail     error // of a listing, after failAt objects
	failAt   int
	prefixes []string
	opened   int
	change   func(m *memory, opened int) // before each opening
	versions bool
}

type object struct{ key, text, version string }

func (m *memory) List(_ context.Context, prefix remote.Location) iter.Seq2[remote.Object, error] {
	return func(yield func(remote.Object, error) bool) {
		m.mu.Lock()
		m.prefixes = append(m.prefixes, prefix.Key)
		m.mu.Unlock()
		for i, o := range m.objects {
			if m.fail != nil && i == m.failAt {
				yield(remote.Object{}, m.fail)
				return
			}
			l := prefix
			l.Key = o.key
			if strings.HasPrefix(o.key, prefix.Key) && !yield(remote.Object{Location: l}, nil) {
				return
			}
		}
	}
}

func (m *memory) Open(_ context.Context, o remote.Object) (io.ReadCloser, remote.Object, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.opened++
	if m.change != nil {
		m.change(m, m.opened)
	}
	for _, have := range m.objects {
		if have.key == o.Location.Key {
			got := remote.Object{Location: o.Location, Size: int64(len(have.text)), Modified: time.Unix(1, 0).UTC()}
			if m.versions {
				got.Version = have.version
				if o.Version != "" && o.Version != have.version {
					return nil, o, remote.Changed(o.Location)
				}
			}
			return io.NopCloser(strings.NewReader(have.text)), got, nil
		}
	}
	return nil, o, remote.NotFound(o.Location, "see the key")
}

func stores(m *memory) *remote.Stores {
	return remote.NewStores(remote.Options{}, remote.Scheme{Name: "s3", New: func(remote.Options, remote.Access) (remote.Store, error) { return m, nil }})
}

func patterns(t testing.TB, list ...string) (out []remote.Pattern) {
	t.Helper()
	for _, text := range list {
		p, err := remote.Parse(text)
		if err != nil {
			t.Fatalf("%q %v", text, err)
		}
		out = append(out, p)
	}
	return out
}

func scopes(t testing.TB, s *remote.Stores, list ...string) []inventory.Scope {
	t.Helper()
	out, err := remote.Set{Stores: s, Patterns: patterns(t, list...), Beside: func(id string) bool { return strings.HasSuffix(id, ".tflock") }}.
		Scopes(t.Context(), inventory.Scope{Export: true})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func ids(list []inventory.Scope) (out []string) {
	for _, s := range list {
		out = append(out, s.ID)
	}
	return out
}

// read reads the object of a scope.
func read(t testing.TB, s *remote.Stores, scope inventory.Scope) (string, error) {
	t.Helper()
	f, err := s.File(scope)
	if err != nil {
		return "", err
	}
	return readFile(t, f)
}

func readFile(t testing.TB, f *remote.File) (string, error) {
	t.Helper()
	r, err := f.Open(t.Context())
	if err != nil {
		return "", err
	}
	defer r.Close()
	text, err := io.ReadAll(r)
	return string(text), err
}

// want holds that an error has a reason, a text and a cause.
func want(t testing.TB, what string, err error, reason inventory.RunReason, text string, cause error) *collectors.Error {
	t.Helper()
	var e *collectors.Error
	if !errors.As(err, &e) || e.Reason != reason || !strings.Contains(err.Error(), text) || cause != nil && !errors.Is(err, cause) {
		t.Errorf("%s: error %v (%+v), want reason %q with %q and cause %v", what, err, e, reason, text, cause)
		return &collectors.Error{}
	}
	return e
}
