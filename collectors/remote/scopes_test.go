package remote_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/muster-audit/muster/collectors/remote"
	"github.com/muster-audit/muster/inventory"
)

func bucket() *memory {
	return &memory{objects: []object{
		{key: "app/terraform.tfstate", text: "A"},
		{key: "app/terraform.tfstate.tflock", text: "L"},
		{key: "env:/", text: ""},
		{key: "env:/dev/app/terraform.tfstate", text: "D"},
		{key: "env:/dev/app/x[1].tfstate", text: "X"},
		{key: "env:/prod/app/terraform.tfstate", text: "P"},
	}}
}

func TestScopes(t *testing.T) {
	s := stores(bucket())
	list := scopes(t, s, "s3://acme/{app/terraform.tfstate,env:/*/app/terraform.tfstate}", "s3://acme/env:/**/*", "s3://acme/absent")
	want := []string{
		"s3://acme/absent", "s3://acme/app/terraform.tfstate", "s3://acme/env:/dev/app/terraform.tfstate", "s3://acme/env:/dev/app/x[1].tfstate",
		"s3://acme/env:/prod/app/terraform.tfstate",
	}
	if !slices.Equal(ids(list), want) {
		t.Fatalf("%q", ids(list))
	}
	var text strings.Builder
	for _, scope := range list[1:] {
		var again inventory.Scope // as a process that planned nothing gets it
		data, err := json.Marshal(scope)
		if err != nil || json.Unmarshal(data, &again) != nil || !scope.Export || !remote.Is(again) {
			t.Fatal(err)
		}
		got, err := read(t, s, again)
		if err != nil {
			t.Error(err)
		}
		text.WriteString(got)
	}
	if text.String() != "ADXP" {
		t.Errorf("read %q", text.String())
	}
}

// TestNothingIsNotEmpty holds that what could not be listed or found is a scope that fails.
func TestNothingIsNotEmpty(t *testing.T) {
	denied := remote.Failure(inventory.ReasonDenied, "give the caller s3:ListBucket")
	for name, tt := range map[string]struct {
		bucket  *memory
		pattern string
		ids     []string
		reason  inventory.RunReason
		text    string
		stands  []string
	}{
		"absent":   {bucket(), "s3://acme/absent", []string{"s3://acme/absent"}, inventory.ReasonError, "nothing is at", nil},
		"no match": {bucket(), "s3://acme/x/**", []string{"s3://acme/x/**"}, inventory.ReasonError, "nothing matches", []string{"s3://acme/x*"}},
		"locks":    {bucket(), "s3://acme/**/*.tflock", []string{"s3://acme/**/*.tflock"}, inventory.ReasonError, "backups, locks or pointers only", []string{"s3://acme/**.tflock"}},
		"denied": {
			&memory{objects: bucket().objects, fail: denied}, "s3://acme/{a,env:/*}/[!x]*",
			[]string{"s3://acme/{a,env:/*}/[!x]*"},
			inventory.ReasonDenied, "list \"s3://acme/{a,env:/*}/[!x]*\": give the caller",
			[]string{"s3://acme/a/[^x]*", "s3://acme/env:/*/[^x]*"},
		},
		"page 2": {
			&memory{objects: bucket().objects, fail: denied, failAt: 3}, "s3://acme/**/*.tfstate",
			[]string{"s3://acme/**/*.tfstate", "s3://acme/app/terraform.tfstate"},
			inventory.ReasonDenied, "give the caller",
			[]string{"s3://acme/**.tfstate"},
		},
	} {
		s := stores(tt.bucket)
		list := scopes(t, s, tt.pattern)
		if !slices.Equal(ids(list), tt.ids) || !slices.Equal(list[0].StandsFor, tt.stands) {
			t.Errorf("%s: %q for %q", name, ids(list), list[0].StandsFor)
			continue
		}
		_, err := read(t, s, list[0])
		e := want(t, name, err, tt.reason, tt.text, nil)
		if e.Skip {
			t.Errorf("%s: it is skipped", name)
		}
	}
	_, err := read(t, stores(bucket()), inventory.Scope{ID: "gs://acme/a", Params: map[string]string{"remote": "gs", "remote_host": "acme", "remote_key": "a"}})
	want(t, "no such store", err, inventory.ReasonError, "gs:// cannot be read here", nil)
}

