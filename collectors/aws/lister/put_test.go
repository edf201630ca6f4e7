package lister

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/aws/smithy-go"

	"github.com/muster-audit/muster/inventory"
)

var (
	errRefused = errors.New("refused")
	errPart    = errors.New("a part is refused")
	errGone    = &smithy.GenericAPIError{Code: "NotFound"}
	errStop    = errors.New("stop")
)

// book notes what is handed over and told, in order.
type book struct {
	lines []string
	stop  string // the line at which it has enough
}

func (b *book) note(line string) error {
	b.lines = append(b.lines, line)
	if b.stop != "" && line == b.stop {
		return errStop
	}
	return nil
}

func (b *book) Asset(a inventory.Asset) error { return b.note(a.Key) }

func (b *book) Unread(key string, err error) error {
	if err == nil {
		return nil
	}
	return b.note(key + "? " + err.Error())
}

func (b *book) want(t *testing.T, err error, lines ...string) {
	t.Helper()
	if err != nil || !slices.Equal(b.lines, lines) {
		t.Errorf("error %v, got\n%s\nwant\n%s", err, strings.Join(b.lines, "\n"), strings.Join(lines, "\n"))
	}
}

func named(name *string) inventory.Asset {
	if *name == "left out" {
		return inventory.Asset{}
	}
	return inventory.Asset{Key: *name}
}

func TestPut(t *testing.T) {
	var b book
	b.want(t, Put(&b, []string{"one", "left out", "two"}, named), "one", "two")
	if err := Put(&book{stop: "one"}, []string{"one", "two"}, named); !errors.Is(err, errStop) {
		t.Errorf("error %v of the sink is lost", err)
	}
}

// TestPutWithoutKey: that a service gives no key is an error that must show, and no reason to leave the thing out.
func TestPutWithoutKey(t *testing.T) {
	var b book
	b.want(t, Put(&b, []string{""}, func(*string) inventory.Asset { return inventory.Asset{Name: "nameless"} }), "")
}

func TestPutBare(t *testing.T) {
	var b book
	b.want(t, PutBare(&b, []string{"one", "left out", "two"}, errRefused, named), "one", "one? refused", "two", "two? refused")
}

func ask(_ context.Context, name string) (string, error) {
	switch name {
	case "refused":
		return "", errRefused
	case "gone":
		return "", errGone
	case "half":
		return "half", errors.Join(errPart, errGone)
	}
	return "told", nil
}

func TestDescription(t *testing.T) {
	d := Description[string, string]{
		Ask: ask, Gone: []string{"NotFound"},
		Asset: func(name, told string) inventory.Asset { return inventory.Asset{Key: name + " " + told} },
	}
	var b book
	b.want(t, d.Put(t.Context(), &b, []string{"one", "gone", "refused", "half", "two"}),
		"one told", "refused ", "refused ? refused", "half half", "half half? a part is refused", "half half? "+errGone.Error(), "two told")
	for _, at := range []string{"one told", "refused ? refused"} {
		if err := d.Put(t.Context(), &book{stop: at}, []string{"one", "refused"}); !errors.Is(err, errStop) {
			t.Errorf("error %v at %q is lost", err, at)
		}
	}
}

// TestParts: that the parts of one thing may not be listed is told of nothing in particular, so that none of them is taken for deleted.
func TestParts(t *testing.T) {
	p := Parts[string, string]{
		List: func(ctx context.Context, thing string) ([]string, error) {
			_, err := ask(ctx, thing)
			return []string{thing + "/1", thing + "/2"}, err
		},
		Asset: func(_ string, part *string) inventory.Asset { return named(part) },
		Name:  func(thing string) string { return thing }, Gone: []string{"NotFound"},
	}
	var b book
	b.want(t, p.Put(t.Context(), &b, []string{"one", "gone", "refused"}),
		"one/1", "one/2", "refused/1", "refused/2", "? list what is in refused: refused")
	for _, at := range []string{"one/2", "? list what is in refused: refused"} {
		if err := p.Put(t.Context(), &book{stop: at}, []string{"one", "refused"}); !errors.Is(err, errStop) {
			t.Errorf("error %v at %q is lost", err, at)
		}
	}
}

func TestAll(t *testing.T) {
	fetch := func(failAt string) func(*string) ([]string, *string, error) {
		return func(token *string) ([]string, *string, error) {
			at := Str(token)
			next := at + "x"
			switch at {
			case failAt:
				return nil, nil, errRefused
			case "xx":
				return []string{"c"}, nil, nil
			}
			return []string{"a" + at}, &next, nil
		}
	}
	if list, err := All(t.Context(), fetch("never")); err != nil || !slices.Equal(list, []string{"a", "ax", "c"}) {
		t.Errorf("%v, error %v", list, err)
	}
	if list, err := All(t.Context(), fetch("xx")); !errors.Is(err, errRefused) || !slices.Equal(list, []string{"a", "ax"}) {
		t.Errorf("%v, error %v", list, err)
	}
	pair := func(s string) (*string, *string) { return &s, nil }
	if tags, err := AllTags(t.Context(), pair, fetch("never")); err != nil || tags.Len() != 3 {
		t.Errorf("%v, error %v", tags, err)
	}
	if tags, err := AllTags(t.Context(), pair, fetch("xx")); err == nil || tags.State() != inventory.Unknown {
		t.Errorf("tags of which a page is missing are %s", tags.State())
	}
}
