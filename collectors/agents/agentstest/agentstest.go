// Package agentstest tries a collector of agents on its fixture.
package agentstest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/agents"
	"github.com/muster-audit/muster/collectors/collectortest"
	"github.com/muster-audit/muster/inventory"
)

// Now is the clock of the tests.
func Now() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }

// Config is the conformance suite's for the fixture testdata/estate of JSON files.
func Config(spec collectors.Spec, fill func(*agents.Options)) collectortest.Config {
	return collectortest.Config{
		Spec: spec, Fixture: "testdata/estate", Now: Now,
		Options:    func() any { return options(fill) },
		Shuffle:    Shuffle,
		Detectable: func(_ string, content []byte, n int) bool { return !whole(content[:n]) },
	}
}

func options(fill func(*agents.Options)) *agents.Options {
	o := agents.NewOptions()
	if fill != nil {
		fill(o)
	}
	return o
}

// whole reports whether a text is JSON values one after the other.
func whole(text []byte) bool {
	for d := json.NewDecoder(bytes.NewReader(text)); ; {
		var x any
		if err := d.Decode(&x); err != nil {
			return errors.Is(err, io.EOF)
		}
	}
}

// Shuffle returns JSON values with the elements of lists of objects and the keys of objects in another order.
func Shuffle(_ string, content []byte, rng *rand.Rand) []byte {
	d := json.NewDecoder(bytes.NewReader(content))
	d.UseNumber()
	var out bytes.Buffer
	for {
		var x any
		if err := d.Decode(&x); err != nil {
			return out.Bytes()
		}
		write(&out, x, rng)
		out.WriteByte('\n')
	}
}

func write(out *bytes.Buffer, x any, rng *rand.Rand) {
	switch x := x.(type) {
	case map[string]any:
		keys := slices.Sorted(maps.Keys(x))
		rng.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
		out.WriteByte('{')
		for i, k := range keys {
			if i > 0 {
				out.WriteByte(',')
			}
			write(out, k, rng)
			out.WriteByte(':')
			write(out, x[k], rng)
		}
		out.WriteByte('}')
	case []any:
		if slices.ContainsFunc(x, func(e any) bool { _, object := e.(map[string]any); return object }) {
			rng.Shuffle(len(x), func(i, j int) { x[i], x[j] = x[j], x[i] })
		}
		out.WriteByte('[')
		for i, e := range x {
			if i > 0 {
				out.WriteByte(',')
			}
			write(out, e, rng)
		}
		out.WriteByte(']')
	default:
		text, _ := json.Marshal(x) // what was decoded can be encoded
		out.Write(text)
	}
}

// Result is what a collector yielded.
type Result struct {
	Assets   []inventory.Asset
	Problems []inventory.Problem
	Facts    collectors.Facts
	Err      error
}

// Asset keeps an asset.
func (r *Result) Asset(a inventory.Asset) error { r.Assets = append(r.Assets, a); return nil }

// Skip keeps a problem.
func (r *Result) Skip(p inventory.Problem) { r.Problems = append(r.Problems, p) }

// Note keeps the facts.
func (r *Result) Note(f collectors.Facts) { r.Facts = f }

// Find returns the asset of a key.
func (r *Result) Find(t testing.TB, key string) inventory.Asset {
	t.Helper()
	i := slices.IndexFunc(r.Assets, func(a inventory.Asset) bool { return a.Key == key })
	if i < 0 {
		t.Fatalf("there is no asset %q among %d", key, len(r.Assets))
	}
	return r.Assets[i]
}

// Value returns an attribute as text, "-" if it is not there.
func Value(a inventory.Asset, name string) string {
	v, ok := a.Attributes.Get(name)
	if !ok {
		return "-"
	}
	return string(v)
}

// Files reads files of a folder, by name, whose age is that of the clock; options.Paths defaults to all of them.
func Files(t testing.TB, spec collectors.Spec, contents map[string]string, fill func(*agents.Options)) *Result {
	t.Helper()
	dir := t.TempDir()
	o := options(fill)
	for name, text := range contents {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, Now(), Now()); err != nil {
			t.Fatal(err)
		}
		if fill == nil || len(o.Paths) == 0 {
			o.Paths = []string{"**"}
		}
	}
	return Read(t, spec, dir, o)
}

// Read reads all scopes of a folder.
func Read(t testing.TB, spec collectors.Spec, dir string, o any) *Result {
	t.Helper()
	env := collectors.Env{
		Dir: dir, Now: Now, Log: slog.New(slog.DiscardHandler), Secret: inventory.NewSecretHash([]byte("0123456789abcdef")),
	}
	c, err := spec.New(env, inventory.Source{Name: "test", Collector: spec.Name, Book: spec.Books[0]}, o)
	if err != nil {
		t.Fatal(err)
	}
	scopes, err := c.Scopes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r := &Result{}
	for _, s := range scopes {
		r.Err = errors.Join(r.Err, c.Collect(t.Context(), s, r))
	}
	return r
}

// Fuzz reads any bytes as an export: no panic, keys are unique or the duplicate's, and reading twice gives the same.
func Fuzz(f *testing.F, spec collectors.Spec, name string, seeds ...string) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, content []byte) {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		o := agents.NewOptions()
		o.Paths, o.MaxAge = []string{name}, 24*time.Hour
		o.Tags = map[string]string{"owner": "owner.team"}
		first, second := Read(t, spec, dir, o), Read(t, spec, dir, o)
		if len(first.Assets) != len(second.Assets) || len(first.Problems) != len(second.Problems) {
			t.Fatalf("%d assets and %d problems, then %d and %d", len(first.Assets), len(first.Problems), len(second.Assets), len(second.Problems))
		}
		for i, a := range first.Assets {
			if a.Key == "" || a.Type == "" || string(inventory.EncodeAsset(&a)) != string(inventory.EncodeAsset(&second.Assets[i])) {
				t.Fatalf("asset %d, %q, differs or has no key", i, a.Key)
			}
			if _, err := inventory.DecodeAsset(inventory.EncodeAsset(&a)); err != nil {
				t.Fatalf("asset %q cannot be read back: %v", a.Key, err)
			}
		}
	})
}