func TestCancelledListing(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := remote.Set{Stores: stores(bucket()), Patterns: patterns(t, "s3://acme/**")}.Scopes(ctx, inventory.Scope{})
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func packed(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = io.WriteString(w, text)
	_ = w.Close()
	return b.String()
}

// TestTwice holds that an object is the same whenever it is read, or says that it is not, before anything of the other contents is handed out.
func TestTwice(t *testing.T) {
	long := strings.Repeat("0123456789abcdef", 20_000) // five pieces
	scope := inventory.Scope{ID: "s3://acme/a", Params: map[string]string{"remote": "s3", "remote_host": "acme", "remote_key": "a"}}
	for name, tt := range map[string]struct {
		first, second string
		versions      bool
		same          string // "" if all is
	}{
		"same":             {long, long, false, long},
		"same, packed":     {packed(long), packed(long), false, long},
		"marked":           {"\ufeff" + long, "\ufeff" + long, true, long},
		"another version":  {long, long, true, ""},
		"changed late":     {long, long[:len(long)-1] + "!", false, long[:4*65536]},
		"changed at once":  {long, "!" + long[1:], false, ""},
		"longer":           {long, long + "x", false, long[:4*65536]},
		"longer by pieces": {long[:65536], long[:2*65536], false, long[:65536]},
		"shorter":          {long[:2*65536], long[:65536], false, long[:65536]},
		"cut":              {long, long[:100], false, ""},
	} {
		m := &memory{objects: []object{{"a", tt.first, "1"}}, versions: tt.versions}
		m.change = func(m *memory, opened int) {
			if opened == 2 {
				m.objects = []object{{"a", tt.second, map[bool]string{true: "1", false: "2"}[name == "marked"]}}
			}
		}
		f, err := stores(m).File(scope)
		if err != nil {
			t.Fatal(err)
		}
		if text, err := readFile(t, f); err != nil || text != long && name != "longer by pieces" && name != "shorter" {
			t.Errorf("%s: first reading: %d bytes, %v", name, len(text), err)
		}
		text, err := readFile(t, f)
		if strings.HasPrefix(name, "same") || name == "marked" {
			if err != nil || text != tt.same {
				t.Errorf("%s: %d bytes, %v", name, len(text), err)
			}
			continue
		}
		if e := want(t, name, err, inventory.ReasonError, "was written while it was read", remote.ErrChanged); !e.Retry {
			t.Errorf("%s: no other try", name)
		}
		if !strings.HasPrefix(long, text) || len(text) > len(tt.same) {
			t.Errorf("%s: %d bytes of other contents were handed out", name, len(text))
		}
	}
}

// short is a store whose bodies end before their end, or fail.
type short struct {
	memory
	body func(string) io.Reader
	size int64
}

func (s *short) Open(ctx context.Context, o remote.Object) (io.ReadCloser, remote.Object, error) {
	return io.NopCloser(s.body("0123456789")), remote.Object{Location: o.Location, Size: s.size}, nil
}

func TestBodies(t *testing.T) {
	scope := inventory.Scope{ID: "s3://acme/a", Params: map[string]string{"remote": "s3", "remote_host": "acme", "remote_key": "a"}}
	bomb := packed(strings.Repeat("\x00", 1<<20))
	for name, tt := range map[string]struct {
		body   func(string) io.Reader
		size   int64
		reason inventory.RunReason
		text   string
	}{
		"whole":        {func(s string) io.Reader { return strings.NewReader(s) }, 10, "", ""},
		"unknown size": {func(s string) io.Reader { return strings.NewReader(s) }, -1, "", ""},
		"short":        {func(s string) io.Reader { return strings.NewReader(s[:5]) }, 10, inventory.ReasonUntrusted, "ended in the middle"},
		"empty":        {func(string) io.Reader { return strings.NewReader("") }, 0, inventory.ReasonError, "is empty"},
		"cut gzip":     {func(string) io.Reader { return strings.NewReader(bomb[:len(bomb)-9]) }, -1, inventory.ReasonUntrusted, "cut or damaged"},
		"no gzip":      {func(string) io.Reader { return strings.NewReader("\x1f\x8bxx") }, -1, inventory.ReasonUntrusted, "cut or damaged"},
		"failing": {func(s string) io.Reader {
			return io.MultiReader(strings.NewReader(s), readerFunc(func([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }))
		}, -1, inventory.ReasonError, "unexpected EOF"},
	} {
		store := &short{body: tt.body, size: tt.size}
		s := remote.NewStores(remote.Options{}, remote.Scheme{Name: "s3", New: func(remote.Options, remote.Access) (remote.Store, error) { return store, nil }})
		text, err := read(t, s, scope)
		if tt.reason == "" {
			if err != nil || text != "0123456789" {
				t.Errorf("%s: %q, %v", name, text, err)
			}
			continue
		}
		want(t, name, err, tt.reason, tt.text, nil)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// TestRanges holds that an object is read by pieces of a bounded size, in order, and that a piece of another size is an error.
func TestRanges(t *testing.T) {
	text := strings.Repeat("0123456789", remote.RangeStep/4)
	for _, first := range []int{0, 7, remote.RangeStep} {
		var asked []int64
		r := remote.Ranges(t.Context(), remote.Location{}, int64(len(text)), []byte(text[:first]), func(_ context.Context, from, to int64) ([]byte, error) {
			asked = append(asked, to-from)
			return []byte(text[from:to]), nil
		})
		got, err := io.ReadAll(r)
		if err != nil || string(got) != text || slices.Max(asked) > remote.RangeStep || len(asked) > 3 {
			t.Errorf("%d bytes, %v, ranges %v", len(got), err, asked)
		}
	}
	for name, piece := range map[string]string{"fewer": "a", "more": "abc", "none": ""} {
		_, err := io.ReadAll(remote.Ranges(t.Context(), remote.Location{Scheme: "s3"}, 2, nil, func(context.Context, int64, int64) ([]byte, error) { return []byte(piece), nil }))
		want(t, name, err, inventory.ReasonUntrusted, "ended in the middle", nil)
	}
}
