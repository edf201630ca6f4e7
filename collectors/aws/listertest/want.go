package listertest

import (
	"slices"
	"testing"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

// Want is what a test expects of an asset. The lifecycle is always checked, of the rest what is not empty.
type Want struct {
	Type        inventory.Type
	Attributes  map[string]string // as Attributes checks them
	Unread      []string          // attributes with no value that was read: marked as unread, or not there
	Tags        map[string]string // as Tags checks them; nil is not checked
	Identifiers []inventory.Identifier
	Relations   []inventory.Relation // perhaps among others
	Lifecycle   inventory.Lifecycle
	Created     string // "2026-01-01T00:00:00Z"
	Zone        string
}

// Check holds an asset against what is wanted.
func (w Want) Check(t testing.TB, a inventory.Asset) {
	t.Helper()
	if w.Type != "" && a.Type != w.Type {
		t.Errorf("%s: type %s, want %s", a.Key, a.Type, w.Type)
	}
	if a.Lifecycle != w.Lifecycle {
		t.Errorf("%s: lifecycle %q, want %q", a.Key, a.Lifecycle, w.Lifecycle)
	}
	if w.Created != "" && a.Created.Format("2006-01-02T15:04:05Z") != w.Created {
		t.Errorf("%s: created %s, want %s", a.Key, a.Created, w.Created)
	}
	if w.Zone != "" && a.Zone != w.Zone {
		t.Errorf("%s: zone %q, want %q", a.Key, a.Zone, w.Zone)
	}
	Attributes(t, a, w.Attributes)
	for _, name := range w.Unread {
		if v, ok := a.Attributes.Get(name); ok {
			t.Errorf("%s: %s is %s, though nobody could read it", a.Key, name, v)
		}
	}
	if w.Tags != nil {
		Tags(t, a, w.Tags)
	}
	w.checkLists(t, a)
}

func (w Want) checkLists(t testing.TB, a inventory.Asset) {
	t.Helper()
	for _, id := range w.Identifiers {
		if !slices.Contains(a.Identifiers, id) {
			t.Errorf("%s: identifiers %v, want %v", a.Key, a.Identifiers, id)
		}
	}
	for _, r := range w.Relations {
		if !slices.Contains(a.Relations, r) {
			t.Errorf("%s: relations %v, want %v", a.Key, a.Relations, r)
		}
	}
}

// ID makes an identifier that an asset is to have.
func ID(kind inventory.IdentifierKind, value string) inventory.Identifier {
	return inventory.Identifier{Kind: kind, Value: value}
}

// Counts fails the test at once unless so many assets were handed over and so many things told as unread, and the listing had no error.
func Counts(t testing.TB, o *Outcome, assets, unread int) {
	t.Helper()
	if o.Err != nil || len(o.Assets) != assets || len(o.Unread) != unread {
		t.Fatalf("error %v, %d assets, unread %v", o.Err, len(o.Assets), o.Unread)
	}
}

// Refused holds that a listing that is refused is an error and yields nothing, for each of the listers.
func Refused(t testing.TB, list []lister.Lister) {
	t.Helper()
	for _, l := range list {
		o := Run(t, &l, Answers{l.Operations[0].Name: Refuse("AccessDenied")})
		if o.Err == nil || len(o.Assets) != 0 {
			t.Errorf("%s: error %v, %d assets", l.Type, o.Err, len(o.Assets))
		}
	}
}
